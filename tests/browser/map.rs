//! The service map with mouse and keys: what lights up, what is chosen, what is near, the table, the files.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Tab, data, run_at};

/// The map of the fixture, and what the engine says of it.
async fn open(tab: &Tab) -> Value {
    let file = data::fixture("triple-a.otlp.pb");
    tab.load(&format!("index.html#/map?v=1&src={}", tab.file_url(&file))).await;
    tab.wait_for_spans(60).await;
    tab.wait_for("document.querySelector('svg.map .node')").await;
    tab.settle().await;
    tab.ask(json!({"ask": "service_map"})).await
}

/// A part of the address.
async fn parameter(tab: &Tab, name: &str) -> Value {
    tab.js("return new URLSearchParams(location.hash.split('?')[1]).get(given)", json!(name)).await
}

/// The node of a service.
async fn node(tab: &Tab, label: &str) -> WebElement {
    let found = "return [...document.querySelectorAll('svg.map .n-press')].find((n) => n.getAttribute('aria-label').startsWith(arguments[0]))";
    let found = tab.web().execute(found, vec![json!(label)]).await.expect("a script");
    found.element().expect(label)
}

const LIGHTS: &str = "[...document.querySelectorAll('svg.map [data-light=lit]')].length";

#[test]
fn the_map_is_read_with_the_mouse() {
    run_at("map mouse", [data::fixture("triple-a.otlp.pb")], "index.html", |tab| async move {
        let map = open(&tab).await;
        let nodes = map["nodes"].as_array().expect("nodes").len();
        tab.wait_for(&format!("document.querySelectorAll('svg.map .node').length === {nodes}")).await;

        // Hovering lights a node up with what it is connected to.
        let touching = map["edges"].as_array().expect("edges").iter();
        let touching = touching.filter(|e| e["from"] == "shop-front" || e["to"] == "shop-front").count();
        assert!(touching > 0);
        let shop = node(&tab, "shop-front").await;
        tab.web().action_chain().move_to_element_center(&shop).perform().await.expect("a move");
        tab.wait_for(&format!(
            "{LIGHTS} > 1 && document.querySelector('.map-words').innerText.startsWith('shop-front')"
        ))
        .await;

        // A click opens the panel; its numbers are the engine's.
        shop.click().await.expect("a click");
        tab.wait_for("document.querySelector('.map-panel h2')?.innerText.includes('shop-front')").await;
        assert_eq!(parameter(&tab, "pick").await, "shop-front");
        let calls = map["nodes"]
            .as_array()
            .expect("nodes")
            .iter()
            .find(|n| n["id"] == "shop-front")
            .expect("it")["calls"]
            .clone();
        let shown = tab.js("return [...document.querySelectorAll('.map-panel .facts div')].find((d) => d.innerText.startsWith('Calls\\n')).querySelector('dd').innerText", json!(null)).await;
        assert_eq!(shown, calls.to_string());

        // From the panel to a connection, and from there to exactly its spans.
        let edge = map["edges"]
            .as_array()
            .expect("edges")
            .iter()
            .find(|e| e["kind"] == "service")
            .expect("an edge")
            .clone();
        tab.js("location.hash = `#/map?${new URLSearchParams({v: 1, src: new URLSearchParams(location.hash.split('?')[1]).get('src'), pick: given.from, callee: given.to})}`", edge.clone()).await;
        tab.settle().await;
        tab.wait_for("document.querySelector('.edge[data-picked]')").await;
        tab.click("View traces").await;
        tab.wait_for("location.hash.startsWith('#/traces')").await;
        let q = parameter(&tab, "q").await;
        let spans = tab.ask(json!({"ask": "spans", "q": q, "limit": 0})).await;
        assert_eq!(spans["total"], edge["calls"], "{q}");
        tab.back().await;
        tab.wait_for("document.querySelector('.map-panel')").await;

        // Dragging and the wheel move the picture and choose nothing.
        let transform = "document.querySelector('svg.map > g').getAttribute('transform')";
        let before = tab.js(&format!("return {transform}"), json!(null)).await;
        let stage = tab.js("const r = document.querySelector('.map-stage').getBoundingClientRect(); return [r.left + 6, r.top + 6]", json!(null)).await;
        let at = |i: usize| stage[i].as_f64().expect("a number") as i64;
        tab.web()
            .action_chain()
            .move_to(at(0), at(1))
            .click_and_hold()
            .move_to(at(0) + 20, at(1) + 15)
            .move_to(at(0) + 60, at(1) + 40)
            .release()
            .perform()
            .await
            .expect("a drag");
        tab.wait_for(&format!("{transform} !== {before}")).await;
        assert_eq!(parameter(&tab, "callee").await, edge["to"], "a drag is no click");
        tab.click("Zoom in").await;
        tab.click("Show all (0)").await;
        tab.wait_for(&format!("{transform} === {before}")).await;
    });
}

#[test]
fn the_map_is_read_with_keys_alone() {
    run_at("map keys", [data::fixture("triple-a.otlp.pb")], "index.html", |tab| async move {
        let map = open(&tab).await;
        let stops = "document.querySelectorAll('svg.map .n-press[tabindex=\"0\"]').length";
        assert_eq!(tab.js(&format!("return {stops}"), json!(null)).await, json!(1), "one tab stop");
        tab.js("document.querySelector('svg.map .n-press[tabindex=\"0\"]').focus()", json!(null)).await;
        let focused = "return document.activeElement.closest('svg.map') && document.activeElement.getAttribute('aria-label')";
        let mut met = std::collections::BTreeSet::new();
        for key in [Key::Right, Key::Left, Key::Down, Key::Up] {
            met.insert(tab.js(focused, json!(null)).await.as_str().expect("a node has the focus").to_owned());
            tab.web().action_chain().send_keys(key).perform().await.expect("a key");
        }
        assert!(met.len() > 1, "arrow keys go from node to node: {met:?}");
        assert_eq!(tab.js(&format!("return {stops}"), json!(null)).await, json!(1), "still one");
        tab.web().action_chain().send_keys(Key::Enter).perform().await.expect("a key");
        tab.wait_for("document.querySelector('.map-panel')").await;
        let picked = parameter(&tab, "pick").await;
        assert!(map["nodes"].as_array().expect("nodes").iter().any(|n| n["id"] == picked), "{picked}");
        tab.web().action_chain().send_keys(Key::Escape).perform().await.expect("a key");
        tab.wait_for("!document.querySelector('.map-panel')").await;
        assert_eq!(parameter(&tab, "pick").await, json!(null));
    });
}

#[test]
fn what_is_near_a_service_and_the_table() {
    run_at("map near", [data::fixture("triple-a.otlp.pb")], "index.html", |tab| async move {
        let map = open(&tab).await;
        let field = tab.find(".map-tools [type=search]").await;
        field.send_keys("shop").await.expect("typing");
        tab.wait_for("document.querySelectorAll('svg.map .node[data-light=lit]').length === 1").await;
        field.send_keys("-front").await.expect("typing");
        tab.wait_for("new URLSearchParams(location.hash.split('?')[1]).get('near') === 'shop-front'").await;
        tab.settle().await;
        let near = tab.ask(json!({"ask": "service_map", "around": "shop-front", "depth": 1})).await;
        let count = near["nodes"].as_array().expect("nodes").len();
        tab.wait_for(&format!("document.querySelectorAll('svg.map .node').length === {count}")).await;
        tab.reload().await;
        tab.wait_for(&format!("document.querySelectorAll('svg.map .node').length === {count}")).await;
        tab.click("Show the whole map").await;
        let all = map["nodes"].as_array().expect("nodes").len();
        tab.wait_for(&format!("document.querySelectorAll('svg.map .node').length === {all}")).await;

        tab.click("Table").await;
        let edges = map["edges"].as_array().expect("edges").len();
        tab.wait_for(&format!(
            "document.querySelector('.table.red')?.getAttribute('aria-rowcount') === '{}'",
            edges + 1
        ))
        .await;
        tab.click("p95").await;
        tab.wait_for("document.querySelector('.table.red .c-p95[aria-sort=descending]')").await;
        let first = tab
            .js(
                "return document.querySelector('.table.red .table-row .row-link').getAttribute('href')",
                json!(null),
            )
            .await;
        assert!(
            first.as_str().is_some_and(|href| href.starts_with("#/traces") || href.starts_with("#/service")),
            "{first}"
        );
    });
}
