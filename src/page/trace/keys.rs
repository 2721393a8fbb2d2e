//! Keys of the whole trace page. Letters for moving go by where they stand on the keyboard, so that other layouts
//! have them under the same fingers.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::tree::TreeRows;
use super::view::TraceView;

/// Listens until the page is left.
pub(super) fn listen(view: TraceView, rows: TreeRows) {
    let handle = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
            || event.default_prevented()
            || types(&event)
        {
            return;
        }
        if pressed(view, rows, &event) {
            event.prevent_default();
        }
    });
    on_cleanup(move || handle.remove());
}

fn pressed(view: TraceView, rows: TreeRows, event: &ev::KeyboardEvent) -> bool {
    let step = if event.shift_key() { 0.4 } else { 0.1 };
    let flame = view.flame();
    let middle = || flame.visible_now().at(0.5);
    match event.code().as_str() {
        "KeyW" => flame.zoom(middle(), 1.0 - step * 1.5),
        "KeyS" => flame.zoom(middle(), 1.0 / (1.0 - step * 1.5)),
        "KeyA" => flame.pan(-step),
        "KeyD" => flame.pan(step),
        _ => match event.key().as_str() {
            "0" => flame.show_all(),
            "n" => view.step(view.find.get_untracked(), false),
            "N" => view.step(view.find.get_untracked(), true),
            "e" => view.step("is:error".to_owned(), false),
            "E" => view.step("is:error".to_owned(), true),
            "c" => view.toggle("path"),
            "m" => {
                let next = match untrack(|| view.merged()).as_str() {
                    "" => Some("total"),
                    "total" => Some("self"),
                    "self" => Some("critical"),
                    _ => None,
                };
                view.merge(next, None);
            }
            "f" => view.fit_selection(),
            "[" => rows.fold_cursor(true),
            "]" => rows.fold_cursor(false),
            "{" => rows.fold_all(true),
            "}" => rows.fold_all(false),
            "Escape" if untrack(|| view.has_selection()) => view.unpick(),
            "Escape" if view.find.with_untracked(|f| !f.is_empty()) => view.look_for("", false),
            _ => return false,
        },
    }
    true
}

/// Whether the key is text for a field.
fn types(event: &ev::KeyboardEvent) -> bool {
    let Some(target) = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return false;
    };
    matches!(target.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT") || target.is_content_editable()
}
