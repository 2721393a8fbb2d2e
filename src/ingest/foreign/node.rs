//! Node's ConsoleSpanExporter, once its text is JSON (`unpack::inspect`). Kinds are those of the SDK, counted from
//! zero; times are microseconds with a fraction. (`specs/otlp.md` §7.3)

use serde_json::Value;

use super::{Cx, Foreign, List, list, number, span_id, text, trace_id};
use crate::model::{SpanKind, StatusCode};
use crate::store::LinkDraft;

impl Foreign {
    pub(super) fn node_console(&mut self, span: &Value, cx: &mut Cx<'_>) -> bool {
        self.draft.trace_id = trace_id(span, "traceId", cx);
        self.draft.span_id = span_id(span, "id", cx);
        self.draft.parent_id = match span.get("parentSpanContext") {
            Some(parent) => span_id(parent, "spanId", cx),
            None => span_id(span, "parentId", cx),
        };
        self.draft.name = cx.builder.intern(text(span, "name").as_bytes());
        self.draft.kind = number(span.get("kind"))
            .map_or(SpanKind::Unspecified, |kind| SpanKind::from_number(if kind < 5 { kind + 1 } else { 0 }));
        self.draft.start_ns = fine(span.get("timestamp"));
        self.draft.end_ns = self.draft.start_ns.saturating_add(fine(span.get("duration")));
        self.draft.extra.trace_state = cx.builder.intern(text(span, "traceState").as_bytes());
        if let Some(status) = span.get("status") {
            self.draft.status = match number(status.get("code")) {
                Some(1) => StatusCode::Ok,
                Some(2) => StatusCode::Error,
                _ => StatusCode::Unset,
            };
            self.draft.extra.status_message = cx.builder.intern(text(status, "message").as_bytes());
        }
        self.members(List::Span, span.get("attributes"), cx);
        for event in list(span, "events") {
            self.members(List::Event, event.get("attributes"), cx);
            let name = cx.builder.intern(text(event, "name").as_bytes());
            let time = match list(event, "time") {
                [seconds, nanos] => {
                    let whole = number(Some(seconds)).unwrap_or(0).saturating_mul(1_000_000_000);
                    whole.saturating_add(number(Some(nanos)).unwrap_or(0))
                }
                _ => 0,
            };
            let dropped = number(event.get("droppedAttributesCount")).unwrap_or(0) as u32;
            self.draft.push_event(time, name, dropped);
        }
        for link in list(span, "links") {
            let context = link.get("context").unwrap_or(&Value::Null);
            self.members(List::Link, link.get("attributes"), cx);
            let (trace_id, span_id) = (trace_id(context, "traceId", cx), span_id(context, "spanId", cx));
            self.draft.push_link(LinkDraft { trace_id, span_id, ..LinkDraft::default() });
        }
        self.members(List::Resource, span.get("resource").and_then(|r| r.get("attributes")), cx);
        let scope = span.get("instrumentationScope").or_else(|| span.get("instrumentationLibrary"));
        let scope = scope.unwrap_or(&Value::Null);
        self.commit(text(scope, "name"), text(scope, "version"), cx);
        true
    }
}

/// Microseconds with a fraction, in nanoseconds: by their digits, which a product of floats would spoil.
fn fine(value: Option<&Value>) -> u64 {
    let Some(Value::Number(number)) = value else { return 0 };
    let digits = number.to_string();
    let (whole, fraction) = digits.split_once('.').unwrap_or((&digits, ""));
    let Ok(whole) = whole.parse::<u64>() else {
        return number.as_f64().map_or(0, |micros| (micros * 1000.0) as u64);
    };
    let nanos =
        fraction.bytes().chain(*b"000").take(3).fold(0, |n, c| n * 10 + u64::from(c.wrapping_sub(b'0') % 10));
    whole.saturating_mul(1000).saturating_add(nanos)
}
