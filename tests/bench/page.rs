//! A fresh browser with the page in it, and files as a drop would hand them over.

use std::path::Path;

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::chromium::{self, Chromium};
use crate::server::{Route, Server};

/// A page and its server.
pub struct Page {
    browser: Chromium,
    server: Server,
}

impl Page {
    /// Starts both; `before` runs in every document before its own scripts.
    pub async fn start(before: &str) -> Page {
        let server = Server::start(chromium::dist(), Vec::new(), 0).unwrap();
        let empty = "<!doctype html><title>empty</title><link rel=icon href='data:,'>";
        server.route(Route { content_type: "text/html", ..Route::text("/empty.html", 200, empty) });
        // Exact clocks: without them a browser rounds to 0.1 ms, which is fine here, and throttles nothing.
        let browser = Chromium::start(&["--window-size=1920,1080"]).await;
        browser.cdp("Page.addScriptToEvaluateOnNewDocument", json!({"source": before})).await;
        Page { browser, server }
    }

    /// Goes to an address and waits until its engine is idle, if it has one.
    pub async fn load(&self, address: &str) {
        self.browser.web.goto("about:blank").await.unwrap();
        self.browser.web.goto(format!("{}{address}", self.server.url())).await.unwrap();
        if address.starts_with("index.html") {
            let settle = "while (!window.spanscope) await new Promise((go) => setTimeout(go, 5));
                          await spanscope.ready; await spanscope.idle();";
            self.js(settle, json!(null)).await;
        }
    }

    /// Makes the viewport exactly this large.
    pub async fn size(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.browser.cdp("Emulation.setDeviceMetricsOverride", size).await;
    }

    /// Lays a file ready as `window.file`: a `File` on the disk, as a drop gives.
    pub async fn lay_ready(&self, file: &Path) {
        let make = "document.getElementById('bench-file')?.remove();
                    const input = document.createElement('input');
                    input.type = 'file'; input.id = 'bench-file';
                    document.body.append(input);";
        self.js(make, json!(null)).await;
        let input = self.browser.web.find(By::Id("bench-file")).await.unwrap();
        input.send_keys(file.canonicalize().unwrap().display().to_string()).await.unwrap();
        self.js("window.file = document.getElementById('bench-file').files[0]", json!(null)).await;
    }

    /// Runs the body of an async function.
    pub async fn js(&self, body: &str, given: Value) -> Value {
        let script = format!("return (async (given) => {{ {body} }})(arguments[0])");
        match self.browser.web.execute(script, vec![given]).await {
            Ok(reply) => reply.json().clone(),
            Err(error) => panic!("{error}\n{body}"),
        }
    }

    /// Ends both.
    pub async fn stop(self) {
        self.browser.stop().await;
    }
}
