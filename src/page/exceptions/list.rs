//! The list of groups, or the one that the address names.

use std::sync::Arc;

use leptos::{ev, prelude::*};

use super::group;
use super::rows::{COLUMNS, Column, sorted};
use crate::engine::protocol::{AlikeName, ExceptionRow, Exceptions, ExceptionsAnswer, PlainErrors};
use crate::page::charts::drawing;
use crate::page::clock;
use crate::page::colors::ServiceColors;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;
use crate::page::widgets::{Blank, Name, ServiceDot, VirtualRows, Waiting};
use crate::scene::sparkline::sparkline;

/// Height of a row, as the stylesheet has it.
const ROW_PX: f64 = 48.0;
/// The address's `tab` for errors without an exception.
pub(super) const PLAIN: &str = "errors";

/// The list, or the group that the address names.
pub fn exceptions_page() -> AnyView {
    let frame = Frame::here();
    let state = frame.state;
    let plain = Memo::new(move |_| state.address.with(|a| a.tab == PLAIN));
    let asked = move || {
        let a = state.address.get();
        (a.range, a.q, alike(&a.by))
    };
    let recorded = live("exceptions", move || {
        let (range, q, by) = asked();
        state.has_data().then_some(Exceptions { range, q, by, sparklines: true })
    });
    let errors = live("plain-errors", move || {
        let (range, q, by) = asked();
        state.has_data().then_some(PlainErrors { range, q, by, sparklines: true })
    });
    let answer = Memo::new(move |_| if plain.get() { errors.value.get() } else { recorded.value.get() });
    let error = Memo::new(move |_| if plain.get() { errors.error.get() } else { recorded.error.get() });
    let chosen = Memo::new(move |_| state.address.with(|a| !a.pick.is_empty()));
    let counts = move || [recorded, errors].map(|l| l.value.with(|a| a.as_ref().map(|a| a.rows.len())));
    (move || {
        if chosen.get() {
            return group::group(frame, answer);
        }
        view! {
            <div class="page">
                <h1>"Exceptions"</h1>
                <p class="sub" role="status">{move || answer.with(|a| summary(a.as_deref(), plain.get()))}</p>
                {move || tools(frame, counts(), plain.get())}
                {list(frame, answer, error)}
            </div>
        }
        .into_any()
    })
    .into_any()
}

/// How exceptions are grouped, by the address's word.
pub(super) fn alike(word: &str) -> AlikeName {
    match word {
        "type" => AlikeName::Type,
        "frame" => AlikeName::Frame,
        _ => AlikeName::Message,
    }
}

/// "41 occurrences in 3 groups, of 2 services".
fn summary(answer: Option<&ExceptionsAnswer>, plain: bool) -> String {
    let Some(answer) = answer else { return String::new() };
    let count: u64 = answer.rows.iter().map(|r| r.count).sum();
    let noun = if plain { "error span without an exception" } else { "exception" };
    let noun =
        if plain && count != 1 { "error spans without an exception".to_owned() } else { noun.to_owned() };
    let counted =
        if plain { format!("{} {noun}", format::count(count)) } else { format::counted(count, &noun) };
    format!("{counted} in {}", format::counted(answer.rows.len() as u64, "group"))
}

/// Which of the two lists, and how they are grouped.
fn tools(frame: Frame, counts: [Option<usize>; 2], plain: bool) -> AnyView {
    let by = frame.state.address.with(|a| a.by.clone());
    let choice = |word: String, here: bool, change: fn(&mut crate::page::address::Address)| {
        let press = move |_| frame.state.change_address(true, change);
        view! { <button type="button" role="radio" aria-checked=here.to_string() on:click=press>{word}</button> }.into_any()
    };
    let with_count = |word: &str, count: Option<usize>| match count {
        Some(n) => format!("{word} {}", format::count(n as u64)),
        None => word.to_owned(),
    };
    let message = if plain { "Status message" } else { "Message" };
    let frames = (!plain).then(|| choice("Top frame".into(), by == "frame", |a| a.by = "frame".into()));
    view! {
        <div class="exception-tools">
            <div class="segments" role="radiogroup" aria-label="What is listed">
                {choice(with_count("Exceptions", counts[0]), !plain, |a| a.tab.clear())}
                {choice(with_count("Errors without one", counts[1]), plain, |a| a.tab = PLAIN.into())}
            </div>
            <span class="muted">"Grouped by"</span>
            <div class="segments" role="radiogroup" aria-label="Grouped by">
                {choice(message.into(), by.is_empty() || (plain && by == "frame"), |a| a.by.clear())}
                {choice("Type".into(), by == "type", |a| a.by = "type".into())}
                {frames}
            </div>
        </div>
    }
    .into_any()
}

/// The groups, with a search.
fn list(frame: Frame, answer: Memo<Option<Arc<ExceptionsAnswer>>>, error: Memo<Option<String>>) -> AnyView {
    let state = frame.state;
    let search = RwSignal::new(String::new());
    let shown = Memo::new(move |_| {
        let sort = state.address.with(|a| a.sort.clone());
        let rows = answer.get().map(|a| sorted(&a.rows, &sort, &search.get()));
        Arc::new(rows.unwrap_or_default())
    });
    let total = Signal::derive(move || shown.with(|s| s.len()));
    let row = move |i: usize| move || shown.with(|s| s.get(i).map(|row| cells(frame, row, i)));
    let heads = move || {
        let sort = state.address.with(|a| a.sort.clone());
        COLUMNS.iter().map(|column| head(frame, column, &sort)).collect::<Vec<_>>()
    };
    let typed = move |event: ev::Event| search.set(event_target_value(&event));
    (move || {
        if let Some(error) = error.get() {
            return view! { <Blank title="No exceptions" text=error error=true/> }.into_any();
        }
        if answer.with(Option::is_none) {
            return view! { <Waiting/> }.into_any();
        }
        view! {
            <div class="table-tools">
                <input type="search" aria-label="Search exceptions" placeholder="Search type, message, service" autocomplete="off" spellcheck="false"
                    prop:value=search on:input=typed/>
            </div>
            <div class="table exceptions-table" role="table" aria-label="Exceptions" aria-rowcount=move || (total.get() + 1).to_string()>
                <div class="table-head" role="row" aria-rowindex="1">{heads}</div>
                <VirtualRows total=total row_px=ROW_PX row=row/>
            </div>
            {move || (total.get() == 0).then(|| none(answer.with(|a| a.as_ref().is_some_and(|a| !a.rows.is_empty()))))}
        }
        .into_any()
    })
    .into_any()
}

fn none(searched: bool) -> AnyView {
    let (title, text) = if searched {
        ("No group matches", "The search looks at types, messages, frames and services")
    } else {
        (
            "None in this selection",
            "Neither a span event named exception nor a log record with exception attributes is here",
        )
    };
    view! { <Blank title=title text=text/> }.into_any()
}

fn head(frame: Frame, column: &'static Column, sort: &str) -> AnyView {
    let (direction, arrow) = match sort.strip_prefix('-') {
        Some(word) if word == column.word => ("descending", "↓"),
        None if sort == column.word => ("ascending", "↑"),
        _ if sort.is_empty() && column.word == "count" => ("descending", "↓"),
        _ => ("none", ""),
    };
    // Numbers begin with the largest, texts with the first.
    let first = if column.number { "descending" } else { "ascending" };
    let descending = if direction == "none" { first == "descending" } else { direction == "ascending" };
    let press = move |_| {
        let word = format!("{}{}", if descending { "-" } else { "" }, column.word);
        frame.state.change_address(true, |a| a.sort = word);
    };
    view! {
        <div class=column.class role="columnheader" aria-sort=direction>
            <button type="button" title=column.explanation on:click=press>{column.label}<span class="arrow" aria-hidden="true">{arrow}</span></button>
        </div>
    }
    .into_any()
}

fn cells(frame: Frame, row: &ExceptionRow, index: usize) -> AnyView {
    let id = row.id.clone();
    let href = frame.href(|a| (a.pick, a.at) = (id, 0));
    let time = |ns: u64| view! { <span title=clock::exact(ns)>{clock::time(ns, 0)}</span> }.into_any();
    view! {
        <div class="table-row tall" role="row" aria-rowindex=(index + 2).to_string()>
            <div class="cell c-what" role="cell">
                <a class="row-link exception-name" href=href>
                    <b class="ellipsis"><Name text=kind_of(row)/>{(row.source == "log").then(|| view! { <span class="tag">"log"</span> })}</b>
                    <span class="ellipsis muted"><Name text=second_line(row)/></span>
                </a>
            </div>
            <div class="cell c-services" role="cell">{services(row)}</div>
            <div class="cell number c-count" role="cell">{format::count(row.count)}</div>
            <div class="cell c-spark" role="cell">{spark(row, 96.0, 20.0)}</div>
            <div class="cell number c-first" role="cell">{time(row.first_ns.0)}</div>
            <div class="cell number c-last" role="cell">{time(row.last_ns.0)}</div>
        </div>
    }
    .into_any()
}

/// The type as shown.
pub(super) fn kind_of(row: &ExceptionRow) -> String {
    match (row.r#type.as_str(), row.source.as_str()) {
        ("", "status") => "Error without a type".to_owned(),
        ("", _) => "Exception without a type".to_owned(),
        (kind, _) => kind.to_owned(),
    }
}

/// What tells the group from others of its type.
fn second_line(row: &ExceptionRow) -> String {
    if row.frame.is_empty() { row.message.clone() } else { format!("{} · {}", row.frame, row.message) }
}

pub(super) fn services(row: &ExceptionRow) -> AnyView {
    let more = row.services.len().saturating_sub(1);
    let all = row.services.join(", ");
    view! {
        <span class="ellipsis exception-services" title=all>
            <ServiceDot service=row.service.clone()/><Name text=format::service(&row.service).to_owned()/>
            {(more > 0).then(|| view! { <span class="muted">" + "{more}</span> })}
        </span>
    }
    .into_any()
}

/// How often over time.
pub(super) fn spark(row: &ExceptionRow, width: f64, height: f64) -> AnyView {
    let counts: Vec<Option<f64>> = row.sparkline.iter().map(|&n| Some(n as f64)).collect();
    let class = ServiceColors::here().class(&row.service);
    drawing(&sparkline(&counts, width, height), format!("spark {class}"))
}
