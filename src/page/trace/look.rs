//! How a trace is looked at, as words of the address with commas between them: `path,hide,merged:self,by:service`.
//!
//! | word | what it does |
//! |---|---|
//! | `path` | the critical path is shown |
//! | `sync` | it leaves out asynchronous children |
//! | `hide`, `mark` | what does not match is left out, or only what matches is framed; dimmed where neither stands |
//! | `skew` | clock skew between hosts is corrected |
//! | `once` | identical copies of spans are left out |
//! | `color:…` | what the bars are colored by |
//! | `at:from-to` | the stretch of time that is visible, nanoseconds after the trace's start |
//! | `merged:total`, `:self`, `:critical` | the flamegraph is merged by path |
//! | `around:…` | there, the callers and callees of the operation of the span with this id |
//! | `by:…`, `then:…` | statistics in place of the tree, on one or two levels |

use super::stretch::Stretch;

/// What a search does to the spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Emphasis {
    /// Nothing is looked for.
    #[default]
    None,
    /// Others step back.
    Dim,
    /// Others are left out.
    Hide,
    /// Matches are framed.
    Frame,
}

impl Emphasis {
    /// What these words say of it; `finds` tells whether anything is looked for.
    pub(super) fn of(look: &str, finds: bool) -> Self {
        match (finds, value(look, "hide"), value(look, "mark")) {
            (false, ..) => Self::None,
            (_, Some(_), _) => Self::Hide,
            (.., Some(_)) => Self::Frame,
            _ => Self::Dim,
        }
    }
}

/// The value of a word: what follows its colon, "" for a word without one; none where it does not stand.
pub(super) fn value<'a>(look: &'a str, word: &str) -> Option<&'a str> {
    look.split(',').find_map(|part| match part.split_once(':') {
        Some((key, value)) if key == word => Some(value),
        None if part == word => Some(""),
        _ => None,
    })
}

/// The same with a word set to a value ("" for none), or without it. A comma cannot stand in a value.
pub(super) fn with(look: &str, word: &str, value: Option<&str>) -> String {
    let others = look.split(',').filter(|part| part.split(':').next() != Some(word) && !part.is_empty());
    let mut out: Vec<String> = others.map(str::to_owned).collect();
    match value {
        Some("") => out.push(word.to_owned()),
        Some(value) => out.push(format!("{word}:{}", value.replace(',', " "))),
        None => {}
    }
    out.join(",")
}

/// The stretch of time of the word `at`; none where it says none.
pub(super) fn stretch(look: &str) -> Option<Stretch> {
    let (from, to) = value(look, "at")?.split_once('-')?;
    let (from, to): (u64, u64) = (from.parse().ok()?, to.parse().ok()?);
    (from < to).then_some(Stretch { from: from as f64, to: to as f64 })
}

/// A stretch of time as the word `at` has it.
pub(super) fn stretch_text(stretch: Stretch) -> String {
    format!("{:.0}-{:.0}", stretch.from.floor(), stretch.to.ceil())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_say_what_a_search_does() {
        let of = |look| Emphasis::of(look, true);
        assert_eq!([of(""), of("path")], [Emphasis::Dim; 2]);
        assert_eq!([of("path,mark"), of("hide,mark")], [Emphasis::Frame, Emphasis::Hide]);
        assert_eq!(Emphasis::of("hide", false), Emphasis::None);
    }

    #[test]
    fn stretches_are_read_as_they_are_written() {
        let at = |text: &str| stretch(&format!("path,at:{text}"));
        assert_eq!(at("12-3400"), Some(Stretch { from: 12.0, to: 3400.0 }));
        assert_eq!(at(&stretch_text(Stretch { from: 12.5, to: 3399.1 })), at("12-3400"));
        for odd in ["", "5", "5-5", "9-1", "-5-7", "a-b", "1-2-3", "1e3-2e3"] {
            assert_eq!(at(odd), None, "{odd}");
        }
        assert_eq!(stretch("path"), None);
    }

    #[test]
    fn words_are_set_and_taken_out() {
        let look = with(&with("", "path", Some("")), "by", Some("span.http.route"));
        assert_eq!(look, "path,by:span.http.route");
        assert_eq!((value(&look, "path"), value(&look, "by")), (Some(""), Some("span.http.route")));
        assert_eq!(value(&look, "hide"), None);
        assert_eq!(with(&look, "path", None), "by:span.http.route");
        assert_eq!(with(&look, "by", Some("a,b")), "path,by:a b");
    }
}
