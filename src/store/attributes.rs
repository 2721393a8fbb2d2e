//! The attribute dictionary: every distinct (key, value) pair is stored once and named by a handle.
//!
//! A span's attributes are a run of these handles, four bytes each, so that a question about an attribute
//! is answered once per distinct pair and then by scanning numbers. Values keep their type: the integer 1,
//! the double 1.0 and the text "1" are three pairs.

use super::arena::{Arena, Place};
use super::column::Column;
use super::echo::Echo;
use super::hash::{hash_pair, hash_seeded, same};
use super::nested::Nested;
use super::parcel::{Packer, Unpacker, instead};
use super::strings::{StrId, Strings};
use super::table::Table;
use crate::model::Value;

/// A handle to an attribute key of one store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct KeyId(pub u32);

/// A handle to a distinct (key, value) pair of one store.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct AttrId(pub u32);

/// A value as it stands in the store, or as a decoder hands it over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ValueRef<'a> {
    /// No value set.
    Empty,
    /// Text; from a decoder it need not be UTF-8, from the store it is.
    Str(&'a [u8]),
    /// Truth value.
    Bool(bool),
    /// 64-bit integer.
    Int(i64),
    /// Double.
    Double(f64),
    /// Raw bytes.
    Bytes(&'a [u8]),
    /// An array in the store's own encoding.
    Array(Nested<'a>),
    /// A map in the store's own encoding.
    Map(Nested<'a>),
}

const EMPTY: u8 = 0;
const STR: u8 = 1;
const BOOL: u8 = 2;
const INT: u8 = 3;
const DOUBLE: u8 = 4;
const BYTES: u8 = 5;
const ARRAY: u8 = 6;
const MAP: u8 = 7;

/// A pair: key and type in one number, then the value or the place of its bytes.
#[derive(Clone, Copy, Debug)]
struct Pair {
    meta: u32,
    a: u32,
    b: u32,
}

impl Pair {
    fn tag(self) -> u8 {
        (self.meta & 7) as u8
    }

    fn key(self) -> StrId {
        StrId(self.meta >> 3)
    }

    fn place(self) -> Place {
        Place { at: self.a, len: self.b }
    }

    fn word(self) -> u64 {
        u64::from(self.a) | (u64::from(self.b) << 32)
    }
}

impl<'a> ValueRef<'a> {
    /// The text of a value that stands in the store.
    pub fn as_str(self) -> Option<&'a str> {
        match self {
            Self::Str(bytes) => Some(std::str::from_utf8(bytes).unwrap_or_default()),
            _ => None,
        }
    }

    /// An owned value; deeper nesting than the store keeps was cut when it was read.
    pub fn to_value(self) -> Value {
        match self {
            Self::Empty => Value::Empty,
            Self::Str(s) => Value::Str(String::from_utf8_lossy(s).into_owned()),
            Self::Bool(b) => Value::Bool(b),
            Self::Int(i) => Value::Int(i),
            Self::Double(d) => Value::Double(d),
            Self::Bytes(b) => Value::Bytes(b.to_vec()),
            Self::Array(nested) => nested.to_array(),
            Self::Map(nested) => nested.to_map(),
        }
    }

    /// The value as a person reads it: text bare, numbers exact, nested values as JSON.
    pub fn display(self) -> String {
        match self {
            Self::Str(s) => String::from_utf8_lossy(s).into_owned(),
            other => super::nested::display(&other.to_value()),
        }
    }

    /// Type tag, the number of a scalar, and the bytes of everything else.
    fn parts(self) -> (u8, u64, &'a [u8]) {
        match self {
            Self::Empty => (EMPTY, 0, &[]),
            Self::Str(s) => (STR, 0, s),
            Self::Bool(b) => (BOOL, u64::from(b), &[]),
            Self::Int(i) => (INT, i as u64, &[]),
            Self::Double(d) => (DOUBLE, d.to_bits(), &[]),
            Self::Bytes(b) => (BYTES, 0, b),
            Self::Array(n) => (ARRAY, 0, n.bytes()),
            Self::Map(n) => (MAP, 0, n.bytes()),
        }
    }
}

/// The dictionary of distinct pairs.
///
/// Spans of one program carry the same keys in the same order and often the same values, so each key remembers which
/// key came after it and which pair it was last met in: both are compared before anything is hashed.
#[derive(Debug, Default)]
pub struct Attributes {
    keys: Strings,
    arena: Arena,
    pairs: Column<Pair>,
    table: Table,
    /// Per key: the key that followed it last, and the pair it was last met in.
    recent: Vec<(u32, u32)>,
    last_key: u32,
    echo: Echo,
    repaired: u64,
}

impl Attributes {
    /// How many distinct pairs there are.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Bytes that the dictionary holds.
    pub(crate) fn held(&self) -> usize {
        self.keys.held() + self.arena.held() + self.pairs.bytes() + self.table.held()
    }

    /// Whether no attribute was ever met.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// How often keys or text came that were not UTF-8.
    pub fn repaired(&self) -> u64 {
        self.repaired + self.keys.repaired()
    }

    /// The handle of a pair, stored on first sight; key and text that are not UTF-8 get U+FFFD.
    #[inline]
    pub fn intern(&mut self, key: &[u8], value: ValueRef<'_>) -> AttrId {
        self.intern_with_key(key, value).0
    }

    /// The handles of a pair and of its key.
    #[inline]
    pub(crate) fn intern_with_key(&mut self, key: &[u8], value: ValueRef<'_>) -> (AttrId, KeyId) {
        let key = self.intern_key(key);
        let (tag, word, bytes) = value.parts();
        let meta = (key << 3) | u32::from(tag);
        if let Some(&(_, last)) = self.recent.get(key as usize)
            && (last as usize) < self.pairs.len()
            && self.is(last, meta, word, bytes)
        {
            return (AttrId(last), KeyId(key));
        }
        let hash = value_hash(meta, word, bytes);
        let id = match self.find(hash, meta, word, bytes) {
            Some(id) => id,
            None => self.insert(meta, value, hash),
        };
        if let Some(recent) = self.recent.get_mut(key as usize) {
            recent.1 = id;
        }
        (AttrId(id), KeyId(key))
    }

    /// The handles of a pair that was read in these very bytes of its form before.
    #[inline(always)]
    pub(crate) fn recall(&self, raw: &[u8]) -> Option<(AttrId, KeyId)> {
        self.echo.find(raw)
    }

    /// Remembers the bytes in which a pair was read without any remark: the next time they need not be read. A form's
    /// bytes must begin as no other form's do.
    #[inline]
    pub(crate) fn remember(&mut self, raw: &[u8], pair: (AttrId, KeyId)) {
        self.echo.remember(raw, pair);
    }

    #[inline(always)]
    fn find(&self, hash: u64, meta: u32, word: u64, bytes: &[u8]) -> Option<u32> {
        self.table.find(hash, |id| self.is(id, meta, word, bytes))
    }

    /// Whether a stored pair is this one.
    #[inline(always)]
    fn is(&self, id: u32, meta: u32, word: u64, bytes: &[u8]) -> bool {
        let pair = self.pairs.get(id as usize);
        pair.meta == meta
            && if tag_has_bytes(pair.tag()) {
                same(self.arena.bytes(pair.place()), bytes)
            } else {
                pair.word() == word
            }
    }

    #[inline]
    fn intern_key(&mut self, key: &[u8]) -> u32 {
        if let Some(&(guess, _)) = self.recent.get(self.last_key as usize)
            && same(self.keys.bytes(StrId(guess)), key)
        {
            self.last_key = guess;
            return guess;
        }
        let id = self.keys.intern(key).0;
        self.remember_keys();
        self.recent[self.last_key as usize].0 = id;
        self.last_key = id;
        id
    }

    /// Makes room to remember what came with each key.
    fn remember_keys(&mut self) {
        if self.recent.len() < self.keys.len() {
            self.recent.resize(self.keys.len(), (0, u32::MAX));
        }
    }

    /// Writes every pair, in the order first met.
    pub(crate) fn pack(&self, to: &mut Packer) {
        self.keys.pack(to);
        let pairs = || self.pairs.iter();
        to.values(&pairs().map(|pair| pair.meta).collect::<Vec<u32>>());
        let word = |pair: Pair| if tag_has_bytes(pair.tag()) { u64::from(pair.b) } else { pair.word() };
        to.values(&pairs().map(word).collect::<Vec<u64>>());
        let texts = pairs().filter(|pair| tag_has_bytes(pair.tag()));
        to.texts(texts.map(|pair| self.arena.bytes(pair.place())));
    }

    /// Takes in what another dictionary packed: the handle of each of its pairs.
    pub(crate) fn absorb(&mut self, from: &mut Unpacker<'_>) -> Option<Vec<u32>> {
        let keys = self.keys.absorb(from)?;
        self.remember_keys();
        let (metas, words, texts) = (from.values::<u32>()?, from.values::<u64>()?, from.values::<u8>()?);
        let mut rest = texts.bytes;
        let mut handles = Vec::with_capacity(metas.iter::<u32>().len());
        for (meta, word) in metas.iter::<u32>().zip(words.iter::<u64>()) {
            let tag = meta & 7;
            let meta = (instead(&keys, meta >> 3) << 3) | tag;
            let len = if tag_has_bytes(tag as u8) { word as usize } else { 0 };
            let (bytes, more) = rest.split_at_checked(len)?;
            rest = more;
            let hash = value_hash(meta, word, bytes);
            let found = self.find(hash, meta, word, bytes);
            handles.push(found.unwrap_or_else(|| self.append(meta, word, bytes, hash)));
        }
        Some(handles)
    }

    #[cold]
    #[inline(never)]
    fn insert(&mut self, meta: u32, value: ValueRef<'_>, hash: u64) -> u32 {
        if let ValueRef::Str(text) = value
            && std::str::from_utf8(text).is_err()
        {
            self.repaired += 1;
            let text = String::from_utf8_lossy(text);
            let hash = value_hash(meta, 0, text.as_bytes());
            let found = self.find(hash, meta, 0, text.as_bytes());
            return found.unwrap_or_else(|| self.insert(meta, ValueRef::Str(text.as_bytes()), hash));
        }
        let (tag, word, bytes) = value.parts();
        debug_assert_eq!(tag, (meta & 7) as u8, "the type is part of the number");
        self.append(meta, word, bytes, hash)
    }

    /// Stores a pair that is not there.
    fn append(&mut self, meta: u32, word: u64, bytes: &[u8], hash: u64) -> u32 {
        let (a, b) = if tag_has_bytes((meta & 7) as u8) {
            let place = self.arena.push(bytes);
            (place.at, place.len)
        } else {
            (word as u32, (word >> 32) as u32)
        };
        let id = self.pairs.len() as u32;
        self.pairs.push(Pair { meta, a, b });
        self.table.insert(hash, id);
        id
    }

    /// The key of a pair.
    #[inline]
    pub fn key(&self, id: AttrId) -> KeyId {
        KeyId(self.pairs.get(id.0 as usize).key().0)
    }

    /// The text of a key.
    pub fn key_text(&self, key: KeyId) -> &str {
        self.keys.get(StrId(key.0))
    }

    /// The handle of a key, if any attribute has it.
    pub fn find_key(&self, text: &str) -> Option<KeyId> {
        self.keys.find(text).map(|id| KeyId(id.0))
    }

    /// Upper bound of key handles (for tables indexed by key).
    pub fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// The value of a pair.
    pub fn value(&self, id: AttrId) -> ValueRef<'_> {
        self.read(self.pairs.get(id.0 as usize))
    }

    #[inline(always)]
    fn read(&self, pair: Pair) -> ValueRef<'_> {
        let bytes = || self.arena.bytes(pair.place());
        match pair.tag() {
            STR => ValueRef::Str(bytes()),
            BOOL => ValueRef::Bool(pair.a != 0),
            INT => ValueRef::Int(pair.word() as i64),
            DOUBLE => ValueRef::Double(f64::from_bits(pair.word())),
            BYTES => ValueRef::Bytes(bytes()),
            ARRAY => ValueRef::Array(Nested::trusted(bytes())),
            MAP => ValueRef::Map(Nested::trusted(bytes())),
            _ => ValueRef::Empty,
        }
    }

    /// What holds of the value of every distinct pair: of a number by itself, for there may be millions.
    pub fn values_where(
        &self,
        holds_of_number: impl Fn(i64) -> bool,
        holds: &dyn Fn(ValueRef<'_>) -> bool,
    ) -> Vec<bool> {
        let mut found = Vec::with_capacity(self.len());
        for piece in self.pairs.chunks() {
            found.extend(piece.iter().map(|pair| match pair.tag() {
                INT => holds_of_number(pair.word() as i64),
                _ => holds(self.read(*pair)),
            }));
        }
        found
    }

    /// Every distinct pair, in the order first met.
    pub fn iter(&self) -> impl Iterator<Item = (AttrId, KeyId, ValueRef<'_>)> {
        (0..self.len() as u32).map(|id| (AttrId(id), self.key(AttrId(id)), self.value(AttrId(id))))
    }
}

#[inline(always)]
fn tag_has_bytes(tag: u8) -> bool {
    matches!(tag, STR | BYTES | ARRAY | MAP)
}

/// Hash of key and type in one number, and a value.
#[inline(always)]
fn value_hash(meta: u32, word: u64, bytes: &[u8]) -> u64 {
    if tag_has_bytes((meta & 7) as u8) {
        hash_seeded(u64::from(meta), bytes)
    } else {
        hash_pair(u64::from(meta), word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_is_stored_once_and_keeps_its_type() {
        let mut attributes = Attributes::default();
        let a = attributes.intern(b"n", ValueRef::Int(1));
        assert_eq!(attributes.intern(b"n", ValueRef::Int(1)), a);
        let others = [
            attributes.intern(b"n", ValueRef::Double(1.0)),
            attributes.intern(b"n", ValueRef::Str(b"1")),
            attributes.intern(b"n", ValueRef::Bool(true)),
            attributes.intern(b"n", ValueRef::Empty),
            attributes.intern(b"m", ValueRef::Int(1)),
            attributes.intern(b"n", ValueRef::Bytes(b"1")),
        ];
        assert_eq!(attributes.len(), 7);
        assert!(!others.contains(&a));
        assert_eq!(attributes.value(a), ValueRef::Int(1));
        assert_eq!(attributes.key_text(attributes.key(others[4])), "m");
        let low = attributes.intern(b"n", ValueRef::Int(i64::MIN));
        assert_eq!(attributes.value(low), ValueRef::Int(i64::MIN));
        let nan = attributes.intern(b"n", ValueRef::Double(f64::NAN));
        assert_eq!(attributes.intern(b"n", ValueRef::Double(f64::NAN)), nan);
    }

    #[test]
    fn a_hundred_thousand_values_are_found_again() {
        let mut attributes = Attributes::default();
        let ids: Vec<AttrId> = (0..100_000)
            .map(|i| attributes.intern(b"user.id", ValueRef::Str(format!("u-{i}").as_bytes())))
            .collect();
        for (i, id) in ids.iter().enumerate() {
            assert_eq!(attributes.intern(b"user.id", ValueRef::Str(format!("u-{i}").as_bytes())), *id);
        }
        assert_eq!(attributes.len(), 100_000);
    }
}
