//! Reading ids as people paste them: bare, with dashes, with 0x, or a W3C `traceparent`.

/// Where an id leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Jump {
    /// A trace, 32 hex digits.
    Trace(String),
    /// A span of a known trace.
    SpanOf(String, String),
    /// A span, 16 hex digits, of a trace that is to be found.
    Span(String),
}

/// What a text means as an id, if it is one.
pub fn parse(text: &str) -> Option<Jump> {
    let text = text.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
    // traceparent: 00-<trace>-<span>-<flags> (W3C Trace Context §3.2).
    let parts: Vec<&str> = text.strip_prefix("traceparent:").unwrap_or(&text).trim().split('-').collect();
    if let [version, trace, span, flags] = parts[..]
        && (version.len(), trace.len(), span.len(), flags.len()) == (2, 32, 16, 2)
        && parts.iter().all(|p| is_hex(p))
    {
        return Some(Jump::SpanOf(trace.to_owned(), span.to_owned()));
    }
    let bare = text.strip_prefix("0x").unwrap_or(&text).replace('-', "");
    match bare.len() {
        32 if is_hex(&bare) => Some(Jump::Trace(bare)),
        16 if is_hex(&bare) => Some(Jump::Span(bare)),
        _ => None,
    }
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_as_people_paste_them() {
        let trace = "5b8efff798038103d269b633813fc60c";
        let span = "eee19b7ec3c1b174";
        let is_trace = Some(Jump::Trace(trace.into()));
        for text in [trace, " 5B8EFFF798038103D269B633813FC60C\n", "5b8efff7-9803-8103-d269-b633813fc60c"] {
            assert_eq!(parse(text), is_trace, "{text}");
        }
        assert_eq!(parse("0xEEE19B7EC3C1B174"), Some(Jump::Span(span.into())));
        let both = Some(Jump::SpanOf(trace.into(), span.into()));
        assert_eq!(parse(&format!("00-{trace}-{span}-01")), both);
        assert_eq!(parse(&format!("traceparent: 00-{trace}-{span}-01")), both);
        for text in ["", "checkout", "{}", "zz8efff798038103d269b633813fc60c", "5b8eff"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
