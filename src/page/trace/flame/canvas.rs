//! The flamegraph's elements: minimap, ruler, canvas, scroll bar, hover card, and words for those who do not see it.

use leptos::ev::{KeyboardEvent, MouseEvent, PointerEvent, WheelEvent};
use leptos::html::{Canvas, Div};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::super::ruler::ruler;
use super::super::stretch::Stretch;
use super::super::view::TraceView;
use super::gestures::Movement;
use super::hover::{HoverCard, Hovered};
use super::minimap::Minimap;
use super::painter::{LANE, Painter};
use crate::engine::protocol::Span;
use crate::model::format_duration;
use crate::page::format;
use crate::page::state::Notice;
use crate::web;
use crate::web::sizes::SizeWatch;

/// The flamegraph with what stands around it.
#[component]
pub(in super::super) fn Flamegraph(
    /// The view with the stretch that it shows.
    view: TraceView,
    /// What the bars are as wide as, where they are merged by path; "" for time.
    merged: String,
) -> impl IntoView {
    provide_context(view);
    let painter = StoredValue::new_local(Painter::new(view));
    let canvas = NodeRef::<Canvas>::new();
    let area = NodeRef::<Div>::new();
    let hovered = RwSignal::new(None::<Hovered>);
    let name = RwSignal::new(None::<(u32, String)>);
    let watching = StoredValue::new_local(None::<SizeWatch>);
    let is_merged = !merged.is_empty();
    Effect::new(move || {
        let (Some(canvas), Some(area)) = (canvas.get(), area.get()) else { return };
        let painter = painter.get_value();
        painter.attach(&canvas);
        let seen = area.clone();
        let watch = SizeWatch::new(&[&area], move || {
            let size = seen.get_bounding_client_rect();
            painter.resized(size.width(), size.height());
        });
        watching.set_value(Some(watch));
    });
    redraw_when_needed(view, painter);

    // Handlers know the pointer's place in the canvas.
    let at = move |event: &MouseEvent| {
        let rect = area.get_untracked().map(|a| a.get_bounding_client_rect());
        rect.map_or((0.0, 0.0), |r| {
            (f64::from(event.client_x()) - r.left(), f64::from(event.client_y()) - r.top())
        })
    };
    let hover_at = move |x: f64, y: f64| {
        let painter = painter.get_value();
        let bar = painter.bar_at(x, y);
        painter.hover(bar.as_ref().map(|b| b.mark));
        if let Some(bar) = bar.as_ref().filter(|b| b.name.is_none()) {
            learn_name(view, bar.place, hovered, name);
        }
        let width = painter.with(|s| s.width);
        hovered.set(bar.map(|bar| Hovered { bar, x, y, width }));
    };
    let leave = move |_: PointerEvent| {
        painter.with_value(|p| p.hover(None));
        hovered.set(None);
    };
    let wheel = move |event: WheelEvent| {
        // Inside a host page the page scrolls until the flamegraph was clicked or focused.
        if view.app.embed && !has_focus(area) {
            return;
        }
        event.prevent_default();
        let painter = painter.get_value();
        let unit = match event.delta_mode() {
            WheelEvent::DOM_DELTA_LINE => 16.0,
            WheelEvent::DOM_DELTA_PAGE => 400.0,
            _ => 1.0,
        };
        let (dx, dy) = (event.delta_x() * unit, event.delta_y() * unit);
        let width = painter.with(|s| s.width).max(1.0);
        let (x, y) = at(&event);
        if event.shift_key() {
            // Some browsers turn the wheel sideways themselves.
            view.pan((if dx == 0.0 { dy } else { dx }) / width);
        } else if event.alt_key() {
            painter.scroll_by(dy);
        } else if dx.abs() > dy.abs() {
            view.pan(dx / width);
        } else {
            // A pinch on a touchpad comes as small steps with ctrl.
            let rate = if event.ctrl_key() { 0.01 } else { 0.002 };
            view.zoom(painter.time_at(x), (dy * rate).clamp(-1.0, 1.0).exp());
        }
        hover_at(x, y);
    };
    let down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        let (x, y) = at(&event);
        painter.with_value(|p| p.change(|s| s.gestures.down(event.pointer_id(), x, y)));
        if let Some(area) = area.get_untracked() {
            // Without capture a drag ends at the border; nothing worse.
            area.set_pointer_capture(event.pointer_id()).unwrap_or_default();
        }
    };
    let moved = move |event: PointerEvent| {
        let (x, y) = at(&event);
        let painter = painter.get_value();
        let (movement, width) =
            painter.change(|s| (s.gestures.moved(event.pointer_id(), x, y), s.width.max(1.0)));
        match movement {
            Movement::Hover => hover_at(x, y),
            Movement::Still => {}
            Movement::Drag { dx, dy } => {
                hovered.set(None);
                view.pan(-dx / width);
                painter.scroll_by(-dy);
            }
            Movement::Pinch { x, dx, dy, factor } => {
                view.zoom(painter.time_at(x), factor);
                view.pan(-dx / width);
                painter.scroll_by(-dy);
            }
        }
    };
    let up = move |event: PointerEvent| {
        let (x, y) = at(&event);
        let painter = painter.get_value();
        if painter.change(|s| s.gestures.up(event.pointer_id()))
            && let Some(bar) = painter.bar_at(x, y)
        {
            view.pick(bar.place, false);
            if is_merged {
                view.fit(bar.mark.t0, bar.mark.t1);
            }
        }
    };
    let cancel = move |event: PointerEvent| {
        painter.with_value(|p| p.change(|s| s.gestures.cancel(event.pointer_id())));
    };
    let double = move |event: MouseEvent| {
        let (x, y) = at(&event);
        match painter.with_value(|p| p.bar_at(x, y)) {
            Some(bar) if !is_merged => view.fit(bar.mark.t0, bar.mark.t1),
            // There one click did that.
            _ => {}
        }
    };
    let key = move |event: KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        match event.key().as_str() {
            "ArrowLeft" => view.pan(-0.1),
            "ArrowRight" => view.pan(0.1),
            "ArrowUp" => painter.with_value(|p| p.scroll_by(-LANE)),
            "ArrowDown" => painter.with_value(|p| p.scroll_by(LANE)),
            "PageUp" => painter.with_value(|p| p.scroll_by(-p.with(|s| s.height))),
            "PageDown" => painter.with_value(|p| p.scroll_by(p.with(|s| s.height))),
            "+" | "=" => view.zoom(view.visible_now().at(0.5), 0.8),
            "-" => view.zoom(view.visible_now().at(0.5), 1.25),
            "Enter" => view.fit_selection(),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let error = painter.with_value(|p| p.error);
    let label = if merged.is_empty() {
        "by time".to_owned()
    } else {
        format!("merged by path, as wide as {merged} time")
    };
    let label = format!(
        "Flamegraph {label}. W and S zoom, A and D pan, 0 shows all, F fits the selected span; the span tree below has the same spans as rows"
    );
    view! {
        <section class="flame" aria-label="Flamegraph">
            <Minimap painter />
            {is_merged.then(|| sandwich_bar(view, painter))}
            <Ruler />
            <div
                class="flame-area"
                node_ref=area
                tabindex="0"
                role="application"
                aria-roledescription="flamegraph"
                aria-label=label
                aria-describedby="flame-summary"
                on:wheel=wheel
                on:pointerdown=down
                on:pointermove=moved
                on:pointerup=up
                on:pointercancel=cancel
                on:pointerleave=leave
                on:dblclick=double
                on:keydown=key
            >
                <canvas node_ref=canvas></canvas>
                <ScrollBar painter />
                <HoverCard hovered name merged />
            </div>
            {move || error.get().map(|e| view! { <p class="flame-error error-text" role="alert">{e}</p> })}
            <Summary painter />
        </section>
    }
}

/// Everything that asks for a frame: one effect each for what is cheap to tell apart.
fn redraw_when_needed(view: TraceView, painter: StoredValue<Painter, LocalStorage>) {
    Effect::new(move |before: Option<String>| {
        let id = view.id.get();
        if before.is_some_and(|b| b != id) {
            painter.with_value(Painter::forget);
        }
        id
    });
    Effect::new(move |before: Option<u64>| {
        let generation = view.app.generation.get();
        if before.is_some() {
            painter.with_value(Painter::outdated);
        }
        generation
    });
    Effect::new(move || {
        let (theme, slots) = (view.theme(), view.slots());
        painter.with_value(|p| p.recolor(theme, slots));
    });
    Effect::new(move || {
        let emphasis = view.emphasis();
        view.has("path");
        view.has("sync");
        view.has("skew");
        view.has("once");
        view.look("color");
        painter.with_value(|p| p.emphasize(emphasis));
    });
    Effect::new(move || {
        let Some(format) = view.picture.get() else { return };
        view.picture.set(None);
        if let Err(error) = painter.with_value(|p| p.save(format)) {
            let text = format!("Could not save the picture: {error}");
            view.app.notify(Notice { text, error: true, action: None });
        }
    });
    Effect::new(move || {
        view.visible();
        view.place_live();
        painter.with_value(Painter::schedule);
    });
    // The selected span's answer tells where it is; the flamegraph goes there unless it was clicked here.
    Effect::new(move |before: Option<Option<u32>>| {
        let span = view.span.value.get();
        let place = span.as_ref().map(|s| s.place);
        if let Some(span) = span
            && before.flatten() != place
            && view.place() == place
            && untrack(|| view.merged()).is_empty()
        {
            let start = span.offset_ns as f64;
            painter.with_value(|p| p.reveal(span.place, start, start + span.duration_ns as f64));
        }
        place
    });
}

/// Says whose callers and callees are shown, and leads back to all paths.
fn sandwich_bar(view: TraceView, painter: StoredValue<Painter, LocalStorage>) -> AnyView {
    let (cut, center) = painter.with_value(|p| (p.cut, p.center));
    let bar = move || {
        if !view.has("around") {
            return ().into_any();
        }
        let of = center.get();
        let cut = cut.get().then_some("; callers far above are left out, there are too many");
        view! {
            <p class="sandwich-bar">"Callers above and callees below "<b><bdi>{of}</bdi></b>{cut}
                <button type="button" class="small" on:click=move |_| view.set_look("around", None)>"Show all paths"</button></p>
        }
        .into_any()
    };
    view! { {bar} }.into_any()
}

fn has_focus(area: NodeRef<Div>) -> bool {
    let active = document().active_element();
    area.get_untracked().is_some_and(|a| active.is_some_and(|f| f.is_same_node(Some(a.unchecked_ref()))))
}

/// Bars too narrow for a label have no name in the scene: ask for it when the pointer rests.
fn learn_name(
    view: TraceView,
    place: u32,
    hovered: RwSignal<Option<Hovered>>,
    name: RwSignal<Option<(u32, String)>>,
) {
    if name.with_untracked(|n| n.as_ref().is_some_and(|(p, _)| *p == place)) {
        return;
    }
    let client = view.app.client();
    web::tasks::spawn(async move {
        web::tasks::sleep_ms(60).await;
        let still = hovered.try_with_untracked(|h| h.as_ref().is_some_and(|h| h.bar.place == place));
        if still != Some(true) {
            return;
        }
        let question = Span { trace_id: view.id.get_untracked(), span_id: String::new(), place: Some(place) };
        if let Ok(answered) = client.ask("trace-hover", question).await {
            name.try_set(Some((place, answered.answer.body.name)));
        }
    });
}

/// Times above the bars.
#[component]
fn Ruler() -> impl IntoView {
    let view = TraceView::here();
    // A drag on the ruler selects a range: from the share of the width where it began to where it is.
    let strip = NodeRef::<Div>::new();
    let drag = RwSignal::new(None::<(f64, f64)>);
    let share = move |event: &PointerEvent| {
        let rect = strip.get_untracked().map(|s| s.get_bounding_client_rect());
        rect.map_or(0.0, |r| ((f64::from(event.client_x()) - r.left()) / r.width().max(1.0)).clamp(0.0, 1.0))
    };
    let down = move |event: PointerEvent| {
        if let Some(strip) = strip.get_untracked().filter(|_| event.button() == 0) {
            // Without capture a drag ends at the border; nothing worse.
            strip.set_pointer_capture(event.pointer_id()).unwrap_or_default();
            drag.set(Some((share(&event), share(&event))));
        }
    };
    let moved = move |event: PointerEvent| {
        if let Some((from, _)) = drag.get_untracked() {
            drag.set(Some((from, share(&event))));
        }
    };
    let up = move |_: PointerEvent| {
        let Some((a, b)) = drag.get_untracked() else { return };
        drag.set(None);
        if (a - b).abs() > 0.005 {
            let visible = view.visible_now();
            view.travel(Stretch { from: visible.at(a.min(b)), to: visible.at(a.max(b)) });
        }
    };
    let range = move || {
        drag.get().map(|(a, b)| {
            let (left, width) = (a.min(b) * 100.0, (a - b).abs() * 100.0);
            view! { <i class="ruler-range" style:left=format!("{left}%") style:width=format!("{width}%")></i> }
        })
    };
    view! {
        <div class="ruler" aria-hidden="true" title="Drag to select a range" node_ref=strip
            on:pointerdown=down on:pointermove=moved on:pointerup=up on:pointercancel=move |_| drag.set(None)>
            {ruler(view, 8, true)}{range}
        </div>
    }
}

/// Shows that there are more lanes than fit, and scrolls them.
#[component]
fn ScrollBar(painter: StoredValue<Painter, LocalStorage>) -> impl IntoView {
    let (lanes, scrolled) = painter.with_value(|p| (p.lanes, p.scrolled));
    let view = TraceView::here();
    let held = StoredValue::new(None::<f64>);
    let sizes = move || {
        // The height is no signal; whatever changes it changes one of these or paints anew.
        view.visible();
        let whole = f64::from(lanes.get()) * LANE + 6.0;
        let height = painter.with_value(|p| p.with(|s| s.height)).max(1.0);
        (whole, height, scrolled.get())
    };
    let thumb = Memo::new(move |_| {
        let (whole, height, top) = sizes();
        let size = (height / whole * height).max(24.0);
        let at = top / (whole - height).max(1.0) * (height - size);
        (whole > height + 1.0).then_some((at, size))
    });
    let down = move |event: PointerEvent| {
        event.stop_propagation();
        held.set_value(Some(f64::from(event.client_y())));
        let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
        if let Some(target) = target {
            target.set_pointer_capture(event.pointer_id()).unwrap_or_default();
        }
    };
    let moved = move |event: PointerEvent| {
        event.stop_propagation();
        let Some(before) = held.get_value() else { return };
        let now = f64::from(event.client_y());
        held.set_value(Some(now));
        let (whole, height, _) = untrack(sizes);
        let size = (height / whole * height).max(24.0);
        let scale = (whole - height) / (height - size).max(1.0);
        painter.with_value(|p| p.scroll_by((now - before) * scale));
    };
    view! {
        <div class="flame-scroll" aria-hidden="true"
            style:display=move || if thumb.get().is_some() { "block" } else { "none" }
            style:transform=move || format!("translateY({}px)", thumb.get().map_or(0.0, |t| t.0))
            style:height=move || format!("{}px", thumb.get().map_or(0.0, |t| t.1))
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=move |event: PointerEvent| {
                event.stop_propagation();
                held.set_value(None);
            }
            on:dblclick=|event: MouseEvent| event.stop_propagation()
        ></div>
    }
}

/// The picture in words: what is visible, and which span is selected.
#[component]
fn Summary(painter: StoredValue<Painter, LocalStorage>) -> impl IntoView {
    let view = TraceView::here();
    let (lanes, scenes) = painter.with_value(|p| (p.lanes, p.scenes));
    let time = |ns: f64| {
        let (value, unit) = format_duration(ns);
        format!("{value} {unit}")
    };
    let words = RwSignal::new(String::new());
    let changes = StoredValue::new(0_u32);
    Effect::new(move || {
        let (visible, extent, lanes) = (view.visible(), view.extent.get(), lanes.get());
        // What is left out changes what is in sight, too.
        scenes.track();
        let now = changes.try_update_value(|n| {
            *n = n.wrapping_add(1);
            *n
        });
        // Counting takes longer than a frame may: wait until nothing moves. The words are part of the picture.
        let painting = view.app.client().painting();
        web::tasks::spawn(async move {
            let _painting = painting;
            web::tasks::sleep_ms(150).await;
            if changes.try_get_value() != now {
                return;
            }
            let count = painter.try_with_value(|p| p.with(|s| s.in_sight(visible))).unwrap_or(0);
            words.try_set(format!(
                "{} to {} of {}; {} spans in view, {} lanes",
                time(visible.from),
                time(visible.to),
                time(extent),
                format::count(count as u64),
                format::count(u64::from(lanes))
            ));
        });
    });
    let selected = move || {
        view.span.value.get().filter(|_| view.has_selection()).map(|s| {
            format!(
                "Selected: {}, {}, {}, starts at {}{}",
                s.name,
                if s.service.is_empty() { "no service" } else { &s.service },
                time(s.duration_ns as f64),
                time(s.offset_ns as f64),
                if s.status == "error" { ", error" } else { "" }
            )
        })
    };
    view! {
        <p class="visually-hidden" id="flame-summary">{words}</p>
        <p class="visually-hidden" aria-live="polite">{selected}</p>
    }
}
