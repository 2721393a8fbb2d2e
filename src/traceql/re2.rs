//! Regular expressions with RE2's verdicts (traceql.md §4.4, §6.2).
//!
//! A pattern is read ([`parse`]) into steps ([`program`]) that an automaton runs ([`automaton`]); matching is
//! anchored as `^(?s:…)$` and takes time linear in the text. Patterns that are plain text with `.*` around
//! need no automaton. Our own, because the `regex` crate with the tables that RE2's verdicts need makes 40 % of
//! the engine's download; the tests hold verdicts and matches to that crate.

mod automaton;
mod class;
mod parse;
mod program;
mod set;
mod unicode;

#[cfg(test)]
mod laws;

use std::cell::RefCell;

use automaton::Automaton;

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
    /// Learns while it reads.
    Automaton(Box<RefCell<Automaton>>),
}

impl Matcher {
    /// Compiles a pattern; the error says what RE2 would dislike.
    pub(super) fn new(pattern: &str) -> Result<Self, &'static str> {
        let program = parse::parse(pattern)?;
        Ok(Self(
            plain(pattern)
                .unwrap_or_else(|| Form::Automaton(Box::new(RefCell::new(Automaton::new(program))))),
        ))
    }

    /// Whether the whole text matches.
    pub(super) fn is_match(&self, text: &str) -> bool {
        match &self.0 {
            Form::Words(words) => words.iter().any(|w| w == text),
            Form::Prefix(prefix) => text.starts_with(prefix.as_str()),
            Form::Suffix(suffix) => text.ends_with(suffix.as_str()),
            Form::Contains(finder) => finder.find(text.as_bytes()).is_some(),
            Form::Automaton(automaton) => automaton.borrow_mut().is_match(text),
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
            "[[:]]",
            "()*",
            r"\ ",
            "a(?i)*",
            r"a*\Q\E*",
            "(x{100}){10}",
            "(a{0})*",
            "(?)a",
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
            "(?i-:a)",
            "(x{100}){11}",
            "(?P<n>a",
            r"\x{110000}",
            "[[:alpha:",
            r"[a-\d]",
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
        check(r"(?i)[k]", "\u{212A}", true);
        check(r"\bfoo\b.*", "foo bar", true);
        check(r"\bfoo\b.*", "foob", false);
        check("(?m)a$\n^b", "a\nb", true);
        check("a$\n^b", "a\nb", false);
        check("(?-s)a.b", "a\nb", false);
        check("(a|ab)(c|bcd)(d*)", "abcd", true);
        check("x{2,3}", "xxxx", false);
        check("x{2,}", "xxxx", true);
        check("(a*)*b", "aaab", true);
        check("", "", true);
        check("(|a)b", "b", true);
        check("[[:]+]", ":]", true);
    }
}
