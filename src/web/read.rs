//! Bytes of a file or a response, piece by piece.
//!
//! The pieces stay on the JavaScript side; wasm sees them through a small window, because a big buffer
//! inside wasm memory would never be given back.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStreamDefaultReader, Response};

use super::Error;

/// How much of a file is asked for at a time.
const SLICE: f64 = 8.0 * 1024.0 * 1024.0;
/// How much of a piece is copied into wasm memory at a time.
pub const WINDOW: u32 = 256 * 1024;

/// A source of pieces.
pub enum Pieces {
    /// A file or blob, read in slices; the next one is asked for while this one is decoded.
    Blob {
        /// The blob.
        blob: Blob,
        /// First byte that was not asked for yet.
        next: f64,
        /// The slice that was asked for.
        pending: Option<js_sys::Promise>,
    },
    /// A response body.
    Stream(ReadableStreamDefaultReader),
    /// One buffer.
    Buffer(Option<Uint8Array>),
}

impl Pieces {
    /// Reads a file or blob.
    pub fn blob(blob: Blob) -> Self {
        let mut pieces = Self::Blob { blob, next: 0.0, pending: None };
        pieces.ask();
        pieces
    }

    /// Reads a response's body.
    pub fn response(response: &Response) -> Result<Self, Error> {
        match response.body() {
            Some(body) => Ok(Self::Stream(body.get_reader().unchecked_into())),
            None => Ok(Self::Buffer(None)),
        }
    }

    /// Reads a buffer.
    pub fn buffer(bytes: Uint8Array) -> Self {
        Self::Buffer(Some(bytes))
    }

    fn ask(&mut self) {
        if let Self::Blob { blob, next, pending } = self {
            *pending = None;
            if *next < blob.size() {
                let end = (*next + SLICE).min(blob.size());
                if let Ok(slice) = blob.slice_with_f64_and_f64(*next, end) {
                    *pending = Some(slice.array_buffer());
                }
                *next = end;
            }
        }
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Result<Option<Uint8Array>, Error> {
        match self {
            Self::Blob { pending, .. } => {
                let Some(promise) = pending.take() else { return Ok(None) };
                let buffer: ArrayBuffer = JsFuture::from(promise).await?.unchecked_into();
                self.ask();
                Ok(Some(Uint8Array::new(&buffer)))
            }
            Self::Stream(reader) => {
                let result = JsFuture::from(reader.read()).await?;
                if super::js::field(&result, "done").is_truthy() {
                    return Ok(None);
                }
                Ok(Some(super::js::field(&result, "value").unchecked_into()))
            }
            Self::Buffer(bytes) => Ok(bytes.take()),
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

/// The bytes `from..` of a piece, at most a window, copied into `into`.
pub fn copy_window(piece: &Uint8Array, from: u32, into: &mut Vec<u8>) {
    let end = piece.length().min(from.saturating_add(WINDOW));
    into.resize((end - from) as usize, 0);
    piece.subarray(from, end).copy_to(into);
}
