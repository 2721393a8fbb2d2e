//! Text in 16-bit units (what PowerShell's `>` writes) to UTF-8.

use super::Ran;
use crate::ingest::pipe::Pipe;

/// Units taken at most in one call.
const PIECE: usize = 1 << 15;

/// Turns UTF-16 into UTF-8; halves of surrogate pairs become U+FFFD.
#[derive(Debug)]
pub(crate) struct Utf16 {
    big_endian: bool,
    high: Option<u16>,
}

impl Utf16 {
    pub(super) fn new(big_endian: bool) -> Self {
        Self { big_endian, high: None }
    }

    pub(super) fn run(&mut self, from: &mut Pipe, to: &mut Pipe) -> Ran {
        let bytes = from.bytes();
        let count = (bytes.len() / 2).min(PIECE);
        if count == 0 {
            return Ran::Hungry;
        }
        let unit = |pair: &[u8]| {
            let pair = [pair[0], pair[1]];
            if self.big_endian { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) }
        };
        let mut units: Vec<u16> = self.high.take().into_iter().collect();
        units.extend(bytes[..2 * count].chunks_exact(2).map(unit));
        // A pair that is cut here goes on in the next call.
        if let Some(&last) = units.last()
            && (0xd800..0xdc00).contains(&last)
        {
            self.high = units.pop();
        }
        let out = to.tail();
        for c in char::decode_utf16(units) {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        }
        from.consume(2 * count);
        Ran::Worked
    }
}
