//! Laws that hold between the answers, on random stores full of orphans, cycles and duplicates; each against
//! the plainest implementation that could be right.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;

use super::testing::stores;
use super::*;
use crate::model::TimeRange;
use crate::store::{Store, mark};

const GO: &Uninterrupted = &Uninterrupted;

fn rows(store: &Store, selection: &Selection<'_>) -> Vec<u32> {
    (0..store.len() as u32).filter(|&row| selection.contains(store, row)).collect()
}

/// RED of some rows, by the definitions.
fn naive(store: &Store, rows: &[u32], apdex_ns: u64, seconds: Option<f64>) -> Red {
    let spans = store.spans();
    let mut durations: Vec<u64> = rows.iter().map(|&row| spans.duration(row)).collect();
    durations.sort_unstable();
    let n = rows.len() as u64;
    let score = |row: &&u32| match spans.duration(**row) {
        _ if spans.is_error(**row) => 0.0,
        d if d <= apdex_ns => 1.0,
        d if d <= 4 * apdex_ns => 0.5,
        _ => 0.0,
    };
    let quantile = |percent: u64| {
        let h = (n - 1) * percent;
        let (low, rest) = ((h / 100) as usize, h % 100);
        let next = durations.get(low + 1).copied().unwrap_or(durations[low]);
        (durations[low] * 100 + rest * (next - durations[low])) as f64 / 100.0
    };
    Red {
        calls: n,
        errors: rows.iter().filter(|&&row| spans.is_error(row)).count() as u64,
        rate_per_s: seconds.map(|s| n as f64 / s),
        total_ns: durations.iter().map(|&d| u128::from(d)).sum(),
        min_ns: durations.first().copied(),
        max_ns: durations.last().copied(),
        quantiles: (n > 0).then(|| Quantiles {
            p50_ns: quantile(50),
            p90_ns: quantile(90),
            p95_ns: quantile(95),
            p99_ns: quantile(99),
        }),
        apdex: (n > 0).then(|| rows.iter().map(|row| score(&row)).sum::<f64>() / n as f64),
        estimate: None,
    }
}

/// Every scope, with and without a range.
fn selections() -> impl Strategy<Value = Selection<'static>> {
    let scope = prop::sample::select(vec![Scope::Entry, Scope::Server, Scope::All]);
    let range = prop::option::of((0..50_u64, 0..60_u64));
    (scope, range).prop_map(|(scope, range)| {
        let range = range.map(|(from, length)| TimeRange { start_ns: from, end_ns: from + length });
        Selection { range, scope, ..Selection::ALL }
    })
}

proptest! {
    #[test]
    fn red_is_what_counting_gives(store in stores(), selection in selections(), apdex in 0..20_u64) {
        let counted = rows(&store, &selection);
        let seconds = selection.seconds(&store);
        for row in services(&store, &selection, apdex, GO).unwrap() {
            let own: Vec<u32> = counted.iter().copied().filter(|&r| store.service(r) == row.service).collect();
            prop_assert_eq!(row.red, naive(&store, &own, apdex, seconds));
        }
        let times = SelfTimes::of(&store, Asynchronous::Include, GO).unwrap();
        let all = operations(&store, &selection, None, &times, apdex, GO).unwrap();
        prop_assert_eq!(all.iter().map(|o| o.red.calls).sum::<u64>(), counted.len() as u64);
        for row in all {
            let has = |&r: &u32| store.service(r) == row.service && store.name(r) == store.text(row.name);
            let own: Vec<u32> = counted.iter().copied().filter(has).collect();
            prop_assert_eq!(row.red, naive(&store, &own, apdex, seconds));
            prop_assert_eq!(row.self_ns, own.iter().map(|&r| u128::from(times.get(r))).sum::<u128>());
        }
    }

    #[test]
    fn entry_spans_are_the_definition(store in stores()) {
        for row in 0..store.len() as u32 {
            let other = store.parent(row).is_none_or(|p| store.service(p) != store.service(row));
            let entry = other || store.marks(row) & mark::CYCLIC != 0;
            prop_assert_eq!(Selection::default().contains(&store, row), entry);
        }
    }

    #[test]
    fn service_edges_are_what_counting_gives(store in stores(), selection in selections()) {
        let map = service_map(&store, &selection, 10, GO).unwrap();
        let mut ours = BTreeMap::new();
        for e in map.edges.iter().filter(|e| e.kind == EdgeKind::Service) {
            let id = |n: u32| map.nodes[n as usize].place.id();
            ours.insert((id(e.from), id(e.to)), (e.red.calls, e.red.errors));
        }
        let mut theirs = BTreeMap::new();
        for row in rows(&store, &selection.scoped(Scope::All)) {
            let name = |row| store.service_name(store.service(row)).to_owned();
            if let Some(parent) = store.parent(row) && name(parent) != name(row) {
                let edge: &mut (u64, u64) = theirs.entry((name(parent), name(row))).or_default();
                edge.0 += 1;
                edge.1 += u64::from(store.spans().is_error(row));
            }
        }
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn pages_of_traces_are_the_whole_list_in_parts(store in stores(), selection in selections(), size in 1..4_usize) {
        for order in ["-duration", "duration", "-start", "start", "-spans", "-errors"] {
            let order = TraceOrder::from_word(order).unwrap();
            let whole = traces(&store, &selection, order, 0, usize::MAX, GO).unwrap();
            let mut parts = Vec::new();
            for offset in (0..whole.rows.len()).step_by(size) {
                parts.extend(traces(&store, &selection, order, offset, size, GO).unwrap().rows);
            }
            prop_assert_eq!(&parts, &whole.rows);
            let matched: u64 = whole.rows.iter().map(|r| u64::from(r.matched)).sum();
            prop_assert_eq!(matched, rows(&store, &selection).len() as u64);
        }
    }

    #[test]
    fn self_times_of_an_orderly_tree_sum_to_its_root(cuts in prop::collection::vec((0..100_u64, 0..100_u64), 0..12)) {
        // Each span lies in a gap of the one before: children inside their parents, siblings apart.
        let mut lines = String::from("1 1 0 a internal r 0 1000\n");
        let (mut start, mut end, mut parent) = (0, 1000, 1);
        for (i, (left, right)) in cuts.into_iter().enumerate() {
            let (from, to) = (start + left, end - right.min(end - start - left.min(end - start)));
            if from >= to {
                break;
            }
            let id = i + 2;
            writeln!(lines, "1 {id} {parent} a internal c {from} {to}").unwrap();
            if i % 2 == 0 {
                (start, end, parent) = (from, to, id);
            } else {
                end = from;
            }
        }
        let store = super::testing::store(&lines);
        let trace = store.trace(0);
        let own = trace_self_times(&store, trace, &trace_times(&store, trace), Asynchronous::Include);
        prop_assert_eq!(own.iter().sum::<u64>(), 1000);
    }

    #[test]
    fn siblings_stand_by_start_then_name_then_id_then_row(store in stores()) {
        for number in 0..store.trace_count() as u32 {
            let trace = store.trace(number);
            let trees = trace.len() - trace.facts().cyclic as usize;
            let mut families: Vec<Vec<usize>> = (0..trees).map(|place| trace.children(place).collect()).collect();
            let is_top = |&place: &usize| trace.depths()[place] == 1;
            families.push((0..trees).filter(is_top).collect());
            for family in families {
                let keys: Vec<_> = family
                    .into_iter()
                    .map(|place| {
                        let row = trace.rows()[place];
                        let spans = store.spans();
                        (spans.start.get(row as usize), store.name(row), spans.id.get(row as usize), row)
                    })
                    .collect();
                prop_assert!(keys.is_sorted(), "{:?}", keys);
            }
        }
    }

    #[test]
    fn statistics_by_service_and_the_services_agree(store in stores(), selection in selections()) {
        let times = SelfTimes::of(&store, Asynchronous::Include, GO).unwrap();
        let by = statistics(&store, &selection, None, GroupBy::Service, &times, 10, GO).unwrap();
        for row in services(&store, &selection, 10, GO).unwrap() {
            let found = by.iter().find(|s| s.group == Group::Service(row.service)).map(|s| s.red);
            prop_assert_eq!(found, (row.red.calls > 0).then_some(row.red));
        }
    }
}

/// A hundred thousand spans: each below the one before, or all below the first.
fn long(chain: bool) -> Store {
    let mut desk = super::testing::Desk::default();
    let scopes = [desk.scope("a"), desk.scope("b")];
    let (_, mut draft) = desk.line("1 1 0 a server r 1 9");
    for id in 1..=100_000_u64 {
        draft.span_id.0 = id;
        draft.parent_id.0 = if chain { id - 1 } else { u64::from(id > 1) };
        (draft.start_ns, draft.end_ns) = match (chain, id) {
            (true, _) => (id, 300_000 - id),
            (false, 1) => (0, 100_000_000),
            // Two at a time, one nanosecond of three by the root alone.
            (false, _) => (id / 2 * 3, id / 2 * 3 + 2),
        };
        desk.builder.commit(scopes[(id % 2) as usize], &draft);
    }
    desk.finish()
}

#[test]
fn chains_and_fans_of_a_hundred_thousand_keep_the_laws() {
    for chain in [true, false] {
        let store = long(chain);
        let trace = store.trace(0);
        let root = store.spans().duration(trace.facts().main_root);
        let at = &trace_times(&store, trace);
        let own = trace_self_times(&store, trace, at, Asynchronous::Include);
        let times = SelfTimes::of(&store, Asynchronous::Include, GO).unwrap();
        let path = critical_path(&store, trace, at, Asynchronous::Include, GO).unwrap();
        assert_eq!(path.iter().map(|s| s.end_ns - s.start_ns).sum::<u64>(), root, "sections tile the root");
        if chain {
            assert_eq!(own.iter().sum::<u64>(), root, "nothing overlaps, so self times sum to the root");
        } else {
            // Of each pair the root is covered once.
            assert_eq!(own[0] + 2 * (100_000 / 2), root, "self and the union of children make the duration");
        }
        let by = (GroupBy::Service, None);
        let rows = statistics_by(&store, &Selection::ALL, Some(0), by, &path, &times, 10, GO).unwrap();
        assert_eq!(rows.iter().map(|r| r.red.calls).sum::<u64>(), 100_000);
        assert_eq!(rows.iter().map(|r| r.self_ns).sum::<u128>(), own.iter().map(|&t| u128::from(t)).sum());
        assert_eq!(rows.iter().map(|r| r.critical_ns).sum::<u64>(), root);
        let skew = clock_skew(&store, trace, SkewRule::ClientToServer, root);
        assert!(skew.deltas.iter().all(|&delta| delta == 0), "one clock");
        let (before, same) = what_if(&store, trace, at, Asynchronous::Include, operation(&store), 1.0);
        assert_eq!((before, same), (root, root));
    }
}

fn operation(store: &Store) -> (crate::store::ServiceId, crate::store::StrId) {
    let row = store.trace(0).rows()[0];
    (store.service(row), crate::store::StrId(store.spans().name.get(row as usize)))
}
