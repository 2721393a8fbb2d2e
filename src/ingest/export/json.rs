//! OTLP messages as OTLP/JSON, written straight to text.

use crate::ingest::otlp::messages as m;
use crate::ingest::otlp::messages::any_value::Value as Any;
use crate::model::base64;

/// One compact object.
pub(super) fn print(data: &m::TracesData) -> String {
    let mut out = Writer::default();
    out.object(|o| o.list("resourceSpans", &data.resource_spans, resource_spans));
    out.text
}

fn resource_spans(o: &mut Writer, r: &m::ResourceSpans) {
    if let Some(resource) = &r.resource {
        o.key("resource");
        o.object(|o| {
            o.list("attributes", &resource.attributes, key_value);
            o.count("droppedAttributesCount", resource.dropped_attributes_count);
        });
    }
    o.list("scopeSpans", &r.scope_spans, scope_spans);
    o.string("schemaUrl", &r.schema_url);
}

fn scope_spans(o: &mut Writer, s: &m::ScopeSpans) {
    if let Some(scope) = &s.scope {
        o.key("scope");
        o.object(|o| {
            o.string("name", &scope.name);
            o.string("version", &scope.version);
            o.list("attributes", &scope.attributes, key_value);
            o.count("droppedAttributesCount", scope.dropped_attributes_count);
        });
    }
    o.list("spans", &s.spans, span);
    o.string("schemaUrl", &s.schema_url);
}

fn span(o: &mut Writer, s: &m::Span) {
    o.string("traceId", &hex(&s.trace_id));
    o.string("spanId", &hex(&s.span_id));
    o.string("parentSpanId", &hex(&s.parent_span_id));
    o.string("traceState", &s.trace_state);
    o.count("flags", s.flags);
    // Written even when empty: a reader may take a span without a name for something else.
    o.key("name");
    o.quote(&s.name);
    o.count("kind", s.kind.unsigned_abs());
    o.string("startTimeUnixNano", &s.start_time_unix_nano.to_string());
    o.string("endTimeUnixNano", &s.end_time_unix_nano.to_string());
    o.list("attributes", &s.attributes, key_value);
    o.count("droppedAttributesCount", s.dropped_attributes_count);
    o.list("events", &s.events, |o, e| {
        o.string("timeUnixNano", &e.time_unix_nano.to_string());
        o.string("name", &e.name);
        o.list("attributes", &e.attributes, key_value);
        o.count("droppedAttributesCount", e.dropped_attributes_count);
    });
    o.count("droppedEventsCount", s.dropped_events_count);
    o.list("links", &s.links, |o, l| {
        o.string("traceId", &hex(&l.trace_id));
        o.string("spanId", &hex(&l.span_id));
        o.string("traceState", &l.trace_state);
        o.count("flags", l.flags);
        o.list("attributes", &l.attributes, key_value);
        o.count("droppedAttributesCount", l.dropped_attributes_count);
    });
    o.count("droppedLinksCount", s.dropped_links_count);
    if let Some(status) = &s.status {
        o.key("status");
        o.object(|o| {
            o.string("message", &status.message);
            o.count("code", status.code.unsigned_abs());
        });
    }
}

fn key_value(o: &mut Writer, pair: &m::KeyValue) {
    o.key("key");
    o.quote(&pair.key);
    if let Some(value) = &pair.value {
        o.key("value");
        o.object(|o| any_value(o, value));
    }
}

fn any_value(o: &mut Writer, value: &m::AnyValue) {
    match &value.value {
        None => {}
        Some(Any::StringValue(s)) => {
            o.key("stringValue");
            o.quote(s);
        }
        Some(Any::BoolValue(b)) => {
            o.key("boolValue");
            o.text.push_str(if *b { "true" } else { "false" });
        }
        Some(Any::IntValue(i)) => {
            o.key("intValue");
            o.quote(&i.to_string());
        }
        Some(Any::DoubleValue(d)) => {
            o.key("doubleValue");
            match d {
                d if d.is_nan() => o.quote("NaN"),
                d if d.is_infinite() => o.quote(if *d > 0.0 { "Infinity" } else { "-Infinity" }),
                // Debug keeps the point of 1.0 and every digit that a reader needs.
                d => o.text.push_str(&format!("{d:?}")),
            }
        }
        Some(Any::ArrayValue(array)) => {
            o.key("arrayValue");
            o.object(|o| o.list("values", &array.values, any_value));
        }
        Some(Any::KvlistValue(list)) => {
            o.key("kvlistValue");
            o.object(|o| o.list("values", &list.values, key_value));
        }
        Some(Any::BytesValue(bytes)) => {
            o.key("bytesValue");
            o.quote(&base64(bytes));
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .map(|d| char::from(b"0123456789abcdef"[usize::from(d)]))
        .collect()
}

/// JSON text in the making; defaults are left out as the specification allows.
#[derive(Default)]
struct Writer {
    text: String,
}

impl Writer {
    fn object(&mut self, fields: impl FnOnce(&mut Self)) {
        self.text.push('{');
        fields(self);
        self.text.push('}');
    }

    fn key(&mut self, key: &str) {
        if !self.text.ends_with('{') {
            self.text.push(',');
        }
        self.text.push('"');
        self.text.push_str(key);
        self.text.push_str("\":");
    }

    fn string(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.key(key);
            self.quote(value);
        }
    }

    fn count(&mut self, key: &str, value: u32) {
        if value > 0 {
            self.key(key);
            self.text.push_str(&value.to_string());
        }
    }

    fn list<T>(&mut self, key: &str, items: &[T], item: impl Fn(&mut Self, &T)) {
        if items.is_empty() {
            return;
        }
        self.key(key);
        for (i, value) in items.iter().enumerate() {
            self.text.push(if i == 0 { '[' } else { ',' });
            self.object(|o| item(o, value));
        }
        self.text.push(']');
    }

    fn quote(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '"' => self.text.push_str("\\\""),
                '\\' => self.text.push_str("\\\\"),
                '\n' => self.text.push_str("\\n"),
                c if c < ' ' => self.text.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }
}
