//! The engine's worker: carries messages between the browser and the desk.
//!
//! One task answers questions, one reads files; both run on the worker's event loop and give way to each
//! other. While files are read a question is answered from a seal that is at most [`SEAL_EVERY_MS`] old.
//! Knows `engine`, `ingest` and `web`; everything that can be wrong with data is decided in those rooms.

mod crew;
mod guard;
mod hand;
mod known;
mod opening;
mod parts;
mod warm;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, Object};
use wasm_bindgen::JsValue;

use crate::engine::desk::{Buffer, Desk, Reply};
use crate::engine::protocol::{Progress, wire};
use crate::web::{bytes, fetch::Abort, js, tasks, worker};
use opening::Open;

/// While files are read the data is sealed for a question at most this often, milliseconds.
const SEAL_EVERY_MS: f64 = 500.0;
/// A seal of much data takes long: the next one then waits so many times that.
const SEAL_SHARE: f64 = 10.0;

/// A question that waits.
struct Ask {
    id: u32,
    view: String,
    text: String,
}

/// What both tasks share.
#[derive(Default)]
struct Office {
    desk: RefCell<Desk>,
    asks: RefCell<VecDeque<Ask>>,
    answering: Cell<bool>,
    opens: RefCell<VecDeque<Open>>,
    reading: Cell<bool>,
    cancelled: Cell<bool>,
    /// Gives up the address that is being waited for.
    abort: RefCell<Option<Abort>>,
    /// When the last seal ended, and how long it took.
    sealed_ms: Cell<f64>,
    sealing_ms: Cell<f64>,
    /// What sealing and answering took so far, milliseconds.
    spent_ms: Cell<f64>,
    /// What was chosen for a file that would not fit.
    choice: guard::Choice,
    /// The files that are open.
    known: RefCell<Vec<web_sys::Blob>>,
}

/// Starts to serve: from now on the page's messages are heard.
pub fn start() {
    std::panic::set_hook(Box::new(|panic| {
        let text = panic.to_string();
        worker::reply(&js::object(&[("kind", "panic".into()), ("text", text.into())]), &Array::new());
    }));
    if worker::name() == hand::NAME {
        return hand::start();
    }
    let office = Rc::new(Office::default());
    let cold = Rc::clone(&office);
    worker::serve(move |message| hear(&office, &message));
    worker::reply(&js::object(&[("kind", "ready".into())]), &Array::new());
    tasks::spawn(warm::up(cold));
}

fn hear(office: &Rc<Office>, message: &JsValue) {
    let id = js::number(message, "id").unwrap_or_default() as u32;
    match js::text(message, "kind").unwrap_or_default().as_str() {
        "ask" => {
            let view = js::text(message, "view").unwrap_or_default();
            let text = js::text(message, "text").unwrap_or_default();
            let mut asks = office.asks.borrow_mut();
            if !view.is_empty() {
                // The page has already given up the older question of this view.
                asks.retain(|ask| ask.view != view);
            }
            asks.push_back(Ask { id, view, text });
            if !office.answering.replace(true) {
                tasks::spawn(answer_all(Rc::clone(office)));
            }
        }
        "open" => {
            office.opens.borrow_mut().push_back(Open::from_message(id, message));
            if !office.reading.replace(true) {
                tasks::spawn(opening::open_all(Rc::clone(office)));
            }
        }
        "cancel" => {
            office.cancelled.set(office.reading.get());
            if let Some(abort) = office.abort.borrow().as_ref() {
                abort.now();
            }
            office.choice.give(None);
        }
        "choice" => {
            let text = js::text(message, "text").unwrap_or_default();
            office.choice.give(wire::read(&text).unwrap_or_default());
        }
        _ => {}
    }
}

/// Answers what waits, one question a turn, so that cancelling and newer questions are heard in between.
async fn answer_all(office: Rc<Office>) {
    loop {
        tasks::next_turn().await;
        let began = tasks::now_ms();
        let Some(ask) = next(&mut office.asks.borrow_mut()) else { break };
        let answer = {
            let mut desk = office.desk.borrow_mut();
            seal(&office, &mut desk);
            desk.set_memory_bytes(worker::memory_bytes());
            desk.answer_text(&ask.text)
        };
        match answer {
            Ok(reply) => post_answer(ask.id, reply),
            Err(sentence) => post_error(ask.id, &sentence),
        }
        office.spent_ms.set(office.spent_ms.get() + tasks::now_ms() - began);
    }
    office.answering.set(false);
}

/// The question to be answered next: what somebody waits for (a script, a command) before what views show, and
/// charts after tables and numbers, which people read first.
fn next(asks: &mut VecDeque<Ask>) -> Option<Ask> {
    let urgent = asks.iter().position(|ask| ask.view.is_empty());
    let quick = || asks.iter().position(|ask| !ask.text.contains("\"ask\":\"series\""));
    let at = urgent.or_else(quick).unwrap_or(0);
    asks.remove(at)
}

/// Seals for a question, unless files are being read and the last seal is fresh enough.
fn seal(office: &Office, desk: &mut Desk) {
    let now = tasks::now_ms();
    let first = office.sealed_ms.get() == 0.0;
    let pause = SEAL_EVERY_MS.max(office.sealing_ms.get() * SEAL_SHARE);
    if desk.is_dirty() && (first || !office.reading.get() || now - office.sealed_ms.get() >= pause) {
        desk.seal();
        // Counted from the end, so that sealing never takes more than its share.
        let end = tasks::now_ms();
        office.sealed_ms.set(end);
        office.sealing_ms.set(end - now);
    }
}

fn post_answer(id: u32, reply: Reply) {
    let buffers = Array::new();
    for buffer in &reply.buffers {
        let array = match buffer {
            Buffer::F64(values) => bytes::from_f64(values),
            Buffer::U32(values) => bytes::from_u32(values),
            Buffer::U8(values) => bytes::from_u8(values),
        };
        buffers.push(&array);
    }
    let message = message("answer", id, &reply.text);
    js_sys::Reflect::set(&message, &"buffers".into(), &buffers).unwrap_or_default();
    worker::reply(&message, &buffers);
}

fn post_error(id: u32, sentence: &str) {
    worker::reply(&message("error", id, sentence), &Array::new());
}

fn post_progress(progress: &Progress) {
    let text = wire::print(progress);
    worker::reply(&message("progress", 0, &text), &Array::new());
}

fn message(kind: &str, id: u32, text: &str) -> Object {
    js::object(&[("kind", kind.into()), ("id", id.into()), ("text", text.into())])
}
