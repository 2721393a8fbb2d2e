//! One row of the table.

use leptos::prelude::*;

use crate::page::charts::Drawing;
use crate::page::colors::ServiceColors;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::red::{Column, RedRow};
use crate::page::widgets::{Duration, Name, Percent, Quantity, ServiceDot, Share};
use crate::scene::sparkline::sparkline;

/// An error rate from here on is marked.
const MANY_ERRORS: f64 = 0.05;

/// A row's cells.
#[component]
pub(super) fn Cells(
    /// The row.
    row: RedRow,
    /// The columns.
    columns: &'static [Column],
    /// Its number.
    index: usize,
) -> impl IntoView {
    let silent = row.calls == 0;
    view! {
        <div class="table-row" class:silent=silent role="row" aria-rowindex=(index + 2).to_string()>
            {columns.iter().map(|&column| view! {
                <div class=format!("cell {}", column.class()) role="cell">{cell(&row, column)}</div>
            }).collect_view()}
        </div>
    }
}

fn cell(row: &RedRow, column: Column) -> AnyView {
    match column {
        Column::Name => name(row),
        Column::Kinds => view! { <span class="muted">{row.kinds.clone()}</span> }.into_any(),
        Column::P99 => view! { <Duration ns=row.p99_ns/> }.into_any(),
        Column::P95 => view! { <Duration ns=row.p95_ns/> }.into_any(),
        Column::P90 => view! { <Duration ns=row.p90_ns/> }.into_any(),
        Column::P50 => view! { <Duration ns=row.p50_ns/> }.into_any(),
        Column::Spark => spark(row),
        Column::ErrorRate => errors(row),
        Column::Rate => view! { <Quantity value=row.rate_per_s.map(format::short) unit=""/> }.into_any(),
        Column::Calls => format::count(row.calls).into_any(),
        Column::Apdex => view! { <Quantity value=row.apdex.map(|a| format!("{a:.2}")) unit=""/> }.into_any(),
        Column::Total => view! { <Duration ns=Some(row.total_ns as f64)/> }.into_any(),
        Column::SelfTime => view! { <Duration ns=Some(row.self_ns as f64)/> }.into_any(),
    }
}

fn name(row: &RedRow) -> AnyView {
    let text = row.name.clone();
    match row.target.clone() {
        Some(target) => {
            let frame = Frame::here();
            let service = row.service.clone();
            view! {
                <a class="row-link ellipsis" href=move || frame.href(|a| *a = a.with_view(target.clone()))>
                    <ServiceDot service=service/><Name text=text/>
                </a>
            }
            .into_any()
        }
        None => {
            view! { <span class="ellipsis" title=text.clone()><Name text=text.clone()/></span> }.into_any()
        }
    }
}

fn spark(row: &RedRow) -> AnyView {
    let class = ServiceColors::here().class(&row.service);
    let shapes = sparkline(&row.spark, 96.0, 18.0);
    view! { <Drawing shapes=shapes class=format!("spark {class}")/> }.into_any()
}

fn errors(row: &RedRow) -> AnyView {
    let rate = row.error_rate.unwrap_or(0.0);
    let many = rate >= MANY_ERRORS;
    view! {
        <span class:error-text=many title=format::counted(row.errors, "failed call")><Percent fraction=row.error_rate/></span>
        <Share fraction=rate class="error"/>
    }
    .into_any()
}
