//! The explorer's numbers against an independent count: the files are read here as plain JSON and counted with
//! loops, and facets, tables, heatmaps and comparisons must say the same. What is exported opens with the same
//! facts, and a cause that was hidden in generated data is found.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

#[path = "explorer/differences.rs"]
mod differences;
#[path = "explorer/naive.rs"]
mod naive;

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};
use spanscope::engine::desk::{Buffer, Desk};
use spanscope::ingest::{Limits, Progress, Reader};

use naive::{Span, quantile};

fn read(bytes: &[u8]) -> Desk {
    let mut desk = Desk::default();
    let mut reader = Reader::new("test", Limits::default());
    for chunk in bytes.chunks(1 << 20) {
        reader.feed(chunk);
        while reader.pump(desk.builder(), 1 << 20) == Progress::More {}
    }
    reader.finish(desk.builder());
    desk.seal();
    desk
}

/// Files of the corpus that are OTLP/JSON, as bytes to open and as spans read here.
fn files() -> Vec<(Desk, Vec<Span>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let names = ["corpus/otlp/slice/todo-a-slice.json.gz", "traceql/traceql_fixture_structural.json"];
    let open = |name: &str| {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let spans = naive::spans(&bytes);
        assert!(!spans.is_empty(), "{name}");
        (read(&bytes), spans)
    };
    names.into_iter().map(open).collect()
}

#[track_caller]
fn ask(desk: &mut Desk, request: &Value) -> Value {
    let reply = desk.answer_text(&request.to_string()).unwrap_or_else(|e| panic!("{request}: {e}"));
    serde_json::from_str(&reply.text).unwrap()
}

/// Ids as they are sent, 32 bits a number, as they are read.
fn hex(words: &[u32]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for word in words {
        write!(text, "{word:08x}").unwrap();
    }
    text
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("a whole number, found {value}"))
}

fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap()
}

/// Queries with the same choice of spans as a loop.
type Choice = (&'static str, fn(&Span) -> bool);
const CHOICES: [Choice; 4] = [
    ("", |_| true),
    ("{ status = error }", |s| s.status == "error"),
    ("{ kind = server }", |s| s.kind == "server"),
    ("{ duration >= 2ms && duration < 80ms }", |s| (2_000_000..80_000_000).contains(&s.duration())),
];

#[test]
fn facets_count_what_a_loop_counts() {
    for (mut desk, spans) in files() {
        for (q, choice) in CHOICES {
            let chosen: Vec<&Span> = spans.iter().filter(|s| choice(s)).collect();
            let keys = ask(&mut desk, &json!({"ask": "facets", "q": q}))["keys"].clone();
            let fields: Vec<Value> = list(&keys).iter().map(|k| k["field"].clone()).collect();
            let answer = ask(
                &mut desk,
                &json!({"ask": "facets", "q": q, "usual": true, "fields": fields, "limit": 100_000}),
            );
            assert_eq!(number(&answer["total"]), chosen.len() as u64, "{q}");
            let traces: std::collections::BTreeSet<&str> = chosen.iter().map(|s| s.trace.as_str()).collect();
            assert_eq!(number(&answer["traces"]), traces.len() as u64, "{q}");
            let mut compared = 0;
            for facet in list(&answer["facets"]) {
                let field = facet["field"].as_str().unwrap();
                let mut counts: BTreeMap<Option<String>, (u64, u64)> = BTreeMap::new();
                for span in &chosen {
                    let entry = counts.entry(span.text(field)).or_default();
                    entry.0 += 1;
                    entry.1 += u64::from(span.status == "error");
                }
                let told = list(&facet["values"]).iter().map(|v| {
                    let text = v["text"].as_str().unwrap().to_owned();
                    let text = (v["absent"] != json!(true)).then_some(text);
                    (text, (number(&v["count"]), number(&v["errors"])))
                });
                assert_eq!(told.collect::<BTreeMap<_, _>>(), counts, "{field} of {q}");
                let sum: u64 = counts.values().map(|c| c.0).sum();
                assert_eq!(sum, chosen.len() as u64, "{field} sums to the total");
                compared += 1;
            }
            assert!(compared >= 4, "{q}");
        }
    }
}

#[test]
fn tables_group_as_a_loop_groups_and_rows_lead_to_their_spans() {
    for (mut desk, spans) in files() {
        let keys = ask(&mut desk, &json!({"ask": "facets"}))["keys"].clone();
        let key = |at: usize| list(&keys)[at % list(&keys).len()]["field"].as_str().unwrap().to_owned();
        let groupings = [
            vec!["resource.service.name".to_owned(), "name".to_owned()],
            vec!["status".to_owned()],
            vec![key(7), "kind".to_owned()],
            vec![key(2), key(11), "status".to_owned()],
            vec![],
        ];
        for (q, choice) in CHOICES {
            for by in &groupings {
                let mut groups: BTreeMap<Vec<String>, Vec<&Span>> = BTreeMap::new();
                for span in spans.iter().filter(|s| choice(s)) {
                    let values = by.iter().map(|field| span.text(field).unwrap_or_default()).collect();
                    groups.entry(values).or_default().push(span);
                }
                let request = json!({"ask": "table", "q": q, "by": by, "sort": "-p95_ns", "limit": 100_000});
                let answer = ask(&mut desk, &request);
                assert_eq!(list(&answer["rows"]).len(), groups.len(), "{by:?} of {q}");
                assert_eq!(number(&answer["total"]), groups.len() as u64);
                let mut before = f64::INFINITY;
                for row in list(&answer["rows"]) {
                    let values: Vec<String> =
                        list(&row["values"]).iter().map(|v| v.as_str().unwrap().to_owned()).collect();
                    let members = &groups[&values];
                    let mut durations: Vec<u64> = members.iter().map(|s| s.duration()).collect();
                    durations.sort_unstable();
                    let total: u64 = durations.iter().sum();
                    assert_eq!(number(&row["count"]), members.len() as u64);
                    let errors = members.iter().filter(|s| s.status == "error").count() as u64;
                    assert_eq!(number(&row["errors"]), errors);
                    assert_eq!(number(&row["total_ns"]), total);
                    assert_eq!(number(&row["max_ns"]), *durations.last().unwrap());
                    assert_eq!(number(&row["min_ns"]), durations[0]);
                    let close = |field: &str, want: f64| {
                        let got = row[field].as_f64().unwrap();
                        assert!((got - want).abs() <= 1e-6 * want.abs().max(1.0), "{field}: {got} {want}");
                    };
                    close("p50_ns", quantile(&durations, 0.5));
                    close("p95_ns", quantile(&durations, 0.95));
                    close("p99_ns", quantile(&durations, 0.99));
                    close("avg_ns", total as f64 / durations.len() as f64);
                    close("error_rate", errors as f64 / durations.len() as f64);
                    let p95 = row["p95_ns"].as_f64().unwrap();
                    assert!(p95 <= before, "largest first");
                    before = p95;
                    // The query that a row writes finds its spans and no others.
                    let literals = list(&row["literals"]);
                    if literals.iter().all(|l| l != "") && !by.is_empty() {
                        let parts =
                            by.iter().zip(literals).map(|(f, l)| format!("{f} = {}", l.as_str().unwrap()));
                        let own = format!("{{ {} }}", parts.collect::<Vec<_>>().join(" && "));
                        let both =
                            if q.is_empty() { own } else { format!("{q} && {own}").replace("} && {", "&&") };
                        let found = ask(&mut desk, &json!({"ask": "spans", "q": both, "limit": 0}));
                        assert_eq!(found["total"], row["count"], "{both}");
                    }
                }
            }
        }
    }
}

#[test]
fn single_spans_of_a_heatmap_are_those_that_it_counts() {
    for (mut desk, spans) in files() {
        for (q, choice) in CHOICES {
            let mut request = json!({"ask": "heatmap", "q": q, "scope": "all", "singly": spans.len()});
            let reply = desk.answer_text(&request.to_string()).unwrap();
            let head: Value = serde_json::from_str(&reply.text).unwrap();
            let mut want: Vec<&Span> = spans.iter().filter(|s| choice(s)).collect();
            assert_eq!(number(&head["singles"]), want.len() as u64, "{q}");
            let [Buffer::F64(since), Buffer::F64(durations), columns @ ..] = &reply.buffers[..] else {
                assert!(want.is_empty(), "{q}");
                continue;
            };
            let columns: Vec<&Vec<u32>> =
                columns.iter().filter_map(|c| if let Buffer::U32(c) = c { Some(c) } else { None }).collect();
            let [services, names, failed, ids] = columns[..] else { panic!("{} columns", columns.len()) };
            let start: u64 = head["start_ns"].as_str().unwrap().parse().unwrap();
            let text = |list: &str, at: u32| head[list][at as usize].as_str().unwrap().to_owned();
            let told = (0..since.len()).map(|i| {
                let id = hex(&ids[i * 6..i * 6 + 6]);
                let names = (text("services", services[i]), text("names", names[i]));
                (start + since[i] as u64, durations[i] as u64, names, failed[i] == 1, id)
            });
            want.sort_by_key(|s| (s.start, s.key()));
            let mut told: Vec<_> = told.collect();
            assert!(told.is_sorted_by_key(|t| t.0), "the earliest first");
            told.sort();
            let of = |s: &&Span| {
                let service = s.text("resource.service.name").unwrap_or_default();
                (s.start, s.duration(), (service, s.name.clone()), s.status == "error", s.key())
            };
            let mut want: Vec<_> = want.iter().map(of).collect();
            want.sort();
            assert_eq!(told, want, "{q}");
            // One fewer, and none is told.
            request["singly"] = json!(want.len() - 1);
            let reply = desk.answer_text(&request.to_string()).unwrap();
            assert!(reply.buffers.is_empty() && reply.text.contains("\"singles\":0"), "{q}");
        }
    }
}

#[test]
fn heatmap_cells_count_what_a_loop_counts_and_a_box_is_its_spans() {
    for (mut desk, spans) in files() {
        for (q, choice) in CHOICES {
            let map = ask(&mut desk, &json!({"ask": "heatmap", "q": q, "scope": "all"}));
            let edges: Vec<u64> = list(&map["edges_ns"]).iter().map(number).collect();
            let Some(start) = map["start_ns"].as_str().map(|s| s.parse::<u64>().unwrap()) else { continue };
            let (step, buckets) = (number(&map["step_ns"]), number(&map["buckets"]) as usize);
            let bins = edges.len().saturating_sub(1);
            let mut counts = vec![0_u64; buckets * bins];
            let mut errors = vec![0_u64; buckets * bins];
            for span in spans.iter().filter(|s| choice(s)) {
                let bin =
                    edges.windows(2).position(|e| e[0] <= span.duration() && span.duration() < e[1]).unwrap();
                let cell = ((span.start - start) / step) as usize * bins + bin;
                counts[cell] += 1;
                errors[cell] += u64::from(span.status == "error");
            }
            let told = |field: &str| list(&map[field]).iter().map(number).collect::<Vec<_>>();
            assert_eq!(told("counts"), counts, "{q}");
            assert_eq!(told("errors"), errors, "{q}");
            if bins < 4 {
                continue;
            }
            // A box over cells, as the page writes it.
            let (from, to) =
                (start + step * (buckets as u64 / 4), start + step * (buckets as u64 * 3 / 4).max(1));
            let (low, high) = (edges[bins / 4], edges[bins * 3 / 4]);
            let inside = |s: &&Span| (from..to).contains(&s.start) && (low..high).contains(&s.duration());
            let mut want: Vec<String> =
                spans.iter().filter(|s| choice(s)).filter(inside).map(Span::key).collect();
            let own = format!("{{ duration >= {low}ns && duration < {high}ns }}");
            let both = if q.is_empty() { own } else { format!("{q} && {own}").replace("} && {", "&&") };
            let range = json!({"start_ns": from.to_string(), "end_ns": to.to_string()});
            let found =
                ask(&mut desk, &json!({"ask": "spans", "q": both, "range": range, "limit": 1_000_000}));
            let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
            let mut got: Vec<String> =
                list(&found["rows"]).iter().map(|r| text(r, "trace_id") + &text(r, "span_id")).collect();
            want.sort();
            got.sort();
            assert_eq!(got, want, "{both}");
        }
    }
}

/// Everything of every span, without what depends on which other spans are loaded.
fn facts(desk: &mut Desk, q: &str) -> BTreeMap<String, Value> {
    let traces = ask(desk, &json!({"ask": "traces", "q": q, "limit": 1_000_000}));
    let mut all = BTreeMap::new();
    for trace in list(&traces["rows"]) {
        let id = &trace["trace_id"];
        for span in list(&ask(desk, &json!({"ask": "trace", "trace_id": id}))["spans"]) {
            let mut fact = ask(desk, &json!({"ask": "span", "trace_id": id, "span_id": span["span_id"]}));
            let fields = fact.as_object_mut().unwrap();
            for field in [
                "generation",
                "percentile",
                "operation_count",
                "operation_bins",
                "linked_from",
                "links",
                "logs",
            ] {
                fields.remove(field);
            }
            all.insert(format!("{id}{}", span["span_id"]), fact);
        }
    }
    all
}

/// The file that pieces of this many traces make.
fn exported(desk: &mut Desk, request: &Value, piece: Option<u64>) -> Vec<u8> {
    let (mut offset, mut file) = (0, Vec::new());
    loop {
        let mut request = request.clone();
        request["offset"] = json!(offset);
        request["limit"] = json!(piece);
        let reply = desk.answer_text(&request.to_string()).unwrap();
        for buffer in reply.buffers {
            if let Buffer::U8(bytes) = buffer {
                file.extend(bytes);
            }
        }
        let head: Value = serde_json::from_str(&reply.text).unwrap();
        match head["next"].as_u64() {
            Some(next) => offset = next,
            None => return file,
        }
    }
}

#[test]
fn what_is_filtered_and_exported_opens_with_the_same_facts() {
    for (mut desk, spans) in files() {
        for (q, choice) in CHOICES {
            let want = facts(&mut desk, q);
            let of_traces = |s: &&Span| spans.iter().any(|other| other.trace == s.trace && choice(other));
            assert_eq!(want.len(), spans.iter().filter(of_traces).count(), "{q}");
            for format in ["json", "protobuf"] {
                let request = json!({"ask": "export", "format": format, "q": q});
                let whole = exported(&mut desk, &request, None);
                let pieces = exported(&mut desk, &request, Some(2));
                assert_eq!(whole, pieces, "{format} of {q}");
                if format == "json" {
                    assert!(serde_json::from_slice::<Value>(&whole).is_ok(), "{q}");
                }
                if !want.is_empty() {
                    assert_eq!(facts(&mut read(&whole), ""), want, "{format} of {q}");
                }
                let size = ask(&mut desk, &json!({"ask": "export", "format": format, "q": q, "limit": 0}));
                let told = size["bytes"].as_f64().unwrap();
                let real = whole.len() as f64;
                assert!((told - real).abs() <= real * 0.3 + 100.0, "{format} of {q}: {told} for {real}");
            }
        }
    }
}

#[test]
fn lists_are_saved_as_they_stand() {
    for (mut desk, spans) in files() {
        let lines = |desk: &mut Desk, request: &Value, piece| {
            let bytes = exported(desk, request, piece);
            String::from_utf8(bytes).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        };
        for what in ["traces", "spans", "table"] {
            let sort = if what == "traces" { "-start" } else { "name" };
            let request = json!({"ask": "export", "format": "csv", "list": what, "fields": ["name", "status"], "sort": sort});
            let whole = lines(&mut desk, &request, None);
            assert_eq!(whole, lines(&mut desk, &request, Some(3)), "{what}");
            let rows =
                ask(&mut desk, &json!({"ask": what, "by": ["name", "status"], "limit": 0}))["total"].clone();
            assert_eq!(whole.len() as u64, number(&rows) + 1, "{what}");
        }
        let request = json!({"ask": "export", "format": "csv", "list": "spans", "sort": "start"});
        let first = lines(&mut desk, &request, Some(1))[1].clone();
        let earliest = spans.iter().map(|s| s.start).min().unwrap();
        assert!(first.contains(&earliest.to_string()), "{first}");
    }
}

#[test]
fn spans_stand_in_the_order_of_any_field() {
    let (mut desk, _) = files().remove(0);
    for field in ["span.http.status_code", "span.net.peer.port", "name", "rootName", "statusMessage"] {
        for sign in ["", "-"] {
            let sort = format!("{sign}{field}");
            let request = json!({"ask": "spans", "fields": [field], "sort": sort, "limit": 1_000_000});
            let answer = ask(&mut desk, &request);
            let values: Vec<&Value> = list(&answer["rows"]).iter().map(|r| &r["attributes"][field]).collect();
            let present: Vec<&Value> = values.iter().copied().take_while(|v| !v.is_null()).collect();
            assert!(values[present.len()..].iter().all(|v| v.is_null()), "{sort}: absent ones last");
            let key =
                |v: &Value| (v.is_string(), v.as_f64().unwrap_or(0.0), v.as_str().unwrap_or("").to_owned());
            let in_order = |a: &Value, b: &Value| match sign {
                "-" => key(a) >= key(b),
                _ => key(a) <= key(b),
            };
            assert!(present.windows(2).all(|two| in_order(two[0], two[1])), "{sort}");
        }
    }
    assert!(desk.answer_text(r#"{"ask":"spans","sort":"no field"}"#).is_err());
}
