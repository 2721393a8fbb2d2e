//! The script door: every call of `window.spanscope` and every request, with the fields that are promised.

use serde_json::{Value, json};

use crate::harness::{data, run};

/// Fails unless `value` has each of the `fields`; absent is not the same as null.
fn has_fields(value: &Value, fields: &str, what: &str) {
    for field in fields.split_whitespace() {
        assert!(value.get(field).is_some(), "{what}: no field {field} in {value}");
    }
}

#[test]
fn the_door_has_its_six_calls() {
    run("door", [], |tab| async move {
        let kinds = tab
            .js(
                "return Object.fromEntries(['version', 'ready', 'open', 'ask', 'idle', 'cancel', 'close'].map(
                   (name) => [name, spanscope[name] instanceof Promise ? 'promise' : typeof spanscope[name]]))",
                json!(null),
            )
            .await;
        let function = "function";
        assert_eq!(
            kinds,
            json!({"version": "string", "ready": "promise", "open": function, "ask": function, "idle": function,
                   "cancel": function, "close": function})
        );
        let version = tab.js("return spanscope.version", json!(null)).await;
        assert_eq!(version, json!(env!("CARGO_PKG_VERSION")));
    });
}

#[test]
fn every_request_answers_with_the_promised_fields() {
    let file = data::fixture("triple-a.otlp.pb");
    run("requests", [file.clone()], |tab| async move {
        let report = tab.open(&[&file]).await;
        has_fields(&report, "files spans traces problems", "report");
        has_fields(&report["files"][0], "name form bytes spans traces problems notes", "file of a report");
        assert_eq!(report["files"][0]["name"], "triple-a.otlp.pb");
        assert_eq!(report["files"][0]["form"], "otlp-protobuf");
        assert_eq!((report["spans"].as_u64(), report["problems"].as_u64()), (Some(60), Some(0)));

        let summary = tab.ask(json!({"ask": "summary"})).await;
        let fields = "spans traces services operations errors events links orphans start_ns end_ns engine_bytes \
                      file_bytes generation";
        has_fields(&summary, fields, "summary");
        assert!(summary["start_ns"].is_string(), "an absolute time is text: {summary}");
        assert!(summary.get("partial").is_none(), "nothing is being read: {summary}");

        let services = tab.ask(json!({"ask": "services"})).await;
        let fields = "service spans calls errors error_rate rate_per_s p50_ns p90_ns p95_ns p99_ns apdex";
        has_fields(&services["rows"][0], fields, "services");

        let service = services["rows"][0]["service"].clone();
        let operations = tab.ask(json!({"ask": "operations", "service": service})).await;
        let fields = "service name kinds calls errors error_rate rate_per_s p50_ns p90_ns p95_ns p99_ns total_ns self_ns";
        has_fields(&operations["rows"][0], fields, "operations");

        let traces = tab.ask(json!({"ask": "traces"})).await;
        assert_eq!(traces["total"], json!(12));
        let row = &traces["rows"][0];
        has_fields(
            row,
            "trace_id root_service root_name start_ns duration_ns spans matched errors services",
            "traces",
        );

        let trace_id = row["trace_id"].clone();
        let trace = tab.ask(json!({"ask": "trace", "trace_id": trace_id})).await;
        has_fields(&trace, "spans_total duration_ns start_ns roots orphans notices spans", "trace");
        let fields =
            "span_id parent_span_id service name kind status start_ns duration_ns self_ns depth children";
        has_fields(&trace["spans"][0], fields, "span of a trace");
        assert_eq!(trace["spans"][0]["depth"], json!(1));

        let span_id = trace["spans"][0]["span_id"].clone();
        let span = tab.ask(json!({"ask": "span", "trace_id": trace_id, "span_id": span_id})).await;
        let fields =
            "attributes resource scope events links linked_from status_message trace_state flags dropped";
        has_fields(&span, fields, "span");
        assert_eq!(span["resource"]["service.name"], trace["spans"][0]["service"]);

        let page = tab.ask(json!({"ask": "traces", "order": "start", "offset": 2, "limit": 3})).await;
        assert_eq!((page["total"].as_u64(), page["rows"].as_array().map(Vec::len)), (Some(12), Some(3)));
        let part = tab.ask(json!({"ask": "trace", "trace_id": trace_id, "offset": 1, "limit": 2})).await;
        assert_eq!(part["spans"][0], trace["spans"][1]);
        assert_eq!(part["spans"].as_array().map(Vec::len), Some(2));
    });
}

#[test]
fn a_range_chooses_by_the_start_of_spans() {
    let file = data::fixture("triple-a.otlp.pb");
    run("range", [file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        let summary = tab.ask(json!({"ask": "summary"})).await;
        let end = summary["end_ns"].clone();
        let all = tab.ask(json!({"ask": "services", "scope": "all"})).await;
        let counted = |answer: &Value, field: &str| -> u64 {
            answer["rows"].as_array().expect("rows").iter().filter_map(|row| row[field].as_u64()).sum()
        };
        assert_eq!(counted(&all, "spans"), 60);
        // Half-open: the two halves share no span and miss none.
        let middle = "1795376087920000000";
        let first = json!({"start_ns": summary["start_ns"], "end_ns": middle});
        let second = json!({"start_ns": middle, "end_ns": end});
        let first = tab.ask(json!({"ask": "services", "scope": "all", "range": first})).await;
        let second = tab.ask(json!({"ask": "services", "scope": "all", "range": second})).await;
        let (before, after) = (counted(&first, "calls"), counted(&second, "calls"));
        assert!(before > 0 && after > 0, "{before} and {after} spans");
        assert_eq!(before + after, 60);
        assert_eq!(first["rows"].as_array().map(Vec::len), Some(2), "every service has a row");
    });
}

#[test]
fn a_question_that_cannot_be_answered_is_refused_with_a_sentence() {
    let file = data::fixture("triple-a.otlp.pb");
    run("refusals", [file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        for (request, part) in [
            (json!({}), "a request needs a field ask"),
            (json!("tea"), "not JSON"),
            (json!({"ask": "tea"}), "\"tea\" is no request; known are: summary, services"),
            (json!({"ask": "traces", "order": "sideways"}), "sideways"),
            (json!({"ask": "services", "scope": "most"}), "most"),
            (json!({"ask": "services", "range": {"start_ns": "x", "end_ns": "1"}}), "found \"x\""),
            (json!({"ask": "trace", "trace_id": "abc"}), "no trace abc"),
            (json!({"ask": "operations", "service": "nobody"}), "nobody"),
        ] {
            let sentence = tab.ask_in_vain(request.clone()).await;
            assert!(sentence.contains(part), "{request}: {sentence}");
        }
        // The engine lives on.
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(60));
    });
}

#[test]
fn several_questions_can_be_in_flight() {
    let file = data::fixture("triple-a.otlp.pb");
    run("in flight", [file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        let answers = tab
            .js(
                "const asks = Array.from({length: 40}, (_, i) => spanscope.ask(
                   i % 2 ? {ask: 'traces', limit: i} : {ask: 'services', scope: 'all'}));
                 const answers = await Promise.all(asks);
                 return answers.map((a) => a.rows.length)",
                json!(null),
            )
            .await;
        let expected: Vec<usize> = (0..40).map(|i| if i % 2 == 1 { i.min(12) } else { 2 }).collect();
        assert_eq!(answers, json!(expected));
    });
}

#[test]
fn what_is_opened_adds_or_replaces() {
    let files = [data::fixture("triple-a.otlp.pb"), data::fixture("unicode.json")];
    run("append", files.clone(), |tab| async move {
        let [first, second] = &files;
        tab.open(&[first]).await;
        let added = tab.open(&[second]).await;
        let more = added["spans"].as_u64().expect("a count");
        assert_eq!(added["files"].as_array().map(Vec::len), Some(1), "the report covers its own call");
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(60 + more));

        // The same bytes again: a row with a note, no span twice.
        let again = tab.open(&[first]).await;
        assert_eq!(again["files"][0]["spans"], json!(0), "{again}");
        assert!(again["files"][0]["notes"].to_string().contains("open"), "{again}");
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(60 + more));

        tab.open_with(&[first], json!({"append": false, "name": "only this"})).await;
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(60));
        let files = tab.ask(json!({"ask": "files"})).await;
        assert_eq!(files["files"].as_array().map(Vec::len), Some(1), "{files}");
        assert_eq!(files["files"][0]["name"], json!("only this"));

        // What replaces with nothing readable replaces nothing.
        let report =
            tab.js("return await spanscope.open(new Blob(['no trace']), {append: false})", json!(null)).await;
        assert_eq!(report["spans"], json!(0));
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(60));

        tab.js("await spanscope.close()", json!(null)).await;
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(0));
        let report = tab.open(&[first]).await;
        assert_eq!(report["spans"], json!(60), "a closed file is not known any more");
    });
}

#[test]
fn open_takes_every_kind_of_source() {
    let file = data::fixture("triple-a.otlp.pb");
    run("sources", [file.clone()], |tab| async move {
        let url = tab.file_url(&file);
        for make in [
            "await (await fetch(given)).blob()",
            "await (await fetch(given)).arrayBuffer()",
            "new Uint8Array(await (await fetch(given)).arrayBuffer())",
            "new Uint8Array(await (await fetch(given)).arrayBuffer()).subarray(0)",
            "[new File([await (await fetch(given)).blob()], 'a.pb')]",
            "given",
            "new URL(given, location.href).href",
        ] {
            tab.js("await spanscope.close()", json!(null)).await;
            let report = tab.js(&format!("return await spanscope.open({make})"), json!(url)).await;
            assert_eq!(report["spans"], json!(60), "{make}: {report}");
        }
        for wrong in ["[]", "42", "null", "{}", "[{}]"] {
            let error = tab.try_js(&format!("return await spanscope.open({wrong})"), json!(null)).await;
            assert!(error.as_ref().is_err_and(|sentence| sentence.contains("expects")), "{wrong}: {error:?}");
        }
    });
}

#[test]
fn an_unreadable_source_is_a_row_with_a_problem() {
    let file = data::fixture("triple-a.otlp.pb");
    run("unreadable", [file.clone()], |tab| async move {
        tab.expect_error("404");
        let url = tab.file_url(&file);
        let report = tab
            .js(
                "return await spanscope.open([new Blob([]), 'missing.json', given, new Blob(['hello'])])",
                json!(url),
            )
            .await;
        let rows = report["files"].as_array().expect("rows").clone();
        assert_eq!(rows.len(), 4, "{report}");
        for row in [&rows[0], &rows[1], &rows[3]] {
            assert_eq!(row["spans"], json!(0), "{row}");
            let message = row["problems"][0]["message"].as_str().unwrap_or_default();
            assert!(message.len() > 10, "a sentence says what was found: {row}");
            has_fields(&row["problems"][0], "kind message count at", "problem");
        }
        assert!(rows[1]["problems"][0]["message"].to_string().contains("404"), "{}", rows[1]);
        assert_eq!(rows[2]["spans"], json!(60), "{report}");
        assert_eq!(report["problems"], json!(3), "{report}");
    });
}

#[test]
fn opens_queue_and_cancel_keeps_what_was_read() {
    run("cancel", [], |tab| async move {
        let line = std::fs::read_to_string(data::fixture("unicode.json")).expect("a fixture");
        // 160 MB of lines, made in the page: ten thousand times the same spans.
        let outcome = tab
            .js(
                "const line = given.replaceAll('\\n', ' ') + '\\n';
                 const block = new Blob(Array(500).fill(line));
                 const big = new Blob(Array(20).fill(block));
                 const first = spanscope.open(big, {name: 'big'});
                 const second = spanscope.open(new Blob([line + ' ']), {name: 'second'});
                 let partial;
                 while (!(partial = (await spanscope.ask({ask: 'summary'})).partial)?.bytes_read) {}
                 spanscope.cancel();
                 const [one, two] = [await first, await second];
                 await spanscope.idle();
                 return {one, two, partial, size: big.size, summary: await spanscope.ask({ask: 'summary'})}",
                json!(line),
            )
            .await;
        let partial = &outcome["partial"];
        assert_eq!(partial["bytes_total"], outcome["size"], "{partial}");
        assert_eq!(outcome["one"]["cancelled"], json!(true), "{}", outcome["one"]);
        assert!(outcome["two"].get("cancelled").is_none_or(|flag| flag == false), "{}", outcome["two"]);
        let spans = |report: &Value| report["spans"].as_u64().expect("a count");
        assert!(spans(&outcome["two"]) > 0, "the second open was not cancelled");
        assert_eq!(spans(&outcome["summary"]), spans(&outcome["one"]) + spans(&outcome["two"]));
        let read = outcome["one"]["files"][0]["bytes"].as_u64().expect("a size");
        assert!(read < outcome["size"].as_u64().expect("a size"), "reading stopped before the end");
    });
}
