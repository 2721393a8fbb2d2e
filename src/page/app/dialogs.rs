//! Pasting, opening an address, the report, and the keys.

use leptos::{ev, html, prelude::*};

use super::commands::COMMANDS;
use crate::page::frame::Frame;
use crate::page::report::ReportView;
use crate::page::widgets::Dialog;

/// All dialogs of the frame; each is shown when its signal says so.
#[component]
pub(super) fn Dialogs() -> impl IntoView {
    let frame = Frame::here();
    view! {
        <Dialog open=frame.paste title="Paste trace data"><PasteForm/></Dialog>
        <Dialog open=frame.url title="Open URL"><UrlForm/></Dialog>
        <Dialog open=frame.report title="What was read" wide=true><ReportView/></Dialog>
        <Dialog open=frame.keys title="Keys"><Keys/></Dialog>
        {super::oversize::dialog(frame)}
    }
}

#[component]
fn PasteForm() -> impl IntoView {
    let frame = Frame::here();
    let field = NodeRef::<html::Textarea>::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if let Some(field) = field.get_untracked() {
            frame.paste.set(false);
            frame.take_text(&field.value());
        }
    };
    view! {
        <form class="dialog-form" on:submit=submit>
            <textarea node_ref=field rows="12" autofocus spellcheck="false" aria-label="Trace data, a trace id or an address"
                placeholder="{\"resourceSpans\": …}"></textarea>
            <p class="muted">"JSON as any of the readable files has it, or a trace id. Ctrl+V on the page does the same."</p>
            <div class="dialog-actions">
                <button type="button" on:click=move |_| frame.paste.set(false)>"Cancel"</button>
                <button type="submit" class="primary">"Open"</button>
            </div>
        </form>
    }
}

#[component]
fn UrlForm() -> impl IntoView {
    let frame = Frame::here();
    let field = NodeRef::<html::Input>::new();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(field) = field.get_untracked() else { return };
        let url = field.value().trim().to_owned();
        if !url.is_empty() {
            frame.url.set(false);
            frame.open_url(&url);
        }
    };
    view! {
        <form class="dialog-form" on:submit=submit>
            <input type="text" inputmode="url" node_ref=field autofocus autocomplete="off" spellcheck="false" aria-label="Address of a trace file"
                placeholder="https://example.org/traces.json.gz"/>
            <p class="muted">"The browser fetches the file itself, so its host must allow this page to read it (CORS). The address becomes part of this view's link."</p>
            <div class="dialog-actions">
                <button type="button" on:click=move |_| frame.url.set(false)>"Cancel"</button>
                <button type="submit" class="primary">"Open"</button>
            </div>
        </form>
    }
}

#[component]
fn Keys() -> impl IntoView {
    view! {
        <dl class="keys">
            {COMMANDS.iter().map(|command| view! {
                <dt><kbd>{command.key}</kbd></dt><dd>{command.label}</dd>
            }).collect_view()}
        </dl>
    }
}
