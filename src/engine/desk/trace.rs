//! Answers about one trace: its spans in pre-order, its critical path.

use super::query::time_range;
use super::views::asynchronous;
use super::{Desk, Error, Reply};
use crate::analysis::{Piece, copies, path_pieces, what_if};
use crate::engine::protocol as p;
use crate::engine::protocol::Ns;
use crate::model::{IdText, SpanId};
use crate::store::{NO_ROW, Store, Trace, mark};

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
        let skewed = self.shown.as_ref().map_or(0, |s| s.skew.iter().filter(|&&d| d != 0).count());
        let odd = notices(store, trace, skewed as u32);
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
            notices: odd.iter().map(|(text, _)| text.clone()).collect(),
            notice_signs: odd.iter().map(|(_, sign)| (*sign).to_owned()).collect(),
            spans,
            root_service: root.map(|row| store.service_name(store.service(row)).to_owned()),
            root_name: root.map(|row| store.name(row).to_owned()),
            errors: u64::from(facts.errors),
            services,
            max_depth: u64::from(facts.max_depth),
        }))
    }

    pub(super) fn critical_path(&mut self, r: &p::CriticalPath) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        self.walk_path(number, r.sync_only)?;
        let range = time_range(r.range)?;
        let (store, shown) = self.at_hand(number);
        let ids = &store.spans().id;
        let path = shown.path.as_ref().map_or(&[][..], |p| &p.sections);
        let (total, pieces) = path_pieces(path, range, r.limit.unwrap_or(usize::MAX));
        // They tile the stretch.
        let total_ns = match (pieces.first(), pieces.last()) {
            (Some(first), Some(last)) => last.section.end_ns - first.section.start_ns,
            _ => 0,
        };
        let sections = pieces.iter().map(|Piece { section, count }| p::SectionRow {
            span_id: SpanId(ids.get(section.row as usize)),
            start_ns: Ns(section.start_ns),
            end_ns: Ns(section.end_ns),
            place: section.place,
            count: (*count > 1).then_some(*count),
        });
        let sections = sections.collect();
        Ok(self.reply(p::CriticalPathAnswer { sections_total: total as u64, sections, total_ns }))
    }

    pub(super) fn what_if(&mut self, r: &p::WhatIf) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        let service = self.find_service(&r.service)?;
        let Some(name) = self.builder.store().strings().find(&r.name) else {
            let expected = "the name of a span";
            return Err(Error::BadField { field: "name", expected, found: r.name.clone() });
        };
        let rest = 1.0 - r.percent.clamp(0.0, 100.0) / 100.0;
        let rule = asynchronous(r.sync_only);
        let (store, shown) = self.at_hand(number);
        let trace = store.trace(number);
        let (before_ns, after_ns) = what_if(store, trace, &shown.times, rule, (service, name), rest);
        Ok(self.reply(p::WhatIfAnswer { before_ns, after_ns }))
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

/// What is odd about a trace, as sentences with the signs that find it.
fn notices(store: &Store, trace: Trace<'_>, skewed: u32) -> Vec<(String, &'static str)> {
    let facts = trace.facts();
    let spans = store.spans();
    let rows = || trace.rows().iter().map(|&row| row as usize);
    let negative = rows().filter(|&row| spans.end.get(row) < spans.start.get(row)).count() as u32;
    let timeless = rows().filter(|&row| spans.start.get(row) == 0).count() as u32;
    let mut out = Vec::new();
    let mut say = |count: u32, sign: &'static str, one: &str, many: &str| match count {
        0 => {}
        1 => out.push((format!("1 {one}"), sign)),
        n => out.push((format!("{n} {many}"), sign)),
    };
    say(
        facts.orphans,
        "is:orphan",
        "span names a parent that is not in the data",
        "spans name parents that are not in the data",
    );
    say(if facts.roots > 1 { facts.roots } else { 0 }, "is:root", "", "root spans in one trace");
    say(
        facts.cyclic,
        "is:cyclic",
        "span is its own ancestor",
        "spans are their own ancestors or hang under one that is",
    );
    if facts.duplicates > 0 {
        let found = copies(store, trace);
        say(
            found.identical.len() as u32,
            "is:duplicate",
            "record is an identical copy of a span",
            "records are identical copies of spans",
        );
        say(
            found.different.len() as u32,
            "is:duplicate",
            "record repeats a span id and says something else",
            "records repeat a span id and say something else",
        );
    }
    say(negative, "is:negative", "span ends before it starts", "spans end before they start");
    say(timeless, "is:timeless", "span has no start time", "spans have no start time");
    say(
        skewed,
        "is:skewed",
        "span stands beside its caller by another host's clock",
        "spans stand beside their callers by other hosts' clocks",
    );
    out
}
