//! Exceptions, errors without one, and the single times of a group.

use super::query::Counted;
use super::span::map;
use super::trace::span_id;
use super::{Desk, Error, Reply};
use crate::analysis::{
    self, Alike, Buckets, ExceptionRow, Occurrence, Scope, Selection, Source, Uninterrupted,
};
use crate::engine::protocol as p;
use crate::engine::protocol::{AlikeName, AttributeMap, Ns};
use crate::model::conventions::{EXCEPTION_MESSAGE, EXCEPTION_STACKTRACE, EXCEPTION_TYPE};
use crate::store::Store;

/// Steps of a table's small series.
const SPARKLINE_STEPS: u32 = 40;

impl Desk {
    pub(super) fn exceptions(&mut self, r: &p::Exceptions) -> Result<Reply, Error> {
        let counted = self.counted(r.range, &r.q, Scope::All)?;
        self.groups(&counted, false, r.by, r.sparklines)
    }

    pub(super) fn plain_errors(&mut self, r: &p::PlainErrors) -> Result<Reply, Error> {
        let counted = self.counted(r.range, &r.q, Scope::All)?;
        self.groups(&counted, true, r.by, r.sparklines)
    }

    fn groups(
        &mut self,
        counted: &Counted,
        plain: bool,
        by: AlikeName,
        sparklines: bool,
    ) -> Result<Reply, Error> {
        let store = self.builder.store();
        let selection = counted.selection();
        let buckets = Buckets::exactly(store, &selection, SPARKLINE_STEPS);
        let name = |service| store.service_name(service).to_owned();
        let rows = found(store, &selection, plain, by)?;
        let rows = rows.into_iter().map(|row| {
            let (first, last) = row.extent();
            let mut sparkline = vec![0; if sparklines { buckets.count as usize } else { 0 }];
            for occurrence in &row.occurrences {
                let bucket = buckets.at(occurrence.time_ns).and_then(|b| sparkline.get_mut(b as usize));
                *bucket.unwrap_or(&mut 0) += 1;
            }
            p::ExceptionRow {
                id: id(&row),
                source: row.source().to_owned(),
                count: row.occurrences.len() as u64,
                first_ns: Ns(first),
                last_ns: Ns(last),
                example: row.example().and_then(|o| span_ref(store, o)),
                service: name(row.service),
                services: row.services.iter().map(|&service| name(service)).collect(),
                q: query(store, &row, by),
                r#type: row.kind,
                message: row.message,
                frame: row.frame,
                sparkline,
            }
        });
        let rows = rows.collect();
        Ok(self.reply(p::ExceptionsAnswer { rows }))
    }

    pub(super) fn occurrences(&mut self, r: &p::Occurrences) -> Result<Reply, Error> {
        let counted = self.counted(r.range, &r.q, Scope::All)?;
        let store = self.builder.store();
        let groups = found(store, &counted.selection(), r.plain, r.by)?;
        let all = groups.into_iter().find(|row| id(row) == r.group).map(|row| row.occurrences);
        let all = all.unwrap_or_default();
        let wanted = all.iter().rev().skip(r.offset).take(r.limit.unwrap_or(100));
        let rows = wanted.map(|&occurrence| told(store, occurrence)).collect();
        Ok(self.reply(p::OccurrencesAnswer { total: all.len() as u64, rows }))
    }
}

fn found(
    store: &Store,
    selection: &Selection<'_>,
    plain: bool,
    by: AlikeName,
) -> Result<Vec<ExceptionRow>, Error> {
    let alike = match by {
        AlikeName::Message => Alike::Message,
        AlikeName::Type => Alike::Type,
        AlikeName::Frame => Alike::TopFrame,
    };
    let find = if plain { analysis::plain_errors } else { analysis::exceptions };
    Ok(find(store, selection, alike, &Uninterrupted)?)
}

/// A group's id on the wire.
fn id(row: &ExceptionRow) -> String {
    format!("{:016x}", row.id)
}

fn span_ref(store: &Store, occurrence: Occurrence) -> Option<p::SpanRef> {
    let row = occurrence.row?;
    let trace_id = store.trace_id(store.spans().trace.get(row as usize)).to_string();
    Some(p::SpanRef { trace_id, span_id: span_id(store, row) })
}

/// TraceQL for the spans of a group. It compares types and services; messages are alike in more ways than it
/// can say, except where all have the very same one.
fn query(store: &Store, row: &ExceptionRow, by: AlikeName) -> String {
    let plain = match row.occurrences.first().map(|o| o.source) {
        Some(Source::Event(_)) => false,
        Some(Source::Status(_)) => true,
        _ => return String::new(),
    };
    let mut parts = Vec::new();
    if by == AlikeName::Message {
        parts.push(analysis::service_condition(store.service_name(row.service)));
    }
    let kind = crate::traceql::quoted(&row.kind);
    match (plain, row.kind.is_empty()) {
        (true, true) => parts.extend(["status = error".to_owned(), "span.error.type = nil".to_owned()]),
        (true, false) => parts.extend(["status = error".to_owned(), format!("span.error.type = {kind}")]),
        (false, true) => parts.push("event:name = \"exception\"".to_owned()),
        (false, false) => parts.push(format!("event.exception.type = {kind}")),
    }
    format!("{{ {} }}", parts.join(" && "))
}

/// An occurrence with what was recorded of it.
fn told(store: &Store, occurrence: Occurrence) -> p::OccurrenceRow {
    let spans = store.spans();
    let mut attributes = match occurrence.source {
        Source::Event(event) => map(store, spans.events.attributes(event as usize)),
        Source::Log(log) => map(store, store.logs().attributes(log as usize)),
        Source::Status(row) => map(store, spans.attributes(row)),
    };
    let (kind, message) = match occurrence.source {
        Source::Status(row) => {
            let status = store.text(spans.extra(row).status_message);
            (take(&mut attributes, "error.type"), status.to_owned())
        }
        _ => (take(&mut attributes, EXCEPTION_TYPE), take(&mut attributes, EXCEPTION_MESSAGE)),
    };
    let stacktrace = take(&mut attributes, EXCEPTION_STACKTRACE);
    p::OccurrenceRow {
        time_ns: Ns(occurrence.time_ns),
        r#type: kind,
        message,
        library_lines: analysis::library_lines(&stacktrace),
        stacktrace,
        service: store.service_name(occurrence.service).to_owned(),
        span: span_ref(store, occurrence),
        span_name: occurrence.row.map_or_else(String::new, |row| store.name(row).to_owned()),
        attributes,
    }
}

/// Takes an attribute out as text.
fn take(attributes: &mut AttributeMap, key: &str) -> String {
    match attributes.remove(key) {
        None => String::new(),
        Some(serde_json::Value::String(text)) => text,
        Some(other) => other.to_string(),
    }
}
