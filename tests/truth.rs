//! Every analysis against the ground truth of the corpus: equal, not close.
//!
//! The truth is made by `truth.py` with the official OpenTelemetry classes and shares no code with this
//! project. A few files stand in `tests/data/truth`; the whole corpus runs where `../shared` stands beside
//! the checkout.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

#[path = "support/reading.rs"]
mod reading;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use spanscope::analysis::{
    Alike, Asynchronous, DEFAULT_APDEX_NS, EdgeKind, Red, Scope, Selection, SelfTimes, TraceOrder,
    Uninterrupted, critical_path, exceptions, operations, service_map, services, summary, trace_times,
    traces,
};
use spanscope::model::{IdText, SpanId, SpanKind, TraceId};
use spanscope::store::{Store, mark};
use spanscope::traceql;

/// Facts that differ, as `where: ours, theirs`.
struct Facts<'a> {
    truth: &'a Value,
    compared: usize,
    wrong: Vec<String>,
}

impl Facts<'_> {
    fn equal(&mut self, at: &str, ours: impl Into<Value>, theirs: &Value) {
        let ours = ours.into();
        self.compared += 1;
        if ours != *theirs {
            self.wrong.push(format!("{at}: ours {ours}, truth {theirs}"));
        }
    }

    /// A fraction of the truth, which is rounded to nine decimals, or a quantile, rounded to three.
    fn rounded(&mut self, at: &str, ours: Option<f64>, theirs: &Value, decimals: i32) {
        self.compared += 1;
        // Half a unit of the last place the truth keeps, and what a double itself cannot hold.
        let same = match (ours, theirs.as_f64()) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                (a - b).abs() <= 0.500_000_1 * 10_f64.powi(-decimals) + b.abs() * f64::EPSILON
            }
            _ => false,
        };
        if !same {
            self.wrong.push(format!("{at}: ours {ours:?}, truth {theirs}"));
        }
    }

    fn red(&mut self, at: &str, red: &Red, truth: &Value) {
        let q = red.quantiles;
        self.equal(&format!("{at} calls"), json!(red.calls), &truth["calls"]);
        self.equal(&format!("{at} errors"), json!(red.errors), &truth["errors"]);
        self.equal(&format!("{at} min"), json!(red.min_ns), &truth["min"]);
        self.equal(&format!("{at} max"), json!(red.max_ns), &truth["max"]);
        self.equal(&format!("{at} sum"), json!(red.total_ns), &truth["sum"]);
        self.rounded(&format!("{at} error_rate"), red.error_rate(), &truth["error_rate"], 9);
        self.rounded(&format!("{at} rate"), red.rate_per_s, &truth["rate_per_s"], 9);
        for (name, ours) in [
            ("p50", q.map(|q| q.p50_ns)),
            ("p90", q.map(|q| q.p90_ns)),
            ("p95", q.map(|q| q.p95_ns)),
            ("p99", q.map(|q| q.p99_ns)),
        ] {
            self.rounded(&format!("{at} {name}"), ours, &truth[name]["lin"], 3);
        }
    }
}

/// Compares a store with its truth; answers how many facts were compared.
fn compare(store: &Store, truth: &Value) -> Result<usize, String> {
    let mut facts = Facts { truth, compared: 0, wrong: Vec::new() };
    summaries(&mut facts, store);
    red(&mut facts, store);
    map(&mut facts, store);
    exception_groups(&mut facts, store);
    slowest(&mut facts, store);
    paths(&mut facts, store);
    let shown = facts.wrong.len().min(20);
    if facts.wrong.is_empty() { Ok(facts.compared) } else { Err(facts.wrong[..shown].join("\n  ")) }
}

fn summaries(facts: &mut Facts<'_>, store: &Store) {
    let truth = facts.truth;
    let s = summary(store, &Selection::ALL, &Uninterrupted).unwrap();
    for (name, ours) in [
        ("spans", s.spans),
        ("traces", s.traces),
        ("services", s.services),
        ("operations", s.operations),
        ("errors", s.errors),
        ("events", s.events),
        ("links", s.links),
        ("orphans", s.orphans),
    ] {
        facts.equal(name, json!(ours), &truth[name]);
    }
    facts.equal("start", json!(s.start_ns), &truth["start"]);
    facts.equal("end", json!(s.end_ns), &truth["end"]);
    let all = store.trace_facts();
    let sum = |f: fn(&spanscope::store::TraceFacts) -> u32| json!(all.iter().map(f).sum::<u32>());
    facts.equal("roots", sum(|f| f.roots), &truth["roots"]);
    facts.equal("cyclic", sum(|f| f.cyclic), &truth["cyclic"]);
    facts.equal("duplicates", sum(|f| f.duplicates), &truth["duplicate_span_ids"]);
    facts.equal("max_depth", json!(all.iter().map(|f| f.max_depth).max().unwrap_or(0)), &truth["max_depth"]);
}

fn red(facts: &mut Facts<'_>, store: &Store) {
    let truth = facts.truth;
    let self_times = SelfTimes::of(store, Asynchronous::Include, &Uninterrupted).unwrap();
    let every = services(store, &Selection::ALL, DEFAULT_APDEX_NS, &Uninterrupted).unwrap();
    let entry = services(store, &Selection::default(), DEFAULT_APDEX_NS, &Uninterrupted).unwrap();
    let count = truth["by_service"].as_object().map_or(0, serde_json::Map::len);
    facts.equal("rows of services", json!(every.len()), &json!(count));
    let ops =
        operations(store, &Selection::ALL, None, &self_times, DEFAULT_APDEX_NS, &Uninterrupted).unwrap();
    for (all, entry) in every.iter().zip(&entry) {
        let name = store.service_name(all.service);
        let truth = &truth["by_service"][name];
        facts.red(name, &all.red, truth);
        facts.red(&format!("{name} entry"), &entry.red, &truth["entry"]);
        facts.equal(&format!("{name} spans"), json!(entry.spans), &truth["calls"]);
        let own = ops.iter().filter(|o| o.service == all.service);
        facts.equal(&format!("{name} operations"), json!(own.clone().count()), &truth["operations"]);
        let self_ns: u128 = own.map(|o| o.self_ns).sum();
        facts.equal(&format!("{name} self"), json!(self_ns), &truth["self_time"]);
    }
    let listed = truth["by_operation"].as_object().map_or(0, serde_json::Map::len);
    let mut met = 0;
    for op in &ops {
        let key = format!("{} :: {}", store.service_name(op.service), store.text(op.name));
        let truth = &truth["by_operation"][&key];
        // The truth lists the most frequent ones only.
        if truth.is_null() {
            continue;
        }
        met += 1;
        facts.red(&key, &op.red, truth);
        let kinds: Vec<u8> = op.kinds.iter().map(|k| k as u8).collect();
        facts.equal(&format!("{key} kinds"), json!(kinds), &truth["kinds"]);
        facts.equal(&format!("{key} self"), json!(op.self_ns), &truth["self_time"]);
    }
    facts.equal("operations listed", json!(met), &json!(listed));
}

fn map(facts: &mut Facts<'_>, store: &Store) {
    let truth = facts.truth;
    let map = service_map(store, &Selection::ALL, DEFAULT_APDEX_NS, &Uninterrupted).unwrap();
    let name = |i: u32| map.nodes[i as usize].place.id();
    let mut ours: BTreeMap<(EdgeKind, String, String), (u64, u64)> = BTreeMap::new();
    for e in &map.edges {
        ours.insert((e.kind, name(e.from), name(e.to)), (e.red.calls, e.red.errors));
    }
    let of = |kind: EdgeKind, key: &str| -> Value {
        let edges = ours.iter().filter(|((k, _, _), _)| *k == kind);
        edges
            .map(|((_, from, to), (calls, errors))| match kind {
                EdgeKind::Link => json!({"from": from, "to": to, key: calls}),
                _ => json!({"from": from, "to": to, key: calls, "errors": errors}),
            })
            .collect()
    };
    facts.equal("edges", of(EdgeKind::Service, "calls"), &truth["edges"]);
    facts.equal("link_edges", of(EdgeKind::Link, "links"), &truth["link_edges"]);
    others(facts, store, &ours);
    for edge in map.edges.iter().filter(|e| e.kind != EdgeKind::Link) {
        let at = format!("{} > {}: {}", name(edge.from), name(edge.to), edge.q);
        match found(store, &edge.q) {
            Ok(count) => facts.equal(&at, json!(edge.red.calls), &json!(count)),
            Err(error) => facts.equal(&at, json!(error), &Value::Null),
        }
    }
}

/// How many spans a query finds.
fn found(store: &Store, q: &str) -> Result<usize, String> {
    let query = traceql::parse(q).map_err(|e| e.to_string())?;
    Ok(traceql::eval::spans(store, &query, None, &mut ()).map_err(|e| e.to_string())?.rows.iter().count())
}

/// Edges that the truth does not list, counted here in the plainest way.
fn others(facts: &mut Facts<'_>, store: &Store, ours: &BTreeMap<(EdgeKind, String, String), (u64, u64)>) {
    let attributes = store.attributes();
    let mut plain: BTreeMap<(EdgeKind, String, String), (u64, u64)> = BTreeMap::new();
    for row in 0..store.len() as u32 {
        let all = store.spans().attributes(row);
        let texts: BTreeMap<&str, String> =
            all.map(|id| (attributes.key_text(attributes.key(id)), attributes.value(id).display())).collect();
        let (service, kind) = (store.service_name(store.service(row)).to_owned(), store.spans().kind(row));
        let mut count = |kind, from: &str, to: &str| {
            let (calls, errors) = plain.entry((kind, from.to_owned(), to.to_owned())).or_default();
            *calls += 1;
            *errors += u64::from(store.spans().is_error(row));
        };
        let called = matches!(kind, SpanKind::Server | SpanKind::Consumer);
        if called && store.spans().parent_id.get(row as usize) == 0 {
            count(EdgeKind::User, "user:", &service);
        }
        let database = texts.get("db.system.name").or_else(|| texts.get("db.system"));
        if let Some(database) = database.filter(|_| kind != SpanKind::Server) {
            count(EdgeKind::Database, &service, &format!("db:{database}"));
        }
        let broker = texts.get("messaging.system").filter(|text| !text.is_empty());
        match (broker.map(|name| format!("msg:{name}")), kind) {
            (Some(broker), SpanKind::Producer) => count(EdgeKind::Messaging, &service, &broker),
            (Some(broker), SpanKind::Consumer) => count(EdgeKind::Messaging, &broker, &service),
            _ => {}
        }
    }
    for kind in [EdgeKind::User, EdgeKind::Database, EdgeKind::Messaging] {
        let of = |all: &BTreeMap<(EdgeKind, String, String), (u64, u64)>| -> Vec<Value> {
            all.iter()
                .filter(|((k, ..), _)| *k == kind)
                .map(|((_, a, b), n)| json!([a, b, n.0, n.1]))
                .collect()
        };
        facts.equal(kind.word(), of(ours), &json!(of(&plain)));
    }
}

fn exception_groups(facts: &mut Facts<'_>, store: &Store) {
    let truth = facts.truth;
    let rows = exceptions(store, &Selection::ALL, Alike::Message, &Uninterrupted).unwrap();
    let mut ours: BTreeMap<String, (u64, u64, BTreeMap<String, u64>)> = BTreeMap::new();
    for row in rows.iter().filter(|r| r.source() == "event") {
        let (count, errors, services) = ours.entry(row.kind.clone()).or_default();
        *count += row.occurrences.len() as u64;
        let service = store.service_name(row.service).to_owned();
        *services.entry(service).or_default() += row.occurrences.len() as u64;
        for row in row.occurrences.iter().filter_map(|o| o.row) {
            *errors += u64::from(store.spans().is_error(row));
        }
    }
    let all = truth["exceptions"].as_array().cloned().unwrap_or_default();
    facts.equal("exception types", json!(ours.len()), &json!(all.len()));
    for theirs in &all {
        let kind = theirs["type"].as_str().unwrap();
        let (count, errors, services) = ours.remove(kind).unwrap_or_default();
        facts.equal(&format!("exception {kind}"), json!(count), &theirs["count"]);
        facts.equal(&format!("exception {kind} errors"), json!(errors), &theirs["on_error_spans"]);
        facts.equal(&format!("exception {kind} services"), json!(services), &theirs["services"]);
    }
    let by_type = exceptions(store, &Selection::ALL, Alike::Type, &Uninterrupted).unwrap();
    for row in by_type.iter().filter(|r| r.source() == "event") {
        let theirs = all.iter().find(|t| t["type"] == row.kind.as_str()).unwrap_or(&Value::Null);
        facts.equal(&format!("count of {}", row.kind), json!(row.occurrences.len()), &theirs["count"]);
        let mut services: Vec<&str> = row.services.iter().map(|&s| store.service_name(s)).collect();
        services.sort_unstable();
        let mut known: Vec<&String> =
            theirs["services"].as_object().into_iter().flat_map(|s| s.keys()).collect();
        // With the browser tests' libraries an object keeps the order of its text.
        known.sort_unstable();
        facts.equal(&format!("services of {}", row.kind), json!(services), &json!(known));
        if theirs["services"].as_object().is_some_and(|s| s.len() == 1) {
            let message: String = row.message.chars().take(200).collect();
            facts.equal(&format!("message of {}", row.kind), json!(message), &theirs["top_message"]);
        }
    }
}

fn slowest(facts: &mut Facts<'_>, store: &Store) {
    let truth = facts.truth;
    let page = traces(store, &Selection::ALL, TraceOrder::Longest, 0, 10, &Uninterrupted).unwrap();
    let ours: Vec<Value> = page
        .rows
        .iter()
        .map(|r| {
            let spans = store.spans();
            let root = |f: &dyn Fn(u32) -> String| r.root.map(f);
            let depth = store.trace_facts()[r.trace as usize].max_depth;
            json!({
                "trace": store.trace_id(r.trace).to_string(), "spans": r.spans, "services": r.services,
                "errors": r.errors, "start": r.start_ns, "duration": r.duration_ns,
                "root_service": root(&|row| store.service_name(store.service(row)).to_owned()),
                "root_name": root(&|row| store.name(row).to_owned()),
                "root_id": root(&|row| SpanId(spans.id.get(row as usize)).text()),
                "depth": depth,
            })
        })
        .collect();
    for (i, theirs) in truth["slowest_traces"].as_array().cloned().unwrap_or_default().iter().enumerate() {
        facts.equal(&format!("slowest {i}"), ours.get(i).cloned().unwrap_or_default(), theirs);
    }
}

fn paths(facts: &mut Facts<'_>, store: &Store) {
    for theirs in facts.truth["critical_paths"].as_array().cloned().unwrap_or_default() {
        let id = theirs["trace"].as_str().unwrap();
        let Some(trace) = TraceId::parse(id).and_then(|id| store.find_trace(id)) else {
            facts.equal("trace of a path", Value::Null, &theirs["trace"]);
            continue;
        };
        let path = {
            let trace = store.trace(trace);
            critical_path(store, trace, &trace_times(store, trace), Asynchronous::Include, &Uninterrupted)
        }
        .unwrap();
        let span = |row: u32| SpanId(store.spans().id.get(row as usize)).text();
        facts.equal(&format!("{id} segments"), json!(path.len()), &theirs["segments"]);
        let total: u64 = path.iter().map(|s| s.end_ns - s.start_ns).sum();
        facts.equal(&format!("{id} total"), json!(total), &theirs["total"]);
        let head: Vec<Value> = path
            .iter()
            .take(100)
            .map(|s| json!({"span": span(s.row), "from": s.start_ns, "to": s.end_ns}))
            .collect();
        facts.equal(&format!("{id} path"), json!(head), &theirs["path"]);
        let mut by_span: BTreeMap<String, u64> = BTreeMap::new();
        for s in &path {
            *by_span.entry(span(s.row)).or_default() += s.end_ns - s.start_ns;
        }
        for one in theirs["by_span"].as_array().cloned().unwrap_or_default() {
            let span = one["span"].as_str().unwrap();
            facts.equal(&format!("{id} time of {span}"), json!(by_span.get(span)), &one["ns"]);
        }
    }
}

/// Runs files with their truths and says what was compared; answers how many files were read.
fn run(files: &[(PathBuf, PathBuf)]) -> usize {
    let mut wrong = Vec::new();
    let mut read = 0;
    for (file, truth) in files {
        let Some(store) = reading::load(file) else {
            println!("not read: {}", file.display());
            continue;
        };
        read += 1;
        let truth: Value = serde_json::from_slice(&std::fs::read(truth).unwrap()).unwrap();
        match compare(&store, &truth) {
            Ok(count) => println!("{count} facts equal: {}", file.display()),
            Err(differences) => wrong.push(format!("{}:\n  {differences}", file.display())),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    read
}

/// The fixtures that stand in the project.
fn fixtures() -> Vec<(PathBuf, PathBuf)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/truth");
    let mut pairs = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let truth = entry.unwrap().path();
        if let Some(file) = truth.to_string_lossy().strip_suffix(".truth.json") {
            pairs.push((PathBuf::from(file), truth.clone()));
        }
    }
    pairs.sort();
    pairs
}

/// The files of the corpus that are well formed and have a truth; several forms share one.
fn whole_corpus() -> Vec<(PathBuf, PathBuf)> {
    let corpus = corpus();
    let Ok(index) = std::fs::read(corpus.join("index.json")) else { return Vec::new() };
    let index: Value = serde_json::from_slice(&index).unwrap();
    let rows = index.as_array().cloned().unwrap_or_default();
    rows.iter()
        .filter(|row| row["expect"] == "ok")
        .filter_map(|row| Some((corpus.join(row["file"].as_str()?), corpus.join(row["truth"].as_str()?))))
        .filter(|(file, truth)| file.exists() && truth.exists())
        .collect()
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus")
}

#[test]
fn the_fixtures_equal_their_truth() {
    let fixtures = fixtures();
    assert!(!fixtures.is_empty());
    assert_eq!(run(&fixtures), fixtures.len());
}

#[test]
fn the_corpus_equals_its_truth() {
    let files = whole_corpus();
    if files.is_empty() {
        println!("skipped: no corpus stands at {}", corpus().display());
        return;
    }
    let read = run(&files);
    println!("{read} of {} files were read", files.len());
}

#[test]
fn the_large_files_equal_their_truth() {
    let (Some(folder), corpus) = (std::env::var_os("SPANSCOPE_LARGE"), corpus()) else {
        println!("skipped: SPANSCOPE_LARGE names no folder of files that make_large.sh wrote");
        return;
    };
    let mut found = Vec::new();
    for name in ["L1-1M.pb", "L2-giant-1M.pb", "L3-chain-100k.pb"] {
        let file = Path::new(&folder).join(name);
        if file.exists() {
            found.push((file, corpus.join("large").join(format!("{name}.truth.json"))));
        }
    }
    run(&found);
}

#[test]
fn entry_spans_are_those_without_a_parent_in_their_service() {
    for (file, _) in fixtures() {
        let store = reading::load(&file).unwrap();
        for row in 0..store.len() as u32 {
            let entry = store.parent(row).is_none_or(|p| store.service(p) != store.service(row));
            let counted = Selection { scope: Scope::Entry, ..Selection::ALL }.contains(&store, row);
            assert_eq!(counted, entry || store.marks(row) & mark::CYCLIC != 0);
        }
    }
}
