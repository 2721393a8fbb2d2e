//! One trace. A placeholder until the trace page arrives.

use leptos::prelude::*;

/// One trace.
#[component]
pub fn TracePage(
    /// Its id, hex.
    id: Signal<String>,
) -> impl IntoView {
    view! { <div class="page"><h1>"Trace"</h1><p class="sub mono">{id}</p></div> }
}
