//! The explorer by hand: by keys alone, spans that are drawn one by one, and large files on their way out.

use std::path::Path;

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::explore::{go, keep_saved, query};
use crate::harness::{Tab, data, run};

async fn press(tab: &Tab, keys: &[Key]) {
    for key in keys {
        tab.web().action_chain().send_keys(key.clone()).perform().await.expect("a key");
    }
    tab.settle().await;
}

/// Walks by tab until an element has the focus.
async fn reach(tab: &Tab, css: &str) {
    tab.wait_for(&format!("document.querySelector({})", json!(css))).await;
    for _ in 0..250 {
        let there = tab.js("return document.activeElement?.matches(given) ?? false", json!(css)).await;
        if there == json!(true) {
            return;
        }
        tab.web().action_chain().send_keys(Key::Tab).perform().await.expect("a key");
    }
    panic!("tab does not lead to {css}");
}

async fn texts(tab: &Tab, css: &str) -> Vec<String> {
    let all =
        tab.js("return [...document.querySelectorAll(given)].map((e) => e.innerText)", json!(css)).await;
    serde_json::from_value(all).expect("texts")
}

async fn total(tab: &Tab, q: &str) -> Value {
    tab.ask(json!({"ask": "spans", "q": q, "limit": 0})).await["total"].clone()
}

#[test]
fn the_explorer_is_worked_by_keys_alone() {
    // Large enough for something to set its errors apart.
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("public/sample/todo-app.pb.gz");
    run("explore-keys", vec![file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        keep_saved(&tab).await;
        go(&tab, "#/traces").await;
        // A facet filters, its mark leaves out, again takes it back.
        reach(&tab, ".facet .facet-value").await;
        press(&tab, &[Key::Enter]).await;
        assert!(query(&tab).await.starts_with("{ resource.service.name = "));
        reach(&tab, ".facet li.chosen .facet-value").await;
        press(&tab, &[Key::Enter]).await;
        reach(&tab, ".facet .facet-not").await;
        press(&tab, &[Key::Enter]).await;
        assert!(query(&tab).await.starts_with("{ resource.service.name != "));
        // A row of what is different leads to the spans that it counted; of every relation one.
        let q = "{ status = error }";
        let answer = tab.ask(json!({"ask": "difference", "q": q, "limit": 40})).await;
        go(&tab, "#/traces?tab=differences&q=%7B%20status%20%3D%20error%20%7D").await;
        let shown = texts(&tab, ".difference h3").await;
        assert!(shown.len() > 3, "{shown:?}");
        let cards =
            tab.js("return document.querySelectorAll('.difference-value:disabled').length", json!(null));
        assert_eq!(cards.await, json!(0), "every row leads somewhere");
        reach(&tab, ".difference-value").await;
        let said = tab.js("return document.activeElement.ariaLabel", json!(null)).await;
        press(&tab, &[Key::Enter]).await;
        let narrowed = query(&tab).await;
        let counted = |row: &Value| {
            let values = row["values"].as_array().cloned().unwrap_or_default();
            values
                .into_iter()
                .find(|v| narrowed.ends_with(&format!("&& {} }}", v["filter"].as_str().unwrap_or("?"))))
        };
        let rows = answer["rows"].as_array().expect("rows");
        let value = rows
            .iter()
            .filter(|row| row["relation"] == "span")
            .find_map(counted)
            .unwrap_or_else(|| panic!("{narrowed} is of no row, {said}"));
        assert_eq!(total(&tab, &narrowed).await, value["selected"], "{narrowed}");
        // Columns are chosen and taken away.
        go(&tab, "#/traces?tab=spans").await;
        reach(&tab, ".field-add[aria-label='Add a column']").await;
        press(&tab, &[Key::Down]).await;
        assert!(tab.hash().await.contains("fields="), "{}", tab.hash().await);
        // A box by shift and arrows.
        go(&tab, "#/traces?tab=heatmap").await;
        reach(&tab, "[data-chart=latency-heatmap] .chart-place").await;
        press(&tab, &[Key::Home]).await;
        let mut keys = tab.web().action_chain().key_down(Key::Shift);
        for _ in 0..60 {
            keys = keys.send_keys(Key::Right).send_keys(Key::Down);
        }
        keys.key_up(Key::Shift).perform().await.expect("keys");
        press(&tab, &[Key::Enter]).await;
        assert!(tab.hash().await.contains("box="), "{}", tab.hash().await);
        // The list is saved, and the focus is where it was.
        reach(&tab, ".results-head .menu > button").await;
        press(&tab, &[Key::Down]).await;
        press(&tab, &[Key::Enter]).await;
        tab.wait_for("window.__saved.length === 1").await;
        let focus = tab.js("return document.activeElement.innerText", json!(null)).await;
        assert_eq!(focus, json!("Save…"));
    });
}

#[test]
fn few_spans_are_drawn_one_by_one_and_each_opens() {
    let file = data::fixture("triple-a.otlp.pb");
    run("explore-singles", vec![file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        go(&tab, "#/traces?tab=heatmap").await;
        tab.wait_for("document.querySelector('[data-chart=latency-heatmap] svg .marks')").await;
        // The third span by time, as the engine's columns tell of it.
        let want = tab
            .js(
                "const a = await spanscope.ask({ask: 'heatmap', scope: 'all', singly: 5000});
                 const [, , service, name, , ids] = a.buffers.map((b, i) => i < 2 ? new Float64Array(b) : new Uint32Array(b));
                 const hex = (from, to) => [...ids.slice(12 + from, 12 + to)].map((n) => n.toString(16).padStart(8, '0')).join('');
                 return {singles: a.singles, spans: (await spanscope.ask({ask: 'summary'})).spans,
                   name: a.names[name[2]], service: a.services[service[2]], trace: hex(0, 4), span: hex(4, 6)};",
                json!(null),
            )
            .await;
        assert_eq!(want["singles"], want["spans"]);
        let place = "[data-chart=latency-heatmap] .chart-place";
        reach(&tab, place).await;
        press(&tab, &[Key::Right, Key::Right, Key::Right]).await;
        let card = texts(&tab, &format!("{place} .read-out p")).await;
        assert_eq!(json!(card[..2]), json!([want["service"], want["name"]]));
        // By its ring a hand finds it again.
        let ring = tab
            .js(
                "const ring = document.querySelector('.mark.ring').getBoundingClientRect();
                 const place = document.querySelector(given).getBoundingClientRect();
                 return [ring.x + ring.width / 2 - place.x - place.width / 2, ring.y + ring.height / 2 - place.y - place.height / 2];",
                json!(place),
            )
            .await;
        let opened = |hash: String| {
            let (trace, span) = (want["trace"].as_str().unwrap_or("?"), want["span"].as_str().unwrap_or("?"));
            assert!(hash.contains(trace) && hash.contains(span), "{hash} is {want}");
        };
        press(&tab, &[Key::Enter]).await;
        opened(tab.hash().await);
        tab.back().await;
        let chart = tab.find(place).await;
        let (x, y) =
            (ring[0].as_f64().unwrap_or(0.0).round() as i64, ring[1].as_f64().unwrap_or(0.0).round() as i64);
        let hand = tab.web().action_chain().move_to_element_with_offset(&chart, x, y);
        hand.perform().await.expect("a pointer");
        tab.wait_for("document.querySelector('.mark.ring')").await;
        tab.web().action_chain().click().perform().await.expect("a click");
        tab.settle().await;
        let hash = tab.hash().await;
        assert!(hash.contains("#/trace/") && hash.contains("span="), "{hash}");
    });
}

/// A file whose traces share a long text, so that they make a large file: a byte read is a thousand saved.
const LONG: &str = "
    const hex = (n, digits) => n.toString(16).padStart(digits, '0');
    const spans = Array.from({length: 1200}, (_, i) => ({traceId: hex(i + 1, 32), spanId: hex(i + 1, 16), name: 'work',
      startTimeUnixNano: String(1700000000000000000n + BigInt(i) * 1000000n), endTimeUnixNano: String(1700000000000500000n + BigInt(i) * 1000000n)}));
    const text = (key, value) => ({key, value: {stringValue: value}});
    const resource = {attributes: [text('service.name', 'web'), text('note', 'x'.repeat(100000))]};
    await spanscope.open(new Blob([JSON.stringify({resourceSpans: [{resource, scopeSpans: [{spans}]}]})]), {name: 'long.json'});";

#[test]
fn a_large_file_is_asked_about_and_can_be_called_off() {
    run("explore-large", vec![], |tab| async move {
        tab.js(LONG, json!(null)).await;
        tab.settle().await;
        keep_saved(&tab).await;
        go(&tab, "#/traces").await;
        let menu = ".results-head .menu > button";
        let ask = || async {
            reach(&tab, menu).await;
            press(&tab, &[Key::Down]).await;
            press(&tab, &[Key::Down]).await;
            press(&tab, &[Key::Enter]).await;
            tab.wait_for("document.querySelector('dialog[open] .dialog-actions')").await;
        };
        ask().await;
        let said = texts(&tab, "dialog[open] p").await;
        assert!(said[0].starts_with("1,200 traces") && said[0].contains(" MB;"), "{said:?}");
        press(&tab, &[Key::Escape]).await;
        tab.wait_for("!document.querySelector('dialog[open]')").await;
        // By keys to the button that saves; then it is called off.
        ask().await;
        reach(&tab, "dialog[open] .primary").await;
        tab.web().action_chain().send_keys(Key::Enter).perform().await.expect("a key");
        tab.wait_for("/Saving… [1-9]/.test(document.querySelector('.results-head').innerText)").await;
        tab.click("Cancel").await;
        tab.wait_for("!document.querySelector('.results-head').innerText.includes('Saving')").await;
        tab.settle().await;
        assert_eq!(tab.js("return window.__saved.length", json!(null)).await, json!(0));
        // What changes meanwhile is not mixed into one file.
        ask().await;
        tab.js(
            "document.querySelector('dialog[open] .primary').click();
             await spanscope.open(new Blob([JSON.stringify({resourceSpans: [{scopeSpans: [{spans: [
               {traceId: 'ff'.repeat(16), spanId: 'ff'.repeat(8), name: 'late', startTimeUnixNano: '1700000000000000000', endTimeUnixNano: '1700000000000500000'}]}]}]})]), {name: 'late.json', append: true});",
            json!(null),
        )
        .await;
        tab.wait_for_text("the data changed meanwhile").await;
        tab.settle().await;
        assert_eq!(tab.js("return window.__saved.length", json!(null)).await, json!(0));
        // Left alone it is saved whole.
        ask().await;
        reach(&tab, "dialog[open] .primary").await;
        press(&tab, &[Key::Enter]).await;
        tab.wait_for("window.__saved.length === 1").await;
        let size = tab.js("return window.__saved[0].size", json!(null)).await;
        assert!(size.as_u64() > Some(100_000_000), "{size}");
    });
}
