//! Everything of one span.

use super::ranks::bins;
use super::trace::{marks, span_id};
use super::{Desk, Error, Reply};
use crate::engine::protocol as p;
use crate::engine::protocol::{AttributeMap, Ns, to_json, to_map};
use crate::model::{IdText, SpanId, TraceId};
use crate::store::order;
use crate::store::{AttrId, Store, Trace};

/// Operations in the summary of a span's children.
const CHILD_GROUPS: usize = 20;

impl Desk {
    pub(super) fn span(&mut self, r: &p::Span) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        self.shown(number);
        let store = self.builder.store();
        let trace = store.trace(number);
        let missing = || Error::NoSpan { trace: r.trace_id.clone(), span: r.span_id.clone() };
        let place = match r.place {
            Some(place) if (place as usize) < trace.len() => place as usize,
            _ => {
                let wanted = SpanId::parse(&r.span_id).ok_or_else(missing)?;
                let rows = trace.rows().iter().enumerate();
                let with_id = rows.filter(|&(_, &row)| store.spans().id.get(row as usize) == wanted.0);
                with_id.min_by_key(|&(_, &row)| row).map(|(place, _)| place).ok_or_else(missing)?
            }
        };
        let row = trace.rows()[place];
        let at = row as usize;
        let spans = store.spans();
        let depth = trace.depths()[place];
        let extra = spans.extra(row);
        if let Some(shown) = &mut self.shown {
            shown.ranks.learn(store, std::iter::once(row));
        }
        let ranks = self.shown.as_ref().map(|s| &s.ranks);
        let of_operation = ranks.map_or(&[][..], |r| r.of(store, row));
        let resource = store.resource(row);
        let scope = store.scope(row);
        let own = self.shown.as_ref().and_then(|s| s.own.get(place)).copied().unwrap_or_default();
        Ok(self.reply(p::SpanAnswer {
            trace_id: trace.id().to_string(),
            span_id: span_id(store, row),
            parent_span_id: SpanId(spans.parent_id.get(at)).text(),
            service: store.service_name(store.service(row)).to_owned(),
            name: store.name(row).to_owned(),
            kind: spans.kind(row).word().to_owned(),
            status: spans.status(row).word().to_owned(),
            status_message: store.text(extra.status_message).to_owned(),
            start_ns: Ns(spans.start.get(at)),
            end_ns: Ns(spans.end.get(at)),
            duration_ns: spans.duration(row),
            self_ns: own,
            offset_ns: spans.start.get(at).saturating_sub(trace.facts().start_ns),
            depth: (depth > 0).then_some(depth),
            children: trace.children(place).count() as u64,
            child_groups: child_groups(store, trace, place),
            place: place as u32,
            attributes: map(store, spans.attributes(row)),
            resource: resource.map_or_else(AttributeMap::new, |r| map(store, r.attributes.iter().copied())),
            scope: scope.map_or_else(p::ScopeAnswer::default, |s| p::ScopeAnswer {
                name: store.text(s.name).to_owned(),
                version: store.text(s.version).to_owned(),
                attributes: map(store, s.attributes.iter().copied()),
            }),
            events: events(store, row),
            links: links(store, row),
            linked_from: linked_from(store, trace.id(), SpanId(spans.id.get(at))),
            logs: logs(store, trace.id(), SpanId(spans.id.get(at))),
            trace_state: store.text(extra.trace_state).to_owned(),
            flags: extra.flags,
            dropped: p::Dropped {
                attributes: extra.dropped_attributes,
                events: extra.dropped_events,
                links: extra.dropped_links,
            },
            percentile: ranks.and_then(|r| r.percentile(store, row)),
            operation_count: of_operation.len() as u64,
            operation_bins: bins(of_operation.iter().copied()),
            marks: marks(store, row).into_iter().map(str::to_owned).collect(),
        }))
    }
}

/// Attributes in the script door's spelling.
pub(super) fn map(store: &Store, ids: impl Iterator<Item = AttrId>) -> AttributeMap {
    let attributes = store.attributes();
    to_map(ids.map(|id| {
        let key = attributes.key_text(attributes.key(id)).to_owned();
        (key, to_json(&attributes.value(id).to_value()))
    }))
}

/// The direct children of a place by operation, those that take longest first.
fn child_groups(store: &Store, trace: Trace<'_>, place: usize) -> Vec<p::ChildGroup> {
    let spans = store.spans();
    let operation = |row: u32| (store.service(row).0, spans.name.get(row as usize));
    let mut rows: Vec<u32> = trace.children(place).map(|child| trace.rows()[child]).collect();
    order::sort_by_key(&mut rows, |&row| operation(row));
    let mut groups: Vec<p::ChildGroup> = rows
        .chunk_by(|&a, &b| operation(a) == operation(b))
        .map(|run| p::ChildGroup {
            service: store.service_name(store.service(run[0])).to_owned(),
            name: store.name(run[0]).to_owned(),
            count: run.len() as u64,
            total_ns: run.iter().map(|&row| spans.duration(row) as f64).sum(),
        })
        .collect();
    order::sort_by(&mut groups, |a, b| b.total_ns.total_cmp(&a.total_ns));
    groups.truncate(CHILD_GROUPS);
    groups
}

fn events(store: &Store, row: u32) -> Vec<p::EventRow> {
    let events = &store.spans().events;
    let rows = store.spans().events_of(row);
    rows.map(|e| p::EventRow {
        name: store.text(events.name(e)).to_owned(),
        time_ns: Ns(events.time.get(e)),
        attributes: map(store, events.attributes(e)),
    })
    .collect()
}

fn links(store: &Store, row: u32) -> Vec<p::LinkRow> {
    let links = &store.spans().links;
    let rows = store.spans().links_of(row);
    rows.map(|l| {
        let (trace_id, span) = (links.trace_id.get(l), SpanId(links.span_id.get(l)));
        link_row(store, trace_id, span, find(store, trace_id, span), map(store, links.attributes(l)))
    })
    .collect()
}

fn linked_from(store: &Store, trace_id: TraceId, span: SpanId) -> Vec<p::LinkRow> {
    let links = &store.spans().links;
    let pointing = (0..links.span.len())
        .filter(|&l| links.span_id.get(l) == span.0 && links.trace_id.get(l) == trace_id)
        .filter(|&l| (links.span.get(l) as usize) < store.len());
    pointing
        .map(|l| {
            let row = links.span.get(l);
            let of = store.trace_id(store.spans().trace.get(row as usize));
            let id = SpanId(store.spans().id.get(row as usize));
            link_row(store, of, id, Some(row), map(store, links.attributes(l)))
        })
        .collect()
}

fn link_row(
    store: &Store,
    trace_id: TraceId,
    span: SpanId,
    row: Option<u32>,
    attributes: AttributeMap,
) -> p::LinkRow {
    p::LinkRow {
        trace_id: trace_id.to_string(),
        span_id: span.to_string(),
        attributes,
        present: row.is_some(),
        service: row.map(|row| store.service_name(store.service(row)).to_owned()),
        name: row.map(|row| store.name(row).to_owned()),
    }
}

fn find(store: &Store, trace_id: TraceId, span: SpanId) -> Option<u32> {
    let trace = store.trace(store.find_trace(trace_id)?);
    let rows = trace.rows().iter().copied();
    rows.filter(|&row| store.spans().id.get(row as usize) == span.0).min()
}

fn logs(store: &Store, trace_id: TraceId, span: SpanId) -> Vec<p::LogAnswer> {
    let attributes = store.attributes();
    let mut out: Vec<p::LogAnswer> = (0..store.log_count())
        .map(|l| (l, store.logs().get(l)))
        .filter(|(_, log)| log.span_id == span && log.trace_id == trace_id)
        .map(|(l, log)| p::LogAnswer {
            time_ns: Ns(log.time_ns),
            severity: severity(log.severity, store.text(log.severity_text)),
            body: log.body.map_or_else(String::new, |id| attributes.value(id).display()),
            attributes: map(store, store.logs().attributes(l)),
        })
        .collect();
    order::sort_by_key(&mut out, |log| log.time_ns);
    out
}

/// The sender's word, else the name of the OTLP number (logs data model, severity number).
fn severity(number: u8, text: &str) -> String {
    let word = match number {
        _ if !text.is_empty() => text,
        1..=4 => "TRACE",
        5..=8 => "DEBUG",
        9..=12 => "INFO",
        13..=16 => "WARN",
        17..=20 => "ERROR",
        21..=24 => "FATAL",
        _ => "",
    };
    word.to_owned()
}
