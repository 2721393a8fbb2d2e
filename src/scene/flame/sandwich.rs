//! The sandwich of one operation: its spans as one bar, below it what they call, above it who called them.
//!
//! Of spans of the operation below one another only the outermost is counted, the others stand among what it
//! calls. Below, paths are merged as in the merged flamegraph. Above, the way from the spans to the root is merged the
//! other way round: the nearer caller is the wider one, and a caller is as wide as the spans that came through it.

use super::merged::{Placed, Weights};
use super::{Center, Layout};
use crate::analysis::{Grouping, NO_NODE};
use crate::store::order;
use crate::store::{ServiceId, Store, StrId, Trace};

/// The ways up take so many steps at most: spans in deep chains have more callers than anybody reads.
const MOST_STEPS: usize = 4_000_000;

/// "No place."
const NO_PLACE: u32 = u32::MAX;

/// An operation.
pub type Operation = (ServiceId, StrId);

/// A tree of nodes under construction.
#[derive(Default)]
struct Tree {
    paths: Grouping<(u32, ServiceId, StrId)>,
    /// Node above and place of the longest span.
    nodes: Vec<(u32, u32)>,
    amounts: Weights,
}

impl Tree {
    /// Counts spans as a node below another.
    fn add(
        &mut self,
        store: &Store,
        trace: Trace<'_>,
        parent: u32,
        place: u32,
        width: u64,
        count: u32,
    ) -> u32 {
        let row = trace.rows()[place as usize];
        let spans = store.spans();
        let (service, name) = (store.service(row), StrId(spans.name.get(row as usize)));
        let node = self.paths.of((parent, service, name));
        self.amounts.add(node, width, count, spans.is_error(row));
        match self.nodes.get_mut(node as usize) {
            None => self.nodes.push((parent, place)),
            Some((_, longest)) => {
                let of = |place: u32| spans.duration(trace.rows()[place as usize]);
                if of(place) > of(*longest) {
                    *longest = place;
                }
            }
        }
        node
    }
}

/// One way up that several spans share so far.
#[derive(Clone, Copy)]
struct Way {
    place: u32,
    node: u32,
    width: u64,
    count: u32,
}

impl Layout {
    /// Lays out the callers and callees of an operation; none where the trace has no such span.
    pub fn sandwich(
        store: &Store,
        trace: u32,
        operation: Operation,
        weights: &[u64],
        inclusive: bool,
    ) -> Option<Self> {
        let shape = store.trace(trace);
        let rows = shape.rows();
        let weight = |place: usize| weights.get(place).copied().unwrap_or_default();
        let is_focus = |place: usize| {
            let row = rows[place];
            (store.service(row), StrId(store.spans().name.get(row as usize))) == operation
        };
        // One walk in pre-order: what stands above every place, and the spans below the outermost of the operation.
        let (mut callees, mut callers) = (Tree::default(), Tree::default());
        let mut of_place = vec![NO_NODE; rows.len()];
        let mut above = vec![NO_PLACE; rows.len()];
        let mut open: Vec<u32> = Vec::new();
        let mut nodes: Vec<u32> = Vec::new();
        let mut ways: Vec<Way> = Vec::new();
        let (mut first, mut stop) = (0, 0);
        for (place, &depth) in shape.depths().iter().enumerate() {
            open.truncate((depth as usize).saturating_sub(1));
            above[place] = open.last().copied().unwrap_or(NO_PLACE);
            open.push(place as u32);
            if place >= stop && is_focus(place) {
                (first, stop) = (depth.max(1), shape.subtree_end(place));
                nodes.clear();
                let width = if inclusive { weight(place) } else { (place..stop).map(weight).sum() };
                ways.push(Way { place: place as u32, node: NO_NODE, width, count: 1 });
            }
            if place < stop {
                nodes.truncate(depth.saturating_sub(first) as usize);
                let parent = nodes.last().copied().unwrap_or(NO_NODE);
                let node = callees.add(store, shape, parent, place as u32, weight(place), 1);
                of_place[place] = node;
                nodes.push(node);
            }
        }
        if ways.is_empty() {
            return None;
        }
        callees.amounts.gather(&callees.nodes, inclusive);
        let below = Placed::new(&callees.nodes, &callees.amounts.width);

        // What is called in parallel makes the operation wider than it took; its callers share that width.
        let taken = ways.iter().map(|way| u128::from(way.width)).sum::<u128>().max(1);
        let center = u128::from(callees.amounts.width.first().copied().unwrap_or_default());
        let mut steps = 0;
        let mut whole = true;
        for way in &mut ways {
            way.width = (u128::from(way.width) * center / taken) as u64;
            way.node = callers.add(store, shape, NO_NODE, way.place, way.width, 1);
        }
        while !ways.is_empty() {
            ways.retain_mut(|way| {
                way.place = above[way.place as usize];
                way.place != NO_PLACE
            });
            // Spans with the same parent go on together.
            order::sort_by_key(&mut ways, |way| (way.place, way.node));
            ways.dedup_by(|next, kept| {
                let same = (next.place, next.node) == (kept.place, kept.node);
                if same {
                    kept.width += next.width;
                    kept.count += next.count;
                }
                same
            });
            steps += ways.len();
            if steps > MOST_STEPS {
                whole = false;
                break;
            }
            for way in &mut ways {
                way.node = callers.add(store, shape, way.node, way.place, way.width, way.count);
            }
        }
        let up = Placed::new(&callers.nodes, &callers.amounts.width);

        // The callers' lanes upside down, without the operation itself, then the callees' lanes.
        let levels = up.lane_from.len().saturating_sub(2);
        let shift = callees.nodes.len() as u32;
        let mut both = Placed { order: Vec::new(), lane_from: vec![0], start: below.start };
        both.start.extend(&up.start);
        for lane in (1..=levels).rev() {
            let run = up.lane_from[lane] as usize..up.lane_from[lane + 1] as usize;
            both.order.extend(up.order[run].iter().map(|&node| node + shift));
            both.lane_from.push(both.order.len() as u32);
        }
        let before = both.order.len() as u32;
        both.order.extend(&below.order);
        both.lane_from.extend(below.lane_from[1..].iter().map(|&at| at + before));
        let mut amounts = callees.amounts;
        amounts.width.extend(callers.amounts.width);
        amounts.spans.extend(callers.amounts.spans);
        amounts.errors.extend(callers.amounts.errors);
        let longest = callees.nodes.iter().chain(&callers.nodes).map(|n| n.1).collect();
        let mut layout = Self::of_nodes(trace, &both, &amounts, longest, of_place);
        layout.center = Some(Center { lane: levels as u32, whole });
        Some(layout)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;
    use crate::analysis::testing::store;

    /// A layout as text: a line a lane, `name[start,end)×spans`.
    fn check(lines: &str, name: &str, want: &str) {
        let store = store(lines);
        let trace = store.trace(0);
        let spans = store.spans();
        let row = trace.rows().iter().copied().find(|&row| store.name(row) == name).unwrap();
        let durations: Vec<u64> = trace.rows().iter().map(|&row| spans.duration(row)).collect();
        let operation = (store.service(row), StrId(spans.name.get(row as usize)));
        let layout = Layout::sandwich(&store, 0, operation, &durations, true).unwrap();
        let mut out = String::new();
        for lane in 0..layout.lanes() {
            let marked = if layout.center.is_some_and(|c| c.lane == lane) { "*" } else { "" };
            out.push_str(marked);
            for at in layout.positions(lane) {
                let (_, row) = layout.row_at(&store, at);
                let count = layout.span_count(&(at..at + 1));
                write!(out, "{}[{},{})×{count} ", store.name(row), layout.start[at], layout.end[at]).unwrap();
            }
            out.truncate(out.trim_end().len());
            out.push('\n');
        }
        assert_eq!(out, want);
    }

    const SHOP: &str = "1 1 0 a server r 0 100
         1 2 1 a internal p 0 60
         1 3 1 a internal q 60 100
         1 4 2 a client sql 10 40
         1 5 3 a client sql 70 80
         1 6 3 a client sql 80 90
         1 7 4 b server run 20 30
         1 8 6 b server run 82 84";

    #[test]
    fn callers_stand_above_and_callees_below() {
        check(SHOP, "sql", "r[0,30)×1 r[30,50)×2\np[0,30)×1 q[30,50)×2\n*sql[0,50)×3\nrun[0,12)×2\n");
        check(
            SHOP,
            "r",
            "*r[0,100)×1\np[0,60)×1 q[60,100)×1\nsql[0,30)×1 sql[60,80)×2\nrun[0,10)×1 run[60,62)×1\n",
        );
    }

    #[test]
    fn an_operation_that_calls_itself_counts_once() {
        check(
            "1 1 0 a server r 0 100
             1 2 1 a internal f 0 60
             1 3 2 a internal f 10 50
             1 4 3 a internal g 20 30",
            "f",
            "r[0,60)×1\n*f[0,60)×1\nf[0,40)×1\ng[0,10)×1\n",
        );
    }
}
