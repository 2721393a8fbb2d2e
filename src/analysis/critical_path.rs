//! The critical path of a trace: which span the trace waited for at each moment.
//!
//! The walk of the project's ground truth (semantics.md §6.2), on an explicit stack: from the main root's end
//! back in time; at each span take the child with the greatest clipped end that is not after the cursor
//! (ties: later start, then smaller span id); what lies after it belongs to the span; go on inside the
//! child, clipped to its parent; then from the child's start. A sibling that ends after the cursor is
//! skipped. The sections tile the root's duration.

use super::selection::{Asynchronous, Checkpoint, Error};
use crate::store::order;
use crate::store::{CHUNK, NO_ROW, Store, Trace};

/// A stretch of time in which the trace waited for one span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Section {
    /// The span's row.
    pub row: u32,
    /// Its place in the trace's rows.
    pub place: u32,
    /// From, nanoseconds since the epoch.
    pub start_ns: u64,
    /// To, nanoseconds since the epoch.
    pub end_ns: u64,
}

/// A child that may lie on the path, clipped to its parent.
#[derive(Clone, Copy)]
struct Candidate {
    start: u64,
    end: u64,
    place: u32,
}

/// A span being walked.
struct Frame {
    place: u32,
    start: u64,
    /// What lies after it is settled.
    cursor: u64,
    /// Where its candidates begin; the open frame's stand at the end of the list.
    candidates: usize,
}

/// The sections of a trace's critical path in order of time; empty for a trace without root and orphan.
pub fn critical_path(
    store: &Store,
    trace: Trace<'_>,
    asynchronous: Asynchronous,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<Section>, Error> {
    let spans = store.spans();
    let root = trace.facts().main_root;
    if root == NO_ROW {
        return Ok(Vec::new());
    }
    let Some(place) = trace.place(root) else { return Ok(Vec::new()) };
    let mut sections = Vec::new();
    let mut candidates = Vec::new();
    let mut stack = Vec::new();
    let mut steps = 0_usize;
    let start = spans.start.get(root as usize);
    let end = spans.end.get(root as usize).max(start);
    let walk = Walk { store, trace, asynchronous };
    stack.push(walk.open(&mut candidates, place, start, end));
    while let Some(frame) = stack.last_mut() {
        steps += 1;
        if steps.is_multiple_of(CHUNK) {
            checkpoint.pass()?;
        }
        while candidates.len() > frame.candidates
            && candidates.last().is_some_and(|c: &Candidate| c.end > frame.cursor)
        {
            candidates.pop();
        }
        let child = if candidates.len() > frame.candidates { candidates.pop() } else { None };
        let until = child.map_or(frame.start, |c| c.end);
        if frame.cursor > until {
            let row = trace.rows()[frame.place as usize];
            sections.push(Section { row, place: frame.place, start_ns: until, end_ns: frame.cursor });
        }
        if let Some(child) = child {
            frame.cursor = child.start;
            stack.push(walk.open(&mut candidates, child.place as usize, child.start, child.end));
        } else {
            stack.pop();
        }
    }
    sections.reverse();
    Ok(sections)
}

struct Walk<'a> {
    store: &'a Store,
    trace: Trace<'a>,
    asynchronous: Asynchronous,
}

impl Walk<'_> {
    /// Begins a span inside its clip and lists its children, the best one last.
    fn open(&self, candidates: &mut Vec<Candidate>, place: usize, start: u64, end: u64) -> Frame {
        let spans = self.store.spans();
        let rows = self.trace.rows();
        let from = candidates.len();
        let row = rows[place];
        for child in self.trace.children(place) {
            let clipped = Candidate {
                start: spans.start.get(rows[child] as usize).max(start),
                end: spans.end.get(rows[child] as usize).min(end),
                place: child as u32,
            };
            if clipped.end > clipped.start && !self.asynchronous.ignores(self.store, row, rows[child]) {
                candidates.push(clipped);
            }
        }
        order::sort_by(&mut candidates[from..], |a, b| {
            (a.end, a.start).cmp(&(b.end, b.start)).then_with(|| {
                let (x, y) = (rows[a.place as usize], rows[b.place as usize]);
                let by_id = spans.id.get(y as usize).cmp(&spans.id.get(x as usize));
                by_id.then(x.cmp(&y))
            })
        });
        Frame { place: place as u32, start, cursor: end, candidates: from }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Uninterrupted;
    use super::super::testing::{Desk, dump, store, stores};
    use super::*;

    fn check(asynchronous: Asynchronous, lines: &str, want: &str) {
        let store = store(lines);
        let sections = critical_path(&store, store.trace(0), asynchronous, &Uninterrupted).unwrap();
        dump(sections, want, |s| {
            format!("{} {}-{}", store.spans().id.get(s.row as usize), s.start_ns, s.end_ns)
        });
    }

    #[test]
    fn the_path_follows_the_child_that_ended_last() {
        let lines = "1 1 0 a server  r 10 100
                     1 2 1 a client  x 20 60
                     1 3 1 a client  x 30 80
                     1 4 3 b server  x 40 90
                     1 5 1 a client  x 95 120
                     1 6 1 a client  x 10 20";
        check(Asynchronous::Include, lines, "6 10-20 | 1 20-30 | 3 30-40 | 4 40-80 | 1 80-95 | 5 95-100");
    }

    #[test]
    fn ties_take_the_later_start_then_the_smaller_id() {
        let lines = "1 1 0 a server r 10 100
                     1 9 1 a client x 20 60
                     1 4 1 a client x 30 60
                     1 3 1 a client x 30 60";
        check(Asynchronous::Include, lines, "1 10-30 | 3 30-60 | 1 60-100");
    }

    #[test]
    fn asynchronous_children_can_be_left_out() {
        let lines = "1 1 0 a producer r 10 100
                     1 2 1 b consumer x 50 90";
        check(Asynchronous::Include, lines, "1 10-50 | 2 50-90 | 1 90-100");
        check(Asynchronous::LeaveOut, lines, "1 10-100");
    }

    #[test]
    fn a_trace_of_nothing_but_a_cycle_has_no_path() {
        check(Asynchronous::Include, "1 1 2 a server r 1 9\n1 2 1 a server r 1 9", "");
        check(Asynchronous::Include, "1 1 0 a server r 9 1", "");
    }

    #[test]
    fn a_chain_of_a_hundred_thousand_spans_is_walked() {
        let mut desk = Desk::default();
        for id in 1..=100_000_u64 {
            let (scope, mut draft) = desk.line("1 1 0 a server r 1 9");
            draft.span_id.0 = id;
            draft.parent_id.0 = id - 1;
            draft.start_ns = id;
            draft.end_ns = 300_000 - id;
            desk.builder.commit(scope, &draft);
        }
        let store = desk.finish();
        let path = critical_path(&store, store.trace(0), Asynchronous::Include, &Uninterrupted).unwrap();
        assert_eq!(path.len(), 199_999);
    }

    proptest! {
        #[test]
        fn sections_tile_the_main_root(store in stores()) {
            for trace in 0..store.trace_count() as u32 {
                let trace = store.trace(trace);
                let path = critical_path(&store, trace, Asynchronous::Include, &Uninterrupted).unwrap();
                let root = trace.facts().main_root;
                let total: u64 = path.iter().map(|s| s.end_ns - s.start_ns).sum();
                prop_assert_eq!(total, if root == NO_ROW { 0 } else { store.spans().duration(root) });
                for pair in path.windows(2) {
                    prop_assert_eq!(pair[0].end_ns, pair[1].start_ns);
                }
                for s in path {
                    prop_assert!(store.spans().start.get(s.row as usize) <= s.start_ns);
                    prop_assert!(s.end_ns <= store.spans().end.get(s.row as usize));
                }
            }
        }
    }
}
