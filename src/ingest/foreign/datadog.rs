//! Spans as the Datadog agent takes them (v0.3, v0.4 in JSON): arrays of traces, numbers for ids.
//!
//! Only the first span of a trace carries the high half of the trace id. (`specs/otlp.md` §8)

use serde_json::Value;

use super::{Cx, Foreign, List, kind, number, text};
use crate::model::{SpanId, SpanKind, StatusCode, TraceId};

impl Foreign {
    pub(super) fn datadog(&mut self, span: &Value, cx: &mut Cx<'_>) -> bool {
        let (Some(trace), Some(id)) = (number(span.get("trace_id")), number(span.get("span_id"))) else {
            return false;
        };
        let none = Value::Null;
        let meta = span.get("meta").unwrap_or(&none);
        if let Ok(high) = u64::from_str_radix(text(meta, "_dd.p.tid"), 16) {
            self.high.insert(trace, high);
        }
        let high = self.high.get(&trace).copied().unwrap_or(0);
        self.draft.trace_id = TraceId(((u128::from(high) << 64) | u128::from(trace)).to_be_bytes());
        self.draft.span_id = SpanId(id);
        self.draft.parent_id = SpanId(number(span.get("parent_id")).unwrap_or(0));
        self.draft.name = cx.builder.intern(text(span, "name").as_bytes());
        self.draft.start_ns = number(span.get("start")).unwrap_or(0);
        self.draft.end_ns = self.draft.start_ns.saturating_add(number(span.get("duration")).unwrap_or(0));
        self.draft.kind = match (text(meta, "span.kind"), text(span, "type")) {
            ("", "web") => SpanKind::Server,
            ("", "http" | "db" | "sql" | "cache" | "redis") => SpanKind::Client,
            ("", "queue") => SpanKind::Consumer,
            (word, _) => kind(word),
        };
        if number(span.get("error")).is_some_and(|error| error > 0) {
            self.draft.status = StatusCode::Error;
            let message = [text(meta, "error.message"), text(meta, "error.msg")].concat();
            self.draft.extra.status_message = cx.builder.intern(message.as_bytes());
        }
        for key in ["resource", "type"] {
            if let Some(value) = span.get(key).filter(|v| v.as_str().is_some_and(|t| !t.is_empty())) {
                self.attribute(List::Span, &format!("dd.{key}"), value, cx);
            }
        }
        self.members(List::Span, span.get("meta"), cx);
        self.members(List::Span, span.get("metrics"), cx);
        for (from, to) in [("env", "deployment.environment.name"), ("version", "service.version")] {
            if let Some(value) = meta.get(from) {
                self.attribute(List::Resource, to, value, cx);
            }
        }
        if let Some(service) = span.get("service").filter(|s| s.is_string()) {
            self.attribute(List::Resource, "service.name", service, cx);
        }
        self.commit(text(meta, "component"), "", cx);
        true
    }
}
