//! The one hash function of the interners: no seed but the caller's, so the same input gives the same store.
//!
//! Eight bytes a step with one 64-bit multiplication: 32-bit targets such as wasm32 have that, but no 128-bit one.
//! Tables compare what they find, so a collision costs time and never truth.

/// An odd number without structure (2^64 over the golden ratio).
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Spreads every bit over the lower half, where tables look.
#[inline(always)]
fn mix(word: u64) -> u64 {
    let product = word.wrapping_mul(FACTOR);
    product ^ (product >> 32)
}

/// Hash of one run of bytes.
#[inline]
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    hash_seeded(0, bytes)
}

/// Hash of a number and a run of bytes.
#[inline]
pub(crate) fn hash_seeded(seed: u64, bytes: &[u8]) -> u64 {
    let mut hash = mix(seed ^ ((bytes.len() as u64) << 40));
    let mut rest = bytes;
    while let Some((head, tail)) = rest.split_first_chunk::<8>() {
        hash = mix(hash ^ u64::from_le_bytes(*head));
        rest = tail;
    }
    if !rest.is_empty() {
        hash = mix(hash ^ tail(bytes, rest));
    }
    mix(hash.rotate_left(29))
}

/// The last one to seven bytes as a number, with bytes before them where there are any.
#[inline]
pub(super) fn tail(bytes: &[u8], rest: &[u8]) -> u64 {
    if let Some(last) = bytes.last_chunk::<8>() {
        return u64::from_le_bytes(*last);
    }
    if let (Some(first), Some(last)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        return u64::from(u32::from_le_bytes(*first)) | (u64::from(u32::from_le_bytes(*last)) << 32);
    }
    rest.iter().fold(0, |word, &byte| (word << 8) | u64::from(byte))
}

/// Whether two runs of bytes are equal. Short ones are most: compared by words here, without a call.
#[inline(always)]
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (Some(a_end), Some(b_end)) = (a.last_chunk::<16>(), b.last_chunk::<16>()) else {
        return match (a.first_chunk::<8>(), b.first_chunk::<8>()) {
            (Some(x), Some(y)) if x != y => false,
            _ => tail(a, a) == tail(b, b),
        };
    };
    // Sixteen bytes a step, and the last sixteen whatever of them was seen before.
    let (mut left, mut right) = (a, b);
    while let (Some((x, more_left)), Some((y, more_right))) =
        (left.split_first_chunk::<16>(), right.split_first_chunk::<16>())
    {
        if u128::from_le_bytes(*x) != u128::from_le_bytes(*y) {
            return false;
        }
        (left, right) = (more_left, more_right);
    }
    u128::from_le_bytes(*a_end) == u128::from_le_bytes(*b_end)
}

/// Hash of two numbers.
#[inline(always)]
pub(crate) fn hash_pair(a: u64, b: u64) -> u64 {
    mix(mix(mix(a) ^ b).rotate_left(29))
}

/// Hash of plain numbers.
#[inline]
pub(crate) fn hash_words(words: impl IntoIterator<Item = u64>) -> u64 {
    mix(words.into_iter().fold(0, |hash, word| mix(hash ^ word)).rotate_left(29))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_are_the_same_and_others_are_not() {
        let bytes: Vec<u8> = (0..40).collect();
        for len in 0..bytes.len() {
            let mut other = bytes[..len].to_vec();
            assert!(same(&bytes[..len], &other));
            for at in 0..len {
                other[at] ^= 0x80;
                assert!(!same(&bytes[..len], &other), "{len} {at}");
                other[at] ^= 0x80;
            }
            assert!(!same(&bytes[..len], &bytes[..=len]));
        }
    }

    #[test]
    fn short_texts_that_differ_little_spread_over_a_table() {
        let mut buckets = vec![0_u32; 1 << 12];
        let texts = (0..1 << 15).map(|i| format!("u{i:07}"));
        for text in texts.chain((0..1 << 15).map(|i| format!("{i}"))) {
            buckets[hash_bytes(text.as_bytes()) as usize & 0xfff] += 1;
        }
        for i in 0..1 << 16 {
            buckets[hash_pair(3, i << 20) as usize & 0xfff] += 1;
        }
        let (low, high) = (buckets.iter().min(), buckets.iter().max());
        assert!(low > Some(&4) && high < Some(&80), "{low:?} {high:?} around 32");
    }
}
