//! The columnar span store.
//!
//! Ingest fills it through a [`Builder`]; everybody else reads a [`Store`] as of its last seal. It knows no
//! file format. Strings, attribute pairs, resources and scopes are stored once; a span is a row of numbers;
//! traces and trees are derived by the seal.
//!
//! ```text
//! let mut builder = Builder::default();
//! let resource = builder.open_resource();
//! let scope = builder.open_scope(resource);
//! builder.commit(scope, &draft);                       // any number of spans
//! builder.close_scope(scope, Scope::default());
//! builder.close_resource(resource, &attributes, 0, StrId::EMPTY);
//! let store = builder.seal();
//! store.trace(0).rows()                                // pre-order
//! ```

mod arena;
mod attributes;
mod builder;
mod column;
mod draft;
mod echo;
mod groups;
pub(crate) mod hash;
mod logs;
pub mod nested;
pub(crate) mod order;
pub(crate) mod parcel;
mod row_set;
mod spans;
mod strings;
mod table;
mod traces;
mod tree;

#[cfg(test)]
mod tests;

pub use attributes::{AttrId, Attributes, KeyId, ValueRef};
pub use builder::Builder;
pub use column::{CHUNK, Column};
pub use draft::{AttrList, EventDraft, Extra, LinkDraft, SpanDraft};
pub use groups::{Groups, Resource, ResourceId, ResourceSlot, Scope, ScopeId, ScopeSlot, ServiceId};
pub use logs::{LogDraft, LogRow, Logs};
pub use row_set::RowSet;
pub use spans::{Events, Links, Spans};
pub use strings::{StrId, Strings};
pub use traces::Traces;
pub use tree::{NO_ROW, TraceFacts, mark};

use crate::model::TraceId;
use tree::Tree;

/// All telemetry that was read, as of the last seal.
#[derive(Debug, Default)]
pub struct Store {
    strings: Strings,
    attributes: Attributes,
    groups: Groups,
    traces: Traces,
    spans: Spans,
    logs: Logs,
    tree: Tree,
    sealed_traces: usize,
    sealed_logs: usize,
    generation: u64,
    /// Earliest known start (`u64::MAX` = none) and latest known end (0 = none) of the sealed spans.
    extent: (u64, u64),
}

impl Store {
    fn seal(&mut self, open_from: usize) {
        let Self { strings, groups, traces, spans, tree, extent, .. } = self;
        // Times never change: only what is new can widen the extent.
        let fresh = tree.sealed..spans.len();
        let starts = spans.start.range(fresh.clone()).filter(|&t| t > 0);
        let earliest = starts.min().unwrap_or(u64::MAX);
        let latest = spans.end.range(fresh).max().unwrap_or(0);
        *extent = if tree.sealed == 0 {
            (earliest, latest)
        } else {
            (extent.0.min(earliest), extent.1.max(latest))
        };
        self.sealed_traces = traces.len();
        self.sealed_logs = self.logs.len();
        tree.seal(spans, groups, strings, self.sealed_traces, open_from);
        self.generation += 1;
    }

    /// Grows with each seal.
    pub fn generation(&self) -> u64 {
        self.generation
    }

    /// How many spans are sealed: rows `0..len()`.
    pub fn len(&self) -> usize {
        self.tree.sealed
    }

    /// Whether no span is sealed.
    pub fn is_empty(&self) -> bool {
        self.tree.sealed == 0
    }

    /// The span columns; only rows below [`len`](Self::len) are sealed.
    pub fn spans(&self) -> &Spans {
        &self.spans
    }

    /// The text table.
    pub fn strings(&self) -> &Strings {
        &self.strings
    }

    /// The text of a handle.
    pub fn text(&self, id: StrId) -> &str {
        self.strings.get(id)
    }

    /// The attribute dictionary.
    pub fn attributes(&self) -> &Attributes {
        &self.attributes
    }

    /// Resources, scopes and services.
    pub fn groups(&self) -> &Groups {
        &self.groups
    }

    /// The log records, in the order read.
    pub fn logs(&self) -> &Logs {
        &self.logs
    }

    /// How many log records are sealed.
    pub fn log_count(&self) -> usize {
        self.sealed_logs
    }

    /// How many traces are sealed: traces `0..trace_count()`.
    pub fn trace_count(&self) -> usize {
        self.sealed_traces
    }

    /// The trace of an id.
    pub fn find_trace(&self, id: TraceId) -> Option<u32> {
        self.traces.find(id).filter(|&t| (t as usize) < self.sealed_traces)
    }

    /// The id of a trace.
    pub fn trace_id(&self, trace: u32) -> TraceId {
        self.traces.id(trace)
    }

    /// A trace with its tree.
    pub fn trace(&self, trace: u32) -> Trace<'_> {
        Trace { store: self, trace }
    }

    /// Facts of every trace, by trace.
    pub fn trace_facts(&self) -> &[TraceFacts] {
        &self.tree.facts
    }

    /// The parent's row, or none for roots and orphans.
    #[inline]
    pub fn parent(&self, row: u32) -> Option<u32> {
        let parent = self.tree.parent.get(row as usize);
        (parent != NO_ROW).then_some(parent)
    }

    /// Parents of all rows, [`NO_ROW`] where there is none.
    pub fn parents(&self) -> &Column<u32> {
        &self.tree.parent
    }

    /// The [`mark`] bits of a row.
    #[inline]
    pub fn marks(&self, row: u32) -> u8 {
        self.tree.marks.get(row as usize)
    }

    /// The service of a row.
    #[inline]
    pub fn service(&self, row: u32) -> ServiceId {
        ServiceId(self.tree.slot_service[self.spans.slot.get(row as usize) as usize])
    }

    /// The service of every slot that spans name, as a [`ServiceId`] number.
    pub(crate) fn slot_services(&self) -> &[u32] {
        &self.tree.slot_service
    }

    /// How many services there are: `ServiceId`s `0..service_count()`.
    pub fn service_count(&self) -> usize {
        self.groups.services().len()
    }

    /// The name of a service; "" where `service.name` is absent.
    pub fn service_name(&self, service: ServiceId) -> &str {
        self.strings.get(self.groups.services()[service.0 as usize])
    }

    /// The service of a log record.
    pub fn log_service(&self, log: usize) -> ServiceId {
        ServiceId(self.tree.slot_service.get(self.logs.slot(log) as usize).copied().unwrap_or(0))
    }

    /// The resource of a row; none while it is still being read.
    pub fn resource(&self, row: u32) -> Option<&Resource> {
        self.groups.resource_of(self.spans.slot.get(row as usize)).map(|id| self.groups.resource(id))
    }

    /// The resource handle of a row; none while it is still being read.
    #[inline]
    pub fn resource_id(&self, row: u32) -> Option<ResourceId> {
        self.groups.resource_of(self.spans.slot.get(row as usize))
    }

    /// The scope of a row; none while it is still being read.
    pub fn scope(&self, row: u32) -> Option<&Scope> {
        self.groups.scope_of(self.spans.slot.get(row as usize)).map(|id| self.groups.scope(id))
    }

    /// The scope handle of a row; none while it is still being read.
    #[inline]
    pub fn scope_id(&self, row: u32) -> Option<ScopeId> {
        self.groups.scope_of(self.spans.slot.get(row as usize))
    }

    /// The text of a row's name.
    pub fn name(&self, row: u32) -> &str {
        self.strings.get(StrId(self.spans.name.get(row as usize)))
    }

    /// Earliest known start and latest known end over all spans; none without any known time.
    pub fn extent(&self) -> Option<(u64, u64)> {
        let (start, end) = self.extent;
        (start != u64::MAX && end > 0 && !self.is_empty()).then_some((start, end))
    }
}

/// One trace: its rows in pre-order and its shape.
#[derive(Clone, Copy)]
pub struct Trace<'a> {
    store: &'a Store,
    trace: u32,
}

impl<'a> Trace<'a> {
    /// Its number.
    pub fn number(self) -> u32 {
        self.trace
    }

    /// Its id.
    pub fn id(self) -> TraceId {
        self.store.traces.id(self.trace)
    }

    /// What is known of it as a whole.
    pub fn facts(self) -> TraceFacts {
        self.store.tree.facts[self.trace as usize]
    }

    fn span(self) -> std::ops::Range<usize> {
        let starts = &self.store.tree.starts;
        starts[self.trace as usize] as usize..starts[self.trace as usize + 1] as usize
    }

    /// How many spans it has.
    pub fn len(self) -> usize {
        self.span().len()
    }

    /// Never true: a trace is known by its spans.
    pub fn is_empty(self) -> bool {
        self.span().is_empty()
    }

    /// Its rows in pre-order; cyclic spans stand at the end, by start.
    pub fn rows(self) -> &'a [u32] {
        &self.store.tree.order[self.span()]
    }

    /// Depth by place in [`rows`](Self::rows): roots and orphans 1, cyclic spans 0.
    pub fn depths(self) -> &'a [u32] {
        &self.store.tree.depth[self.span()]
    }

    /// One past the place of the last descendant of the span at `place`.
    pub fn subtree_end(self, place: usize) -> usize {
        let from = self.span().start;
        self.store.tree.subtree_end[from + place] as usize - from
    }

    /// Places of the direct children of the span at `place`, in siblings' order. For a cyclic span these
    /// are found by a scan of the cyclic ones.
    pub fn children(self, place: usize) -> impl Iterator<Item = usize> {
        let rows = self.rows();
        let cyclic = self.depths()[place] == 0;
        let end = if cyclic { rows.len() } else { self.subtree_end(place) };
        let first_cyclic = rows.len() - self.facts().cyclic as usize;
        let mut at = if cyclic { first_cyclic } else { place + 1 };
        std::iter::from_fn(move || {
            while at < end {
                let child = at;
                at = if cyclic { at + 1 } else { self.subtree_end(at) };
                if !cyclic || self.store.tree.parent.get(rows[child] as usize) == rows[place] {
                    return Some(child);
                }
            }
            None
        })
    }

    /// The rows of the trace of which something holds; where it is much of the data, in the order of the file, which is
    /// that of memory, and then maybe others as well.
    pub fn rows_where(self, holds: &dyn Fn(u32) -> bool) -> RowSet {
        let all = self.store.len();
        let mut found = RowSet::new(all);
        if self.is_most() {
            (0..all as u32).filter(|&row| holds(row)).for_each(|row| found.insert(row));
        } else {
            self.rows().iter().copied().filter(|&row| holds(row)).for_each(|row| found.insert(row));
        }
        found
    }

    /// Whether one pass over all spans is cheaper than a look-up for each of the trace.
    pub fn is_most(self) -> bool {
        self.len() * 4 >= self.store.len()
    }

    /// The place of a row in [`rows`](Self::rows).
    pub fn place(self, row: u32) -> Option<usize> {
        self.rows().iter().position(|&r| r == row)
    }
}
