//! A fingerprint of a file's bytes: finds a file that is already open.
//!
//! Not cryptographic; together with the length it decides only whether the same file was dropped twice. Four
//! independent lanes, because one chain of multiplications would take longer than copying the bytes does.

const LANES: usize = 4;
const BLOCK: usize = 8 * LANES;

/// Takes bytes in any cut and gives the same fingerprint.
#[derive(Clone, Debug)]
pub(super) struct Fingerprint {
    lanes: [u64; LANES],
    /// Bytes that do not fill a block yet.
    rest: [u8; BLOCK],
    rest_len: usize,
}

impl Default for Fingerprint {
    fn default() -> Self {
        let seed = |lane: u64| 0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(2 * lane + 1);
        Self { lanes: [seed(0), seed(1), seed(2), seed(3)], rest: [0; BLOCK], rest_len: 0 }
    }
}

impl Fingerprint {
    /// Takes the next bytes.
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        if self.rest_len > 0 {
            let (head, tail) = bytes.split_at(bytes.len().min(BLOCK - self.rest_len));
            self.rest[self.rest_len..self.rest_len + head.len()].copy_from_slice(head);
            self.rest_len += head.len();
            bytes = tail;
            if self.rest_len < BLOCK {
                return;
            }
            let block = self.rest;
            self.mix(&block);
        }
        let (blocks, tail) = bytes.as_chunks::<BLOCK>();
        for block in blocks {
            self.mix(block);
        }
        self.rest[..tail.len()].copy_from_slice(tail);
        self.rest_len = tail.len();
    }

    /// The fingerprint of everything taken.
    pub(super) fn finish(mut self) -> u64 {
        let len = self.rest_len;
        self.rest[len..].fill(0);
        let block = self.rest;
        self.mix(&block);
        self.lanes.iter().fold(len as u64, |all, &lane| step(all, lane ^ (lane >> 29)))
    }

    #[inline(always)]
    fn mix(&mut self, block: &[u8; BLOCK]) {
        let (words, _) = block.as_chunks::<8>();
        for (lane, word) in self.lanes.iter_mut().zip(words) {
            *lane = step(*lane, u64::from_le_bytes(*word));
        }
    }
}

#[inline(always)]
fn step(state: u64, word: u64) -> u64 {
    (state ^ word).wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left(29)
}
