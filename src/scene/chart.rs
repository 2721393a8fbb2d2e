//! Line charts over time: series with gaps, a nice value axis, absolute times.
//!
//! plotters draws them through our backend into shapes. Beside the shapes stands the mapping from pixels to
//! values, so that the page can read out, select and drag without drawing anew.

mod axis;

#[cfg(test)]
mod tests;

use std::convert::Infallible;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

pub use axis::{YUnit, value_label, y_axis};

use super::ruler::Tick;
use super::shapes::{Anchor, Form, GUTTER, Shapes, Sketch, pen};
use super::time_axis;

/// What to draw.
#[derive(Clone, Debug, Default)]
pub struct ChartSpec {
    /// Width in CSS pixels.
    pub width: f64,
    /// Height in CSS pixels, with the time axis.
    pub height: f64,
    /// The lines, from back to front.
    pub series: Vec<Series>,
    /// What the values are.
    pub y_unit: YUnit,
    /// First and last instant shown, nanoseconds since the epoch.
    pub x_range_ns: (u64, u64),
    /// What the clock shows more than UTC, in seconds.
    pub offset_s: i32,
    /// What to say where there is no value at all; has a default.
    pub empty: String,
}

/// One line of a chart.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Its class: "series-p50".
    pub class: String,
    /// Its name for legends and read-outs.
    pub label: String,
    /// Nanoseconds after the range's start, and the value; none is a gap.
    pub points: Vec<(f64, Option<f64>)>,
}

/// A chart, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct Chart {
    /// What to draw.
    pub shapes: Shapes,
    /// Where what is.
    pub mapping: Mapping,
}

/// From pixels to values and back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mapping {
    /// Left edge of the plot.
    pub left: f64,
    /// Top edge.
    pub top: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Instants at the left and right edge, nanoseconds since the epoch.
    pub x_range_ns: (u64, u64),
    /// Values at the bottom and top edge.
    pub y_range: (f64, f64),
}

impl Mapping {
    /// The instant at a pixel, held inside the plot.
    pub fn time(&self, x: f64) -> u64 {
        let (from, to) = self.x_range_ns;
        let share = ((x - self.left) / self.width).clamp(0.0, 1.0);
        from + (share * to.saturating_sub(from) as f64) as u64
    }

    /// The pixel of an instant.
    pub fn x(&self, ns: u64) -> f64 {
        let (from, to) = self.x_range_ns;
        let length = to.saturating_sub(from).max(1) as f64;
        let after = if ns < from { -((from - ns) as f64) } else { (ns - from) as f64 };
        self.left + after / length * self.width
    }

    /// The pixel of a value.
    pub fn y(&self, value: f64) -> f64 {
        let (low, high) = self.y_range;
        self.top + (high - value) / (high - low) * self.height
    }

    /// The point of a series nearest to a pixel, by time: what a read-out shows.
    pub fn nearest(&self, points: &[(f64, Option<f64>)], x: f64) -> Option<usize> {
        let at = self.time(x).saturating_sub(self.x_range_ns.0) as f64;
        let after = points.partition_point(|p| p.0 < at);
        let near = after.saturating_sub(1)..points.len().min(after + 1);
        near.min_by(|&a, &b| (points[a].0 - at).abs().total_cmp(&(points[b].0 - at).abs()))
    }
}

/// Room below the plot for times.
const AXIS_HEIGHT: f64 = 20.0;
/// Room above the plot, so that a line at its top is not cut.
const HEADROOM: f64 = 2.0;
/// Least distance of value labels, and of time labels without fractions.
const Y_SPACING: f64 = 44.0;
const X_SPACING: f64 = 72.0;
/// Size of axis texts, for their vertical position only: the stylesheet sets it.
const TEXT: f64 = 11.0;
const NOTHING: &str = "No data in this time range";

/// Draws a line chart.
pub fn line_chart(spec: &ChartSpec) -> Chart {
    let (width, height) = (spec.width.max(1.0), spec.height.max(1.0));
    let plot_height = (height - AXIS_HEIGHT - HEADROOM).max(1.0);
    let values = spec.series.iter().flat_map(|s| &s.points).filter_map(|p| p.1).filter(|v| v.is_finite());
    let highest = values.clone().fold(0.0, f64::max);
    let (top, y_ticks) = y_axis(highest, spec.y_unit, (plot_height / Y_SPACING) as u32);
    let mapping = Mapping {
        left: 0.0,
        top: HEADROOM,
        width,
        height: plot_height,
        x_range_ns: spec.x_range_ns,
        y_range: (0.0, top),
    };
    let mut shapes = Shapes::plot(width, height);
    // The classes of the series come behind the fixed ones.
    let mut classes = vec!["grid".to_owned(), "axis-text".to_owned()];
    for series in &spec.series {
        classes.push(series.class.clone());
        classes.push(format!("dot {}", series.class));
    }
    let sketch = Sketch { shapes: &mut shapes, classes: &classes };
    if draw(sketch, spec, &mapping, &y_ticks).is_err() {
        shapes.text(
            "empty",
            width / 2.0,
            height / 2.0,
            Anchor::Middle,
            "This chart is too small to be drawn",
        );
    }
    if values.count() == 0 {
        let text = if spec.empty.is_empty() { NOTHING } else { &spec.empty };
        shapes.text("empty", width / 2.0, mapping.top + plot_height / 2.0, Anchor::Middle, text);
    }
    Chart { shapes, mapping }
}

type Drawn = Result<(), DrawingAreaErrorKind<Infallible>>;

fn draw(sketch: Sketch<'_>, spec: &ChartSpec, mapping: &Mapping, y_ticks: &[(f64, String)]) -> Drawn {
    let fine = |px: f64| (px * super::shapes::FINE).round() as i32;
    let length = spec.x_range_ns.1.saturating_sub(spec.x_range_ns.0).max(1) as f64;
    let area = sketch.into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin_top(fine(mapping.top))
        .margin_right(fine(GUTTER))
        .set_label_area_size(LabelAreaPosition::Bottom, fine(AXIS_HEIGHT))
        .build_cartesian_2d(0.0..length, 0.0..mapping.y_range.1)?;

    let (grid, text) = (pen(0), pen(1));
    chart.draw_series(y_ticks.iter().map(|(y, _)| PathElement::new([(0.0, *y), (length, *y)], grid)))?;
    for (i, series) in spec.series.iter().enumerate() {
        let (line, dot) = (pen(2 + 2 * i), pen(3 + 2 * i));
        let known = |p: &(f64, Option<f64>)| p.1.is_some_and(f64::is_finite);
        for run in series.points.chunk_by(|a, b| known(a) && known(b)) {
            let points = run.iter().filter_map(|&(x, y)| Some((x, y.filter(|v| v.is_finite())?)));
            if run.len() > 1 {
                chart.draw_series(LineSeries::new(points, line))?;
            } else {
                // A value between two gaps has no line: it is a dot.
                chart.draw_series(points.map(|p| Circle::new(p, fine(1.6), dot.filled())))?;
            }
        }
    }

    let style =
        |h, v| TextStyle::from(("sans-serif", fine(TEXT)).into_font()).color(&text).pos(Pos::new(h, v));
    // Value labels stand at the right ends of their lines.
    for (y, label) in y_ticks {
        let (x, y) = (mapping.left + mapping.width + 6.0, (mapping.y(*y) + 4.0).max(TEXT));
        area.draw_text(label, &style(HPos::Left, VPos::Bottom), (fine(x), fine(y)))?;
    }
    for tick in time_ticks(spec, mapping.width) {
        let x = mapping.left + tick.ns / length * mapping.width;
        let half = tick.label.chars().count() as f64 * TEXT * 0.3;
        let h = match x {
            x if x < half => HPos::Left,
            x if x + half > mapping.left + mapping.width => HPos::Right,
            _ => HPos::Center,
        };
        let bottom = mapping.top + mapping.height;
        area.draw_text(&tick.label, &style(h, VPos::Bottom), (fine(x), fine(bottom + 14.0)))?;
    }
    area.present()
}

/// As many times as have room, which takes fewer where they show fractions of a second.
fn time_ticks(spec: &ChartSpec, width: f64) -> Vec<Tick> {
    let (from, to) = spec.x_range_ns;
    let fitting = |spacing: f64| {
        let max = (width / spacing).clamp(1.0, 100.0) as u32;
        time_axis::ticks(from, to, max, spec.offset_s)
    };
    let ticks = fitting(X_SPACING);
    let longest = ticks.iter().map(|t| t.label.chars().count()).max().unwrap_or(0);
    let needed = longest as f64 * TEXT * 0.6 + TEXT;
    if needed > X_SPACING { fitting(needed) } else { ticks }
}

/// Shapes of a band over the plot between two instants: a selection or a deployment window.
pub fn band(mapping: &Mapping, from_ns: u64, to_ns: u64) -> Form {
    let left = mapping.x(from_ns).clamp(mapping.left, mapping.left + mapping.width);
    let right = mapping.x(to_ns).clamp(left, mapping.left + mapping.width);
    Form::Rect { x: left, y: mapping.top, width: right - left, height: mapping.height }
}
