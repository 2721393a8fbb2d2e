//! The requests about TraceQL, field by field as `docs/script-api.md` promises, and the way out and back:
//! what a query finds is found again in what was saved of it.

use serde_json::{Value as Json, json};

use super::{Buffer, Desk};
use crate::ingest::{Limits, Progress, Reader};

fn folder() -> String {
    format!("{}/tests/data/traceql", env!("CARGO_MANIFEST_DIR"))
}

/// A desk with files of these bytes.
fn desk(files: &[Vec<u8>]) -> Desk {
    let mut desk = Desk::default();
    for bytes in files {
        let mut reader = Reader::new("test", Limits::default());
        reader.feed(bytes);
        while reader.pump(desk.builder(), 1 << 20) == Progress::More {}
        reader.finish(desk.builder());
    }
    desk.seal();
    desk
}

fn fixture(name: &str) -> Desk {
    desk(&[std::fs::read(format!("{}/{name}", folder())).expect("a fixture")])
}

fn ask(desk: &mut Desk, request: &Json) -> Json {
    let reply = desk.answer_text(&request.to_string()).unwrap_or_else(|error| panic!("{request}: {error}"));
    serde_json::from_str(&reply.text).expect("JSON")
}

fn refused(desk: &mut Desk, request: &Json) -> String {
    desk.answer_text(&request.to_string()).expect_err(&request.to_string())
}

fn structural() -> Desk {
    fixture("traceql_fixture_structural.json")
}

#[test]
fn parse_tells_validity_canonical_text_and_the_place_of_an_error() {
    let mut desk = structural();
    let mut parse = |q: &str| ask(&mut desk, &json!({"ask": "parse", "q": q}));
    let good = parse("{ .a && .b = 1 }");
    assert_eq!((&good["valid"], &good["canonical"]), (&json!(true), &json!("{ .a && (.b = 1) }")));
    assert_eq!((&good["error"], &good["metrics"]), (&json!(null), &json!(false)));
    assert_eq!(parse("{ } | rate()")["metrics"], json!(true));

    let bad = parse("{ duraton > 1s }");
    assert_eq!((&bad["valid"], &bad["canonical"]), (&json!(false), &json!("")));
    assert_eq!((&bad["error"]["at"], &bad["error"]["end"]), (&json!(2), &json!(9)));
    assert!(bad["error"]["message"].as_str().is_some_and(|m| m.contains("did you mean duration?")), "{bad}");
    assert_eq!(bad["translated"], json!(null));

    let friendly = parse("service=checkout error dur>1s");
    let want = "{ resource.service.name = \"checkout\" && status = error && duration > 1s }";
    assert_eq!((&friendly["valid"], &friendly["translated"]), (&json!(false), &json!(want)));
    assert_eq!(parse("{ status = error")["translated"], json!("{ status = error }"));
    let open = parse("{ name = \"x }");
    assert_eq!((&open["error"]["at"], &open["error"]["end"]), (&json!(9), &json!(13)));
    let class = parse("{ name =~ \"[\" }");
    assert_eq!((&class["error"]["at"], &class["error"]["end"]), (&json!(7), &json!(13)));
}

#[test]
fn spans_carry_what_select_by_and_aggregates_add() {
    let mut desk = structural();
    let all = ask(&mut desk, &json!({"ask": "spans", "limit": 2, "offset": 1, "order": "start"}));
    let summary = ask(&mut desk, &json!({"ask": "summary"}));
    assert_eq!((&all["total"], all["rows"].as_array().map(Vec::len)), (&summary["spans"], Some(2)));
    let row = &all["rows"][0];
    for field in ["trace_id", "span_id", "parent_span_id", "service", "name", "kind", "status", "start_ns"] {
        assert!(row[field].is_string(), "{field} of {row}");
    }
    assert!(row["duration_ns"].is_u64() && row["attributes"] == json!({}), "{row}");
    assert_eq!(all["groups"], json!([]));

    let q = "{ span.grp != nil } | select(span.grp, duration)";
    let selected = ask(&mut desk, &json!({"ask": "spans", "q": q}));
    for row in selected["rows"].as_array().expect("rows") {
        assert!(row["attributes"]["span.grp"].is_string(), "{row}");
        assert_eq!(row["attributes"]["duration"], row["duration_ns"], "a duration is in nanoseconds");
    }
    assert_eq!(selected["total"], json!(7));

    let grouped = ask(&mut desk, &json!({"ask": "spans", "q": "{ } | by(span.grp) | count() > 1"}));
    let groups = grouped["groups"].as_array().expect("groups");
    assert!(!groups.is_empty());
    let members: usize = groups.iter().map(|g| g["span_ids"].as_array().map_or(0, Vec::len)).sum();
    assert_eq!(grouped["total"], json!(members), "every span once, in one group");
    for group in groups {
        let attributes = &group["attributes"];
        assert!(group["trace_id"].is_string() && attributes.get("by(span.grp)").is_some(), "{group}");
        assert_eq!(attributes["count()"], json!(group["span_ids"].as_array().map(Vec::len)));
    }

    assert!(refused(&mut desk, &json!({"ask": "spans", "q": "{} | rate()"})).contains("metrics query"));
    assert!(refused(&mut desk, &json!({"ask": "spans", "q": "{ !span.missing }"})).contains("boolean"));
    assert!(refused(&mut desk, &json!({"ask": "spans", "q": "{ .a = }"})).contains("at byte 7"));
}

#[test]
fn q_chooses_spans_in_every_request() {
    let mut desk = structural();
    let q = "{ span.grp = \"x\" }";
    let matched = ask(&mut desk, &json!({"ask": "spans", "q": q}))["total"].clone();
    assert_eq!(ask(&mut desk, &json!({"ask": "summary", "q": q}))["spans"], matched);
    let sum = |answer: &Json, field: &str| -> u64 {
        answer["rows"].as_array().expect("rows").iter().filter_map(|row| row[field].as_u64()).sum()
    };
    for (request, field) in [
        (json!({"ask": "services", "q": q, "scope": "all"}), "calls"),
        (json!({"ask": "traces", "q": q}), "matched"),
        (json!({"ask": "statistics", "q": q, "by": "service"}), "count"),
        (json!({"ask": "statistics", "q": q, "by": "span.grp"}), "count"),
    ] {
        assert_eq!(json!(sum(&ask(&mut desk, &request), field)), matched, "{request}");
    }
    let series = ask(&mut desk, &json!({"ask": "series", "measure": "latency", "q": q, "scope": "all"}));
    let points = series["points"].as_array().expect("points");
    assert_eq!(json!(points.iter().filter_map(|p| p["count"].as_u64()).sum::<u64>()), matched);
    let map = ask(&mut desk, &json!({"ask": "service_map", "q": q}));
    let services = map["nodes"].as_array().expect("nodes").iter().filter(|n| n["kind"] == "service");
    assert_eq!(json!(services.filter_map(|n| n["spans"].as_u64()).sum::<u64>()), matched);
    assert_eq!(ask(&mut desk, &json!({"ask": "exceptions", "q": q}))["rows"], json!([]));
    for word in ["summary", "services", "traces", "service_map", "exceptions", "series", "statistics"] {
        let mut request = json!({"ask": word, "q": "{ duraton = 1s }"});
        if word == "statistics" {
            request["by"] = json!("service");
        }
        assert!(refused(&mut desk, &request).contains("did you mean duration?"), "{request}");
    }
}

#[test]
fn explain_counts_every_part() {
    let mut desk = structural();
    let q = "{ span.grp = \"x\" && kind != server } | count() > 0";
    let answer = ask(&mut desk, &json!({"ask": "explain", "q": q}));
    let parts: Vec<(&str, u64)> = answer["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .map(|p| (p["part"].as_str().unwrap_or_default(), p["matched"].as_u64().unwrap_or_default()))
        .collect();
    let names: Vec<&str> = parts.iter().map(|(name, _)| *name).collect();
    assert_eq!(names[0], "span.grp = `x`");
    assert_eq!(names[1], "kind != server");
    assert!(names[2].starts_with("{ (span.grp") && names[3].contains("count()"), "{names:?}");
    for (part, matched) in &parts[..2] {
        let alone = ask(&mut desk, &json!({"ask": "spans", "q": format!("{{ {part} }}")}));
        assert_eq!(alone["total"], json!(matched), "{part}");
    }
    let whole = ask(&mut desk, &json!({"ask": "spans", "q": q}));
    assert_eq!(answer["matched"], whole["total"]);
    let summary = ask(&mut desk, &json!({"ask": "summary"}));
    assert_eq!(
        (&answer["of"], &answer["traces"]),
        (&summary["spans"], &ask(&mut desk, &json!({"ask": "traces", "q": q}))["total"])
    );

    let brief = ask(
        &mut desk,
        &json!({"ask": "explain", "q": "({} | rate()) / ({ kind = server } | rate())", "brief": true}),
    );
    assert_eq!((&brief["matched"], &brief["parts"]), (&summary["spans"], &json!([])));
}

#[test]
fn complete_tells_what_is_replaced_and_how_often_it_occurs() {
    let mut desk = structural();
    let text = "{ span.grp = \"";
    let answer = ask(&mut desk, &json!({"ask": "complete", "text": text, "cursor": text.len()}));
    assert_eq!((&answer["from"], &answer["to"]), (&json!(13), &json!(14)));
    assert_eq!(answer["items"][0], json!({"insert": "\"x\"", "kind": "value", "detail": "3 spans"}));
}

#[test]
fn metrics_are_stamped_with_the_right_edge_of_a_step() {
    let mut desk = fixture("traceql_fixture_metrics.json");
    let start = 1_700_000_000_000_000_000_u64;
    let range = json!({"start_ns": start.to_string(), "end_ns": (start + 40_000_000_000).to_string()});
    let request = json!({"ask": "metrics", "q": "{ } | rate() by (span.grp)", "range": range, "step_s": 10});
    let answer = ask(&mut desk, &request);
    assert_eq!(answer["step_s"], json!(10.0));
    let first: u64 = answer["start_ns"].as_str().and_then(|t| t.parse().ok()).expect("decimal text");
    assert_eq!((first - start) % 10_000_000_000, 0);
    let series = answer["series"].as_array().expect("series");
    assert!(series.len() > 1);
    assert!(
        series.iter().any(|s| s["labels"]["span.grp"] == "nil"),
        "spans without it have a line: {answer}"
    );
    for one in series {
        assert!(one["labels"]["span.grp"].is_string(), "{one}");
        assert!(one["points"].as_array().is_some_and(|p| p.iter().all(|v| v.is_number() || v.is_null())));
    }
    let gaps = ask(
        &mut desk,
        &json!({"ask": "metrics", "q": "{ } | max_over_time(span.f)", "range": range, "step_s": 10}),
    );
    assert!(gaps["series"][0]["points"].as_array().is_some_and(|p| p.contains(&json!(null))), "{gaps}");
    assert!(refused(&mut desk, &json!({"ask": "metrics", "q": "{ }"})).contains("metrics query"));
}

#[test]
fn what_a_query_finds_is_found_again_in_what_was_saved() {
    let mut desk = structural();
    let table = std::fs::read_to_string(format!("{}/structural.tsv", folder())).expect("the table");
    let mut tried = 0;
    for query in table.lines().skip(1).filter_map(|line| line.split('\t').next()) {
        let found = |desk: &mut Desk| -> Option<Vec<String>> {
            let request = json!({"ask": "spans", "q": query, "limit": 1000, "order": "start"}).to_string();
            let answer: Json = serde_json::from_str(&desk.answer_text(&request).ok()?.text).ok()?;
            let row = |row: &Json| format!("{} {}", row["trace_id"], row["span_id"]);
            let mut ids: Vec<String> = answer["rows"].as_array()?.iter().map(row).collect();
            ids.sort();
            Some(ids)
        };
        let Some(before) = found(&mut desk) else { continue };
        let traces = ask(&mut desk, &json!({"ask": "traces", "q": query}));
        for format in ["protobuf", "json"] {
            let mut files = Vec::new();
            for row in traces["rows"].as_array().expect("rows") {
                let request = json!({"ask": "export", "trace_id": row["trace_id"], "format": format});
                let reply = desk.answer_text(&request.to_string()).expect("an export");
                let Some(Buffer::U8(bytes)) = reply.buffers.into_iter().next() else { panic!("no bytes") };
                files.push(bytes);
            }
            let mut again = self::desk(&files);
            assert_eq!(found(&mut again).unwrap_or_default(), before, "{query} after {format}");
        }
        tried += usize::from(!before.is_empty());
    }
    assert!(tried > 60, "only {tried} queries found something");
}
