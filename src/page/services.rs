//! All services: how slow, how failing, since when.

use std::sync::Arc;

use leptos::prelude::*;

use super::charts::charts_of;
use super::format;
use super::frame::Frame;
use super::red::{Column, RedRow};
use super::red_table::RedTable;
use super::widgets::{Blank, Waiting};
use crate::engine::protocol::ScopeName;

const COLUMNS: &[Column] = &[
    Column::Name,
    Column::P99,
    Column::P95,
    Column::P90,
    Column::P50,
    Column::Spark,
    Column::ErrorRate,
    Column::Rate,
    Column::Calls,
    Column::Apdex,
];

/// The services.
#[component]
pub fn ServicesPage() -> impl IntoView {
    let frame = Frame::here();
    let services = frame.services;
    let rows = Memo::new(move |_| {
        let rows =
            services.value.with(|a| a.as_ref().map(|a| a.rows.iter().map(RedRow::from).collect::<Vec<_>>()));
        Arc::new(rows.unwrap_or_default())
    });
    let asked = Memo::new(move |_| services.value.with(Option::is_some));
    view! {
        <div class="page">
            <h1>"Services"</h1>
            <p class="sub">{move || scope_line(frame)}</p>
            {charts_of(Signal::stored(None))}
            {move || services.error.get().map(|error| view! { <Blank title="No services" text=error error=true/> })}
            <Show when=move || asked.get() fallback=|| view! { <Waiting/> }>
                <RedTable rows=rows columns=COLUMNS noun="service"/>
            </Show>
        </div>
    }
}

/// What is counted: "Entry spans only · 3 min 39 s of data".
pub fn scope_line(frame: Frame) -> String {
    let state = frame.state;
    let scope = match state.address.with(|a| a.scope) {
        ScopeName::Entry => "Entry spans only",
        ScopeName::Server => "Server and consumer spans only",
        ScopeName::All => "All spans",
    };
    let length = match state.range() {
        Some(range) => {
            format!("{} selected", format::long_duration(range.end_ns.saturating_sub(range.start_ns)))
        }
        None => state.summary.with(|s| {
            let extent = s.as_ref().and_then(|s| Some((s.start_ns?.0, s.end_ns?.0)));
            extent.map_or_else(String::new, |(from, to)| {
                format!("{} of data", format::long_duration(to.saturating_sub(from)))
            })
        }),
    };
    if length.is_empty() { scope.to_owned() } else { format!("{scope} · {length}") }
}
