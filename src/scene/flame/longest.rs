//! The longest span of a run of positions, in logarithmic time.
//!
//! An implicit segment forest over blocks of positions, after Tristan Hume's iforest and Perfetto's slice
//! mip-map: one entry per block and per inner node, so that a million spans cost two megabytes.

use std::ops::Range;

/// Positions in a block; a query scans at most two blocks.
const BLOCK: usize = 16;

/// A span's length and position. The longer one is the better, the earlier one of equals.
type Entry = (u64, u32);

/// For every block and every node above the blocks: the longest span. The length stands with the position, so
/// that a query reads no column for inner nodes.
#[derive(Clone, Debug, Default)]
pub(super) struct Longest {
    /// Node `i` covers nodes `2i` and `2i + 1`; the blocks are the last half.
    nodes: Vec<Entry>,
}

fn longer(a: Entry, b: Entry) -> Entry {
    if a.0 > b.0 || (a.0 == b.0 && a.1 < b.1) { a } else { b }
}

fn scan(start: &[u64], end: &[u64], positions: Range<usize>) -> Entry {
    let entry = |p: usize| (end[p] - start[p], p as u32);
    let first = entry(positions.start);
    positions.skip(1).fold(first, |best, p| longer(best, entry(p)))
}

impl Longest {
    /// Indexes positions with these starts and ends.
    pub(super) fn new(start: &[u64], end: &[u64]) -> Self {
        let blocks = start.len().div_ceil(BLOCK);
        let mut nodes = vec![(0, 0); 2 * blocks];
        for block in 0..blocks {
            let to = ((block + 1) * BLOCK).min(start.len());
            nodes[blocks + block] = scan(start, end, block * BLOCK..to);
        }
        for node in (1..blocks).rev() {
            nodes[node] = longer(nodes[2 * node], nodes[2 * node + 1]);
        }
        Self { nodes }
    }

    /// The position of the longest span in a run that is not empty, the earliest of equals.
    pub(super) fn of(&self, start: &[u64], end: &[u64], run: Range<usize>) -> u32 {
        let (first_block, last_block) = (run.start.div_ceil(BLOCK), run.end / BLOCK);
        if first_block >= last_block {
            return scan(start, end, run).1;
        }
        let blocks = self.nodes.len() / 2;
        let mut best = self.nodes[blocks + first_block];
        if run.start < first_block * BLOCK {
            best = longer(best, scan(start, end, run.start..first_block * BLOCK));
        }
        if last_block * BLOCK < run.end {
            best = longer(best, scan(start, end, last_block * BLOCK..run.end));
        }
        let (mut low, mut high) = (blocks + first_block, blocks + last_block);
        while low < high {
            if low % 2 == 1 {
                best = longer(best, self.nodes[low]);
                low += 1;
            }
            if high % 2 == 1 {
                high -= 1;
                best = longer(best, self.nodes[high]);
            }
            low /= 2;
            high /= 2;
        }
        best.1
    }
}
