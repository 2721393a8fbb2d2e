//! The one painter: what it knows stands in a cell, not in signals; whatever changes asks for a frame, and the
//! frame paints everything once.

mod ask;
mod state;

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use web_sys::HtmlCanvasElement;

use super::super::look::Emphasis;
use super::super::stretch::ticks;
use super::super::view::TraceView;
use crate::paint::palette::css;
use crate::paint::{GlyphWidths, Mark, Palette, Theme, Tone, labels, pixels};
use crate::scene::flame::{FlameScene, Minimap, NO_LABEL};
use crate::web;
use crate::web::canvas;
pub(super) use state::{Bar, State};

/// Height of a lane, CSS pixels.
pub(super) const LANE: f64 = 22.0;

/// A handle; clones share the state.
#[derive(Clone)]
pub(in super::super) struct Painter {
    state: Rc<RefCell<State>>,
    /// The page's view.
    pub(super) view: TraceView,
    /// Lanes in all.
    pub(super) lanes: RwSignal<u32>,
    /// Lanes above the top edge, CSS pixels; follows the state for the scroll bar.
    pub(super) scrolled: RwSignal<f64>,
    /// Grows when the minimap is another one.
    pub(super) minimap_version: RwSignal<u32>,
    /// Milliseconds that the last frame took, for measuring.
    pub(super) frame_ms: RwSignal<f64>,
    /// Why there is no picture.
    pub(super) error: RwSignal<Option<String>>,
    /// Grows when the scene is another one.
    pub(super) scenes: RwSignal<u32>,
    /// Of a sandwich, the operation's name.
    pub(super) center: RwSignal<String>,
    /// Whether callers of a sandwich are left out.
    pub(super) cut: RwSignal<bool>,
}

impl Painter {
    /// A painter without a canvas yet.
    pub(in super::super) fn new(view: TraceView) -> Self {
        Self {
            state: Rc::new(RefCell::new(State::new())),
            view,
            lanes: RwSignal::new(0),
            scrolled: RwSignal::new(0.0),
            minimap_version: RwSignal::new(0),
            frame_ms: RwSignal::new(0.0),
            error: RwSignal::new(None),
            scenes: RwSignal::new(0),
            center: RwSignal::default(),
            cut: RwSignal::new(false),
        }
    }

    /// Whether the page has gone elsewhere, or to another kind of flamegraph, and the signals with it.
    pub(super) fn is_gone(&self) -> bool {
        self.view.is_gone() || self.lanes.is_disposed()
    }

    /// Paints on this canvas from now on.
    pub(super) fn attach(&self, element: &HtmlCanvasElement) {
        let Some(context) = canvas::context(element) else {
            self.error.set(Some("This browser gives no canvas to draw on".to_owned()));
            return;
        };
        let mut state = self.state.borrow_mut();
        state.font = format!("11.5px {}", canvas::style_of(element, "font-family"));
        state.widths = Some(GlyphWidths::new(Box::new(canvas::measure(&context, &state.font))));
        state.canvas = Some((element.clone(), context));
    }

    /// The canvas has this size in CSS pixels.
    pub(super) fn resized(&self, width: f64, height: f64) {
        {
            let mut state = self.state.borrow_mut();
            (state.width, state.height, state.ratio) = (width, height, canvas::device_ratio());
        }
        self.scroll_by(0.0);
        self.schedule();
    }

    /// Another trace.
    pub(super) fn forget(&self) {
        let mut state = self.state.borrow_mut();
        (state.scene, state.asked, state.minimap, state.hovered, state.lane) = (None, None, None, None, None);
        state.scroll_y = 0.0;
        drop(state);
        self.scrolled.set(0.0);
        self.minimap_version.update(|n| *n += 1);
        self.schedule();
    }

    /// Other data under the same trace.
    pub(super) fn outdated(&self) {
        let mut state = self.state.borrow_mut();
        (state.stale, state.asked, state.lane) = (true, None, None);
        drop(state);
        self.schedule();
    }

    /// Something else is looked for, or shown: the bars stand where they stood.
    pub(super) fn emphasize(&self, emphasis: Emphasis) {
        self.change(|s| (s.emphasis, s.stale, s.asked) = (emphasis, true, None));
        self.schedule();
    }

    /// Other colors.
    pub(super) fn recolor(&self, theme: Theme, slots: Vec<u32>) {
        self.state.borrow_mut().palette = Palette::from_slots(theme, slots);
        self.schedule();
    }

    /// Reads the state.
    pub(super) fn with<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        read(&self.state.borrow())
    }

    /// Changes the state; nothing in `change` may call back into the painter.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.borrow_mut())
    }

    /// Scrolls the lanes.
    pub(super) fn scroll_by(&self, px: f64) {
        let lanes = f64::from(self.lanes.get_untracked());
        let scrolled = self.change(|s| {
            let most = (lanes * LANE + 6.0 - s.height).max(0.0);
            s.scroll_y = (s.scroll_y + px).clamp(0.0, most);
            s.scroll_y
        });
        if (self.scrolled.get_untracked() - scrolled).abs() > f64::EPSILON {
            self.scrolled.set(scrolled);
            self.schedule();
        }
    }

    /// Paints with the next frame.
    pub(in super::super) fn schedule(&self) {
        {
            let mut state = self.state.borrow_mut();
            if state.scheduled.is_some() {
                return;
            }
            state.scheduled = Some(self.view.app.client().painting());
        }
        let this = self.clone();
        canvas::next_frame(move |_| {
            // Until the end of the frame the page is not idle.
            let guard = this.state.borrow_mut().scheduled.take();
            if !this.is_gone() {
                this.paint();
                this.ask();
            }
            drop(guard);
        });
    }

    /// The time at a number of CSS pixels from the left edge.
    pub(super) fn time_at(&self, x: f64) -> f64 {
        let width = self.with(|s| s.width).max(1.0);
        self.view.visible_now().at(x / width)
    }

    /// The rectangle at a point.
    pub(super) fn bar_at(&self, x: f64, y: f64) -> Option<Bar> {
        let visible = self.view.visible_now();
        self.with(|s| {
            let (_, scene) = s.scene.as_ref()?;
            let at = crate::paint::hit(scene, &s.flame_view(visible, &[], None), x, y)?;
            let name =
                (scene.label[at] != NO_LABEL).then(|| scene.labels.get(scene.label[at] as usize).cloned());
            Some(Bar {
                mark: Mark { lane: scene.lane[at], t0: scene.t0[at], t1: scene.t1[at] },
                place: scene.place[at],
                count: scene.count[at],
                service: self.view.service_name(scene.service[at]),
                name: name.flatten(),
                flags: scene.flags[at],
            })
        })
    }

    /// Marks what is under the pointer.
    pub(super) fn hover(&self, mark: Option<Mark>) {
        let changed = self.change(|s| std::mem::replace(&mut s.hovered, mark) != mark);
        if changed {
            self.schedule();
        }
    }

    /// The minimap, once it is there.
    pub(super) fn minimap(&self) -> Option<(Minimap, Palette)> {
        self.with(|s| s.minimap.clone().map(|m| (m, s.palette.clone())))
    }

    /// Saves what is in sight as a picture.
    pub(super) fn save(&self, format: &str) -> Result<(), web::Error> {
        let name = format!("trace-{}.{format}", self.view.id.get_untracked());
        let state = self.state.borrow();
        let (Some((canvas, _)), Some((_, scene))) = (&state.canvas, &state.scene) else { return Ok(()) };
        if format == "png" {
            return web::page::save_canvas(&name, canvas);
        }
        let view = state.flame_view(self.view.visible_now(), &[], None);
        let svg = crate::paint::svg::flame_document(scene, &view, &state.palette, &name);
        web::page::save(&name, "image/svg+xml", svg.as_bytes())
    }

    fn paint(&self) {
        let began = web::tasks::now_ms();
        let visible = self.view.visible_now();
        let place = self.view.place();
        let exact =
            self.view.selected_now().map(|s| (s.offset_ns as f64, s.offset_ns as f64 + s.duration_ns as f64));
        // A bar that stands for a path is not where the span is in time.
        let exact = exact.filter(|_| untrack(|| self.view.merged()).is_empty());
        let mut state = self.state.borrow_mut();
        let state = &mut *state;
        let Some((element, context)) = state.canvas.clone() else { return };
        if state.width < 1.0 || state.height < 1.0 {
            return;
        }
        let selected = place.and_then(|p| state.mark_of(p, exact));
        let (_, grid) = ticks(visible, (state.width / 130.0) as usize + 1);
        let mut pixels = std::mem::take(&mut state.pixels);
        let view = state.flame_view(visible, &grid, selected);
        let (width, height) = (view.device_width() as u32, view.device_height() as u32);
        if element.width() != width || element.height() != height {
            element.set_width(width);
            element.set_height(height);
        }
        let empty = FlameScene::default();
        let scene = state.scene.as_ref().map_or(&empty, |(_, s)| s);
        pixels::flame(scene, &view, &state.palette, &mut pixels);
        // A canvas of zero size takes no picture; there is nothing to see then.
        canvas::put(&context, pixels.bytes(), width).unwrap_or_default();

        if let Some(mut widths) = state.widths.take() {
            let runs = labels(scene, &state.flame_view(visible, &[], None), &mut widths);
            state.widths = Some(widths);
            context.set_font(&state.font);
            context.set_text_baseline("middle");
            // Setting a transform of finite numbers does not throw.
            context.set_transform(state.ratio, 0.0, 0.0, state.ratio, 0.0, 0.0).unwrap_or_default();
            let (on_bar, dimmed) = (css(state.palette.on_bar), css(state.palette.text_2));
            for tone in [Tone::OnBar, Tone::Dimmed] {
                context.set_fill_style_str(if tone == Tone::OnBar { &on_bar } else { &dimmed });
                for run in runs.iter().filter(|r| r.tone == tone) {
                    context.fill_text(&run.text, run.x, run.y + 0.5).unwrap_or_default();
                }
            }
            context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).unwrap_or_default();
        }
        state.pixels = pixels;
        self.frame_ms.set(web::tasks::now_ms() - began);
    }
}
