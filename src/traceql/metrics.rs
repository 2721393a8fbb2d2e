//! Metrics queries: spans to time series (traceql.md §8).
//!
//! Interval k covers (t - step, t] and its point is stamped with t. Counting functions fill empty intervals
//! with 0, the others leave gaps. Durations come out in seconds.

mod compare;
mod label;
mod math;
mod over_time;
mod weight;

pub use label::Labels;

use super::ast::{Body, MathNode, MetricsOp, MetricsPipeline, Query, Second, Static};
use super::error::{Error, RunError};
use super::eval::{self, Checkpoint, Scan};
use crate::model::TimeRange;
use crate::store::Store;
use crate::store::order;

/// Points times series that one answer may have: 64 MB of numbers.
const MAX_CELLS: usize = 8 << 20;
/// Points that one series may have.
const MAX_POINTS: u64 = 1_000_000;

/// How quantiles are computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quantiles {
    /// Over all values of an interval, by linear interpolation between neighbors.
    #[default]
    Exact,
    /// As Tempo estimates them from buckets that are powers of two: up to a factor of two off.
    Estimated,
}

/// What a metrics question leaves open in its text.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    /// Span starts that count; the extent of the store if none is given.
    pub range: Option<TimeRange>,
    /// Width of an interval in nanoseconds; Tempo's default for the range if none is given.
    pub step_ns: Option<u64>,
    /// The hint `with(exact=…)` overrides it.
    pub quantiles: Quantiles,
}

/// One time series.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Sorted by name.
    pub labels: Labels,
    /// One value an interval; none where there is a gap.
    pub points: Vec<Option<f64>>,
}

/// The answer to a metrics query.
#[derive(Clone, Debug, PartialEq)]
pub struct Metrics {
    /// Stamp of the first point.
    pub start_ns: u64,
    /// Distance between points.
    pub step_ns: u64,
    /// Sorted by labels.
    pub series: Vec<Series>,
}

/// The intervals of one question.
#[derive(Clone, Copy, Debug)]
struct Grid {
    /// Left edge of the first interval, excluded.
    from: u64,
    step: u64,
    points: usize,
}

impl Grid {
    /// The interval of a span's start.
    fn place(self, start: u64) -> Option<usize> {
        // A start exactly on the left edge belongs to the interval before.
        let offset = start.checked_sub(self.from)?.checked_sub(1)?;
        let place = (offset / self.step) as usize;
        (place < self.points).then_some(place)
    }
}

/// Runs a metrics query.
///
/// # Errors
/// [`RunError::NotMetrics`] for a query for spans, [`RunError::TooManyPoints`], the errors of
/// [`eval::spans`].
pub fn run(
    store: &Store,
    query: &Query,
    options: Options,
    checkpoint: &mut dyn Checkpoint,
) -> Result<Metrics, Error> {
    let Body::Metrics { math: nodes, second } = &query.body else { return Err(RunError::NotMetrics.into()) };
    let extent = store.extent().map_or((0, 0), |(start, end)| (start, end.saturating_add(1)));
    let range = options.range.unwrap_or(TimeRange { start_ns: extent.0, end_ns: extent.1 });
    let step = options.step_ns.filter(|step| *step > 0).unwrap_or_else(|| default_step(range));
    let mut from = range.start_ns / step * step;
    let last = if options.range.is_some() { range.end_ns } else { range.end_ns.saturating_sub(1) };
    let mut points = last.saturating_sub(from).div_ceil(step).max(1);
    if from > 0 && from == range.start_ns && starts_at(store, from) {
        // Intervals are open to the left; without this one a span on the very edge would be lost.
        from = from.saturating_sub(step);
        points += 1;
    }
    if points > MAX_POINTS {
        return Err(RunError::TooManyPoints.into());
    }
    let grid = Grid { from, step, points: points as usize };
    let quantiles = match query.flag("exact") {
        Some(true) => Quantiles::Exact,
        Some(false) => Quantiles::Estimated,
        None => options.quantiles,
    };
    let extrapolate = query.flag("extrapolate") == Some(true);
    let mut scan = Scan { store, checkpoint, explained: None };
    let mut stack: Vec<math::Operand> = Vec::new();
    for node in nodes {
        match node {
            MathNode::Number(value) => stack.push(math::Operand::Number(plain(value))),
            MathNode::Series(series) => {
                let found = first(&mut scan, series, grid, Some(range), quantiles, extrapolate)?;
                let name = series.first.text().to_owned();
                stack.push(math::Operand::Series { name, series: apply(found, &series.second) });
            }
            MathNode::Op(op) => {
                if let (Some(right), Some(left)) = (stack.pop(), stack.pop()) {
                    stack.push(math::combine(*op, left, right));
                }
            }
        }
    }
    let series = match stack.pop() {
        Some(math::Operand::Series { series, .. }) => series,
        _ => Vec::new(),
    };
    let mut series = apply(series, second);
    order::sort_by_cached_key(&mut series, |s| s.labels.to_string());
    Ok(Metrics { start_ns: from + step, step_ns: step, series })
}

fn starts_at(store: &Store, ns: u64) -> bool {
    store.spans().start.range(0..store.len()).any(|start| start == ns)
}

/// A constant as plots have it: durations in seconds.
fn plain(value: &Static) -> f64 {
    match value {
        Static::Int(n) => *n as f64,
        Static::Float(f) => *f,
        Static::Duration(n) => *n as f64 / 1e9,
        _ => f64::NAN,
    }
}

/// Tempo's step for a range: a 240th, rounded down to a round number.
pub fn default_step(range: TimeRange) -> u64 {
    const MILLI: u64 = 1_000_000;
    const SECOND: u64 = 1000 * MILLI;
    let length = range.end_ns.saturating_sub(range.start_ns);
    let wanted = length / 240;
    if length < 60 * SECOND {
        return (wanted / (50 * MILLI) * (50 * MILLI)).max(50 * MILLI);
    }
    for unit in [3600 * SECOND, 300 * SECOND, 60 * SECOND, 15 * SECOND, 5 * SECOND, SECOND] {
        if wanted > unit {
            return wanted / unit * unit;
        }
    }
    SECOND
}

fn first(
    scan: &mut Scan<'_, '_>,
    series: &MetricsPipeline,
    grid: Grid,
    range: Option<TimeRange>,
    quantiles: Quantiles,
    extrapolate: bool,
) -> Result<Vec<Series>, Error> {
    let flow = eval::run(scan, &series.pipeline, range)?;
    match &series.first {
        MetricsOp::Compare { selection, top, window } => {
            compare::run(scan, &flow.rows, grid, selection, *top as usize, *window, extrapolate)
        }
        op => over_time::run(scan, &flow.rows, grid, op, &series.by, quantiles, extrapolate),
    }
}

/// Second stages in order; series left without a point are dropped.
fn apply(mut series: Vec<Series>, stages: &[Second]) -> Vec<Series> {
    for stage in stages {
        match stage {
            Second::TopK(n) => pick(&mut series, *n as usize, true),
            Second::BottomK(n) => pick(&mut series, *n as usize, false),
            Second::Compare(op, value) => {
                let threshold = super::op::V::Float(plain(value));
                for point in series.iter_mut().flat_map(|s| &mut s.points) {
                    *point =
                        point.filter(|p| super::op::compare(*op, super::op::V::Float(*p), threshold, None));
                }
            }
        }
        series.retain(|s| s.points.iter().any(Option::is_some));
    }
    series
}

/// Keeps the `n` highest or lowest points of each interval. Of equal ones topk takes the smaller labels,
/// bottomk the larger.
fn pick(series: &mut [Series], n: usize, highest: bool) {
    order::sort_by_cached_key(series, |s| s.labels.to_string());
    let points = series.iter().map(|s| s.points.len()).max().unwrap_or(0);
    let mut order: Vec<(usize, f64)> = Vec::new();
    for at in 0..points {
        order.clear();
        let here = series.iter().enumerate();
        order.extend(here.filter_map(|(i, s)| s.points.get(at).copied().flatten().map(|p| (i, p))));
        if order.len() <= n {
            continue;
        }
        order::sort_by(&mut order, |a, b| {
            let by_value = b.1.total_cmp(&a.1).then(a.0.cmp(&b.0));
            if highest { by_value } else { by_value.reverse() }
        });
        for (i, _) in order.iter().skip(n) {
            if let Some(point) = series[*i].points.get_mut(at) {
                *point = None;
            }
        }
    }
}
