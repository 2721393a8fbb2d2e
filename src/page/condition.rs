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

/// Adds a condition to the first spanset filter of a query, where it holds of the same span; a condition that
/// stands there already is not added again.
pub fn and(q: &str, condition: &Condition) -> String {
    and_text(q, &condition.to_string())
}

/// [`and`] for a condition that is more than one comparison.
pub fn and_text(q: &str, condition: &str) -> String {
    let q = q.trim();
    let Some((open, close)) = first_filter(q) else {
        return if q.is_empty() {
            format!("{{ {condition} }}")
        } else {
            format!("{{ {condition} }} && ({q})")
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

/// Whether a query is one spanset filter, or empty.
pub fn is_filter(q: &str) -> bool {
    let q = q.trim();
    q.is_empty() || first_filter(q).is_some_and(|(open, close)| open == 0 && close + 1 == q.len())
}

/// The comparisons that all spans of a query's first filter meet; none where it has alternatives.
pub fn parts(q: &str) -> Vec<String> {
    let Some((open, close)) = first_filter(q) else { return Vec::new() };
    let inside = q[open + 1..close].trim();
    if inside.is_empty() || has_or(inside) { Vec::new() } else { split(inside).map(str::to_owned).collect() }
}

/// Takes a comparison out of the first filter of a query; a query of nothing else becomes empty.
pub fn without(q: &str, part: &str) -> String {
    let (Some((open, close)), all) = (first_filter(q), parts(q)) else { return q.to_owned() };
    let left: Vec<&str> = all.iter().map(String::as_str).filter(|p| *p != part).collect();
    if left.len() == all.len() {
        return q.to_owned();
    }
    let (before, after) = (&q[..open], &q[close + 1..]);
    if left.is_empty() && is_filter(q) {
        return String::new();
    }
    let left = if left.is_empty() { String::new() } else { left.join(" && ") + " " };
    format!("{before}{{ {left}}}{after}")
}

/// Bytes outside of literals, with how deep in parentheses they are.
fn bare(text: &str) -> impl Iterator<Item = (usize, u8, i32)> + '_ {
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

fn first_filter(q: &str) -> Option<(usize, usize)> {
    let open = bare(q).find(|(_, b, _)| *b == b'{')?.0;
    let close = bare(q).find(|(at, b, _)| *at > open && *b == b'}')?.0;
    Some((open, close))
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
        check(r#"{ .k = "}" } >> { }"#, r#"{ .k = "}" && name = "a \"b\"" } >> { }"#);
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
        assert!(is_filter("") && is_filter("{ .a = 1 }") && !is_filter("{ } >> { }"));
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
