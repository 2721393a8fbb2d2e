//! Editing TraceQL by clicks: "filter for", "filter out" and rows that lead to their spans all go through
//! [`and`], so that every click writes the text that a person would have typed.

use std::fmt;

/// One comparison of a spanset filter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// TraceQL field: an intrinsic as it is written (`name`, `status`, `span:kind`) or a scoped attribute
    /// from [`attribute`].
    pub field: String,
    /// `=`, `!=`, `>`, …
    pub op: &'static str,
    /// The right side, as TraceQL writes it: [`text`] for text, digits for numbers, `error` for a status.
    pub value: String,
}

impl Condition {
    /// `field = value`, with a value that is already TraceQL.
    pub fn is(field: impl Into<String>, value: impl Into<String>) -> Self {
        Self { field: field.into(), op: "=", value: value.into() }
    }

    /// `resource.service.name = "…"`.
    pub fn service(name: &str) -> Self {
        Self::is("resource.service.name", text(name))
    }

    /// `name = "…"`: the span's name.
    pub fn name(name: &str) -> Self {
        Self::is("name", text(name))
    }

    /// `status = error`.
    pub fn error() -> Self {
        Self::is("status", "error")
    }

    /// The opposite, for the operators that have one.
    #[must_use]
    pub fn negated(mut self) -> Self {
        self.op = match self.op {
            "=" => "!=",
            "!=" => "=",
            "<" => ">=",
            ">" => "<=",
            "<=" => ">",
            ">=" => "<",
            "=~" => "!~",
            "!~" => "=~",
            other => other,
        };
        self
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.field, self.op, self.value)
    }
}

/// A TraceQL text literal.
pub fn text(value: &str) -> String {
    let mut out = String::with_capacity(value.len() + 2);
    out.push('"');
    for c in value.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A value of the script door as a literal; none for what TraceQL cannot compare with: lists, maps, bytes.
pub fn literal(value: &serde_json::Value) -> Option<String> {
    use serde_json::Value;
    match value {
        Value::String(text_value) => Some(text(text_value)),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Object(fields) if fields.len() == 1 => {
            fields.get("int").and_then(Value::as_str).map(str::to_owned)
        }
        _ => None,
    }
}

/// A scoped attribute, quoted where TraceQL's grammar needs it: `span.http.route`, `span."odd key"`.
pub fn attribute(scope: &str, key: &str) -> String {
    let plain = !key.is_empty()
        && !key.starts_with('.')
        && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-/".contains(&b));
    if plain { format!("{scope}.{key}") } else { format!("{scope}.{}", text(key)) }
}

/// A filter of these conditions, all of one span.
pub fn filter(conditions: &[Condition]) -> String {
    conditions.iter().fold(String::new(), |q, c| and(&q, c))
}

/// Adds a condition to the filter of a query that its spans meet last, where it holds of the same span; a condition
/// that stands there already is not added again. What combines several filters, such as `{ … } >> { … }`, gets a
/// filter behind it.
pub fn and(q: &str, condition: &Condition) -> String {
    and_text(q, &condition.to_string())
}

/// [`and`] for a condition that is more than one comparison.
pub fn and_text(q: &str, condition: &str) -> String {
    let q = q.trim();
    let Some((open, close)) = own_filter(q) else {
        let (head, rest) = q.split_at(stages(q)[0]);
        return match (q.is_empty(), head.contains('{')) {
            (true, _) => format!("{{ {condition} }}"),
            (_, true) => format!("{} | {{ {condition} }}{}{rest}", head.trim_end(), gap(rest)),
            (_, false) => format!("{{ {condition} }} && ({q})"),
        };
    };
    let (before, inside, after) = (&q[..open], q[open + 1..close].trim(), &q[close + 1..]);
    if inside.is_empty() || inside == "true" {
        return format!("{before}{{ {condition} }}{after}");
    }
    if has_part(inside, condition) {
        return q.to_owned();
    }
    if has_or(inside) {
        format!("{before}{{ ({inside}) && {condition} }}{after}")
    } else {
        format!("{before}{{ {inside} && {condition} }}{after}")
    }
}

/// A space before what goes on.
fn gap(rest: &str) -> &'static str {
    if rest.is_empty() { "" } else { " " }
}

/// A query of the page's own whose spans also meet another query: where that is one filter, the very same spans meet
/// both; else the traces do.
pub fn within(own: &str, q: &str) -> String {
    let (own, q) = (own.trim(), q.trim());
    match own_filter(q) {
        _ if q.is_empty() => own.to_owned(),
        _ if own.is_empty() => q.to_owned(),
        Some((open, close)) if is_filter(q) => {
            let inside = q[open + 1..close].trim();
            match (inside, has_or(inside)) {
                ("" | "true", _) => own.to_owned(),
                (_, true) => and_text(own, &format!("({inside})")),
                (_, false) => split(inside).fold(own.to_owned(), |own, part| and_text(&own, part)),
            }
        }
        _ => format!("({own}) && ({q})"),
    }
}

/// What a metrics query counts: its pipeline up to the first stage that is no filter.
pub fn counted(q: &str) -> String {
    let mut from = 0;
    for to in stages(q) {
        if !q[from..to].trim_start_matches('|').trim_start().starts_with(['{', '(']) {
            break;
        }
        from = to;
    }
    q[..from].trim().to_owned()
}

/// Whether a query is one spanset filter, or empty.
pub fn is_filter(q: &str) -> bool {
    let q = q.trim();
    q.is_empty() || own_filter(q).is_some_and(|(open, close)| open == 0 && close + 1 == q.len())
}

/// The comparisons of the filter that a query's spans meet last; none where it has alternatives.
pub fn parts(q: &str) -> Vec<String> {
    let Some((open, close)) = own_filter(q) else { return Vec::new() };
    let inside = q[open + 1..close].trim();
    if inside.is_empty() || has_or(inside) { Vec::new() } else { split(inside).map(str::to_owned).collect() }
}

/// Takes a comparison out of that filter; a query of nothing else becomes empty.
pub fn without(q: &str, part: &str) -> String {
    let (Some((open, close)), all) = (own_filter(q), parts(q)) else { return q.to_owned() };
    let left: Vec<&str> = all.iter().map(String::as_str).filter(|p| *p != part).collect();
    if left.len() == all.len() {
        return q.to_owned();
    }
    let (before, after) = (&q[..open], &q[close + 1..]);
    if left.is_empty() && is_filter(q) {
        return String::new();
    }
    // A stage that was added by a click goes with its last condition.
    if let (true, Some(head)) = (left.is_empty(), before.trim_end().strip_suffix('|')) {
        return format!("{}{after}", head.trim_end());
    }
    let left = if left.is_empty() { String::new() } else { left.join(" && ") + " " };
    format!("{before}{{ {left}}}{after}")
}

/// Bytes outside of literals, with how deep in parentheses they are.
pub(super) fn bare(text: &str) -> impl Iterator<Item = (usize, u8, i32)> + '_ {
    let (mut quote, mut escaped, mut depth) = (0_u8, false, 0_i32);
    text.bytes().enumerate().filter_map(move |(at, byte)| {
        if quote != 0 {
            if escaped {
                escaped = false;
            } else if byte == b'\\' && quote == b'"' {
                escaped = true;
            } else if byte == quote {
                quote = 0;
            }
            return None;
        }
        match byte {
            b'"' | b'`' => {
                quote = byte;
                return None;
            }
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        Some((at, byte, depth))
    })
}

/// Where the stages of a pipeline end, outermost only.
pub(super) fn stages(q: &str) -> Vec<usize> {
    let (mut ends, mut braces, mut before) = (Vec::new(), 0, 0_u8);
    for (at, byte, depth) in bare(q) {
        match byte {
            b'{' => braces += 1,
            b'}' => braces -= 1,
            b'|' if braces == 0
                && depth == 0
                && before != b'|'
                && q.as_bytes().get(at + 1) != Some(&b'|') =>
            {
                ends.push(at);
            }
            _ => {}
        }
        before = byte;
    }
    ends.push(q.len());
    ends
}

/// The filter that all spans of a query meet: its only one, or the one that follows a combination of several.
fn own_filter(q: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    for to in stages(q) {
        let found = |wanted: u8| bare(q).filter(move |&(at, b, _)| b == wanted && at >= from && at < to);
        match (found(b'{').count(), found(b'{').next(), found(b'}').next()) {
            (1, Some((open, ..)), Some((close, ..))) if open < close => return Some((open, close)),
            (0 | 1, ..) => return None,
            _ => from = to,
        }
    }
    None
}

fn has_or(inside: &str) -> bool {
    bare(inside).any(|(at, b, depth)| b == b'|' && depth == 0 && inside.as_bytes().get(at + 1) == Some(&b'|'))
}

fn has_part(inside: &str, condition: &str) -> bool {
    !has_or(inside) && split(inside).any(|part| part == condition)
}

/// What stands between the `&&` of a filter.
fn split(inside: &str) -> impl Iterator<Item = &str> {
    let mut from = 0;
    let mut cuts: Vec<(usize, usize)> = Vec::new();
    for (at, b, depth) in bare(inside) {
        if b == b'&' && depth == 0 && inside.as_bytes().get(at + 1) == Some(&b'&') {
            cuts.push((from, at));
            from = at + 2;
        }
    }
    cuts.push((from, inside.len()));
    cuts.into_iter().map(|(from, to)| inside[from..to].trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(q: &str, expected: &str) {
        assert_eq!(and(q, &Condition::name("a \"b\"")), expected);
    }

    #[test]
    fn a_condition_joins_the_first_filter() {
        check("", r#"{ name = "a \"b\"" }"#);
        check("{}", r#"{ name = "a \"b\"" }"#);
        check("{ status = error }", r#"{ status = error && name = "a \"b\"" }"#);
        check(
            "{ status = error || kind = server } | by(name)",
            r#"{ (status = error || kind = server) && name = "a \"b\"" } | by(name)"#,
        );
        check(r#"{ .k = "}" } >> { }"#, r#"{ .k = "}" } >> { } | { name = "a \"b\"" }"#);
        check(
            "{ .a = 1 } && { .b = 2 } | count() > 2",
            r#"{ .a = 1 } && { .b = 2 } | { name = "a \"b\"" } | count() > 2"#,
        );
        check("{ } >> { } | { .c = 3 }", r#"{ } >> { } | { .c = 3 && name = "a \"b\"" }"#);
        check(
            "({ .a = 1 } || { .b = 2 }) | rate()",
            r#"({ .a = 1 } || { .b = 2 }) | { name = "a \"b\"" } | rate()"#,
        );
        check(r#"{ .k = "||" }"#, r#"{ .k = "||" && name = "a \"b\"" }"#);
        check("checkout", r#"{ name = "a \"b\"" } && (checkout)"#);
    }

    #[test]
    fn parts_can_be_taken_out() {
        let q = r#"{ resource.env = "a && b" && status = error } | count() > 1"#;
        assert_eq!(parts(q), [r#"resource.env = "a && b""#, "status = error"]);
        assert_eq!(without(q, "status = error"), r#"{ resource.env = "a && b" } | count() > 1"#);
        assert_eq!(without("{ status = error }", "status = error"), "");
        assert_eq!(without("{ status = error } | count() > 1", "status = error"), "{ } | count() > 1");
        assert_eq!(parts("{ .a = 1 || .b = 2 }"), [""; 0]);
        assert_eq!(without("{ .a = 1 || .b = 2 }", ".a = 1"), "{ .a = 1 || .b = 2 }");
        assert_eq!(parts("{ .a = 1 } >> { } | { .b = 2 }"), [".b = 2"]);
        assert_eq!(without("{ .a = 1 } >> { } | { .b = 2 }", ".b = 2"), "{ .a = 1 } >> { }");
        assert_eq!(
            without("{ .a = 1 } >> { } | { .b = 2 } | count() > 1", ".b = 2"),
            "{ .a = 1 } >> { } | count() > 1"
        );
        assert!(is_filter("") && is_filter("{ .a = 1 }") && !is_filter("{ } >> { }"));
    }

    #[test]
    fn own_queries_stay_within_the_present_one() {
        assert_eq!(within("{ .a = 1 }", ""), "{ .a = 1 }");
        assert_eq!(within("{ .a = 1 }", "{ .b = 2 && .c = 3 }"), "{ .a = 1 && .b = 2 && .c = 3 }");
        assert_eq!(
            within("{ .a = 1 } > { .d = 4 }", "{ .b = 2 || .c = 3 }"),
            "{ .a = 1 } > { .d = 4 } | { (.b = 2 || .c = 3) }"
        );
        assert_eq!(within("{ .a = 1 }", "{ } >> { .b = 2 }"), "({ .a = 1 }) && ({ } >> { .b = 2 })");
        assert_eq!(
            counted("{ .a = 1 || .b = 2 } | { .c = 3 } | rate() by (name)"),
            "{ .a = 1 || .b = 2 } | { .c = 3 }"
        );
        assert_eq!(counted("({ } >> { }) | rate()"), "({ } >> { })");
        assert_eq!(counted("{ } | rate() | topk(5)"), "{ }");
    }

    #[test]
    fn values_become_literals() {
        let check = |value: serde_json::Value, want: Option<&str>| {
            assert_eq!(literal(&value).as_deref(), want);
        };
        check("a\"b".into(), Some("\"a\\\"b\""));
        check(3.into(), Some("3"));
        check(true.into(), Some("true"));
        check(serde_json::json!({"int": "9223372036854775807"}), Some("9223372036854775807"));
        check(serde_json::json!([1]), None);
        check(serde_json::json!({"base64": "AA=="}), None);
    }

    #[test]
    fn a_condition_is_added_once() {
        let q = filter(&[Condition::service("a"), Condition::error()]);
        assert_eq!(q, r#"{ resource.service.name = "a" && status = error }"#);
        assert_eq!(and(&q, &Condition::error()), q);
        assert_eq!(Condition::error().negated().to_string(), "status != error");
        assert_eq!(attribute("span", "http.route"), "span.http.route");
        assert_eq!(attribute("span", "odd key"), r#"span."odd key""#);
    }
}
