//! The way back: traces of the store as OTLP protobuf or OTLP/JSON.
//!
//! What is saved opens again with the same facts. A missing time or id is left out, as the protocol has it.

pub(super) mod json;

use prost::Message;

use super::otlp::messages::{
    AnyValue, ArrayValue, Event, InstrumentationScope, KeyValue, KeyValueList, Link, Resource, ResourceSpans,
    ScopeSpans, Span, Status, TracesData, any_value,
};
use crate::model::{StatusCode, Value};
use crate::store::{AttrId, Store, StrId};

/// Spans that are turned into messages at a time: a trace of a million spans is never there as objects.
const AT_ONCE: usize = 4096;

/// A trace as `TracesData` in protobuf.
pub fn trace_protobuf(store: &Store, trace: u32) -> Vec<u8> {
    traces_protobuf(store, &[trace])
}

/// A trace as OTLP/JSON (`specs/otlp.md` §6): ids in hex, 64-bit numbers as text, bytes in base64.
pub fn trace_json(store: &Store, trace: u32) -> String {
    let mut bytes = traces_json(store, &[trace]);
    frame_json(&mut bytes, true, true);
    String::from_utf8(bytes).unwrap_or_default()
}

/// Traces as `TracesData` in protobuf, where messages one after another are one message.
pub fn traces_protobuf(store: &Store, traces: &[u32]) -> Vec<u8> {
    let mut out = Vec::new();
    // A vector takes what it is given.
    each(store, traces, &mut |data| data.encode(&mut out).unwrap_or_default());
    out
}

/// Traces as the members of OTLP/JSON's list of resource spans, with a comma before each; [`frame_json`] makes a
/// document of them.
pub fn traces_json(store: &Store, traces: &[u32]) -> Vec<u8> {
    let mut out = Vec::new();
    each(store, traces, &mut |data| {
        let text = json::traces(data).to_string();
        let members = text.strip_prefix(OPENING).and_then(|t| t.strip_suffix(CLOSING)).unwrap_or_default();
        if !members.is_empty() {
            out.push(b',');
            out.extend_from_slice(members.as_bytes());
        }
    });
    out
}

const OPENING: &str = r#"{"resourceSpans":["#;
const CLOSING: &str = "]}";

/// Makes what [`traces_json`] gave the beginning of a document, its end, or both.
pub fn frame_json(members: &mut Vec<u8>, first: bool, last: bool) {
    if first {
        let comma = usize::from(!members.is_empty());
        members.splice(..comma, OPENING.bytes());
    }
    if last {
        members.extend_from_slice(CLOSING.as_bytes());
    }
}

fn each(store: &Store, traces: &[u32], visit: &mut dyn FnMut(&TracesData)) {
    for &trace in traces {
        let mut rows = store.trace(trace).rows().to_vec();
        rows.sort_unstable();
        for some in rows.chunks(AT_ONCE) {
            visit(&message(store, some));
        }
    }
}

/// A trace as the message.
pub fn trace_message(store: &Store, trace: u32) -> TracesData {
    let mut rows = store.trace(trace).rows().to_vec();
    rows.sort_unstable();
    message(store, &rows)
}

/// Spans in the order given, grouped by resource and scope where they are neighbors.
fn message(store: &Store, rows: &[u32]) -> TracesData {
    let mut data = TracesData::default();
    let mut last = None;
    for &row in rows {
        let (resource, scope) = (store.resource_id(row), store.scope_id(row));
        let (last_resource, last_scope) = last.unzip();
        if last_resource != Some(resource) {
            data.resource_spans.push(ResourceSpans {
                resource: store.resource(row).map(|r| Resource {
                    attributes: attributes(store, r.attributes.iter().copied()),
                    dropped_attributes_count: r.dropped,
                }),
                schema_url: text(store, store.resource(row).map(|r| r.schema_url)),
                scope_spans: Vec::new(),
            });
        }
        let Some(group) = data.resource_spans.last_mut() else { continue };
        if group.scope_spans.is_empty() || last_scope != Some(scope) {
            group.scope_spans.push(ScopeSpans {
                scope: store.scope(row).map(|s| InstrumentationScope {
                    name: text(store, Some(s.name)),
                    version: text(store, Some(s.version)),
                    attributes: attributes(store, s.attributes.iter().copied()),
                    dropped_attributes_count: s.dropped,
                }),
                schema_url: text(store, store.scope(row).map(|s| s.schema_url)),
                spans: Vec::new(),
            });
        }
        last = Some((resource, scope));
        if let Some(scope) = group.scope_spans.last_mut() {
            scope.spans.push(span(store, row));
        }
    }
    data
}

fn text(store: &Store, id: Option<StrId>) -> String {
    id.map_or(String::new(), |id| store.text(id).to_owned())
}

/// An id's bytes; none for the absent one.
fn id_bytes(id: u64) -> Vec<u8> {
    if id == 0 { Vec::new() } else { id.to_be_bytes().to_vec() }
}

fn span(store: &Store, row: u32) -> Span {
    let (spans, at) = (store.spans(), row as usize);
    let extra = spans.extra(row);
    let status = spans.status(row);
    let message = text(store, Some(extra.status_message));
    Span {
        trace_id: store.trace_id(spans.trace.get(at)).0.to_vec(),
        span_id: spans.id.get(at).to_be_bytes().to_vec(),
        parent_span_id: id_bytes(spans.parent_id.get(at)),
        trace_state: text(store, Some(extra.trace_state)),
        name: store.name(row).to_owned(),
        kind: spans.kind(row) as i32,
        start_time_unix_nano: spans.start.get(at),
        end_time_unix_nano: spans.end.get(at),
        attributes: attributes(store, spans.attributes(row)),
        dropped_attributes_count: extra.dropped_attributes,
        events: spans.events_of(row).map(|event| self::event(store, event)).collect(),
        dropped_events_count: extra.dropped_events,
        links: spans.links_of(row).map(|link| self::link(store, link)).collect(),
        dropped_links_count: extra.dropped_links,
        status: (status != StatusCode::Unset || !message.is_empty())
            .then_some(Status { message, code: status as i32 }),
        flags: extra.flags,
    }
}

fn event(store: &Store, event: usize) -> Event {
    let events = &store.spans().events;
    Event {
        time_unix_nano: events.time.get(event),
        name: store.text(events.name(event)).to_owned(),
        attributes: attributes(store, events.attributes(event)),
        dropped_attributes_count: events.dropped.get(event),
    }
}

fn link(store: &Store, link: usize) -> Link {
    let links = &store.spans().links;
    Link {
        trace_id: links.trace_id.get(link).0.to_vec(),
        span_id: links.span_id.get(link).to_be_bytes().to_vec(),
        trace_state: store.text(StrId(links.trace_state.get(link))).to_owned(),
        attributes: attributes(store, links.attributes(link)),
        dropped_attributes_count: links.dropped.get(link),
        flags: links.flags.get(link),
    }
}

fn attributes(store: &Store, ids: impl Iterator<Item = AttrId>) -> Vec<KeyValue> {
    let dictionary = store.attributes();
    ids.map(|id| {
        let key = dictionary.key_text(dictionary.key(id)).to_owned();
        KeyValue { key, value: Some(any_value(dictionary.value(id).to_value())) }
    })
    .collect()
}

/// A value as the message. The store keeps at most 100 levels, so the recursion is bounded.
fn any_value(value: Value) -> AnyValue {
    use any_value::Value as Out;
    let value = match value {
        Value::Empty => None,
        Value::Str(s) => Some(Out::Str(s)),
        Value::Bool(b) => Some(Out::Bool(b)),
        Value::Int(i) => Some(Out::Int(i)),
        Value::Double(d) => Some(Out::Double(d)),
        Value::Bytes(b) => Some(Out::Bytes(b)),
        Value::Array(values) => {
            Some(Out::Array(ArrayValue { values: values.into_iter().map(any_value).collect() }))
        }
        Value::Map(members) => {
            let member = |(key, value)| KeyValue { key, value: Some(any_value(value)) };
            Some(Out::Map(KeyValueList { values: members.into_iter().map(member).collect() }))
        }
    };
    AnyValue { value }
}
