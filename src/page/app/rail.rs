//! The left rail: the views that exist, with how much is in them, and what was read.

use leptos::prelude::*;

use crate::engine::protocol::{Summary, SummaryAnswer};
use crate::page::address::View;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;

/// The left rail; above the content on narrow screens.
#[component]
pub(super) fn Rail() -> impl IntoView {
    let frame = Frame::here();
    // Like every number, those of the chosen time and query.
    let counted = live("rail", move || {
        let (range, q) = frame.state.address.with(|a| (a.range, a.q.clone()));
        frame.has_data.get().then_some(Summary { range, q })
    });
    let count = move |of: fn(&SummaryAnswer) -> u64| {
        move || counted.value.with(|s| s.as_ref().map(|s| format::count(of(s))))
    };
    view! {
        <nav class="rail" aria-label="Views" class:idle=move || !frame.has_data.get()>
            <Entry view=View::Services label="Services" count=Signal::derive(count(|s| s.services))/>
            <Entry view=View::Traces label="Traces" count=Signal::derive(count(|s| s.traces))/>
            <Entry view=View::Map label="Map" count=Signal::stored(None)/>
            <Entry view=View::Exceptions label="Exceptions" count=Signal::stored(None)/>
            <Show when=move || frame.has_data.get()><Foot/></Show>
        </nav>
    }
}

#[component]
fn Entry(
    /// Where it leads.
    view: View,
    /// Its word.
    label: &'static str,
    /// How much is there.
    count: Signal<Option<String>>,
) -> impl IntoView {
    let frame = Frame::here();
    let target = view.clone();
    let here = Memo::new(move |_| {
        frame.has_data.get()
            && frame.state.address.with(|a| match (&a.view, &target) {
                (View::Home | View::Service(_), View::Services) | (View::Trace(_), View::Traces) => true,
                (at, target) => at == target,
            })
    });
    view! {
        <a href=move || frame.href(|a| *a = a.with_view(view.clone())) aria-current=move || here.get().then_some("page")>
            {label}<span class="unit">{count}</span>
        </a>
    }
}

/// Spans, size and speed of reading, and how much needs a look.
#[component]
fn Foot() -> impl IntoView {
    let frame = Frame::here();
    let spans = move || frame.state.summary.with(|s| s.as_ref().map(|s| format::counted(s.spans, "span")));
    let read = move || {
        frame.state.report.with(|report| {
            let bytes: u64 = report.files.iter().map(|f| f.bytes).sum();
            let millis: f64 = report.files.iter().map(|f| f.millis).sum();
            (!report.files.is_empty()).then(|| {
                format!("{} in {}", format::bytes_text(bytes), format::long_duration((millis * 1e6) as u64))
            })
        })
    };
    let remarks = move || {
        let n: usize =
            frame.state.report.with(|r| r.files.iter().map(|f| f.problems.len() + f.notes.len()).sum());
        if n == 0 { "What was read".to_owned() } else { format::counted(n as u64, "remark") }
    };
    view! {
        <div class="rail-foot">
            <span>{spans}</span>
            <span>{read}</span>
            <button type="button" on:click=move |_| frame.report.set(true)>{remarks}</button>
        </div>
    }
}
