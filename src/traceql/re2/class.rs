//! Character classes and escapes of RE2, rewritten for the `regex` crate: every literal is escaped, every
//! class spelled out, so that none of that crate's own set syntax can be met by accident.

use std::fmt::Write as _;

/// Appends a character that stands for itself.
pub(super) fn literal(out: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || c == '_' || c == ' ' || !c.is_ascii() {
        out.push(c);
    } else {
        // Writing to a string cannot fail.
        let _ = write!(out, r"\x{:02X}", c as u32);
    }
}

/// `\d` and its like: the inside of an equivalent set.
pub(super) fn perl(tail: &str) -> Option<(&'static str, &str)> {
    let class = match tail.as_bytes().first()? {
        b'd' => "0-9",
        b'D' => "^0-9",
        b's' => r"\t\n\x0C\r ",
        b'S' => r"^\t\n\x0C\r ",
        b'w' => "0-9A-Za-z_",
        b'W' => "^0-9A-Za-z_",
        _ => return None,
    };
    Some((class, &tail[1..]))
}

/// `\pL`, `\p{Greek}`, `\P…`, `\p{^…}`; none where the escape is another one.
pub(super) fn property(tail: &str) -> Option<Result<(String, &str), String>> {
    let negated = match tail.as_bytes().first()? {
        b'p' => false,
        b'P' => true,
        _ => return None,
    };
    let wrong = || "invalid character class range".to_owned();
    let found = || {
        let behind = &tail[1..];
        let first = behind.chars().next().ok_or_else(wrong)?;
        let (name, behind) = if first == '{' {
            behind[1..].split_once('}').ok_or_else(wrong)?
        } else {
            behind.split_at(first.len_utf8())
        };
        let (negated, name) = name.strip_prefix('^').map_or((negated, name), |n| (!negated, n));
        if name.is_empty() || !name.chars().all(|c| c == '_' || c.is_ascii_alphabetic()) {
            return Err(wrong());
        }
        Ok((format!(r"\{}{{{name}}}", if negated { 'P' } else { 'p' }), behind))
    };
    Some(found())
}

/// The one character that an escape stands for.
pub(super) fn character(tail: &str) -> Result<(char, &str), String> {
    let wrong = || format!("invalid escape sequence \\{}", tail.chars().next().unwrap_or(' '));
    let c = tail.chars().next().ok_or("trailing backslash")?;
    let behind = &tail[c.len_utf8()..];
    let plain = |c: char| Ok((c, behind));
    match c {
        'a' => plain('\x07'),
        'f' => plain('\x0C'),
        't' => plain('\t'),
        'n' => plain('\n'),
        'r' => plain('\r'),
        'v' => plain('\x0B'),
        'x' => {
            let (digits, behind) = match behind.strip_prefix('{') {
                Some(inner) => inner.split_once('}').ok_or_else(wrong)?,
                None => behind.split_at_checked(2).ok_or_else(wrong)?,
            };
            let hex = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
            let value = hex.then(|| u32::from_str_radix(digits, 16).ok().and_then(char::from_u32)).flatten();
            Ok((value.ok_or_else(wrong)?, behind))
        }
        '0'..='7' => {
            let len = tail.bytes().take(3).take_while(|b| (b'0'..=b'7').contains(b)).count();
            if c != '0' && len < 2 {
                return Err(wrong());
            }
            let value = u32::from_str_radix(&tail[..len], 8).ok().and_then(char::from_u32);
            Ok((value.ok_or_else(wrong)?, &tail[len..]))
        }
        c if c.is_ascii_punctuation() => plain(c),
        _ => Err(wrong()),
    }
}

/// A set; `tail` begins behind the opening bracket. Returns what follows it.
pub(super) fn set<'p>(tail: &'p str, out: &mut String) -> Result<&'p str, String> {
    let mut rest = tail;
    out.push('[');
    if let Some(behind) = rest.strip_prefix('^') {
        out.push('^');
        rest = behind;
    }
    let mut first = true;
    loop {
        let c = rest.chars().next().ok_or("missing closing ]")?;
        if c == ']' && !first {
            out.push(']');
            return Ok(&rest[1..]);
        }
        first = false;
        if rest.starts_with("[:")
            && let Some(end) = rest.find(":]")
        {
            let name = &rest[2..end];
            let (negated, name) = name.strip_prefix('^').map_or(("", name), |n| ("^", n));
            out.extend(["[", negated, posix(name).ok_or("invalid character class")?, "]"]);
            rest = &rest[end + 2..];
            continue;
        }
        if let Some(escaped) = rest.strip_prefix('\\') {
            if let Some((text, behind)) = perl(escaped) {
                out.extend(["[", text, "]"]);
                rest = behind;
                continue;
            }
            if let Some(found) = property(escaped) {
                let (text, behind) = found?;
                out.push_str(&text);
                rest = behind;
                continue;
            }
        }
        let (low, behind) = member(rest)?;
        rest = behind;
        literal(out, low);
        if let Some(behind) = rest.strip_prefix('-')
            && !behind.starts_with(']')
        {
            let (high, behind) = member(behind)?;
            if high < low {
                return Err("invalid character class range".to_owned());
            }
            out.push('-');
            literal(out, high);
            rest = behind;
        }
    }
}

fn member(rest: &str) -> Result<(char, &str), String> {
    if let Some(escaped) = rest.strip_prefix('\\') {
        return character(escaped);
    }
    let c = rest.chars().next().ok_or("missing closing ]")?;
    Ok((c, &rest[c.len_utf8()..]))
}

fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "alnum" => "0-9A-Za-z",
        "alpha" => "A-Za-z",
        "ascii" => r"\x00-\x7F",
        "blank" => r"\t ",
        "cntrl" => r"\x00-\x1F\x7F",
        "digit" => "0-9",
        "graph" => r"\x21-\x7E",
        "lower" => "a-z",
        "print" => r"\x20-\x7E",
        "punct" => r"\x21-\x2F\x3A-\x40\x5B-\x60\x7B-\x7E",
        "space" => r"\t\n\x0B\x0C\r ",
        "upper" => "A-Z",
        "word" => "0-9A-Za-z_",
        "xdigit" => "0-9A-Fa-f",
        _ => return None,
    })
}
