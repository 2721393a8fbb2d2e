//! A set of rows, one bit each.

use super::Checkpoint;
use crate::traceql::Error;

/// Words between two checkpoints: 64 Ki rows.
const STRIDE: usize = 1024;

/// A set of rows below a fixed length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    words: Vec<u64>,
    len: usize,
}

impl Bitmap {
    /// No row.
    pub fn empty(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// Every row.
    pub fn full(len: usize) -> Self {
        let mut words = vec![u64::MAX; len.div_ceil(64)];
        if !len.is_multiple_of(64)
            && let Some(last) = words.last_mut()
        {
            *last = (1 << (len % 64)) - 1;
        }
        Self { words, len }
    }

    /// How many rows there could be.
    pub fn capacity(&self) -> usize {
        self.len
    }

    /// How many rows are in it.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// Whether no row is in it.
    pub fn is_empty(&self) -> bool {
        self.words.iter().all(|w| *w == 0)
    }

    /// Whether a row is in it.
    #[inline]
    pub fn contains(&self, row: u32) -> bool {
        self.words.get(row as usize / 64).is_some_and(|w| w >> (row % 64) & 1 != 0)
    }

    /// Puts a row in.
    #[inline]
    pub fn insert(&mut self, row: u32) {
        if (row as usize) < self.len {
            self.words[row as usize / 64] |= 1 << (row % 64);
        }
    }

    /// Keeps what is also in `other`.
    pub fn and(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= b);
    }

    /// Adds what is in `other`.
    pub fn or(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a |= b);
    }

    /// Drops what is in `other`.
    pub fn minus(&mut self, other: &Self) {
        self.words.iter_mut().zip(&other.words).for_each(|(a, b)| *a &= !b);
    }

    /// The rows in it, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> {
        self.words.iter().enumerate().flat_map(|(i, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    i as u32 * 64 + bit
                })
            })
        })
    }

    /// Keeps the rows that pass `test`.
    pub(crate) fn keep(
        &mut self,
        checkpoint: &mut dyn Checkpoint,
        mut test: impl FnMut(u32) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        for (part, words) in self.words.chunks_mut(STRIDE).enumerate() {
            checkpoint.checkpoint()?;
            for (i, word) in words.iter_mut().enumerate() {
                let base = ((part * STRIDE + i) * 64) as u32;
                let mut left = *word;
                let mut kept = 0;
                while left != 0 {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    kept |= u64::from(test(base + bit)?) << bit;
                }
                *word = kept;
            }
        }
        Ok(())
    }

    /// Visits the rows, ascending.
    pub(crate) fn visit(
        &self,
        checkpoint: &mut dyn Checkpoint,
        mut visit: impl FnMut(u32) -> Result<(), Error>,
    ) -> Result<(), Error> {
        for (part, words) in self.words.chunks(STRIDE).enumerate() {
            checkpoint.checkpoint()?;
            for (i, word) in words.iter().enumerate() {
                let base = ((part * STRIDE + i) * 64) as u32;
                let mut left = *word;
                while left != 0 {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    visit(base + bit)?;
                }
            }
        }
        Ok(())
    }
}
