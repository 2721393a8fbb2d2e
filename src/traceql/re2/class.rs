//! Character classes and escapes as RE2 reads them: `\d`, `[[:alpha:]]`, `\p{Greek}`, `[^a-z]`, `\x41`.

use super::set::{CharSet, LAST};
use super::unicode::{self, Folding};

type Result<T> = std::result::Result<T, &'static str>;

/// Closes over case where cases make no difference.
fn close(set: CharSet, folding: Option<&mut Folding>) -> CharSet {
    match folding {
        Some(folding) => folding.close(&set),
        None => set,
    }
}

/// `\d`, `\pL` and their like; `tail` begins behind the backslash. None where the escape is another one.
pub(super) fn named<'p>(tail: &'p str, folding: Option<&mut Folding>) -> Result<Option<(CharSet, &'p str)>> {
    let Some(kind) = tail.bytes().next() else { return Ok(None) };
    let (set, behind) = match kind.to_ascii_lowercase() {
        b'd' => (CharSet::of_pairs("09"), &tail[1..]),
        b's' => (CharSet::of_pairs("\t\n\x0C\r  "), &tail[1..]),
        b'w' => (CharSet::of_pairs("09AZ__az"), &tail[1..]),
        b'p' => {
            let wrong = "invalid character class range";
            let behind = &tail[1..];
            let first = behind.chars().next().ok_or(wrong)?;
            let (name, behind) = match behind.strip_prefix('{') {
                Some(name) => name.split_once('}').ok_or(wrong)?,
                None => behind.split_at(first.len_utf8()),
            };
            let (inverse, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
            let set = unicode::property(name).ok_or(wrong)?;
            let set = close(set, folding);
            let negated = (kind == b'P') != inverse;
            return Ok(Some((if negated { set.negated() } else { set }, behind)));
        }
        _ => return Ok(None),
    };
    let set = close(set, folding);
    Ok(Some((if kind.is_ascii_uppercase() { set.negated() } else { set }, behind)))
}

/// The one character that an escape stands for; `tail` begins behind the backslash.
pub(super) fn character(tail: &str) -> Result<(u32, &str)> {
    let wrong = "invalid escape sequence";
    let c = tail.chars().next().ok_or("trailing backslash")?;
    let behind = &tail[c.len_utf8()..];
    let plain = match c {
        'a' => 0x07,
        'f' => 0x0C,
        't' => 0x09,
        'n' => 0x0A,
        'r' => 0x0D,
        'v' => 0x0B,
        'x' => {
            let (digits, behind) = match behind.strip_prefix('{') {
                Some(inner) => inner.split_once('}').ok_or(wrong)?,
                None => behind.split_at_checked(2).ok_or(wrong)?,
            };
            let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
            let code = u32::from_str_radix(digits, 16).ok().filter(|code| hex && *code <= LAST);
            return Ok((code.ok_or(wrong)?, behind));
        }
        '0'..='7' => {
            let len = tail.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            // A single digit would refer back, which RE2 cannot.
            if c != '0' && len < 2 {
                return Err(wrong);
            }
            let code = tail.bytes().take(len).fold(0, |code, b| code * 8 + u32::from(b - b'0'));
            return Ok((code, &tail[len..]));
        }
        c if c.is_ascii() && !c.is_ascii_alphanumeric() => u32::from(c),
        _ => return Err(wrong),
    };
    Ok((plain, behind))
}

/// A set in brackets; `tail` begins behind the opening one. Returns what follows it.
pub(super) fn bracketed<'p>(tail: &'p str, mut folding: Option<&mut Folding>) -> Result<(CharSet, &'p str)> {
    let (negated, mut rest) = tail.strip_prefix('^').map_or((false, tail), |rest| (true, rest));
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    // What is written out; classes with a name have cases of their own.
    let mut written: Vec<(u32, u32)> = Vec::new();
    let mut first = true;
    loop {
        if let Some(behind) = rest.strip_prefix(']').filter(|_| !first) {
            ranges.extend_from_slice(close(CharSet::new(written), folding).ranges());
            let set = CharSet::new(ranges);
            return Ok((if negated { set.negated() } else { set }, behind));
        }
        first = false;
        if let Some((name, behind)) = rest.strip_prefix("[:").and_then(|name| name.split_once(":]")) {
            let (inverse, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
            let set = CharSet::of_pairs(posix(name).ok_or("invalid character class")?);
            let set = close(set, folding.as_deref_mut());
            ranges.extend_from_slice(if inverse { set.negated() } else { set }.ranges());
            rest = behind;
            continue;
        }
        if let Some(escaped) = rest.strip_prefix('\\')
            && let Some((set, behind)) = named(escaped, folding.as_deref_mut())?
        {
            ranges.extend_from_slice(set.ranges());
            rest = behind;
            continue;
        }
        let (low, behind) = member(rest)?;
        rest = behind;
        let mut high = low;
        if let Some(behind) = rest.strip_prefix('-')
            && !behind.starts_with(']')
        {
            (high, rest) = member(behind)?;
            if high < low {
                return Err("invalid character class range");
            }
        }
        written.push((low, high));
    }
}

fn member(rest: &str) -> Result<(u32, &str)> {
    if let Some(escaped) = rest.strip_prefix('\\') {
        return character(escaped);
    }
    let c = rest.chars().next().ok_or("missing closing ]")?;
    Ok((u32::from(c), &rest[c.len_utf8()..]))
}

/// A class of POSIX as pairs of characters, low and high.
fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => "09AZaz",
        "alpha" => "AZaz",
        "ascii" => "\0\x7F",
        "blank" => "\t\t  ",
        "cntrl" => "\0\x1F\x7F\x7F",
        "digit" => "09",
        "graph" => "!~",
        "lower" => "az",
        "print" => " ~",
        "punct" => "!/:@[`{~",
        "space" => "\t\r  ",
        "upper" => "AZ",
        "word" => "09AZ__az",
        "xdigit" => "09AFaf",
        _ => return None,
    })
}
