//! Exceptions: what went wrong, grouped (script-api.md `exceptions`, semantics.md §9 as settled in §11.1).
//!
//! Sources are span events named exactly `exception`, and log records with an `exception.` attribute; a
//! record whose span has an event of equal type and message is the same exception told twice and is left
//! out. Range and query choose spans, whatever the scope; a record that belongs to no span of the data is
//! chosen by its own time, and only where no query asks for spans.

mod message;
mod stack;
mod table;

pub use message::normalize_message;
pub use stack::{library_lines, top_frame};

use foldhash::fast::FixedState;
use hashbrown::HashSet;

use super::lookup::Lookup;
use super::selection::{Checkpoint, Error, Scope, Selection};
use crate::model::conventions::EXCEPTION_EVENT;
use crate::store::{CHUNK, RowSet, ServiceId, Store};
use table::Table;

/// What makes two exceptions the same, beside the source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Alike {
    /// Equal service, type and normalized message.
    #[default]
    Message,
    /// Equal type, in whatever service.
    Type,
    /// Equal type and equal top frame of the stack, in whatever service.
    TopFrame,
}

/// Where an exception was recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// A span event: its row.
    Event(u32),
    /// A log record: its row.
    Log(u32),
    /// Nothing but the status of a span: its row.
    Status(u32),
}

impl Source {
    /// The lower-case word of the script door.
    pub fn word(self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Log(_) => "log",
            Self::Status(_) => "status",
        }
    }
}

/// One time that an exception happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Occurrence {
    /// When, nanoseconds since the epoch.
    pub time_ns: u64,
    /// Its span's row; none for a log record whose span is not in the data.
    pub row: Option<u32>,
    /// Where it was recorded.
    pub source: Source,
    /// Whose it is.
    pub service: ServiceId,
}

/// Exceptions that are the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ExceptionRow {
    /// Class of the exception; empty where nobody said.
    pub kind: String,
    /// The commonest message of the group, as it was recorded; among equals the first in the alphabet.
    pub message: String,
    /// The top frame that the group shares, where it was asked for.
    pub frame: String,
    /// The service that has most of it.
    pub service: ServiceId,
    /// All its services, those with most of it first.
    pub services: Vec<ServiceId>,
    /// Names the group: the same as long as service, type and what the group has in common are.
    pub id: u64,
    /// Every time it happened, by time; never empty.
    pub occurrences: Vec<Occurrence>,
}

impl ExceptionRow {
    /// The first occurrence whose span is in the data.
    pub fn example(&self) -> Option<Occurrence> {
        self.occurrences.iter().copied().find(|o| o.row.is_some())
    }

    /// First and last time, nanoseconds since the epoch.
    pub fn extent(&self) -> (u64, u64) {
        let time = |o: Option<&Occurrence>| o.map_or(0, |o| o.time_ns);
        (time(self.occurrences.first()), time(self.occurrences.last()))
    }

    /// The lower-case word of the script door for the source of all.
    pub fn source(&self) -> &'static str {
        self.occurrences.first().map_or("event", |o| o.source.word())
    }
}

/// Groups the exceptions of the selected spans; most frequent first, then by service, type and message.
pub fn exceptions(
    store: &Store,
    selection: &Selection<'_>,
    alike: Alike,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<ExceptionRow>, Error> {
    let selection = selection.scoped(Scope::All);
    let mut table = Table::new(store, alike);
    let mut told: HashSet<(u32, u32, u32), FixedState> = HashSet::with_hasher(FixedState::default());
    let events = &store.spans().events;
    // Records repeat events only where there are records.
    let has_logs = store.log_count() > 0;
    if let Some(name) = store.strings().find(EXCEPTION_EVENT) {
        for event in 0..events.span.len() {
            if event.is_multiple_of(CHUNK) {
                checkpoint.pass()?;
            }
            let row = events.span.get(event);
            if row as usize >= store.len() {
                break;
            }
            if events.name(event) != name {
                continue;
            }
            let told_as = table.read(events.attributes(event));
            if has_logs {
                told.insert((row, told_as.kind, told_as.message));
            }
            if selection.contains(store, row) {
                let source = Source::Event(event as u32);
                let (time_ns, service) = (events.time.get(event), store.service(row));
                table.push(told_as, Occurrence { time_ns, row: Some(row), source, service });
            }
        }
    }
    let mut lookup = Lookup::new(store);
    for log in 0..store.log_count() {
        if log.is_multiple_of(CHUNK) {
            checkpoint.pass()?;
        }
        if !table.is_exception(log) {
            continue;
        }
        let record = store.logs().get(log);
        let row = lookup.find(record.trace_id, record.span_id.0);
        let selected = match row {
            Some(row) => selection.contains(store, row),
            None => selection.rows.is_none() && selection.range.is_none_or(|r| r.contains(record.time_ns)),
        };
        let told_as = table.read(store.logs().attributes(log));
        let repeats = row.is_some_and(|row| told.contains(&(row, told_as.kind, told_as.message)));
        if selected && !repeats {
            let source = Source::Log(log as u32);
            let service = store.log_service(log);
            table.push(told_as, Occurrence { time_ns: record.time_ns, row, source, service });
        }
    }
    Ok(table.finish())
}

/// Groups the selected error spans that no exception was recorded for, by `error.type` and status message;
/// most frequent first. They are no exceptions and are listed apart from them.
pub fn plain_errors(
    store: &Store,
    selection: &Selection<'_>,
    alike: Alike,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<ExceptionRow>, Error> {
    let spans = store.spans();
    let mut explained = RowSet::new(store.len());
    let mut table = Table::new(store, alike);
    if let Some(name) = store.strings().find(EXCEPTION_EVENT) {
        let owners = spans.events.span.iter().enumerate();
        for (event, row) in owners.take_while(|&(_, row)| (row as usize) < store.len()) {
            if spans.events.name(event) == name {
                explained.insert(row);
            }
        }
    }
    let mut lookup = Lookup::new(store);
    for log in (0..store.log_count()).filter(|&log| table.is_exception(log)) {
        let record = store.logs().get(log);
        if let Some(row) = lookup.find(record.trace_id, record.span_id.0) {
            explained.insert(row);
        }
    }
    selection.scoped(Scope::All).each(store, checkpoint, |row| {
        if spans.is_error(row) && !explained.contains(row) {
            let told = table.read_status(row);
            let time_ns = spans.start.get(row as usize);
            let (source, service) = (Source::Status(row), store.service(row));
            table.push(told, Occurrence { time_ns, row: Some(row), source, service });
        }
    })?;
    Ok(table.finish())
}

#[cfg(test)]
mod tests;
