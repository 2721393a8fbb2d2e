//! What the engine answers against a second, plainer computation over the same file: equal, not close.
//!
//! The second reading shares nothing with the engine but the protocol's messages: spans as structs, sets and
//! maps of the standard library, definitions written out. Compared are calls, errors, rates, all quantiles,
//! Apdex at three thresholds, operations, edges of every kind and exception groups. Small files are compared
//! with every test run; a million spans by `./x bench`, or by hand:
//! `SPANSCOPE_MILLION=file.pb cargo test --test independent -- --ignored --nocapture`.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

#[path = "independent/definitions.rs"]
mod definitions;
#[path = "independent/second.rs"]
mod second;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Value, json};
use spanscope::engine::desk::Desk;
use spanscope::ingest::{Limits, Progress, Reader};

use second::{Red, Second};

const THRESHOLDS: [u64; 3] = [50_000_000, 500_000_000, 2_000_000_000];
const SCOPES: [&str; 3] = ["entry", "server", "all"];

/// Reads a file into an engine, and for the second time with plain structs.
fn read(path: &Path) -> (Desk, Second) {
    let mut desk = Desk::default();
    let mut reader = Reader::new(path.to_string_lossy(), Limits::default());
    let mut file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut chunk = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut chunk).unwrap();
        if n == 0 {
            break;
        }
        reader.feed(&chunk[..n]);
        while reader.pump(desk.builder(), 1 << 20) == Progress::More {}
    }
    reader.finish(desk.builder());
    desk.seal();
    (desk, Second::read(path))
}

/// The answers of a desk, compared with what is right.
struct Comparison {
    desk: Desk,
    compared: usize,
    wrong: Vec<String>,
    /// What each kind of question took at most, in milliseconds.
    longest: BTreeMap<String, f64>,
}

impl Comparison {
    fn ask(&mut self, request: &Value) -> Value {
        let started = Instant::now();
        let reply = self.desk.answer_text(&request.to_string());
        let reply = reply.unwrap_or_else(|error| panic!("{request}: {error}"));
        let ms = started.elapsed().as_secs_f64() * 1e3;
        let longest = self.longest.entry(request["ask"].as_str().unwrap().to_owned()).or_default();
        *longest = longest.max(ms);
        serde_json::from_str(&reply.text).unwrap()
    }

    fn equal(&mut self, at: &str, ours: &Value, right: Value) {
        self.compared += 1;
        // Numbers are equal by value, whole doubles and integers alike. Both have been text: reading is not exact
        // in the last bit here, writing is.
        let right: Value = serde_json::from_str(&right.to_string()).unwrap();
        let same = match (ours.as_f64(), right.as_f64()) {
            (Some(a), Some(b)) => a.to_bits() == b.to_bits(),
            _ => *ours == right,
        };
        if !same {
            self.wrong.push(format!("{at}: the engine says {ours}, right is {right}"));
        }
    }

    /// The columns that both have.
    fn red(&mut self, at: &str, row: &Value, red: &Red, columns: &[&str]) {
        for column in columns {
            self.equal(&format!("{at} {column}"), &row[column], red.column(column));
        }
    }

    /// Compares rows by key: none missing, none too many.
    fn rows(
        &mut self,
        at: &str,
        rows: &Value,
        key: impl Fn(&Value) -> String,
        right: &BTreeMap<String, Red>,
        columns: &[&str],
    ) {
        let rows = rows.as_array().unwrap();
        self.equal(&format!("{at} rows"), &json!(rows.len()), json!(right.len()));
        for row in rows {
            let key = key(row);
            match right.get(&key) {
                Some(red) => self.red(&format!("{at} {key}"), row, red, columns),
                None => self.wrong.push(format!("{at}: {key} does not exist")),
            }
        }
    }
}

fn text(row: &Value, field: &str) -> String {
    row[field].as_str().unwrap().to_owned()
}

const RED: &[&str] =
    &["calls", "errors", "error_rate", "rate_per_s", "p50_ns", "p90_ns", "p95_ns", "p99_ns", "apdex"];
const OPERATION: &[&str] = &[
    "calls",
    "errors",
    "error_rate",
    "rate_per_s",
    "p50_ns",
    "p90_ns",
    "p95_ns",
    "p99_ns",
    "apdex",
    "total_ns",
];
const EDGE: &[&str] = &["calls", "errors", "error_rate", "rate_per_s", "p50_ns", "p95_ns", "p99_ns"];

fn compare(path: &Path) {
    let (desk, second) = read(path);
    let mut c = Comparison { desk, compared: 0, wrong: Vec::new(), longest: BTreeMap::new() };
    let (start, end) = second.extent();
    let third = (end - start) / 3;
    for range in [None, Some((start + third, start + 2 * third))] {
        let wire = range.map(|(from, to)| json!({"start_ns": from.to_string(), "end_ns": to.to_string()}));
        for scope in SCOPES {
            let at = format!("{scope} {range:?}");
            for apdex in THRESHOLDS {
                let ask = json!({"ask": "services", "scope": scope, "apdex_ns": apdex, "range": wire});
                let answer = c.ask(&ask);
                let right = second.services(range, scope, apdex);
                c.rows(
                    &format!("services {at} {apdex}"),
                    &answer["rows"],
                    |r| text(r, "service"),
                    &right,
                    RED,
                );
            }
            for service in second.service_names() {
                let answer =
                    c.ask(&json!({"ask": "operations", "service": service, "scope": scope, "range": wire}));
                let right = second.operations(range, scope, &service, THRESHOLDS[1]);
                let key = |r: &Value| text(r, "name");
                c.rows(&format!("operations of {service} {at}"), &answer["rows"], key, &right, OPERATION);
            }
        }
        let answer = c.ask(&json!({"ask": "service_map", "range": wire}));
        let key = |r: &Value| format!("{} > {} {}", text(r, "from"), text(r, "to"), text(r, "kind"));
        c.rows(&format!("edges {range:?}"), &answer["edges"], key, &second.edges(range), EDGE);
        let answer = c.ask(&json!({"ask": "exceptions", "range": wire}));
        exceptions(&mut c, &answer["rows"], &second, range);
    }
    for (kind, ms) in &c.longest {
        println!("{kind}: {ms:.0} ms at most");
    }
    let wrong = c.wrong.len();
    assert!(
        wrong == 0,
        "{}: {wrong} of {} differ:\n{}",
        path.display(),
        c.compared,
        c.wrong[..wrong.min(20)].join("\n")
    );
    assert!(c.compared > 500, "{}: only {} numbers were compared", path.display(), c.compared);
    println!("{}: {} numbers are equal", path.display(), c.compared);
}

fn exceptions(c: &mut Comparison, rows: &Value, second: &Second, range: second::Range) {
    let right = second.exceptions(range);
    let rows = rows.as_array().unwrap();
    c.equal("exception groups", &json!(rows.len()), json!(right.len()));
    for row in rows {
        let normal = definitions::normal(row["message"].as_str().unwrap());
        let key = format!("{} {} {normal}", text(row, "service"), text(row, "type"));
        let Some(group) = right.get(&key) else {
            c.wrong.push(format!("no exceptions {key}"));
            continue;
        };
        c.equal(&format!("{key} count"), &row["count"], json!(group.count));
        c.equal(&format!("{key} first"), &row["first_ns"], json!(group.first.to_string()));
        c.equal(&format!("{key} last"), &row["last_ns"], json!(group.last.to_string()));
    }
}

#[test]
fn a_second_computation_gives_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/truth");
    for file in ["triple-a.otlp.pb", "todo-a-slice.single.pb"] {
        compare(&folder.join(file));
    }
}

/// The file of the browser benchmark, whoever made it.
fn million() -> PathBuf {
    if let Ok(path) = std::env::var("SPANSCOPE_MILLION") {
        return path.into();
    }
    let made = |maker: &str| std::env::temp_dir().join(format!("spanscope-bench-{maker}/spans-1000000.pb"));
    let found = ["shared", "own"].map(made).into_iter().find(|path| path.is_file());
    found.expect("a file of a million spans: ./x bench makes one, or SPANSCOPE_MILLION names one")
}

#[test]
#[ignore = "takes a minute: ./x bench runs it"]
fn a_second_computation_gives_the_same_over_a_million_spans() {
    compare(&million());
}
