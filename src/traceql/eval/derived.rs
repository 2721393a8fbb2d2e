//! Facts of a span that stand in no attribute and that Tempo has no word for: words of Spanscope's own
//! (docs/traceql.md), so that what is told of them can be asked for.

use crate::model::{SpanKind, conventions};
use crate::store::{AttrId, Store, mark};

/// By row, the depth below a root or an orphan, which stand at 1; 0 for cyclic spans.
pub fn depths(store: &Store) -> Vec<u32> {
    let mut depths = vec![0; store.len()];
    for trace in 0..store.trace_count() as u32 {
        let trace = store.trace(trace);
        for (&row, &depth) in trace.rows().iter().zip(trace.depths()) {
            depths[row as usize] = depth;
        }
    }
    depths
}

/// By row, its direct children.
pub fn children(store: &Store) -> Vec<u32> {
    let mut counts = vec![0; store.len()];
    for row in 0..store.len() as u32 {
        if let Some(count) = store.parent(row).and_then(|parent| counts.get_mut(parent as usize)) {
            *count += 1;
        }
    }
    counts
}

/// How long after its parent a span starts, nanoseconds: 0 where before it; none without a parent.
pub fn gap_ns(store: &Store, row: u32) -> Option<u64> {
    let start = &store.spans().start;
    let parent = parent(store, row)?;
    Some(start.get(row as usize).saturating_sub(start.get(parent as usize)))
}

/// The parent as relations see it: spans in a cycle have none.
pub fn parent(store: &Store, row: u32) -> Option<u32> {
    store.parent(row).filter(|_| store.marks(row) & mark::CYCLIC == 0)
}

/// By trace, its database calls: spans with `db.system` that are no server spans. Empty where the data has none.
pub fn database_calls(store: &Store) -> Vec<u32> {
    let spans = store.spans();
    let keys: Vec<_> =
        conventions::DB_SYSTEM.iter().filter_map(|name| store.attributes().find_key(name)).collect();
    if keys.is_empty() {
        return Vec::new();
    }
    let of_database: Vec<bool> = (0..store.attributes().len() as u32)
        .map(|id| keys.contains(&store.attributes().key(AttrId(id))))
        .collect();
    let mut calls = vec![0; store.trace_count()];
    for row in 0..store.len() as u32 {
        if spans.kind(row) != SpanKind::Server && spans.attributes(row).any(|id| of_database[id.0 as usize]) {
            calls[spans.trace.get(row as usize) as usize] += 1;
        }
    }
    calls
}

/// A trace's main root if it is a root and no orphan: only such a one names the trace.
pub fn true_root(store: &Store, root: u32) -> Option<u32> {
    ((root as usize) < store.len() && store.marks(root) & mark::ROOT != 0).then_some(root)
}
