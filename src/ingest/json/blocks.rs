//! Looking for bytes in short runs: sixteen at a time where the machine has wide registers, without the calls that the
//! usual search makes for long ones.

/// Where a string ends, has an escape or a line end, counted from its first character.
#[inline]
pub(super) fn string_end(rest: &[u8]) -> Option<usize> {
    // Most strings are short: a few words are looked at before a call that sets up wide registers.
    let mut at = 0;
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    while at < 32 {
        let Some(block) = rest.get(at..).and_then(<[u8]>::first_chunk::<16>) else { break };
        let found = in_block(block, *b"\"\\\n");
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize);
        }
        at += 16;
    }
    while at < 32 {
        let Some(word) = rest.get(at..).and_then(<[u8]>::first_chunk::<8>) else {
            let end = rest[at..].iter().position(|&c| matches!(c, b'"' | b'\\' | b'\n'));
            return end.map(|end| at + end);
        };
        let found = ends(u64::from_le_bytes(*word));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    memchr::memchr3(b'"', b'\\', b'\n', rest.get(at..)?).map(|end| at + end)
}

/// The high bit of each byte that ends a string or a plain piece of it; bits above the first may be wrong.
#[inline]
fn ends(word: u64) -> u64 {
    const ONES: u64 = u64::MAX / 255;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word;
    let is = |c: u8| zero(word ^ (ONES * u64::from(c)));
    (is(b'"') | is(b'\\') | is(b'\n')) & (ONES << 7)
}

/// A bit for each of sixteen bytes that is one of three.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
fn in_block(block: &[u8; 16], [a, b, c]: [u8; 3]) -> u16 {
    use core::arch::wasm32::{i8x16_bitmask, i8x16_eq, i8x16_splat, u64x2, v128_or};
    let (words, _) = block.as_chunks::<8>();
    let bytes = u64x2(u64::from_le_bytes(words[0]), u64::from_le_bytes(words[1]));
    let is = |c: u8| i8x16_eq(bytes, i8x16_splat(c as i8));
    i8x16_bitmask(v128_or(v128_or(is(a), is(b)), is(c)))
}

/// Where the first closing braces side by side end, two or more.
#[inline(always)]
pub(super) fn braces_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    let pair = |brace: usize| bytes.get(brace + 1) == Some(&b'}');
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<16>) {
        let mut found = in_block(block, [b'}'; 3]);
        while found != 0 {
            let brace = at + found.trailing_zeros() as usize;
            if pair(brace) {
                return Some(run_end(bytes, brace));
            }
            found &= found - 1;
        }
        at += 16;
    }
    while let Some(found) = memchr::memchr(b'}', bytes.get(at..)?) {
        if pair(at + found) {
            return Some(run_end(bytes, at + found));
        }
        at += found + 1;
    }
    None
}

#[inline(always)]
fn run_end(bytes: &[u8], brace: usize) -> usize {
    brace + bytes[brace..].iter().take_while(|&&byte| byte == b'}').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_strings_and_of_braces_are_found_wherever_they_stand() {
        for at in 0..80 {
            for (end, more) in [("\"", "x"), ("\\", "\""), ("\n", "")] {
                let text = format!("{}{end}{more}", "a".repeat(at));
                assert_eq!(string_end(text.as_bytes()), Some(at), "{text}");
            }
            assert_eq!(string_end("a".repeat(at).as_bytes()), None);
            for run in 2..5 {
                let text = format!("{}{},", "}]".repeat(at), "}".repeat(run));
                assert_eq!(braces_end(text.as_bytes()), Some(2 * at + run), "{text}");
            }
            assert_eq!(braces_end("}]".repeat(at).as_bytes()), None);
            assert_eq!(braces_end(format!("{}}}", "]".repeat(at)).as_bytes()), None);
        }
    }
}
