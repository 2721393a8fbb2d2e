//! Answers about one trace: its spans in pre-order, the visible rows of its tree, its critical path.

use super::views::Fold;
use super::{Buffer, Desk, Error, Reply};
use crate::analysis::{Asynchronous, Uninterrupted, copies, critical_path};
use crate::engine::protocol as p;
use crate::engine::protocol::Ns;
use crate::ingest::export;
use crate::model::{IdText, SpanId, conventions};
use crate::store::{KeyId, NO_ROW, Store, Trace, mark};

/// Rows of the tree given where no limit is asked for.
const TREE_ROWS: usize = 200;

impl Desk {
    pub(super) fn trace(&mut self, r: &p::Trace) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        self.shown(number);
        let store = self.builder.store();
        let trace = store.trace(number);
        let facts = trace.facts();
        let own = self.shown.as_ref().map_or(&[][..], |s| &s.own);
        let spans = (0..trace.len())
            .skip(r.offset)
            .take(r.limit.unwrap_or(usize::MAX))
            .map(|place| {
                let row = trace.rows()[place];
                let depth = trace.depths()[place];
                p::TraceSpan {
                    span_id: span_id(store, row),
                    parent_span_id: SpanId(store.spans().parent_id.get(row as usize)).text(),
                    service: store.service_name(store.service(row)).to_owned(),
                    name: store.name(row).to_owned(),
                    kind: store.spans().kind(row).word().to_owned(),
                    status: store.spans().status(row).word().to_owned(),
                    start_ns: Ns(store.spans().start.get(row as usize)),
                    duration_ns: store.spans().duration(row),
                    self_ns: own[place],
                    depth: (depth > 0).then_some(depth),
                    children: trace.children(place).count() as u64,
                }
            })
            .collect();
        let root = (facts.main_root != NO_ROW).then_some(facts.main_root);
        let mut services: Vec<String> = Vec::new();
        let mut met = vec![false; store.service_count()];
        for &row in trace.rows() {
            let service = store.service(row);
            if !std::mem::replace(&mut met[service.0 as usize], true) {
                services.push(store.service_name(service).to_owned());
            }
        }
        Ok(self.reply(p::TraceAnswer {
            spans_total: trace.len() as u64,
            duration_ns: facts.duration_ns,
            start_ns: (facts.start_ns > 0).then_some(Ns(facts.start_ns)),
            roots: u64::from(facts.roots),
            orphans: u64::from(facts.orphans),
            notices: notices(store, trace),
            spans,
            root_service: root.map(|row| store.service_name(store.service(row)).to_owned()),
            root_name: root.map(|row| store.name(row).to_owned()),
            errors: u64::from(facts.errors),
            services,
            max_depth: u64::from(facts.max_depth),
        }))
    }

    pub(super) fn tree(&mut self, r: &p::Tree) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        let mut toggled = r.toggled.clone();
        toggled.sort_unstable();
        let fold = Fold { depth: r.fold_depth, toggled };
        self.visible(number, fold.clone());
        let store = self.builder.store();
        let trace = store.trace(number);
        let start = trace.facts().start_ns;
        let Some(shown) = &self.shown else { return Ok(Reply::default()) };
        let visible = shown.visible.as_ref().map_or(&[][..], |(_, places)| places);
        let hints = Hints::new(store);
        let rows = visible
            .iter()
            .skip(r.offset)
            .take(r.limit.unwrap_or(TREE_ROWS))
            .map(|&place| {
                let at = place as usize;
                let row = trace.rows()[at];
                let depth = trace.depths()[at];
                p::TreeRow {
                    place,
                    span_id: span_id(store, row),
                    service: store.service_name(store.service(row)).to_owned(),
                    name: store.name(row).to_owned(),
                    kind: store.spans().kind(row).word().to_owned(),
                    error: store.spans().is_error(row),
                    offset_ns: store.spans().start.get(row as usize).saturating_sub(start) as f64,
                    duration_ns: store.spans().duration(row) as f64,
                    self_ns: shown.own[at] as f64,
                    depth,
                    children: trace.children(at).count() as u32,
                    folded: fold.is_folded(place, depth),
                    mark: marks(store, row).first().map_or_else(String::new, |&m| m.to_owned()),
                    hint: hints.of(store, row),
                }
            })
            .collect();
        // The nearest visible place at or before a hidden one in pre-order is its folded ancestor.
        let revealed = r.reveal.and_then(|place| visible.partition_point(|&v| v <= place).checked_sub(1));
        Ok(self.reply(p::TreeAnswer { total: visible.len(), offset: r.offset, rows, revealed }))
    }

    pub(super) fn critical_path(&mut self, r: &p::CriticalPath) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        let store = self.builder.store();
        let trace = store.trace(number);
        let asynchronous = if r.sync_only { Asynchronous::LeaveOut } else { Asynchronous::Include };
        let sections = critical_path(store, trace, asynchronous, &Uninterrupted)?;
        let mut place_of: Vec<(u32, u32)> =
            trace.rows().iter().enumerate().map(|(place, &row)| (row, place as u32)).collect();
        place_of.sort_unstable();
        let place = |row: u32| {
            let found = place_of.binary_search_by_key(&row, |&(r, _)| r);
            found.map_or(0, |at| place_of[at].1)
        };
        let total_ns = sections.iter().map(|s| s.end_ns - s.start_ns).sum();
        let sections = sections
            .iter()
            .map(|s| p::SectionRow {
                span_id: span_id(store, s.row),
                start_ns: Ns(s.start_ns),
                end_ns: Ns(s.end_ns),
                place: place(s.row),
            })
            .collect();
        Ok(self.reply(p::CriticalPathAnswer { sections, total_ns }))
    }

    pub(super) fn export(&mut self, r: &p::Export) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        let store = self.builder.store();
        let id = store.trace_id(number);
        let (bytes, ending, media_type) = match r.format.as_str() {
            "protobuf" => (export::trace_protobuf(store, number), "pb", "application/x-protobuf"),
            "json" => (export::trace_json(store, number).into_bytes(), "json", "application/json"),
            _ => {
                let expected = "protobuf or json";
                return Err(Error::BadField { field: "format", expected, found: r.format.clone() });
            }
        };
        let answer =
            p::ExportAnswer { name: format!("trace-{id}.{ending}"), media_type: media_type.to_owned() };
        Ok(self.reply_with(answer, vec![Buffer::U8(bytes)]))
    }
}

/// Hex text of a row's span id, all zeros kept.
pub(super) fn span_id(store: &Store, row: u32) -> String {
    SpanId(store.spans().id.get(row as usize)).to_string()
}

/// What is odd about a row, as words.
pub(super) fn marks(store: &Store, row: u32) -> Vec<&'static str> {
    let bits = store.marks(row);
    let words = [(mark::ORPHAN, "orphan"), (mark::CYCLIC, "cyclic"), (mark::DUPLICATE, "duplicate")];
    words.into_iter().filter(|(bit, _)| bits & bit != 0).map(|(_, word)| word).collect()
}

/// What is odd about a trace, as sentences.
fn notices(store: &Store, trace: Trace<'_>) -> Vec<String> {
    let facts = trace.facts();
    let spans = store.spans();
    let rows = || trace.rows().iter().map(|&row| row as usize);
    let negative = rows().filter(|&row| spans.end.get(row) < spans.start.get(row)).count() as u32;
    let timeless = rows().filter(|&row| spans.start.get(row) == 0).count() as u32;
    let mut out = Vec::new();
    let mut say = |count: u32, one: &str, many: &str| match count {
        0 => {}
        1 => out.push(format!("1 {one}")),
        n => out.push(format!("{n} {many}")),
    };
    say(
        facts.orphans,
        "span names a parent that is not in the data",
        "spans name parents that are not in the data",
    );
    say(if facts.roots > 1 { facts.roots } else { 0 }, "", "root spans in one trace");
    say(facts.cyclic, "span is its own ancestor", "spans are their own ancestors or hang under one that is");
    if facts.duplicates > 0 {
        let found = copies(store, trace);
        let (same, other) = (found.identical.len() as u32, found.different.len() as u32);
        say(same, "record is an identical copy of a span", "records are identical copies of spans");
        say(
            other,
            "record repeats a span id and says something else",
            "records repeat a span id and say something else",
        );
    }
    say(negative, "span ends before it starts", "spans end before they start");
    say(timeless, "span has no start time", "spans have no start time");
    out
}

/// Short hints for the rows of the tree, from HTTP, database and messaging attributes.
struct Hints {
    keys: Vec<KeyId>,
}

impl Hints {
    fn new(store: &Store) -> Self {
        let keys = [conventions::HTTP_STATUS, conventions::DB_SYSTEM, conventions::MESSAGING_SYSTEM];
        Self { keys: keys.into_iter().flatten().filter_map(|key| store.attributes().find_key(key)).collect() }
    }

    fn of(&self, store: &Store, row: u32) -> String {
        if self.keys.is_empty() {
            return String::new();
        }
        let attributes = store.attributes();
        let found = store.spans().attributes(row).find(|&id| self.keys.contains(&attributes.key(id)));
        found.map_or_else(String::new, |id| attributes.value(id).display())
    }
}
