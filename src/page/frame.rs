//! What the frame around the views knows: dialogs, what is being opened, and the services of the data.
//!
//! Everything that opens data goes through [`Frame::open`], the script door too, so that the notices, the
//! address and the remembered file names stay true however data came in.

mod sources;

use leptos::{html, prelude::*};

use super::address::Address;
use super::client::{AskError, Source};
use super::colors::ServiceColors;
use super::state::{AppState, Live, live};
use crate::engine::protocol::{OpenOptions, Report, Services, ServicesAnswer};
use crate::web;

/// The frame's state; a copy is a handle to the same signals.
#[derive(Clone, Copy)]
pub struct Frame {
    /// The page's state.
    pub state: AppState,
    /// One row a service in the address's range and scope; the rail, the table and the colors share it.
    pub services: Live<ServicesAnswer>,
    /// Whether any span is loaded.
    pub has_data: Memo<bool>,
    /// Opens that are under way.
    pub opening: RwSignal<usize>,
    /// Addresses of `src=` that wait for a click on *Load from HOST*.
    pub waiting: RwSignal<Vec<String>>,
    /// Whether the paste dialog is shown.
    pub paste: RwSignal<bool>,
    /// Whether the dialog for an address is shown.
    pub url: RwSignal<bool>,
    /// Whether the report of what was read is shown.
    pub report: RwSignal<bool>,
    /// Whether the list of keys is shown.
    pub keys: RwSignal<bool>,
    /// Whether the choice of a time range is open.
    pub time: RwSignal<bool>,
    /// The hidden file field.
    pub file_input: NodeRef<html::Input>,
    /// The field for a trace or span id.
    pub jump_input: NodeRef<html::Input>,
    /// Sources of the last open, for *Replace instead*.
    last: StoredValue<Vec<Source>, LocalStorage>,
    /// Absolute addresses that this data set was read from.
    fetched: StoredValue<Vec<String>>,
    /// How far down each view was when it was left, by the path of its address.
    scrolled: StoredValue<Vec<(String, i32)>>,
    /// How far down the present view is.
    top: StoredValue<i32>,
    /// Somebody was about to open something before.
    expected: StoredValue<bool>,
}

impl Frame {
    /// Starts the frame over the page's state.
    pub fn start(state: AppState, colors: ServiceColors) -> Self {
        let services = live("services", move || {
            let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
            let (scope, apdex_ns, adjusted) = state.address.with(|a| (Some(a.scope), a.apdex_ns, a.adjusted));
            state.has_data().then_some(Services { range, q, scope, sparklines: true, apdex_ns, adjusted })
        });
        Effect::new(move || {
            services.value.with(|answer| {
                if let Some(answer) = answer {
                    colors.set(answer.rows.iter().map(|row| row.service.as_str()));
                }
            });
        });
        Self {
            state,
            services,
            has_data: Memo::new(move |_| state.has_data()),
            opening: RwSignal::new(0),
            waiting: RwSignal::new(Vec::new()),
            paste: RwSignal::new(false),
            url: RwSignal::new(false),
            report: RwSignal::new(false),
            keys: RwSignal::new(false),
            time: RwSignal::new(false),
            file_input: NodeRef::new(),
            jump_input: NodeRef::new(),
            last: StoredValue::new_local(Vec::new()),
            fetched: StoredValue::new(Vec::new()),
            scrolled: StoredValue::new(Vec::new()),
            top: StoredValue::new(0),
            expected: StoredValue::new(false),
        }
    }

    /// The frame around.
    pub fn here() -> Self {
        expect_context()
    }

    /// Whether data is being read, or about to be.
    pub fn is_reading(self) -> bool {
        self.opening.get() > 0 || self.state.progress.with(Option::is_some)
    }

    /// Whether anything is being read, asked or painted; for scripts, so nothing follows it.
    pub fn is_busy(self) -> bool {
        self.opening.get_untracked() > 0
            || self.state.progress.with_untracked(Option::is_some)
            || self.state.client().busy() > 0
    }

    /// Somebody is about to open something: gets what that will need, the engine and the views.
    pub fn expect_data(self) {
        self.state.client().wake();
        web::rest::ahead();
        if !self.expected.get_value() {
            self.expected.set_value(true);
            web::tasks::spawn(async move {
                if web::rest::wait().await.is_ok() {
                    super::app::rehearsal::rehearse(self).await;
                }
            });
        }
    }

    /// Opens sources and waits for their report.
    pub async fn open(
        self,
        sources: Vec<Source>,
        append: bool,
        options: OpenOptions,
    ) -> Result<Report, AskError> {
        self.expect_data();
        self.last.set_value(sources.clone());
        self.opening.update(|n| *n += 1);
        // Nothing of the views runs before all of them are there.
        let result = match web::rest::wait().await {
            Ok(()) => self.state.open(sources, append, options).await,
            Err(error) => Err(self.state.not_loaded(&error.to_string())),
        };
        self.opening.update(|n| *n = n.saturating_sub(1));
        self.remember_names();
        result
    }

    /// Opens sources without waiting.
    pub fn start_open(self, sources: Vec<Source>, append: bool) {
        if sources.is_empty() {
            return;
        }
        web::tasks::spawn(async move {
            // What went wrong stands in a notice by now.
            let _ = self.open(sources, append, OpenOptions::default()).await;
        });
    }

    /// Keeps only what was opened last.
    pub fn replace(self) {
        let last = self.last.get_value();
        let urls: Vec<String> = last.iter().filter_map(as_url).collect();
        self.fetched.set_value(urls.clone());
        self.state.change_address(true, |a| {
            a.src.retain(|src| web::page::absolute(src).is_ok_and(|url| urls.contains(&url)));
            a.range = None;
        });
        self.start_open(last, false);
    }

    /// Opens again what was open when the engine stopped, or what could not be opened.
    pub fn reopen(self) {
        let open = self.state.client().sources();
        self.start_open(if open.is_empty() { self.last.get_value() } else { open }, false);
    }

    /// Forgets all data.
    pub fn close(self) {
        self.fetched.set_value(Vec::new());
        self.last.set_value(Vec::new());
        self.waiting.set(Vec::new());
        self.state.close();
        remember("");
    }

    /// Goes back to a whole-time view of the same data.
    pub fn clear_range(self) {
        self.state.change_address(false, |a| a.range = None);
    }

    /// The link to a view of the same data.
    pub fn href(self, change: impl FnOnce(&mut Address)) -> String {
        let mut address = self.state.address.get();
        change(&mut address);
        format!("#{}", address.print())
    }

    /// Hears how far down the present view is.
    pub fn seen_top(self, top: i32) {
        self.top.set_value(top);
    }

    /// Remembers how far down the view of this address path was last seen.
    pub fn keep_scroll(self, path: String) {
        let top = self.top.get_value();
        self.scrolled.update_value(|all| {
            all.retain(|(p, _)| *p != path);
            all.push((path, top));
            if all.len() > 50 {
                all.remove(0);
            }
        });
    }

    /// How far down the view of this address path was.
    pub fn kept_scroll(self, path: &str) -> i32 {
        self.scrolled.with_value(|all| all.iter().find(|(p, _)| p == path).map_or(0, |(_, top)| *top))
    }

    /// Keeps the names of the open files through a reload, so that the page can ask for them.
    fn remember_names(self) {
        let names: Vec<String> = self
            .state
            .client()
            .sources()
            .iter()
            .filter(|source| as_url(source).is_none())
            .map(|source| source.name().to_owned())
            .collect();
        remember(&names.join("\n"));
    }
}

fn as_url(source: &Source) -> Option<String> {
    match source {
        Source::Url(url) => Some(url.clone()),
        _ => None,
    }
}

const NAMES_KEY: &str = "spanscope.files";

fn remember(names: &str) {
    use gloo::storage::{SessionStorage, Storage};
    // Storage may be switched off; the page then asks for "the trace files".
    SessionStorage::raw().set_item(NAMES_KEY, names).unwrap_or_default();
}

/// Names of the files that were open before a reload.
pub fn remembered_names() -> Vec<String> {
    use gloo::storage::{SessionStorage, Storage};
    let names = SessionStorage::raw().get_item(NAMES_KEY).ok().flatten().unwrap_or_default();
    names.lines().filter(|name| !name.is_empty()).map(str::to_owned).collect()
}
