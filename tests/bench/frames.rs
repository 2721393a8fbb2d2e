//! What a frame of the flamegraph and of the span tree costs, at traces of growing size.

use serde_json::{Value, json};

use crate::generate::Data;
use crate::page::Page;
use crate::{Scale, Table};

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
    const id = (await spanscope.ask({ask: 'traces', limit: 1})).rows[0].trace_id;
    const began = performance.now();
    location.hash = '#/trace/' + id;
    while (!document.querySelector('[role=treegrid] [role=row][aria-selected]')) await new Promise((go) => setTimeout(go, 4));
    await spanscope.idle();
    return {id, millis: performance.now() - began}";

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

/// Frames of the trace page.
pub async fn measure(table: &mut Table, data: &Data, scale: Scale) {
    let mut first = (f64::NAN, f64::NAN);
    for (index, spans) in scale.traces.into_iter().enumerate() {
        let page = Page::start(METER).await;
        page.size(1920, 1080).await;
        page.load("index.html").await;
        page.lay_ready(&data.one_trace(spans)).await;
        page.js("await spanscope.open(file); await spanscope.idle()", json!(null)).await;
        let shown = page.js(SHOW, json!(null)).await;
        let millis = shown["millis"].as_f64().unwrap_or(f64::NAN);
        table.line(format!("a trace of {spans} spans: address to painted"), format!("{millis:.0} ms"), "");
        let path = page
            .js(
                "const began = performance.now();
                 await spanscope.ask({ask: 'critical_path', trace_id: given});
                 return performance.now() - began",
                shown["id"].clone(),
            )
            .await;
        table.line("— critical path", format!("{:.0} ms", path.as_f64().unwrap_or(f64::NAN)), "≤ 300 ms");
        let flame = page.js(FLY, json!(null)).await;
        table.line("— flamegraph frame, pan and zoom at 1920×1080", tell(&flame), "p95 ≤ 16 ms, ≤ 2 % late");
        let tree = page.js(SCROLL, json!(null)).await;
        table.line("— span tree frame, scrolling", tell(&tree), "p95 ≤ 16 ms");
        let now = (percentile(&flame["costs"], 0.95), percentile(&tree["costs"], 0.95));
        if index == 0 {
            first = now;
        } else {
            let ratio = format!("flamegraph {:.2}, tree {:.2}", now.0 / first.0, now.1 / first.1);
            table.line(format!("— p95 ÷ p95 at {} spans", scale.traces[0]), ratio, "≤ 1.3");
        }
        page.stop().await;
    }
}
