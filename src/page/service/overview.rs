//! A service's charts over time, the spread of its latency, and its key operations.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{Heatmap, Operations, OperationsAnswer, ScopeName};
use crate::page::address::View;
use crate::page::charts::{charts, density};
use crate::page::condition::Condition;
use crate::page::drill;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::plots::{Head, RED};
use crate::page::red::{Column, RedRow, Table, add_shares};
use crate::page::red_table::red_table;
use crate::page::scope::choices;
use crate::page::services::red_plots;
use crate::page::state::live;
use crate::page::widgets::{Blank, Waiting};

const COLUMNS: &[Column] = &[
    Column::Name,
    Column::Kind,
    Column::P99,
    Column::P95,
    Column::P90,
    Column::P50,
    Column::Average,
    Column::Calls,
    Column::Rate,
    Column::ErrorRate,
    Column::Errors,
    Column::Apdex,
    Column::TotalShare,
    Column::SelfShare,
    Column::Total,
    Column::SelfTime,
];

const USUAL: &[Column] = &[
    Column::Kind,
    Column::P99,
    Column::P95,
    Column::P50,
    Column::Calls,
    Column::ErrorRate,
    Column::TotalShare,
    Column::SelfShare,
];

static TABLE: Table = Table { noun: "operation", columns: COLUMNS, usual: USUAL, sort: Column::P99 };

/// Which spans the operations count.
const COUNTED: [(ScopeName, &str, &str); 2] = [
    (ScopeName::All, "All spans", "Every span of the service"),
    (ScopeName::Entry, "Entry spans", "Only calls into the service"),
];

/// The overview of a service.
pub(super) fn overview(name: Signal<String>) -> AnyView {
    let frame = Frame::here();
    let state = frame.state;
    let (plots, error) = red_plots("red", Signal::derive(move || Some(name.get())));
    let spread = live("heatmap", move || {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        let (scope, adjusted) = state.address.with(|a| (Some(a.scope), a.adjusted));
        Some(Heatmap { service: Some(name.get()), range, q, scope, adjusted, ..Heatmap::default() })
    });
    let named = move |more: &[Condition]| {
        let (q, scope) = state.address.with_untracked(|a| (a.q.clone(), a.scope));
        drill::calls(&q, &name.get_untracked(), scope, more)
    };
    let counted = move |head: &Head| named(&drill::of_chart(head.id));
    view! {
        {charts(RED, plots, error, Arc::new(counted))}
        {density(spread, Arc::new(named), None)}
        {key_operations(frame, name)}
    }
    .into_any()
}

fn key_operations(frame: Frame, name: Signal<String>) -> AnyView {
    let state = frame.state;
    let scope = Signal::derive(move || state.address.with(|a| a.ops).unwrap_or(ScopeName::All));
    let operations = live("operations", move || {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        let (apdex_ns, adjusted) = state.address.with(|a| (a.apdex_ns, a.adjusted));
        Some(Operations { service: name.get(), range, q, scope: Some(scope.get()), apdex_ns, adjusted })
    });
    let rows = Memo::new(move |_| {
        let (service, scope) = (name.get_untracked(), scope.get_untracked());
        let q = state.address.with_untracked(|a| a.q.clone());
        let read = |a: &Arc<OperationsAnswer>| {
            let row = |o| {
                let o: &crate::engine::protocol::OperationRow = o;
                RedRow {
                    target: Some(View::Traces),
                    q: Some(drill::calls(&q, &service, scope, &[Condition::name(&o.name)])),
                    ..RedRow::from(o)
                }
            };
            let mut rows: Vec<RedRow> = a.rows.iter().map(row).collect();
            add_shares(&mut rows);
            rows
        };
        Arc::new(operations.value.with(|a| a.as_ref().map(read)).unwrap_or_default())
    });
    let asked = Memo::new(move |_| operations.value.with(Option::is_some));
    let choose = Callback::new(move |scope| {
        state.change_address(true, |a| a.ops = Some(scope).filter(|s| *s != ScopeName::All));
    });
    let file = Signal::derive(move || format!("{}-operations", format::file_name(&name.get())));
    view! {
        <div class="section-head"><h2 class="section">"Key operations"</h2>{choices("Operations count", &COUNTED, scope, choose)}</div>
        {move || operations.error.get().map(|error| view! { <Blank title="No operations" text=error error=true/> })}
        {move || if asked.get() { red_table(rows.into(), &TABLE, file) } else { view! { <Waiting/> }.into_any() }}
    }
    .into_any()
}
