//! OTLP messages as OTLP/JSON: hex ids, 64-bit numbers as text, base64 bytes, defaults left out.
//!
//! (`specs/otlp.md` §6)

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::ingest::base64;
use crate::ingest::otlp::messages::{
    AnyValue, Event, InstrumentationScope, KeyValue, Link, Resource, ScopeSpans, Span, TracesData, any_value,
};

/// An object under construction: members with default values are left out.
#[derive(Default)]
struct Object(Map<String, Value>);

impl Object {
    fn set(mut self, key: &str, value: Value) -> Self {
        let default = match &value {
            Value::Null => true,
            Value::String(s) => s.is_empty(),
            Value::Number(n) => n.as_u64() == Some(0),
            Value::Array(a) => a.is_empty(),
            Value::Object(_) | Value::Bool(_) => false,
        };
        if !default {
            self.0.insert(key.to_owned(), value);
        }
        self
    }

    fn time(self, key: &str, nanos: u64) -> Self {
        self.set(key, if nanos == 0 { Value::Null } else { Value::from(nanos.to_string()) })
    }

    fn done(self) -> Value {
        Value::Object(self.0)
    }
}

fn hex(bytes: &[u8]) -> Value {
    Value::from(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    }))
}

/// The whole message.
pub(in crate::ingest) fn traces(data: &TracesData) -> Value {
    let groups = data.resource_spans.iter().map(|group| {
        Object::default()
            .set("resource", group.resource.as_ref().map_or(Value::Null, resource))
            .set("scopeSpans", group.scope_spans.iter().map(scope_spans).collect())
            .set("schemaUrl", Value::from(group.schema_url.as_str()))
            .done()
    });
    json!({ "resourceSpans": groups.collect::<Vec<_>>() })
}

fn resource(resource: &Resource) -> Value {
    Object::default()
        .set("attributes", attributes(&resource.attributes))
        .set("droppedAttributesCount", resource.dropped_attributes_count.into())
        .done()
}

fn scope_spans(group: &ScopeSpans) -> Value {
    Object::default()
        .set("scope", group.scope.as_ref().map_or(Value::Null, scope))
        .set("spans", group.spans.iter().map(span).collect())
        .set("schemaUrl", Value::from(group.schema_url.as_str()))
        .done()
}

fn scope(scope: &InstrumentationScope) -> Value {
    Object::default()
        .set("name", Value::from(scope.name.as_str()))
        .set("version", Value::from(scope.version.as_str()))
        .set("attributes", attributes(&scope.attributes))
        .set("droppedAttributesCount", scope.dropped_attributes_count.into())
        .done()
}

fn span(span: &Span) -> Value {
    let status = span.status.as_ref().map_or(Value::Null, |status| {
        Object::default()
            .set("message", Value::from(status.message.as_str()))
            .set("code", status.code.into())
            .done()
    });
    Object::default()
        .set("traceId", hex(&span.trace_id))
        .set("spanId", hex(&span.span_id))
        .set("traceState", Value::from(span.trace_state.as_str()))
        .set("parentSpanId", hex(&span.parent_span_id))
        .set("name", Value::from(span.name.as_str()))
        .set("kind", span.kind.into())
        .time("startTimeUnixNano", span.start_time_unix_nano)
        .time("endTimeUnixNano", span.end_time_unix_nano)
        .set("attributes", attributes(&span.attributes))
        .set("droppedAttributesCount", span.dropped_attributes_count.into())
        .set("events", span.events.iter().map(event).collect())
        .set("droppedEventsCount", span.dropped_events_count.into())
        .set("links", span.links.iter().map(link).collect())
        .set("droppedLinksCount", span.dropped_links_count.into())
        .set("status", status)
        .set("flags", span.flags.into())
        .done()
}

fn event(event: &Event) -> Value {
    Object::default()
        .time("timeUnixNano", event.time_unix_nano)
        .set("name", Value::from(event.name.as_str()))
        .set("attributes", attributes(&event.attributes))
        .set("droppedAttributesCount", event.dropped_attributes_count.into())
        .done()
}

fn link(link: &Link) -> Value {
    Object::default()
        .set("traceId", hex(&link.trace_id))
        .set("spanId", hex(&link.span_id))
        .set("traceState", Value::from(link.trace_state.as_str()))
        .set("attributes", attributes(&link.attributes))
        .set("droppedAttributesCount", link.dropped_attributes_count.into())
        .set("flags", link.flags.into())
        .done()
}

fn attributes(list: &[KeyValue]) -> Value {
    list.iter().map(key_value).collect()
}

fn key_value(pair: &KeyValue) -> Value {
    json!({ "key": pair.key, "value": pair.value.as_ref().map_or_else(|| json!({}), value) })
}

/// A value with its type. Messages made from a store nest at most 100 levels, so the recursion is bounded.
fn value(value: &AnyValue) -> Value {
    use any_value::Value as In;
    match &value.value {
        None => json!({}),
        Some(In::Str(s)) => json!({ "stringValue": s }),
        Some(In::Bool(b)) => json!({ "boolValue": b }),
        Some(In::Int(i)) => json!({ "intValue": i.to_string() }),
        Some(In::Double(d)) => json!({ "doubleValue": double(*d) }),
        Some(In::Array(list)) => {
            json!({ "arrayValue": { "values": list.values.iter().map(self::value).collect::<Vec<_>>() } })
        }
        Some(In::Map(map)) => {
            json!({ "kvlistValue": { "values": map.values.iter().map(key_value).collect::<Vec<_>>() } })
        }
        Some(In::Bytes(bytes)) => json!({ "bytesValue": base64::encode(bytes) }),
    }
}

fn double(d: f64) -> Value {
    match d {
        d if d.is_nan() => "NaN".into(),
        f64::INFINITY => "Infinity".into(),
        f64::NEG_INFINITY => "-Infinity".into(),
        d => d.into(),
    }
}
