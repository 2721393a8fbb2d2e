//! The map as a table: one row a connection, leading to its traces.

use std::sync::Arc;

use leptos::prelude::*;

use super::names::{label, label_of};
use crate::engine::protocol::{MapEdge, ServiceMapAnswer};
use crate::page::address::View;
use crate::page::red::{Column, RedRow, Table, csv};
use crate::page::red_table::red_table;

const COLUMNS: &[Column] = &[
    Column::Name,
    Column::Kind,
    Column::P99,
    Column::P95,
    Column::P50,
    Column::ErrorRate,
    Column::Errors,
    Column::Rate,
    Column::Calls,
];

const USUAL: &[Column] =
    &[Column::Kind, Column::P99, Column::P95, Column::P50, Column::ErrorRate, Column::Rate, Column::Calls];

static EDGES: Table = Table { noun: "connection", columns: COLUMNS, usual: USUAL, sort: Column::Calls };

/// The table.
pub(super) fn edges(answer: &Arc<ServiceMapAnswer>) -> AnyView {
    let rows = Signal::stored(Arc::new(rows(answer)));
    red_table(rows, &EDGES, Signal::stored("service-map".to_owned()))
}

/// The table as a file.
pub(super) fn csv_of(answer: &ServiceMapAnswer) -> String {
    csv(&rows(answer), &EDGES)
}

fn rows(answer: &ServiceMapAnswer) -> Vec<RedRow> {
    let name = |id: &str| answer.nodes.iter().find(|n| n.id == id).map_or_else(|| label_of(id), label);
    answer.edges.iter().map(|edge| row(edge, format!("{} → {}", name(&edge.from), name(&edge.to)))).collect()
}

fn row(edge: &MapEdge, name: String) -> RedRow {
    let mut row = RedRow { name, kind: edge.kind.clone(), ..RedRow::default() };
    if edge.q.is_empty() {
        row.target = Some(View::Service(edge.to.clone()));
    } else {
        (row.target, row.q) = (Some(View::Traces), Some(edge.q.clone()));
    }
    for (column, value) in [
        (Column::P99, edge.p99_ns),
        (Column::P95, edge.p95_ns),
        (Column::P50, edge.p50_ns),
        (Column::ErrorRate, edge.error_rate),
        (Column::Errors, Some(edge.errors as f64)),
        (Column::Calls, Some(edge.calls as f64)),
        (Column::Rate, edge.rate_per_s),
    ] {
        row.set(column, value);
    }
    row
}
