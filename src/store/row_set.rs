//! A set of rows as one bit a row: what a query matched, handed to whoever counts.
//!
//! Invariant: rows are below the length given at creation; iteration is ascending.

use super::column::Column;

/// A set of span rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RowSet {
    words: Vec<u64>,
    len: usize,
}

impl RowSet {
    /// The empty set over `len` rows.
    pub fn new(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// The set of the rows, counted from 0, of which something holds.
    pub fn of(holds: impl Iterator<Item = bool>) -> Self {
        let mut set = Self::default();
        let (mut word, mut bit) = (0, 0);
        // Bit by bit into a register: what holds of which row is rarely foreseen, so nothing branches on it.
        holds.for_each(|holds| {
            word |= u64::from(holds) << bit;
            bit += 1;
            set.len += 1;
            if bit == 64 {
                set.words.push(word);
                (word, bit) = (0, 0);
            }
        });
        if bit > 0 {
            set.words.push(word);
        }
        set
    }

    /// Adds the rows whose value in a column is one of those that hold.
    pub fn add_where(&mut self, column: &Column<u32>, holds: &[bool]) {
        if !holds.contains(&true) {
            return;
        }
        let pieces = column.pieces(0..self.len).flat_map(|piece| piece.chunks(64));
        // Pieces are of a multiple of 64 values.
        for (word, values) in self.words.iter_mut().zip(pieces) {
            for (bit, &value) in values.iter().enumerate() {
                *word |= u64::from(holds[value as usize]) << bit;
            }
        }
    }

    /// Leaves only the rows that are in the other set too.
    pub fn intersect(&mut self, other: &Self) {
        for (word, other) in self.words.iter_mut().zip(other.words.iter().chain(std::iter::repeat(&0))) {
            *word &= other;
        }
    }

    /// How many rows it ranges over (not how many are in it).
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether it ranges over no row.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many rows are in it.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Adds a row below [`len`](Self::len).
    #[inline]
    pub fn insert(&mut self, row: u32) {
        self.words[row as usize >> 6] |= 1 << (row & 63);
    }

    /// Takes a row out.
    #[inline]
    pub fn remove(&mut self, row: u32) {
        self.words[row as usize >> 6] &= !(1 << (row & 63));
    }

    /// Whether a row is in it; rows beyond its range are not.
    #[inline]
    pub fn contains(&self, row: u32) -> bool {
        self.words.get(row as usize >> 6).is_some_and(|w| w >> (row & 63) & 1 != 0)
    }

    /// Its rows from `rows` on, ascending.
    pub fn range(&self, rows: std::ops::Range<usize>) -> impl Iterator<Item = u32> {
        let end = rows.end.min(self.len);
        let mut at = rows.start;
        std::iter::from_fn(move || {
            while at < end {
                let rest = self.words[at >> 6] >> (at & 63);
                if rest == 0 {
                    at = (at | 63) + 1;
                    continue;
                }
                let row = at + rest.trailing_zeros() as usize;
                at = row + 1;
                return (row < end).then_some(row as u32);
            }
            None
        })
    }

    /// Its rows, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.range(0..self.len)
    }
}

impl FromIterator<u32> for RowSet {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        let rows: Vec<u32> = rows.into_iter().collect();
        let mut set = Self::new(rows.iter().max().map_or(0, |&r| r as usize + 1));
        for row in rows {
            set.insert(row);
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_out_ascending_and_once() {
        let mut set = RowSet::new(200);
        for row in [130, 0, 63, 64, 199, 64] {
            set.insert(row);
        }
        set.remove(0);
        assert_eq!(set.iter().collect::<Vec<_>>(), [63, 64, 130, 199]);
        assert_eq!(set.range(64..199).collect::<Vec<_>>(), [64, 130]);
        assert_eq!(set.count(), 4);
        assert!(set.contains(199) && !set.contains(198) && !set.contains(5000));
        assert_eq!(RowSet::of((0..200).map(|row| set.contains(row))), set);
        let column = &mut Column::default();
        (0..200_u32).for_each(|row| column.push(row / 7 % 3));
        let mut sevens = RowSet::new(200);
        sevens.add_where(column, &[false; 3]);
        assert_eq!(sevens.count(), 0);
        sevens.insert(1);
        sevens.add_where(column, &[false, true, false]);
        assert!((0..200).all(|row| sevens.contains(row) == (row == 1 || row / 7 % 3 == 1)));
        sevens.intersect(&set);
        assert_eq!(sevens.iter().collect::<Vec<_>>(), [199]);
        assert_eq!([5_u32, 2].into_iter().collect::<RowSet>().iter().collect::<Vec<_>>(), [2, 5]);
    }
}
