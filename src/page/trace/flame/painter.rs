//! The one painter: what it knows stands in a cell, not in signals; whatever changes asks for a frame, and the
//! frame paints everything once.

use std::cell::RefCell;
use std::rc::Rc;

use leptos::prelude::*;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::super::stretch::{Stretch, ticks};
use super::super::view::TraceView;
use super::gestures::Gestures;
use super::scene::{self, Asked, Emphasis};
use crate::engine::protocol::Flame;
use crate::page::address::Theme as PageTheme;
use crate::page::client::{AskError, Painting};
use crate::paint::flame::lane_run;
use crate::paint::palette::css;
use crate::paint::{Dim, FlameView, GlyphWidths, Mark, Palette, Pixels, Theme, Tone, labels, pixels};
use crate::scene::flame::{FlameScene, Minimap, NO_LABEL, flag};
use crate::web;
use crate::web::canvas;

/// Height of a lane, CSS pixels.
pub(super) const LANE: f64 = 22.0;

/// Measures one character.
type Measure = Box<dyn FnMut(char) -> f64>;

/// A rectangle of the scene, as hovering and clicking want it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Bar {
    pub(super) mark: Mark,
    pub(super) place: u32,
    pub(super) count: u32,
    pub(super) service: String,
    pub(super) name: Option<String>,
    pub(super) flags: u32,
}

/// What the painter knows.
pub(super) struct State {
    canvas: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
    font: String,
    widths: Option<GlyphWidths<Measure>>,
    /// CSS pixels.
    pub(super) width: f64,
    /// CSS pixels.
    pub(super) height: f64,
    ratio: f64,
    pub(super) scroll_y: f64,
    scene: Option<(Asked, FlameScene)>,
    asked: Option<Asked>,
    /// The data changed: what is at hand is shown until the answer comes.
    stale: bool,
    minimap: Option<Minimap>,
    hovered: Option<Mark>,
    /// The critical path, as it stands in the scene.
    path: Vec<Mark>,
    /// What the search does to the bars.
    emphasis: Emphasis,
    /// The lane of the selected place, where the engine told it.
    lane: Option<(u32, u32)>,
    pixels: Pixels,
    palette: Palette,
    pub(super) gestures: Gestures,
    scheduled: Option<Painting>,
}

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
}

impl Painter {
    /// A painter without a canvas yet.
    pub(in super::super) fn new(view: TraceView) -> Self {
        let state = State {
            canvas: None,
            font: String::new(),
            widths: None,
            width: 0.0,
            height: 0.0,
            ratio: 1.0,
            scroll_y: 0.0,
            scene: None,
            asked: None,
            stale: false,
            minimap: None,
            hovered: None,
            path: Vec::new(),
            emphasis: Emphasis::None,
            lane: None,
            pixels: Pixels::default(),
            palette: Palette::new(Theme::Light, []),
            gestures: Gestures::default(),
            scheduled: None,
        };
        Self {
            state: Rc::new(RefCell::new(state)),
            view,
            lanes: RwSignal::new(0),
            scrolled: RwSignal::new(0.0),
            minimap_version: RwSignal::new(0),
            frame_ms: RwSignal::new(0.0),
            error: RwSignal::new(None),
        }
    }

    /// Paints on this canvas from now on.
    pub(super) fn attach(&self, element: &HtmlCanvasElement) {
        let Some(context) = canvas::context(element) else {
            self.error.set(Some("This browser gives no canvas to draw on".to_owned()));
            return;
        };
        let mut state = self.state.borrow_mut();
        state.font = format!("11.5px {}", canvas::style_of(element, "font-family"));
        let (measured, font) = (context.clone(), state.font.clone());
        state.widths = Some(GlyphWidths::new(Box::new(move |c: char| {
            measured.set_font(&font);
            measured.measure_text(c.encode_utf8(&mut [0; 4])).map_or(7.0, |m| m.width())
        })));
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
    pub(super) fn recolor(&self, theme: PageTheme, slots: Vec<u32>) {
        let theme = match theme {
            PageTheme::Light => Theme::Light,
            PageTheme::Dark => Theme::Dark,
        };
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
            if !this.view.is_gone() {
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

    /// Asks for another scene if the one at hand, or the one on its way, does not serve the view.
    fn ask(&self) {
        let visible = self.view.visible_now();
        let extent = self.view.extent.get_untracked();
        let trace_id = self.view.id.get_untracked();
        let lanes_known = self.lanes.get_untracked();
        let whole = self.view.shows_all();
        let Some((lanes, device_px, minimap_px)) = self.change(|s| {
            if s.width < 1.0 || s.height < 1.0 || trace_id.is_empty() {
                return None;
            }
            let device_px = s.width * s.ratio;
            let view = s.flame_view(visible, &[], None);
            let mut lanes = view.lanes();
            if lanes_known > 0 {
                lanes.end = lanes.end.min(lanes_known).max(lanes.start);
            }
            let serves = |a: &Asked| a.serves(visible, extent, device_px, &lanes);
            let at_hand = s.scene.as_ref().is_some_and(|(a, _)| serves(a)) && !s.stale;
            // All of a trace may be asked for before it is known how long that is.
            let on_its_way = s.asked.as_ref().is_some_and(|a| serves(a) || (whole && a.is_whole()));
            if at_hand || on_its_way {
                return None;
            }
            let around = scene::lanes_around(&lanes);
            s.asked = Some(if whole {
                Asked::whole(device_px, around.clone())
            } else {
                Asked::around(visible, extent, device_px, around.clone())
            });
            let have = s.minimap.as_ref().map_or(0, |m| m.density.len());
            let want = s.width.round() as usize;
            // A narrower or wider window stretches the one at hand; a new one is worth it when it is far off.
            let fresh = s.stale || have == 0 || have.abs_diff(want) > want / 4;
            Some((around, device_px, if fresh { want as u32 } else { 0 }))
        }) else {
            return;
        };
        let question = Flame {
            trace_id: trace_id.clone(),
            from_ns: visible.from,
            to_ns: (!whole).then_some(visible.to),
            width_px: device_px.round() as u32,
            lane_from: lanes.start,
            lane_to: Some(lanes.end),
            minimap_px,
            find: self.view.find.get_untracked(),
            path: untrack(|| self.view.has("path")),
            sync_only: untrack(|| self.view.has("sync")),
            merged: untrack(|| self.view.merged()),
            skew: untrack(|| self.view.has("skew")),
            color: untrack(|| self.view.look("color")).unwrap_or_default(),
            reveal: None,
        };
        let this = self.clone();
        let client = self.view.app.client();
        web::tasks::spawn(async move {
            let result = client.ask("trace-flame", question).await;
            if this.view.is_gone() || this.view.id.get_untracked() != trace_id {
                return;
            }
            let answered = match result {
                Ok(answered) => answered,
                Err(AskError::Superseded) => return,
                Err(AskError::Failed(sentence)) => {
                    this.error.set(Some(sentence));
                    return;
                }
            };
            let head = &answered.answer.body;
            let Some(mut scene) = scene::scene(head, &answered.buffers) else { return };
            if this.with(|s| s.emphasis == Emphasis::Hide) {
                scene::keep_found(&mut scene);
            }
            let path = scene::path(&answered.buffers);
            let minimap = scene::minimap(&answered.buffers);
            let new_minimap = minimap.is_some();
            this.change(|s| {
                let end = if head.lane_to >= head.lanes { u32::MAX } else { head.lane_to };
                let given = Asked {
                    from: head.from_ns,
                    to: head.to_ns,
                    columns: head.width_px,
                    lanes: head.lane_from..end,
                };
                s.scene = Some((given, scene));
                s.path = path;
                (s.stale, s.asked) = (false, None);
                if new_minimap {
                    s.minimap = minimap;
                }
            });
            this.error.set(None);
            this.view.set_services(&head.services);
            this.view.grow(head.duration_ns);
            if this.lanes.get_untracked() != head.lanes {
                this.lanes.set(head.lanes);
                this.scroll_by(0.0);
            }
            if new_minimap {
                this.minimap_version.update(|n| *n += 1);
            }
            this.schedule();
        });
    }

    /// Brings the selected span into view, in time and in height.
    pub(super) fn reveal(&self, place: u32, from: f64, to: f64) {
        let visible = self.view.visible_now();
        if to < visible.from || from > visible.to {
            let extent = self.view.extent.get_untracked();
            let length = visible.length().max((to - from) * 1.1);
            let middle = f64::midpoint(from, to);
            self.view
                .travel(Stretch { from: middle - length / 2.0, to: middle + length / 2.0 }.inside(extent));
        }
        if let Some(lane) = self.with(|s| s.lane_of(place)) {
            self.show_lane(lane);
            return;
        }
        let question = Flame {
            trace_id: self.view.id.get_untracked(),
            from_ns: 0.0,
            to_ns: Some(1.0),
            width_px: 1,
            lane_from: 0,
            lane_to: Some(0),
            minimap_px: 0,
            reveal: Some(place),
            merged: untrack(|| self.view.merged()),
            ..Flame::default()
        };
        let this = self.clone();
        let client = self.view.app.client();
        web::tasks::spawn(async move {
            let Ok(answered) = client.ask("trace-lane", question).await else { return };
            if let (false, Some(lane)) = (this.view.is_gone(), answered.answer.body.revealed_lane) {
                this.change(|s| s.lane = Some((place, lane)));
                this.show_lane(lane);
                this.schedule();
            }
        });
    }

    fn show_lane(&self, lane: u32) {
        let top = f64::from(lane) * LANE;
        let by = self.with(|s| {
            if top < s.scroll_y || top + LANE > s.scroll_y + s.height {
                top + LANE / 2.0 - s.height / 2.0 - s.scroll_y
            } else {
                0.0
            }
        });
        self.scroll_by(by);
    }
}

impl State {
    fn flame_view<'a>(&'a self, visible: Stretch, grid: &'a [f64], selected: Option<Mark>) -> FlameView<'a> {
        FlameView {
            start_ns: visible.from,
            ns_per_px: visible.length() / self.width.max(1.0),
            scroll_y: self.scroll_y,
            row_height: LANE,
            width: self.width,
            height: self.height,
            device_ratio: self.ratio,
            selected,
            hovered: self.hovered,
            dim: match self.emphasis {
                Emphasis::None | Emphasis::Hide => Dim::Nothing,
                Emphasis::Dim => Dim::Unmatched,
                Emphasis::Frame => Dim::FrameMatches,
            },
            underlined: &self.path,
            grid,
        }
    }

    fn index_of(&self, place: u32) -> Option<usize> {
        self.scene.as_ref()?.1.place.iter().position(|&p| p == place)
    }

    fn lane_of(&self, place: u32) -> Option<u32> {
        let told = self.lane.filter(|(p, _)| *p == place).map(|(_, lane)| lane);
        told.or_else(|| Some(self.scene.as_ref()?.1.lane[self.index_of(place)?]))
    }

    fn mark_of(&self, place: u32, exact: Option<(f64, f64)>) -> Option<Mark> {
        let lane = self.lane_of(place)?;
        let (t0, t1) = exact.or_else(|| {
            let scene = &self.scene.as_ref()?.1;
            let at = self.index_of(place).filter(|&at| scene.flags[at] & flag::SEVERAL == 0)?;
            Some((scene.t0[at], scene.t1[at]))
        })?;
        Some(Mark { lane, t0, t1 })
    }

    /// How many rectangles are in sight, for the text twin.
    pub(super) fn in_sight(&self, visible: Stretch) -> usize {
        let Some((_, scene)) = &self.scene else { return 0 };
        let lanes = self.flame_view(visible, &[], None).lanes();
        let from = lane_run(scene, lanes.start).start;
        let to = scene.lane.partition_point(|&l| l < lanes.end);
        (from..to)
            .filter(|&i| scene.t1[i] >= visible.from && scene.t0[i] <= visible.to)
            .map(|i| scene.count[i] as usize)
            .sum()
    }
}
