//! Self time: a span's duration minus the union of its direct children within it.
//!
//! Children are clipped to the parent and overlaps are merged (semantics.md §6.1; the ground truth's "self
//! time"). Siblings stand in order of start, so one moving right edge per open parent is enough: linear in
//! the spans, and without recursion.

use super::selection::{Asynchronous, Checkpoint, Error};
use crate::store::order;
use crate::store::{CHUNK, Store, Trace};

/// Self times of all spans as of one seal.
#[derive(Clone, Debug, Default)]
pub struct SelfTimes {
    by_row: Vec<u64>,
}

impl SelfTimes {
    /// Computes them for every trace.
    pub fn of(store: &Store, asynchronous: Asynchronous, checkpoint: &dyn Checkpoint) -> Result<Self, Error> {
        let mut by_row = vec![0; store.len()];
        let mut sweep = Sweep::default();
        let mut times = Vec::new();
        let mut since = 0;
        for trace in 0..store.trace_count() as u32 {
            let trace = store.trace(trace);
            fetch(store, trace, &mut times);
            sweep.run(store, trace, &times, asynchronous);
            for (&row, &own) in trace.rows().iter().zip(&sweep.own) {
                by_row[row as usize] = own;
            }
            since += trace.len();
            if since >= CHUNK {
                since = 0;
                checkpoint.pass()?;
            }
        }
        Ok(Self { by_row })
    }

    /// Those of one trace, as [`trace_self_times`] gives them; all others are 0.
    pub fn of_trace(store: &Store, trace: Trace<'_>, own: &[u64]) -> Self {
        let mut by_row = vec![0; store.len()];
        for (&row, &own) in trace.rows().iter().zip(own) {
            by_row[row as usize] = own;
        }
        Self { by_row }
    }

    /// Self time of a row, nanoseconds.
    #[inline]
    pub fn get(&self, row: u32) -> u64 {
        self.by_row[row as usize]
    }
}

/// Start and end of the spans of a trace, by place in its rows, nanoseconds since the epoch. They stand in the order of the
/// file in the store, and who walks a large trace fetches them once.
pub fn trace_times(store: &Store, trace: Trace<'_>) -> Vec<(u64, u64)> {
    let mut times = Vec::new();
    fetch(store, trace, &mut times);
    times
}

fn fetch(store: &Store, trace: Trace<'_>, times: &mut Vec<(u64, u64)>) {
    let spans = store.spans();
    times.clear();
    times
        .extend(trace.rows().iter().map(|&row| (spans.start.get(row as usize), spans.end.get(row as usize))));
}

/// Self times of one trace, by place in its rows, nanoseconds; `times` are its [`trace_times`].
pub fn trace_self_times(
    store: &Store,
    trace: Trace<'_>,
    times: &[(u64, u64)],
    asynchronous: Asynchronous,
) -> Vec<u64> {
    let mut sweep = Sweep::default();
    sweep.run(store, trace, times, asynchronous);
    sweep.own
}

/// Buffers of one sweep, by place.
#[derive(Default)]
struct Sweep {
    /// What is left of the duration.
    own: Vec<u64>,
    /// Right edge of what children have covered.
    edge: Vec<u64>,
    /// Places of the open ancestors.
    open: Vec<u32>,
    /// Rows and places of the cyclic spans.
    cyclic: Vec<(u32, u32)>,
}

impl Sweep {
    fn run(&mut self, store: &Store, trace: Trace<'_>, times: &[(u64, u64)], asynchronous: Asynchronous) {
        let (rows, depths) = (trace.rows(), trace.depths());
        self.own.clear();
        self.own.extend(times.iter().map(|&(start, end)| end.saturating_sub(start)));
        self.edge.clear();
        self.edge.extend(times.iter().map(|t| t.0));
        self.open.clear();
        let first_cyclic = rows.len() - trace.facts().cyclic as usize;
        for (place, &depth) in depths[..first_cyclic].iter().enumerate() {
            self.open.truncate(depth as usize - 1);
            if let Some(&parent) = self.open.last() {
                let parent = parent as usize;
                if !asynchronous.ignores(store, rows[parent], rows[place]) {
                    self.cover(parent, times[parent].1, times[place]);
                }
            }
            self.open.push(place as u32);
        }
        self.cyclic.clear();
        self.cyclic.extend(rows[first_cyclic..].iter().copied().zip(first_cyclic as u32..));
        order::sort(&mut self.cyclic);
        for place in first_cyclic..rows.len() {
            let parent = store.parent(rows[place]).unwrap_or(rows[place]);
            if let Ok(found) = self.cyclic.binary_search_by_key(&parent, |&(row, _)| row)
                && !asynchronous.ignores(store, parent, rows[place])
            {
                let parent = self.cyclic[found].1 as usize;
                self.cover(parent, times[parent].1, times[place]);
            }
        }
    }

    /// Takes the part of the parent, which ends at `stop`, that the child covers and no earlier sibling did.
    fn cover(&mut self, parent: usize, stop: u64, child: (u64, u64)) {
        let from = child.0.max(self.edge[parent]);
        let to = child.1.min(stop);
        if to > from {
            self.own[parent] -= to - from;
            self.edge[parent] = to;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Uninterrupted;
    use super::super::testing::{store, stores};
    use super::*;

    fn check(asynchronous: Asynchronous, lines: &str, want: &[u64]) {
        let store = store(lines);
        let times = SelfTimes::of(&store, asynchronous, &Uninterrupted).unwrap();
        let by_row: Vec<u64> = (0..store.len() as u32).map(|row| times.get(row)).collect();
        assert_eq!(by_row, want);
    }

    #[test]
    fn overlapping_children_count_once_and_only_inside_the_parent() {
        check(
            Asynchronous::Include,
            "1 2 1 a internal x 15 30
             1 1 0 a internal r 10 100
             1 3 1 a internal x 20 25
             1 4 1 a internal x 28 40
             1 5 1 a internal x 90 150
             1 6 1 a internal x 5 12
             1 7 1 a internal x 200 300
             1 8 5 a internal x 80 95
             1 9 9 a internal x 50 60",
            &[15, 53, 5, 12, 55, 7, 100, 15, 0],
        );
    }

    #[test]
    fn a_span_that_ends_before_it_starts_has_no_self_time() {
        check(
            Asynchronous::Include,
            "1 1 0 a internal r 50 10
             1 2 1 a internal r 20 60",
            &[0, 40],
        );
    }

    #[test]
    fn asynchronous_children_can_be_left_out() {
        let lines = "1 1 0 a producer send 10 100
                     1 2 1 b consumer take 20 60
                     1 3 1 a internal work 60 70";
        check(Asynchronous::Include, lines, &[40, 40, 10]);
        check(Asynchronous::LeaveOut, lines, &[80, 40, 10]);
    }

    proptest! {
        #[test]
        fn self_time_and_the_union_of_children_make_the_duration(store in stores()) {
            let times = SelfTimes::of(&store, Asynchronous::Include, &Uninterrupted).unwrap();
            let spans = store.spans();
            for row in 0..store.len() as u32 {
                let (start, end) = (spans.start.get(row as usize), spans.end.get(row as usize));
                // Nanosecond by nanosecond.
                let covered = (start..end.max(start)).filter(|&t| {
                    (0..store.len() as u32).any(|child| {
                        store.parent(child) == Some(row)
                            && spans.start.get(child as usize) <= t
                            && t < spans.end.get(child as usize)
                    })
                });
                prop_assert_eq!(times.get(row) + covered.count() as u64, spans.duration(row));
            }
            for trace in 0..store.trace_count() as u32 {
                let trace = store.trace(trace);
                let own = trace_self_times(&store, trace, &trace_times(&store, trace), Asynchronous::Include);
                let by_row: Vec<u64> = trace.rows().iter().map(|&row| times.get(row)).collect();
                prop_assert_eq!(own, by_row);
            }
        }
    }
}
