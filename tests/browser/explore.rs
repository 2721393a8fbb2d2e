//! The explorer: facets, spans, and what is different, by clicks.

use serde_json::json;

use crate::harness::{Tab, data, run};

/// What the address asks for.
async fn query(tab: &Tab) -> String {
    let q =
        tab.js("return new URLSearchParams(location.hash.split('?')[1]).get('q') ?? ''", json!(null)).await;
    q.as_str().unwrap_or_default().to_owned()
}

/// Goes to an address of the same page, which keeps its data.
async fn go(tab: &Tab, hash: &str) {
    tab.js("location.hash = given", json!(hash)).await;
    tab.wait_for("document.querySelector('.facet .facet-value')").await;
    tab.settle().await;
}

async fn press(tab: &Tab, css: &str) {
    tab.find(css).await.click().await.expect("a button");
    tab.settle().await;
}

#[test]
fn facets_edit_the_query_and_count_under_it() {
    let file = data::fixture("triple-a.otlp.pb");
    run("explore", vec![file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        go(&tab, "#/traces").await;
        let all = tab.ask(json!({"ask": "summary"})).await["spans"].as_u64();
        let facets = tab.ask(json!({"ask": "facets", "usual": true, "limit": 1000})).await;
        assert_eq!(facets["total"].as_u64(), all);
        for facet in facets["facets"].as_array().expect("facets") {
            let values = facet["values"].as_array().expect("values");
            let sum: u64 = values.iter().filter_map(|v| v["count"].as_u64()).sum();
            assert_eq!(Some(sum), all, "{} sums to the spans", facet["field"]);
            // A value's count is what its filter finds.
            let value = &values[0];
            let q = format!(
                "{{ {} = {} }}",
                facet["field"].as_str().unwrap_or_default(),
                value["literal"].as_str().unwrap_or_default()
            );
            let found = tab.ask(json!({"ask": "spans", "q": q, "limit": 1})).await;
            assert_eq!(found["total"], value["count"], "{q}");
        }
        press(&tab, ".facet .facet-value").await;
        let q = query(&tab).await;
        assert!(q.starts_with("{ resource.service.name = "), "{q}");
        assert_eq!(tab.find(".facet li.chosen").await.is_displayed().await.ok(), Some(true));
        press(&tab, ".facet li.chosen .facet-value").await;
        assert_eq!(query(&tab).await, "", "a second click takes the filter away");
        tab.back().await;
        assert_eq!(query(&tab).await, q, "Back brings it again");
    });
}

#[test]
fn the_explorer_tells_what_is_different_and_lists_spans() {
    let file = data::fixture("triple-a.otlp.pb");
    run("explore-difference", vec![file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        go(&tab, "#/traces?q=%7B%20kind%20%3D%20server%20%7D").await;
        tab.click("What is different?").await;
        tab.wait_for("document.querySelector('.results .difference, .results .blank:not(.waiting)')").await;
        let answer = tab.ask(json!({"ask": "difference", "q": "{ kind = server }"})).await;
        let both = answer["selected"].as_u64().unwrap_or(0) + answer["rest"].as_u64().unwrap_or(0);
        assert_eq!(Some(both), tab.ask(json!({"ask": "summary"})).await["spans"].as_u64());
        tab.click("Spans").await;
        let found = tab.ask(json!({"ask": "spans", "q": "{ kind = server }", "limit": 1000})).await;
        let rows = tab.js("return document.querySelectorAll('.spans .table-row').length", json!(null)).await;
        let total = found["total"].as_u64().unwrap_or(0).min(100);
        assert_eq!(rows.as_u64(), Some(total));
        press(&tab, ".spans .row-link").await;
        assert!(tab.hash().await.contains("span="), "a row leads to its span");
    });
}
