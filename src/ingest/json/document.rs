//! Documents: where one begins, what it is by its keys, and what stands between them.

use super::cursor::{Cursor, Fail, Read};
use super::frame::{Frame, Key, Kind, key};
use super::skipper::{Skipper, Until};
use super::{Context, Documents, LOOK, Step, line, record};
use crate::ingest::foreign::{DATADOG_TRACE, Unit};
use crate::ingest::otlp::Signal;
use crate::ingest::pipe::Pipe;
use crate::ingest::repair::Repair;
use crate::ingest::report::{Findings, ProblemKind};
use crate::store::Builder;

/// How much is shown of a line that is not JSON, in bytes.
const SHOWN: usize = 60;

/// What a document is, by its keys.
pub(super) enum Document {
    /// Something with OTLP inside.
    Request,
    /// A trace of Jaeger's.
    JaegerTrace,
    /// A span of another form.
    Unit(Unit),
    /// A span of OTLP without a group around it.
    Span,
    /// Something else, described.
    Foreign(String),
}

impl Documents {
    /// Between documents: white space, separators, the start of one, or junk.
    pub(super) fn between(
        &mut self,
        cursor: &mut Cursor<'_>,
        pipe: &Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
    ) -> Step {
        // White space at the end is taken; there is nothing to wait for.
        let Ok(c) = cursor.peek() else { return Ok(false) };
        match c {
            // RFC 7464 record separator, byte order mark, and commas that some write between lines.
            0x1e | b',' => cursor.bump(),
            0xef if pipe.at() + cursor.pos() as u64 == 0 => {
                if cursor.slice(0, 3).len() < 3 {
                    return Err(Fail::More);
                }
                cursor.seek(3);
            }
            b'{' => self.document(cursor, pipe, builder, findings, true)?,
            b'[' => {
                cursor.bump();
                self.start_document();
                self.shapes.array = true;
                self.push(Kind::Array);
            }
            _ => {
                let shown = cursor.line(SHOWN)?;
                self.start_document();
                let place = pipe.place(cursor.pos());
                let shown = String::from_utf8_lossy(shown).into_owned();
                let message = format!("line {} is not JSON: {}", line(pipe, cursor.pos()), shown.trim());
                findings.problem(ProblemKind::BrokenLine, place, message);
                self.skipper = Some(Skipper::new(Until::Line));
            }
        }
        Ok(true)
    }

    fn start_document(&mut self) {
        self.shapes.documents += 1;
        self.pretty = false;
    }

    pub(super) fn push(&mut self, kind: Kind) {
        self.frames.push(Frame { kind, first: true });
    }

    /// Starts a document at its brace, by what its keys say.
    pub(super) fn document(
        &mut self,
        cursor: &mut Cursor<'_>,
        pipe: &Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
        top: bool,
    ) -> Read<()> {
        let start = cursor.pos();
        let document = self.classify(cursor)?;
        if top {
            self.start_document();
        }
        match document {
            Document::Request => {
                cursor.bump();
                self.push(Kind::Request);
            }
            Document::JaegerTrace => {
                cursor.bump();
                self.shapes.named.get_or_insert(Unit::Jaeger.form());
                self.push(Kind::JaegerTrace);
            }
            Document::Unit(unit) => self.unit(unit, cursor, pipe, builder, findings)?,
            Document::Span => self.bare_span(cursor, builder, findings)?,
            Document::Foreign(what) => {
                cursor.skip()?;
                let message = format!("line {}: no telemetry that is known here: {what}", line(pipe, start));
                findings.problem(ProblemKind::NotTelemetry, pipe.place(start), message);
            }
        }
        Ok(())
    }

    /// Reads a span of another form, once it is whole.
    pub(super) fn unit(
        &mut self,
        unit: Unit,
        cursor: &mut Cursor<'_>,
        pipe: &Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
    ) -> Read<()> {
        cursor.peek()?;
        let start = cursor.pos();
        cursor.skip()?;
        let text = cursor.slice(start, cursor.pos());
        let parsed = match std::str::from_utf8(text) {
            Ok(text) => serde_json::from_str(text),
            Err(_) => serde_json::from_str(&String::from_utf8_lossy(text)),
        };
        self.shapes.named.get_or_insert(unit.form());
        let problem = match parsed {
            Ok(value) if self.foreign.unit(unit, &value, &mut self.processes, builder, findings) => {
                return Ok(());
            }
            Ok(_) => "a record lacks what makes it a span".to_owned(),
            Err(error) => format!("a record is not JSON: {error}"),
        };
        let message = format!("line {}: {problem}", line(pipe, start));
        findings.problem(ProblemKind::BrokenRecord, pipe.place(start), message);
        Ok(())
    }

    /// Reads a span that stands without its group, with a resource of its own if it holds one.
    fn bare_span(
        &mut self,
        cursor: &mut Cursor<'_>,
        builder: &mut Builder,
        findings: &mut Findings,
    ) -> Read<()> {
        // Whole first: a group that was opened cannot be taken back.
        let mut ahead = *cursor;
        ahead.skip()?;
        self.groups.open_resource();
        self.groups.open_scope();
        let (mut inside, mut first) = (*cursor, true);
        inside.bump();
        while let Some(member) = inside.member(&mut first, &mut self.tools.name)? {
            if member == b"resource" && inside.peek()? == b'{' {
                let mut cx = Context { builder, findings, tools: &mut self.tools };
                self.groups.dropped = record::resource(&mut inside, &mut self.groups.resource, &mut cx)?;
            } else {
                inside.skip()?;
            }
        }
        self.shapes.otlp = true;
        self.signal = Signal::Span;
        self.record(cursor, builder, findings)?;
        findings.repair(Repair::BareSpans);
        self.close(Kind::Scope, builder, findings);
        self.close(Kind::Resource, builder, findings);
        Ok(())
    }

    /// Looks at the keys of a document, up to the first that decides.
    pub(super) fn classify(&mut self, cursor: &Cursor<'_>) -> Read<Document> {
        let mut ahead = *cursor;
        ahead.bump();
        let start = ahead.pos();
        let mut first = true;
        let mut keys = Vec::new();
        loop {
            match self.classify_member(&mut ahead, &mut first, &mut keys) {
                Ok(Some(document)) => return Ok(document),
                Ok(None) => {}
                Err(Fail::More) if ahead.pos() - start < LOOK => return Err(Fail::More),
                // What is wrong is told where it is read.
                Err(Fail::More | Fail::Syntax(..)) => return Ok(Document::Request),
            }
        }
    }

    /// Looks at one member of a document: what the document is, if that decides it.
    fn classify_member(
        &mut self,
        ahead: &mut Cursor<'_>,
        first: &mut bool,
        keys: &mut Vec<String>,
    ) -> Read<Option<Document>> {
        let Some(member) = ahead.member(first, &mut self.tools.name)? else {
            let has = |key: &str| keys.iter().any(|k| k == key);
            // A log line may carry both ids as well; a span says when it started.
            if (has("traceId") && has("spanId") && has("startTimeUnixNano"))
                || (has("trace_id") && has("span_id") && has("start_time_unix_nano"))
            {
                return Ok(Some(Document::Span));
            }
            return Ok(Some(match Unit::of(keys) {
                Some(unit) => Document::Unit(unit),
                None if keys.is_empty() => Document::Foreign("an empty object".to_owned()),
                None => {
                    keys.truncate(8);
                    Document::Foreign(format!("an object with the keys {}", keys.join(", ")))
                }
            }));
        };
        let key = key(Kind::Request, member);
        let spans = member == b"spans";
        if keys.len() < 64 {
            keys.push(String::from_utf8_lossy(&member[..member.len().min(40)]).into_owned());
        }
        let c = ahead.peek()?;
        let has_trace = keys.iter().any(|k| k == "traceID");
        let document = match key {
            _ if spans && c == b'[' && has_trace => Some(Document::JaegerTrace),
            // Jaeger's answer may have no data; other programs' answers have other things under that name.
            Key::Data | Key::XrayTraces if c == b'[' => Some(Document::Request),
            Key::Trace | Key::Result if c == b'{' => Some(Document::Request),
            Key::Other | Key::Data | Key::XrayTraces | Key::Trace | Key::Result => None,
            _ => Some(Document::Request),
        };
        if document.is_none() {
            let start = ahead.pos();
            ahead.skip()?;
            let inside = ahead.slice(start, ahead.pos());
            let holds = |part: &[u8]| memchr::memmem::find(inside, part).is_some();
            if key == Key::Data && holds(b"\"spans\"") && holds(b"\"span_id\"") {
                keys.push(DATADOG_TRACE.to_owned());
            }
        }
        Ok(document)
    }
}
