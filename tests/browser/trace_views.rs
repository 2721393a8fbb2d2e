//! How a trace is looked at: the shared stretch of time, callers and callees, colors, marks, odd traces, touch, keys.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Tab, data, run};
use crate::tree_picture::with_ink;

const START: u64 = 1_700_000_000_000_000_000;

/// A file that goes with its test.
pub struct Made(pub PathBuf);

impl Drop for Made {
    fn drop(&mut self) {
        // One that is gone already is as good.
        fs::remove_file(&self.0).unwrap_or_default();
    }
}

fn made(name: &str, text: &str) -> Made {
    // Tests run side by side: each file is of its own test, whatever its name.
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let number = MADE.fetch_add(1, Ordering::Relaxed);
    let path = std::env::temp_dir().join(format!("spanscope-{name}-{}-{number}.json", std::process::id()));
    fs::write(&path, text).expect("a file to open");
    Made(path)
}

/// A span of a shop: id, parent (0 for none), name, start and end in microseconds, more fields.
pub fn span(id: u64, parent: u64, name: &str, start: u64, end: u64, more: &Value) -> Value {
    let hex = |n: u64| if n == 0 { String::new() } else { format!("{n:016x}") };
    let mut span = json!({"traceId": "0a".repeat(16), "spanId": hex(id), "parentSpanId": hex(parent), "name": name, "kind": 1,
        "startTimeUnixNano": (START + start * 1000).to_string(), "endTimeUnixNano": (START + end * 1000).to_string()});
    for (key, value) in more.as_object().into_iter().flatten() {
        span[key] = value.clone();
    }
    span
}

pub fn file_of(name: &str, spans: &[Value], logs: &[Value]) -> Made {
    let spans = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).to_string();
    let logs = json!({"resourceLogs": [{"scopeLogs": [{"logRecords": logs}]}]}).to_string();
    made(name, &format!("{spans}\n{logs}\n"))
}

pub async fn show(tab: &Tab, file: &Path, more: &str) {
    tab.open(&[file]).await;
    let traces = tab.ask(json!({"ask": "traces", "limit": 1})).await;
    let id = traces["rows"][0]["trace_id"].as_str().expect("an id").to_owned();
    tab.js("location.hash = given", json!(format!("#/trace/{id}?v=1{more}"))).await;
    tab.wait_for("document.querySelector('[role=treegrid] [role=row][aria-selected]')").await;
    tab.settle().await;
}

pub async fn text_of(tab: &Tab, script: &str) -> String {
    tab.settle().await;
    let text = tab.js(&format!("return {script}"), json!(null)).await;
    text.as_str().unwrap_or_default().to_owned()
}

async fn summary(tab: &Tab) -> String {
    text_of(tab, "document.querySelector('#flame-summary')?.textContent").await
}

#[test]
fn the_visible_stretch_is_shared_and_can_be_linked_to() {
    let file = data::fixture("triple-a.otlp.pb");
    run("shared stretch", [file.clone()], |tab| async move {
        show(&tab, &file, "").await;
        let whole = summary(&tab).await;
        with_ink(&tab).await;
        let bars = "[0, 1, 2].map((row) => ink(row, 12)).join(' | ')";
        let all = text_of(&tab, bars).await;
        assert!(all.starts_with("0 #"), "{all}");
        // A drag over the middle half of the ruler.
        let ruler = tab.find(".flame .ruler").await;
        let width = ruler.rect().await.expect("a place").width as i64;
        let chain = tab.web().action_chain().move_to_element_with_offset(&ruler, -width / 4, 0);
        let chain =
            chain.click_and_hold().move_by_offset(width / 4, 0).move_by_offset(width / 4, 0).release();
        chain.perform().await.expect("a drag");
        tab.wait_for("location.hash.includes('at:') || location.hash.includes('at%3A')").await;
        let half = summary(&tab).await;
        assert_ne!(half, whole, "the flamegraph shows the range");
        let some = text_of(&tab, bars).await;
        assert_ne!(some, all, "the tree shows it too");
        // The same address shows the same to somebody else.
        let hash = tab.hash().await;
        tab.js("location.hash = location.hash.replace(/&?look=[^&]*/, '')", json!(null)).await;
        tab.wait_for(&format!("{bars} === '{all}'")).await;
        assert_eq!(summary(&tab).await, whole);
        tab.js("location.hash = given", json!(hash)).await;
        tab.wait_for(&format!("{bars} === '{some}'")).await;
        assert_eq!(summary(&tab).await, half);
        assert_eq!(tab.hash().await, hash);
    });
}

#[test]
fn an_operation_shows_its_callers_and_callees() {
    let spans = [
        span(1, 0, "page", 0, 100, &json!({})),
        span(2, 1, "cart", 0, 50, &json!({})),
        span(3, 1, "stock", 50, 100, &json!({})),
        span(4, 2, "query", 10, 40, &json!({})),
        span(5, 3, "query", 60, 80, &json!({})),
        span(6, 4, "fetch", 15, 20, &json!({})),
    ];
    let file = file_of("sandwich", &spans, &[]);
    let path = file.0.clone();
    run("sandwich", [path.clone()], |tab| async move {
        show(&tab, &path, "&span=0000000000000004").await;
        tab.click("Callers and callees").await;
        tab.wait_for("document.querySelector('.sandwich-bar b')?.innerText === 'query'").await;
        assert!(tab.hash().await.contains("around"), "{}", tab.hash().await);
        assert!(summary(&tab).await.contains("4 lanes"), "{}", summary(&tab).await);
        // A click on a bar shows it as wide as the flamegraph; here the callee, below all others.
        let area = tab.find(".flame-area").await;
        let size = area.rect().await.expect("a place");
        let lane = (3.0 * 22.0 + 8.0 - size.height / 2.0) as i64;
        let left = (4.0 - size.width / 2.0) as i64;
        let before = summary(&tab).await;
        let chain = tab.web().action_chain().move_to_element_with_offset(&area, left, lane).click();
        chain.perform().await.expect("a click");
        tab.wait_for("location.hash.includes('span=0000000000000006')").await;
        assert_ne!(summary(&tab).await, before);
        tab.click("Show all paths").await;
        tab.wait_for("!location.hash.includes('around')").await;
        tab.wait_for("!document.querySelector('.sandwich-bar')").await;
    });
    drop(file);
}

#[test]
fn identical_copies_can_be_left_out() {
    let copy = span(2, 1, "cart", 0, 50, &json!({}));
    let spans =
        [span(1, 0, "page", 0, 100, &json!({})), copy.clone(), copy, span(3, 1, "stock", 50, 99, &json!({}))];
    let file = file_of("copies", &spans, &[]);
    let path = file.0.clone();
    run("copies", [path.clone()], |tab| async move {
        show(&tab, &path, "").await;
        let rows = |n: usize| format!("document.querySelectorAll('.tree-row[aria-selected]').length === {n}");
        tab.wait_for(&rows(4)).await;
        let all = summary(&tab).await;
        assert!(all.contains("4 spans in view"), "{all}");
        tab.find(".trace-notices .notice-jump").await.click().await.expect("a click");
        tab.wait_for("document.querySelector('.tree-row.selected.hit')").await;
        tab.find(".trace-notices input[type=checkbox]").await.click().await.expect("a click");
        tab.wait_for(&rows(3)).await;
        tab.wait_for("document.querySelector('#flame-summary').textContent.includes('3 spans in view')")
            .await;
        assert!(tab.hash().await.contains("once"), "{}", tab.hash().await);
    });
    drop(file);
}

#[test]
fn two_fingers_zoom_and_one_pans() {
    let file = data::fixture("triple-a.otlp.pb");
    run("touch", [file.clone()], |tab| async move {
        show(&tab, &file, "").await;
        let whole = summary(&tab).await;
        let rect = tab.find(".flame-area").await.rect().await.expect("a place");
        let (middle, y) = (rect.x + rect.width / 2.0, rect.y + 30.0);
        let touch = async |kind: &str, points: &[f64]| {
            let points: Vec<Value> =
                points.iter().enumerate().map(|(id, x)| json!({"x": x, "y": y, "id": id})).collect();
            tab.browser().cdp("Input.dispatchTouchEvent", json!({"type": kind, "touchPoints": points})).await;
        };
        touch("touchStart", &[middle - 40.0, middle + 40.0]).await;
        for by in [60.0, 90.0, 120.0, 160.0] {
            touch("touchMove", &[middle - by, middle + by]).await;
        }
        touch("touchEnd", &[]).await;
        let zoomed = summary(&tab).await;
        assert_ne!(zoomed, whole, "spreading two fingers zooms in");
        touch("touchStart", &[middle]).await;
        for by in [20.0, 60.0, 100.0] {
            touch("touchMove", &[middle - by]).await;
        }
        touch("touchEnd", &[]).await;
        let panned = summary(&tab).await;
        assert_ne!(panned, zoomed, "one finger pans");
        assert!(!tab.hash().await.contains("span="), "neither selects");
    });
}

#[test]
fn the_tree_is_walked_by_keys() {
    let file = data::fixture("triple-a.otlp.pb");
    run("tree keys", [file.clone()], |tab| async move {
        show(&tab, &file, "").await;
        let rows = "document.querySelectorAll('.tree-row[aria-selected]').length";
        let count = tab.js(&format!("return {rows}"), json!(null)).await.as_u64().expect("a count");
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        let active = "document.getElementById(document.querySelector('[role=treegrid]').getAttribute('aria-activedescendant'))";
        let is_at = |row: u64| {
            format!("{active}?.ariaRowIndex === '{}' && {active}.ariaSelected === 'true'", row + 2)
        };
        let press =
            async |keys: TypingData| tab.web().action_chain().send_keys(keys).perform().await.expect("keys");
        press(Key::Home + "").await;
        tab.wait_for(&is_at(0)).await;
        press(Key::Down + Key::Down).await;
        tab.wait_for(&is_at(2)).await;
        press(Key::Up + "").await;
        tab.wait_for(&is_at(1)).await;
        press(Key::End + "").await;
        tab.wait_for(&is_at(count - 1)).await;
        press(Key::PageUp + "").await;
        tab.wait_for(&is_at(0)).await;
        // Left on a folded or leaf row goes to the parent, Enter zooms to the span.
        press(Key::Down + Key::Enter).await;
        tab.wait_for("location.hash.includes('at')").await;
        let one_root = "document.querySelectorAll('[role=row].selected').length === 1";
        tab.wait_for(one_root).await;
        press(Key::Escape + "").await;
        tab.wait_for("!document.querySelector('[role=row].selected')").await;
    });
}
