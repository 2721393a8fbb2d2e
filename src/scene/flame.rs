//! The flamegraph by time: every span of a trace in a lane, and the part of it that one window shows.
//!
//! The rule of the lanes: a subtree is a box, as wide in time as its spans reach and as high as it needs, and
//! no foreign span enters it. Below a span the boxes of its children fill tracks: each goes to the first
//! track (from the top) in which it starts no earlier than all that came before has ended, siblings in their
//! order; a track is as high as its highest box, and tracks do not overlap. So sequential children stand
//! side by side right below their parent, concurrent ones below each other, and subtrees stay together.
//! On top stand the boxes of roots, then of orphans, then each cyclic span for itself, in the same way.
//!
//! Invariants: a span's lane is below its parent's; within a lane spans do not overlap; every span of the
//! trace has exactly one lane; a span occupies at least one nanosecond. Times here are nanoseconds after the
//! trace's earliest known start, and an unknown start counts as that start.

mod arrange;
mod longest;
mod marks;
mod merged;
mod minimap;
mod path;
mod sandwich;
mod tracks;
mod window;

#[cfg(test)]
pub(crate) mod tests;

pub use marks::mark_of;
pub use merged::Paths;
pub use minimap::Minimap;
pub use path::PathMarks;
pub use sandwich::Operation;
pub use window::{FlameScene, Matches, NO_LABEL, Window, flag};

use crate::analysis::trace_times;
use crate::store::{Store, order};
use longest::Longest;
use marks::Marks;
use merged::Nodes;

/// A trace laid out: its spans by lane, each lane in order of time.
///
/// A "place" is an index into the trace's rows (`store.trace(t).rows()`), a "position" one into the columns
/// here, which go lane by lane.
#[derive(Clone, Debug)]
pub struct Layout {
    trace: u32,
    duration_ns: u64,
    /// Where each lane begins; one more at the end.
    lane_from: Vec<u32>,
    /// By place.
    lane_of: Vec<u32>,
    /// By position.
    place: Vec<u32>,
    /// By position: start.
    start: Vec<u64>,
    /// By position: end, never before the start.
    end: Vec<u64>,
    /// Error spans at positions before this one; one more at the end.
    errors: Vec<u32>,
    longest: Longest,
    marks: Marks,
    /// Where its bars are paths and not spans. A "place" of such a layout is a node.
    nodes: Option<Nodes>,
    /// Where it is the sandwich of an operation.
    center: Option<Center>,
}

/// The operation in the middle of a sandwich.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Center {
    /// Its lane.
    pub lane: u32,
    /// Whether all callers are there.
    pub whole: bool,
}

impl Layout {
    /// Lays out a trace of the store: O(n log n), without recursion.
    pub fn build(store: &Store, trace: u32) -> Self {
        Self::shifted(store, trace, &trace_times(store, store.trace(trace)), &[])
    }

    /// The same by the [`trace_times`] at hand, with each place later by as many nanoseconds as `deltas` has for it.
    pub fn shifted(store: &Store, trace: u32, times: &[(u64, u64)], deltas: &[i64]) -> Self {
        let shape = store.trace(trace);
        let rows = shape.rows();
        let spans = store.spans();
        let origin = shape.facts().start_ns;
        let mut starts = Vec::with_capacity(rows.len());
        let mut ends = Vec::with_capacity(rows.len());
        let mut duration_ns = shape.facts().duration_ns.max(1);
        for (place, &(start, end)) in times.iter().enumerate() {
            let delta = deltas.get(place).copied().unwrap_or_default();
            let after = |time: u64| time.saturating_add_signed(delta).saturating_sub(origin);
            let start = after(start);
            let end = after(end).max(start);
            // A span that ends before it starts may start after all others have ended.
            duration_ns = duration_ns.max(end);
            starts.push(start);
            ends.push(end);
        }
        let (lane_of, lanes) = arrange::lanes(store, shape, &starts, &ends);

        // Within a lane pre-order is order of time: boxes enter a track in siblings' order, each after the
        // end of the one before. So a counting sort by lane is all the sorting there is.
        let mut lane_from = vec![0_u32; lanes as usize + 1];
        for &lane in &lane_of {
            lane_from[lane as usize + 1] += 1;
        }
        for lane in 0..lanes as usize {
            lane_from[lane + 1] += lane_from[lane];
        }
        let mut next = lane_from.clone();
        let mut place = vec![0_u32; rows.len()];
        for (at, &lane) in lane_of.iter().enumerate() {
            let position = &mut next[lane as usize];
            place[*position as usize] = at as u32;
            *position += 1;
        }
        if !deltas.is_empty() {
            // Moved siblings may stand in another order than before.
            for lane in lane_from.windows(2) {
                let own = &mut place[lane[0] as usize..lane[1] as usize];
                order::rows(own, &|a, b| starts[a as usize].cmp(&starts[b as usize]).then(a.cmp(&b)));
            }
        }
        let start: Vec<u64> = place.iter().map(|&p| starts[p as usize]).collect();
        let end: Vec<u64> = place.iter().map(|&p| ends[p as usize]).collect();
        let mut errors = Vec::with_capacity(rows.len() + 1);
        let mut seen = 0;
        errors.push(seen);
        for &p in &place {
            seen += u32::from(spans.is_error(rows[p as usize]));
            errors.push(seen);
        }
        let longest = Longest::new(&start, &end);
        let marks = Marks::new(store, shape, &lane_of, lanes, deltas);
        Self {
            trace,
            duration_ns,
            lane_from,
            lane_of,
            place,
            start,
            end,
            errors,
            longest,
            marks,
            nodes: None,
            center: None,
        }
    }

    /// The trace it shows.
    pub fn trace(&self) -> u32 {
        self.trace
    }

    /// The operation in the middle, of a sandwich.
    pub fn center(&self) -> Option<Center> {
        self.center
    }

    /// From the earliest start to the latest end of any span, in nanoseconds; at least 1.
    pub fn duration_ns(&self) -> u64 {
        self.duration_ns
    }

    /// How many lanes there are.
    pub fn lanes(&self) -> u32 {
        self.lane_from.len() as u32 - 1
    }

    /// The lane of the span at `place`; none where the trace has no such place.
    pub fn place_lane(&self, place: u32) -> Option<u32> {
        self.lane_of.get(self.own_number(place) as usize).copied()
    }

    /// The places of a lane's spans, by start; none where there is no such lane.
    pub fn lane_places(&self, lane: u32) -> &[u32] {
        if lane >= self.lanes() {
            return &[];
        }
        &self.place[self.positions(lane)]
    }

    /// The positions of a lane, which must exist.
    fn positions(&self, lane: u32) -> std::ops::Range<usize> {
        self.lane_from[lane as usize] as usize..self.lane_from[lane as usize + 1] as usize
    }

    /// The end of what a position occupies: a span without length takes one nanosecond.
    fn occupied_end(&self, position: usize) -> u64 {
        self.end[position].max(self.start[position] + 1)
    }
}
