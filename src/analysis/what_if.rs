//! What if an operation were faster: how long the trace would take then.
//!
//! The rule: a span starts as long after the sibling that ended last before it as it did, or as long after its
//! parent's start; its parent waits for all that ended within it and goes on as long after the last of them as
//! it did. Only those waits that are the chosen operation's own shrink by the given share. So the path may change: when one
//! branch gets shorter, the trace waits for the next one. Children that outlive their parent are not waited for.

use super::selection::Asynchronous;
use crate::store::{NO_ROW, ServiceId, Store, StrId, Trace};

/// The duration of the main root, as it is and with the own time of the operation's spans times `rest`
/// (0 to 1), nanoseconds; zeros for a trace without root and orphan. `times` are the
/// [`trace_times`](super::trace_times) of the trace.
pub fn what_if(
    store: &Store,
    trace: Trace<'_>,
    times: &[(u64, u64)],
    asynchronous: Asynchronous,
    operation: (ServiceId, StrId),
    rest: f64,
) -> (u64, u64) {
    let spans = store.spans();
    let rows = trace.rows();
    let root = trace.facts().main_root;
    let Some(main) = (root != NO_ROW).then(|| trace.place(root)).flatten() else { return (0, 0) };
    let stop = trace.subtree_end(main);
    let shorter = trace.rows_where(&|row| {
        spans.name.get(row as usize) == operation.1.0 && store.service(row) == operation.0
    });
    // By place after `main`: how long the span takes then.
    let mut length = vec![0.0_f64; stop - main];
    // Of one family: start, end and length of each child, by start; and the order of their ends.
    let mut family: Vec<(u64, u64, f64)> = Vec::new();
    let mut by_end: Vec<(u64, u32)> = Vec::new();
    let mut ready: Vec<f64> = Vec::new();
    for place in (main..stop).rev() {
        let row = rows[place];
        let (start, end) = times[place];
        let end = end.max(start);
        let own = if shorter.contains(row) { rest.clamp(0.0, 1.0) } else { 1.0 };
        if trace.subtree_end(place) == place + 1 {
            length[place - main] = (end - start) as f64 * own;
            continue;
        }
        family.clear();
        for child in trace.children(place) {
            let (from, to) = times[child];
            if from >= start && to <= end && to >= from && !asynchronous.ignores(store, row, rows[child]) {
                family.push((from, to, length[child - main]));
            }
        }
        length[place - main] = retimed(&family, (start, end), own, &mut by_end, &mut ready);
    }
    (spans.duration(root), length[0].round() as u64)
}

/// How long a span takes whose children take these lengths now.
fn retimed(
    family: &[(u64, u64, f64)],
    (start, end): (u64, u64),
    own: f64,
    by_end: &mut Vec<(u64, u32)>,
    ready: &mut Vec<f64>,
) -> f64 {
    // Nothing waits for those that end after the last start.
    let waits = family.last().map_or(0, |f| f.0);
    by_end.clear();
    by_end.extend(family.iter().zip(0..).map(|(f, at)| (f.1, at)).filter(|(until, _)| *until <= waits));
    by_end.sort_unstable();
    ready.clear();
    ready.resize(family.len(), 0.0);
    // Children that have ended before the next one starts: the latest end as it was, and as it is now.
    let (mut ended, mut before, mut now) = (0, start, 0.0_f64);
    for (i, &(from, _, length)) in family.iter().enumerate() {
        // A child that is still to come in this order starts later, so its end does not count yet.
        while let Some(&(until, e)) = by_end.get(ended)
            && until <= from
            && (e as usize) < i
        {
            before = until;
            now = ready[e as usize].max(now);
            ended += 1;
        }
        ready[i] = now + (from - before.min(from)) as f64 * own + length;
    }
    let last = family.iter().map(|f| f.1).max().unwrap_or(start);
    ready.iter().fold(0.0, |a: f64, &b| a.max(b)) + (end - last) as f64 * own
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{store, stores};
    use super::super::trace_times;
    use super::*;

    fn operation(store: &Store, row: u32) -> (ServiceId, StrId) {
        (store.service(row), StrId(store.spans().name.get(row as usize)))
    }

    #[test]
    fn the_trace_waits_for_the_next_branch() {
        let store = store(
            "1 1 0 a server r 0 100
             1 2 1 a client x 10 90
             1 3 1 a client y 10 60
             1 4 1 a client z 92 98",
        );
        let after = |row, rest| {
            let trace = store.trace(0);
            what_if(
                &store,
                trace,
                &trace_times(&store, trace),
                Asynchronous::Include,
                operation(&store, row),
                rest,
            )
        };
        assert_eq!(after(1, 1.0), (100, 100));
        assert_eq!(after(1, 0.75), (100, 80), "the branch is the longest still");
        assert_eq!(after(1, 0.0), (100, 70), "now the other one is waited for");
        assert_eq!(after(2, 0.0), (100, 100), "nobody waited for it");
        assert_eq!(after(3, 0.5), (100, 97));
        assert_eq!(after(0, 0.0), (100, 86), "only the root's own time goes");
    }

    proptest! {
        #[test]
        fn faster_is_never_slower_and_nothing_changes_nothing(store in stores()) {
            for number in 0..store.trace_count() as u32 {
                let trace = store.trace(number);
                for &row in trace.rows() {
                    let of = |rest| {
                        what_if(&store, trace, &trace_times(&store, trace), Asynchronous::Include, operation(&store, row), rest)
                    };
                    let (before, same) = of(1.0);
                    prop_assert_eq!(before, same);
                    let mut last = same;
                    for rest in [0.75, 0.5, 0.0] {
                        let (_, now) = of(rest);
                        prop_assert!(now <= last, "{} after {}", now, last);
                        last = now;
                    }
                }
            }
        }
    }
}
