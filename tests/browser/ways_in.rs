//! How data comes in: drop, file picker, paste, addresses, the sample; and what is said when it does not.

use std::time::Duration;

use serde_json::json;

use crate::harness::{Tab, data, run};
use crate::server::Route;

#[test]
fn an_empty_page_offers_every_way_in() {
    run("landing", [], |tab| async move {
        for words in ["Choose files…", "Paste", "Open URL…", "Try the sample"] {
            assert!(tab.offers(words).await, "{words} is missing:\n{}", tab.text().await);
        }
        tab.wait_for_text("Drop trace files here").await;
    });
}

/// Drops what stands on the disk, as a file manager does: folders too.
async fn drop_from_disk(tab: &Tab, path: &std::path::Path) {
    let data = json!({"items": [], "files": [path.display().to_string()], "dragOperationsMask": 1});
    for kind in ["dragEnter", "dragOver", "drop"] {
        let event = json!({"type": kind, "x": 600, "y": 400, "data": data});
        tab.browser().cdp("Input.dispatchDragEvent", event).await;
    }
}

#[test]
fn a_dropped_folder_opens_with_all_that_is_in_it() {
    run("folder", [], |tab| async move {
        let top = std::env::temp_dir().join(format!("spanscope-{}-folder", std::process::id()));
        let deep = top.join("a").join("b");
        std::fs::create_dir_all(&deep).expect("a folder in the temporary one");
        std::fs::copy(data::fixture("triple-a.otlp.pb"), top.join("first.pb")).expect("a copy");
        std::fs::copy(data::fixture("unicode.json"), deep.join("second.json")).expect("a copy");
        std::fs::write(deep.join("notes.md"), "Nothing to see here\n").expect("a text");
        drop_from_disk(&tab, &top).await;
        tab.wait_for("(await spanscope.ask({ask: 'files'})).files.length === 3").await;
        tab.settle().await;
        let files = tab.ask(json!({"ask": "files"})).await;
        let row = |end: &str| {
            let mut rows = files["files"].as_array().into_iter().flatten();
            rows.find(|row| row["name"].as_str().is_some_and(|name| name.ends_with(end))).cloned()
        };
        assert_eq!(row("/first.pb").expect("a row")["spans"], json!(60), "{files}");
        assert!(row("/a/b/second.json").expect("a row")["spans"].as_u64() > Some(0), "{files}");
        // What holds no trace says so and takes nothing away.
        assert_eq!(row("/a/b/notes.md").expect("a row")["problems"][0]["kind"], "not-telemetry", "{files}");
        std::fs::remove_dir_all(&top).unwrap_or_default();
    });
}

#[test]
fn dropped_files_open_together() {
    let files = [data::fixture("triple-a.otlp.pb"), data::fixture("unicode.json")];
    run("drop", files.clone(), |tab| async move {
        let alone = {
            tab.drop_files(&[&files[0]]).await;
            tab.wait_for_spans(60).await;
            tab.hash().await
        };
        assert!(alone.starts_with("#/services"), "after a drop the services are shown: {alone}");
        tab.wait_for("document.querySelector('a[href^=\"#/service/shop-front\"]')").await;
        // A drop on loaded data adds, and a notice offers to replace.
        tab.drop_files(&[&files[1]]).await;
        tab.wait_for("(await spanscope.ask({ask: 'files'})).files.length === 2").await;
        tab.settle().await;
        assert!(tab.ask(json!({"ask": "summary"})).await["spans"].as_u64() > Some(60));
        tab.wait_for(
            "[...document.querySelectorAll('button')].some((b) => b.innerText === 'Replace instead')",
        )
        .await;
        tab.click("Replace instead").await;
        tab.wait_for("(await spanscope.ask({ask: 'files'})).files.length === 1").await;
        tab.settle().await;
        assert_eq!(tab.ask(json!({"ask": "files"})).await["files"][0]["name"], json!("unicode.json"));

        tab.js("await spanscope.close()", json!(null)).await;
        tab.settle().await;
        tab.drop_files(&[&files[0], &files[1]]).await;
        tab.wait_for("(await spanscope.ask({ask: 'files'})).files.length === 2").await;
    });
}

#[test]
fn the_file_picker_opens_files() {
    let file = data::fixture("triple-a.otlp.pb");
    run("picker", [file.clone()], |tab| async move {
        tab.choose_files(&[&file]).await;
        tab.wait_for_spans(60).await;
        // The same file once more is heard, and found to be open.
        tab.js("document.querySelector('input[type=file]').value = ''", json!(null)).await;
        tab.choose_files(&[&file]).await;
        tab.wait_for("(await spanscope.ask({ask: 'files'})).files.length === 2").await;
        tab.settle().await;
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(60));
    });
}

#[test]
fn pasted_json_opens() {
    run("paste", [], |tab| async move {
        let text = std::fs::read_to_string(data::fixture("unicode.json")).expect("a fixture");
        tab.paste(&text).await;
        tab.wait_for("(await spanscope.ask({ask: 'summary'})).spans > 0").await;
        tab.settle().await;
        let files = tab.ask(json!({"ask": "files"})).await;
        assert_eq!(files["files"][0]["form"], json!("otlp-json"), "{files}");
        assert_eq!(files["files"][0]["problems"], json!([]), "{files}");
    });
}

#[test]
fn the_paste_dialog_opens_text() {
    run("paste dialog", [], |tab| async move {
        tab.click("Paste").await;
        let field = tab.find("dialog textarea, [role=dialog] textarea").await;
        let text = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"5b8efff798038103d269b633813fc60c",
            "spanId":"eee19b7ec3c1b174","name":"pasted","startTimeUnixNano":"1700000000000000000",
            "endTimeUnixNano":"1700000000001000000"}]}]}]}"#;
        field.send_keys(text).await.expect("the field takes text");
        tab.click("Open").await;
        tab.wait_for_spans(1).await;
        // A span without service.name is counted under a service of its own.
        tab.wait_for_text("(no service name)").await;
    });
}

#[test]
fn a_source_of_the_own_origin_loads_at_once() {
    let files = [data::fixture("triple-a.otlp.pb"), data::fixture("unicode.json")];
    run("own src", files.clone(), |tab| async move {
        let [one, two] = [tab.file_url(&files[0]), tab.file_url(&files[1])];
        tab.load(&format!("index.html#/traces?v=1&src={one}&src={two}")).await;
        tab.wait_for("(await spanscope.ask({ask: 'files'})).files.length === 2").await;
        tab.settle().await;
        assert!(
            tab.hash().await.starts_with("#/traces"),
            "the view of the address stays: {}",
            tab.hash().await
        );
        let asked = tab.site_log();
        assert_eq!(asked.iter().filter(|path| path.contains("triple-a")).count(), 1, "{asked:?}");
    });
}

#[test]
fn a_source_of_another_host_loads_after_a_click() {
    let file = data::fixture("triple-a.otlp.pb");
    run("foreign src", [file.clone()], |tab| async move {
        let foreign = tab.allow_foreign();
        let url = format!("{foreign}{}?cors=1", tab.file_url(&file)).replace('?', "%3F").replace('=', "%3D");
        tab.load(&format!("index.html#/services?v=1&src={url}")).await;
        let offer = "[...document.querySelectorAll('button')].some((b) => /Load from\\s+traces\\.example/.test(b.textContent))";
        tab.wait_for(offer).await;
        assert_eq!(tab.foreign_log(), [""; 0], "nothing is asked before the click");
        tab.click("Load from").await;
        tab.wait_for_spans(60).await;
        // Remembered for the tab.
        tab.reload().await;
        tab.wait_for_spans(60).await;
    });
}

#[test]
fn a_refused_source_says_why() {
    let file = data::fixture("triple-a.otlp.pb");
    run("refused src", [file.clone()], |tab| async move {
        tab.expect_error("404");
        tab.expect_error("CORS");
        tab.expect_error("net::ERR_FAILED");
        let foreign = tab.allow_foreign();
        // Without the consent header the browser shows the page nothing, not even a status.
        tab.load(&format!("index.html#/services?v=1&src={foreign}{}", tab.file_url(&file))).await;
        tab.click("Load from").await;
        tab.wait_for("document.querySelector('[role=alert]')").await;
        let said = tab.text().await;
        assert!(said.contains("CORS") || said.contains("Access-Control-Allow-Origin"), "{said}");

        tab.load("index.html#/services?v=1&src=nowhere/missing.json").await;
        tab.wait_for_text("404").await;
        tab.wait_for_text("missing.json").await;

        tab.load("index.html#/services?v=1&src=ftp:%2F%2Ffiles.example%2Fa.json").await;
        tab.wait_for_text("ftp://files.example/a.json").await;
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(0));
    });
}

#[test]
fn a_slow_source_can_be_cancelled() {
    run("slow src", [], |tab| async move {
        let slow = Route {
            delay: Duration::from_secs(8),
            ..Route::text("/slow.json", 200, "{\"resourceSpans\":[]}")
        };
        tab.route(&slow);
        let outcome = tab
            .js(
                "const began = performance.now();
                 const open = spanscope.open('slow.json');
                 while (!(await spanscope.ask({ask: 'summary'})).partial) {
                   if (performance.now() - began > 4000) break;
                   await new Promise((go) => setTimeout(go, 20));
                 }
                 spanscope.cancel();
                 const report = await open;
                 return {report, millis: performance.now() - began}",
                json!(null),
            )
            .await;
        assert_eq!(outcome["report"]["cancelled"], json!(true), "{outcome}");
        assert!(outcome["millis"].as_f64() < Some(7000.0), "cancelling waits for nobody: {outcome}");
    });
}

#[test]
fn the_sample_opens() {
    run("sample", [], |tab| async move {
        tab.click("Try the sample").await;
        tab.wait_for("(await spanscope.ask({ask: 'summary'})).spans > 100").await;
        tab.settle().await;
        let summary = tab.ask(json!({"ask": "summary"})).await;
        assert!(summary["services"].as_u64() >= Some(2), "{summary}");
        assert!(summary["errors"].as_u64() > Some(0), "{summary}");
        assert!(summary["file_bytes"].as_u64() < Some(300_000), "{summary}");
        let files = tab.ask(json!({"ask": "files"})).await;
        assert_eq!(files["problems"], json!(0), "{files}");
        // A link to it restores it.
        assert!(tab.hash().await.contains("src="), "{}", tab.hash().await);
        tab.reload().await;
        tab.wait_for_spans(summary["spans"].as_u64().expect("a count")).await;
    });
}

#[test]
fn a_file_that_holds_no_trace_says_what_it_holds() {
    let Some(page) = data::from_corpus("bad/html-error-page.json") else { return };
    let Some(image) = data::from_corpus("bad/png-renamed.json") else { return };
    run("no trace", [page.clone(), image.clone()], |tab| async move {
        tab.drop_files(&[&page]).await;
        tab.wait_for("document.querySelector('[role=alert]')").await;
        tab.wait_for_text("html-error-page.json").await;
        tab.drop_files(&[&image]).await;
        tab.wait_for_text("png-renamed.json").await;
        // The drop zone is still there.
        assert!(tab.offers("Choose files…").await);
        assert_eq!(tab.ask(json!({"ask": "summary"})).await["spans"], json!(0));
    });
}
