//! A button that copies a text and says so.

use leptos::prelude::*;

use crate::web;

/// Copies what `text` gives when it is pressed.
#[component]
pub fn CopyButton(
    /// The text to copy, made when the button is pressed.
    text: impl Fn() -> String + 'static,
    /// What the button says: "Copy", "Copy report".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    let said = RwSignal::new(None::<&'static str>);
    let copy = move |_| {
        let text = text();
        web::tasks::spawn(async move {
            let outcome = if web::page::copy(&text).await.is_ok() { "Copied" } else { "Not allowed here" };
            said.try_set(Some(outcome));
            web::tasks::sleep_ms(1600).await;
            said.try_set(None);
        });
    };
    view! {
        <button type="button" class="small" on:click=copy>
            <span aria-live="polite">{move || said.get().map_or_else(|| label.clone(), str::to_owned)}</span>
        </button>
    }
}
