//! Exceptions: what went wrong, grouped (script-api.md `exceptions`, semantics.md §9 as settled in §11.1).
//!
//! Sources are span events named exactly `exception`, and log records with an `exception.` attribute; a
//! record whose span has an event of equal type and message is the same exception told twice and is left
//! out. Range and query choose spans, whatever the scope; a record that belongs to no span of the data is
//! chosen by its own time, and only where no query asks for spans.

mod message;
mod stack;

pub use message::normalize_message;
pub use stack::top_frame;

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::grouping::Grouping;
use super::lookup::Lookup;
use super::selection::{Checkpoint, Error, Scope, Selection};
use crate::model::conventions::{EXCEPTION_EVENT, EXCEPTION_MESSAGE, EXCEPTION_STACKTRACE, EXCEPTION_TYPE};
use crate::store::{AttrId, KeyId, ServiceId, Store};

/// What makes two exceptions the same, beside service and source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Alike {
    /// Equal type and equal normalized message.
    #[default]
    Message,
    /// Equal type.
    Type,
    /// Equal type and equal top frame of the stack.
    TopFrame,
}

/// Where an exception was recorded.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// A span event: its row.
    Event(u32),
    /// A log record: its row.
    Log(u32),
}

impl Source {
    /// The lower-case word of the script door.
    pub fn word(self) -> &'static str {
        match self {
            Self::Event(_) => "event",
            Self::Log(_) => "log",
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
    /// The service.
    pub service: ServiceId,
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
            if event.is_multiple_of(crate::store::CHUNK) {
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
                let time_ns = events.time.get(event);
                table.push(store.service(row), told_as, Occurrence { time_ns, row: Some(row), source });
            }
        }
    }
    let mut lookup = Lookup::new(store);
    for log in 0..store.log_count() {
        if log.is_multiple_of(crate::store::CHUNK) {
            checkpoint.pass()?;
        }
        if !table.keys.is_exception(store, log) {
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
            table.push(service, told_as, Occurrence { time_ns: record.time_ns, row, source });
        }
    }
    Ok(table.finish())
}

/// The attribute keys of exceptions, as far as the store has them.
struct Keys {
    kind: Option<KeyId>,
    message: Option<KeyId>,
    stack: Option<KeyId>,
}

impl Keys {
    fn is_exception(&self, store: &Store, log: usize) -> bool {
        let any = [self.kind, self.message, self.stack];
        any != [None; 3]
            && store.logs().attributes(log).any(|id| any.contains(&Some(store.attributes().key(id))))
    }
}

/// An exception's texts, as numbers of the table's texts.
#[derive(Clone, Copy)]
struct Told {
    kind: u32,
    message: u32,
    /// What it shares with those like it.
    alike: u32,
}

/// Exceptions being grouped.
struct Table<'a> {
    store: &'a Store,
    alike: Alike,
    keys: Keys,
    texts: Vec<String>,
    numbers: HashMap<String, u32, FixedState>,
    /// Texts of attributes: as it stands, and as it is compared.
    by_attr: HashMap<AttrId, (u32, u32), FixedState>,
    groups: Grouping<(bool, ServiceId, u32, u32)>,
    /// By group: occurrences with their messages.
    members: Vec<Vec<(Occurrence, u32)>>,
}

impl<'a> Table<'a> {
    fn new(store: &'a Store, alike: Alike) -> Self {
        let key = |text| store.attributes().find_key(text);
        let keys = Keys {
            kind: key(EXCEPTION_TYPE),
            message: key(EXCEPTION_MESSAGE),
            stack: key(EXCEPTION_STACKTRACE),
        };
        let mut table = Self {
            store,
            alike,
            keys,
            texts: Vec::new(),
            numbers: HashMap::with_hasher(FixedState::default()),
            by_attr: HashMap::with_hasher(FixedState::default()),
            groups: Grouping::default(),
            members: Vec::new(),
        };
        table.intern(String::new());
        table
    }

    fn intern(&mut self, text: String) -> u32 {
        let next = self.texts.len() as u32;
        let number = *self.numbers.entry(text.clone()).or_insert(next);
        if number == next {
            self.texts.push(text);
        }
        number
    }

    /// An attribute's text as it stands and as `compared` makes of it, each made once.
    fn text(&mut self, id: Option<AttrId>, compared: fn(&str) -> String) -> (u32, u32) {
        let Some(id) = id else { return (0, 0) };
        if let Some(&numbers) = self.by_attr.get(&id) {
            return numbers;
        }
        let text = self.store.attributes().value(id).display();
        let alike = self.intern(compared(&text));
        let numbers = (self.intern(text), alike);
        self.by_attr.insert(id, numbers);
        numbers
    }

    fn read(&mut self, attributes: impl Iterator<Item = AttrId>) -> Told {
        let (mut kind, mut message, mut stack) = (None, None, None);
        for id in attributes {
            let key = Some(self.store.attributes().key(id));
            if key == self.keys.kind {
                kind = Some(id);
            } else if key == self.keys.message {
                message = Some(id);
            } else if key == self.keys.stack {
                stack = Some(id);
            }
        }
        let (kind, _) = self.text(kind, |_| String::new());
        let (message, normal) = self.text(message, normalize_message);
        let alike = match self.alike {
            Alike::Message => normal,
            Alike::Type => 0,
            Alike::TopFrame => self.text(stack, |stack| top_frame(stack).unwrap_or_default()).1,
        };
        Told { kind, message, alike }
    }

    fn push(&mut self, service: ServiceId, told: Told, occurrence: Occurrence) {
        let is_log = matches!(occurrence.source, Source::Log(_));
        let group = self.groups.of((is_log, service, told.kind, told.alike)) as usize;
        if group == self.members.len() {
            self.members.push(Vec::new());
        }
        self.members[group].push((occurrence, told.message));
    }

    fn finish(self) -> Vec<ExceptionRow> {
        let text = |number: u32| self.texts[number as usize].clone();
        let by_frame = self.alike == Alike::TopFrame;
        let mut rows: Vec<ExceptionRow> = self
            .groups
            .keys()
            .iter()
            .zip(self.members)
            .map(|(&(_, service, kind, alike), mut members)| {
                members.sort_by_key(|(o, _)| (o.time_ns, o.source));
                ExceptionRow {
                    kind: text(kind),
                    message: commonest(&self.texts, members.iter().map(|&(_, message)| message)),
                    frame: if by_frame { text(alike) } else { String::new() },
                    service,
                    occurrences: members.into_iter().map(|(occurrence, _)| occurrence).collect(),
                }
            })
            .collect();
        rows.sort_by_cached_key(|r| {
            let service = self.store.service_name(r.service).to_owned();
            (!r.occurrences.len(), service, r.kind.clone(), r.message.clone(), r.source())
        });
        rows
    }
}

/// The commonest text, among equals the first in the alphabet.
fn commonest(texts: &[String], numbers: impl Iterator<Item = u32>) -> String {
    let mut grouping = Grouping::default();
    let mut counts: Vec<u32> = Vec::new();
    for number in numbers {
        let group = grouping.of(number) as usize;
        if group == counts.len() {
            counts.push(0);
        }
        counts[group] += 1;
    }
    let best = grouping.keys().iter().zip(counts).min_by_key(|&(&n, count)| (!count, &texts[n as usize]));
    best.map_or_else(String::new, |(&n, _)| texts[n as usize].clone())
}

#[cfg(test)]
mod tests;
