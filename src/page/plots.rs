//! Measures over time, ready to be drawn, read out and saved: lines over shared buckets. Plain data.

use super::clock;
use super::csv::Csv;
use super::format;
use crate::engine::protocol::{CallsAnswer, Ns, Range, RedAnswer};
use crate::model::format_utc;
use crate::scene::chart::{Chart, ChartSpec, Series, YUnit, line_chart, value_label};
use crate::scene::shapes::{Anchor, Form, Shapes};

/// Room around a saved picture, and for its title.
const PAD: f64 = 12.0;
const CAPTION: f64 = 22.0;

/// Charts over the same buckets of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plots {
    /// Left edge of the first bucket, nanoseconds since the epoch.
    pub start_ns: u64,
    /// Length of a bucket, nanoseconds.
    pub step_ns: u64,
    /// How many buckets there are.
    pub count: usize,
    /// The charts.
    pub panels: Vec<Panel>,
}

/// What a chart shows, whatever its data.
#[derive(Debug, PartialEq, Eq)]
pub struct Head {
    /// Its word in file names and tests.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What the numbers are: "calls/s".
    pub note: &'static str,
    /// What the values are.
    pub unit: YUnit,
}

const fn head(id: &'static str, title: &'static str, note: &'static str, unit: YUnit) -> Head {
    Head { id, title, note, unit }
}

/// The charts of a service; of all services there are the first three.
pub const RED: &[Head] = &[
    head("latency", "Latency", "", YUnit::Duration),
    head("rate", "Rate", "calls/s", YUnit::Rate),
    head("errors", "Errors", "% of calls", YUnit::Percent),
    head("apdex", "Apdex", "", YUnit::Score),
];

/// The charts of database or external calls.
pub const CALLS: &[Head] = &[
    head("calls-rate", "Calls", "calls/s", YUnit::Rate),
    head("calls-duration", "Average duration", "", YUnit::Duration),
    head("calls-errors", "Errors", "% of calls", YUnit::Percent),
];

/// One chart.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// What it shows.
    pub head: &'static Head,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// One line: a value for every bucket, none is a gap.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Its class, which gives the color.
    pub class: String,
    /// Its name.
    pub label: String,
    /// By bucket.
    pub values: Vec<Option<f64>>,
}

impl Line {
    fn new(class: &str, label: &str, values: Vec<Option<f64>>) -> Self {
        Self { class: class.into(), label: label.into(), values }
    }
}

impl Plots {
    /// Latency, rate, errors and Apdex: the charts of [`RED`].
    pub fn of_red(answer: &RedAnswer) -> Self {
        let seconds = answer.step_ns as f64 / 1e9;
        let rate = answer.calls.iter().map(|&n| Some(n as f64 / seconds)).collect();
        let errors = answer.errors.iter().zip(&answer.calls);
        let errors = errors.map(|(&e, &n)| (n > 0).then(|| e as f64 / n as f64)).collect();
        let latency = vec![
            Line::new("series-p50", "p50", answer.p50_ns.clone()),
            Line::new("series-p90", "p90", answer.p90_ns.clone()),
            Line::new("series-p99", "p99", answer.p99_ns.clone()),
        ];
        let rate = vec![Line::new("series-rate", "rate", rate)];
        let errors = vec![Line::new("series-errors", "errors", errors)];
        let apdex = vec![Line::new("series-rate", "Apdex", answer.apdex.clone())];
        Self::over(answer.start_ns, answer.step_ns, answer.calls.len(), RED, [latency, rate, errors, apdex])
    }

    /// Rate, mean duration and error share of calls, a line a target: the charts of [`CALLS`].
    pub fn of_calls(answer: &CallsAnswer) -> Self {
        let seconds = answer.step_ns as f64 / 1e9;
        let count = answer.series.first().map_or(0, |s| s.calls.len());
        let of = |list: &[u64], b: usize| list.get(b).copied().unwrap_or(0) as f64;
        let (mut rate, mut mean, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (i, s) in answer.series.iter().enumerate() {
            let class = format!("series-t{i}");
            let share = |list: &[u64]| {
                let value = |b| (of(&s.calls, b) > 0.0).then(|| of(list, b) / of(&s.calls, b));
                Line::new(&class, &s.target, (0..count).map(value).collect())
            };
            mean.push(share(&s.total_ns));
            errors.push(share(&s.errors));
            let per_second = (0..count).map(|b| Some(of(&s.calls, b) / seconds)).collect();
            rate.push(Line::new(&class, &s.target, per_second));
        }
        Self::over(answer.start_ns, answer.step_ns, count, CALLS, [rate, mean, errors])
    }

    fn over<const N: usize>(
        start_ns: Option<Ns>,
        step_ns: u64,
        count: usize,
        heads: &'static [Head],
        lines: [Vec<Line>; N],
    ) -> Self {
        let panels = heads.iter().zip(lines).map(|(head, lines)| Panel { head, lines }).collect();
        Self { start_ns: start_ns.map_or(0, |ns| ns.0), step_ns: step_ns.max(1), count, panels }
    }

    /// The time from one bucket to another, both counted.
    pub fn range(&self, from: usize, to: usize) -> Range {
        let edge = |i: usize| Ns(self.start_ns.saturating_add(self.step_ns.saturating_mul(i as u64)));
        Range { start_ns: edge(from.min(to)), end_ns: edge(from.max(to) + 1) }
    }

    /// [`range`](Self::range) in words.
    pub fn when(&self, from: usize, to: usize) -> String {
        let range = self.range(from, to);
        format::clock_range(range.start_ns.0, range.end_ns.0)
    }

    /// A chart, drawn without the lines of which `hidden` has the bit.
    pub fn chart(&self, panel: &Panel, hidden: usize, width: f64, height: f64) -> Chart {
        let step = self.step_ns as f64;
        let shown = panel.lines.iter().enumerate().filter(|(i, _)| hidden >> i & 1 == 0);
        let series = shown.map(|(_, line)| Series {
            class: line.class.clone(),
            label: line.label.clone(),
            // A bucket's value stands in its middle.
            points: line.values.iter().enumerate().map(|(i, v)| ((i as f64 + 0.5) * step, *v)).collect(),
        });
        let range = self.range(0, self.count.saturating_sub(1));
        line_chart(&ChartSpec {
            width,
            height,
            series: series.collect(),
            y_unit: panel.head.unit,
            x_range_ns: (range.start_ns.0, range.end_ns.0),
            offset_s: clock::ahead_s(range.start_ns.0),
            empty: "No calls in this time range".into(),
        })
    }

    /// A drawn chart as a picture that stands alone: with its title, and the names of its lines.
    pub fn picture(panel: &Panel, hidden: usize, chart: &Chart) -> Shapes {
        let mut picture = chart.shapes.moved(PAD, PAD + CAPTION);
        picture.width += 2.0 * PAD;
        picture.height += 2.0 * PAD + CAPTION;
        let (baseline, note) = (PAD + 8.0, panel.head.note);
        let title = if note.is_empty() {
            panel.head.title.to_owned()
        } else {
            format!("{}, {note}", panel.head.title)
        };
        picture.text("title", PAD, baseline, Anchor::Start, title);
        let mut x = picture.width - PAD;
        let several = panel.lines.len() > 1;
        let shown = panel.lines.iter().enumerate().filter(|(i, _)| several && hidden >> i & 1 == 0);
        for (_, line) in shown.collect::<Vec<_>>().into_iter().rev() {
            picture.text("axis-text", x, baseline, Anchor::End, line.label.clone());
            x -= line.label.chars().count() as f64 * 6.2 + 18.0;
            let bar = Form::Rect { x, y: baseline - 5.0, width: 10.0, height: 3.0 };
            picture.push(format!("fill {}", line.class), bar);
            x -= 12.0;
        }
        picture
    }

    /// The charts' values as words, a row a bucket: its time, then a value for each line of each panel.
    pub fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        (0..self.count).map(|i| {
            let lines = self.panels.iter().flat_map(|p| p.lines.iter().map(|l| (p.head.unit, l)));
            let value = |(unit, line): (YUnit, &Line)| {
                line.values.get(i).copied().flatten().map_or_else(String::new, |v| value_label(v, unit))
            };
            std::iter::once(self.when(i, i)).chain(lines.map(value)).collect()
        })
    }

    /// The heads of [`rows`](Self::rows).
    pub fn heads(&self) -> Vec<String> {
        let name = |panel: &Panel, line: &Line| match panel.lines.len() {
            1 => panel.head.title.to_owned(),
            _ => format!("{} {}", panel.head.title, line.label),
        };
        let lines = self.panels.iter().flat_map(|p| p.lines.iter().map(move |l| name(p, l)));
        std::iter::once(format!("Time ({})", clock::zone(self.start_ns))).chain(lines).collect()
    }

    /// One chart as CSV: durations in nanoseconds, shares as fractions.
    pub fn csv(&self, panel: &Panel) -> String {
        let heads = ["start (UTC)", "start_ns", "end_ns"].into_iter();
        let mut csv = Csv::new(heads.chain(panel.lines.iter().map(|l| l.label.as_str())));
        for i in 0..self.count {
            let range = self.range(i, i);
            csv.cell(&format_utc(range.start_ns.0, 9));
            csv.cell(&range.start_ns.0.to_string());
            csv.cell(&range.end_ns.0.to_string());
            for line in &panel.lines {
                csv.number(line.values.get(i).copied().flatten());
            }
            csv.end_row();
        }
        csv.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::protocol::CallSeries;

    fn red() -> RedAnswer {
        RedAnswer {
            start_ns: Some(Ns(1_795_375_590_000_000_000)),
            step_ns: 2_000_000_000,
            calls: vec![4, 0, 1],
            errors: vec![1, 0, 0],
            p50_ns: vec![Some(1e6), None, Some(2e6)],
            p90_ns: vec![Some(2e6), None, Some(2e6)],
            p99_ns: vec![Some(3e6), None, Some(2e6)],
            apdex: vec![Some(0.75), None, Some(1.0)],
        }
    }

    #[test]
    fn red_becomes_four_charts_with_gaps() {
        let plots = Plots::of_red(&red());
        let values =
            |id: &str| plots.panels.iter().find(|p| p.head.id == id).map(|p| p.lines[0].values.clone());
        assert_eq!(values("rate"), Some(vec![Some(2.0), Some(0.0), Some(0.5)]));
        assert_eq!(values("errors"), Some(vec![Some(0.25), None, Some(0.0)]));
        assert_eq!(plots.heads()[1..4], ["Latency p50", "Latency p90", "Latency p99"]);
        let rows: Vec<_> = plots.rows().collect();
        assert_eq!(rows[0], ["19:26:30 – 19:26:32", "1 ms", "2 ms", "3 ms", "2", "25 %", "0.75"]);
        assert_eq!(rows[1], ["19:26:32 – 19:26:34", "", "", "", "0", "", ""]);
        assert_eq!(
            plots.range(2, 1),
            Range { start_ns: Ns(1_795_375_592_000_000_000), end_ns: Ns(1_795_375_596_000_000_000) }
        );
        let chart = plots.chart(&plots.panels[0], 0b101, 300.0, 120.0);
        let hidden = Plots::picture(&plots.panels[0], 0b101, &chart).dump();
        assert!(hidden.contains("series-p90") && !hidden.contains("series-p99"));
        assert!(hidden.contains("title: text 12,20 start \"Latency\"\n"), "{hidden}");
    }

    #[test]
    fn a_chart_is_saved_in_exact_numbers() {
        let plots = Plots::of_red(&red());
        assert_eq!(
            plots.csv(&plots.panels[2]).lines().nth(2),
            Some("2026-11-22 19:26:32.000000000,1795375592000000000,1795375594000000000,")
        );
    }

    #[test]
    fn calls_are_a_line_a_target() {
        let series = CallSeries {
            target: "redis".into(),
            calls: vec![2, 0],
            errors: vec![1, 0],
            total_ns: vec![10, 0],
        };
        let answer = CallsAnswer { step_ns: 500_000_000, series: vec![series], ..CallsAnswer::default() };
        let plots = Plots::of_calls(&answer);
        let lines: Vec<_> = plots.panels.iter().map(|p| p.lines[0].values.clone()).collect();
        assert_eq!(lines, [[Some(4.0), Some(0.0)], [Some(5.0), None], [Some(0.5), None]]);
    }
}
