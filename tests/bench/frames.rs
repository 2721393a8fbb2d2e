//! What a trace page costs at traces of growing size and of three shapes: the first picture, a frame of the flamegraph and of
//! the span tree, questions, memory.

use serde_json::{Value, json};

use crate::generate::{Data, Shape};
use crate::page::Page;
use crate::{Scale, Table, median};

/// Counts frames: from the start of the first callback of a frame to a `MessageChannel` task posted from it, which
/// runs when script, style, layout and paint of that frame are done.
const METER: &str = "
    const real = window.requestAnimationFrame.bind(window);
    const meter = (window.__meter = {on: false, costs: [], intervals: [], frame: 0});
    const channel = new MessageChannel();
    let began = 0;
    channel.port1.onmessage = () => { if (meter.on) meter.costs.push(performance.now() - began); };
    window.requestAnimationFrame = (callback) => real((time) => {
      if (meter.on && meter.frame !== time) {
        if (meter.frame) meter.intervals.push(time - meter.frame);
        meter.frame = time;
        began = performance.now();
        channel.port2.postMessage(0);
      }
      callback(time);
    });";

/// Zooms into a place of the flamegraph and out again, then pans along, one event a frame.
const FLY: &str = "
    const area = document.querySelector('.flame-area');
    const box = area.getBoundingClientRect();
    const next = () => new Promise((go) => requestAnimationFrame(go));
    const wheel = (x, options) => area.dispatchEvent(new WheelEvent('wheel',
      {bubbles: true, cancelable: true, clientX: box.left + box.width * x, clientY: box.top + 40, ...options}));
    await spanscope.idle();
    Object.assign(__meter, {on: true, costs: [], intervals: [], frame: 0});
    for (const x of [0.3, 0.7]) {
      for (let i = 0; i < 40; i++) { wheel(x, {deltaY: -60}); await next(); }
      for (let i = 0; i < 30; i++) { wheel(x, {deltaX: 30}); await next(); }
      for (let i = 0; i < 40; i++) { wheel(x, {deltaY: 60}); await next(); }
    }
    __meter.on = false;
    await spanscope.idle();
    return __meter;";

/// Scrolls the tree, slowly and in leaps.
const SCROLL: &str = "
    const tree = document.querySelector('[role=treegrid]');
    const next = () => new Promise((go) => requestAnimationFrame(go));
    await spanscope.idle();
    Object.assign(__meter, {on: true, costs: [], intervals: [], frame: 0});
    for (let i = 0; i < 120; i++) { tree.scrollTop += 60; await next(); }
    for (let i = 0; i < 60; i++) { tree.scrollTop += tree.scrollHeight / 80; await next(); }
    for (let i = 0; i < 60; i++) { tree.scrollTop -= 400; await next(); }
    __meter.on = false;
    await spanscope.idle();
    return __meter;";

/// A trace is opened: from the address to everything painted.
const SHOW: &str = "
    const {trace_id: id, root_service, root_name} = (await spanscope.ask({ask: 'traces', limit: 1})).rows[0];
    const began = performance.now();
    location.hash = '#/trace/' + id;
    while (!document.querySelector('[role=treegrid] [role=row][aria-selected]')) await new Promise((go) => setTimeout(go, 4));
    await spanscope.idle();
    return {id, root_service, root_name, millis: performance.now() - began}";

/// Asks the same a few times, each time something that is not remembered from before.
const ASK: &str = "
    const times = [];
    for (const [before, question] of given) {
      await spanscope.ask(before);
      const began = performance.now();
      await spanscope.ask(question);
      times.push(performance.now() - began);
    }
    return times";

/// Percentile of measured values, by nearest rank.
fn percentile(values: &Value, share: f64) -> f64 {
    let mut values: Vec<f64> = values.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * share).ceil() as usize;
    values.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

fn tell(meter: &Value) -> String {
    let intervals = meter["intervals"].as_array().map_or(&[][..], Vec::as_slice);
    let late = intervals.iter().filter_map(Value::as_f64).filter(|interval| *interval > 34.0).count();
    let share = late as f64 * 100.0 / intervals.len().max(1) as f64;
    let costs = &meter["costs"];
    format!(
        "p50 {:.1}, p95 {:.1}, longest {:.1} ms; {share:.1} % of {} intervals over 34 ms",
        percentile(costs, 0.5),
        percentile(costs, 0.95),
        percentile(costs, 1.0),
        intervals.len()
    )
}

/// The trace page, shape by shape.
pub async fn measure(table: &mut Table, data: &Data, scale: Scale) {
    for shape in [Shape::Mixed, Shape::Deep, Shape::Wide] {
        let mut first = None;
        for spans in scale.traces {
            let now = one(table, data, spans, shape).await;
            let Some((flame, tree)) = first.replace(first.unwrap_or(now)) else { continue };
            let ratio = format!("flamegraph {:.2}, tree {:.2}", now.0 / flame, now.1 / tree);
            table.line(format!("— p95 ÷ p95 at {} spans", scale.traces[0]), ratio, "≤ 1.3");
        }
    }
}

/// One trace; gives the 95th percentiles of a frame of the flamegraph and of the tree.
async fn one(table: &mut Table, data: &Data, spans: u32, shape: Shape) -> (f64, f64) {
    let page = Page::start(METER).await;
    page.size(1920, 1080).await;
    page.load("index.html").await;
    page.lay_ready(&data.one_trace(spans, shape)).await;
    page.js("await spanscope.open(file); await spanscope.idle()", json!(null)).await;
    let shown = page.js(SHOW, json!(null)).await;
    let millis = shown["millis"].as_f64().unwrap_or(f64::NAN);
    let name = format!("a {} trace of {spans} spans", shape.word());
    table.line(format!("{name}: address to painted"), format!("{millis:.0} ms"), "");
    questions(table, &page, &shown).await;
    let flame = page.js(FLY, json!(null)).await;
    table.line("— flamegraph frame, pan and zoom at 1920×1080", tell(&flame), "p95 ≤ 16 ms, ≤ 2 % late");
    let tree = page.js(SCROLL, json!(null)).await;
    table.line("— span tree frame, scrolling", tell(&tree), "p95 ≤ 16 ms");
    let memory = page
        .js(
            "const {engine_bytes} = await spanscope.ask({ask: 'summary'});
             return [engine_bytes / 1e6, file.size / 1e6, performance.memory.usedJSHeapSize / 1e6]",
            json!(null),
        )
        .await;
    let [engine, file, heap] = [0, 1, 2].map(|at| memory[at].as_f64().unwrap_or(f64::NAN));
    let memory =
        format!("engine {engine:.0} MB for a file of {file:.0} MB; script heap of the page {heap:.0} MB");
    table.line("— memory", memory, "");
    page.stop().await;
    (percentile(&flame["costs"], 0.95), percentile(&tree["costs"], 0.95))
}

/// What a person asks of a trace; the engine forgets in between, as far as it remembers at all.
async fn questions(table: &mut Table, page: &Page, shown: &Value) {
    let with = |ask: &str, more: &[(&str, Value)]| {
        let mut question = json!({"ask": ask, "trace_id": shown["id"]});
        for (key, value) in more {
            question[*key] = value.clone();
        }
        question
    };
    let find = |text: &str| with("find", &[("find", json!(text))]);
    let nothing = find("nothing is called so");
    let pairs = |question: Value| json!([[nothing, question], [nothing, question], [nothing, question]]);
    let merged =
        |by: &str| with("flame", &[("width_px", json!(1900)), ("lane_to", json!(60)), ("merged", json!(by))]);
    let folded = |depth: u32| with("tree", &[("fold_depth", json!(depth))]);
    let statistics = with("statistics", &[("by", json!("service")), ("then", json!("name"))]);
    let root = [("service", shown["root_service"].clone()), ("name", shown["root_name"].clone())];
    let what_if = with("what_if", &[root.as_slice(), &[("percent", json!(50))]].concat());
    for (name, given, budget) in [
        ("words in trace", pairs(find("op 7")), "≤ 100 ms"),
        ("TraceQL in trace", pairs(find("{ duration > 1s }")), "≤ 100 ms"),
        ("critical path", json!([[nothing, with("critical_path", &[])]]), "≤ 300 ms"),
        ("statistics by service and name", pairs(statistics), ""),
        ("what if", pairs(what_if), ""),
        (
            "merged by total",
            json!([[merged("self"), merged("total")], [merged("self"), merged("total")]]),
            "",
        ),
        ("span tree folded anew", json!([[folded(2), folded(9)], [folded(2), folded(9)]]), ""),
    ] {
        let times = page.js(ASK, given).await;
        let times: Vec<f64> = times.as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
        table.line(format!("— {name}"), format!("{:.0} ms", median(times)), budget);
    }
}
