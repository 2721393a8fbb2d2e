//! Going to another stretch in a few frames, so that the eye can follow.

use super::super::stretch::Stretch;
use super::super::view::TraceView;
use crate::page::client::Painting;
use crate::web::canvas;

/// How long it takes, milliseconds.
const TIME_MS: f64 = 160.0;

struct Travel {
    view: TraceView,
    from: Stretch,
    to: Stretch,
    began: Option<f64>,
    /// What the last frame showed: when something else is visible, somebody else has taken over.
    last: Stretch,
    painting: Painting,
}

/// Goes to `to`.
pub(in super::super) fn travel(view: TraceView, to: Stretch) {
    if canvas::prefers_reduced_motion() {
        view.show(to);
        return;
    }
    let from = view.visible_now();
    let painting = view.app.client().painting();
    step(Travel { view, from, to, began: None, last: from, painting });
}

fn step(mut travel: Travel) {
    canvas::next_frame(move |now| {
        // The page may have gone to another view meanwhile.
        if travel.view.is_gone() || travel.view.visible_now() != travel.last {
            return;
        }
        let began = *travel.began.get_or_insert(now);
        let share = ((now - began) / TIME_MS).clamp(0.0, 1.0);
        if share >= 1.0 {
            travel.view.show(travel.to);
            drop(travel.painting);
            return;
        }
        let eased = 1.0 - (1.0 - share).powi(3);
        travel.view.show(travel.from.toward(travel.to, eased));
        travel.last = travel.view.visible_now();
        step(travel);
    });
}
