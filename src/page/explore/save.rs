//! Saving what is listed: the list as CSV, and the matching traces as OTLP. Large files come in pieces, so that the
//! page can go on meanwhile; of what would be very large the size is told first.

use js_sys::ArrayBuffer;
use leptos::prelude::*;

use crate::engine::protocol::Export;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::Notice;
use crate::page::widgets::{Dialog, Menu, MenuItem};
use crate::web;

/// From this many bytes on a person is asked first.
const LARGE: f64 = 100e6;
/// Bytes of OTLP that are asked for at a time.
const PIECE: f64 = 8e6;
/// Rows of a list that are asked for at a time.
const ROWS: usize = 50_000;

/// What is asked before a large file is saved.
#[derive(Clone, Copy)]
struct Saving {
    frame: Frame,
    /// What would be saved: its form, traces, bytes.
    waiting: RwSignal<Option<(&'static str, usize, f64)>>,
    open: RwSignal<bool>,
    /// How far it is; "" while nothing is saved.
    progress: RwSignal<String>,
}

/// *Save…* over a list; `list` and `fields` are those of the request.
pub fn save_menu(frame: Frame, list: Memo<&'static str>, fields: Signal<Vec<String>>) -> AnyView {
    let saving = Saving {
        frame,
        waiting: RwSignal::new(None),
        open: RwSignal::new(false),
        progress: RwSignal::new(String::new()),
    };
    let csv = Callback::new(move |()| {
        let (list, fields) = (list.get_untracked().into(), fields.get_untracked());
        saving.start(Export { format: "csv".into(), list, fields, ..Export::default() }, ROWS);
    });
    let otlp = |format: &'static str| Callback::new(move |()| saving.estimate(format));
    let (json, protobuf) = (otlp("json"), otlp("protobuf"));
    let items = Signal::derive(move || {
        let item = |label, apart, run| MenuItem { label, key: "", apart, run };
        let label = match list.get() {
            "spans" => "These spans as CSV",
            "table" => "This table as CSV",
            _ => "These traces as CSV",
        };
        vec![
            item(label, false, csv),
            item("Matching traces as OTLP/JSON", true, json),
            item("Matching traces as OTLP protobuf", false, protobuf),
        ]
    });
    let asked = move || {
        saving.waiting.get().map(|(format, traces, bytes)| {
            let text = format!(
                "{} with all their spans make about {}; the browser keeps the whole file until it is saved",
                format::counted(traces as u64, "trace"),
                format::bytes_text(bytes as u64)
            );
            let go = move |_| {
                saving.open.set(false);
                saving.otlp(format, traces, bytes);
            };
            view! {
                <p>{text}</p>
                <div class="dialog-actions">
                    <button type="button" on:click=move |_| saving.open.set(false)>"Cancel"</button>
                    <button type="button" class="primary" on:click=go>"Save"</button>
                </div>
            }
        })
    };
    let cancel = move || {
        saving.progress.with(|text| !text.is_empty()).then(|| {
            view! { <button type="button" class="ghost" on:click=move |_| saving.progress.set(String::new())>"Cancel"</button> }
        })
    };
    view! {
        <span class="muted" role="status">{move || saving.progress.get()}</span>
        {cancel}
        <Menu label="Save…" items=items/>
        <Dialog open=saving.open title="A large file">{asked}</Dialog>
    }
    .into_any()
}

impl Saving {
    /// Finds out how large the file would be, and saves it or asks.
    fn estimate(self, format: &'static str) {
        let client = self.frame.state.client();
        let question = self.chosen(Export { format: format.into(), limit: Some(0), ..Export::default() });
        web::tasks::spawn(async move {
            match client.ask("", question).await {
                Ok(answered) => {
                    let found = &answered.answer.body;
                    let (traces, bytes) = (found.total as usize, found.bytes.unwrap_or(0.0));
                    if bytes < LARGE {
                        return self.otlp(format, traces, bytes);
                    }
                    self.waiting.set(Some((format, traces, bytes)));
                    self.open.set(true);
                }
                Err(error) => self.failed(&error.to_string()),
            }
        });
    }

    fn otlp(self, format: &'static str, traces: usize, bytes: f64) {
        let limit = (traces as f64 * PIECE / bytes.max(1.0)).clamp(1.0, 1e6) as usize;
        self.start(Export { format: format.into(), ..Export::default() }, limit);
    }

    /// The query, the range and the order of the address.
    fn chosen(self, export: Export) -> Export {
        let (range, q, sort) =
            self.frame.state.address.with_untracked(|a| (a.range, a.q.clone(), a.sort.clone()));
        Export { range, q, sort, ..export }
    }

    /// Asks for piece after piece, and hands them to the browser. All are of the same data, or there is no file.
    fn start(self, export: Export, limit: usize) {
        if self.progress.with_untracked(|text| !text.is_empty()) {
            return self.failed("another file is being saved, cancel it or wait for its end");
        }
        self.progress.set("Saving…".to_owned());
        let client = self.frame.state.client();
        let mut question = self.chosen(Export { limit: Some(limit), ..export });
        web::tasks::spawn(async move {
            let (mut parts, mut generation) = (Vec::<ArrayBuffer>::new(), None);
            let done = loop {
                let answered = match client.ask("", question.clone()).await {
                    Ok(answered) => answered,
                    Err(error) => break Err(error.to_string()),
                };
                // Nobody empties it but who cancels; without a page that shows it the file is still wanted.
                if self.progress.try_with_untracked(String::is_empty) == Some(true) {
                    return;
                }
                let now = answered.answer.head.generation;
                if *generation.get_or_insert(now) != now {
                    break Err("the data changed meanwhile, save again".to_owned());
                }
                parts.extend(answered.buffers);
                let head = answered.answer.body;
                let Some(next) = head.next else {
                    break web::page::save_parts(&head.name, &head.media_type, &parts)
                        .map_err(|e| e.to_string());
                };
                let percent = next as f64 / head.total.max(1) as f64 * 100.0;
                self.progress.try_set(format!("Saving… {percent:.0} %"));
                question.offset = next;
            };
            self.progress.try_set(String::new());
            if let Err(error) = done {
                self.failed(&error);
            }
        });
    }

    fn failed(self, error: &str) {
        let text = format!("Could not save: {error}");
        self.frame.state.notify(Notice { text, error: true, action: None });
    }
}
