//! A file that would not fit into memory: said before it is read, with the choice to load a part of it.

use leptos::{ev, html, prelude::*};

use crate::engine::protocol::{Ns, Oversize, Part, Range};
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::widgets::Dialog;
use crate::web;

/// The dialog; closing it in any way but by a choice reads nothing of the file.
pub(super) fn dialog(frame: Frame) -> AnyView {
    let oversize = frame.state.oversize;
    let open = RwSignal::new(false);
    Effect::new(move || {
        // Opened by the engine's word, closed by the person's.
        if oversize.with(Option::is_some) != open.get_untracked() {
            open.update(|open| *open = !*open);
        }
    });
    Effect::new(move || {
        if !open.get() && oversize.with_untracked(Option::is_some) {
            choose(frame, None);
        }
    });
    let body = move || oversize.get_untracked().map(|oversize| form(frame, &oversize));
    view! { <Dialog open=open title="This file is too large for one page">{body}</Dialog> }.into_any()
}

fn choose(frame: Frame, part: Option<Part>) {
    frame.state.oversize.set(None);
    frame.state.client().choose(part);
}

/// "Holds about 12,000,000 spans, which would take about 5.1 GB of memory; a page may use 3.5 GB".
fn sentence(o: &Oversize) -> String {
    format!(
        "It has {} with about {}, which would need about {} of memory; a page may use {}. A part of it can be loaded: ",
        format::bytes_text(o.bytes),
        format::counted(o.spans, "span"),
        format::bytes_text(o.memory_bytes),
        format::bytes_text(o.limit_bytes)
    )
}

fn form(frame: Frame, o: &Oversize) -> AnyView {
    let field = NodeRef::<html::Input>::new;
    let (count, from, to) = (field(), field(), field());
    let value =
        |field: NodeRef<html::Input>| field.get_untracked().map(|field| field.value()).unwrap_or_default();
    let first = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Ok(spans) = value(count).parse() {
            choose(frame, Some(Part { max_spans: Some(spans), range: None }));
        }
    };
    let window = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let (Some(start), Some(end)) = (web::page::utc_ns(&value(from)), web::page::utc_ns(&value(to))) {
            let range = Range { start_ns: Ns(start), end_ns: Ns(end) };
            choose(frame, Some(Part { max_spans: None, range: Some(range) }));
        }
    };
    let end_ns = o.end_ns.0.max(o.start_ns.0 + 1_000_000_000);
    view! {
        <p>{sentence(o)}<bdi>{o.name.clone()}</bdi></p>
        <form class="part-form" on:submit=first>
            <label>"The first " <input type="number" node_ref=count min="1" required autofocus value=o.fits_spans.to_string()/> " spans"</label>
            <button type="submit" class="primary">"Load these"</button>
        </form>
        <form class="part-form" on:submit=window>
            <label>"Spans that start from " <input type="datetime-local" step="1" required node_ref=from value=web::page::utc_text(o.start_ns.0)/></label>
            <label>" to " <input type="datetime-local" step="1" required node_ref=to value=web::page::utc_text(end_ns)/> " UTC"</label>
            <button type="submit">"Load this time window"</button>
        </form>
        <p class="muted">"The numbers are estimates from the beginning of the file. Traces that reach beyond the part lack spans."</p>
        <div class="dialog-actions">
            <button type="button" on:click=move |_| choose(frame, None)>"Skip this file"</button>
        </div>
    }
    .into_any()
}
