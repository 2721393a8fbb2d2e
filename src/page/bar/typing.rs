//! The bar's handle: what happens when text is typed, taken from the list, or applied.

use leptos::{html, prelude::*};

use super::look::{Choice, Look, Mode, byte_at, units_at};
use super::{help, highlight, kept};
use crate::engine::protocol::{Complete, Explain, Parse};
use crate::page::address::View;
use crate::page::client::AskError;
use crate::page::frame::Frame;
use crate::page::jump;
use crate::web;

/// The count is asked for when no key came for this long, milliseconds.
const PAUSE_MS: u32 = 120;

/// A handle to the bar; copies are the same bar.
#[derive(Clone, Copy)]
pub(super) struct Bar {
    pub(super) frame: Frame,
    /// What is shown.
    pub(super) look: RwSignal<Look>,
    /// Where text is typed.
    pub(super) field: NodeRef<html::Textarea>,
    /// The colored copy behind it.
    pub(super) colors: NodeRef<html::Pre>,
    /// Grows with every change of the text: what comes late for an older text is dropped.
    turn: StoredValue<u32>,
}

impl Bar {
    pub(super) fn new(frame: Frame) -> Self {
        let (field, colors) = (NodeRef::new(), NodeRef::new());
        Self { frame, look: RwSignal::new(Look::default()), field, colors, turn: StoredValue::new(0) }
    }

    /// Where the caret stands, in bytes.
    pub(super) fn caret(self, text: &str) -> usize {
        let field = self.field.get_untracked();
        let units = field.and_then(|f| f.selection_start().ok().flatten());
        units.map_or(text.len(), |units| byte_at(text, units))
    }

    /// The text was changed by a person.
    pub(super) fn typed(self) {
        let Some(field) = self.field.get_untracked() else { return };
        let text = field.value();
        let empty = text.is_empty();
        self.take(text);
        if empty {
            self.show_kept();
        } else {
            self.look.update(|l| {
                if l.mode != Mode::Complete {
                    l.mode = Mode::Buttons;
                }
            });
            self.ask_completions(false);
        }
        self.ask_verdict(PAUSE_MS);
    }

    /// Shows a query that was applied elsewhere: a link, Back, a click on a value.
    pub(super) fn follow(self, q: &str) {
        if let Some(field) = self.field.get_untracked() {
            if self.look.with_untracked(|l| l.text != q) || field.value() != q {
                field.set_value(q);
                self.take(q.to_owned());
                self.look.update(|l| l.mode = Mode::Closed);
            }
            // Completions of what was typed before come too late.
            self.turn.update_value(|turn| *turn += 1);
            self.ask_verdict(0);
        }
    }

    /// Whether a person is at work here.
    pub(super) fn is_typed_in(self) -> bool {
        self.look.with_untracked(|l| l.focus)
    }

    /// Counts anew what stands in the field.
    pub(super) fn count(self) {
        self.ask_verdict(0);
    }

    fn take(self, text: String) {
        self.turn.update_value(|turn| *turn += 1);
        self.paint(&text, None);
        self.look.update(|l| {
            l.text = text;
            l.active = None;
            if l.text.trim().is_empty() {
                (l.count, l.verdict) = (None, None);
            }
        });
    }

    /// Colors the copy behind the field.
    fn paint(self, text: &str, wrong: Option<(usize, usize)>) {
        let Some(colors) = self.colors.get_untracked() else { return };
        let runs = highlight::runs(text);
        let parts = highlight::marked(&runs, wrong);
        let parts = parts.iter().map(|(run, wrong)| (if *wrong { "q-wrong" } else { run.class }, run.text));
        // A line break at the end has a height only where something follows it.
        web::field::paint(&colors, parts.chain([("", "\u{200b}")]));
    }

    /// Asks what the text means, and after a pause how much matches.
    fn ask_verdict(self, pause_ms: u32) {
        let q = self.look.with_untracked(|l| l.text.clone());
        let turn = self.turn.get_value();
        let state = self.frame.state;
        let client = state.client();
        let range = state.address.with_untracked(|a| a.range);
        let busy = client.painting();
        web::tasks::spawn(async move {
            let busy = busy;
            if q.trim().is_empty() {
                return;
            }
            let Ok(answered) = client.ask("bar-parse", Parse { q }).await else { return };
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.look.update(|l| l.verdict = Some(answered.answer.body));
            let (text, wrong) = self.look.with_untracked(|l| (l.text.clone(), l.wrong()));
            if wrong.is_some() {
                self.paint(&text, wrong);
            }
            if pause_ms > 0 {
                web::tasks::sleep_ms(pause_ms).await;
            }
            let meaning = self.look.try_with_untracked(|l| l.meaning().map(str::to_owned)).flatten();
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            let Some(q) = meaning else {
                self.look.update(|l| l.count = None);
                return;
            };
            let question = Explain { q, range, brief: true };
            let found = client.ask("bar-count", question).await;
            if self.turn.try_get_value() == Some(turn) {
                match found {
                    Ok(answered) => self.look.update(|l| l.count = Some(Ok(answered.answer.body))),
                    Err(AskError::Failed(why)) => self.look.update(|l| l.count = Some(Err(why))),
                    Err(AskError::Superseded) => {}
                }
            }
            drop(busy);
        });
    }

    /// Asks what can stand at the caret; `wanted` opens the list wherever it is.
    pub(super) fn ask_completions(self, wanted: bool) {
        let text = self.look.with_untracked(|l| l.text.clone());
        let cursor = self.caret(&text);
        let turn = self.turn.get_value();
        let client = self.frame.state.client();
        web::tasks::spawn(async move {
            let question = Complete { text: text.clone(), cursor };
            let Ok(answered) = client.ask("bar-complete", question).await else { return };
            if self.turn.try_get_value() != Some(turn) || !self.look.with_untracked(|l| l.focus) {
                return;
            }
            let answer = answered.answer.body;
            let typed = text.get(answer.from..answer.to).unwrap_or_default();
            let finished = text.trim_end().ends_with(['}', ')']) && typed.is_empty();
            let complete = answer.items.iter().any(|item| item.insert == typed);
            let useful = !answer.items.is_empty() && (wanted || !finished && !complete);
            self.look.update(|l| {
                l.active = None;
                if useful {
                    l.choices = Choice::completions(answer);
                    l.mode = Mode::Complete;
                } else if wanted {
                    l.choices = help::examples();
                    l.mode = Mode::Help;
                } else if l.mode == Mode::Complete {
                    l.mode = Mode::Buttons;
                }
            });
        });
    }

    /// Lists saved and recent queries, or examples where there are none.
    pub(super) fn show_kept(self) {
        let detail = |q: &str| Choice { detail: String::new(), kept: true, ..Choice::whole("Recent", q, "") };
        let saved = kept::saved().into_iter();
        let mut choices: Vec<Choice> =
            saved.map(|(name, q)| Choice { kept: true, ..Choice::whole("Saved", &q, &name) }).collect();
        choices.extend(kept::recent().iter().map(|q| detail(q)));
        let examples = help::examples();
        let first = examples.first().map_or("", |c| c.head);
        choices.extend(examples.into_iter().filter(|c| c.head == first));
        self.show(Mode::Kept, choices);
    }

    /// Opens the list with these lines.
    pub(super) fn show(self, mode: Mode, choices: Vec<Choice>) {
        self.look.update(|l| {
            l.mode = mode;
            l.choices = choices;
            l.active = None;
        });
    }

    /// Takes a line of the list.
    pub(super) fn choose(self, i: usize) {
        let Some(choice) = self.look.with_untracked(|l| l.choices.get(i).cloned()) else { return };
        let Some(field) = self.field.get_untracked() else { return };
        let text = field.value();
        if let Some((from, to)) = choice.place {
            let insertion = choice.insertion(text.get(to..).unwrap_or_default());
            self.look.update(|l| l.mode = Mode::Complete);
            web::field::type_over(&field, units_at(&text, from), units_at(&text, to), &insertion);
        } else {
            web::field::type_over(&field, 0, units_at(&text, text.len()), &choice.text);
            self.apply();
        }
    }

    /// Makes the text the query of the address, if it means anything; an id leads to its trace.
    pub(super) fn apply(self) {
        self.look.update(|l| l.mode = Mode::Closed);
        let text = self.look.with_untracked(|l| l.text.trim().to_owned());
        if let Some(jump) = jump::parse(&text) {
            self.follow_address();
            return self.frame.jump(jump);
        }
        let state = self.frame.state;
        if text.is_empty() {
            return state.change_address(false, |a| a.q.clear());
        }
        let client = state.client();
        web::tasks::spawn(async move {
            let Ok(answered) = client.ask("bar-apply", Parse { q: text.clone() }).await else { return };
            // The bar may be gone by now.
            if self.turn.try_get_value().is_none() {
                return;
            }
            let verdict = answered.answer.body;
            let meaning = if verdict.valid { Some(text) } else { verdict.translated.clone() };
            let Some(q) = meaning else {
                // Now also what is only unfinished is told.
                let error = verdict.error.clone();
                self.look.update(|l| {
                    l.verdict = Some(verdict);
                });
                let text = self.look.with_untracked(|l| l.text.clone());
                return self.paint(&text, error.map(|e| (e.at, e.end)));
            };
            kept::add_recent(&q);
            let metrics = verdict.metrics;
            if let Some(field) = self.field.get_untracked().filter(|field| field.value() != q) {
                // As if typed, so that undo brings the person's own words back.
                web::field::type_over(&field, 0, units_at(&field.value(), usize::MAX), &q);
            }
            state.change_address(false, |a| {
                if metrics {
                    *a = a.with_view(View::Traces);
                }
                a.q = q;
            });
            self.follow_address();
        });
    }

    fn follow_address(self) {
        let q = self.frame.state.address.with_untracked(|a| a.q.clone());
        self.follow(&q);
    }

    /// Copies the address of this view with the query that stands in the field.
    pub(super) fn copy_link(self) {
        let q = self.look.with_untracked(|l| l.meaning().unwrap_or(l.text.trim()).to_owned());
        let mut address = self.frame.state.address.get_untracked();
        address.q = q;
        let page = web::page::location_href();
        let page = page.split('#').next().unwrap_or_default();
        let link = format!("{page}#{}", address.print());
        let state = self.frame.state;
        web::tasks::spawn(async move {
            let (text, error) = match web::page::copy(&link).await {
                Ok(()) => ("The link is copied".to_owned(), false),
                Err(error) => (format!("Could not copy: {error}"), true),
            };
            state.notify(crate::page::state::Notice { text, error, action: None });
        });
    }
}
