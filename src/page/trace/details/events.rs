//! Events with their offsets, exceptions with their stack traces, log records.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::copy::CopyButton;
use super::super::view::TraceView;
use super::values::{ValueList, text_of};
use crate::engine::protocol::{EventRow, SpanAnswer};
use crate::model::conventions as keys;
use crate::model::format_duration;
use crate::page::clock;

/// A signed offset: `+363 ms`.
fn offset(time: u64, from: u64) -> String {
    let (sign, distance) = if time >= from { ("+", time - from) } else { ("−", from - time) };
    let (value, unit) = format_duration(distance as f64);
    format!("{sign}{value} {unit}")
}

fn is_exception(event: &EventRow) -> bool {
    event.name == keys::EXCEPTION_EVENT
}

/// The exceptions of a span, above everything else: they are why one looks.
#[component]
pub(super) fn Exceptions(span: Arc<SpanAnswer>) -> impl IntoView {
    let blocks = span.events.iter().filter(|e| is_exception(e)).map(|e| exception(e, &span)).collect_view();
    view! { <div class="exceptions">{blocks}</div> }
}

fn exception(event: &EventRow, span: &SpanAnswer) -> impl IntoView + use<> {
    let kind = text_of(&event.attributes, keys::EXCEPTION_TYPE);
    let message = text_of(&event.attributes, keys::EXCEPTION_MESSAGE);
    let stack = text_of(&event.attributes, keys::EXCEPTION_STACKTRACE);
    let at = offset(event.time_ns.0, span.start_ns.0);
    let copied = stack.clone();
    let trace = (!stack.is_empty()).then(|| {
        view! {
            <div class="stack">
                <pre dir="ltr" tabindex="0" aria-label="Stack trace">{stack.clone()}</pre>
                <CopyButton label="Copy" title="Copy the stack trace" class="small stack-copy" text=move || copied.clone() />
            </div>
        }
    });
    view! {
        <section class="exception">
            <h3>
                <span class="error-text">{if kind.is_empty() { "Exception".to_owned() } else { String::new() }}<bdi>{kind}</bdi></span>
                <span class="muted">" "{at}</span>
            </h3>
            {(!message.is_empty()).then(|| view! { <p class="exception-message"><bdi>{message.clone()}</bdi></p> })}
            {trace}
        </section>
    }
}

/// All events in the order sent.
#[component]
pub(super) fn EventList(span: Arc<SpanAnswer>) -> impl IntoView {
    let view = TraceView::here();
    if span.events.is_empty() {
        return view! { <p class="muted details-none">"No events"</p> }.into_any();
    }
    let trace_start = span.start_ns.0.saturating_sub(span.offset_ns);
    let rows = span
        .events
        .iter()
        .map(|event| {
            let mut rest = event.attributes.clone();
            if is_exception(event) {
                // The stack trace stands above already.
                rest.remove(keys::EXCEPTION_STACKTRACE);
            }
            let (from_span, from_trace) =
                (offset(event.time_ns.0, span.start_ns.0), offset(event.time_ns.0, trace_start));
            let time = (event.time_ns.0.saturating_sub(trace_start)) as f64;
            view! {
                <li class="event">
                    <h3>
                        <bdi>{event.name.clone()}</bdi>
                        <button
                            type="button"
                            class="ghost tiny"
                            title=format!("{}; show this moment", clock::exact(event.time_ns.0))
                            on:click=move |_| {
                                let length = view.visible_now().length() / 8.0;
                                view.fit(time - length / 2.0, time + length / 2.0);
                            }
                        >
                            {from_span}" in the span · "{from_trace}" in the trace"
                        </button>
                    </h3>
                    {(!rest.is_empty()).then(|| view! { <ValueList values=rest.clone() what="event attributes" searchable=false /> })}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="events">{rows}</ul> }.into_any()
}

/// Log records of the span.
#[component]
pub(super) fn LogList(span: Arc<SpanAnswer>) -> impl IntoView {
    if span.logs.is_empty() {
        return view! { <p class="muted details-none">"No logs carry this span's id"</p> }.into_any();
    }
    let rows = span
        .logs
        .iter()
        .map(|log| {
            let bad = ["ERROR", "FATAL"].iter().any(|s| log.severity.to_uppercase().starts_with(s));
            view! {
                <li class="event">
                    <h3>
                        <span class=if bad { "tag error" } else { "tag" }>{log.severity.clone()}</span>
                        <span class="muted" title=clock::exact(log.time_ns.0)>{offset(log.time_ns.0, span.start_ns.0)}</span>
                    </h3>
                    <p class="log-body"><bdi>{log.body.clone()}</bdi></p>
                    {(!log.attributes.is_empty()).then(|| view! { <ValueList values=log.attributes.clone() what="log attributes" searchable=false /> })}
                </li>
            }
        })
        .collect_view();
    view! { <ul class="events">{rows}</ul> }.into_any()
}
