//! What is kept of the trace on screen, so that scrolling and panning cost little.

use super::find::Found;
use super::ranks::Ranks;
use super::rows::MISSING;
use super::{Desk, Error};
use crate::analysis::{
    Asynchronous, LogMark, Section, SkewRule, Uninterrupted, clock_skew, copies, critical_path, logs_of,
    trace_self_times, trace_times,
};
use crate::model::SpanId;
use crate::scene::flame::{Layout, Operation, Paths};
use crate::store::{RowSet, Store, StrId};

/// Which spans of the tree have their children folded away.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fold {
    /// Spans at this depth and deeper are folded.
    pub(super) depth: Option<u32>,
    /// Places whose fold is the opposite, ascending.
    pub(super) toggled: Vec<u32>,
    /// So many siblings of one operation stand in one row; 0 for never.
    pub(super) repeats: u32,
    /// Of those, by first place, the ones that are opened, and of missing parents those unlike the others, ascending.
    pub(super) opened: Vec<u32>,
    /// Missing parents are folded.
    pub(super) missing: bool,
    /// Only what matches this and leads there.
    pub(super) only: Option<String>,
    /// Without identical copies.
    pub(super) once: bool,
}

impl Fold {
    /// Whether the span at a place has its children folded away.
    pub(super) fn is_folded(&self, place: u32, depth: u32) -> bool {
        let by_depth = depth > 0 && self.depth.is_some_and(|from| depth >= from);
        by_depth != self.toggled.binary_search(&place).is_ok()
    }

    /// Whether a row of several or, if its key is one, a missing parent stands open.
    pub(super) fn is_open(&self, key: u32) -> bool {
        let named = self.opened.binary_search(&key).is_ok();
        if key & MISSING == 0 { named } else { named == self.missing }
    }
}

/// The critical path, ready to be asked by place.
#[derive(Debug)]
pub(super) struct Path {
    sync_only: bool,
    /// In order of time.
    pub(super) sections: Vec<Section>,
    /// Their numbers by place, and where each place's begin; one more at the end.
    by_place: Vec<u32>,
    starts: Vec<u32>,
}

impl Path {
    /// The numbers of the sections of a place, ascending and so in order of time.
    pub(super) fn of(&self, place: u32) -> &[u32] {
        let at = place as usize;
        let Some(&[from, to]) = self.starts.get(at..at + 2) else { return &[] };
        &self.by_place[from as usize..to as usize]
    }

    /// Puts the sections of a trace of `spans` spans in order of place as well.
    fn new(sync_only: bool, sections: Vec<Section>, spans: usize) -> Self {
        let mut starts = vec![0_u32; spans + 2];
        for section in &sections {
            starts[section.place as usize + 2] += 1;
        }
        for at in 2..starts.len() {
            starts[at] += starts[at - 1];
        }
        // What is counted one place further is the next free slot, and then the start of the next place.
        let mut by_place = vec![0; sections.len()];
        for (section, number) in sections.iter().zip(0..) {
            let slot = &mut starts[section.place as usize + 1];
            by_place[*slot as usize] = number;
            *slot += 1;
        }
        Self { sync_only, sections, by_place, starts }
    }
}

/// A trace with what was derived from it.
#[derive(Debug)]
pub(super) struct ShownTrace {
    pub(super) trace: u32,
    /// Start and end by place.
    pub(super) times: Vec<(u64, u64)>,
    /// Self times by place.
    pub(super) own: Vec<u64>,
    pub(super) layout: Option<Layout>,
    /// The merged layout of what weighed last.
    pub(super) merged: Option<(String, Layout)>,
    /// Its spans merged by path, once that was asked for.
    paths: Option<Paths>,
    /// A span id and its operation, the middle of the last sandwich.
    pub(super) around: Option<(String, Option<Operation>)>,
    /// The visible rows of the last fold.
    pub(super) visible: Option<(Fold, super::rows::Rows)>,
    pub(super) path: Option<Path>,
    pub(super) found: Option<Found>,
    pub(super) ranks: Ranks,
    /// Rows of slow spans, once they were looked for.
    pub(super) slow: Option<RowSet>,
    /// By place, nanoseconds that clock skew correction adds; empty where it moves nothing.
    pub(super) skew: Vec<i64>,
    /// Log records by place.
    pub(super) logs: Vec<LogMark>,
    /// Places of identical copies; empty where there is none.
    pub(super) copies: RowSet,
}

/// The name of the layout by corrected time; no weight is called so.
pub(super) const SKEW: &str = "skew";

impl ShownTrace {
    fn new(store: &Store, trace: u32) -> Self {
        let shape = store.trace(trace);
        let mut skew = clock_skew(store, shape, SkewRule::ClientToServer, shape.facts().duration_ns).deltas;
        if skew.iter().all(|&delta| delta == 0) {
            skew = Vec::new();
        }
        let copies = if shape.facts().duplicates > 0 {
            copies(store, shape).identical.into_iter().collect()
        } else {
            RowSet::default()
        };
        let times = trace_times(store, shape);
        Self {
            trace,
            skew,
            logs: logs_of(store, shape),
            copies,
            paths: None,
            around: None,
            own: trace_self_times(store, shape, &times, Asynchronous::Include),
            times,
            layout: None,
            merged: None,
            visible: None,
            path: None,
            found: None,
            ranks: Ranks::default(),
            slow: None,
        }
    }

    /// The layout by time, or the merged one of a weight.
    pub(super) fn layout_of(&self, merged: &str) -> Option<&Layout> {
        if merged.is_empty() {
            return self.layout.as_ref();
        }
        self.merged.as_ref().filter(|(weight, _)| weight == merged).map(|(_, layout)| layout)
    }
}

impl Desk {
    /// The trace on screen; another one takes its place.
    pub(super) fn shown(&mut self, trace: u32) -> &mut ShownTrace {
        self.at_hand(trace).1
    }

    /// The same with the store that it belongs to.
    pub(super) fn at_hand(&mut self, trace: u32) -> (&Store, &mut ShownTrace) {
        let store = self.builder.store();
        if self.shown.as_ref().is_some_and(|shown| shown.trace != trace) {
            self.shown = None;
        }
        (store, self.shown.get_or_insert_with(|| ShownTrace::new(store, trace)))
    }

    /// Lays out the flamegraph of a trace: by time, or merged by a weight, for all of it or around the operation of
    /// a place. Gives the layout's name.
    pub(super) fn laid_out(
        &mut self,
        trace: u32,
        merged: &str,
        around: &str,
        sync_only: bool,
    ) -> Result<String, Error> {
        let whole = around.is_empty() || merged.is_empty() || merged == SKEW;
        let operation = if whole { None } else { self.operation_of(trace, around) };
        let name = match operation {
            Some((service, StrId(text))) => format!("{merged}:{}:{text}", service.0),
            None => merged.to_owned(),
        };
        if self.shown(trace).layout_of(&name).is_none() {
            self.lay_out(trace, merged, operation, &name, sync_only)?;
        }
        Ok(name)
    }

    /// The operation of the span with this id.
    fn operation_of(&mut self, trace: u32, span_id: &str) -> Option<Operation> {
        self.shown(trace);
        let shown = self.shown.as_mut()?;
        if let Some((_, known)) = shown.around.as_ref().filter(|(id, _)| id == span_id) {
            return *known;
        }
        let store = self.builder.store();
        let spans = store.spans();
        let wanted = SpanId::parse(span_id);
        let mut rows = store.trace(trace).rows().iter();
        let row = rows.find(|&&row| wanted.is_some_and(|w| spans.id.get(row as usize) == w.0));
        let found = row.map(|&row| (store.service(row), StrId(spans.name.get(row as usize))));
        shown.around = Some((span_id.to_owned(), found));
        found
    }

    fn lay_out(
        &mut self,
        trace: u32,
        merged: &str,
        around: Option<Operation>,
        name: &str,
        sync_only: bool,
    ) -> Result<(), Error> {
        if merged == SKEW {
            let (store, shown) = self.at_hand(trace);
            let layout = Layout::shifted(store, trace, &shown.times, &shown.skew);
            shown.merged = Some((merged.to_owned(), layout));
            return Ok(());
        }
        if merged.is_empty() {
            let (store, shown) = self.at_hand(trace);
            shown.layout = Some(Layout::shifted(store, trace, &shown.times, &[]));
            return Ok(());
        }
        let weights = match merged {
            "self" => self.shown(trace).own.clone(),
            "critical" => {
                self.walk_path(trace, sync_only)?;
                let mut weights = vec![0; self.builder.store().trace(trace).len()];
                let path = self.shown(trace).path.as_ref();
                for section in path.map_or(&[][..], |p| &p.sections) {
                    weights[section.place as usize] += section.end_ns - section.start_ns;
                }
                weights
            }
            "total" => {
                self.shown(trace).times.iter().map(|&(start, end)| end.saturating_sub(start)).collect()
            }
            _ => {
                let expected = "total, self or critical";
                return Err(Error::BadField { field: "merged", expected, found: merged.to_owned() });
            }
        };
        let inclusive = merged == "total";
        let (store, shown) = self.at_hand(trace);
        let sandwich = around.and_then(|of| Layout::sandwich(store, trace, of, &weights, inclusive));
        let layout = sandwich.unwrap_or_else(|| {
            let paths = shown.paths.get_or_insert_with(|| Paths::of(store, store.trace(trace)));
            Layout::merged(store, trace, paths, &weights, inclusive)
        });
        shown.merged = Some((name.to_owned(), layout));
        if let Some(found) = &mut shown.found {
            found.bars = None;
        }
        Ok(())
    }

    /// Walks the critical path of a trace.
    pub(super) fn walk_path(&mut self, trace: u32, sync_only: bool) -> Result<(), Error> {
        if self.shown(trace).path.as_ref().is_some_and(|p| p.sync_only == sync_only) {
            return Ok(());
        }
        let (store, shown) = self.at_hand(trace);
        let shape = store.trace(trace);
        let rule = asynchronous(sync_only);
        let sections = critical_path(store, shape, &shown.times, rule, &Uninterrupted)?;
        shown.path = Some(Path::new(sync_only, sections, shape.len()));
        // What was merged or found by the other path is void.
        shown.merged = shown.merged.take().filter(|(weight, _)| !weight.starts_with("critical"));
        Ok(())
    }
}

/// Whether asynchronous children count.
pub(super) fn asynchronous(sync_only: bool) -> Asynchronous {
    if sync_only { Asynchronous::LeaveOut } else { Asynchronous::Include }
}
