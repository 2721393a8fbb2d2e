//! One record from OTLP/JSON: a span, a log record, a metric, and the resource and scope around them.
//!
//! Keys in lowerCamelCase or snake_case, in any order; unknown keys are skipped; null is the same as absent.
//! (`specs/otlp.md` §6, §6.1)

use super::cursor::{Cursor, Read};
use super::scalar;
use super::value::{Context, any_value, attributes, odd, string};
use crate::ingest::ids;
use crate::ingest::repair::Repair;
use crate::ingest::report::Findings;
use crate::model::{SpanId, TraceId};
use crate::store::{AttrList, LinkDraft, LogDraft, Scope, SpanDraft, StrId};

/// Text of a member, interned; null is the empty text.
#[inline]
fn text(cursor: &mut Cursor<'_>, cx: &mut Context<'_>) -> Read<StrId> {
    let text = string(cursor, &mut cx.tools.text)?;
    Ok(cx.builder.intern(text))
}

#[inline]
fn trace_id(cursor: &mut Cursor<'_>, cx: &mut Context<'_>) -> Read<TraceId> {
    if let Some(id) = cursor.quoted().and_then(ids::trace_hex) {
        cursor.seek(cursor.pos() + 34);
        return Ok(id);
    }
    Ok(match cursor.peek()? {
        b'"' => ids::trace_text(cursor.string(&mut cx.tools.text)?, cx.findings),
        b'{' | b'[' => {
            byte_list(cursor, cx)?;
            ids::trace_bytes(&cx.tools.text, cx.findings)
        }
        _ => ids::trace_text(string(cursor, &mut cx.tools.text)?, cx.findings),
    })
}

#[inline]
fn span_id(cursor: &mut Cursor<'_>, cx: &mut Context<'_>) -> Read<SpanId> {
    if let Some(id) = cursor.quoted().and_then(ids::span_hex) {
        cursor.seek(cursor.pos() + 18);
        return Ok(id);
    }
    Ok(match cursor.peek()? {
        b'"' => ids::span_text(cursor.string(&mut cx.tools.text)?, cx.findings),
        b'{' | b'[' => {
            byte_list(cursor, cx)?;
            ids::span_bytes(&cx.tools.text, cx.findings)
        }
        _ => ids::span_text(string(cursor, &mut cx.tools.text)?, cx.findings),
    })
}

/// Reads `[223, 96, …]` or `{"0": 223, "1": 96, …}` into the text buffer (`JSON.stringify` of a byte array).
fn byte_list(cursor: &mut Cursor<'_>, cx: &mut Context<'_>) -> Read<()> {
    cx.findings.repair(Repair::ByteIds);
    let mut bytes = std::mem::take(&mut cx.tools.text);
    bytes.clear();
    let list = cursor.peek()? == b'[';
    cursor.bump();
    let mut first = true;
    loop {
        let more = if list {
            cursor.element(&mut first)?
        } else {
            cursor.member(&mut first, &mut cx.tools.name)?.is_some()
        };
        if !more {
            break;
        }
        if bytes.len() < 64 && cursor.peek()?.is_ascii_digit() {
            bytes.push(scalar::digits(cursor.token()?).unwrap_or(0) as u8);
        } else {
            cursor.skip()?;
        }
    }
    cx.tools.text = bytes;
    Ok(())
}

#[inline]
fn time(cursor: &mut Cursor<'_>, cx: &mut Context<'_>) -> Read<u64> {
    scalar::time(cursor, &mut cx.tools.text, cx.findings)
}

#[inline]
fn count(cursor: &mut Cursor<'_>, cx: &mut Context<'_>) -> Read<u32> {
    scalar::count(cursor, &mut cx.tools.text, cx.findings)
}

/// Walks the objects of an array; anything else in it is left out.
fn objects<'a>(
    cursor: &mut Cursor<'a>,
    cx: &mut Context<'_>,
    mut each: impl FnMut(&mut Cursor<'a>, &mut Context<'_>) -> Read<()>,
) -> Read<()> {
    if cursor.peek()? != b'[' {
        return odd(cursor, cx.findings);
    }
    cursor.bump();
    let mut first = true;
    while cursor.element(&mut first)? {
        if cursor.peek()? == b'{' {
            each(cursor, cx)?;
        } else {
            odd(cursor, cx.findings)?;
        }
    }
    Ok(())
}

/// Looks ahead for the start of the span at the cursor; 0 where it has none.
fn start_of(mut cursor: Cursor<'_>, cx: &mut Context<'_>) -> Read<u64> {
    cursor.bump();
    let mut first = true;
    while let Some(member) = cursor.member(&mut first, &mut cx.tools.name)? {
        if matches!(member, b"startTimeUnixNano" | b"start_time_unix_nano") {
            // Repairs are counted when the span is read.
            return scalar::time(&mut cursor, &mut cx.tools.text, &mut Findings::default());
        }
        cursor.skip()?;
    }
    Ok(0)
}

/// A member of a span.
#[derive(Clone, Copy)]
enum Member {
    TraceId,
    SpanId,
    TraceState,
    ParentId,
    Flags,
    Name,
    Kind,
    Start,
    End,
    Attributes,
    DroppedAttributes,
    Events,
    DroppedEvents,
    Links,
    DroppedLinks,
    Status,
    SnakeTraceId,
    Unknown,
}

/// The members of a span with their colons, in the order in which exporters write them: that of the fields.
const MEMBERS: [(&[u8], Member); 16] = [
    (b"\"traceId\":", Member::TraceId),
    (b"\"spanId\":", Member::SpanId),
    (b"\"traceState\":", Member::TraceState),
    (b"\"parentSpanId\":", Member::ParentId),
    (b"\"flags\":", Member::Flags),
    (b"\"name\":", Member::Name),
    (b"\"kind\":", Member::Kind),
    (b"\"startTimeUnixNano\":", Member::Start),
    (b"\"endTimeUnixNano\":", Member::End),
    (b"\"attributes\":", Member::Attributes),
    (b"\"droppedAttributesCount\":", Member::DroppedAttributes),
    (b"\"events\":", Member::Events),
    (b"\"droppedEventsCount\":", Member::DroppedEvents),
    (b"\"links\":", Member::Links),
    (b"\"droppedLinksCount\":", Member::DroppedLinks),
    (b"\"status\":", Member::Status),
];

/// Goes to the next member of a span: the one that exporters write at `next` or later, or else whatever is there.
#[inline]
fn member(
    cursor: &mut Cursor<'_>,
    first: &mut bool,
    next: &mut usize,
    cx: &mut Context<'_>,
) -> Read<Option<Member>> {
    for (i, (key, member)) in MEMBERS.iter().enumerate().skip(*next) {
        if cursor.key(first, key) {
            *next = i + 1;
            return Ok(Some(*member));
        }
    }
    Ok(cursor.member(first, &mut cx.tools.name)?.map(by_name))
}

fn by_name(name: &[u8]) -> Member {
    let quoted = |key: &[u8]| key.get(1..key.len() - 2) == Some(name);
    if let Some((_, member)) = MEMBERS.iter().find(|(key, _)| quoted(key)) {
        return *member;
    }
    match name {
        b"trace_id" => Member::SnakeTraceId,
        b"span_id" => Member::SpanId,
        b"trace_state" => Member::TraceState,
        b"parent_span_id" => Member::ParentId,
        b"start_time_unix_nano" => Member::Start,
        b"end_time_unix_nano" => Member::End,
        b"dropped_attributes_count" => Member::DroppedAttributes,
        b"dropped_events_count" => Member::DroppedEvents,
        b"dropped_links_count" => Member::DroppedLinks,
        _ => Member::Unknown,
    }
}

/// Reads a span into a draft that was cleared; the cursor stands at its brace.
pub(super) fn span(cursor: &mut Cursor<'_>, draft: &mut SpanDraft, cx: &mut Context<'_>) -> Read<()> {
    if cx.findings.wanted.part.range.is_some() {
        // What is left out by its start stores nothing, wherever the start stands.
        draft.start_ns = start_of(*cursor, cx)?;
    }
    cursor.bump();
    let mut first = true;
    let mut next = 0;
    let mut snake = false;
    while let Some(member) = member(cursor, &mut first, &mut next, cx)? {
        match member {
            Member::TraceId => draft.trace_id = trace_id(cursor, cx)?,
            Member::SpanId => draft.span_id = span_id(cursor, cx)?,
            Member::ParentId => draft.parent_id = span_id(cursor, cx)?,
            Member::Name => draft.name = text(cursor, cx)?,
            Member::Kind => draft.kind = scalar::kind(cursor, &mut cx.tools.text, cx.findings)?,
            Member::Start => draft.start_ns = time(cursor, cx)?,
            Member::End => draft.end_ns = time(cursor, cx)?,
            Member::Attributes | Member::Events | Member::Links
                if !cx.findings.wanted.part.wants(draft.start_ns) =>
            {
                cursor.skip()?;
            }
            Member::Attributes => attributes(cursor, &mut draft.attributes, cx)?,
            Member::Status => status(cursor, draft, cx)?,
            Member::Events => objects(cursor, cx, |cursor, cx| event(cursor, draft, cx))?,
            Member::Links => objects(cursor, cx, |cursor, cx| link(cursor, draft, cx))?,
            Member::Flags => draft.extra.flags = count(cursor, cx)?,
            Member::TraceState => draft.extra.trace_state = text(cursor, cx)?,
            Member::DroppedAttributes => draft.extra.dropped_attributes = count(cursor, cx)?,
            Member::DroppedEvents => draft.extra.dropped_events = count(cursor, cx)?,
            Member::DroppedLinks => draft.extra.dropped_links = count(cursor, cx)?,
            Member::SnakeTraceId => {
                snake = true;
                draft.trace_id = trace_id(cursor, cx)?;
            }
            Member::Unknown => cursor.skip()?,
        }
    }
    if snake {
        cx.findings.repair(Repair::SnakeKeys);
    }
    if draft.trace_id.is_zero() || !draft.span_id.is_some() {
        cx.findings.repair(Repair::MissingIds);
    }
    Ok(())
}

fn status(cursor: &mut Cursor<'_>, draft: &mut SpanDraft, cx: &mut Context<'_>) -> Read<()> {
    if cursor.peek()? != b'{' {
        if cursor.null()? {
            return Ok(());
        }
        if matches!(cursor.peek()?, b'"' | b'0'..=b'9') {
            draft.status = scalar::status(cursor, &mut cx.tools.text, cx.findings)?;
            return Ok(());
        }
        return odd(cursor, cx.findings);
    }
    cursor.bump();
    let mut first = true;
    while let Some(member) = cursor.member(&mut first, &mut cx.tools.name)? {
        match member {
            b"code" => draft.status = scalar::status(cursor, &mut cx.tools.text, cx.findings)?,
            b"message" => draft.extra.status_message = text(cursor, cx)?,
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

fn event(cursor: &mut Cursor<'_>, draft: &mut SpanDraft, cx: &mut Context<'_>) -> Read<()> {
    cursor.bump();
    let mut first = true;
    let (mut at, mut name, mut dropped) = (0, StrId::EMPTY, 0);
    while let Some(member) = cursor.member(&mut first, &mut cx.tools.name)? {
        match member {
            b"timeUnixNano" | b"time_unix_nano" => at = time(cursor, cx)?,
            b"name" => name = text(cursor, cx)?,
            b"attributes" => attributes(cursor, &mut draft.event_attributes, cx)?,
            b"droppedAttributesCount" | b"dropped_attributes_count" => dropped = count(cursor, cx)?,
            _ => cursor.skip()?,
        }
    }
    draft.push_event(at, name, dropped);
    Ok(())
}

fn link(cursor: &mut Cursor<'_>, draft: &mut SpanDraft, cx: &mut Context<'_>) -> Read<()> {
    cursor.bump();
    let mut first = true;
    let mut link = LinkDraft::default();
    while let Some(member) = cursor.member(&mut first, &mut cx.tools.name)? {
        match member {
            b"traceId" | b"trace_id" => link.trace_id = trace_id(cursor, cx)?,
            b"spanId" | b"span_id" => link.span_id = span_id(cursor, cx)?,
            b"traceState" | b"trace_state" => link.trace_state = text(cursor, cx)?,
            b"attributes" => attributes(cursor, &mut draft.link_attributes, cx)?,
            b"droppedAttributesCount" | b"dropped_attributes_count" => link.dropped = count(cursor, cx)?,
            b"flags" => link.flags = count(cursor, cx)?,
            _ => cursor.skip()?,
        }
    }
    draft.push_link(link);
    Ok(())
}

/// Reads a log record into a draft that was cleared.
pub(super) fn log(cursor: &mut Cursor<'_>, draft: &mut LogDraft, cx: &mut Context<'_>) -> Read<()> {
    cursor.bump();
    let mut first = true;
    let mut observed = 0;
    while let Some(member) = cursor.member(&mut first, &mut cx.tools.name)? {
        match member {
            b"timeUnixNano" | b"time_unix_nano" => draft.time_ns = time(cursor, cx)?,
            b"observedTimeUnixNano" | b"observed_time_unix_nano" => observed = time(cursor, cx)?,
            b"severityNumber" | b"severity_number" => draft.severity = severity(cursor, cx)?,
            b"severityText" | b"severity_text" => draft.severity_text = text(cursor, cx)?,
            b"eventName" | b"event_name" => draft.event_name = text(cursor, cx)?,
            b"body" => {
                let tools = &mut *cx.tools;
                let value =
                    any_value(cursor, &mut tools.name, &mut tools.text, &mut tools.nested, cx.findings)?;
                draft.set_body(cx.builder.attributes(), value);
            }
            b"attributes" => attributes(cursor, &mut draft.attributes, cx)?,
            b"traceId" | b"trace_id" => draft.trace_id = trace_id(cursor, cx)?,
            b"spanId" | b"span_id" => draft.span_id = span_id(cursor, cx)?,
            _ => cursor.skip()?,
        }
    }
    if draft.time_ns == 0 {
        draft.time_ns = observed;
    }
    Ok(())
}

/// A severity as number or name (`SEVERITY_NUMBER_WARN2`).
fn severity(cursor: &mut Cursor<'_>, cx: &mut Context<'_>) -> Read<u8> {
    if cursor.peek()? != b'"' {
        return Ok(u8::try_from(count(cursor, cx)?).unwrap_or(0));
    }
    let text = cursor.string(&mut cx.tools.text)?;
    if let Some(number) = scalar::digits(text) {
        return Ok(u8::try_from(number).unwrap_or(0));
    }
    cx.findings.repair(Repair::EnumNames);
    let name = text.strip_prefix(b"SEVERITY_NUMBER_").unwrap_or(text);
    let digit = name.last().filter(|c| c.is_ascii_digit()).map_or(0, |c| c.wrapping_sub(b'1'));
    let word = name.trim_ascii_end().strip_suffix(&[digit + b'1']).unwrap_or(name);
    let words: [&[u8]; 6] = [b"TRACE", b"DEBUG", b"INFO", b"WARN", b"ERROR", b"FATAL"];
    let base = words.iter().position(|w| w.eq_ignore_ascii_case(word));
    Ok(base.map_or(0, |i| 4 * i as u8 + 1 + digit.min(3)))
}

/// Counts the data points of a metric.
pub(super) fn metric_points(cursor: &mut Cursor<'_>, cx: &mut Context<'_>) -> Read<u64> {
    cursor.bump();
    let mut first = true;
    let mut points = 0;
    while let Some(member) = cursor.member(&mut first, &mut cx.tools.name)? {
        let data = matches!(
            member,
            b"gauge"
                | b"sum"
                | b"histogram"
                | b"exponentialHistogram"
                | b"exponential_histogram"
                | b"summary"
        );
        if !data || cursor.peek()? != b'{' {
            cursor.skip()?;
            continue;
        }
        cursor.bump();
        let mut first = true;
        while let Some(member) = cursor.member(&mut first, &mut cx.tools.name)? {
            if matches!(member, b"dataPoints" | b"data_points") && cursor.peek()? == b'[' {
                cursor.bump();
                let mut first = true;
                while cursor.element(&mut first)? {
                    points += 1;
                    cursor.skip()?;
                }
            } else {
                cursor.skip()?;
            }
        }
    }
    Ok(points)
}

/// Reads a resource into a list of attributes; returns the count of dropped ones.
pub(super) fn resource(cursor: &mut Cursor<'_>, list: &mut AttrList, cx: &mut Context<'_>) -> Read<u32> {
    cursor.bump();
    let mut first = true;
    let mut dropped = 0;
    while let Some(member) = cursor.member(&mut first, &mut cx.tools.name)? {
        match member {
            b"attributes" => attributes(cursor, list, cx)?,
            b"droppedAttributesCount" | b"dropped_attributes_count" => dropped = count(cursor, cx)?,
            _ => cursor.skip()?,
        }
    }
    Ok(dropped)
}

/// Reads an instrumentation scope.
pub(super) fn scope(
    cursor: &mut Cursor<'_>,
    scope: &mut Scope,
    list: &mut AttrList,
    cx: &mut Context<'_>,
) -> Read<()> {
    cursor.bump();
    let mut first = true;
    while let Some(member) = cursor.member(&mut first, &mut cx.tools.name)? {
        match member {
            b"name" => scope.name = text(cursor, cx)?,
            b"version" => scope.version = text(cursor, cx)?,
            b"attributes" => attributes(cursor, list, cx)?,
            b"droppedAttributesCount" | b"dropped_attributes_count" => scope.dropped = count(cursor, cx)?,
            _ => cursor.skip()?,
        }
    }
    Ok(())
}

/// Reads the text of a schema address.
pub(super) fn schema_url(cursor: &mut Cursor<'_>, cx: &mut Context<'_>) -> Read<StrId> {
    text(cursor, cx)
}
