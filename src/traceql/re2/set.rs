//! Sets of characters: sorted ranges of code points, as classes of a pattern need them.

use crate::store::order;

/// Last code point.
pub(super) const LAST: u32 = 0x10_FFFF;

/// Sorted ranges that do not touch, ends included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CharSet(Vec<(u32, u32)>);

impl CharSet {
    /// Takes ranges in any order.
    pub(super) fn new(mut ranges: Vec<(u32, u32)>) -> Self {
        order::sort(&mut ranges);
        let mut merged: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (low, high) in ranges {
            match merged.last_mut() {
                Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
                _ => merged.push((low, high)),
            }
        }
        Self(merged)
    }

    /// Every character.
    pub(super) fn all() -> Self {
        Self(vec![(0, LAST)])
    }

    /// Pairs of bytes, low and high.
    pub(super) fn of_pairs(pairs: &str) -> Self {
        Self::new(pairs.as_bytes().chunks_exact(2).map(|p| (u32::from(p[0]), u32::from(p[1]))).collect())
    }

    /// The characters that are not in it.
    pub(super) fn negated(&self) -> Self {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut next = 0;
        for (low, high) in &self.0 {
            if *low > next {
                out.push((next, low - 1));
            }
            next = high + 1;
        }
        if next <= LAST {
            out.push((next, LAST));
        }
        Self(out)
    }

    /// The ranges.
    pub(super) fn ranges(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Whether a character is in it.
    pub(super) fn contains(&self, c: u32) -> bool {
        let at = self.0.partition_point(|(_, high)| *high < c);
        self.0.get(at).is_some_and(|(low, _)| *low <= c)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_merge_and_negate() {
        let set = CharSet::new(vec![(5, 9), (1, 2), (3, 3), (8, 12)]);
        assert_eq!(set.ranges(), [(1, 3), (5, 12)]);
        assert_eq!(set.negated().ranges(), [(0, 0), (4, 4), (13, LAST)]);
        assert_eq!(set.negated().negated(), set);
        assert_eq!(CharSet::all().negated(), CharSet::default());
        assert_eq!(CharSet::default().negated(), CharSet::all());
        assert!(set.contains(7) && !set.contains(4) && !set.contains(13));
    }
}
