//! What keys, clicks and the focus do in the bar.

use leptos::{ev, prelude::*};

use super::look::{Choice, Mode};
use super::typing::Bar;
use super::{help, kept};
use crate::engine::protocol::Explain;
use crate::web;

impl Bar {
    /// A key in the field.
    pub(super) fn key(self, event: &ev::KeyboardEvent) {
        // Input methods use Enter and the arrows themselves.
        if event.is_composing() {
            return;
        }
        let own = self.field.get_untracked().is_some_and(|field| web::page::is_target(event, &field));
        if !own {
            if event.key() == "Escape" {
                event.stop_propagation();
                self.look.update(|l| l.mode = Mode::Closed);
                web::page::focus("#query");
            }
            return;
        }
        let (mode, active, len, empty) =
            self.look.with_untracked(|l| (l.mode, l.active, l.choices.len(), l.text.is_empty()));
        let listed = matches!(mode, Mode::Complete | Mode::Kept | Mode::Help) && len > 0;
        let plain = !event.ctrl_key() && !event.meta_key() && !event.alt_key();
        match event.key().as_str() {
            "Enter" if plain && !event.shift_key() => match active.filter(|_| listed) {
                Some(i) => self.choose(i),
                None => self.apply(),
            },
            "Tab" if plain && !event.shift_key() && mode == Mode::Complete && listed => {
                self.choose(active.unwrap_or(0));
            }
            "ArrowDown" if plain && listed => {
                self.step(active.map_or(Some(0), |i| (i + 1 < len).then_some(i + 1)));
            }
            "ArrowUp" if plain && listed => self.step(active.map_or(Some(len - 1), |i| i.checked_sub(1))),
            "ArrowUp" | "ArrowDown" if plain && empty => self.show_kept(),
            "Escape" if mode != Mode::Closed => self.look.update(|l| l.mode = Mode::Closed),
            "Escape" => {
                web::page::focus("#main");
            }
            " " if event.ctrl_key() => self.ask_completions(true),
            "?" if empty && plain => self.show(Mode::Help, help::examples()),
            "F1" => self.show(Mode::Help, help::examples()),
            "Delete" if event.shift_key() && listed && active.is_some() => self.forget(active),
            "ArrowLeft" | "ArrowRight" | "Home" | "End" => {
                return self.look.update(|l| {
                    if l.mode == Mode::Complete {
                        l.mode = Mode::Buttons;
                    }
                });
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    }

    fn step(self, to: Option<usize>) {
        self.look.update(|l| l.active = to);
        request_animation_frame(|| web::field::reveal("#query-list [aria-selected=true]"));
    }

    fn forget(self, i: Option<usize>) {
        let choice = i.and_then(|i| self.look.with_untracked(|l| l.choices.get(i).cloned()));
        if let Some(choice) = choice.filter(|c| c.kept) {
            kept::forget(&choice.detail, &choice.text);
            self.show_kept();
        }
    }

    /// A press on something with a `data-act`, anywhere in the bar.
    pub(super) fn act(self, event: &ev::MouseEvent) {
        let Some(act) = web::field::nearest(event, "data-act") else {
            // A press into the field brings back what was closed.
            if web::page::is_typing(event) && self.look.with_untracked(|l| l.mode == Mode::Closed) {
                self.enter();
            }
            return;
        };
        let line = || web::field::nearest(event, "data-i").and_then(|i| i.parse::<usize>().ok());
        match act.as_str() {
            "choose" => {
                if let Some(i) = line() {
                    self.choose(i);
                }
            }
            "forget" => self.forget(line()),
            "kept" => self.show_kept(),
            "help" => self.show(Mode::Help, help::examples()),
            "explain" => self.explain(),
            "save" => {
                self.show(Mode::Save, Vec::new());
                request_animation_frame(|| {
                    web::page::focus("#query-name");
                });
            }
            "link" => self.copy_link(),
            "apply" => self.apply(),
            "clear" => {
                if let Some(field) = self.field.get_untracked() {
                    let units = field.value().encode_utf16().count() as u32;
                    web::field::type_over(&field, 0, units, "");
                    self.apply();
                }
            }
            _ => {}
        }
    }

    /// Asks how many spans each part matches, and lists them.
    fn explain(self) {
        let Some(q) = self.look.with_untracked(|l| l.meaning().map(str::to_owned)) else { return };
        self.show(Mode::Explain, Vec::new());
        let state = self.frame.state;
        let range = state.address.with_untracked(|a| a.range);
        let client = state.client();
        web::tasks::spawn(async move {
            let found = client.ask("bar-count", Explain { q, range, brief: false }).await;
            if let Ok(answered) = found {
                self.look.try_update(|l| l.count = Some(Ok(answered.answer.body)));
            }
        });
    }

    /// Saves the query under the name that was typed.
    pub(super) fn save(self, event: &ev::SubmitEvent) {
        event.prevent_default();
        let name = web::field::value("#query-name");
        let q = self.look.with_untracked(|l| l.meaning().unwrap_or(l.text.trim()).to_owned());
        if !name.trim().is_empty() && !q.is_empty() {
            kept::save(name.trim(), &q);
            self.show_kept();
            web::page::focus("#query");
        }
    }

    /// The field was entered.
    pub(super) fn enter(self) {
        let empty = self.look.with_untracked(|l| l.text.is_empty());
        self.look.update(|l| {
            l.focus = true;
            // What was opened while the focus was on a button or in the name stays.
            if l.mode == Mode::Closed {
                l.mode = Mode::Buttons;
            }
        });
        if empty {
            self.show_kept();
        }
    }

    /// The focus left the bar.
    pub(super) fn leave(self) {
        self.look.update(|l| {
            l.focus = false;
            l.mode = Mode::Closed;
            l.choices = Vec::<Choice>::new();
        });
    }
}
