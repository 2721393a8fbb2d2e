//! A second thread of the engine: reads stretches of a file apart, one a message, and hands over what they come to.
//!
//! It runs the engine's own wasm, compiled once for all of them, with a memory of its own. In: `{lines, parts}`. Out:
//! `{kind: "ready"}` to begin with, then `{kind: "read", parcel}` each, the parcel null where a stretch was not clean.

use js_sys::Array;
use wasm_bindgen::JsValue;

use super::parts::Parts;
use crate::ingest::{Apart, Seams};
use crate::web::{bytes, js, worker};

/// The name by which a worker knows that it is one.
pub(super) const NAME: &str = "spanscope-hand";

/// Starts to serve.
pub(super) fn start() {
    worker::serve(|message| {
        let seams = if js::field(&message, "lines").is_truthy() { Seams::Lines } else { Seams::Messages };
        let parcel = read(seams, &Parts::from_message(&js::field(&message, "parts")));
        let parcel = parcel.map(|parcel| bytes::from_u8(&parcel));
        let moved = Array::new();
        if let Some(parcel) = &parcel {
            moved.push(parcel);
        }
        let parcel = parcel.map_or(JsValue::NULL, Into::into);
        worker::reply(&js::object(&[("kind", "read".into()), ("parcel", parcel)]), &moved);
    });
    worker::reply(&js::object(&[("kind", "ready".into())]), &Array::new());
}

fn read(seams: Seams, parts: &Parts) -> Option<Vec<u8>> {
    let mut apart = Apart::new(seams);
    for (length, window) in parts.windows() {
        apart.read(length, |room| window.copy(room));
    }
    apart.pack()
}
