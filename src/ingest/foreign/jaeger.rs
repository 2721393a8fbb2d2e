//! Jaeger's query JSON: traces of spans and processes, the processes behind the spans. Times are microseconds.
//!
//! (`specs/otlp.md` §8, §11)

use std::collections::HashMap;

use serde_json::Value;

use super::{Cx, Foreign, List, kind, list, micros, number, push, span_id, text, trace_id};
use crate::ingest::base64;
use crate::ingest::report::Findings;
use crate::model::StatusCode;
use crate::store::nested::Encoder;
use crate::store::order;
use crate::store::{AttrList, Builder, LinkDraft, ResourceSlot, Scope, ScopeSlot, StrId};

/// The processes of one trace: spans name them before they are described.
#[derive(Debug, Default)]
pub(crate) struct Processes {
    /// Slots of the processes that spans named, and whether they are filled.
    slots: HashMap<String, (ResourceSlot, bool)>,
    scopes: HashMap<(String, StrId, StrId), ScopeSlot>,
    /// Descriptions that came before any span named them.
    described: HashMap<String, Value>,
}

impl Processes {
    fn scope(&mut self, process: &str, name: &str, version: &str, cx: &mut Cx<'_>) -> ScopeSlot {
        let (name, version) = (cx.builder.intern(name.as_bytes()), cx.builder.intern(version.as_bytes()));
        let key = (process.to_owned(), name, version);
        if let Some(&slot) = self.scopes.get(&key) {
            return slot;
        }
        let described = &self.described;
        let (resource, _) = *self.slots.entry(process.to_owned()).or_insert_with(|| {
            let slot = cx.builder.open_resource();
            let description = described.get(process);
            if let Some(description) = description {
                close(slot, description, cx);
            }
            (slot, description.is_some())
        });
        let slot = cx.builder.open_scope(resource);
        cx.builder.close_scope(slot, Scope { name, version, ..Scope::default() });
        self.scopes.insert(key, slot);
        slot
    }

    /// Takes the descriptions: `{"p1": {serviceName, tags}, …}`.
    pub(crate) fn describe(&mut self, processes: Value, builder: &mut Builder, findings: &mut Findings) {
        let Value::Object(processes) = processes else { return };
        for (id, process) in processes {
            match self.slots.get_mut(&id) {
                Some((slot, filled)) if !*filled => {
                    *filled = true;
                    close(*slot, &process, &mut Cx { builder, findings });
                }
                Some(_) => {}
                None => drop(self.described.insert(id, process)),
            }
        }
    }

    /// Ends a trace: processes that nobody described are closed without attributes.
    pub(crate) fn end(&mut self, builder: &mut Builder) {
        let mut open: Vec<ResourceSlot> =
            self.slots.values().filter(|(_, filled)| !filled).map(|&(slot, _)| slot).collect();
        order::sort_by_key(&mut open, |slot| slot.number());
        for slot in open {
            builder.close_resource(slot, &AttrList::default(), 0, StrId::EMPTY);
        }
        *self = Self::default();
    }
}

/// Fills a resource with a process.
fn close(slot: ResourceSlot, process: &Value, cx: &mut Cx<'_>) {
    let mut attributes = AttrList::default();
    attributes.clear();
    resource(&mut attributes, process, &mut Encoder::default(), cx);
    cx.builder.close_resource(slot, &attributes, 0, StrId::EMPTY);
}

/// The attributes of a process; its service name counts more than a tag of that name.
fn resource(attributes: &mut AttrList, process: &Value, nested: &mut Encoder, cx: &mut Cx<'_>) {
    for tag in list(process, "tags") {
        push(attributes, text(tag, "key"), &tag_value(tag), nested, cx);
    }
    if let Some(name) = process.get("serviceName").filter(|name| name.is_string()) {
        push(attributes, "service.name", name, nested, cx);
    }
}

/// The value of a tag: numbers and truth values may be written as text with their type beside them.
fn tag_value(tag: &Value) -> Value {
    let value = tag.get("value").cloned().unwrap_or_default();
    let Some(written) = value.as_str() else { return value };
    let typed = match text(tag, "type") {
        "int64" => written.parse::<i64>().ok().map(Value::from),
        "float64" => written.parse::<f64>().ok().map(Value::from),
        "bool" => written.parse::<bool>().ok().map(Value::from),
        _ => None,
    };
    typed.unwrap_or(value)
}

impl Foreign {
    pub(super) fn jaeger(&mut self, span: &Value, processes: &mut Processes, cx: &mut Cx<'_>) -> bool {
        self.draft.trace_id = trace_id(span, "traceID", cx);
        self.draft.span_id = span_id(span, "spanID", cx);
        self.draft.name = cx.builder.intern(text(span, "operationName").as_bytes());
        self.draft.start_ns = micros(span, "startTime");
        self.draft.end_ns = self.draft.start_ns.saturating_add(micros(span, "duration"));
        self.draft.extra.flags = number(span.get("flags")).unwrap_or(0) as u32 & 0xff;
        self.references(span, cx);
        for tag in list(span, "tags") {
            self.tag(List::Span, tag, cx);
        }
        let tag = |key: &str| list(span, "tags").iter().rev().find(|t| text(t, "key") == key);
        let word = |key: &str| tag(key).map_or("", |t| text(t, "value"));
        self.draft.kind = kind(word("span.kind"));
        self.draft.extra.trace_state = cx.builder.intern(word("w3c.tracestate").as_bytes());
        let message = word("otel.status_description").as_bytes();
        self.draft.extra.status_message = cx.builder.intern(message);
        let failed = tag("error").and_then(|t| t.get("value")).is_some_and(|value| match value {
            Value::Bool(failed) => *failed,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            _ => false,
        });
        self.draft.status = match (word("otel.status_code"), tag("otel.status_code")) {
            ("ERROR", _) => StatusCode::Error,
            ("OK", _) => StatusCode::Ok,
            (_, None) if failed => StatusCode::Error,
            _ => StatusCode::Unset,
        };
        for log in list(span, "logs") {
            self.log(log, cx);
        }
        let or =
            |new: &'static str, old: &'static str| if word(new).is_empty() { word(old) } else { word(new) };
        let (name, version) =
            (or("otel.scope.name", "otel.library.name"), or("otel.scope.version", "otel.library.version"));
        if let Some(process) = span.get("process").filter(|p| p.is_object()) {
            resource(&mut self.resource, process, &mut self.nested, cx);
            self.commit(name, version, cx);
        } else {
            let slot = processes.scope(text(span, "processID"), name, version, cx);
            cx.findings.span(cx.builder, slot, &self.draft);
        }
        true
    }

    /// The first CHILD_OF within the trace is the parent, all others are links.
    fn references(&mut self, span: &Value, cx: &mut Cx<'_>) {
        for reference in list(span, "references") {
            let (trace, id) = (trace_id(reference, "traceID", cx), span_id(reference, "spanID", cx));
            let child = matches!(text(reference, "refType"), "CHILD_OF" | "");
            if !self.draft.parent_id.is_some() && trace == self.draft.trace_id && child {
                self.draft.parent_id = id;
            } else {
                self.draft.push_link(LinkDraft { trace_id: trace, span_id: id, ..LinkDraft::default() });
            }
        }
        if !self.draft.parent_id.is_some() {
            self.draft.parent_id = span_id(span, "parentSpanID", cx);
        }
    }

    fn tag(&mut self, list: List, tag: &Value, cx: &mut Cx<'_>) {
        if text(tag, "type") == "binary"
            && let Some(bytes) = base64::decode(text(tag, "value").as_bytes())
        {
            let attributes = match list {
                List::Event => &mut self.draft.event_attributes,
                _ => &mut self.draft.attributes,
            };
            let value = crate::store::ValueRef::Bytes(&bytes);
            attributes.push(cx.builder.attributes(), text(tag, "key").as_bytes(), value);
            return;
        }
        self.attribute(list, text(tag, "key"), &tag_value(tag), cx);
    }

    /// A log is an event; its field "event" is the name (older ones have "message").
    fn log(&mut self, log: &Value, cx: &mut Cx<'_>) {
        let fields = list(log, "fields");
        let field = |key: &str| fields.iter().find(|f| text(f, "key") == key).and_then(|f| f.get("value"));
        let name = match field("event").or_else(|| field("message")) {
            Some(Value::String(name)) => name.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        for field in fields.iter().filter(|f| text(f, "key") != "event") {
            self.tag(List::Event, field, cx);
        }
        let name = cx.builder.intern(name.as_bytes());
        self.draft.push_event(micros(log, "timestamp"), name, 0);
    }
}
