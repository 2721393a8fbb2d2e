//! Bars of a flamegraph into an RGBA buffer.
//!
//! All pixel rows of a lane are equal but for hatching and marks, so a lane is painted as one row of pixels and
//! that row is copied down. A frame costs its rectangles once and its pixels once.

use std::ops::Range;

use super::flame::{Dim, FlameView, Mark, lane_run};
use super::palette::{Palette, Rgba, mix};
use crate::scene::flame::{FlameScene, flag, mark_of};

/// A picture in the layout of a canvas' `ImageData`.
#[derive(Clone, Debug, Default)]
pub struct Pixels {
    width: usize,
    height: usize,
    data: Vec<Rgba>,
}

impl Pixels {
    /// Width in device pixels.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Height in device pixels.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Red, green, blue, alpha of each pixel, row by row.
    pub fn bytes(&self) -> &[u8] {
        self.data.as_flattened()
    }

    /// The color at a pixel, which must exist.
    pub fn get(&self, x: usize, y: usize) -> Rgba {
        self.data[y * self.width + x]
    }

    fn reset(&mut self, width: usize, height: usize, color: Rgba) {
        (self.width, self.height) = (width, height);
        self.data.clear();
        self.data.resize(width * height, color);
    }

    fn row(&mut self, y: usize, columns: Range<usize>) -> &mut [Rgba] {
        &mut self.data[y * self.width..][..self.width][columns]
    }

    fn fill(&mut self, columns: (i64, i64), rows: (i64, i64), color: Rgba) {
        let columns = clip(columns, self.width);
        for y in clip(rows, self.height) {
            self.row(y, columns.clone()).fill(color);
        }
    }
}

/// The part of `from..to` inside `0..limit`.
fn clip((from, to): (i64, i64), limit: usize) -> Range<usize> {
    let inside = |v: i64| v.clamp(0, limit as i64) as usize;
    inside(from)..inside(to).max(inside(from))
}

/// Diagonal hatching: a stripe of `STRIPE` in every `PERIOD` CSS pixels along a row.
const PERIOD: f64 = 9.0;
const STRIPE: f64 = 2.0;
/// Width of the error edge and height of the underline, CSS pixels.
const EDGE: f64 = 3.0;

/// Paints a scene into `pixels`, which takes the size of the view; its memory is used again.
pub fn flame(scene: &FlameScene, view: &FlameView<'_>, palette: &Palette, pixels: &mut Pixels) {
    pixels.reset(view.device_width(), view.device_height(), palette.background);
    if view.row_height <= 0.0 || view.ns_per_px <= 0.0 || view.ns_per_px.is_nan() {
        return;
    }
    let mut blank = vec![palette.background; pixels.width];
    for &time in view.grid {
        let x = (view.x(time) * view.device_ratio).round();
        if let Some(pixel) = (x >= 0.0).then(|| blank.get_mut(x as usize)).flatten() {
            *pixel = palette.line;
        }
    }
    if !view.grid.is_empty() {
        for y in 0..pixels.height {
            pixels.row(y, 0..blank.len()).copy_from_slice(&blank);
        }
    }
    let mut line = blank.clone();
    let visible = view.lanes();
    let mut at = scene.lane.partition_point(|&lane| lane < visible.start);
    while at < scene.len() && scene.lane[at] < visible.end {
        let lane = scene.lane[at];
        let run = at..lane_run(scene, lane).end.max(at + 1);
        at = run.end;
        line.copy_from_slice(&blank);
        paint_lane(scene, view, palette, pixels, &mut line, lane, run);
    }
    paint_events(scene, view, palette, pixels);
    if matches!(view.dim, Dim::FrameMatches) {
        let from = scene.lane.partition_point(|&lane| lane < visible.start);
        for i in (from..at).filter(|&i| scene.flags[i] & flag::MATCH != 0) {
            let mark = Mark { lane: scene.lane[i], t0: scene.t0[i], t1: scene.t1[i] };
            outline(view, pixels, mark, palette.text_2);
        }
    }
    for mark in view.underlined.iter().filter(|m| visible.contains(&m.lane)) {
        let (_, bottom) = view.rows(mark.lane);
        let height = (EDGE * view.device_ratio).round() as i64;
        pixels.fill(view.edges(mark.t0, mark.t1), (bottom - height, bottom), palette.text);
    }
    for mark in view.ghosts.iter().filter(|m| visible.contains(&m.lane)) {
        ghost(view, pixels, *mark, palette.text_3);
    }
    for (mark, color) in [(view.hovered, palette.text_2), (view.selected, palette.text)] {
        if let Some(mark) = mark.filter(|m| visible.contains(&m.lane)) {
            outline(view, pixels, mark, color);
        }
    }
}

fn paint_lane(
    scene: &FlameScene,
    view: &FlameView<'_>,
    palette: &Palette,
    pixels: &mut Pixels,
    line: &mut [Rgba],
    lane: u32,
    run: Range<usize>,
) {
    let mut errors = false;
    for i in run.clone() {
        let columns = clip(view.edges(scene.t0[i], scene.t1[i]), line.len());
        errors |= scene.flags[i] & flag::ERROR != 0;
        line[columns].fill(color(scene, view, palette, i));
    }
    let rows = view.rows(lane);
    for y in clip(rows, pixels.height) {
        pixels.row(y, 0..line.len()).copy_from_slice(line);
    }
    if errors {
        for i in run.filter(|&i| scene.flags[i] & flag::ERROR != 0) {
            let dimmed = view.dim.dims(scene, i);
            paint_error(view, palette, pixels, view.edges(scene.t0[i], scene.t1[i]), rows, dimmed);
        }
    }
}

/// The fill of a rectangle: its service's color, paler where it stands for several or steps back.
fn color(scene: &FlameScene, view: &FlameView<'_>, palette: &Palette, i: usize) -> Rgba {
    let bar = palette.bar(scene.service[i]);
    let muted = if scene.flags[i] & flag::SEVERAL != 0 { mix(bar, palette.background, 0.25) } else { bar };
    if view.dim.dims(scene, i) { mix(muted, palette.background, 0.75) } else { muted }
}

/// Hatching over the bar, anchored to the canvas so that it does not crawl while zooming, and the edge.
fn paint_error(
    view: &FlameView<'_>,
    palette: &Palette,
    pixels: &mut Pixels,
    columns: (i64, i64),
    rows: (i64, i64),
    dimmed: bool,
) {
    let ratio = view.device_ratio;
    let edge_color = if dimmed { mix(palette.error, palette.background, 0.6) } else { palette.error };
    let edge = ((EDGE * ratio).round() as i64).min(columns.1 - columns.0);
    let (period, stripe) =
        ((PERIOD * ratio).round().max(2.0) as i64, (STRIPE * ratio).round().max(1.0) as i64);
    let inside = clip((columns.0 + edge, columns.1), pixels.width);
    for y in clip(rows, pixels.height) {
        // The stripe's phase falls by one pixel a row: 45 degrees, rising to the right.
        let phase = (inside.start as i64 + y as i64).rem_euclid(period);
        let row = pixels.row(y, inside.clone());
        let mut x = if phase < stripe { -phase } else { period - phase };
        while x < row.len() as i64 {
            for pixel in &mut row[clip((x, x + stripe), inside.len())] {
                *pixel = mix(*pixel, edge_color, 0.55);
            }
            x += period;
        }
    }
    pixels.fill((columns.0, columns.0 + edge), rows, edge_color);
}

/// A tick in the upper part of the bar for events, in the lower for log records, in the error color for exceptions.
fn paint_events(scene: &FlameScene, view: &FlameView<'_>, palette: &Palette, pixels: &mut Pixels) {
    let visible = view.lanes();
    if view.row_height < 12.0 {
        return;
    }
    let from = scene.mark_lane.partition_point(|&lane| lane < visible.start);
    let to = scene.mark_lane.partition_point(|&lane| lane < visible.end);
    let wide = view.device_ratio.round().max(1.0) as i64;
    for i in from..to {
        let (top, bottom) = view.rows(scene.mark_lane[i]);
        let (left, _) = view.edges(scene.mark_t[i], scene.mark_t[i]);
        let kind = scene.mark_kind[i];
        let (width, color) =
            if kind & mark_of::EXCEPTION != 0 { (2 * wide, palette.error) } else { (wide, palette.on_bar) };
        let third = (bottom - top) / 3;
        // Events hang from the upper edge, log records stand on the lower one.
        let rows = if kind & mark_of::LOGS != 0 { (bottom - third, bottom) } else { (top, top + third) };
        pixels.fill((left, left + width), rows, color);
    }
}

fn outline(view: &FlameView<'_>, pixels: &mut Pixels, mark: Mark, color: Rgba) {
    let (left, right) = view.edges(mark.t0, mark.t1);
    let (top, bottom) = view.rows(mark.lane);
    let thick = (1.5 * view.device_ratio).round().max(1.0) as i64;
    if right - left <= 2 * thick {
        // Too narrow to be framed: a frame around it.
        pixels.fill((left - thick, left), (top, bottom), color);
        pixels.fill((right, right + thick), (top, bottom), color);
        return;
    }
    pixels.fill((left, right), (top, top + thick), color);
    pixels.fill((left, right), (bottom - thick, bottom), color);
    pixels.fill((left, left + thick), (top, bottom), color);
    pixels.fill((right - thick, right), (top, bottom), color);
}

/// A dashed frame where a bar was.
fn ghost(view: &FlameView<'_>, pixels: &mut Pixels, mark: Mark, color: Rgba) {
    let (left, right) = view.edges(mark.t0, mark.t1);
    let (top, bottom) = view.rows(mark.lane);
    let dash = (4.0 * view.device_ratio).round().max(2.0) as i64;
    let inside = clip((left, right), pixels.width);
    let mut x = inside.start as i64 - (inside.start as i64 - left).rem_euclid(2 * dash);
    while x < inside.end as i64 {
        let columns = (x.max(left), (x + dash).min(right));
        pixels.fill(columns, (top, top + 1), color);
        pixels.fill(columns, (bottom - 1, bottom), color);
        x += 2 * dash;
    }
    for edge in [left, right - 1] {
        pixels.fill((edge, edge + 1), (top, bottom), color);
    }
}
