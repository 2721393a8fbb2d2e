//! What a person or a script does with the page: opens, drops, pastes, clicks, reads.

use std::path::Path;

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::Tab;

/// How long a condition in the page may take to come true.
const PATIENCE_MS: u32 = 20_000;

/// Finds what a person would call a button or a link by its words. Shared by the clicks below.
const FIND: &str = "
    const words = (e) => (e.getAttribute('aria-label') ?? e.innerText ?? '').replace(/\\s+/g, ' ').trim();
    const seen = (e) => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0;
    const all = [...document.querySelectorAll(
      'button, a[href], [role=button], [role=tab], [role=menuitem], [role=link], [role=radio], summary, th')];
    const matches = (e) => [words(e), (e.innerText ?? '').replace(/\\s+/g, ' ').trim(), e.title ?? ''];
    const exact = all.filter((e) => seen(e) && matches(e).includes(given));
    const part = all.filter((e) => seen(e) && matches(e).some((w) => w.startsWith(given)));
    return exact[0] ?? part[0] ?? null;";

/// Hands files of the hidden input to the page as a drop.
const DROP: &str = "
    const transfer = new DataTransfer();
    for (const file of given.input.files) transfer.items.add(file);
    const target = document.elementFromPoint(innerWidth / 2, innerHeight / 2) ?? document.body;
    for (const kind of ['dragenter', 'dragover', 'drop']) {
      const event = new DragEvent(kind, {dataTransfer: transfer, bubbles: true, cancelable: true});
      const taken = !target.dispatchEvent(event);
      if (kind !== 'dragenter' && !taken) throw new Error(`nobody took ${kind}`);
    }
    given.input.remove();";

impl Tab {
    /// Opens files by the script door, as `File`s of bytes that the page's server sent; gives the report.
    pub async fn open(&self, files: &[&Path]) -> Value {
        self.open_with(files, json!({})).await
    }

    /// [`Tab::open`] with options.
    pub async fn open_with(&self, files: &[&Path], options: Value) -> Value {
        let urls: Vec<String> = files.iter().map(|file| self.file_url(file)).collect();
        let report = self
            .js(
                "const files = await Promise.all(given.urls.map(async (url) => {
                   const bytes = await (await fetch(url)).blob();
                   return new File([bytes], decodeURIComponent(url.split('/').pop()));
                 }));
                 return await spanscope.open(files, given.options)",
                json!({"urls": urls, "options": options}),
            )
            .await;
        self.settle().await;
        report
    }

    /// Asks by the script door.
    pub async fn ask(&self, request: Value) -> Value {
        self.js("return await spanscope.ask(given)", request).await
    }

    /// Asks something that has no answer; gives the sentence.
    pub async fn ask_in_vain(&self, request: Value) -> String {
        match self.try_js("return await spanscope.ask(given)", request.clone()).await {
            Ok(answer) => panic!("{request} has an answer: {answer}"),
            Err(sentence) => sentence,
        }
    }

    /// Drops files on the page. The driver puts them into an input of the test's own, from where real `File`
    /// objects go into the event.
    pub async fn drop_files(&self, files: &[&Path]) {
        self.js(
            "const input = document.createElement('input');
             input.type = 'file'; input.multiple = true; input.id = 'dropped-by-test';
             document.body.append(input);",
            json!(null),
        )
        .await;
        let input = self.web().find(By::Id("dropped-by-test")).await.expect("the test's input");
        input.send_keys(file_list(files)).await.expect("the input takes files");
        let input = input.to_json().expect("an element's name");
        self.js(DROP, json!({"input": input})).await;
    }

    /// Chooses files in the page's own file field.
    pub async fn choose_files(&self, files: &[&Path]) {
        let input = self.web().find(By::Css("input[type=file]")).await.expect("the page has a file field");
        input.send_keys(file_list(files)).await.expect("the field takes files");
    }

    /// Pastes text anywhere on the page.
    pub async fn paste(&self, text: &str) {
        self.js(
            "const data = new DataTransfer();
             data.setData('text/plain', given);
             const event = new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true});
             (document.activeElement ?? document.body).dispatchEvent(event);",
            json!(text),
        )
        .await;
    }

    /// Clicks a button or link by its words, or by how they begin.
    pub async fn click(&self, words: &str) {
        let found =
            self.web().execute(format!("const given = arguments[0]; {FIND}"), vec![json!(words)]).await;
        let Ok(element) = found.expect("a script").element() else {
            panic!("nothing to click is called \"{words}\"; the page says:\n{}", self.text().await);
        };
        element.scroll_into_view().await.expect("scrolling");
        element.click().await.unwrap_or_else(|error| panic!("{words}: {error}"));
    }

    /// Whether there is a button or link of these words.
    pub async fn offers(&self, words: &str) -> bool {
        let found =
            self.web().execute(format!("const given = arguments[0]; {FIND}"), vec![json!(words)]).await;
        found.expect("a script").element().is_ok()
    }

    /// An element that must be there.
    pub async fn find(&self, css: &str) -> WebElement {
        self.wait_for(&format!("document.querySelector({})", json!(css))).await;
        self.web().find(By::Css(css)).await.expect(css)
    }

    /// The page's visible text.
    pub async fn text(&self) -> String {
        self.js("return document.body.innerText", json!(null)).await.as_str().unwrap_or_default().to_owned()
    }

    /// The hash of the address.
    pub async fn hash(&self) -> String {
        self.js("return location.hash", json!(null)).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until an expression in the page is true; gives its value.
    pub async fn wait_for(&self, condition: &str) -> Value {
        let body = format!(
            "const end = performance.now() + {PATIENCE_MS};
             for (;;) {{
               const value = {condition};
               if (value) return value instanceof Element ? true : value;
               if (performance.now() > end) return null;
               await new Promise((go) => setTimeout(go, 15));
             }}"
        );
        let value = self.js(&body, json!(null)).await;
        let said = if value.is_null() { self.text().await } else { String::new() };
        assert!(!value.is_null(), "this did not come true: {condition}\nthe page says:\n{said}");
        value
    }

    /// Waits until the page shows a text.
    pub async fn wait_for_text(&self, text: &str) {
        self.wait_for(&format!("document.body.innerText.includes({})", json!(text))).await;
    }

    /// Waits until the engine holds so many spans, then until the page is idle.
    pub async fn wait_for_spans(&self, spans: u64) {
        self.wait_for(&format!("(await spanscope.ask({{ask: 'summary'}})).spans === {spans}")).await;
        self.settle().await;
    }
}

fn file_list(files: &[&Path]) -> String {
    let paths = files.iter().map(|file| {
        let path = file.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        path.display().to_string()
    });
    paths.collect::<Vec<_>>().join("\n")
}
