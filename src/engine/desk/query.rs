//! Which spans a request counts, and the requests about TraceQL itself.

use std::sync::Arc;

use super::{Desk, Error, Reply};
use crate::analysis::{Scope, Selection, is_sampled, weights};
use crate::engine::protocol as p;
use crate::engine::protocol::{Complete, Explain, Metrics, Ns, Parse, Range, ScopeName};
use crate::model::TimeRange;
use crate::store::RowSet;
use crate::traceql::{self, ast::Static};

/// The range of a request in the analysis rooms' words.
pub(super) fn time_range(range: Option<Range>) -> Result<Option<TimeRange>, Error> {
    if let Some(r) = range
        && r.start_ns > r.end_ns
    {
        return Err(Error::BadField {
            field: "range",
            expected: "start_ns not above end_ns",
            found: format!("{} to {}", r.start_ns.0, r.end_ns.0),
        });
    }
    Ok(range.map(|r| TimeRange { start_ns: r.start_ns.0, end_ns: r.end_ns.0 }))
}

/// The scope of a request in the analysis rooms' words.
pub(super) fn scope(name: Option<ScopeName>, default: ScopeName) -> Scope {
    match name.unwrap_or(default) {
        ScopeName::Entry => Scope::Entry,
        ScopeName::Server => Scope::Server,
        ScopeName::All => Scope::All,
    }
}

/// What a request counts, with the rows that its query matched.
pub(super) struct Counted {
    range: Option<TimeRange>,
    scope: Scope,
    rows: Option<RowSet>,
    weights: Option<Arc<[f64]>>,
}

impl Counted {
    /// The selection for the analysis rooms.
    pub(super) fn selection(&self) -> Selection<'_> {
        let (rows, weights) = (self.rows.as_ref(), self.weights.as_deref());
        Selection { range: self.range, scope: self.scope, rows, weights }
    }

    /// The same, with what each span stands for.
    pub(super) fn weighed(self, weights: Option<Arc<[f64]>>) -> Self {
        Self { weights, ..self }
    }
}

impl From<traceql::Error> for Error {
    fn from(error: traceql::Error) -> Self {
        Self::Query(match error.at() {
            Some(at) => format!("TraceQL at byte {at}: {error}"),
            None => format!("TraceQL: {error}"),
        })
    }
}

impl Desk {
    /// What a request counts.
    pub(super) fn counted(&self, range: Option<Range>, q: &str, scope: Scope) -> Result<Counted, Error> {
        let range = time_range(range)?;
        let rows = if q.trim().is_empty() {
            None
        } else {
            let found = traceql::eval::spans(self.builder.store(), &traceql::parse(q)?, range, &mut ())?;
            Some(found.rows.iter().collect())
        };
        Ok(Counted { range, scope, rows, weights: None })
    }

    /// What each span stands for, where that is asked and any span says so; found once a seal.
    pub(super) fn weights(&mut self, adjusted: bool) -> Option<Arc<[f64]>> {
        let store = self.builder.store();
        if !adjusted || !is_sampled(store) {
            return None;
        }
        let generation = store.generation();
        let fresh = match self.weights.take() {
            Some((seal, weights)) if seal == generation => weights,
            _ => weights(store).into(),
        };
        Some(self.weights.insert((generation, fresh)).1.clone())
    }

    pub(super) fn parse(&self, r: &Parse) -> Reply {
        let (query, error) = match traceql::parse(&r.q) {
            Ok(query) => (Some(query), None),
            Err(error) => (None, Some(error)),
        };
        let friendly =
            query.is_none().then(|| traceql::friendly::read(&r.q, Some(self.builder.store())).ok());
        let error = error.map(|error| {
            let (at, end) = error.place(&r.q);
            p::ParseError { at, end, message: error.to_string() }
        });
        self.reply(p::ParseAnswer {
            valid: query.is_some(),
            canonical: query.as_ref().map(ToString::to_string).unwrap_or_default(),
            metrics: query.is_some_and(|q| q.is_metrics()),
            translated: friendly.flatten().and_then(|reading| reading.translated),
            error,
        })
    }

    pub(super) fn explain(&self, r: &Explain) -> Result<Reply, Error> {
        let store = self.builder.store();
        let q = if r.q.trim().is_empty() { "{ }" } else { &r.q };
        let found =
            traceql::eval::explain(store, &traceql::parse(q)?, time_range(r.range)?, !r.brief, &mut ())?;
        let mut traces = vec![false; store.trace_count()];
        for row in found.rows.iter() {
            traces[store.spans().trace.get(row as usize) as usize] = true;
        }
        let parts = found.parts.into_iter().map(|e| p::ExplainPart { part: e.part, matched: e.spans });
        let parts = parts.collect();
        let of = match time_range(r.range)? {
            None => store.len() as u64,
            Some(range) => {
                let start = &store.spans().start;
                (0..store.len()).filter(|&row| range.contains(start.get(row))).count() as u64
            }
        };
        let matched = found.rows.count() as u64;
        let traces = traces.iter().filter(|&&met| met).count() as u64;
        Ok(self.reply(p::ExplainAnswer { matched, of, traces, parts }))
    }

    pub(super) fn complete(&mut self, r: &Complete) -> Reply {
        let store = self.builder.store();
        let counts = self.counts.get_or_insert_with(|| traceql::complete::Counts::new(store));
        let found = traceql::complete::complete_with(store, counts, &r.text, r.cursor);
        let items = found.items.into_iter().map(|item| p::CompleteItem {
            insert: item.insert,
            kind: item.kind.word().to_owned(),
            detail: item.detail,
        });
        let items = items.collect();
        self.reply(p::CompleteAnswer { from: found.from, to: found.to, items })
    }

    pub(super) fn metrics(&mut self, r: &Metrics) -> Result<Reply, Error> {
        let options = traceql::metrics::Options {
            range: time_range(r.range)?,
            step_ns: r
                .step_s
                .filter(|s| s.is_finite() && *s > 0.0)
                .map(|s| ((s * 1e9).round() as u64).max(1)),
            ..traceql::metrics::Options::default()
        };
        let found = traceql::metrics::run(self.builder.store(), &traceql::parse(&r.q)?, options, &mut ())?;
        let series = found.series.into_iter().map(|s| p::MetricsSeries {
            labels: p::to_map(s.labels.iter().map(|(name, value)| (name.to_owned(), json(value)))),
            points: s.points,
        });
        let series = series.collect();
        let step_s = found.step_ns as f64 / 1e9;
        Ok(self.reply(p::MetricsAnswer { step_s, start_ns: Some(Ns(found.start_ns)), series }))
    }
}

/// A TraceQL value at the script door: durations as nanoseconds, kinds and status codes as words, the group
/// without a value as the text that Tempo shows.
pub(super) fn json(value: &Static) -> serde_json::Value {
    match value {
        Static::Nil => "nil".into(),
        value => p::to_json(&value.to_value()),
    }
}
