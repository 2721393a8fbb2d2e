//! First visit, loading against `JSON.parse`, growth, memory, and the page while it reads.

use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::generate::{Data, Form};
use crate::page::Page;
use crate::{Scale, Table, chromium, median};

/// J: what a viewer in JavaScript pays before it can begin, on the main thread.
const JSON_PARSE: &str = "
    const began = performance.now();
    let kept = 0;
    for (const line of (await file.text()).split('\\n')) if (line) kept += JSON.parse(line).resourceSpans.length;
    return {millis: performance.now() - began, kept}";

/// From a file's handle until every view answers.
const DROP_TO_ANSWERS: &str = "
    const began = performance.now();
    const report = await spanscope.open(file);
    const read = performance.now() - began;
    await spanscope.ask({ask: 'services'});
    await spanscope.ask({ask: 'traces', limit: 50});
    const millis = performance.now() - began;
    await spanscope.idle();
    const {engine_bytes, spans} = await spanscope.ask({ask: 'summary'});
    return {millis, read, spans, engine_bytes, file_bytes: file.size, problems: report.problems}";

/// The same while the page is watched: tasks over 50 ms, and the first service on screen.
const WATCHED: &str = "
    let longest = 0, tasks = 0, first = 0;
    const observer = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) { tasks += 1; longest = Math.max(longest, entry.duration); }
    });
    observer.observe({type: 'longtask'});
    const began = performance.now();
    let looking = true;
    const look = () => {
      if (!first && document.querySelector('main a[href^=\"#/service/\"]')) first = performance.now() - began;
      if (looking) requestAnimationFrame(look);
    };
    look();
    let gap = 0, last = began;
    const beat = setInterval(() => { const now = performance.now(); gap = Math.max(gap, now - last); last = now; }, 4);
    const report = await spanscope.open(file);
    const millis = performance.now() - began;
    await spanscope.idle();
    looking = false; clearInterval(beat);
    observer.takeRecords().forEach((entry) => { longest = Math.max(longest, entry.duration); });
    return {longest, tasks, gap, first, millis, spans: report.spans, file_bytes: file.size}";

fn number(value: &Value, field: &str) -> f64 {
    value[field].as_f64().unwrap_or(f64::NAN)
}

/// Size of the download and time to the first paint.
pub async fn first_visit(table: &mut Table, scale: Scale) {
    // What comes with the first data only, as a browser test sees: the engine, and the page's second part.
    let later = ["engine-worker.js", "engine.js", "engine_bg.wasm", "file-worker.js", "spanscope_rest.wasm"];
    let mut bytes = [0, 0];
    for file in walk(&chromium::dist()) {
        let kind = file.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
        if ["html", "js", "wasm", "css", "svg"].contains(&kind) {
            let gzip = Command::new("gzip").args(["-9", "-c"]).arg(&file).stderr(Stdio::null()).output();
            let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            bytes[usize::from(later.contains(&name))] += gzip.map_or(0, |output| output.stdout.len());
        }
    }
    let [first, later] = bytes.map(|n| format!("{} KB", n / 1024));
    table.line("all that a first visit downloads, gzip -9", first, "≤ 400 KB");
    table.line("— with the first data", later, "");
    let mut paints = Vec::new();
    let mut ready = Vec::new();
    for _ in 0..scale.rounds {
        let page = Page::start("").await;
        page.load("index.html").await;
        let seen = page
            .js(
                "return {paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime,
                         ready: performance.now()}",
                json!(null),
            )
            .await;
        paints.push(number(&seen, "paint"));
        ready.push(number(&seen, "ready"));
        page.stop().await;
    }
    table.line("first paint of the empty page", format!("{:.0} ms", median(paints)), "≤ 300 ms");
    table.line("empty page ready and idle", format!("{:.0} ms", median(ready)), "");
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map_while(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            files.extend(walk(&path));
        } else {
            files.push(path);
        }
    }
    files
}

/// J, and drop to answers for JSON lines and protobuf of the same spans.
pub async fn against_json_parse(table: &mut Table, data: &Data, scale: Scale) {
    let (lines, binary) = (data.spans(scale.spans, Form::JsonLines), data.spans(scale.spans, Form::Protobuf));
    let mut parse = Vec::new();
    for _ in 0..scale.rounds {
        let page = Page::start("").await;
        page.load("empty.html").await;
        page.lay_ready(&lines).await;
        parse.push(number(&page.js(JSON_PARSE, json!(null)).await, "millis"));
        page.stop().await;
    }
    let j = median(parse);
    let megabytes = |bytes: f64| bytes / 1e6;
    table.line(format!("J: JSON.parse of {} spans line by line", scale.spans), format!("{j:.0} ms"), "");
    for (file, name, budget) in [
        (&lines, "OTLP/JSON lines: drop to every view answers", "≤ 0.6 J, reach for 0.4"),
        (&binary, "OTLP protobuf of the same spans", "≤ 0.3 J, reach for 0.2"),
    ] {
        let mut rounds = Vec::new();
        for _ in 0..scale.rounds {
            rounds.push(drop_to_answers(file).await);
        }
        let millis = median(rounds.iter().map(|round| number(round, "millis")).collect());
        let last = rounds.last().unwrap();
        let size = number(last, "file_bytes");
        let found = format!(
            "{:.2} J ({millis:.0} ms, {:.0} MB, {:.0} MB/s)",
            millis / j,
            megabytes(size),
            size / millis / 1e3
        );
        table.line(name, found, budget);
        let ratio = number(last, "engine_bytes") / size;
        let memory = format!("{ratio:.2} ({:.0} MB)", megabytes(number(last, "engine_bytes")));
        let budget = if name.contains("protobuf") { "≤ 0.6" } else { "" };
        table.line("— engine memory ÷ file size", memory, budget);
    }
}

async fn drop_to_answers(file: &std::path::Path) -> Value {
    let page = Page::start("").await;
    page.load("index.html").await;
    page.lay_ready(file).await;
    let outcome = page.js(DROP_TO_ANSWERS, json!(null)).await;
    page.stop().await;
    assert_eq!(outcome["problems"], json!(0), "{}: {outcome}", file.display());
    outcome
}

/// Time for ten times as many spans.
pub async fn growth(table: &mut Table, data: &Data, scale: Scale) {
    let (few, many) = scale.growth;
    for (form, name) in [(Form::Protobuf, "protobuf"), (Form::JsonLines, "JSON lines")] {
        let small = drop_to_answers(&data.spans(few, form)).await;
        let large = drop_to_answers(&data.spans(many, form)).await;
        let (small_ms, large_ms) = (number(&small, "millis"), number(&large, "millis"));
        let found = format!("{:.1} ({small_ms:.0} ms, {large_ms:.0} ms)", large_ms / small_ms);
        table.line(format!("growth, {name}: {many} spans ÷ {few}"), found, "≤ 11");
        let ratio = number(&large, "engine_bytes") / number(&large, "file_bytes");
        table.line(
            format!("— engine memory ÷ file size at {many}, {name}"),
            format!("{ratio:.2}"),
            if name == "protobuf" { "≤ 0.6" } else { "" },
        );
    }
    questions(table, data, many).await;
}

/// How long questions over many spans take, in the page, from asking to the parsed answer.
async fn questions(table: &mut Table, data: &Data, spans: u32) {
    let page = Page::start("").await;
    page.load("index.html").await;
    page.lay_ready(&data.spans(spans, Form::Protobuf)).await;
    page.js("await spanscope.open(file); await spanscope.idle()", json!(null)).await;
    for (name, request, budget) in [
        ("RED of every service, all spans", json!({"ask": "services", "scope": "all"}), "≤ 150 ms"),
        ("slowest 50 traces", json!({"ask": "traces", "limit": 50}), ""),
        ("p50, p90, p99 over time", json!({"ask": "series", "measure": "latency"}), ""),
        ("service map", json!({"ask": "service_map"}), ""),
        (
            "TraceQL { span.http.request.method = \"GET\" && duration > 100ms }",
            json!({"ask": "spans", "q": "{ span.http.request.method = \"GET\" && duration > 100ms }"}),
            "≤ 100 ms",
        ),
        (
            "TraceQL { status = error } >> { kind = client }",
            json!({"ask": "spans", "q": "{ status = error } >> { kind = client }"}),
            "≤ 250 ms",
        ),
    ] {
        let body = "const times = [];
            for (let i = 0; i < 3; i++) {
              const began = performance.now();
              try { await spanscope.ask(given) } catch (error) { return String(error.message) }
              times.push(performance.now() - began);
            }
            return times.sort((a, b) => a - b)[1]";
        let found = page.js(body, request).await;
        let found = found.as_f64().map_or_else(|| found.to_string(), |millis| format!("{millis:.0} ms"));
        table.line(format!("{name}, {spans} spans"), found, budget);
    }
    page.stop().await;
}

/// The page while a long file is read.
pub async fn while_reading(table: &mut Table, data: &Data, scale: Scale) {
    let page = Page::start("").await;
    page.load("index.html#/services").await;
    page.lay_ready(&data.spans(scale.long, Form::JsonLines)).await;
    let seen = page.js(WATCHED, json!(null)).await;
    page.stop().await;
    let longest = number(&seen, "longest");
    let longest = if longest == 0.0 {
        "none over 50 ms".to_owned()
    } else {
        format!("{longest:.0} ms ({} over 50 ms)", seen["tasks"])
    };
    let size = number(&seen, "file_bytes") / 1e6;
    table.line(format!("longest main-thread task while {size:.0} MB of JSON lines load"), longest, "≤ 50 ms");
    table.line("— longest silence of a 4 ms timer meanwhile", format!("{:.0} ms", number(&seen, "gap")), "");
    table.line("— first services on screen", format!("{:.0} ms", number(&seen, "first")), "≤ 1000 ms");
}
