//! The top bar: jump to an id, what is loaded, opening, theme, keys.

use leptos::{ev, prelude::*};

use super::commands;
use crate::page::address::{Theme, View};
use crate::page::bar::query_bar;
use crate::page::frame::Frame;
use crate::page::jump;
use crate::page::state::Notice;
use crate::page::time_range::time_range;
use crate::page::widgets::{Menu, MenuItem};

/// The top bar.
#[component]
pub(super) fn TopBar() -> impl IntoView {
    let frame = Frame::here();
    let state = frame.state;
    let home = move || {
        let view = if frame.has_data.get() { View::Services } else { View::Home };
        frame.href(|a| *a = a.with_view(view))
    };
    let turn = move |_| {
        let other = if state.theme.get_untracked() == Theme::Dark { Theme::Light } else { Theme::Dark };
        state.set_theme(other);
    };
    let theme_label = move || match state.theme.get() {
        Theme::Dark => "Switch to the light theme",
        Theme::Light => "Switch to the dark theme",
    };
    // A trace is searched in its own page; elsewhere the query says what every view is of.
    let in_trace = Memo::new(move |_| state.address.with(|a| matches!(a.view, View::Trace(_))));
    let search = move || if in_trace.get() { view! { <JumpField/> }.into_any() } else { query_bar() };
    view! {
        <header class="top-bar">
            <a class="logo" href=home aria-label="Spanscope, start">
                <span class="logo-mark" aria-hidden="true"><i></i><i></i><i></i></span>
                <span class="logo-word">"Spanscope"</span>
            </a>
            <Show when=move || frame.has_data.get() fallback=|| view! { <span class="grow"></span> }>{search}<DataSet/></Show>
            <Menu label="Open…" items=open_items(frame)/>
            <button type="button" class="ghost" aria-label=theme_label title=theme_label on:click=turn>"◐"</button>
            <button type="button" class="ghost keys-button" aria-label="Keys" title="Keys (?)" on:click=move |_| frame.keys.set(true)>"?"</button>
        </header>
    }
}

fn open_items(frame: Frame) -> Signal<Vec<MenuItem>> {
    Signal::derive(move || {
        let item = |label, key, apart, run: fn(Frame)| MenuItem {
            label,
            key,
            apart,
            run: Callback::new(move |()| run(frame)),
        };
        let mut items = vec![
            item("Choose files…", "o", false, Frame::choose_files),
            item("Paste…", "p", false, |f| f.paste.set(true)),
            item("Open URL…", "u", false, |f| f.url.set(true)),
            item("Try the sample", "", false, Frame::try_sample),
        ];
        if frame.has_data.get() {
            items.push(item("What was read", "r", true, |f| f.report.set(true)));
            items.push(item("Close", "", false, Frame::close));
        }
        items
    })
}

/// Takes a trace or span id and goes there.
#[component]
fn JumpField() -> impl IntoView {
    let frame = Frame::here();
    let go = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(input) = frame.jump_input.get_untracked() else { return };
        let text = input.value();
        match jump::parse(&text) {
            Some(jump) => {
                input.set_value("");
                input.blur().unwrap_or_default();
                frame.jump(jump);
            }
            None if text.trim().is_empty() => {}
            None => frame.state.notify(Notice {
                text: format!("Expected a trace id (32 hex digits) or a span id (16), found {}", text.trim()),
                error: true,
                action: None,
            }),
        }
    };
    view! {
        <form class="jump grow" role="search" on:submit=go>
            <input type="text" node_ref=frame.jump_input autocomplete="off" spellcheck="false" autocapitalize="off"
                aria-label="Go to a trace or span id" placeholder="Go to a trace or span id"
                aria-keyshortcuts=commands::JUMP_KEY/>
            <kbd aria-hidden="true">{commands::JUMP_KEY}</kbd>
        </form>
    }
}

/// What is loaded, and the time range that is looked at.
#[component]
fn DataSet() -> impl IntoView {
    let frame = Frame::here();
    let state = frame.state;
    let name = move || {
        state.report.with(|report| match &report.files[..] {
            [] => String::new(),
            [file] => file.name.rsplit('/').next().unwrap_or_default().to_owned(),
            files => format!("{} files", files.len()),
        })
    };
    view! {
        <div class="data-set">
            <button type="button" class="ghost data-name" title="What was read" on:click=move |_| frame.report.set(true)>
                <bdi class="ellipsis">{name}</bdi>
            </button>
            {time_range(frame)}
        </div>
    }
}
