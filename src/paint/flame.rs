//! How a flamegraph is looked at: the view, what is marked in it, and what lies under the pointer.
//!
//! Lengths are CSS pixels, times are nanoseconds after the trace's start. The pixel edges of a bar are
//! decided here once, for painting, labels and hit test alike.

use crate::scene::flame::{FlameScene, flag};

/// A span to mark: by where it stands, since it may be hidden behind a longer one in the scene.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Its lane.
    pub lane: u32,
    /// Its start.
    pub t0: f64,
    /// Its end.
    pub t1: f64,
}

/// Which bars step back.
#[derive(Clone, Copy, Debug, Default)]
pub enum Dim<'a> {
    /// None.
    #[default]
    Nothing,
    /// Those that stand for no match ([`flag::MATCH`]).
    Unmatched,
    /// None; those that stand for a match are framed instead.
    FrameMatches,
    /// Those whose place has no bit in this bitmap (place `p` is bit `p % 32` of word `p / 32`).
    PlacesExcept(&'a [u32]),
    /// Those of services that have a bit in this bitmap (same order of bits).
    Services(&'a [u32]),
}

impl Dim<'_> {
    /// Whether the rectangle `at` of the scene steps back.
    pub fn dims(self, scene: &FlameScene, at: usize) -> bool {
        let has =
            |bits: &[u32], i: u32| bits.get(i as usize / 32).is_some_and(|word| (word >> (i % 32)) & 1 == 1);
        match self {
            Self::Nothing | Self::FrameMatches => false,
            Self::Unmatched => scene.flags[at] & flag::MATCH == 0,
            Self::PlacesExcept(bits) => !has(bits, scene.place[at]),
            Self::Services(bits) => has(bits, scene.service[at]),
        }
    }
}

/// What is looked at, and how.
#[derive(Clone, Debug)]
pub struct FlameView<'a> {
    /// Time at the left edge.
    pub start_ns: f64,
    /// Nanoseconds a CSS pixel.
    pub ns_per_px: f64,
    /// CSS pixels of the layout above the top edge.
    pub scroll_y: f64,
    /// Height of a lane.
    pub row_height: f64,
    /// Width of the canvas.
    pub width: f64,
    /// Height of the canvas.
    pub height: f64,
    /// Device pixels a CSS pixel.
    pub device_ratio: f64,
    /// The span that is selected.
    pub selected: Option<Mark>,
    /// The span under the pointer.
    pub hovered: Option<Mark>,
    /// What steps back.
    pub dim: Dim<'a>,
    /// Sections to underline (the critical path), in any order.
    pub underlined: &'a [Mark],
    /// Where bars were before clock skew correction moved them.
    pub ghosts: &'a [Mark],
    /// Times that a line behind the bars marks.
    pub grid: &'a [f64],
}

impl FlameView<'_> {
    /// A view of the whole scene's trace without marks.
    pub fn whole(scene: &FlameScene, width: f64, height: f64) -> Self {
        Self {
            start_ns: 0.0,
            ns_per_px: scene.duration_ns.max(1.0) / width.max(1.0),
            scroll_y: 0.0,
            row_height: 22.0,
            width,
            height,
            device_ratio: 1.0,
            selected: None,
            hovered: None,
            dim: Dim::Nothing,
            underlined: &[],
            ghosts: &[],
            grid: &[],
        }
    }

    /// Canvas width in device pixels.
    pub fn device_width(&self) -> usize {
        device(self.width * self.device_ratio)
    }

    /// Canvas height in device pixels.
    pub fn device_height(&self) -> usize {
        device(self.height * self.device_ratio)
    }

    /// CSS pixels from the left edge to a time.
    pub fn x(&self, ns: f64) -> f64 {
        (ns - self.start_ns) / self.ns_per_px
    }

    /// The time at a number of CSS pixels from the left edge.
    pub fn time(&self, x: f64) -> f64 {
        self.start_ns + x * self.ns_per_px
    }

    /// The lanes that are visible at least in part.
    pub fn lanes(&self) -> std::ops::Range<u32> {
        let first = (self.scroll_y / self.row_height).max(0.0) as u32;
        let last = ((self.scroll_y + self.height) / self.row_height).ceil().max(0.0) as u32;
        first..last.max(first)
    }

    /// Left and right edge of a bar in device pixels, not clipped at the right place but near the canvas: at
    /// least one pixel, and one pixel of gap at its right if it is wider than three.
    pub fn edges(&self, t0: f64, t1: f64) -> (i64, i64) {
        let scale = self.device_ratio / self.ns_per_px;
        let near = 4.0 + self.width * self.device_ratio;
        let x0 = ((t0 - self.start_ns) * scale).clamp(-4.0, near);
        let x1 = ((t1 - self.start_ns) * scale).clamp(-4.0, near);
        let (left, right) = (x0.round() as i64, x1.round() as i64);
        if right <= left {
            let left = x0.floor() as i64;
            (left, left + 1)
        } else if right - left > 3 {
            (left, right - 1)
        } else {
            (left, right)
        }
    }

    /// Top and bottom edge of a lane's bars in device pixels; may lie outside the canvas.
    pub fn rows(&self, lane: u32) -> (i64, i64) {
        let top = (f64::from(lane) * self.row_height - self.scroll_y) * self.device_ratio;
        let bottom = top + self.row_height * self.device_ratio;
        let gap = if self.row_height >= 6.0 { self.device_ratio.round().max(1.0) as i64 * 2 } else { 0 };
        let top = top.round() as i64;
        (top, (bottom.round() as i64 - gap).max(top + 1))
    }
}

fn device(px: f64) -> usize {
    px.round().clamp(0.0, 32_768.0) as usize
}

/// The rectangles of a lane: scenes stand by lane.
pub fn lane_run(scene: &FlameScene, lane: u32) -> std::ops::Range<usize> {
    scene.lane.partition_point(|&l| l < lane)..scene.lane.partition_point(|&l| l <= lane)
}

/// The rectangle at a point of the canvas (CSS pixels): the one under it, or one at most 2 pixels beside it.
pub fn hit(scene: &FlameScene, view: &FlameView<'_>, x: f64, y: f64) -> Option<usize> {
    let row = (y + view.scroll_y) / view.row_height;
    if row < 0.0 || view.row_height <= 0.0 {
        return None;
    }
    let run = lane_run(scene, row as u32);
    let at = view.time(x);
    // Starts ascend within a lane: what is under the pointer is the last that starts before it, or a neighbor
    // that is drawn wider than it is.
    let after = run.start + scene.t0[run.clone()].partition_point(|&t0| t0 <= at);
    let slop = 2.0 * view.ns_per_px;
    let distance = |i: usize| (scene.t0[i] - at).max(at - scene.t1[i]).max(0.0);
    let near = run.start.max(after.saturating_sub(2))..run.end.min(after + 2);
    near.filter(|&i| distance(i) <= slop).min_by(|&a, &b| distance(a).total_cmp(&distance(b)))
}
