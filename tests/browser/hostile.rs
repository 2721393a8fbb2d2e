//! Telemetry is written by strangers: markup stays text, broken files get an answer, the engine lives on.

use serde_json::{Value, json};

use crate::harness::{Tab, data, run};

/// Fails when any script of the data ran.
async fn nothing_ran(tab: &Tab, place: &str) {
    let ran = tab.js("return window.__xss ?? null", json!(null)).await;
    assert_eq!(ran, Value::Null, "markup of the data ran in {place}");
}

#[test]
fn markup_in_telemetry_is_shown_as_text() {
    let file = data::fixture("xss.json");
    run("xss", [file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        let service = "<img src=x onerror=window.__xss=2>";
        tab.wait_for_text(service).await;
        nothing_ran(&tab, "services").await;
        tab.js("location.hash = `#/service/${encodeURIComponent(given)}`", json!(service)).await;
        tab.settle().await;
        nothing_ran(&tab, "the service page").await;
        tab.js("location.hash = '#/traces'", json!(null)).await;
        tab.wait_for_text("<script>window.__xss=1</script>").await;
        nothing_ran(&tab, "traces").await;
        let traces = tab.ask(json!({"ask": "traces"})).await;
        for row in traces["rows"].as_array().expect("rows") {
            let trace = tab.ask(json!({"ask": "trace", "trace_id": row["trace_id"]})).await;
            for span in trace["spans"].as_array().expect("spans") {
                let place = json!([row["trace_id"], span["span_id"]]);
                tab.js("location.hash = `#/trace/${given[0]}?v=1&span=${given[1]}`", place).await;
                tab.settle().await;
                for part in ["Attributes", "Resource", "Events", "Links"] {
                    if tab.offers(part).await {
                        tab.click(part).await;
                    }
                }
                nothing_ran(&tab, "a trace").await;
            }
        }
        // Nothing of the data became an element.
        let foreign = "document.querySelectorAll('body script, body iframe, body img:not(#boot img), a[href^=\"javascript:\"]').length";
        assert_eq!(tab.js(&format!("return {foreign}"), json!(null)).await, json!(0));
        assert!(!tab.site_log().iter().any(|path| path == "/x"), "no picture of the data was asked for");
    });
}

#[test]
fn strange_letters_break_no_layout() {
    let file = data::fixture("unicode.json");
    run("unicode", [file.clone()], |tab| async move {
        tab.open(&[&file]).await;
        for (width, height) in [(1440, 900), (390, 844)] {
            tab.look(width, height, "light").await;
            for hash in ["#/services", "#/traces"] {
                tab.js("location.hash = given", json!(hash)).await;
                tab.settle().await;
                let wide = tab
                    .js(
                        "return document.documentElement.scrollWidth - document.documentElement.clientWidth",
                        json!(null),
                    )
                    .await;
                assert_eq!(wide, json!(0), "{hash} at {width} scrolls sideways by so many pixels");
            }
        }
        // Each name stands isolated, so that a bidi override cannot turn its neighbours around.
        let traces = tab.ask(json!({"ask": "traces"})).await;
        for row in traces["rows"].as_array().expect("rows").iter().take(3) {
            tab.js("location.hash = `#/trace/${given}`", row["trace_id"].clone()).await;
            tab.wait_for("document.querySelector('[role=treegrid] [role=row][aria-selected]')").await;
            tab.settle().await;
        }
        let loose = tab
            .js(
                "const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                 const loose = [];
                 while (walker.nextNode()) {
                   const node = walker.currentNode;
                   if (!/[\\u202a-\\u202e\\u2066-\\u2069\\u0590-\\u08ff]/.test(node.data)) continue;
                   let at = node.parentElement, isolated = false;
                   for (; at && !isolated; at = at.parentElement) {
                     isolated = /isolate|plaintext/.test(getComputedStyle(at).unicodeBidi);
                     if (getComputedStyle(at).display !== 'inline') break;
                   }
                   if (!isolated && !/isolate|plaintext/.test(getComputedStyle(at ?? document.body).unicodeBidi)) {
                     loose.push(node.parentElement.outerHTML.slice(0, 200));
                   }
                 }
                 return loose",
                json!(null),
            )
            .await;
        assert_eq!(loose, json!([]), "names that are not isolated");
    });
}

#[test]
fn every_bad_file_is_answered() {
    let files = data::folder("bad");
    if files.is_empty() {
        return;
    }
    run("bad files", files.clone(), |tab| async move {
        let expected = data::corpus().map(|corpus| data::read_json(&corpus.join("bad/expect.json")));
        let expected = expected.expect("the corpus");
        let mut wrong = Vec::new();
        for file in &files {
            let name = file.file_name().expect("a name").to_string_lossy().into_owned();
            let (report, millis) = match timed_open(&tab, file).await {
                Ok(answered) => answered,
                Err(error) => {
                    let step = tab.js("return window.__step", json!(null)).await;
                    wrong.push(format!("{name}: at {step}: {}", error.lines().next().unwrap_or_default()));
                    println!("{}", wrong[wrong.len() - 1]);
                    // Whatever it did to the page, the next file begins afresh.
                    tab.load("index.html").await;
                    continue;
                }
            };
            if millis > 20_000.0 {
                wrong.push(format!("{name}: answered after {millis:.0} ms"));
            }
            let spans = tab.ask(json!({"ask": "summary"})).await["spans"].clone();
            if spans != report["spans"] {
                wrong.push(format!("{name}: the report says {} spans, the summary {spans}", report["spans"]));
            }
            let (want, wanted_spans) = (&expected[&name]["expect"], &expected[&name]["spans"]);
            // Of a cut file every whole span counts, also those of the message that is cut.
            let enough = want == "partial" && spans.as_u64() >= wanted_spans.as_u64();
            if wanted_spans.is_u64() && *wanted_spans != spans && !enough {
                wrong.push(format!(
                    "{name}: {spans} spans, {wanted_spans} expected ({want}): {}",
                    report["files"]
                ));
            }
            let row = &report["files"][0];
            if spans == json!(0) && row["problems"].as_array().is_none_or(Vec::is_empty) && want == "error" {
                wrong.push(format!("{name}: nothing readable, and no problem says so: {row}"));
            }
            let console: Vec<_> =
                tab.browser().console().await.into_iter().filter(|(level, _)| level == "SEVERE").collect();
            if !console.is_empty() {
                wrong.push(format!("{name}: {console:?}"));
            }
            nothing_ran(&tab, &name).await;
        }
        assert!(wrong.is_empty(), "{} of {} files:\n{}", wrong.len(), files.len(), wrong.join("\n"));
    });
}

/// Opens one file alone; gives the report and how long it took, milliseconds, or why there is none.
async fn timed_open(tab: &Tab, file: &std::path::Path) -> Result<(Value, f64), String> {
    let outcome = tab
        .try_js(
            "window.__step = 'close';
             const bytes = await (await fetch(given)).blob();
             await spanscope.close();
             window.__step = 'open';
             const file = new File([bytes], decodeURIComponent(given.split('/').pop()));
             const began = performance.now();
             const report = await spanscope.open(file);
             window.__step = 'ask';
             await spanscope.ask({ask: 'services'});
             await spanscope.ask({ask: 'traces', limit: 50});
             const millis = performance.now() - began;
             window.__step = 'idle';
             await spanscope.idle();
             return {report, millis}",
            json!(tab.file_url(file)),
        )
        .await?;
    Ok((outcome["report"].clone(), outcome["millis"].as_f64().unwrap_or(f64::NAN)))
}
