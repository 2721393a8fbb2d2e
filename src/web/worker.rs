//! Messages between a thread and a worker that it started, both ends.
//!
//! A message is a plain object with a `kind`; buffers travel as transferables.

use js_sys::{Array, Object};
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::Error;

/// The end of who started it: a worker that ends when this is dropped.
#[derive(Debug)]
pub struct Thread {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Thread {
    /// Starts a worker of this name. `on_message` gets every message, `on_error` what the worker could not handle.
    pub fn start(
        url: &str,
        name: &str,
        mut on_message: impl FnMut(JsValue) + 'static,
        mut on_error: impl FnMut(String) + 'static,
    ) -> Result<Self, Error> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(name);
        let worker = Worker::new_with_options(url, &options)?;
        let on_message = Closure::new(move |event: MessageEvent| on_message(event.data()));
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        let on_error = Closure::new(move |event: web_sys::Event| {
            event.prevent_default();
            let message = super::js::text(&event, "message");
            on_error(message.unwrap_or_else(|| "its script could not be loaded".to_owned()));
        });
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Sends a message; `transfer` names buffers that move instead of being copied.
    pub fn post(&self, message: &JsValue, transfer: &Array) -> Result<(), Error> {
        Ok(self.worker.post_message_with_transfer(message, transfer)?)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// The worker's end: every message goes to `on_message` from now on.
pub fn serve(mut on_message: impl FnMut(JsValue) + 'static) {
    let closure =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| on_message(event.data()));
    scope().set_onmessage(Some(closure.as_ref().unchecked_ref()));
    // Lives as long as the worker.
    closure.forget();
}

/// Sends a message from the worker to the page. One that cannot be cloned is dropped: all of ours can.
pub fn reply(message: &Object, transfer: &Array) {
    scope().post_message_with_transfer(message, transfer).unwrap_or_default();
}

/// The name that this worker was started with.
pub fn name() -> String {
    scope().name()
}

/// How many threads run at once on this machine, as far as the browser tells.
pub fn cores() -> usize {
    scope().navigator().hardware_concurrency() as usize
}

/// Size of this thread's wasm memory in bytes.
pub fn memory_bytes() -> u64 {
    const PAGE: u64 = 64 * 1024;
    std::arch::wasm32::memory_size::<0>() as u64 * PAGE
}
