//! Answers that are drawn over time: all measures at once, the heatmap, calls to databases and hosts.

use super::lists::whole;
use super::query::scope;
use super::{Buffer, Desk, Error, Reply};
use crate::analysis::{self, DEFAULT_APDEX_NS, Nested, Scope, Subject, Uninterrupted, bin_edge};
use crate::engine::protocol as p;
use crate::engine::protocol::{Ns, ScopeName};
use crate::store::{ServiceId, Store, StrId, order};

impl Desk {
    pub(super) fn red(&mut self, r: &p::Red) -> Result<Reply, Error> {
        let counted =
            self.counted(r.range, &r.q, scope(r.scope, ScopeName::Entry))?.weighed(self.weights(r.adjusted));
        let subject = self.subject(r.service.as_deref(), r.operation.as_deref())?;
        let apdex = r.apdex_ns.unwrap_or(DEFAULT_APDEX_NS);
        let (store, step) = (self.builder.store(), step(r.step_s)?);
        let series = analysis::series(store, &counted.selection(), subject, step, apdex, &Uninterrupted)?;
        let quantile = |of: fn(&analysis::Quantiles) -> f64| {
            series.points.iter().map(|red| red.quantiles.as_ref().map(of)).collect()
        };
        Ok(self.reply(p::RedAnswer {
            start_ns: (series.buckets.count > 0).then_some(Ns(series.buckets.start_ns)),
            step_ns: series.buckets.step_ns,
            calls: series.points.iter().map(|red| red.calls).collect(),
            errors: series.points.iter().map(|red| red.errors).collect(),
            p50_ns: quantile(|q| q.p50_ns),
            p90_ns: quantile(|q| q.p90_ns),
            p99_ns: quantile(|q| q.p99_ns),
            apdex: series.points.iter().map(|red| red.apdex).collect(),
        }))
    }

    pub(super) fn heatmap(&mut self, r: &p::Heatmap) -> Result<Reply, Error> {
        let counted =
            self.counted(r.range, &r.q, scope(r.scope, ScopeName::Entry))?.weighed(self.weights(r.adjusted));
        let subject = self.subject(r.service.as_deref(), r.operation.as_deref())?;
        let (store, step) = (self.builder.store(), step(r.step_s)?);
        let map = analysis::heatmap(store, &counted.selection(), subject, step, r.singly, &Uninterrupted)?;
        let edges = if map.bins == 0 { 0..0 } else { map.first_bin..map.first_bin + map.bins + 1 };
        let (singles, services, names) = singles(store, &map);
        let head = p::HeatmapAnswer {
            start_ns: (map.buckets.count > 0).then_some(Ns(map.buckets.start_ns)),
            step_ns: map.buckets.step_ns,
            buckets: map.buckets.count,
            edges_ns: edges.map(bin_edge).collect(),
            counts: map.counts,
            errors: map.errors,
            singles: map.rows.len() as u64,
            services,
            names,
        };
        Ok(self.reply_with(head, singles))
    }

    pub(super) fn calls(&mut self, r: &p::Calls) -> Result<Reply, Error> {
        let counted = self.counted(r.range, &r.q, Scope::All)?.weighed(self.weights(r.adjusted));
        let service = r.service.as_deref().map(|name| self.find_service(name)).transpose()?;
        let (store, selection) = (self.builder.store(), counted.selection());
        let nested = if r.innermost { Nested::Innermost } else { Nested::Every };
        let (apdex, go) = (DEFAULT_APDEX_NS, &Uninterrupted);
        let calls = match r.kind {
            p::CallKind::Database => analysis::database_calls(store, &selection, service, nested, apdex, go)?,
            p::CallKind::External => analysis::external_calls(store, &selection, service, apdex, go)?,
        };
        let targets = calls.series.len() as u64;
        let series = calls.series.into_iter().take(r.limit.unwrap_or(8)).map(|s| p::CallSeries {
            target: s.target,
            calls: s.calls,
            errors: s.errors,
            total_ns: s.total_ns,
        });
        Ok(self.reply(p::CallsAnswer {
            start_ns: (calls.buckets.count > 0).then_some(Ns(calls.buckets.start_ns)),
            step_ns: calls.buckets.step_ns,
            targets,
            rows: calls.rows.into_iter().map(|row| call_row(store, row)).collect(),
            series: series.collect(),
        }))
    }

    /// Whose spans a request counts.
    pub(super) fn subject(&self, service: Option<&str>, operation: Option<&str>) -> Result<Subject, Error> {
        let store = self.builder.store();
        let service = service.map(|name| self.find_service(name)).transpose()?;
        let operation = match operation {
            Some(name) => Some(store.strings().find(name).ok_or_else(|| Error::BadField {
                field: "operation",
                expected: "the name of a span in the data",
                found: name.to_owned(),
            })?),
            None => None,
        };
        Ok(Subject { service, operation })
    }
}

/// Columns of the spans that a heatmap names: nanoseconds since its start, duration, service, name, 1 for an error,
/// and six numbers of the ids, the trace's first; with the texts of services and names.
fn singles(store: &Store, map: &analysis::Heatmap) -> (Vec<Buffer>, Vec<String>, Vec<String>) {
    if map.rows.is_empty() {
        return Default::default();
    }
    let spans = store.spans();
    let column = |of: &dyn Fn(u32) -> u32| map.rows.iter().map(|&row| of(row)).collect::<Vec<u32>>();
    let times = |of: &dyn Fn(u32) -> u64| Buffer::F64(map.rows.iter().map(|&row| of(row) as f64).collect());
    let since = |row: u32| spans.start.get(row as usize).saturating_sub(map.buckets.start_ns);
    let (services, service_texts) = texts(column(&|row| store.service(row).0), &|service| {
        store.service_name(ServiceId(service)).to_owned()
    });
    let (names, name_texts) =
        texts(column(&|row| spans.name.get(row as usize)), &|name| store.text(StrId(name)).to_owned());
    let mut ids = Vec::with_capacity(map.rows.len() * 6);
    for &row in &map.rows {
        let trace = u128::from_be_bytes(store.trace_id(spans.trace.get(row as usize)).0);
        ids.extend([96, 64, 32, 0].map(|shift| (trace >> shift) as u32));
        let span = spans.id.get(row as usize);
        ids.extend([(span >> 32) as u32, span as u32]);
    }
    let failed = column(&|row| u32::from(spans.is_error(row)));
    let mut all = vec![times(&since), times(&|row| spans.duration(row))];
    all.extend([services, names, failed, ids].map(Buffer::U32));
    (all, service_texts, name_texts)
}

/// Numbers as places in the list of texts that they stand for.
fn texts(mut numbers: Vec<u32>, text: &dyn Fn(u32) -> String) -> (Vec<u32>, Vec<String>) {
    let mut distinct = numbers.clone();
    order::sort(&mut distinct);
    distinct.dedup();
    for number in &mut numbers {
        *number = distinct.partition_point(|known| known < number) as u32;
    }
    (numbers, distinct.into_iter().map(text).collect())
}

/// A step of the wire in nanoseconds.
pub(super) fn step(seconds: Option<f64>) -> Result<Option<u64>, Error> {
    match seconds {
        None => Ok(None),
        Some(s) if s > 0.0 && s.is_finite() => Ok(Some(((s * 1e9).round() as u64).max(1))),
        Some(s) => {
            let expected = "a number of seconds above 0";
            Err(Error::BadField { field: "step_s", expected, found: s.to_string() })
        }
    }
}

fn call_row(store: &Store, row: analysis::CallRow) -> p::CallRow {
    let q = row.red.quantiles;
    let callers = row.callers.iter().map(|c| p::CallerRow {
        service: store.service_name(c.service).to_owned(),
        name: store.text(c.name).to_owned(),
        calls: c.calls,
    });
    p::CallRow {
        service: store.service_name(row.service).to_owned(),
        target: row.target,
        statement: row.statement,
        calls: row.red.calls,
        errors: row.red.errors,
        error_rate: row.red.error_rate(),
        rate_per_s: row.red.rate_per_s,
        p50_ns: q.map(|q| q.p50_ns),
        p95_ns: q.map(|q| q.p95_ns),
        p99_ns: q.map(|q| q.p99_ns),
        total_ns: whole(row.red.total_ns),
        callers: callers.collect(),
        slowest: Some(p::SpanRef {
            trace_id: store.trace_id(store.spans().trace.get(row.slowest as usize)).to_string(),
            span_id: super::trace::span_id(store, row.slowest),
        }),
    }
}
