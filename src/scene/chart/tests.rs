//! Charts as text dumps.

use super::*;

/// 2026-11-22 19:26:30 UTC.
const T: u64 = 1_795_375_590_000_000_000;

fn spec(points: &[(f64, Option<f64>)]) -> ChartSpec {
    ChartSpec {
        width: 330.0,
        height: 126.0,
        series: vec![Series { class: "series-p99".into(), label: "p99".into(), points: points.to_vec() }],
        y_unit: YUnit::Duration,
        x_range_ns: (T, T + 210_000_000_000),
        ..ChartSpec::default()
    }
}

#[test]
fn a_line_has_gaps_and_a_lone_value_is_a_dot() {
    let chart = line_chart(&spec(&[
        (0.0, Some(250e6)),
        (70e9, Some(1e9)),
        (105e9, None),
        (140e9, Some(500e6)),
        (175e9, Some(f64::NAN)),
        (210e9, Some(0.0)),
    ]));
    assert_eq!(
        chart.shapes.dump(),
        "\
grid: line 0,106 330,106
grid: line 0,54 330,54
grid: line 0,2 330,2
series-p99: line 0,80 110,2
dot series-p99: circle 220,54 r1.62
dot series-p99: circle 330,106 r1.62
axis-text: text 336,110 start \"0\"
axis-text: text 336,58 start \"500 ms\"
axis-text: text 336,11 start \"1 s\"
axis-text: text 47.12,120 middle \"19:27\"
axis-text: text 141.44,120 middle \"19:28\"
axis-text: text 235.69,120 middle \"19:29\"
axis-text: text 330,120 end \"19:30\"
"
    );
}

#[test]
fn the_mapping_leads_from_pixels_to_values_and_back() {
    let points = [(0.0, Some(250e6)), (70e9, Some(1e9)), (140e9, None)];
    let map = line_chart(&spec(&points)).mapping;
    assert_eq!(map.time(110.0), T + 70_000_000_000);
    assert_eq!((map.time(-5.0), map.time(1e9)), (T, T + 210_000_000_000));
    assert!((map.x(T + 70_000_000_000) - 110.0).abs() < 1e-9);
    assert!((map.y(500e6) - 54.0).abs() < 1e-9);
    assert_eq!(map.nearest(&points, 50.0), Some(0));
    assert_eq!(map.nearest(&points, 60.0), Some(1));
    assert_eq!(map.nearest(&points, 330.0), Some(2));
    assert_eq!(map.nearest(&[], 330.0), None);
    assert_eq!(
        band(&map, T - 5, T + 70_000_000_000),
        Form::Rect { x: 0.0, y: 2.0, width: 110.0, height: 104.0 }
    );
}

#[test]
fn no_values_are_said_so_on_the_axes() {
    let chart = line_chart(&spec(&[(0.0, None)]));
    assert!(chart.shapes.dump().ends_with("empty: text 165,54 middle \"No data in this time range\"\n"));
    let with_words = ChartSpec { empty: "No calls".into(), ..spec(&[]) };
    assert!(line_chart(&with_words).shapes.dump().contains("\"No calls\""));
}

#[test]
fn value_axes_are_nice_in_every_unit() {
    let axis = |highest, unit| {
        let labels: Vec<String> = y_axis(highest, unit, 3).1.into_iter().map(|t| t.1).collect();
        labels.join(" | ")
    };
    assert_eq!(axis(0.174, YUnit::Percent), "0 | 10 % | 20 %");
    assert_eq!(axis(1.0, YUnit::Percent), "0 | 50 % | 100 %");
    assert_eq!(axis(0.0, YUnit::Percent), "0 | 0.5 % | 1 %");
    assert_eq!(axis(0.93, YUnit::Score), "0 | 0.5 | 1");
    assert_eq!(axis(8.4, YUnit::Rate), "0 | 5 | 10");
    assert_eq!(axis(0.21, YUnit::Rate), "0 | 0.1 | 0.2 | 0.3");
    assert_eq!(axis(1.0, YUnit::Number), "0 | 1");
    assert_eq!(axis(33_000.0, YUnit::Number), "0 | 20k | 40k");
    assert_eq!(axis(170e9, YUnit::Duration), "0 | 60 s | 120 s | 180 s");
    assert_eq!(axis(f64::NAN, YUnit::Duration), "0 | 500 µs | 1 ms");
    assert!(y_axis(f64::MAX, YUnit::Rate, 3).1.len() <= 5);
}

#[test]
fn no_spec_makes_the_chart_panic() {
    let extremes = [f64::NAN, f64::INFINITY, 0.0, -1.0, 1e300, 3.0];
    for a in extremes {
        for b in extremes {
            for range in [(T, T), (T, 0), (0, u64::MAX)] {
                let points = [(a, Some(b)), (b, Some(a))];
                line_chart(&ChartSpec {
                    width: a.min(9e3),
                    height: b.min(9e3),
                    x_range_ns: range,
                    ..spec(&points)
                });
            }
        }
    }
}
