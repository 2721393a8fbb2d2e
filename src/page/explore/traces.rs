//! The matching traces: how long they are as a whole, how many spans they have, and how many of them match.

use leptos::prelude::*;

use super::listing::{Cell, Head, List, NEVER, Row, Target, listing};
use crate::engine::protocol::{Order, TraceRow, Traces, TracesAnswer, wire};
use crate::page::address::View;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;

/// The list.
pub fn traces(frame: Frame) -> AnyView {
    let state = frame.state;
    // What the bars measure against, whatever the order.
    let first = live("traces-longest", move || {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        Some(Traces { range, q, limit: Some(1), ..Traces::default() })
    });
    let longest = move || first.value.with(|a| a.as_ref()?.rows.first().map(|row| row.duration_ns as f64));
    let heads = Signal::derive(move || heads(state.address.with(|a| a.range.is_some() || !a.q.is_empty())));
    let list = List {
        noun: "trace",
        heads,
        sort: "-duration",
        longest: Signal::derive(move || longest().unwrap_or(1.0)),
        remove: None,
    };
    let question = move |limit, offset| {
        let (range, q, sort) = state.address.with(|a| (a.range, a.q.clone(), a.sort.clone()));
        Traces { range, q, order: order(&sort), limit: Some(limit), offset }
    };
    listing(frame, list, question, rows, Signal::stored(Vec::new()))
}

/// The order of a word in the address; longest first where it is none.
pub fn order(word: &str) -> Order {
    wire::read(&wire::print(&word.to_owned())).unwrap_or_default()
}

fn heads(matching: bool) -> Vec<Head> {
    let head = |word: &str, label: &str, px, spare| Head {
        word: word.to_owned(),
        label: label.to_owned(),
        px,
        spare,
        ..Head::default()
    };
    let title = "Spans that meet the query and the time range".to_owned();
    vec![
        Head { text: true, ..head("", "Trace", 0, 0) },
        head("duration", "Duration", 132, 0),
        Head { once: true, ..head("spans", "Spans", 64, 2) },
        Head { title, ..head("", "Matched", 66, if matching { 3 } else { NEVER }) },
        Head { once: true, ..head("errors", "Errors", 76, 1) },
        head("", "Services", 66, 4),
        head("start", "Start", 172, 5),
    ]
}

fn rows(answer: &TracesAnswer, _: &[String]) -> (u64, Vec<Row>) {
    (answer.total, answer.rows.iter().map(row).collect())
}

fn row(row: &TraceRow) -> Row {
    let service = row.root_service.clone();
    let name = row.root_name.as_deref().map_or("(no root span)", format::span_name).to_owned();
    let cells = vec![
        Cell::Name {
            aside: service.as_deref().map(format::service).unwrap_or_default().to_owned(),
            service: Some(service.clone().unwrap_or_default()),
            text: name,
            failed: false,
        },
        Cell::Duration(Some(row.duration_ns as f64), Some(service.unwrap_or_default())),
        Cell::Count(row.spans),
        Cell::Count(row.matched),
        Cell::Errors(row.errors),
        Cell::Count(row.services),
        Cell::Time(row.start_ns.map_or(0, |ns| ns.0)),
    ];
    Row { target: Some(Target { view: View::Trace(row.trace_id.clone()), ..Target::default() }), cells }
}
