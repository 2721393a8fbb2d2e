//! Finding the span that a link or a log record names.
//!
//! Of several records with one id the first that is no server half of a shared Zipkin id counts, else the
//! first server half (the ground truth's "duplicates").

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use crate::model::TraceId;
use crate::store::Store;
use crate::store::order;

/// Up to here a trace is searched span by span; longer ones get an index on first need.
const SHORT: usize = 64;

/// Looks spans up by trace and span id.
pub(crate) struct Lookup<'a> {
    store: &'a Store,
    /// Of long traces: (span id, shared half, row), sorted.
    indexes: HashMap<u32, Vec<(u64, bool, u32)>, FixedState>,
}

impl<'a> Lookup<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, indexes: HashMap::with_hasher(FixedState::default()) }
    }

    /// The row of a span, if its trace holds it.
    pub(crate) fn find(&mut self, trace_id: TraceId, span_id: u64) -> Option<u32> {
        let trace = self.store.find_trace(trace_id)?;
        let spans = self.store.spans();
        let rows = self.store.trace(trace).rows();
        if rows.len() <= SHORT {
            let found = rows.iter().copied().filter(|&row| spans.id.get(row as usize) == span_id);
            return found.min_by_key(|&row| (spans.is_shared(row), row));
        }
        let index = self.indexes.entry(trace).or_insert_with(|| {
            let entry = |&row: &u32| (spans.id.get(row as usize), spans.is_shared(row), row);
            let mut index: Vec<_> = rows.iter().map(entry).collect();
            order::sort(&mut index);
            index
        });
        let at = index.partition_point(|&(id, _, _)| id < span_id);
        index.get(at).filter(|&&(id, _, _)| id == span_id).map(|&(_, _, row)| row)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::super::testing::store;
    use super::*;

    #[test]
    fn the_first_record_of_an_id_is_found_in_short_and_long_traces() {
        let mut lines =
            String::from("1 7 0 a server r 50 60\n1 7 0 a server r 10 20\n1 8 0 a server r 1 2\n");
        for (want, extra) in [(3, 0), (203, 200)] {
            for id in 0..extra {
                writeln!(lines, "1 {} 0 a server r 1 2", 1000 + id).unwrap();
            }
            let store = store(&lines);
            assert_eq!(store.len(), want);
            let mut lookup = Lookup::new(&store);
            assert_eq!(lookup.find(TraceId([1; 16]), 7), Some(0));
            assert_eq!(lookup.find(TraceId([1; 16]), 8), Some(2));
            assert_eq!(lookup.find(TraceId([1; 16]), 9), None);
            assert_eq!(lookup.find(TraceId([2; 16]), 7), None);
        }
    }
}
