//! The page comes in two parts (`build/split.mjs`): what an empty page runs, and the rest with the first data.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Tab, chromium, data, run};
use crate::server::Route;

const REST: &str = "spanscope_rest.wasm";
/// Names of what comes only with data.
const LATER: [&str; 4] = ["engine", "file-worker", REST, "sample/"];
/// A wait that does not ask for the engine, as [`Tab::settle`] does.
const SHOWN: &str =
    "while (!document.querySelector('.landing .drop-zone')) await new Promise((go) => setTimeout(go, 10));
     await spanscope.idle();";

/// Loads the page as a visitor does, whom nothing waits for; gives what it asked the server for.
async fn visit(tab: &Tab) -> Vec<String> {
    tab.web().goto("about:blank").await.expect("an empty page");
    let before = tab.site_log().len();
    tab.web().goto(format!("{}index.html", tab.site())).await.expect("the page");
    tab.js(SHOWN, json!(null)).await;
    tab.site_log().split_off(before)
}

/// Whether there is a second part: where Node is missing the build leaves the page whole.
fn is_split() -> bool {
    chromium::dist().join(REST).is_file()
}

fn came(name: &str) -> String {
    format!(
        "performance.getEntriesByType('resource').some((r) => r.name.includes('{name}') && r.responseEnd > 0)"
    )
}

#[test]
fn an_empty_page_downloads_what_it_runs() {
    run("first visit", [], |tab| async move {
        let asked = visit(&tab).await;
        assert!(asked.iter().any(|path| path.contains("spanscope_bg.wasm")), "{asked:?}");
        let early: Vec<_> =
            asked.iter().filter(|path| LATER.iter().any(|name| path.contains(name))).collect();
        assert!(early.is_empty(), "nobody has brought data, but it asked for {early:?}");
        // The dialogs of an empty page do without the rest, too.
        tab.js("document.querySelector('.ways button:nth-of-type(2)').click()", json!(null)).await;
        tab.wait_for("document.querySelector('dialog[open]')").await;
        tab.js("await spanscope.idle()", json!(null)).await;
        if is_split() {
            assert_eq!(tab.js(&format!("return {}", came(REST)), json!(null)).await, json!(false));
        }
    });
}

#[test]
fn the_rest_comes_with_the_pointer() {
    run("pointer", [], |tab| async move {
        visit(&tab).await;
        tab.find(".drop-zone").await.scroll_into_view().await.expect("a drop zone");
        let over = json!({"type": "mouseMoved", "x": 720, "y": 450});
        tab.browser().cdp("Input.dispatchMouseEvent", over).await;
        tab.wait_for(&came("engine-worker.js")).await;
        if is_split() {
            tab.wait_for(&came(REST)).await;
        }
    });
}

/// Counts elements that are made and those that come into the document, from now on.
const COUNT: &str = "window.made = 0; window.shown = [];
    for (const name of ['createElement', 'createElementNS', 'importNode']) {
      const make = Document.prototype[name];
      Document.prototype[name] = function (...given) { made += 1; return make.apply(this, given); };
    }
    const clone = Node.prototype.cloneNode;
    Node.prototype.cloneNode = function (...given) { made += 1; return clone.apply(this, given); };
    new MutationObserver((list) => list.forEach((one) => one.addedNodes.forEach((node) => shown.push(node.nodeName))))
      .observe(document, {childList: true, subtree: true});";

#[test]
fn what_data_will_show_is_rehearsed_out_of_sight() {
    let file = data::fixture("triple-a.otlp.pb");
    run("rehearsal", [file.clone()], |tab| async move {
        visit(&tab).await;
        tab.js(COUNT, json!(null)).await;
        tab.js("await spanscope.ready", json!(null)).await;
        // A line of the table has a dozen cells, and there are charts, menus and fields.
        tab.wait_for("made > 200").await;
        tab.js("let before; do { before = made; await new Promise((go) => setTimeout(go, 100)); } while (made > before);", json!(null)).await;
        assert_eq!(tab.js("return shown", json!(null)).await, json!([]), "nobody has brought data");
        assert_eq!(tab.js("return document.title", json!(null)).await, json!("Spanscope"));
        assert_eq!(tab.hash().await, "");
        // Once is enough.
        tab.js(
            "made = 0; await spanscope.ready; await new Promise((go) => setTimeout(go, 100))",
            json!(null),
        )
        .await;
        assert_eq!(tab.js("return made", json!(null)).await, json!(0));
        tab.open(&[&file]).await;
        tab.wait_for("document.querySelector('a[href^=\"#/service/shop-front\"]')").await;
    });
}

#[test]
fn code_that_nobody_waited_for_comes_at_once() {
    let file = data::fixture("triple-a.otlp.pb");
    run("at once", [file.clone()], |tab| async move {
        visit(&tab).await;
        // The very call that a stub makes.
        tab.js("(await import(new URL('spanscope.js', location.href))).rest_missing()", json!(null)).await;
        assert_eq!(tab.js(&format!("return {}", came(REST)), json!(null)).await, json!(is_split()));
        tab.open(&[&file]).await;
        tab.wait_for("document.querySelector('a[href^=\"#/service/shop-front\"]')").await;
    });
}

#[test]
fn an_engine_that_does_not_come_can_be_asked_for_again() {
    let file = data::fixture("triple-a.otlp.pb");
    run("no engine", [file.clone()], |tab| async move {
        tab.expect_error("503");
        let path = "/engine_bg.wasm".to_owned();
        tab.route(&Route::text(&path, 503, "not now"));
        visit(&tab).await;
        tab.drop_files(&[&file]).await;
        tab.wait_for_text("The engine could not be loaded").await;
        let body = std::fs::read(chromium::dist().join("engine_bg.wasm")).expect("the engine");
        let content_type = "application/wasm";
        tab.route(&Route { path, status: 200, content_type, cors: false, delay: Duration::ZERO, body });
        tab.click("Open again").await;
        tab.wait_for("document.querySelector('a[href^=\"#/service/shop-front\"]')").await;
    });
}

#[test]
fn views_that_do_not_come_can_be_asked_for_again() {
    if !is_split() {
        return;
    }
    let file = data::fixture("triple-a.otlp.pb");
    run("no rest", [file.clone()], |tab| async move {
        tab.expect_error("503");
        let path = format!("/{REST}");
        tab.route(&Route::text(&path, 503, "not now"));
        tab.load("index.html?again").await;
        tab.drop_files(&[&file]).await;
        tab.wait_for_text("The views could not be loaded").await;
        let body = std::fs::read(chromium::dist().join(REST)).expect("the rest");
        let served = |body| {
            let content_type = "application/wasm";
            Route { path: path.clone(), status: 200, content_type, cors: false, delay: Duration::ZERO, body }
        };
        // One of another build: its memory has another name.
        let mut other = body.clone();
        let name =
            other.windows(10).position(|w| w.starts_with(b"m-") && w[2..].iter().all(u8::is_ascii_hexdigit));
        other[name.expect("the memory's name") + 2] ^= 1;
        tab.route(&served(other));
        tab.click("Open again").await;
        tab.wait_for_text("this page was renewed meanwhile").await;
        tab.route(&served(body));
        tab.click("Open again").await;
        tab.wait_for("document.querySelector('a[href^=\"#/service/shop-front\"]')").await;
    });
}
