//! A click on a number leads to exactly the spans that it counted: the TraceQL and the range that the page writes
//! give as many spans as the table row, the bucket of a chart or the cell of a heatmap says.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::Path;

use serde_json::{Value, json};
use spanscope::engine::desk::Desk;
use spanscope::engine::protocol::ScopeName;
use spanscope::ingest::{Limits, Progress, Reader};
use spanscope::page::condition::Condition;
use spanscope::page::drill;

fn desk(file: &str) -> Desk {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(file);
    let bytes = std::fs::read(path).unwrap();
    let mut desk = Desk::default();
    let mut reader = Reader::new(file, Limits::default());
    reader.feed(&bytes);
    while reader.pump(desk.builder(), 1 << 20) == Progress::More {}
    reader.finish(desk.builder());
    desk.seal();
    desk
}

fn ask(desk: &mut Desk, request: Value) -> Value {
    let reply = desk.answer_text(&request.to_string()).unwrap_or_else(|error| panic!("{request}: {error}"));
    serde_json::from_str(&reply.text).unwrap()
}

/// How many spans a query and a range leave.
fn count(desk: &mut Desk, q: &str, range: Option<(u64, u64)>) -> u64 {
    let range = range.map(|(from, to)| json!({"start_ns": from.to_string(), "end_ns": to.to_string()}));
    ask(desk, json!({"ask": "spans", "q": q, "range": range, "limit": 0}))["total"].as_u64().unwrap()
}

fn numbers(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).collect()
}

const SCOPES: [(ScopeName, &str); 3] =
    [(ScopeName::Entry, "entry"), (ScopeName::Server, "server"), (ScopeName::All, "all")];

fn check(file: &str, base: &str) {
    let mut desk = desk(file);
    let mut compared = 0;
    for (scope, word) in SCOPES {
        let services = ask(&mut desk, json!({"ask": "services", "scope": word, "q": base}));
        let mut names = Vec::new();
        for row in services["rows"].as_array().unwrap() {
            let service = row["service"].as_str().unwrap();
            names.push(service.to_owned());
            let q = drill::calls(base, service, scope, &[]);
            let calls = row["calls"].as_u64().unwrap();
            assert_eq!(count(&mut desk, &q, None), calls, "{file} {word} {q}");

            let red = ask(
                &mut desk,
                json!({"ask": "red", "service": service, "scope": word, "q": base, "step_s": 0.005}),
            );
            let (start, step) = (red["start_ns"].as_str().unwrap().parse::<u64>().unwrap(), 5_000_000);
            let (each, errors) = (numbers(&red["calls"]), numbers(&red["errors"]));
            assert_eq!(each.iter().sum::<u64>(), calls, "{file} {service}: buckets sum to the total");
            let failed = drill::calls(base, service, scope, &drill::of_chart("errors"));
            for (i, (&n, &e)) in each.iter().zip(&errors).enumerate().filter(|(_, (n, _))| **n > 0).take(12) {
                let range = Some((start + i as u64 * step, start + (i as u64 + 1) * step));
                assert_eq!(count(&mut desk, &q, range), n, "{file} {word} bucket {i}: {q}");
                assert_eq!(count(&mut desk, &failed, range), e, "{file} {word} bucket {i}: {failed}");
                compared += 1;
            }

            let map = ask(
                &mut desk,
                json!({"ask": "heatmap", "service": service, "scope": word, "q": base, "step_s": 0.02}),
            );
            let (edges, cells) = (numbers(&map["edges_ns"]), numbers(&map["counts"]));
            assert_eq!(cells.iter().sum::<u64>(), calls, "{file} {service}: cells sum to the total");
            let bins = edges.len().saturating_sub(1);
            for (i, &n) in cells.iter().enumerate().filter(|(_, n)| **n > 0).take(12) {
                let (bucket, bin) = ((i / bins) as u64, i % bins);
                let from = start + bucket * 20_000_000;
                let q = drill::calls(base, service, scope, &drill::durations(edges[bin], edges[bin + 1]));
                assert_eq!(count(&mut desk, &q, Some((from, from + 20_000_000))), n, "{file} {word}: {q}");
                compared += 1;
            }

            let operations =
                ask(&mut desk, json!({"ask": "operations", "service": service, "scope": word, "q": base}));
            for row in operations["rows"].as_array().unwrap() {
                let name = Condition::name(row["name"].as_str().unwrap());
                let q = drill::calls(base, service, scope, &[name]);
                assert_eq!(count(&mut desk, &q, None), row["calls"].as_u64().unwrap(), "{file} {word}: {q}");
                compared += 1;
            }
        }
        let calls: u64 =
            services["rows"].as_array().unwrap().iter().filter_map(|r| r["calls"].as_u64()).sum();
        let q = drill::all_calls(base, &names, scope, &[]);
        assert_eq!(count(&mut desk, &q, None), calls, "{file} {word}: {q}");
    }
    assert!(compared > 20, "{file}: only {compared} numbers were compared");
}

#[test]
fn every_number_leads_to_the_spans_that_it_counted() {
    check("truth/triple-a.otlp.pb", "");
    check("truth/triple-a.otlp.pb", "{ status != error }");
    check("truth/todo-a-slice.single.pb", "");
}
