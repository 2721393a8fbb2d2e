//! The whole trace in a strip: how busy it is, where the errors are, and a window that can be dragged.

use leptos::ev::PointerEvent;
use leptos::html::{Canvas, Div};
use leptos::prelude::*;

use super::super::stretch::Stretch;
use super::super::view::TraceView;
use super::painter::Painter;
use crate::paint::palette::{css, mix};
use crate::web::canvas;

/// Height of the strip, CSS pixels; the stylesheet's too.
const HEIGHT: f64 = 28.0;
/// How near the window's edge takes hold of it, CSS pixels.
const GRIP: f64 = 6.0;

/// What a drag on the strip does.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Grip {
    /// Moves the window; where in it the pointer is, nanoseconds.
    Move(f64),
    /// Moves the left edge.
    Left,
    /// Moves the right edge.
    Right,
    /// Draws a new window from here.
    New(f64),
}

/// The strip.
#[component]
pub(super) fn Minimap(painter: StoredValue<Painter, LocalStorage>) -> impl IntoView {
    let view = TraceView::here();
    let canvas_ref = NodeRef::<Canvas>::new();
    let strip = NodeRef::<Div>::new();
    let version = painter.with_value(|p| p.minimap_version);
    Effect::new(move || {
        version.track();
        view.app.theme.track();
        if canvas_ref.get().is_some() {
            draw(painter, canvas_ref);
        }
    });
    let grip = StoredValue::new(None::<Grip>);
    let time = move |event: &PointerEvent| {
        let width = strip.get_untracked().map_or(1.0, |s| s.get_bounding_client_rect().width()).max(1.0);
        let left = strip.get_untracked().map_or(0.0, |s| s.get_bounding_client_rect().left());
        let extent = view.extent.get_untracked();
        ((f64::from(event.client_x()) - left) / width * extent, extent / width)
    };
    let down = move |event: PointerEvent| {
        if event.button() != 0 {
            return;
        }
        let (at, per_px) = time(&event);
        let visible = view.visible_now();
        let whole = visible.is_whole(view.extent.get_untracked());
        let taken = if (at - visible.from).abs() < GRIP * per_px && !whole {
            Grip::Left
        } else if (at - visible.to).abs() < GRIP * per_px && !whole {
            Grip::Right
        } else if at > visible.from && at < visible.to && !whole {
            Grip::Move(at - visible.from)
        } else {
            Grip::New(at)
        };
        grip.set_value(Some(taken));
        if let Some(strip) = strip.get_untracked() {
            // Without capture a drag ends at the strip's border; nothing worse.
            strip.set_pointer_capture(event.pointer_id()).unwrap_or_default();
        }
        event.prevent_default();
    };
    let moved = move |event: PointerEvent| {
        let Some(taken) = grip.get_value() else { return };
        let (at, per_px) = time(&event);
        let visible = view.visible_now();
        let least = 2.0 * per_px;
        match taken {
            Grip::Move(inside) => {
                let from = at - inside;
                view.show(Stretch { from, to: from + visible.length() });
            }
            Grip::Left => view.show(Stretch { from: at.min(visible.to - least).max(0.0), to: visible.to }),
            Grip::Right => view.show(Stretch { from: visible.from, to: at.max(visible.from + least) }),
            Grip::New(began) if (at - began).abs() > 3.0 * per_px => {
                view.show(Stretch { from: at.min(began).max(0.0), to: at.max(began) });
            }
            Grip::New(_) => {}
        }
    };
    let up = move |event: PointerEvent| {
        let Some(taken) = grip.try_update_value(Option::take).flatten() else { return };
        let (at, per_px) = time(&event);
        // A click beside the window brings the window there.
        if let Grip::New(began) = taken
            && (at - began).abs() <= 3.0 * per_px
        {
            let visible = view.visible_now();
            view.travel(
                visible.panned(at - f64::midpoint(visible.from, visible.to), view.extent.get_untracked()),
            );
        }
    };
    // Veils are as wide as the strip and are moved only: nothing is laid out anew with the frames of a zoom.
    let moved_to = move |ns: f64, by: f64| {
        format!("translateX({}%)", (ns / view.extent.get().max(1.0) * 100.0).clamp(0.0, 100.0) - by)
    };
    let is_whole = move || view.visible().is_whole(view.extent.get());
    view! {
        <div class="minimap" aria-hidden="true" node_ref=strip
            class:whole=is_whole
            on:pointerdown=down on:pointermove=moved on:pointerup=up
            on:pointercancel=move |_| grip.set_value(None)
            on:dblclick=move |_| view.show_all()
        >
            <canvas node_ref=canvas_ref></canvas>
            <div class="minimap-veil before" style:transform=move || moved_to(view.visible().from, 100.0)></div>
            <div class="minimap-veil after" style:transform=move || moved_to(view.visible().to, 0.0)></div>
        </div>
    }
}

fn draw(painter: StoredValue<Painter, LocalStorage>, canvas_ref: NodeRef<Canvas>) {
    let Some(element) = canvas_ref.get_untracked() else { return };
    let Some(context) = canvas::context(&element) else { return };
    let Some((map, palette)) = painter.with_value(Painter::minimap) else { return };
    let ratio = canvas::device_ratio();
    let columns = map.density.len();
    // One device pixel a column across, so that it is sharp; the stylesheet stretches it to fit.
    element.set_width(columns as u32);
    element.set_height((HEIGHT * ratio) as u32);
    let height = HEIGHT * ratio;
    context.set_fill_style_str(&css(palette.background));
    context.fill_rect(0.0, 0.0, columns as f64, height);
    let most = map.density.iter().copied().fold(1.0_f32, f32::max);
    let (calm, wrong) = (css(mix(palette.text_3, palette.background, 0.45)), css(palette.error));
    // By the root: one busy second must not flatten all others.
    let tall = |value: f32| f64::from((value / most).sqrt()) * (height - 4.0 * ratio);
    context.set_fill_style_str(&calm);
    for (x, &density) in map.density.iter().enumerate() {
        if density > 0.0 {
            let h = tall(density).max(ratio);
            context.fill_rect(x as f64, height - h, 1.0, h);
        }
    }
    context.set_fill_style_str(&wrong);
    for (x, _) in map.errors.iter().enumerate().filter(|(_, e)| **e > 0) {
        context.fill_rect(x as f64, 0.0, 1.0, 3.0 * ratio);
    }
}
