//! Moving over the picture: wheel and pinch zoom where they are, drag moves, everything fits at first.

use leptos::{ev, html, prelude::*};

use super::sight::{MARGIN, Sight};

/// A press that moves less than this is a click.
const SLACK: f64 = 4.0;

/// The pointers that are down, and what they did.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gestures {
    place: NodeRef<html::Div>,
    sight: RwSignal<Sight>,
    size: (f64, f64),
    /// Pointer id and place of those that are down.
    down: StoredValue<Vec<(i32, f64, f64)>>,
    /// How far the press has moved.
    way: StoredValue<f64>,
    /// Whether anybody has moved or zoomed: then a new size of the stage changes nothing.
    touched: StoredValue<bool>,
}

/// The gestures of a stage over a picture of this size; `middle` is what of it is met first, vertically.
pub(super) fn gestures(
    place: NodeRef<html::Div>,
    sight: RwSignal<Sight>,
    size: (f64, f64),
    middle: f64,
) -> Gestures {
    let all = Gestures {
        place,
        sight,
        size,
        down: StoredValue::new(Vec::new()),
        way: StoredValue::new(0.0),
        touched: StoredValue::new(false),
    };
    let width = crate::page::widgets::width_of(place);
    Effect::new(move || {
        if width.get() > 1.0 && !all.touched.get_value() {
            sight.set(Sight::first(size, all.stage(), middle));
        }
    });
    all
}

impl Gestures {
    fn stage(self) -> (f64, f64) {
        let element = self.place.get_untracked();
        element.map_or((0.0, 0.0), |e| (f64::from(e.client_width()), f64::from(e.client_height())))
    }

    /// Where an event is on the stage.
    fn at(self, x: i32, y: i32) -> (f64, f64) {
        let bounds = self.place.get_untracked().map(|e| e.get_bounding_client_rect());
        bounds.map_or((0.0, 0.0), |b| (f64::from(x) - b.left(), f64::from(y) - b.top()))
    }

    /// Shows everything.
    pub(super) fn fit(self) {
        self.touched.set_value(false);
        self.sight.set(Sight::whole(self.size, self.stage()));
    }

    /// Nearer or further around the middle.
    pub(super) fn zoom(self, factor: f64) {
        let (width, height) = self.stage();
        self.touched.set_value(true);
        self.sight.update(|s| *s = s.zoomed(factor, width / 2.0, height / 2.0));
    }

    /// Brings a box into view.
    pub(super) fn reveal(self, (x, y): (f64, f64), (width, height): (f64, f64)) {
        let (stage, s) = (self.stage(), self.sight.get_untracked());
        let shift = |from: f64, length: f64, room: f64| {
            let (low, high) = (from - MARGIN, from + length + MARGIN);
            if low < 0.0 {
                -low
            } else if high > room {
                room - high
            } else {
                0.0
            }
        };
        let dx = shift(s.x + x * s.scale, width * s.scale, stage.0);
        let dy = shift(s.y + y * s.scale, height * s.scale, stage.1);
        if dx != 0.0 || dy != 0.0 {
            self.touched.set_value(true);
            self.sight.set(Sight { x: s.x + dx, y: s.y + dy, ..s });
        }
    }

    /// Whether the last press was a drag.
    pub(super) fn dragged(self) -> bool {
        self.way.get_value() > SLACK
    }

    pub(super) fn down(self, event: &ev::PointerEvent) {
        if event.button() == 0 {
            let (x, y) = self.at(event.client_x(), event.client_y());
            self.down.update_value(|all| {
                all.retain(|(id, ..)| *id != event.pointer_id());
                all.push((event.pointer_id(), x, y));
            });
            if self.down.with_value(Vec::len) == 1 {
                self.way.set_value(0.0);
            }
        }
    }

    pub(super) fn moved(self, event: &ev::PointerEvent) {
        let (x, y) = self.at(event.client_x(), event.client_y());
        let before = self.down.get_value();
        let Some(&(_, old_x, old_y)) = before.iter().find(|(id, ..)| *id == event.pointer_id()) else {
            return;
        };
        let step = (x - old_x).hypot(y - old_y);
        self.way.update_value(|way| *way += step);
        self.down.update_value(|all| {
            for pointer in all.iter_mut().filter(|(id, ..)| *id == event.pointer_id()) {
                (pointer.1, pointer.2) = (x, y);
            }
        });
        if self.dragged() {
            // From here on the drag is this stage's, wherever the pointer goes.
            if let Some(element) = self.place.get_untracked() {
                element.set_pointer_capture(event.pointer_id()).unwrap_or_default();
            }
        }
        self.touched.set_value(true);
        match before.iter().find(|(id, ..)| *id != event.pointer_id()) {
            // Two fingers: what lies at the resting one stays there.
            Some(&(_, rest_x, rest_y)) => {
                let (old, new) = ((old_x - rest_x).hypot(old_y - rest_y), (x - rest_x).hypot(y - rest_y));
                if old > 1.0 && new > 1.0 {
                    self.sight.update(|s| *s = s.zoomed(new / old, rest_x, rest_y));
                }
            }
            None => self.sight.update(|s| (s.x, s.y) = (s.x + x - old_x, s.y + y - old_y)),
        }
    }

    pub(super) fn up(self, event: &ev::PointerEvent) {
        self.down.update_value(|all| all.retain(|(id, ..)| *id != event.pointer_id()));
    }

    pub(super) fn wheel(self, event: &ev::WheelEvent) {
        event.prevent_default();
        // Lines and pages as pixels; a notch of a wheel is about a hundred.
        let unit = if event.delta_mode() == 0 { 1.0 } else { 30.0 };
        let (x, y) = self.at(event.client_x(), event.client_y());
        self.touched.set_value(true);
        self.sight.update(|s| *s = s.zoomed((-event.delta_y() * unit * 0.002).clamp(-1.0, 1.0).exp(), x, y));
    }
}
