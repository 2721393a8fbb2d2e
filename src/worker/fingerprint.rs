//! A fingerprint of a file's bytes: finds a file that is already open.
//!
//! Not cryptographic; together with the length it decides only whether the same file was dropped twice.

/// Takes bytes in any cut and gives the same fingerprint.
#[derive(Clone, Debug)]
pub(super) struct Fingerprint {
    state: u64,
    /// Bytes that do not fill a word yet.
    rest: u64,
    rest_len: u32,
}

impl Default for Fingerprint {
    fn default() -> Self {
        Self { state: 0x9e37_79b9_7f4a_7c15, rest: 0, rest_len: 0 }
    }
}

impl Fingerprint {
    /// Takes the next bytes.
    pub(super) fn push(&mut self, mut bytes: &[u8]) {
        while self.rest_len > 0 && self.rest_len < 8 && !bytes.is_empty() {
            self.rest |= u64::from(bytes[0]) << (8 * self.rest_len);
            self.rest_len += 1;
            bytes = &bytes[1..];
        }
        if self.rest_len == 8 {
            self.mix(self.rest);
            (self.rest, self.rest_len) = (0, 0);
        }
        if self.rest_len > 0 {
            return;
        }
        let (words, tail) = bytes.as_chunks::<8>();
        for word in words {
            self.mix(u64::from_le_bytes(*word));
        }
        for &byte in tail {
            self.rest |= u64::from(byte) << (8 * self.rest_len);
            self.rest_len += 1;
        }
    }

    /// The fingerprint of everything taken.
    pub(super) fn finish(mut self) -> u64 {
        self.mix(self.rest ^ (u64::from(self.rest_len) << 60));
        self.state ^ (self.state >> 29)
    }

    fn mix(&mut self, word: u64) {
        self.state = (self.state ^ word).wrapping_mul(0x2545_f491_4f6c_dd1d).rotate_left(29);
    }
}
