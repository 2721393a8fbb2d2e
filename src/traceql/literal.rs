//! Fields and values of the data as TraceQL text: what facets and comparisons offer for a click.
//!
//! Unlike the canonical print, text stands in double quotes, as a person types it.

use super::ast::{Attr, AttrScope, Static};
use crate::model::Value;
use crate::store::{AttrId, Store, ValueRef};

/// A text literal in double quotes.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The field of an attribute of a `span` or its `resource`, quoted where the grammar needs it.
pub fn attribute_field(scope: &str, key: &str) -> String {
    let scope = if scope == "resource" { AttrScope::Resource } else { AttrScope::Span };
    Attr::Named { scope, name: key.to_owned() }.to_string()
}

/// A dictionary entry's value as a literal; "" for what TraceQL cannot name: maps, bytes, arrays, no number.
pub fn literal(store: &Store, attr: AttrId) -> String {
    match store.attributes().value(attr) {
        value @ ValueRef::Str(_) => quoted(value.as_str().unwrap_or_default()),
        ValueRef::Bool(b) => b.to_string(),
        ValueRef::Int(n) => Static::Int(n).to_string(),
        ValueRef::Double(x) if x.is_finite() => Static::Float(x).to_string(),
        _ => String::new(),
    }
}

impl Static {
    /// The value outside of TraceQL: durations as nanoseconds, kinds and status codes as words.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Int(n) | Self::Duration(n) => Value::Int(*n),
            Self::Float(f) => Value::Double(*f),
            Self::Str(s) => Value::Str(s.clone()),
            Self::Bool(b) => Value::Bool(*b),
            Self::Status(status) => Value::Str(status.word().to_owned()),
            Self::Kind(kind) => Value::Str(kind.word().to_owned()),
            Self::Nil => Value::Empty,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_offered_reads_back() {
        for (text, field) in [("a\"b\\c\nd", "http.route"), ("`x`", "odd key"), ("", "a\"b")] {
            let query = format!("{{ {} = {} }}", attribute_field("span", field), quoted(text));
            let parsed = crate::traceql::parse(&query).unwrap_or_else(|e| panic!("{query}: {e}"));
            let again = crate::traceql::parse(&parsed.to_string()).unwrap();
            assert_eq!(parsed.to_string(), again.to_string());
        }
    }
}
