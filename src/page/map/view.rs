//! The map's page: its tools, the picture or the table, and the panel beside.

use std::sync::Arc;

use leptos::{ev, prelude::*};

use super::names::{label, label_of};
use super::picture::Picture;
use super::{panel, stage, table};
use crate::engine::protocol::{ServiceMap, ServiceMapAnswer};
use crate::page::address::View;
use crate::page::charts::{save, save_menu};
use crate::page::colors::ServiceColors;
use crate::page::condition::within;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;
use crate::page::widgets::{Blank, Waiting};

/// The map.
pub fn map_page() -> AnyView {
    let frame = Frame::here();
    let (state, colors) = (frame.state, ServiceColors::here());
    let map = live("map", move || {
        let a = state.address.get();
        let around = (!a.near.is_empty()).then_some(a.near);
        let (range, q, depth, adjusted) = (a.range, a.q, a.depth, a.adjusted);
        state.has_data().then_some(ServiceMap { range, q, around, depth, layout: true, adjusted })
    });
    let search = RwSignal::new(String::new());
    let picture = Memo::new(move |_| {
        map.value.with(|a| a.as_ref().map(|a| Arc::new(Picture::new(a.clone(), |s| colors.slot(s)))))
    });
    let as_table = Memo::new(move |_| state.address.with(|a| a.tab == "table"));
    let body = move || {
        if let Some(error) = map.error.get() {
            return view! {
                <Blank title="No map" text=error error=true>
                    <button type="button" on:click=move |_| show_near(frame, String::new())>"Show the whole map"</button>
                </Blank>
            }
            .into_any();
        }
        match picture.get() {
            None => view! { <Waiting/> }.into_any(),
            Some(picture) if as_table.get() => {
                view! { <div class="map-table">{table::edges(&picture.answer)}</div> }.into_any()
            }
            Some(picture) => stage::stage(frame, &picture, search),
        }
    };
    view! {
        <div class="page map-page">
            <div class="title-row"><h1>"Service map"</h1><p class="sub" role="status">{move || map.value.with(|a| counts(a.as_deref()))}</p></div>
            {tools(frame, picture.into(), search)}
            <div class="map-body" class:picked=move || state.address.with(|a| !a.pick.is_empty())>
                <div class="map-main">{body}</div>
                {move || picture.get().and_then(|picture| panel::panel(frame, &picture.answer))}
            </div>
        </div>
    }
    .into_any()
}

/// "12 services, 3 databases · 41 connections".
fn counts(answer: Option<&ServiceMapAnswer>) -> String {
    let Some(answer) = answer else { return String::new() };
    let words = [
        ("service", "service"),
        ("database", "database"),
        ("messaging", "broker"),
        ("external", "external host"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (kind, noun) in words {
        let count = answer.nodes.iter().filter(|n| n.kind == kind).count() as u64;
        if count > 0 {
            parts.push(format::counted(count, noun));
        }
    }
    format!("{} · {}", parts.join(", "), format::counted(answer.edges.len() as u64, "connection"))
}

/// The field for a name, how much around it is shown, picture or table, and the picture as a file.
fn tools(frame: Frame, picture: Signal<Option<Arc<Picture>>>, search: RwSignal<String>) -> AnyView {
    let state = frame.state;
    let typed = move |event: ev::Event| {
        let text = event_target_value(&event);
        // A name of the list shows what is near it; anything else only looks for it.
        let id = picture.with_untracked(|p| p.as_ref().and_then(|p| node_named(&p.answer, &text)));
        match id {
            Some(id) => {
                search.set(String::new());
                show_near(frame, id);
            }
            None => search.set(text),
        }
    };
    let names = move || {
        let list = |p: &Arc<Picture>| {
            p.answer
                .nodes
                .iter()
                .map(|n| view! { <option value=label(n)></option> }.into_any())
                .collect::<Vec<_>>()
        };
        picture.with(|p| p.as_ref().map(list))
    };
    let near = move || {
        let (near, depth) = state.address.with(|a| (a.near.clone(), a.depth));
        if near.is_empty() {
            return None;
        }
        let depths: Vec<AnyView> = [(Some(1), "1 step"), (Some(2), "2 steps"), (None, "All connected")]
            .into_iter()
            .map(|(to, word)| {
                let press = move |_| state.change_address(true, |a| a.depth = to);
                view! { <button type="button" role="radio" aria-checked=(depth == to).to_string() on:click=press>{word}</button> }
                    .into_any()
            })
            .collect();
        Some(view! {
            <div class="map-near">
                <span>"Near "<bdi>{label_of(&near)}</bdi></span>
                <div class="segments" role="radiogroup" aria-label="How much around it">{depths}</div>
                <button type="button" class="ghost" on:click=move |_| show_near(frame, String::new())>"Show the whole map"</button>
            </div>
        }.into_any())
    };
    let kinds = move || {
        let table = state.address.with(|a| a.tab == "table");
        let choice = |word: &'static str, tab: &'static str, here: bool| {
            let press = move |_| {
                state.change_address(false, |a| {
                    tab.clone_into(&mut a.tab);
                    a.sort.clear();
                });
            };
            view! { <button type="button" role="radio" aria-checked=here.to_string() on:click=press>{word}</button> }.into_any()
        };
        view! {
            <div class="segments" role="radiogroup" aria-label="How the map is shown">
                {choice("Picture", "", !table)}{choice("Table", "table", table)}
            </div>
        }
        .into_any()
    };
    let saving = Callback::new(move |what: &'static str| {
        let Some(picture) = picture.get_untracked() else { return };
        if what == "csv" {
            return save::csv(state, "service-map", &table::csv_of(&picture.answer));
        }
        save::picture(state, "service-map", &picture.shapes(), "Service map", what == "png");
    });
    view! {
        <div class="table-tools map-tools">
            <input type="search" list="map-names" aria-label="Find on the map" placeholder="Find on the map" autocomplete="off"
                spellcheck="false" prop:value=search on:input=typed/>
            <datalist id="map-names">{names}</datalist>
            {near}
            <span class="grow"></span>
            {crate::page::sampling::sampling_switch(frame)}
            {kinds}
            {save_menu("Save the map", saving)}
        </div>
    }
    .into_any()
}

/// Shows what is near a node; an empty id shows everything.
pub(super) fn show_near(frame: Frame, id: String) {
    frame.state.change_address(false, |a| {
        a.depth = (!id.is_empty()).then_some(1);
        a.near = id;
    });
}

fn node_named(answer: &ServiceMapAnswer, text: &str) -> Option<String> {
    answer.nodes.iter().find(|n| label(n) == text).map(|n| n.id.clone())
}

/// The link to the traces of a query within the page's own.
pub(super) fn traces(frame: Frame, q: &str) -> String {
    frame.href(|a| {
        let own = std::mem::take(&mut a.q);
        *a = a.with_view(View::Traces);
        a.q = within(q, &own);
    })
}
