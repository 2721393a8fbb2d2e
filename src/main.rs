//! The page's entry point.

fn main() {
    #[cfg(target_arch = "wasm32")]
    std::panic::set_hook(Box::new(|panic| spanscope::web::page::console_error(&panic.to_string())));
    #[cfg(target_arch = "wasm32")]
    leptos::mount::mount_to_body(spanscope::page::app::App);
}

/// The first part of the page's code calls this when it runs into the rest before that has come: `build/split.mjs`
/// puts the call there.
#[cfg(target_arch = "wasm32")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn rest_missing() {
    spanscope::web::rest::now();
}
