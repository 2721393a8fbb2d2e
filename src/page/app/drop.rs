//! Drops and pastes anywhere on the page.

use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DataTransfer, DragEvent, Event};

use crate::page::frame::Frame;
use crate::web;

/// Listens; tells whether something is being dragged over the page.
pub(super) fn listen(frame: Frame) -> RwSignal<bool> {
    let dragging = RwSignal::new(false);
    let over = move |event: DragEvent| {
        if event.data_transfer().is_some_and(|data| can_take(&data)) {
            event.prevent_default();
            if let Some(data) = event.data_transfer() {
                data.set_drop_effect("copy");
            }
            if !dragging.get_untracked() {
                frame.expect_data();
                dragging.set(true);
            }
        }
    };
    let _ = window_event_listener(ev::dragenter, over);
    let _ = window_event_listener(ev::dragover, over);
    let _ = window_event_listener(ev::dragleave, move |event: DragEvent| {
        // Leaving for nothing means leaving the window.
        if event.related_target().is_none() {
            dragging.set(false);
        }
    });
    let _ = window_event_listener(ev::drop, move |event: DragEvent| {
        dragging.set(false);
        if let Some(data) = event.data_transfer().filter(can_take) {
            event.prevent_default();
            take(frame, &data);
        }
    });
    let _ = window_event_listener(ev::paste, move |event| {
        let event: Event = event.into();
        if web::page::is_typing(&event) {
            return;
        }
        let data = event.dyn_ref::<ClipboardEvent>().and_then(ClipboardEvent::clipboard_data);
        if let Some(data) = data {
            event.prevent_default();
            take(frame, &data);
        }
    });
    dragging
}

fn can_take(data: &DataTransfer) -> bool {
    let types = data.types();
    ["Files", "text/plain", "text/uri-list"].iter().any(|kind| types.includes(&(*kind).into(), 0))
}

fn take(frame: Frame, data: &DataTransfer) {
    if let Some(entries) = web::folder::entries(data) {
        return frame.open_folders(entries);
    }
    match data.files().filter(|files| files.length() > 0) {
        Some(files) => frame.open_files(&files),
        None => frame.take_text(&data.get_data("text/plain").unwrap_or_default()),
    }
}
