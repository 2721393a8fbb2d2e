//! OTLP/JSON read as plain JSON, without a line of the crate: what the answers are compared with.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::Value;

/// One span.
#[derive(Clone, Debug)]
pub struct Span {
    pub trace: String,
    pub id: String,
    pub parent: String,
    pub name: String,
    pub kind: &'static str,
    pub status: &'static str,
    pub start: u64,
    pub end: u64,
    pub attributes: BTreeMap<String, String>,
    pub resource: BTreeMap<String, String>,
}

impl Span {
    pub fn duration(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    pub fn key(&self) -> String {
        format!("{}{}", self.trace, self.id)
    }

    /// The text of a TraceQL field; none where the span lacks it.
    pub fn text(&self, field: &str) -> Option<String> {
        let key = |key: &str| key.trim_matches('"').to_owned();
        Some(match field {
            "name" => self.name.clone(),
            "kind" => self.kind.to_owned(),
            "status" => self.status.to_owned(),
            _ => match (field.strip_prefix("span."), field.strip_prefix("resource.")) {
                (Some(k), _) => self.attributes.get(&key(k))?.clone(),
                (_, Some(k)) => self.resource.get(&key(k))?.clone(),
                _ => panic!("no field {field}"),
            },
        })
    }
}

/// The spans of a file, which may be gzipped.
pub fn spans(bytes: &[u8]) -> Vec<Span> {
    let mut plain = Vec::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    } else {
        plain.extend_from_slice(bytes);
    }
    let file: Value = serde_json::from_slice(&plain).unwrap();
    let mut all = Vec::new();
    for group in items(&file["resourceSpans"]) {
        let resource = attributes(&group["resource"]["attributes"]);
        for scope in items(&group["scopeSpans"]) {
            for span in items(&scope["spans"]) {
                let text = |field: &str| span[field].as_str().unwrap_or_default().to_owned();
                all.push(Span {
                    trace: text("traceId"),
                    id: text("spanId"),
                    parent: text("parentSpanId"),
                    name: text("name"),
                    kind: word(
                        &span["kind"],
                        &["unspecified", "internal", "server", "client", "producer", "consumer"],
                    ),
                    status: word(&span["status"]["code"], &["unset", "ok", "error"]),
                    start: number(&span["startTimeUnixNano"]),
                    end: number(&span["endTimeUnixNano"]),
                    attributes: attributes(&span["attributes"]),
                    resource: resource.clone(),
                });
            }
        }
    }
    all
}

/// The quantile of numpy's default: between the closest ranks.
pub fn quantile(sorted: &[u64], p: f64) -> f64 {
    let rank = (sorted.len() - 1) as f64 * p;
    let (low, part) = (rank.floor() as usize, rank.fract());
    let next = sorted.get(low + 1).copied().unwrap_or(sorted[low]);
    sorted[low] as f64 + part * (next as f64 - sorted[low] as f64)
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn number(value: &Value) -> u64 {
    value.as_str().map_or_else(|| value.as_u64().unwrap_or(0), |text| text.parse().unwrap())
}

fn word(value: &Value, words: &[&'static str]) -> &'static str {
    let named = value.as_str().and_then(|text| {
        let end = text.rsplit('_').next()?.to_lowercase();
        words.iter().find(|word| **word == end).copied()
    });
    named.unwrap_or_else(|| words[value.as_u64().unwrap_or(0) as usize])
}

fn attributes(list: &Value) -> BTreeMap<String, String> {
    let pair = |pair: &Value| {
        let (key, value) = (pair["key"].as_str().unwrap().to_owned(), pair["value"].as_object().unwrap());
        let (kind, value) = value.iter().next().unwrap();
        let text = match (kind.as_str(), value) {
            ("doubleValue", number) => number.as_f64().map_or_else(|| number.to_string(), |n| n.to_string()),
            ("arrayValue", list) => {
                let inner: Vec<String> = items(&list["values"]).iter().map(member).collect();
                format!("[{}]", inner.join(", "))
            }
            (_, Value::String(text)) => text.clone(),
            (_, other) => other.to_string(),
        };
        (key, text)
    };
    items(list).iter().map(pair).collect()
}

/// An element of a list, as JSON.
fn member(value: &Value) -> String {
    let (kind, value) = value.as_object().unwrap().iter().next().unwrap();
    match (kind.as_str(), value) {
        ("intValue", Value::String(digits)) => digits.clone(),
        (_, other) => other.to_string(),
    }
}
