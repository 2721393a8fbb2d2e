//! AWS X-Ray segments, bare or as text inside BatchGetTraces. Times are seconds with a fraction.
//!
//! A segment is a span of its service, each subsegment a child. (`specs/otlp.md` §8)

use serde_json::Value;

use super::{Cx, Foreign, List, list, span_id, text};
use crate::ingest::ids;
use crate::model::{SpanKind, StatusCode};

/// Subsegments of one segment that are read.
const MAX_SUBSEGMENTS: usize = 1 << 20;

impl Foreign {
    /// `{"Id", "Segments": [{"Id", "Document": "…JSON…"}]}`
    pub(super) fn xray_trace(&mut self, trace: &Value, cx: &mut Cx<'_>) -> bool {
        let mut read = false;
        for segment in list(trace, "Segments") {
            let document = serde_json::from_str::<Value>(text(segment, "Document"));
            read |= document.is_ok_and(|segment| self.xray_segment(&segment, cx));
        }
        read
    }

    pub(super) fn xray_segment(&mut self, segment: &Value, cx: &mut Cx<'_>) -> bool {
        // 1-5759e988-bd862e3fe1be46a994272793
        let trace = text(segment, "trace_id").split_once('-').map_or("", |(_, id)| id).replace('-', "");
        let mut open = vec![(segment, "")];
        let mut read = 0;
        while let Some((node, parent)) = open.pop() {
            read += 1;
            if read > MAX_SUBSEGMENTS {
                break;
            }
            self.draft.clear();
            self.resource.clear();
            self.draft.trace_id = ids::trace_text(trace.as_bytes(), cx.findings);
            self.draft.span_id = span_id(node, "id", cx);
            self.draft.parent_id = if parent.is_empty() {
                span_id(node, "parent_id", cx)
            } else {
                ids::span_text(parent.as_bytes(), cx.findings)
            };
            self.xray_node(node, parent.is_empty(), cx);
            self.attribute(List::Resource, "service.name", &segment["name"], cx);
            if let Some(origin) = segment.get("origin") {
                self.attribute(List::Resource, "cloud.platform", origin, cx);
            }
            self.commit("", "", cx);
            open.extend(list(node, "subsegments").iter().rev().map(|child| (child, text(node, "id"))));
        }
        true
    }

    fn xray_node(&mut self, node: &Value, top: bool, cx: &mut Cx<'_>) {
        self.draft.name = cx.builder.intern(text(node, "name").as_bytes());
        self.draft.kind = match (top, text(node, "namespace")) {
            (true, _) => SpanKind::Server,
            (false, "aws" | "remote") => SpanKind::Client,
            (false, _) => SpanKind::Internal,
        };
        self.draft.start_ns = seconds(node, "start_time");
        self.draft.end_ns = seconds(node, "end_time");
        let flag = |key: &str| node.get(key).and_then(Value::as_bool).unwrap_or(false);
        if flag("fault") || flag("error") || flag("throttle") {
            self.draft.status = StatusCode::Error;
        }
        let http = node.get("http").unwrap_or(&Value::Null);
        let http = |part: &str, key: &str| http.get(part).and_then(|p| p.get(key));
        let known = [
            ("http.request.method", http("request", "method")),
            ("url.full", http("request", "url")),
            ("user_agent.original", http("request", "user_agent")),
            ("client.address", http("request", "client_ip")),
            ("http.response.status_code", http("response", "status")),
        ];
        for (key, value) in known {
            if let Some(value) = value {
                self.attribute(List::Span, key, value, cx);
            }
        }
        self.members(List::Span, node.get("annotations"), cx);
        for (part, prefix) in [("aws", "aws."), ("metadata", "metadata."), ("sql", "sql.")] {
            for (key, value) in node.get(part).and_then(Value::as_object).into_iter().flatten() {
                self.attribute(List::Span, &format!("{prefix}{key}"), value, cx);
            }
        }
        for exception in list(node.get("cause").unwrap_or(&Value::Null), "exceptions") {
            for (from, to) in [("type", "exception.type"), ("message", "exception.message")] {
                if let Some(value) = exception.get(from) {
                    self.attribute(List::Event, to, value, cx);
                }
            }
            let name = cx.builder.intern(b"exception");
            let time = self.draft.end_ns;
            self.draft.push_event(time, name, 0);
        }
    }
}

/// Seconds of a member in nanoseconds, exact to the microsecond: a double holds no more.
fn seconds(node: &Value, key: &str) -> u64 {
    let seconds = node.get(key).and_then(Value::as_f64).unwrap_or(0.0);
    ((seconds * 1e6).round() as u64).saturating_mul(1000)
}
