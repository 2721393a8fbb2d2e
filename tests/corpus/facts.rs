//! The facts of a store, computed as `shared/tools/truth.py` defines them.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use spanscope::ingest::FileReport;
use spanscope::model::IdText;
use spanscope::store::Store;

/// The facts of all spans of a store, and the counts of a report.
pub(crate) fn facts(store: &Store, report: &FileReport) -> Value {
    let spans = store.spans();
    let rows = 0..store.len() as u32;
    let count = |test: &dyn Fn(u32) -> bool| rows.clone().filter(|&row| test(row)).count();
    let services: HashSet<u32> = rows.clone().map(|row| store.service(row).0).collect();
    let start = rows.clone().map(|r| spans.start.get(r as usize)).filter(|&t| t > 0).min();
    let end = rows.clone().map(|r| spans.end.get(r as usize)).filter(|&t| t > 0).max();
    let traces = store.trace_facts();
    let (ids, full) = digests(store);
    json!({
        "spans": store.len(),
        "traces": store.trace_count(),
        "services": services.len(),
        "errors": count(&|row| spans.is_error(row)),
        "events": spans.events.time.len(),
        "links": spans.links.span_id.len(),
        "logs": report.logs,
        "metric_points": report.metric_points,
        "roots": traces.iter().map(|t| u64::from(t.roots)).sum::<u64>(),
        "orphans": traces.iter().map(|t| u64::from(t.orphans)).sum::<u64>(),
        "cyclic": traces.iter().map(|t| u64::from(t.cyclic)).sum::<u64>(),
        "max_depth": traces.iter().map(|t| t.max_depth).max().unwrap_or(0),
        "duplicate_span_ids": traces.iter().map(|t| u64::from(t.duplicates)).sum::<u64>(),
        "negative_duration": count(&|row| spans.end.get(row as usize) < spans.start.get(row as usize)),
        "zero_start": count(&|row| spans.start.get(row as usize) == 0),
        "zero_end": count(&|row| spans.end.get(row as usize) == 0),
        "zero_trace_id": count(&|row| store.trace_id(spans.trace.get(row as usize)).is_zero()),
        "start": start,
        "end": end,
        "digest_ids": ids,
        "digest_full": full,
    })
}

fn digests(store: &Store) -> (String, String) {
    let spans = store.spans();
    let mut ids = Vec::new();
    let mut full = Vec::new();
    for row in 0..store.len() as u32 {
        let at = row as usize;
        // The official readers keep the bytes of ids as they are; an absent id prints as nothing.
        let id = format!(
            "{} {} {}",
            store.trace_id(spans.trace.get(at)),
            spans_id(spans.id.get(at)),
            spanscope::model::SpanId(spans.parent_id.get(at)).text(),
        );
        full.push(format!(
            "{id}|{}|{}|{}|{}|{}|{}|{}|{}|{}",
            store.service_name(store.service(row)),
            store.name(row),
            spans.kind(row) as u8,
            spans.status(row) as u8,
            spans.start.get(at),
            spans.end.get(at),
            spans.attributes(row).count(),
            spans.events_of(row).len(),
            spans.links_of(row).len(),
        ));
        ids.push(id);
    }
    (digest(ids), digest(full))
}

fn spans_id(id: u64) -> String {
    format!("{id:016x}")
}

/// sha256 over the sorted lines.
fn digest(mut lines: Vec<String>) -> String {
    // Python sorts by code points, which is the order of UTF-8 bytes.
    lines.sort_unstable();
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    hash.finalize().iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// What differs between the facts of a store and the expected ones, in words.
pub(crate) fn differences(facts: &Value, expected: &Value) -> Vec<String> {
    let Some(facts) = facts.as_object() else { return Vec::new() };
    facts
        .iter()
        .filter_map(|(key, found)| {
            let wanted = expected.get(key).filter(|w| !w.is_null())?;
            (wanted != found).then(|| format!("{key}: {found} instead of {wanted}"))
        })
        .collect()
}
