//! One service: its numbers, and behind tabs its charts and operations, the calls it makes, and its neighbors.

mod calls;
mod neighbors;
mod overview;

use leptos::prelude::*;

use super::address::View;
use super::address_tabs::{TabWords, address_tabs};
use super::format;
use super::frame::Frame;
use super::scope::scope_switch;
use super::services::filter::filter;
use super::widgets::{Blank, Duration, Name, Percent, Quantity, ServiceDot};
use crate::engine::protocol::{CallKind, ServiceRow};

/// The tabs: their words in the address, and on the page.
const TABS: [TabWords; 4] = [
    ("", "Overview"),
    ("database", "Database calls"),
    ("external", "External calls"),
    ("dependencies", "Dependencies"),
];

/// One service.
#[component]
pub fn ServicePage(
    /// Its name; "" is the one without a name.
    name: Signal<String>,
) -> impl IntoView {
    let frame = Frame::here();
    let row = Memo::new(move |_| {
        let name = name.get();
        frame.services.value.with(|a| a.as_ref().map(|a| a.rows.iter().find(|r| r.service == name).cloned()))
    });
    let known = Memo::new(move |_| !matches!(row.get(), Some(None)));
    let shown = move || format::service(&name.get()).to_owned();
    let services = move || frame.href(|a| *a = a.with_view(View::Services));
    let inside = move || {
        view! {
            <div class="page">
                <nav class="crumbs" aria-label="Up"><a class="link" href=services>"Services"</a></nav>
                <div class="page-head">
                    <h1 class="service-title">{move || view! { <ServiceDot service=name.get()/><Name text=shown()/> }}</h1>
                    {scope_switch(frame)}
                </div>
                {filter(frame)}
                {move || row.get().flatten().map(|row| facts(&row))}
                {tabs(frame, name)}
            </div>
        }
        .into_any()
    };
    let blank = move || {
        view! {
            <Blank title=format!("No service {} in this data", shown()) text="It may be in a file that is not open now">
                <a class="button" href=services>"Show the services"</a>
            </Blank>
        }
        .into_any()
    };
    move || if known.get() { inside() } else { blank() }
}

/// The tabs, and what the chosen one shows.
fn tabs(frame: Frame, name: Signal<String>) -> AnyView {
    address_tabs(frame, "Parts of the service", &TABS, move |tab| match tab {
        "database" => calls::calls(name, CallKind::Database),
        "external" => calls::calls(name, CallKind::External),
        "dependencies" => neighbors::neighbors(name),
        _ => overview::overview(name),
    })
}

/// The service's numbers in one line.
fn facts(row: &ServiceRow) -> AnyView {
    let failing = row.errors > 0;
    view! {
        <dl class="facts">
            <div><dt>"p99"</dt><dd><Duration ns=row.p99_ns/></dd></div>
            <div><dt>"p95"</dt><dd><Duration ns=row.p95_ns/></dd></div>
            <div><dt>"p90"</dt><dd><Duration ns=row.p90_ns/></dd></div>
            <div><dt>"p50"</dt><dd><Duration ns=row.p50_ns/></dd></div>
            <div><dt>"Error rate"</dt><dd class:error-text=failing><Percent fraction=row.error_rate/></dd></div>
            <div><dt>"Calls/s"</dt><dd><Quantity value=row.rate_per_s.map(format::short) unit=""/></dd></div>
            <div><dt>"Calls"</dt><dd>{format::count(row.calls)}</dd></div>
            <div><dt>"Apdex"</dt><dd><Quantity value=row.apdex.map(|a| format!("{a:.2}")) unit=""/></dd></div>
            <div><dt>"Spans"</dt><dd>{format::count(row.spans)}</dd></div>
        </dl>
    }
    .into_any()
}
