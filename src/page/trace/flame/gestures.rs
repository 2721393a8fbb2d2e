//! What pointers and the wheel do: drag pans, pinch and wheel zoom, click selects.

use std::collections::BTreeMap;

/// A pointer that moved less than this many pixels clicks.
const CLICK: f64 = 4.0;

/// Pointers that are down.
#[derive(Debug, Default)]
pub(super) struct Gestures {
    pointers: BTreeMap<i32, (f64, f64)>,
    began: (f64, f64),
    moved: bool,
}

/// What a movement means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Movement {
    /// Nothing is held.
    Hover,
    /// Held, not moved far enough to be a drag.
    Still,
    /// One pointer drags, CSS pixels.
    Drag { dx: f64, dy: f64 },
    /// Two pointers: the middle before, its movement, and the new length of the visible stretch by the old one.
    Pinch { x: f64, dx: f64, dy: f64, factor: f64 },
}

impl Gestures {
    /// A pointer went down.
    pub(super) fn down(&mut self, id: i32, x: f64, y: f64) {
        if self.pointers.is_empty() {
            (self.began, self.moved) = ((x, y), false);
        } else {
            self.moved = true;
        }
        self.pointers.insert(id, (x, y));
    }

    /// A pointer moved.
    pub(super) fn moved(&mut self, id: i32, x: f64, y: f64) -> Movement {
        let Some(&before) = self.pointers.get(&id) else { return Movement::Hover };
        if !self.moved && (x - self.began.0).hypot(y - self.began.1) < CLICK {
            return Movement::Still;
        }
        self.moved = true;
        let other = self.pointers.iter().find(|(other, _)| **other != id).map(|(_, &at)| at);
        self.pointers.insert(id, (x, y));
        let (dx, dy) = (x - before.0, y - before.1);
        match other {
            None => Movement::Drag { dx, dy },
            Some(other) => {
                // Only the distance in time zooms; fingers above each other would jump.
                let (was, is) = ((before.0 - other.0).abs().max(24.0), (x - other.0).abs().max(24.0));
                Movement::Pinch {
                    x: f64::midpoint(before.0, other.0),
                    dx: dx / 2.0,
                    dy: dy / 2.0,
                    factor: was / is,
                }
            }
        }
    }

    /// A pointer went up; whether it clicked.
    pub(super) fn up(&mut self, id: i32) -> bool {
        self.pointers.remove(&id).is_some() && self.pointers.is_empty() && !self.moved
    }

    /// A pointer was taken away.
    pub(super) fn cancel(&mut self, id: i32) {
        self.pointers.remove(&id);
    }
}
