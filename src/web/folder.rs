//! Dropped folders: all files in them, however deep.
//!
//! `webkitGetAsEntry` is what every browser has. It answers only while the drop is being handled, so the entries are
//! taken at once and walked afterwards.

use js_sys::{Array, Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{DataTransfer, File};

use super::js::{field, text};

/// More files than anyone opens at once.
const MOST: usize = 10_000;

/// The entries of a drop, if a folder is among them.
pub fn entries(data: &DataTransfer) -> Option<Vec<JsValue>> {
    let items = data.items();
    let entry = |at: u32| call(items.get(at)?.as_ref(), "webkitGetAsEntry", &[]).filter(|e| !e.is_null());
    let entries: Vec<JsValue> = (0..items.length()).filter_map(entry).collect();
    entries.iter().any(is_folder).then_some(entries)
}

/// All files in the entries, with their paths, in the order of these. What cannot be read is left out.
pub async fn files(entries: Vec<JsValue>) -> Vec<(String, File)> {
    let mut waiting = entries;
    let mut found = Vec::new();
    while let Some(entry) = waiting.pop() {
        if found.len() >= MOST {
            break;
        }
        let path = text(&entry, "fullPath").unwrap_or_default();
        // What the system puts beside the files of a person.
        if path.rsplit('/').next().is_some_and(|name| name.starts_with('.')) {
            continue;
        }
        if !is_folder(&entry) {
            if let Some(Ok(file)) = asked(&entry, "file").await.map(JsCast::dyn_into::<File>) {
                found.push((path.trim_start_matches('/').to_owned(), file));
            }
            continue;
        }
        let Some(reader) = call(&entry, "createReader", &[]) else { continue };
        // A reader gives a hundred at a time, and none at the end.
        while let Some(some) = asked(&reader, "readEntries").await {
            let some = Array::from(&some);
            waiting.extend(some.iter());
            if some.length() == 0 {
                break;
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

fn is_folder(entry: &JsValue) -> bool {
    field(entry, "isDirectory").is_truthy()
}

fn call(object: &JsValue, name: &str, given: &[&JsValue]) -> Option<JsValue> {
    let function: Function = field(object, name).dyn_into().ok()?;
    Reflect::apply(&function, object, &given.iter().copied().collect::<Array>()).ok()
}

/// Calls what answers through callbacks; none where it fails.
async fn asked(object: &JsValue, name: &str) -> Option<JsValue> {
    let promise = Promise::new(&mut |resolve: Function, reject: Function| {
        if call(object, name, &[resolve.as_ref(), reject.as_ref()]).is_none() {
            reject.call0(&JsValue::NULL).unwrap_or_default();
        }
    });
    JsFuture::from(promise).await.ok()
}
