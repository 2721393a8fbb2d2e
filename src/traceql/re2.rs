//! Regular expressions with RE2's verdicts (traceql.md §4.4, §6.2) on the `regex` crate.
//!
//! The two dialects differ: RE2's classes are ASCII, its repetitions do not stack, `{` may be a literal, sets
//! have no operators. So a pattern is first rewritten; what RE2 refuses is refused here. Matching is
//! anchored as `^(?s:…)$`. Patterns that are plain text with `.*` around need no automaton.

mod class;

/// A compiled, anchored pattern.
#[derive(Clone, Debug)]
pub(super) struct Matcher(Form);

#[derive(Clone, Debug)]
enum Form {
    /// Any of these texts.
    Words(Vec<String>),
    Prefix(String),
    Suffix(String),
    Contains(Box<memchr::memmem::Finder<'static>>),
    Regex(Box<regex::Regex>),
}

impl Matcher {
    /// Compiles a pattern; the error says what RE2 would dislike.
    pub(super) fn new(pattern: &str) -> Result<Self, String> {
        let translated = translate(pattern)?;
        if let Some(form) = plain(pattern) {
            return Ok(Self(form));
        }
        let anchored = format!("^(?s:{translated})$");
        match regex::RegexBuilder::new(&anchored).size_limit(4 << 20).build() {
            Ok(regex) => Ok(Self(Form::Regex(Box::new(regex)))),
            Err(regex::Error::CompiledTooBig(_)) => Err("expression too large".to_owned()),
            Err(_) => Err("unknown class or name".to_owned()),
        }
    }

    /// Whether the whole text matches.
    pub(super) fn is_match(&self, text: &str) -> bool {
        match &self.0 {
            Form::Words(words) => words.iter().any(|w| w == text),
            Form::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Form::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Form::Contains(finder) => finder.find(text.as_bytes()).is_some(),
            Form::Regex(regex) => regex.is_match(text),
        }
    }
}

/// The form of a pattern that is text, alternatives of text, or text with `.*` before or behind.
fn plain(pattern: &str) -> Option<Form> {
    let is_text = |s: &str| !s.contains(|c: char| r"\.+*?()|[]{}^$".contains(c));
    if pattern.split('|').all(is_text) {
        return Some(Form::Words(pattern.split('|').map(str::to_owned).collect()));
    }
    let front = pattern.strip_prefix(".*");
    let back = pattern.strip_suffix(".*");
    match (front, back) {
        (Some(_), Some(_)) if pattern.len() >= 4 => {
            let text = &pattern[2..pattern.len() - 2];
            is_text(text).then(|| Form::Contains(Box::new(memchr::memmem::Finder::new(text).into_owned())))
        }
        (Some(text), None) if is_text(text) => Some(Form::Suffix(text.to_owned())),
        (None, Some(text)) if is_text(text) => Some(Form::Prefix(text.to_owned())),
        _ => None,
    }
}

/// What a repetition would apply to.
#[derive(Clone, Copy, PartialEq)]
enum Last {
    Nothing,
    Atom,
    Repeated,
}

/// RE2 text as text of the `regex` crate.
fn translate(pattern: &str) -> Result<String, String> {
    let mut rest = pattern;
    let mut out = String::with_capacity(pattern.len() + 16);
    let mut depth = 0usize;
    let mut names: Vec<&str> = Vec::new();
    let mut last = Last::Nothing;
    while let Some(c) = rest.chars().next() {
        let tail = &rest[c.len_utf8()..];
        match c {
            '*' | '+' | '?' => {
                out.push(c);
                rest = repetition(&mut out, &mut last, tail)?;
                continue;
            }
            '{' => {
                if let Some((text, behind)) = counted(tail)? {
                    out.push_str(&text);
                    rest = repetition(&mut out, &mut last, behind)?;
                    continue;
                }
                out.push_str(r"\{");
                last = Last::Atom;
            }
            '(' => {
                depth += 1;
                if depth > 200 {
                    return Err("expression nests too deeply".to_owned());
                }
                let (text, behind, group) = opening(tail, &mut names)?;
                out.push_str(&text);
                rest = behind;
                if !group {
                    depth -= 1;
                }
                last = Last::Nothing;
                continue;
            }
            ')' => {
                depth = depth.checked_sub(1).ok_or("unexpected )")?;
                out.push(')');
                last = Last::Atom;
            }
            '|' => {
                out.push('|');
                last = Last::Nothing;
            }
            '[' => {
                rest = class::set(tail, &mut out)?;
                last = Last::Atom;
                continue;
            }
            '\\' => {
                rest = escape(tail, &mut out)?;
                last = Last::Atom;
                continue;
            }
            '.' | '^' | '$' => {
                out.push(c);
                last = Last::Atom;
            }
            c => {
                class::literal(&mut out, c);
                last = Last::Atom;
            }
        }
        rest = tail;
    }
    if depth > 0 { Err("missing closing )".to_owned()) } else { Ok(out) }
}

/// After a repetition operator was written: the lazy mark, and RE2's ban on stacking.
fn repetition<'p>(out: &mut String, last: &mut Last, tail: &'p str) -> Result<&'p str, String> {
    match last {
        Last::Nothing => Err("missing argument to repetition operator".to_owned()),
        Last::Repeated => Err("invalid nested repetition operator".to_owned()),
        Last::Atom => {
            *last = Last::Repeated;
            match tail.strip_prefix('?') {
                Some(behind) => {
                    out.push('?');
                    Ok(behind)
                }
                None => Ok(tail),
            }
        }
    }
}

/// `n}`, `n,}` or `n,m}` behind an opening brace; none where the brace is a literal.
fn counted(tail: &str) -> Result<Option<(String, &str)>, String> {
    let Some(end) = tail.find('}') else { return Ok(None) };
    let inner = &tail[..end];
    let (low, high) = inner.split_once(',').map_or((inner, None), |(a, b)| (a, Some(b)));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(low) || high.is_some_and(|h| !h.is_empty() && !digits(h)) {
        return Ok(None);
    }
    let number = |s: &str| s.parse::<u32>().ok().filter(|n| *n <= 1000).ok_or("invalid repeat count");
    let low = number(low)?;
    if let Some(high) = high.filter(|h| !h.is_empty())
        && number(high)? < low
    {
        return Err("invalid repeat count".to_owned());
    }
    Ok(Some((format!("{{{inner}}}"), &tail[end + 1..])))
}

/// What follows an opening bracket: a group or flags for the rest of the surrounding group.
fn opening<'p>(tail: &'p str, names: &mut Vec<&'p str>) -> Result<(String, &'p str, bool), String> {
    let Some(special) = tail.strip_prefix('?') else { return Ok(("(?:".to_owned(), tail, true)) };
    if let Some(named) = special.strip_prefix("P<").or_else(|| special.strip_prefix('<')) {
        let end = named.find('>').ok_or("invalid named capture")?;
        let name = &named[..end];
        let fits = !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
        if !fits || names.contains(&name) {
            return Err("invalid or unsupported group".to_owned());
        }
        names.push(name);
        return Ok(("(?:".to_owned(), &named[end + 1..], true));
    }
    let end = special.find([':', ')']).ok_or("missing closing )")?;
    let flags = &special[..end];
    let (on, off) = flags.split_once('-').map_or((flags, None), |(a, b)| (a, Some(b)));
    let known = |s: &str| s.chars().all(|c| "imsU".contains(c));
    let group = special[end..].starts_with(':');
    if !known(on) || off.is_some_and(|s| s.is_empty() || !known(s)) || flags.is_empty() && !group {
        return Err("invalid or unsupported group (RE2 has no look-around)".to_owned());
    }
    let mut text = format!("(?{on}");
    if let Some(off) = off {
        text.push('-');
        text.push_str(off);
    }
    text.push(if group { ':' } else { ')' });
    Ok((text, &special[end + 1..], group))
}

/// An escape outside a set.
fn escape<'p>(tail: &'p str, out: &mut String) -> Result<&'p str, String> {
    let c = tail.chars().next().ok_or("trailing backslash")?;
    let behind = &tail[c.len_utf8()..];
    match c {
        'A' => out.push_str(r"\A"),
        'z' => out.push_str(r"\z"),
        'b' => out.push_str(r"(?-u:\b)"),
        'B' => out.push_str(r"(?-u:\B)"),
        'Q' => {
            let (text, behind) = behind.split_once(r"\E").unwrap_or((behind, ""));
            // A repetition behind a quoted run repeats its last character only, so no group here.
            text.chars().for_each(|c| class::literal(out, c));
            if text.is_empty() {
                out.push_str("(?:)");
            }
            return Ok(behind);
        }
        _ => {
            if let Some((text, behind)) = class::perl(tail) {
                out.extend(["[", text, "]"]);
                return Ok(behind);
            }
            if let Some(found) = class::property(tail) {
                let (text, behind) = found?;
                out.push_str(&text);
                return Ok(behind);
            }
            let (c, behind) = class::character(tail)?;
            class::literal(out, c);
            return Ok(behind);
        }
    }
    Ok(behind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_are_those_of_re2() {
        for pattern in [
            "",
            "a|b",
            r"\d{3}",
            "a{,2}",
            "a{",
            "[[]",
            "[]a]",
            "[a-]",
            r"[\d-x]",
            "[[:alpha:]_]",
            "(?i)x",
            "(?i:x)y",
            "(?P<n>a)",
            "(?<n>a)",
            r"\pL",
            r"\p{Greek}",
            r"\P{Lu}",
            r"\x{10FFFF}",
            r"\x41",
            r"\101",
            r"\Qa.b\E",
            "a*?",
            r"\bfoo\B",
            "^*",
            "(|a)",
            "[^a]",
            r"\-",
            r"[&&]",
            "x{1000}",
            r"\p{^Lu}",
            "(?s-i)a",
        ] {
            assert!(Matcher::new(pattern).is_ok(), "{pattern}: {:?}", Matcher::new(pattern));
        }
        for pattern in [
            "[",
            "(",
            ")",
            "a(?=b)",
            "(?!a)",
            "(?<=a)b",
            "a**",
            "a*+",
            "*",
            "(*)",
            "|*",
            "a{2}{3}",
            "x{1001}",
            "x{3,2}",
            r"\1",
            r"\C",
            r"\Z",
            r"\G",
            r"\y",
            "[b-a]",
            "[[:nope:]]",
            r"\p{Nope}",
            r"\pX",
            "(?x)a",
            "(?P=n)",
            "(?#c)",
            r"\",
            "(?P<n>a)(?P<n>b)",
            "(?",
            r"\u0041",
            "[a",
            r"(?-)a",
        ] {
            assert!(Matcher::new(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn matching_is_anchored_and_ascii() {
        let check = |pattern: &str, text: &str, want: bool| {
            let got = Matcher::new(pattern).map(|m| m.is_match(text));
            assert_eq!(got, Ok(want), "{pattern} on {text}");
        };
        check("foo", "foo", true);
        check("fo", "foo", false);
        check("f.*", "foo\nbar", true);
        check(".*o.*", "foo", true);
        check(".*o", "foo!", false);
        check("a|bc", "bc", true);
        check(r"\d+", "٣", false);
        check(r"\w+", "é", false);
        check("(?i)É", "é", true);
        check("(?i)get .*", "GET /x", true);
        check(r"[^\d]+", "ab", true);
        check("[a&&b]+", "&", true);
        check(r"\p{Greek}+", "αβ", true);
        check(r"\Qa.b\E+", "a.bb", true);
        check("a{,2}", "a{,2}", true);
        check(r"[[:^digit:]]", "x", true);
    }
}
