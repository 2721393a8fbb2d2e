//! Calls that a service makes: to databases by statement, or to hosts outside.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{CallKind, Calls, CallsAnswer};
use crate::page::charts::charts;
use crate::page::condition::and_text;
use crate::page::drill;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::plots::{CALLS, Head, Plots};
use crate::page::red::{Column, RedRow, Table, add_shares};
use crate::page::red_table::red_table;
use crate::page::state::live;
use crate::page::widgets::{Blank, Waiting};

const STATEMENT_COLUMNS: &[Column] = &[
    Column::Name,
    Column::System,
    Column::Callers,
    Column::Calls,
    Column::Rate,
    Column::Average,
    Column::P50,
    Column::P95,
    Column::P99,
    Column::ErrorRate,
    Column::Errors,
    Column::TotalShare,
    Column::Total,
];

const HOST_COLUMNS: &[Column] = &[
    Column::Name,
    Column::Callers,
    Column::Calls,
    Column::Rate,
    Column::Average,
    Column::P50,
    Column::P95,
    Column::P99,
    Column::ErrorRate,
    Column::Errors,
    Column::TotalShare,
    Column::Total,
];

const USUAL: &[Column] = &[
    Column::System,
    Column::Callers,
    Column::Calls,
    Column::Rate,
    Column::Average,
    Column::P95,
    Column::ErrorRate,
    Column::TotalShare,
];

static STATEMENTS: Table =
    Table { noun: "statement", columns: STATEMENT_COLUMNS, usual: USUAL, sort: Column::TotalShare };
static HOSTS: Table = Table { noun: "host", columns: HOST_COLUMNS, usual: USUAL, sort: Column::TotalShare };

/// The spans that can be such calls; the address itself may stand in several attributes.
fn candidates(kind: CallKind) -> &'static str {
    match kind {
        CallKind::Database => "kind != server && (span.db.system != nil || span.db.system.name != nil)",
        CallKind::External => "kind = client && span.db.system = nil && span.db.system.name = nil",
    }
}

/// The calls of a service.
pub(super) fn calls(name: Signal<String>, kind: CallKind) -> AnyView {
    let state = Frame::here().state;
    let answer = live("calls", move || {
        let (range, q, adjusted) = state.address.with(|a| (a.range, a.q.clone(), a.adjusted));
        Some(Calls { kind, service: Some(name.get()), range, q, adjusted, ..Calls::default() })
    });
    let plots = Memo::new_with_compare(
        move |_| answer.value.with(|a| a.as_ref().map(|a| Arc::new(Plots::of_calls(a)))),
        |_, _| true,
    );
    let rows = Memo::new(move |_| {
        let read = |a: &Arc<CallsAnswer>| {
            let mut rows: Vec<RedRow> = a.rows.iter().map(RedRow::from).collect();
            add_shares(&mut rows);
            rows
        };
        Arc::new(answer.value.with(|a| a.as_ref().map(read)).unwrap_or_default())
    });
    let counted = move |head: &Head| {
        let q = state.address.with_untracked(|a| a.q.clone());
        let own = drill::own(&name.get_untracked());
        let q = and_text(&and_text(&q, &own.to_string()), candidates(kind));
        drill::of_chart(head.id).iter().fold(q, |q, more| and_text(&q, &more.to_string()))
    };
    let note = move || {
        let (shown, all) =
            answer.value.with(|a| a.as_ref().map_or((0, 0), |a| (a.series.len() as u64, a.targets)));
        let what = if kind == CallKind::Database { "database" } else { "host" };
        (shown < all).then(|| {
            let text = format!(
                "The charts show the {shown} of {} with the most time; the table has all",
                format::counted(all, what)
            );
            view! { <p class="sub">{text}</p> }
        })
    };
    let (table, heading, explained) = match kind {
        CallKind::Database => (
            &STATEMENTS,
            "Statements",
            "Spans with a database system that are no server spans; literals in statements are left out",
        ),
        CallKind::External => {
            (&HOSTS, "Hosts", "Client spans with an address and without database attributes, by that address")
        }
    };
    let some = Memo::new(move |_| answer.value.with(|a| a.as_ref().map(|a| !a.rows.is_empty())));
    let file = Signal::derive(move || format!("{}-{}s", format::file_name(&name.get()), table.noun));
    move_any(move || {
        match (some.get(), answer.error.get()) {
        (_, Some(error)) => view! { <Blank title="No calls" text=error error=true/> }.into_any(),
        (None, None) => view! { <Waiting/> }.into_any(),
        (Some(false), None) => {
            let title = match kind {
                CallKind::Database => "No database calls in this selection",
                CallKind::External => "No external calls in this selection",
            };
            view! { <Blank title=title text=explained/> }.into_any()
        }
        (Some(true), None) => view! {
            {charts(CALLS, plots.into(), answer.error.into(), Arc::new(counted))}
            {note}
            <div class="section-head"><h2 class="section">{heading}</h2><span class="muted">{explained}</span></div>
            {red_table(rows.into(), table, file)}
        }
        .into_any(),
    }
    })
}

fn move_any(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    view.into_any()
}
