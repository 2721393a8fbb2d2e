//! Which spans count as calls: a switch that is seen, because every number depends on it.

use leptos::prelude::*;

use super::format;
use super::frame::Frame;
use crate::engine::protocol::ScopeName;

/// The scopes with their words and what they mean.
const SCOPES: [(ScopeName, &str, &str); 3] = [
    (
        ScopeName::Entry,
        "Entry spans",
        "Calls into a service: roots, and spans whose parent is another service's or absent",
    ),
    (ScopeName::Server, "Server and consumer", "Spans of kind server and consumer"),
    (ScopeName::All, "All spans", "Every span"),
];

/// A row of choices of which one holds.
pub fn choices(
    label: &'static str,
    all: &'static [(ScopeName, &'static str, &'static str)],
    chosen: Signal<ScopeName>,
    choose: Callback<ScopeName>,
) -> AnyView {
    let buttons: Vec<AnyView> = all
        .iter()
        .map(|&(scope, word, explanation)| {
            view! {
                <button type="button" role="radio" title=explanation aria-checked=move || (chosen.get() == scope).to_string()
                    on:click=move |_| choose.run(scope)>{word}</button>
            }
            .into_any()
        })
        .collect();
    view! { <div class="segments" role="radiogroup" aria-label=label>{buttons}</div> }.into_any()
}

/// The switch of the address's scope, and how long the counted time is.
pub fn scope_switch(frame: Frame) -> AnyView {
    let state = frame.state;
    let chosen = Signal::derive(move || state.address.with(|a| a.scope));
    let choose = Callback::new(move |scope| state.change_address(true, |a| a.scope = scope));
    view! {
        <div class="counted">
            {choices("What is counted", &SCOPES, chosen, choose)}
            {super::sampling::sampling_switch(frame)}
            <span class="muted">{move || length(frame)}</span>
        </div>
    }
    .into_any()
}

/// "3 min 39 s of data", "24 s selected".
fn length(frame: Frame) -> String {
    let state = frame.state;
    let words = |from: u64, to: u64| format::long_duration(to.saturating_sub(from));
    if let Some(range) = state.range() {
        return format!("{} selected", words(range.start_ns, range.end_ns));
    }
    let extent = state.summary.with(|s| s.as_ref().and_then(|s| Some((s.start_ns?.0, s.end_ns?.0))));
    extent.map_or_else(String::new, |(from, to)| format!("{} of data", words(from, to)))
}
