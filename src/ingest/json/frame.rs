//! The frames of a document: what is open, and what each key or element in it leads to.

use super::cursor::{Cursor, Read};
use super::document::Document;
use super::skipper::{Skipped, Skipper, Until};
use super::{Context, Documents, Step, line, record};
use crate::ingest::foreign::Unit;
use crate::ingest::otlp::Signal;
use crate::ingest::pipe::Pipe;
use crate::ingest::repair::Repair;
use crate::ingest::report::{Findings, ProblemKind};
use crate::store::Builder;

/// One open array or object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) kind: Kind,
    /// Whether nothing of it was met yet.
    pub(super) first: bool,
}

/// What an open array or object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// An array of documents.
    Array,
    /// An export request, or what wraps one.
    Request,
    /// `resourceSpans` and its like.
    Resources,
    /// One group of one resource.
    Resource,
    /// `scopeSpans` and its like.
    Scopes,
    /// One group of one scope.
    Scope,
    /// `spans`, `logRecords`, `metrics`.
    Records,
    /// Jaeger's `data`.
    JaegerTraces,
    /// A trace of Jaeger's.
    JaegerTrace,
    /// The spans of a trace of Jaeger's.
    JaegerSpans,
    /// X-Ray's `Traces`.
    XrayTraces,
}

/// Under which key the scopes of a resource stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ScopesKey {
    /// `scopeSpans`
    Present,
    /// `instrumentationLibrarySpans`
    Legacy,
    /// `deprecatedScopeSpans`, field 1000
    Deprecated,
}

/// What a key of a frame leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    Resources(Signal),
    /// Tempo's `batches`.
    Batches,
    /// Tempo's `trace`.
    Trace,
    /// Jaeger's `result`.
    Result,
    Resource,
    Scopes(ScopesKey),
    Scope,
    Records,
    SchemaUrl,
    Profiles,
    /// Jaeger's `data`.
    Data,
    /// Jaeger's `spans`.
    JaegerSpans,
    /// Jaeger's `processes`.
    Processes,
    /// X-Ray's `Traces`.
    XrayTraces,
    Other,
}

pub(super) fn key(kind: Kind, member: &[u8]) -> Key {
    match (kind, member) {
        (Kind::Request, b"resourceSpans" | b"resource_spans") => Key::Resources(Signal::Span),
        (Kind::Request, b"resourceLogs" | b"resource_logs") => Key::Resources(Signal::Log),
        (Kind::Request, b"resourceMetrics" | b"resource_metrics") => Key::Resources(Signal::Metric),
        (Kind::Request, b"resourceProfiles" | b"resource_profiles") => Key::Profiles,
        (Kind::Request, b"data") => Key::Data,
        (Kind::Request, b"Traces") => Key::XrayTraces,
        (Kind::JaegerTrace, b"spans") => Key::JaegerSpans,
        (Kind::JaegerTrace, b"processes") => Key::Processes,
        (Kind::Request, b"batches") => Key::Batches,
        (Kind::Request, b"trace") => Key::Trace,
        (Kind::Request, b"result") => Key::Result,
        (Kind::Resource, b"resource") => Key::Resource,
        (
            Kind::Resource,
            b"scopeSpans" | b"scope_spans" | b"scopeLogs" | b"scope_logs" | b"scopeMetrics"
            | b"scope_metrics",
        ) => Key::Scopes(ScopesKey::Present),
        (
            Kind::Resource,
            b"instrumentationLibrarySpans"
            | b"instrumentation_library_spans"
            | b"instrumentationLibraryLogs"
            | b"instrumentation_library_logs"
            | b"instrumentationLibraryMetrics"
            | b"instrumentation_library_metrics",
        ) => Key::Scopes(ScopesKey::Legacy),
        (Kind::Resource, b"deprecatedScopeSpans" | b"deprecatedScopeLogs" | b"deprecatedScopeMetrics") => {
            Key::Scopes(ScopesKey::Deprecated)
        }
        (Kind::Scope, b"scope" | b"instrumentationLibrary" | b"instrumentation_library") => Key::Scope,
        (Kind::Scope, b"spans" | b"logRecords" | b"log_records" | b"logs" | b"metrics") => Key::Records,
        (Kind::Resource | Kind::Scope, b"schemaUrl" | b"schema_url") => Key::SchemaUrl,
        _ => Key::Other,
    }
}

impl Documents {
    /// One element or member of the innermost frame, or the start of a document. Nothing but the cursor has
    /// moved when it fails.
    pub(super) fn step(
        &mut self,
        cursor: &mut Cursor<'_>,
        pipe: &Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
    ) -> Step {
        self.unit = None;
        let Some(top) = self.frames.len().checked_sub(1) else {
            return self.between(cursor, pipe, builder, findings);
        };
        let Frame { kind, mut first } = self.frames[top];
        let before = cursor.pos();
        cursor.peek()?;
        if !self.pretty && memchr::memchr(b'\n', cursor.slice(before, cursor.pos())).is_some() {
            self.pretty = true;
        }
        match kind {
            Kind::Array
            | Kind::Resources
            | Kind::Scopes
            | Kind::Records
            | Kind::JaegerTraces
            | Kind::JaegerSpans
            | Kind::XrayTraces => {
                if !cursor.element(&mut first)? {
                    self.frames.pop();
                    return Ok(true);
                }
                cursor.peek()?;
                self.unit = Some(cursor.pos());
                self.element(kind, cursor, pipe, builder, findings)?;
            }
            Kind::Request | Kind::Resource | Kind::Scope | Kind::JaegerTrace => {
                let Some(member) = cursor.member(&mut first, &mut self.tools.name)? else {
                    self.frames.pop();
                    self.close(kind, builder, findings);
                    return Ok(true);
                };
                let key = key(kind, member);
                cursor.peek()?;
                self.unit = Some(cursor.pos());
                self.member(key, cursor, pipe, builder, findings)?;
            }
        }
        if let Some(frame) = self.frames.get_mut(top) {
            frame.first = first;
        }
        Ok(true)
    }

    fn element(
        &mut self,
        kind: Kind,
        cursor: &mut Cursor<'_>,
        pipe: &Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
    ) -> Read<()> {
        let c = cursor.peek()?;
        match (kind, c) {
            (Kind::Array, b'{') => return self.document(cursor, pipe, builder, findings, false),
            (Kind::Array, b'[') if self.frames.len() < 4 => {
                cursor.bump();
                self.push(Kind::Array);
            }
            (Kind::Resources, b'{') => {
                cursor.bump();
                self.groups.open_resource();
                self.scopes_key = None;
                self.push(Kind::Resource);
            }
            (Kind::Scopes, b'{') => {
                cursor.bump();
                self.groups.open_scope();
                self.push(Kind::Scope);
            }
            (Kind::Records, b'{') => return self.record(cursor, builder, findings),
            (Kind::JaegerTraces, b'{') => match self.classify(cursor)? {
                Document::JaegerTrace => {
                    cursor.bump();
                    self.shapes.named.get_or_insert(Unit::Jaeger.form());
                    self.push(Kind::JaegerTrace);
                }
                _ => return self.document(cursor, pipe, builder, findings, false),
            },
            (Kind::JaegerSpans, b'{') => return self.unit(Unit::Jaeger, cursor, pipe, builder, findings),
            (Kind::XrayTraces, b'{') => return self.unit(Unit::XrayTrace, cursor, pipe, builder, findings),
            _ => {
                let expected = match kind {
                    Kind::Array => "telemetry",
                    Kind::Resources => "the telemetry of one resource",
                    Kind::Scopes => "the telemetry of one scope",
                    Kind::JaegerTraces | Kind::XrayTraces => "a trace",
                    _ => "a record",
                };
                return self.wrong(expected, cursor, pipe, findings);
            }
        }
        Ok(())
    }

    /// Leaves out a value of a wrong type; null is the same as nothing.
    fn wrong(
        &mut self,
        expected: &str,
        cursor: &mut Cursor<'_>,
        pipe: &Pipe,
        findings: &mut Findings,
    ) -> Read<()> {
        let found = match cursor.peek()? {
            b'n' => return cursor.null().map(|_| ()),
            b'"' => "a string",
            b'{' => "an object",
            b'[' => "an array",
            b't' | b'f' => "true or false",
            _ => "a number",
        };
        let at = cursor.pos();
        self.skip(cursor)?;
        let message = format!("line {}: {expected} was expected, {found} was found", line(pipe, at));
        findings.problem(ProblemKind::WrongType, pipe.place(at), message);
        Ok(())
    }

    /// Skips a value, whole or not.
    fn skip(&mut self, cursor: &mut Cursor<'_>) -> Read<()> {
        if !matches!(cursor.peek()?, b'"' | b'{' | b'[') {
            return cursor.skip();
        }
        let start = cursor.pos();
        let mut skipper = Skipper::new(Until::Value { pretty: self.pretty });
        let (taken, skipped) = skipper.run(cursor.rest());
        match skipped {
            Skipped::Value => cursor.seek(start + taken),
            Skipped::More => {
                cursor.seek(start + taken);
                self.skipper = Some(skipper);
            }
            // What is broken is told by who goes on.
            Skipped::Broken | Skipped::Line => {
                self.skipper = Some(Skipper::new(Until::Value { pretty: self.pretty }));
            }
        }
        Ok(())
    }

    fn member(
        &mut self,
        key: Key,
        cursor: &mut Cursor<'_>,
        pipe: &Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
    ) -> Read<()> {
        let c = cursor.peek()?;
        match (key, c) {
            (Key::Resources(signal), b'[') => {
                self.signal = signal;
                self.shapes.otlp = true;
                cursor.bump();
                self.push(Kind::Resources);
            }
            (Key::Batches, b'[') => {
                self.signal = Signal::Span;
                self.shapes.named.get_or_insert("tempo-json");
                cursor.bump();
                self.push(Kind::Resources);
            }
            (Key::Trace | Key::Result, b'{') => {
                let name = if key == Key::Trace { "tempo-json" } else { "jaeger-v3-json" };
                self.shapes.named.get_or_insert(name);
                cursor.bump();
                self.push(Kind::Request);
            }
            (Key::Scopes(which), b'[') => {
                if self.scopes_key.is_some_and(|known| known != which) {
                    findings.repair(Repair::LegacyTwice);
                    return self.skip(cursor);
                }
                if which != ScopesKey::Present {
                    findings.repair(Repair::LegacyKeys);
                }
                cursor.bump();
                // An empty list leaves the choice open.
                if cursor.peek()? != b']' {
                    self.scopes_key = Some(which);
                }
                self.push(Kind::Scopes);
            }
            (Key::Data, b'[') => {
                cursor.bump();
                self.push(Kind::JaegerTraces);
            }
            (Key::JaegerSpans, b'[') => {
                cursor.bump();
                self.push(Kind::JaegerSpans);
            }
            (Key::XrayTraces, b'[') => {
                self.shapes.named.get_or_insert(Unit::XrayTrace.form());
                cursor.bump();
                self.push(Kind::XrayTraces);
            }
            (Key::Processes, b'{') => {
                let start = cursor.pos();
                cursor.skip()?;
                let text = String::from_utf8_lossy(cursor.slice(start, cursor.pos()));
                match serde_json::from_str(&text) {
                    Ok(processes) => self.processes.describe(processes, builder, findings),
                    Err(error) => {
                        let message = format!("line {}: processes are not JSON: {error}", line(pipe, start));
                        findings.problem(ProblemKind::BrokenRecord, pipe.place(start), message);
                    }
                }
            }
            (Key::Records, b'[') => {
                cursor.bump();
                self.push(Kind::Records);
            }
            (Key::Resource, b'{') => {
                self.groups.resource.clear();
                let mut cx = Context { builder, findings, tools: &mut self.tools };
                self.groups.dropped = record::resource(cursor, &mut self.groups.resource, &mut cx)?;
            }
            (Key::Scope, b'{') => {
                self.groups.scope_attributes.clear();
                let mut cx = Context { builder, findings, tools: &mut self.tools };
                let groups = &mut self.groups;
                record::scope(cursor, &mut groups.scope, &mut groups.scope_attributes, &mut cx)?;
            }
            (Key::SchemaUrl, b'"') => {
                let mut cx = Context { builder, findings, tools: &mut self.tools };
                let url = record::schema_url(cursor, &mut cx)?;
                match self.frames.last().map(|f| f.kind) {
                    Some(Kind::Scope) => self.groups.scope.schema_url = url,
                    _ => self.groups.schema_url = url,
                }
            }
            (Key::Profiles, _) => {
                self.skip(cursor)?;
                let message = "profiles are not read; only traces and logs are".to_owned();
                findings.problem(ProblemKind::Unsupported, pipe.place(cursor.pos()), message);
            }
            (Key::Other | Key::Data, _) => return self.skip(cursor),
            (Key::Resource | Key::Scope | Key::Trace | Key::Result | Key::Processes, _) => {
                return self.wrong("an object", cursor, pipe, findings);
            }
            (Key::SchemaUrl, _) => return self.wrong("a string", cursor, pipe, findings),
            _ => return self.wrong("an array", cursor, pipe, findings),
        }
        Ok(())
    }

    /// Reads one record and commits it.
    #[inline]
    pub(super) fn record(
        &mut self,
        cursor: &mut Cursor<'_>,
        builder: &mut Builder,
        findings: &mut Findings,
    ) -> Read<()> {
        let mut cx = Context { builder, findings, tools: &mut self.tools };
        match self.signal {
            Signal::Span => {
                self.span.clear();
                record::span(cursor, &mut self.span, &mut cx)?;
                let slot = self.groups.slot(builder);
                findings.span(builder, slot, &self.span);
            }
            Signal::Log => {
                self.log.clear();
                record::log(cursor, &mut self.log, &mut cx)?;
                let slot = self.groups.slot(builder);
                findings.log(builder, slot, &self.log);
            }
            Signal::Metric => {
                let points = record::metric_points(cursor, &mut cx)?;
                findings.metrics += 1;
                findings.metric_points += points;
            }
        }
        Ok(())
    }

    pub(super) fn close(&mut self, kind: Kind, builder: &mut Builder, findings: &mut Findings) {
        match kind {
            Kind::Scope => self.groups.close_scope(builder),
            Kind::JaegerTrace => self.processes.end(builder),
            Kind::Resource => self.groups.close_resource(builder, findings),
            _ => {}
        }
    }

    /// Says that the innermost frame's first element or member was met (and left out).
    pub(super) fn met(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.first = false;
        }
    }
}
