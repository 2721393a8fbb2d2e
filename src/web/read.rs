//! Bytes of a file or a response, piece by piece.
//!
//! The pieces stay on the JavaScript side; wasm sees them through a small window, because a big buffer
//! inside wasm memory would never be given back.

mod helper;

use std::collections::VecDeque;

use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, Response};

use super::Error;
use helper::Helper;

/// How much of a file is asked for at first: a little comes at once.
const FIRST: f64 = 512.0 * 1024.0;
/// How much this thread asks for where the helper has to come up: enough until then, and all of a usual file.
const HEAD: f64 = 4.0 * 1024.0 * 1024.0;
/// How much of a file is asked for at a time, at most. Slices of 1 MiB take twice as long in Chromium.
pub const SLICE: f64 = 8.0 * 1024.0 * 1024.0;
/// How much of a piece is copied into wasm memory at a time.
pub const WINDOW: u32 = 256 * 1024;

/// A source of pieces.
pub enum Pieces {
    /// A file or blob.
    Blob(Slices),
    /// A response body.
    Stream(ReadableStreamDefaultReader),
    /// Nothing.
    Empty,
}

/// A file read in slices: the head by this thread, the rest by a helper that reads ahead while this one decodes.
pub struct Slices {
    blob: Blob,
    /// Bytes asked for at a time.
    slice: f64,
    /// Bytes handed out.
    given: f64,
    /// Bytes asked for by this thread.
    asked: f64,
    /// The slices that this thread asked for.
    own: VecDeque<JsFuture>,
    helper: Option<Helper>,
}

impl Slices {
    fn new(blob: Blob, slice: f64) -> Self {
        let mut head = HEAD;
        let mut helper = None;
        if blob.size() > HEAD
            && let Ok(started) = Helper::start(&blob, (FIRST, HEAD), slice)
        {
            head = started.from;
            helper = Some(started);
        }
        let mut slices = Self { blob, slice, given: 0.0, asked: 0.0, own: VecDeque::new(), helper };
        slices.ask(FIRST);
        slices.ask(head - FIRST);
        slices
    }

    fn ask(&mut self, length: f64) {
        let end = (self.asked + length).min(self.blob.size());
        if self.asked < end
            && let Ok(slice) = self.blob.slice_with_f64_and_f64(self.asked, end)
        {
            self.own.push_back(slice.array_buffer().into());
            self.asked = end;
        }
    }

    async fn next(&mut self) -> Result<Option<Uint8Array>, Error> {
        if self.own.is_empty() && self.given < self.blob.size() {
            if let Some(helper) = &mut self.helper {
                if let Some(buffer) = helper.next().await {
                    return Ok(Some(self.give(&buffer)));
                }
                // It did not come up, or a slice cannot be read: this thread tries, and hears why.
                self.helper = None;
            }
            self.asked = self.given;
            self.ask(self.slice);
        }
        let Some(own) = self.own.pop_front() else { return Ok(None) };
        let buffer: ArrayBuffer = own.await?.unchecked_into();
        let piece = self.give(&buffer);
        if self.helper.is_none() && self.own.is_empty() {
            self.ask(self.slice);
        }
        Ok(Some(piece))
    }

    fn give(&mut self, buffer: &ArrayBuffer) -> Uint8Array {
        self.given += f64::from(buffer.byte_length());
        Uint8Array::new(buffer)
    }
}

impl Pieces {
    /// Reads a file or blob, so many bytes at a time.
    pub fn blob(blob: Blob, slice: f64) -> Self {
        Self::Blob(Slices::new(blob, slice))
    }

    /// Reads a response's body.
    pub fn response(response: &Response) -> Result<Self, Error> {
        match response.body() {
            Some(body) => Ok(Self::Stream(body.get_reader().unchecked_into())),
            None => Ok(Self::Empty),
        }
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Result<Option<Uint8Array>, Error> {
        match self {
            Self::Blob(slices) => slices.next().await,
            Self::Stream(reader) => {
                let result = JsFuture::from(reader.read()).await?;
                if super::js::field(&result, "done").is_truthy() {
                    return Ok(None);
                }
                Ok(Some(super::js::field(&result, "value").unchecked_into()))
            }
            Self::Empty => Ok(None),
        }
    }

    /// Gives up reading.
    pub fn cancel(&mut self) {
        if let Self::Stream(reader) = self {
            // The outcome of giving up interests nobody; the promise must not count as unhandled.
            let ignore = wasm_bindgen::closure::Closure::<dyn FnMut(JsValue)>::new(|_| {});
            drop(reader.cancel().catch(&ignore));
            ignore.forget();
        }
    }
}

/// Gets ready to read a file: the thread that fetches it takes a while to come up.
pub fn prepare() {
    Helper::prepare();
}

/// Bytes as a blob, which can be read more than once.
pub fn to_blob(bytes: &Uint8Array) -> Result<Blob, Error> {
    Ok(Blob::new_with_u8_array_sequence(&Array::of1(bytes))?)
}

/// How many bytes a window takes from the byte `from` of a piece on.
pub fn window_at(piece: &Uint8Array, from: u32) -> usize {
    piece.length().saturating_sub(from).min(WINDOW) as usize
}

/// Copies the bytes of a piece from `from` on; `into` must not be longer than what is left.
pub fn copy_from(piece: &Uint8Array, from: u32, into: &mut [u8]) {
    piece.subarray(from, from + into.len() as u32).copy_to(into);
}
