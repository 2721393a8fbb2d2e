//! Records that repeat the id of another span of their trace: which say the very same, and which something else.
//!
//! Several exporters, retries and merged files send spans twice. All are kept and counted; children hang under the
//! first, so a copy has none, and hiding it hides nothing else. (issue 3.2; the ground truth's "duplicates")

use crate::model::TraceId;
use crate::store::order;
use crate::store::{Store, Trace, mark};

/// The repeated records of one trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Copies {
    /// Places of those that equal the first record of their id in all that is stored, ascending.
    pub identical: Vec<u32>,
    /// Places of those that differ from it, ascending.
    pub different: Vec<u32>,
}

/// Compares every repeated record of a trace with the first of its id.
pub fn copies(store: &Store, trace: Trace<'_>) -> Copies {
    let mut found = Copies::default();
    let ids = &store.spans().id;
    let rows = trace.rows();
    let repeats = |row: u32| store.marks(row) & mark::DUPLICATE != 0;
    if !rows.iter().any(|&row| repeats(row)) {
        return found;
    }
    // Ids with their first record beside their copies.
    let mut order: Vec<(u64, bool, u32, u32)> = rows
        .iter()
        .enumerate()
        .map(|(place, &row)| (ids.get(row as usize), repeats(row), row, place as u32))
        .collect();
    order::sort(&mut order);
    for (at, &(id, repeat, row, place)) in order.iter().enumerate() {
        if !repeat {
            continue;
        }
        let group = &order[order[..at].partition_point(|other| other.0 < id)..at];
        let same = group.iter().any(|other| other.0 == id && !other.1 && is_same(store, other.2, row));
        if same { &mut found.identical } else { &mut found.different }.push(place);
    }
    found.identical.sort_unstable();
    found.different.sort_unstable();
    found
}

/// Whether two records of a trace say the same.
fn is_same(store: &Store, a: u32, b: u32) -> bool {
    let spans = store.spans();
    let plain = |row: u32| {
        let at = row as usize;
        let times = (spans.start.get(at), spans.end.get(at));
        (
            times,
            spans.parent_id.get(at),
            spans.name.get(at),
            spans.kind(row),
            spans.status(row),
            spans.extra(row),
        )
    };
    let resource = |row: u32| store.resource(row).map(|r| &r.attributes);
    let scope = |row: u32| store.scope(row).map(|s| (s.name, s.version));
    plain(a) == plain(b)
        && resource(a) == resource(b)
        && scope(a) == scope(b)
        && spans.attributes(a).eq(spans.attributes(b))
        && events(store, a).eq(events(store, b))
        && links(store, a).eq(links(store, b))
}

fn events(store: &Store, row: u32) -> impl Iterator<Item = (u64, u32, Vec<u32>)> {
    let events = &store.spans().events;
    store.spans().events_of(row).map(|e| {
        (events.time.get(e), events.name(e).0, events.attributes(e).map(|attribute| attribute.0).collect())
    })
}

fn links(store: &Store, row: u32) -> impl Iterator<Item = (TraceId, u64, Vec<u32>)> {
    let links = &store.spans().links;
    store.spans().links_of(row).map(|l| {
        (
            links.trace_id.get(l),
            links.span_id.get(l),
            links.attributes(l).map(|attribute| attribute.0).collect(),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;

    #[test]
    fn copies_are_told_from_records_that_differ() {
        let store = store(
            "1 1 0 a server r 10 90 k=1\n\
             1 1 0 a server r 10 90 k=1\n\
             1 1 0 a server r 10 90 k=2\n\
             1 1 0 b server r 10 90 k=1\n\
             1 2 1 a server r 20 30\n\
             1 2 1 a server r 20 31\n",
        );
        let trace = store.trace(0);
        let found = copies(&store, trace);
        let rows = |places: &[u32]| {
            let mut rows: Vec<u32> = places.iter().map(|&place| trace.rows()[place as usize]).collect();
            rows.sort_unstable();
            rows
        };
        assert_eq!((rows(&found.identical), rows(&found.different)), (vec![1], vec![2, 3, 5]));
    }
}
