//! Verdicts and matches held to the `regex` crate, on random patterns and texts, and the bounds of time.

use super::Matcher;
use proptest::prelude::*;

/// A pattern for the `regex` crate that means the same: its classes are Unicode's unless told, and it lacks
/// none of the syntax that is generated here.
fn oracle(pattern: &str) -> Option<regex::Regex> {
    // \w, \d, \s and \b are ASCII in RE2.
    let mut ascii = String::new();
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        let mut len = c.len_utf8();
        if c == '\\' {
            let next = rest[1..].chars().next()?;
            len = 1 + next.len_utf8();
            match next {
                'w' => ascii.push_str("[0-9A-Za-z_]"),
                'W' => ascii.push_str("[^0-9A-Za-z_]"),
                'd' => ascii.push_str("[0-9]"),
                'D' => ascii.push_str("[^0-9]"),
                's' => ascii.push_str(r"[\t\n\f\r ]"),
                'b' => ascii.push_str(r"(?-u:\b)"),
                'B' => ascii.push_str(r"(?-u:\B)"),
                _ => ascii.push_str(&rest[..len]),
            }
        } else {
            ascii.push(c);
        }
        rest = &rest[len..];
    }
    regex::RegexBuilder::new(&format!("^(?s:{ascii})$")).build().ok()
}

fn atom() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[abkSé]",
        1 => Just(".".to_owned()),
        2 => prop::sample::select(vec![
            r"\w", r"\W", r"\d", r"\D", r"\s", r"\b", r"\B", "^", "$", r"\pL", r"\p{Lu}", r"\P{Greek}", r"\p{Nd}",
            "[a-c]", "[^a]", "[^k-s]", "[αβ]", r"[\d_a]", "[[:upper:]]", r"\x{3B1}", r"\n", r"\.", "(?i:k)", "(?-s:.)",
        ]).prop_map(str::to_owned),
    ]
}

fn pattern() -> impl Strategy<Value = String> {
    let leaf = atom();
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            4 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| parts.concat()),
            2 => prop::collection::vec(inner.clone(), 1..4).prop_map(|parts| format!("(?:{})", parts.join("|"))),
            1 => (inner.clone(), prop::sample::select(vec!["i", "m", "-s", "im", "s-i"]))
                .prop_map(|(part, flags)| format!("(?{flags}:{part})")),
            3 => (inner, prop::sample::select(vec!["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"]))
                .prop_map(|(part, times)| format!("({part}){times}")),
        ]
    });
    (tree, prop::sample::select(vec!["", "(?i)", ".*", "(?m)"]))
        .prop_map(|(tree, front)| format!("{front}{tree}"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn matches_are_those_of_the_regex_crate(
        pattern in pattern(),
        texts in prop::collection::vec("[abcksSKé\u{17F}\u{212A}αΒ_1 \n.]{0,8}", 1..12),
    ) {
        let ours = Matcher::new(&pattern);
        prop_assert!(ours.is_ok(), "{pattern}: {ours:?}");
        let ours = ours.unwrap();
        let theirs = oracle(&pattern).unwrap();
        for text in &texts {
            prop_assert_eq!(ours.is_match(text), theirs.is_match(text), "{} on {:?}", pattern, text);
        }
    }

    #[test]
    fn no_text_is_a_pattern_that_panics(pattern in r"[\[\](){}|*+?\\^$.:,=!<>P0-9a-zαΒ_-]{0,24}", text in ".{0,12}") {
        if let Ok(matcher) = Matcher::new(&pattern) {
            matcher.is_match(&text);
        }
    }

    #[test]
    fn what_the_regex_crate_refuses_is_refused(pattern in r"[\[\](){}|*+?^$a-c,0-3-]{0,10}") {
        // The other way round does not hold: RE2 refuses operators that stack, and we with it. Flags may be none.
        if oracle(&pattern).is_none() && !pattern.contains(['[', '{']) && !pattern.contains("(?)") {
            prop_assert!(Matcher::new(&pattern).is_err(), "{}", pattern);
        }
    }
}

#[test]
fn a_table_that_overflows_changes_no_answer() {
    // "The 14th letter from the end is an a": 2^14 states, more than are kept at once.
    let matcher = Matcher::new("[ab]*a[ab]{13}").unwrap();
    let mut seed = 1_u64;
    let text: String = std::iter::repeat_with(|| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        if seed >> 63 == 0 { 'a' } else { 'b' }
    })
    .take(100_000)
    .collect();
    for end in (0..text.len()).step_by(997) {
        let want = end >= 14 && text.as_bytes()[end - 14] == b'a';
        assert_eq!(matcher.is_match(&text[..end]), want, "{end}");
    }
}

#[test]
fn patterns_that_make_others_backtrack_end_soon() {
    let text = "a".repeat(20_000);
    for pattern in ["(a*)*b", "(a|aa)+b", "(a?){500}a{500}b", "(.*a){20}b", "((a{0,30}){0,30})b"] {
        assert!(!Matcher::new(pattern).unwrap().is_match(&text), "{pattern}");
    }
    for pattern in ["((a{100}){10}){10}", "(((a{30}){30})b){2}", &"(a{1000})".repeat(201)] {
        assert!(Matcher::new(pattern).is_err(), "{pattern}");
    }
    assert!(Matcher::new(&"(".repeat(1_000_000)).is_err());
    let wide = (0..4000).map(|n| format!("w{n}x")).collect::<Vec<_>>().join("|");
    let wide = Matcher::new(&format!("({wide})+")).unwrap();
    assert!(wide.is_match("w17xw3999x") && !wide.is_match("w17xw4000x"));
}
