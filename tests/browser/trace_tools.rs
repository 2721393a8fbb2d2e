//! What one does with a trace: search, critical path, what-if, merging, statistics, repeated siblings.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Tab, data, run};

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
        tab.wait_for("document.querySelector('.tree-path')").await;
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
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        tab.web().action_chain().send_keys("c").perform().await.expect("a key");
        tab.wait_for("!document.querySelector('.tree-path')").await;
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
        tab.find(".statistics tbody .group").await.click().await.expect("a click");
        tab.wait_for("location.hash.includes('find=')").await;
        tab.wait_for("document.querySelector('.statistics tr.chosen')").await;
        tab.wait_for("document.querySelector('.trace-found').innerText.endsWith('found')").await;
    });
}

#[test]
fn paths_are_merged_and_go_back_to_time() {
    let Some(file) = data::from_corpus("generated/giant-2000.pb") else { return };
    run("merged", [file.clone()], |tab| async move {
        let trace = show(&tab, &file, "").await;
        let spans = trace["spans_total"].as_u64().expect("a count");
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        let lanes = words_of_flame(&tab).await;
        tab.web().action_chain().send_keys("m").perform().await.expect("a key");
        tab.wait_for("location.hash.includes('merged:total') || location.hash.includes('merged%3Atotal')")
            .await;
        tab.wait_for("document.querySelector('.flame-area').ariaLabel.includes('merged')").await;
        let merged = words_of_flame(&tab).await;
        assert_ne!(merged, lanes);
        assert!(
            merged.contains(&format!("{} spans in view", separated(spans))),
            "every span is in a bar: {merged}"
        );
        tab.web().action_chain().send_keys("mmm").perform().await.expect("keys");
        tab.wait_for("!location.hash.includes('merged')").await;
        assert_eq!(words_of_flame(&tab).await, lanes);

        // Siblings of one operation share a row, which opens.
        let rows = "Number(document.querySelector('[role=treegrid]').getAttribute('aria-rowcount'))";
        let before = tab.wait_for(rows).await.as_u64().expect("a count");
        assert!(before < spans, "{before} rows for {spans} spans");
        tab.find(".tree-row .repeats").await.click().await.expect("a click");
        tab.wait_for(&format!("{rows} > {before}")).await;
    });
}

async fn words_of_flame(tab: &Tab) -> String {
    tab.settle().await;
    let text = tab.js("return document.querySelector('#flame-summary').textContent", json!(null)).await;
    text.as_str().unwrap_or_default().to_owned()
}

fn separated(n: u64) -> String {
    if n < 1000 { n.to_string() } else { format!("{},{:03}", n / 1000, n % 1000) }
}
