//! Exceptions: from the list to a group, through its occurrences, to the span in its trace.

use serde_json::json;

use crate::harness::{data, run_at};

#[test]
fn from_the_list_to_the_span_that_failed() {
    run_at("exceptions", [data::fixture("triple-a.otlp.pb")], "index.html", |tab| async move {
        let file = data::fixture("triple-a.otlp.pb");
        tab.load(&format!("index.html#/exceptions?v=1&src={}", tab.file_url(&file))).await;
        tab.wait_for_spans(60).await;
        let groups = tab.ask(json!({"ask": "exceptions"})).await;
        let groups = groups["rows"].as_array().expect("groups");
        tab.wait_for(&format!(
            "document.querySelectorAll('.exceptions-table .table-row').length === {}",
            groups.len()
        ))
        .await;
        let first = &groups[0];
        let count = first["count"].as_u64().expect("a count");
        assert!(count > 1, "the fixture's first group has several occurrences");

        // Sorting and searching.
        tab.click("Last seen").await;
        tab.wait_for("document.querySelector('.exceptions-table .c-last[aria-sort=descending]')").await;
        tab.click("Count").await;
        let kind = first["type"].as_str().expect("a type");
        tab.find("main [type=search]").await.send_keys(kind).await.expect("typing");
        tab.wait_for(&format!(
            "document.querySelector('.exceptions-table .table-row b').innerText.startsWith('{kind}')"
        ))
        .await;

        // The group has an address; its occurrences are stepped through, the latest first.
        tab.find(".exceptions-table .row-link").await.click().await.expect("a click");
        tab.wait_for(&format!(
            "document.querySelector('.occurrence-head [role=status]')?.innerText === '1 of {count}'"
        ))
        .await;
        assert!(tab.hash().await.contains(&format!("pick={}", first["id"].as_str().expect("an id"))));
        tab.click("Older ›").await;
        tab.wait_for(&format!(
            "document.querySelector('.occurrence-head [role=status]')?.innerText === '2 of {count}'"
        ))
        .await;
        tab.settle().await;
        let request = json!({"ask": "occurrences", "group": first["id"], "offset": 1, "limit": 1});
        let second = tab.ask(request).await["rows"][0].clone();
        tab.reload().await;
        tab.wait_for_text(kind).await;
        let stack = second["stacktrace"].as_str().expect("a stack").to_owned();
        let shown = tab
            .js("return document.querySelector('.exception-page .stack pre')?.textContent ?? ''", json!(null))
            .await;
        assert_eq!(shown.as_str().expect("text").trim_end(), stack.trim_end());

        let keep =
            "navigator.clipboard.writeText = async (text) => { window.copied = text }; window.copied = null;";
        let copied = async |button: &str| {
            tab.js(&format!("{keep} {button}.click()"), json!(null)).await;
            tab.wait_for("window.copied !== null").await;
            let text = tab.js("return window.copied", json!(null)).await;
            text.as_str().expect("text").trim_end().to_owned()
        };
        let button = "[...document.querySelectorAll('.exception-page .section-head button')].find((b) => b.innerText === 'Copy')";
        assert_eq!(copied(button).await, stack.trim_end());

        tab.click("Open the span in its trace").await;
        tab.wait_for("location.hash.startsWith('#/trace/')").await;
        let hash = tab.hash().await;
        assert!(hash.contains(second["span"]["trace_id"].as_str().expect("an id")), "{hash}");
        assert!(hash.contains(second["span"]["span_id"].as_str().expect("an id")), "{hash}");
        tab.wait_for("document.querySelector('.stack-copy')").await;
        assert_eq!(copied("document.querySelector('.stack-copy')").await, stack.trim_end());
        tab.back().await;
        tab.wait_for_text("Newer").await;

        // Back to the list, and grouped anew.
        tab.click("Exceptions").await;
        tab.load(&format!("index.html#/exceptions?v=1&by=type&src={}", tab.file_url(&file))).await;
        tab.wait_for_spans(60).await;
        let by_type = tab.ask(json!({"ask": "exceptions", "by": "type"})).await;
        let by_type = by_type["rows"].as_array().expect("groups").len();
        tab.wait_for(&format!(
            "document.querySelectorAll('.exceptions-table .table-row').length === {by_type}"
        ))
        .await;
        tab.click("Errors without one").await;
        let plain = tab.ask(json!({"ask": "plain_errors", "by": "type"})).await;
        let plain = plain["rows"].as_array().expect("groups").len();
        tab.wait_for(&format!(
            "document.querySelectorAll('.exceptions-table .table-row').length === {plain}"
        ))
        .await;
    });
}
