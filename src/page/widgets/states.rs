//! What stands where there is nothing to show.

use leptos::prelude::*;

/// An empty or failed view: what is the case, and what to do next.
#[component]
pub fn Blank(
    /// What is the case.
    #[prop(into)]
    title: String,
    /// More about it, or what to do next.
    #[prop(into, optional)]
    text: String,
    /// Whether it tells of a failure.
    #[prop(optional)]
    error: bool,
    /// Buttons and links.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="blank" role=if error { "alert" } else { "status" }>
            <h2><bdi>{title}</bdi></h2>
            {(!text.is_empty()).then(|| view! { <p><bdi>{text}</bdi></p> })}
            {children.map(|children| view! { <div class="actions">{children()}</div> })}
        </div>
    }
}

/// A question is on its way. Said quietly, for most answers are there at once.
#[component]
pub fn Waiting() -> impl IntoView {
    view! { <div class="blank waiting" role="status"><p>"Asking the engine…"</p></div> }
}
