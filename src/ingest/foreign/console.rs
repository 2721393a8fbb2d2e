//! Python's ConsoleSpanExporter: indented objects one after another. Times are dates with microseconds; there
//! is no scope. (`specs/otlp.md` §7.3)

use serde_json::Value;

use super::{Cx, Foreign, List, date, kind, list, span_id, text, trace_id};
use crate::model::StatusCode;
use crate::store::LinkDraft;

impl Foreign {
    pub(super) fn python_console(&mut self, span: &Value, cx: &mut Cx<'_>) -> bool {
        let Some(context) = span.get("context") else { return false };
        self.draft.trace_id = trace_id(context, "trace_id", cx);
        self.draft.span_id = span_id(context, "span_id", cx);
        self.draft.parent_id = span_id(span, "parent_id", cx);
        let state = text(context, "trace_state");
        if state != "[]" {
            self.draft.extra.trace_state = cx.builder.intern(state.as_bytes());
        }
        self.draft.name = cx.builder.intern(text(span, "name").as_bytes());
        self.draft.kind = kind(text(span, "kind").trim_start_matches("SpanKind."));
        self.draft.start_ns = date(span, "start_time", cx);
        self.draft.end_ns = date(span, "end_time", cx);
        if let Some(status) = span.get("status") {
            let code = text(status, "status_code");
            self.draft.status =
                StatusCode::ALL.into_iter().find(|c| c.word().eq_ignore_ascii_case(code)).unwrap_or_default();
            self.draft.extra.status_message = cx.builder.intern(text(status, "description").as_bytes());
        }
        self.members(List::Span, span.get("attributes"), cx);
        for event in list(span, "events") {
            self.members(List::Event, event.get("attributes"), cx);
            let name = cx.builder.intern(text(event, "name").as_bytes());
            let time = date(event, "timestamp", cx);
            self.draft.push_event(time, name, 0);
        }
        for link in list(span, "links") {
            let context = link.get("context").unwrap_or(&Value::Null);
            self.members(List::Link, link.get("attributes"), cx);
            let (trace_id, span_id) = (trace_id(context, "trace_id", cx), span_id(context, "span_id", cx));
            self.draft.push_link(LinkDraft { trace_id, span_id, ..LinkDraft::default() });
        }
        let resource = span.get("resource").unwrap_or(&Value::Null);
        self.members(List::Resource, resource.get("attributes"), cx);
        self.commit("", "", cx);
        true
    }
}
