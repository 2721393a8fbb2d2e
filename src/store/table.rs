//! The interners' index: which handle has a hash.
//!
//! A slot holds the lower half of a hash and a handle, eight bytes together, and the next slots are looked at in
//! order: a look costs one line of the processor's cache where a table of separate tags costs two, and growing
//! never looks at what the handles name. Whoever asks compares what is found, so equal halves cost time, not truth.

/// Handles by hash. A handle must be below `u32::MAX`.
#[derive(Debug, Default)]
pub(crate) struct Table {
    /// Hash in the upper half; handle and one in the lower, 0 where the slot is free. A power of two of them.
    slots: Vec<u64>,
    len: usize,
}

impl Table {
    /// Slots of a table that holds anything.
    const LEAST: usize = 16;

    /// Bytes that it holds.
    pub(crate) fn held(&self) -> usize {
        self.slots.len() * size_of::<u64>()
    }

    /// The first handle with this hash that `same` agrees to.
    #[inline(always)]
    pub(crate) fn find(&self, hash: u64, same: impl Fn(u32) -> bool) -> Option<u32> {
        let half = hash as u32;
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = half as usize & mask;
        loop {
            // An empty table has no slot; any other has a free one.
            let slot = *self.slots.get(at)?;
            if slot == 0 {
                return None;
            }
            let id = (slot as u32).wrapping_sub(1);
            if (slot >> 32) as u32 == half && same(id) {
                return Some(id);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds a handle that is not there.
    pub(crate) fn insert(&mut self, hash: u64, id: u32) {
        if (self.len + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        self.len += 1;
        self.place((hash << 32) | u64::from(id + 1));
    }

    fn place(&mut self, slot: u64) {
        let mask = self.slots.len() - 1;
        let mut at = (slot >> 32) as usize & mask;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = slot;
    }

    #[cold]
    fn grow(&mut self) {
        let larger = (self.slots.len() * 2).max(Self::LEAST);
        let old = std::mem::replace(&mut self.slots, vec![0; larger]);
        old.into_iter().filter(|&slot| slot != 0).for_each(|slot| self.place(slot));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_handle_is_found_by_its_hash_alone_or_among_equals() {
        let mut table = Table::default();
        assert_eq!(table.find(7, |_| true), None);
        // A thousand hashes, each of three handles; all of them end in the same slots at first.
        let hash = |id: u32| u64::from(id / 3) << 7;
        for id in 0..3000 {
            assert_eq!(table.find(hash(id), |found| found == id), None);
            table.insert(hash(id), id);
        }
        for id in 0..3000 {
            assert_eq!(table.find(hash(id), |found| found == id), Some(id));
            assert_eq!(table.find(hash(id), |_| false), None);
        }
        assert_eq!(table.find(u64::from(u32::MAX), |_| true), None);
        assert!(table.held() >= 3000 * 8);
    }
}
