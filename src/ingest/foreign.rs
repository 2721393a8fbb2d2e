//! JSON forms other than OTLP: one span (or trace, or segment) at a time, as a small tree.
//!
//! The outer document is streamed like all JSON; only the unit stands in memory as a `serde_json::Value`.
//! Definitions of service, error, kind and parent are those of `tools/truth.py`. (`specs/otlp.md` §7.3, §8, §10, §11)

mod console;
mod datadog;
mod datadog_api;
mod jaeger;
mod node;
mod stdouttrace;
mod xray;
mod zipkin;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::Value;

use super::ids;
use super::json::iso;
use super::repair::Repair;
use super::report::Findings;
use crate::model::{SpanId, SpanKind, TraceId};
use crate::store::nested::Encoder;
use crate::store::{AttrId, AttrList, Builder, Scope, ScopeSlot, SpanDraft, StrId, ValueRef};
pub(crate) use jaeger::Processes;

/// What a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unit {
    /// A span of Zipkin's v1 or v2 JSON.
    Zipkin,
    /// A span of Jaeger's query JSON.
    Jaeger,
    /// A span of Python's console exporter.
    PythonConsole,
    /// A span of Go's stdouttrace exporter.
    GoStdout,
    /// A span of Node's console exporter.
    NodeConsole,
    /// A span of the Datadog agent.
    Datadog,
    /// A span of Datadog's search, as JSON:API has it.
    DatadogEvent,
    /// A trace of Datadog's API.
    DatadogTrace,
    /// An X-Ray segment.
    XraySegment,
    /// A trace of X-Ray's BatchGetTraces.
    XrayTrace,
}

/// Stands among the keys of an answer whose `data` holds the spans of one trace of Datadog's.
pub(crate) const DATADOG_TRACE: &str = "data.attributes.spans";

impl Unit {
    /// The name of the form.
    pub(crate) fn form(self) -> &'static str {
        match self {
            Self::Zipkin => "zipkin-json",
            Self::Jaeger => "jaeger-json",
            Self::PythonConsole => "python-console",
            Self::GoStdout => "go-stdouttrace",
            Self::NodeConsole => "node-console",
            Self::Datadog | Self::DatadogEvent | Self::DatadogTrace => "datadog-json",
            Self::XraySegment | Self::XrayTrace => "xray-json",
        }
    }

    /// What an object of these keys is.
    pub(crate) fn of(keys: &[String]) -> Option<Self> {
        let has = |key: &str| keys.iter().any(|k| k == key);
        Some(match () {
            () if has("traceId") && has("id") && has("instrumentationScope") => Self::NodeConsole,
            () if has("traceId") && has("id") && has("instrumentationLibrary") => Self::NodeConsole,
            () if has("traceId") && has("id") && has("links") && has("status") => Self::NodeConsole,
            () if has("traceId") && has("id") => Self::Zipkin,
            () if has("traceID") && has("spanID") => Self::Jaeger,
            () if has("context") && has("start_time") => Self::PythonConsole,
            () if has("SpanContext") && has("Name") => Self::GoStdout,
            () if has("trace_id") && has("span_id") && has("start") => Self::Datadog,
            () if has("id") && has("type") && has("attributes") => Self::DatadogEvent,
            () if has(DATADOG_TRACE) => Self::DatadogTrace,
            () if has("trace_id") && has("id") && has("start_time") => Self::XraySegment,
            () => return None,
        })
    }
}

/// Attributes of a resource, name and version of a scope.
type Group = (Vec<AttrId>, StrId, StrId);

/// Reads units into columns.
#[derive(Debug, Default)]
pub(crate) struct Foreign {
    draft: SpanDraft,
    resource: AttrList,
    nested: Encoder,
    /// Groups that were met, each with its slot: these forms repeat them with every span.
    slots: HashMap<Group, ScopeSlot>,
    /// High halves of Datadog's trace ids, by the low half.
    high: HashMap<u64, u64>,
}

/// What reading a unit needs.
struct Cx<'a> {
    builder: &'a mut Builder,
    findings: &'a mut Findings,
}

impl Foreign {
    /// Reads one unit; false when it is not what it looked like.
    pub(crate) fn unit(
        &mut self,
        unit: Unit,
        value: &Value,
        processes: &mut Processes,
        builder: &mut Builder,
        findings: &mut Findings,
    ) -> bool {
        self.draft.clear();
        self.resource.clear();
        let mut cx = Cx { builder, findings };
        match unit {
            Unit::Zipkin => self.zipkin(value, &mut cx),
            Unit::Jaeger => self.jaeger(value, processes, &mut cx),
            Unit::PythonConsole => self.python_console(value, &mut cx),
            Unit::GoStdout => self.go_stdout(value, &mut cx),
            Unit::NodeConsole => self.node_console(value, &mut cx),
            Unit::Datadog => self.datadog(value, &mut cx),
            Unit::DatadogEvent => self.datadog_event(value, &mut cx),
            Unit::DatadogTrace => self.datadog_trace(value, &mut cx),
            Unit::XraySegment => self.xray_segment(value, &mut cx),
            Unit::XrayTrace => self.xray_trace(value, &mut cx),
        }
    }

    /// Adds an attribute of a plain JSON value.
    fn attribute(&mut self, list: List, key: &str, value: &Value, cx: &mut Cx<'_>) {
        let Self { draft, resource, nested, .. } = self;
        let list = match list {
            List::Span => &mut draft.attributes,
            List::Event => &mut draft.event_attributes,
            List::Link => &mut draft.link_attributes,
            List::Resource => resource,
        };
        push(list, key, value, nested, cx);
    }

    /// Adds all members of an object.
    fn members(&mut self, list: List, object: Option<&Value>, cx: &mut Cx<'_>) {
        for (key, value) in object.and_then(Value::as_object).into_iter().flatten() {
            self.attribute(list, key, value, cx);
        }
    }

    /// Commits the draft under the resource at hand and a scope of this name and version.
    fn commit(&mut self, scope: &str, version: &str, cx: &mut Cx<'_>) {
        let (name, version) = (cx.builder.intern(scope.as_bytes()), cx.builder.intern(version.as_bytes()));
        let group = (self.resource.ids().to_vec(), name, version);
        let slot = *self.slots.entry(group).or_insert_with(|| {
            let resource = cx.builder.open_resource();
            let slot = cx.builder.open_scope(resource);
            cx.builder.close_scope(slot, Scope { name, version, ..Scope::default() });
            cx.builder.close_resource(resource, &self.resource, 0, StrId::EMPTY);
            slot
        });
        if self.draft.trace_id.is_zero() || !self.draft.span_id.is_some() {
            cx.findings.repair(Repair::MissingIds);
        }
        cx.findings.span(cx.builder, slot, &self.draft);
    }
}

/// Which list an attribute goes to.
#[derive(Clone, Copy)]
enum List {
    Span,
    Event,
    Link,
    Resource,
}

fn push(list: &mut AttrList, key: &str, value: &Value, nested: &mut Encoder, cx: &mut Cx<'_>) {
    let value = match value {
        Value::Null => ValueRef::Empty,
        Value::Bool(b) => ValueRef::Bool(*b),
        Value::String(s) => ValueRef::Str(s.as_bytes()),
        Value::Number(n) => match n.as_i64() {
            Some(i) => ValueRef::Int(i),
            None => ValueRef::Double(n.as_f64().unwrap_or(f64::NAN)),
        },
        Value::Array(values) => {
            nested.start();
            for value in values {
                inner(value, nested);
            }
            ValueRef::Array(nested.finish())
        }
        Value::Object(members) => {
            nested.start();
            for (key, value) in members {
                nested.key(key.as_bytes());
                inner(value, nested);
            }
            ValueRef::Map(nested.finish())
        }
    };
    list.push(cx.builder.attributes(), key.as_bytes(), value);
}

/// A value inside an array or map. `serde_json` reads at most 128 levels, so the recursion is bounded.
fn inner(value: &Value, nested: &mut Encoder) {
    match value {
        Value::Null => nested.empty(),
        Value::Bool(b) => nested.bool(*b),
        Value::String(s) => nested.str(s.as_bytes()),
        Value::Number(n) => match n.as_i64() {
            Some(i) => nested.int(i),
            None => nested.double(n.as_f64().unwrap_or(f64::NAN)),
        },
        Value::Array(values) => {
            if nested.open_array() {
                for value in values {
                    inner(value, nested);
                }
                nested.close();
            }
        }
        Value::Object(members) => {
            if nested.open_map() {
                for (key, value) in members {
                    nested.key(key.as_bytes());
                    inner(value, nested);
                }
                nested.close();
            }
        }
    }
}

/// Text of a member; "" where it is absent or something else.
fn text<'a>(object: &'a Value, key: &str) -> &'a str {
    object.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A list in a member; empty where it is absent or null.
fn list<'a>(object: &'a Value, key: &str) -> &'a [Value] {
    object.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn trace_id(object: &Value, key: &str, cx: &mut Cx<'_>) -> TraceId {
    ids::trace_text(text(object, key).as_bytes(), cx.findings)
}

fn span_id(object: &Value, key: &str, cx: &mut Cx<'_>) -> SpanId {
    ids::span_text(text(object, key).as_bytes(), cx.findings)
}

/// A whole number; a fraction is cut, text is read.
fn number(value: Option<&Value>) -> Option<u64> {
    match value? {
        Value::Number(n) => n.as_u64().or_else(|| n.as_f64().filter(|f| *f >= 0.0).map(|f| f as u64)),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

/// Microseconds of a member in nanoseconds.
fn micros(object: &Value, key: &str) -> u64 {
    number(object.get(key)).unwrap_or(0).saturating_mul(1000)
}

/// A date of a member in nanoseconds.
fn date(object: &Value, key: &str, cx: &mut Cx<'_>) -> u64 {
    let text = text(object, key);
    iso(text.as_bytes()).unwrap_or_else(|| {
        // Go writes the year 1 for "no time".
        if !text.is_empty() && !text.starts_with("0001-") {
            cx.findings.repair(Repair::BadTimes);
        }
        0
    })
}

/// A span kind by its word in any case.
fn kind(word: &str) -> SpanKind {
    SpanKind::ALL.into_iter().find(|k| k.word().eq_ignore_ascii_case(word)).unwrap_or_default()
}
