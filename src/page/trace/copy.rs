//! Copying with a word of what happened.

use leptos::prelude::*;

use crate::page::state::{AppState, Notice};
use crate::web;

/// Copies a text; a failure becomes a notice.
pub(super) fn copy(app: AppState, text: String) {
    web::tasks::spawn(async move {
        if let Err(error) = web::page::copy(&text).await {
            app.notify(Notice { text: format!("Could not copy: {error}"), error: true, action: None });
        }
    });
}

/// A button that copies, and says so for a moment.
#[component]
pub(super) fn CopyButton(
    /// What it says.
    #[prop(into)]
    label: String,
    /// What it is called where `label` is only a sign.
    #[prop(into, optional)]
    title: String,
    /// Its classes.
    #[prop(into, default = "ghost small".to_owned())]
    class: String,
    /// The text to copy.
    text: impl Fn() -> String + 'static,
) -> impl IntoView {
    let app = AppState::here();
    let done = RwSignal::new(false);
    let click = move |_| {
        copy(app, text());
        done.set(true);
        set_timeout(
            move || {
                done.try_set(false);
            },
            std::time::Duration::from_millis(1200),
        );
    };
    let title = if title.is_empty() { label.clone() } else { title };
    view! {
        <button type="button" class=class title=title.clone() aria-label=title on:click=click>
            {move || if done.get() { "Copied".to_owned() } else { label.clone() }}
        </button>
    }
}
