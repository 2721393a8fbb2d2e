//! The functions over time: two passes, first which series a span belongs to, then its value.

use hashbrown::HashMap;

use super::weight::Weights;
use super::{Grid, Labels, MAX_CELLS, Quantiles, Series};
use crate::store::order;
use crate::traceql::Error;
use crate::traceql::ast::{Attr, Field, MetricsOp, Node, Static};
use crate::traceql::error::RunError;
use crate::traceql::eval::{Bitmap, Classes, Program, Scan};
use crate::traceql::op::V;

/// Series numbers that are told apart by labels.
struct Keys {
    names: Vec<String>,
    /// The combination of each series: a class for each attribute.
    combinations: Vec<[u32; 5]>,
    classes: Vec<Classes>,
    of_row: Vec<u32>,
}

pub(super) fn run(
    scan: &mut Scan<'_, '_>,
    rows: &Bitmap,
    grid: Grid,
    op: &MetricsOp,
    by: &[Attr],
    quantiles: Quantiles,
    extrapolate: bool,
) -> Result<Vec<Series>, Error> {
    let keys = keys(scan, rows, by)?;
    let mut weights = Weights::new(extrapolate);
    let store = scan.store;
    let starts = &store.spans().start;
    let cells = keys.combinations.len() * grid.points;
    if cells > MAX_CELLS {
        return Err(RunError::TooManyPoints.into());
    }
    let attr = match op {
        MetricsOp::MinOverTime(a)
        | MetricsOp::MaxOverTime(a)
        | MetricsOp::AvgOverTime(a)
        | MetricsOp::SumOverTime(a)
        | MetricsOp::HistogramOverTime(a)
        | MetricsOp::QuantileOverTime(a, _) => Some(a),
        _ => None,
    };
    let cell = |row: u32| {
        let place = grid.place(starts.get(row as usize))?;
        Some(keys.of_row.get(row as usize).map_or(0, |s| *s as usize) * grid.points + place)
    };
    let Some(attr) = attr else {
        let mut counts = vec![0.0; cells];
        rows.visit(scan.checkpoint, |row| {
            if let Some(cell) = cell(row) {
                counts[cell] += weights.of(store, row);
            }
            Ok(())
        })?;
        let scale = if *op == MetricsOp::Rate { grid.step as f64 / 1e9 } else { 1.0 };
        return Ok(keys.series(&counts, grid, op.text(), |n| Some(n / scale)));
    };
    let program = Program::new(store, &Field::leaf(Node::Attr(attr.clone()), 0));
    match op {
        MetricsOp::QuantileOverTime(_, wanted) => {
            // Plain numbers share their sort with others.
            let mut keyed: Vec<(u64, u64)> = Vec::new();
            let estimated = quantiles == Quantiles::Estimated;
            rows.visit(scan.checkpoint, |row| {
                let Some(cell) = cell(row) else { return Ok(()) };
                let value = program.take(store, row, |v| if estimated { bucket(v) } else { seconds(v) })?;
                let times =
                    if estimated { weights.of(store, row).round().clamp(1.0, 1000.0) as usize } else { 1 };
                if let Some(value) = value {
                    keyed.resize(keyed.len() + times, (cell as u64, ordered(value.to_bits()) ^ SIGN));
                }
                Ok(())
            })?;
            keyed.sort_unstable();
            let values =
                keyed.into_iter().map(|(cell, key)| (cell as u32, f64::from_bits(ordered(key ^ SIGN))));
            let values: Vec<(u32, f64)> = values.collect();
            Ok(keys.quantiles(&values, wanted, grid, estimated))
        }
        MetricsOp::HistogramOverTime(_) => {
            let mut counts: HashMap<(u32, u64), Vec<f64>, foldhash::fast::FixedState> = HashMap::default();
            let mut total = 0usize;
            rows.visit(scan.checkpoint, |row| {
                let Some(cell) = cell(row) else { return Ok(()) };
                let Some(edge) = program.take(store, row, bucket)? else { return Ok(()) };
                let (series, place) = (cell / grid.points, cell % grid.points);
                let counts = counts.entry((series as u32, edge.to_bits())).or_insert_with(|| {
                    total += grid.points;
                    vec![0.0; grid.points]
                });
                counts[place] += weights.of(store, row);
                if total > MAX_CELLS { Err(RunError::TooManyPoints.into()) } else { Ok(()) }
            })?;
            let one = |((series, edge), counts): ((u32, u64), Vec<f64>)| {
                let mut labels = keys.labels(series as usize, true);
                labels.push(("__bucket".to_owned(), Static::Float(f64::from_bits(edge))));
                Series { labels: Labels::new(labels), points: counts.into_iter().map(Some).collect() }
            };
            let mut series: Vec<Series> = counts.into_iter().map(one).collect();
            order::sort_by_cached_key(&mut series, |s| s.labels.to_string());
            Ok(series)
        }
        _ => {
            let mut counts = vec![0.0f64; cells];
            let mut totals = vec![0.0f64; cells];
            rows.visit(scan.checkpoint, |row| {
                let Some(cell) = cell(row) else { return Ok(()) };
                let Some(value) = program.take(store, row, seconds)? else { return Ok(()) };
                let weight = weights.of(store, row);
                let known = counts[cell] > 0.0;
                counts[cell] += weight;
                totals[cell] = match op {
                    MetricsOp::MinOverTime(_) if known => totals[cell].min(value),
                    MetricsOp::MaxOverTime(_) if known => totals[cell].max(value),
                    MetricsOp::MinOverTime(_) | MetricsOp::MaxOverTime(_) => value,
                    _ => totals[cell] + value * weight,
                };
                Ok(())
            })?;
            if matches!(op, MetricsOp::AvgOverTime(_)) {
                totals.iter_mut().zip(&counts).for_each(|(t, n)| *t /= n);
            }
            for (total, count) in totals.iter_mut().zip(&counts) {
                if *count == 0.0 {
                    *total = f64::NAN;
                }
            }
            Ok(keys.series(&totals, grid, op.text(), |v| v.is_finite().then_some(v)))
        }
    }
}

/// A value as it is plotted; durations in seconds.
fn seconds(value: V<'_>) -> Option<f64> {
    match value {
        V::Duration(n) => Some(n as f64 / 1e9),
        V::Int(n) => Some(n as f64),
        V::Float(f) => Some(f),
        _ => None,
    }
}

/// The upper edge of the power-of-two bucket of a duration (in seconds, by its nanoseconds) or integer;
/// floats have none.
fn bucket(value: V<'_>) -> Option<f64> {
    let (n, unit) = match value {
        V::Duration(n) => (n, 1e9),
        V::Int(n) => (n, 1.0),
        _ => return None,
    };
    let n = u64::try_from(n).ok().filter(|n| *n >= 2)?;
    Some(2f64.powi(64 - (n - 1).leading_zeros() as i32) / unit)
}

/// The series of every row.
fn keys(scan: &mut Scan<'_, '_>, rows: &Bitmap, by: &[Attr]) -> Result<Keys, Error> {
    let store = scan.store;
    if by.is_empty() {
        // Without a span there is no series at all.
        let combinations = if rows.is_empty() { Vec::new() } else { vec![[0; 5]] };
        return Ok(Keys { names: Vec::new(), combinations, classes: Vec::new(), of_row: Vec::new() });
    }
    let mut classes: Vec<Classes> = Vec::new();
    let mut of_row = vec![0u32; store.len()];
    let mut combinations: Vec<[u32; 5]> = vec![[0; 5]];
    for (place, attr) in by.iter().enumerate().take(5) {
        let program = Program::new(store, &Field::leaf(Node::Attr(attr.clone()), 0));
        let mut own = Classes::default();
        let mut numbers: HashMap<(u32, u32), u32, foldhash::fast::FixedState> = HashMap::default();
        let mut next: Vec<[u32; 5]> = Vec::new();
        let mut last = None;
        own.visit(scan, &program, rows, |row, class| {
            let before = of_row[row as usize];
            of_row[row as usize] = match last {
                Some(((b, c), number)) if (b, c) == (before, class) => number,
                _ => {
                    let number = *numbers.entry((before, class)).or_insert_with(|| {
                        let mut combination = combinations[before as usize];
                        combination[place] = class;
                        next.push(combination);
                        next.len() as u32 - 1
                    });
                    last = Some(((before, class), number));
                    number
                }
            };
        })?;
        combinations = next;
        classes.push(own);
    }
    Ok(Keys { names: by.iter().map(ToString::to_string).collect(), combinations, classes, of_row })
}

impl Keys {
    /// The labels of a series; a missing value is "nil" where one attribute tells the series apart, and left
    /// out where several do (traceql.md §8).
    fn labels(&self, series: usize, several: bool) -> Vec<(String, Static)> {
        let value = |i: usize| self.classes[i].value(self.combinations[series][i]).clone();
        let pairs = self.names.iter().take(5).enumerate().map(|(i, name)| (name.clone(), value(i)));
        pairs.filter(|(_, v)| !(several || self.names.len() > 1) || *v != Static::Nil).collect()
    }

    fn series(
        &self,
        cells: &[f64],
        grid: Grid,
        name: &str,
        point: impl Fn(f64) -> Option<f64>,
    ) -> Vec<Series> {
        let one = |(i, values): (usize, &[f64])| {
            let labels =
                if self.names.is_empty() { Labels::named(name) } else { Labels::new(self.labels(i, false)) };
            Series { labels, points: values.iter().map(|v| point(*v)).collect() }
        };
        let all = cells.chunks(grid.points.max(1)).enumerate().map(one);
        all.filter(|s: &Series| s.points.iter().any(Option::is_some)).collect()
    }

    /// Quantiles of (cell, value) pairs that are sorted.
    fn quantiles(&self, values: &[(u32, f64)], wanted: &[f64], grid: Grid, estimated: bool) -> Vec<Series> {
        let mut points = vec![vec![None; self.combinations.len() * grid.points]; wanted.len()];
        for run in values.chunk_by(|a, b| a.0 == b.0) {
            for (points, p) in points.iter_mut().zip(wanted) {
                points[run[0].0 as usize] = Some(if estimated { estimate(run, *p) } else { exact(run, *p) });
            }
        }
        let mut series = Vec::new();
        for (points, p) in points.iter().zip(wanted) {
            for (i, points) in points.chunks(grid.points.max(1)).enumerate() {
                let mut labels = self.labels(i, true);
                labels.push(("p".to_owned(), Static::Float(*p)));
                let one = Series { labels: Labels::new(labels), points: points.to_vec() };
                if one.points.iter().any(Option::is_some) {
                    series.push(one);
                }
            }
        }
        series
    }
}

/// Linear interpolation between the two values around the place (n - 1)·p.
fn exact(run: &[(u32, f64)], p: f64) -> f64 {
    let place = (run.len() - 1) as f64 * p;
    let low = run[place.floor() as usize].1;
    let high = run[(place.ceil() as usize).min(run.len() - 1)].1;
    low + (high - low) * place.fract()
}

/// Tempo's estimate from bucket edges (traceql.md §8).
fn estimate(run: &[(u32, f64)], p: f64) -> f64 {
    let target = (p * run.len() as f64).ceil().max(1.0);
    let mut total = 0.0;
    let mut before: Option<f64> = None;
    for same in run.chunk_by(|a, b| a.1.to_bits() == b.1.to_bits()) {
        let (edge, count) = (same[0].1, same.len() as f64);
        if total + count > target {
            let high = edge.log2();
            let low = before.map_or(high - 1.0, f64::log2);
            return exp2_as_go(low + (high - low) * ((target - total) / count));
        }
        total += count;
        if total >= target {
            return edge;
        }
        before = Some(edge);
    }
    before.unwrap_or(0.0)
}

/// 2^x in the steps of Go's `math.Pow`, so that estimates agree with Tempo's to the last digit.
fn exp2_as_go(x: f64) -> f64 {
    let (mut whole, mut part) = (x.abs().trunc(), x.abs().fract());
    if part > 0.5 {
        part -= 1.0;
        whole += 1.0;
    }
    let root = (part * std::f64::consts::LN_2).exp();
    if x < 0.0 { root.recip() * 2f64.powi(-(whole as i32)) } else { root * 2f64.powi(whole as i32) }
}

const SIGN: u64 = 1 << 63;

/// The bits of a double as those of an integer in the same order (`f64::total_cmp`), and back.
fn ordered(bits: u64) -> u64 {
    bits ^ (((bits as i64 >> 63) as u64) >> 1)
}
