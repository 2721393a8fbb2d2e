//! The merged flamegraph of one trace: spans on the same path as one bar, as wide as they took together.
//!
//! Below a bar stand those of its children side by side, widest first. A bar is as wide as its spans' weight; by
//! self or critical-path time that is its own weight and all below it, by total it is the sum of the
//! durations, but never less than what stands below it (children may run in parallel).

use super::{Layout, Longest, Marks};
use crate::analysis::{NO_NODE, merge_places};
use crate::store::order;
use crate::store::{Store, mark};

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

impl Layout {
    /// Lays out a trace merged by path. `weights` gives what each place weighs; `inclusive` says that it covers its
    /// children already, as durations do. Cyclic spans hang on no path and are left out.
    pub fn merged(store: &Store, trace: u32, weights: &[u64], inclusive: bool) -> Self {
        let shape = store.trace(trace);
        let rows = shape.rows();
        let (node_of, nodes) = merge_places(store, shape);
        let n = nodes.len();
        let (mut width, mut below) = (vec![0_u64; n], vec![0_u64; n]);
        let (mut count, mut errors_of) = (vec![0_u32; n], vec![0_u32; n]);
        for (place, &node) in node_of.iter().enumerate().filter(|(_, node)| **node != NO_NODE) {
            width[node as usize] += weights.get(place).copied().unwrap_or_default();
            count[node as usize] += 1;
            errors_of[node as usize] += u32::from(store.spans().is_error(rows[place]));
        }
        // Parents have smaller numbers than their children.
        for node in (0..n).rev() {
            width[node] = if inclusive { width[node].max(below[node]) } else { width[node] + below[node] };
            if let Some(sum) = below.get_mut(nodes[node].0 as usize) {
                *sum += width[node];
            }
        }
        let mut order: Vec<u32> = (0..n as u32).collect();
        order::sort_by_key(&mut order, |&node| (!width[node as usize], node));
        let (mut start, mut lane_of, mut depth_of) = (vec![0_u64; n], vec![0_u32; n], vec![0_u32; n]);
        for (node, &(parent, _)) in nodes.iter().enumerate() {
            depth_of[node] = depth_of.get(parent as usize).map_or(0, |d| d + 1);
        }
        // Lane by lane, so that a parent has its place before its children; within a lane, widest first.
        order::sort_by_key(&mut order, |&node| depth_of[node as usize]);
        let (mut next, mut top) = (vec![0_u64; n], 0_u64);
        for &node in &order {
            let at = node as usize;
            let parent = nodes[at].0 as usize;
            let cursor = next.get_mut(parent).unwrap_or(&mut top);
            start[at] = *cursor;
            *cursor += width[at];
            next[at] = start[at];
            lane_of[at] = depth_of[at];
        }
        let lanes = depth_of.iter().max().map_or(0, |d| d + 1);
        // Within a lane by start; nodes without any width stand where their neighbors meet.
        order::sort_by_key(&mut order, |&node| {
            (lane_of[node as usize], start[node as usize], width[node as usize])
        });
        let mut lane_from = vec![0_u32; lanes as usize + 1];
        for &lane in &lane_of {
            lane_from[lane as usize + 1] += 1;
        }
        for lane in 0..lanes as usize {
            lane_from[lane + 1] += lane_from[lane];
        }
        let begin: Vec<u64> = order.iter().map(|&node| start[node as usize]).collect();
        let end: Vec<u64> = order.iter().map(|&n| start[n as usize] + width[n as usize]).collect();
        let running = |of: &[u32]| {
            let mut seen = 0;
            std::iter::once(0)
                .chain(order.iter().map(|&node| {
                    seen += of[node as usize];
                    seen
                }))
                .collect::<Vec<u32>>()
        };
        let (spans, errors) = (running(&count), running(&errors_of));
        let longest = Longest::new(&begin, &end);
        Self {
            trace,
            duration_ns: top.max(1),
            marks: Marks::none(lanes),
            lane_from,
            lane_of,
            place: order,
            start: begin,
            end,
            errors,
            longest,
            nodes: Some(Nodes { longest: nodes.iter().map(|n| n.1).collect(), spans, of_place: node_of }),
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
