//! The picture on the page: SVG groups that can be pressed and focused, lit up with what they are connected to.
//!
//! Nodes and lines are told apart by one number: a node's is even, a line's odd (`spot`). What is lit up is set as
//! attributes on the elements at once, so that moving the pointer draws nothing anew.

use std::sync::Arc;

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use super::gestures::{Gestures, gestures};
use super::names::label;
use super::neighbors::{Spot, lit, toward};
use super::picture::{Picture, is_word};
use super::sight::Sight;
use super::view::show_near;
use crate::page::charts::element;
use crate::page::frame::Frame;
use crate::paint::svg::nodes;
use crate::scene::shapes::{Shape, Shapes};

/// From this many lines on their numbers are shown only where they are lit up.
const MANY: usize = 26;
/// Below this scale boxes show names only, in larger type.
const FAR: f64 = 0.6;

/// The drawing with its gestures, and what it says under the pointer.
pub(super) fn stage(frame: Frame, picture: &Arc<Picture>, search: RwSignal<String>) -> AnyView {
    let place = NodeRef::<html::Div>::new();
    let sight = RwSignal::new(Sight::default());
    let hot = RwSignal::new(None::<usize>);
    let chosen = {
        let picture = picture.clone();
        Memo::new(move |_| {
            frame.state.address.with(|a| Spot::find(&picture, &a.pick, &a.callee)).map(Spot::number)
        })
    };
    light(place, picture, hot, chosen, search);
    // The way in: the middle of the leftmost boxes.
    let left = picture.boxes.iter().map(|((x, _), _)| *x).fold(f64::INFINITY, f64::min);
    let first = picture.boxes.iter().filter(|((x, _), _)| *x <= left).map(|((_, y), _)| *y);
    let (sum, count) = first.fold((0.0, 0.0), |(sum, count), y| (sum + y, count + 1.0));
    let handlers = gestures(place, sight, picture.size, sum / f64::max(count, 1.0));
    let over = move |event: ev::PointerEvent| hot.set(spot_at(event.target()).or(hot_focus(place)));
    let focused = move |event: ev::FocusEvent| hot.set(spot_at(event.target()));
    let pressed = {
        let picture = picture.clone();
        move |event: ev::MouseEvent| {
            if !handlers.dragged() && in_picture(event.target()) {
                pick(frame, &picture, spot_at(event.target()));
            }
        }
    };
    let keys = {
        let picture = picture.clone();
        move |event: ev::KeyboardEvent| keys(frame, &picture, place, handlers, &event)
    };
    let read_out = {
        let picture = picture.clone();
        move || hot.get().or(chosen.get()).and_then(|spot| words(&picture, Spot::of(spot)))
    };
    let transform = move || sight.with(Sight::transform);
    let far = move || (sight.with(|s| s.scale) < FAR).then_some("");
    let far_size = move || format!("{:.0}px", sight.with(Sight::far_size));
    let many = (picture.lines.len() >= MANY).then_some("");
    let label =
        "Service map; tab and arrow keys go from node to node, Enter opens one, + and - zoom, 0 shows all";
    view! {
        <div class="map-stage" node_ref=place role="group" aria-label=label tabindex="-1" on:pointerover=over
            on:pointerleave=move |_| hot.set(hot_focus(place)) on:focusin=focused on:focusout=move |_| hot.set(None)
            on:click=pressed on:keydown=keys on:pointerdown=move |e| handlers.down(&e) on:pointermove=move |e| handlers.moved(&e)
            on:pointerup=move |e| handlers.up(&e) on:pointercancel=move |e| handlers.up(&e) on:wheel=move |e| handlers.wheel(&e)>
            <svg class="map" style=("--far-size", far_size) data-far=far data-many=many focusable="false"><g transform=transform>{groups(picture)}</g></svg>
            <p class="map-words" aria-live="polite">{read_out}</p>
            <div class="map-zoom">
                <button type="button" aria-label="Zoom in" title="Zoom in (+)" on:click=move |_| handlers.zoom(1.4)>"+"</button>
                <button type="button" aria-label="Zoom out" title="Zoom out (-)" on:click=move |_| handlers.zoom(1.0 / 1.4)>"−"</button>
                <button type="button" title="Show all (0)" on:click=move |_| handlers.fit()>"Fit"</button>
            </div>
        </div>
    }
    .into_any()
}

fn groups(picture: &Picture) -> Vec<AnyView> {
    let line = |words: bool| {
        picture.lines.iter().enumerate().map(move |(i, line)| {
            let spot = Spot::Line(i).number().to_string();
            let shapes: Vec<Shape> = line.shapes.iter().filter(|s| is_word(s) == words).cloned().collect();
            view! { <g class="edge" data-spot=spot>{elements(&shapes)}</g> }.into_any()
        })
    };
    let boxes = picture.boxes.iter().enumerate().map(|(i, ((x, y), shapes))| {
        let spot = Spot::Node(i).number().to_string();
        let (at, words) = (format!("translate({x} {y})"), picture.words(i));
        // One tab stop; the arrow keys go on from it.
        let stop = if i == 0 { "0" } else { "-1" };
        let (width, height) = picture.node;
        // The button is a box of its own in front of the words: what is written is cut, its name is whole.
        view! {
            <g class="node" data-spot=spot transform=at>
                <g aria-hidden="true">{elements(shapes)}</g>
                <rect class="n-press" width=width height=height tabindex=stop role="button" aria-label=words></rect>
            </g>
        }
        .into_any()
    });
    line(false).chain(line(true)).chain(boxes).collect()
}

fn elements(shapes: &[Shape]) -> Vec<AnyView> {
    let drawing = Shapes { width: 0.0, height: 0.0, shapes: shapes.to_vec() };
    nodes(&drawing).map(element).collect()
}

/// The spot that an event hit.
fn spot_at(target: Option<web_sys::EventTarget>) -> Option<usize> {
    let element = target?.dyn_into::<web_sys::Element>().ok()?;
    element.closest("[data-spot]").ok().flatten()?.get_attribute("data-spot")?.parse().ok()
}

/// Whether an event hit the picture, not a button over it.
fn in_picture(target: Option<web_sys::EventTarget>) -> bool {
    let element = target.and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    element.is_some_and(|e| e.closest("svg").ok().flatten().is_some())
}

/// The spot that has the keyboard's focus.
fn hot_focus(place: NodeRef<html::Div>) -> Option<usize> {
    let stage = place.get_untracked()?;
    let focused = stage.query_selector("[data-spot]:has(:focus-visible)").ok().flatten()?;
    focused.get_attribute("data-spot")?.parse().ok()
}

fn words(picture: &Picture, spot: Spot) -> Option<String> {
    match spot {
        Spot::Node(i) => Some(picture.words(i)),
        Spot::Line(i) => picture.lines.get(i).map(|line| line.words.clone()),
    }
}

/// Chooses what was pressed, or nothing where nothing was.
fn pick(frame: Frame, picture: &Picture, spot: Option<usize>) {
    let id = |node: usize| picture.answer.nodes.get(node).map(|n| n.id.clone()).unwrap_or_default();
    let (pick, callee) = match spot.map(Spot::of) {
        Some(Spot::Node(node)) => (id(node), String::new()),
        Some(Spot::Line(line)) => match picture.lines.get(line) {
            Some(line) => (id(line.from), id(line.to)),
            None => return,
        },
        None => (String::new(), String::new()),
    };
    frame.state.change_address(true, |a| (a.pick, a.callee) = (pick, callee));
}

fn keys(
    frame: Frame,
    picture: &Picture,
    place: NodeRef<html::Div>,
    handlers: Gestures,
    event: &ev::KeyboardEvent,
) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let here = spot_at(event.target());
    let node = here.map(Spot::of).and_then(|spot| if let Spot::Node(i) = spot { Some(i) } else { None });
    match (event.key().as_str(), node) {
        ("Enter" | " ", Some(_)) => pick(frame, picture, here),
        ("Escape", _) if frame.state.address.with_untracked(|a| !a.pick.is_empty()) => {
            pick(frame, picture, None);
        }
        ("n", Some(node)) => {
            if let Some(node) = picture.answer.nodes.get(node) {
                show_near(frame, node.id.clone());
            }
        }
        ("+" | "=", _) => handlers.zoom(1.4),
        ("-", _) => handlers.zoom(1.0 / 1.4),
        ("0" | "f", _) => handlers.fit(),
        (key @ ("ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown"), Some(node)) => {
            if let Some(next) = toward(picture, node, key) {
                handlers.reveal(picture.boxes[next].0, picture.node);
                focus(place, node, next);
            }
        }
        _ => return,
    }
    event.prevent_default();
}

/// Moves the focus, and with it the tab stop.
fn focus(place: NodeRef<html::Div>, from: usize, to: usize) {
    let Some(stage) = place.get_untracked() else { return };
    let find = |node: usize| {
        let selector = format!("[data-spot=\"{}\"] > .n-press", Spot::Node(node).number());
        stage.query_selector(&selector).ok().flatten()
    };
    let (Some(old), Some(new)) = (find(from), find(to)) else { return };
    old.set_attribute("tabindex", "-1").unwrap_or_default();
    new.set_attribute("tabindex", "0").unwrap_or_default();
    if let Ok(new) = new.dyn_into::<web_sys::SvgElement>() {
        new.focus().unwrap_or_default();
    }
}

/// Keeps the attributes that say what is lit up and what stands back.
fn light(
    place: NodeRef<html::Div>,
    picture: &Arc<Picture>,
    hot: RwSignal<Option<usize>>,
    chosen: Memo<Option<usize>>,
    search: RwSignal<String>,
) {
    let picture = picture.clone();
    Effect::new(move || {
        let (hot, chosen, text) = (hot.get(), chosen.get(), search.get().trim().to_lowercase());
        let Some(stage) = place.get() else { return };
        let found = |i: usize| label(&picture.answer.nodes[i]).to_lowercase().contains(&text);
        let shown = match hot.or(chosen) {
            Some(spot) => Some(lit(&picture, Spot::of(spot))),
            None if text.is_empty() => None,
            None => {
                let nodes = (0..picture.boxes.len()).filter(|&i| found(i));
                Some(nodes.map(|i| Spot::Node(i).number()).collect())
            }
        };
        let Ok(all) = stage.query_selector_all("[data-spot]") else { return };
        for i in 0..all.length() {
            let Some(element) = all.item(i).and_then(|n| n.dyn_into::<web_sys::Element>().ok()) else {
                continue;
            };
            let spot = element.get_attribute("data-spot").and_then(|s| s.parse().ok()).unwrap_or(usize::MAX);
            let state = match &shown {
                None => "",
                Some(lit) if lit.contains(&spot) => "lit",
                Some(_) => "dim",
            };
            set(&element, "data-light", state);
            set(&element, "data-picked", if chosen == Some(spot) { "1" } else { "" });
        }
    });
}

fn set(element: &web_sys::Element, name: &str, value: &str) {
    let outcome =
        if value.is_empty() { element.remove_attribute(name) } else { element.set_attribute(name, value) };
    outcome.unwrap_or_default();
}
