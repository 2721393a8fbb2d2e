//! The columns of spans, events and links.

use super::attributes::AttrId;
use super::column::Column;
use super::draft::{Extra, SpanDraft};
use super::groups::ScopeSlot;
use super::hash::hash_words;
use super::parcel::{Handles, Packer, Unpacker, instead};
use super::strings::StrId;
use super::table::Table;
use crate::model::{SpanKind, StatusCode, TraceId};

const STATUS_SHIFT: u8 = 3;
const SHARED: u8 = 1 << 5;

/// One row a span, in the order read.
#[derive(Debug, Default)]
pub struct Spans {
    /// Index of the trace.
    pub trace: Column<u32>,
    /// Span id.
    pub id: Column<u64>,
    /// Parent span id, 0 = none.
    pub parent_id: Column<u64>,
    /// Start, nanoseconds since the epoch.
    pub start: Column<u64>,
    /// End, nanoseconds since the epoch; may lie before the start.
    pub end: Column<u64>,
    /// Name, a [`StrId`].
    pub name: Column<u32>,
    pub(crate) slot: Column<u32>,
    bits: Column<u8>,
    attr_end: Column<u32>,
    attrs: Column<u32>,
    extra: Column<u32>,
    extras: Column<Extra>,
    extra_table: Table,
    last_extra: Option<(u32, Extra)>,
    /// Events and links of all spans.
    pub events: Events,
    /// Links of all spans.
    pub links: Links,
}

/// One row an event, in the order of the spans' rows.
#[derive(Debug, Default)]
pub struct Events {
    /// The span's row; ascending.
    pub span: Column<u32>,
    /// Nanoseconds since the epoch.
    pub time: Column<u64>,
    /// Name, a [`StrId`].
    pub name: Column<u32>,
    /// Attributes that the sender dropped.
    pub dropped: Column<u32>,
    attr_end: Column<u32>,
    attrs: Column<u32>,
}

/// One row a link, in the order of the spans' rows.
#[derive(Debug, Default)]
pub struct Links {
    /// The linking span's row; ascending.
    pub span: Column<u32>,
    /// Trace of the linked span.
    pub trace_id: Column<TraceId>,
    /// The linked span.
    pub span_id: Column<u64>,
    /// W3C tracestate, a [`StrId`].
    pub trace_state: Column<u32>,
    /// OTLP link flags.
    pub flags: Column<u32>,
    /// Attributes that the sender dropped.
    pub dropped: Column<u32>,
    attr_end: Column<u32>,
    attrs: Column<u32>,
}

fn run(ends: &Column<u32>, row: usize) -> std::ops::Range<usize> {
    let start = if row == 0 { 0 } else { ends.get(row - 1) as usize };
    start..ends.get(row) as usize
}

/// Rows of an ascending owner column that belong to `span`.
fn owned(owners: &Column<u32>, span: u32) -> std::ops::Range<usize> {
    let bound = |above: bool| {
        let (mut low, mut high) = (0, owners.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            let owner = owners.get(middle);
            if owner < span || (above && owner == span) { low = middle + 1 } else { high = middle }
        }
        low
    };
    bound(false)..bound(true)
}

impl Spans {
    /// How many spans were read (the sealed ones may be fewer).
    pub fn len(&self) -> usize {
        self.id.len()
    }

    /// Bytes that the columns hold.
    pub(crate) fn held(&self) -> usize {
        let own = self.trace.bytes() + self.name.bytes() + self.slot.bytes() + self.bits.bytes();
        let times = self.start.bytes() + self.end.bytes();
        let ids = self.id.bytes() + self.parent_id.bytes();
        let lists = self.attr_end.bytes() + self.attrs.bytes() + self.extra.bytes() + self.extras.bytes();
        let (e, l) = (&self.events, &self.links);
        let events = e.span.bytes() + e.time.bytes() + e.name.bytes() + e.dropped.bytes();
        let links = l.span.bytes() + l.trace_id.bytes() + l.span_id.bytes() + l.trace_state.bytes();
        let rest = l.flags.bytes() + l.dropped.bytes() + l.attr_end.bytes() + l.attrs.bytes();
        own + times + ids + lists + events + e.attr_end.bytes() + e.attrs.bytes() + links + rest
    }

    /// Whether no span was read.
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    pub(crate) fn push(&mut self, trace: u32, slot: ScopeSlot, draft: &SpanDraft) {
        let row = self.len() as u32;
        self.trace.push(trace);
        self.id.push(draft.span_id.0);
        self.parent_id.push(draft.parent_id.0);
        self.start.push(draft.start_ns);
        self.end.push(draft.end_ns);
        self.name.push(draft.name.0);
        self.slot.push(slot.0);
        let shared = if draft.shared { SHARED } else { 0 };
        self.bits.push(draft.kind as u8 | ((draft.status as u8) << STATUS_SHIFT) | shared);
        self.attrs.extend_from(draft.attributes.ids(), |id| id.0);
        self.attr_end.push(self.attrs.len() as u32);
        let extra = self.intern_extra(draft.extra);
        self.extra.push(extra);
        let mut from = 0;
        for event in &draft.events {
            self.events.span.push(row);
            self.events.time.push(event.time_ns);
            self.events.name.push(event.name.0);
            self.events.dropped.push(event.dropped);
            let to = event.attr_end as usize;
            self.events.attrs.extend_from(&draft.event_attributes.ids()[from..to], |id| id.0);
            self.events.attr_end.push(self.events.attrs.len() as u32);
            from = to;
        }
        from = 0;
        for link in &draft.links {
            self.links.span.push(row);
            self.links.trace_id.push(link.trace_id);
            self.links.span_id.push(link.span_id.0);
            self.links.trace_state.push(link.trace_state.0);
            self.links.flags.push(link.flags);
            self.links.dropped.push(link.dropped);
            let to = link.attr_end as usize;
            self.links.attrs.extend_from(&draft.link_attributes.ids()[from..to], |id| id.0);
            self.links.attr_end.push(self.links.attrs.len() as u32);
            from = to;
        }
    }

    /// Writes every span with its events and links.
    pub(crate) fn pack(&self, to: &mut Packer) {
        for extra in self.extras.iter() {
            let texts = [extra.trace_state.0, extra.status_message.0];
            let dropped = [extra.dropped_attributes, extra.dropped_events, extra.dropped_links];
            to.values(&[extra.flags, texts[0], texts[1], dropped[0], dropped[1], dropped[2]]);
        }
        to.values::<u32>(&[]);
        to.columns(&[&self.id, &self.parent_id, &self.start, &self.end]);
        to.column(&self.bits);
        to.columns(&[&self.trace, &self.name, &self.slot, &self.extra]);
        to.columns(&[&self.attr_end, &self.attrs]);
        let e = &self.events;
        to.column(&e.time);
        to.columns(&[&e.span, &e.name, &e.dropped, &e.attr_end, &e.attrs]);
        let l = &self.links;
        to.column(&l.span_id);
        to.column(&l.trace_id);
        to.columns(&[&l.span, &l.trace_state, &l.flags, &l.dropped, &l.attr_end, &l.attrs]);
    }

    /// Takes in what another store packed.
    pub(crate) fn absorb(&mut self, from: &mut Unpacker<'_>, handles: &Handles) -> Option<()> {
        let mut extras = Vec::new();
        while let Some(&[flags, trace_state, status_message, attributes, events, links]) =
            from.values::<u32>()?.iter().collect::<Vec<u32>>().first_chunk()
        {
            extras.push(self.find_extra(Extra {
                flags,
                trace_state: handles.string(trace_state),
                status_message: handles.string(status_message),
                dropped_attributes: attributes,
                dropped_events: events,
                dropped_links: links,
            }));
        }
        let row = self.len() as u32;
        let Self { id, parent_id, start, end, bits, trace, name, slot, extra, .. } = self;
        for column in [id, parent_id, start, end] {
            column.append(from.values::<u64>()?.iter());
        }
        bits.append(from.values::<u8>()?.iter());
        renamed(trace, from, &handles.traces)?;
        renamed(name, from, &handles.strings)?;
        moved(slot, from, handles.slots)?;
        renamed(extra, from, &extras)?;
        lists(&mut self.attr_end, &mut self.attrs, from, handles)?;
        let e = &mut self.events;
        e.time.append(from.values::<u64>()?.iter());
        moved(&mut e.span, from, row)?;
        renamed(&mut e.name, from, &handles.strings)?;
        moved(&mut e.dropped, from, 0)?;
        lists(&mut e.attr_end, &mut e.attrs, from, handles)?;
        let l = &mut self.links;
        l.span_id.append(from.values::<u64>()?.iter());
        l.trace_id.append(from.values::<TraceId>()?.iter());
        moved(&mut l.span, from, row)?;
        renamed(&mut l.trace_state, from, &handles.strings)?;
        moved(&mut l.flags, from, 0)?;
        moved(&mut l.dropped, from, 0)?;
        lists(&mut l.attr_end, &mut l.attrs, from, handles)
    }

    fn intern_extra(&mut self, extra: Extra) -> u32 {
        // Neighbors mostly agree.
        if let Some((id, last)) = self.last_extra
            && last == extra
        {
            return id;
        }
        let id = self.find_extra(extra);
        self.last_extra = Some((id, extra));
        id
    }

    fn find_extra(&mut self, extra: Extra) -> u32 {
        let hash = extra_hash(&extra);
        let extras = &self.extras;
        if let Some(id) = self.extra_table.find(hash, |id| extras.get(id as usize) == extra) {
            return id;
        }
        let id = self.extras.len() as u32;
        self.extras.push(extra);
        self.extra_table.insert(hash, id);
        id
    }

    /// Span kind of a row.
    #[inline]
    pub fn kind(&self, row: u32) -> SpanKind {
        SpanKind::from_number(u64::from(self.bits.get(row as usize) & 7))
    }

    /// Status code of a row.
    #[inline]
    pub fn status(&self, row: u32) -> StatusCode {
        StatusCode::from_number(u64::from((self.bits.get(row as usize) >> STATUS_SHIFT) & 3))
    }

    /// Whether a row is an error span: its status code is ERROR, nothing else.
    #[inline]
    pub fn is_error(&self, row: u32) -> bool {
        (self.bits.get(row as usize) >> STATUS_SHIFT) & 3 == StatusCode::Error as u8
    }

    /// Whether a row is the server half of a shared Zipkin id.
    #[inline]
    pub fn is_shared(&self, row: u32) -> bool {
        self.bits.get(row as usize) & SHARED != 0
    }

    /// End minus start in nanoseconds, 0 where the end lies before the start.
    #[inline]
    pub fn duration(&self, row: u32) -> u64 {
        self.end.get(row as usize).saturating_sub(self.start.get(row as usize))
    }

    /// What few spans have.
    pub fn extra(&self, row: u32) -> Extra {
        self.extras.get(self.extra.get(row as usize) as usize)
    }

    /// By row: which of [`extras`](Self::extras) is the span's.
    pub fn extra_numbers(&self) -> &Column<u32> {
        &self.extra
    }

    /// What few spans have, each once.
    pub fn extras(&self) -> &Column<Extra> {
        &self.extras
    }

    /// By row: the slot of its scope.
    pub(crate) fn slots(&self) -> &Column<u32> {
        &self.slot
    }

    /// The distinct tracestates, some of them more than once.
    pub fn trace_states(&self) -> impl Iterator<Item = StrId> {
        self.extras.range(0..self.extras.len()).map(|extra| extra.trace_state)
    }

    /// Attributes of a row, keys unique.
    #[inline]
    pub fn attributes(&self, row: u32) -> impl Iterator<Item = AttrId> {
        self.attrs.range(run(&self.attr_end, row as usize)).map(AttrId)
    }

    /// Visits the attributes of a row: what loops over all rows walk with.
    #[inline(always)]
    pub fn each_attribute(&self, row: u32, mut visit: impl FnMut(AttrId)) {
        let run = run(&self.attr_end, row as usize);
        let mut at = run.start;
        while at < run.end {
            let piece = self.attrs.piece(at, run.end);
            for &id in piece {
                visit(AttrId(id));
            }
            at += piece.len().max(1);
        }
    }

    /// Where each span's attributes end in [`attribute_column`](Self::attribute_column).
    pub fn attribute_ends(&self) -> &Column<u32> {
        &self.attr_end
    }

    /// The attributes of all spans, one after another, as [`AttrId`] numbers.
    pub fn attribute_column(&self) -> &Column<u32> {
        &self.attrs
    }

    /// Rows of the span's events.
    pub fn events_of(&self, row: u32) -> std::ops::Range<usize> {
        owned(&self.events.span, row)
    }

    /// Rows of the span's links.
    pub fn links_of(&self, row: u32) -> std::ops::Range<usize> {
        owned(&self.links.span, row)
    }
}

impl Events {
    /// Attributes of an event's row.
    pub fn attributes(&self, event: usize) -> impl Iterator<Item = AttrId> {
        self.attrs.range(run(&self.attr_end, event)).map(AttrId)
    }

    /// Name of an event's row.
    pub fn name(&self, event: usize) -> StrId {
        StrId(self.name.get(event))
    }
}

impl Links {
    /// Attributes of a link's row.
    pub fn attributes(&self, link: usize) -> impl Iterator<Item = AttrId> {
        self.attrs.range(run(&self.attr_end, link)).map(AttrId)
    }
}

/// Appends a packed column of handles.
#[inline(never)]
fn renamed(column: &mut Column<u32>, from: &mut Unpacker<'_>, handles: &[u32]) -> Option<()> {
    column.append(from.values::<u32>()?.iter().map(|of| instead(handles, of)));
    Some(())
}

/// Appends a packed column of numbers that count on from `by`.
#[inline(never)]
fn moved(column: &mut Column<u32>, from: &mut Unpacker<'_>, by: u32) -> Option<()> {
    column.append(from.values::<u32>()?.iter().map(|of: u32| of + by));
    Some(())
}

/// Appends packed lists of attributes.
#[inline(never)]
fn lists(
    ends: &mut Column<u32>,
    attrs: &mut Column<u32>,
    from: &mut Unpacker<'_>,
    handles: &Handles,
) -> Option<()> {
    let before = attrs.len() as u32;
    moved(ends, from, before)?;
    renamed(attrs, from, &handles.pairs)
}

fn extra_hash(e: &Extra) -> u64 {
    let words = [
        u64::from(e.flags),
        u64::from(e.trace_state.0),
        u64::from(e.status_message.0),
        u64::from(e.dropped_attributes),
        u64::from(e.dropped_events),
        u64::from(e.dropped_links),
    ];
    hash_words(words)
}
