//! Friendly forms: what people type before they know TraceQL, translated to TraceQL text that is shown.
//!
//! `service=checkout error dur>1s` becomes conditions joined by `&&`; bare words are looked for in names and,
//! where a store is at hand, in the values that hold them. Text that is TraceQL already is left alone.

use super::ast::Static;
use super::words::literal;
use super::{Error, Query, parse};
use crate::store::Store;

/// Most attributes that one bare word is looked for in.
const MAX_KEYS: usize = 8;

/// A query as a person meant it.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// What is asked.
    pub query: Query,
    /// The TraceQL text, where the text was none.
    pub translated: Option<String>,
}

/// Reads TraceQL or one of the friendly forms.
///
/// # Errors
/// The error of the text as TraceQL, where it is no friendly form either.
pub fn read(text: &str, store: Option<&Store>) -> Result<Reading, Error> {
    let error = match parse(text) {
        Ok(query) => return Ok(Reading { query, translated: None }),
        Err(error) => error,
    };
    let plain = text.trim();
    // While a filter is being typed its last brace is missing; what stands there has a meaning already.
    let closed = format!("{plain} }}");
    if plain.starts_with('{')
        && let Ok(query) = parse(&closed)
    {
        return Ok(Reading { query, translated: Some(closed) });
    }
    if plain.contains(['{', '}', '|']) || plain.starts_with('(') {
        return Err(error);
    }
    if plain.is_empty() {
        return parse("{ }").map(|query| Reading { query, translated: Some("{ }".to_owned()) });
    }
    let braced = format!("{{ {plain} }}");
    // Only the braces may be missing; a lone attribute is rather a word to look for.
    if plain.contains(['=', '<', '>', '~'])
        && let Ok(query) = parse(&braced)
    {
        return Ok(Reading { query, translated: Some(braced) });
    }
    let Some(translated) = translate(plain, store) else { return Err(error) };
    match parse(&translated) {
        Ok(query) => Ok(Reading { query, translated: Some(translated) }),
        Err(_) => Err(error),
    }
}

fn translate(text: &str, store: Option<&Store>) -> Option<String> {
    let mut out = String::from("{ ");
    let mut join = "";
    let mut negate = false;
    for word in split(text)? {
        match word.to_ascii_lowercase().as_str() {
            "and" | "&&" => continue,
            "or" => {
                join = " || ";
                continue;
            }
            "not" | "!" => {
                negate = !negate;
                continue;
            }
            _ => {}
        }
        let (minus, bare) = match word.strip_prefix(['-', '!']) {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, word),
        };
        let condition = condition(bare, store)?;
        out.push_str(join);
        if minus ^ negate {
            out.extend(["!(", &condition, ")"]);
        } else if condition.contains(" || ") {
            out.extend(["(", &condition, ")"]);
        } else {
            out.push_str(&condition);
        }
        negate = false;
        join = " && ";
    }
    out.push_str(" }");
    (join == " && ").then_some(out)
}

/// Words between white space; quotes keep words together.
fn split(text: &str) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut from = None;
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        if c == '"' {
            quoted = !quoted;
        }
        match (from, c.is_whitespace() && !quoted) {
            (None, false) => from = Some(at),
            (Some(start), true) => {
                words.push(&text[start..at]);
                from = None;
            }
            _ => {}
        }
    }
    words.extend(from.map(|start| &text[start..]));
    (!quoted).then_some(words)
}

fn condition(word: &str, store: Option<&Store>) -> Option<String> {
    let sign = word.char_indices().find(|(at, c)| *at > 0 && "=!<>~:".contains(*c)).map(|(at, _)| at);
    // A colon parts key and value only where no operator does, and not within an address.
    let Some(at) = sign.filter(|at| !word.starts_with('"') && !word[*at..].starts_with("://")) else {
        return look_for(word.trim_matches('"'), store);
    };
    let (key, rest) = word.split_at(at);
    let op =
        ["!=", ">=", "<=", "=~", "!~", "=", ">", "<", ":"].into_iter().find(|op| rest.starts_with(op))?;
    let value = rest[op.len()..].trim_matches('"');
    let op = if op == ":" { "=" } else { op };
    if value.is_empty() {
        return None;
    }
    let lower = key.to_ascii_lowercase();
    let quoted = quote(value);
    Some(match lower.as_str() {
        "service" | "service.name" | "svc" => format!("resource.service.name {op} {quoted}"),
        "name" | "operation" | "op" => format!("name {op} {quoted}"),
        "dur" | "duration" | "latency" => format!("duration {op} {value}"),
        "traceduration" => format!("traceDuration {op} {value}"),
        "trace" | "trace_id" | "traceid" => format!("trace:id {op} {}", quoted.to_ascii_lowercase()),
        "span" | "span_id" | "spanid" => format!("span:id {op} {}", quoted.to_ascii_lowercase()),
        "error" => {
            let yes = (value == "true") == (op == "=");
            format!("status {} error", if yes { "=" } else { "!=" })
        }
        "status" | "kind" => match literal(&value.to_ascii_lowercase()) {
            Some(Static::Status(_) | Static::Kind(_)) => {
                format!("{lower} {op} {}", value.to_ascii_lowercase())
            }
            _ => format!(".{lower} {op} {}", either(&format!(".{lower}"), op, value)),
        },
        _ => {
            let scoped = ["span.", "resource.", "event.", "link.", "instrumentation.", "."];
            let name =
                if scoped.iter().any(|s| key.starts_with(s)) { key.to_owned() } else { format!(".{key}") };
            format!("{name} {op} {}", either(&name, op, value))
        }
    })
}

/// A value whose type is unknown: numbers and booleans are also tried as text.
fn either(name: &str, op: &str, value: &str) -> String {
    let bare = value.parse::<f64>().is_ok_and(f64::is_finite) || matches!(value, "true" | "false");
    match op {
        "=" if bare => format!("{value} || {name} = {}", quote(value)),
        "!=" if bare => format!("{value} && {name} != {}", quote(value)),
        "<" | "<=" | ">" | ">=" if bare || super::parse_duration(value).is_some() => value.to_owned(),
        _ => quote(value),
    }
}

fn look_for(word: &str, store: Option<&Store>) -> Option<String> {
    match word.to_ascii_lowercase().as_str() {
        "" => return None,
        "error" | "errors" | "failed" => return Some("status = error".to_owned()),
        "ok" => return Some("status = ok".to_owned()),
        _ => {}
    }
    let pattern = quote(&format!("(?i).*{}.*", escape(word)));
    let mut parts = vec![format!("name =~ {pattern}"), format!("statusMessage =~ {pattern}")];
    match store {
        None => parts.push(format!("resource.service.name =~ {pattern}")),
        Some(store) => parts.extend(keys_with(store, word).iter().map(|key| format!("{key} =~ {pattern}"))),
    }
    Some(parts.join(" || "))
}

/// Attributes that hold a word in some value, in the order first met.
fn keys_with(store: &Store, word: &str) -> Vec<String> {
    let wanted = word.to_lowercase();
    let mut keys = Vec::new();
    for (_, key, value) in store.attributes().iter() {
        let text = store.attributes().key_text(key);
        if text.is_empty() || keys.contains(&key) || keys.len() >= MAX_KEYS {
            continue;
        }
        if value.as_str().is_some_and(|value| holds(value, &wanted)) {
            keys.push(key);
        }
    }
    let attr = |key: &crate::store::KeyId| super::ast::Attr::Named {
        scope: super::ast::AttrScope::Any,
        name: store.attributes().key_text(*key).to_owned(),
    };
    keys.iter().map(|key| attr(key).to_string()).collect()
}

/// Whether a text holds a lower-case word in any case; plain ASCII costs no allocation.
fn holds(text: &str, word: &str) -> bool {
    if word.is_empty() {
        true
    } else if text.is_ascii() {
        text.len() >= word.len()
            && text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
    } else {
        text.to_lowercase().contains(word)
    }
}

/// A string literal.
pub(super) fn quote(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{text}\"")
}

fn escape(word: &str) -> String {
    let mut out = String::new();
    for c in word.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn friendly_forms_become_traceql() {
        let check = |text: &str, want: &str| {
            let got = read(text, None).map(|r| r.translated.unwrap_or_default());
            assert_eq!(got.as_deref(), Ok(want), "{text}");
        };
        check("{ .a }", "");
        check("", "{ }");
        check(
            "service=checkout error dur>1s",
            "{ resource.service.name = \"checkout\" && status = error && duration > 1s }",
        );
        check("status = error && duration > 1s", "{ status = error && duration > 1s }");
        check("error=true", "{ status = error }");
        check("http.status_code=500", "{ (.http.status_code = 500 || .http.status_code = \"500\") }");
        check("-service:cart or kind=server", "{ !(resource.service.name = \"cart\") || kind = server }");
        check(
            "check.out",
            "{ (name =~ \"(?i).*check\\\\.out.*\" || statusMessage =~ \"(?i).*check\\\\.out.*\" || resource.service.name =~ \"(?i).*check\\\\.out.*\") }",
        );
        check("{ status = error", "{ status = error }");
        check("{ kind = server } > { name =~ \".*\"", "{ kind = server } > { name =~ \".*\" }");
        assert!(read("{ .a =", None).is_err());
        assert!(read("{ .a } | by(.b", None).is_err());
        assert!(read("\"open", None).is_err());
    }
}
