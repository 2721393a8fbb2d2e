//! Who calls a service, and whom it calls: its part of the service map as two lists.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{MapEdge, ServiceMap, ServiceMapAnswer};
use crate::page::address::View;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::red::{Column, RedRow, Table};
use crate::page::red_table::red_table;
use crate::page::state::live;
use crate::page::widgets::{Blank, Waiting};

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

static UPSTREAM: Table = Table { noun: "caller", columns: COLUMNS, usual: USUAL, sort: Column::Calls };
static DOWNSTREAM: Table = Table { noun: "callee", columns: COLUMNS, usual: USUAL, sort: Column::Calls };

/// The neighbors of a service.
pub(super) fn neighbors(name: Signal<String>) -> AnyView {
    let state = Frame::here().state;
    let map = live("neighbors", move || {
        let (range, q, adjusted) = state.address.with(|a| (a.range, a.q.clone(), a.adjusted));
        Some(ServiceMap { range, q, adjusted, ..ServiceMap::default() })
    });
    let seconds = move || {
        let extent = state.summary.with(|s| s.as_ref().and_then(|s| Some((s.start_ns?.0, s.end_ns?.0))));
        let range = state.range().map(|r| (r.start_ns, r.end_ns)).or(extent)?;
        Some(range.1.saturating_sub(range.0) as f64 / 1e9).filter(|s| *s > 0.0)
    };
    let rows = move |upstream: bool| {
        Memo::new(move |_| {
            let (own, seconds) = (name.get(), seconds());
            let read = |a: &Arc<ServiceMapAnswer>| {
                let edges = a.edges.iter().filter(|e| if upstream { e.to == own } else { e.from == own });
                edges.map(|e| row(a, e, if upstream { &e.from } else { &e.to }, seconds)).collect::<Vec<_>>()
            };
            Arc::new(map.value.with(|a| a.as_ref().map(read)).unwrap_or_default())
        })
    };
    let asked = Memo::new(move |_| map.value.with(Option::is_some));
    let file = move |part: &'static str| {
        Signal::derive(move || format!("{}-{part}", format::file_name(&name.get())))
    };
    (move || {
        if let Some(error) = map.error.get() {
            return view! { <Blank title="No neighbors" text=error error=true/> }.into_any();
        }
        if !asked.get() {
            return view! { <Waiting/> }.into_any();
        }
        view! {
            <div class="section-head"><h2 class="section">"Upstream"</h2><span class="muted">"Who calls this service"</span></div>
            {red_table(rows(true).into(), &UPSTREAM, file("upstream"))}
            <div class="section-head"><h2 class="section">"Downstream"</h2><span class="muted">"Services, databases, brokers and hosts that this service calls"</span></div>
            {red_table(rows(false).into(), &DOWNSTREAM, file("downstream"))}
        }
        .into_any()
    })
    .into_any()
}

fn row(map: &ServiceMapAnswer, edge: &MapEdge, other: &str, seconds: Option<f64>) -> RedRow {
    let is_service = map.nodes.iter().any(|n| n.id == other && n.kind == "service");
    let bare = other.split_once(':').filter(|_| !is_service).map_or(other, |(_, name)| name);
    let name = match (is_service, bare) {
        (true, _) => format::service(other),
        (false, "") => "user",
        (false, name) => name,
    };
    let mut row = RedRow {
        name: name.to_owned(),
        kind: edge.kind.clone(),
        service: is_service.then(|| other.to_owned()),
        target: is_service.then(|| View::Service(other.to_owned())),
        ..RedRow::default()
    };
    let calls = edge.calls as f64;
    for (column, value) in [
        (Column::P99, edge.p99_ns),
        (Column::P95, edge.p95_ns),
        (Column::P50, edge.p50_ns),
        (Column::ErrorRate, (edge.calls > 0).then(|| edge.errors as f64 / calls)),
        (Column::Errors, Some(edge.errors as f64)),
        (Column::Calls, Some(calls)),
        (Column::Rate, seconds.map(|s| calls / s)),
    ] {
        row.set(column, value);
    }
    row
}
