//! One test, one browser: a page server, a server on another host, a fresh Chromium, and checks at the end.
//!
//! Every test ends with the same questions: did the console log an error, was the policy violated, did a
//! request leave for another host? [`Tab::expect_error`] and [`Tab::allow_foreign`] are how a test says that
//! it provokes one. Tests wait for `spanscope.idle()` or for a condition in the page; none sleeps.

mod acts;
pub mod chromium;
pub mod data;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::server::{Route, Server};
use chromium::{Chromium, FOREIGN_HOST};

/// No test takes longer, however busy the machine is.
const LIMIT: Duration = Duration::from_mins(7);

/// No script of a test takes longer: a promise that never settles is an error with a place.
const SCRIPT: Duration = Duration::from_mins(1);

/// Runs in every document before the page's own scripts.
const WATCH: &str = "window.__violations = [];
    addEventListener('securitypolicyviolation', (e) =>
      window.__violations.push(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`));";

/// A tab of a fresh browser, with the servers that it talks to; clones are handles to the same.
#[derive(Clone)]
pub struct Tab(Arc<Inner>);

struct Inner {
    browser: Chromium,
    site: Server,
    foreign: Server,
    files: Vec<PathBuf>,
    allowed: Mutex<Allowed>,
}

/// What a test says it provokes.
#[derive(Default)]
struct Allowed {
    errors: Vec<String>,
    foreign: bool,
}

/// Runs a test in a browser of its own. `files` can be opened by name.
pub fn run<F, Fut>(name: &'static str, files: impl IntoIterator<Item = PathBuf>, test: F)
where
    F: FnOnce(Tab) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    run_at(name, files, "index.html", test);
}

/// [`run`], beginning at another address of the page.
pub fn run_at<F, Fut>(
    name: &'static str,
    files: impl IntoIterator<Item = PathBuf>,
    address: &'static str,
    test: F,
) where
    F: FnOnce(Tab) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let files: Vec<PathBuf> = files.into_iter().collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.expect("a runtime").block_on(async move {
        let server = || Server::start(chromium::dist(), files.clone(), 0).expect("a server");
        let (site, foreign) = (server(), server());
        let browser = Chromium::start(&[]).await;
        let tab = Tab(Arc::new(Inner { browser, site, foreign, files, allowed: Mutex::default() }));
        let inside = tab.clone();
        // In a task of its own, so that a panic comes back and the browser is ended after it.
        let outcome = tokio::spawn(tokio::time::timeout(LIMIT, async move {
            inside.watch().await;
            inside.load(address).await;
            test(inside.clone()).await;
            inside.check_policy().await;
        }))
        .await;
        let failed = !matches!(outcome, Ok(Ok(())));
        if failed {
            tab.shot(&format!("failed-{}", name.replace(' ', "-"))).await;
        }
        let console = tab.console_errors().await;
        let inner = Arc::into_inner(tab.0).expect("the test keeps no handle to its tab");
        let (site, foreign) = (inner.site.url(), inner.foreign.url());
        let allowed = inner.allowed.into_inner().unwrap_or_else(PoisonError::into_inner);
        let asked = inner.browser.stop().await;
        match outcome {
            Ok(Ok(())) => {}
            Ok(Err(_)) => panic!("{name}: not done within {LIMIT:?}; console: {console:#?}"),
            Err(error) => {
                println!("{name}: console: {console:#?}");
                std::panic::resume_unwind(error.into_panic());
            }
        }
        assert!(console.is_empty(), "{name}: errors on the console: {console:#?}");
        assert!(asked.iter().any(|url| url.starts_with(&site)), "{name}: the network log tells nothing");
        let foreign = foreign.replace("127.0.0.1", FOREIGN_HOST);
        let left: Vec<_> = asked
            .iter()
            .filter(|url| url.starts_with("http") && !url.starts_with(&site))
            .filter(|url| !(allowed.foreign && url.starts_with(&foreign)))
            .collect();
        assert!(left.is_empty(), "{name}: requests to another host: {left:#?}");
    });
}

impl Tab {
    /// The session.
    pub fn web(&self) -> &WebDriver {
        &self.0.browser.web
    }

    /// The browser around.
    pub fn browser(&self) -> &Chromium {
        &self.0.browser
    }

    /// The page's address, with a slash at its end.
    pub fn site(&self) -> String {
        self.0.site.url()
    }

    /// What the page's own server was asked for.
    pub fn site_log(&self) -> Vec<String> {
        self.0.site.log()
    }

    /// The address of the server on another host, and that requests to it are meant.
    pub fn allow_foreign(&self) -> String {
        self.allowed().foreign = true;
        self.0.foreign.url().replace("127.0.0.1", FOREIGN_HOST)
    }

    /// What the server on the other host was asked for.
    pub fn foreign_log(&self) -> Vec<String> {
        self.0.foreign.log()
    }

    /// Adds a fixed answer on both servers.
    pub fn route(&self, route: &Route) {
        self.0.site.route(route.clone());
        self.0.foreign.route(route.clone());
    }

    /// An error on the console that holds `part` is meant.
    pub fn expect_error(&self, part: &str) {
        self.allowed().errors.push(part.to_owned());
    }

    /// The address of a file, relative to the page.
    pub fn file_url(&self, file: &Path) -> String {
        let index = self.0.files.iter().position(|known| known == file).expect("a file given to run");
        self.0.site.file_url(index).expect("a served file")
    }

    /// Loads an address of the page afresh, as typed into the bar, and waits until it is idle.
    pub async fn load(&self, address: &str) {
        // Between two addresses that differ in their hash only the browser loads nothing.
        self.web().goto("about:blank").await.expect("an empty page");
        self.web().goto(format!("{}{address}", self.site())).await.expect(address);
        self.settle().await;
    }

    /// Reloads the page and waits until it is idle.
    pub async fn reload(&self) {
        self.web().refresh().await.expect("a reload");
        self.settle().await;
    }

    /// Goes one step back and waits until the page is idle.
    pub async fn back(&self) {
        self.web().back().await.expect("Back");
        self.settle().await;
    }

    /// Waits until the engine answers, nothing is loading and everything is painted.
    pub async fn settle(&self) {
        self.js(
            "while (!window.spanscope) await new Promise((go) => setTimeout(go, 10));
             await spanscope.ready;
             await spanscope.idle();",
            json!(null),
        )
        .await;
    }

    /// Runs the body of an async function in the page; `given` is its argument.
    pub async fn js(&self, body: &str, given: Value) -> Value {
        match self.try_js(body, given).await {
            Ok(value) => value,
            Err(message) => panic!("script failed: {message}\n{body}"),
        }
    }

    /// Runs the body of an async function in the page; gives the message of what it throws.
    pub async fn try_js(&self, body: &str, given: Value) -> Result<Value, String> {
        let script = format!(
            "return (async (given) => {{ {body} }})(arguments[0]).then(
               (value) => ({{value: value ?? null}}), (error) => ({{error: String(error?.message ?? error)}}))"
        );
        let reply = self.web().execute(script, vec![given]).await.map_err(|error| error.to_string())?;
        match reply.json().get("error").and_then(Value::as_str) {
            Some(error) => Err(error.to_owned()),
            None => Ok(reply.json()["value"].clone()),
        }
    }

    /// Takes a picture of the page into `screenshots/`.
    pub async fn shot(&self, name: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
        std::fs::create_dir_all(&folder).expect("a folder for screenshots");
        let path = folder.join(format!("{name}.png"));
        match self.web().screenshot(&path).await {
            Ok(()) => println!("screenshots/{name}.png"),
            Err(error) => println!("no screenshot {name}: {error}"),
        }
        path
    }

    /// Makes the window as large as a desk's or a phone's, and light or dark.
    pub async fn look(&self, width: u32, height: u32, theme: &str) {
        let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600});
        self.browser().cdp("Emulation.setDeviceMetricsOverride", size).await;
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": theme}]});
        self.browser().cdp("Emulation.setEmulatedMedia", features).await;
    }

    /// Fails when the page did something that its policy forbids.
    pub async fn check_policy(&self) {
        let violations = self.js("return window.__violations", json!(null)).await;
        assert_eq!(violations, json!([]), "violations of the Content-Security-Policy");
    }

    async fn watch(&self) {
        self.web().set_script_timeout(SCRIPT).await.expect("a script timeout");
        self.browser().cdp("Page.addScriptToEvaluateOnNewDocument", json!({"source": WATCH})).await;
    }

    /// Errors on the console since the last look that no test announced.
    async fn console_errors(&self) -> Vec<String> {
        let entries = self.browser().console().await;
        let allowed = self.allowed();
        entries
            .into_iter()
            .filter(|(level, _)| level == "SEVERE")
            .map(|(_, message)| message)
            .filter(|message| !allowed.errors.iter().any(|part| message.contains(part)))
            .collect()
    }

    fn allowed(&self) -> MutexGuard<'_, Allowed> {
        self.0.allowed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
