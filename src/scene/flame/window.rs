//! One window of a flamegraph at one width: the level of detail.
//!
//! A span of at least a pixel stands for itself. Shorter ones that start in the same pixel column of a lane
//! become one rectangle, from the first start to the last end, that names the longest and counts them. So a
//! lane gives at most two rectangles a pixel, every pixel column that a span touches is covered, and none
//! that no span touches. Groups end at pixel columns counted from the window's start: windows that start at
//! multiples of their resolution ([`Window::around`]) group alike, so panning does not flicker.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Layout;
use crate::store::{Store, StrId, mark};

/// "Too narrow for a label" in [`FlameScene::label`].
pub const NO_LABEL: u32 = u32::MAX;

/// Rectangles below this many pixels carry no label.
const LABEL_PX: f64 = 16.0;

/// Facts of a rectangle, as bits of [`FlameScene::flags`].
pub mod flag {
    /// An error span; of several, at least one.
    pub const ERROR: u32 = 1;
    /// The parent id names no span of the trace.
    pub const ORPHAN: u32 = 2;
    /// Its ancestors form a cycle.
    pub const CYCLIC: u32 = 4;
    /// The rectangle stands for several spans.
    pub const SEVERAL: u32 = 8;
    /// The span has events.
    pub const EVENTS: u32 = 16;
    /// The span ends before it starts and is drawn without length.
    pub const NEGATIVE: u32 = 32;
    /// The span matches the search; of several, at least one. See [`FlameScene::mark`](super::FlameScene::mark).
    pub const MATCH: u32 = 64;
    /// An earlier record has the same span id.
    pub const DUPLICATE: u32 = 128;
    /// The span or one below it matches the search; of several, at least one.
    pub const KEPT: u32 = 256;
    /// It stands for nothing but identical copies of other spans.
    pub const COPY: u32 = 512;
}

/// What to show: a stretch of time at a width, and lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// First nanosecond, after the trace's start.
    pub start_ns: u64,
    /// First nanosecond that is no more inside.
    pub end_ns: u64,
    /// Pixel columns over which the stretch is spread.
    pub width_px: u32,
    /// The lanes.
    pub lanes: Range<u32>,
}

impl Window {
    /// The window to ask for so that a view of `width_px` pixels from `start_ns` to `end_ns` can be panned and
    /// zoomed a little without asking again: three times as wide, within the layout, at a resolution that
    /// is a power of two nanoseconds a pixel and no coarser than the view.
    pub fn around(layout: &Layout, start_ns: f64, end_ns: f64, width_px: u32, lanes: Range<u32>) -> Self {
        let length = (end_ns - start_ns).max(1.0);
        let per_px = (length / f64::from(width_px.max(1))) as u64;
        let resolution = if per_px < 2 { 1 } else { 1 << per_px.ilog2() };
        let last = layout.duration_ns + 1;
        let start = ((start_ns - length) as u64).min(last - 1) / resolution * resolution;
        let end = ((end_ns + length).ceil() as u64).clamp(start + 1, last.max(start + 1));
        let columns = (end - start).div_ceil(resolution).min(u64::from(u32::MAX));
        Self { start_ns: start, end_ns: start + columns * resolution, width_px: columns as u32, lanes }
    }

    /// Pixels a nanosecond.
    fn scale(&self) -> f64 {
        f64::from(self.width_px.max(1)) / self.end_ns.saturating_sub(self.start_ns).max(1) as f64
    }
}

/// The rectangles of one window: columns of equal length, by lane, then by time, ready for typed arrays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FlameScene {
    /// Start, nanoseconds after the trace's start. Whole numbers, exact below 2^53.
    pub t0: Vec<f64>,
    /// End, likewise; equal to the start for a span without length.
    pub t1: Vec<f64>,
    /// Lane.
    pub lane: Vec<u32>,
    /// Place of the span, the longest one of several.
    pub place: Vec<u32>,
    /// How many spans it stands for.
    pub count: Vec<u32>,
    /// Service of the span, a `ServiceId`.
    pub service: Vec<u32>,
    /// [`flag`] bits.
    pub flags: Vec<u32>,
    /// Index into [`labels`](Self::labels), or [`NO_LABEL`].
    pub label: Vec<u32>,
    /// Position of its first span in the layout; the others follow.
    pub first: Vec<u32>,
    /// One past the position of its last span.
    pub end: Vec<u32>,
    /// Of the marks of events and log records, one a pixel column and lane: time of the first, like [`t0`](Self::t0).
    pub mark_t: Vec<f64>,
    /// Lane of a mark.
    pub mark_lane: Vec<u32>,
    /// How many events a mark stands for.
    pub mark_count: Vec<u32>,
    /// What it stands for, as bits of [`mark_of`](super::mark_of).
    pub mark_kind: Vec<u32>,
    /// The distinct names in use.
    pub labels: Vec<String>,
    /// First nanosecond of the window it was made for.
    pub start_ns: f64,
    /// First nanosecond after that window.
    pub end_ns: f64,
    /// Pixel columns of that window.
    pub width_px: u32,
    /// Lanes of that window, the first.
    pub first_lane: u32,
    /// Lanes of that window, one past the last.
    pub end_lane: u32,
    /// Lanes of the whole layout.
    pub lanes: u32,
    /// Duration of the whole layout in nanoseconds.
    pub duration_ns: f64,
}

impl FlameScene {
    /// How many rectangles there are.
    pub fn len(&self) -> usize {
        self.t0.len()
    }

    /// Whether there is no rectangle.
    pub fn is_empty(&self) -> bool {
        self.t0.is_empty()
    }

    /// Whether a view needs no other scene: it lies inside the window, at no finer resolution.
    pub fn serves(&self, start_ns: f64, end_ns: f64, width_px: u32, lanes: &Range<u32>) -> bool {
        let inside =
            |lo: f64, hi: f64| self.start_ns <= lo.max(0.0) && hi.min(self.duration_ns) <= self.end_ns;
        let resolution = (self.end_ns - self.start_ns) / f64::from(self.width_px.max(1));
        let wanted = (end_ns - start_ns) / f64::from(width_px.max(1));
        inside(start_ns, end_ns)
            && resolution <= wanted.max(1.0)
            && self.first_lane <= lanes.start
            && lanes.end.min(self.lanes) <= self.end_lane
    }

    /// Sets [`flag::MATCH`] on the rectangles that stand for a match, clears it on the others.
    pub fn mark(&mut self, matches: &Matches) {
        self.mark_as(flag::MATCH, matches);
    }

    /// Sets a bit on the rectangles that stand for nothing but matches.
    pub fn mark_whole(&mut self, bit: u32, matches: &Matches) {
        for at in 0..self.len() {
            let (first, last) = (self.first[at] as usize, self.end[at] as usize);
            let all = last < matches.before.len()
                && (matches.before[last] - matches.before[first]) as usize == last - first;
            self.flags[at] |= if all { bit } else { 0 };
        }
    }

    /// Like [`mark`](Self::mark), with another bit.
    pub fn mark_as(&mut self, bit: u32, matches: &Matches) {
        for at in 0..self.len() {
            let first = self.first[at] as usize;
            let last = (self.end[at] as usize).min(matches.before.len().saturating_sub(1));
            let hit = first < last && matches.before[last] > matches.before[first];
            self.flags[at] = self.flags[at] & !bit | if hit { bit } else { 0 };
        }
    }
}

/// Which spans of a layout match, ready to be asked for runs of positions.
#[derive(Clone, Debug, Default)]
pub struct Matches {
    /// Matches at positions before this one; one more at the end.
    before: Vec<u32>,
}

impl Layout {
    /// The matches at these places.
    pub fn matches(&self, places: impl IntoIterator<Item = u32>) -> Matches {
        let mut by_place = vec![false; self.place.len()];
        for place in places {
            if let Some(matched) = by_place.get_mut(self.own_number(place) as usize) {
                *matched = true;
            }
        }
        let mut before = Vec::with_capacity(self.place.len() + 1);
        let mut seen = 0;
        before.push(seen);
        for &place in &self.place {
            seen += u32::from(by_place[place as usize]);
            before.push(seen);
        }
        Matches { before }
    }

    /// The rectangles of a window; the store must be the one the layout was built from.
    pub fn window(&self, store: &Store, window: &Window) -> FlameScene {
        let lanes = window.lanes.start.min(self.lanes())..window.lanes.end.min(self.lanes());
        let mut scene = FlameScene {
            start_ns: window.start_ns as f64,
            end_ns: window.end_ns as f64,
            width_px: window.width_px,
            first_lane: lanes.start,
            end_lane: lanes.end.max(lanes.start),
            lanes: self.lanes(),
            duration_ns: self.duration_ns as f64,
            ..FlameScene::default()
        };
        let mut names = BTreeMap::new();
        for lane in lanes {
            self.groups(lane, window, |run| self.push(store, window, &mut names, &mut scene, lane, run));
            self.push_marks(window, &mut scene, lane);
        }
        scene
    }

    /// Calls `each` with the runs of positions that become one rectangle.
    fn groups(&self, lane: u32, window: &Window, mut each: impl FnMut(Range<usize>)) {
        let scale = window.scale();
        let positions = self.positions(lane);
        let (start, end) = (&self.start[..positions.end], &self.end[..positions.end]);
        let mut at = first_where(positions.start, positions.end, |p| self.occupied_end(p) > window.start_ns);
        while at < positions.end && start[at] < window.end_ns {
            let mut stop = at + 1;
            if (end[at] - start[at]) as f64 * scale < 1.0 {
                let column = |p: usize| (start[p].saturating_sub(window.start_ns) as f64 * scale) as u64;
                let here = column(at);
                stop = first_where(stop, positions.end, |p| start[p] >= window.end_ns || column(p) > here);
                // Only the last can be a pixel long: it then stands for itself.
                if (end[stop - 1] - start[stop - 1]) as f64 * scale >= 1.0 {
                    stop -= 1;
                }
            }
            each(at..stop);
            at = stop;
        }
    }

    fn push_marks(&self, window: &Window, scene: &mut FlameScene, lane: u32) {
        let (run, time) = self.marks.lane(lane);
        let column = |i: usize| (time[i].saturating_sub(window.start_ns) as f64 * window.scale()) as u64;
        let mut at = first_where(run.start, run.end, |i| time[i] >= window.start_ns);
        while at < run.end && time[at] < window.end_ns {
            let here = column(at);
            let stop = first_where(at + 1, run.end, |i| time[i] >= window.end_ns || column(i) > here);
            scene.mark_t.push(time[at] as f64);
            scene.mark_lane.push(lane);
            scene.mark_count.push((stop - at) as u32);
            scene.mark_kind.push(self.marks.kind(at..stop));
            at = stop;
        }
    }

    fn push(
        &self,
        store: &Store,
        window: &Window,
        names: &mut BTreeMap<u32, u32>,
        scene: &mut FlameScene,
        lane: u32,
        run: Range<usize>,
    ) {
        let (t0, t1) = (self.start[run.start], self.end[run.end - 1]);
        let named = self.longest.of(&self.start, &self.end, run.clone()) as usize;
        let (place, row) = self.row_at(store, named);
        let spans = store.spans();
        let marks = self.marks_of(store, row);
        let mut flags = 0;
        let mut set = |bit: u32, on: bool| flags |= if on { bit } else { 0 };
        set(flag::ERROR, self.errors[run.end] > self.errors[run.start]);
        set(flag::ORPHAN, marks & mark::ORPHAN != 0);
        set(flag::CYCLIC, marks & mark::CYCLIC != 0);
        set(flag::DUPLICATE, marks & mark::DUPLICATE != 0);
        set(flag::SEVERAL, run.len() > 1);
        let single = self.nodes.is_none();
        set(flag::EVENTS, single && !spans.events_of(row).is_empty());
        set(flag::NEGATIVE, single && spans.end.get(row as usize) < spans.start.get(row as usize));

        let shown = t1.min(window.end_ns).saturating_sub(t0.max(window.start_ns));
        let label = if shown as f64 * window.scale() < LABEL_PX {
            NO_LABEL
        } else {
            let name = spans.name.get(row as usize);
            *names.entry(name).or_insert_with(|| {
                scene.labels.push(store.text(StrId(name)).to_owned());
                scene.labels.len() as u32 - 1
            })
        };
        scene.t0.push(t0 as f64);
        scene.t1.push(t1 as f64);
        scene.lane.push(lane);
        scene.place.push(place);
        scene.count.push(self.span_count(&run));
        scene.service.push(store.service(row).0);
        scene.flags.push(flags);
        scene.label.push(label);
        scene.first.push(run.start as u32);
        scene.end.push(run.end as u32);
    }
}

/// The first of `from..to` from which on `is` holds, or `to`; gallops, since it is mostly near.
fn first_where(from: usize, to: usize, is: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut step) = (from, 1);
    let mut high = to;
    while low + step <= to {
        if is(low + step - 1) {
            high = low + step - 1;
            break;
        }
        low += step;
        step *= 2;
    }
    while low < high {
        let middle = usize::midpoint(low, high);
        if is(middle) { high = middle } else { low = middle + 1 }
    }
    low
}
