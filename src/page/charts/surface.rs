//! What charts have in common under a hand: a grid of cells that is pointed at, dragged over by mouse or finger,
//! and walked over by keys. A line chart has one row of cells, a histogram too, a heatmap several.

use leptos::{ev, html, prelude::*};

/// A column and a row, from the bottom left.
pub(in crate::page) type Cell = (usize, usize);

/// What a person did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::page) enum Act {
    /// Pressed one cell.
    Pick,
    /// Chose from the anchor to the cell pointed at.
    Select,
    /// Wants to go on with what is chosen.
    Enter,
    /// Wants nothing of it.
    Leave,
}

/// Where exactly a hand is, for what lies over the cells.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::page) enum Spot {
    /// The pointer in CSS pixels from the top left; none where it is gone.
    At(Option<(f64, f64)>),
    /// What it is at is pressed, by pointer or key.
    Open,
    /// A key without shift.
    Key(String),
}

/// A surface; a copy is a handle to the same signals.
#[derive(Clone, Copy)]
pub(in crate::page) struct Surface {
    /// Which one, where several share the signals.
    pub id: usize,
    /// The cell that is pointed at.
    pub at: RwSignal<Option<Cell>>,
    /// Where a selection began.
    pub anchor: RwSignal<Option<Cell>>,
    /// The surface that is pointed at or has the focus.
    pub active: RwSignal<Option<usize>>,
    /// The element.
    pub place: NodeRef<html::Div>,
    /// Columns, rows, and the height of the plot in CSS pixels.
    pub size: Callback<(), (usize, usize, f64)>,
    /// Hears what is done.
    pub act: Callback<Act>,
    /// Hears it before the cells do, where something lies over them; says whether that is all.
    pub over: Option<Callback<Spot, bool>>,
}

impl Surface {
    fn cell(self, event: &ev::PointerEvent) -> Option<Cell> {
        let rect = self.place.get_untracked()?.get_bounding_client_rect();
        let (columns, rows, height) = self.size.run(());
        if columns == 0 || rows == 0 {
            return None;
        }
        let part = |share: f64, n: usize| ((share.clamp(0.0, 1.0) * n as f64) as usize).min(n - 1);
        let x = (f64::from(event.client_x()) - rect.left()) / rect.width().max(1.0);
        let y = 1.0 - (f64::from(event.client_y()) - rect.top()) / height.max(1.0);
        Some((part(x, columns), part(y, rows)))
    }

    // The element may be on its way out, and with it whoever hears.
    fn heard(self, spot: Spot) -> bool {
        self.over.and_then(|over| over.try_run(spot)).unwrap_or(false)
    }

    fn moved(self, event: &ev::PointerEvent) {
        if let (Some(_), Some(place)) = (self.over, self.place.get_untracked()) {
            let rect = place.get_bounding_client_rect();
            let place = (f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top());
            self.heard(Spot::At(Some(place)));
        }
        self.point(self.cell(event), true);
    }

    // Also called by an element that is on its way out: taking the focus from it is its last event, and then its
    // signals may be gone.
    fn point(self, at: Option<Cell>, active: bool) {
        let active = active.then_some(self.id);
        if self.active.try_get_untracked().is_some_and(|now| now != active) {
            self.active.set(active);
        }
        if self.at.try_get_untracked().is_some_and(|now| now != at) {
            self.at.set(at);
        }
    }

    fn pressed(self, event: &ev::PointerEvent) {
        if event.button() != 0 || !event.is_primary() {
            return;
        }
        let cell = self.cell(event);
        if event.shift_key() && self.anchor.get_untracked().is_some() {
            return self.point(cell, true);
        }
        self.anchor.set(cell);
        self.point(cell, true);
        if let Some(place) = self.place.get_untracked() {
            // A pointer that is gone by now is caught by nobody; its release then is not heard here.
            place.set_pointer_capture(event.pointer_id()).unwrap_or_default();
        }
    }

    fn released(self, event: &ev::PointerEvent) {
        let Some(anchor) = self.anchor.get_untracked() else { return };
        let cell = self.cell(event);
        self.point(cell, true);
        if cell != Some(anchor) {
            return self.act.run(Act::Select);
        }
        self.anchor.set(None);
        self.moved(event);
        if !self.heard(Spot::Open) {
            self.anchor.set(Some(anchor));
            self.act.run(Act::Pick);
        }
    }

    fn left(self) {
        self.heard(Spot::At(None));
        self.anchor.set(None);
        self.point(None, false);
    }

    fn key(self, event: &ev::KeyboardEvent) {
        let (columns, rows, _) = self.size.run(());
        let (Some(right), Some(top)) = (columns.checked_sub(1), rows.checked_sub(1)) else { return };
        let key = event.key();
        let opens = matches!(key.as_str(), "Enter" | " ");
        let spot = match event.shift_key() {
            true => Spot::At(None),
            false if opens => Spot::Open,
            false => Spot::Key(key.clone()),
        };
        if self.heard(spot) {
            event.prevent_default();
            return self.point(self.at.try_get_untracked().flatten(), true);
        }
        let now = self.at.get_untracked();
        let (x, y) = now.unwrap_or((0, 0));
        let next = match key.as_str() {
            "ArrowRight" => now.map_or((0, y), |_| ((x + 1).min(right), y)),
            "ArrowLeft" => now.map_or((right, y), |_| (x.saturating_sub(1), y)),
            "ArrowUp" if rows > 1 => (x, (y + 1).min(top)),
            "ArrowDown" if rows > 1 => (x, y.saturating_sub(1)),
            "Home" => (0, y),
            "End" => (right, y),
            "Enter" | " " if now.is_some() => {
                event.prevent_default();
                return self.act.run(Act::Enter);
            }
            "Escape" if now.is_some() => {
                event.prevent_default();
                event.stop_propagation();
                self.act.run(Act::Leave);
                return self.left();
            }
            _ => return,
        };
        event.prevent_default();
        match (event.shift_key(), self.anchor.get_untracked()) {
            (true, None) => self.anchor.set(Some(now.unwrap_or(next))),
            (false, Some(_)) => self.anchor.set(None),
            _ => {}
        }
        self.point(Some(next), true);
    }
}

/// The element that hears pointers and keys, with what is drawn in it.
pub(in crate::page) fn surface(s: Surface, label: String, drawn: AnyView) -> AnyView {
    view! {
        <div class="chart-place" node_ref=s.place tabindex="0" role="group" aria-label=label
            on:pointerdown=move |e| s.pressed(&e)
            on:pointermove=move |e| s.moved(&e)
            on:pointerup=move |e| s.released(&e)
            on:pointercancel=move |_| s.left()
            on:pointerleave=move |_| if s.anchor.try_get_untracked() == Some(None) { s.point(None, false) }
            on:blur=move |_| s.left()
            on:keydown=move |e| s.key(&e)>
            {drawn}
        </div>
    }
    .into_any()
}
