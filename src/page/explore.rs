//! The explorer: what the traces and spans of a query have in common, and what is different about them.
//!
//! Every click edits the query of the address, so the bar says what is shown and a link restores it.

mod differences;
mod facets;
mod spans;

use std::sync::Arc;

use leptos::prelude::*;

use super::address_tabs::{TabWords, address_tabs};
use super::charts::density;
use super::condition::and;
use super::frame::Frame;
use super::state::live;
use super::traces::TracesPage;
use crate::engine::protocol::{Heatmap, ScopeName};

/// The results: their words in the address, and on the page.
const TABS: [TabWords; 4] =
    [("", "Traces"), ("spans", "Spans"), ("durations", "Durations"), ("differences", "What is different?")];

/// Facets at the left, results at the right.
pub fn explore() -> AnyView {
    let frame = Frame::here();
    let results = address_tabs(frame, "Results", &TABS, move |tab| match tab {
        "spans" => spans::spans(frame),
        "durations" => durations(frame),
        "differences" => differences::differences(frame),
        _ => view! { <TracesPage/> }.into_any(),
    });
    view! {
        <div class="page explore">
            {facets::facets(frame)}
            <div class="results"><h1>"Traces"</h1>{results}</div>
        </div>
    }
    .into_any()
}

/// Every matching span by start and duration.
fn durations(frame: Frame) -> AnyView {
    let state = frame.state;
    let answer = live("explore-durations", move || {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        Some(Heatmap { range, q, scope: Some(ScopeName::All), ..Heatmap::default() })
    });
    let narrowed = Arc::new(move |conditions: &[super::condition::Condition]| {
        let q = state.address.with(|a| a.q.clone());
        conditions.iter().fold(q, |q, condition| and(&q, condition))
    });
    view! {
        <p class="sub">"Spans by start and duration; a box leads to its traces, and from there to what is different about them"</p>
        {density(answer, narrowed)}
    }
    .into_any()
}
