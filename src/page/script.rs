//! The script door: `window.spanscope`, as `docs/script-api.md` describes it. JSON in and out, over the same
//! engine and the same opening as the page's own views, which follow what scripts open.

use js_sys::{Array, ArrayBuffer, Error as JsError, Object, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::{Blob, File};

use super::client::{AskError, Source};
use super::frame::Frame;
use crate::web::{self, js, tasks};

/// Version of the door.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Puts `spanscope` on the window.
pub fn expose(frame: Frame) {
    let door = js::object(&[("version", VERSION.into())]);
    let put = |name: &str, value: &JsValue| {
        Reflect::set(&door, &name.into(), value).unwrap_or_default();
    };
    put("ready", &ready(frame).into());
    put("open", &two(move |sources, options| future_to_promise(open(frame, sources, options))));
    put("ask", &two(move |request, _| future_to_promise(ask(frame, request))));
    put("idle", &two(move |_, _| future_to_promise(idle(frame))));
    put("close", &two(move |_, _| future_to_promise(close(frame))));
    let cancel = Closure::<dyn FnMut()>::new(move || frame.state.client().cancel());
    put("cancel", &cancel.into_js_value());
    web::page::expose("spanscope", &Object::freeze(&door).into());
}

/// A function of at most two arguments, which lives as long as the page.
fn two(function: impl FnMut(JsValue, JsValue) -> Promise + 'static) -> JsValue {
    Closure::<dyn FnMut(JsValue, JsValue) -> Promise>::new(function).into_js_value()
}

fn failure(sentence: &str) -> JsValue {
    JsError::new(sentence).into()
}

fn refused(error: &AskError) -> JsValue {
    failure(&error.to_string())
}

fn ready(frame: Frame) -> Promise {
    future_to_promise(async move {
        while !frame.state.client().is_ready() {
            tasks::sleep_ms(10).await;
        }
        Ok(JsValue::UNDEFINED)
    })
}

async fn open(frame: Frame, sources: JsValue, options: JsValue) -> Result<JsValue, JsValue> {
    let name = js::text(&options, "name");
    let append = js::field(&options, "append").as_bool().unwrap_or(true);
    let list = if Array::is_array(&sources) { Array::from(&sources) } else { Array::of1(&sources) };
    if list.length() == 0 {
        return Err(failure("expected at least one source: a File, Blob, ArrayBuffer, Uint8Array or URL text"));
    }
    let several = list.length() > 1;
    let mut taken = Vec::new();
    for (i, source) in list.iter().enumerate() {
        let given = name.as_ref().map(|name| if several { format!("{name} {}", i + 1) } else { name.clone() });
        taken.push(source_of(&source, given)?);
    }
    let report = frame.open(taken, append).await.map_err(|error| refused(&error))?;
    let text = serde_json::to_string(&report).map_err(|error| failure(&error.to_string()))?;
    js_sys::JSON::parse(&text)
}

fn source_of(source: &JsValue, name: Option<String>) -> Result<Source, JsValue> {
    if let Some(url) = source.as_string() {
        // Scripts are trusted to name addresses; relative ones belong to the page.
        return web::page::absolute(&url).map(Source::Url).map_err(|error| failure(&error.to_string()));
    }
    if let Some(blob) = source.dyn_ref::<Blob>() {
        let own = source.dyn_ref::<File>().map(File::name);
        return Ok(Source::Blob { name: name.or(own).unwrap_or_else(|| "blob".into()), blob: blob.clone() });
    }
    // A copy: the caller may go on changing its bytes while they wait for their turn.
    let bytes = if let Some(bytes) = source.dyn_ref::<Uint8Array>() {
        bytes.slice(0, bytes.length())
    } else if let Some(buffer) = source.dyn_ref::<ArrayBuffer>() {
        Uint8Array::new(buffer).slice(0, buffer.byte_length())
    } else {
        let found = source.js_typeof().as_string().unwrap_or_default();
        return Err(failure(&format!("expected a File, Blob, ArrayBuffer, Uint8Array or URL text, found {found}")));
    };
    Ok(Source::Buffer { name: name.unwrap_or_else(|| "bytes".into()), bytes })
}

async fn ask(frame: Frame, request: JsValue) -> Result<JsValue, JsValue> {
    let text = match request.as_string() {
        Some(text) => text,
        None => js_sys::JSON::stringify(&request)?.as_string().unwrap_or_default(),
    };
    let reply = frame.state.client().ask_text("", &text).await.map_err(|error| refused(&error))?;
    let answer = js_sys::JSON::parse(&js::text(&reply, "text").unwrap_or_default())?;
    let buffers: Array = js::field(&reply, "buffers").dyn_into().unwrap_or_default();
    if buffers.length() > 0 {
        Reflect::set(&answer, &"buffers".into(), &buffers)?;
    }
    Ok(answer)
}

/// Two frames in a row with nothing under way: what the last answer changed is painted by then.
async fn idle(frame: Frame) -> Result<JsValue, JsValue> {
    let mut quiet = 0;
    while quiet < 3 {
        tasks::next_frame().await;
        quiet = if frame.is_busy() { 0 } else { quiet + 1 };
    }
    Ok(JsValue::UNDEFINED)
}

async fn close(frame: Frame) -> Result<JsValue, JsValue> {
    frame.close();
    while !frame.state.client().is_ready() {
        tasks::sleep_ms(10).await;
    }
    Ok(JsValue::UNDEFINED)
}
