//! The matching spans over time: the usual measures by any field, as the TraceQL metrics query that they are.

use leptos::prelude::*;

use super::fields::split;
use super::table::grouping;
use crate::engine::protocol::FacetsAnswer;
use crate::page::frame::Frame;
use crate::page::metrics::metrics_chart;
use crate::page::state::Live;

/// Word in the address, label, and the function of TraceQL.
const MEASURES: [(&str, &str, &str); 6] = [
    ("", "Spans a second", "rate()"),
    ("count", "Spans", "count_over_time()"),
    ("errors", "Failed spans a second", "rate()"),
    ("average", "Average duration", "avg_over_time(duration)"),
    ("max", "Longest duration", "max_over_time(duration)"),
    ("quantiles", "Duration p50, p95, p99", "quantile_over_time(duration, .5, .95, .99)"),
];

/// The metrics query of a filter, a measure and fields.
fn query(q: &str, measure: &str, by: &str) -> String {
    let (word, _, function) = MEASURES.into_iter().find(|(word, ..)| *word == measure).unwrap_or(MEASURES[0]);
    let mut q = if q.trim().is_empty() { "{ }".to_owned() } else { q.to_owned() };
    if word == "errors" {
        q = crate::page::condition::and(&q, &crate::page::condition::Condition::error());
    }
    let fields = match by {
        "" if word != "quantiles" => "resource.service.name".to_owned(),
        "" | "-" => String::new(),
        by => split(by).join(", "),
    };
    let by = if fields.is_empty() { String::new() } else { format!(" by ({fields})") };
    format!("{q} | {function}{by}")
}

/// The chart with its choices.
pub fn series(frame: Frame, keys: Live<FacetsAnswer>) -> AnyView {
    let state = frame.state;
    let asked = Memo::new(move |_| state.address.with(|a| query(&a.q, &a.measure, &a.by)));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_a_metrics_query() {
        assert_eq!(query("", "", ""), "{ } | rate() by (resource.service.name)");
        assert_eq!(
            query("{ .a = 1 }", "errors", "name,kind"),
            "{ .a = 1 && status = error } | rate() by (name, kind)"
        );
        assert_eq!(query("{ }", "quantiles", ""), "{ } | quantile_over_time(duration, .5, .95, .99)");
    }
}
