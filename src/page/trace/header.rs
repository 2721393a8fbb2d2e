//! The head of the trace page: what this trace is, what is odd about it, what can be done with it.

use leptos::prelude::*;

use super::copy::CopyButton;
use super::view::TraceView;
use crate::engine::protocol::Export;
use crate::model::format_duration;
use crate::page::clock;
use crate::page::format::count;
use crate::page::state::Notice;
use crate::page::widgets::{Menu, MenuItem};
use crate::web;

/// Name, counts, notices, actions.
#[component]
pub(super) fn TraceHeader() -> impl IntoView {
    let view = TraceView::here();
    let facts = view.facts.value;
    let name = move || {
        facts.with(|f| match f {
            Some(f) => {
                f.root_name.clone().filter(|n| !n.is_empty()).unwrap_or_else(|| "Trace without a root".into())
            }
            None => "Trace".to_owned(),
        })
    };
    let service =
        move || facts.with(|f| f.as_ref().and_then(|f| f.root_service.clone()).filter(|s| !s.is_empty()));
    let stat = move |class: &'static str, value: String, word: &'static str| {
        view! { <span class=class><b>{value}</b>" "{word}</span> }
    };
    let stats = move || {
        facts.get().map(|f| {
            let (value, unit) = format_duration(f.duration_ns as f64);
            let many = |n: usize, one, more| if n == 1 { one } else { more };
            let errors = if f.errors > 0 { "trace-stat error-text" } else { "trace-stat" };
            view! {
                {stat("trace-stat", value, unit)}
                {stat("trace-stat", count(f.spans_total), many(f.spans_total as usize, "span", "spans"))}
                {stat("trace-stat", count(f.services.len() as u64), many(f.services.len(), "service", "services"))}
                {stat(errors, count(f.errors), many(f.errors as usize, "error", "errors"))}
                {f.start_ns.map(|start| view! {
                    <time class="trace-stat trace-start" title=clock::exact(start.0)>
                        {clock::zoned(start.0, 3)}
                    </time>
                })}
            }
        })
    };
    view! {
        <header class="trace-head">
            <div class="trace-title">
                <h1 dir="auto" title=name>{name}</h1>
                <p class="trace-id">
                    <code title=move || view.id.get()>{move || short(&view.id.get())}</code>
                    <CopyButton label="Copy" title="Copy trace id" text=move || view.id.get_untracked() />
                    {move || service().map(|s| view! {
                        <span class=move || view.service_class("dot", &s)></span>
                        <bdi>{service()}</bdi>
                    })}
                </p>
            </div>
            <div class="trace-stats">{stats}</div>
            <div class="trace-actions">
                {mode(view, "Critical path", "c", "path", "")}
                {kinds(view)}
                {mode(view, "Statistics", "", "by", "operation")}
                <CopyButton label="Copy link" class="" text=web::page::location_href />
                <SaveMenu />
            </div>
        </header>
    }
}

/// What the flamegraph shows: time, or spans merged by path.
fn kinds(view: TraceView) -> AnyView {
    const KINDS: [(&str, &str); 4] = [
        ("", "Flamegraph by time"),
        ("total", "Merged by total time"),
        ("self", "Merged by self time"),
        ("critical", "Merged by critical path"),
    ];
    let options = KINDS.map(|(word, label)| view! { <option value=word>{label}</option> }).collect_view();
    let choose = move |event| {
        let kind = event_target_value(&event);
        view.merge((!kind.is_empty()).then_some(kind.as_str()), None);
    };
    view! {
        <select aria-label="What the flamegraph shows" title="What the flamegraph shows  m" prop:value=move || view.merged() on:change=choose>
            {options}
        </select>
    }
    .into_any()
}

/// A button that sets a word of the look, or takes it out.
fn mode(
    view: TraceView,
    label: &'static str,
    key: &'static str,
    word: &'static str,
    value: &'static str,
) -> AnyView {
    let click = move |_| {
        let stands = untrack(|| view.has(word));
        view.set_look(word, (!stands).then_some(value));
    };
    let key = (!key.is_empty()).then(|| view! { <kbd>{key}</kbd> });
    view! {
        <button type="button" class="mode" aria-pressed=move || view.has(word).to_string() on:click=click>{label}{key}</button>
    }
    .into_any()
}

/// *Save…* with the forms.
#[component]
fn SaveMenu() -> impl IntoView {
    let view = TraceView::here();
    let item = move |label, format| MenuItem {
        label,
        key: "",
        apart: false,
        run: Callback::new(move |()| save(view, format)),
    };
    let items = vec![
        item("OTLP protobuf", "protobuf"),
        item("OTLP/JSON", "json"),
        item("Spans as CSV", "csv"),
        MenuItem { apart: true, ..item("Flamegraph as PNG", "png") },
        item("Flamegraph as SVG", "svg"),
    ];
    view! { <Menu label="Save…" items=items /> }
}

fn save(view: TraceView, format: &'static str) {
    if matches!(format, "png" | "svg") {
        view.picture.set(Some(format));
        return;
    }
    let question =
        Export { trace_id: view.id.get_untracked(), format: format.to_owned(), ..Export::default() };
    let client = view.app.client();
    web::tasks::spawn(async move {
        let result = match client.ask("", question).await {
            Ok(answered) => {
                let head = &answered.answer.body;
                let bytes = answered.buffers.first().map(web::bytes::to_u8).unwrap_or_default();
                web::page::save(&head.name, &head.media_type, &bytes).map_err(|e| e.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        if let Err(error) = result {
            view.app.notify(Notice {
                text: format!("Could not save the trace: {error}"),
                error: true,
                action: None,
            });
        }
    });
}

/// The two ends of an id.
fn short(id: &str) -> String {
    match (id.get(..4), id.get(id.len().saturating_sub(4)..)) {
        (Some(head), Some(tail)) if id.len() > 12 => format!("{head}…{tail}"),
        _ => id.to_owned(),
    }
}
