//! A thread that reads a file ahead: what arrives for the engine's own thread waits until that has a turn, and then
//! takes time from decoding. The helper only fetches bytes and hands them over; nothing is shared.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use crate::web::tasks::Bell;
use crate::web::worker::Thread;
use crate::web::{Error, js};

/// The helper's script, beside the engine's.
const SCRIPT: &str = "file-worker.js";
/// Pieces that are on their way or wait.
const AHEAD: usize = 3;

#[derive(Default)]
struct Inbox {
    came: RefCell<VecDeque<ArrayBuffer>>,
    /// The helper has come up.
    up: Cell<bool>,
    failed: Cell<bool>,
    bell: Bell,
}

/// The helper; it ends when this is dropped.
pub(super) struct Helper {
    thread: Thread,
    inbox: Rc<Inbox>,
    /// The byte of the file that it begins with.
    pub(super) from: f64,
}

thread_local! {
    /// One that waits for a file.
    static SPARE: RefCell<Option<Helper>> = const { RefCell::new(None) };
}

impl Helper {
    /// Brings one up while there is no file yet.
    pub(super) fn prepare() {
        SPARE.with_borrow_mut(|spare| *spare = spare.take().or_else(|| Self::up().ok()));
    }

    /// Starts to read `blob`, at most `slice` bytes at a time: from the first of two places on if it is up, else from
    /// the second on.
    pub(super) fn start(blob: &Blob, (soon, later): (f64, f64), slice: f64) -> Result<Self, Error> {
        let spare = SPARE.take().filter(|helper| !helper.inbox.failed.get());
        let from = if spare.as_ref().is_some_and(|helper| helper.inbox.up.get()) { soon } else { later };
        let mut helper = spare.map_or_else(Self::up, Ok)?;
        helper.from = from;
        let begin = [("blob", blob.into()), ("from", from.into()), ("slice", slice.into())];
        helper.thread.post(&js::object(&begin), &Array::new())?;
        for _ in 1..AHEAD {
            helper.thread.post(&JsValue::NULL, &Array::new())?;
        }
        Ok(helper)
    }

    fn up() -> Result<Self, Error> {
        let inbox = Rc::new(Inbox::default());
        let (heard, broken) = (Rc::clone(&inbox), Rc::clone(&inbox));
        let on_message = move |piece: JsValue| {
            if piece.is_string() {
                heard.up.set(true);
                return;
            }
            match piece.dyn_into() {
                Ok(buffer) => heard.came.borrow_mut().push_back(buffer),
                Err(_) => heard.failed.set(true),
            }
            heard.bell.ring();
        };
        let on_error = move |_| {
            broken.failed.set(true);
            broken.bell.ring();
        };
        let thread = Thread::start(SCRIPT, "spanscope-file", on_message, on_error)?;
        Ok(Self { thread, inbox, from: 0.0 })
    }

    /// The next piece; none when the helper cannot give it. To be called only while there is more to come.
    pub(super) async fn next(&mut self) -> Option<ArrayBuffer> {
        loop {
            let came = self.inbox.came.borrow_mut().pop_front();
            if came.is_some() {
                self.thread.post(&JsValue::NULL, &Array::new()).unwrap_or_default();
                return came;
            }
            if self.inbox.failed.get() {
                return None;
            }
            self.inbox.bell.wait().await;
        }
    }
}
