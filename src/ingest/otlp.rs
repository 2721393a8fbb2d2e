//! OTLP protobuf straight into columns: a walker that can stop at any byte and go on later.
//!
//! `TracesData`, `LogsData`, `MetricsData` and their export requests have one outer shape: groups by
//! resource, in them groups by scope, in them records. The walker keeps a small stack of where the open
//! groups end; a record, resource or scope is decoded when it is whole in the buffer. Requests written one
//! after another are one request to protobuf, and so they are here. Tempo's `TraceByIDResponse` is one level
//! deeper. (`specs/otlp.md` §1–§4, §7.2)

pub mod messages;
pub(crate) mod probe;
mod record;
mod value;
pub(crate) mod wire;

use super::group::OpenGroups;
use super::pipe::Pipe;
use super::repair::Repair;
use super::report::{Findings, Place, ProblemKind};
use crate::store::nested::Encoder;
use crate::store::{Builder, LogDraft, SpanDraft};
pub(crate) use record::Signal;
use value::Context;
use wire::{BYTES, FIXED32, FIXED64, GROUP, GROUP_END, VARINT, Wire, WireError};

/// Which message the open levels are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// `TraceByIDResponse.trace`.
    Wrapper,
    /// `ResourceSpans`, `ResourceLogs` or `ResourceMetrics`.
    Resource,
    /// `ScopeSpans`, `ScopeLogs` or `ScopeMetrics`.
    Scope,
}

/// Why the walker stands still.
enum Stop {
    /// The buffer ends inside something.
    More,
    /// The bytes break the wire format; the innermost group cannot be read further.
    Broken(WireError),
}

impl From<WireError> for Stop {
    fn from(error: WireError) -> Self {
        Self::Broken(error)
    }
}

/// Reads OTLP protobuf from a pipe, as far as the pipe goes.
#[derive(Debug)]
pub(crate) struct Walker {
    wrapped: bool,
    max_record: u64,
    /// Open levels with the absolute offset of their end, outermost first.
    levels: Vec<(Level, u64)>,
    /// Bytes to throw away.
    skip: u64,
    /// Unknown groups (wire type 3) that are open.
    unknown: u64,
    /// Nothing can be read any more until the next message begins.
    lost: bool,
    groups: OpenGroups,
    /// Field number of the scope groups that were met first in this resource: 2, or 1000 in the old form.
    scopes: u32,
    signal: Option<Signal>,
    span: SpanDraft,
    log: LogDraft,
    nested: Encoder,
}

impl Walker {
    /// A walker for messages that are wrapped as Tempo does, or not; records over `max_record` bytes are skipped.
    pub(crate) fn new(wrapped: bool, max_record: u64) -> Self {
        Self {
            wrapped,
            max_record,
            levels: Vec::with_capacity(3),
            skip: 0,
            unknown: 0,
            lost: false,
            groups: OpenGroups::default(),
            scopes: 0,
            signal: None,
            span: SpanDraft::default(),
            log: LogDraft::default(),
            nested: Encoder::default(),
        }
    }

    /// Whether the messages are Tempo's `TraceByIDResponse`.
    pub(crate) fn is_wrapped(&self) -> bool {
        self.wrapped
    }

    /// Whether this stands between outermost fields that were all read.
    pub(crate) fn is_between(&self) -> bool {
        let idle = self.levels.is_empty() && self.skip == 0 && self.unknown == 0;
        idle && !self.wrapped && !self.lost
    }

    /// Whether the rest of the input is of no use.
    pub(crate) fn is_lost(&self, pipe: &Pipe) -> bool {
        self.lost && pipe.next_mark().is_none()
    }

    /// Reads until the pipe has nothing whole left or about `budget` bytes were taken.
    pub(crate) fn run(
        &mut self,
        pipe: &mut Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
        budget: u64,
    ) {
        let until = pipe.at().saturating_add(budget);
        while pipe.at() < until {
            if pipe.next_mark() == Some(pipe.at()) {
                self.end_message(pipe, builder, findings);
                pipe.pop_mark();
                continue;
            }
            if pipe.is_empty() {
                break;
            }
            if self.lost {
                pipe.consume(pipe.message().len());
                continue;
            }
            if self.skip > 0 {
                let count = self.skip.min(pipe.message().len() as u64);
                pipe.consume(count as usize);
                self.skip -= count;
                continue;
            }
            match self.field(pipe, builder, findings) {
                Ok(()) => {}
                Err(Stop::More) => break,
                Err(Stop::Broken(error)) => self.broken(error, pipe, builder, findings),
            }
            self.close_ended(pipe.at(), builder, findings);
        }
    }

    /// Ends the input: what is open is closed, and a cut is told unless reading was given up.
    pub(crate) fn finish(
        &mut self,
        pipe: &mut Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
        given_up: bool,
    ) {
        self.lost |= given_up;
        self.end_message(pipe, builder, findings);
    }

    /// One field of the innermost open level, or the start of the next level.
    fn field(&mut self, pipe: &mut Pipe, builder: &mut Builder, findings: &mut Findings) -> Result<(), Stop> {
        let level = self.levels.last().copied();
        let bytes = pipe.message();
        let room = level.map_or(u64::MAX, |(_, end)| end - pipe.at());
        let whole_level = room <= bytes.len() as u64;
        let bytes = &bytes[..bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX))];
        // A field that goes beyond the buffer is cut for now, one that goes beyond its level is broken.
        let cut = |error| match error {
            WireError::Cut if !whole_level => Stop::More,
            other => Stop::Broken(other),
        };
        let mut wire = Wire::new(bytes);
        let (number, wire_type) = wire.tag().map_err(cut)?;
        if self.unknown > 0 || wire_type != BYTES {
            match wire_type {
                VARINT => drop(wire.varint().map_err(cut)?),
                FIXED64 | FIXED32 => drop(wire.value(wire_type).map_err(cut)?),
                GROUP => self.unknown += 1,
                GROUP_END if self.unknown > 0 => self.unknown -= 1,
                GROUP_END => return Err(Stop::Broken(WireError::GroupEnd)),
                BYTES => {
                    let length = wire.varint().map_err(cut)?;
                    self.skip_bytes(length, room, bytes.len() - wire.rest().len())?;
                }
                other => return Err(Stop::Broken(WireError::WireType(other))),
            }
            pipe.consume(bytes.len() - wire.rest().len());
            return Ok(());
        }
        let length = wire.varint().map_err(cut)?;
        let head = bytes.len() - wire.rest().len();
        let left = room - head as u64;
        if length > left {
            return Err(Stop::Broken(WireError::Length { length, room: left }));
        }
        let descend = match (level.map(|(level, _)| level), number) {
            (None, 1) if self.wrapped => Some(Level::Wrapper),
            (None | Some(Level::Wrapper), 1) => Some(Level::Resource),
            (Some(Level::Resource), 2 | 1000) if self.takes_scopes(number, findings) => Some(Level::Scope),
            _ => None,
        };
        if let Some(level) = descend {
            let end = pipe.at().saturating_add(head as u64).saturating_add(length);
            pipe.consume(head);
            self.open(level, end);
            return Ok(());
        }
        let level = level.map(|(level, _)| level);
        let used = matches!((level, number), (Some(Level::Resource), 1 | 3) | (Some(Level::Scope), 1..=3));
        if !used || length > self.max_record {
            if used {
                let message = format!("a record of {length} bytes is too large to read");
                findings.problem(ProblemKind::TooLarge, pipe.place(0), message);
            }
            self.skip = length;
            pipe.consume(head);
            return Ok(());
        }
        let Some(message) = wire.rest().get(..length as usize) else { return Err(Stop::More) };
        let place = pipe.place(head);
        if level == Some(Level::Scope) && number == 2 {
            self.record(message, place, builder, findings);
        } else {
            self.group_field(level, number, message, place, builder, findings);
        }
        pipe.consume(head + length as usize);
        Ok(())
    }

    fn skip_bytes(&mut self, length: u64, room: u64, head: usize) -> Result<(), Stop> {
        let room = room - head as u64;
        if length > room {
            return Err(Stop::Broken(WireError::Length { length, room }));
        }
        self.skip = length;
        Ok(())
    }

    /// The old field 1000 holds the same data as field 2 where both are present: the first one counts.
    fn takes_scopes(&mut self, number: u32, findings: &mut Findings) -> bool {
        if self.scopes == 0 {
            self.scopes = number;
            if number == 1000 {
                findings.repair(Repair::LegacyKeys);
            }
        }
        if self.scopes != number {
            findings.repair(Repair::LegacyTwice);
        }
        self.scopes == number
    }

    fn open(&mut self, level: Level, end: u64) {
        match level {
            Level::Wrapper => {}
            Level::Resource => {
                self.groups.open_resource();
                self.scopes = 0;
            }
            Level::Scope => {
                self.groups.open_scope();
                self.signal = None;
            }
        }
        self.levels.push((level, end));
    }

    /// A resource, a scope or a schema address.
    fn group_field(
        &mut self,
        level: Option<Level>,
        number: u32,
        message: &[u8],
        place: Place,
        builder: &mut Builder,
        findings: &mut Findings,
    ) {
        let result = match (level, number) {
            (Some(Level::Resource), 1) => {
                let mut cx = Context { builder, findings, nested: &mut self.nested };
                let dropped = record::resource(message, &mut self.groups.resource, &mut cx);
                dropped.map(|dropped| {
                    self.groups.dropped = dropped.unwrap_or(self.groups.dropped);
                })
            }
            (Some(Level::Scope), 1) => {
                let mut cx = Context { builder, findings, nested: &mut self.nested };
                record::scope(message, &mut self.groups.scope, &mut self.groups.scope_attributes, &mut cx)
            }
            (Some(Level::Resource), _) => {
                self.groups.schema_url = builder.intern(message);
                Ok(())
            }
            _ => {
                self.groups.scope.schema_url = builder.intern(message);
                Ok(())
            }
        };
        if let Err(error) = result {
            let what = if level == Some(Level::Resource) { "resource" } else { "scope" };
            findings.problem(ProblemKind::BrokenRecord, place, format!("a {what} cannot be read: {error}"));
        }
    }

    /// A record: its own fields tell whether it is a span, a log record or a metric.
    fn record(&mut self, message: &[u8], place: Place, builder: &mut Builder, findings: &mut Findings) {
        // Records of one group are of one signal.
        self.signal = self.signal.or_else(|| record::signal(message));
        let signal = self.signal.unwrap_or(Signal::Span);
        let slot = if signal == Signal::Metric { None } else { Some(self.groups.slot(builder)) };
        let mut cx = Context { builder, findings, nested: &mut self.nested };
        let result = match signal {
            Signal::Span => {
                self.span.clear();
                record::span(message, &mut self.span, &mut cx)
            }
            Signal::Log => {
                self.log.clear();
                record::log(message, &mut self.log, &mut cx)
            }
            Signal::Metric => record::metric_points(message).map(|points| {
                cx.findings.metrics += 1;
                cx.findings.metric_points += points;
            }),
        };
        match (result, slot) {
            (Ok(()), Some(slot)) if signal == Signal::Span => findings.span(builder, slot, &self.span),
            (Ok(()), Some(slot)) => findings.log(builder, slot, &self.log),
            (Ok(()), None) => {}
            (Err(error), _) => {
                let what = match signal {
                    Signal::Span => "span",
                    Signal::Log => "log record",
                    Signal::Metric => "metric",
                };
                findings.problem(
                    ProblemKind::BrokenRecord,
                    place,
                    format!("a {what} cannot be read: {error}"),
                );
            }
        }
    }

    fn close_ended(&mut self, at: u64, builder: &mut Builder, findings: &mut Findings) {
        let skipped_to = at + self.skip;
        while let Some(&(level, end)) = self.levels.last()
            && end <= skipped_to
        {
            self.levels.pop();
            self.close(level, builder, findings);
        }
    }

    fn close(&mut self, level: Level, builder: &mut Builder, findings: &mut Findings) {
        match level {
            Level::Wrapper => {}
            Level::Scope => self.groups.close_scope(builder),
            Level::Resource => self.groups.close_resource(builder, findings),
        }
    }

    /// The innermost level cannot be read further: what follows it can, where its end is known.
    fn broken(&mut self, error: WireError, pipe: &mut Pipe, builder: &mut Builder, findings: &mut Findings) {
        let place = pipe.place(0);
        self.unknown = 0;
        if let Some(&(level, end)) = self.levels.last() {
            let what = match level {
                Level::Wrapper => "a trace",
                Level::Resource => "a group of one resource",
                Level::Scope => "a group of one scope",
            };
            let message = format!("{what} cannot be read further: {error}");
            findings.problem(ProblemKind::Corrupt, place, message);
            self.skip = end - pipe.at();
        } else {
            let message = format!("not readable as protobuf from here on: {error}");
            findings.problem(ProblemKind::Corrupt, place, message);
            self.lost = true;
        }
        self.close_ended(pipe.at(), builder, findings);
    }

    /// A message ends here: whatever is open was cut.
    fn end_message(&mut self, pipe: &mut Pipe, builder: &mut Builder, findings: &mut Findings) {
        let left = pipe.message().len();
        let cut =
            !self.levels.is_empty() || self.skip > 0 || self.unknown > 0 || left > 0 || pipe.message_is_cut();
        if cut && !self.lost {
            let missing = self.levels.first().map(|&(_, end)| end.saturating_sub(pipe.at() + left as u64));
            let message = match missing {
                Some(missing) if missing > 0 => {
                    format!(
                        "cut off: the file ends {missing} bytes before the message does; all whole spans were read"
                    )
                }
                _ => "cut off: the file ends inside a message; all whole spans were read".to_owned(),
            };
            findings.problem(ProblemKind::Truncated, pipe.place(left), message);
        }
        pipe.consume(left);
        self.skip = 0;
        self.unknown = 0;
        self.lost = false;
        while let Some((level, _)) = self.levels.pop() {
            self.close(level, builder, findings);
        }
    }
}
