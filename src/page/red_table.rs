//! A table of rate, errors and duration: sortable by every column, with a search, a choice of columns that is
//! remembered, and CSV. Only the visible rows exist, and only the columns that have room.

mod cells;

use std::sync::Arc;

use leptos::{html, prelude::*};

use super::charts::save;
use super::red::{Column, RedRow, Sort, Table, csv, fitting, sorted, template};
use super::state::AppState;
use super::widgets::{Blank, VirtualRows, width_of};
use crate::engine::protocol::ServiceRow;
use cells::row_cells;

/// Height of a row, as the stylesheet has it.
const ROW_PX: f64 = 33.0;

/// The table. `name` is what its file is called.
pub fn red_table(rows: Signal<Arc<Vec<RedRow>>>, table: &'static Table, name: Signal<String>) -> AnyView {
    let state = AppState::here();
    let search = RwSignal::new(String::new());
    let sort = Memo::new(move |_| state.address.with(|a| Sort::parse(&a.sort, table)));
    let sorted_rows = Memo::new(move |_| Arc::new(sorted(&rows.get(), sort.get(), &search.get())));
    let total = Signal::derive(move || sorted_rows.with(|s| s.len()));
    let found = move || {
        let (shown, all) = (total.get(), rows.with(|r| r.len()));
        if shown == all { String::new() } else { format!("{shown} of {all}") }
    };
    let chosen = RwSignal::new(remembered(table));
    let place = NodeRef::<html::Div>::new();
    let width = width_of(place);
    let columns = Memo::new(move |_| fitting(table, &chosen.get(), width.get()));
    let row = move |i: usize| {
        move || {
            let columns = columns.get();
            sorted_rows.with(|s| s.get(i).map(|row| row_cells(row, &columns, i)))
        }
    };
    let heads = move || {
        let (columns, sort) = (columns.get(), sort.get());
        columns.into_iter().map(|column| head(state, column, sort, table)).collect::<Vec<_>>()
    };
    let save = move |_| {
        save::csv(state, &name.get_untracked(), &sorted_rows.with_untracked(|rows| csv(rows, table)));
    };
    let (noun, label) = (table.noun, format!("Search {}s", table.noun));
    view! {
        <div class="table-tools">
            <input type="search" aria-label=label.clone() placeholder=label autocomplete="off" spellcheck="false"
                prop:value=search on:input=move |event| search.set(event_target_value(&event))/>
            <span class="muted grow" role="status">{found}</span>
            {column_choice(table, chosen)}
            <button type="button" class="ghost" title="Save this table as CSV" on:click=save>"CSV"</button>
        </div>
        <div class=format!("table red {noun}s") node_ref=place role="table" aria-label=format!("{noun}s")
            style=("--columns", move || template(&columns.get())) aria-rowcount=move || (total.get() + 1).to_string()>
            <div class="table-head" role="row" aria-rowindex="1">{heads}</div>
            <VirtualRows total=total row_px=ROW_PX row=row/>
        </div>
        {move || (total.get() == 0).then(|| {
            let (title, text) = if rows.with(|r| r.is_empty()) {
                (format!("No {noun} in this selection"), "Nothing in the time range and the query counts here")
            } else {
                (format!("No {noun} matches"), "The search looks at names only")
            };
            view! { <Blank title=title text=text/> }
        })}
    }
    .into_any()
}

/// A made-up row of a table, with all its columns.
pub fn made_up(table: &Table) -> AnyView {
    let sparkline_p99 = vec![Some(1e6), None, Some(2e6)];
    let row = ServiceRow {
        calls: 1,
        p99_ns: Some(1e6),
        sparkline_p99,
        sparkline_calls: vec![1, 0, 2],
        ..ServiceRow::default()
    };
    row_cells(&RedRow::from(&row), table.columns, 0)
}

/// A column's head: a button that sorts by it.
fn head(state: AppState, column: Column, sort: Sort, table: &'static Table) -> AnyView {
    let press = move |_| state.change_address(true, |a| a.sort = sort.pressed(column).word());
    let (direction, arrow) = match (sort.column == column, sort.descending) {
        (false, _) => ("none", ""),
        (true, true) => ("descending", "↓"),
        (true, false) => ("ascending", "↑"),
    };
    view! {
        <div class=column.class() role="columnheader" aria-sort=direction>
            <button type="button" title=column.fact().explanation on:click=press>
                {column.label(table.noun)}<span class="arrow" aria-hidden="true">{arrow}</span>
            </button>
        </div>
    }
    .into_any()
}

/// Which columns are shown.
fn column_choice(table: &'static Table, chosen: RwSignal<Vec<Column>>) -> AnyView {
    let choice = |&column: &Column| {
        let turn = move |_| {
            chosen.update(|list| match list.iter().position(|c| *c == column) {
                Some(at) => drop(list.remove(at)),
                None => list.push(column),
            });
            remember(table, &chosen.get_untracked());
        };
        let checked = move || chosen.with(|list| list.contains(&column));
        view! {
            <label title=column.fact().explanation><input type="checkbox" prop:checked=checked on:change=turn/>{column.fact().label}</label>
        }
        .into_any()
    };
    let boxes: Vec<AnyView> = table.columns.iter().skip(1).map(choice).collect();
    view! {
        <details class="choice"><summary class="button ghost">"Columns"</summary><div class="choice-list">{boxes}</div></details>
    }
    .into_any()
}

fn key(table: &Table) -> String {
    format!("spanscope.columns.{}", table.noun)
}

/// The columns that were chosen, or the usual ones.
fn remembered(table: &Table) -> Vec<Column> {
    use gloo::storage::{LocalStorage, Storage};
    let Some(words) = LocalStorage::raw().get_item(&key(table)).ok().flatten() else {
        return table.usual.to_vec();
    };
    let known = |word: &str| table.columns.iter().copied().find(|c| c.fact().word == word);
    words.split(',').filter_map(known).collect()
}

fn remember(table: &Table, chosen: &[Column]) {
    use gloo::storage::{LocalStorage, Storage};
    let words: Vec<&str> = chosen.iter().map(|c| c.fact().word).collect();
    // Storage may be switched off; the choice then lasts as long as the view.
    LocalStorage::raw().set_item(&key(table), &words.join(",")).unwrap_or_default();
}
