//! A table of rate, errors and duration by service or operation: sortable by every column, only the visible
//! rows exist.

mod cells;

use std::sync::Arc;

use leptos::prelude::*;

use super::red::{Column, RedRow, Sort, sorted};
use super::state::AppState;
use super::widgets::{Blank, VirtualRows};
use cells::Cells;

/// Height of a row, as the stylesheet has it.
const ROW_PX: f64 = 33.0;

/// The table.
#[component]
pub fn RedTable(
    /// The rows, in any order.
    #[prop(into)]
    rows: Signal<Arc<Vec<RedRow>>>,
    /// The columns, in order; the first is the name.
    columns: &'static [Column],
    /// What the rows are: "service", "operation".
    noun: &'static str,
) -> impl IntoView {
    let state = AppState::here();
    let search = RwSignal::new(String::new());
    let sort = Memo::new(move |_| state.address.with(|a| Sort::parse(&a.sort, columns)));
    let shown = Memo::new(move |_| Arc::new(sorted(&rows.get(), sort.get(), &search.get())));
    let total = Signal::derive(move || shown.with(|s| s.len()));
    let found = move || {
        let (shown, all) = (total.get(), rows.with(|r| r.len()));
        if shown == all { String::new() } else { format!("{shown} of {all}") }
    };
    let row = move |i: usize| {
        move || {
            shown.with(|s| s.get(i).cloned()).map(|row| view! { <Cells row=row columns=columns index=i/> })
        }
    };
    view! {
        <div class="table-tools">
            <input type="search" aria-label=format!("Search {noun}s") placeholder=format!("Search {noun}s") autocomplete="off" spellcheck="false"
                prop:value=search on:input=move |event| search.set(event_target_value(&event))/>
            <span class="muted" role="status">{found}</span>
        </div>
        <div class=format!("table red {noun}s") role="table" aria-label=format!("{noun}s") aria-rowcount=move || (total.get() + 1).to_string()>
            <div class="table-head" role="row" aria-rowindex="1">
                {columns.iter().map(|&column| view! { <Head column=column sort=sort noun=noun/> }).collect_view()}
            </div>
            <VirtualRows total=total row_px=ROW_PX row=row/>
        </div>
        <Show when=move || total.get() == 0>
            <Blank title=format!("No {noun} matches") text="The search looks at names only"/>
        </Show>
    }
}

/// A column's head: a button that sorts by it.
#[component]
fn Head(
    /// The column.
    column: Column,
    /// The present sorting.
    sort: Memo<Sort>,
    /// What the rows are.
    noun: &'static str,
) -> impl IntoView {
    let state = AppState::here();
    let press = move |_| {
        let word = sort.get_untracked().pressed(column).word();
        state.change_address(true, |a| a.sort = word);
    };
    let direction = move || {
        let sort = sort.get();
        if sort.column != column {
            "none"
        } else if sort.descending {
            "descending"
        } else {
            "ascending"
        }
    };
    let arrow = move || match direction() {
        "ascending" => "↑",
        "descending" => "↓",
        _ => "",
    };
    view! {
        <div class=format!("cell {}", column.class()) role="columnheader" aria-sort=direction>
            <button type="button" title=column.explanation() on:click=press>
                {column.label(noun)}<span class="arrow" aria-hidden="true">{arrow}</span>
            </button>
        </div>
    }
}
