//! From the engine's answer to a scene, and which window to ask for.

use js_sys::ArrayBuffer;

use super::super::stretch::Stretch;
use crate::engine::protocol::FlameAnswer;
use crate::paint::Mark;
use crate::scene::flame::{FlameScene, Minimap};
use crate::web::bytes::{to_f64, to_u32};

/// How many columns a scene has.
const COLUMNS: usize = 18;
/// Where the columns of the critical path begin.
pub(super) const PATH: usize = 12;
/// Where those of the places before clock skew correction begin.
pub(super) const GHOSTS: usize = 15;

/// A window of time and lanes: one that is at hand, or the one that the engine will give
/// (`scene::flame::Window::around` has the same rule).
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Asked {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) columns: u32,
    pub(super) lanes: std::ops::Range<u32>,
}

impl Asked {
    /// What comes of asking for `visible`: three times as wide, at a power of two nanoseconds a device pixel and no coarser than the
    /// screen, from a multiple of that: pixels then group alike while panning.
    pub(super) fn around(visible: Stretch, extent: f64, device_px: f64, lanes: std::ops::Range<u32>) -> Self {
        let length = visible.length().max(1.0);
        let per_px = length / device_px.max(1.0);
        let resolution = if per_px < 2.0 { 1.0 } else { per_px.log2().floor().exp2() };
        let from = ((visible.from - length).max(0.0) / resolution).floor() * resolution;
        let to = (visible.to + length).min(extent + 1.0).max(from + 1.0);
        let columns = ((to - from) / resolution).ceil().max(1.0);
        Self { from, to: from + columns * resolution, columns: columns.min(1e9) as u32, lanes }
    }

    /// What comes of asking for all of a trace.
    pub(super) fn whole(device_px: f64, lanes: std::ops::Range<u32>) -> Self {
        Self { from: 0.0, to: f64::INFINITY, columns: device_px.max(1.0) as u32, lanes }
    }

    /// Whether it is on its way as all of a trace.
    pub(super) fn is_whole(&self) -> bool {
        self.to.is_infinite()
    }

    /// Whether a view needs no other window.
    pub(super) fn serves(
        &self,
        visible: Stretch,
        extent: f64,
        device_px: f64,
        lanes: &std::ops::Range<u32>,
    ) -> bool {
        let resolution = (self.to - self.from) / f64::from(self.columns.max(1));
        let wanted = visible.length() / device_px.max(1.0);
        self.from <= visible.from
            && visible.to.min(extent) <= self.to
            && resolution <= wanted.max(1.0)
            // Much finer than the screen costs more rectangles than pixels.
            && (wanted < 8.0 * resolution || (self.from <= 0.0 && self.to >= extent && wanted < 32.0 * resolution))
            && self.lanes.start <= lanes.start
            && lanes.end <= self.lanes.end
    }
}

/// Some lanes more than are visible, so that scrolling finds them.
pub(super) fn lanes_around(lanes: &std::ops::Range<u32>) -> std::ops::Range<u32> {
    let rows = lanes.end.saturating_sub(lanes.start).max(8);
    lanes.start.saturating_sub(rows)..lanes.end.saturating_add(rows)
}

/// The scene of an answer and its columns; none where columns are missing or of unequal length.
pub(super) fn scene(head: &FlameAnswer, buffers: &[ArrayBuffer]) -> Option<FlameScene> {
    let [t0, t1, lane, place, count, service, flags, label, mark_t, mark_lane, mark_count, mark_kind, ..] =
        buffers
    else {
        return None;
    };
    let scene = FlameScene {
        t0: to_f64(t0),
        t1: to_f64(t1),
        lane: to_u32(lane),
        place: to_u32(place),
        count: to_u32(count),
        service: to_u32(service),
        flags: to_u32(flags),
        label: to_u32(label),
        first: Vec::new(),
        end: Vec::new(),
        mark_t: to_f64(mark_t),
        mark_lane: to_u32(mark_lane),
        mark_count: to_u32(mark_count),
        mark_kind: to_u32(mark_kind),
        labels: head.labels.clone(),
        start_ns: head.from_ns,
        end_ns: head.to_ns,
        width_px: head.width_px,
        first_lane: head.lane_from,
        end_lane: head.lane_to,
        lanes: head.lanes,
        duration_ns: head.duration_ns,
    };
    let n = scene.t0.len();
    let lengths = [
        scene.t1.len(),
        scene.lane.len(),
        scene.place.len(),
        scene.count.len(),
        scene.service.len(),
        scene.flags.len(),
        scene.label.len(),
    ];
    let marks = [scene.mark_lane.len(), scene.mark_count.len(), scene.mark_kind.len()];
    let even = lengths.into_iter().all(|l| l == n) && marks.into_iter().all(|l| l == scene.mark_t.len());
    even.then_some(scene)
}

/// The stretches in an answer whose three columns begin there.
pub(super) fn marks(buffers: &[ArrayBuffer], first: usize) -> Vec<Mark> {
    let [t0, t1, lane, ..] = buffers.get(first..).unwrap_or_default() else { return Vec::new() };
    let ends = to_f64(t0).into_iter().zip(to_f64(t1));
    ends.zip(to_u32(lane)).map(|((t0, t1), lane)| Mark { lane, t0, t1 }).collect()
}

/// Leaves out the rectangles whose flags do not hold.
pub(super) fn keep(scene: &mut FlameScene, holds: fn(u32) -> bool) {
    let kept: Vec<bool> = scene.flags.iter().map(|&flags| holds(flags)).collect();
    if kept.iter().all(|&kept| kept) {
        return;
    }
    let columns = [
        &mut scene.lane,
        &mut scene.place,
        &mut scene.count,
        &mut scene.service,
        &mut scene.flags,
        &mut scene.label,
    ];
    for column in columns {
        let mut keep = kept.iter();
        column.retain(|_| keep.next() == Some(&true));
    }
    for column in [&mut scene.t0, &mut scene.t1] {
        let mut keep = kept.iter();
        column.retain(|_| keep.next() == Some(&true));
    }
}

/// The minimap of an answer, where it was asked for.
pub(super) fn minimap(buffers: &[ArrayBuffer]) -> Option<Minimap> {
    let [density, depth, errors, ..] = buffers.get(COLUMNS..)? else { return None };
    Some(Minimap {
        density: to_f64(density).into_iter().map(|d| d as f32).collect(),
        depth: to_u32(depth),
        errors: to_u32(errors),
    })
}
