//! The critical path of a trace: which span the trace waited for at each moment.
//!
//! The walk of the project's ground truth (semantics.md §6.2), on an explicit stack: from the main root's end
//! back in time; at each span take the child with the greatest clipped end that is not after the cursor
//! (ties: later start, then smaller span id); what lies after it belongs to the span; go on inside the
//! child, clipped to its parent; then from the child's start. A sibling that ends after the cursor is
//! skipped. The sections tile the root's duration.

use super::selection::{Asynchronous, Checkpoint, Error};
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

/// A span being walked.
struct Frame {
    place: u32,
    start: u64,
    /// What lies after it is settled.
    cursor: u64,
    /// Where its candidates begin; the open frame's stand at the end of the list.
    candidates: usize,
}

/// The sections of a trace's critical path in order of time; empty for a trace without root and orphan. `times` are the
/// [`trace_times`](super::trace_times) of the trace.
pub fn critical_path(
    store: &Store,
    trace: Trace<'_>,
    times: &[(u64, u64)],
    asynchronous: Asynchronous,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<Section>, Error> {
    let root = trace.facts().main_root;
    if root == NO_ROW {
        return Ok(Vec::new());
    }
    let Some(place) = trace.place(root) else { return Ok(Vec::new()) };
    let mut sections = Vec::new();
    let mut candidates = Vec::new();
    let mut stack = Vec::new();
    let mut steps = 0_usize;
    let (start, end) = times[place];
    let walk = Walk { store, trace, times, asynchronous };
    stack.push(walk.open(&mut candidates, place, start, end.max(start)));
    while let Some(frame) = stack.last_mut() {
        steps += 1;
        if steps.is_multiple_of(CHUNK) {
            checkpoint.pass()?;
        }
        let child = walk.next(&mut candidates, frame);
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

/// A child on the path, clipped to its parent.
#[derive(Clone, Copy)]
struct Child {
    place: u32,
    start: u64,
    end: u64,
}

struct Walk<'a> {
    store: &'a Store,
    trace: Trace<'a>,
    times: &'a [(u64, u64)],
    asynchronous: Asynchronous,
}

impl Walk<'_> {
    /// Begins a span inside its clip and lists its children, clipped, the one that ends last at the end. They are
    /// put in order by plain numbers: what decides between equal ends is looked at only for those that are met.
    fn open(&self, candidates: &mut Vec<(u64, u32)>, place: usize, start: u64, end: u64) -> Frame {
        let rows = self.trace.rows();
        let from = candidates.len();
        for child in self.trace.children(place) {
            let until = self.times[child].1.min(end);
            if until > start
                && until > self.times[child].0
                && !self.asynchronous.ignores(self.store, rows[place], rows[child])
            {
                candidates.push((until, child as u32));
            }
        }
        candidates[from..].sort_unstable();
        Frame { place: place as u32, start, cursor: end, candidates: from }
    }

    /// Takes the child of a span that ended last before its cursor; of several the one that started last, then that of
    /// the smaller id. Those passed over end after the cursor, wherever it goes.
    fn next(&self, candidates: &mut Vec<(u64, u32)>, frame: &Frame) -> Option<Child> {
        let spans = self.store.spans();
        let rows = self.trace.rows();
        let mut best: Option<Child> = None;
        while candidates.len() > frame.candidates
            && let Some(&(end, place)) = candidates.last()
            && best.as_ref().is_none_or(|b| b.end == end)
        {
            candidates.pop();
            if end > frame.cursor {
                continue;
            }
            let row = rows[place as usize];
            let start = self.times[place as usize].0.max(frame.start);
            let better = best.as_ref().is_none_or(|b| {
                let other = rows[b.place as usize];
                let by_id = || spans.id.get(other as usize).cmp(&spans.id.get(row as usize));
                start.cmp(&b.start).then_with(by_id).then(row.cmp(&other)).is_gt()
            });
            if better {
                best = Some(Child { place, start, end });
            }
        }
        best
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{Desk, dump, store, stores};
    use super::super::{Uninterrupted, trace_times};
    use super::*;

    fn walked(store: &Store, trace: u32, asynchronous: Asynchronous) -> Vec<Section> {
        let trace = store.trace(trace);
        critical_path(store, trace, &trace_times(store, trace), asynchronous, &Uninterrupted).unwrap()
    }

    /// The rule as the ground truth words it, nanosecond by nanosecond of the main root: down from the root, always
    /// into the child that the walk is in at that time.
    fn plainly(store: &Store, trace: u32, asynchronous: Asynchronous) -> Vec<(u32, u64)> {
        let trace = store.trace(trace);
        let spans = store.spans();
        let mut waited = Vec::new();
        let Some(root) = trace.place(trace.facts().main_root) else { return waited };
        let whole = |place: usize| {
            let row = trace.rows()[place] as usize;
            (spans.start.get(row), spans.end.get(row))
        };
        let (start, end) = whole(root);
        for time in start..end.max(start) {
            // The place waited for after `time`, within its clip.
            let (mut place, mut clip) = (root, (start, end));
            'down: loop {
                let mut cursor = clip.1;
                loop {
                    let row = |child: usize| trace.rows()[child];
                    let inside = |child: usize| (whole(child).0.max(clip.0), whole(child).1.min(clip.1));
                    let best = trace
                        .children(place)
                        .filter(|&child| !asynchronous.ignores(store, row(place), row(child)))
                        .filter(|&child| inside(child).0 < inside(child).1 && inside(child).1 <= cursor)
                        .max_by_key(|&child| {
                            let id = spans.id.get(row(child) as usize);
                            (inside(child).1, inside(child).0, std::cmp::Reverse(id), row(child))
                        });
                    match best {
                        Some(child) if time >= inside(child).1 => break 'down,
                        Some(child) if time >= inside(child).0 => {
                            (place, clip) = (child, inside(child));
                            break;
                        }
                        Some(child) => cursor = inside(child).0,
                        None => break 'down,
                    }
                }
            }
            waited.push((place as u32, time));
        }
        waited
    }

    fn check(asynchronous: Asynchronous, lines: &str, want: &str) {
        let store = store(lines);
        let sections = walked(&store, 0, asynchronous);
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
        let path = walked(&store, 0, Asynchronous::Include);
        assert_eq!(path.len(), 199_999);
    }

    proptest! {
        #[test]
        fn sections_tile_the_main_root(store in stores()) {
            for number in 0..store.trace_count() as u32 {
                let trace = store.trace(number);
                let path = walked(&store, number, Asynchronous::Include);
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

        #[test]
        fn the_walk_is_that_of_the_plain_rule(store in stores()) {
            for trace in 0..store.trace_count() as u32 {
                for rule in [Asynchronous::Include, Asynchronous::LeaveOut] {
                    let path = walked(&store, trace, rule).into_iter();
                    let waited = path.flat_map(|s| (s.start_ns..s.end_ns).map(move |time| (s.place, time)));
                    prop_assert_eq!(waited.collect::<Vec<_>>(), plainly(&store, trace, rule));
                }
            }
        }
    }
}
