//! The rows in view: their picture, the elements that say the same, and what the pointer does with both.

use leptos::ev::{MouseEvent, PointerEvent};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;

use super::super::ink::{Ink, Widths};
use super::super::sheet::Board;
use super::super::stretch::ticks;
use super::super::view::TraceView;
use super::ROW;
use super::picture::{self, At, Column, Columns, Sight};
use super::rows::{TreeRows, is_span};
use super::twin::Slot;
use crate::page::client::Painting;
use crate::paint::Palette;
use crate::paint::palette::service_colors;
use crate::web;
use crate::web::sizes::SizeWatch;

/// Rows that exist as elements at most: more than any screen shows.
const MOST_SLOTS: usize = 256;
/// So long after the last change the elements follow the picture, milliseconds.
const REST_MS: f64 = 100.0;

/// What rows are drawn and written with.
struct Drawing {
    names: Board,
    lane: Board,
    widths: Widths,
    columns: Columns,
    /// Rows that scroll out lend their elements to those that scroll in: row i stands in slot i modulo their number.
    slots: Vec<Slot>,
    _watch: SizeWatch,
}

/// What is known from frame to frame.
#[derive(Default)]
struct State {
    drawing: Option<Drawing>,
    /// Where the pointer is, from the top left of the rows.
    pointer: Option<(f64, f64)>,
    /// Whether a frame is on its way, and what it paints.
    framed: bool,
    names: bool,
    lane: bool,
    /// When the elements are to follow, and what keeps the page from being idle until they do.
    twin: Option<(f64, Painting)>,
    /// What was selected, and where the keyboard was, when they followed last.
    written: (Option<u32>, Option<usize>),
}

/// All of it; a copy is a handle to the same.
#[derive(Clone, Copy)]
struct Pane {
    rows: TreeRows,
    view: TraceView,
    state: StoredValue<State, LocalStorage>,
    selected: Memo<Option<u32>>,
    /// Where the elements are.
    place: NodeRef<Div>,
}

/// The rows in view.
#[component]
pub(super) fn TreePane(
    /// All rows.
    rows: TreeRows,
    /// The head, whose cells are as wide as the columns.
    head: NodeRef<Div>,
    /// Whether the keyboard is in the tree.
    focused: RwSignal<bool>,
) -> impl IntoView {
    let view = TraceView::here();
    let pane = Pane {
        rows,
        view,
        state: StoredValue::new_local(State::default()),
        selected: Memo::new(move |_| view.place_live()),
        place: NodeRef::new(),
    };
    let (names, lane, area) = (NodeRef::<Canvas>::new(), NodeRef::<Canvas>::new(), NodeRef::<Div>::new());
    Effect::new(move || {
        let (Some(names), Some(lane), Some(head)) = (names.get(), lane.get(), head.get()) else { return };
        let (Some(names), Some(lane)) = (Board::of(&names), Board::of(&lane)) else {
            rows.error.set(Some("This browser gives no canvas to draw on".to_owned()));
            return;
        };
        let seen = head.clone();
        let cells = web::canvas::children(&head);
        let watched: Vec<&web_sys::Element> = cells.iter().chain([head.as_ref()]).collect();
        let watch = SizeWatch::new(&watched, move || pane.measure(&web::canvas::cells(&seen)));
        let widths = names.widths();
        let drawing =
            Drawing { names, lane, widths, columns: Columns::default(), slots: Vec::new(), _watch: watch };
        pane.state.update_value(|state| state.drawing = Some(drawing));
    });
    pane.follow(focused);
    let hover = move |event: PointerEvent| {
        let Some(area) = area.get_untracked().filter(|_| event.pointer_type() != "touch") else { return };
        let rect = area.get_bounding_client_rect();
        let at = (f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top());
        pane.hover(Some(at));
    };
    view! {
        <div
            class="tree-pane"
            role="presentation"
            node_ref=area
            style:height=move || format!("{}px", rows.scroll.get().view)
            on:pointermove=hover
            on:pointerleave=move |_| pane.hover(None)
        >
            <canvas class="tree-sheet names" aria-hidden="true" node_ref=names></canvas>
            <canvas class="tree-sheet bars" aria-hidden="true" node_ref=lane></canvas>
            <div class="tree-rows" role="rowgroup" node_ref=pane.place
                on:click=move |event| pane.clicked(&event) on:dblclick=move |event| pane.double_clicked(&event)></div>
        </div>
    }
}

impl Pane {
    /// Everything that asks for a frame.
    fn follow(self, focused: RwSignal<bool>) {
        let (rows, view) = (self.rows, self.view);
        // What the elements say as well.
        Effect::new(move || {
            self.place.track();
            rows.window();
            rows.track();
            rows.cursor.track();
            self.selected.track();
            self.schedule(true, true);
        });
        Effect::new(move || {
            view.emphasis();
            view.track_colors();
            view.app.theme.track();
            focused.track();
            self.schedule(true, false);
        });
        Effect::new(move || {
            view.visible();
            self.schedule(false, false);
        });
    }

    /// Paints with the next frame: the bars, perhaps the names; and perhaps the elements follow some time after.
    fn schedule(self, names: bool, twin: bool) {
        let client = self.view.app.client();
        let mut waits = false;
        let framed = self.state.try_update_value(|state| {
            state.names |= names;
            state.lane = true;
            if twin {
                let until = web::tasks::now_ms() + REST_MS;
                match &mut state.twin {
                    Some((when, _)) => *when = until,
                    none => {
                        *none = Some((until, client.painting()));
                        waits = true;
                    }
                }
            }
            std::mem::replace(&mut state.framed, true)
        });
        if waits {
            web::tasks::spawn(async move {
                let left =
                    || self.state.try_with_value(|s| s.twin.as_ref().map(|(w, _)| w - web::tasks::now_ms()));
                while let Some(left) = left().flatten() {
                    if left <= 0.0 {
                        untrack(|| self.write());
                        return;
                    }
                    web::tasks::sleep_ms(left.ceil() as u32).await;
                }
            });
        }
        if framed == Some(false) {
            web::canvas::next_frame(move |_| untrack(|| self.paint()));
        }
    }

    /// The pointer is here, or no longer.
    fn hover(self, at: Option<(f64, f64)>) {
        let moved = self.state.try_update_value(|state| std::mem::replace(&mut state.pointer, at) != at);
        if moved == Some(true) {
            self.schedule(true, false);
        }
    }

    /// The columns stand as the cells of the head do: left edges and widths.
    fn measure(self, cells: &[(f64, f64)]) {
        let [name, service, start, duration, own, rank, lane] = std::array::from_fn(|i| {
            let (left, width) = cells.get(i).copied().unwrap_or_default();
            Column { left, width }
        });
        // The boards meet between two pixels of the device.
        let ratio = web::canvas::device_ratio();
        let left = (lane.left * ratio).round() / ratio;
        let width = ((lane.left + lane.width) * ratio).round() / ratio;
        let lane = Column { left, width: width - left };
        let columns = Columns { name, service, start, duration, own, rank, lane };
        let _ = self.state.try_update_value(|state| {
            if let Some(drawing) = &mut state.drawing {
                drawing.columns = columns;
                drawing.names.place(0.0, left);
                drawing.lane.place(left, width - left);
            }
        });
        self.schedule(true, true);
    }

    /// Draws what is due.
    fn paint(self) {
        let written = self.state.try_update_value(|state| {
            state.framed = false;
            let (names, lane) = (std::mem::take(&mut state.names), std::mem::take(&mut state.lane));
            let pointer = state.pointer;
            if let Some(drawing) = &mut state.drawing {
                self.draw(drawing, pointer, names, lane);
            }
            state.written
        });
        // A reader is told of a row the moment that the keyboard is there.
        if written.is_some_and(|written| written != (self.selected.get(), self.rows.cursor.get())) {
            self.write();
        }
    }

    fn draw(self, drawing: &mut Drawing, pointer: Option<(f64, f64)>, names: bool, lane: bool) {
        let (rows, view) = (self.rows, self.view);
        let theme = view.theme();
        let palette = Palette::new(theme, []);
        let colors = service_colors(theme);
        let sight = Sight {
            columns: drawing.columns,
            palette: &palette,
            emphasis: view.emphasis(),
            visible: view.visible(),
            focused: self
                .place
                .get()
                .is_some_and(|p| p.closest(".tree-scroll:focus-visible").is_ok_and(|e| e.is_some())),
        };
        let scroll = rows.scroll.get();
        let ratio = web::canvas::device_ratio();
        let under = pointer.map(|(_, y)| ((scroll.top + y) / ROW).max(0.0) as usize);
        let (mut left, mut right) = (Ink::default(), Ink::default());
        let (_, times) = ticks(sight.visible, 4);
        picture::lines(&mut right, &times, scroll.view, &sight);
        let (selected, colored) = (self.selected.get(), view.has("color"));
        for index in rows.window() {
            let Some(row) = rows.row(index) else { continue };
            let at = At {
                top: ((index as f64 * ROW - scroll.top) * ratio).round() / ratio,
                selected: is_span(&row) && selected == Some(row.place),
                pointer: pointer.filter(|_| under == Some(index)).map(|(x, _)| x),
                color: colors[view.row_slot(&row, colored) as usize % colors.len()],
            };
            if at.top + ROW < 0.0 || at.top > scroll.view {
                continue;
            }
            if names {
                picture::ground(&mut left, at, drawing.columns.lane.left, &sight);
                picture::names(&mut left, &row, at, &sight, &mut drawing.widths);
            }
            if lane {
                picture::ground(&mut right, at, drawing.columns.lane.width, &sight);
                picture::lane(&mut right, &row, at, &sight);
            }
        }
        if names {
            drawing.names.draw(&left, (drawing.columns.lane.left, scroll.view), palette.background);
        }
        if lane {
            drawing.lane.draw(&right, (drawing.columns.lane.width, scroll.view), palette.background);
        }
    }

    /// Has the elements say what the picture shows.
    fn write(self) {
        let (rows, selected) = (self.rows, self.selected.get());
        self.state.update_value(|state| {
            state.twin = None;
            state.written = (selected, rows.cursor.get());
        });
        let Some(parent) = self.place.get() else { return };
        let window = rows.window();
        // Near enough that its pixels are exact, and seldom another.
        let base = window.start / 4096 * 4096;
        let shift = format!("translateY({}px)", base as f64 * ROW - rows.scroll.get().top);
        web_sys::HtmlElement::style(&parent).set_property("transform", &shift).unwrap_or_default();
        self.state.update_value(|state| {
            let Some(Drawing { slots, columns, .. }) = &mut state.drawing else { return };
            let width = columns.name.width;
            let number = slots.len().max(16).max(window.len().next_multiple_of(8)).min(MOST_SLOTS);
            while slots.len() < number
                && let Some(slot) = Slot::within(&parent)
            {
                slots.push(slot);
            }
            for (at, slot) in slots.iter_mut().enumerate() {
                let index = window.start + (at + number - window.start % number) % number;
                // One that is on its way is written when it has come.
                match rows.row(index).filter(|_| index < window.end) {
                    Some(row) => slot.show(index, row, selected, (base, width)),
                    None => slot.hide(),
                }
            }
        });
    }

    /// The row that an event happened on, and whether on its sign of folding.
    fn row_of(self, event: &MouseEvent) -> Option<(usize, bool)> {
        let stale = self.state.with_value(|s| s.twin.is_some());
        let mut element = web::page::target(event)?;
        // A pointer means what is seen; what has no place on the screen means the element itself.
        if stale && event.detail() > 0 {
            untrack(|| self.write());
            element = web::page::element_at(event.client_x(), event.client_y()).unwrap_or(element);
        }
        let number = web::page::closest_attribute(&element, "[role=row]", "aria-rowindex")?;
        let on_twisty = web::page::closest_attribute(&element, "button.twisty:not(.leaf)", "class").is_some();
        Some((number.parse::<usize>().ok()?.checked_sub(2)?, on_twisty))
    }

    fn clicked(self, event: &MouseEvent) {
        let Some((index, on_twisty)) = self.row_of(event) else { return };
        let Some(row) = self.rows.row(index) else { return };
        if !on_twisty {
            self.rows.cursor.set(Some(index));
        }
        if on_twisty || !is_span(&row) {
            self.rows.toggle_row(&row);
        } else {
            self.view.pick(row.place, true);
        }
    }

    fn double_clicked(self, event: &MouseEvent) {
        if let Some(row) = self.row_of(event).and_then(|(index, _)| self.rows.row(index)) {
            self.view.fit(row.offset_ns, row.offset_ns + row.duration_ns);
        }
    }
}
