//! All services: how slow, how failing, since when.

pub(super) mod filter;

use std::sync::Arc;

use leptos::prelude::*;

use super::charts::charts;
use super::drill;
use super::frame::Frame;
use super::plots::{Plots, RED};
use super::red::{Column, RedRow, Table};
use super::red_table::{self, red_table};
use super::scope::scope_switch;
use super::state::{live, next_task};
use super::widgets::{Blank, Waiting};
use crate::engine::protocol::{Red, ServicesAnswer};

const COLUMNS: &[Column] = &[
    Column::Name,
    Column::P99,
    Column::P95,
    Column::P90,
    Column::P50,
    Column::SparkP99,
    Column::ErrorRate,
    Column::Errors,
    Column::Rate,
    Column::Calls,
    Column::SparkCalls,
    Column::Apdex,
];

const USUAL: &[Column] = &[
    Column::P99,
    Column::P95,
    Column::P90,
    Column::P50,
    Column::SparkP99,
    Column::ErrorRate,
    Column::Rate,
    Column::Calls,
    Column::SparkCalls,
    Column::Apdex,
];

static TABLE: Table = Table { noun: "service", columns: COLUMNS, usual: USUAL, sort: Column::P99 };

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
    let (plots, error) = red_plots("red", Signal::stored(None));
    let asked = Memo::new(move |_| services.value.with(Option::is_some));
    let counted = move |head: &super::plots::Head| {
        let (q, scope) = frame.state.address.with_untracked(|a| (a.q.clone(), a.scope));
        let names = |a: &Arc<ServicesAnswer>| a.rows.iter().map(|r| r.service.clone()).collect::<Vec<_>>();
        let names = services.value.with_untracked(|a| a.as_ref().map(names)).unwrap_or_default();
        drill::all_calls(&q, &names, scope, &drill::of_chart(head.id))
    };
    let counted = Arc::new(counted);
    let (charts_due, table_due) = (next_task(), next_task());
    view! {
        <div class="page">
            <div class="page-head"><h1>"Services"</h1>{scope_switch(frame)}</div>
            {filter::filter(frame)}
            {move || charts_due.get().then(|| charts(RED.get(..3).unwrap_or(RED), plots, error, counted.clone()))}
            {move || services.error.get().map(|error| view! { <Blank title="No services" text=error error=true/> })}
            {move || if !table_due.get() {
                ().into_any()
            } else if asked.get() {
                red_table(rows.into(), &TABLE, Signal::stored("services".to_owned()))
            } else {
                view! { <Waiting/> }.into_any()
            }}
        </div>
    }
}

/// A made-up row.
pub fn made_up() -> AnyView {
    red_table::made_up(&TABLE)
}

/// All measures over time of one service or of all, ready to be drawn, and why there are none.
pub fn red_plots(
    view: &'static str,
    service: Signal<Option<String>>,
) -> (Signal<Option<Arc<Plots>>>, Signal<Option<String>>) {
    let state = Frame::here().state;
    let answer = live(view, move || {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        let (scope, apdex_ns, adjusted) = state.address.with(|a| (Some(a.scope), a.apdex_ns, a.adjusted));
        Some(Red { service: service.get(), range, q, scope, apdex_ns, adjusted, ..Red::default() })
    });
    let plots = Memo::new_with_compare(
        move |_| answer.value.with(|a| a.as_ref().map(|a| Arc::new(Plots::of_red(a)))),
        |_, _| true,
    );
    (plots.into(), answer.error.into())
}
