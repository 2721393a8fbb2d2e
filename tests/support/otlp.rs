//! A small reader of OTLP protobuf through prost-derived messages, written apart from the product's own
//! walker: what both agree on was read twice.

use std::io::Read;

use prost::Message;
use spanscope::model::{SpanId, SpanKind, StatusCode, TraceId};
use spanscope::store::{
    AttrList, Attributes, Builder, LinkDraft, Scope, ScopeSlot, SpanDraft, Store, StrId, ValueRef,
};

/// `ExportTraceServiceRequest` and, where the file holds logs, `ExportLogsServiceRequest`.
#[derive(Message)]
struct Request {
    #[prost(message, repeated, tag = "1")]
    resources: Vec<ResourceSpans>,
}

#[derive(Message)]
struct ResourceSpans {
    #[prost(message, optional, tag = "1")]
    resource: Option<Resource>,
    #[prost(message, repeated, tag = "2")]
    scopes: Vec<ScopeSpans>,
}

#[derive(Message)]
struct Resource {
    #[prost(message, repeated, tag = "1")]
    attributes: Vec<KeyValue>,
}

#[derive(Message)]
struct ScopeSpans {
    #[prost(message, repeated, tag = "2")]
    spans: Vec<Span>,
}

#[derive(Message)]
#[expect(clippy::struct_field_names, reason = "the fields are named as OTLP names them")]
struct Span {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
    #[prost(string, tag = "3")]
    trace_state: String,
    #[prost(bytes = "vec", tag = "4")]
    parent_span_id: Vec<u8>,
    #[prost(string, tag = "5")]
    name: String,
    #[prost(int32, tag = "6")]
    kind: i32,
    #[prost(fixed64, tag = "7")]
    start: u64,
    #[prost(fixed64, tag = "8")]
    end: u64,
    #[prost(message, repeated, tag = "9")]
    attributes: Vec<KeyValue>,
    #[prost(message, repeated, tag = "11")]
    events: Vec<Event>,
    #[prost(message, repeated, tag = "13")]
    links: Vec<Link>,
    #[prost(message, optional, tag = "15")]
    status: Option<Status>,
}

#[derive(Message)]
struct Event {
    #[prost(fixed64, tag = "1")]
    time: u64,
    #[prost(string, tag = "2")]
    name: String,
    #[prost(message, repeated, tag = "3")]
    attributes: Vec<KeyValue>,
}

#[derive(Message)]
struct Link {
    #[prost(bytes = "vec", tag = "1")]
    trace_id: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    span_id: Vec<u8>,
}

#[derive(Message)]
struct Status {
    #[prost(int32, tag = "3")]
    code: i32,
}

#[derive(Message)]
struct KeyValue {
    #[prost(string, tag = "1")]
    key: String,
    #[prost(message, optional, tag = "2")]
    value: Option<AnyValue>,
}

/// Scalars only: no fact of the truth looks into nested values.
#[derive(Message)]
struct AnyValue {
    #[prost(oneof = "Any", tags = "1, 2, 3, 4")]
    value: Option<Any>,
}

#[derive(prost::Oneof)]
enum Any {
    #[prost(string, tag = "1")]
    Str(String),
    #[prost(bool, tag = "2")]
    Bool(bool),
    #[prost(int64, tag = "3")]
    Int(i64),
    #[prost(double, tag = "4")]
    Double(f64),
}

/// The bytes of a file, unpacked where it is gzip.
fn unpacked(path: &std::path::Path) -> Vec<u8> {
    let bytes = std::fs::read(path).unwrap();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut out = Vec::new();
        flate2::read::MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut out).unwrap();
        return out;
    }
    bytes
}

fn id8(bytes: &[u8]) -> SpanId {
    SpanId(bytes.iter().fold(0, |id, &b| id << 8 | u64::from(b)))
}

fn push(list: &mut AttrList, attributes: &mut Attributes, all: &[KeyValue]) {
    for KeyValue { key, value } in all {
        let value = match value.as_ref().and_then(|v| v.value.as_ref()) {
            None => ValueRef::Empty,
            Some(Any::Str(s)) => ValueRef::Str(s.as_bytes()),
            Some(Any::Bool(b)) => ValueRef::Bool(*b),
            Some(Any::Int(i)) => ValueRef::Int(*i),
            Some(Any::Double(d)) => ValueRef::Double(*d),
        };
        list.push(attributes, key.as_bytes(), value);
    }
}

fn commit(builder: &mut Builder, scope: ScopeSlot, draft: &mut SpanDraft, span: &Span) {
    draft.clear();
    let mut trace = [0; 16];
    trace[16 - span.trace_id.len()..].copy_from_slice(&span.trace_id);
    draft.trace_id = TraceId(trace);
    draft.span_id = id8(&span.span_id);
    draft.parent_id = id8(&span.parent_span_id);
    draft.name = builder.intern(span.name.as_bytes());
    draft.kind = SpanKind::from_number(span.kind as u64);
    draft.status = StatusCode::from_number(span.status.as_ref().map_or(0, |s| s.code as u64));
    (draft.start_ns, draft.end_ns) = (span.start, span.end);
    draft.extra.trace_state = builder.intern(span.trace_state.as_bytes());
    push(&mut draft.attributes, builder.attributes(), &span.attributes);
    for event in &span.events {
        push(&mut draft.event_attributes, builder.attributes(), &event.attributes);
        let name = builder.intern(event.name.as_bytes());
        draft.push_event(event.time, name, 0);
    }
    for link in &span.links {
        let mut trace = [0; 16];
        trace[16 - link.trace_id.len()..].copy_from_slice(&link.trace_id);
        let link =
            LinkDraft { trace_id: TraceId(trace), span_id: id8(&link.span_id), ..LinkDraft::default() };
        draft.push_link(link);
    }
    builder.commit(scope, draft);
}

/// Reads a file of OTLP protobuf, gzip or not.
pub(crate) fn load(path: &std::path::Path) -> Store {
    let request = Request::decode(unpacked(path).as_slice()).unwrap();
    let mut builder = Builder::default();
    let mut draft = SpanDraft::default();
    for resource in &request.resources {
        let slot = builder.open_resource();
        for spans in &resource.scopes {
            let scope = builder.open_scope(slot);
            for span in &spans.spans {
                commit(&mut builder, scope, &mut draft, span);
            }
            builder.close_scope(scope, Scope::default());
        }
        let mut list = AttrList::default();
        let attributes = resource.resource.as_ref().map_or(&[][..], |r| &r.attributes);
        push(&mut list, builder.attributes(), attributes);
        builder.close_resource(slot, &list, 0, StrId::EMPTY);
    }
    builder.seal();
    builder.into_store()
}
