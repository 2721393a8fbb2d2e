//! The script door: `window.spanscope`, one documented way in (`docs/script-api.md`).
//!
//! JSON in and JSON out, the very requests that the views send. What a script opens is shown by the page.

use js_sys::{Array, ArrayBuffer, JSON, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::future_to_promise;

use super::client::{AskError, Client, Source};
use super::frame::Frame;
use crate::engine::protocol::{OpenOptions, Part, wire};
use crate::web::{self, js, tasks};

/// Puts the door into the window.
pub fn install(frame: Frame) {
    let state = frame.state;
    let door = Object::new();
    let set = |name: &str, value: &JsValue| {
        // Setting a field of a fresh plain object cannot fail.
        Reflect::set(&door, &name.into(), value).unwrap_or_default();
    };
    set("version", &env!("CARGO_PKG_VERSION").into());
    // Whoever waits for the engine wants it.
    let waited = Closure::<dyn Fn() -> Promise>::new(move || {
        frame.expect_data();
        future_to_promise(ready(state.client()))
    });
    let getter = js::object(&[("get", waited.into_js_value())]);
    Object::define_property(&door, &"ready".into(), &getter);
    let open = Closure::<dyn Fn(JsValue, JsValue) -> Promise>::new(move |sources, options| {
        future_to_promise(open(frame, sources, options))
    });
    set("open", &open.into_js_value());
    let ask = Closure::<dyn Fn(JsValue) -> Promise>::new(move |request| {
        future_to_promise(ask(state.client(), request))
    });
    set("ask", &ask.into_js_value());
    let idle = Closure::<dyn Fn() -> Promise>::new(move || future_to_promise(idle(frame)));
    set("idle", &idle.into_js_value());
    let cancel = Closure::<dyn Fn()>::new(move || state.client().cancel());
    set("cancel", &cancel.into_js_value());
    let close = Closure::<dyn Fn() -> Promise>::new(move || {
        frame.close();
        future_to_promise(ready(state.client()))
    });
    set("close", &close.into_js_value());
    Reflect::set(&js_sys::global(), &"spanscope".into(), &door).unwrap_or_default();
}

/// Waits until the engine answers, which it starts unless it is there.
async fn ready(client: Client) -> Result<JsValue, JsValue> {
    client.wake();
    while !client.is_ready() {
        tasks::sleep_ms(5).await;
    }
    Ok(JsValue::UNDEFINED)
}

async fn open(frame: Frame, sources: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let list = if Array::is_array(&sources) || is_list(&sources) {
        Array::from(&sources)
    } else {
        Array::of1(&sources)
    };
    let name = js::text(&options, "name");
    let append = !js::field(&options, "append").is_falsy() || js::field(&options, "append").is_undefined();
    let mut wanted = Vec::new();
    for value in list.iter() {
        wanted.push(source(&value, name.as_deref()).map_err(|sentence| throw(&sentence))?);
    }
    if wanted.is_empty() {
        return Err(throw("open expects at least one File, Blob, ArrayBuffer, Uint8Array or address"));
    }
    let wish = wish(&options).map_err(|sentence| throw(&sentence))?;
    let report = frame.open(wanted, append, wish).await.map_err(|error| throw(&error.to_string()))?;
    JSON::parse(&wire::print(&report))
}

/// What of the sources is wanted: `max_spans`, `range`, `max_memory` in bytes, and `threads`.
fn wish(options: &JsValue) -> Result<OpenOptions, String> {
    let count = |name: &str| js::number(options, name).map(|n| n as u64);
    let range = js::field(options, "range");
    let range = match JSON::stringify(&range).ok().and_then(|text| text.as_string()) {
        Some(text) if range.is_object() => Some(
            wire::read(&text)
                .map_err(|error| format!("range: expected {{start_ns, end_ns}} as decimal text: {error}"))?,
        ),
        _ => None,
    };
    Ok(OpenOptions {
        part: Part { max_spans: count("max_spans"), range },
        max_memory: count("max_memory"),
        threads: count("threads").map(|count| count as u32),
    })
}

/// A `FileList` or the like: an object with a length that is neither a buffer nor text.
fn is_list(value: &JsValue) -> bool {
    value.is_object()
        && js::number(value, "length").is_some()
        && !ArrayBuffer::is_view(value)
        && !value.has_type::<ArrayBuffer>()
}

fn source(value: &JsValue, name: Option<&str>) -> Result<Source, String> {
    let named = |default: &str| name.unwrap_or(default).to_owned();
    if let Some(url) = value.as_string() {
        return web::page::absolute(&url).map(Source::Url).map_err(|error| error.to_string());
    }
    if let Some(file) = value.dyn_ref::<web_sys::File>() {
        return Ok(Source::Blob { name: named(&file.name()), blob: file.clone().unchecked_into() });
    }
    if let Some(blob) = value.dyn_ref::<web_sys::Blob>() {
        return Ok(Source::Blob { name: named("data"), blob: blob.clone() });
    }
    if let Some(buffer) = value.dyn_ref::<ArrayBuffer>() {
        return Ok(Source::Buffer { name: named("data"), bytes: Uint8Array::new(buffer) });
    }
    if ArrayBuffer::is_view(value) {
        let buffer = js::field(value, "buffer");
        let from = js::number(value, "byteOffset").unwrap_or_default() as u32;
        let length = js::number(value, "byteLength").unwrap_or_default() as u32;
        let bytes = Uint8Array::new_with_byte_offset_and_length(&buffer, from, length);
        return Ok(Source::Buffer { name: named("data"), bytes });
    }
    let found = value.js_typeof().as_string().unwrap_or_default();
    Err(format!("open expects File, Blob, ArrayBuffer, Uint8Array or the text of an address, found {found}"))
}

async fn ask(client: Client, request: JsValue) -> Result<JsValue, JsValue> {
    let text = match request.as_string() {
        Some(text) => text,
        None => {
            JSON::stringify(&request).ok().and_then(|t| t.as_string()).unwrap_or_else(|| "null".to_owned())
        }
    };
    let reply = client.ask_text("", &text).await.map_err(|error: AskError| throw(&error.to_string()))?;
    let answer = JSON::parse(&js::text(&reply, "text").unwrap_or_default())?;
    let buffers: Array = js::field(&reply, "buffers").dyn_into().unwrap_or_default();
    if buffers.length() > 0 {
        Reflect::set(&answer, &"buffers".into(), &buffers)?;
    }
    Ok(answer)
}

/// Waits until nothing is loading, no question is unanswered and everything is painted: three turns in a row
/// in which nothing new came up.
async fn idle(frame: Frame) -> Result<JsValue, JsValue> {
    let mut quiet = 0;
    while quiet < 3 {
        tasks::next_frame().await;
        quiet = if frame.is_busy() { 0 } else { quiet + 1 };
    }
    Ok(JsValue::UNDEFINED)
}

fn throw(sentence: &str) -> JsValue {
    js_sys::Error::new(sentence).into()
}
