//! Large files: the page stays usable while they are read, reading can be cancelled, and what would not fit is told
//! of before it is read. `SPANSCOPE_LARGE_MB=500` takes a size that means it; the times are printed, never asserted.

use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::chromium::dist;
use crate::harness::{Tab, run};
use crate::server::Route;

/// Opens `window.big` and asks meanwhile, as often as there are answers; `window.watched` is set at the end.
const ASK_WHILE_READING: &str = "
    let longest = 0;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) longest = Math.max(longest, entry.duration);
    });
    observer.observe({type: 'longtask'});
    const began = performance.now();
    let reading = true;
    const opened = spanscope.open(big).then((report) => { reading = false; return report; });
    const seen = {partial: 0, shrunk: 0, first: 0, failed: []};
    const follow = async () => {
      let before = 0;
      while (reading) {
        try {
          const answer = await spanscope.ask({ask: 'services', scope: 'all'});
          const spans = answer.rows.reduce((sum, row) => sum + row.spans, 0);
          if (answer.partial) seen.partial += 1;
          if (spans < before) seen.shrunk += 1;
          if (!seen.first && spans) seen.first = performance.now() - began;
          before = spans;
          await spanscope.ask({ask: 'traces', limit: 5});
        } catch (error) { seen.failed.push(error.message); }
        await new Promise((go) => setTimeout(go, 20));
      }
    };
    const asked = follow();
    opened.then(async (report) => {
      await asked;
      window.watched = {report, seen, longest, millis: performance.now() - began, bytes: big.size};
    });";

fn megabytes(small: u64) -> u64 {
    let asked = std::env::var("SPANSCOPE_LARGE_MB").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(small)
}

/// A file on the disk that goes with its folder; a blob of this size is more than a headless browser keeps.
struct Large {
    path: PathBuf,
    spans: u64,
}

impl Drop for Large {
    fn drop(&mut self) {
        // A file that is gone already is as good.
        fs::remove_file(&self.path).unwrap_or_default();
    }
}

/// Writes JSON lines of about so many megabytes, a trace of 100 spans a line, and lays them ready as `window.big`.
/// Starts are one second a line apart, from 1700000000 on.
async fn make(tab: &Tab, name: &str, megabytes: u64) -> Large {
    let path = std::env::temp_dir().join(format!("spanscope-{}-{name}.jsonl", std::process::id()));
    let mut file = BufWriter::new(fs::File::create(&path).expect("a file in the temporary folder"));
    let (mut lines, mut size) = (0_u64, 0);
    while size < megabytes * 1_000_000 {
        let line = line(lines);
        file.write_all(line.as_bytes()).expect("writing");
        size += line.len() as u64;
        lines += 1;
    }
    file.flush().expect("writing");
    let input = "const input = document.createElement('input');
                 input.type = 'file'; input.id = 'large-file';
                 document.body.append(input);";
    tab.js(input, json!(null)).await;
    let input = tab.find("#large-file").await;
    input.send_keys(path.display().to_string()).await.expect("choosing a file");
    let take = "const input = document.getElementById('large-file');
                window.big = input.files[0]; input.remove();";
    tab.js(take, json!(null)).await;
    Large { path, spans: lines * 100 }
}

fn line(line: u64) -> String {
    let mut text = format!(
        r#"{{"resourceSpans":[{{"resource":{{"attributes":[{{"key":"service.name","value":{{"stringValue":"service {}"}}}}]}},"scopeSpans":[{{"scope":{{"name":"large"}},"spans":["#,
        line % 12
    );
    let second = 1_700_000_000 + line;
    for i in 0..100_u64 {
        let comma = if i == 0 { "" } else { "," };
        let parent = if i == 0 { String::new() } else { format!("{:016}", i / 4 + 1) };
        write!(
            text,
            r#"{comma}{{"traceId":"{:032}","spanId":"{:016}","parentSpanId":"{parent}","name":"operation {}","kind":2,"startTimeUnixNano":"{second}{:09}","endTimeUnixNano":"{second}{:09}","attributes":[{{"key":"http.request.method","value":{{"stringValue":"GET"}}}},{{"key":"user.id","value":{{"stringValue":"u-{}"}}}},{{"key":"bytes","value":{{"intValue":"{}"}}}},{{"key":"cached","value":{{"boolValue":true}}}}],"status":{{}}}}"#,
            line + 1,
            i + 1,
            i % 20,
            i * 1000,
            i * 1000 + 900_000,
            (line * 31 + i) % 99_991,
            (line * 7919 + i) % 65_536,
        )
        .expect("writing into text");
    }
    text.push_str("]}]}]}\n");
    text
}

#[test]
fn questions_are_answered_while_a_large_file_is_read() {
    run("large", [], |tab| async move {
        let file = make(&tab, "asked", megabytes(32)).await;
        let spans = file.spans;
        tab.js(ASK_WHILE_READING, json!(null)).await;
        // A minute at a time: a large file on a busy machine takes longer than one wait.
        let mut watched = Value::Null;
        for _ in 0..6 {
            let wait = "for (let i = 0; i < 500 && !window.watched; i++) await new Promise((go) => setTimeout(go, 100));
                        return window.watched ?? null";
            watched = tab.js(wait, json!(null)).await;
            if !watched.is_null() {
                break;
            }
        }
        println!(
            "while reading: {}",
            json!({"seen": watched["seen"], "longest": watched["longest"], "millis": watched["millis"], "bytes": watched["bytes"]})
        );
        assert_eq!(watched["report"]["spans"], json!(spans), "{watched}");
        assert_eq!(watched["report"]["problems"], json!(0), "{watched}");
        assert_eq!(watched["report"]["files"][0]["form"], "otlp-json-lines");
        assert_eq!(watched["seen"]["failed"], json!([]), "{watched}");
        assert_eq!(watched["seen"]["shrunk"], json!(0), "answers only grow: {watched}");
        assert!(
            watched["seen"]["partial"].as_u64() > Some(0),
            "nothing was answered while reading: {watched}"
        );
        tab.settle().await;
        let summary = tab.ask(json!({"ask": "summary"})).await;
        assert_eq!((summary["spans"].as_u64(), summary["services"].as_u64()), (Some(spans), Some(12)));
        assert!(summary.get("partial").is_none(), "{summary}");
    });
}

#[test]
fn a_large_file_is_cancelled_half_way() {
    run("cancel", [], |tab| async move {
        let file = make(&tab, "cancelled", megabytes(64)).await;
        let spans = file.spans;
        let outcome = tab
            .js(
                "const opened = spanscope.open(big);
                 const half = async () => {
                   for (;;) {
                     const {partial} = await spanscope.ask({ask: 'summary'});
                     if (partial && partial.bytes_read > Math.min(partial.bytes_total / 2, 20e6)) return;
                     await new Promise((go) => setTimeout(go, 5));
                   }
                 };
                 await Promise.race([half(), opened]);
                 spanscope.cancel();
                 const report = await opened;
                 await spanscope.idle();
                 return {report, summary: await spanscope.ask({ask: 'summary'})}",
                json!(null),
            )
            .await;
        assert_eq!(outcome["report"]["cancelled"], json!(true), "{outcome}");
        assert_eq!(outcome["report"]["problems"], json!(0), "{outcome}");
        let kept = outcome["summary"]["spans"].as_u64().expect("a count");
        assert!(0 < kept && kept < spans, "{kept} of {spans}");
        assert_eq!(outcome["report"]["spans"], json!(kept), "what was read stays");
        // The same file, whole this time, is no file that is open already.
        let again =
            tab.js("return await spanscope.open(big, {append: false, max_spans: 250})", json!(null)).await;
        assert_eq!(again["spans"], json!(250), "{again}");
    });
}

#[test]
fn what_would_not_fit_is_told_of_and_loaded_in_part() {
    run("oversize", [], |tab| async move {
        let file = make(&tab, "oversize", 40).await;
        let spans = file.spans;
        let open = "const {engine_bytes} = await spanscope.ask({ask: 'summary'});
                    window.opened = spanscope.open(big, {append: false, max_memory: engine_bytes + 6e6})";
        tab.js(open, json!(null)).await;
        tab.wait_for_text("This file is too large for one page").await;
        tab.wait_for_text("oversize.jsonl").await;
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(0), "nothing is loaded yet");
        let offered = tab
            .js("return +document.querySelector('dialog[open] input[type=number]').value", json!(null))
            .await;
        let offered = offered.as_f64().expect("a number") as u64;
        assert!(0 < offered && offered < spans, "{offered} of {spans}");
        tab.js("document.querySelector('dialog[open] input[type=number]').value = 1234", json!(null)).await;
        tab.click("Load these").await;
        let report = tab.js("return await opened", json!(null)).await;
        assert_eq!(report["spans"], json!(1234), "{report}");
        let note = report["files"][0]["notes"][0].as_str().unwrap_or_default();
        assert!(note.starts_with("only a part was read"), "{report}");

        tab.js(open, json!(null)).await;
        tab.wait_for_text("This file is too large for one page").await;
        let fields =
            "const [from, to] = document.querySelectorAll('dialog[open] input[type=datetime-local]');
                      const first = from.value;
                      from.value = '2023-11-14T22:13:25'; to.value = '2023-11-14T22:13:27';
                      return first";
        assert_eq!(tab.js(fields, json!(null)).await, json!("2023-11-14T22:13:20"));
        tab.click("Load this time window").await;
        let report = tab.js("return await opened", json!(null)).await;
        assert_eq!(report["spans"], json!(200), "two lines of a hundred spans: {report}");

        tab.js(open, json!(null)).await;
        tab.wait_for_text("This file is too large for one page").await;
        tab.click("Skip this file").await;
        let report = tab.js("return await opened", json!(null)).await;
        assert_eq!((report["spans"].as_u64(), report["problems"].as_u64()), (Some(0), Some(0)), "{report}");
        tab.settle().await;
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(200), "what was open stays");

        let range = json!({"start_ns": "1700000010000000000", "end_ns": "1700000011000000000"});
        let asked = "return await spanscope.open(big, {append: false, range: given})";
        assert_eq!(tab.js(asked, range).await["spans"], json!(100));
    });
}

/// Opens `file` with so many threads, in place of what was open; what it came to, without what differs from time to time.
const OPEN_AND_ASK: &str = "
    const [file, threads] = [window[given.file], given.threads];
    const report = await spanscope.open(file, {threads, append: false});
    for (const row of report.files) delete row.millis;
    const answers = [];
    for (const question of [
      {ask: 'services', scope: 'all'}, {ask: 'operations', service: 'service 3'}, {ask: 'traces', limit: 50},
      {ask: 'spans', query: '{ span.bytes > 60000 }', limit: 50, fields: ['span.user.id']},
    ]) {
      const answer = await spanscope.ask(question);
      delete answer.generation;
      answers.push(answer);
    }
    return {report, answers};";

#[test]
fn several_threads_read_what_one_reads() {
    run("threads", [], |tab| async move {
        let large = make(&tab, "threads", megabytes(24)).await;
        // A line that is cut, one that is no telemetry, and the end within a span.
        let damage = "window.damaged = new File([big.slice(0, 9_000_000), '\\n{\"a\":1}\\n', big.slice(9_000_000, big.size - 99)], 'big');
                      window.big = new File([big], 'big');";
        tab.js(damage, json!(null)).await;
        for file in ["big", "damaged"] {
            let open = async |threads| tab.js(OPEN_AND_ASK, json!({"file": file, "threads": threads})).await;
            let one = open(1).await;
            let started = workers(&tab);
            let several = open(4).await;
            assert_eq!(workers(&tab) - started, 3, "three more threads have come: {:?}", tab.site_log());
            assert_eq!(several["report"], one["report"], "{file}");
            assert_eq!(several["answers"], one["answers"], "{file}");
            let whole = one["report"]["problems"] == json!(0);
            assert_eq!(whole, file == "big", "{}", one["report"]);
            assert_eq!(whole, one["report"]["spans"] == json!(large.spans), "{}", one["report"]);
        }
    });
}

/// How many times the engine's script was asked for: once by each thread.
fn workers(tab: &Tab) -> usize {
    tab.site_log().iter().filter(|line| line.contains("/engine-worker.js")).count()
}

#[test]
fn a_thread_that_fails_costs_nothing_but_time() {
    run("failing thread", [], |tab| async move {
        let script = fs::read_to_string(dist().join("engine-worker.js")).expect("the engine's script");
        let imports =
            script.lines().filter(|line| line.starts_with("import ")).collect::<Vec<_>>().join("\n");
        let rest = script.replace(&imports, "");
        let failing = format!(
            "{imports}
            if (self.name === 'spanscope-hand') {{
              addEventListener('message', ({{data}}) => {{ if (data.parts) throw new Error('on purpose'); }});
              postMessage({{kind: 'ready'}});
            }} else {{ {rest} }}"
        );
        let large = make(&tab, "failing", 24).await;
        tab.route(&Route {
            content_type: "text/javascript",
            ..Route::text("/engine-worker.js", 200, &failing)
        });
        // The engine itself is started anew, by the same script.
        tab.js("spanscope.close()", json!(null)).await;
        let found = tab.js(OPEN_AND_ASK, json!({"file": "big", "threads": 3})).await;
        assert_eq!(found["report"]["spans"], json!(large.spans), "{}", found["report"]);
        assert_eq!(found["report"]["problems"], json!(0), "{}", found["report"]);
    });
}

/// Before the script that fetches a file: tells the page how long each piece is that it hands over.
const TELLING: &str = "const told = new BroadcastChannel('told'), post = self.postMessage.bind(self);
    self.postMessage = (piece, moved) => { if (piece !== 'up') told.postMessage(piece?.byteLength ?? -1); post(piece, moved); };";

#[test]
fn a_file_is_fetched_by_a_stream_or_in_slices() {
    run("fetching", [], |tab| async move {
        const MIB: i64 = 1024 * 1024;
        let script =
            fs::read_to_string(dist().join("file-worker.js")).expect("the script that fetches files");
        let large = make(&tab, "fetched", 24).await;
        for (without, most) in [("", 4 * MIB), ("delete Blob.prototype.stream;", 8 * MIB)] {
            let told = format!("{TELLING}{without}{script}");
            let route = Route::text("/file-worker.js", 200, &told);
            tab.route(&Route { content_type: "text/javascript", ..route });
            let open = "window.pieces = [];
                        const told = new BroadcastChannel('told');
                        told.onmessage = ({data}) => pieces.push(data);
                        await spanscope.close();
                        const {spans, problems} = await spanscope.open(big, {threads: 1});
                        await new Promise((go) => setTimeout(go, 50));
                        told.close();
                        return {spans, problems, pieces, size: big.size}";
            let found = tab.js(open, json!(null)).await;
            assert_eq!((&found["spans"], &found["problems"]), (&json!(large.spans), &json!(0)), "{found}");
            let pieces = found["pieces"].as_array().expect("pieces").iter().filter_map(Value::as_i64);
            let pieces: Vec<i64> = pieces.collect();
            assert_eq!(pieces.iter().max(), Some(&most), "{without} {pieces:?}");
            assert!(pieces.iter().all(|piece| *piece > 0), "each came: {pieces:?}");
            let left = found["size"].as_i64().expect("a size") - pieces.iter().sum::<i64>();
            assert!((1..=4 * MIB).contains(&left), "the engine itself reads the first bytes only: {left}");
        }
    });
}
