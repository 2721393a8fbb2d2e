//! The frame around the views: address, Back, reload, theme, embedding, the service page.

use serde_json::json;
use thirtyfour::prelude::*;

use crate::harness::{data, run, run_at};

#[test]
fn back_and_reload_restore_what_was_shown() {
    let file = data::fixture("triple-a.otlp.pb");
    run("back", [file.clone()], |tab| async move {
        tab.load(&format!("index.html#/services?v=1&later=1&src={}", tab.file_url(&file))).await;
        tab.wait_for_spans(60).await;
        tab.find("a[href^='#/service/shop-front']").await.click().await.expect("a click");
        tab.wait_for("location.hash.startsWith('#/service/shop-front')").await;
        tab.settle().await;
        tab.click("Traces").await;
        tab.wait_for("location.hash.startsWith('#/traces')").await;
        tab.settle().await;
        tab.find("main a[href^='#/trace/']").await.click().await.expect("a click");
        tab.wait_for("document.querySelector('[role=treegrid]')").await;
        let trace = tab.hash().await;
        assert!(trace.contains("later=1"), "what this version does not know is kept: {trace}");

        tab.back().await;
        tab.wait_for(
            "location.hash.startsWith('#/traces') && document.querySelector('main a[href^=\"#/trace/\"]')",
        )
        .await;
        tab.back().await;
        tab.wait_for("location.hash.startsWith('#/service/shop-front')").await;
        tab.back().await;
        tab.wait_for("document.querySelector('a[href^=\"#/service/shop-front\"]')").await;
        tab.web().forward().await.expect("Forward");
        tab.web().forward().await.expect("Forward");
        tab.web().forward().await.expect("Forward");
        tab.wait_for("document.querySelector('[role=treegrid]')").await;
        assert_eq!(tab.hash().await, trace);

        tab.reload().await;
        tab.wait_for_spans(60).await;
        tab.wait_for("document.querySelector('[role=treegrid] [role=row][aria-selected]')").await;
        assert_eq!(tab.hash().await, trace);
    });
}

#[test]
fn the_service_page_shows_its_latency_and_operations() {
    let file = data::fixture("triple-a.otlp.pb");
    run("service", [file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        tab.js("location.hash = '#/service/shop-front'", json!(null)).await;
        tab.wait_for_text("audit publish").await;
        tab.settle().await;
        let operations = tab.ask(json!({"ask": "operations", "service": "shop-front"})).await;
        let text = tab.text().await;
        for row in operations["rows"].as_array().expect("rows") {
            assert!(text.contains(row["name"].as_str().expect("a name")), "{row}:\n{text}");
        }
        // The chart is made of real SVG nodes.
        let marks = "document.querySelectorAll('main svg path, main svg polyline, main svg line, main svg circle').length";
        tab.wait_for(&format!("{marks} > 4")).await;
        for quantile in ["p50", "p90", "p99"] {
            assert!(tab.text().await.contains(quantile), "{quantile}");
        }
    });
}

#[test]
fn the_theme_switches_and_is_remembered() {
    let file = data::fixture("triple-a.otlp.pb");
    run("theme", [file.clone()], |tab| async move {
        let theme = "document.documentElement.dataset.theme";
        let paper = "getComputedStyle(document.body).backgroundColor";
        tab.look(1440, 900, "light").await;
        tab.reload().await;
        let light = tab.js(&format!("return [{theme}, {paper}]"), json!(null)).await;
        assert_eq!(light[0], json!("light"), "the system's theme at first");
        // As long as nobody chose, the page changes with it.
        for system in ["dark", "light"] {
            tab.look(1440, 900, system).await;
            tab.wait_for(&format!("{theme} === '{system}'")).await;
        }
        tab.click("Switch to the dark theme").await;
        tab.wait_for(&format!("{theme} === 'dark'")).await;
        let dark = tab.js(&format!("return [{theme}, {paper}]"), json!(null)).await;
        assert_ne!(dark[1], light[1], "another paper color");
        tab.reload().await;
        assert_eq!(tab.js(&format!("return [{theme}, {paper}]"), json!(null)).await, dark);
        // The address has the last word.
        tab.load("index.html#/?v=1&theme=light").await;
        assert_eq!(tab.js(&format!("return {theme}"), json!(null)).await, json!("light"));
    });
}

#[test]
fn an_embed_shows_the_view_alone() {
    let file = data::fixture("triple-a.otlp.pb");
    run_at("embed", [file.clone()], "index.html?embed=1", |tab| async move {
        let hash = format!("index.html?embed=1#/services?v=1&src={}", tab.file_url(&file));
        tab.load(&hash).await;
        tab.wait_for_spans(60).await;
        tab.wait_for("document.querySelector('a[href^=\"#/service/shop-front\"]')").await;
        let frame = tab
            .js(
                "return [...document.querySelectorAll('nav, [role=navigation], [role=banner], header')]
                   .filter((e) => !e.closest('main') && e.checkVisibility()).map((e) => e.className)",
                json!(null),
            )
            .await;
        assert_eq!(frame, json!([]), "no rail and no bar");
        let whole = tab.js(
            "return document.querySelector('main').getBoundingClientRect().width === innerWidth",
            json!(null),
        );
        assert_eq!(whole.await, json!(true), "the view has the whole width");
    });
}

#[test]
fn an_embed_in_another_page_works_beside_another() {
    let file = data::fixture("triple-a.otlp.pb");
    run("two embeds", [file.clone()], |tab| async move {
        let page = format!(
            "<!doctype html><title>docs</title><link rel=icon href='data:,'>
             <iframe id=a width=800 height=400 src='index.html?embed=1#/services?v=1&src={0}'></iframe>
             <iframe id=b width=800 height=400 src='index.html?embed=1#/traces?v=1&theme=dark&src={0}'></iframe>",
            tab.file_url(&file)
        );
        let mut route = crate::server::Route::text("/docs.html", 200, &page);
        route.content_type = "text/html; charset=utf-8";
        tab.route(&route);
        tab.web().goto(format!("{}docs.html", tab.site())).await.expect("a page");
        for id in ["a", "b"] {
            let seen = format!(
                "await (async () => {{ const w = document.getElementById('{id}').contentWindow;
                   return w.spanscope && (await w.spanscope.ask({{ask: 'summary'}})).spans === 60 }})()"
            );
            tab.wait_for(&seen).await;
        }
        let themes = "['a', 'b'].map((id) => document.getElementById(id).contentDocument.documentElement.dataset.theme)";
        let themes = tab.js(&format!("window.__violations ??= []; return {themes}"), json!(null)).await;
        assert_eq!(themes[1], json!("dark"));
    });
}

#[test]
fn an_address_of_nonsense_harms_nothing() {
    let file = data::fixture("triple-a.otlp.pb");
    run("nonsense", [file.clone()], |tab| async move {
        let url = tab.file_url(&file);
        for hash in [
            "#/trace/zz?v=1&span=%%%&from=9&to=3&theme=puce&scope=all",
            "#/nowhere/at/all?v=99",
            "#/service/%F0%9F%92%A5?v=1",
            "#%00%FF?src",
            "#/trace/00000000000000000000000000000000?v=1",
        ] {
            let joint = if hash.contains('?') { '&' } else { '?' };
            tab.load(&format!("index.html{hash}{joint}src={url}")).await;
            tab.wait_for_spans(60).await;
            let text = tab.text().await;
            assert!(text.len() > 40, "{hash}: something is said: {text}");
        }
    });
}

#[test]
fn times_are_shown_by_the_clock_that_was_chosen() {
    let file = data::fixture("triple-a.otlp.pb");
    run("clock", [file.clone()], |tab| async move {
        tab.browser().cdp("Emulation.setTimezoneOverride", json!({"timezoneId": "Asia/Kolkata"})).await;
        tab.load(&format!("index.html#/services?v=1&src={}", tab.file_url(&file))).await;
        tab.wait_for_spans(60).await;
        tab.settle().await;
        let chip = "document.querySelector('.range-chip').innerText";
        let axis =
            "[...document.querySelectorAll('[data-chart=rate] svg text')].map((t) => t.textContent).join()";
        let (utc, ticks) = (
            tab.js(&format!("return {chip}"), json!(null)).await,
            tab.js(&format!("return {axis}"), json!(null)).await,
        );
        assert!(utc.as_str().is_some_and(|text| text.ends_with(" UTC")), "{utc}");
        tab.web().action_chain().send_keys("z").perform().await.expect("a key");
        tab.wait_for(&format!("{chip}.endsWith('UTC+05:30')")).await;
        tab.wait_for(&format!("{axis} !== {ticks}")).await;

        // It lasts, and what is typed is read by it: the same range as the one that is shown in UTC.
        tab.reload().await;
        tab.wait_for_spans(60).await;
        tab.wait_for(&format!("{chip}.endsWith('UTC+05:30')")).await;
        tab.web().action_chain().send_keys("l").perform().await.expect("a key");
        tab.wait_for("document.activeElement.closest('.time-panel')").await;
        tab.web().action_chain().send_keys(Key::Enter).perform().await.expect("a key");
        tab.wait_for("location.hash.includes('from=')").await;
        tab.settle().await;
        tab.web().action_chain().send_keys("z").perform().await.expect("a key");
        tab.wait_for(&format!("{chip} === {utc}")).await;
    });
}
