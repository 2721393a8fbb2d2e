//! A row of tabs. The panel below is the caller's; arrow keys go from tab to tab.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

/// One tab.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab<T> {
    /// What the tab stands for.
    pub key: T,
    /// Its word.
    pub label: String,
    /// How many things are behind it, if that is worth saying.
    pub count: Option<u64>,
}

/// A row of tabs over `chosen`.
#[component]
pub fn Tabs<T>(
    /// The tabs, in order.
    #[prop(into)]
    tabs: Signal<Vec<Tab<T>>>,
    /// The chosen one's key.
    chosen: RwSignal<T>,
    /// What the tabs choose between, for screen readers.
    #[prop(into)]
    label: String,
) -> impl IntoView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let list = NodeRef::<html::Div>::new();
    let step = move |event: ev::KeyboardEvent| {
        let by = match event.key().as_str() {
            "ArrowRight" => 1,
            "ArrowLeft" => -1,
            _ => return,
        };
        event.prevent_default();
        let all = tabs.get_untracked();
        let at = all.iter().position(|tab| tab.key == chosen.get_untracked()).unwrap_or(0);
        let next = (at as i64 + by).rem_euclid(all.len().max(1) as i64) as usize;
        if let Some(tab) = all.get(next) {
            chosen.set(tab.key.clone());
        }
        let button = list.get_untracked().and_then(|l| l.children().item(next as u32));
        if let Some(button) = button.and_then(|b| b.dyn_into::<web_sys::HtmlElement>().ok()) {
            button.focus().unwrap_or_default();
        }
    };
    view! {
        <div class="tabs" role="tablist" aria-label=label node_ref=list on:keydown=step>
            {move || {
                tabs.get()
                    .into_iter()
                    .map(|tab| {
                        let (mine, key) = (tab.key.clone(), tab.key);
                        let selected = move || chosen.with(|c| *c == mine);
                        let focusable = selected.clone();
                        view! {
                            <button type="button" role="tab"
                                aria-selected=move || selected().to_string()
                                tabindex=move || if focusable() { "0" } else { "-1" }
                                on:click=move |_| chosen.set(key.clone())>
                                {tab.label}
                                {tab.count.map(|n| view! { <span class="unit">{crate::page::format::count(n)}</span> })}
                            </button>
                        }
                    })
                    .collect_view()
            }}
        </div>
    }
}
