//! Answers over many spans: summary, services, operations, traces, series, map, exceptions, statistics.

use super::charts::step;
use super::query::scope;
use super::{Desk, Error, Reply};
use crate::analysis::{self, AttributeScope, DEFAULT_APDEX_NS, GroupBy, Red, TraceOrder, Uninterrupted};
use crate::engine::protocol as p;
use crate::engine::protocol::{Ns, Order, ScopeName};
use crate::store::{ServiceId, Store};

/// Steps of a table's small series.
const SPARKLINE_STEPS: u32 = 40;

impl Desk {
    pub(super) fn summary(&mut self, r: &p::Summary) -> Result<Reply, Error> {
        let counted = self.counted(r.range, &r.q, analysis::Scope::All)?;
        let store = self.builder.store();
        let s = analysis::summary(store, &counted.selection(), &Uninterrupted)?;
        Ok(self.reply(p::SummaryAnswer {
            spans: s.spans,
            traces: s.traces,
            services: s.services,
            operations: s.operations,
            errors: s.errors,
            events: s.events,
            links: s.links,
            orphans: s.orphans,
            logs: store.log_count() as u64,
            start_ns: s.start_ns.map(Ns),
            end_ns: s.end_ns.map(Ns),
            engine_bytes: self.memory_bytes,
            file_bytes: self.file_bytes,
            sampled: analysis::is_sampled(store),
        }))
    }

    pub(super) fn services(&mut self, r: &p::Services) -> Result<Reply, Error> {
        let counted =
            self.counted(r.range, &r.q, scope(r.scope, ScopeName::Entry))?.weighed(self.weights(r.adjusted));
        let apdex = r.apdex_ns.unwrap_or(DEFAULT_APDEX_NS);
        let store = self.builder.store();
        let selection = counted.selection();
        let mut rows: Vec<p::ServiceRow> = analysis::services(store, &selection, apdex, &Uninterrupted)?
            .into_iter()
            .map(|row| {
                let red = row.red;
                let q = red.quantiles;
                p::ServiceRow {
                    service: store.service_name(row.service).to_owned(),
                    spans: row.spans,
                    calls: red.calls,
                    errors: red.errors,
                    error_rate: red.error_rate(),
                    rate_per_s: red.rate_per_s,
                    p50_ns: q.map(|q| q.p50_ns),
                    p90_ns: q.map(|q| q.p90_ns),
                    p95_ns: q.map(|q| q.p95_ns),
                    p99_ns: q.map(|q| q.p99_ns),
                    apdex: red.apdex,
                    ..p::ServiceRow::default()
                }
            })
            .collect();
        if r.sparklines {
            let (_, lines) = analysis::sparklines(store, &selection, SPARKLINE_STEPS, apdex, &Uninterrupted)?;
            // Both lists hold every service, by name.
            for (row, line) in rows.iter_mut().zip(lines) {
                row.sparkline_p99 = line.points.iter().map(|p| p.quantiles.map(|q| q.p99_ns)).collect();
                row.sparkline_calls = line.points.iter().map(|p| p.calls).collect();
            }
        }
        Ok(self.reply(p::ServicesAnswer { rows }))
    }

    pub(super) fn operations(&mut self, r: &p::Operations) -> Result<Reply, Error> {
        let counted =
            self.counted(r.range, &r.q, scope(r.scope, ScopeName::All))?.weighed(self.weights(r.adjusted));
        let service = self.find_service(&r.service)?;
        self.self_times()?;
        let store = self.builder.store();
        let Some((_, times)) = &self.self_times else { return Ok(Reply::default()) };
        let apdex = r.apdex_ns.unwrap_or(DEFAULT_APDEX_NS);
        let rows =
            analysis::operations(store, &counted.selection(), Some(service), times, apdex, &Uninterrupted)?
                .into_iter()
                .map(|row| {
                    let q = row.red.quantiles;
                    p::OperationRow {
                        service: store.service_name(row.service).to_owned(),
                        name: store.text(row.name).to_owned(),
                        kinds: row.kinds.iter().map(|k| k.word().to_owned()).collect(),
                        calls: row.red.calls,
                        errors: row.red.errors,
                        error_rate: row.red.error_rate(),
                        rate_per_s: row.red.rate_per_s,
                        p50_ns: q.map(|q| q.p50_ns),
                        p90_ns: q.map(|q| q.p90_ns),
                        p95_ns: q.map(|q| q.p95_ns),
                        p99_ns: q.map(|q| q.p99_ns),
                        apdex: row.red.apdex,
                        total_ns: whole(row.red.total_ns),
                        self_ns: whole(row.self_ns),
                    }
                })
                .collect();
        Ok(self.reply(p::OperationsAnswer { rows }))
    }

    pub(super) fn traces(&mut self, r: &p::Traces) -> Result<Reply, Error> {
        let answer = self.traces_page(r)?;
        Ok(self.reply(answer))
    }

    /// A page of the traces.
    pub(super) fn traces_page(&self, r: &p::Traces) -> Result<p::TracesAnswer, Error> {
        let counted = self.counted(r.range, &r.q, analysis::Scope::All)?;
        let order = match r.order {
            Order::Longest => TraceOrder::Longest,
            Order::Shortest => TraceOrder::Shortest,
            Order::Latest => TraceOrder::Latest,
            Order::Earliest => TraceOrder::Earliest,
            Order::MostSpans => TraceOrder::MostSpans,
            Order::MostErrors => TraceOrder::MostErrors,
        };
        let store = self.builder.store();
        let limit = r.limit.unwrap_or(100);
        let page = analysis::traces(store, &counted.selection(), order, r.offset, limit, &Uninterrupted)?;
        let rows = page
            .rows
            .into_iter()
            .map(|row| p::TraceRow {
                trace_id: store.trace_id(row.trace).to_string(),
                root_service: row.root.map(|root| store.service_name(store.service(root)).to_owned()),
                root_name: row.root.map(|root| store.name(root).to_owned()),
                start_ns: (row.start_ns > 0).then_some(Ns(row.start_ns)),
                duration_ns: row.duration_ns,
                spans: u64::from(row.spans),
                matched: u64::from(row.matched),
                errors: u64::from(row.errors),
                services: u64::from(row.services),
            })
            .collect();
        Ok(p::TracesAnswer { total: page.total, rows })
    }

    pub(super) fn series(&mut self, r: &p::Series) -> Result<Reply, Error> {
        let counted =
            self.counted(r.range, &r.q, scope(r.scope, ScopeName::Entry))?.weighed(self.weights(r.adjusted));
        let store = self.builder.store();
        let subject = self.subject(r.service.as_deref(), r.operation.as_deref())?;
        let step_ns = step(r.step_s)?;
        let apdex = r.apdex_ns.unwrap_or(DEFAULT_APDEX_NS);
        let series = analysis::series(store, &counted.selection(), subject, step_ns, apdex, &Uninterrupted)?;
        let seconds = series.buckets.seconds();
        let point = |(i, red): (usize, &Red)| {
            let t_ns = Ns(series.buckets.edge(i as u32));
            let value = match r.measure {
                p::Measure::Latency => {
                    let q = red.quantiles;
                    return p::SeriesPoint::Latency {
                        t_ns,
                        p50_ns: q.map(|q| q.p50_ns),
                        p90_ns: q.map(|q| q.p90_ns),
                        p99_ns: q.map(|q| q.p99_ns),
                        count: red.calls,
                    };
                }
                p::Measure::Rate => Some(red.calls as f64 / seconds),
                p::Measure::Errors => red.error_rate(),
                p::Measure::Apdex => red.apdex,
            };
            p::SeriesPoint::Value { t_ns, value }
        };
        let points: Vec<_> = series.points.iter().enumerate().map(point).collect();
        let start_ns = (!points.is_empty()).then_some(Ns(series.buckets.start_ns));
        Ok(self.reply(p::SeriesAnswer { step_s: seconds, start_ns, points }))
    }

    pub(super) fn statistics(&mut self, r: &p::Statistics) -> Result<Reply, Error> {
        let counted = self.counted(r.range, &r.q, analysis::Scope::All)?;
        let trace = if r.trace_id.is_empty() { None } else { Some(self.find_trace(&r.trace_id)?) };
        let by = group_by(self.builder.store(), &r.by)?;
        let then = if r.then.is_empty() { None } else { Some(group_by(self.builder.store(), &r.then)?) };
        match trace {
            Some(trace) => self.walk_path(trace, r.sync_only)?,
            None => self.self_times().map(|_| ())?,
        }
        let store = self.builder.store();
        // One trace needs no self times but its own, and those are at hand.
        let shown = self.shown.as_ref().zip(trace);
        let own = shown.map(|(s, trace)| analysis::SelfTimes::of_trace(store, store.trace(trace), &s.own));
        let Some(times) = own.as_ref().or(self.self_times.as_ref().map(|t| &t.1)) else {
            return Ok(Reply::default());
        };
        let path = shown.and_then(|(s, _)| s.path.as_ref());
        let rows = analysis::statistics_by(
            store,
            &counted.selection(),
            trace,
            (by, then),
            path.map_or(&[][..], |p| &p.sections),
            times,
            DEFAULT_APDEX_NS,
            &Uninterrupted,
        )?
        .into_iter()
        .map(|row| {
            let q = row.red.quantiles.unwrap_or_default();
            p::StatisticsRow {
                group: row.group.text(store),
                then: row.then.map_or_else(String::new, |t| t.text(store)),
                critical_ns: row.critical_ns,
                count: row.red.calls,
                errors: row.red.errors,
                total_ns: whole(row.red.total_ns),
                self_ns: whole(row.self_ns),
                avg_ns: row.red.mean_ns().unwrap_or_default(),
                min_ns: row.red.min_ns.unwrap_or_default(),
                max_ns: row.red.max_ns.unwrap_or_default(),
                p50_ns: q.p50_ns,
                p95_ns: q.p95_ns,
            }
        })
        .collect();
        Ok(self.reply(p::StatisticsAnswer { rows }))
    }

    pub(super) fn find_service(&self, name: &str) -> Result<ServiceId, Error> {
        let store = self.builder.store();
        (0..store.service_count() as u32)
            .map(ServiceId)
            .find(|&s| store.service_name(s) == name)
            .ok_or_else(|| Error::NoService(name.to_owned()))
    }
}

/// A sum of nanoseconds on the wire; 584 years of work is where it ends.
pub(super) fn whole(ns: u128) -> u64 {
    u64::try_from(ns).unwrap_or(u64::MAX)
}

/// `service`, `operation`, an intrinsic, or an attribute in TraceQL spelling.
pub(super) fn group_by(store: &Store, by: &str) -> Result<GroupBy, Error> {
    let attribute = |scope, key: &str| {
        let key = key.strip_prefix('"').and_then(|k| k.strip_suffix('"')).unwrap_or(key);
        GroupBy::Attribute(scope, store.attributes().find_key(key))
    };
    Ok(match by {
        "service" | "resource.service.name" => GroupBy::Service,
        "operation" => GroupBy::Operation,
        "name" | "span:name" => GroupBy::Name,
        "kind" | "span:kind" => GroupBy::Kind,
        "status" | "span:status" => GroupBy::Status,
        _ => match (by.strip_prefix("span."), by.strip_prefix("resource."), by.strip_prefix('.')) {
            (Some(key), ..) if !key.is_empty() => attribute(AttributeScope::Span, key),
            (_, Some(key), _) if !key.is_empty() => attribute(AttributeScope::Resource, key),
            (.., Some(key)) if !key.is_empty() => attribute(AttributeScope::Either, key),
            _ => {
                let expected =
                    "service, operation, name, kind, status, or an attribute such as span.http.route";
                return Err(Error::BadField { field: "by", expected, found: by.to_owned() });
            }
        },
    })
}
