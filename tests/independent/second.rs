//! The second reading of a file: spans as structs, answers by sorting and counting.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use prost::Message;
use serde_json::{Value, json};
use spanscope::ingest::otlp::messages::{ResourceSpans, Span as Wire};

use crate::definitions::{Attributes, normal};

/// Half-open, by start; none = all.
pub(crate) type Range = Option<(u64, u64)>;

const SERVER: i32 = 2;
const CLIENT: i32 = 3;
const PRODUCER: i32 = 4;
const CONSUMER: i32 = 5;

type Id = (Vec<u8>, Vec<u8>);

struct Span {
    id: Id,
    parent_id: Vec<u8>,
    service: String,
    name: String,
    kind: i32,
    error: bool,
    start: u64,
    end: u64,
    links: Vec<Id>,
    database: Option<String>,
    messaging: Option<String>,
    address: Option<String>,
    /// Type, message and time.
    exceptions: Vec<(String, String, u64)>,
}

impl Span {
    fn duration(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    fn is_root(&self) -> bool {
        self.parent_id.iter().all(|&b| b == 0)
    }
}

/// All spans of a file.
pub(crate) struct Second {
    spans: Vec<Span>,
    by_id: HashMap<Id, usize>,
    entry: Vec<bool>,
}

/// Some spans: duration, whether it failed.
#[derive(Default)]
pub(crate) struct Red {
    calls: Vec<(u64, bool)>,
    /// The durations in order, put there once.
    sorted: OnceCell<Vec<u64>>,
    apdex_ns: u64,
    seconds: f64,
}

impl Red {
    /// What the engine should say in a column.
    pub(crate) fn column(&self, column: &str) -> Value {
        let n = self.calls.len();
        let errors = self.calls.iter().filter(|c| c.1).count();
        let some = |value: f64| if n > 0 { json!(value) } else { Value::Null };
        match column {
            "calls" => json!(n),
            "errors" => json!(errors),
            "error_rate" => some(errors as f64 / n as f64),
            "rate_per_s" if self.seconds > 0.0 => json!(n as f64 / self.seconds),
            "rate_per_s" => Value::Null,
            "total_ns" => json!(self.calls.iter().map(|c| c.0).sum::<u64>()),
            "apdex" => {
                let score = |&(duration, error): &(u64, bool)| match duration {
                    _ if error => 0.0,
                    d if d <= self.apdex_ns => 1.0,
                    d if d <= 4 * self.apdex_ns => 0.5,
                    _ => 0.0,
                };
                some(self.calls.iter().map(score).sum::<f64>() / n as f64)
            }
            _ => {
                let percent: u64 = column.trim_start_matches('p').trim_end_matches("_ns").parse().unwrap();
                let sorted = self.sorted.get_or_init(|| {
                    let mut sorted: Vec<u64> = self.calls.iter().map(|c| c.0).collect();
                    sorted.sort_unstable();
                    sorted
                });
                let h = (n as u64).saturating_sub(1) * percent;
                let (low, rest) = ((h / 100) as usize, h % 100);
                let Some(&x) = sorted.get(low) else { return Value::Null };
                let next = sorted.get(low + 1).copied().unwrap_or(x);
                some((x * 100 + rest * (next - x)) as f64 / 100.0)
            }
        }
    }
}

/// Exceptions that are the same.
pub(crate) struct Group {
    pub(crate) count: u64,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Second {
    /// Reads concatenated OTLP messages, one resource at a time: a million spans as objects do not fit at once.
    pub(crate) fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let mut rest = &bytes[..];
        let mut spans = Vec::new();
        while !rest.is_empty() {
            assert_eq!(rest[0], 0x0a, "field 1 of TracesData");
            rest = &rest[1..];
            let length = prost::encoding::decode_varint(&mut rest).unwrap() as usize;
            let (message, after) = rest.split_at(length);
            rest = after;
            let resource = ResourceSpans::decode(message).unwrap();
            let attributes = resource.resource.unwrap_or_default().attributes;
            let service = Attributes(&attributes).get("service.name").unwrap_or_default();
            for span in resource.scope_spans.into_iter().flat_map(|scope| scope.spans) {
                spans.push(read_span(span, &service));
            }
        }
        let mut by_id = HashMap::new();
        for (row, span) in spans.iter().enumerate() {
            // Children attach to the first record of an id.
            by_id.entry(span.id.clone()).or_insert(row);
        }
        let mut second = Self { spans, by_id, entry: Vec::new() };
        second.entry = (0..second.spans.len()).map(|row| second.is_entry(row)).collect();
        second
    }

    fn parent(&self, row: usize) -> Option<usize> {
        let span = &self.spans[row];
        if span.is_root() {
            return None;
        }
        self.by_id.get(&(span.id.0.clone(), span.parent_id.clone())).copied()
    }

    fn is_entry(&self, row: usize) -> bool {
        let Some(parent) = self.parent(row) else { return true };
        if self.spans[parent].service != self.spans[row].service {
            return true;
        }
        // In or below a cycle: the way up never ends.
        let (mut at, mut steps) = (parent, 0);
        while let Some(above) = self.parent(at) {
            at = above;
            steps += 1;
            if steps > self.spans.len() {
                return true;
            }
        }
        false
    }

    /// Earliest known start and latest end.
    pub(crate) fn extent(&self) -> (u64, u64) {
        let start = self.spans.iter().map(|s| s.start).filter(|&t| t > 0).min();
        (start.unwrap(), self.spans.iter().map(|s| s.end).max().unwrap())
    }

    fn empty(&self, range: Range, apdex_ns: u64) -> Red {
        let (start, end) = range.unwrap_or_else(|| self.extent());
        Red { apdex_ns, seconds: (end - start) as f64 / 1e9, ..Red::default() }
    }

    fn chosen(&self, range: Range, scope: &str) -> impl Iterator<Item = (usize, &Span)> {
        let scope = scope.to_owned();
        self.spans.iter().enumerate().filter(move |(row, span)| {
            range.is_none_or(|(from, to)| from <= span.start && span.start < to)
                && match scope.as_str() {
                    "entry" => self.entry[*row],
                    "server" => matches!(span.kind, SERVER | CONSUMER),
                    _ => true,
                }
        })
    }

    pub(crate) fn service_names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.spans.iter().map(|s| s.service.clone()).collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    pub(crate) fn services(&self, range: Range, scope: &str, apdex_ns: u64) -> BTreeMap<String, Red> {
        let names = self.service_names().into_iter();
        let mut reds: BTreeMap<String, Red> = names.map(|name| (name, self.empty(range, apdex_ns))).collect();
        for (_, span) in self.chosen(range, scope) {
            reds.get_mut(&span.service).unwrap().calls.push((span.duration(), span.error));
        }
        reds
    }

    pub(crate) fn operations(
        &self,
        range: Range,
        scope: &str,
        service: &str,
        apdex_ns: u64,
    ) -> BTreeMap<String, Red> {
        let mut reds = BTreeMap::new();
        for (_, span) in self.chosen(range, scope).filter(|(_, span)| span.service == service) {
            let red = reds.entry(span.name.clone()).or_insert_with(|| self.empty(range, apdex_ns));
            red.calls.push((span.duration(), span.error));
        }
        reds
    }

    /// Edges of every kind, as `from > to kind`.
    pub(crate) fn edges(&self, range: Range) -> BTreeMap<String, Red> {
        let mut called = vec![false; self.spans.len()];
        for (row, span) in self.spans.iter().enumerate() {
            if let Some(parent) = self.parent(row) {
                called[parent] |= self.spans[parent].service != span.service;
            }
        }
        let mut reds = BTreeMap::new();
        for (row, span) in self.chosen(range, "all") {
            let mut edge = |from: &str, to: &str, kind: &str| {
                let red = reds.entry(format!("{from} > {to} {kind}")).or_insert_with(|| self.empty(range, 0));
                red.calls.push((span.duration(), span.error));
            };
            let own = span.service.as_str();
            if let Some(parent) = self.parent(row) {
                let caller = &self.spans[parent].service;
                if *caller != own {
                    edge(caller, own, "service");
                }
            }
            for link in &span.links {
                if let Some(&target) = self.by_id.get(link) {
                    edge(&self.spans[target].service, own, "link");
                }
            }
            if span.is_root() && matches!(span.kind, SERVER | CONSUMER) {
                edge("user:", own, "user");
            }
            if span.kind == SERVER {
                continue;
            }
            if let Some(system) = &span.database {
                edge(own, &format!("db:{system}"), "database");
            }
            match (&span.messaging, span.kind) {
                (Some(system), PRODUCER) => edge(own, &format!("msg:{system}"), "messaging"),
                (Some(system), CONSUMER) => edge(&format!("msg:{system}"), own, "messaging"),
                _ => {}
            }
            if let Some(address) = &span.address
                && span.kind == CLIENT
                && !called[row]
            {
                edge(own, &format!("ext:{address}"), "external");
            }
        }
        reds
    }

    /// Exception events by service, type and normal message.
    pub(crate) fn exceptions(&self, range: Range) -> BTreeMap<String, Group> {
        let mut groups = BTreeMap::new();
        for (_, span) in self.chosen(range, "all") {
            for (kind, message, time) in &span.exceptions {
                let key = format!("{} {kind} {}", span.service, normal(message));
                let group = groups.entry(key).or_insert(Group { count: 0, first: *time, last: *time });
                group.count += 1;
                group.first = group.first.min(*time);
                group.last = group.last.max(*time);
            }
        }
        groups
    }
}

fn read_span(span: Wire, service: &str) -> Span {
    let attributes = Attributes(&span.attributes);
    let exception = |event: &spanscope::ingest::otlp::messages::Event| {
        let of = Attributes(&event.attributes);
        let text = |key| of.get(key).unwrap_or_default();
        (text("exception.type"), text("exception.message"), event.time_unix_nano)
    };
    Span {
        service: service.to_owned(),
        kind: span.kind,
        error: span.status.as_ref().is_some_and(|status| status.code == 2),
        start: span.start_time_unix_nano,
        end: span.end_time_unix_nano,
        links: span.links.iter().map(|l| (l.trace_id.clone(), l.span_id.clone())).collect(),
        database: attributes.database(),
        messaging: attributes.messaging(),
        address: attributes.address(),
        exceptions: span.events.iter().filter(|e| e.name == "exception").map(exception).collect(),
        id: (span.trace_id, span.span_id),
        parent_id: span.parent_span_id,
        name: span.name,
    }
}
