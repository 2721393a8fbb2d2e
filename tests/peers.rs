//! The same spans as OTLP, as Jaeger's JSON and as Zipkin's give the same facts, apart from what those forms cannot
//! carry. Both cut times to microseconds. Jaeger's has no arrays and maps as attributes. Zipkin's has only text,
//! annotations without attributes, and no links, scope, or resource beyond the service's name.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use spanscope::engine::desk::Desk;
use spanscope::ingest::{Limits, Progress, Reader};

/// A desk over a file, and the form it was taken for.
fn desk(path: &Path) -> (Desk, String) {
    let mut desk = Desk::default();
    let mut reader = Reader::new("file", Limits::default());
    reader.feed(&std::fs::read(path).unwrap());
    while reader.pump(desk.builder(), 1 << 20) == Progress::More {}
    let form = reader.finish(desk.builder()).remove(0).form;
    desk.seal();
    (desk, form)
}

fn ask(desk: &mut Desk, request: &Value) -> Value {
    let reply = desk.answer_text(&request.to_string()).unwrap_or_else(|e| panic!("{request}: {e}"));
    serde_json::from_str(&reply.text).unwrap()
}

/// Every span of a desk by its ids: the row of `spans`, and all of it.
fn spans(desk: &mut Desk) -> BTreeMap<(String, String), (Value, Value)> {
    let all = ask(desk, &json!({"ask": "spans", "q": "{}", "limit": 100_000}));
    let rows = all["rows"].as_array().unwrap().clone();
    let mut found = BTreeMap::new();
    for row in rows {
        let id = |name: &str| row[name].as_str().unwrap().to_owned();
        let ids = (id("trace_id"), id("span_id"));
        let span = ask(desk, &json!({"ask": "span", "trace_id": ids.0, "span_id": ids.1}));
        found.insert(ids, (row, span));
    }
    found
}

fn us(value: &Value) -> i128 {
    let ns: i128 = value.as_str().map_or_else(|| value.to_string().parse(), str::parse).unwrap();
    ns / 1000
}

/// Compares what both forms can carry; says how many facts that were.
fn compare(other: &Path, form: &str, zipkin: bool, part: bool) -> usize {
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/truth/todo-a-slice.single.pb");
    let (ours, (theirs, found)) = (spans(&mut desk(&base).0), desk(other));
    let mut theirs = theirs;
    assert!(found.starts_with(form), "{found}");
    let theirs = spans(&mut theirs);
    assert!(part || ours.len() == theirs.len(), "{} spans, not {}", theirs.len(), ours.len());
    assert!(!theirs.is_empty());
    let mut facts = 0;
    for (ids, (row, span)) in &theirs {
        let (row_a, span_a) = ours.get(ids).unwrap_or_else(|| panic!("{ids:?} is not in the OTLP file"));
        let mut same = |what: &str, a: &Value, b: &Value| {
            assert_eq!(a, b, "{what} of {ids:?}");
            facts += 1;
        };
        for field in ["parent_span_id", "service"] {
            same(field, &row_a[field], &row[field]);
        }
        let lower = |v: &Value| json!(v.as_str().unwrap().to_lowercase());
        // Zipkin's exporters may write names in lower case.
        same("name", &lower(&row_a["name"]), &lower(&row["name"]));
        if row_a["kind"] != "internal" && row_a["kind"] != "unspecified" {
            same("kind", &row_a["kind"], &row["kind"]);
        }
        same("error", &json!(row_a["status"] == "error"), &json!(row["status"] == "error"));
        same("start", &json!(us(&row_a["start_ns"]).to_string()), &json!(us(&row["start_ns"]).to_string()));
        let lost = us(&row_a["duration_ns"]) - us(&row["duration_ns"]);
        assert!((0..=1).contains(&lost), "duration of {ids:?}: {lost} µs less");
        for (key, value) in span_a["attributes"].as_object().unwrap() {
            if value.is_array() || value.is_object() || value == "" {
                continue;
            }
            let text = |v: &Value| json!(v.as_str().map_or_else(|| v.to_string(), str::to_owned));
            let other = &span["attributes"][key];
            if zipkin {
                same(key, &text(value), &text(other));
            } else {
                same(key, value, other);
            }
        }
        if !zipkin {
            let events = |s: &Value| {
                let of = |e: &Value| (e["name"].clone(), us(&e["time_ns"]));
                s["events"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
            };
            assert_eq!(events(span_a), events(span), "events of {ids:?}");
            facts += 1;
        }
    }
    facts
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/otlp/slice").join(name);
    path.exists().then_some(path)
}

fn own(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus/otlp/slice").join(name)
}

#[test]
fn jaeger_tells_the_same() {
    assert!(compare(&own("todo-a-slice.jaeger-one-trace.json"), "jaeger-json", false, true) > 100);
    if let Some(path) = shared("todo-a-slice.jaeger.json") {
        assert!(compare(&path, "jaeger-json", false, false) > 1000);
    }
}

#[test]
fn zipkin_tells_the_same() {
    assert!(compare(&own("todo-a-slice.zipkin.json.gz"), "zipkin-json", true, false) > 1000);
}
