//! The ruler of a time axis: drawn, because elements for its times would be laid out anew with each frame of a zoom.

use leptos::html::Canvas;
use leptos::prelude::*;

use super::ink::{Face, Fill, Ink};
use super::sheet::Board;
use super::stretch::{tick_text, ticks};
use super::view::TraceView;
use crate::paint::Palette;
use crate::web;
use crate::web::sizes::SizeWatch;

/// What a ruler draws with.
#[derive(Default)]
struct State {
    board: Option<(Board, SizeWatch)>,
    /// CSS pixels.
    size: (f64, f64),
    /// Whether a frame is on its way.
    framed: bool,
}

/// A ruler of the visible stretch with so many times at most, which fills the element around it. One inside the
/// flamegraph has lines that go on in the picture below.
pub(super) fn ruler(view: TraceView, most: usize, lines: bool) -> AnyView {
    let canvas = NodeRef::<Canvas>::new();
    let state = StoredValue::new_local(State::default());
    let paint = move || {
        // A frame that was asked for may come when the view is gone: a merged flamegraph has one of its own.
        if view.is_gone() {
            return;
        }
        let visible = view.visible();
        let palette = Palette::new(view.theme(), []);
        state.try_update_value(|state| {
            state.framed = false;
            let Some((board, _)) = &state.board else { return };
            let (width, height) = state.size;
            let mut ink = Ink::default();
            let (step, times) = ticks(visible, most);
            // A menu stands at the end of the tree's.
            let end = if lines { width } else { width - 24.0 };
            for time in times {
                let x = visible.share(time) * width;
                if lines {
                    ink.shape(Fill::Plain, [x, 0.0, 1.0, height], palette.line, 1.0);
                }
                let text = tick_text(time, step, visible.to);
                // No number is cut off. Digits are about that wide.
                if x + 5.0 + text.chars().count() as f64 * 6.6 <= end {
                    ink.text(Face::Tiny, (x + 5.0, height / 2.0 + 0.5), false, palette.text_3, text);
                }
            }
            board.draw(&ink, state.size, palette.background);
        });
    };
    let schedule = move || {
        if state.try_update_value(|s| std::mem::replace(&mut s.framed, true)) == Some(false) {
            web::canvas::next_frame(move |_| untrack(paint));
        }
    };
    Effect::new(move || {
        let Some(canvas) = canvas.get() else { return };
        let seen = canvas.clone();
        let watch = SizeWatch::new(&[&canvas], move || {
            let size = (f64::from(seen.client_width()), f64::from(seen.client_height()));
            let _ = state.try_update_value(|s| s.size = size);
            schedule();
        });
        state.update_value(|s| s.board = Board::of(&canvas).map(|board| (board, watch)));
    });
    Effect::new(move || {
        view.visible();
        view.app.theme.track();
        schedule();
    });
    view! { <canvas class="ruler-times" aria-hidden="true" node_ref=canvas></canvas> }.into_any()
}
