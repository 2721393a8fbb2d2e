//! The one hash function of the interners: fixed seed, so the same input gives the same store.

use std::hash::{BuildHasher, Hasher};

use foldhash::fast::FixedState;

/// Seed of every table.
const SEED: u64 = 0x5350_414e;

/// Hash of one run of bytes.
#[inline]
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(SEED).build_hasher();
    hasher.write(bytes);
    hasher.finish()
}

/// Hash of a key, a type tag and a value.
#[inline]
pub(crate) fn hash_pair(key: &[u8], tag: u8, value: &[u8]) -> u64 {
    let mut hasher = FixedState::with_seed(SEED ^ u64::from(tag)).build_hasher();
    hasher.write(key);
    hasher.write(value);
    hasher.finish()
}

/// Hash of plain numbers.
#[inline]
pub(crate) fn hash_words(words: impl IntoIterator<Item = u64>) -> u64 {
    let mut hasher = FixedState::with_seed(SEED).build_hasher();
    for word in words {
        hasher.write_u64(word);
    }
    hasher.finish()
}
