//! Rows of which only the visible ones exist, inside whatever scrolls around them.

use gloo::events::EventListener;
use leptos::{html, prelude::*};

use crate::page::rows::{self, Placement};
use crate::web;

/// The first rows come a frame before the others: a whole screen of them, built and laid out at once, holds a click up.
const FIRST_ROWS: usize = 6;

/// `total` rows of exactly `row_px`; `row` builds the one of a number. The nearest scrolling ancestor
/// scrolls them, so that a table's head may stick above them.
#[component]
pub fn VirtualRows<V>(
    /// How many rows there are.
    #[prop(into)]
    total: Signal<usize>,
    /// Height of each row in CSS pixels.
    row_px: f64,
    /// Builds a row; called once for each row that comes into view.
    row: impl Fn(usize) -> V + Clone + Send + Sync + 'static,
    /// Is told the rows that exist: first, and one past the last.
    #[prop(optional)]
    window: Option<RwSignal<(usize, usize)>>,
    /// A row to bring into view; set back to none once it is.
    #[prop(optional)]
    reveal: Option<RwSignal<Option<usize>>>,
) -> impl IntoView
where
    V: IntoView + 'static,
{
    let space = NodeRef::<html::Div>::new();
    let placement = RwSignal::new(Placement::default());
    let put = move |now: Placement| {
        if placement.try_get_untracked().is_some_and(|old| old != now) {
            placement.set(now);
            if let Some(window) = window {
                let range = (now.first, now.end);
                if window.try_get_untracked().is_some_and(|old| old != range) {
                    window.set(range);
                }
            }
        }
    };
    let measure = move || {
        // A frame that was asked for may come when the list is gone.
        let (Some(Some(element)), Some(total)) = (space.try_get_untracked(), total.try_get_untracked())
        else {
            return;
        };
        let view = web::page::Scrolled::of(&element);
        let now = rows::place(total, row_px, view.scroll_px, view.height_px);
        if placement.try_get_untracked() != Some(Placement::default()) || now.end <= now.first + FIRST_ROWS {
            put(now);
            return;
        }
        let few = Placement { end: now.first + FIRST_ROWS, ..now };
        put(few);
        web::tasks::spawn(async move {
            web::tasks::next_frame().await;
            if placement.try_get_untracked() == Some(few) {
                put(now);
            }
        });
    };
    // Kept as long as the component: dropping them ends the listening.
    let watches = StoredValue::new_local(None::<(EventListener, web::sizes::SizeWatch)>);
    Effect::new(move || {
        let Some(element) = space.get() else { return };
        let scroller = web::page::scroller_of(&element);
        let listener = EventListener::new(&scroller, "scroll", move |_| measure());
        let sizes = web::sizes::SizeWatch::new(&[&scroller, &element], measure);
        // The watch measures at once, but after the browser's own layout: asking now would cost another.
        watches.set_value(Some((listener, sizes)));
    });
    Effect::new(move |before: Option<usize>| {
        let total = total.get();
        // A new height is told by the watch. Without one the space has its rows only after this turn.
        let same =
            |before: usize| (rows::space_px(before, row_px) - rows::space_px(total, row_px)).abs() < 1.0;
        if before.is_some_and(|before| before != total && same(before)) {
            request_animation_frame(measure);
        }
        total
    });
    Effect::new(move || {
        let Some(reveal) = reveal else { return };
        let (Some(row), Some(element)) = (reveal.get(), space.get()) else { return };
        let view = web::page::Scrolled::of(&element);
        let total = total.get_untracked();
        let at = rows::scroll_to(total, row_px, view.height_px, row);
        if at < view.scroll_px + row_px || at > view.scroll_px + view.height_px - 2.0 * row_px {
            view.scroll_to((at - view.height_px / 3.0).max(0.0));
        }
        reveal.set(None);
    });
    let each = move || placement.with(|p| p.first..p.end);
    view! {
        <div class="virtual" role="presentation" node_ref=space
            style:height=move || format!("{}px", rows::space_px(total.get(), row_px))>
            <div class="virtual-window" role="presentation"
                style:transform=move || placement.with(|p| format!("translateY({}px)", p.top_px))>
                <For each=each key=|&i| i children=row/>
            </div>
        </div>
    }
}
