//! A histogram of durations on a logarithmic axis.

use std::convert::Infallible;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::chart::{YUnit, y_axis};
use super::shapes::{Anchor, FINE, Shapes, Sketch, pen};
use crate::model::format_duration;

/// Durations counted in buckets of equal width on a logarithmic axis.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Buckets {
    /// Buckets in a factor of ten.
    pub per_decade: u32,
    /// Number of the first bucket; bucket `b` begins at `10^(b / per_decade)` nanoseconds.
    pub first: u32,
    /// How many durations are in each.
    pub counts: Vec<u64>,
}

impl Buckets {
    /// Counts durations in nanoseconds; one of 0 counts as 1.
    pub fn of(durations: impl IntoIterator<Item = u64>, per_decade: u32) -> Self {
        let per_decade = per_decade.clamp(1, 100);
        // 20 decades hold every u64.
        let mut all = vec![0_u64; 20 * per_decade as usize + 1];
        for ns in durations {
            // A hair of tolerance puts powers of ten into the bucket that begins with them.
            let bucket = ((ns.max(1) as f64).log10() * f64::from(per_decade) + 1e-9) as usize;
            all[bucket] += 1;
        }
        let first = all.iter().position(|&n| n > 0).unwrap_or(0);
        let end = all.iter().rposition(|&n| n > 0).map_or(first, |last| last + 1);
        Self { per_decade, first: first as u32, counts: all[first..end].to_vec() }
    }

    /// Where bucket `first + i` begins, nanoseconds.
    pub fn start_ns(&self, i: usize) -> f64 {
        10_f64.powf((f64::from(self.first) + i as f64) / f64::from(self.per_decade.max(1)))
    }
}

/// A histogram, drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramChart {
    /// What to draw: classes `bar`, `bar marked`, `grid`, `axis-text`, `empty`.
    pub shapes: Shapes,
    /// Left edge of the first bar, pixels.
    pub left: f64,
    /// Width of a bar with its gap, pixels: bar `i` of the buckets begins at `left + i * bar_width`.
    pub bar_width: f64,
}

const AXIS_HEIGHT: f64 = 20.0;
const HEADROOM: f64 = 2.0;
const TEXT: f64 = 11.0;

/// Draws buckets; the one that holds `marked_ns` gets the class `bar marked`.
pub fn histogram(buckets: &Buckets, marked_ns: Option<u64>, width: f64, height: f64) -> HistogramChart {
    let (width, height) = (width.max(1.0), height.max(1.0));
    let mut shapes = Shapes::new(width, height);
    let n = buckets.counts.len();
    let bar_width = width / n.max(1) as f64;
    let classes = ["grid", "axis-text", "bar", "bar marked"].map(str::to_owned);
    let sketch = Sketch { shapes: &mut shapes, classes: &classes };
    if draw(sketch, buckets, marked_ns, width, height).is_err() {
        shapes.text(
            "empty",
            width / 2.0,
            height / 2.0,
            Anchor::Middle,
            "This chart is too small to be drawn",
        );
    } else if n == 0 {
        shapes.text("empty", width / 2.0, height / 2.0, Anchor::Middle, "No durations to count");
    }
    HistogramChart { shapes, left: 0.0, bar_width }
}

fn draw(
    sketch: Sketch<'_>,
    buckets: &Buckets,
    marked_ns: Option<u64>,
    width: f64,
    height: f64,
) -> Result<(), DrawingAreaErrorKind<Infallible>> {
    let fine = |px: f64| (px * FINE).round() as i32;
    let plot_height = (height - AXIS_HEIGHT - HEADROOM).max(1.0);
    let highest = buckets.counts.iter().copied().max().unwrap_or(0);
    let (top, ticks) = y_axis(highest as f64, YUnit::Number, (plot_height / 44.0) as u32);
    let n = buckets.counts.len().max(1) as f64;
    let area = sketch.into_drawing_area();
    let mut chart = ChartBuilder::on(&area)
        .margin_top(fine(HEADROOM))
        .set_label_area_size(LabelAreaPosition::Bottom, fine(AXIS_HEIGHT))
        .build_cartesian_2d(0.0..n, 0.0..top)?;
    chart.draw_series(ticks.iter().map(|(y, _)| PathElement::new([(0.0, *y), (n, *y)], pen(0))))?;
    let marked = marked_ns.map(|ns| ns.max(1) as f64);
    // A pixel of gap, unless the bars are too narrow for it.
    let gap = (n / width).min(0.2);
    chart.draw_series(buckets.counts.iter().enumerate().filter(|(_, count)| **count > 0).map(
        |(i, &count)| {
            let holds = marked.is_some_and(|m| buckets.start_ns(i) <= m && m < buckets.start_ns(i + 1));
            let from = i as f64;
            Rectangle::new(
                [(from, count as f64), (from + 1.0 - gap, 0.0)],
                pen(if holds { 3 } else { 2 }).filled(),
            )
        },
    ))?;
    let text = pen(1);
    let style =
        |h, v| TextStyle::from(("sans-serif", fine(TEXT)).into_font()).color(&text).pos(Pos::new(h, v));
    for (y, label) in &ticks {
        let px = HEADROOM + (top - y) / top * plot_height;
        let (v, y) = if px < TEXT + 4.0 { (VPos::Top, px + 4.0) } else { (VPos::Bottom, px - 4.0) };
        area.draw_text(label, &style(HPos::Right, v), (fine(width), fine(y)))?;
    }
    // Labels at powers of ten, thinned out where they would touch.
    let per_decade = buckets.per_decade.max(1) as usize;
    let spacing = width / n * per_decade as f64;
    let every = per_decade * ((56.0 / spacing).ceil().max(1.0) as usize);
    for i in 0..=buckets.counts.len() {
        if (buckets.first as usize + i).is_multiple_of(every) && !buckets.counts.is_empty() {
            let (value, unit) = format_duration(buckets.start_ns(i).round());
            let x = i as f64 / n * width;
            let h = if x < 20.0 {
                HPos::Left
            } else if x > width - 20.0 {
                HPos::Right
            } else {
                HPos::Center
            };
            let y = HEADROOM + plot_height + 14.0;
            area.draw_text(&format!("{value} {unit}"), &style(h, VPos::Bottom), (fine(x), fine(y)))?;
        }
    }
    area.present()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_fall_into_logarithmic_buckets() {
        let buckets = Buckets::of([0, 1, 1000, 1999, 5_000, 1_000_000], 2);
        assert_eq!((buckets.first, &buckets.counts[..]), (0, &[2, 0, 0, 0, 0, 0, 2, 1, 0, 0, 0, 0, 1][..]));
        let last = Buckets::of([u64::MAX], 10);
        assert!(last.start_ns(0) <= u64::MAX as f64 && last.start_ns(1) > u64::MAX as f64);
        assert_eq!(Buckets::of([], 10).counts.len(), 0);
    }

    #[test]
    fn bars_stand_on_a_logarithmic_axis() {
        let buckets = Buckets::of([1_000_000, 2_000_000, 2_500_000, 20_000_000], 1);
        let chart = histogram(&buckets, Some(2_000_000), 120.0, 122.0);
        assert_eq!(
            chart.shapes.dump(),
            "\
grid: line 0,102 120,102
grid: line 0,52 120,52
grid: line 0,2 120,2
bar marked: rect 0,27 59x75
bar: rect 60,77 59x25
axis-text: text 120,98 end \"0\"
axis-text: text 120,48 end \"2\"
axis-text: text 120,14.14 end \"4\"
axis-text: text 0,116 start \"1 ms\"
axis-text: text 60,116 middle \"10 ms\"
axis-text: text 120,116 end \"100 ms\"
"
        );
        assert!(histogram(&Buckets::default(), None, 120.0, 90.0).shapes.dump().contains("No durations"));
        histogram(&buckets, None, 0.0, f64::NAN);
    }
}
