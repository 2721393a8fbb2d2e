//! What Unicode knows of characters, as patterns ask for it: general categories and scripts for `\p{…}`, and
//! which letters differ in case only for `(?i)`.
//!
//! The two tables are runs over all code points, a few kilobytes together; the tests below make them from
//! the `regex-syntax` crate and hold them to it (`SPANSCOPE_BLESS=1` writes them anew). Case comes from the
//! standard library, whose conversions differ from simple case folding in [`TWINS`] and [`LONERS`] only.

use super::set::CharSet;
use crate::store::order;

/// General categories by number in `categories.bin`: a byte holds one and, above it, the run's length where
/// that is below 8; otherwise the length less 8 follows, seven bits a byte.
const CATEGORIES: &[u8; 60] = b"CcCfCnCoCsLlLmLoLtLuMcMeMnNdNlNoPcPdPePfPiPoPsScSkSmSoZlZpZs";
static CATEGORY_RUNS: &[u8] = include_bytes!("unicode/categories.bin");

/// Scripts by number in `scripts.bin`: a byte with the number, then the run's length. Code points that are
/// not assigned belong to no script; runs go on over them.
static SCRIPTS: &str = include_str!("unicode/scripts.txt");
static SCRIPT_RUNS: &[u8] = include_bytes!("unicode/scripts.bin");

/// Unassigned.
const UNASSIGNED: &[u8] = b"Cn";

/// The characters of a general category (`L`, `Lu`), a script (`Greek`) or `Any`.
pub(super) fn property(name: &str) -> Option<CharSet> {
    if name == "Any" {
        return Some(CharSet::all());
    }
    if let Some(set) = category(name.as_bytes()) {
        return Some(set);
    }
    let wanted = SCRIPTS.lines().position(|script| script == name)?;
    let mut runs = Runs { bytes: SCRIPT_RUNS, from: 0 };
    let mut ranges = Vec::new();
    while let Some(script) = runs.byte() {
        let range = runs.take(0);
        if usize::from(script) == wanted {
            ranges.push(range);
        }
    }
    // Without what is not assigned: a ∩ b = ¬(¬a ∪ ¬b).
    let mut outside = CharSet::new(ranges).negated().ranges().to_vec();
    outside.extend_from_slice(category(UNASSIGNED)?.ranges());
    Some(CharSet::new(outside).negated())
}

fn category(name: &[u8]) -> Option<CharSet> {
    if name.is_empty() || !CATEGORIES.chunks(2).any(|known| known.starts_with(name)) {
        return None;
    }
    let mut runs = Runs { bytes: CATEGORY_RUNS, from: 0 };
    let mut ranges = Vec::new();
    while let Some(byte) = runs.byte() {
        let range = match byte >> 5 {
            0 => runs.take(8),
            short => runs.advance(u32::from(short)),
        };
        let at = usize::from(byte & 31) * 2;
        if CATEGORIES.get(at..at + 2).is_some_and(|known| known.starts_with(name)) {
            ranges.push(range);
        }
    }
    Some(CharSet::new(ranges))
}

/// Reads a table of runs.
struct Runs {
    bytes: &'static [u8],
    from: u32,
}

impl Runs {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*first)
    }

    /// The next run, whose length follows less `least`.
    fn take(&mut self, least: u32) -> (u32, u32) {
        let (mut len, mut shift) = (0, 0);
        while let Some(byte) = self.byte() {
            len |= u32::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                break;
            }
        }
        self.advance(len + least)
    }

    fn advance(&mut self, len: u32) -> (u32, u32) {
        let low = self.from;
        self.from += len;
        (low, self.from - 1)
    }
}

/// No letter from here on has two cases.
const CASELESS: u32 = 0x1_E944;
/// Letters that fold to each other though both their capitals have several letters.
const TWINS: [(u32, u32); 3] = [(0x390, 0x1FD3), (0x3B0, 0x1FE3), (0xFB05, 0xFB06)];
/// Letters that fold to themselves though their capital is another one's too (Turkish i).
const LONERS: [u32; 2] = [0x130, 0x131];

/// Which letters differ in case only.
#[derive(Debug, Default)]
pub(super) struct Folding {
    /// (the letter all fold to, letter), sorted; empty until a letter outside ASCII asks for it.
    letters: Vec<(u32, u32)>,
}

impl Folding {
    /// The set with every letter that differs from one of its own in case only.
    pub(super) fn close(&mut self, set: &CharSet) -> CharSet {
        let mut ranges = set.ranges().to_vec();
        if set.ranges().last().is_none_or(|(_, high)| *high < 128) {
            for lower in u32::from(b'a')..=u32::from(b'z') {
                let upper = lower - 32;
                if set.contains(lower) || set.contains(upper) {
                    ranges.extend([(lower, lower), (upper, upper)]);
                    match lower as u8 {
                        // The Kelvin sign and the long s.
                        b'k' => ranges.push((0x212A, 0x212A)),
                        b's' => ranges.push((0x17F, 0x17F)),
                        _ => {}
                    }
                }
            }
            return CharSet::new(ranges);
        }
        if self.letters.is_empty() {
            self.letters = letters();
        }
        for same in self.letters.chunk_by(|a, b| a.0 == b.0) {
            if same.iter().any(|(_, c)| set.contains(*c)) {
                ranges.extend(same.iter().map(|(_, c)| (*c, *c)));
            }
        }
        CharSet::new(ranges)
    }
}

/// Every letter that has more than one case.
fn letters() -> Vec<(u32, u32)> {
    let mut all: Vec<(u32, u32)> =
        (0..CASELESS).filter_map(char::from_u32).map(|c| (folded(c), u32::from(c))).collect();
    order::sort(&mut all);
    all.chunk_by(|a, b| a.0 == b.0).filter(|same| same.len() > 1).flatten().copied().collect()
}

fn folded(c: char) -> u32 {
    let code = u32::from(c);
    if LONERS.contains(&code) {
        return code;
    }
    if let Some((first, _)) = TWINS.iter().find(|(_, second)| *second == code) {
        return *first;
    }
    let mut upper = c.to_uppercase();
    let capital = if upper.len() == 1 { upper.next().unwrap_or(c) } else { c };
    let mut lower = capital.to_lowercase();
    u32::from(if lower.len() == 1 { lower.next().unwrap_or(capital) } else { capital })
}

#[cfg(test)]
mod tests;
