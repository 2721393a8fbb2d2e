//! The trace page: flamegraph, span tree, details, saving.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Tab, data, run};

/// Opens a fixture and goes to its slowest trace; gives the trace as the door tells it.
async fn show_slowest(tab: &Tab, file: &Path) -> Value {
    tab.open(&[file]).await;
    let traces = tab.ask(json!({"ask": "traces", "limit": 1})).await;
    let id = traces["rows"][0]["trace_id"].as_str().expect("an id").to_owned();
    tab.js("location.hash = `#/trace/${given}`", json!(id)).await;
    tab.wait_for("document.querySelector('[role=treegrid] [role=row][aria-selected]')").await;
    tab.settle().await;
    tab.ask(json!({"ask": "trace", "trace_id": id})).await
}

/// What the flamegraph says in words: "0 ns to 14.37 ms of 14.37 ms; 5 spans in view, …".
async fn summary(tab: &Tab) -> String {
    tab.settle().await;
    let text = tab.js("return document.querySelector('#flame-summary')?.textContent", json!(null)).await;
    text.as_str().expect("the flamegraph has words").to_owned()
}

/// A fingerprint of the canvas' pixels, and how many of them are not of the commonest color.
async fn pixels(tab: &Tab) -> (Value, u64) {
    let seen = tab
        .js(
            "await spanscope.idle();
             const canvas = document.querySelector('section.flame .flame-area canvas');
             const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
             copy.drawImage(canvas, 0, 0);
             const words = new Uint32Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);
             const counts = new Map();
             let hash = 0;
             for (const word of words) {
               counts.set(word, (counts.get(word) ?? 0) + 1);
               hash = (Math.imul(hash, 31) + word) | 0;
             }
             return {hash, painted: words.length - Math.max(...counts.values())}",
            json!(null),
        )
        .await;
    (seen["hash"].clone(), seen["painted"].as_u64().expect("a count"))
}

/// The names of the visible rows of the tree, top to bottom.
async fn rows(tab: &Tab) -> Vec<String> {
    tab.settle().await;
    let names = tab
        .js(
            "return [...document.querySelectorAll('[role=treegrid] [role=row][aria-selected]')]
               .sort((a, b) => a.ariaRowIndex - b.ariaRowIndex)
               .map((row) => row.querySelector('bdi').innerText)",
            json!(null),
        )
        .await;
    names.as_array().expect("rows").iter().map(|name| name.as_str().unwrap_or_default().to_owned()).collect()
}

fn fixture() -> PathBuf {
    data::fixture("triple-a.otlp.pb")
}

#[test]
fn a_trace_opens_from_its_row() {
    let file = fixture();
    run("open trace", [file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        tab.click("Traces").await;
        tab.settle().await;
        tab.find("main a[href^='#/trace/']").await.click().await.expect("a click");
        tab.wait_for("document.querySelector('[role=treegrid] [role=row][aria-selected]')").await;
        tab.settle().await;
        let id = tab.hash().await;
        let id = id.trim_start_matches("#/trace/").split('?').next().expect("an id").to_owned();
        let trace = tab.ask(json!({"ask": "trace", "trace_id": id})).await;
        let names: Vec<_> = trace["spans"]
            .as_array()
            .expect("spans")
            .iter()
            .map(|s| s["name"].as_str().unwrap_or_default())
            .collect();
        assert_eq!(rows(&tab).await, names, "the tree shows the spans in pre-order");
        let levels = "[...document.querySelectorAll('[role=treegrid] [role=row][aria-selected]')].map((row) => row.ariaLevel)";
        let levels = tab.js(&format!("return {levels}"), json!(null)).await;
        let depths: Vec<_> =
            trace["spans"].as_array().expect("spans").iter().map(|s| json!(s["depth"].to_string())).collect();
        assert_eq!(levels, json!(depths), "every row says how deep it is");
        let grid = tab.find("[role=treegrid]").await.attr("aria-rowcount").await.expect("an attribute");
        assert_eq!(grid, Some((names.len() + 1).to_string()));
    });
}

#[test]
fn the_flamegraph_zooms_pans_and_fits() {
    let file = fixture();
    run("zoom", [file.clone()], |tab| async move {
        show_slowest(&tab, &file).await;
        let whole = summary(&tab).await;
        let (all, painted) = pixels(&tab).await;
        assert!(painted > 1000, "bars are painted: {painted} pixels");

        let area = tab.find(".flame-area").await;
        area.focus().await.expect("focus");
        tab.web().action_chain().send_keys("w").perform().await.expect("a key");
        let zoomed = summary(&tab).await;
        assert_ne!(zoomed, whole, "W zooms in");
        assert_ne!(pixels(&tab).await.0, all, "other pixels than before");

        tab.web().action_chain().send_keys("d").perform().await.expect("a key");
        let panned = summary(&tab).await;
        assert_ne!(panned, zoomed, "D pans");

        tab.web().action_chain().send_keys("0").perform().await.expect("a key");
        tab.wait_for(&format!("document.querySelector('#flame-summary').textContent === {}", json!(whole)))
            .await;
        assert_eq!(pixels(&tab).await.0, all, "the whole trace again, to the pixel");

        // The wheel zooms at the cursor: what is under it stays, here the left edge.
        tab.js(
            "const area = document.querySelector('.flame-area');
             const box = area.getBoundingClientRect();
             area.dispatchEvent(new WheelEvent('wheel', {deltaY: -300, bubbles: true, cancelable: true,
               clientX: box.left, clientY: box.top + 10}))",
            json!(null),
        )
        .await;
        let wheeled = summary(&tab).await;
        assert_ne!(wheeled, whole);
        assert!(wheeled.starts_with(whole.split(" to ").next().expect("a start").split_at(1).0), "{wheeled}");
    });
}

#[test]
fn a_click_selects_the_same_span_everywhere() {
    let file = fixture();
    run("select", [file.clone()], |tab| async move {
        let trace = show_slowest(&tab, &file).await;
        let root = &trace["spans"][0];
        // The root's bar spans the first lane.
        let area = tab.find(".flame-area").await;
        let height = area.rect().await.expect("a place").height;
        let chain = tab.web().action_chain();
        let chain = chain.move_to_element_with_offset(&area, 0, (8.0 - height / 2.0) as i64).click();
        chain.perform().await.expect("a click");
        tab.wait_for("location.hash.includes('span=')").await;
        tab.settle().await;
        assert!(tab.hash().await.contains(root["span_id"].as_str().expect("an id")), "{}", tab.hash().await);
        let selected = "document.querySelectorAll('[role=row][aria-selected=true]')";
        tab.wait_for(&format!("{selected}.length === 1")).await;
        tab.wait_for_text(root["name"].as_str().expect("a name")).await;

        // Details show every attribute, in groups of the same first part.
        let span = json!({"ask": "span", "trace_id": tab.ask(json!({"ask": "traces", "limit": 1})).await["rows"][0]["trace_id"],
                          "span_id": root["span_id"]});
        let span = tab.ask(span).await;
        let keys = "return [...document.querySelectorAll('#span-details .values dt')].map((dt) => dt.title)";
        let mut keys = tab.js(keys, json!(null)).await.as_array().expect("keys").clone();
        keys.sort_by_key(ToString::to_string);
        let wanted: Vec<Value> =
            span["attributes"].as_object().expect("attributes").keys().map(|key| json!(key)).collect();
        assert_eq!(keys, wanted, "every attribute as the door tells it");

        // A click in the tree moves the selection.
        let row = tab.find("[role=treegrid] [role=row][aria-rowindex='3']").await;
        row.find(By::Css("bdi")).await.expect("a name").click().await.expect("a click");
        let second = trace["spans"][1]["span_id"].as_str().expect("an id");
        tab.wait_for(&format!("location.hash.includes('{second}')")).await;
        // A reload needs the file again and keeps the address.
        tab.reload().await;
        assert!(tab.hash().await.contains(second), "{}", tab.hash().await);
        tab.wait_for_text("Drop triple-a.otlp.pb again to return here").await;
        tab.drop_files(&[&file]).await;
        tab.wait_for(&format!("{selected}.length === 1")).await;
        assert!(tab.hash().await.contains(second), "{}", tab.hash().await);
    });
}

#[test]
fn the_tree_folds_and_unfolds() {
    let file = fixture();
    run("fold", [file.clone()], |tab| async move {
        let trace = show_slowest(&tab, &file).await;
        let all = rows(&tab).await;
        assert_eq!(all.len() as u64, trace["spans_total"].as_u64().expect("a count"));
        let fold = tab.find("[role=treegrid] [role=row][aria-rowindex='2'] button").await;
        fold.click().await.expect("a click");
        tab.wait_for("document.querySelectorAll('[role=treegrid] [role=row][aria-selected]').length === 1")
            .await;
        assert_eq!(rows(&tab).await, all[..1]);
        let row = tab.find("[role=treegrid] [role=row][aria-rowindex='2']").await;
        assert_eq!(row.attr("aria-expanded").await.expect("an attribute").as_deref(), Some("false"));
        tab.click("Unfold all").await;
        tab.wait_for(&format!(
            "document.querySelectorAll('[role=treegrid] [role=row][aria-selected]').length === {}",
            all.len()
        ))
        .await;
        assert_eq!(rows(&tab).await, all);

        // The keyboard does the same.
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        tab.web().action_chain().send_keys(Key::Home + Key::Left).perform().await.expect("keys");
        tab.wait_for("document.querySelectorAll('[role=treegrid] [role=row][aria-selected]').length === 1")
            .await;
        tab.web().action_chain().send_keys(Key::Right + "").perform().await.expect("keys");
        tab.wait_for(&format!(
            "document.querySelectorAll('[role=treegrid] [role=row][aria-selected]').length === {}",
            all.len()
        ))
        .await;
    });
}

#[test]
fn a_large_tree_shows_only_the_rows_in_view() {
    let Some(file) = data::from_corpus("generated/giant-2000.pb") else { return };
    run("large tree", [file.clone()], |tab| async move {
        let trace = show_slowest(&tab, &file).await;
        let total = trace["spans_total"].as_u64().expect("a count");
        // Siblings of one operation share rows until all is unfolded.
        tab.wait_for("document.querySelector('[role=treegrid]').getAttribute('aria-rowcount') > 1").await;
        tab.click("Unfold all").await;
        tab.wait_for(&format!(
            "document.querySelector('[role=treegrid]').getAttribute('aria-rowcount') === '{}'",
            total + 1
        ))
        .await;
        let shown = rows(&tab).await.len();
        assert!(shown > 5 && shown < 200, "{shown} rows for {total} spans");
        tab.find("[role=treegrid]").await.focus().await.expect("focus");
        tab.web().action_chain().send_keys(Key::End + "").perform().await.expect("a key");
        let last = trace["spans"].as_array().and_then(|spans| spans.last()).expect("a span");
        tab.wait_for(&format!("document.querySelector('[role=row][aria-rowindex=\"{}\"] bdi')", total + 1))
            .await;
        assert_eq!(rows(&tab).await.last().map(String::as_str), last["name"].as_str());
    });
}

#[test]
fn a_saved_trace_opens_with_the_same_facts() {
    let file = fixture();
    run("save", [file.clone()], |tab| async move {
        let trace = show_slowest(&tab, &file).await;
        let id = tab.ask(json!({"ask": "traces", "limit": 1})).await["rows"][0]["trace_id"].clone();
        let spans = |trace: &Value| trace["spans"].as_array().expect("spans").clone();
        let mut details = Vec::new();
        for span in spans(&trace) {
            details.push(everything(&tab, &id, &span["span_id"]).await);
        }
        for (format, form) in [("protobuf", "otlp-protobuf"), ("json", "otlp-json")] {
            let saved = tab
                .js(
                    "const answer = await spanscope.ask({ask: 'export', ...given});
                     const [bytes] = answer.buffers;
                     const report = await spanscope.open(new Blob([bytes]), {append: false, name: answer.name});
                     return {name: answer.name, media_type: answer.media_type, report}",
                    json!({"trace_id": id, "format": format}),
                )
                .await;
            assert_eq!(saved["report"]["files"][0]["form"], json!(form), "{saved}");
            assert_eq!(saved["report"]["problems"], json!(0), "{saved}");
            let again = tab.ask(json!({"ask": "trace", "trace_id": id})).await;
            assert_eq!(spans(&again), spans(&trace), "{format}");
            for (span, before) in spans(&trace).iter().zip(&details) {
                assert_eq!(&everything(&tab, &id, &span["span_id"]).await, before, "{format}");
            }
            tab.open_with(&[&file], json!({"append": false})).await;
        }
        // The menu offers both, and saving asks no server.
        tab.settle().await;
        let asked = tab.site_log().len();
        tab.js(
            "HTMLAnchorElement.prototype.click = function () { window.__saved = this.download; }",
            json!(null),
        )
        .await;
        tab.click("Save…").await;
        tab.click("OTLP protobuf").await;
        let name = tab.wait_for("window.__saved").await;
        assert!(name.as_str().is_some_and(|name| name.contains('.')), "{name}");
        assert_eq!(tab.site_log().len(), asked);
    });
}

/// Everything of a span that its file must keep; what comes from other data is left out.
async fn everything(tab: &Tab, trace_id: &Value, span_id: &Value) -> Value {
    let mut span = tab.ask(json!({"ask": "span", "trace_id": trace_id, "span_id": span_id})).await;
    let fields = span.as_object_mut().expect("an object");
    for elsewhere in ["generation", "percentile", "operation_count", "operation_bins", "linked_from", "links"]
    {
        fields.remove(elsewhere);
    }
    span
}
