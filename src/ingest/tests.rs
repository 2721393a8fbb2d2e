//! Properties over generated requests: the walker against prost, JSON against the same messages, in any order of
//! fields and keys, in chunks of any size; and the way back through the exports.

use proptest::prelude::*;
use prost::Message;
use serde_json::Value;

use super::otlp::messages::{
    AnyValue, ArrayValue, Event, InstrumentationScope, KeyValue, KeyValueList, Link, Resource, ResourceSpans,
    ScopeSpans, Span, Status, TracesData, any_value,
};
use super::*;
use crate::model::IdText;
use crate::store::Builder;

/// Reads a text in one piece.
pub(super) fn read(text: &str) -> (Builder, FileReport) {
    read_chunks(text.as_bytes(), &[usize::MAX])
}

fn read_chunks(bytes: &[u8], sizes: &[usize]) -> (Builder, FileReport) {
    let mut builder = Builder::default();
    let report = read_into(&mut builder, bytes, sizes);
    builder.seal();
    (builder, report)
}

fn read_into(builder: &mut Builder, bytes: &[u8], sizes: &[usize]) -> FileReport {
    let mut reader = Reader::new("test", Limits::default());
    let mut rest = bytes;
    for &size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (chunk, later) = rest.split_at(size.clamp(1, rest.len()));
        reader.feed(chunk);
        while reader.pump(builder, 100) == Progress::More {}
        rest = later;
    }
    reader.finish(builder).remove(0)
}

/// Every span in the order read, as a line.
pub(super) fn rows(builder: &Builder) -> Vec<String> {
    let store = builder.store();
    let (spans, dictionary) = (store.spans(), store.attributes());
    (0..store.len() as u32)
        .map(|row| {
            let at = row as usize;
            let attributes: Vec<String> = spans
                .attributes(row)
                .map(|id| {
                    format!("{}={}", dictionary.key_text(dictionary.key(id)), dictionary.value(id).display())
                })
                .collect();
            let parent = crate::model::SpanId(spans.parent_id.get(at)).text();
            format!(
                "{} {} {} {} {} {:016x} {} {}+{} [{}] {} events {} links",
                store.service_name(store.service(row)),
                store.name(row),
                spans.kind(row).word(),
                spans.status(row).word(),
                store.trace_id(spans.trace.get(at)),
                spans.id.get(at),
                if parent.is_empty() { "-" } else { &parent },
                spans.start.get(at),
                spans.duration(row),
                attributes.join(", "),
                spans.events_of(row).len(),
                spans.links_of(row).len(),
            )
        })
        .collect()
}

fn any_message() -> impl Strategy<Value = AnyValue> {
    use any_value::Value as V;
    let leaf = prop_oneof![
        Just(None),
        "[a-c\"\\\\\n\u{e9}\u{1f600}]{0,20}".prop_map(|s| Some(V::Str(s))),
        any::<bool>().prop_map(|b| Some(V::Bool(b))),
        any::<i64>().prop_map(|i| Some(V::Int(i))),
        prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(-0.0)]
            .prop_map(|d| Some(V::Double(d))),
        prop::collection::vec(any::<u8>(), 0..5).prop_map(|b| Some(V::Bytes(b))),
    ]
    .prop_map(|value| AnyValue { value });
    leaf.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4)
                .prop_map(|values| AnyValue { value: Some(V::Array(ArrayValue { values })) }),
            prop::collection::vec(("[a-c]{0,2}", inner), 0..4).prop_map(|members| {
                let values =
                    members.into_iter().map(|(key, value)| KeyValue { key, value: Some(value) }).collect();
                AnyValue { value: Some(V::Map(KeyValueList { values })) }
            }),
        ]
    })
}

fn pairs() -> impl Strategy<Value = Vec<KeyValue>> {
    let pair = ("[a-e\"]{1,2}", any_message()).prop_map(|(key, value)| KeyValue { key, value: Some(value) });
    prop::collection::vec(pair, 0..5)
}

fn id(bytes: usize) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(vec![7; bytes]), prop::collection::vec(1_u8.., bytes)]
}

/// Nanoseconds that no magnitude takes for seconds, milliseconds or microseconds.
fn time() -> impl Strategy<Value = u64> {
    prop_oneof![Just(0), 1_700_000_000_000_000_000_u64.., 1..1000_u64]
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event =
        (time(), "[a-z ]{0,9}", pairs(), 0..3_u32).prop_map(|(time_unix_nano, name, attributes, dropped)| {
            Event { time_unix_nano, name, attributes, dropped_attributes_count: dropped }
        });
    prop::collection::vec(event, 0..3)
}

fn links() -> impl Strategy<Value = Vec<Link>> {
    let link = (id(16), id(8), "[a-z=]{0,5}", pairs(), any::<u32>()).prop_map(
        |(trace_id, span_id, trace_state, attributes, flags)| Link {
            trace_id,
            span_id,
            trace_state,
            attributes,
            dropped_attributes_count: 0,
            flags,
        },
    );
    prop::collection::vec(link, 0..3)
}

fn span() -> impl Strategy<Value = Span> {
    let status =
        prop::option::of(("[a-z]{0,9}", 0..3_i32).prop_map(|(message, code)| Status { message, code }));
    let ids = (id(16), id(8), prop_oneof![Just(Vec::new()), id(8)], "[a-z=]{0,5}");
    let plain = ("[A-Z /\"\u{e9}]{0,9}", 0..6_i32, time(), time(), any::<u32>(), 0..3_u32);
    (ids, plain, pairs(), events(), links(), status).prop_map(
        |((trace_id, span_id, parent_span_id, trace_state), plain, attributes, events, links, status)| {
            let (name, kind, start_time_unix_nano, end_time_unix_nano, flags, dropped) = plain;
            Span {
                trace_id,
                span_id,
                trace_state,
                parent_span_id,
                name,
                kind,
                start_time_unix_nano,
                end_time_unix_nano,
                attributes,
                dropped_attributes_count: dropped,
                events,
                dropped_events_count: 0,
                links,
                dropped_links_count: dropped,
                status,
                flags,
            }
        },
    )
}

fn traces() -> impl Strategy<Value = TracesData> {
    let scope = ("[a-z]{0,5}", "[0-9.]{0,3}", pairs()).prop_map(|(name, version, attributes)| {
        InstrumentationScope { name, version, attributes, dropped_attributes_count: 0 }
    });
    let group = (prop::option::of(scope), prop::collection::vec(span(), 0..4), "[a-z]{0,3}")
        .prop_map(|(scope, spans, schema_url)| ScopeSpans { scope, spans, schema_url });
    let resource = (pairs(), 0..3_u32)
        .prop_map(|(attributes, dropped)| Resource { attributes, dropped_attributes_count: dropped });
    let resource = (prop::option::of(resource), prop::collection::vec(group, 0..3), "[a-z]{0,3}")
        .prop_map(|(resource, scope_spans, schema_url)| ResourceSpans { resource, scope_spans, schema_url });
    prop::collection::vec(resource, 1..4).prop_map(|resource_spans| TracesData { resource_spans })
}

/// Keeps of equal keys the place of the first and the value of the last, as the store does.
fn unique(pairs: &mut Vec<KeyValue>) {
    let mut kept: Vec<KeyValue> = Vec::new();
    for pair in pairs.drain(..) {
        match kept.iter_mut().find(|k| k.key == pair.key) {
            Some(known) => *known = pair,
            None => kept.push(pair),
        }
    }
    *pairs = kept;
}

/// One text a span with everything around it, sorted: what a reader must have understood.
fn flat(data: &TracesData) -> Vec<String> {
    let mut out = Vec::new();
    for group in &data.resource_spans {
        let mut resource = group.resource.clone().unwrap_or_default();
        unique(&mut resource.attributes);
        for scoped in &group.scope_spans {
            let mut scope = scoped.scope.clone().unwrap_or_default();
            unique(&mut scope.attributes);
            for span in &scoped.spans {
                let mut span = span.clone();
                unique(&mut span.attributes);
                span.events.iter_mut().for_each(|e| unique(&mut e.attributes));
                span.links.iter_mut().for_each(|l| unique(&mut l.attributes));
                span.status = span.status.filter(|s| *s != Status::default());
                let urls = (&group.schema_url, &scoped.schema_url);
                out.push(format!("{resource:?} {scope:?} {urls:?} {span:?}"));
            }
        }
    }
    out.sort_unstable();
    out
}

/// The same of a store, by way of its export.
fn flat_store(builder: &Builder) -> Vec<String> {
    let store = builder.store();
    let traces = (0..store.trace_count() as u32).map(|trace| export::trace_message(store, trace));
    let mut out: Vec<String> = traces.flat_map(|data| flat(&data)).collect();
    out.sort_unstable();
    out
}

/// Message fields that are messages: by path of field numbers, as far as order matters to a reader.
fn inner(kind: &str, field: u64) -> Option<&'static str> {
    Some(match (kind, field) {
        ("traces", 1) => "group",
        ("group", 1) => "resource",
        ("group", 2) => "scoped",
        ("scoped", 1) => "scope",
        ("scoped", 2) => "span",
        ("span", 11) => "event",
        ("resource", 1) | ("scope" | "event", 3) | ("span", 9) => "pair",
        _ => return None,
    })
}

/// The same message with its fields in another order; those of one number keep theirs.
fn shuffle(bytes: &[u8], kind: &str, seed: u64) -> Vec<u8> {
    let mut fields: Vec<(u64, Vec<u8>)> = Vec::new();
    let mut wire = otlp::wire::Wire::new(bytes);
    while let Ok((number, wire_type)) = wire.tag() {
        let before = wire.rest();
        let value = wire.value(wire_type).expect("own message");
        let raw = &before[..before.len() - wire.rest().len()];
        let mut field = Vec::new();
        prost::encoding::encode_varint(u64::from(number << 3 | u32::from(wire_type)), &mut field);
        match (inner(kind, u64::from(number)), value) {
            (Some(kind), otlp::wire::Field::Bytes(content)) => {
                let content = shuffle(content, kind, seed.rotate_left(7));
                prost::encoding::encode_varint(content.len() as u64, &mut field);
                field.extend(content);
            }
            _ => field.extend_from_slice(raw),
        }
        fields.push((u64::from(number), field));
    }
    fields.sort_by_key(|(number, _)| {
        ((number * 2_654_435_761) ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
    });
    fields.into_iter().flat_map(|(_, field)| field).collect()
}

/// JSON text with keys in another order and white space in odd places.
fn write(value: &Value, seed: u64, out: &mut String) {
    let space = ["", " ", "\n  ", "\t"][(seed % 4) as usize];
    match value {
        Value::Array(values) => {
            out.push('[');
            for (i, value) in values.iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                out.push_str(space);
                write(value, seed.rotate_left(3), out);
            }
            out.push_str(space);
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members
                .sort_by_key(|(key, _)| ((key.len() as u64 * 31 + u64::from(key.as_bytes()[0])) ^ seed) % 17);
            out.push('{');
            for (i, (key, value)) in members.into_iter().enumerate() {
                out.push_str(if i > 0 { "," } else { "" });
                out.push_str(space);
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(space);
                out.push(':');
                write(value, seed.rotate_left(5), out);
            }
            out.push('}');
        }
        other => out.push_str(&other.to_string()),
    }
}

fn has_span(data: &TracesData) -> bool {
    data.resource_spans.iter().any(|g| g.scope_spans.iter().any(|s| !s.spans.is_empty()))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_walker_reads_what_prost_reads(data in traces(), seed in any::<u64>(), sizes in prop::collection::vec(1..200_usize, 1..5)) {
        prop_assume!(has_span(&data));
        let plain = data.encode_to_vec();
        for bytes in [&plain, &shuffle(&plain, "traces", seed)] {
            let again = TracesData::decode(bytes.as_slice()).expect("own message");
            prop_assert_eq!(flat(&again), flat(&data));
            for sizes in [&[usize::MAX][..], &[1], &sizes] {
                let (builder, report) = read_chunks(bytes, sizes);
                prop_assert!(report.problems.is_empty(), "{:?}", report.problems);
                prop_assert_eq!(flat_store(&builder), flat(&data));
            }
        }
    }

    #[test]
    fn json_reads_what_was_written(data in traces(), seed in any::<u64>(), sizes in prop::collection::vec(1..200_usize, 1..5)) {
        prop_assume!(has_span(&data));
        let value = export::json::traces(&data);
        let mut text = String::new();
        write(&value, seed, &mut text);
        prop_assert!(serde_json::from_str::<Value>(&text).is_ok());
        for sizes in [&[usize::MAX][..], &[1], &sizes] {
            let (builder, report) = read_chunks(text.as_bytes(), sizes);
            prop_assert!(report.problems.is_empty(), "{:?} {}", report.problems, text);
            prop_assert_eq!(flat_store(&builder), flat(&data));
        }
    }

    #[test]
    fn nothing_panics_on_damaged_requests(data in traces(), cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), end in any::<prop::sample::Index>()) {
        let mut text = export::json::traces(&data).to_string().into_bytes();
        let mut wire = data.encode_to_vec();
        for bytes in [&mut text, &mut wire] {
            for (at, byte) in &cuts {
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
            }
            bytes.truncate(end.index(bytes.len() + 1));
            let whole = read_chunks(bytes, &[usize::MAX]);
            let parts = read_chunks(bytes, &[1]);
            prop_assert_eq!(&whole.1.form, &parts.1.form);
            prop_assert_eq!(flat_store(&whole.0), flat_store(&parts.0));
        }
    }
}

#[test]
fn a_saved_trace_opens_again() {
    let json = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]},
      "scopeSpans":[{"scope":{"name":"lib","version":"1"},"spans":[{"traceId":"5B8EFFF798038103D269B633813FC60C",
      "spanId":"EEE19B7EC3C1B174","name":"pay","kind":2,"startTimeUnixNano":"1795375590187736761",
      "endTimeUnixNano":"1795375590187736999","attributes":[{"key":"n","value":{"intValue":"9007199254740993"}},
      {"key":"raw","value":{"bytesValue":"AP+A"}},{"key":"nan","value":{"doubleValue":"NaN"}}],
      "status":{"code":2,"message":"no"}}]}]}]}"#;
    let (builder, _) = read(json);
    let store = builder.store();
    let (from_json, report) = read(&export::trace_json(store, 0));
    assert_eq!((report.form.as_str(), report.notes.len(), report.problems.len()), ("otlp-json", 0, 0));
    let (from_wire, _) = read_chunks(&export::trace_protobuf(store, 0), &[usize::MAX]);
    assert_eq!(rows(&from_json), rows(&builder));
    assert_eq!(flat_store(&from_json), flat_store(&builder));
    assert_eq!(flat_store(&from_wire), flat_store(&builder));
    assert!(rows(&builder)[0].contains("n=9007199254740993, raw="));
}

proptest! {
    #[test]
    fn no_prefix_of_a_request_is_taken_for_something_else(data in traces(), seed in any::<u64>()) {
        prop_assume!(has_span(&data));
        let plain = data.encode_to_vec();
        for bytes in [&plain, &shuffle(&plain, "traces", seed)] {
            for end in 0..=bytes.len() {
                let content = sniff::sniff(&bytes[..end], end == bytes.len());
                prop_assert!(matches!(content, None | Some(sniff::Content::Protobuf { .. })), "{content:?} at {end}");
            }
        }
    }
}

#[test]
fn a_cut_anywhere_keeps_all_whole_spans() {
    let span = |i: u64| Span {
        trace_id: vec![9; 16],
        span_id: i.to_be_bytes().to_vec(),
        name: format!("{{span}} {i}"),
        start_time_unix_nano: 1_790_000_000_000_000_000 + i,
        ..Span::default()
    };
    let scope_spans = vec![ScopeSpans { spans: (1..6).map(span).collect(), ..ScopeSpans::default() }];
    let data = TracesData { resource_spans: vec![ResourceSpans { scope_spans, ..ResourceSpans::default() }] };
    let text = export::json::traces(&data).to_string();
    // Keys are in alphabetical order, so a span ends with its trace id.
    let ends: Vec<usize> = text.match_indices("\"}").map(|(at, _)| at + 2).collect();
    for cut in 40..text.len() {
        let (_, report) = read(&text[..cut]);
        assert_eq!(report.spans, ends.iter().filter(|&&end| end <= cut).count() as u64, "{cut}: {report:?}");
        assert!(report.problems.iter().any(|p| p.kind == ProblemKind::Truncated), "{cut}: {report:?}");
    }
    let wire = data.encode_to_vec();
    for cut in 1..wire.len() {
        let (_, report) = read_chunks(&wire[..cut], &[usize::MAX]);
        assert!(!report.problems.is_empty(), "{cut}");
        assert!(report.spans <= 4, "{cut}");
    }
}

#[test]
fn text_that_is_not_utf8_is_named() {
    let json = br#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",
      "spanId":"eee19b7ec3c1b174","name":"caf!","startTimeUnixNano":"1790000000000000000"}]}]}]}"#;
    let bytes: Vec<u8> = json.iter().map(|&c| if c == b'!' { 0xe9 } else { c }).collect();
    let (builder, report) = read_chunks(&bytes, &[usize::MAX]);
    assert_eq!(report.notes, ["1 texts were not valid UTF-8; the bad bytes show as \u{fffd}"]);
    assert_eq!(builder.store().name(0), "caf\u{fffd}");
}

#[test]
fn a_broken_line_after_a_line_end_is_left_out_and_nothing_hangs() {
    let span = |id: u32, key: &str| {
        format!(
            r#"{{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"00000000000000{id:02}",{key}:"op","startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000000000000001"}}"#
        )
    };
    // Spans without a group are read when they are whole, so the error stands before anything of them was taken.
    let (good, broken) = (|id| span(id, "\"name\""), span(3, "\"na\u{15}me\" x"));
    for text in [
        format!("\n{broken}\n{}\n", good(1)),
        format!("{}\n{broken}\n{}", good(1), good(2)),
        format!("{}\r\n\r\n{broken}\r\n{}", good(1), good(2)),
        format!("\n\n{broken}"),
    ] {
        let (_, report) = read(&text);
        assert_eq!(report.spans as usize, text.matches("\"name\"").count(), "{text}: {report:?}");
        let broken = report.problems.iter().find(|p| p.kind == ProblemKind::BrokenLine);
        assert_eq!(broken.map(|p| p.count), Some(1), "{text}: {report:?}");
    }
}

#[test]
fn a_line_that_is_not_json_is_shown_however_short() {
    let long = "x".repeat(60);
    for (text, line) in
        [("{}\nabc", "abc"), ("{}\nabc\r\n", "abc"), (&format!("{{}}\n{long}yz\n"), long.as_str())]
    {
        for chunk in [1, 3, 5, 64] {
            let told = read_chunks(text.as_bytes(), &[chunk]).1.problems.pop().map(|p| p.message);
            assert_eq!(told, Some(format!("line 2 is not JSON: {line}")), "{text} by {chunk}");
        }
    }
}

#[test]
fn what_fuzzing_found_reads_the_same_however_it_comes() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzz");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|e| e == "md") {
            continue;
        }
        let bytes = std::fs::read(&path).expect("a file");
        let whole = read_chunks(&bytes, &[usize::MAX]);
        for chunk in [1, 7, 52, 64, 500] {
            let parts = read_chunks(&bytes, &[chunk]);
            assert_eq!(whole.1.form, parts.1.form, "{} by {chunk}", path.display());
            assert_eq!(flat_store(&whole.0), flat_store(&parts.0), "{} by {chunk}", path.display());
        }
        count += 1;
    }
    assert!(count >= 7);
}

#[test]
fn what_one_form_remembers_is_nothing_in_another() {
    // An attribute of JSON that is one of unknown fields in protobuf.
    let both = r#"{ "key":"l|","value":{"stringValue":"xxxxxxxxxxxxxxxxxxxxe?"}}"#;
    let field = |tag: u8, body: &[u8]| [&[tag, body.len() as u8], body].concat();
    let span = [field(0x12, &[8; 8]), field(0x4a, both.as_bytes()), field(0x4a, &[])].concat();
    let protobuf = field(0x0a, &field(0x12, &field(0x12, &span)));
    let spaced = r#"{"name":"n","attributes":[BOTH,{ "key": "a" }]}]}]}]}"#.replace("BOTH", both);
    let json = [r#"{"resourceSpans":[{"scopeSpans":[{"spans":["#, &spaced].concat();
    let files = [&protobuf[..], json.as_bytes()];
    let alone = files.map(|file| rows(&read_chunks(file, &[99]).0).concat());
    assert!(alone[1].contains("l|=xxxx") && !alone[0].contains("l|=xxxx"), "{alone:?}");
    for order in [[0, 1], [1, 0]] {
        let mut builder = Builder::default();
        for file in order.map(|at| files[at]) {
            assert!(read_into(&mut builder, file, &[99]).problems.is_empty());
        }
        builder.seal();
        assert_eq!(rows(&builder), order.map(|at| alone[at].clone()), "{order:?}");
    }
}
