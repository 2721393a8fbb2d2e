//! The rows at hand: blocks of the engine's visible rows, asked for as scrolling needs them.

use std::collections::BTreeMap;
use std::sync::Arc;

use leptos::prelude::*;

use super::super::view::TraceView;
use super::ROW;
use super::scroll::Scroll;
use super::words::is_missing;
use crate::engine::protocol::{Tree, TreeRow};
use crate::page::client::AskError;
use crate::web;

/// Rows asked for at a time: what can be read between two frames.
const BLOCK: usize = 32;
/// Rows around the view that are asked for before they are seen.
const AHEAD: usize = 16;
/// Blocks kept.
const KEPT: usize = 80;

/// Which parts are folded.
#[derive(Clone, Debug, Default, PartialEq)]
struct Folds {
    depth: Option<u32>,
    toggled: Vec<u32>,
    /// Rows of several that stand open, by first place, and missing parents that stand otherwise than the others.
    opened: Vec<u32>,
    /// Siblings of one operation stand each for itself.
    singles: bool,
    /// Missing parents are folded, and `opened` has those that are not.
    missing: bool,
}

/// So many siblings of one operation stand in one row.
const REPEATS: u32 = 8;

/// Whether a row is a span that could be selected: not several, and not a parent that is missing.
pub(super) fn is_span(row: &TreeRow) -> bool {
    row.repeats == 0 && !is_missing(row)
}

#[derive(Default)]
struct Cache {
    /// Grows when rows may be others: a fold, new data, another trace.
    version: u64,
    /// What the blocks belong to.
    of: u64,
    blocks: BTreeMap<usize, Vec<Arc<TreeRow>>>,
    asked: Option<(u64, usize, usize)>,
}

/// The tree's rows, folds and scrolling; a copy is a handle to the same.
#[derive(Clone, Copy)]
pub(in super::super) struct TreeRows {
    view: TraceView,
    folds: RwSignal<Folds>,
    cache: StoredValue<Cache>,
    /// Visible rows in all, folded ones left out.
    pub(super) total: RwSignal<usize>,
    /// Grows when rows arrived.
    arrived: RwSignal<u32>,
    /// Where the view is.
    pub(super) scroll: RwSignal<Scroll>,
    /// The row of the keyboard.
    pub(super) cursor: RwSignal<Option<usize>>,
    /// Where the scroll bar is to be put.
    pub(super) bar: RwSignal<Option<f64>>,
    /// Why there are no rows.
    pub(super) error: RwSignal<Option<String>>,
}

impl TreeRows {
    /// The page's view.
    pub(super) fn view(self) -> TraceView {
        self.view
    }

    /// Starts asking for rows.
    pub(in super::super) fn new(view: TraceView) -> Self {
        let rows = Self {
            view,
            folds: RwSignal::default(),
            cache: StoredValue::default(),
            total: RwSignal::new(0),
            arrived: RwSignal::new(0),
            scroll: RwSignal::default(),
            cursor: RwSignal::new(None),
            bar: RwSignal::new(None),
            error: RwSignal::new(None),
        };
        Effect::new(move |before: Option<String>| {
            let id = view.id.get();
            if before.is_some_and(|b| b != id) {
                rows.folds.set(Folds::default());
                rows.cursor.set(None);
                rows.total.set(0);
                rows.cache.update_value(|c| c.blocks.clear());
            }
            id
        });
        Effect::new(move || {
            view.app.generation.track();
            view.id.track();
            rows.folds.track();
            view.find.track();
            for word in ["path", "sync", "hide", "skew", "once"] {
                view.has(word);
            }
            view.look("color");
            rows.cache.update_value(|c| {
                c.version += 1;
                c.asked = None;
            });
            rows.fetch();
        });
        Effect::new(move || {
            rows.window();
            rows.fetch();
        });
        // A selection from elsewhere is gone to.
        Effect::new(move || {
            let Some(place) = view.place_live() else {
                rows.cursor.set(None);
                return;
            };
            view.app.generation.track();
            let here = rows.cursor.get_untracked().and_then(|at| rows.row(at));
            if !(view.from_tree.get_untracked() && here.is_some_and(|r| r.place == place)) {
                rows.reveal(place, !view.from_tree.get_untracked());
            }
        });
        rows
    }

    /// The rows that are in view, and a few around.
    pub(super) fn window(self) -> std::ops::Range<usize> {
        let scroll = self.scroll.get();
        let first = (scroll.top / ROW).max(0.0) as usize;
        let last = ((scroll.top + scroll.view) / ROW).ceil().max(0.0) as usize;
        first.saturating_sub(4)..(last + 4).min(self.total.get())
    }

    /// A row, if it is at hand.
    pub(super) fn row(self, index: usize) -> Option<Arc<TreeRow>> {
        self.cache.with_value(|c| c.blocks.get(&(index / BLOCK))?.get(index % BLOCK).cloned())
    }

    /// Follows the arrival of rows.
    pub(super) fn track(self) {
        self.arrived.track();
    }

    fn question(self) -> Tree {
        let folds = self.folds.get_untracked();
        Tree {
            trace_id: self.view.id.get_untracked(),
            fold_depth: folds.depth,
            toggled: folds.toggled,
            repeats: if folds.singles { 0 } else { REPEATS },
            opened: folds.opened,
            fold_missing: folds.missing,
            find: self.view.find.get_untracked(),
            hide: untrack(|| self.view.has("hide")),
            skew: untrack(|| self.view.has("skew")),
            path: untrack(|| self.view.has("path")),
            sync_only: untrack(|| self.view.has("sync")),
            once: untrack(|| self.view.has("once")),
            color: untrack(|| self.view.look("color")).unwrap_or_default(),
            ..Tree::default()
        }
    }

    /// Asks for the blocks of the window that are not at hand.
    fn fetch(self) {
        let window = untrack(|| self.window());
        let end = (window.end + AHEAD).min(self.total.get_untracked()).max(window.end);
        let first = window.start.saturating_sub(AHEAD) / BLOCK;
        let last = end.saturating_sub(1).max(window.start) / BLOCK;
        let version = self.cache.with_value(|c| c.version);
        let missing = self.cache.with_value(|c| {
            let stale = c.of != c.version;
            let all = || (first..=last).all(|b| c.blocks.contains_key(&b));
            (stale || !all()) && c.asked != Some((c.version, first, last))
        });
        if !missing || self.view.id.with_untracked(String::is_empty) {
            return;
        }
        self.cache.update_value(|c| c.asked = Some((version, first, last)));
        let question =
            Tree { offset: first * BLOCK, limit: Some((last + 1 - first) * BLOCK), ..self.question() };
        let client = self.view.app.client();
        let painting = client.painting();
        web::tasks::spawn(async move {
            let result = client.ask("trace-tree", question).await;
            drop(painting);
            let answer = match result {
                Ok(answered) => answered.answer.body,
                Err(AskError::Superseded) => return,
                Err(AskError::Failed(sentence)) => {
                    self.error.try_set(Some(sentence));
                    return;
                }
            };
            if self.cache.try_with_value(|c| c.version) != Some(version) {
                return;
            }
            self.cache.update_value(|c| {
                if c.of != version {
                    c.blocks.clear();
                    c.of = version;
                }
                c.asked = None;
                let mut rows = answer.rows.into_iter().map(Arc::new);
                for block in answer.offset / BLOCK..=last {
                    c.blocks.insert(block, rows.by_ref().take(BLOCK).collect());
                }
                while c.blocks.len() > KEPT {
                    // The farthest block goes.
                    let (low, high) = (c.blocks.keys().next().copied(), c.blocks.keys().last().copied());
                    let far = |b: Option<usize>| b.map_or(0, |b| b.abs_diff(first));
                    let gone = if far(low) > far(high) { low } else { high };
                    gone.map(|b| c.blocks.remove(&b));
                }
            });
            self.error.set(None);
            if self.total.get_untracked() != answer.total {
                self.total.set(answer.total);
                self.scroll.update(|s| s.list = answer.total as f64 * ROW);
            }
            self.arrived.update(|n| *n = n.wrapping_add(1));
            // The total may have made the window another one.
            self.fetch();
        });
    }

    /// Puts the cursor on the row of a place and scrolls to it; a place that is folded away is unfolded.
    pub(super) fn reveal(self, place: u32, unfold: bool) {
        let client = self.view.app.client();
        web::tasks::spawn(async move {
            // Each round opens one folded ancestor; chains that were all folded stop at some depth.
            for _ in 0..64 {
                let Some(question) = self.folds.try_with_untracked(|_| self.question()) else { return };
                let find = Tree { reveal: Some(place), limit: Some(1), ..question.clone() };
                let Ok(found) = client.ask("trace-reveal", find).await else { return };
                let Some(index) = found.answer.body.revealed else { return };
                let look = Tree { offset: index, limit: Some(1), ..question };
                let Ok(row) = client.ask("trace-reveal", look).await else { return };
                let row = row.answer.body.rows.into_iter().next();
                if self.cursor.try_set(Some(index)).is_some() {
                    return;
                }
                match row {
                    Some(row) if row.repeats > 0 && row.folded && unfold => self.toggle_row(&row),
                    Some(row) if row.place != place && row.folded && unfold => self.toggle_row(&row),
                    _ => {
                        self.show(index);
                        return;
                    }
                }
            }
        });
    }

    /// Scrolls a row into view.
    pub(super) fn show(self, index: usize) {
        let mut scroll = self.scroll.get_untracked();
        // The total of a fold under way may not be here yet.
        scroll.list = scroll.list.max((index + 1) as f64 * ROW);
        let top = index as f64 * ROW;
        if let Some(bar) = scroll.show(top, top + ROW) {
            self.scroll.set(scroll);
            self.bar.set(Some(bar));
        }
    }

    /// Folds or unfolds what stands below a row: the children of a span, siblings that share the row, or orphans.
    pub(super) fn toggle_row(self, row: &TreeRow) {
        self.folds.update(|f| {
            let list = if is_span(row) { &mut f.toggled } else { &mut f.opened };
            match list.iter().position(|&p| p == row.place) {
                Some(at) => {
                    list.swap_remove(at);
                }
                None => list.push(row.place),
            }
        });
    }

    /// Folds all below the first level and missing parents, or unfolds all; then every span has a row.
    pub(in super::super) fn fold_all(self, fold: bool) {
        self.fold_to(fold.then_some(2), !fold, fold);
    }

    /// Folds below a level, none for no level; with or without shared rows, and missing parents folded or not.
    pub(super) fn fold_to(self, depth: Option<u32>, singles: bool, missing: bool) {
        self.folds.set(Folds { depth, singles, missing, ..Folds::default() });
        if let Some(place) = self.view.place() {
            self.reveal(place, false);
        }
    }

    /// Folds or unfolds the row of the keyboard.
    pub(in super::super) fn fold_cursor(self, fold: bool) {
        let row = self.cursor.get_untracked().and_then(|at| self.row(at));
        if let Some(row) = row.filter(|r| r.children > 0 && r.folded != fold) {
            self.toggle_row(&row);
        }
    }

    /// Moves the keyboard's row and selects it.
    pub(super) fn go(self, index: usize) {
        let last = self.total.get_untracked().saturating_sub(1);
        let index = index.min(last);
        self.cursor.set(Some(index));
        self.show(index);
        if let Some(row) = self.row(index) {
            if is_span(&row) {
                self.view.pick(row.place, true);
            }
            return;
        }
        // Far jumps: the row is on its way; ask for it alone.
        let client = self.view.app.client();
        let look = Tree { offset: index, limit: Some(1), ..self.question() };
        web::tasks::spawn(async move {
            if let Ok(found) = client.ask("trace-reveal", look).await
                && let Some(row) = found.answer.body.rows.first().filter(|r| is_span(r))
            {
                self.view.pick(row.place, true);
            }
        });
    }
}
