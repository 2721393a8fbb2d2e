//! Ids in every dress: hex, base64, with `0x`, as UUID, as bytes, too short, or no id at all.
//!
//! A viewer keeps a span whose id is odd: short ids get zeros in front, and what is no id gets a stand-in made of its
//! text, the same for the same text, so that parents and children still find each other. (`specs/otlp.md` §6.1)

use super::base64;
use super::repair::Repair;
use super::report::Findings;
use crate::model::{SpanId, TraceId};

/// A trace id of 16 bytes or another length.
pub(crate) fn trace_bytes(bytes: &[u8], findings: &mut Findings) -> TraceId {
    TraceId(fit(bytes, findings))
}

/// A span id of 8 bytes or another length.
pub(crate) fn span_bytes(bytes: &[u8], findings: &mut Findings) -> SpanId {
    SpanId(u64::from_be_bytes(fit(bytes, findings)))
}

fn fit<const N: usize>(bytes: &[u8], findings: &mut Findings) -> [u8; N] {
    if let Ok(id) = bytes.try_into() {
        return id;
    }
    if bytes.len() < N {
        if !bytes.is_empty() {
            findings.repair(Repair::ShortIds);
        }
        let mut id = [0; N];
        id[N - bytes.len()..].copy_from_slice(bytes);
        return id;
    }
    opaque(bytes, findings)
}

/// A trace id in 32 hex digits.
#[inline]
pub(crate) fn trace_hex(text: &[u8; 32]) -> Option<TraceId> {
    hex(text).map(TraceId)
}

/// A span id in 16 hex digits.
#[inline]
pub(crate) fn span_hex(text: &[u8; 16]) -> Option<SpanId> {
    hex(text).map(|id| SpanId(u64::from_be_bytes(id)))
}

/// A trace id in text.
pub(crate) fn trace_text(text: &[u8], findings: &mut Findings) -> TraceId {
    let id = text.try_into().ok().and_then(trace_hex);
    id.unwrap_or_else(|| TraceId(odd_text(text, findings)))
}

/// A span id in text.
pub(crate) fn span_text(text: &[u8], findings: &mut Findings) -> SpanId {
    let id = text.try_into().ok().and_then(span_hex);
    id.unwrap_or_else(|| SpanId(u64::from_be_bytes(odd_text(text, findings))))
}

/// Value of a hex digit, 0xff for anything else.
const HEX: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut i = 0;
    while i < 10 {
        table[b'0' as usize + i] = i as u8;
        i += 1;
    }
    i = 0;
    while i < 6 {
        table[b'a' as usize + i] = 10 + i as u8;
        table[b'A' as usize + i] = 10 + i as u8;
        i += 1;
    }
    table
};

#[inline]
fn hex<const N: usize, const DIGITS: usize>(text: &[u8; DIGITS]) -> Option<[u8; N]> {
    let mut id = [0; N];
    for (bytes, digits) in id.chunks_exact_mut(4).zip(text.as_chunks::<8>().0) {
        bytes.copy_from_slice(&eight_hex(*digits)?);
    }
    Some(id)
}

/// The bytes of eight hex digits, all at once.
#[inline]
fn eight_hex(digits: [u8; 8]) -> Option<[u8; 4]> {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let word = u64::from_le_bytes(digits);
    // The high bit of each byte that is at least so much; right where all bytes are ASCII.
    let from = |word: u64, least: u8| word.wrapping_add(ONES * u64::from(0x80 - least)) & HIGH;
    let digit = from(word, b'0') & !from(word, b'9' + 1);
    let lower = word | (ONES * 0x20);
    let letter = from(lower, b'a') & !from(lower, b'f' + 1);
    if word & HIGH != 0 || digit | letter != HIGH {
        return None;
    }
    let halves = (word & (ONES * 0x0f)) + (letter >> 7) * 9;
    let bytes = ((halves << 4) | (halves >> 8)) & 0x00ff_00ff_00ff_00ff;
    let pairs = (bytes | (bytes >> 8)) & 0x0000_ffff_0000_ffff;
    Some(((pairs | (pairs >> 16)) as u32).to_le_bytes())
}

/// Hex digits of any count up to the full length, zeros in front.
fn short_hex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    if text.is_empty() || text.len() > 2 * N {
        return None;
    }
    let mut id = [0; N];
    for (i, &c) in text.iter().rev().enumerate() {
        let digit = HEX[c as usize];
        if digit > 15 {
            return None;
        }
        id[N - 1 - i / 2] |= digit << (4 * (i % 2));
    }
    Some(id)
}

#[cold]
fn odd_text<const N: usize>(text: &[u8], findings: &mut Findings) -> [u8; N] {
    let text = text.trim_ascii();
    if text.is_empty() {
        return [0; N];
    }
    // Base64 of N bytes has 24 or 12 characters with padding, 22 or 11 without; hex has 32 or 16.
    let bare = text.iter().position(|&c| c == b'=').unwrap_or(text.len());
    if bare == (N * 8).div_ceil(6)
        && let Some(bytes) = base64::decode(text)
        && let Ok(id) = bytes.as_slice().try_into()
        && (text.len() > bare || short_hex::<N>(text).is_none())
    {
        findings.repair(Repair::Base64Ids);
        return id;
    }
    let mut digits = text;
    if let Some(rest) = text.strip_prefix(b"0x").or_else(|| text.strip_prefix(b"0X")) {
        findings.repair(Repair::PrefixedIds);
        digits = rest;
    }
    let dashless: Vec<u8>;
    if N == 16 && digits.len() == 36 && digits.contains(&b'-') {
        findings.repair(Repair::UuidIds);
        dashless = digits.iter().copied().filter(|&c| c != b'-').collect();
        digits = &dashless;
    }
    match short_hex(digits) {
        Some(id) => {
            if digits.len() < 2 * N {
                findings.repair(Repair::ShortIds);
            }
            id
        }
        None => opaque(text, findings),
    }
}

/// A stand-in made of the bytes (FNV-1a, 128 bits, folded).
fn opaque<const N: usize>(bytes: &[u8], findings: &mut Findings) -> [u8; N] {
    findings.repair(Repair::OpaqueIds);
    let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
    for &byte in bytes {
        hash = (hash ^ u128::from(byte)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
    }
    let mut id = [0; N];
    for (i, byte) in hash.to_be_bytes().into_iter().enumerate() {
        id[i % N] ^= byte;
    }
    if id == [0; N] {
        id[N - 1] = 1;
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trace(text: &str) -> (String, Vec<String>) {
        let mut findings = Findings::default();
        let id = trace_text(text.as_bytes(), &mut findings);
        (id.to_string(), findings.take_notes())
    }

    #[test]
    fn eight_hex_digits_are_what_each_of_them_is() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut text = *b"09afAF5c";
                text[at] = byte;
                let expected = std::str::from_utf8(&text)
                    .ok()
                    .filter(|text| text.bytes().all(|c| c.is_ascii_hexdigit()))
                    .and_then(|text| u32::from_str_radix(text, 16).ok())
                    .map(u32::to_be_bytes);
                assert_eq!(eight_hex(text), expected, "{text:?}");
            }
        }
    }

    #[test]
    fn trace_ids_are_read_in_every_dress() {
        let want = "5b8efff798038103d269b633813fc60c";
        for text in [
            want,
            "5B8EFFF798038103D269B633813FC60C",
            "0x5b8efff798038103d269b633813fc60c",
            "5b8efff7-9803-8103-d269-b633813fc60c",
            "W47/95gDgQPSabYzgT/GDA==",
            "W47/95gDgQPSabYzgT/GDA",
        ] {
            assert_eq!(trace(text).0, want, "{text}");
        }
        assert_eq!(trace("d269b633813fc60c").0, "0000000000000000d269b633813fc60c");
        assert_eq!(trace("abc").0, "00000000000000000000000000000abc");
        assert_eq!(trace("").0, "00000000000000000000000000000000");
        assert!(trace("W47/95gDgQPSabYzgT/GDA==").1[0].contains("base64"));
    }

    #[test]
    fn what_is_no_id_gets_a_stable_stand_in() {
        let mut findings = Findings::default();
        let a = span_text(b"zz3e5eae7efc34af", &mut findings);
        assert_eq!(span_text(b"zz3e5eae7efc34af", &mut findings), a);
        assert_ne!(span_text(b"zz3e5eae7efc34ae", &mut findings), a);
        assert!(a.is_some());
        assert_eq!(span_text(b"ac3e5eae7efc34a", &mut findings).to_string(), "0ac3e5eae7efc34a");
        assert_eq!(span_text(b"7uGbfsPBsXQ=", &mut findings).to_string(), "eee19b7ec3c1b174");
        assert_eq!(span_bytes(&[1, 2], &mut findings).0, 0x0102);
    }
}
