//! Small stores for the tables: OTLP JSON by way of `serde_json` values, and the one span of
//! traceql.md §6.1.

use serde_json::Value as Json;

use crate::model::{SpanId, SpanKind, StatusCode, TraceId, Value};
use crate::store::nested::Encoder;
use crate::store::{AttrList, Builder, Scope, SpanDraft, StrId, ValueRef};

/// Adds an attribute that is at hand as an object.
pub(in crate::traceql) fn push(list: &mut AttrList, builder: &mut Builder, key: &str, value: &Value) {
    let mut encoder = Encoder::default();
    let value = match value {
        Value::Empty => ValueRef::Empty,
        Value::Str(s) => ValueRef::Str(s.as_bytes()),
        Value::Bool(b) => ValueRef::Bool(*b),
        Value::Int(n) => ValueRef::Int(*n),
        Value::Double(f) => ValueRef::Double(*f),
        Value::Bytes(b) => ValueRef::Bytes(b),
        Value::Array(items) => {
            encoder.start();
            for item in items {
                encoder.value(item);
            }
            ValueRef::Array(encoder.finish())
        }
        Value::Map(_) => return,
    };
    list.push(builder.attributes(), key.as_bytes(), value);
}

fn number(json: &Json) -> u64 {
    json.as_u64().or_else(|| json.as_str().and_then(|s| s.parse().ok())).unwrap_or(0)
}

fn value(json: &Json) -> Value {
    if let Some(s) = json["stringValue"].as_str() {
        return Value::Str(s.to_owned());
    }
    if let Some(f) = json["doubleValue"].as_f64() {
        return Value::Double(f);
    }
    Value::Int(number(&json["intValue"]) as i64)
}

fn attributes(list: &mut AttrList, builder: &mut Builder, json: &Json) {
    for item in json.as_array().into_iter().flatten() {
        push(list, builder, item["key"].as_str().unwrap_or(""), &value(&item["value"]));
    }
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap_or("")
}

/// The sealed store of a fixture file.
pub(in crate::traceql) fn load(name: &str) -> Builder {
    let json: Json = serde_json::from_str(&super::file(name)).expect("a fixture of JSON");
    let mut builder = Builder::default();
    for resource_spans in json["resourceSpans"].as_array().into_iter().flatten() {
        let resource = builder.open_resource();
        for scope_spans in resource_spans["scopeSpans"].as_array().into_iter().flatten() {
            let slot = builder.open_scope(resource);
            for span in scope_spans["spans"].as_array().into_iter().flatten() {
                let mut draft = SpanDraft::default();
                draft.clear();
                draft.trace_id = TraceId::parse(text(&span["traceId"])).unwrap_or_default();
                draft.span_id = SpanId::parse(text(&span["spanId"])).unwrap_or_default();
                draft.parent_id = SpanId::parse(text(&span["parentSpanId"])).unwrap_or_default();
                draft.name = builder.intern(text(&span["name"]).as_bytes());
                draft.kind = SpanKind::from_number(number(&span["kind"]));
                draft.status = StatusCode::from_number(number(&span["status"]["code"]));
                draft.start_ns = number(&span["startTimeUnixNano"]);
                draft.end_ns = number(&span["endTimeUnixNano"]);
                draft.extra.trace_state = builder.intern(text(&span["traceState"]).as_bytes());
                attributes(&mut draft.attributes, &mut builder, &span["attributes"]);
                for event in span["events"].as_array().into_iter().flatten() {
                    attributes(&mut draft.event_attributes, &mut builder, &event["attributes"]);
                    let name = builder.intern(text(&event["name"]).as_bytes());
                    draft.push_event(number(&event["timeUnixNano"]), name, 0);
                }
                builder.commit(slot, &draft);
            }
            let scope = &scope_spans["scope"];
            let name = builder.intern(text(&scope["name"]).as_bytes());
            let version = builder.intern(text(&scope["version"]).as_bytes());
            builder.close_scope(slot, Scope { name, version, ..Scope::default() });
        }
        let mut list = AttrList::default();
        list.clear();
        attributes(&mut list, &mut builder, &resource_spans["resource"]["attributes"]);
        builder.close_resource(resource, &list, 0, StrId::EMPTY);
    }
    builder.seal();
    builder
}

/// The span of traceql.md §6.1.
pub(in crate::traceql) fn one_span() -> Builder {
    let mut builder = Builder::default();
    let resource = builder.open_resource();
    let slot = builder.open_scope(resource);
    let mut draft = SpanDraft::default();
    draft.clear();
    draft.trace_id = TraceId([1; 16]);
    draft.span_id = SpanId(1);
    draft.name = builder.intern(b"GET /");
    draft.kind = SpanKind::Server;
    draft.status = StatusCode::Error;
    draft.start_ns = 1_700_000_000_000_000_000;
    draft.end_ns = draft.start_ns + 2_000_000_000;
    let s = |text: &str| Value::Str(text.to_owned());
    for (key, value) in [
        ("s", s("foo")),
        ("i", Value::Int(5)),
        ("f", Value::Double(5.0)),
        ("b", Value::Bool(true)),
        ("num", s("200")),
        ("sa", Value::Array(vec![s("x"), s("y")])),
        ("ia", Value::Array(vec![Value::Int(1), Value::Int(5)])),
        ("fa", Value::Array(vec![Value::Double(1.5), Value::Double(2.0)])),
        ("ba", Value::Array(vec![Value::Bool(true), Value::Bool(false)])),
        ("ea", Value::Array(Vec::new())),
        ("dup", s("span")),
    ] {
        push(&mut draft.attributes, &mut builder, key, &value);
    }
    builder.commit(slot, &draft);
    builder.close_scope(slot, Scope::default());
    let mut list = AttrList::default();
    list.clear();
    push(&mut list, &mut builder, "r", &s("res"));
    push(&mut list, &mut builder, "dup", &s("res"));
    builder.close_resource(resource, &list, 0, StrId::EMPTY);
    builder.seal();
    builder
}
