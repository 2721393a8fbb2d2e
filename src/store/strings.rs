//! Interned text: each distinct string is stored once and named by a handle.

use super::arena::{Arena, Place};
use super::column::Column;
use super::hash::{hash_bytes, same};
use super::parcel::{Packer, Unpacker};
use super::table::Table;

/// A handle to an interned string of one store; equal handles mean equal text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Default)]
pub struct StrId(pub u32);

impl StrId {
    /// The empty string, present in every store.
    pub const EMPTY: Self = Self(0);
}

/// A table of distinct strings.
#[derive(Debug)]
pub struct Strings {
    arena: Arena,
    places: Column<Place>,
    table: Table,
    repaired: u64,
}

impl Default for Strings {
    fn default() -> Self {
        let mut strings =
            Self { arena: Arena::default(), places: Column::default(), table: Table::default(), repaired: 0 };
        strings.intern(b"");
        strings
    }
}

impl Strings {
    /// Bytes that the table holds.
    pub(crate) fn held(&self) -> usize {
        self.arena.held() + self.places.bytes() + self.table.held()
    }

    /// How many distinct strings there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Never true: the empty string is always there.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The handle of `bytes`; bytes that are not UTF-8 are stored with U+FFFD in their place.
    #[inline]
    pub fn intern(&mut self, bytes: &[u8]) -> StrId {
        let hash = hash_bytes(bytes);
        let Self { arena, places, table, .. } = self;
        if let Some(id) = table.find(hash, |id| same(arena.bytes(places.get(id as usize)), bytes)) {
            return StrId(id);
        }
        if let Err(_invalid) = std::str::from_utf8(bytes) {
            self.repaired += 1;
            let repaired = String::from_utf8_lossy(bytes).into_owned();
            return self.intern(repaired.as_bytes());
        }
        let id = places.len() as u32;
        places.push(arena.push(bytes));
        table.insert(hash, id);
        StrId(id)
    }

    /// The handle of `text`, if it was ever interned.
    pub fn find(&self, text: &str) -> Option<StrId> {
        let found = |id: u32| self.arena.bytes(self.places.get(id as usize)) == text.as_bytes();
        self.table.find(hash_bytes(text.as_bytes()), found).map(StrId)
    }

    /// The text of a handle of this table.
    #[inline]
    pub fn get(&self, id: StrId) -> &str {
        self.arena.text(self.places.get(id.0 as usize))
    }

    /// The bytes of a handle of this table, not checked again.
    #[inline]
    pub(crate) fn bytes(&self, id: StrId) -> &[u8] {
        self.arena.bytes(self.places.get(id.0 as usize))
    }

    /// Writes every string, in the order first met.
    pub(crate) fn pack(&self, to: &mut Packer) {
        let places = || self.places.iter();
        to.values(&places().map(|place| place.len).collect::<Vec<u32>>());
        to.texts(places().map(|place| self.arena.bytes(place)));
    }

    /// Takes in what another table packed: the handle of each of its strings.
    pub(crate) fn absorb(&mut self, from: &mut Unpacker<'_>) -> Option<Vec<u32>> {
        let (lens, texts) = (from.values::<u32>()?, from.values::<u8>()?);
        let mut rest = texts.bytes;
        let mut handles = Vec::with_capacity(lens.iter::<u32>().len());
        for len in lens.iter::<u32>() {
            let (text, more) = rest.split_at_checked(len as usize)?;
            rest = more;
            handles.push(self.intern(text).0);
        }
        Some(handles)
    }

    /// How often text came that was not UTF-8.
    pub fn repaired(&self) -> u64 {
        self.repaired
    }

    /// Every string with its handle.
    pub fn iter(&self) -> impl Iterator<Item = (StrId, &str)> {
        (0..self.len() as u32).map(|id| (StrId(id), self.get(StrId(id))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_text_has_one_handle_and_bad_utf8_is_replaced() {
        let mut strings = Strings::default();
        let a = strings.intern(b"GET /todos");
        assert_eq!(strings.intern(b"GET /todos"), a);
        assert_eq!(strings.get(a), "GET /todos");
        assert_eq!(strings.intern(b""), StrId::EMPTY);
        let bad = strings.intern(b"caf\xe9");
        assert_eq!(strings.get(bad), "caf\u{fffd}");
        assert_eq!(strings.intern(b"caf\xe9"), bad);
        assert_eq!(strings.find("nobody"), None);
        let big = vec![b'x'; 3 << 20];
        let big_id = strings.intern(&big);
        assert_eq!(strings.get(big_id).len(), 3 << 20);
        assert_eq!(strings.get(a), "GET /todos");
    }
}
