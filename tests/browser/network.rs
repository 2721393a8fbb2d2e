//! What the page asks of the network, its policy, and that the harness sees what it must see.

use serde_json::json;

use crate::harness::{data, run};
use crate::server::Route;

#[test]
fn the_page_asks_for_its_own_files_only() {
    let file = data::fixture("triple-a.otlp.pb");
    run("own files", [file.clone()], |tab| async move {
        tab.drop_files(&[&file]).await;
        tab.wait_for_spans(60).await;
        for hash in ["#/traces", "#/service/shop-front", "#/services"] {
            tab.js("location.hash = given", json!(hash)).await;
            tab.settle().await;
        }
        let known = [
            "/index.html",
            "/boot.js",
            "/theme.js",
            "/icon.svg",
            "/spanscope.js",
            "/rest.js",
            "/spanscope_bg.wasm",
            "/spanscope_rest.wasm",
            "/engine-worker.js",
            "/file-worker.js",
            "/engine.js",
            "/engine_bg.wasm",
            "/favicon.ico",
        ];
        let strange: Vec<String> = tab
            .site_log()
            .into_iter()
            .filter(|path| !known.contains(&path.as_str()) && !path.contains(".css"))
            .collect();
        assert_eq!(strange, [""; 0], "asked for besides the page's own files");
        let policy = tab
            .js(
                "return document.querySelector('meta[http-equiv=Content-Security-Policy]')?.content",
                json!(null),
            )
            .await;
        let policy = policy.as_str().expect("the page carries a policy").to_owned();
        for part in [
            "default-src 'self'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "object-src 'none'",
            "worker-src 'self'",
            "base-uri 'none'",
            "img-src 'self' data: blob:",
            "connect-src *",
        ] {
            assert!(policy.split("; ").any(|directive| directive == part), "{part} is not in {policy}");
        }
        let inline = "document.querySelectorAll('script:not([src]), style, [onclick], [onload]').length";
        assert_eq!(tab.js(&format!("return {inline}"), json!(null)).await, json!(0), "nothing inline");
        assert!(!tab.site_log().iter().any(|path| path == "/favicon.ico"), "the page ships its icon");
    });
}

#[test]
#[should_panic(expected = "violations of the Content-Security-Policy")]
fn the_harness_sees_a_violated_policy() {
    run("violation", [], |tab| async move {
        tab.expect_error("Content Security Policy");
        tab.js("document.body.setAttribute('style', 'color: red')", json!(null)).await;
    });
}

#[test]
#[should_panic(expected = "errors on the console")]
fn the_harness_sees_an_error_on_the_console() {
    run("console", [], |tab| async move {
        tab.js("setTimeout(() => { throw new Error('on purpose') })", json!(null)).await;
        tab.settle().await;
    });
}

#[test]
#[should_panic(expected = "requests to another host")]
fn the_harness_sees_a_request_to_another_host() {
    run("request", [], |tab| async move {
        tab.expect_error("ERR_NAME_NOT_RESOLVED");
        tab.js("await fetch('http://elsewhere.example/x', {mode: 'no-cors'}).catch(() => null)", json!(null))
            .await;
    });
}

#[test]
#[should_panic(expected = "requests to another host")]
fn the_harness_sees_a_request_of_the_worker() {
    run("worker request", [], |tab| async move {
        tab.expect_error("");
        tab.route(&Route::text("/data.json", 200, "{}").with_cors());
        let url = tab.allow_foreign().replace("traces.example", "other.example");
        tab.js("await spanscope.open(given)", json!(format!("{url}data.json"))).await;
    });
}
