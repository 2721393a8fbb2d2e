//! The parts of the trace page: missing parents, notices, columns, attributes as a tree, two levels of statistics.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Tab, data, run};
use crate::trace_views::{Made, file_of, show, span, text_of};

const NAMES: &str =
    "[...document.querySelectorAll('.tree-row[aria-selected] .tree-text')].map((e) => e.innerText).join()";

/// A trace with everything that can be odd about one but clock skew.
fn broken() -> Made {
    let copy = span(9, 1, "audit", 80, 90, &json!({}));
    let spans = [
        span(1, 0, "page", 0, 100, &json!({})),
        span(2, 0, "second root", 5, 50, &json!({})),
        span(3, 77, "lost", 20, 30, &json!({})),
        span(4, 77, "lost too", 30, 45, &json!({})),
        span(5, 78, "lost alone", 40, 60, &json!({})),
        span(6, 7, "egg", 10, 20, &json!({})),
        span(7, 6, "hen", 15, 25, &json!({})),
        span(8, 1, "backwards", 70, 65, &json!({})),
        copy.clone(),
        copy,
    ];
    file_of("broken", &spans, &[])
}

#[test]
fn orphans_hang_below_their_missing_parent() {
    let file = broken();
    let path = file.0.clone();
    run("missing parent", [path.clone()], |tab| async move {
        show(&tab, &path, "").await;
        let names = "page,backwards,audit,audit,second root,Missing parent,lost,lost too,Missing parent,lost alone,egg,hen";
        assert_eq!(text_of(&tab, NAMES).await, names);
        let row = "document.querySelector('.tree-row.missing')";
        assert_eq!(
            text_of(&tab, &format!("{row}.querySelector('.tree-id').innerText")).await,
            "000000000000004d"
        );
        assert_eq!(text_of(&tab, &format!("{row}.querySelector('.tag').innerText")).await, "2 orphans");
        assert_eq!(text_of(&tab, &format!("{row}.nextElementSibling.ariaLevel")).await, "2");
        // It folds, selects nothing, and opens again for a span that is gone to.
        tab.find(".tree-row.missing").await.click().await.expect("a click");
        tab.wait_for(&format!("{row}.ariaExpanded === 'false'")).await;
        assert_eq!(text_of(&tab, NAMES).await, names.replace(",lost,lost too", ""));
        assert!(!tab.hash().await.contains("span="), "{}", tab.hash().await);
        tab.find(".trace-notices .notice-jump").await.click().await.expect("a click");
        tab.wait_for("document.querySelector('.tree-row.selected.hit .tree-text')?.innerText === 'lost'")
            .await;
        assert_eq!(text_of(&tab, NAMES).await, names);
        // All is folded with them, and each of them opens alone; what is below an orphan stays folded.
        tab.click("Fold all").await;
        let folded = "page,backwards,audit,audit,second root,Missing parent,Missing parent,egg,hen";
        tab.wait_for(&format!("{NAMES} === '{folded}'")).await;
        tab.find(".tree-row.missing").await.click().await.expect("a click");
        tab.wait_for(&format!("{NAMES} === '{}'", names.replace(",lost alone", ""))).await;
        tab.click("Unfold all").await;
        tab.wait_for(&format!("{NAMES} === '{names}'")).await;
        // The keyboard walks over it.
        tab.js("document.querySelectorAll('.tree-row[aria-selected] .tree-text')[6].click()", json!(null))
            .await;
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        tab.web().action_chain().send_keys(Key::Left + Key::Left).perform().await.expect("keys");
        tab.wait_for(&format!("{row}.ariaExpanded === 'false'")).await;
    });
    drop(file);
}

#[test]
fn every_notice_counts_and_leads_to_its_spans() {
    let file = broken();
    let path = file.0.clone();
    run("notices", [path.clone()], |tab| async move {
        show(&tab, &path, "").await;
        let jumps = tab.web().find_all(By::Css(".notice-jump")).await.expect("notices").len();
        assert!(jumps >= 5, "{jumps} notices");
        for at in 0..jumps {
            let jump = format!("document.querySelectorAll('.notice-jump')[{at}]");
            let words = text_of(&tab, &format!("{jump}.innerText")).await;
            let count: u64 = words.split(' ').next().and_then(|n| n.parse().ok()).expect("a count first");
            tab.web().find_all(By::Css(".notice-jump")).await.expect("notices")[at]
                .click()
                .await
                .expect("a click");
            // The sign of a repeated id finds the records that repeat it.
            tab.wait_for(&format!(
                "document.querySelector('.trace-found').innerText.endsWith(' of {count}')"
            ))
            .await;
            tab.wait_for("document.querySelector('.tree-row.selected.hit')").await;
        }
    });
    drop(file);
}

#[test]
fn on_a_phone_what_is_odd_is_a_line_that_unfolds() {
    let file = broken();
    let path = file.0.clone();
    run("notices on a phone", [path.clone()], |tab| async move {
        tab.look(390, 844, "light").await;
        show(&tab, &path, "").await;
        let seen =
            "[...document.querySelectorAll('.trace-notices button')].filter((b) => b.offsetParent).length";
        tab.wait_for(&format!("{seen} === 1")).await;
        let all = tab.find(".notice-all").await;
        assert_eq!(all.attr("aria-expanded").await.ok().flatten().as_deref(), Some("false"));
        all.click().await.expect("a click");
        tab.wait_for(&format!("{seen} > 4")).await;
        let count = text_of(&tab, "document.querySelector('.notice-all').innerText").await;
        let notices = tab.web().find_all(By::Css(".notice-jump")).await.expect("notices").len();
        assert_eq!(count, format!("{notices} notices"));
        all.click().await.expect("a click");
        tab.wait_for(&format!("{seen} === 1")).await;
        // The id of a parent that is missing is there to be read.
        let id = "document.querySelector('.tree-row.missing .tree-id')";
        tab.wait_for(&format!(
            "{id}.innerText === '000000000000004d' && {id}.scrollWidth <= {id}.clientWidth + 1"
        ))
        .await;
        // Wide, all of them stand there.
        tab.look(1440, 900, "light").await;
        tab.wait_for(&format!("{seen} === {notices}")).await;
    });
    drop(file);
}

#[test]
fn what_is_copied_is_what_stands_there() {
    let file = data::fixture("triple-a.otlp.pb");
    run("copying", [file.clone()], |tab| async move {
        show(&tab, &file, "").await;
        let traces = tab.ask(json!({"ask": "traces", "limit": 1})).await;
        let id = traces["rows"][0]["trace_id"].as_str().expect("an id").to_owned();
        let spans = tab.ask(json!({"ask": "trace", "trace_id": id, "limit": 1})).await;
        let span_id = spans["spans"][0]["span_id"].as_str().expect("an id").to_owned();
        tab.js("location.hash += given", json!(format!("&span={span_id}"))).await;
        tab.wait_for("document.querySelector('#details-body .values')").await;
        let span = tab.ask(json!({"ask": "span", "trace_id": id, "span_id": span_id})).await;
        // A clipboard without asking for the right to it.
        tab.js("navigator.clipboard.writeText = async (text) => { window.copied = text }", json!(null)).await;
        let copied = async |selector: &str| {
            tab.js("window.copied = null; document.querySelector(given).click()", json!(selector)).await;
            tab.wait_for("window.copied !== null").await;
            tab.wait_for("[...document.querySelectorAll('button')].some((b) => b.innerText === 'Copied')")
                .await;
            text_of(&tab, "window.copied").await
        };
        assert_eq!(copied("[title='Copy trace id']").await, id);
        assert_eq!(copied("[title='Copy link']").await, text_of(&tab, "location.href").await);
        let json_of = |text: String| serde_json::from_str::<Value>(&text).expect("JSON");
        assert_eq!(json_of(copied("[title='Copy JSON']").await)["attributes"], span["attributes"]);
        assert_eq!(json_of(copied("[title='Copy all attributes as JSON']").await), span["attributes"]);
        let value = copied("#details-body [title='Copy value']").await;
        let pair = copied("#details-body [title^='Copy k=v']").await;
        let (key, said) = pair.split_once('=').expect("a pair");
        assert_eq!(said, value);
        assert_eq!(
            json_of(copied("#details-body [title='Copy as JSON']").await),
            json!({key: span["attributes"][key]})
        );
    });
}

#[test]
fn columns_are_chosen_and_remembered() {
    let file = data::fixture("triple-a.otlp.pb");
    run("columns", [file.clone()], |tab| async move {
        tab.look(1440, 900, "light").await;
        show(&tab, &file, "").await;
        let shown = "[...document.querySelectorAll('.tree-head .tree-number')].filter((e) => getComputedStyle(e).visibility === 'visible').map((e) => e.innerText).join()";
        assert_eq!(text_of(&tab, shown).await, "Start,Duration,Self,Rank");
        let lane = "document.querySelector('.tree-lane').offsetWidth";
        let width = tab.js(&format!("return {lane}"), json!(null)).await.as_u64().expect("a width");
        let toggle = async |name: &str| {
            tab.find(".tree-columns button").await.click().await.expect("a click");
            tab.click(name).await;
        };
        // A service has a cell of its own.
        let service = "[...document.querySelectorAll('.tree-row[aria-selected]')].map((r) => r.children[1].innerText).find(Boolean)";
        let services = tab.ask(json!({"ask": "services"})).await;
        let services: Vec<_> =
            services["rows"].as_array().expect("rows").iter().map(|r| r["service"].clone()).collect();
        assert!(services.contains(&json!(text_of(&tab, service).await)));
        let seen = "getComputedStyle(document.querySelector('.tree-head .tree-service')).visibility";
        toggle("✓ Service").await;
        tab.wait_for(&format!("{seen} === 'hidden' && {lane} > {}", width + 60)).await;
        toggle("Service").await;
        tab.wait_for(&format!("{seen} === 'visible' && {lane} === {width}")).await;
        toggle("✓ Start").await;
        toggle("✓ Rank").await;
        assert_eq!(text_of(&tab, shown).await, "Duration,Self");
        tab.wait_for(&format!("{lane} === {}", width + 76 + 52)).await;
        // The border of the names moves by keys, and by a double click goes back.
        let names = "document.querySelector('.tree-name').offsetWidth";
        let before = tab.js(&format!("return {names}"), json!(null)).await;
        let border = tab.find(".tree-head .splitter").await;
        border.send_keys(Key::Right + Key::Right).await.expect("keys");
        tab.wait_for(&format!("{names} === 412")).await;
        tab.web().action_chain().double_click_element(&border).perform().await.expect("a double click");
        tab.wait_for(&format!("{names} === {before}")).await;
        // Another visit remembers.
        tab.reload().await;
        show(&tab, &file, "").await;
        assert_eq!(text_of(&tab, shown).await, "Duration,Self");
        toggle("Start").await;
        toggle("Rank").await;
        assert_eq!(text_of(&tab, shown).await, "Start,Duration,Self,Rank");
    });
}

#[test]
fn attributes_are_a_tree_to_search_pin_and_filter() {
    let pair = |key: &str, value: &str| json!({"key": key, "value": {"stringValue": value}});
    let attributes = json!({"attributes": [
        pair("http.request.method", "GET"), pair("http.request.size", "7"), pair("http.response.code", "200"),
        pair("http.route", "/buy"), pair("peer", "stock"), pair("url.full", "https://shop.example/buy"),
        pair("user.id", "ada"), pair("user.name", "Ada"), pair("zone", "b"),
    ]});
    let file = file_of("values", &[span(1, 0, "page", 0, 100, &attributes)], &[]);
    let path = file.0.clone();
    run("attribute tree", [path.clone()], |tab| async move {
        show(&tab, &path, "&span=0000000000000001").await;
        tab.wait_for("document.querySelector('.values')").await;
        let tree =
            "[...document.querySelectorAll('#details-body :is(summary, dt)')].map((e) => e.innerText).join()";
        let whole = "http4,request2,method,size,response.code,route,peer,url.full,user2,id,name,zone";
        assert_eq!(text_of(&tab, tree).await, whole);
        let nested = "document.querySelector('.value-group .value-group dt').title";
        assert_eq!(text_of(&tab, nested).await, "http.request.method");
        let search = tab.find("#details-body input[type=search]").await;
        search.send_keys("reques").await.expect("typing");
        tab.wait_for(&format!("{tree} === 'http.request2,method,size'")).await;
        for _ in 0.."reques".len() {
            search.send_keys(Key::Backspace + "").await.expect("a key");
        }
        search.send_keys("ad").await.expect("typing");
        tab.wait_for(&format!("{tree} === 'user2,id,name'")).await;
        // These buttons are seen where the pointer is.
        let press = async |label: &str| {
            tab.js("document.querySelector(`#details-body [aria-label='${given}']`).click()", json!(label))
                .await;
            tab.settle().await;
        };
        // Pinned keys stand first, whole.
        press("Pin").await;
        tab.wait_for(&format!("{tree} === 'user.id,user.name'")).await;
        press("Find in this trace").await;
        tab.wait_for("document.querySelector('.trace-found').innerText === '1 found'").await;
        press("Pin").await;
        tab.wait_for(&format!("{tree} === 'user2,id,name'")).await;
        press("Filter out").await;
        let asked = "decodeURIComponent(location.hash.replaceAll('+', ' '))";
        tab.wait_for(&format!(
            "location.hash.startsWith('#/traces') && {asked}.includes('span.user.id != ')"
        ))
        .await;
    });
    drop(file);
}

#[test]
fn statistics_of_two_levels_find_what_they_count() {
    let file = data::fixture("triple-a.otlp.pb");
    run("two levels", [file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        let traces = tab.ask(json!({"ask": "traces", "limit": 1})).await;
        let id = traces["rows"][0]["trace_id"].as_str().expect("an id").to_owned();
        tab.js("location.hash = given", json!(format!("#/trace/{id}?v=1&look=by:service,then:kind"))).await;
        tab.wait_for("document.querySelector('.statistics tbody tr')").await;
        let rows =
            tab.ask(json!({"ask": "statistics", "trace_id": id, "by": "service", "then": "kind"})).await;
        let rows = rows["rows"].as_array().expect("rows").clone();
        for (at, row) in rows.iter().enumerate() {
            let found = tab.web().find_all(By::Css(".statistics .find-group")).await.expect("rows");
            assert_eq!(found.len(), rows.len());
            found[at].click().await.expect("a click");
            let said = format!("{} found", row["count"]);
            tab.wait_for(&format!("document.querySelector('.trace-found').innerText === '{said}'")).await;
            tab.wait_for(&format!("[...document.querySelectorAll('.statistics tbody tr')].findIndex((r) => r.className === 'chosen') === {at}"))
                .await;
        }
        // Back in the tree the last group's spans are those that match.
        tab.click("Back to the tree").await;
        let hits = rows.last().map_or(&Value::Null, |row| &row["count"]);
        tab.wait_for(&format!("document.querySelectorAll('.tree-row.hit').length === {hits}")).await;
    });
}

/// How many frames after a double click the view still moves, at most ten.
async fn frames_of_a_zoom(tab: &Tab) -> u64 {
    tab.web().action_chain().send_keys("0").perform().await.expect("a key");
    tab.settle().await;
    let script = "const bar = () => document.querySelector('.ruler-times').toDataURL();
        const frame = () => new Promise((go) => requestAnimationFrame(go));
        const rows = document.querySelectorAll('.tree-row[aria-selected]');
        rows[rows.length - 1].dispatchEvent(new MouseEvent('dblclick', {bubbles: true}));
        await frame(); await frame();
        let [moved, last] = [0, bar()];
        for (let i = 0; i < 10; i++) { await frame(); if (bar() !== last) moved++; last = bar(); }
        return moved";
    let moved = tab.js(script, json!(null)).await;
    tab.settle().await;
    moved.as_u64().expect("a number")
}

#[test]
fn who_wants_no_movement_gets_none() {
    let file = data::fixture("triple-a.otlp.pb");
    run("reduced motion", [file.clone()], |tab| async move {
        show(&tab, &file, "").await;
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        assert!(frames_of_a_zoom(&tab).await > 0, "a zoom takes a few frames");
        let features = json!({"features": [{"name": "prefers-reduced-motion", "value": "reduce"}]});
        tab.browser().cdp("Emulation.setEmulatedMedia", features).await;
        assert_eq!(frames_of_a_zoom(&tab).await, 0);
    });
}
