//! One error type for whatever JavaScript throws.

use wasm_bindgen::{JsCast, JsValue};

/// What a browser call threw, as a sentence.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{0}")]
pub struct Error(pub String);

impl From<JsValue> for Error {
    fn from(value: JsValue) -> Self {
        if let Some(error) = value.dyn_ref::<js_sys::Error>() {
            return Self(String::from(error.message()));
        }
        // A DOMException is no instance of Error in every browser, but it has a message.
        let message = js_sys::Reflect::get(&value, &"message".into()).ok().and_then(|m| m.as_string());
        Self(message.or_else(|| value.as_string()).unwrap_or_else(|| format!("{value:?}")))
    }
}
