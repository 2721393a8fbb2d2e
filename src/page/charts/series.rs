//! Latency, rate and errors of all services or of one, asked and made ready to draw.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{Measure, Series as Ask, SeriesAnswer, SeriesPoint};
use crate::page::state::{AppState, live};
use crate::scene::chart::{Series, YUnit};

use super::TimeChart;

/// Lines over the same instants.
#[derive(Clone, Debug, Default)]
pub struct ChartData {
    /// The lines; all have a point for every bucket.
    pub series: Vec<Series>,
    /// First and last instant shown.
    pub range_ns: (u64, u64),
    /// Length of a bucket.
    pub step_ns: f64,
}

impl ChartData {
    /// How many buckets there are.
    pub fn points(&self) -> usize {
        self.series.first().map_or(0, |s| s.points.len())
    }

    fn of(answer: &SeriesAnswer, lines: &[Part]) -> Option<Self> {
        let start = answer.start_ns?.0;
        let step_ns = answer.step_s * 1e9;
        let length = step_ns * answer.points.len() as f64;
        let series = lines.iter().map(|part| Series {
            class: part.class.into(),
            label: part.label.into(),
            // A bucket's value stands in its middle.
            points: answer
                .points
                .iter()
                .enumerate()
                .map(|(i, point)| ((i as f64 + 0.5) * step_ns, (part.value)(point)))
                .collect(),
        });
        Some(Self { series: series.collect(), range_ns: (start, start + length.max(1.0) as u64), step_ns })
    }
}

/// One line of a measure.
struct Part {
    class: &'static str,
    label: &'static str,
    value: fn(&SeriesPoint) -> Option<f64>,
}

const LATENCY: &[Part] = &[
    Part { class: "series-p50", label: "p50", value: |p| latency(p, |q| q.0) },
    Part { class: "series-p90", label: "p90", value: |p| latency(p, |q| q.1) },
    Part { class: "series-p99", label: "p99", value: |p| latency(p, |q| q.2) },
];
const RATE: &[Part] = &[Part { class: "series-rate", label: "rate", value: plain }];
const ERRORS: &[Part] = &[Part { class: "series-errors", label: "errors", value: plain }];

type Quantiles = (Option<f64>, Option<f64>, Option<f64>);

fn latency(point: &SeriesPoint, choose: fn(Quantiles) -> Option<f64>) -> Option<f64> {
    match *point {
        SeriesPoint::Latency { p50_ns, p90_ns, p99_ns, .. } => choose((p50_ns, p90_ns, p99_ns)),
        SeriesPoint::Value { .. } => None,
    }
}

fn plain(point: &SeriesPoint) -> Option<f64> {
    match *point {
        SeriesPoint::Value { value, .. } => value,
        SeriesPoint::Latency { .. } => None,
    }
}

/// The three charts of a service, or of all services.
pub fn charts_of(service: Signal<Option<String>>) -> impl IntoView {
    let at = RwSignal::new(None);
    view! {
        <section class="charts" aria-label="Over time">
            {chart("chart-latency", Measure::Latency, LATENCY, YUnit::Duration, ("Latency", ""), service, at)}
            {chart("chart-rate", Measure::Rate, RATE, YUnit::Rate, ("Rate", "calls/s"), service, at)}
            {chart("chart-errors", Measure::Errors, ERRORS, YUnit::Percent, ("Errors", "% of calls"), service, at)}
        </section>
    }
}

fn chart(
    view: &'static str,
    measure: Measure,
    parts: &'static [Part],
    unit: YUnit,
    (title, note): (&'static str, &'static str),
    service: Signal<Option<String>>,
    at: RwSignal<Option<usize>>,
) -> impl IntoView {
    let state = AppState::here();
    let answer = live(view, move || {
        let (range, scope, q) = state.address.with(|a| (a.range, a.scope, a.q.clone()));
        Some(Ask { measure, service: service.get(), range, q, scope: Some(scope), ..Ask::default() })
    });
    let data = Memo::new_with_compare(
        move |_| answer.value.with(|a| a.as_ref().and_then(|a| ChartData::of(a, parts)).map(Arc::new)),
        |_, _| true,
    );
    view! { <TimeChart title=title note=note unit=unit data=data error=answer.error at=at/> }
}
