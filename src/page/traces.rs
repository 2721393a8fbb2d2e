//! The traces table: as many rows as there are traces, of which only the visible ones are asked for.

use std::sync::Arc;

use leptos::prelude::*;

use super::address::View;
use super::client::AskError;
use super::clock;
use super::format;
use super::frame::Frame;
use super::widgets::{Blank, Duration, Name, ServiceDot, Share, VirtualRows, Waiting};
use crate::engine::protocol::{Order, TraceRow, Traces, TracesAnswer};
use crate::web;

/// Height of a row, as the stylesheet has it.
const ROW_PX: f64 = 33.0;
/// Rows are asked for in steps of this many, so that scrolling a little asks nothing.
const STEP: usize = 64;

/// A piece of the list, with its place in it.
#[derive(Clone, Debug)]
struct Piece {
    offset: usize,
    answer: Arc<TracesAnswer>,
}

impl Piece {
    fn row(&self, i: usize) -> Option<&TraceRow> {
        self.answer.rows.get(i.checked_sub(self.offset)?)
    }
}

/// The traces.
#[component]
pub fn TracesPage() -> impl IntoView {
    let frame = Frame::here();
    let state = frame.state;
    let order = Memo::new(move |_| state.address.with(|a| order_of(&a.sort)));
    let window = RwSignal::new((0_usize, 0_usize));
    let piece = RwSignal::new(None::<Piece>);
    let error = RwSignal::new(None::<String>);
    let longest = RwSignal::new(0_u64);
    let wanted = Memo::new(move |_| {
        let (first, end) = window.get();
        let from = first / STEP * STEP;
        (from, (end.max(first + 1)).div_ceil(STEP) * STEP - from)
    });
    Effect::new(move || {
        state.generation.track();
        let (offset, limit) = wanted.get();
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        let client = state.client();
        let question = Traces { range, q, order: order.get(), limit: Some(limit), offset };
        web::tasks::spawn(async move {
            match client.ask("traces", question).await {
                Ok(answered) => {
                    piece.try_set(Some(Piece { offset, answer: Arc::new(answered.answer.body) }));
                    error.try_set(None);
                }
                Err(AskError::Failed(sentence)) => {
                    error.try_set(Some(sentence));
                }
                Err(AskError::Superseded) => {}
            }
        });
    });
    // What the bars measure against, whatever the order.
    Effect::new(move || {
        state.generation.track();
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        let client = state.client();
        web::tasks::spawn(async move {
            let question = Traces { range, q, limit: Some(1), ..Traces::default() };
            if let Ok(answered) = client.ask("traces-longest", question).await {
                longest.try_set(answered.answer.body.rows.first().map_or(0, |row| row.duration_ns));
            }
        });
    });
    let total = Signal::derive(move || piece.with(|p| p.as_ref().map_or(0, |p| p.answer.total as usize)));
    let asked = Memo::new(move |_| piece.with(Option::is_some));
    let row = move |i: usize| {
        let found = Memo::new(move |_| piece.with(|p| p.as_ref().and_then(|p| p.row(i)).cloned()));
        move || {
            // By another clock a row is written anew.
            state.local_clock.track();
            match found.get() {
                Some(row) => view! { <Row row=row index=i longest=longest/> }.into_any(),
                None => {
                    view! { <div class="table-row pending" role="row" aria-rowindex=(i + 2).to_string()></div> }
                        .into_any()
                }
            }
        }
    };
    let counted = move || match (asked.get(), state.summary.with(|s| s.as_ref().map_or(0, |s| s.traces))) {
        (false, _) => String::new(),
        (true, all) if all == total.get() as u64 => format::counted(all, "trace"),
        (true, all) => format!("{} of {}", format::count(total.get() as u64), format::counted(all, "trace")),
    };
    view! {
        <div>
            <p class="sub" role="status">{counted}</p>
            {move || error.get().map(|error| view! { <Blank title="No traces" text=error error=true/> })}
            <Show when=move || asked.get() fallback=|| view! { <Waiting/> }>
                <div class="table traces" role="table" aria-label="Traces" aria-rowcount=move || (total.get() + 1).to_string()>
                    <div class="table-head" role="row" aria-rowindex="1">
                        <div class="cell" role="columnheader"><span>"Trace"</span></div>
                        <Head label="Duration" orders=(Order::Longest, Order::Shortest) order=order class="c-duration"/>
                        <Head label="Spans" orders=(Order::MostSpans, Order::MostSpans) order=order class="c-spans"/>
                        <Head label="Errors" orders=(Order::MostErrors, Order::MostErrors) order=order class="c-errors"/>
                        <div class="cell number c-services" role="columnheader"><span>"Services"</span></div>
                        <Head label="Start" orders=(Order::Latest, Order::Earliest) order=order class="c-start"/>
                    </div>
                    <VirtualRows total=total row_px=ROW_PX row=row window=window/>
                </div>
                <Show when=move || total.get() == 0 && error.with(Option::is_none)>
                    <Blank title="No trace in this selection" text="No trace has a span that starts in this time range">
                        <button type="button" on:click=move |_| frame.clear_range()>"Show the whole time"</button>
                    </Blank>
                </Show>
            </Show>
        </div>
    }
}

/// A column's head that asks for another order.
#[component]
fn Head(
    /// Its word.
    label: &'static str,
    /// The order of the first press, and of the next.
    orders: (Order, Order),
    /// The present one.
    order: Memo<Order>,
    /// Its class.
    class: &'static str,
) -> impl IntoView {
    let frame = Frame::here();
    let press = move |_| {
        let next = if order.get_untracked() == orders.0 { orders.1 } else { orders.0 };
        frame.state.change_address(true, |a| word_of(next).clone_into(&mut a.sort));
    };
    let direction = move || match order.get() {
        Order::Shortest | Order::Earliest if order.get() == orders.1 => "ascending",
        now if now == orders.0 => "descending",
        _ => "none",
    };
    let arrow = move || match direction() {
        "ascending" => "↑",
        "descending" => "↓",
        _ => "",
    };
    view! {
        <div class=format!("cell number {class}") role="columnheader" aria-sort=direction>
            <button type="button" on:click=press>{label}<span class="arrow" aria-hidden="true">{arrow}</span></button>
        </div>
    }
}

#[component]
fn Row(
    /// The trace.
    row: TraceRow,
    /// Its number in the list.
    index: usize,
    /// Duration of the longest trace, for the bars.
    longest: RwSignal<u64>,
) -> impl IntoView {
    let frame = Frame::here();
    let id = row.trace_id.clone();
    let service = row.root_service.clone().unwrap_or_default();
    let rootless = row.root_name.is_none();
    let name = row.root_name.as_deref().map_or("(no root span)", format::span_name).to_owned();
    let share = move || longest.with(|&l| row.duration_ns as f64 / l.max(1) as f64);
    let (colors, bar) = (super::colors::ServiceColors::here(), service.clone());
    let start = row.start_ns.map_or_else(|| format::NONE.to_owned(), |ns| clock::time(ns.0, 3));
    let exact = row.start_ns.map(|ns| clock::exact(ns.0));
    view! {
        <div class="table-row" role="row" aria-rowindex=(index + 2).to_string()>
            <div class="cell" role="cell">
                <a class="row-link ellipsis" title=row.trace_id href=move || frame.href(|a| *a = a.with_view(View::Trace(id.clone())))>
                    <ServiceDot service=service.clone()/>
                    <span class:muted=rootless><Name text=name/></span>
                    {row.root_service.as_deref().map(|s| view! { <span class="row-service"><Name text=format::service(s).to_owned()/></span> })}
                </a>
            </div>
            <div class="cell number c-duration" role="cell">
                <span><Duration ns=Some(row.duration_ns as f64)/></span>
                {move || view! { <Share fraction=share() class=colors.class(&bar)/> }}
            </div>
            <div class="cell number c-spans" role="cell">{format::count(row.spans)}</div>
            <div class="cell number c-errors" role="cell">
                {if row.errors > 0 {
                    view! { <span class="tag error">{format::counted(row.errors, "error")}</span> }.into_any()
                } else {
                    view! { <span class="none">"0"</span> }.into_any()
                }}
            </div>
            <div class="cell number c-services" role="cell">{format::count(row.services)}</div>
            <div class="cell number c-start" role="cell" title=exact>{start}</div>
        </div>
    }
}

const ORDERS: &[(&str, Order)] = &[
    ("-duration", Order::Longest),
    ("duration", Order::Shortest),
    ("-start", Order::Latest),
    ("start", Order::Earliest),
    ("-spans", Order::MostSpans),
    ("-errors", Order::MostErrors),
];

fn order_of(word: &str) -> Order {
    ORDERS.iter().find(|(w, _)| *w == word).map_or(Order::Longest, |(_, order)| *order)
}

fn word_of(order: Order) -> &'static str {
    ORDERS.iter().find(|(_, o)| *o == order).map_or("-duration", |(word, _)| word)
}
