//! Ways in: files, pasted text, addresses. Which hosts may be asked is decided here.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::Frame;
use crate::page::address::View;
use crate::page::client::Source;
use crate::page::jump::{self, Jump};
use crate::page::state::Notice;
use crate::web;

/// Address of the sample data, relative to the page.
const SAMPLE: &str = "sample/todo-app.pb.gz";

impl Frame {
    /// Shows the browser's own file picker.
    pub fn choose_files(self) {
        if let Some(input) = self.file_input.get_untracked() {
            // Choosing the same file again must be heard as well.
            input.set_value("");
            input.click();
        }
    }

    /// Opens chosen or dropped files.
    pub fn open_files(self, files: &web_sys::FileList) {
        let sources = (0..files.length()).filter_map(|i| files.item(i));
        let sources = sources.map(|file| Source::Blob { name: file.name(), blob: file.unchecked_into() });
        self.start_open(sources.collect(), true);
    }

    /// Opens all files of dropped folders, by their paths.
    pub fn open_folders(self, entries: Vec<wasm_bindgen::JsValue>) {
        web::tasks::spawn(async move {
            let files = web::folder::files(entries).await;
            let sources =
                files.into_iter().map(|(name, file)| Source::Blob { name, blob: file.unchecked_into() });
            self.start_open(sources.collect(), true);
        });
    }

    /// Does what a pasted text means: an id jumps, an address is offered, anything else is read as data.
    pub fn take_text(self, text: &str) {
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return;
        }
        if let Some(jump) = jump::parse(trimmed) {
            self.jump(jump);
        } else if is_web_address(trimmed) {
            self.open_url(trimmed);
        } else {
            self.open_text(text);
        }
    }

    /// Opens a text as if it were a file.
    pub fn open_text(self, text: &str) {
        let bytes = js_sys::Uint8Array::new_from_slice(text.as_bytes());
        self.start_open(vec![Source::Buffer { name: "pasted text".into(), bytes }], true);
    }

    /// Opens an address that the person typed: that is their consent.
    pub fn open_url(self, url: &str) {
        match web::page::absolute(url).ok().filter(|url| is_web_address(url)) {
            Some(absolute) => {
                allow(&web::fetch::host(&absolute));
                let known = self.state.address.with_untracked(|a| a.src.iter().any(|src| src == url));
                if known {
                    // The address stays as it is, so nothing else would open it once more.
                    self.fetched.update_value(|all| all.retain(|u| *u != absolute));
                    self.follow(&self.state.address.get_untracked().src);
                } else {
                    self.state.change_address(false, |a| a.src.push(url.to_owned()));
                }
            }
            None => self.state.notify(Notice {
                text: format!("Expected an address such as https://example.org/traces.json, found {url}"),
                error: true,
                action: None,
            }),
        }
    }

    /// Opens the sample that lies beside the page.
    pub fn try_sample(self) {
        self.open_url(SAMPLE);
    }

    /// Brings the data in step with the address's `src`: the page's own origin and hosts that were agreed to
    /// load at once, others wait for a click. Sources that the address no longer names are let go.
    pub fn follow(self, src: &[String]) {
        let absolute = src.iter().map(|s| web::page::absolute(s).ok().filter(|url| is_web_address(url)));
        for bad in src.iter().zip(absolute.clone()).filter_map(|(s, url)| url.is_none().then_some(s)) {
            self.state.notify(Notice {
                text: format!(
                    "The address of this view names a source that is no http or https address: {bad}"
                ),
                error: true,
                action: None,
            });
        }
        let mut urls: Vec<String> = absolute.flatten().collect();
        urls.dedup();
        let (allowed, waiting): (Vec<String>, Vec<String>) = urls
            .into_iter()
            .partition(|url| web::page::is_own_origin(url) || is_allowed(&web::fetch::host(url)));
        self.waiting.set(waiting);
        let fetched = self.fetched.get_value();
        let replaces = !allowed.is_empty() && fetched.iter().any(|url| !allowed.contains(url));
        let missing: Vec<String> =
            allowed.iter().filter(|url| replaces || !fetched.contains(url)).cloned().collect();
        if missing.is_empty() {
            return;
        }
        self.fetched.set_value(allowed);
        self.start_open(missing.into_iter().map(Source::Url).collect(), !replaces);
    }

    /// Loads what waits, and remembers the hosts for this tab.
    pub fn load_waiting(self) {
        for url in self.waiting.get_untracked() {
            allow(&web::fetch::host(&url));
        }
        self.follow(&self.state.address.get_untracked().src);
    }

    /// Goes to a trace or span by its id.
    pub fn jump(self, jump: Jump) {
        match jump {
            Jump::Trace(id) => self.state.go(View::Trace(id)),
            Jump::SpanOf(trace, span) => {
                let mut address = self.state.address.get_untracked().with_view(View::Trace(trace));
                address.span = span;
                self.state.set_address(address, false);
            }
            Jump::Span(id) => self.find_span(id),
        }
    }

    /// A span id alone does not say its trace: the engine looks for it.
    fn find_span(self, id: String) {
        use crate::engine::protocol::Spans;
        let client = self.state.client();
        web::tasks::spawn(async move {
            let question =
                Spans { q: format!("{{ span:id = \"{id}\" }}"), limit: Some(1), ..Spans::default() };
            let found = client.ask("jump", question).await;
            let place = found.ok().and_then(|a| a.answer.body.rows.into_iter().next());
            match place {
                Some(row) => self.jump(Jump::SpanOf(row.trace_id, row.span_id)),
                // Some systems have trace ids of 64 bits; in OTLP they stand in the low half.
                None => self.jump(Jump::Trace(format!("{id:0>32}"))),
            }
        });
    }
}

fn is_web_address(text: &str) -> bool {
    let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
    (lower.starts_with("http://") || lower.starts_with("https://")) && !text.contains(char::is_whitespace)
}

const HOSTS_KEY: &str = "spanscope.hosts";

fn allowed_hosts() -> String {
    use gloo::storage::{SessionStorage, Storage};
    SessionStorage::raw().get_item(HOSTS_KEY).ok().flatten().unwrap_or_default()
}

fn is_allowed(host: &str) -> bool {
    allowed_hosts().lines().any(|line| line == host)
}

/// Remembers for this tab that a host may be asked.
fn allow(host: &str) {
    use gloo::storage::{SessionStorage, Storage};
    if !is_allowed(host) {
        let hosts = format!("{}{host}\n", allowed_hosts());
        SessionStorage::raw().set_item(HOSTS_KEY, &hosts).unwrap_or_default();
    }
}
