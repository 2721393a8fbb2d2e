//! What one does with a trace: search, critical path, what-if, merging, statistics, repeated siblings.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Tab, data, run};
use crate::tree_picture::with_ink;

/// Opens a file at its slowest trace, with more of an address; gives the trace.
async fn show(tab: &Tab, file: &Path, more: &str) -> Value {
    tab.open(&[file]).await;
    let traces = tab.ask(json!({"ask": "traces", "limit": 1})).await;
    let id = traces["rows"][0]["trace_id"].as_str().expect("an id").to_owned();
    tab.js("location.hash = given", json!(format!("#/trace/{id}?v=1{more}"))).await;
    tab.wait_for("document.querySelector('section.flame')").await;
    tab.settle().await;
    tab.ask(json!({"ask": "trace", "trace_id": id})).await
}

async fn words(tab: &Tab, css: &str) -> String {
    tab.settle().await;
    let text = tab.js("return document.querySelector(given)?.innerText ?? ''", json!(css)).await;
    text.as_str().unwrap_or_default().to_owned()
}

fn small() -> PathBuf {
    data::fixture("triple-a.otlp.pb")
}

#[test]
fn search_counts_steps_and_hides() {
    let file = small();
    run("search in trace", [file.clone()], |tab| async move {
        let trace = show(&tab, &file, "").await;
        let spans = trace["spans"].as_array().expect("spans");
        let name = spans.last().expect("a span")["name"].as_str().expect("a name").to_owned();
        let hits = spans.iter().filter(|s| s["name"] == json!(name)).count();
        tab.web().action_chain().send_keys("/").perform().await.expect("a key");
        let find = format!("{{ name = \"{name}\" }}");
        tab.find(".trace-search").await.send_keys(find.as_str()).await.expect("typing");
        tab.wait_for(&format!("document.querySelector('.trace-found').innerText === '{hits} found'")).await;
        assert!(tab.hash().await.contains("find="), "{}", tab.hash().await);
        tab.wait_for(&format!("document.querySelectorAll('.tree-row.hit').length === {hits}")).await;

        tab.find(".trace-search").await.send_keys(Key::Enter + "").await.expect("a key");
        tab.wait_for("location.hash.includes('span=')").await;
        assert_eq!(words(&tab, ".trace-found").await, format!("1 of {hits}"));
        let selected = tab.hash().await;
        let first = spans.iter().find(|s| s["name"] == json!(name)).expect("a hit")["span_id"].clone();
        assert!(selected.contains(first.as_str().expect("an id")), "{selected}");

        // Before the first match is the last one, after that the first again.
        tab.find("[aria-label='Previous match']").await.click().await.expect("a click");
        tab.wait_for(&format!("document.querySelector('.trace-found').innerText === '{hits} of {hits}'"))
            .await;
        tab.find("[aria-label='Next match']").await.click().await.expect("a click");
        tab.wait_for(&format!("document.querySelector('.trace-found').innerText === '1 of {hits}'")).await;

        let select = tab.find(".trace-steps select").await;
        select.send_keys("Hide").await.expect("a choice");
        tab.wait_for("location.hash.includes('hide')").await;
        tab.wait_for("!document.querySelector('.tree-row:not(.hit) + .tree-row:not(.hit):last-child')").await;
        // A word that is no sign says so.
        tab.js("location.hash = location.hash.replace(/find=[^&]*/, 'find=is:tea')", json!(null)).await;
        tab.wait_for("document.querySelector('.trace-found .error-text')?.innerText.includes('is:error')")
            .await;
    });
}

#[test]
fn the_critical_path_is_drawn_listed_and_tried_out() {
    let file = small();
    run("critical path", [file.clone()], |tab| async move {
        let trace = show(&tab, &file, "").await;
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        tab.web().action_chain().send_keys("c").perform().await.expect("a key");
        with_ink(&tab).await;
        let path = "[0, 1, 2].some((row) => ink(row, 18).includes(token('--text')))";
        tab.wait_for(path).await;
        assert!(tab.hash().await.contains("look=path"), "{}", tab.hash().await);
        // The shares of the list are those of the whole root.
        let shares = tab
            .js(
                "return [...document.querySelectorAll('.path-share')].map((e) => parseFloat(e.innerText))",
                json!(null),
            )
            .await;
        let sum: f64 = shares.as_array().expect("shares").iter().filter_map(Value::as_f64).sum();
        assert!((sum - 100.0).abs() < 1.0, "{shares}");
        tab.click("What if").await;
        tab.wait_for("document.querySelector('.what-if-result')?.innerText.includes('instead of')").await;
        assert!(trace["duration_ns"].as_u64().expect("a duration") > 0);
        // Half of the first operation's time is one of the choices; all of it is more.
        let half = words(&tab, ".what-if-result").await;
        tab.find(".what-if input[type=range]").await.send_keys(Key::End + "").await.expect("a key");
        tab.wait_for("document.querySelector('.what-if output').innerText === '100 % less'").await;
        tab.settle().await;
        assert_ne!(words(&tab, ".what-if-result").await, half);
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        tab.web().action_chain().send_keys("c").perform().await.expect("a key");
        tab.wait_for(&format!("!{path}")).await;
    });
}

#[test]
fn statistics_group_sort_and_filter() {
    let file = small();
    run("statistics", [file.clone()], |tab| async move {
        let trace = show(&tab, &file, "&look=by:service").await;
        let services = trace["services"].as_array().expect("services").len();
        tab.wait_for(&format!("document.querySelectorAll('.statistics tbody tr').length === {services}"))
            .await;
        tab.click("Count").await;
        tab.wait_for("location.hash.includes('sort=-count')").await;
        tab.find(".statistics tbody .find-group").await.click().await.expect("a click");
        tab.wait_for("location.hash.includes('find=')").await;
        tab.wait_for("document.querySelector('.statistics tr.chosen')").await;
        tab.wait_for("document.querySelector('.trace-found').innerText.endsWith('found')").await;
    });
}

#[test]
fn paths_are_merged_and_go_back_to_time() {
    let Some(file) = data::from_corpus("generated/giant-2000.pb") else { return };
    run("merged", [file.clone()], |tab| async move {
        show(&tab, &file, "").await;
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        let lanes = words_of_flame(&tab).await;
        tab.web().action_chain().send_keys("m").perform().await.expect("a key");
        tab.wait_for("location.hash.includes('merged:total') || location.hash.includes('merged%3Atotal')")
            .await;
        tab.wait_for("document.querySelector('.flame-area').ariaLabel.includes('merged')").await;
        let merged = words_of_flame(&tab).await;
        assert_ne!(merged, lanes);
        tab.web().action_chain().send_keys("mmm").perform().await.expect("keys");
        tab.wait_for("!location.hash.includes('merged')").await;
        assert_eq!(words_of_flame(&tab).await, lanes);
    });
}

#[test]
fn repeated_siblings_share_a_row_that_opens() {
    let id = |n: u32| format!("{n:016x}");
    let span = |n: u32, parent: &str, name: &str| {
        let start = 1_700_000_000_000_000_000_u64 + u64::from(n) * 1000;
        let end = if n == 1 { start + 100_000 } else { start + u64::from(n) * 10 };
        json!({"traceId": "0a".repeat(16), "spanId": id(n), "parentSpanId": parent, "name": name,
               "startTimeUnixNano": start.to_string(), "endTimeUnixNano": end.to_string()})
    };
    let mut spans = vec![span(1, "", "page")];
    spans.extend((2..14).map(|n| span(n, &id(1), "SELECT users")));
    let text = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).to_string();
    let file = std::env::temp_dir().join(format!("spanscope-repeats-{}.json", std::process::id()));
    std::fs::write(&file, text).expect("a file to open");
    let wanted = format!("&span={}", id(9));
    run("repeats", [file.clone()], |tab| async move {
        show(&tab, &file, "").await;
        let rows =
            |n: usize| format!("document.querySelector('[role=treegrid]').ariaRowCount === '{}'", n + 1);
        tab.wait_for(&rows(2)).await;
        assert!(words(&tab, ".tree-row .repeats").await.starts_with("× 12"));
        tab.find(".tree-row .repeats").await.click().await.expect("a click");
        tab.wait_for(&rows(14)).await;
        tab.click("Unfold all").await;
        tab.wait_for(&rows(13)).await;
        // Going to a span that stands in a shared row opens it.
        tab.find("[role=treegrid] select").await.send_keys("3").await.expect("a level");
        tab.wait_for(&rows(2)).await;
        tab.js("location.hash += given", json!(wanted)).await;
        tab.wait_for(&rows(14)).await;
        tab.wait_for(
            "document.querySelector('[role=row][aria-selected=true] bdi')?.innerText === 'SELECT users'",
        )
        .await;
    });
}

async fn words_of_flame(tab: &Tab) -> String {
    tab.settle().await;
    let text = tab.js("return document.querySelector('#flame-summary').textContent", json!(null)).await;
    text.as_str().unwrap_or_default().to_owned()
}
