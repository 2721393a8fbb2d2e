//! Borders that can be moved, by pointer and keyboard; where they stand is remembered.

use gloo::storage::{LocalStorage as Stored, Storage};
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Which border of what a splitter moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The lower border of what stands above: drags down make it taller.
    Bottom,
    /// The left border of what stands at the right: drags left make it wider.
    Left,
    /// The right border of the tree's names: drags right make them wider.
    Right,
}

impl Side {
    fn key(self) -> &'static str {
        match self {
            Self::Bottom => "spanscope.flame-height",
            Self::Left => "spanscope.details-width",
            Self::Right => "spanscope.name-width",
        }
    }

    /// Smallest, first, largest.
    pub(super) fn bounds(self) -> (f64, f64, f64) {
        match self {
            Self::Bottom => (96.0, 280.0, 2000.0),
            Self::Left => (240.0, 360.0, 1200.0),
            Self::Right => (150.0, 380.0, 1600.0),
        }
    }
}

/// The remembered length, or the first one.
pub(super) fn length(side: Side) -> RwSignal<f64> {
    let (least, first, most) = side.bounds();
    let stored = Stored::raw().get_item(side.key()).ok().flatten().and_then(|s| s.parse::<f64>().ok());
    RwSignal::new(stored.filter(|l| l.is_finite()).unwrap_or(first).clamp(least, most))
}

/// A border to drag; arrow keys move it too.
#[component]
pub(super) fn Splitter(
    /// What it moves.
    side: Side,
    /// The length it changes, CSS pixels.
    size: RwSignal<f64>,
    /// What it is called.
    label: &'static str,
) -> impl IntoView {
    let held = StoredValue::new(None::<f64>);
    let (least, first, most) = side.bounds();
    let set = move |to: f64| size.set(to.clamp(least, most));
    let keep = move || {
        // Storage may be switched off; the length then lasts as long as the page.
        Stored::raw().set_item(side.key(), &size.get_untracked().round().to_string()).unwrap_or_default();
    };
    let place = move |event: &PointerEvent| match side {
        Side::Bottom => f64::from(event.client_y()),
        Side::Left => -f64::from(event.client_x()),
        Side::Right => f64::from(event.client_x()),
    };
    let down = move |event: PointerEvent| {
        let target = event.current_target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        let names = target.as_ref().filter(|_| side == Side::Right).and_then(|t| t.parent_element());
        if let Some(names) = names {
            // They are as wide as fits until somebody moves their border.
            set(f64::from(names.client_width()));
        }
        held.set_value(Some(size.get_untracked() - place(&event)));
        if let Some(target) = target {
            // Without capture a fast drag is lost; nothing worse.
            target.set_pointer_capture(event.pointer_id()).unwrap_or_default();
        }
        event.prevent_default();
    };
    let moved = move |event: PointerEvent| {
        if let Some(offset) = held.get_value() {
            set(offset + place(&event));
        }
    };
    let up = move |_: PointerEvent| {
        if held.try_update_value(Option::take).flatten().is_some() {
            keep();
        }
    };
    let key = move |event: KeyboardEvent| {
        let step = if event.shift_key() { 64.0 } else { 16.0 };
        let by = match (side, event.key().as_str()) {
            (Side::Bottom, "ArrowDown") | (Side::Left, "ArrowLeft") | (Side::Right, "ArrowRight") => step,
            (Side::Bottom, "ArrowUp") | (Side::Left, "ArrowRight") | (Side::Right, "ArrowLeft") => -step,
            (_, "Home") => least - size.get_untracked(),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        set(size.get_untracked() + by);
        keep();
    };
    let (class, orientation) = match side {
        Side::Bottom => ("splitter horizontal", "horizontal"),
        Side::Left | Side::Right => ("splitter vertical", "vertical"),
    };
    view! {
        <div
            class=class
            role="separator"
            tabindex="0"
            aria-orientation=orientation
            aria-label=label
            aria-valuenow=move || size.get().round().to_string()
            aria-valuemin=least.to_string()
            aria-valuemax=most.to_string()
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=up
            on:dblclick=move |_| { set(first); keep(); }
            on:keydown=key
        ></div>
    }
}
