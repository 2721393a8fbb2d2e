//! Objects as Node's `console.log` prints them, to JSON: what its `ConsoleSpanExporter` leaves in a log.
//!
//! `util.inspect` is no interchange form, but what it leaves out it says (`[Object]`, `... 3 more items`), so that
//! nothing is guessed: such a remark becomes a text in the place of what it stands for, and is counted. Line ends
//! stay where they are, so places are those of the file. (`specs/otlp.md` §7.3)

use super::Ran;
use crate::ingest::pipe::Pipe;
use crate::ingest::repair::Repair;
use crate::ingest::report::Findings;

/// Bytes taken at most in one call.
const PIECE: usize = 1 << 15;

/// Where in the text it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum At {
    /// Outside of everything, at the start of a line.
    #[default]
    Line,
    /// In a line of something else, which passes as it is.
    Other,
    /// Between tokens.
    Between,
    /// In text within this quote.
    Text(u8),
    /// After a backslash in text within this quote.
    Escape(u8),
    /// In the digits of `\x41`: how many are still to come.
    Hex(u8, u8),
    /// After text, which may go on behind a plus; whether the plus was seen.
    After(bool),
    /// In a name, number or word.
    Word,
    /// After a name, number or word.
    AfterWord,
    /// After `[`.
    Bracket,
    /// In a remark that ends with this byte, or before the end of a line.
    Remark(u8),
}

/// Rewrites the text as it comes.
#[derive(Debug, Default)]
pub(crate) struct Inspect {
    at: At,
    depth: u64,
    /// A word, or a remark, that is not whole yet.
    held: Vec<u8>,
    /// Line ends and blanks after a token whose end is not known yet.
    blanks: Vec<u8>,
}

/// Whether a document of this kind begins here: a brace, blanks, and a name without quotes. None where too little
/// is seen to tell.
pub(crate) fn begins(text: &[u8]) -> Option<bool> {
    let [b'{', rest @ ..] = text else { return Some(false) };
    let name = rest.trim_ascii_start();
    let letters = name.iter().take_while(|&&c| is_word(c)).count();
    match name.get(letters) {
        None if rest.len() > 256 => Some(false),
        None => None,
        Some(&c) => Some(letters > 0 && c == b':' && !name[0].is_ascii_digit()),
    }
}

fn is_word(c: u8) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, b'_' | b'$' | b'-' | b'+' | b'.')
}

impl Inspect {
    pub(super) fn run(&mut self, from: &mut Pipe, to: &mut Pipe, findings: &mut Findings) -> Ran {
        let count = from.len().min(PIECE);
        let out = to.tail();
        if count == 0 {
            if from.ended && !(self.held.is_empty() && self.blanks.is_empty() && self.at != At::After(false))
            {
                self.settle(b'\n', out);
                self.held.clear();
                self.at = At::Between;
                return Ran::Worked;
            }
            return Ran::Hungry;
        }
        for &c in &from.bytes()[..count] {
            self.byte(c, out, findings);
        }
        from.consume(count);
        Ran::Worked
    }

    fn byte(&mut self, c: u8, out: &mut Vec<u8>, findings: &mut Findings) {
        match self.at {
            At::Line | At::Other => {
                self.at = match c {
                    b'\n' => At::Line,
                    b'{' | b'[' if self.at == At::Line => return self.between(c, out),
                    _ if self.at == At::Line && c.is_ascii_whitespace() => At::Line,
                    _ => At::Other,
                };
                out.push(c);
            }
            At::Between => self.between(c, out),
            At::Text(quote) => match c {
                b'\\' => self.at = At::Escape(quote),
                _ if c == quote => self.at = At::After(false),
                _ => letter(c, out),
            },
            At::Escape(quote) => {
                self.at = At::Text(quote);
                match c {
                    b'n' | b'r' | b't' | b'b' | b'f' | b'u' | b'\\' => out.extend_from_slice(&[b'\\', c]),
                    b'x' => {
                        out.extend_from_slice(b"\\u00");
                        self.at = At::Hex(quote, 2);
                    }
                    b'v' => letter(0x0b, out),
                    b'0' => letter(0, out),
                    _ => letter(c, out),
                }
            }
            At::Hex(quote, left) => {
                // Not a digit: whoever reads the JSON says what is wrong with it.
                out.push(c);
                self.at = if left > 1 { At::Hex(quote, left - 1) } else { At::Text(quote) };
            }
            At::After(plus) => match c {
                _ if c.is_ascii_whitespace() => self.blanks.push(c),
                b'+' if !plus => self.at = At::After(true),
                b'\'' | b'"' | b'`' if plus => {
                    self.blanks.clear();
                    self.at = At::Text(c);
                }
                _ => {
                    self.settle(c, out);
                    if c == b'.' {
                        findings.repair(Repair::CutValues);
                    }
                    self.between(c, out);
                    if c == b'.' {
                        // "... 5 more characters" behind text.
                        self.held.clear();
                        self.at = At::Remark(0);
                    }
                }
            },
            At::Word if is_word(c) => self.held.push(c),
            At::Word | At::AfterWord => {
                if c.is_ascii_whitespace() {
                    self.at = At::AfterWord;
                    self.blanks.push(c);
                    return;
                }
                self.settle(c, out);
                self.between(c, out);
            }
            At::Bracket => {
                self.at = At::Between;
                if c.is_ascii_alphabetic() {
                    findings.repair(Repair::CutValues);
                    self.held.extend_from_slice(&[b'[', c]);
                    self.at = At::Remark(b']');
                } else {
                    self.depth += 1;
                    out.push(b'[');
                    self.between(c, out);
                }
            }
            At::Remark(end) => self.remark(end, c, out, findings),
        }
    }

    fn between(&mut self, c: u8, out: &mut Vec<u8>) {
        self.at = At::Between;
        match c {
            b'\'' | b'"' | b'`' => {
                out.push(b'"');
                self.at = At::Text(c);
            }
            b'[' => self.at = At::Bracket,
            b'<' => self.at = At::Remark(b'>'),
            b'(' => self.at = At::Remark(b')'),
            b'.' => {
                self.held.push(c);
                self.at = At::Remark(0);
            }
            _ if is_word(c) => {
                self.held.push(c);
                self.at = At::Word;
            }
            _ => {
                match c {
                    b'{' => self.depth += 1,
                    b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                    _ => {}
                }
                out.push(c);
                if self.depth == 0 && c == b'\n' {
                    self.at = At::Line;
                }
            }
        }
    }

    /// Writes what is held of a token, now that `next` says what it was.
    fn settle(&mut self, next: u8, out: &mut Vec<u8>) {
        match self.at {
            At::After(_) => out.push(b'"'),
            At::Word | At::AfterWord => {
                let number = self.held.strip_suffix(b"n").unwrap_or(&self.held);
                let digits = number.strip_prefix(b"-").unwrap_or(number);
                match &self.held[..] {
                    // The name of a class before its members.
                    _ if matches!(next, b'{' | b'[' | b'(') => {}
                    _ if next == b':' => quoted(&self.held, out),
                    b"undefined" => out.extend_from_slice(b"null"),
                    b"true" | b"false" | b"null" => out.extend_from_slice(&self.held),
                    _ if digits.first().is_some_and(u8::is_ascii_digit) => out.extend_from_slice(number),
                    _ => quoted(&self.held, out),
                }
                self.held.clear();
            }
            _ => {}
        }
        out.append(&mut self.blanks);
        self.at = At::Between;
    }

    /// In words for what is not there, and in marks such as `<ref *1>` and `Map(2)`.
    fn remark(&mut self, end: u8, c: u8, out: &mut Vec<u8>, findings: &mut Findings) {
        let stop = if end == 0 { matches!(c, b',' | b'\n' | b'}' | b']') } else { c == end || c == b'\n' };
        if !stop {
            if self.held.len() < 200 && (!self.held.is_empty() || end == b'>') {
                self.held.push(c);
            }
            return;
        }
        let held = std::mem::take(&mut self.held);
        self.at = At::Between;
        match end {
            b']' => quoted(&[&held[..], b"]"].concat(), out),
            b'>' if held.first().is_some_and(u8::is_ascii_digit) => {
                findings.repair(Repair::CutValues);
                out.extend_from_slice(b"null");
            }
            0 if !held.is_empty() => {
                findings.repair(Repair::CutValues);
                quoted(held.trim_ascii_end(), out);
            }
            _ => {}
        }
        if end == 0 || c == b'\n' {
            self.between(c, out);
        }
    }
}

/// A byte of text; what JSON does not allow bare is escaped.
fn letter(c: u8, out: &mut Vec<u8>) {
    match c {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', c]),
        0..0x20 => {
            let digit = |n: u8| if n < 10 { b'0' + n } else { b'a' + n - 10 };
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(c >> 4), digit(c & 15)]);
        }
        _ => out.push(c),
    }
}

fn quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for &c in text {
        letter(c, out);
    }
    out.push(b'"');
}
