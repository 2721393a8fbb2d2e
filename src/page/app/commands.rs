//! The one table of the frame's commands: what the keys do, what the list of keys shows, what the docs list.

use leptos::{ev, prelude::*};

use crate::page::address::{Theme, View};
use crate::page::bar;
use crate::page::frame::Frame;
use crate::web;

/// Something that a key does.
#[derive(Debug)]
pub(super) struct Command {
    /// The key, as `KeyboardEvent.key` names it.
    pub key: &'static str,
    /// What it does, as the list of keys says it.
    pub label: &'static str,
    /// Whether it wants data.
    needs_data: bool,
    run: fn(Frame),
}

/// The key that leads to the field for ids.
pub(super) const JUMP_KEY: &str = "i";

/// The frame's commands. Views have their own beside these, for the keys that are free here.
pub(super) const COMMANDS: &[Command] = &[
    Command { key: "o", label: "Choose files…", needs_data: false, run: Frame::choose_files },
    Command { key: "p", label: "Paste…", needs_data: false, run: |f| f.paste.set(true) },
    Command { key: "u", label: "Open URL…", needs_data: false, run: |f| f.url.set(true) },
    Command { key: "1", label: "Services", needs_data: true, run: |f| f.state.go(View::Services) },
    Command { key: "2", label: "Traces", needs_data: true, run: |f| f.state.go(View::Traces) },
    Command { key: "3", label: "Map", needs_data: true, run: |f| f.state.go(View::Map) },
    Command { key: "4", label: "Exceptions", needs_data: true, run: |f| f.state.go(View::Exceptions) },
    Command { key: JUMP_KEY, label: "Go to a trace or span id", needs_data: true, run: focus_jump },
    Command {
        key: "/",
        label: "Ask with TraceQL, or search in this trace",
        needs_data: true,
        run: |_| {
            if !bar::focus() {
                web::page::focus("main [type=search]");
            }
        },
    },
    Command { key: "l", label: "Time range…", needs_data: true, run: |f| f.time.set(true) },
    Command { key: "-", label: "Zoom out in time", needs_data: true, run: crate::page::time_range::zoom_out },
    Command { key: "z", label: "Times in UTC or of this machine", needs_data: true, run: turn_clock },
    Command { key: "r", label: "What was read", needs_data: true, run: |f| f.report.set(true) },
    Command { key: "t", label: "Light or dark", needs_data: false, run: turn_theme },
    Command { key: "?", label: "Keys", needs_data: false, run: |f| f.keys.set(true) },
];

fn focus_jump(frame: Frame) {
    if let Some(input) = frame.jump_input.get_untracked() {
        input.focus().unwrap_or_default();
    } else {
        bar::focus();
    }
}

fn turn_clock(frame: Frame) {
    frame.state.set_local_clock(!frame.state.local_clock.get_untracked());
}

fn turn_theme(frame: Frame) {
    let dark = frame.state.theme.get_untracked() == Theme::Dark;
    frame.state.set_theme(if dark { Theme::Light } else { Theme::Dark });
}

/// Listens for the keys, outside of fields and dialogs.
pub(super) fn listen(frame: Frame) {
    let _ = window_event_listener(ev::keydown, move |event| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
            return;
        }
        if web::page::is_typing(&event) || web::page::exists("dialog[open]") {
            return;
        }
        let key = event.key();
        let command = COMMANDS.iter().find(|c| c.key == key);
        if let Some(command) = command.filter(|c| !c.needs_data || frame.has_data.get_untracked()) {
            event.prevent_default();
            (command.run)(frame);
        }
    });
}
