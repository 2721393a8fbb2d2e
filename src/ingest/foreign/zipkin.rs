//! Zipkin JSON, v2 and v1. Times are microseconds; there are no links. (`specs/otlp.md` §8, §10)

use serde_json::Value;

use super::{Cx, Foreign, List, kind, list, micros, number, span_id, text, trace_id};
use crate::ingest::repair::Repair;
use crate::model::{SpanKind, StatusCode};

impl Foreign {
    pub(super) fn zipkin(&mut self, span: &Value, cx: &mut Cx<'_>) -> bool {
        if span.get("binaryAnnotations").is_some() || is_v1(span) {
            return self.zipkin_v1(span, cx);
        }
        self.ids(span, cx);
        self.draft.start_ns = micros(span, "timestamp");
        self.draft.end_ns = self.draft.start_ns.saturating_add(micros(span, "duration"));
        self.draft.kind = kind(text(span, "kind"));
        self.draft.shared = span.get("shared").and_then(Value::as_bool).unwrap_or(false);
        if self.draft.shared {
            cx.findings.repair(Repair::SharedSpans);
        }
        if span.get("remoteEndpoint").is_some_and(|e| e.as_object().is_some_and(|e| !e.is_empty())) {
            cx.findings.repair(Repair::RemoteEndpoints);
        }
        let tags = span.get("tags");
        self.members(List::Span, tags, cx);
        self.outcome(tags, cx);
        for annotation in list(span, "annotations") {
            let name = cx.builder.intern(text(annotation, "value").as_bytes());
            self.draft.push_event(micros(annotation, "timestamp"), name, 0);
        }
        let endpoint = span.get("localEndpoint").unwrap_or(&Value::Null);
        self.endpoint(endpoint, cx);
        let tag = |key: &str| tags.map_or("", |tags| text(tags, key));
        self.commit(tag("otel.scope.name"), tag("otel.scope.version"), cx);
        true
    }

    fn ids(&mut self, span: &Value, cx: &mut Cx<'_>) {
        self.draft.trace_id = trace_id(span, "traceId", cx);
        self.draft.span_id = span_id(span, "id", cx);
        self.draft.parent_id = span_id(span, "parentId", cx);
        self.draft.name = cx.builder.intern(text(span, "name").as_bytes());
    }

    /// ERROR by a tag named "error", whatever its value, or by `otel.status_code`.
    fn outcome(&mut self, tags: Option<&Value>, cx: &mut Cx<'_>) {
        let Some(tags) = tags else { return };
        let code = text(tags, "otel.status_code");
        if tags.get("error").is_some() || code == "ERROR" {
            self.draft.status = StatusCode::Error;
            self.draft.extra.status_message = cx.builder.intern(text(tags, "error").as_bytes());
        } else if code == "OK" {
            self.draft.status = StatusCode::Ok;
        }
    }

    fn endpoint(&mut self, endpoint: &Value, cx: &mut Cx<'_>) {
        for (from, to) in [("ipv4", "host.ip"), ("ipv6", "host.ip"), ("serviceName", "service.name")] {
            let value = text(endpoint, from);
            if !value.is_empty() {
                self.attribute(List::Resource, to, &Value::from(value), cx);
            }
        }
    }

    /// A v1 span: its kind, times and service come from core annotations. A record that holds both halves of a
    /// call gives two spans of one id, the server's marked as shared.
    fn zipkin_v1(&mut self, span: &Value, cx: &mut Cx<'_>) -> bool {
        let annotations = list(span, "annotations");
        let core = |value: &str| annotations.iter().find(|a| text(a, "value") == value);
        let halves = [("cs", "cr", SpanKind::Client), ("sr", "ss", SpanKind::Server)];
        let both = halves.iter().all(|(start, ..)| core(start).is_some());
        let mut done = false;
        for (begin, finish, kind) in halves {
            let first = core(begin);
            if first.is_none() && core(finish).is_none() {
                continue;
            }
            self.half_v1(span, first, core(finish), kind, cx);
            self.draft.shared = both && kind == SpanKind::Server;
            if self.draft.shared {
                cx.findings.repair(Repair::SharedSpans);
            }
            self.commit("", "", cx);
            done = true;
        }
        if !done {
            let kind = match () {
                () if core("ms").is_some() => SpanKind::Producer,
                () if core("mr").is_some() => SpanKind::Consumer,
                () => SpanKind::Unspecified,
            };
            let first = core("ms").or_else(|| core("mr"));
            self.half_v1(span, first, None, kind, cx);
            self.commit("", "", cx);
        }
        true
    }

    fn half_v1(
        &mut self,
        span: &Value,
        first: Option<&Value>,
        last: Option<&Value>,
        kind: SpanKind,
        cx: &mut Cx<'_>,
    ) {
        self.draft.clear();
        self.resource.clear();
        self.ids(span, cx);
        self.draft.kind = kind;
        let time = |a: Option<&Value>| a.map_or(0, |a| micros(a, "timestamp"));
        let (from, to) = (time(first), time(last));
        // A record's own times are those of the half that began it.
        let own = micros(span, "timestamp");
        self.draft.start_ns = if from > 0 { from } else { own };
        self.draft.end_ns =
            if to > 0 { to } else { self.draft.start_ns.saturating_add(micros(span, "duration")) };
        for annotation in list(span, "annotations") {
            let value = text(annotation, "value");
            if !matches!(value, "cs" | "cr" | "sr" | "ss" | "ms" | "mr" | "ws" | "wr") {
                let name = cx.builder.intern(value.as_bytes());
                self.draft.push_event(micros(annotation, "timestamp"), name, 0);
            }
        }
        let mut tags = serde_json::Map::new();
        let mut endpoint = first.or(last).and_then(|a| a.get("endpoint")).cloned();
        for tag in list(span, "binaryAnnotations") {
            match text(tag, "key") {
                // The addresses of the other side and, for local spans, of this one.
                "ca" | "sa" | "ma" => {}
                key => {
                    tags.insert(key.to_owned(), tag.get("value").cloned().unwrap_or_default());
                    endpoint = endpoint.or_else(|| tag.get("endpoint").cloned());
                }
            }
        }
        endpoint =
            endpoint.or_else(|| list(span, "annotations").iter().find_map(|a| a.get("endpoint").cloned()));
        let tags = Value::Object(tags);
        self.members(List::Span, Some(&tags), cx);
        self.outcome(Some(&tags), cx);
        self.endpoint(&endpoint.unwrap_or_default(), cx);
    }
}

/// Annotations of v1 say at which endpoint they were made.
fn is_v1(span: &Value) -> bool {
    let annotations = list(span, "annotations");
    span.get("localEndpoint").is_none()
        && annotations.iter().any(|a| a.get("endpoint").is_some() && number(a.get("timestamp")).is_some())
}
