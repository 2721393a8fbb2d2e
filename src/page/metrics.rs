//! A metrics query as a chart: one line a series, colored by its service where it names one.

use std::sync::Arc;

use leptos::prelude::*;

use super::charts::{Counted, charts};
use super::colors::ServiceColors;
use super::condition::counted as counted_by;
use super::format;
use super::frame::Frame;
use super::plots::{Head, Line, Panel, Plots};
use super::state::live;
use crate::engine::protocol::{Metrics, MetricsAnswer, MetricsSeries};
use crate::scene::chart::YUnit;

/// Most lines of the chart: as many as there are colors that can be told apart.
const MOST: usize = 14;

const fn head(unit: YUnit) -> Head {
    Head { id: "metrics", title: "Over time", note: "", unit }
}

static VALUES: [Head; 1] = [head(YUnit::Rate)];
static DURATIONS: [Head; 1] = [head(YUnit::Duration)];

/// The answer to the address's metrics query.
pub fn metrics_page() -> AnyView {
    let frame = Frame::here();
    let state = frame.state;
    let q = Signal::derive(move || state.address.with(|a| a.q.clone()));
    let back = move || frame.href(|a| a.q = counted_by(&a.q));
    view! {
        <div class="page metrics-page">
            <div class="table-tools"><h1 class="grow">"Traces"</h1><a class="button" href=back>"Show the spans"</a></div>
            {metrics_chart(q)}
        </div>
    }
    .into_any()
}

/// A metrics query in the address's range as a chart.
pub fn metrics_chart(q: Signal<String>) -> AnyView {
    let state = Frame::here().state;
    let colors = ServiceColors::here();
    let answer = live("metrics", move || {
        let range = state.address.with(|a| a.range);
        Some(Metrics { q: q.get(), range, step_s: None })
    });
    let durations = Memo::new(move |_| {
        q.with(|q| ["duration", "span:duration"].iter().any(|d| q.contains(&format!("_over_time({d}"))))
    });
    let data = Memo::new_with_compare(
        move |_| {
            let heads = if durations.get() { &DURATIONS } else { &VALUES };
            answer.value.with(|a| a.as_ref().map(|a| Arc::new(plots(a, heads, colors))))
        },
        |_, _| true,
    );
    let said = move || answer.value.with(|a| a.as_ref().map(|a| sentence(a)));
    // What a moment leads to.
    let counted: Counted = Arc::new(move |_| q.with(|q| counted_by(q)));
    let chart = move || {
        let heads = if durations.get() { &DURATIONS } else { &VALUES };
        charts(heads, data.into(), answer.error.into(), counted.clone())
    };
    view! {
        <p class="sub" role="status">{said}</p>
        {chart}
    }
    .into_any()
}

fn sentence(answer: &MetricsAnswer) -> String {
    let all = answer.series.len();
    let step = format::long_duration((answer.step_s * 1e9) as u64);
    match all {
        0 => "No series: no span matches the query".to_owned(),
        n if n > MOST => format!(
            "The {MOST} highest of {}, a point every {step}; topk(…) and by(…) choose others",
            format::counted(n as u64, "series")
        ),
        1 => format!("One series, a point every {step}"),
        n => format!("{} series, a point every {step}", format::count(n as u64)),
    }
}

fn plots(answer: &MetricsAnswer, heads: &'static [Head; 1], colors: ServiceColors) -> Plots {
    let step_ns = ((answer.step_s * 1e9) as u64).max(1);
    // A point is stamped with the right edge of its interval.
    let start_ns = answer.start_ns.map_or(0, |ns| ns.0).saturating_sub(step_ns);
    let count = answer.series.first().map_or(0, |s| s.points.len());
    let highest = |s: &MetricsSeries| s.points.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let mut chosen: Vec<&MetricsSeries> = answer.series.iter().collect();
    chosen.sort_by(|a, b| highest(b).total_cmp(&highest(a)));
    chosen.truncate(MOST);
    let mut used = Vec::new();
    let lines = chosen.iter().enumerate().map(|(i, s)| {
        let service = s.labels.iter().find(|(name, _)| name.ends_with("service.name"));
        let own = service.and_then(|(_, value)| value.as_str()).map(|name| colors.class(name));
        let class = own.filter(|class| !used.contains(class)).unwrap_or_else(|| format!("s{i}"));
        used.push(class.clone());
        // Durations come in seconds.
        let scale = if heads[0].unit == YUnit::Duration { 1e9 } else { 1.0 };
        let values = s.points.iter().map(|p| p.map(|v| v * scale)).collect();
        Line { class: format!("series-of {class}"), label: label(s), values }
    });
    let lines = lines.collect();
    Plots { start_ns, step_ns, count, panels: vec![Panel { head: &heads[0], lines }] }
}

/// The values of a series' labels; its function where that is all.
fn label(series: &MetricsSeries) -> String {
    let values = series.labels.iter().map(|(name, value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        if name == "p" {
            format!("p{}", format::percent(text.parse().unwrap_or(0.0)).trim_end_matches(".0"))
        } else {
            text
        }
    });
    let text = values.collect::<Vec<_>>().join(" · ");
    if text.is_empty() { "all".to_owned() } else { text }
}
