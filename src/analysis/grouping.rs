//! Dense numbers for keys: the group that a span falls into.
//!
//! Numbers run in the order in which keys are first met, so answers never depend on hashing.

use std::hash::Hash;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

/// Keys met so far, each with its number.
pub(crate) struct Grouping<K> {
    numbers: HashMap<K, u32, FixedState>,
    keys: Vec<K>,
    last: u32,
}

impl<K> Default for Grouping<K> {
    fn default() -> Self {
        Self { numbers: HashMap::with_hasher(FixedState::default()), keys: Vec::new(), last: 0 }
    }
}

impl<K: Copy + Eq + Hash> Grouping<K> {
    /// The number of a key, given on first sight. Neighbors often share a key, so the last one is tried first.
    #[inline]
    pub(crate) fn of(&mut self, key: K) -> u32 {
        if self.keys.get(self.last as usize) != Some(&key) {
            let next = self.keys.len() as u32;
            self.last = *self.numbers.entry(key).or_insert(next);
            if self.last == next {
                self.keys.push(key);
            }
        }
        self.last
    }

    /// The keys, by number.
    pub(crate) fn keys(&self) -> &[K] {
        &self.keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_first_sight() {
        let mut grouping = Grouping::default();
        let numbers: Vec<u32> = [9, 9, 4, 9, 5, 4].into_iter().map(|k| grouping.of(k)).collect();
        assert_eq!(numbers, [0, 0, 1, 0, 2, 1]);
        assert_eq!(grouping.keys(), [9, 4, 5]);
    }
}
