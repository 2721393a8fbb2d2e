//! Exceptions being grouped: texts as numbers, each made once per distinct attribute.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::super::grouping::Grouping;
use super::{Alike, ExceptionRow, Occurrence, Source, normalize_message, top_frame};
use crate::model::conventions::{EXCEPTION_MESSAGE, EXCEPTION_STACKTRACE, EXCEPTION_TYPE};
use crate::store::order;
use crate::store::{AttrId, KeyId, ServiceId, Store, StrId};

/// Class of an error, also where no exception was recorded.
const ERROR_TYPE: &str = "error.type";

/// The attribute keys of exceptions, as far as the store has them.
struct Keys {
    kind: Option<KeyId>,
    message: Option<KeyId>,
    stack: Option<KeyId>,
    /// Class of an error without an exception.
    error: Option<KeyId>,
}

/// An exception's texts, as numbers of the table's texts.
#[derive(Clone, Copy)]
pub(super) struct Told {
    pub(super) kind: u32,
    pub(super) message: u32,
    /// What it shares with those like it.
    alike: u32,
}

/// Exceptions being grouped.
pub(super) struct Table<'a> {
    store: &'a Store,
    alike: Alike,
    keys: Keys,
    texts: Vec<String>,
    numbers: HashMap<String, u32, FixedState>,
    /// Texts of attributes: as it stands, and as it is compared.
    by_attr: HashMap<AttrId, (u32, u32), FixedState>,
    /// The same of status messages.
    by_status: HashMap<StrId, (u32, u32), FixedState>,
    groups: Grouping<(bool, Option<ServiceId>, u32, u32)>,
    /// By group: occurrences with their messages.
    members: Vec<Vec<(Occurrence, u32)>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(store: &'a Store, alike: Alike) -> Self {
        let key = |text| store.attributes().find_key(text);
        let keys = Keys {
            kind: key(EXCEPTION_TYPE),
            message: key(EXCEPTION_MESSAGE),
            stack: key(EXCEPTION_STACKTRACE),
            error: key(ERROR_TYPE),
        };
        let mut table = Self {
            store,
            alike,
            keys,
            texts: Vec::new(),
            numbers: HashMap::with_hasher(FixedState::default()),
            by_attr: HashMap::with_hasher(FixedState::default()),
            by_status: HashMap::with_hasher(FixedState::default()),
            groups: Grouping::default(),
            members: Vec::new(),
        };
        table.intern(String::new());
        table
    }

    /// Whether a log record tells of an exception.
    pub(super) fn is_exception(&self, log: usize) -> bool {
        let any = [self.keys.kind, self.keys.message, self.keys.stack];
        let key = |id| self.store.attributes().key(id);
        any != [None; 3] && self.store.logs().attributes(log).any(|id| any.contains(&Some(key(id))))
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

    pub(super) fn read(&mut self, attributes: impl Iterator<Item = AttrId>) -> Told {
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

    /// What an error span says of itself without an exception.
    pub(super) fn read_status(&mut self, row: u32) -> Told {
        let store = self.store;
        let has_key = |id: &AttrId| Some(store.attributes().key(*id)) == self.keys.error;
        let kind = store.spans().attributes(row).find(has_key);
        let (kind, _) = self.text(kind, |_| String::new());
        let message = store.spans().extra(row).status_message;
        let (message, normal) = if let Some(&numbers) = self.by_status.get(&message) {
            numbers
        } else {
            let text = store.text(message);
            let numbers = (self.intern(text.to_owned()), self.intern(normalize_message(text)));
            self.by_status.insert(message, numbers);
            numbers
        };
        let alike = if self.alike == Alike::Message { normal } else { 0 };
        Told { kind, message, alike }
    }

    pub(super) fn push(&mut self, told: Told, occurrence: Occurrence) {
        let is_log = matches!(occurrence.source, Source::Log(_));
        let service = (self.alike == Alike::Message).then_some(occurrence.service);
        let group = self.groups.of((is_log, service, told.kind, told.alike)) as usize;
        if group == self.members.len() {
            self.members.push(Vec::new());
        }
        self.members[group].push((occurrence, told.message));
    }

    /// The services of a group, those with most of it first, then by name.
    fn services(&self, members: &[(Occurrence, u32)]) -> Vec<ServiceId> {
        let mut grouping = Grouping::default();
        let mut counts: Vec<u32> = Vec::new();
        for (occurrence, _) in members {
            let group = grouping.of(occurrence.service) as usize;
            if group == counts.len() {
                counts.push(0);
            }
            counts[group] += 1;
        }
        let mut order: Vec<(u32, ServiceId)> =
            grouping.keys().iter().zip(counts).map(|(&service, count)| (!count, service)).collect();
        order::sort_by_key(&mut order, |&(count, service)| (count, self.store.service_name(service)));
        order.into_iter().map(|(_, service)| service).collect()
    }

    pub(super) fn finish(mut self) -> Vec<ExceptionRow> {
        let members = std::mem::take(&mut self.members);
        let text = |number: u32| self.texts[number as usize].clone();
        let by_frame = self.alike == Alike::TopFrame;
        let mut rows: Vec<ExceptionRow> = self
            .groups
            .keys()
            .iter()
            .zip(members)
            .map(|(&(is_log, service, kind, alike), mut members)| {
                order::sort_by_key(&mut members, |(o, _)| (o.time_ns, o.source));
                let services = self.services(&members);
                let own = service.map_or("", |service| self.store.service_name(service));
                let words = [own, &self.texts[kind as usize], &self.texts[alike as usize]];
                ExceptionRow {
                    kind: text(kind),
                    message: commonest(&self.texts, members.iter().map(|&(_, message)| message)),
                    frame: if by_frame { text(alike) } else { String::new() },
                    id: name(is_log, &words),
                    service: services.first().copied().unwrap_or(ServiceId(0)),
                    services,
                    occurrences: members.into_iter().map(|(occurrence, _)| occurrence).collect(),
                }
            })
            .collect();
        order::sort_by_cached_key(&mut rows, |r| {
            let service = self.store.service_name(r.service).to_owned();
            (!r.occurrences.len(), service, r.kind.clone(), r.message.clone(), r.source())
        });
        rows
    }
}

/// A number made of texts (FNV-1a), the same wherever the program runs.
fn name(is_log: bool, words: &[&str]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325 ^ u64::from(is_log);
    for word in words {
        for byte in word.bytes().chain([0xff]) {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
    hash
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
