//! Everything of the selected span.
//!
//! All of it is text of strangers: it is shown as text, isolated against bidi marks; only http(s) values become links.

mod events;
mod links;
mod values;

use std::sync::Arc;

use leptos::prelude::*;

use super::bins::bars;
use super::copy::CopyButton;
use super::view::TraceView;
use crate::engine::protocol::{SpanAnswer, TraceAnswer, wire};
use crate::model::format_duration;
use crate::page::clock;
use crate::page::condition::{Condition, filter};
use crate::page::format;
use crate::page::state::AppState;
use events::{EventList, Exceptions, LogList};
use links::LinkList;
use values::ValueList;

/// Traces of so many spans are looked over unasked.
const OVERVIEW: u64 = 200_000;

/// What of a span is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tab {
    Attributes,
    Resource,
    Events,
    Links,
    Logs,
    Json,
}

/// The details panel.
#[component]
pub(super) fn Details() -> impl IntoView {
    let view = TraceView::here();
    // Stays on the same tab from span to span.
    let tab = RwSignal::new(Tab::Attributes);
    // Equal answers after new data draw nothing anew, nor does a zoom that only changes the address.
    let span = Memo::new(move |_| view.span.value.get());
    let selected = Memo::new(move |_| view.has_selection());
    // Without a selection: where the time goes. Of huge traces only when asked for.
    let overview = Memo::new(move |_| {
        let small = |f: &Arc<TraceAnswer>| f.spans_total > 1 && f.spans_total <= OVERVIEW;
        view.has("path") || view.facts.value.with(|f| f.as_ref().is_some_and(small))
    });
    let clock = AppState::here().local_clock;
    let body = move || {
        // By another clock the times are written anew.
        clock.track();
        match span.get() {
            Some(span) if selected.get() => view! { <SpanDetails span tab /> }.into_any(),
            _ if overview.get() && !selected.get() => super::path_list::list(view),
            _ => {
                let error = view.span.error.get();
                let sentence = move || match (&error, selected.get()) {
                    (Some(error), true) => error.clone(),
                    (_, true) => "Loading…".to_owned(),
                    _ => "Select a span in the flamegraph or the tree to see everything about it".to_owned(),
                };
                view! { <p class="details-empty">{sentence}</p> }.into_any()
            }
        }
    };
    view! {
        <aside class="details" id="span-details" aria-label="Details of the selected span" tabindex="-1">
            {body}
        </aside>
    }
}

#[component]
fn SpanDetails(span: Arc<SpanAnswer>, tab: RwSignal<Tab>) -> impl IntoView {
    let view = TraceView::here();
    let (value, unit) = format_duration(span.duration_ns as f64);
    let (self_value, self_unit) = format_duration(span.self_ns as f64);
    let (offset, offset_unit) = format_duration(span.offset_ns as f64);
    let share = {
        let duration = span.duration_ns as f64;
        move || format!("{} % of the trace", format::percent(duration / view.extent.get().max(1.0)))
    };
    let self_share = format::percent(span.self_ns as f64 / (span.duration_ns as f64).max(1.0));
    let rank = span
        .percentile
        .map(|p| format!("p{} of {}", format::percent(p), format::count(span.operation_count)));
    let bars = bars(&span.operation_bins);
    let service = span.service.clone();
    let dot = move || view.service_class("dot", &service);
    let status = match span.status.as_str() {
        "error" => Some(view! { <span class="tag error">"error"</span> }.into_any()),
        "ok" => Some(view! { <span class="tag">"ok"</span> }.into_any()),
        _ => None,
    };
    let marks = span.marks.iter().map(|m| view! { <span class="tag">{m.clone()}</span> }).collect_view();
    let message = (!span.status_message.is_empty())
        .then(|| view! { <p class="details-status error-text"><bdi>{span.status_message.clone()}</bdi></p> });
    let json = {
        let span = span.clone();
        move || wire::pretty(&*span)
    };
    let (start, duration) = (span.offset_ns as f64, span.duration_ns as f64);
    let around = span.span_id.clone();
    let dropped = [
        (span.dropped.attributes, "attributes"),
        (span.dropped.events, "events"),
        (span.dropped.links, "links"),
    ];
    let dropped: Vec<String> =
        dropped.into_iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
    let dropped = (!dropped.is_empty())
        .then(|| view! { <p class="muted details-dropped">{format!("The sender dropped {}", dropped.join(", "))}</p> });
    let tabs = [
        (Tab::Attributes, "Attributes", span.attributes.len()),
        (Tab::Resource, "Resource", span.resource.len()),
        (Tab::Events, "Events", span.events.len()),
        (Tab::Links, "Links", span.links.len() + span.linked_from.len()),
        (Tab::Logs, "Logs", span.logs.len()),
        (Tab::Json, "JSON", 0),
    ];
    let tab_list = tabs
        .into_iter()
        .map(|(this, name, count)| {
            view! {
                <button
                    type="button"
                    role="tab"
                    id=format!("details-tab-{name}")
                    aria-controls="details-body"
                    aria-selected=move || (tab.get() == this).to_string()
                    tabindex=move || if tab.get() == this { "0" } else { "-1" }
                    on:click=move |_| tab.set(this)
                >
                    {name}<span class="unit">{(count > 0).then(|| count.to_string())}</span>
                </button>
            }
        })
        .collect_view();
    let tab_key = move |event: leptos::ev::KeyboardEvent| {
        let at = tabs.iter().position(|(t, ..)| *t == tab.get_untracked()).unwrap_or(0);
        let to = match event.key().as_str() {
            "ArrowRight" => (at + 1) % tabs.len(),
            "ArrowLeft" => (at + tabs.len() - 1) % tabs.len(),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        tab.set(tabs[to].0);
        crate::web::page::focus(&format!("#details-tab-{}", tabs[to].1));
    };
    let shown = {
        let span = span.clone();
        move || match tab.get() {
            Tab::Attributes => {
                view! { <ValueList values=span.attributes.clone() what="attributes" /> }.into_any()
            }
            Tab::Resource => view! {
                <ValueList values=span.resource.clone() what="resource attributes" />
                <ScopeFacts span=span.clone() />
            }
            .into_any(),
            Tab::Events => view! { <EventList span=span.clone() /> }.into_any(),
            Tab::Links => view! { <LinkList span=span.clone() /> }.into_any(),
            Tab::Logs => view! { <LogList span=span.clone() /> }.into_any(),
            Tab::Json => {
                let text = wire::pretty(&*span);
                view! { <pre class="raw" tabindex="0" dir="ltr" aria-label="The span as JSON">{text}</pre> }
                    .into_any()
            }
        }
    };
    let parent = (!span.parent_span_id.is_empty()).then(|| {
        let id = span.parent_span_id.clone();
        view! { <button type="button" class="ghost small" title="Select the parent span" on:click=move |_| view.pick_id(&id)>"Parent"</button> }
    });
    view! {
        <header class="details-head">
            <div class="details-title">
                <h2 dir="auto">{if span.name.is_empty() { "(no name)".to_owned() } else { span.name.clone() }}</h2>
                <button type="button" class="ghost small details-close" aria-label="Close the details" title="Close the details  Esc" on:click=move |_| view.unpick()>"✕"</button>
            </div>
            <p class="details-sub">
                <span class=dot></span>
                <bdi>{if span.service.is_empty() { "no service".to_owned() } else { span.service.clone() }}</bdi>
                " · "{span.kind.clone()}
                {rank.map(|r| view! { " · "<span title="Where this duration stands among the spans of the same service and name; the small columns count those from the shortest to the longest">{r}" "<span class="tree-bins" aria-hidden="true">{bars}</span></span> })}
                {status}{marks}
            </p>
            {message}
            <dl class="details-facts">
                <dt>"duration"</dt><dd>{value}<span class="unit">{unit}</span><span class="muted">" · "{share}</span></dd>
                <dt>"self"</dt><dd>{self_value}<span class="unit">{self_unit}</span><span class="muted">" · "{self_share}" % of the span"</span></dd>
                <dt>"start"</dt>
                <dd title=clock::exact(span.start_ns.0)>"+"{offset}<span class="unit">{offset_unit}</span><span class="muted">" · "{clock::zoned(span.start_ns.0, 6)}</span></dd>
                <dt>"span id"</dt><dd><code>{span.span_id.clone()}</code></dd>
            </dl>
            {children(view, &span)}
            <div class="details-actions">
                <button type="button" class="small" title="Zoom to this span  f" on:click=move |_| view.fit(start, start + duration)>"Zoom to it"</button>
                {parent}
                <button type="button" class="small" title="Merge all spans of this operation: who called them, what they call"
                    on:click=move |_| view.merge(Some("total"), Some(&around))>"Callers and callees"</button>
                <CopyButton label="Copy JSON" text=json />
            </div>
            <Exceptions span=span.clone() />
            <div class="tabs" role="tablist" aria-label="Parts of the span" on:keydown=tab_key>{tab_list}</div>
        </header>
        <div class="details-body" id="details-body" role="tabpanel">{shown}{dropped}</div>
    }
}

/// The direct children by operation; a click finds the operation's spans.
fn children(view: TraceView, span: &SpanAnswer) -> Option<AnyView> {
    if span.child_groups.is_empty() {
        return None;
    }
    let mut rows: Vec<AnyView> = Vec::new();
    for group in &span.child_groups {
        let find = filter(&[Condition::service(&group.service), Condition::name(&group.name)]);
        let (value, unit) = format_duration(group.total_ns);
        let dot = untrack(|| view.service_class("dot", &group.service));
        rows.push(
            view! {
                <li><button type="button" class="find-group" title="Find these spans" on:click=move |_| view.look_for(&find, true)>
                    <i class=dot></i><bdi>{group.name.clone()}</bdi></button>
                    <span class="muted">"× "{format::count(group.count)}", "{value}" "{unit}</span></li>
            }
            .into_any(),
        );
    }
    let title = format::counted(span.children, "direct child");
    let title = title.replace("childs", "children");
    Some(view! { <details class="children"><summary>{title}</summary><ul>{rows}</ul></details> }.into_any())
}

#[component]
fn ScopeFacts(span: Arc<SpanAnswer>) -> impl IntoView {
    let scope = span.scope.clone();
    let facts = [("name", scope.name), ("version", scope.version), ("tracestate", span.trace_state.clone())];
    let rows: Vec<_> = facts
        .into_iter()
        .filter(|(_, v)| !v.is_empty())
        .map(|(k, v)| view! { <dt>{k}</dt><dd><bdi>{v}</bdi></dd> })
        .collect();
    let head = (!rows.is_empty() || !scope.attributes.is_empty())
        .then(|| view! { <h3 class="details-section">"Scope"</h3> });
    view! {
        {head}
        <dl class="details-facts">{rows}</dl>
        {(!scope.attributes.is_empty()).then(|| view! { <ValueList values=scope.attributes.clone() what="scope attributes" /> })}
    }
}
