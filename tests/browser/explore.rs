//! The explorer: facets, columns, tables, boxes, what is different, and files, by clicks and by keys.

use serde_json::json;

use crate::harness::{Tab, data, run};

/// What the address asks for.
pub(crate) async fn query(tab: &Tab) -> String {
    let q =
        tab.js("return new URLSearchParams(location.hash.split('?')[1]).get('q') ?? ''", json!(null)).await;
    q.as_str().unwrap_or_default().to_owned()
}

/// Goes to an address of the same page, which keeps its data.
pub(crate) async fn go(tab: &Tab, hash: &str) {
    tab.js("location.hash = given", json!(hash)).await;
    tab.wait_for("document.querySelector('.facet .facet-value')").await;
    tab.settle().await;
}

/// Collects what is saved in `window.__saved` instead of the folder of downloads.
pub(crate) async fn keep_saved(tab: &Tab) {
    tab.js(
        "window.__saved = [];
         const made = URL.createObjectURL.bind(URL);
         URL.createObjectURL = (blob) => { window.__saved.push(blob); return made(blob); };
         HTMLAnchorElement.prototype.click = function () {};",
        json!(null),
    )
    .await;
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
        let rows = tab.js(
            "return document.querySelector('.spans[role=table]').getAttribute('aria-rowcount')",
            json!(null),
        );
        let total = found["total"].as_u64().unwrap_or(0) + 1;
        assert_eq!(rows.await.as_str(), Some(total.to_string().as_str()));
        press(&tab, ".spans .row-link").await;
        assert!(tab.hash().await.contains("span="), "a row leads to its span");
    });
}

/// Texts of the visible rows, cell by cell.
async fn rows(tab: &Tab, list: &str) -> Vec<Vec<String>> {
    let css = format!(".{list} .table-row:not(.pending)");
    let rows = tab
        .js(
            "return [...document.querySelectorAll(given)].map((row) =>
               [...row.querySelectorAll('[role=cell]')].map((cell) => cell.innerText.trim()))",
            json!(css),
        )
        .await;
    serde_json::from_value(rows).expect("rows of texts")
}

/// Chooses an option as a person does who knows its value.
async fn choose(tab: &Tab, css: &str, value: &str) {
    tab.wait_for(&format!("[...document.querySelector({css:?}).options].some((o) => o.value === {value:?})"))
        .await;
    tab.js(
        "const select = document.querySelector(given.css);
         select.value = given.value;
         select.dispatchEvent(new Event('change', {bubbles: true}));",
        json!({"css": css, "value": value}),
    )
    .await;
    tab.settle().await;
}

#[test]
fn spans_have_any_field_as_a_column_and_sort_by_it() {
    let file = data::fixture("triple-a.otlp.pb");
    run("explore-columns", vec![file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        go(&tab, "#/traces?tab=spans").await;
        let keys = tab.ask(json!({"ask": "facets"})).await["keys"].clone();
        let spans = tab.ask(json!({"ask": "summary"})).await["spans"].clone();
        // A key that some spans have and others lack.
        let some = keys.as_array().expect("keys").iter().find(|k| k["count"] != spans).expect("such a key");
        let field = some["field"].as_str().expect("a field").to_owned();
        choose(&tab, ".field-add[aria-label='Add a column']", &field).await;
        assert!(tab.hash().await.contains("fields="), "the choice stands in the address");
        press(&tab, &format!(".spans .table-head button[title='{field}']")).await;
        let ask = json!({"ask": "spans", "fields": [field], "sort": field, "limit": 5});
        let want = tab.ask(ask).await;
        let shown = rows(&tab, "spans").await;
        for (row, want) in shown.iter().zip(want["rows"].as_array().expect("rows")) {
            let value = match &want["attributes"][&field] {
                serde_json::Value::Null => "(absent)".to_owned(),
                serde_json::Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            assert_eq!(row[2], value, "{row:?}");
        }
        tab.reload().await;
        assert!(tab.hash().await.contains("sort="), "a reload keeps it");
    });
}

#[test]
fn a_table_groups_by_any_field_and_rows_lead_to_their_spans() {
    let file = data::fixture("triple-a.otlp.pb");
    run("explore-table", vec![file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        go(&tab, "#/traces?tab=table&by=resource.service.name").await;
        tab.wait_for("document.querySelector('.groups .table-row .row-link')").await;
        let want = tab.ask(json!({"ask": "table", "by": ["resource.service.name"]})).await;
        let shown = rows(&tab, "groups").await;
        assert_eq!(shown.len(), want["rows"].as_array().expect("rows").len());
        choose(&tab, ".field-add[aria-label='Group by']", "kind").await;
        let by = ["resource.service.name", "kind"];
        let want = tab.ask(json!({"ask": "table", "by": by, "sort": "-p99_ns"})).await;
        press(&tab, ".groups .c-p99_ns button").await;
        let shown = rows(&tab, "groups").await;
        assert_eq!(shown[0][1], want["rows"][0]["values"][1].as_str().expect("a kind"), "{shown:?}");
        press(&tab, ".groups .row-link").await;
        let q = query(&tab).await;
        let found = tab.ask(json!({"ask": "spans", "q": q, "limit": 0})).await;
        assert_eq!(found["total"], want["rows"][0]["count"], "{q}");
        assert!(tab.hash().await.contains("tab=spans"));
    });
}

#[test]
fn a_box_explains_its_spans_and_becomes_the_query_by_keys_alone() {
    let file = data::fixture("triple-a.otlp.pb");
    run("explore-box", vec![file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        go(&tab, "#/traces?tab=heatmap").await;
        tab.wait_for("document.querySelector('[data-chart=latency-heatmap] svg')").await;
        // To the last column and top row, then a box leftwards and down, then enter.
        tab.js(
            "const place = document.querySelector('[data-chart=latency-heatmap] .chart-place');
             place.focus();
             const key = (key, shiftKey) => place.dispatchEvent(new KeyboardEvent('keydown', {key, shiftKey, bubbles: true}));
             key('End', false);
             for (let i = 0; i < 60; i++) key('ArrowUp', false);
             for (let i = 0; i < 400; i++) key('ArrowLeft', true);
             for (let i = 0; i < 8; i++) key('ArrowDown', true);
             key('Enter', false);",
            json!(null),
        )
        .await;
        tab.settle().await;
        let hash = tab.hash().await;
        let boxed =
            hash.split("box=").nth(1).expect("the box stands in the address").split('&').next().unwrap_or("");
        let n: Vec<String> = boxed.split(',').map(str::to_owned).collect();
        tab.wait_for("document.querySelector('.results .difference, .box-head ~ .blank:not(.waiting)')")
            .await;
        let range = json!({"start_ns": n[0], "end_ns": n[1]});
        let q = format!("{{ duration >= {}ns && duration < {}ns }}", n[2], n[3]);
        let want =
            tab.ask(json!({"ask": "spans", "q": q, "range": range, "limit": 0})).await["total"].clone();
        let told = tab.ask(json!({"ask": "difference", "q": q, "range": range})).await;
        assert_eq!(told["selected"], want);
        tab.click("Filter to the box").await;
        tab.settle().await;
        let found =
            tab.ask(json!({"ask": "spans", "q": query(&tab).await, "range": range, "limit": 0})).await;
        assert_eq!(found["total"], want);
        assert!(tab.hash().await.contains("from="), "the range is a part of it");
    });
}

#[test]
fn what_is_listed_is_saved_and_opens_again() {
    let file = data::fixture("triple-a.otlp.pb");
    run("explore-save", vec![file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        go(&tab, "#/traces?q=%7B%20status%20%3D%20error%20%7D").await;
        keep_saved(&tab).await;
        let want = tab.ask(json!({"ask": "traces", "q": "{ status = error }"})).await;
        for item in ["These traces as CSV", "Matching traces as OTLP/JSON"] {
            tab.click("Save…").await;
            tab.click(item).await;
            tab.settle().await;
        }
        tab.wait_for("window.__saved.length === 2").await;
        let lines = tab
            .js("return (await window.__saved[0].text()).trim().split('\\r\\n').length", json!(null))
            .await;
        assert_eq!(lines.as_u64(), want["total"].as_u64().map(|n| n + 1));
        tab.js("await spanscope.open(window.__saved[1], {name: 'saved.json', append: false})", json!(null))
            .await;
        tab.settle().await;
        let again = tab.ask(json!({"ask": "traces", "q": "{ status = error }"})).await;
        assert_eq!(again["rows"], want["rows"]);
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["traces"], want["total"]);
    });
}
