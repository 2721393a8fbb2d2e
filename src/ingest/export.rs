//! One trace back to bytes: OTLP protobuf and OTLP/JSON.
//!
//! What is saved opens again with the same facts. The JSON follows the specification to the letter (OTLP 1.11,
//! "JSON Protobuf Encoding"): ids in hex, 64-bit numbers as text, enums as numbers, bytes in base64.

mod json;

use prost::Message;

use super::otlp::messages as m;
use super::otlp::messages::any_value::Value as Any;
use crate::model::Value;
use crate::store::{AttrId, Resource, Scope, Store};

/// A trace as one `ExportTraceServiceRequest`.
pub fn trace_protobuf(store: &Store, trace: u32) -> Vec<u8> {
    message(store, trace).encode_to_vec()
}

/// A trace as one OTLP/JSON object.
pub fn trace_json(store: &Store, trace: u32) -> String {
    json::print(&message(store, trace))
}

/// The messages of a trace: spans in the order read, grouped by resource and scope in the order met.
fn message(store: &Store, trace: u32) -> m::TracesData {
    let mut rows: Vec<u32> = store.trace(trace).rows().to_vec();
    rows.sort_unstable();
    let mut data = m::TracesData::default();
    let mut resources: Vec<Option<u32>> = Vec::new();
    let mut scopes: Vec<Vec<Option<u32>>> = Vec::new();
    for row in rows {
        let resource = store.resource_id(row).map(|id| id.0);
        let r = resources.iter().position(|&known| known == resource).unwrap_or_else(|| {
            resources.push(resource);
            scopes.push(Vec::new());
            data.resource_spans
                .push(store.resource(row).map_or_else(Default::default, |r| of_resource(store, r)));
            resources.len() - 1
        });
        let scope = store.scope_id(row).map(|id| id.0);
        let of_this = &mut data.resource_spans[r].scope_spans;
        let s = scopes[r].iter().position(|&known| known == scope).unwrap_or_else(|| {
            scopes[r].push(scope);
            of_this.push(store.scope(row).map_or_else(Default::default, |s| of_scope(store, s)));
            of_this.len() - 1
        });
        of_this[s].spans.push(span(store, row));
    }
    data
}

fn of_resource(store: &Store, resource: &Resource) -> m::ResourceSpans {
    m::ResourceSpans {
        resource: Some(m::Resource {
            attributes: attributes(store, resource.attributes.iter().copied()),
            dropped_attributes_count: resource.dropped,
        }),
        scope_spans: Vec::new(),
        schema_url: store.text(resource.schema_url).to_owned(),
    }
}

fn of_scope(store: &Store, scope: &Scope) -> m::ScopeSpans {
    m::ScopeSpans {
        scope: Some(m::InstrumentationScope {
            name: store.text(scope.name).to_owned(),
            version: store.text(scope.version).to_owned(),
            attributes: attributes(store, scope.attributes.iter().copied()),
            dropped_attributes_count: scope.dropped,
        }),
        spans: Vec::new(),
        schema_url: store.text(scope.schema_url).to_owned(),
    }
}

fn span(store: &Store, row: u32) -> m::Span {
    let spans = store.spans();
    let at = row as usize;
    let extra = spans.extra(row);
    let (events, links) = (&spans.events, &spans.links);
    let parent = spans.parent_id.get(at);
    let (code, message) = (spans.status(row) as i32, store.text(extra.status_message));
    m::Span {
        trace_id: store.trace_id(spans.trace.get(at)).0.to_vec(),
        span_id: spans.id.get(at).to_be_bytes().to_vec(),
        trace_state: store.text(extra.trace_state).to_owned(),
        parent_span_id: if parent == 0 { Vec::new() } else { parent.to_be_bytes().to_vec() },
        flags: extra.flags,
        name: store.name(row).to_owned(),
        kind: spans.kind(row) as i32,
        start_time_unix_nano: spans.start.get(at),
        end_time_unix_nano: spans.end.get(at),
        attributes: attributes(store, spans.attributes(row)),
        dropped_attributes_count: extra.dropped_attributes,
        events: spans
            .events_of(row)
            .map(|e| m::Event {
                time_unix_nano: events.time.get(e),
                name: store.text(events.name(e)).to_owned(),
                attributes: attributes(store, events.attributes(e)),
                dropped_attributes_count: events.dropped.get(e),
            })
            .collect(),
        dropped_events_count: extra.dropped_events,
        links: spans
            .links_of(row)
            .map(|l| m::Link {
                trace_id: links.trace_id.get(l).0.to_vec(),
                span_id: links.span_id.get(l).to_be_bytes().to_vec(),
                trace_state: store.text(crate::store::StrId(links.trace_state.get(l))).to_owned(),
                attributes: attributes(store, links.attributes(l)),
                dropped_attributes_count: links.dropped.get(l),
                flags: links.flags.get(l),
            })
            .collect(),
        dropped_links_count: extra.dropped_links,
        status: (code != 0 || !message.is_empty()).then(|| m::Status { message: message.to_owned(), code }),
    }
}

fn attributes(store: &Store, ids: impl Iterator<Item = AttrId>) -> Vec<m::KeyValue> {
    let dictionary = store.attributes();
    ids.map(|id| m::KeyValue {
        key: dictionary.key_text(dictionary.key(id)).to_owned(),
        value: Some(any(dictionary.value(id).to_value())),
    })
    .collect()
}

/// A value as a message. Values nest at most as deep as the store keeps them.
fn any(value: Value) -> m::AnyValue {
    let value = match value {
        Value::Empty => None,
        Value::Str(s) => Some(Any::StringValue(s)),
        Value::Bool(b) => Some(Any::BoolValue(b)),
        Value::Int(i) => Some(Any::IntValue(i)),
        Value::Double(d) => Some(Any::DoubleValue(d)),
        Value::Bytes(b) => Some(Any::BytesValue(b)),
        Value::Array(values) => {
            Some(Any::ArrayValue(m::ArrayValue { values: values.into_iter().map(any).collect() }))
        }
        Value::Map(members) => {
            let pair = |(key, value)| m::KeyValue { key, value: Some(any(value)) };
            Some(Any::KvlistValue(m::KeyValueList { values: members.into_iter().map(pair).collect() }))
        }
    };
    m::AnyValue { value }
}

#[cfg(test)]
mod tests {
    use super::super::{Limits, Progress, Reader};
    use super::*;
    use crate::model::{SpanId, SpanKind, StatusCode, TraceId};
    use crate::store::nested::Encoder;
    use crate::store::{AttrList, Builder, LinkDraft, SpanDraft, StrId, ValueRef};

    fn open(bytes: &[u8]) -> Builder {
        let mut builder = Builder::default();
        let mut reader = Reader::new("saved", Limits::default());
        reader.feed(bytes);
        reader.end();
        while reader.pump(&mut builder, 1 << 20) == Progress::More {}
        let report = reader.finish(&mut builder);
        assert!(report[0].problems.is_empty(), "{report:?}");
        builder.seal();
        builder
    }

    fn sample() -> Builder {
        let mut builder = Builder::default();
        let resource = builder.open_resource();
        let scope = builder.open_scope(resource);
        let mut draft = SpanDraft::default();
        draft.clear();
        draft.trace_id = TraceId([7; 16]);
        draft.span_id = SpanId(0x0102);
        draft.parent_id = SpanId(9);
        draft.name = builder.intern("naïve \u{7} \"quoted\"".as_bytes());
        draft.kind = SpanKind::Producer;
        draft.status = StatusCode::Error;
        draft.start_ns = u64::MAX - 5;
        draft.end_ns = u64::MAX;
        draft.extra.flags = 0x301;
        draft.extra.status_message = builder.intern(b"boom");
        draft.extra.dropped_links = 3;
        let mut encoder = Encoder::default();
        encoder.start();
        encoder.int(i64::MIN);
        if encoder.open_map() {
            encoder.key(b"k");
            encoder.raw(&[0, 255]);
            encoder.close();
        }
        encoder.empty();
        let dictionary = builder.attributes();
        draft.attributes.push(dictionary, b"list", ValueRef::Array(encoder.finish()));
        draft.attributes.push(dictionary, b"d", ValueRef::Double(f64::NEG_INFINITY));
        draft.attributes.push(dictionary, b"one", ValueRef::Double(1.0));
        draft.attributes.push(dictionary, b"ok", ValueRef::Bool(true));
        draft.event_attributes.push(dictionary, b"exception.type", ValueRef::Str(b"Error"));
        let name = builder.intern(b"exception");
        draft.push_event(5, name, 1);
        draft.push_link(LinkDraft {
            trace_id: TraceId([8; 16]),
            span_id: SpanId(4),
            flags: 1,
            ..LinkDraft::default()
        });
        builder.commit(scope, &draft);
        let name = builder.intern(b"lib");
        builder.close_scope(scope, Scope { name, ..Scope::default() });
        let mut list = AttrList::default();
        list.push(builder.attributes(), b"service.name", ValueRef::Str(b"web"));
        builder.close_resource(resource, &list, 2, StrId::EMPTY);
        builder.seal();
        builder
    }

    #[test]
    fn what_is_saved_opens_again_as_it_was() {
        let original = sample();
        let want = message(original.store(), 0);
        assert_eq!(message(open(&trace_protobuf(original.store(), 0)).store(), 0), want);
        assert_eq!(message(open(trace_json(original.store(), 0).as_bytes()).store(), 0), want);
    }
}
