//! The rest of the page's code, which comes after the first part (`public/rest.js`, `build/split.mjs`).

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

use super::Error;

#[wasm_bindgen(raw_module = "./rest.js")]
extern "C" {
    #[wasm_bindgen(js_name = isWhole)]
    fn is_whole(first: &JsValue) -> bool;
    #[wasm_bindgen(js_name = ahead)]
    fn begin(first: &JsValue);
    #[wasm_bindgen(js_name = wait)]
    fn get(first: &JsValue) -> Promise;
    #[wasm_bindgen(js_name = now)]
    fn get_now(first: &JsValue);
}

/// Asks for the rest, so that it is there when it is needed.
pub fn ahead() {
    begin(&wasm_bindgen::exports());
}

/// Waits until the rest has come, not for a moment if it is there; an error where it could not be had.
pub async fn wait() -> Result<(), Error> {
    let first = wasm_bindgen::exports();
    if !is_whole(&first) {
        JsFuture::from(get(&first)).await?;
    }
    Ok(())
}

/// Gets the rest while the page stands still. Called by the first part when it runs into code of the rest that
/// nobody waited for; throws where it cannot be had.
pub fn now() {
    get_now(&wasm_bindgen::exports());
}
