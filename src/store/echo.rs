//! Pairs by the very bytes in which a decoder met them last.
//!
//! The attributes of a program come again and again in the same bytes, whatever the form: what was read in equal
//! bytes before need not be taken apart, looked up by its key and looked up by its value. A slot per hash, and a newer
//! pair takes the place of an older one; what is found was compared byte by byte.

use super::attributes::{AttrId, KeyId};
use super::hash::{same, tail};

/// Longest run of bytes that is remembered: most attributes of OTLP/JSON.
const LONGEST: usize = 119;
/// Slots at first, and at most: two megabytes, of which a program's common pairs use as much as stays in the
/// processor's cache.
const SLOTS: std::ops::RangeInclusive<usize> = 1 << 8..=1 << 14;

/// Length of what no slot holds: no bytes are as long as this.
const NOTHING: u8 = u8::MAX;

/// Two lines of the processor's cache, of which a short run needs the first only.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
struct Slot {
    pair: u32,
    key: u32,
    len: u8,
    raw: [u8; LONGEST],
}

/// The pairs that were met last.
#[derive(Debug, Default)]
pub(crate) struct Echo {
    /// A power of two, or none before the first is remembered.
    slots: Vec<Slot>,
    used: usize,
}

impl Echo {
    /// The pair that stood in equal bytes.
    #[inline(always)]
    pub(crate) fn find(&self, raw: &[u8]) -> Option<(AttrId, KeyId)> {
        let slot = self.slots.get(place(raw, self.slots.len()))?;
        let found = slot.raw.get(..usize::from(slot.len)).is_some_and(|known| same(known, raw));
        found.then_some((AttrId(slot.pair), KeyId(slot.key)))
    }

    /// Remembers in which bytes a pair stood, unless they are too many; reading them must not have been remarkable.
    pub(crate) fn remember(&mut self, raw: &[u8], (AttrId(pair), KeyId(key)): (AttrId, KeyId)) {
        if raw.is_empty() || raw.len() > LONGEST {
            return;
        }
        if self.used * 8 >= self.slots.len() && self.slots.len() < *SLOTS.end() {
            self.grow();
        }
        let at = place(raw, self.slots.len());
        let slot = &mut self.slots[at];
        self.used += usize::from(slot.len == NOTHING);
        slot.raw[..raw.len()].copy_from_slice(raw);
        (slot.len, slot.pair, slot.key) = (raw.len() as u8, pair, key);
    }

    /// Four times the slots: a small file takes little, and a large one is soon done with it.
    #[cold]
    fn grow(&mut self) {
        let none = Slot { pair: 0, key: 0, len: NOTHING, raw: [0; LONGEST] };
        let slots = vec![none; (self.slots.len() * 4).clamp(*SLOTS.start(), *SLOTS.end())];
        self.used = 0;
        for old in std::mem::replace(&mut self.slots, slots) {
            if let Some(raw) = old.raw.get(..usize::from(old.len)) {
                self.remember(raw, (AttrId(old.pair), KeyId(old.key)));
            }
        }
    }
}

/// The slot of some bytes among so many, judged by their length, their first and their last: there keys and values
/// differ.
#[inline(always)]
fn place(raw: &[u8], slots: usize) -> usize {
    let ends = (raw.first_chunk::<ENDS>(), raw.last_chunk::<ENDS>());
    let [a, b, c, d, e] = if let (Some(first), Some(last)) = ends {
        [word(first, 8), word(first, 16), word(last, 0), word(last, 8), word(last, 16)]
    } else if let (Some(first), Some(last)) = (raw.first_chunk::<16>(), raw.last_chunk::<8>()) {
        [word(first, 0), word(first, 8), word(last, 0), 0, 0]
    } else if let (Some(first), Some(last)) = (raw.first_chunk::<8>(), raw.last_chunk::<8>()) {
        [word(first, 0), word(last, 0), 0, 0, 0]
    } else {
        [tail(raw, raw), 0, 0, 0, 0]
    };
    // Independent products, so that none waits for another.
    let (a, b) = (a.wrapping_mul(0x9e37_79b9_7f4a_7c15), b.wrapping_mul(0xc2b2_ae3d_27d4_eb4f));
    let (c, d) = (c.wrapping_mul(0x1656_67b1_9e37_79f9), d.wrapping_mul(0xff51_afd7_ed55_8ccd));
    let e = (e ^ raw.len() as u64).wrapping_mul(0xd6e8_feb8_6659_fd93);
    let mixed = (a ^ b.rotate_left(17)) ^ (c.rotate_left(31) ^ d.rotate_left(47)) ^ e;
    // The upper half: its bits hang on all of the lower.
    ((mixed ^ (mixed >> 29)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & slots.wrapping_sub(1)
}

/// What is looked at of each end.
const ENDS: usize = 24;

#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u64 {
    bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_bytes_and_only_those_are_found() {
        let mut echo = Echo::default();
        assert_eq!(echo.find(b"a"), None);
        let text = |i: u32| {
            format!("{{\"key\":\"key {}\",\"value\":{{\"stringValue\":\"v{i}\"}}}}", i % 7).into_bytes()
        };
        for i in 0..1000 {
            assert_eq!(echo.find(&text(i)), None);
            echo.remember(&text(i), (AttrId(i), KeyId(i % 7)));
            assert_eq!(echo.find(&text(i)), Some((AttrId(i), KeyId(i % 7))));
        }
        // Some took the place of others.
        let found = (0..1000).filter(|&i| echo.find(&text(i)) == Some((AttrId(i), KeyId(i % 7)))).count();
        assert!(found > 900, "{found} of 1000");
        assert!((0..1000).all(|i| echo.find(&text(i)).is_none_or(|pair| pair == (AttrId(i), KeyId(i % 7)))));
        echo.remember(&[7; 200], (AttrId(0), KeyId(0)));
        assert_eq!(echo.find(&[7; 200]), None);
        for len in 1..LONGEST {
            echo.remember(&text(5)[..len.min(40)], (AttrId(5), KeyId(5)));
            assert!(echo.find(&text(5)[..len.min(40)]).is_some());
        }
    }
}
