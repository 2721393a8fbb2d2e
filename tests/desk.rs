//! The script door without a browser: requests as JSON text, answers as JSON text, over real files.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::Path;

use proptest::prelude::*;
use serde_json::{Value, json};
use spanscope::engine::desk::{Buffer, Desk};
use spanscope::ingest::{Limits, Progress, Reader};

/// A desk over a file of `tests/data/truth`.
fn desk(name: &str) -> Desk {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/truth").join(name);
    let bytes = std::fs::read(path).unwrap();
    let mut desk = Desk::default();
    let mut reader = Reader::new(name, Limits::default());
    reader.feed(&bytes);
    while reader.pump(desk.builder(), 1 << 20) == Progress::More {}
    reader.finish(desk.builder());
    desk.seal();
    desk
}

#[track_caller]
fn ask(desk: &mut Desk, request: &Value) -> Value {
    let reply = desk.answer_text(&request.to_string()).unwrap_or_else(|e| panic!("{request}: {e}"));
    serde_json::from_str(&reply.text).unwrap()
}

/// A desk over bytes of any form.
fn desk_of(files: &[Vec<u8>]) -> Desk {
    let mut desk = Desk::default();
    for bytes in files {
        let mut reader = Reader::new("bytes", Limits::default());
        reader.feed(bytes);
        while reader.pump(desk.builder(), 1 << 20) == Progress::More {}
        reader.finish(desk.builder());
    }
    desk.seal();
    desk
}

/// Every row has these fields, and none is missing.
#[track_caller]
fn has_fields(rows: &Value, fields: &[&str]) {
    let rows = rows.as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        for field in fields {
            assert!(row.get(field).is_some(), "{field} of {row}");
        }
    }
}

const FILES: [&str; 2] = ["triple-a.otlp.pb", "todo-a-slice.single.pb"];

#[test]
fn answers_have_the_fields_that_the_door_promises() {
    for file in FILES {
        let desk = &mut desk(file);
        let map = ask(desk, &json!({"ask": "service_map", "layout": true}));
        has_fields(&map["nodes"], &["id", "kind", "spans", "errors"]);
        has_fields(&map["edges"], &["from", "to", "kind", "calls", "errors", "p50_ns", "p95_ns", "p99_ns"]);
        let count = |list: &Value| list.as_array().unwrap().len();
        assert_eq!(count(&map["layout"]["nodes"]), count(&map["nodes"]));
        assert_eq!(count(&map["layout"]["edges"]), count(&map["edges"]));
        for measure in ["latency", "rate", "errors", "apdex"] {
            let series = ask(desk, &json!({"ask": "series", "measure": measure, "step_s": 1}));
            assert_eq!(series["step_s"], 1.0);
            let latency = ["t_ns", "p50_ns", "p90_ns", "p99_ns", "count"];
            has_fields(&series["points"], if measure == "latency" { &latency } else { &["t_ns", "value"] });
        }
        let trace = ask(desk, &json!({"ask": "traces", "limit": 1}))["rows"][0]["trace_id"].clone();
        let path = ask(desk, &json!({"ask": "critical_path", "trace_id": trace}));
        has_fields(&path["sections"], &["span_id", "start_ns", "end_ns"]);
        let ns = |v: &Value| v.as_str().unwrap().parse::<u64>().unwrap();
        let sections = path["sections"].as_array().unwrap();
        let sum: u64 = sections.iter().map(|s| ns(&s["end_ns"]) - ns(&s["start_ns"])).sum();
        assert_eq!(path["total_ns"], sum);
        assert_eq!(path["sections_total"], sections.len());
        // Few pieces tile what all the sections do, and so do those of a stretch of time.
        let (first, last) = (&sections[0], &sections[sections.len() - 1]);
        let middle = u64::midpoint(ns(&first["start_ns"]), ns(&last["end_ns"])).to_string();
        let range = json!({"start_ns": first["start_ns"], "end_ns": middle});
        let stretch = ask(desk, &json!({"ask": "critical_path", "trace_id": trace, "range": range}));
        assert_eq!(stretch["total_ns"], ns(&json!(middle)) - ns(&first["start_ns"]));
        let few = ask(desk, &json!({"ask": "critical_path", "trace_id": trace, "limit": 2}));
        let counts = few["sections"].as_array().unwrap().iter().map(|s| s["count"].as_u64().unwrap_or(1));
        assert_eq!(counts.sum::<u64>(), sections.len() as u64);
        assert!(few["sections"].as_array().unwrap().len() <= 2);
        assert_eq!([&few["total_ns"], &few["sections_total"]], [&path["total_ns"], &path["sections_total"]]);
    }
    let exceptions = ask(&mut desk(FILES[0]), &json!({"ask": "exceptions"}));
    let fields = ["type", "message", "service", "source", "count", "first_ns", "last_ns", "example"];
    has_fields(&exceptions["rows"], &fields);
}

#[test]
fn a_range_counts_spans_by_their_start() {
    let desk = &mut desk(FILES[0]);
    let summary = ask(desk, &json!({"ask": "summary"}));
    let starts = ask(desk, &json!({"ask": "spans", "limit": 1000, "order": "start"}));
    let starts: Vec<u64> = starts["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["start_ns"].as_str().unwrap().parse().unwrap())
        .collect();
    assert_eq!(starts.len() as u64, summary["spans"]);
    let (low, high) = (starts[starts.len() / 3], starts[starts.len() * 2 / 3]);
    let range = json!({"start_ns": low.to_string(), "end_ns": high.to_string()});
    let want = starts.iter().filter(|&&s| (low..high).contains(&s)).count() as u64;
    assert_eq!(ask(desk, &json!({"ask": "summary", "range": range}))["spans"], want);
    let map = ask(desk, &json!({"ask": "service_map", "range": range}));
    let services = map["nodes"].as_array().unwrap().iter().filter(|n| n["kind"] == "service");
    assert_eq!(services.map(|n| n["spans"].as_u64().unwrap()).sum::<u64>(), want);
    let series = ask(desk, &json!({"ask": "series", "measure": "latency", "scope": "all", "range": range}));
    let counts = series["points"].as_array().unwrap().iter().map(|p| p["count"].as_u64().unwrap());
    assert_eq!(counts.sum::<u64>(), want);
    assert_eq!(series["start_ns"], low.to_string());
    let gap = json!({"start_ns": "1", "end_ns": "2000000001"});
    let empty = ask(desk, &json!({"ask": "series", "measure": "apdex", "range": gap, "step_s": 1}));
    assert_eq!(empty["points"], json!([{"t_ns": "1", "value": null}, {"t_ns": "1000000001", "value": null}]));
    let rates = ask(desk, &json!({"ask": "series", "measure": "rate", "range": gap, "step_s": 1}));
    assert_eq!(rates["points"][0]["value"], 0.0, "counting measures are 0 where nothing is");
    let none = ask(desk, &json!({"ask": "exceptions", "range": gap}));
    assert_eq!(none["rows"], json!([]));
}

#[test]
fn occurrences_page_through_a_group() {
    let desk = &mut desk(FILES[0]);
    for by in ["message", "type", "frame"] {
        let groups = ask(desk, &json!({"ask": "exceptions", "by": by, "sparklines": true}));
        for group in groups["rows"].as_array().unwrap() {
            let count = group["count"].as_u64().unwrap();
            let spark = group["sparkline"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap());
            assert_eq!(spark.sum::<u64>(), count, "every occurrence is in a step");
            let mut times = Vec::new();
            for offset in 0..count {
                let page = json!({"ask": "occurrences", "group": group["id"], "by": by, "offset": offset, "limit": 1});
                let page = ask(desk, &page);
                assert_eq!(page["total"], count);
                let row = &page["rows"][0];
                assert_eq!(row["type"], group["type"]);
                assert!(group["services"].as_array().unwrap().contains(&row["service"]));
                times.push(row["time_ns"].as_str().unwrap().to_owned());
            }
            assert!(times.is_sorted_by(|a, b| a >= b), "latest first: {times:?}");
            assert_eq!(
                (&times[0], &times[times.len() - 1]),
                (
                    &group["last_ns"].as_str().unwrap().to_owned(),
                    &group["first_ns"].as_str().unwrap().to_owned()
                )
            );
            let found = ask(desk, &json!({"ask": "spans", "q": group["q"], "limit": 1000}));
            let found = found["rows"].as_array().unwrap();
            assert!(found.iter().any(|r| r["span_id"] == group["example"]["span_id"]), "{}", group["q"]);
        }
    }
    let gone = ask(desk, &json!({"ask": "occurrences", "group": "0"}));
    assert_eq!((&gone["total"], &gone["rows"]), (&json!(0), &json!([])));
}

#[test]
fn what_is_near_a_node_is_left() {
    let desk = &mut desk(FILES[0]);
    let all = ask(desk, &json!({"ask": "service_map"}));
    for node in all["nodes"].as_array().unwrap() {
        let near = ask(desk, &json!({"ask": "service_map", "around": node["id"], "depth": 1}));
        let touching = all["edges"].as_array().unwrap().iter();
        let touching = touching.filter(|e| e["from"] == node["id"] || e["to"] == node["id"]);
        for edge in touching {
            assert!(near["edges"].as_array().unwrap().contains(edge), "{edge} near {node}");
        }
        assert!(near["nodes"].as_array().unwrap().contains(node));
    }
    let error = desk.answer_text(r#"{"ask": "service_map", "around": "nobody"}"#).unwrap_err();
    assert!(error.contains("around: expected the id of a node"), "{error}");
}

#[test]
fn ids_that_are_not_there_are_said_to_be_so() {
    let desk = &mut desk(FILES[0]);
    for (request, want) in [
        (json!({"ask": "critical_path", "trace_id": "ff"}), "ff"),
        (json!({"ask": "series", "measure": "rate", "service": "nobody"}), "no service \"nobody\""),
        (json!({"ask": "series", "measure": "rate", "step_s": -1}), "step_s: expected a number of seconds"),
        (json!({"ask": "series", "measure": "rate", "step_s": 1e-9}), "choose a longer step"),
        (
            json!({"ask": "exceptions", "by": "color"}),
            "by: expected one of message, type, frame, found \"color\"",
        ),
        (json!({"ask": "service_map", "q": "{ nonsense"}), "TraceQL"),
    ] {
        let error = desk.answer_text(&request.to_string()).unwrap_err();
        assert!(error.contains(want), "{request}: {error}");
    }
}

/// OTLP of (trace, id, parent, service, value) rows; ids small so that orphans, cycles and repeats come up.
fn otlp(rows: &[(u8, u8, u8, u8, u8)]) -> Vec<u8> {
    let span = |&(trace, id, parent, _, value): &(u8, u8, u8, u8, u8)| {
        json!({
            "traceId": format!("{:032x}", trace + 1), "spanId": format!("{:016x}", id + 1),
            "parentSpanId": if parent == 0 { String::new() } else { format!("{parent:016x}") },
            "name": format!("op {}", value % 3), "kind": 1 + value % 5, "status": {"code": value % 3},
            "startTimeUnixNano": (1_000_000 + u64::from(value)).to_string(),
            "endTimeUnixNano": (2_000_000 + u64::from(value)).to_string(),
            "attributes": [{"key": "a", "value": {"intValue": value}}],
            "events": [{"timeUnixNano": "1000500", "name": "e", "attributes": [{"key": "b", "value": {"doubleValue": 0.5}}]}],
        })
    };
    let resources: Vec<Value> = (0..3_u8)
        .map(|service| {
            let own: Vec<Value> = rows.iter().filter(|r| r.3 == service).map(span).collect();
            json!({
                "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": format!("s{service}")}}]},
                "scopeSpans": [{"scope": {"name": "scope"}, "spans": own}],
            })
        })
        .collect();
    json!({"resourceSpans": resources}).to_string().into_bytes()
}

/// What tells a span from others, of all that a query finds.
fn spans(desk: &mut Desk, q: &str) -> Vec<String> {
    let answer = ask(desk, &json!({"ask": "spans", "q": q, "limit": 1000}));
    let mut rows: Vec<String> = answer["rows"].as_array().unwrap().iter().map(Value::to_string).collect();
    rows.sort_unstable();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn what_a_query_finds_is_found_again_in_the_exported_traces(
        rows in prop::collection::vec((0..3_u8, 0..8_u8, 0..9_u8, 0..3_u8, 0..12_u8), 1..30),
        q in prop::sample::select(vec![
            "{ span.a > 5 }", "{ status = error }", "{ resource.service.name = \"s1\" } >> { }", "{ kind = client || event.b > 0.1 }",
        ]),
        format in prop::sample::select(vec!["json", "protobuf"]),
    ) {
        let mut desk = desk_of(&[otlp(&rows)]);
        let found = spans(&mut desk, q);
        let traces = ask(&mut desk, &json!({"ask": "traces", "q": q, "limit": 100}));
        let export = |row: &Value| {
            let request = json!({"ask": "export", "trace_id": row["trace_id"], "format": format});
            let reply = desk.answer_text(&request.to_string()).unwrap();
            match &reply.buffers[..] {
                [Buffer::U8(bytes)] => bytes.clone(),
                _ => panic!("an export is bytes"),
            }
        };
        let files: Vec<Vec<u8>> = traces["rows"].as_array().unwrap().iter().map(export).collect();
        prop_assert_eq!(spans(&mut desk_of(&files), q), found);
    }
}
