//! Beside the map: the numbers of what was chosen, what it is connected with, and where to go from it.

use std::sync::Arc;

use leptos::prelude::*;

use super::names::label;
use super::view::{show_near, traces};
use crate::engine::protocol::{MapEdge, MapNode, ServiceMapAnswer};
use crate::page::address::View;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::widgets::{Duration, Name, Percent, Quantity, ServiceDot};

/// The panel of the address's choice; none where it chose nothing that is there.
pub(super) fn panel(frame: Frame, answer: &Arc<ServiceMapAnswer>) -> Option<AnyView> {
    let (pick, callee) = frame.state.address.with(|a| (a.pick.clone(), a.callee.clone()));
    let find = |id: &str| answer.nodes.iter().find(|n| n.id == id);
    // The service without a name has an empty id: only a line can choose it.
    let node = find(&pick).filter(|_| !(pick.is_empty() && callee.is_empty()))?;
    let (title, body) = if callee.is_empty() {
        (title(node), of_node(frame, answer, node))
    } else {
        let to = find(&callee)?;
        let title = view! { {title(node)}<span class="muted">"→"</span>{self::title(to)} }.into_any();
        (title, of_line(frame, answer, node, to))
    };
    let close = move |_| {
        frame.state.change_address(true, |a| {
            a.pick.clear();
            a.callee.clear();
        });
    };
    Some(
        view! {
            <aside class="map-panel" aria-label="What was chosen on the map">
                <header><h2>{title}</h2><button type="button" class="ghost" aria-label="Close" on:click=close>"✕"</button></header>
                {body}
            </aside>
        }
        .into_any(),
    )
}

fn title(node: &MapNode) -> AnyView {
    let dot = (node.kind == "service").then(|| view! { <ServiceDot service=node.id.clone()/> });
    view! { {dot}<Name text=label(node)/> }.into_any()
}

fn of_node(frame: Frame, answer: &ServiceMapAnswer, node: &MapNode) -> AnyView {
    let kind = match node.kind.as_str() {
        "service" => "Service; its calls are its entry spans",
        "database" => "Database, told by the spans that name it",
        "messaging" => "Broker, told by the spans that name it",
        "external" => "A host that sent no spans of its own",
        _ => "Whoever calls a root of kind server or consumer",
    };
    let service = (node.kind == "service").then(|| {
        let name = node.id.clone();
        view! { <a class="button" href=frame.href(|a| *a = a.with_view(View::Service(name)))>"Open the service"</a> }.into_any()
    });
    let id = node.id.clone();
    let facts = facts(
        node.rate_per_s,
        node.calls,
        node.error_rate,
        [node.p50_ns, node.p95_ns, node.p99_ns],
        Some(node.spans),
    );
    view! {
        <p class="muted">{kind}</p>
        {facts}
        <div class="actions">
            {service}
            <a class="button" href=traces(frame, &node.q) title=node.q.clone()>"View traces"</a>
            <button type="button" title="Shows only what is connected with it (n)" on:click=move |_| show_near(frame, id.clone())>"Show what is near"</button>
        </div>
        {list(frame, answer, "Called by", |e| e.to == node.id, |e| &e.from)}
        {list(frame, answer, "Calls", |e| e.from == node.id, |e| &e.to)}
    }
    .into_any()
}

fn of_line(frame: Frame, answer: &ServiceMapAnswer, from: &MapNode, to: &MapNode) -> AnyView {
    let edges = answer.edges.iter().filter(|e| e.from == from.id && e.to == to.id);
    let parts = edges.map(|edge| {
        let (kind, go) = match edge.kind.as_str() {
            "service" => ("Spans whose parent belongs to the caller", "View traces"),
            "link" => ("Spans that link to spans of the other service", "View traces"),
            "database" => ("Spans that name the database", "View traces"),
            "messaging" => ("Spans that send to or take from the broker", "View traces"),
            "external" => ("Client spans without an answering span in the data", "View traces"),
            _ => ("Roots of kind server or consumer", "View traces"),
        };
        let link = (!edge.q.is_empty()).then(|| {
            view! { <div class="actions"><a class="button" href=traces(frame, &edge.q) title=edge.q.clone()>{go}</a></div> }.into_any()
        });
        let facts = facts(edge.rate_per_s, edge.calls, edge.error_rate, [edge.p50_ns, edge.p95_ns, edge.p99_ns], None);
        view! { <p class="muted">{kind}</p>{facts}{link} }.into_any()
    });
    let ends =
        [from, to].map(|node| go_to(frame, node.id.clone(), String::new(), title(node), node_numbers(node)));
    view! { {parts.collect::<Vec<_>>()}<h3>"Between"</h3><ul class="map-list">{Vec::from(ends)}</ul> }
        .into_any()
}

fn facts(
    rate: Option<f64>,
    calls: u64,
    errors: Option<f64>,
    [p50, p95, p99]: [Option<f64>; 3],
    spans: Option<u64>,
) -> AnyView {
    let failing = errors.is_some_and(|share| share > 0.0);
    let spans = spans.map(|n| view! { <div><dt>"Spans"</dt><dd>{format::count(n)}</dd></div> }.into_any());
    view! {
        <dl class="facts">
            <div><dt>"Calls/s"</dt><dd><Quantity value=rate.map(format::short) unit=""/></dd></div>
            <div><dt>"Calls"</dt><dd>{format::count(calls)}</dd></div>
            <div><dt>"Error rate"</dt><dd class:error-text=failing><Percent fraction=errors/></dd></div>
            <div><dt>"p50"</dt><dd><Duration ns=p50/></dd></div>
            <div><dt>"p95"</dt><dd><Duration ns=p95/></dd></div>
            <div><dt>"p99"</dt><dd><Duration ns=p99/></dd></div>
            {spans}
        </dl>
    }
    .into_any()
}

/// The connections of one direction, most calls first.
fn list(
    frame: Frame,
    answer: &ServiceMapAnswer,
    title: &'static str,
    belongs: impl Fn(&MapEdge) -> bool,
    other: fn(&MapEdge) -> &String,
) -> Option<AnyView> {
    let mut edges: Vec<&MapEdge> = answer.edges.iter().filter(|e| belongs(e)).collect();
    edges.sort_by_key(|e| std::cmp::Reverse(e.calls));
    let rows: Vec<AnyView> = edges
        .iter()
        .map(|edge| {
            let node = answer.nodes.iter().find(|n| n.id == *other(edge));
            let name = node.map(self::title);
            let numbers = numbers(edge.rate_per_s, edge.calls, edge.error_rate);
            go_to(frame, edge.from.clone(), edge.to.clone(), name.into_any(), numbers)
        })
        .collect();
    (!rows.is_empty()).then(|| view! { <h3>{title}</h3><ul class="map-list">{rows}</ul> }.into_any())
}

fn node_numbers(node: &MapNode) -> AnyView {
    numbers(node.rate_per_s, node.calls, node.error_rate)
}

/// "2.9/s", and the share of errors where there are any.
fn numbers(rate: Option<f64>, calls: u64, errors: Option<f64>) -> AnyView {
    let share = errors.filter(|share| *share > 0.0);
    let share =
        share.map(|share| view! { <span class="tag error">{format::percent(share)}" %"</span> }.into_any());
    let rate = rate.map_or_else(|| format::counted(calls, "call"), |r| format!("{}/s", format::short(r)));
    view! { {share}<span class="muted">{rate}</span> }.into_any()
}

/// A row that chooses something else.
fn go_to(frame: Frame, pick: String, callee: String, name: AnyView, numbers: AnyView) -> AnyView {
    let press = move |_| {
        frame.state.change_address(true, |a| {
            pick.clone_into(&mut a.pick);
            callee.clone_into(&mut a.callee);
        });
    };
    view! { <li><button type="button" on:click=press><span class="ellipsis">{name}</span><span class="grow"></span>{numbers}</button></li> }
        .into_any()
}
