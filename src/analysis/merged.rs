//! The merged flamegraph: many traces as one tree, spans on the same path made one node.
//!
//! A path is the list of (service, name) from a root or orphan down. With true parents in the store two
//! strangers never meet under one node (peers.md §2.10 names that fault of products that merge by nested-set
//! numbers). Every trace with a selected span is merged as a whole; cyclic spans hang on no path and are
//! counted apart. Self time is that of `self_time.rs`, so a node's self times and its children's totals need
//! not add up to its total where children run in parallel.

use super::grouping::Grouping;
use super::selection::{Checkpoint, Error, Selection};
use super::self_time::SelfTimes;
use crate::store::order;
use crate::store::{CHUNK, RowSet, ServiceId, Store, StrId, Trace};

/// The parent of a top node.
pub const NO_NODE: u32 = u32::MAX;

/// Spans on one path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct MergedNode {
    /// Index of the node above, or [`NO_NODE`].
    pub parent: u32,
    /// 1 for top nodes.
    pub depth: u32,
    /// Service of its spans.
    pub service: ServiceId,
    /// Name of its spans.
    pub name: StrId,
    /// How many spans there are.
    pub count: u64,
    /// Those with status ERROR.
    pub errors: u64,
    /// Sum of durations, nanoseconds.
    pub total_ns: u128,
    /// Sum of self times, nanoseconds.
    pub self_ns: u128,
    /// Row of the longest of them.
    pub longest: u32,
}

/// A merged tree.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Merged {
    /// In pre-order; siblings by total, largest first, then by service and name.
    pub nodes: Vec<MergedNode>,
    /// Traces merged.
    pub traces: u64,
    /// Their cyclic spans, which stand in no node.
    pub cyclic: u64,
}

/// Merges every trace that has a selected span.
pub fn merged(
    store: &Store,
    selection: &Selection<'_>,
    self_times: &SelfTimes,
    checkpoint: &dyn Checkpoint,
) -> Result<Merged, Error> {
    let spans = store.spans();
    let mut chosen = RowSet::new(store.trace_count());
    selection.each(store, checkpoint, |row| chosen.insert(spans.trace.get(row as usize)))?;
    let mut paths = Grouping::default();
    let mut nodes: Vec<MergedNode> = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    let (mut cyclic, mut since) = (0, 0);
    for trace in chosen.iter() {
        let trace = store.trace(trace);
        since += trace.len();
        if since >= CHUNK {
            since = 0;
            checkpoint.pass()?;
        }
        for (&row, &depth) in trace.rows().iter().zip(trace.depths()) {
            if depth == 0 {
                cyclic += 1;
                continue;
            }
            open.truncate(depth as usize - 1);
            let parent = open.last().copied().unwrap_or(NO_NODE);
            let (service, name) = (store.service(row), StrId(spans.name.get(row as usize)));
            let number = paths.of((parent, service, name));
            if number as usize == nodes.len() {
                let (count, errors, total_ns, self_ns) = (0, 0, 0, 0);
                nodes.push(MergedNode {
                    parent,
                    depth,
                    service,
                    name,
                    count,
                    errors,
                    total_ns,
                    self_ns,
                    longest: row,
                });
            }
            let node = &mut nodes[number as usize];
            node.count += 1;
            node.errors += u64::from(spans.is_error(row));
            node.total_ns += u128::from(spans.duration(row));
            node.self_ns += u128::from(self_times.get(row));
            if spans.duration(row) > spans.duration(node.longest) {
                node.longest = row;
            }
            open.push(number);
        }
    }
    Ok(Merged { nodes: in_pre_order(store, &nodes), traces: chosen.count() as u64, cyclic })
}

/// The path of every place of one trace as a node number, and per node its parent (or [`NO_NODE`]) and the place
/// of its longest span; numbers run in the order first met, so a parent's is below its children's. A cyclic span has
/// no node.
pub fn merge_places(store: &Store, trace: Trace<'_>) -> (Vec<u32>, Vec<(u32, u32)>) {
    let spans = store.spans();
    let rows = trace.rows();
    let mut paths = Grouping::default();
    let mut nodes: Vec<(u32, u32)> = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    let mut node_of = Vec::with_capacity(rows.len());
    for (place, (&row, &depth)) in rows.iter().zip(trace.depths()).enumerate() {
        if depth == 0 {
            node_of.push(NO_NODE);
            continue;
        }
        open.truncate(depth as usize - 1);
        let parent = open.last().copied().unwrap_or(NO_NODE);
        let number = paths.of((parent, store.service(row), StrId(spans.name.get(row as usize))));
        match nodes.get_mut(number as usize) {
            None => nodes.push((parent, place as u32)),
            Some((_, longest)) => {
                if spans.duration(row) > spans.duration(rows[*longest as usize]) {
                    *longest = place as u32;
                }
            }
        }
        node_of.push(number);
        open.push(number);
    }
    (node_of, nodes)
}

/// Orders nodes, each of which stands behind its parent, into pre-order with sorted siblings.
fn in_pre_order(store: &Store, nodes: &[MergedNode]) -> Vec<MergedNode> {
    // Families one after another, that of the top nodes first: one counting sort by parent.
    let family = |node: &MergedNode| node.parent.wrapping_add(1) as usize;
    let mut starts = vec![0_u32; nodes.len() + 2];
    for node in nodes {
        starts[family(node) + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut next = starts.clone();
    let mut members = vec![0_u32; nodes.len()];
    for (number, node) in nodes.iter().enumerate() {
        let at = &mut next[family(node)];
        members[*at as usize] = number as u32;
        *at += 1;
    }
    let mut ordered = Vec::with_capacity(nodes.len());
    // Families whose turn has come: the first member left, the end, the parent's place in the answer.
    let mut stack = vec![(0, starts[1], NO_NODE)];
    sort_family(store, nodes, &mut members[..starts[1] as usize]);
    while let Some((first, end, parent)) = stack.last_mut() {
        if first == end {
            stack.pop();
            continue;
        }
        let number = members[*first as usize] as usize;
        *first += 1;
        let place = ordered.len() as u32;
        ordered.push(MergedNode { parent: *parent, ..nodes[number] });
        let (from, to) = (starts[number + 1], starts[number + 2]);
        if from < to {
            sort_family(store, nodes, &mut members[from as usize..to as usize]);
            stack.push((from, to, place));
        }
    }
    ordered
}

/// Largest total first, then by service and name.
fn sort_family(store: &Store, nodes: &[MergedNode], members: &mut [u32]) {
    order::sort_by(members, |&a, &b| {
        let (x, y) = (&nodes[a as usize], &nodes[b as usize]);
        let text = |n: &MergedNode| (store.service_name(n.service), store.text(n.name));
        y.total_ns.cmp(&x.total_ns).then_with(|| text(x).cmp(&text(y)))
    });
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{dump, store, stores};
    use super::super::{Asynchronous, Uninterrupted};
    use super::*;

    fn merge(store: &Store, selection: &Selection<'_>) -> Merged {
        let times = SelfTimes::of(store, Asynchronous::Include, &Uninterrupted).unwrap();
        merged(store, selection, &times, &Uninterrupted).unwrap()
    }

    #[test]
    fn spans_on_one_path_are_one_node() {
        let store = store(
            "1 1 0 web server GET 0 100
             1 2 1 web client sql 10 30
             1 3 1 web client sql 40 80 error
             1 4 2 db  server run 15 20
             1 5 1 web client api 80 90
             2 1 0 web server GET 0 50
             2 2 1 web client api 0 45
             2 3 2 web client sql 0 40
             3 1 0 job server GET 0 400
             3 2 2 job server GET 0 400",
        );
        let check = |selection: &Selection<'_>, want: &str| {
            dump(merge(&store, selection).nodes, want, |n| {
                let parent = if n.parent == NO_NODE { "-".to_owned() } else { n.parent.to_string() };
                let name = format!("{}{}", store.service_name(n.service), store.text(n.name));
                format!("{parent} {name} {}/{} {} {}", n.errors, n.count, n.total_ns, n.self_ns)
            });
        };
        let web = "websql 1/2 60 55";
        check(
            &Selection::ALL,
            &format!(
                "- jobGET 0/1 400 400 | - webGET 0/2 150 35 | 1 {web} | 2 dbrun 0/1 5 5 | 1 webapi 0/2 55 15 | 4 websql 0/1 40 40"
            ),
        );
        let rows = [3].into_iter().collect();
        let first = Selection { rows: Some(&rows), ..Selection::ALL };
        check(&first, &format!("- webGET 0/1 100 30 | 0 {web} | 1 dbrun 0/1 5 5 | 0 webapi 0/1 10 10"));
        assert_eq!(merge(&store, &Selection::ALL).cyclic, 1);
    }

    proptest! {
        #[test]
        fn one_trace_merges_like_all(store in stores()) {
            for number in 0..store.trace_count() as u32 {
                let trace = store.trace(number);
                let (node_of, nodes) = merge_places(&store, trace);
                let rows = trace.rows().first().copied().into_iter().collect();
                let all = merge(&store, &Selection { rows: Some(&rows), ..Selection::ALL });
                prop_assert_eq!(nodes.len(), all.nodes.len());
                prop_assert_eq!(node_of.iter().filter(|&&n| n == NO_NODE).count() as u64, all.cyclic);
                let mut counts = vec![0_u64; nodes.len()];
                node_of.iter().filter(|&&n| n != NO_NODE).for_each(|&n| counts[n as usize] += 1);
                let mut wanted: Vec<u64> = all.nodes.iter().map(|n| n.count).collect();
                counts.sort_unstable();
                wanted.sort_unstable();
                prop_assert_eq!(counts, wanted);
            }
        }

        #[test]
        fn every_span_stands_in_one_node(store in stores()) {
            let merged = merge(&store, &Selection::ALL);
            let count: u64 = merged.nodes.iter().map(|n| n.count).sum();
            prop_assert_eq!(count + merged.cyclic, store.len() as u64);
            for (place, node) in merged.nodes.iter().enumerate() {
                let above = merged.nodes.get(node.parent as usize).map_or(0, |n| n.depth);
                prop_assert_eq!(node.depth, above + 1);
                prop_assert!(node.parent == NO_NODE || (node.parent as usize) < place);
            }
        }
    }
}
