//! Bytes appended once and named by place: what the interners keep their text in.

/// Bytes in an ordinary chunk, as a power of two.
const BITS: u32 = 20;
const CHUNK: usize = 1 << BITS;
/// Chunks that a place can name.
const MAX_CHUNKS: usize = 1 << (32 - BITS);

/// Where a run of bytes stands: chunk and offset in one number, and the length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) at: u32,
    pub(crate) len: u32,
}

/// Append-only bytes in chunks that never move once full; text longer than a chunk gets its own.
#[derive(Debug, Default)]
pub(crate) struct Arena {
    chunks: Vec<Vec<u8>>,
    open: usize,
}

impl Arena {
    /// Stores `bytes`. A store that holds 4096 chunks (at least 2 GiB) keeps no more text: the place is
    /// then empty, long after a browser tab has run out of memory.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Place {
        if bytes.is_empty() {
            return Place::default();
        }
        let fits = self.chunks.get(self.open).is_some_and(|c| c.len() + bytes.len() <= CHUNK);
        if !fits {
            if self.chunks.len() == MAX_CHUNKS {
                return Place::default();
            }
            if bytes.len() >= CHUNK {
                self.chunks.push(bytes.to_vec());
                let at = ((self.chunks.len() - 1) as u32) << BITS;
                return Place { at, len: bytes.len() as u32 };
            }
            // The first chunk grows by doubling so that a small data set stays small.
            let chunk = if self.chunks.is_empty() { Vec::new() } else { Vec::with_capacity(CHUNK) };
            self.chunks.push(chunk);
            self.open = self.chunks.len() - 1;
        }
        let chunk = &mut self.chunks[self.open];
        let at = ((self.open as u32) << BITS) | chunk.len() as u32;
        chunk.extend_from_slice(bytes);
        Place { at, len: bytes.len() as u32 }
    }

    /// Bytes that it holds.
    pub(crate) fn held(&self) -> usize {
        self.chunks.iter().map(Vec::len).sum()
    }

    /// The bytes at a place of this arena.
    #[inline(always)]
    pub(crate) fn bytes(&self, place: Place) -> &[u8] {
        if place.len == 0 {
            return &[];
        }
        let offset = place.at as usize & (CHUNK - 1);
        &self.chunks[(place.at >> BITS) as usize][offset..offset + place.len as usize]
    }

    /// The text at a place that was stored as UTF-8.
    #[inline]
    pub(crate) fn text(&self, place: Place) -> &str {
        std::str::from_utf8(self.bytes(place)).unwrap_or_default()
    }
}
