//! Coloring a query while it is typed: which kind of thing every piece of the text is.
//!
//! Purely by looks, so that it works on text that does not parse and never waits for the engine; verdicts come
//! from there.

/// A piece of the text with its class; pieces follow each other without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run<'a> {
    /// The piece.
    pub text: &'a str,
    /// `q-…`, or "" for what has no color.
    pub class: &'static str,
}

/// Characters that end an attribute's name.
const STOP: &str = "{}()=~!<>&|^,";
const SCOPES: &[&str] = &["span", "resource", "event", "link", "instrumentation", "parent", "root"];
const INTRINSICS: &[&str] = &[
    "name",
    "duration",
    "status",
    "statusMessage",
    "kind",
    "rootName",
    "rootServiceName",
    "traceDuration",
    "nestedSetLeft",
    "nestedSetRight",
    "nestedSetParent",
    "childCount",
];
const WORDS: &[&str] = &[
    "true",
    "false",
    "nil",
    "ok",
    "error",
    "unset",
    "unspecified",
    "internal",
    "server",
    "client",
    "producer",
    "consumer",
];
const METRICS: &[&str] = &["rate", "compare"];

/// Cuts a query into pieces.
pub fn runs(text: &str) -> Vec<Run<'_>> {
    let mut found: Vec<Run<'_>> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (len, class) = piece(rest, c);
        let (text, after) = rest.split_at(len.clamp(c.len_utf8(), rest.len()));
        found.push(Run { text, class });
        rest = after;
    }
    found
}

/// Whether a query gives time series rather than spans, by its functions.
pub fn is_metrics(text: &str) -> bool {
    let metric = |word: &str| METRICS.contains(&word) || word.ends_with("_over_time");
    runs(text).iter().any(|run| run.class == "q-function" && metric(run.text))
}

/// Cuts the pieces again at the borders of `place` and tells of each whether it lies inside.
pub fn marked<'a>(runs: &[Run<'a>], place: Option<(usize, usize)>) -> Vec<(Run<'a>, bool)> {
    let mut out = Vec::with_capacity(runs.len() + 2);
    let mut at = 0;
    for run in runs {
        let (mut from, end) = (at, at + run.text.len());
        for cut in [place.map_or(end, |p| p.0), place.map_or(end, |p| p.1), end] {
            if cut > from && cut <= end && run.text.is_char_boundary(cut - at) {
                let inside = place.is_some_and(|(low, high)| low <= from && cut <= high);
                out.push((Run { text: &run.text[from - at..cut - at], ..*run }, inside));
                from = cut;
            }
        }
        at = end;
    }
    out
}

fn piece(rest: &str, c: char) -> (usize, &'static str) {
    let until = |stop: &dyn Fn(char) -> bool| rest.find(stop).unwrap_or(rest.len());
    match c {
        c if c.is_whitespace() => (until(&|c| !c.is_whitespace()), ""),
        '"' | '`' => (string(rest, c), "q-text"),
        '/' if rest.starts_with("//") => (until(&|c| c == '\n'), "q-comment"),
        '/' if rest.starts_with("/*") => (rest.find("*/").map_or(rest.len(), |at| at + 2), "q-comment"),
        '{' | '}' => (1, "q-brace"),
        '.' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => (name(rest), "q-key"),
        c if c.is_ascii_digit() || c == '.' => (until(&|c| !(c.is_alphanumeric() || c == '.')), "q-number"),
        c if c == '_' || c.is_alphabetic() => word(rest),
        _ => (c.len_utf8(), "q-operator"),
    }
}

fn word(rest: &str) -> (usize, &'static str) {
    let len = rest.find(|c: char| !(c == '_' || c.is_alphanumeric())).unwrap_or(rest.len());
    let (word, after) = rest.split_at(len);
    if after.starts_with('.') && SCOPES.contains(&word) {
        return (name(rest), "q-key");
    }
    if after.starts_with(':') && after[1..].starts_with(|c: char| c.is_alphabetic()) {
        let tail = after[1..].find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len() - 1);
        return (len + 1 + tail, "q-key");
    }
    let class = match word {
        _ if after.trim_start().starts_with('(') && !INTRINSICS.contains(&word) => "q-function",
        _ if INTRINSICS.contains(&word) => "q-key",
        _ if WORDS.contains(&word) => "q-word",
        _ => "",
    };
    (len, class)
}

/// Length of an attribute's name with its scope; quoted pieces may hold anything.
fn name(rest: &str) -> usize {
    let mut at = 0;
    while let Some(c) = rest[at..].chars().next() {
        if c == '"' {
            at += string(&rest[at..], c);
        } else if c.is_whitespace() || STOP.contains(c) {
            break;
        } else {
            at += c.len_utf8();
        }
    }
    at
}

/// Length of a string with its quotes, to the end where it is open.
fn string(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped && quote == '"';
    }
    rest.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(text: &str, want: &str) {
        let shown = runs(text)
            .iter()
            .filter(|run| !run.text.trim().is_empty())
            .fold(String::new(), |out, run| out + run.text + ":" + run.class.trim_start_matches("q-") + " ");
        assert_eq!(shown.trim_end(), want);
    }

    #[test]
    fn every_piece_has_its_kind() {
        check(
            r#"{ span."a b".c = "x\"y" && status = error }"#,
            r#"{:brace span."a b".c:key =:operator "x\"y":text &:operator &:operator status:key =:operator error:word }:brace"#,
        );
        check(
            "{} | quantile_over_time(duration, .5, 1.5s) // p",
            "{:brace }:brace |:operator quantile_over_time:function (:operator duration:key ,:operator .5:number ,:operator 1.5s:number ):operator // p:comment",
        );
        check("span:id trace:rootName plain", "span:id:key trace:rootName:key plain:");
        check("{ .x = `a\\`", "{:brace .x:key =:operator `a\\`:text");
    }

    #[test]
    fn metrics_are_told_by_their_functions() {
        assert!(is_metrics("{ } | rate() by (name)"));
        assert!(is_metrics("({ } | max_over_time(duration)) / 2"));
        assert!(!is_metrics("{ name = \"| rate()\" } | count() > 2"));
        assert!(!is_metrics("{ span.rate = 1 }"));
    }

    #[test]
    fn a_place_is_marked() {
        let list = runs("{ duraton > 1s }");
        let marked: Vec<_> = marked(&list, Some((2, 9))).into_iter().filter(|(_, bad)| *bad).collect();
        assert_eq!(marked.len(), 1);
        assert_eq!(marked[0].0.text, "duraton");
    }

    proptest! {
        #[test]
        fn the_pieces_are_the_text(text in r#"[ -~µ"`/*\\.{}\n]{0,60}"#, from in 0_usize..60, len in 0_usize..9) {
            let list = runs(&text);
            prop_assert_eq!(list.iter().map(|run| run.text).collect::<String>(), text.clone());
            let parts = marked(&list, Some((from, from + len)));
            prop_assert_eq!(parts.iter().map(|(run, _)| run.text).collect::<String>(), text);
        }
    }
}
