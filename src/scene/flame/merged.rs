//! The merged flamegraph of one trace: spans on the same path as one bar, as wide as they took together.
//!
//! Below a bar stand those of its children side by side, widest first. A bar is as wide as its spans' weight; by
//! self or critical-path time that is its own weight and all below it, by total it is the sum of the
//! durations, but never less than what stands below it (children may run in parallel).

use super::{Layout, Longest, Marks};
use crate::analysis::{NO_NODE, merge_places};
use crate::store::order;
use crate::store::{Store, Trace, mark};

/// What of a merged layout differs from one by time.
#[derive(Clone, Debug, Default)]
pub(super) struct Nodes {
    /// By node: place of the longest span.
    pub(super) longest: Vec<u32>,
    /// By position: spans before this one; one more at the end.
    pub(super) spans: Vec<u32>,
    /// By place of the trace: its node, or [`NO_NODE`].
    pub(super) of_place: Vec<u32>,
}

/// The spans of a trace merged by path, whatever they weigh.
#[derive(Clone, Debug, Default)]
pub struct Paths {
    /// By place: its node, or [`NO_NODE`].
    of_place: Vec<u32>,
    /// By node: the node above (or [`NO_NODE`]) and the place of the longest span; parents come first.
    nodes: Vec<(u32, u32)>,
}

impl Paths {
    /// Merges the spans of a trace. Cyclic spans hang on no path and are left out.
    pub fn of(store: &Store, trace: Trace<'_>) -> Self {
        let (of_place, nodes) = merge_places(store, trace);
        Self { of_place, nodes }
    }
}

/// What the nodes of a tree amount to.
#[derive(Clone, Debug, Default)]
pub(super) struct Weights {
    pub(super) width: Vec<u64>,
    pub(super) spans: Vec<u32>,
    pub(super) errors: Vec<u32>,
}

impl Weights {
    /// Counts spans into a node that may be the next one.
    pub(super) fn add(&mut self, node: u32, width: u64, spans: u32, error: bool) {
        let at = node as usize;
        if at >= self.width.len() {
            self.width.resize(at + 1, 0);
            self.spans.resize(at + 1, 0);
            self.errors.resize(at + 1, 0);
        }
        self.width[at] += width;
        self.spans[at] += spans;
        self.errors[at] += if error { spans } else { 0 };
    }

    /// Makes every node as wide as it is with all below it; parents have smaller numbers than their children.
    pub(super) fn gather(&mut self, nodes: &[(u32, u32)], inclusive: bool) {
        let mut below = vec![0_u64; nodes.len()];
        for (node, &(parent, _)) in nodes.iter().enumerate().rev() {
            let own = self.width[node];
            self.width[node] = if inclusive { own.max(below[node]) } else { own + below[node] };
            if let Some(sum) = below.get_mut(parent as usize) {
                *sum += self.width[node];
            }
        }
    }
}

/// Nodes in their places: lane by lane, each by start.
#[derive(Debug, Default)]
pub(super) struct Placed {
    /// The nodes.
    pub(super) order: Vec<u32>,
    /// Where each lane begins in the order; one more at the end.
    pub(super) lane_from: Vec<u32>,
    /// By node.
    pub(super) start: Vec<u64>,
}

impl Placed {
    /// Places the children of every node below it, widest first. Families are sorted, and nothing larger.
    pub(super) fn new(nodes: &[(u32, u32)], width: &[u64]) -> Self {
        let n = nodes.len();
        // The family of the top nodes comes first.
        let family = |parent: u32| parent.wrapping_add(1) as usize;
        let mut from = vec![0_u32; n + 2];
        for &(parent, _) in nodes {
            from[family(parent) + 1] += 1;
        }
        for i in 1..from.len() {
            from[i] += from[i - 1];
        }
        let mut next = from.clone();
        let mut members = vec![0_u32; n];
        for (node, &(parent, _)) in nodes.iter().enumerate() {
            let at = &mut next[family(parent)];
            members[*at as usize] = node as u32;
            *at += 1;
        }
        let mut placed = Self { order: Vec::with_capacity(n), lane_from: vec![0], start: vec![0; n] };
        let mut lane = 0..0;
        let mut parents = vec![NO_NODE];
        while !parents.is_empty() {
            for &parent in &parents {
                let run = from[family(parent)] as usize..from[family(parent) + 1] as usize;
                let children = &mut members[run];
                order::rows(children, &|a, b| width[b as usize].cmp(&width[a as usize]).then(a.cmp(&b)));
                let mut cursor = placed.start.get(parent as usize).copied().unwrap_or_default();
                for &child in children.iter() {
                    placed.start[child as usize] = cursor;
                    cursor += width[child as usize];
                    placed.order.push(child);
                }
            }
            lane = lane.end..placed.order.len();
            if !lane.is_empty() {
                placed.lane_from.push(lane.end as u32);
            }
            parents.clear();
            parents.extend_from_slice(&placed.order[lane.clone()]);
        }
        placed
    }
}

impl Layout {
    /// Lays out a trace merged by path. `weights` gives what each place weighs; `inclusive` says that it covers its
    /// children already, as durations do.
    pub fn merged(store: &Store, trace: u32, paths: &Paths, weights: &[u64], inclusive: bool) -> Self {
        let rows = store.trace(trace).rows();
        let mut amounts = Weights::default();
        for (place, &node) in paths.of_place.iter().enumerate().filter(|(_, node)| **node != NO_NODE) {
            let weight = weights.get(place).copied().unwrap_or_default();
            amounts.add(node, weight, 1, store.spans().is_error(rows[place]));
        }
        amounts.gather(&paths.nodes, inclusive);
        let placed = Placed::new(&paths.nodes, &amounts.width);
        let longest = paths.nodes.iter().map(|n| n.1).collect();
        Self::of_nodes(trace, &placed, &amounts, longest, paths.of_place.clone())
    }

    /// A layout whose bars are nodes in their places.
    pub(super) fn of_nodes(
        trace: u32,
        placed: &Placed,
        amounts: &Weights,
        longest: Vec<u32>,
        of_place: Vec<u32>,
    ) -> Self {
        let lanes = placed.lane_from.len() as u32 - 1;
        let order = &placed.order;
        let mut lane_of = vec![0_u32; longest.len()];
        for lane in 0..lanes as usize {
            for at in placed.lane_from[lane]..placed.lane_from[lane + 1] {
                lane_of[order[at as usize] as usize] = lane as u32;
            }
        }
        let start: Vec<u64> = order.iter().map(|&node| placed.start[node as usize]).collect();
        let end: Vec<u64> =
            order.iter().zip(&start).map(|(&node, start)| start + amounts.width[node as usize]).collect();
        let running = |of: &[u32]| {
            let mut sums = vec![0_u32];
            let mut seen = 0;
            sums.extend(order.iter().map(|&node| {
                seen += of[node as usize];
                seen
            }));
            sums
        };
        Self {
            trace,
            duration_ns: end.iter().max().copied().unwrap_or_default().max(1),
            marks: Marks::none(lanes),
            lane_from: placed.lane_from.clone(),
            lane_of,
            place: order.clone(),
            errors: running(&amounts.errors),
            longest: Longest::new(&start, &end),
            start,
            end,
            nodes: Some(Nodes { longest, spans: running(&amounts.spans), of_place }),
            center: None,
        }
    }

    /// What stands for the span at `place` in this layout: itself, or its node.
    pub(super) fn own_number(&self, place: u32) -> u32 {
        self.nodes.as_ref().map_or(place, |n| n.of_place.get(place as usize).copied().unwrap_or(NO_NODE))
    }

    /// The row whose name and service a position has.
    pub(super) fn row_at(&self, store: &Store, position: usize) -> (u32, u32) {
        let number = self.place[position];
        let place = self.nodes.as_ref().map_or(number, |n| n.longest[number as usize]);
        (place, store.trace(self.trace).rows()[place as usize])
    }

    /// How many spans these positions stand for.
    pub(super) fn span_count(&self, run: &std::ops::Range<usize>) -> u32 {
        self.nodes.as_ref().map_or(run.len() as u32, |n| n.spans[run.end] - n.spans[run.start])
    }

    /// Marks of a row that a bar shows; one that stands for a path shows none.
    pub(super) fn marks_of(&self, store: &Store, row: u32) -> u8 {
        if self.nodes.is_some() {
            0
        } else {
            store.marks(row) & (mark::ORPHAN | mark::CYCLIC | mark::DUPLICATE)
        }
    }
}
