//! A thread that reads a file ahead: what arrives for the engine's own thread waits until that has a turn, and then
//! takes time from decoding. The helper only fetches bytes and hands them over; nothing is shared.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Event, MessageEvent, Worker};

use crate::web::{Error, js};

/// The helper's script, beside the engine's.
const SCRIPT: &str = "file-worker.js";
/// Slices that are on their way or wait.
const AHEAD: usize = 3;

#[derive(Default)]
struct Inbox {
    came: RefCell<VecDeque<ArrayBuffer>>,
    failed: Cell<bool>,
    wake: RefCell<Option<Function>>,
}

impl Inbox {
    fn wake(&self) {
        if let Some(wake) = self.wake.borrow_mut().take() {
            wake.call0(&JsValue::NULL).unwrap_or_default();
        }
    }
}

/// The helper; it ends when this is dropped.
pub(super) struct Helper {
    worker: Worker,
    inbox: Rc<Inbox>,
    _heard: Closure<dyn FnMut(MessageEvent)>,
    _broken: Closure<dyn FnMut(Event)>,
}

impl Helper {
    /// Starts to read `blob` from the byte `from` on.
    pub(super) fn start(blob: &Blob, from: f64, slice: f64) -> Result<Self, Error> {
        let worker = Worker::new(SCRIPT)?;
        let inbox = Rc::new(Inbox::default());
        let to = Rc::clone(&inbox);
        let heard = Closure::new(move |event: MessageEvent| {
            match event.data().dyn_into() {
                Ok(buffer) => to.came.borrow_mut().push_back(buffer),
                Err(_) => to.failed.set(true),
            }
            to.wake();
        });
        worker.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        let to = Rc::clone(&inbox);
        let broken = Closure::new(move |event: Event| {
            event.prevent_default();
            to.failed.set(true);
            to.wake();
        });
        worker.set_onerror(Some(broken.as_ref().unchecked_ref()));
        let begin = [("blob", blob.into()), ("from", from.into()), ("slice", slice.into())];
        worker.post_message(&js::object(&begin))?;
        for _ in 1..AHEAD {
            worker.post_message(&JsValue::NULL)?;
        }
        Ok(Self { worker, inbox, _heard: heard, _broken: broken })
    }

    /// The next slice; none when the helper cannot give it. To be called only while there is more to come.
    pub(super) async fn next(&mut self) -> Option<ArrayBuffer> {
        loop {
            let came = self.inbox.came.borrow_mut().pop_front();
            if came.is_some() {
                self.worker.post_message(&JsValue::NULL).unwrap_or_default();
                return came;
            }
            if self.inbox.failed.get() {
                return None;
            }
            let woken = Promise::new(&mut |resolve, _| *self.inbox.wake.borrow_mut() = Some(resolve));
            JsFuture::from(woken).await.unwrap_or_default();
        }
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
