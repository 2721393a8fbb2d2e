//! What the parts of the trace page share: which trace, which stretch of time, which span.

use std::sync::Arc;

use leptos::prelude::*;

use super::look::{self, Emphasis};
use super::stretch::Stretch;
use crate::engine::protocol::{Find, FindAnswer, Span, SpanAnswer, Trace, TraceAnswer, TreeRow};
use crate::page::address::Theme as PageTheme;
use crate::page::colors::ServiceColors;
use crate::page::state::{AppState, Live, live};
use crate::paint::Theme;
use crate::paint::palette::assign;
use crate::web;

/// Where pinned keys are remembered.
const PINNED: &str = "spanscope.pinned";
/// So many values are told apart by colors of their own.
const MOST_VALUES: usize = 500;
/// So long nothing moves before the address says what is visible, milliseconds.
const SHARE_MS: u32 = 250;

/// How wide the merged flamegraph is, and what of it is visible.
type MergedAxis = (RwSignal<f64>, RwSignal<Option<Stretch>>);

/// Signals of one trace page; a copy is a handle to the same signals.
#[derive(Clone, Copy)]
pub(super) struct TraceView {
    /// The page around.
    pub(super) app: AppState,
    /// Hex.
    pub(super) id: Signal<String>,
    /// Counts and notices of the trace.
    pub(super) facts: Live<TraceAnswer>,
    /// Everything of the selected span.
    pub(super) span: Live<SpanAnswer>,
    /// How long the trace is, nanoseconds; the flamegraph may know of a later end than the facts.
    pub(super) extent: RwSignal<f64>,
    /// What of it is visible; none is all of it.
    stretch: RwSignal<Option<Stretch>>,
    /// A span that was selected by its place; its id comes with the answer.
    picked: RwSignal<Option<u32>>,
    /// What is looked for.
    pub(super) find: Memo<String>,
    /// How many spans that finds.
    pub(super) found: Live<FindAnswer>,
    /// Which match was gone to last: its number and place.
    pub(super) at: RwSignal<Option<(u64, u32)>>,
    /// The flamegraph is to be saved in this form: "png" or "svg".
    pub(super) picture: RwSignal<Option<&'static str>>,
    /// How the trace is looked at, as in the address.
    look: Memo<String>,
    /// Where the flamegraph is merged: how wide that is, and what of it is visible.
    merged_axis: RwSignal<Option<MergedAxis>>,
    /// Whether the selection came from the tree, which then needs not go to it.
    pub(super) from_tree: RwSignal<bool>,
    /// Names of all services, by the engine's numbers.
    services: RwSignal<Arc<Vec<String>>>,
    /// What the bars were colored by last, and its values in the order met.
    met: StoredValue<(String, Vec<String>)>,
    /// Keys of attributes that stand first, a line each.
    pub(super) pinned: RwSignal<String>,
    colors: ServiceColors,
}

impl TraceView {
    /// Starts asking about the trace.
    pub(super) fn new(id: Signal<String>) -> Self {
        let app = AppState::here();
        let picked = RwSignal::new(None);
        let facts = live("trace-facts", move || {
            let trace_id = id.get();
            (!trace_id.is_empty()).then_some(Trace { trace_id, limit: Some(0), offset: 0 })
        });
        let wanted = Memo::new(move |_| app.address.with(|a| a.span.clone()));
        // Where a place was picked, the address that follows asks nothing new.
        let question = Memo::new(move |_| {
            let (trace_id, place) = (id.get(), picked.get());
            let span_id = if place.is_some() { String::new() } else { wanted.get() };
            (place.is_some() || !span_id.is_empty()).then_some(Span { trace_id, span_id, place })
        });
        let span = live("trace-span", move || question.get());
        let find = Memo::new(move |_| app.address.with(|a| a.find.trim().to_owned()));
        let found = live("trace-found", move || {
            let (trace_id, find) = (id.get(), find.get());
            (!trace_id.is_empty() && !find.is_empty()).then_some(Find {
                trace_id,
                find,
                from: None,
                back: false,
            })
        });
        let view = Self {
            app,
            id,
            facts,
            span,
            find,
            found,
            at: RwSignal::new(None),
            picture: RwSignal::new(None),
            look: Memo::new(move |_| app.address.with(|a| a.look.clone())),
            merged_axis: RwSignal::new(None),
            extent: RwSignal::new(1.0),
            stretch: RwSignal::new(app.address.with_untracked(|a| look::stretch(&a.look))),
            picked,
            from_tree: RwSignal::new(false),
            services: RwSignal::default(),
            met: StoredValue::default(),
            pinned: RwSignal::new(web::page::stored(PINNED)),
            colors: ServiceColors::here(),
        };
        // Another trace starts with a look at all of it.
        Effect::new(move |before: Option<String>| {
            let now = id.get();
            if before.is_some_and(|b| b != now) {
                view.stretch.set(app.address.with_untracked(|a| look::stretch(&a.look)));
                view.extent.set(1.0);
                picked.set(None);
            }
            now
        });
        Effect::new(move || {
            if let Some(facts) = facts.value.get() {
                view.grow(facts.duration_ns as f64);
            }
        });
        view.share_stretch();
        // A span picked by place: the address learns its id. An address changed from outside: the place is void.
        Effect::new(move || {
            let Some(answer) = span.value.get() else { return };
            if picked.get_untracked() == Some(answer.place) && wanted.get_untracked() != answer.span_id {
                app.change_address(true, |a| a.span.clone_from(&answer.span_id));
            }
        });
        Effect::new(move |before: Option<String>| {
            let now = wanted.get();
            let known = span.value.with_untracked(|s| s.as_ref().is_some_and(|s| s.span_id == now));
            if before.is_some() && !known {
                picked.set(None);
                view.from_tree.set(false);
            }
            now
        });
        view
    }

    /// Keeps what is visible in the address, once nothing moves, and follows the address.
    fn share_stretch(self) {
        let shared = StoredValue::new(untrack(|| self.look("at")).unwrap_or_default());
        let changes = StoredValue::new(0_u32);
        Effect::new(move || {
            let now = self.look("at").unwrap_or_default();
            if shared.get_value() != now {
                shared.set_value(now);
                self.stretch.set(self.look.with_untracked(|l| look::stretch(l)));
            }
        });
        Effect::new(move |before: Option<u32>| {
            let stretch = self.stretch.get();
            let number = before.map_or(0, |n| n.wrapping_add(1));
            changes.set_value(number);
            if number == 0 {
                return number;
            }
            // What waits for the page waits for its address too.
            let painting = self.app.client().painting();
            web::tasks::spawn(async move {
                let _painting = painting;
                web::tasks::sleep_ms(SHARE_MS).await;
                if self.is_gone() || changes.try_get_value() != Some(number) {
                    return;
                }
                let text = stretch.map(look::stretch_text);
                if shared.get_value() != text.as_deref().unwrap_or_default() {
                    shared.set_value(text.clone().unwrap_or_default());
                    self.set_look("at", text.as_deref());
                }
            });
            number
        });
    }

    /// The view of the page around.
    pub(super) fn here() -> Self {
        expect_context()
    }

    /// The value of a word of the look, tracked; none where it does not stand.
    pub(super) fn look(self, word: &str) -> Option<String> {
        self.look.with(|l| look::value(l, word).map(str::to_owned))
    }

    /// Whether a word of the look stands, tracked.
    pub(super) fn has(self, word: &str) -> bool {
        self.look.with(|l| look::value(l, word).is_some())
    }

    /// Sets a word of the look, or takes it out.
    pub(super) fn set_look(self, word: &str, value: Option<&str>) {
        self.app.change_address(true, |a| a.look = look::with(&a.look, word, value));
    }

    /// Sets a word of the look, or takes it out where it stands.
    pub(super) fn toggle(self, word: &str) {
        let stands = untrack(|| self.has(word));
        self.set_look(word, (!stands).then_some(""));
    }

    /// Looks for a text; for the same once more: for nothing.
    pub(super) fn look_for(self, text: &str, toggle: bool) {
        let same = toggle && self.find.with_untracked(|f| f == text.trim());
        self.at.set(None);
        self.app.change_address(true, |a| a.find = if same { String::new() } else { text.to_owned() });
    }

    /// Goes to the next match of a text, or to the one before, from the selected span.
    pub(super) fn step(self, find: String, back: bool) {
        if find.is_empty() {
            return;
        }
        let from = self.place().or(self.at.get_untracked().map(|a| a.1));
        let question = Find { trace_id: self.id.get_untracked(), find, from, back };
        let client = self.app.client();
        web::tasks::spawn(async move {
            let Ok(found) = client.ask("trace-step", question).await else { return };
            let found = found.answer.body;
            if let Some(place) = found.place.filter(|_| !self.is_gone()) {
                self.at.set(Some((found.number, place)));
                self.pick(place, false);
            }
        });
    }

    /// The view whose stretch the flamegraph shows: of time, or of merged width.
    pub(super) fn flame(self) -> Self {
        let axis = self.merged_axis.get_untracked();
        axis.map_or(self, |(extent, stretch)| Self { extent, stretch, ..self })
    }

    /// Begins a flamegraph by time, or one with a stretch of its own.
    pub(super) fn begin_flame(self, merged: bool) -> Self {
        self.merged_axis.set(merged.then(|| (RwSignal::new(1.0), RwSignal::new(None))));
        self.flame()
    }

    /// Which weight the flamegraph is merged by; "" for time.
    pub(super) fn merged(self) -> String {
        self.look("merged").unwrap_or_default()
    }

    /// Merges the flamegraph by a weight, of all or around the operation of a span; none for time.
    pub(super) fn merge(self, weight: Option<&str>, around: Option<&str>) {
        self.app.change_address(true, |a| {
            let look = look::with(&a.look, "merged", weight);
            a.look = look::with(&look, "around", around);
        });
    }

    /// The trace is at least this long.
    pub(super) fn grow(self, extent: f64) {
        if extent > self.extent.get_untracked() {
            self.extent.set(extent);
        }
    }

    /// What is visible.
    pub(super) fn visible(self) -> Stretch {
        let extent = self.extent.get();
        self.stretch.get().map_or(Stretch::whole(extent), |s| s.inside(extent))
    }

    /// Whether all of the trace is visible, however long it is.
    pub(super) fn shows_all(self) -> bool {
        self.stretch.with_untracked(Option::is_none)
    }

    /// What is visible, for painters and handlers.
    pub(super) fn visible_now(self) -> Stretch {
        untrack(|| self.visible())
    }

    /// Shows a stretch.
    pub(super) fn show(self, stretch: Stretch) {
        let extent = self.extent.get_untracked();
        let stretch = stretch.inside(extent);
        let next = (!stretch.is_whole(extent)).then_some(stretch);
        if self.stretch.get_untracked() != next {
            self.stretch.set(next);
        }
    }

    /// Zooms around a time.
    pub(super) fn zoom(self, at: f64, factor: f64) {
        let extent = self.extent.get_untracked();
        self.show(self.visible_now().zoomed(at, factor, extent));
    }

    /// Pans by a share of what is visible.
    pub(super) fn pan(self, share: f64) {
        let now = self.visible_now();
        self.show(now.panned(now.length() * share, self.extent.get_untracked()));
    }

    /// Goes to a stretch, in a few frames unless the person wants no movement.
    pub(super) fn travel(self, target: Stretch) {
        super::flame::travel(self, target.inside(self.extent.get_untracked()));
    }

    /// Shows all of the trace.
    pub(super) fn show_all(self) {
        self.travel(Stretch::whole(self.extent.get_untracked()));
    }

    /// Zooms to the selected span.
    pub(super) fn fit_selection(self) {
        if let Some(span) = self.selected_now() {
            let start = span.offset_ns as f64;
            self.fit(start, start + span.duration_ns as f64);
        }
    }

    /// Zooms to a span.
    pub(super) fn fit(self, from: f64, to: f64) {
        self.travel(Stretch::around(from, to, self.extent.get_untracked()));
    }

    /// Selects a span by its place in pre-order.
    pub(super) fn pick(self, place: u32, from_tree: bool) {
        self.from_tree.set(from_tree);
        if self.place() != Some(place) {
            self.picked.set(Some(place));
        }
    }

    /// Selects a span by its id.
    pub(super) fn pick_id(self, span_id: &str) {
        self.from_tree.set(false);
        self.picked.set(None);
        self.app.change_address(true, |a| span_id.clone_into(&mut a.span));
    }

    /// Puts a key first in every list of attributes, or back to its place.
    pub(super) fn pin(self, key: &str) {
        self.pinned.update(|list| {
            let others: Vec<&str> = list.lines().filter(|k| *k != key).collect();
            let was = others.len() < list.lines().count();
            let mut next = others.join("\n");
            if !was {
                next = if next.is_empty() { key.to_owned() } else { format!("{next}\n{key}") };
            }
            *list = next;
        });
        web::page::store(PINNED, &self.pinned.get_untracked());
    }

    /// Selects nothing.
    pub(super) fn unpick(self) {
        self.picked.set(None);
        self.app.change_address(true, |a| a.span.clear());
    }

    /// The place of the selected span, as far as known.
    pub(super) fn place(self) -> Option<u32> {
        untrack(|| self.place_live())
    }

    /// The place of the selected span, tracked.
    pub(super) fn place_live(self) -> Option<u32> {
        let wanted = self.app.address.with(|a| a.span.clone());
        let known = self.span.value.with(|s| s.as_ref().filter(|s| s.span_id == wanted).map(|s| s.place));
        self.picked.get().or(known)
    }

    /// The selected span, once its answer is there.
    pub(super) fn selected_now(self) -> Option<Arc<SpanAnswer>> {
        let place = self.place()?;
        self.span.value.get_untracked().filter(|s| s.place == place)
    }

    /// Whether anything is selected.
    pub(super) fn has_selection(self) -> bool {
        self.picked.get().is_some() || self.app.address.with(|a| !a.span.is_empty())
    }

    /// What the search does to the spans; tracked.
    pub(super) fn emphasis(self) -> Emphasis {
        let finds = !self.find.with(String::is_empty);
        self.look.with(|look| Emphasis::of(look, finds))
    }

    /// The painters' name of the theme; tracked.
    pub(super) fn theme(self) -> Theme {
        match self.app.theme.get() {
            PageTheme::Light => Theme::Light,
            PageTheme::Dark => Theme::Dark,
        }
    }

    /// Whether the page has gone elsewhere, and its signals with it.
    pub(super) fn is_gone(self) -> bool {
        self.extent.is_disposed()
    }

    /// Takes the names of the services, by the engine's numbers.
    pub(super) fn set_services(self, names: &[String]) {
        if self.services.with_untracked(|s| s.as_slice() != names) {
            self.services.set(Arc::new(names.to_vec()));
        }
    }

    /// What the bars are colored by: services, or values of something else; tracked.
    pub(super) fn colored(self) -> Arc<Vec<String>> {
        self.services.get()
    }

    /// The name of a service by its number.
    pub(super) fn service_name(self, number: u32) -> String {
        self.services.with_untracked(|s| s.get(number as usize).cloned().unwrap_or_default())
    }

    /// The colors' slots by the numbers of services, or of the values that the bars are colored by.
    pub(super) fn slots(self) -> Vec<u32> {
        self.services.with(|s| s.iter().map(|name| self.value_slot(name)).collect())
    }

    /// The slot of a value that the bars are colored by: in the order first met, so that each looks the same in every
    /// view and neighbors differ as long as there are colors.
    fn value_slot(self, value: &str) -> u32 {
        let Some(by) = self.look("color") else { return self.colors.slot(value) };
        let slot = self.met.try_update_value(|(of, values)| {
            if *of != by {
                *of = by;
                values.clear();
            }
            let at = values.iter().position(|v| v == value);
            let at = at.or_else(|| {
                (values.len() < MOST_VALUES).then(|| values.push(value.to_owned()))?;
                Some(values.len() - 1)
            })?;
            assign(values.iter().map(String::as_str)).get(at).copied()
        });
        slot.flatten().unwrap_or_else(|| self.colors.slot(value))
    }

    /// The classes of a dot or bar of a value that the bars are colored by.
    pub(super) fn value_class(self, base: &str, value: &str) -> String {
        format!("{base} s{}", self.value_slot(value))
    }

    /// The slot of a row of the tree; `colored` tells whether something else than the service colors it.
    pub(super) fn row_slot(self, row: &TreeRow, colored: bool) -> u32 {
        if colored { self.value_slot(&row.color) } else { self.colors.slot(&row.service) }
    }

    /// Follows what the colors of spans hang on.
    pub(super) fn track_colors(self) {
        self.look("color");
        self.colors.slot("");
    }

    /// The classes of a service's dot or bar.
    pub(super) fn service_class(self, base: &str, service: &str) -> String {
        format!("{base} {}", self.colors.class(service))
    }
}
