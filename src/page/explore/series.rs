//! The matching spans over time: the usual measures by any field, as the TraceQL metrics query that they are.

use leptos::prelude::*;

use super::table::grouping;
use crate::engine::protocol::FacetsAnswer;
use crate::page::edits::{MEASURES, measured, split};
use crate::page::frame::Frame;
use crate::page::metrics::metrics_chart;
use crate::page::state::Live;

/// The chart with its choices.
pub fn series(frame: Frame, keys: Live<FacetsAnswer>) -> AnyView {
    let state = frame.state;
    let asked = Memo::new(move |_| state.address.with(|a| measured(&a.q, &a.measure, &a.by)));
    let fields = Signal::derive(move || {
        state.address.with(|a| match a.by.as_str() {
            "" if a.measure != "quantiles" => vec!["resource.service.name".to_owned()],
            "" | "-" => Vec::new(),
            by => split(by),
        })
    });
    let choose = move |event| {
        let word = event_target_value(&event);
        state.change_address(true, |a| a.measure = word);
    };
    let options = move || {
        let now = state.address.with(|a| a.measure.clone());
        let option = |(word, label, _): (&'static str, &'static str, &'static str)| {
            view! { <option value=word selected=now == word>{label}</option> }.into_any()
        };
        MEASURES.into_iter().map(option).collect::<Vec<_>>()
    };
    let edit = move |_| state.change_address(false, |a| a.q = asked.get_untracked());
    view! {
        <div class="table-tools series-tools">
            <select aria-label="Measure" on:change=choose>{options}</select>
            {grouping(frame, keys, fields)}
            <span class="grow"></span>
            <button type="button" class="ghost" title="Puts the metrics query into the TraceQL bar" on:click=edit>"Edit as TraceQL"</button>
        </div>
        {metrics_chart(asked.into())}
    }
    .into_any()
}
