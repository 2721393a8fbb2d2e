//! Facets: how often each value of the usual keys, and of any key that is added, occurs among the matching
//! spans. A value filters with a click, its mark leaves it out, a second click takes the filter away.

use leptos::prelude::*;

use super::duration::duration;
use super::fields::field_select;
use crate::engine::protocol::{FacetRow, FacetValue, Facets, FacetsAnswer};
use crate::page::condition::{self, Condition};
use crate::page::edits::{short, toggled};
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::{Live, live};

/// Values that a facet shows.
const VALUES: usize = 7;

/// Adds a condition to the query, or takes it away where it stands. Of two values of a field only the newer is asked
/// for, because no span has both.
pub fn toggle(frame: Frame, condition: &Condition) {
    frame.state.change_address(false, |a| a.q = toggled(&a.q, condition));
}

/// What the facets asked for; the choices of columns and groups offer its keys.
#[derive(Clone, Copy)]
pub struct Asked {
    /// The answer.
    pub answer: Live<FacetsAnswer>,
    added: RwSignal<Vec<String>>,
}

/// Asks for the facets of the address.
pub fn ask(frame: Frame) -> Asked {
    let state = frame.state;
    let added = RwSignal::new(Vec::<String>::new());
    let answer = live("facets", move || {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        let fields = added.get();
        state.has_data().then_some(Facets { range, q, usual: true, fields, limit: Some(VALUES) })
    });
    Asked { answer, added }
}

/// The column of facets.
pub fn facets(frame: Frame, asked: Asked) -> AnyView {
    let Asked { answer, added } = asked;
    let list = move || {
        let Some(answer) = answer.value.get() else { return Vec::new() };
        let parts = frame.state.address.with(|a| condition::parts(&a.q));
        answer.facets.iter().map(|row| facet(frame, row, answer.total, &parts)).collect::<Vec<_>>()
    };
    let taken = Signal::derive(move || {
        answer.value.with(|a| {
            a.as_ref()
                .map(|a| a.facets.iter().map(|f| f.field.clone()).collect::<Vec<_>>())
                .unwrap_or_default()
        })
    });
    let add = Callback::new(move |field: String| added.update(|list| list.push(field)));
    // On a narrow screen they would push the results out of sight.
    let wide = window().inner_width().ok().and_then(|w| w.as_f64()).is_none_or(|width| width > 900.0);
    view! {
        <details class="facets" open=wide>
            <summary>"Filters"</summary>
            {duration(frame)}
            {list}
            {field_select("Add a facet", "Add a facet…", answer, false, taken, add)}
        </details>
    }
    .into_any()
}

fn facet(frame: Frame, row: &FacetRow, total: u64, parts: &[String]) -> AnyView {
    let shown = row.values.iter().filter(|v| !v.absent).count() as u64;
    let more = (row.distinct > shown)
        .then(|| view! { <li class="muted">{format!("{} more", format::count(row.distinct - shown))}</li> });
    let values: Vec<AnyView> =
        row.values.iter().map(|value| facet_value(frame, &row.field, value, total, parts)).collect();
    view! {
        <section class="facet">
            <h3 title=row.field.clone()><bdi>{short(&row.field)}</bdi></h3>
            <ul>{values}{more}</ul>
        </section>
    }
    .into_any()
}

fn facet_value(frame: Frame, field: &str, value: &FacetValue, total: u64, parts: &[String]) -> AnyView {
    let text = match value.text.as_str() {
        _ if value.absent => "(absent)".to_owned(),
        "" => "(empty)".to_owned(),
        text => text.to_owned(),
    };
    let is = Condition::is(field, value.literal.clone());
    let not = is.clone().negated();
    let (chosen, left_out) = (parts.contains(&is.to_string()), parts.contains(&not.to_string()));
    let width = format!("{:.1}%", value.count as f64 / total.max(1) as f64 * 100.0);
    let failing = (value.errors > 0).then(|| {
        let said = format::counted(value.errors, "error");
        view! { <i class="facet-errors" title=said></i> }
    });
    // What TraceQL cannot name is counted, and no filter.
    let fixed = value.literal.is_empty();
    let (title, exclude) = (text.clone(), format!("Leave out {text}"));
    view! {
        <li class:chosen=chosen class:left-out=left_out>
            <i class="facet-bar" style:width=width aria-hidden="true"></i>
            <button type="button" class="facet-value" title=title disabled=fixed aria-pressed=chosen.to_string()
                on:click=move |_| toggle(frame, &is)><bdi class="ellipsis">{text}</bdi>{failing}<span class="unit">{format::count(value.count)}</span></button>
            <button type="button" class="facet-not" aria-label=exclude title="Leave out" disabled=fixed
                aria-pressed=left_out.to_string() on:click=move |_| toggle(frame, &not)>"≠"</button>
        </li>
    }
    .into_any()
}
