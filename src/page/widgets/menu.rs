//! A button with a short list of actions under it.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// One action of a menu.
#[derive(Clone)]
pub struct MenuItem {
    /// What it says.
    pub label: &'static str,
    /// Its key, shown at the right; "" for none.
    pub key: &'static str,
    /// Whether a line stands above it.
    pub apart: bool,
    /// What it does.
    pub run: Callback<()>,
}

/// A button that opens a list of actions.
#[component]
pub fn Menu(
    /// What the button says.
    #[prop(into)]
    label: String,
    /// What the button is called where its label is only a sign.
    #[prop(optional)]
    title: &'static str,
    /// The actions.
    #[prop(into)]
    items: Signal<Vec<MenuItem>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let root = NodeRef::<html::Div>::new();
    let focus = move |step: i32| {
        let Some(root) = root.get_untracked() else { return };
        let Ok(items) = root.query_selector_all("[role=menuitem]") else { return };
        let active = document().active_element();
        let at = (0..items.length()).find(|&i| {
            items.item(i).is_some_and(|n| active.as_ref().is_some_and(|a| n.is_same_node(Some(a))))
        });
        let count = items.length().max(1) as i32;
        let next = at.map_or(if step > 0 { 0 } else { count - 1 }, |at| (at as i32 + step).rem_euclid(count));
        let item = items.item(next as u32).and_then(|n| n.dyn_into::<web_sys::HtmlElement>().ok());
        if let Some(item) = item {
            item.focus().unwrap_or_default();
        }
    };
    // The focus would be lost with the list.
    let close = move || {
        open.set(false);
        let button = root.get_untracked().and_then(|r| r.query_selector("button").ok().flatten());
        if let Some(button) = button.and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok()) {
            button.focus().unwrap_or_default();
        }
    };
    let keys = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "Escape" if open.get_untracked() => {
            event.stop_propagation();
            close();
        }
        "ArrowDown" => {
            event.prevent_default();
            open.set(true);
            request_animation_frame(move || focus(1));
        }
        "ArrowUp" => {
            event.prevent_default();
            focus(-1);
        }
        _ => {}
    };
    // Leaving the menu by pointer or keyboard closes it.
    let leave = move |event: ev::FocusEvent| {
        let to = event.related_target().and_then(|t| t.dyn_into::<web_sys::Node>().ok());
        if to.is_none() || root.get_untracked().is_some_and(|r| !r.contains(to.as_ref())) {
            open.set(false);
        }
    };
    view! {
        <div class="menu" node_ref=root on:keydown=keys on:focusout=leave>
            <button type="button" class:ghost=!title.is_empty() aria-haspopup="menu" aria-expanded=move || open.get().to_string()
                title=(!title.is_empty()).then_some(title) aria-label=(!title.is_empty()).then_some(title)
                on:click=move |_| open.update(|o| *o = !*o)>{label}</button>
            <Show when=move || open.get()>
                <div class="menu-list" role="menu">
                    {move || items.get().into_iter().map(|item| {
                        let run = item.run;
                        let key = (!item.key.is_empty()).then(|| view! { <kbd>{item.key}</kbd> });
                        view! {
                            {item.apart.then(|| view! { <hr/> })}
                            // Pressing must not take the focus away before the click arrives (Safari).
                            <button type="button" role="menuitem" on:mousedown=|event| event.prevent_default()
                                on:click=move |_| { close(); run.run(()); }>{item.label}{key}</button>
                        }
                    }).collect_view()}
                </div>
            </Show>
        </div>
    }
}
