//! The list of traces (script-api.md `traces`): those with at least one selected span.
//!
//! `matched` counts the selected spans; every other column describes the whole trace. Ties stand by trace
//! id, so any order is total and pages never overlap.

use super::selection::{Checkpoint, Error, Selection};
use crate::store::order;
use crate::store::{NO_ROW, Store};

/// By what a list of traces is ordered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TraceOrder {
    /// Longest extent first.
    #[default]
    Longest,
    /// Shortest extent first.
    Shortest,
    /// Latest start first.
    Latest,
    /// Earliest start first.
    Earliest,
    /// Most spans first.
    MostSpans,
    /// Most error spans first.
    MostErrors,
}

impl TraceOrder {
    /// The order of a word of the script door: `-duration`, `duration`, `-start`, `start`, `-spans`, `-errors`.
    pub fn from_word(word: &str) -> Option<Self> {
        Some(match word {
            "-duration" => Self::Longest,
            "duration" => Self::Shortest,
            "-start" => Self::Latest,
            "start" => Self::Earliest,
            "-spans" => Self::MostSpans,
            "-errors" => Self::MostErrors,
            _ => return None,
        })
    }

    /// Smaller stands first.
    fn key(self, store: &Store, trace: u32) -> u64 {
        let facts = &store.trace_facts()[trace as usize];
        match self {
            Self::Longest => !facts.duration_ns,
            Self::Shortest => facts.duration_ns,
            Self::Latest => !facts.start_ns,
            Self::Earliest => facts.start_ns,
            Self::MostSpans => !(store.trace(trace).len() as u64),
            Self::MostErrors => !u64::from(facts.errors),
        }
    }
}

/// One trace.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TraceRow {
    /// Its number in the store.
    pub trace: u32,
    /// Row of its main root: the earliest root, else the earliest orphan.
    pub root: Option<u32>,
    /// Earliest known start, nanoseconds since the epoch; 0 where no span has one.
    pub start_ns: u64,
    /// Its whole extent, nanoseconds.
    pub duration_ns: u64,
    /// All its spans.
    pub spans: u32,
    /// Its selected spans.
    pub matched: u32,
    /// Its spans with status ERROR.
    pub errors: u32,
    /// Its services.
    pub services: u32,
}

/// A page of the list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TracesPage {
    /// Traces in the whole list.
    pub total: u64,
    /// Those from the offset on, at most as many as asked for.
    pub rows: Vec<TraceRow>,
}

/// Lists the traces that have a selected span.
pub fn traces(
    store: &Store,
    selection: &Selection<'_>,
    order: TraceOrder,
    offset: usize,
    limit: usize,
    checkpoint: &dyn Checkpoint,
) -> Result<TracesPage, Error> {
    let mut matched = vec![0_u32; store.trace_count()];
    selection.each(store, checkpoint, |row| {
        matched[store.spans().trace.get(row as usize) as usize] += 1;
    })?;
    let mut keyed: Vec<(u64, u32)> = (0..matched.len() as u32)
        .filter(|&trace| matched[trace as usize] > 0)
        .map(|trace| (order.key(store, trace), trace))
        .collect();
    let total = keyed.len() as u64;
    let end = offset.saturating_add(limit).min(keyed.len());
    order::first(&mut keyed, end, &|a, b| store.trace_id(a).cmp(&store.trace_id(b)));
    let page = keyed.get(offset.min(end)..end).unwrap_or_default();
    let rows = page.iter().map(|&(_, trace)| row(store, trace, matched[trace as usize])).collect();
    Ok(TracesPage { total, rows })
}

fn row(store: &Store, trace: u32, matched: u32) -> TraceRow {
    let facts = store.trace_facts()[trace as usize];
    TraceRow {
        trace,
        root: (facts.main_root != NO_ROW).then_some(facts.main_root),
        start_ns: facts.start_ns,
        duration_ns: facts.duration_ns,
        spans: store.trace(trace).len() as u32,
        matched,
        errors: facts.errors,
        services: facts.services,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Uninterrupted;
    use super::super::testing::{dump, store};
    use super::*;

    #[test]
    fn pages_are_ordered_with_ties_by_trace_id() {
        let store = store(
            "3 1 0 a server r 10 20
             2 1 0 a server r 30 40 error
             1 1 0 a server r 20 50
             1 2 1 b server r 25 55
             4 1 1 a server r 60 99",
        );
        let check = |order: &str, offset, limit, want: &str| {
            let order = TraceOrder::from_word(order).unwrap();
            let page = traces(&store, &Selection::ALL, order, offset, limit, &Uninterrupted).unwrap();
            assert_eq!(page.total, 4);
            dump(page.rows, want, |r| format!("{:?}", store.trace_id(r.trace)).split_off(31));
        };
        check("-duration", 0, 9, "4 | 1 | 2 | 3");
        check("duration", 0, 9, "2 | 3 | 1 | 4");
        check("duration", 1, 2, "3 | 1");
        check("-start", 0, 2, "4 | 2");
        check("start", 3, 9, "4");
        check("start", 9, 9, "");
        check("start", 0, 0, "");
        check("-spans", 0, 1, "1");
        check("-errors", 0, 2, "2 | 1");
        assert_eq!(TraceOrder::from_word("name"), None);
    }

    #[test]
    fn matched_counts_the_selection_and_the_rest_the_whole_trace() {
        let store = store(
            "1 1 0 a server r 20 50
             1 2 1 b server r 25 55 error
             2 1 9 a server r 30 40",
        );
        let rows = [1].into_iter().collect();
        let picked = Selection { rows: Some(&rows), ..Selection::ALL };
        let page = traces(&store, &picked, TraceOrder::Longest, 0, 9, &Uninterrupted).unwrap();
        let want = TraceRow {
            trace: 0,
            root: Some(0),
            start_ns: 20,
            duration_ns: 35,
            spans: 2,
            matched: 1,
            errors: 1,
            services: 2,
        };
        assert_eq!(page, TracesPage { total: 1, rows: vec![want] });
    }
}
