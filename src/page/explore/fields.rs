//! Choosing fields: columns of the spans, and what tables and lines are grouped by. The choice stands in the address.

use leptos::prelude::*;

use crate::engine::protocol::FacetsAnswer;
use crate::page::edits::short;
use crate::page::format;
use crate::page::state::Live;

/// Fields of every span that are no attributes.
const INTRINSIC: [&str; 12] = [
    "resource.service.name",
    "name",
    "kind",
    "status",
    "statusMessage",
    "rootName",
    "rootServiceName",
    "span:childCount",
    "derived:depth",
    "derived:gap",
    "derived:databaseCalls",
    "instrumentation:name",
];

/// A list of fields to choose one from: those of every span, then the keys of the matching spans with how many have
/// them. Those that are `taken` are left out.
pub fn field_select(
    label: &'static str,
    first: &'static str,
    keys: Live<FacetsAnswer>,
    intrinsic: bool,
    taken: Signal<Vec<String>>,
    choose: Callback<String>,
) -> AnyView {
    let options = move || {
        let taken = taken.get();
        let open = |field: &str| !taken.iter().any(|t| t == field);
        let option =
            |field: &str, label: String| view! { <option value=field.to_owned()>{label}</option> }.into_any();
        let own = INTRINSIC.into_iter().filter(|f| intrinsic && open(f)).map(|f| option(f, short(f)));
        let mut all: Vec<AnyView> = own.collect();
        if let Some(answer) = keys.value.get() {
            let keys =
                answer.keys.iter().filter(|k| open(&k.field) && !INTRINSIC.contains(&k.field.as_str()));
            all.extend(keys.map(|k| option(&k.field, format!("{} ({})", k.field, format::count(k.count)))));
        }
        all
    };
    let changed = move |event| {
        let field = event_target_value(&event);
        if !field.is_empty() {
            choose.run(field);
        }
    };
    view! {
        <select class="field-add" aria-label=label on:change=changed>
            <option value="">{first}</option>
            {options}
        </select>
    }
    .into_any()
}

/// The chosen fields, each with a way to take it away.
pub fn chips(fields: Signal<Vec<String>>, remove: Callback<String>) -> AnyView {
    (move || {
        let chip = |field: String| {
            let (text, title, said) = (short(&field), field.clone(), format!("Take {} away", short(&field)));
            view! {
                <span class="chip field" title=title><bdi class="ellipsis">{text}</bdi>
                    <button type="button" class="ghost tiny" aria-label=said on:click=move |_| remove.run(field.clone())>"✕"</button>
                </span>
            }
            .into_any()
        };
        fields.get().into_iter().map(chip).collect::<Vec<_>>()
    })
    .into_any()
}
