//! The matching spans with any fields as columns, in the order of any of them.

use leptos::prelude::*;

use super::fields::field_select;
use super::listing::{Cell, Head, List, Row, Target, listing};
use super::traces::order;
use crate::engine::protocol::{FacetsAnswer, SpanRow, Spans, SpansAnswer};
use crate::page::address::View;
use crate::page::edits::{short, split, turned};
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::Live;

/// Orders that need no field.
const ORDERS: [&str; 5] = ["", "duration", "-duration", "start", "-start"];

/// The list.
pub fn spans(frame: Frame, keys: Live<FacetsAnswer>) -> AnyView {
    let state = frame.state;
    let fields = Signal::derive(move || state.address.with(|a| split(&a.fields)));
    let turn = Callback::new(move |field: String| {
        state.change_address(true, |a| {
            a.fields = turned(&a.fields, &field);
            if a.sort.trim_start_matches('-') == field {
                a.sort.clear();
            }
        });
    });
    let list = List {
        noun: "span",
        heads: Signal::derive(move || heads(&fields.get())),
        sort: "-duration",
        longest: Signal::stored(1.0),
        remove: Some(turn),
    };
    let question = move |limit, offset| {
        let (range, q, sort) = state.address.with(|a| (a.range, a.q.clone(), a.sort.clone()));
        let order = order(&sort);
        let sort = if ORDERS.contains(&sort.as_str()) { String::new() } else { sort };
        Spans { range, q, order, limit: Some(limit), offset, fields: fields.get(), sort }
    };
    view! {
        <div class="table-tools">{field_select("Add a column", "Add a column…", keys, true, fields, turn)}</div>
        {listing(frame, list, question, rows, fields)}
    }
    .into_any()
}

fn heads(fields: &[String]) -> Vec<Head> {
    let head = |word: &str, px, spare, text| Head {
        word: word.to_owned(),
        label: short(word),
        px,
        spare,
        text,
        up: text,
        ..Head::default()
    };
    let mut all =
        vec![Head { label: "Span".to_owned(), ..head("name", 0, 0, true) }, head("kind", 80, 4, true)];
    all.extend(fields.iter().map(|field| Head { title: field.clone(), ..head(field, 130, 1, true) }));
    all.push(Head { label: "Duration".to_owned(), ..head("duration", 80, 0, false) });
    all.push(Head { label: "Start".to_owned(), ..head("start", 172, 5, false) });
    all
}

fn rows(answer: &SpansAnswer, fields: &[String]) -> (u64, Vec<Row>) {
    (answer.total, answer.rows.iter().map(|span| row(span, fields)).collect())
}

fn row(span: &SpanRow, fields: &[String]) -> Row {
    let value = |field: &String| match span.attributes.get(field) {
        None => String::new(),
        Some(serde_json::Value::String(text)) if text.is_empty() => "(empty)".to_owned(),
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    };
    let mut cells = vec![
        Cell::Name {
            service: Some(span.service.clone()),
            text: format::span_name(&span.name).to_owned(),
            aside: format::service(&span.service).to_owned(),
            failed: span.status == "error",
        },
        Cell::Plain(span.kind.clone()),
    ];
    cells.extend(fields.iter().map(|field| Cell::Text(value(field))));
    cells.push(Cell::Duration(Some(span.duration_ns as f64), None));
    cells.push(Cell::Time(span.start_ns.0));
    let target =
        Target { view: View::Trace(span.trace_id.clone()), span: span.span_id.clone(), ..Target::default() };
    Row { target: Some(target), cells }
}
