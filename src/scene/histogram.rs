//! A histogram of durations on a logarithmic axis, drawn by plotters.

use std::convert::Infallible;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::chart::{YUnit, y_axis};
use super::heatmap::{anchor, decades};
use super::shapes::{Anchor, FINE, GUTTER, Shapes, Sketch, pen};

const AXIS_HEIGHT: f64 = 20.0;
const HEADROOM: f64 = 2.0;
const TEXT: f64 = 11.0;

/// Draws counts of durations: bar `i` counts durations from `edges_ns[i]` up to `edges_ns[i + 1]` and stands
/// from `i / n` to `(i + 1) / n` of the width. Classes: `bar`, `grid`, `axis-text`, `empty`.
pub fn histogram(edges_ns: &[u64], counts: &[u64], width: f64, height: f64) -> Shapes {
    let (width, height) = (width.max(1.0), height.max(1.0));
    let mut shapes = Shapes::plot(width, height);
    let classes = ["grid", "axis-text", "bar"].map(str::to_owned);
    let sketch = Sketch { shapes: &mut shapes, classes: &classes };
    let drawn = draw(sketch, edges_ns, counts, width, height);
    let sentence = match (drawn, counts.is_empty()) {
        (Err(_), _) => "This chart is too small to be drawn",
        (Ok(()), true) => "No calls in this time range",
        (Ok(()), false) => return shapes,
    };
    shapes.text("empty", width / 2.0, height / 2.0, Anchor::Middle, sentence);
    shapes
}

fn draw(
    sketch: Sketch<'_>,
    edges_ns: &[u64],
    counts: &[u64],
    width: f64,
    height: f64,
) -> Result<(), DrawingAreaErrorKind<Infallible>> {
    let fine = |px: f64| (px * FINE).round() as i32;
    let plot_height = (height - AXIS_HEIGHT - HEADROOM).max(1.0);
    let highest = counts.iter().copied().max().unwrap_or(0);
    let (top, ticks) = y_axis(highest as f64, YUnit::Number, (plot_height / 44.0) as u32);
    let n = counts.len().max(1) as f64;
    let area = sketch.into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin_top(fine(HEADROOM))
        .margin_right(fine(GUTTER))
        .set_label_area_size(LabelAreaPosition::Bottom, fine(AXIS_HEIGHT))
        .build_cartesian_2d(0.0..n, 0.0..top)?;
    chart.draw_series(ticks.iter().map(|(y, _)| PathElement::new([(0.0, *y), (n, *y)], pen(0))))?;
    // A pixel of gap, unless the bars are too narrow for it.
    let gap = (n / width).min(0.2);
    let bars = counts.iter().enumerate().filter(|(_, count)| **count > 0);
    chart.draw_series(bars.map(|(i, &count)| {
        let from = i as f64;
        Rectangle::new([(from, count as f64), (from + 1.0 - gap, 0.0)], pen(2).filled())
    }))?;
    let text = pen(1);
    let style =
        |h, v| TextStyle::from(("sans-serif", fine(TEXT)).into_font()).color(&text).pos(Pos::new(h, v));
    for (y, label) in &ticks {
        let y = (HEADROOM + (top - y) / top * plot_height + 4.0).max(TEXT);
        area.draw_text(label, &style(HPos::Left, VPos::Bottom), (fine(width + 6.0), fine(y)))?;
    }
    // Powers of ten, thinned out where they would touch.
    let mut free = 0.0;
    for (at, label) in decades(edges_ns) {
        let x = at / n * width;
        if x < free {
            continue;
        }
        free = x + 56.0;
        let h = match anchor(x, width) {
            Anchor::Start => HPos::Left,
            Anchor::Middle => HPos::Center,
            Anchor::End => HPos::Right,
        };
        let y = HEADROOM + plot_height + 14.0;
        area.draw_text(&label, &style(h, VPos::Bottom), (fine(x), fine(y)))?;
    }
    area.present()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stand_on_a_logarithmic_axis() {
        let edges = [896, 1024, 1280, 1536, 1792];
        assert_eq!(
            histogram(&edges, &[1, 0, 4, 2], 120.0, 122.0).dump(),
            "\
grid: line 0,102 120,102
grid: line 0,52 120,52
grid: line 0,2 120,2
bar: rect 0,77 29x25
bar: rect 60,2 29x100
bar: rect 90,52 29x50
axis-text: text 126,106 start \"0\"
axis-text: text 126,56 start \"2\"
axis-text: text 126,11 start \"4\"
axis-text: text 24.38,116 middle \"1 µs\"
"
        );
        assert!(histogram(&[], &[], 120.0, 90.0).dump().contains("No calls"));
        histogram(&edges, &[1, 2, 3, 4], 0.0, f64::NAN);
    }
}
