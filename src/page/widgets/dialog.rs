//! A modal dialog: the browser's own, so that focus, Esc and the page behind it are handled right.

use leptos::{html, prelude::*};

use crate::web;

/// Shows its children while `open` is true.
#[component]
pub fn Dialog(
    /// Whether it is shown.
    open: RwSignal<bool>,
    /// Its heading.
    #[prop(into)]
    title: String,
    /// More room, for reports and tables.
    #[prop(optional)]
    wide: bool,
    /// What it holds; built anew at each opening.
    children: ChildrenFn,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(element) = dialog.get() else { return };
        if open.get() && !element.open() {
            element.show_modal().unwrap_or_default();
        } else if !open.get_untracked() && element.open() {
            element.close();
        }
    });
    // A click on the veil hits the dialog element itself.
    let veil = move |event: leptos::ev::MouseEvent| {
        if dialog.get_untracked().is_some_and(|d| web::page::is_target(&event, &d)) {
            open.set(false);
        }
    };
    let label = title.clone();
    view! {
        <dialog node_ref=dialog class:wide=wide aria-label=label on:close=move |_| open.set(false) on:click=veil>
            <div class="dialog-head">
                <h2>{title}</h2>
                <button type="button" class="ghost" aria-label="Close" on:click=move |_| open.set(false)>"✕"</button>
            </div>
            <Show when=move || open.get()><div class="dialog-body">{children()}</div></Show>
        </dialog>
    }
}
