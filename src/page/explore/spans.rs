//! The matching spans, longest first, a page at a time.

use leptos::prelude::*;

use crate::engine::protocol::{Order, SpanRow, Spans};
use crate::page::address::View;
use crate::page::clock;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;
use crate::page::widgets::{Blank, Duration, Name, ServiceDot, Waiting};

/// Rows that one press brings.
const PAGE: usize = 100;
/// The orders that are offered.
const ORDERS: [(&str, &str, Order); 4] = [
    ("", "longest first", Order::Longest),
    ("duration", "shortest first", Order::Shortest),
    ("-start", "latest first", Order::Latest),
    ("start", "earliest first", Order::Earliest),
];

/// The list.
pub fn spans(frame: Frame) -> AnyView {
    let state = frame.state;
    let limit = RwSignal::new(PAGE);
    let answer = live("explore-spans", move || {
        let (range, q, sort) = state.address.with(|a| (a.range, a.q.clone(), a.sort.clone()));
        let order = ORDERS.iter().find(|(word, ..)| *word == sort).map_or(Order::Longest, |o| o.2);
        Some(Spans { range, q, order, limit: Some(limit.get()), offset: 0 })
    });
    let choose = move |event| {
        let word = event_target_value(&event);
        limit.set(PAGE);
        state.change_address(true, |a| a.sort = word);
    };
    let orders = move || {
        let now = state.address.with(|a| a.sort.clone());
        let option = |(word, label, _): (&'static str, &'static str, Order)| {
            view! { <option value=word selected=now == word>{label}</option> }.into_any()
        };
        ORDERS.into_iter().map(option).collect::<Vec<_>>()
    };
    let list = move || {
        if let Some(error) = answer.error.get() {
            return view! { <Blank title="No spans" text=error error=true/> }.into_any();
        }
        let Some(answer) = answer.value.get() else { return view! { <Waiting/> }.into_any() };
        let shown = answer.rows.len() as u64;
        let rows: Vec<AnyView> = answer.rows.iter().map(|span| row(frame, span)).collect();
        let more = (shown < answer.total).then(|| {
            view! {
                <p class="more">
                    <span class="muted">{format!("{} of {}", format::count(shown), format::counted(answer.total, "span"))}</span>
                    <button type="button" on:click=move |_| limit.update(|n| *n += PAGE)>"Show more"</button>
                </p>
            }
        });
        view! {
            <div class="table spans" role="table" aria-label="Spans" aria-rowcount=(answer.total + 1).to_string()>
                <div class="table-head" role="row">
                    <div class="cell" role="columnheader">"Span"</div>
                    <div class="cell" role="columnheader">"Kind"</div>
                    <div class="cell number" role="columnheader">"Duration"</div>
                    <div class="cell number c-start" role="columnheader">"Start"</div>
                </div>
                {rows}
            </div>
            {more}
        }
        .into_any()
    };
    view! {
        <div class="table-tools">
            <span class="muted" role="status">{move || answer.value.with(|a| a.as_ref().map(|a| format::counted(a.total, "span")))}</span>
            <span class="grow"></span>
            <select aria-label="Order" on:change=choose>{orders}</select>
        </div>
        {list}
    }
    .into_any()
}

fn row(frame: Frame, span: &SpanRow) -> AnyView {
    let href = frame.href(|a| {
        *a = a.with_view(View::Trace(span.trace_id.clone()));
        a.span.clone_from(&span.span_id);
    });
    let failed = (span.status == "error").then(|| view! { <span class="tag error">"error"</span> });
    let start = if span.start_ns.0 == 0 { format::NONE.to_owned() } else { clock::time(span.start_ns.0, 3) };
    let name = format::span_name(&span.name).to_owned();
    let service = format::service(&span.service).to_owned();
    view! {
        <div class="table-row" role="row">
            <div class="cell" role="cell">
                <a class="row-link ellipsis" href=href>
                    <ServiceDot service=span.service.clone()/><span><Name text=name/></span>
                    <span class="row-service"><Name text=service/></span>
                </a>{failed}
            </div>
            <div class="cell muted" role="cell">{span.kind.clone()}</div>
            <div class="cell number" role="cell"><span><Duration ns=Some(span.duration_ns as f64)/></span></div>
            <div class="cell number c-start" role="cell">{start}</div>
        </div>
    }
    .into_any()
}
