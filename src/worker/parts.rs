//! Bytes of a file on the JavaScript side, in several buffers one after another.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};

use crate::ingest::Bytes;
use crate::web::read;

/// Buffers whose bytes follow each other.
#[derive(Clone, Default)]
pub(super) struct Parts {
    parts: Vec<Uint8Array>,
    length: usize,
}

impl Parts {
    /// Appends a buffer.
    pub(super) fn push(&mut self, part: Uint8Array) {
        self.length += part.length() as usize;
        if part.length() > 0 {
            self.parts.push(part);
        }
    }

    /// Takes off what stands from `at` on, as buffers of its own: the others may be handed to another thread.
    pub(super) fn split_off(&mut self, at: usize) -> Self {
        let (mut head, mut tail) = (Self::default(), Self::default());
        for part in self.parts.drain(..) {
            let length = part.length() as usize;
            let cut = at.saturating_sub(head.length + tail.length).min(length) as u32;
            if cut as usize == length {
                head.push(part);
            } else if cut == 0 {
                tail.push(part);
            } else {
                tail.push(part.slice(cut, length as u32));
                head.push(part.subarray(0, cut));
            }
        }
        *self = head;
        tail
    }

    /// Hands every piece of at most a window to `take`: its length, and what copies it.
    pub(super) fn windows(&self) -> impl Iterator<Item = (usize, Window<'_>)> {
        self.parts.iter().flat_map(|part| {
            let mut at = 0;
            std::iter::from_fn(move || {
                let length = read::window_at(part, at);
                let window = Window { part, at };
                at += length as u32;
                (length > 0).then_some((length, window))
            })
        })
    }

    /// As a message for another thread, and what moves there with it.
    pub(super) fn to_message(&self) -> (Array, Array) {
        let (parts, buffers) = (Array::new(), Array::new());
        for part in &self.parts {
            parts.push(part);
            buffers.push(&part.buffer());
        }
        (parts, buffers)
    }

    /// What another thread posted.
    pub(super) fn from_message(parts: &JsValue) -> Self {
        let mut found = Self::default();
        let parts: Array = parts.clone().dyn_into().unwrap_or_default();
        parts.iter().filter_map(|part| part.dyn_into().ok()).for_each(|part| found.push(part));
        found
    }
}

/// A place in a buffer that is copied from there.
pub(super) struct Window<'a> {
    part: &'a Uint8Array,
    at: u32,
}

impl Window<'_> {
    /// Copies as many bytes as there is room for.
    pub(super) fn copy(&self, room: &mut [u8]) {
        read::copy_from(self.part, self.at, room);
    }
}

impl Bytes for Parts {
    fn length(&self) -> usize {
        self.length
    }

    fn copy(&self, mut from: usize, mut to: &mut [u8]) {
        for part in &self.parts {
            let length = part.length() as usize;
            if from >= length {
                from -= length;
                continue;
            }
            let (now, later) = to.split_at_mut(to.len().min(length - from));
            read::copy_from(part, from as u32, now);
            (from, to) = (0, later);
            if to.is_empty() {
                return;
            }
        }
    }
}
