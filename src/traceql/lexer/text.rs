//! String literals: Go's interpreted ("…") and raw (`…`) strings.

use super::Lexer;
use crate::traceql::Error;

impl Lexer<'_> {
    pub(super) fn string(&mut self) -> Result<String, Error> {
        let rest = self.rest();
        if let Some(raw) = rest.strip_prefix('`') {
            let Some(len) = raw.find('`') else {
                return self.error("expected a closing back quote, found the end of the query", None);
            };
            self.at += len + 2;
            // Go drops carriage returns from raw strings.
            return Ok(raw[..len].replace('\r', ""));
        }
        let mut bytes = Vec::new();
        let mut chars = rest.char_indices();
        chars.next();
        while let Some((i, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += i + 1;
                    // \xHH writes bytes; the store keeps only UTF-8, so what is none cannot be found anyway.
                    return Ok(String::from_utf8_lossy(&bytes).into_owned());
                }
                '\n' => break,
                '\\' => {
                    let Some((len, piece)) = escape(&rest[i + 1..]) else {
                        self.at += i;
                        return self.error(
                            "expected an escape such as \\n, \\\" or \\\\, found an unknown one",
                            Some("a backslash is written \\\\, or the string put in back quotes"),
                        );
                    };
                    bytes.extend_from_slice(&piece.0[..piece.1]);
                    for _ in 0..len {
                        chars.next();
                    }
                }
                c => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
        self.error("expected a closing double quote, found the end of the line", None)
    }
}

/// The escape that `text` (behind the backslash) begins with: its length in ASCII characters and its
/// bytes.
fn escape(text: &str) -> Option<(usize, ([u8; 4], usize))> {
    let first = *text.as_bytes().first()?;
    let single = |b: u8| Some((1, ([b, 0, 0, 0], 1)));
    let digits = |from: usize, len: usize, radix: u32| {
        let piece = text.get(from..from + len)?;
        let all = piece.bytes().all(|b| (b as char).is_digit(radix));
        all.then(|| u32::from_str_radix(piece, radix).ok()).flatten()
    };
    let unicode = |len: usize| {
        let mut bytes = [0; 4];
        let n = char::from_u32(digits(1, len, 16)?)?.encode_utf8(&mut bytes).len();
        Some((len + 1, (bytes, n)))
    };
    match first {
        b'a' => single(7),
        b'b' => single(8),
        b'f' => single(12),
        b'n' => single(b'\n'),
        b'r' => single(b'\r'),
        b't' => single(b'\t'),
        b'v' => single(11),
        b'\\' | b'"' => single(first),
        b'x' => Some((3, ([u8::try_from(digits(1, 2, 16)?).ok()?, 0, 0, 0], 1))),
        b'0'..=b'7' => Some((3, ([u8::try_from(digits(0, 3, 8)?).ok()?, 0, 0, 0], 1))),
        b'u' => unicode(4),
        b'U' => unicode(8),
        _ => None,
    }
}
