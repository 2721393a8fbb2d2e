//! The engine dies: the page says so, starts a fresh one without a reload, and offers to reopen.

use serde_json::json;

use crate::harness::{data, run};

#[test]
fn a_dead_engine_is_reported_and_replaced() {
    let file = data::fixture("triple-a.otlp.pb");
    run("crash", [file.clone()], |tab| async move {
        // The trap of the wasm machine is the browser's to log.
        tab.expect_error("unreachable");
        tab.expect_error("asked for it");
        tab.drop_files(&[&file]).await;
        tab.wait_for_spans(60).await;
        tab.js("window.__same_page = true", json!(null)).await;
        let sentence = tab.ask_in_vain(json!({"ask": "crash"})).await;
        assert!(sentence.contains("the engine stopped"), "{sentence}");
        tab.wait_for("document.querySelector('[role=alert]')").await;
        tab.wait_for_text("The engine stopped and was started again").await;
        // A fresh engine answers, without the data.
        tab.settle().await;
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(0));
        tab.click("Open again").await;
        tab.wait_for_spans(60).await;
        assert_eq!(tab.js("return window.__same_page", json!(null)).await, json!(true), "no reload");

        // Questions that waited are told, newer ones are answered.
        let outcome = tab
            .js(
                "const asks = [{ask: 'services'}, {ask: 'crash'}, {ask: 'traces'}].map((r) => spanscope.ask(r));
                 const settled = await Promise.allSettled(asks);
                 await spanscope.idle();
                 return {settled: settled.map((s) => s.status), after: (await spanscope.ask({ask: 'summary'})).spans}",
                json!(null),
            )
            .await;
        assert_eq!(outcome["settled"][1], json!("rejected"), "{outcome}");
        assert_eq!(outcome["settled"][2], json!("rejected"), "{outcome}");
        assert_eq!(outcome["after"], json!(0), "{outcome}");
    });
}

#[test]
fn closing_gives_the_memory_back() {
    let file =
        data::from_corpus("otlp/full/todo-a.traces.concat.pb").unwrap_or(data::fixture("triple-a.otlp.pb"));
    run("close", [file.clone()], |tab| async move {
        let empty = tab.ask(json!({"ask": "summary"})).await["engine_bytes"].clone();
        tab.open(&[&file]).await;
        let full = tab.ask(json!({"ask": "summary"})).await["engine_bytes"].clone();
        assert!(full.as_u64() >= empty.as_u64(), "{full} bytes after {empty}");
        tab.js("await spanscope.close()", json!(null)).await;
        tab.settle().await;
        // An engine warms up on a little data of its own after a while, before or after it was asked.
        let after = tab.ask(json!({"ask": "summary"})).await["engine_bytes"].as_u64().expect("a size");
        assert!(after.abs_diff(empty.as_u64().expect("a size")) < 3 << 20, "{after} bytes, {empty} at first");
        tab.wait_for_text("Drop trace files here").await;
    });
}
