//! Answers about the visible rows of the span tree.

use super::lists::group_by;
use super::ranks::bins;
use super::rows::{MISSING, Row, Rows, level};
use super::trace::{marks, span_id};
use super::views::{Fold, Path, ShownTrace};
use super::{Desk, Error, Reply};
use crate::analysis::Grouper;
use crate::engine::protocol as p;
use crate::model::{SpanId, conventions};
use crate::store::{KeyId, Store, Trace};

/// Rows of the tree given where no limit is asked for.
const TREE_ROWS: usize = 200;
/// Of two events closer together than this part of their span only one is given.
const CLOSEST: f64 = 200.0;
/// Gaps of the critical path below this share of a bar are closed.
const CLOSED_GAP: f64 = 0.004;

impl Desk {
    pub(super) fn tree(&mut self, r: &p::Tree) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        if !r.find.is_empty() {
            self.look_for(number, &r.find)?;
        }
        if r.path {
            self.walk_path(number, r.sync_only)?;
        }
        let ascending = |list: &[u32]| {
            let mut list = list.to_vec();
            list.sort_unstable();
            list
        };
        let hides = r.hide && !r.find.is_empty();
        let fold = Fold {
            depth: r.fold_depth,
            toggled: ascending(&r.toggled),
            repeats: if r.repeats > 1 { r.repeats } else { 0 },
            opened: ascending(&r.opened),
            missing: r.fold_missing,
            only: hides.then(|| r.find.trim().to_owned()),
            once: r.once,
        };
        self.shown(number);
        let store = self.builder.store();
        let color = if r.color.is_empty() { None } else { Some(group_by(store, &r.color)?) };
        let trace = store.trace(number);
        let Some(shown) = &mut self.shown else { return Ok(Reply::default()) };
        if shown.visible.as_ref().is_none_or(|(f, _)| *f != fold) {
            let only = shown.found.as_ref().filter(|_| hides).map(|f| &f.kept);
            let without = Some(&shown.copies).filter(|copies| r.once && !copies.is_empty());
            shown.visible = Some((fold.clone(), Rows::new(store, trace, &fold, (only, without))));
        }
        let Some((_, visible)) = &shown.visible else { return Ok(Reply::default()) };
        let end = r.offset.saturating_add(r.limit.unwrap_or(TREE_ROWS)).min(visible.len());
        let wanted = || (r.offset..end).filter_map(|index| visible.get(index));
        shown.ranks.learn(store, wanted().map(|row| trace.rows()[(row.place & !MISSING) as usize]));
        let (hints, color) = (Hints::new(store), color.map(|by| Grouper::new(store, by)));
        let look = Look { store, trace, shown, fold: &fold, hints, color, path: r.path, skew: r.skew };
        let rows = wanted().map(|row| look.row(row)).collect();
        let revealed = r.reveal.and_then(|place| visible.of(trace, place));
        let total = visible.len();
        Ok(self.reply(p::TreeAnswer { total, offset: r.offset, rows, revealed }))
    }
}

/// What rows are made of.
struct Look<'a> {
    store: &'a Store,
    trace: Trace<'a>,
    shown: &'a ShownTrace,
    fold: &'a Fold,
    hints: Hints,
    color: Option<Grouper<'a>>,
    path: bool,
    skew: bool,
}

impl Look<'_> {
    fn row(&self, seen: Row<'_>) -> p::TreeRow {
        if seen.place & MISSING != 0 {
            return self.missing(seen);
        }
        let Self { store, trace, shown, fold, .. } = self;
        let (store, trace, shown, fold) = (*store, *trace, *shown, *fold);
        let spans = store.spans();
        let at = seen.place as usize;
        let row = trace.rows()[at];
        let level = level(trace.depths()[at], seen.deeper);
        let origin = trace.facts().start_ns;
        let offset = |row: u32| spans.start.get(row as usize).saturating_sub(origin);
        let delta = self.skew_of(seen.place);
        let path = shown.path.as_ref().filter(|_| self.path);
        let hit = |place: u32| shown.found.as_ref().is_some_and(|f| f.hits.contains(place));
        let mut out = p::TreeRow {
            place: seen.place,
            span_id: span_id(store, row),
            service: store.service_name(store.service(row)).to_owned(),
            name: store.name(row).to_owned(),
            kind: spans.kind(row).word().to_owned(),
            error: spans.is_error(row),
            offset_ns: offset(row).saturating_add_signed(delta.unwrap_or_default()) as f64,
            raw_ns: delta.map(|_| offset(row) as f64),
            duration_ns: spans.duration(row) as f64,
            self_ns: shown.own[at] as f64,
            depth: level,
            children: trace.children(at).count() as u32,
            folded: fold.is_folded(seen.place, level),
            mark: marks(store, row).first().map_or_else(String::new, |&m| m.to_owned()),
            hint: self.hints.of(store, row),
            matched: hit(seen.place),
            path: path.map_or_else(Vec::new, |p| stretches(p, &[seen.place], origin)),
            percentile: shown.ranks.percentile(store, row),
            color: self.color.as_ref().map_or_else(String::new, |by| by.group(row).text(store)),
            ..p::TreeRow::default()
        };
        if seen.members.is_empty() {
            out.events = self.events(seen.place, delta.unwrap_or_default());
            return out;
        }
        let rows = || seen.members.iter().map(|&place| trace.rows()[place as usize]);
        let durations = || rows().map(|row| spans.duration(row));
        let start = rows().map(offset).min().unwrap_or_default();
        let end = rows().map(|row| offset(row) + spans.duration(row)).max().unwrap_or_default();
        (out.offset_ns, out.raw_ns) = (start as f64, None);
        out.duration_ns = end.saturating_sub(start) as f64;
        out.total_ns = durations().map(|d| d as f64).sum();
        out.self_ns = seen.members.iter().map(|&place| shown.own[place as usize] as f64).sum();
        out.error = rows().any(|row| spans.is_error(row));
        out.matched = seen.members.iter().any(|&place| hit(place));
        out.path = path.map_or_else(Vec::new, |p| stretches(p, seen.members, origin));
        out.repeats = seen.members.len() as u32;
        out.children = out.repeats;
        out.folded = !fold.is_open(seen.place);
        out.bins = bins(durations());
        (out.percentile, out.hint, out.mark) = (None, String::new(), String::new());
        out
    }

    /// A parent that is not in the data: all that is known is its id, and the time that its children take up.
    fn missing(&self, seen: Row<'_>) -> p::TreeRow {
        let (spans, origin) = (self.store.spans(), self.trace.facts().start_ns);
        let (mut start, mut end, mut id) = (u64::MAX, 0, SpanId::default());
        for &place in seen.members {
            let row = self.trace.rows()[place as usize];
            let delta = self.skew_of(place).unwrap_or_default();
            let from = spans.start.get(row as usize).saturating_sub(origin).saturating_add_signed(delta);
            start = start.min(from);
            end = end.max(from.saturating_add(spans.duration(row)));
            id = SpanId(spans.parent_id.get(row as usize));
        }
        p::TreeRow {
            place: seen.place,
            span_id: id.to_string(),
            offset_ns: start as f64,
            duration_ns: end.saturating_sub(start) as f64,
            depth: 1,
            children: seen.members.len() as u32,
            folded: !self.fold.is_open(seen.place),
            mark: "missing".to_owned(),
            ..p::TreeRow::default()
        }
    }

    /// By how much skew correction moves a place, where it does.
    fn skew_of(&self, place: u32) -> Option<i64> {
        self.shown.skew.get(place as usize).copied().filter(|&delta| self.skew && delta != 0)
    }
}

impl Look<'_> {
    /// Events and log records of a span as time, kind, time, kind, …: of those within a pixel or so the worst.
    fn events(&self, place: u32, delta: i64) -> Vec<f64> {
        let Self { store, trace, shown, .. } = self;
        let spans = store.spans();
        let row = trace.rows()[place as usize];
        let events = &spans.events;
        let logs = &shown.logs[shown.logs.partition_point(|log| log.place < place)..];
        let logs = logs.iter().take_while(|log| log.place == place);
        let mut found: Vec<(u64, u64)> = spans
            .events_of(row)
            .map(|e| {
                (events.time.get(e), u64::from(store.text(events.name(e)) == conventions::EXCEPTION_EVENT))
            })
            .chain(logs.map(|log| (log.time_ns, 2 + u64::from(log.severe))))
            .collect();
        found.sort_unstable();
        let origin = trace.facts().start_ns;
        let apart = spans.duration(row) as f64 / CLOSEST;
        let mut out: Vec<f64> = Vec::new();
        for (time, kind) in found {
            let at = time.saturating_add_signed(delta).saturating_sub(origin) as f64;
            match out.as_mut_slice() {
                [.., before, worst] if at - *before < apart => *worst = worst.max(kind as f64),
                _ => out.extend([at, kind as f64]),
            }
        }
        out
    }
}

/// The sections of these places as from, to, from, to, …; small gaps closed, so that a row has a few hundred at most.
fn stretches(path: &Path, places: &[u32], origin: u64) -> Vec<f64> {
    let mut numbers: Vec<u32> = Vec::new();
    for &place in places {
        numbers.extend(path.of(place));
    }
    // Sections do not overlap: the order of their numbers is that of time.
    numbers.sort_unstable();
    let stretch = |number: u32| {
        let section = path.sections[number as usize];
        (section.start_ns.saturating_sub(origin), section.end_ns.saturating_sub(origin))
    };
    let (Some(&first), Some(&last)) = (numbers.first(), numbers.last()) else { return Vec::new() };
    let gap = (stretch(last).1 - stretch(first).0) as f64 * CLOSED_GAP;
    let mut out: Vec<f64> = Vec::new();
    for (start, end) in numbers.into_iter().map(stretch) {
        match out.last_mut() {
            Some(before) if start as f64 - *before <= gap => *before = end as f64,
            _ => out.extend([start as f64, end as f64]),
        }
    }
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
