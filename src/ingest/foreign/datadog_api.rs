//! What Datadog's API answers: spans found by a search (`/api/v2/spans/events`, JSON:API), and the spans of one trace
//! (`/api/v2/trace/{id}`), which are those of the agent with ids in text and, in some answers, times in seconds.
//!
//! (`specs/otlp.md` §8; datadogV2.SpansAttributes)

use serde_json::Value;

use super::{Cx, Foreign, List, date, kind, list, number, text};
use crate::ingest::ids;
use crate::model::{SpanId, StatusCode, TraceId};

impl Foreign {
    /// A span that was found by a search.
    pub(super) fn datadog_event(&mut self, event: &Value, cx: &mut Cx<'_>) -> bool {
        let span = event.get("attributes").unwrap_or(&Value::Null);
        if span.get("span_id").is_none() || span.get("trace_id").is_none() {
            return false;
        }
        self.draft.trace_id = trace(span, cx);
        self.draft.span_id = id(span, "span_id", cx);
        self.draft.parent_id = id(span, "parent_id", cx);
        let name = [text(span, "operation_name"), text(span, "resource_name")];
        let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or_default();
        self.draft.name = cx.builder.intern(name.as_bytes());
        self.draft.start_ns = date(span, "start_timestamp", cx);
        self.draft.end_ns = date(span, "end_timestamp", cx);
        let none = Value::Null;
        let custom = span.get("custom").unwrap_or(&none);
        self.draft.kind = kind(text(custom.get("span").unwrap_or(&none), "kind"));
        if text(span, "status") == "error" {
            self.draft.status = StatusCode::Error;
            let message = text(custom.get("error").unwrap_or(&none), "message");
            self.draft.extra.status_message = cx.builder.intern(message.as_bytes());
        }
        for key in ["resource_name", "type", "tags"] {
            if let Some(value) = span.get(key).filter(|value| !value.is_null()) {
                self.attribute(List::Span, &["dd.", key].concat(), value, cx);
            }
        }
        self.members(List::Span, Some(custom), cx);
        self.members(List::Span, span.get("attributes"), cx);
        let resource =
            [("service", "service.name"), ("env", "deployment.environment.name"), ("host", "host.name")];
        for (from, to) in resource {
            if let Some(value) = span.get(from).filter(|value| value.is_string()) {
                self.attribute(List::Resource, to, value, cx);
            }
        }
        self.commit("", "", cx);
        true
    }

    /// A trace: its spans, each as the agent would have written it.
    pub(super) fn datadog_trace(&mut self, answer: &Value, cx: &mut Cx<'_>) -> bool {
        let spans = answer.get("data").and_then(|data| data.get("attributes"));
        let mut read = false;
        for span in spans.map_or(&[][..], |attributes| list(attributes, "spans")) {
            let mut plain = span.clone();
            let Some(members) = plain.as_object_mut() else { continue };
            let full = trace(span, cx);
            for key in ["span_id", "parent_id"] {
                members.insert(key.to_owned(), Value::from(id(span, key, cx).0));
            }
            let [high, low] = halves(full);
            members.insert("trace_id".to_owned(), Value::from(low));
            // Seconds with a fraction, where the agent has nanoseconds.
            let seconds = number(span.get("start")).is_some_and(|start| start < 100_000_000_000);
            for key in ["start", "duration"] {
                if let Some(value) = span.get(key).and_then(Value::as_f64).filter(|_| seconds) {
                    members.insert(key.to_owned(), Value::from((value * 1e9) as u64));
                }
            }
            self.draft.clear();
            self.resource.clear();
            if high > 0 {
                self.high.insert(low, high);
            }
            read |= self.datadog(&plain, cx);
        }
        read
    }
}

/// The two halves of a trace id.
fn halves(id: TraceId) -> [u64; 2] {
    let whole = u128::from_be_bytes(id.0);
    [(whole >> 64) as u64, whole as u64]
}

/// A trace id: 32 hex digits, or the low half as a decimal number.
fn trace(span: &Value, cx: &mut Cx<'_>) -> TraceId {
    match number(span.get("trace_id")).filter(|_| text(span, "trace_id").len() < 32) {
        Some(low) => TraceId(u128::from(low).to_be_bytes()),
        None => ids::trace_text(text(span, "trace_id").as_bytes(), cx.findings),
    }
}

/// A span id: a decimal number, as text too, or hex.
fn id(span: &Value, key: &str, cx: &mut Cx<'_>) -> SpanId {
    match number(span.get(key)) {
        Some(id) => SpanId(id),
        None => ids::span_text(text(span, key).as_bytes(), cx.findings),
    }
}
