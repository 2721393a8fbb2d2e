//! One row of the table.

use leptos::prelude::*;

use crate::page::charts::drawing;
use crate::page::colors::ServiceColors;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::red::{Column, Form, RedRow};
use crate::page::widgets::{Duration, Name, Percent, Quantity, ServiceDot, Share};
use crate::scene::sparkline::sparkline;

/// An error rate from here on is marked.
const MANY_ERRORS: f64 = 0.05;

/// A row's cells.
pub(super) fn row_cells(row: &RedRow, columns: &[Column], index: usize) -> AnyView {
    let silent = row.number(Column::Calls) == Some(0.0);
    let cells: Vec<AnyView> = columns
        .iter()
        .map(|&column| view! { <div class=column.class() role="cell">{cell(row, column)}</div> }.into_any())
        .collect();
    view! {
        <div class="table-row" class:silent=silent role="row" aria-rowindex=(index + 2).to_string()>{cells}</div>
    }
    .into_any()
}

fn cell(row: &RedRow, column: Column) -> AnyView {
    let value = row.number(column);
    match column.fact().form {
        Form::Text if column == Column::Name => name(row),
        Form::Text => {
            let text = row.text(column).unwrap_or_default().to_owned();
            let title = text.clone();
            view! { <span class="muted ellipsis" title=title><Name text=text/></span> }.into_any()
        }
        Form::Duration => view! { <Duration ns=value/> }.into_any(),
        Form::Count => view! { <Quantity value=value.map(|v| format::count(v as u64)) unit=""/> }.into_any(),
        Form::Number if column == Column::Apdex => {
            view! { <Quantity value=value.map(|v| format!("{v:.2}")) unit=""/> }.into_any()
        }
        Form::Number => view! { <Quantity value=value.map(format::short) unit=""/> }.into_any(),
        Form::Share => share(row, column, value),
        Form::Spark => spark(row, column),
    }
}

fn name(row: &RedRow) -> AnyView {
    let text = row.name.clone();
    let dot = row.service.clone().map(|service| view! { <ServiceDot service=service/> });
    let Some(target) = row.target.clone() else {
        let title = text.clone();
        return view! { <span class="ellipsis" title=title>{dot}<Name text=text/></span> }.into_any();
    };
    let frame = Frame::here();
    let (q, span, title) = (row.q.clone(), row.span.clone(), text.clone());
    let href = move || {
        frame.href(|a| {
            *a = a.with_view(target.clone());
            if let Some(q) = &q {
                a.q.clone_from(q);
            }
            a.span.clone_from(&span);
        })
    };
    view! { <a class="row-link ellipsis" title=title href=href>{dot}<Name text=text/></a> }.into_any()
}

fn spark(row: &RedRow, column: Column) -> AnyView {
    let color = row.service.as_deref().map_or_else(String::new, |s| ServiceColors::here().class(s));
    let values = &row.sparks[usize::from(column == Column::SparkCalls)];
    drawing(&sparkline(values, 92.0, 18.0), format!("spark {color}"))
}

fn share(row: &RedRow, column: Column, value: Option<f64>) -> AnyView {
    let failing = column == Column::ErrorRate;
    let many = failing && value.unwrap_or(0.0) >= MANY_ERRORS;
    let title = match column {
        Column::ErrorRate => row.number(Column::Errors).map(|n| format::counted(n as u64, "failed call")),
        Column::TotalShare => row.number(Column::Total).map(duration),
        _ => row.number(Column::SelfTime).map(duration),
    };
    let class = if failing { "error" } else { "" };
    view! {
        <span class:error-text=many title=title><Percent fraction=value/></span>
        <Share fraction=value.unwrap_or(0.0) class=class/>
    }
    .into_any()
}

fn duration(ns: f64) -> String {
    let (value, unit) = crate::model::format_duration(ns);
    format!("{value} {unit}")
}
