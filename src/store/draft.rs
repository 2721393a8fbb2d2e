//! One span on its way into the columns.
//!
//! Decoders fill a draft field by field, in whatever order the input has, and commit it as a whole: a span
//! that turns out to be cut or broken leaves nothing behind but interned text.

use super::attributes::{AttrId, Attributes, KeyId, ValueRef};
use super::strings::StrId;
use crate::model::{SpanId, SpanKind, StatusCode, TraceId};

/// An event of the span being read.
#[derive(Clone, Copy, Debug, Default)]
pub struct EventDraft {
    /// Nanoseconds since the epoch.
    pub time_ns: u64,
    /// Event name.
    pub name: StrId,
    /// Attributes that the sender dropped.
    pub dropped: u32,
    /// Where its attributes end in [`SpanDraft::event_attributes`].
    pub attr_end: u32,
}

/// A link of the span being read.
#[derive(Clone, Copy, Debug, Default)]
pub struct LinkDraft {
    /// Trace of the linked span.
    pub trace_id: TraceId,
    /// The linked span.
    pub span_id: SpanId,
    /// W3C tracestate of the linked context.
    pub trace_state: StrId,
    /// OTLP link flags.
    pub flags: u32,
    /// Attributes that the sender dropped.
    pub dropped: u32,
    /// Where its attributes end in [`SpanDraft::link_attributes`].
    pub attr_end: u32,
}

/// What few spans have, kept apart and stored once per distinct record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extra {
    /// OTLP span flags.
    pub flags: u32,
    /// W3C tracestate.
    pub trace_state: StrId,
    /// Status message.
    pub status_message: StrId,
    /// Attributes that the sender dropped.
    pub dropped_attributes: u32,
    /// Events that the sender dropped.
    pub dropped_events: u32,
    /// Links that the sender dropped.
    pub dropped_links: u32,
}

/// A list of attributes in which a later value of the same key replaces the earlier one, as the official
/// readers do.
#[derive(Clone, Debug, Default)]
pub struct AttrList {
    ids: Vec<AttrId>,
    /// Per key: in which list (stamp) it was last seen.
    seen: Vec<u32>,
    stamp: u32,
    start: usize,
    /// Keys that came again in a list since the last [`clear`](Self::clear).
    pub repeated: u64,
}

impl AttrList {
    /// The attributes so far.
    pub fn ids(&self) -> &[AttrId] {
        &self.ids
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Starts a new list: forgets the attributes.
    pub fn clear(&mut self) {
        self.ids.clear();
        self.repeated = 0;
        self.start = 0;
        self.stamp = self.stamp.wrapping_add(1);
    }

    /// Starts another list behind the present one (the next event's, the next link's).
    pub fn next_list(&mut self) {
        self.start = self.ids.len();
        self.stamp = self.stamp.wrapping_add(1);
    }

    /// Adds an attribute; gives its handles.
    #[inline]
    pub fn push(&mut self, attributes: &mut Attributes, key: &[u8], value: ValueRef<'_>) -> (AttrId, KeyId) {
        let pair = attributes.intern_with_key(key, value);
        self.add(attributes, pair);
        pair
    }

    /// Adds what was read in these very bytes of a form before ([`Attributes::remember`]); false when nothing was.
    #[inline(always)]
    pub(crate) fn push_again(&mut self, attributes: &Attributes, raw: &[u8]) -> bool {
        let Some(pair) = attributes.recall(raw) else { return false };
        self.add(attributes, pair);
        true
    }

    #[inline(always)]
    fn add(&mut self, attributes: &Attributes, (id, KeyId(key)): (AttrId, KeyId)) {
        let key = key as usize;
        if key >= self.seen.len() {
            self.seen.resize(key + 1, self.stamp.wrapping_sub(1));
        }
        if self.seen[key] == self.stamp {
            self.repeated += 1;
            let list = &mut self.ids[self.start..];
            if let Some(old) = list.iter_mut().find(|old| attributes.key(**old).0 as usize == key) {
                *old = id;
                return;
            }
        }
        self.seen[key] = self.stamp;
        self.ids.push(id);
    }
}

/// One span being read.
#[derive(Clone, Debug, Default)]
pub struct SpanDraft {
    /// Trace id.
    pub trace_id: TraceId,
    /// Span id.
    pub span_id: SpanId,
    /// Parent span id, or none.
    pub parent_id: SpanId,
    /// Span name.
    pub name: StrId,
    /// Kind.
    pub kind: SpanKind,
    /// Status code.
    pub status: StatusCode,
    /// Start, nanoseconds since the epoch; 0 = unknown.
    pub start_ns: u64,
    /// End, nanoseconds since the epoch; 0 = unknown.
    pub end_ns: u64,
    /// The server half of a Zipkin span that shares its id with the client half.
    pub shared: bool,
    /// What few spans have.
    pub extra: Extra,
    /// Attributes.
    pub attributes: AttrList,
    /// Events.
    pub events: Vec<EventDraft>,
    /// Attributes of all events, one after another.
    pub event_attributes: AttrList,
    /// Links.
    pub links: Vec<LinkDraft>,
    /// Attributes of all links, one after another.
    pub link_attributes: AttrList,
}

impl SpanDraft {
    /// Forgets the span, keeping the buffers.
    pub fn clear(&mut self) {
        self.trace_id = TraceId::default();
        self.span_id = SpanId::NONE;
        self.parent_id = SpanId::NONE;
        self.name = StrId::EMPTY;
        self.kind = SpanKind::Unspecified;
        self.status = StatusCode::Unset;
        self.start_ns = 0;
        self.end_ns = 0;
        self.shared = false;
        self.extra = Extra::default();
        self.attributes.clear();
        self.events.clear();
        self.event_attributes.clear();
        self.links.clear();
        self.link_attributes.clear();
    }

    /// Ends an event whose attributes were pushed to [`event_attributes`](Self::event_attributes).
    pub fn push_event(&mut self, time_ns: u64, name: StrId, dropped: u32) {
        let attr_end = self.event_attributes.len() as u32;
        self.events.push(EventDraft { time_ns, name, dropped, attr_end });
        self.event_attributes.next_list();
    }

    /// Ends a link whose attributes were pushed to [`link_attributes`](Self::link_attributes).
    pub fn push_link(&mut self, link: LinkDraft) {
        let attr_end = self.link_attributes.len() as u32;
        self.links.push(LinkDraft { attr_end, ..link });
        self.link_attributes.next_list();
    }
}
