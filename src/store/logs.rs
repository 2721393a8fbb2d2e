//! Log records that belong to spans: since 2025 exceptions are recorded as logs rather than span events.

use super::attributes::{AttrId, Attributes, ValueRef};
use super::column::Column;
use super::draft::AttrList;
use super::groups::ScopeSlot;
use super::parcel::{Handles, Packer, Unpacker};
use super::strings::StrId;
use crate::model::{SpanId, TraceId};

/// A log record on its way into the columns.
#[derive(Clone, Debug, Default)]
pub struct LogDraft {
    /// Nanoseconds since the epoch; the observed time where the record has none.
    pub time_ns: u64,
    /// OTLP severity number, 1 (TRACE) to 24 (FATAL4); 0 = not said.
    pub severity: u8,
    /// The sender's word for the severity.
    pub severity_text: StrId,
    /// Event name.
    pub event_name: StrId,
    /// The body, as the pair of the empty key and the value.
    pub body: Option<AttrId>,
    /// Trace, or zero.
    pub trace_id: TraceId,
    /// Span, or none.
    pub span_id: SpanId,
    /// Attributes.
    pub attributes: AttrList,
}

impl LogDraft {
    /// Forgets the record, keeping the buffers.
    pub fn clear(&mut self) {
        let mut attributes = std::mem::take(&mut self.attributes);
        attributes.clear();
        *self = Self { attributes, ..Self::default() };
    }

    /// Sets the body.
    pub fn set_body(&mut self, attributes: &mut Attributes, value: ValueRef<'_>) {
        self.body = Some(attributes.intern(b"", value));
    }
}

/// One log record as a plain row.
#[derive(Clone, Copy, Debug)]
pub struct LogRow {
    /// Nanoseconds since the epoch.
    pub time_ns: u64,
    /// OTLP severity number.
    pub severity: u8,
    /// The sender's word for the severity.
    pub severity_text: StrId,
    /// Event name.
    pub event_name: StrId,
    /// The body, as the pair of the empty key and the value.
    pub body: Option<AttrId>,
    /// Trace, or zero.
    pub trace_id: TraceId,
    /// Span, or none.
    pub span_id: SpanId,
    slot: u32,
    attr_end: u32,
}

/// Log records in the order read.
#[derive(Debug, Default)]
pub struct Logs {
    rows: Column<LogRow>,
    attrs: Column<u32>,
}

impl Logs {
    /// Bytes that the records hold.
    pub(crate) fn held(&self) -> usize {
        self.rows.bytes() + self.attrs.bytes()
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// A record.
    pub fn get(&self, row: usize) -> LogRow {
        self.rows.get(row)
    }

    /// A record's attributes.
    pub fn attributes(&self, row: usize) -> impl Iterator<Item = AttrId> {
        let start = if row == 0 { 0 } else { self.rows.get(row - 1).attr_end };
        self.attrs.range(start as usize..self.rows.get(row).attr_end as usize).map(AttrId)
    }

    /// The scope slot of a record.
    pub(crate) fn slot(&self, row: usize) -> u32 {
        self.rows.get(row).slot
    }

    /// Writes every record.
    pub(crate) fn pack(&self, to: &mut Packer) {
        to.number(self.rows.len() as u64);
        for row in self.rows.iter() {
            to.values(&[row.time_ns, row.span_id.0]);
            to.values(&[row.trace_id]);
            let body = row.body.map_or(u32::MAX, |AttrId(id)| id);
            let texts = (row.severity_text.0, row.event_name.0);
            to.values(&[u32::from(row.severity), texts.0, texts.1, body, row.slot, row.attr_end]);
        }
        to.column(&self.attrs);
    }

    /// Takes in what another store packed.
    pub(crate) fn absorb(&mut self, from: &mut Unpacker<'_>, handles: &Handles) -> Option<()> {
        let before = self.attrs.len() as u32;
        for _ in 0..from.number()? {
            let mut times = from.values::<u64>()?.iter();
            let (time_ns, span_id) = (times.next()?, SpanId(times.next()?));
            let trace_id = from.values::<TraceId>()?.iter().next()?;
            let mut rest = from.values::<u32>()?.iter::<u32>();
            let severity = rest.next()? as u8;
            let (severity_text, event_name) = (handles.string(rest.next()?), handles.string(rest.next()?));
            let body = Some(rest.next()?).filter(|&id| id != u32::MAX).map(|id| handles.pair(id));
            let (slot, attr_end) = (handles.slots + rest.next()?, before + rest.next()?);
            self.rows.push(LogRow {
                time_ns,
                severity,
                severity_text,
                event_name,
                body,
                trace_id,
                span_id,
                slot,
                attr_end,
            });
        }
        from.values::<u32>()?.iter::<u32>().for_each(|id| self.attrs.push(handles.pair(id).0));
        Some(())
    }

    pub(crate) fn push(&mut self, slot: ScopeSlot, draft: &LogDraft) {
        draft.attributes.ids().iter().for_each(|a| self.attrs.push(a.0));
        self.rows.push(LogRow {
            time_ns: draft.time_ns,
            severity: draft.severity,
            severity_text: draft.severity_text,
            event_name: draft.event_name,
            body: draft.body,
            trace_id: draft.trace_id,
            span_id: draft.span_id,
            slot: slot.0,
            attr_end: self.attrs.len() as u32,
        });
    }
}
