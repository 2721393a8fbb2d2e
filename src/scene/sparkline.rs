//! A line without axes, small enough for a table's cell.

use super::shapes::{Form, Shapes};

/// A sparkline of evenly spaced values; none is a gap. The line runs between the lowest (or 0) and the highest
/// value, and a value between two gaps is a dot. Classes: `spark`, `dot spark`.
pub fn sparkline(values: &[Option<f64>], width: f64, height: f64) -> Shapes {
    let mut shapes = Shapes::new(width, height);
    let known = |v: &Option<f64>| v.is_some_and(f64::is_finite);
    let highest = values.iter().flatten().copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
    let lowest = values.iter().flatten().copied().filter(|v| v.is_finite()).fold(0.0, f64::min);
    let range = if highest > lowest { highest - lowest } else { 1.0 };
    let spread = (values.len().max(2) - 1) as f64;
    // Half a stroke of room above and below.
    let y = |v: f64| 1.0 + (height - 2.0) * (highest - v) / range;
    let mut at = 0;
    for run in values.chunk_by(|a, b| known(a) && known(b)) {
        let points: Vec<(f64, f64)> = run
            .iter()
            .enumerate()
            .filter(|(_, v)| known(v))
            .filter_map(|(i, v)| v.map(|v| ((at + i) as f64 / spread * width, y(v))))
            .collect();
        at += run.len();
        match points[..] {
            [] => {}
            [(x, y)] => shapes.push("dot spark", Form::Circle { x, y, radius: 1.2 }),
            _ => shapes.push("spark", Form::Line(points)),
        }
    }
    shapes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_part_the_line_and_lone_values_are_dots() {
        let values = [Some(0.0), Some(4.0), None, Some(2.0), None, Some(4.0), Some(0.0)];
        assert_eq!(
            sparkline(&values, 60.0, 18.0).dump(),
            "spark: line 0,17 10,1\ndot spark: circle 30,9 r1.2\nspark: line 50,1 60,17\n"
        );
        assert_eq!(sparkline(&[None, Some(f64::NAN)], 60.0, 18.0).dump(), "");
        assert_eq!(sparkline(&[Some(0.0), Some(0.0)], 60.0, 18.0).dump(), "spark: line 0,1 60,1\n");
        assert_eq!(sparkline(&[], 60.0, 18.0).dump(), "");
    }
}
