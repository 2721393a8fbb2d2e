//! Resource attributes as filters: an environment, a cluster, a version. A choice is written into the query, where
//! it can be read and edited; what of the query is about resources stands here as chips.

use std::sync::Arc;

use leptos::prelude::*;

use crate::engine::protocol::{Complete, CompleteItem};
use crate::page::condition;
use crate::page::frame::Frame;
use crate::page::state::{Live, live};

/// What is offered first where the data has it.
const ENVIRONMENT: [&str; 2] = ["resource.deployment.environment.name", "resource.deployment.environment"];

/// What the completion of a query offers at its end, of one kind.
fn offered(view: &'static str, text: Signal<String>) -> Live<crate::engine::protocol::CompleteAnswer> {
    live(view, move || {
        let text = text.get();
        (!text.is_empty()).then(|| Complete { cursor: text.len(), text })
    })
}

fn of_kind(items: &[CompleteItem], kind: &str) -> Vec<CompleteItem> {
    items.iter().filter(|item| item.kind == kind).cloned().collect()
}

/// The row of filters.
pub fn filter(frame: Frame) -> AnyView {
    let state = frame.state;
    let keys = offered("filter-keys", Signal::stored("{ resource.".to_owned()));
    let names = Memo::new(move |_| {
        let items = keys.value.with(|a| a.as_ref().map(|a| of_kind(&a.items, "key"))).unwrap_or_default();
        let full = |item: CompleteItem| {
            let name = item.insert;
            if name.starts_with("resource.") { name } else { format!("resource.{name}") }
        };
        let mut names: Vec<String> =
            items.into_iter().map(full).filter(|name| name != "resource.service.name").collect();
        names.sort_by_key(|name| (!ENVIRONMENT.contains(&name.as_str()), name.clone()));
        names
    });
    let chosen = RwSignal::new(String::new());
    let key = Memo::new(move |_| {
        let names = names.get();
        let chosen = chosen.get();
        if names.contains(&chosen) { chosen } else { names.first().cloned().unwrap_or_default() }
    });
    let question = Signal::derive(move || {
        let key = key.get();
        if key.is_empty() { key } else { format!("{{ {key} = ") }
    });
    let values = offered("filter-values", question);
    let parts = Memo::new(move |_| {
        let of_resource = |part: &String| part.starts_with("resource.");
        state.address.with(|a| condition::parts(&a.q)).into_iter().filter(of_resource).collect::<Vec<_>>()
    });
    let present = move || {
        let start = format!("{} = ", key.get());
        parts
            .get()
            .into_iter()
            .find_map(|part| part.strip_prefix(&start).map(str::to_owned))
            .unwrap_or_default()
    };
    let set = move |value: String| {
        let start = format!("{} = ", key.get_untracked());
        state.change_address(false, |a| {
            for part in condition::parts(&a.q).into_iter().filter(|part| part.starts_with(&start)) {
                a.q = condition::without(&a.q, &part);
            }
            if !value.is_empty() {
                a.q = condition::and_text(&a.q, &format!("{start}{value}"));
            }
        });
    };
    let key_options = move || {
        let now = key.get();
        let option = |name: String| {
            let shown = name.trim_start_matches("resource.").to_owned();
            let selected = name == now;
            view! { <option value=name selected=selected>{shown}</option> }.into_any()
        };
        names.get().into_iter().map(option).collect::<Vec<_>>()
    };
    let value_options = move || {
        let now = present();
        let items = values.value.with(|a| a.as_ref().map(Arc::clone));
        let items = items.map(|a| of_kind(&a.items, "value")).unwrap_or_default();
        let option = |item: CompleteItem| {
            let selected = item.insert == now;
            let shown = format!("{} ({})", item.insert.trim_matches('"'), item.detail);
            view! { <option value=item.insert selected=selected>{shown}</option> }.into_any()
        };
        let any = view! { <option value="" selected=now.is_empty()>"any"</option> }.into_any();
        std::iter::once(any).chain(items.into_iter().map(option)).collect::<Vec<_>>()
    };
    let chips = move || {
        let chip = |part: String| {
            let (shown, gone) = (part.trim_start_matches("resource.").to_owned(), part);
            let drop = move |_| state.change_address(false, |a| a.q = condition::without(&a.q, &gone));
            view! {
                <button type="button" class="chip" title="Take this filter away" on:click=drop><bdi class="ellipsis">{shown}</bdi>" ✕"</button>
            }
            .into_any()
        };
        parts.get().into_iter().map(chip).collect::<Vec<_>>()
    };
    let some = move || names.with(|n| !n.is_empty());
    view! {
        <div class="filters">
            <span class="filter" class:gone=move || !some()>
                <select aria-label="Resource attribute" on:change=move |e| chosen.set(event_target_value(&e))>{key_options}</select>
                <select aria-label="Its value" on:change=move |e| set(event_target_value(&e))>{value_options}</select>
            </span>
            {chips}
        </div>
    }
    .into_any()
}
