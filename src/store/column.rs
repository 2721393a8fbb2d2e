//! A growable column in fixed-size chunks.
//!
//! Wasm memory never shrinks, and doubling a vector of a million values needs three times its size for a
//! moment; a chunked column never moves what it holds once a chunk is full.

use std::ops::Range;

/// Values in a chunk, as a power of two.
const BITS: usize = 16;
/// Values in a chunk.
pub const CHUNK: usize = 1 << BITS;

/// A column of plain values, appended to and read by row.
#[derive(Clone, Debug)]
pub struct Column<T> {
    chunks: Vec<Vec<T>>,
    len: usize,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self { chunks: Vec::new(), len: 0 }
    }
}

impl<T: Copy> Column<T> {
    /// How many values it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Bytes of the values.
    pub(crate) fn bytes(&self) -> usize {
        self.len * size_of::<T>()
    }

    /// Appends one value.
    #[inline]
    pub fn push(&mut self, value: T) {
        if self.len & (CHUNK - 1) == 0 {
            self.add_chunk();
        }
        if let Some(last) = self.chunks.last_mut() {
            last.push(value);
            self.len += 1;
        }
    }

    /// The first chunk grows by doubling so that a small data set stays small.
    #[cold]
    fn add_chunk(&mut self) {
        self.chunks.push(if self.len == 0 { Vec::new() } else { Vec::with_capacity(CHUNK) });
    }

    /// Appends several values made from others.
    #[inline]
    pub fn extend_from<U: Copy>(&mut self, values: &[U], make: impl Fn(U) -> T) {
        let room = CHUNK - (self.len & (CHUNK - 1));
        if room < CHUNK
            && values.len() <= room
            && let Some(last) = self.chunks.last_mut()
        {
            last.extend(values.iter().map(|&value| make(value)));
            self.len += values.len();
            return;
        }
        for &value in values {
            self.push(make(value));
        }
    }

    /// Appends several values.
    #[inline]
    pub fn extend(&mut self, mut values: &[T]) {
        while !values.is_empty() {
            if self.len & (CHUNK - 1) == 0 {
                self.add_chunk();
            }
            let room = CHUNK - (self.len & (CHUNK - 1));
            let (now, later) = values.split_at(room.min(values.len()));
            if let Some(last) = self.chunks.last_mut() {
                last.extend_from_slice(now);
                self.len += now.len();
            }
            values = later;
        }
    }

    /// Appends values as they come.
    pub(crate) fn append(&mut self, mut values: impl ExactSizeIterator<Item = T>) {
        while values.len() > 0 {
            if self.len & (CHUNK - 1) == 0 {
                self.add_chunk();
            }
            let room = CHUNK - (self.len & (CHUNK - 1));
            let Some(last) = self.chunks.last_mut() else { return };
            let before = last.len();
            last.extend(values.by_ref().take(room));
            self.len += last.len() - before;
        }
    }

    /// The value at `row`, which must be below [`len`](Self::len).
    #[inline(always)]
    pub fn get(&self, row: usize) -> T {
        self.chunks[row >> BITS][row & (CHUNK - 1)]
    }

    /// Replaces the value at `row`, which must be below [`len`](Self::len).
    #[inline]
    pub fn set(&mut self, row: usize, value: T) {
        self.chunks[row >> BITS][row & (CHUNK - 1)] = value;
    }

    /// The values of `rows` as contiguous pieces, in order.
    pub fn pieces(&self, rows: Range<usize>) -> impl Iterator<Item = &[T]> {
        let end = rows.end.min(self.len);
        let mut at = rows.start;
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let stop = end.min((at | (CHUNK - 1)) + 1);
                let piece = &self.chunks[at >> BITS][at & (CHUNK - 1)..][..stop - at];
                at = stop;
                piece
            })
        })
    }

    /// The values from `from` on that stand in one piece, up to `to`; empty where there is none.
    #[inline(always)]
    pub fn piece(&self, from: usize, to: usize) -> &[T] {
        let stop = to.min((from | (CHUNK - 1)) + 1);
        let chunk = self.chunks.get(from >> BITS).map_or(&[][..], Vec::as_slice);
        chunk.get(from & (CHUNK - 1)..(from & (CHUNK - 1)) + stop.saturating_sub(from)).unwrap_or_default()
    }

    /// The values of `rows`, in order.
    pub fn range(&self, rows: Range<usize>) -> Values<'_, T> {
        Values { column: self, piece: [].iter(), at: rows.start, end: rows.end.min(self.len) }
    }

    /// Every value, in order.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        self.range(0..self.len)
    }

    /// The whole chunks, in order; each but the last holds [`CHUNK`] values.
    pub fn chunks(&self) -> impl Iterator<Item = &[T]> {
        self.chunks.iter().map(Vec::as_slice)
    }

    /// Appends `value` until the column holds `len` values.
    pub fn fill_to(&mut self, len: usize, value: T) {
        while self.len < len {
            self.push(value);
        }
    }
}

/// Values of a column, in order. A loop over them costs what one over a slice does: flattened iterators are called for
/// each value.
#[derive(Clone, Debug)]
pub struct Values<'a, T> {
    column: &'a Column<T>,
    /// What is left of the present piece.
    piece: std::slice::Iter<'a, T>,
    /// Where the next piece begins, and where the last one ends.
    at: usize,
    end: usize,
}

impl<T: Copy> Values<'_, T> {
    #[cold]
    fn turn(&mut self) -> Option<T> {
        let piece = self.column.piece(self.at, self.end);
        self.at += piece.len();
        self.piece = piece.iter();
        self.piece.next().copied()
    }
}

impl<T: Copy> Iterator for Values<'_, T> {
    type Item = T;

    #[inline(always)]
    fn next(&mut self) -> Option<T> {
        match self.piece.next() {
            Some(&value) => Some(value),
            None => self.turn(),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.piece.len() + self.end.saturating_sub(self.at);
        (left, Some(left))
    }
}

impl<T: Copy> ExactSizeIterator for Values<'_, T> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_they_were_put_across_chunks() {
        let mut column = Column::default();
        for i in 0..CHUNK as u32 + 10 {
            column.push(i);
        }
        let more: Vec<u32> = (0..2 * CHUNK as u32).map(|i| i + 1_000_000).collect();
        column.extend(&more);
        assert_eq!(column.len(), 3 * CHUNK + 10);
        assert_eq!(column.get(CHUNK + 9), CHUNK as u32 + 9);
        assert_eq!(column.get(CHUNK + 10), 1_000_000);
        let around: Vec<u32> = column.range(CHUNK - 2..CHUNK + 2).collect();
        assert_eq!(around, [65534, 65535, 65536, 65537]);
        let mut values = column.range(CHUNK - 1..9 * CHUNK);
        assert_eq!((values.len(), values.next()), (2 * CHUNK + 11, Some(65535)));
        assert_eq!(values.len(), 2 * CHUNK + 10);
        assert_eq!(values.last(), Some(column.get(column.len() - 1)));
        assert_eq!(column.range(7..7).chain(column.range(9 * CHUNK..9 * CHUNK + 1)).count(), 0);
        assert_eq!(column.pieces(CHUNK - 2..CHUNK + 2).count(), 2);
        assert_eq!(column.piece(CHUNK - 2, CHUNK + 2), [65534, 65535]);
        assert_eq!(column.piece(CHUNK, CHUNK + 2), [65536, 65537]);
        assert!(column.piece(7, 7).is_empty() && column.piece(9 * CHUNK, 9 * CHUNK + 1).is_empty());
        assert_eq!(column.iter().count(), column.len());
    }
}
