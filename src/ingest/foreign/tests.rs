//! Forms of which the corpus has no file: small documents as their programs write them.

use crate::ingest::tests::{read, rows};

#[test]
fn go_stdouttrace_is_read() {
    let json = r#"{
	"Name": "/roll", "SpanContext": {"TraceID": "5b8efff798038103d269b633813fc60c", "SpanID": "eee19b7ec3c1b174",
	"TraceFlags": "01", "TraceState": "a=b", "Remote": false},
	"Parent": {"TraceID": "00000000000000000000000000000000", "SpanID": "0000000000000000", "TraceFlags": "00"},
	"SpanKind": 2, "StartTime": "2026-11-22T19:26:30.187736761Z", "EndTime": "2026-11-22T20:26:30.2+01:00",
	"Attributes": [{"Key": "http.response.status_code", "Value": {"Type": "INT64", "Value": 500}},
	  {"Key": "list", "Value": {"Type": "STRINGSLICE", "Value": ["a", "b"]}}],
	"Events": [{"Name": "exception", "Attributes": [{"Key": "exception.type", "Value": {"Type": "STRING", "Value": "E"}}],
	  "DroppedAttributeCount": 0, "Time": "2026-11-22T19:26:30.19Z"}],
	"Links": null, "Status": {"Code": "Error", "Description": "boom"}, "DroppedAttributes": 1,
	"Resource": [{"Key": "service.name", "Value": {"Type": "STRING", "Value": "dice"}}],
	"InstrumentationScope": {"Name": "otelhttp", "Version": "0.1", "SchemaURL": ""}
}
"#;
    let (builder, report) = read(&[json, json].concat());
    assert_eq!((report.form.as_str(), report.spans), ("go-stdouttrace", 2));
    assert_eq!(
        rows(&builder)[0],
        "dice /roll server error 5b8efff798038103d269b633813fc60c eee19b7ec3c1b174 - \
         1795375590187736761+12263239 [http.response.status_code=500, list=[\"a\", \"b\"]] 1 events 0 links"
    );
}

#[test]
fn datadog_traces_are_read() {
    let json = r#"[[{"trace_id": 12345, "span_id": 18446744073709551615, "parent_id": 0, "name": "web.request",
      "resource": "GET /", "service": "shop", "type": "web", "start": 1795375590187736761, "duration": 1500, "error": 1,
      "meta": {"_dd.p.tid": "5b8efff700000000", "error.message": "boom"}, "metrics": {"_sampling_priority_v1": 1}},
      {"trace_id": 12345, "span_id": 2, "parent_id": 18446744073709551615, "name": "pg", "resource": "SELECT",
      "service": "shop", "type": "sql", "start": 1795375590187736800, "duration": 10, "error": 0, "meta": {}}]]"#;
    let (builder, report) = read(json);
    assert_eq!((report.form.as_str(), report.spans, report.traces), ("datadog-json", 2, 1));
    let rows = rows(&builder);
    assert!(rows[0].starts_with(
        "shop web.request server error 5b8efff7000000000000000000003039 ffffffffffffffff - 1795375590187736761+1500"
    ));
    assert!(rows[1].starts_with(
        "shop pg client unset 5b8efff7000000000000000000003039 0000000000000002 ffffffffffffffff"
    ));
}

#[test]
fn xray_segments_are_read_bare_and_as_documents() {
    let segment = r#"{"name": "shop", "id": "70de5b6f19ff9a0a", "trace_id": "1-5759e988-bd862e3fe1be46a994272793",
      "start_time": 1461096053.37518, "end_time": 1461096053.4042, "http": {"request": {"method": "GET"},
      "response": {"status": 200}}, "annotations": {"tier": "gold"}, "subsegments": [{"id": "53995c3f42cd8ad8",
      "name": "api.example.com", "start_time": 1461096053.37769, "end_time": 1461096053.40379, "namespace": "remote",
      "fault": true, "cause": {"exceptions": [{"type": "Timeout", "message": "late"}]}}]}"#;
    let document =
        serde_json::json!({"Traces": [{"Id": "1", "Segments": [{"Id": "a", "Document": segment}]}]});
    for text in [segment.to_owned(), format!("[{segment}]"), document.to_string()] {
        let (builder, report) = read(&text);
        assert_eq!((report.form.as_str(), report.spans), ("xray-json", 2), "{:?}", report.problems);
        assert_eq!(
            rows(&builder),
            [
                "shop shop server unset 5759e988bd862e3fe1be46a994272793 70de5b6f19ff9a0a - \
                 1461096053375180000+29020000 [http.request.method=GET, http.response.status_code=200, tier=gold] \
                 0 events 0 links",
                "shop api.example.com client error 5759e988bd862e3fe1be46a994272793 53995c3f42cd8ad8 \
                 70de5b6f19ff9a0a 1461096053377690000+26100000 [] 1 events 0 links",
            ]
        );
    }
}

#[test]
fn zipkin_v1_gives_both_halves_of_a_call() {
    let json = r#"[{"traceId": "bd7a977555f6b982", "id": "ebf33e1a81dc6f71", "parentId": "bd7a977555f6b982", "name": "get",
      "timestamp": 1458702548478000, "duration": 354374, "annotations": [
      {"endpoint": {"serviceName": "front", "ipv4": "10.0.0.1"}, "timestamp": 1458702548478000, "value": "cs"},
      {"endpoint": {"serviceName": "back"}, "timestamp": 1458702548480000, "value": "sr"},
      {"endpoint": {"serviceName": "back"}, "timestamp": 1458702548490000, "value": "cache miss"},
      {"endpoint": {"serviceName": "back"}, "timestamp": 1458702548500000, "value": "ss"},
      {"endpoint": {"serviceName": "front"}, "timestamp": 1458702548832374, "value": "cr"}],
      "binaryAnnotations": [{"key": "http.path", "value": "/api", "endpoint": {"serviceName": "front"}}]}]"#;
    let (builder, report) = read(json);
    assert_eq!((report.form.as_str(), report.spans), ("zipkin-json", 2));
    let rows = rows(&builder);
    assert!(rows[0].starts_with("front get client unset 0000000000000000bd7a977555f6b982 ebf33e1a81dc6f71"));
    assert!(rows[1].starts_with("back get server unset 0000000000000000bd7a977555f6b982 ebf33e1a81dc6f71"));
    assert!(rows[1].contains("1458702548480000000+20000000"));
    let store = builder.store();
    assert!(store.spans().is_shared(1));
    assert_eq!(store.parent(1), Some(0));
}
