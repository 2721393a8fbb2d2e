//! The page's side of the worker boundary: questions out, answers, progress and reports in.
//!
//! Several questions can be in flight. A newer question of the same view replaces the older one. When the
//! engine dies, every waiting question is told so and a fresh engine starts; the data is gone with the old
//! one, so the sources that were open are remembered for reopening.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer, Function, Object, Promise, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use crate::engine::protocol::{
    Envelope, OpenOptions, Oversize, Part, Progress, Question, Report, Request,
    wire::{self, Take},
};
use crate::web::{self, js, worker::Thread};

/// Address of the worker's start script, relative to the page.
const WORKER: &str = "engine-worker.js";

/// Something to open.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file or blob: a handle, read by the worker.
    Blob {
        /// Shown name.
        name: String,
        /// The handle.
        blob: web_sys::Blob,
    },
    /// Bytes at hand.
    Buffer {
        /// Shown name.
        name: String,
        /// The bytes.
        bytes: Uint8Array,
    },
    /// An absolute address that the person agreed to.
    Url(String),
}

impl Source {
    /// The shown name.
    pub fn name(&self) -> &str {
        match self {
            Self::Blob { name, .. } | Self::Buffer { name, .. } => name,
            Self::Url(url) => url,
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// A newer question of the same view took its place.
    #[error("a newer question of this view replaced this one")]
    Superseded,
    /// A sentence that a person can act on.
    #[error("{0}")]
    Failed(String),
}

/// What the client tells the page without being asked.
#[derive(Clone, Debug)]
pub enum Event {
    /// The engine answers.
    Ready,
    /// Reading goes on.
    Progress(Progress),
    /// A file would not fit: reading waits until [`Client::choose`] is called.
    Oversize(Oversize),
    /// There is no engine any more, or none came: what happened, as a sentence.
    Crashed(String),
}

/// An answer with its columns.
#[derive(Debug)]
pub struct Answered<T> {
    /// The answer.
    pub answer: Envelope<T>,
    /// Columns beside it.
    pub buffers: Vec<ArrayBuffer>,
}

struct Waiting {
    view: String,
    resolve: Function,
    reject: Function,
}

struct Inner {
    engine: RefCell<Option<Thread>>,
    next_id: Cell<u32>,
    waiting: RefCell<BTreeMap<u32, Waiting>>,
    /// Sources of the present data, for reopening after a crash.
    sources: RefCell<Vec<Source>>,
    on_event: Box<dyn Fn(Event)>,
    started: Cell<bool>,
    /// Number of the present engine: what an older one still says is not heard.
    spawned: Cell<u32>,
    /// Something said to be painting.
    painting: Cell<u32>,
    /// There is no engine, and never will be.
    alone: bool,
}

/// A handle to the engine; clones share it.
#[derive(Clone)]
pub struct Client(Rc<Inner>);

impl Client {
    /// A client whose engine starts with the first question, or when [`Client::wake`] is called before.
    /// `on_event` hears of progress and crashes.
    pub fn new(on_event: impl Fn(Event) + 'static) -> Self {
        Self::with(Box::new(on_event), false)
    }

    /// A client that starts no engine: every question is given up.
    pub fn of_nobody() -> Self {
        Self::with(Box::new(|_| {}), true)
    }

    fn with(on_event: Box<dyn Fn(Event)>, alone: bool) -> Self {
        Self(Rc::new(Inner {
            engine: RefCell::default(),
            next_id: Cell::new(1),
            waiting: RefCell::default(),
            sources: RefCell::default(),
            on_event,
            started: Cell::new(false),
            spawned: Cell::new(0),
            painting: Cell::new(0),
            alone,
        }))
    }

    /// Starts the engine unless it is there: it is a download of its own, and an empty page has no use for it.
    pub fn wake(&self) {
        if !self.is_awake() && !self.0.alone {
            self.spawn();
        }
    }

    fn spawn(&self) {
        let url = web::page::absolute(WORKER).unwrap_or_else(|_| WORKER.to_owned());
        self.0.started.set(false);
        let number = self.0.spawned.get().wrapping_add(1);
        self.0.spawned.set(number);
        let (on_message, on_error) = (self.clone(), self.clone());
        // A panic is told twice, by a message and as an error; the second must not end the next engine.
        let present = move |client: &Self| client.0.spawned.get() == number;
        let engine = Thread::start(
            &url,
            "spanscope-engine",
            move |message| {
                if present(&on_message) {
                    on_message.heard(&message);
                }
            },
            move |error| {
                if present(&on_error) {
                    on_error.crashed(&error);
                }
            },
        );
        match engine {
            Ok(engine) => *self.0.engine.borrow_mut() = Some(engine),
            Err(error) => (self.0.on_event)(Event::Crashed(not_loaded(&error.to_string()))),
        }
    }

    /// Whether the engine has said that it answers.
    pub fn is_ready(&self) -> bool {
        self.0.started.get()
    }

    /// Asks; `view` names the part of the page that asks, so that its newer question replaces this one.
    /// An empty view never is replaced.
    pub async fn ask<Q: Question>(&self, view: &str, question: Q) -> Result<Answered<Q::Answer>, AskError> {
        let request: Request = question.into();
        self.ask_as(view, &request.to_json()).await
    }

    /// Asks in wire form for an answer of type `T`.
    pub async fn ask_as<T: Take>(&self, view: &str, request: &str) -> Result<Answered<T>, AskError> {
        let reply = self.ask_text(view, request).await?;
        let text = js::text(&reply, "text").unwrap_or_default();
        let answer = Envelope::read(&text)
            .map_err(|error| AskError::Failed(format!("the engine's answer is not understood: {error}")))?;
        let buffers: Array = js::field(&reply, "buffers").dyn_into().unwrap_or_default();
        Ok(Answered { answer, buffers: buffers.iter().map(JsCast::unchecked_into).collect() })
    }

    /// Asks in wire form; gives the reply object with `text` and `buffers`.
    pub async fn ask_text(&self, view: &str, request: &str) -> Result<JsValue, AskError> {
        if !view.is_empty() {
            self.supersede(view);
        }
        let fields = [("kind", "ask".into()), ("view", view.into()), ("text", request.into())];
        self.post(view, js::object(&fields), &Array::new()).await
    }

    /// Opens sources one after another; the report covers this call.
    pub async fn open(
        &self,
        sources: Vec<Source>,
        append: bool,
        options: OpenOptions,
    ) -> Result<Report, AskError> {
        let list = Array::new();
        for source in &sources {
            let (field, value) = match source {
                Source::Blob { blob, .. } => ("blob", blob.clone().into()),
                Source::Buffer { bytes, .. } => ("buffer", bytes.clone().into()),
                Source::Url(url) => ("url", url.into()),
            };
            list.push(&js::object(&[("name", source.name().into()), (field, value)]));
        }
        {
            let mut open = self.0.sources.borrow_mut();
            if !append {
                open.clear();
            }
            open.extend(sources);
        }
        let options = wire::print(&options);
        let fields = [
            ("kind", "open".into()),
            ("append", append.into()),
            ("options", options.into()),
            ("sources", list.into()),
        ];
        let reply = self.post("", js::object(&fields), &Array::new()).await?;
        let text = js::text(&reply, "text").unwrap_or_default();
        wire::read(&text).map_err(AskError::Failed)
    }

    /// Says what of a file that would not fit is to be read; none for nothing of it.
    pub fn choose(&self, part: Option<Part>) {
        let text = wire::print(&part);
        self.send(&js::object(&[("kind", "choice".into()), ("text", text.into())]));
    }

    /// Stops what is being read; what was read stays.
    pub fn cancel(&self) {
        self.send(&js::object(&[("kind", "cancel".into())]));
    }

    /// Forgets all data and gives its memory back: ends the worker and starts a fresh one.
    pub fn close(&self) {
        self.0.sources.borrow_mut().clear();
        self.0.engine.borrow_mut().take();
        self.fail_all("the data was closed");
        self.spawn();
    }

    /// What was open when the engine died or the data was closed.
    pub fn sources(&self) -> Vec<Source> {
        self.0.sources.borrow().clone()
    }

    /// Whether there is an engine, if only a starting one.
    pub fn is_awake(&self) -> bool {
        self.0.engine.borrow().is_some()
    }

    /// Questions without an answer and paintings under way.
    pub fn busy(&self) -> usize {
        self.0.waiting.borrow().len()
            + self.0.painting.get() as usize
            + usize::from(self.is_awake() && !self.0.started.get())
    }

    /// Says that something will be painted with the next frame; drop the guard when it is.
    pub fn painting(&self) -> Painting {
        self.0.painting.set(self.0.painting.get() + 1);
        Painting(self.clone())
    }

    async fn post(&self, view: &str, message: Object, transfer: &Array) -> Result<JsValue, AskError> {
        if self.0.alone {
            return Err(AskError::Superseded);
        }
        self.wake();
        let id = self.0.next_id.get();
        self.0.next_id.set(id.wrapping_add(1).max(1));
        js_sys::Reflect::set(&message, &"id".into(), &id.into()).unwrap_or_default();
        let promise = Promise::new(&mut |resolve, reject| {
            self.0.waiting.borrow_mut().insert(id, Waiting { view: view.to_owned(), resolve, reject });
        });
        let posted = match self.0.engine.borrow().as_ref() {
            Some(engine) => engine.post(&message, transfer).map_err(|error| error.to_string()),
            None => Err("the engine could not be started".to_owned()),
        };
        if let Err(error) = posted {
            self.0.waiting.borrow_mut().remove(&id);
            return Err(AskError::Failed(error));
        }
        JsFuture::from(promise).await.map_err(|error| match error.as_string() {
            Some(message) => AskError::Failed(message),
            None => AskError::Superseded,
        })
    }

    fn send(&self, message: &Object) {
        if let Some(engine) = self.0.engine.borrow().as_ref() {
            // Only a dead worker refuses a message, and that is reported by its own event.
            engine.post(message, &Array::new()).unwrap_or_default();
        }
    }

    /// Rejects the older question of a view without a sentence: nobody waits for it any more.
    fn supersede(&self, view: &str) {
        let mut waiting = self.0.waiting.borrow_mut();
        let older: Vec<u32> = waiting.iter().filter(|(_, w)| w.view == view).map(|(&id, _)| id).collect();
        for id in older {
            if let Some(w) = waiting.remove(&id) {
                w.reject.call1(&JsValue::NULL, &JsValue::NULL).unwrap_or_default();
            }
        }
    }

    fn heard(&self, message: &JsValue) {
        match js::text(message, "kind").unwrap_or_default().as_str() {
            "ready" => {
                self.0.started.set(true);
                (self.0.on_event)(Event::Ready);
            }
            "progress" => {
                let text = js::text(message, "text").unwrap_or_default();
                if let Ok(progress) = wire::read(&text) {
                    (self.0.on_event)(Event::Progress(progress));
                }
            }
            "oversize" => {
                let text = js::text(message, "text").unwrap_or_default();
                if let Ok(oversize) = wire::read(&text) {
                    (self.0.on_event)(Event::Oversize(oversize));
                }
            }
            "answer" => {
                if let Some(w) = self.settle(message) {
                    w.resolve.call1(&JsValue::NULL, message).unwrap_or_default();
                }
            }
            "error" => {
                if let Some(w) = self.settle(message) {
                    let sentence = js::field(message, "text");
                    w.reject.call1(&JsValue::NULL, &sentence).unwrap_or_default();
                }
            }
            "panic" => self.crashed(&js::text(message, "text").unwrap_or_default()),
            _ => {}
        }
    }

    fn settle(&self, message: &JsValue) -> Option<Waiting> {
        let id = js::number(message, "id")? as u32;
        self.0.waiting.borrow_mut().remove(&id)
    }

    fn crashed(&self, message: &str) {
        self.0.spawned.set(self.0.spawned.get().wrapping_add(1));
        // One that never came up may never come up: the next question tries again, nobody else.
        let came_up = self.0.started.get();
        // Called from the worker's own event: it must not be dropped while its closure runs.
        let dead = self.0.engine.borrow_mut().take();
        web::tasks::spawn(async move {
            web::tasks::next_turn().await;
            drop(dead);
        });
        let sentence = if came_up {
            self.fail_all(&format!("the engine stopped: {message}"));
            self.spawn();
            format!("The engine stopped and was started again; the data must be opened again ({message})")
        } else {
            self.fail_all(&format!("the engine could not be loaded: {message}"));
            not_loaded(message)
        };
        (self.0.on_event)(Event::Crashed(sentence));
    }

    fn fail_all(&self, sentence: &str) {
        let waiting = std::mem::take(&mut *self.0.waiting.borrow_mut());
        for w in waiting.into_values() {
            w.reject.call1(&JsValue::NULL, &sentence.into()).unwrap_or_default();
        }
    }
}

fn not_loaded(message: &str) -> String {
    format!("The engine could not be loaded ({message})")
}

/// While one of these lives, the page is not idle.
pub struct Painting(Client);

impl Drop for Painting {
    fn drop(&mut self) {
        let painting = &self.0.0.painting;
        painting.set(painting.get().saturating_sub(1));
    }
}
