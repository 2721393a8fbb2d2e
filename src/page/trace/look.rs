//! How a trace is looked at, as words of the address with commas between them: `path,hide,merged:self,by:service`.
//!
//! | word | what it does |
//! |---|---|
//! | `path` | the critical path is shown |
//! | `sync` | it leaves out asynchronous children |
//! | `hide`, `mark` | what does not match is left out, or only what matches is framed; dimmed where neither stands |
//! | `skew` | clock skew between hosts is corrected |
//! | `color:…` | what the flamegraph's bars are colored by |
//! | `merged:total`, `:self`, `:critical` | the flamegraph is merged by path |
//! | `by:…`, `then:…` | statistics in place of the tree, on one or two levels |

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

#[cfg(test)]
mod tests {
    use super::*;

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
