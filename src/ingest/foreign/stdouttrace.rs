//! Go's stdouttrace exporter: objects of the SDK's `SpanStub`. Kinds are numbered as in OTLP.
//!
//! (`specs/otlp.md` §7.3; go.opentelemetry.io/otel/sdk/trace/tracetest.SpanStub)

use serde_json::Value;

use super::{Cx, Foreign, List, date, list, number, span_id, text, trace_id};
use crate::model::{SpanKind, StatusCode};
use crate::store::LinkDraft;

impl Foreign {
    pub(super) fn go_stdout(&mut self, span: &Value, cx: &mut Cx<'_>) -> bool {
        let Some(context) = span.get("SpanContext") else { return false };
        self.draft.trace_id = trace_id(context, "TraceID", cx);
        self.draft.span_id = span_id(context, "SpanID", cx);
        self.draft.extra.trace_state = cx.builder.intern(text(context, "TraceState").as_bytes());
        self.draft.extra.flags = flags(context);
        if let Some(parent) = span.get("Parent") {
            self.draft.parent_id = span_id(parent, "SpanID", cx);
        }
        self.draft.name = cx.builder.intern(text(span, "Name").as_bytes());
        self.draft.kind = SpanKind::from_number(number(span.get("SpanKind")).unwrap_or(0));
        self.draft.start_ns = date(span, "StartTime", cx);
        self.draft.end_ns = date(span, "EndTime", cx);
        self.draft.extra.dropped_attributes = number(span.get("DroppedAttributes")).unwrap_or(0) as u32;
        self.draft.extra.dropped_events = number(span.get("DroppedEvents")).unwrap_or(0) as u32;
        self.draft.extra.dropped_links = number(span.get("DroppedLinks")).unwrap_or(0) as u32;
        if let Some(status) = span.get("Status") {
            self.draft.status = match (text(status, "Code"), number(status.get("Code"))) {
                // The SDK numbers ERROR 1 and OK 2.
                ("Error", _) | (_, Some(1)) => StatusCode::Error,
                ("Ok", _) | (_, Some(2)) => StatusCode::Ok,
                _ => StatusCode::Unset,
            };
            self.draft.extra.status_message = cx.builder.intern(text(status, "Description").as_bytes());
        }
        self.pairs(List::Span, list(span, "Attributes"), cx);
        for event in list(span, "Events") {
            self.pairs(List::Event, list(event, "Attributes"), cx);
            let name = cx.builder.intern(text(event, "Name").as_bytes());
            let time = date(event, "Time", cx);
            let dropped = number(event.get("DroppedAttributeCount")).unwrap_or(0) as u32;
            self.draft.push_event(time, name, dropped);
        }
        for link in list(span, "Links") {
            let context = link.get("SpanContext").unwrap_or(&Value::Null);
            self.pairs(List::Link, list(link, "Attributes"), cx);
            let trace_state = cx.builder.intern(text(context, "TraceState").as_bytes());
            let (trace_id, span_id) = (trace_id(context, "TraceID", cx), span_id(context, "SpanID", cx));
            let dropped = number(link.get("DroppedAttributeCount")).unwrap_or(0) as u32;
            let link =
                LinkDraft { trace_id, span_id, trace_state, dropped, flags: flags(context), attr_end: 0 };
            self.draft.push_link(link);
        }
        self.pairs(List::Resource, list(span, "Resource"), cx);
        let scope = span
            .get("InstrumentationScope")
            .or_else(|| span.get("InstrumentationLibrary"))
            .unwrap_or(&Value::Null);
        self.commit(text(scope, "Name"), text(scope, "Version"), cx);
        true
    }

    /// Attributes as `{"Key": …, "Value": {"Type": "INT64", "Value": 1}}`.
    fn pairs(&mut self, to: List, pairs: &[Value], cx: &mut Cx<'_>) {
        for pair in pairs {
            let value = pair.get("Value").unwrap_or(&Value::Null);
            self.attribute(to, text(pair, "Key"), value.get("Value").unwrap_or(&Value::Null), cx);
        }
    }
}

/// Trace flags as two hex digits.
fn flags(context: &Value) -> u32 {
    u32::from_str_radix(text(context, "TraceFlags"), 16).unwrap_or(0) & 0xff
}
