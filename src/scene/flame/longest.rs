//! The longest span of a run of positions, in logarithmic time.
//!
//! An implicit segment forest over blocks of positions, after Tristan Hume's iforest and Perfetto's slice
//! mip-map: one number per block and per inner node, so that a million spans cost half a megabyte.

use std::ops::Range;

/// Positions in a block; a query scans at most two blocks.
const BLOCK: usize = 16;

/// For every block and every node above the blocks: the position of the longest span.
#[derive(Clone, Debug, Default)]
pub(super) struct Longest {
    /// Node `i` covers nodes `2i` and `2i + 1`; the blocks are the last half.
    nodes: Vec<u32>,
}

/// The longer of two positions, the earlier one of equals.
fn longer(start: &[u64], end: &[u64], a: u32, b: u32) -> u32 {
    let length = |p: u32| end[p as usize] - start[p as usize];
    let (of_a, of_b) = (length(a), length(b));
    if of_a > of_b || (of_a == of_b && a < b) { a } else { b }
}

fn scan(start: &[u64], end: &[u64], positions: Range<usize>) -> u32 {
    let first = positions.start as u32;
    positions.fold(first, |best, p| longer(start, end, best, p as u32))
}

impl Longest {
    /// Indexes positions with these starts and ends.
    pub(super) fn new(start: &[u64], end: &[u64]) -> Self {
        let blocks = start.len().div_ceil(BLOCK);
        let mut nodes = vec![0; 2 * blocks];
        for block in 0..blocks {
            let to = ((block + 1) * BLOCK).min(start.len());
            nodes[blocks + block] = scan(start, end, block * BLOCK..to);
        }
        for node in (1..blocks).rev() {
            nodes[node] = longer(start, end, nodes[2 * node], nodes[2 * node + 1]);
        }
        Self { nodes }
    }

    /// The position of the longest span in a run that is not empty, the earliest of equals.
    pub(super) fn of(&self, start: &[u64], end: &[u64], run: Range<usize>) -> u32 {
        let (first_block, last_block) = (run.start.div_ceil(BLOCK), run.end / BLOCK);
        if first_block >= last_block {
            return scan(start, end, run);
        }
        let mut best = run.start as u32;
        if run.start < first_block * BLOCK {
            best = scan(start, end, run.start..first_block * BLOCK);
        }
        if last_block * BLOCK < run.end {
            best = longer(start, end, best, scan(start, end, last_block * BLOCK..run.end));
        }
        let blocks = self.nodes.len() / 2;
        let (mut low, mut high) = (blocks + first_block, blocks + last_block);
        while low < high {
            if low % 2 == 1 {
                best = longer(start, end, best, self.nodes[low]);
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                best = longer(start, end, best, self.nodes[high]);
            }
            low /= 2;
            high /= 2;
        }
        best
    }
}
