//! The explorer: everything that can be asked of many traces. Facets stand at the left, results at the right.
//!
//! Every click edits the query of the address, so the bar says what is shown and a link restores it.

mod differences;
mod duration;
mod facets;
mod fields;
mod heatmap;
mod listing;
mod save;
mod series;
mod spans;
mod table;
mod traces;

use leptos::prelude::*;

use crate::page::address_tabs::{TabWords, address_tabs};
use crate::page::edits;
use crate::page::frame::Frame;

/// The results: their words in the address, and on the page.
const TABS: [TabWords; 6] = [
    ("", "Traces"),
    ("spans", "Spans"),
    ("heatmap", "Heatmap"),
    ("series", "Time series"),
    ("table", "Table"),
    ("differences", "What is different?"),
];

/// Facets at the left, results at the right.
pub fn explore() -> AnyView {
    let frame = Frame::here();
    let state = frame.state;
    let facets = facets::ask(frame);
    let results = address_tabs(frame, "Results", &TABS, move |tab| match tab {
        "spans" => spans::spans(frame, facets.answer),
        "heatmap" => heatmap::heatmap(frame),
        "series" => series::series(frame, facets.answer),
        "table" => table::table(frame, facets.answer),
        "differences" => differences::tab(frame),
        _ => traces::traces(frame),
    });
    let list = Memo::new(move |_| {
        state.address.with(|a| match a.tab.as_str() {
            "spans" | "heatmap" | "series" | "differences" => "spans",
            "table" => "table",
            _ => "traces",
        })
    });
    let fields = Signal::derive(move || {
        state.address.with(|a| if a.tab == "table" { table::grouped(&a.by) } else { edits::split(&a.fields) })
    });
    view! {
        <div class="page explore">
            {facets::facets(frame, facets)}
            <div class="results">
                <div class="results-head"><h1>"Traces"</h1><span class="muted grow">{move || matching(frame, facets)}</span>
                    {save::save_menu(frame, list, fields)}
                </div>
                {results}
            </div>
        </div>
    }
    .into_any()
}

/// How many traces and spans match, of how many.
fn matching(frame: Frame, facets: facets::Asked) -> String {
    use crate::page::format::{count, counted};
    let all = frame.state.summary.with(|s| s.as_ref().map_or((0, 0), |s| (s.traces, s.spans)));
    match facets.answer.value.with(|a| a.as_ref().map(|a| (a.traces, a.total))) {
        None => String::new(),
        Some(found) if found == all => {
            format!("{}, {}", counted(found.0, "trace"), counted(found.1, "span"))
        }
        Some((traces, spans)) => {
            let (traces, spans) = (count(traces), count(spans));
            format!("{traces} of {}, {spans} of {} match", counted(all.0, "trace"), counted(all.1, "span"))
        }
    }
}
