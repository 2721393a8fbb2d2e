//! One service: latency, rate and errors over time, and its operations.

use std::sync::Arc;

use leptos::prelude::*;

use super::address::View;
use super::charts::charts_of;
use super::format;
use super::frame::Frame;
use super::red::{Column, RedRow};
use super::red_table::RedTable;
use super::services::scope_line;
use super::state::live;
use super::widgets::{Blank, Duration, Name, Percent, Quantity, ServiceDot, Waiting};
use crate::engine::protocol::{Operations, ServiceRow};

const COLUMNS: &[Column] = &[
    Column::Name,
    Column::Kinds,
    Column::P99,
    Column::P95,
    Column::P90,
    Column::P50,
    Column::ErrorRate,
    Column::Rate,
    Column::Calls,
    Column::Total,
    Column::SelfTime,
];

/// One service.
#[component]
pub fn ServicePage(
    /// Its name; "" is the one without a name.
    name: Signal<String>,
) -> impl IntoView {
    let frame = Frame::here();
    let state = frame.state;
    let row = Memo::new(move |_| {
        let name = name.get();
        frame.services.value.with(|a| a.as_ref().map(|a| a.rows.iter().find(|r| r.service == name).cloned()))
    });
    let known = Memo::new(move |_| !matches!(row.get(), Some(None)));
    let operations = live("operations", move || {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        known.get().then(|| Operations { service: name.get(), range, q, ..Operations::default() })
    });
    let rows = Memo::new(move |_| {
        let rows = operations
            .value
            .with(|a| a.as_ref().map(|a| a.rows.iter().map(RedRow::from).collect::<Vec<_>>()));
        Arc::new(rows.unwrap_or_default())
    });
    let asked = Memo::new(move |_| operations.value.with(Option::is_some));
    let shown = move || format::service(&name.get()).to_owned();
    let services = move || frame.href(|a| *a = a.with_view(View::Services));
    view! {
        <Show when=move || known.get() fallback=move || view! {
            <Blank title=format!("No service {} in this data", shown()) text="It may be in a file that is not open now">
                <a class="button" href=services>"Show the services"</a>
            </Blank>
        }>
            <div class="page">
                <nav class="crumbs" aria-label="Up"><a class="link" href=services>"Services"</a></nav>
                <h1 class="service-title">{move || view! { <ServiceDot service=name.get()/><Name text=shown()/> }}</h1>
                <p class="sub">{move || scope_line(frame)}</p>
                {move || row.get().flatten().map(|row| view! { <Facts row=row/> })}
                {charts_of(Signal::derive(move || Some(name.get())))}
                <h2 class="section">"Operations"</h2>
                <p class="sub">"All spans of the service, by name"</p>
                {move || operations.error.get().map(|error| view! { <Blank title="No operations" text=error error=true/> })}
                <Show when=move || asked.get() fallback=|| view! { <Waiting/> }>
                    <RedTable rows=rows columns=COLUMNS noun="operation"/>
                </Show>
            </div>
        </Show>
    }
}

/// The service's numbers in one line.
#[component]
fn Facts(
    /// Its row.
    row: ServiceRow,
) -> impl IntoView {
    let failing = row.errors > 0;
    view! {
        <dl class="facts">
            <div><dt>"p99"</dt><dd><Duration ns=row.p99_ns/></dd></div>
            <div><dt>"p90"</dt><dd><Duration ns=row.p90_ns/></dd></div>
            <div><dt>"p50"</dt><dd><Duration ns=row.p50_ns/></dd></div>
            <div><dt>"Error rate"</dt><dd class:error-text=failing><Percent fraction=row.error_rate/></dd></div>
            <div><dt>"Calls/s"</dt><dd><Quantity value=row.rate_per_s.map(format::short) unit=""/></dd></div>
            <div><dt>"Calls"</dt><dd>{format::count(row.calls)}</dd></div>
            <div><dt>"Apdex"</dt><dd><Quantity value=row.apdex.map(|a| format!("{a:.2}")) unit=""/></dd></div>
            <div><dt>"Spans"</dt><dd>{format::count(row.spans)}</dd></div>
        </dl>
    }
}
