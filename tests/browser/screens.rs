//! Pictures of every screen, wide and narrow, light and dark, into `screenshots/` for people to look at.

use serde_json::{Value, json};

use crate::harness::{Tab, data, run};

/// Width, height and name of a desk's and a phone's window.
const WINDOWS: [(u32, u32, &str); 2] = [(1440, 900, "wide"), (390, 844, "narrow")];

async fn shoot(tab: &Tab, screen: &str) {
    for (width, height, window) in WINDOWS {
        for theme in ["light", "dark"] {
            tab.look(width, height, theme).await;
            tab.wait_for(&format!("document.documentElement.dataset.theme === '{theme}'")).await;
            // A size change is heard of with the next frame, and may bring a new question.
            tab.js(
                "for (let i = 0; i < 3; i++) await new Promise((go) => requestAnimationFrame(go))",
                json!(null),
            )
            .await;
            tab.settle().await;
            let sideways = tab
                .js(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
                    json!(null),
                )
                .await;
            tab.shot(&format!("{screen}-{window}-{theme}")).await;
            assert_eq!(sideways, json!(0), "{screen}, {window}: the page scrolls sideways by so many pixels");
        }
    }
}

#[test]
fn every_screen_is_pictured() {
    let file =
        data::from_corpus("otlp/full/todo-a.traces.concat.pb").unwrap_or(data::fixture("triple-a.otlp.pb"));
    let more: Vec<_> = data::from_corpus("generated/giant-2000.pb").into_iter().collect();
    let files: Vec<_> = [file.clone()].into_iter().chain(more.clone()).collect();
    run("screens", files, |tab| async move {
        shoot(&tab, "landing").await;
        tab.open(&[&file]).await;
        let services = tab.ask(json!({"ask": "services"})).await;
        let slowest = services["rows"]
            .as_array()
            .expect("rows")
            .iter()
            .max_by(|a, b| {
                a["p99_ns"].as_f64().unwrap_or(0.0).total_cmp(&b["p99_ns"].as_f64().unwrap_or(0.0))
            })
            .map(|row| row["service"].clone());
        let traces = tab.ask(json!({"ask": "traces", "order": "-errors", "limit": 1})).await;
        let trace = traces["rows"][0]["trace_id"].clone();
        let spans = tab.ask(json!({"ask": "trace", "trace_id": trace})).await;
        let failed = spans["spans"].as_array().expect("spans").iter().find(|span| span["status"] == "error");
        let span = failed.map_or(Value::Null, |span| span["span_id"].clone());
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        for (screen, hash) in [
            ("services", "#/services".to_owned()),
            ("service", format!("#/service/{}", slowest.as_ref().map(text).unwrap_or_default())),
            ("traces", "#/traces".to_owned()),
            ("trace", format!("#/trace/{}", text(&trace))),
            ("span", format!("#/trace/{}?v=1&span={}", text(&trace), text(&span))),
        ] {
            tab.js("location.hash = given", json!(hash)).await;
            tab.settle().await;
            shoot(&tab, screen).await;
        }
        for file in &more {
            tab.open_with(&[file], json!({"append": false})).await;
            let traces = tab.ask(json!({"ask": "traces", "limit": 1})).await;
            tab.js("location.hash = `#/trace/${given}`", traces["rows"][0]["trace_id"].clone()).await;
            tab.settle().await;
            shoot(&tab, "giant-trace").await;
        }
    });
}
