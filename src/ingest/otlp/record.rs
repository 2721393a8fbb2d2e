//! One record from the wire: a `Span`, a `LogRecord`, a `Metric`, and the `Resource` and scope around them.
//!
//! Field numbers as in opentelemetry-proto 1.11 (`specs/otlp.md` §1–§4). Fields come in any order; of a
//! repeated scalar the last one counts; repeated messages merge; what is unknown is skipped.

use super::value::{Context, any_value, attribute, known_attribute, new_attribute};
use super::wire::{Field, Wire, WireError};
use crate::ingest::ids;
use crate::ingest::repair::Repair;
use crate::model::{SpanId, SpanKind, StatusCode, TraceId};
use crate::store::{AttrList, LinkDraft, LogDraft, Scope, SpanDraft, StrId};

/// Which signal a record belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// A `Span`.
    Span,
    /// A `LogRecord`.
    Log,
    /// A `Metric`.
    Metric,
}

/// Tells the signal of a record by its fields; none when they leave it open. The three requests have the
/// same outer shape, so nothing but the record itself can tell. A cut record is judged by its whole fields.
pub(crate) fn signal(record: &[u8]) -> Option<Signal> {
    let mut wire = Wire::new(record);
    let mut first: Option<&[u8]> = None;
    let mut second: Option<&[u8]> = None;
    let mut data = false;
    while let Ok((number, wire_type)) = wire.tag() {
        let Ok(field) = wire.value(wire_type) else { break };
        match (number, field) {
            // start and end time of a span; a metric's field 7 is a message and 8 is reserved.
            (7 | 8, Field::Fixed64(_)) | (16, Field::Fixed32(_)) | (6, Field::Varint(_)) => {
                return Some(Signal::Span);
            }
            // time, observed time and severity of a log record.
            (1 | 11, Field::Fixed64(_)) | (2, Field::Varint(_)) | (8, Field::Fixed32(_)) => {
                return Some(Signal::Log);
            }
            (1, Field::Bytes(bytes)) => first = Some(bytes),
            (2, Field::Bytes(bytes)) => second = Some(bytes),
            (5 | 7 | 9 | 10 | 11, Field::Bytes(_)) => data = true,
            _ => {}
        }
        if first.is_some_and(|id| id.len() == 16) && second.is_some_and(|id| id.len() == 8) {
            // A metric with a name of 16 and a description of 8 letters is text in both.
            let text =
                |bytes: Option<&[u8]>| bytes.is_some_and(|b| b.iter().all(|c| (b' '..0x7f).contains(c)));
            if !(text(first) && text(second)) {
                return Some(Signal::Span);
            }
        }
    }
    let name = first?;
    let text = std::str::from_utf8(name).is_ok_and(|t| !t.is_empty() && !t.contains(char::is_control));
    if text && (data || second.is_none_or(|d| std::str::from_utf8(d).is_ok())) {
        return data.then_some(Signal::Metric);
    }
    Some(Signal::Span)
}

fn kind(number: u64, cx: &mut Context<'_>) -> SpanKind {
    if number > 5 {
        cx.findings.repair(Repair::UnknownEnums);
    }
    SpanKind::from_number(number)
}

fn trace_id(bytes: &[u8], cx: &mut Context<'_>) -> TraceId {
    if let Ok(id) = bytes.try_into() {
        return TraceId(id);
    }
    ids::trace_bytes(bytes, cx.findings)
}

fn span_id(bytes: &[u8], cx: &mut Context<'_>) -> SpanId {
    if let Ok(id) = bytes.try_into() {
        return SpanId(u64::from_be_bytes(id));
    }
    ids::span_bytes(bytes, cx.findings)
}

/// Tag of `Span.attributes`: field 9 with bytes.
const ATTRIBUTES: u8 = 9 << 3 | 2;

/// Reads a `Span` into a draft that was cleared.
#[inline]
pub(super) fn span(message: &[u8], draft: &mut SpanDraft, cx: &mut Context<'_>) -> Result<(), WireError> {
    let mut wire = Wire::new(message);
    loop {
        // Most of a span are its attributes, most of them shorter than 128 bytes: one byte of tag, one of length.
        if cx.findings.wanted.part.wants(draft.start_ns) {
            while let Some(pair) = wire.short_bytes(ATTRIBUTES) {
                if !known_attribute(pair, &mut draft.attributes, cx) {
                    new_attribute(pair, &mut draft.attributes, cx)?;
                }
            }
        }
        let Some((number, field)) = wire.field()? else { break };
        match (number, field) {
            // Exporters write the times before: what is left out by its start stores nothing.
            (9 | 11 | 13, Field::Bytes(_)) if !cx.findings.wanted.part.wants(draft.start_ns) => {}
            (9, Field::Bytes(pair)) => attribute(pair, &mut draft.attributes, cx)?,
            (1, Field::Bytes(id)) => draft.trace_id = trace_id(id, cx),
            (2, Field::Bytes(id)) => draft.span_id = span_id(id, cx),
            (3, Field::Bytes(text)) => draft.extra.trace_state = cx.builder.intern(text),
            (4, Field::Bytes(id)) => draft.parent_id = span_id(id, cx),
            (5, Field::Bytes(text)) => draft.name = cx.builder.intern(text),
            (6, Field::Varint(number)) => draft.kind = kind(number, cx),
            (7, Field::Fixed64(time)) => draft.start_ns = time,
            (8, Field::Fixed64(time)) => draft.end_ns = time,
            (10, Field::Varint(count)) => draft.extra.dropped_attributes = count as u32,
            (11, Field::Bytes(event)) => self::event(event, draft, cx)?,
            (12, Field::Varint(count)) => draft.extra.dropped_events = count as u32,
            (13, Field::Bytes(link)) => self::link(link, draft, cx)?,
            (14, Field::Varint(count)) => draft.extra.dropped_links = count as u32,
            (15, Field::Bytes(status)) => self::status(status, draft, cx)?,
            (16, Field::Fixed32(flags)) => draft.extra.flags = flags,
            _ => {}
        }
    }
    if draft.trace_id.is_zero() || !draft.span_id.is_some() {
        cx.findings.repair(Repair::MissingIds);
    }
    Ok(())
}

fn status(message: &[u8], draft: &mut SpanDraft, cx: &mut Context<'_>) -> Result<(), WireError> {
    let mut wire = Wire::new(message);
    while let Some((number, field)) = wire.next()? {
        match (number, field) {
            (2, Field::Bytes(text)) => draft.extra.status_message = cx.builder.intern(text),
            (3, Field::Varint(code)) => {
                if code > 2 {
                    cx.findings.repair(Repair::UnknownEnums);
                }
                draft.status = StatusCode::from_number(code);
            }
            _ => {}
        }
    }
    Ok(())
}

fn event(message: &[u8], draft: &mut SpanDraft, cx: &mut Context<'_>) -> Result<(), WireError> {
    let mut wire = Wire::new(message);
    let (mut time, mut name, mut dropped) = (0, StrId::EMPTY, 0);
    while let Some((number, field)) = wire.next()? {
        match (number, field) {
            (1, Field::Fixed64(t)) => time = t,
            (2, Field::Bytes(text)) => name = cx.builder.intern(text),
            (3, Field::Bytes(pair)) => attribute(pair, &mut draft.event_attributes, cx)?,
            (4, Field::Varint(count)) => dropped = count as u32,
            _ => {}
        }
    }
    draft.push_event(time, name, dropped);
    Ok(())
}

fn link(message: &[u8], draft: &mut SpanDraft, cx: &mut Context<'_>) -> Result<(), WireError> {
    let mut wire = Wire::new(message);
    let mut link = LinkDraft::default();
    while let Some((number, field)) = wire.next()? {
        match (number, field) {
            (1, Field::Bytes(id)) => link.trace_id = trace_id(id, cx),
            (2, Field::Bytes(id)) => link.span_id = span_id(id, cx),
            (3, Field::Bytes(text)) => link.trace_state = cx.builder.intern(text),
            (4, Field::Bytes(pair)) => attribute(pair, &mut draft.link_attributes, cx)?,
            (5, Field::Varint(count)) => link.dropped = count as u32,
            (6, Field::Fixed32(flags)) => link.flags = flags,
            _ => {}
        }
    }
    draft.push_link(link);
    Ok(())
}

/// Reads a `LogRecord` into a draft that was cleared.
pub(super) fn log(message: &[u8], draft: &mut LogDraft, cx: &mut Context<'_>) -> Result<(), WireError> {
    let mut wire = Wire::new(message);
    let mut observed = 0;
    while let Some((number, field)) = wire.next()? {
        match (number, field) {
            (1, Field::Fixed64(time)) => draft.time_ns = time,
            (2, Field::Varint(severity)) => draft.severity = u8::try_from(severity).unwrap_or(0),
            (3, Field::Bytes(text)) => draft.severity_text = cx.builder.intern(text),
            (5, Field::Bytes(body)) => {
                let Context { builder, findings, nested } = cx;
                draft.set_body(builder.attributes(), any_value(body, nested, findings)?);
            }
            (6, Field::Bytes(pair)) => attribute(pair, &mut draft.attributes, cx)?,
            (9, Field::Bytes(id)) => draft.trace_id = trace_id(id, cx),
            (10, Field::Bytes(id)) => draft.span_id = span_id(id, cx),
            (11, Field::Fixed64(time)) => observed = time,
            (12, Field::Bytes(text)) => draft.event_name = cx.builder.intern(text),
            _ => {}
        }
    }
    if draft.time_ns == 0 {
        draft.time_ns = observed;
    }
    Ok(())
}

/// Counts the data points of a `Metric`.
pub(super) fn metric_points(message: &[u8]) -> Result<u64, WireError> {
    let mut wire = Wire::new(message);
    let mut points = 0;
    while let Some((number, field)) = wire.next()? {
        if let (5 | 7 | 9 | 10 | 11, Field::Bytes(data)) = (number, field) {
            let mut data = Wire::new(data);
            while let Some((number, field)) = data.next()? {
                points += u64::from(matches!((number, field), (1, Field::Bytes(_))));
            }
        }
    }
    Ok(points)
}

/// Reads a `Resource` into a list of attributes; returns the count of dropped ones, if said.
pub(super) fn resource(
    message: &[u8],
    list: &mut AttrList,
    cx: &mut Context<'_>,
) -> Result<Option<u32>, WireError> {
    let mut wire = Wire::new(message);
    let mut dropped = None;
    while let Some((number, field)) = wire.next()? {
        match (number, field) {
            (1, Field::Bytes(pair)) => attribute(pair, list, cx)?,
            (2, Field::Varint(count)) => dropped = Some(count as u32),
            _ => {}
        }
    }
    Ok(dropped)
}

/// Reads an `InstrumentationScope`.
pub(super) fn scope(
    message: &[u8],
    scope: &mut Scope,
    list: &mut AttrList,
    cx: &mut Context<'_>,
) -> Result<(), WireError> {
    let mut wire = Wire::new(message);
    while let Some((number, field)) = wire.next()? {
        match (number, field) {
            (1, Field::Bytes(text)) => scope.name = cx.builder.intern(text),
            (2, Field::Bytes(text)) => scope.version = cx.builder.intern(text),
            (3, Field::Bytes(pair)) => attribute(pair, list, cx)?,
            (4, Field::Varint(count)) => scope.dropped = count as u32,
            _ => {}
        }
    }
    Ok(())
}
