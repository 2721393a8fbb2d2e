//! The matching spans grouped by any fields; a row leads to its spans.

use leptos::prelude::*;

use super::fields::{chips, field_select};
use super::listing::{Cell, Head, List, Row, Target, listing};
use crate::engine::protocol::{FacetsAnswer, Table, TableAnswer, TableRow};
use crate::page::address::View;
use crate::page::condition::{Condition, and};
use crate::page::edits::{short, split, turned};
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::Live;

/// What is grouped by where the address says nothing.
pub const USUAL: &str = "resource.service.name,name";
/// An address that groups by nothing.
const NOTHING: &str = "-";

/// The columns of numbers: word, head, what it says, width, and how soon it is left out.
const NUMBERS: [(&str, &str, &str, u32, u8); 9] = [
    ("count", "Spans", "Spans of the group", 68, 0),
    ("errors", "Errors", "Spans with status error", 80, 6),
    ("error_rate", "Error rate", "Spans with status error, of the group", 76, 2),
    ("rate_per_s", "Spans/s", "Spans a second over the time range", 66, 8),
    ("p50_ns", "p50", "Half of the spans were at most this long", 70, 4),
    ("p95_ns", "p95", "95 of 100 spans were at most this long", 70, 7),
    ("p99_ns", "p99", "99 of 100 spans were at most this long", 70, 1),
    ("avg_ns", "Average", "Sum of the durations by the spans", 72, 9),
    ("max_ns", "Max", "The longest span", 70, 5),
];
const TOTAL: (&str, &str, &str, u32, u8) = ("total_ns", "Total", "Sum of the durations", 74, 3);

/// What the table of an address groups by.
pub fn grouped(by: &str) -> Vec<String> {
    match by {
        "" => split(USUAL),
        NOTHING => Vec::new(),
        by => split(by),
    }
}

/// The table with its choice of fields.
pub fn table(frame: Frame, keys: Live<FacetsAnswer>) -> AnyView {
    let state = frame.state;
    let fields = Signal::derive(move || state.address.with(|a| grouped(&a.by)));
    let list = List {
        noun: "group",
        heads: Signal::derive(move || heads(&fields.get())),
        sort: "-count",
        longest: Signal::stored(1.0),
        remove: None,
    };
    let question = move |limit, offset| {
        let (range, q, sort) = state.address.with(|a| (a.range, a.q.clone(), a.sort.clone()));
        Table { range, q, by: fields.get(), sort, limit: Some(limit), offset }
    };
    view! {
        {grouping(frame, keys, fields)}
        {listing(frame, list, question, rows, frame_fields(frame, fields))}
    }
    .into_any()
}

/// What is grouped by, to be changed.
pub fn grouping(frame: Frame, keys: Live<FacetsAnswer>, fields: Signal<Vec<String>>) -> AnyView {
    let state = frame.state;
    let turn = Callback::new(move |field: String| {
        state.change_address(true, |a| {
            let list = turned(&fields.get_untracked().join(","), &field);
            a.by = if list.is_empty() { NOTHING.to_owned() } else { list };
            if a.sort.trim_start_matches('-') == field {
                a.sort.clear();
            }
        });
    });
    view! {
        <div class="table-tools" role="group" aria-label="Grouped by">
            <span class="muted">"By"</span>{chips(fields, turn)}
            {field_select("Group by", "Group by…", keys, true, fields, turn)}
        </div>
    }
    .into_any()
}

/// The fields, and behind them the query: rows lead to their spans by both.
fn frame_fields(frame: Frame, fields: Signal<Vec<String>>) -> Signal<Vec<String>> {
    Signal::derive(move || {
        let mut all = vec![frame.state.address.with(|a| a.q.clone())];
        all.extend(fields.get());
        all
    })
}

fn heads(fields: &[String]) -> Vec<Head> {
    let value = |(at, field): (usize, &String)| Head {
        word: field.clone(),
        label: short(field),
        title: field.clone(),
        px: if at == 0 { 0 } else { 150 },
        text: true,
        up: true,
        ..Head::default()
    };
    let mut all: Vec<Head> = fields.iter().enumerate().map(value).collect();
    if fields.is_empty() {
        all.push(Head { label: "Group".to_owned(), text: true, ..Head::default() });
    }
    let number = |(word, label, title, px, spare): (&str, &str, &str, u32, u8)| Head {
        word: word.to_owned(),
        label: label.to_owned(),
        title: title.to_owned(),
        px,
        spare,
        ..Head::default()
    };
    all.extend(NUMBERS.into_iter().chain([TOTAL]).map(number));
    all
}

fn rows(answer: &TableAnswer, asked: &[String]) -> (u64, Vec<Row>) {
    let (q, fields) = asked.split_first().map_or(("", &[][..]), |(q, fields)| (q.as_str(), fields));
    (answer.total, answer.rows.iter().map(|r| row(r, q, fields)).collect())
}

fn row(row: &TableRow, q: &str, fields: &[String]) -> Row {
    let mut cells: Vec<Cell> = Vec::new();
    let mut query = q.to_owned();
    // What TraceQL cannot name leads nowhere: the spans would be others than those that were counted.
    let mut named = true;
    for (i, field) in fields.iter().enumerate() {
        let text = row.values.get(i).map_or("", String::as_str);
        let literal = row.literals.get(i).map_or("", String::as_str);
        named &= !literal.is_empty();
        query = and(&query, &Condition::is(field.clone(), literal));
        let shown = match (text, literal) {
            ("", "nil") => String::new(),
            ("", _) => "(empty)".to_owned(),
            (text, _) => text.to_owned(),
        };
        let service = (field == "resource.service.name").then(|| text.to_owned());
        cells.push(match service {
            Some(_) => Cell::Name {
                text: format::service(&shown).to_owned(),
                service,
                aside: String::new(),
                failed: false,
            },
            None => Cell::Text(shown),
        });
    }
    if fields.is_empty() {
        cells.push(Cell::Plain("All spans".to_owned()));
    }
    let seconds = row.rate_per_s.map_or_else(|| format::NONE.to_owned(), format::short);
    cells.extend([
        Cell::Count(row.count),
        Cell::Errors(row.errors),
        Cell::Percent(row.error_rate),
        Cell::Plain(seconds),
        Cell::Duration(row.p50_ns, None),
        Cell::Duration(row.p95_ns, None),
        Cell::Duration(row.p99_ns, None),
        Cell::Duration(row.avg_ns, None),
        Cell::Duration(Some(row.max_ns as f64), None),
        Cell::Duration(Some(row.total_ns as f64), None),
    ]);
    let target = Target { view: View::Traces, q: Some(query), tab: "spans", ..Target::default() };
    Row { target: named.then_some(target), cells }
}
