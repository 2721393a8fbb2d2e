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

/// What Node 22 prints for the SDK's spans; the second is cut where `util.inspect` cuts.
const NODE: &str = r#"Listening on port 8080
{
  resource: {
    attributes: {
      'service.name': 'dice',
      'process.command_args': [ '/usr/bin/node', "it's.js" ]
    }
  },
  instrumentationScope: { name: 'roll', version: undefined, schemaUrl: undefined },
  traceId: '5b8efff798038103d269b633813fc60c',
  parentSpanContext: undefined,
  traceState: undefined,
  name: 'say "hi"\n' +
    'there',
  id: 'eee19b7ec3c1b174',
  kind: 1,
  timestamp: 1795375590187736.2,
  duration: 297.5,
  attributes: { 'http.response.status_code': 500, ok: true, big: 9007199254740993n, nan: NaN },
  status: { code: 2, message: 'boom \x1B[31m' },
  events: [
    {
      name: 'exception',
      attributes: { 'exception.type': 'E' },
      time: [ 1795375590, 187900000 ],
      droppedAttributesCount: 0
    }
  ],
  links: []
}
{
  resource: Resource { attributes: { 'service.name': 'dice' } },
  traceId: '5b8efff798038103d269b633813fc60c',
  parentId: 'eee19b7ec3c1b174',
  name: `it's "so"`,
  id: 'eee19b7ec3c1b175',
  kind: 0,
  timestamp: 1795375590187800,
  duration: 12,
  attributes: { deep: [Object], many: [ 1, 2, ... 98 more items ], long: 'abc'... 9 more characters },
  status: { code: 0 },
  events: [],
  links: []
}
"#;

#[test]
fn node_console_output_is_read() {
    let text = NODE;
    let (builder, report) = read(text);
    assert_eq!((report.form.as_str(), report.spans), ("node-console", 2), "{report:?}");
    let rows = rows(&builder);
    assert_eq!(
        rows[0],
        "dice say \"hi\"\nthere server error 5b8efff798038103d269b633813fc60c eee19b7ec3c1b174 - \
         1795375590187736200+297500 [big=9007199254740993, http.response.status_code=500, nan=NaN, ok=true] \
         1 events 0 links"
    );
    assert!(rows[1].starts_with(
        "dice it's \"so\" internal unset 5b8efff798038103d269b633813fc60c eee19b7ec3c1b175 eee19b7ec3c1b174"
    ));
    assert!(rows[1].contains("deep=[Object], long=abc, many=[1, 2, \"... 98 more items\"]"), "{}", rows[1]);
    // The line before is no JSON, and the report says so; what was cut is counted.
    assert_eq!(report.problems.len(), 1);
    assert_eq!(report.problems[0].at.line, Some(1));
    assert!(report.notes.iter().any(|note| note.starts_with("3 values were cut")), "{:?}", report.notes);
    // A cut anywhere keeps the whole spans.
    for cut in (1..text.len()).filter(|&cut| text.is_char_boundary(cut)) {
        let (_, report) = read(&text[..cut]);
        assert!(report.spans <= 2 && (report.spans > 0 || !report.problems.is_empty()), "{cut}");
    }
}

#[test]
fn datadog_answers_are_read() {
    let found = r#"{"data": [{"id": "AAAAAWgN8Xwgr1vKDQAAAABBV2dOOFh3ZzZobm1mWXJFYTR0OA", "type": "spans", "attributes": {
      "trace_id": "5b8efff798038103d269b633813fc60c", "span_id": "18446744073709551615", "parent_id": "0",
      "start_timestamp": "2026-11-22T19:26:30.187736761Z", "end_timestamp": "2026-11-22T19:26:30.187738261Z",
      "service": "shop", "env": "prod", "operation_name": "web.request", "resource_name": "GET /", "type": "web",
      "status": "error", "custom": {"span": {"kind": "server"}, "error": {"message": "boom"}}}}],
      "meta": {"status": "done"}}"#;
    let trace = r#"{"data": {"id": "1", "type": "trace", "attributes": {"is_truncated": false, "spans": [
      {"trace_id": "5b8efff798038103d269b633813fc60c", "span_id": "7", "parent_id": "0", "name": "web", "service": "shop",
      "resource": "GET /", "type": "web", "start": 1795375590.5, "duration": 0.25, "error": 0, "meta": {}}]}}}"#;
    let (builder, report) = read(found);
    assert_eq!((report.form.as_str(), report.spans), ("datadog-json", 1), "{report:?}");
    assert!(rows(&builder)[0].starts_with(
        "shop web.request server error 5b8efff798038103d269b633813fc60c ffffffffffffffff - 1795375590187736761+1500"
    ));
    let (builder, report) = read(trace);
    assert_eq!((report.form.as_str(), report.spans), ("datadog-json", 1), "{report:?}");
    assert!(rows(&builder)[0].starts_with(
        "shop web server unset 5b8efff798038103d269b633813fc60c 0000000000000007 - 1795375590500000000+250000000"
    ));
    // Another program's answer is not claimed.
    let (_, report) = read(r#"{"data": {"rows": [1, 2]}, "meta": {}}"#);
    assert_eq!((report.form.as_str(), report.spans), ("unknown", 0));
}

#[test]
fn bare_spans_are_read() {
    let span = r#"{"traceId":"5b8efff798038103d269b633813fc60c","spanId":"eee19b7ec3c1b174","name":"pay",
      "startTimeUnixNano":"1790000000000000000","endTimeUnixNano":"1790000000000000009",
      "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}}]}}"#;
    let one_line = span.replace('\n', "");
    let lines = format!("{one_line}\n{one_line}\n");
    for (text, form, spans) in [
        (span.to_owned(), "otlp-json", 1),
        (format!("[{span},{span}]"), "otlp-json-array", 2),
        (lines, "otlp-json-lines", 2),
    ] {
        let (builder, report) = read(&text);
        assert_eq!((report.form.as_str(), report.spans), (form, spans), "{report:?}");
        assert_eq!(rows(&builder)[0].split(' ').take(2).collect::<Vec<_>>(), ["shop", "pay"]);
        assert_eq!(report.notes.len(), 1, "{:?}", report.notes);
        for cut in 1..text.len() {
            let (_, report) = read(&text[..cut]);
            assert!(report.spans <= spans, "{cut}");
        }
    }
}
