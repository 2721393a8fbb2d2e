//! Base64, standard and URL-safe alphabets, padded or not (RFC 4648 §4 and §5).

/// Value of a character in either alphabet.
fn value(c: u8) -> Option<u32> {
    Some(u32::from(match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    }))
}

/// The bytes of a base64 text; none where it is not one.
pub(crate) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let end = text.iter().position(|&c| c == b'=').unwrap_or(text.len());
    let (text, padding) = text.split_at(end);
    if padding.len() > 2 || padding.iter().any(|&c| c != b'=') || text.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut word, mut bits) = (0_u32, 0);
    for &c in text {
        word = (word << 6) | value(c)?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push((word >> bits) as u8);
        }
    }
    Some(bytes)
}

/// The padded base64 text of bytes: the model's, which the script door uses too.
pub(crate) use crate::model::base64 as encode;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for text in ["", "f", "fo", "foo", "foob", "fooba", "foobar"] {
            assert_eq!(decode(encode(text.as_bytes()).as_bytes()).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(encode(b"fo"), "Zm8=");
        assert_eq!(decode(b"-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(decode(b"a"), None);
        assert_eq!(decode(b"ab~="), None);
    }
}
