//! A pull lexer over JSON bytes: strings, numbers, members, and skipping of whole values without recursion.
//!
//! It reads what `JSON.parse` would, and a little more that real files hold (bare NaN, a comma before a closing
//! bracket); each such liberty is told to the caller. It never looks behind the end of the buffer: a value that
//! is not whole fails with [`Fail::More`].

use super::blocks::string_end;
use super::scalar::is_scalar;
use crate::store::hash::same;

/// Why a value could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fail {
    /// The buffer ends inside the value.
    More,
    /// Not JSON at this offset of the buffer.
    Syntax(usize, &'static str),
}

/// What reading gives.
pub(crate) type Read<T> = Result<T, Fail>;

/// A place in the buffer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cursor<'a> {
    bytes: &'a [u8],
    pos: usize,
    /// Whether the buffer's end is the end of the input: a number may then end there.
    last: bool,
    /// The last byte before the buffer that is not white space.
    prior: u8,
    /// Commas that stood before a closing bracket, and the first one's offset.
    pub(crate) commas: Option<usize>,
    /// Halves of surrogate pairs that were replaced.
    pub(crate) surrogates: u32,
}

pub(super) const fn is_space(c: u8) -> bool {
    matches!(c, b' ' | b'\t' | b'\r' | b'\n')
}

impl<'a> Cursor<'a> {
    /// A cursor at the start of a buffer; `last` when nothing follows it.
    pub(crate) fn new(bytes: &'a [u8], last: bool) -> Self {
        Self { bytes, pos: 0, last, prior: b'{', commas: None, surrogates: 0 }
    }

    /// The same behind bytes that were taken before, of which this is the last that is not white space.
    pub(crate) fn behind(self, prior: u8) -> Self {
        Self { prior, ..self }
    }

    /// Offset in the buffer.
    #[inline]
    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    /// Goes back (or ahead) to an offset.
    pub(crate) fn seek(&mut self, pos: usize) {
        self.pos = pos;
    }

    /// The bytes between two offsets.
    pub(crate) fn slice(&self, from: usize, to: usize) -> &'a [u8] {
        self.bytes.get(from..to).unwrap_or_default()
    }

    /// The bytes from here on.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.pos..).unwrap_or_default()
    }

    /// The line from here on, at most `most` bytes of it.
    pub(super) fn line(&self, most: usize) -> Read<&'a [u8]> {
        let rest = self.rest();
        match rest.iter().take(most).position(|&c| c == b'\n') {
            Some(end) => Ok(&rest[..end]),
            None if rest.len() < most && !self.last => Err(Fail::More),
            None => Ok(&rest[..rest.len().min(most)]),
        }
    }

    /// Takes these bytes if they stand here to the letter.
    #[inline(always)]
    pub(crate) fn literal<const N: usize>(&mut self, literal: &[u8; N]) -> bool {
        let head = self.bytes.get(self.pos..).and_then(<[u8]>::first_chunk);
        let found = head.is_some_and(|head| equal(head, literal));
        self.pos += if found { N } else { 0 };
        found
    }

    /// Takes a key and its colon, and the comma before unless it is the first, if they stand here to the letter.
    #[inline(always)]
    pub(super) fn key(&mut self, first: &mut bool, key: &[u8]) -> bool {
        let from = self.pos + usize::from(!*first);
        let found = (*first || self.bytes.get(self.pos) == Some(&b','))
            && self.bytes.get(from..from + key.len()).is_some_and(|here| same(here, key));
        if found {
            self.pos = from + key.len();
            *first = false;
        }
        found
    }

    /// What stands here in quotes if it has this length; it may hold anything. Nothing is taken.
    #[inline(always)]
    pub(super) fn quoted<const N: usize>(&self) -> Option<&'a [u8; N]> {
        let [b'"', rest @ ..] = self.rest() else { return None };
        rest.first_chunk().filter(|_| rest.get(N) == Some(&b'"'))
    }

    /// Reads a string without escapes up to and with its closing quote; the opening one was taken.
    #[inline]
    pub(crate) fn rest_of_plain_string(&mut self) -> Option<&'a [u8]> {
        let rest = self.bytes.get(self.pos..)?;
        let end = string_end(rest)?;
        if rest[end] != b'"' {
            return None;
        }
        self.pos += end + 1;
        Some(&rest[..end])
    }

    /// The failure for what stands at the cursor.
    #[cold]
    pub(crate) fn syntax<T>(&self, expected: &'static str) -> Read<T> {
        Err(Fail::Syntax(self.pos, expected))
    }

    /// The next byte that is not white space, not taken.
    #[inline]
    pub(crate) fn peek(&mut self) -> Read<u8> {
        while let Some(&c) = self.bytes.get(self.pos) {
            if c > b' ' || !is_space(c) {
                return Ok(c);
            }
            self.pos += 1;
        }
        Err(Fail::More)
    }

    /// Takes one byte that was peeked.
    #[inline]
    pub(crate) fn bump(&mut self) {
        self.pos += 1;
    }

    /// Takes `want` if it stands here.
    #[inline]
    pub(crate) fn take(&mut self, want: u8, expected: &'static str) -> Read<()> {
        if self.peek()? == want {
            self.pos += 1;
            Ok(())
        } else {
            self.syntax(expected)
        }
    }

    /// Goes to the next element of an array whose bracket was taken: false at its end.
    #[inline]
    pub(crate) fn element(&mut self, first: &mut bool) -> Read<bool> {
        let c = self.peek()?;
        if c == b']' {
            self.pos += 1;
            return Ok(false);
        }
        if std::mem::take(first) {
            return Ok(true);
        }
        if c != b',' {
            return self.syntax("a comma or ] was expected");
        }
        self.pos += 1;
        if self.peek()? == b']' {
            self.commas.get_or_insert(self.pos - 1);
            self.pos += 1;
            return Ok(false);
        }
        Ok(true)
    }

    /// Goes to the next member of an object whose brace was taken and reads its key and colon: none at its end.
    #[inline]
    pub(crate) fn member<'s>(&mut self, first: &mut bool, scratch: &'s mut Vec<u8>) -> Read<Option<&'s [u8]>>
    where
        'a: 's,
    {
        let mut c = self.peek()?;
        if !std::mem::take(first) && c == b',' {
            self.pos += 1;
            c = self.peek()?;
            if c == b'}' {
                self.commas.get_or_insert(self.pos - 1);
            }
        } else if c == b'"' && !matches!(self.before(), b'{' | b',') {
            return self.syntax("a comma or } was expected");
        }
        if c == b'}' {
            self.pos += 1;
            return Ok(None);
        }
        if c != b'"' {
            return self.syntax("a key in double quotes was expected");
        }
        let key = self.string(scratch)?;
        self.take(b':', "a colon was expected")?;
        Ok(Some(key))
    }

    /// The last byte before the cursor that is not white space.
    fn before(&self) -> u8 {
        self.bytes[..self.pos].iter().rev().copied().find(|&c| !is_space(c)).unwrap_or(self.prior)
    }

    /// Reads a string; one with escapes is built in `scratch`.
    #[inline]
    pub(crate) fn string<'s>(&mut self, scratch: &'s mut Vec<u8>) -> Read<&'s [u8]>
    where
        'a: 's,
    {
        if self.peek()? != b'"' {
            return self.syntax("a string was expected");
        }
        let start = self.pos + 1;
        let rest = self.bytes.get(start..).unwrap_or_default();
        let Some(end) = string_end(rest) else { return Err(Fail::More) };
        if rest[end] == b'"' {
            self.pos = start + end + 1;
            return Ok(&rest[..end]);
        }
        self.escaped(start, end, scratch)
    }

    /// Reads a string without escapes; none, and nothing taken, where it has some.
    #[inline]
    pub(crate) fn plain_string(&mut self) -> Read<Option<&'a [u8]>> {
        if self.peek()? != b'"' {
            return self.syntax("a string was expected");
        }
        let rest = &self.bytes[self.pos + 1..];
        let Some(end) = string_end(rest) else { return Err(Fail::More) };
        if rest[end] != b'"' {
            return Ok(None);
        }
        self.pos += end + 2;
        Ok(Some(&rest[..end]))
    }

    #[cold]
    fn escaped<'s>(&mut self, start: usize, first: usize, scratch: &'s mut Vec<u8>) -> Read<&'s [u8]> {
        scratch.clear();
        let mut from = start;
        let mut at = start + first;
        loop {
            scratch.extend_from_slice(&self.bytes[from..at]);
            match self.bytes[at] {
                b'"' => {
                    self.pos = at + 1;
                    return Ok(scratch);
                }
                b'\n' => return Err(Fail::Syntax(at, "a line end stands inside a string")),
                _ => at = self.escape(at, scratch)?,
            }
            from = at;
            at += string_end(self.bytes.get(at..).unwrap_or_default()).ok_or(Fail::More)?;
        }
    }

    /// Reads one escape whose backslash stands at `at`; returns where it ends.
    fn escape(&mut self, at: usize, scratch: &mut Vec<u8>) -> Read<usize> {
        let c = *self.bytes.get(at + 1).ok_or(Fail::More)?;
        let plain = match c {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'"' | b'\\' | b'/' => c,
            b'u' => return self.unicode(at, scratch),
            _ => return Err(Fail::Syntax(at, "an escape that JSON does not know")),
        };
        scratch.push(plain);
        Ok(at + 2)
    }

    fn unicode(&mut self, at: usize, scratch: &mut Vec<u8>) -> Read<usize> {
        let unit = |at: usize| -> Read<u32> {
            let digits = self.bytes.get(at..at + 4).ok_or(Fail::More)?;
            let text = std::str::from_utf8(digits).unwrap_or("x");
            u32::from_str_radix(text, 16).map_err(|_| Fail::Syntax(at, "four hex digits were expected"))
        };
        let mut code = unit(at + 2)?;
        let mut end = at + 6;
        if (0xd800..0xdc00).contains(&code) {
            // A pair needs six more bytes; what is there must begin as one.
            match self.bytes.get(end..end + 2) {
                None if self.bytes.get(end).is_none_or(|&c| c == b'\\') => return Err(Fail::More),
                Some(b"\\u") => {
                    let low = unit(end + 2)?;
                    if (0xdc00..0xe000).contains(&low) {
                        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                        end += 6;
                    }
                }
                _ => {}
            }
        }
        let c = char::from_u32(code).unwrap_or_else(|| {
            self.surrogates += 1;
            char::REPLACEMENT_CHARACTER
        });
        scratch.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(end)
    }

    /// The characters of a number or word (`true`, `null`, `NaN`), up to what ends it.
    #[inline]
    pub(crate) fn token(&mut self) -> Read<&'a [u8]> {
        self.peek()?;
        let rest = &self.bytes[self.pos..];
        let plain = |c: &u8| c.is_ascii_alphanumeric() || matches!(c, b'+' | b'-' | b'.');
        let end = match rest.iter().position(|c| !plain(c)) {
            Some(end) => end,
            None if self.last => rest.len(),
            None => return Err(Fail::More),
        };
        if end == 0 {
            return self.syntax("a value was expected");
        }
        self.pos += end;
        Ok(&rest[..end])
    }

    /// Takes `null` if it stands here.
    #[inline]
    pub(crate) fn null(&mut self) -> Read<bool> {
        if self.peek()? != b'n' {
            return Ok(false);
        }
        let at = self.pos;
        if self.token()? == b"null" {
            return Ok(true);
        }
        self.pos = at;
        self.syntax("a value was expected")
    }

    /// Skips one whole value.
    pub(crate) fn skip(&mut self) -> Read<()> {
        match self.peek()? {
            b'"' => self.skip_string(),
            b'{' | b'[' => self.skip_nested(),
            _ => {
                let at = self.pos;
                let token = self.token()?;
                if is_scalar(token) {
                    return Ok(());
                }
                self.pos = at;
                self.syntax("a value was expected")
            }
        }
    }

    fn skip_string(&mut self) -> Read<()> {
        let mut at = self.pos + 1;
        loop {
            at += string_end(self.bytes.get(at..).unwrap_or_default()).ok_or(Fail::More)?;
            match self.bytes[at] {
                b'"' => {
                    self.pos = at + 1;
                    return Ok(());
                }
                b'\n' => return Err(Fail::Syntax(at, "a line end stands inside a string")),
                _ if at + 1 < self.bytes.len() => at += 2,
                _ => return Err(Fail::More),
            }
        }
    }

    /// Skips an array or object by counting brackets outside strings; what is inside is not checked further.
    fn skip_nested(&mut self) -> Read<()> {
        let mut open = 0_u64;
        loop {
            let rest = &self.bytes[self.pos..];
            let next = rest.iter().position(|c| matches!(c, b'"' | b'{' | b'}' | b'[' | b']'));
            self.pos += next.ok_or(Fail::More)?;
            match self.bytes[self.pos] {
                b'"' => {
                    self.skip_string()?;
                    continue;
                }
                b'{' | b'[' => open += 1,
                _ => open -= 1,
            }
            self.pos += 1;
            if open == 0 {
                return Ok(());
            }
        }
    }
}

/// Whether two short runs of bytes are equal: by words, for wasm's compilers call a function that goes byte by byte.
#[inline(always)]
fn equal<const N: usize>(a: &[u8; N], b: &[u8; N]) -> bool {
    let differ = |at: usize| {
        let word = |bytes: &[u8; N]| bytes[at..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
        word(a) ^ word(b)
    };
    match N {
        8 => differ(0) == 0,
        9..=16 => differ(0) | differ(N - 8) == 0,
        17..=24 => differ(0) | differ(8) | differ(N - 8) == 0,
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(json: &str) -> Read<String> {
        let read = |s: &[u8]| String::from_utf8_lossy(s).into_owned();
        Cursor::new(json.as_bytes(), true).string(&mut Vec::new()).map(read)
    }

    #[test]
    fn strings_are_unescaped() {
        assert_eq!(string(r#""plain é""#).as_deref(), Ok("plain é"));
        assert_eq!(string(r#""a\"b\\c\/d\n\u00e9\ud83d\ude00""#).as_deref(), Ok("a\"b\\c/d\né😀"));
        assert_eq!(string(r#""x\ud83dy""#).as_deref(), Ok("x\u{fffd}y"));
        assert_eq!(string("\"a\nb\""), Err(Fail::Syntax(2, "a line end stands inside a string")));
        for cut in [r#"""#, r#""a"#, r#""a\"#, r#""a\u00"#, r#""a\ud83d"#, r#""a\ud83d\ude"#] {
            assert_eq!(string(cut), Err(Fail::More), "{cut}");
        }
    }

    #[test]
    fn values_are_skipped_whole() {
        for json in [r#"{"a":[1,{"b":"]}"}],"c":null}"#, r#""x\"y""#, "-1.5e3", "true", "[[[]]]"] {
            let text = format!(" {json},");
            let mut cursor = Cursor::new(text.as_bytes(), false);
            assert_eq!(cursor.skip(), Ok(()), "{json}");
            assert_eq!(cursor.pos(), text.len() - 1, "{json}");
            for cut in 1..json.len() {
                let mut cursor = Cursor::new(&json.as_bytes()[..cut], false);
                assert_eq!(cursor.skip(), Err(Fail::More), "{}", &json[..cut]);
            }
        }
    }

    #[test]
    fn members_and_elements_are_walked() {
        let mut cursor = Cursor::new(br#"{"a":1, "b" :[ 2,3 , ] ,}"#, true);
        cursor.bump();
        let mut scratch = Vec::new();
        let mut first = true;
        assert_eq!(cursor.member(&mut first, &mut scratch), Ok(Some(&b"a"[..])));
        assert_eq!(cursor.token(), Ok(&b"1"[..]));
        assert_eq!(cursor.member(&mut first, &mut scratch), Ok(Some(&b"b"[..])));
        assert_eq!(cursor.take(b'[', ""), Ok(()));
        let mut head = true;
        let mut elements = 0;
        while cursor.element(&mut head) == Ok(true) {
            assert!(cursor.token().is_ok());
            elements += 1;
        }
        assert_eq!(elements, 2);
        assert_eq!(cursor.member(&mut first, &mut scratch), Ok(None));
        assert_eq!(cursor.commas, Some(20));
    }
}
