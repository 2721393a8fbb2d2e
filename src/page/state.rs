//! What the page knows: one struct of signals, reached through the context.
//!
//! Span data never stands in signals; answers do, and each re-asks itself when its inputs or the data change.

use std::cell::Cell;
use std::sync::Arc;

use gloo::storage::{LocalStorage as Kept, Storage};
use js_sys::ArrayBuffer;
use leptos::prelude::*;
use leptos::reactive::graph::Observer;

use super::address::{Address, Theme, View};
use super::client::{AskError, Client, Event, Source};
use super::clock;
use crate::engine::protocol::{OpenOptions, Oversize, Progress, Question, Report, Summary, SummaryAnswer};
use crate::model::TimeRange;
use crate::web;

/// A sentence for the person, with what can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The sentence.
    pub text: String,
    /// Whether it tells of a failure.
    pub error: bool,
    /// What a button offers, if anything.
    pub action: Option<NoticeAction>,
}

/// What a notice's button does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoticeAction {
    /// Opens what was open before the engine stopped.
    Reopen,
    /// Keeps only what was opened last.
    Replace,
    /// Shows the report of what was read.
    Report,
}

/// The page's state; a copy is a handle to the same signals.
#[derive(Clone, Copy)]
pub struct AppState {
    /// The address after `#`, kept in step with the browser's.
    pub address: RwSignal<Address>,
    /// Grows when the data changed and views must ask again.
    pub generation: RwSignal<u64>,
    /// Counts of everything loaded; none before the first data.
    pub summary: RwSignal<Option<Arc<SummaryAnswer>>>,
    /// How reading goes on; none when nothing is read.
    pub progress: RwSignal<Option<Progress>>,
    /// A file that would not fit, while what to read of it is being chosen.
    pub oversize: RwSignal<Option<Oversize>>,
    /// What was read, of every open so far.
    pub report: RwSignal<Report>,
    /// Notices, oldest first.
    pub notices: RwSignal<Vec<Notice>>,
    /// The theme that is shown.
    pub theme: RwSignal<Theme>,
    /// Whether times are shown by the clock of the person's machine rather than in UTC.
    pub local_clock: RwSignal<bool>,
    /// Without the frame around the view (`?embed=1`).
    pub embed: bool,
    client: StoredValue<Client, LocalStorage>,
    /// How often the engine has said, during this open, that views should ask again.
    looks: StoredValue<u32>,
}

impl AppState {
    /// Reads the address and makes ready for an engine.
    pub fn start() -> Self {
        let address = RwSignal::new(Address::parse(&web::page::hash()));
        let generation = RwSignal::new(0);
        let progress = RwSignal::new(None::<Progress>);
        let oversize = RwSignal::new(None);
        let notices = RwSignal::new(Vec::new());
        let summary = RwSignal::new(None);
        let report = RwSignal::new(Report::default());
        let looks = StoredValue::new(0_u32);
        let client = Client::new(move |event| match event {
            Event::Ready => {}
            Event::Progress(now) => {
                // Views follow the reading, at a pace that leaves the engine to its work: the engine says when.
                if !now.done && now.looks != looks.get_value() {
                    looks.set_value(now.looks);
                    generation.update(|g| *g += 1);
                }
                progress.set((!now.done).then_some(now));
            }
            Event::Oversize(now) => oversize.set(Some(now)),
            Event::Crashed(text) => {
                oversize.set(None);
                progress.set(None);
                summary.set(None);
                report.set(Report::default());
                generation.update(|g| *g += 1);
                notices.update(|list: &mut Vec<Notice>| {
                    list.push(Notice { text, error: true, action: Some(NoticeAction::Reopen) });
                });
            }
        });
        // The address has the last word, then what was chosen here, then the system, which may change its mind.
        let chosen =
            move || address.with_untracked(|a| a.theme).or_else(|| Theme::from_word(&stored_theme()));
        let system = |dark| if dark { Theme::Dark } else { Theme::Light };
        let theme = RwSignal::new(chosen().unwrap_or_else(|| system(web::page::prefers_dark())));
        web::page::watch_prefers_dark(move |dark| {
            let _ = theme.try_set(chosen().unwrap_or_else(|| system(dark)));
        });
        let state = Self {
            address,
            generation,
            summary,
            progress,
            oversize,
            report,
            notices,
            theme,
            local_clock: start_clock(),
            embed: web::page::query().split('&').any(|p| p == "embed=1"),
            client: StoredValue::new_local(client),
            looks,
        };
        Effect::new(move || web::page::set_root_attribute("data-theme", Some(theme.get().word())));
        Effect::new(move || {
            generation.track();
            state.ask_summary();
        });
        state
    }

    /// A state of its own, as if one span were there and more being read: it changes nothing of this one and asks
    /// nobody.
    #[must_use]
    pub fn apart(self) -> Self {
        Self {
            address: RwSignal::new(Address::default()),
            generation: RwSignal::new(0),
            summary: RwSignal::new(Some(Arc::new(SummaryAnswer { spans: 1, ..SummaryAnswer::default() }))),
            progress: RwSignal::new(Some(Progress { bytes_read: 1, bytes_total: 2, ..Progress::default() })),
            oversize: RwSignal::new(None),
            report: RwSignal::new(Report::default()),
            notices: RwSignal::new(Vec::new()),
            client: StoredValue::new_local(Client::of_nobody()),
            looks: StoredValue::new(0),
            ..self
        }
    }

    /// The state of the page around.
    pub fn here() -> Self {
        expect_context()
    }

    /// The engine.
    pub fn client(self) -> Client {
        self.client.get_value()
    }

    /// Whether any span is loaded.
    pub fn has_data(self) -> bool {
        self.summary.with(|s| s.as_ref().is_some_and(|s| s.spans > 0))
    }

    /// The time range of the address, as the analysis rooms say it.
    pub fn range(self) -> Option<TimeRange> {
        self.address.with(|a| a.range).map(|r| TimeRange { start_ns: r.start_ns.0, end_ns: r.end_ns.0 })
    }

    /// Goes to another view of the same data, with an entry in the history.
    pub fn go(self, view: View) {
        let address = self.address.with_untracked(|a| a.with_view(view));
        self.set_address(address, false);
    }

    /// Changes the address; `replace` leaves no entry in the history.
    pub fn set_address(self, address: Address, replace: bool) {
        if self.address.with_untracked(|a| *a != address) {
            web::page::set_hash(&address.print(), replace);
            self.address.set(address);
        }
    }

    /// Changes parts of the address; `replace` leaves no entry in the history.
    pub fn change_address(self, replace: bool, change: impl FnOnce(&mut Address)) {
        let mut address = self.address.get_untracked();
        change(&mut address);
        self.set_address(address, replace);
    }

    /// Reads the browser's address again (Back, Forward, a link, typing).
    pub fn follow_hash(self) {
        let address = Address::parse(&web::page::hash());
        if let Some(theme) = address.theme {
            self.theme.set(theme);
        }
        if self.address.with_untracked(|a| *a != address) {
            self.address.set(address);
        }
    }

    /// Shows and remembers a theme.
    pub fn set_theme(self, theme: Theme) {
        self.theme.set(theme);
        // Storage may be switched off; the theme then lasts as long as the page.
        Kept::raw().set_item(THEME_KEY, theme.word()).unwrap_or_default();
        if self.address.with_untracked(|a| a.theme.is_some()) {
            self.change_address(true, |a| a.theme = Some(theme));
        }
    }

    /// Shows times by the machine's clock, or in UTC.
    pub fn set_local_clock(self, local: bool) {
        self.local_clock.set(local);
        Kept::raw().set_item(CLOCK_KEY, if local { "local" } else { "" }).unwrap_or_default();
    }

    /// Opens sources; notices tell what went wrong. Gives the report of this call.
    pub async fn open(
        self,
        sources: Vec<Source>,
        append: bool,
        options: OpenOptions,
    ) -> Result<Report, AskError> {
        self.looks.set_value(0);
        let had_data = self.summary.with_untracked(Option::is_some);
        let result = self.client().open(sources, append, options).await;
        self.progress.set(None);
        self.oversize.set(None);
        match &result {
            Ok(report) => {
                self.report.update(|all| {
                    if !append {
                        all.files.clear();
                    }
                    all.files.extend(report.files.iter().cloned());
                    all.problems =
                        all.files.iter().map(|f| f.problems.iter().map(|p| p.count).sum::<u64>()).sum();
                    all.spans = all.files.iter().map(|f| f.spans).sum();
                    all.cancelled = report.cancelled;
                });
                self.tell_of(report, append && had_data);
                let home = self.address.with_untracked(|a| a.view == View::Home);
                if home && report.files.iter().any(|f| f.spans > 0) {
                    self.change_address(true, |a| a.view = View::Services);
                }
            }
            Err(error) => self.notify(Notice { text: error.to_string(), error: true, action: None }),
        }
        self.generation.update(|g| *g += 1);
        result
    }

    fn tell_of(self, report: &Report, added: bool) {
        for file in report.files.iter().filter(|f| f.spans == 0) {
            let why = file.problems.first().map(|p| p.message.clone());
            let why =
                why.or_else(|| file.notes.first().cloned()).unwrap_or_else(|| "it holds no spans".into());
            let text = if why.ends_with(&file.name) { why } else { format!("{why}: {}", file.name) };
            self.notify(Notice { text, error: true, action: None });
        }
        let skipped = report.files.iter().any(|f| f.spans > 0 && !f.problems.is_empty());
        if skipped {
            self.notify(Notice {
                text: "Some of the data could not be read".into(),
                error: false,
                action: Some(NoticeAction::Report),
            });
        }
        if added && report.files.iter().any(|f| f.spans > 0) {
            self.notify(Notice {
                text: "Added to what was open".into(),
                error: false,
                action: Some(NoticeAction::Replace),
            });
        }
    }

    /// Shows a notice.
    pub fn notify(self, notice: Notice) {
        self.notices.update(|list| {
            if !list.contains(&notice) {
                list.push(notice);
            }
        });
    }

    /// Forgets all data and gives its memory back.
    pub fn close(self) {
        self.client().close();
        self.summary.set(None);
        self.report.set(Report::default());
        self.notices.set(Vec::new());
        self.oversize.set(None);
        self.progress.set(None);
        self.generation.update(|g| *g += 1);
        self.set_address(Address { theme: self.address.get_untracked().theme, ..Address::default() }, false);
    }

    /// Says that the views did not come, with a way to try again.
    pub fn not_loaded(self, error: &str) -> AskError {
        let text = format!("The views could not be loaded ({error})");
        self.notices.update(|list| {
            list.push(Notice { text: text.clone(), error: true, action: Some(NoticeAction::Reopen) });
        });
        AskError::Failed(text)
    }

    fn ask_summary(self) {
        let client = self.client();
        if !client.is_awake() {
            return;
        }
        web::tasks::spawn(async move {
            if let Ok(answered) = client.ask("summary", Summary::default()).await {
                let summary = answered.answer.body;
                self.summary.set((summary.spans > 0).then(|| Arc::new(summary)));
            }
        });
    }
}

/// Where it is remembered by which clock times are shown: "local" or nothing.
const CLOCK_KEY: &str = "spanscope.clock";

thread_local! {
    static LOCAL_CLOCK: Cell<Option<RwSignal<bool>>> = const { Cell::new(None) };
}

/// The switch between UTC and the machine's clock. Whoever writes a time follows it, without having to know.
fn start_clock() -> RwSignal<bool> {
    let stored = Kept::raw().get_item(CLOCK_KEY).ok().flatten();
    let local = RwSignal::new(stored.is_some_and(|word| word == "local"));
    LOCAL_CLOCK.set(Some(local));
    clock::show_by(|ns| {
        let Some(local) = LOCAL_CLOCK.get() else { return 0 };
        let followed = Observer::get().is_some();
        let on = if followed { local.try_get() } else { local.try_get_untracked() };
        if on == Some(true) { web::page::clock_ahead_ns(ns) } else { 0 }
    });
    local
}

/// Where the theme is remembered; the start script reads it too.
const THEME_KEY: &str = "spanscope.theme";

fn stored_theme() -> String {
    Kept::raw().get_item(THEME_KEY).ok().flatten().unwrap_or_default()
}

/// Turns true in the next turn of the event loop: what waits for it is built in a task of its own, and a person's click
/// comes in between.
pub fn next_task() -> RwSignal<bool> {
    let due = RwSignal::new(false);
    web::tasks::spawn(async move {
        web::tasks::next_turn().await;
        let _ = due.try_set(true);
    });
    due
}

/// An answer that keeps itself up to date.
pub struct Live<T: Send + Sync + 'static> {
    /// The last answer; stays while a newer one is on its way.
    pub value: RwSignal<Option<Arc<T>>>,
    /// Why there is none.
    pub error: RwSignal<Option<String>>,
    /// Columns beside it.
    pub columns: StoredValue<Vec<ArrayBuffer>, LocalStorage>,
}

impl<T: Send + Sync + 'static> Clone for Live<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Live<T> {}

/// Asks `question` now, whenever it becomes another one, and whenever the data changes. `view` names the part
/// of the page that asks. None asks nothing and clears the answer.
pub fn live<Q>(view: &'static str, question: impl Fn() -> Option<Q> + 'static) -> Live<Q::Answer>
where
    Q: Question + 'static,
    Q::Answer: Send + Sync,
{
    let state = AppState::here();
    let columns = StoredValue::new_local(Vec::new());
    let live = Live { value: RwSignal::new(None), error: RwSignal::new(None), columns };
    asking(state, Box::new(move || question().map(|q| q.into().to_json())), move |text| {
        let Some(text) = text else {
            live.value.set(None);
            live.error.set(None);
            return;
        };
        let client = state.client();
        web::tasks::spawn(async move {
            let error = match client.ask_as::<Q::Answer>(view, &text).await {
                Ok(answered) => {
                    // The view may be gone by now; its signals then are too.
                    live.columns.try_set_value(answered.buffers);
                    live.value.try_set(Some(Arc::new(answered.answer.body)));
                    None
                }
                Err(AskError::Superseded) => return,
                Err(AskError::Failed(sentence)) => Some(sentence),
            };
            if live.error.try_get_untracked().is_some_and(|now| now != error) {
                live.error.set(error);
            }
        });
    });
    live
}

/// Hands every new question to `ask`, in wire form: equal ones of the same data are asked once.
fn asking(state: AppState, text: Box<dyn Fn() -> Option<String>>, ask: impl Fn(Option<String>) + 'static) {
    Effect::new(move |before: Option<(u64, Option<String>)>| {
        let now = (state.generation.get(), text());
        if before.as_ref() != Some(&now) {
            ask(now.1.clone());
        }
        now
    });
}
