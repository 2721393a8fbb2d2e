//! The spans of a heatmap that are few enough to be drawn one by one: each is pointed at or walked to by arrow keys,
//! says what it is, and opens in its trace.

use leptos::prelude::*;

use super::density::Density;
use super::surface::{Cell, Spot};
use crate::model::format_duration;
use crate::page::address::View;
use crate::page::clock;
use crate::page::format;
use crate::scene::heatmap::{Heatmap, Single};
use crate::web::bytes::{to_f64, to_u32};

/// Up to so many spans are drawn one by one.
pub const MOST: usize = 5000;

/// The spans that came beside an answer.
pub(super) fn read(columns: &[js_sys::ArrayBuffer]) -> Vec<Single> {
    let [since, duration, _, _, failed, ..] = columns else { return Vec::new() };
    let (since, duration, failed) = (to_f64(since), to_f64(duration), to_u32(failed));
    let all = since.into_iter().zip(duration).zip(failed);
    all.map(|((since_ns, duration_ns), failed)| Single { since_ns, duration_ns, failed: failed > 0 })
        .collect()
}

/// A single span's place among all by duration, equal ones by time.
fn place(map: &Heatmap, i: usize) -> (f64, usize) {
    (map.singles.get(i).map_or(0.0, |single| single.duration_ns), i)
}

/// The span that an arrow key leads to from another one.
fn step(map: &Heatmap, from: Option<usize>, key: &str) -> Option<usize> {
    let last = map.singles.len().checked_sub(1)?;
    let all = 0..map.singles.len();
    let by_duration = |a: &usize, b: &usize| {
        place(map, *a).partial_cmp(&place(map, *b)).unwrap_or(std::cmp::Ordering::Equal)
    };
    let now = from.map(|i| place(map, i));
    match key {
        "ArrowRight" => Some(from.map_or(0, |i| (i + 1).min(last))),
        "ArrowLeft" => Some(from.map_or(last, |i| i.saturating_sub(1))),
        "Home" => Some(0),
        "End" => Some(last),
        "ArrowUp" => all.filter(|&i| now.is_none_or(|now| place(map, i) > now)).min_by(by_duration).or(from),
        "ArrowDown" => {
            all.filter(|&i| now.is_none_or(|now| place(map, i) < now)).max_by(by_duration).or(from)
        }
        _ => None,
    }
}

/// Hears of every move over the heatmap before its cells do.
pub(super) fn heard(
    shared: &Density,
    spot: &Spot,
    width: f64,
    at: RwSignal<Option<Cell>>,
    anchor: RwSignal<Option<Cell>>,
) -> bool {
    let mark = shared.single;
    let show = |next: Option<usize>| {
        if mark.try_get_untracked().is_some_and(|now| now != next) {
            mark.set(next);
        }
    };
    let map = shared.map.try_get_untracked().flatten().filter(|map| !map.singles.is_empty());
    let (Some(map), None) = (map, anchor.try_get_untracked().flatten()) else {
        show(None);
        return false;
    };
    match spot {
        Spot::At(place) => {
            show(place.and_then(|(x, y)| map.single_at(x, y, width, shared.height)));
            false
        }
        Spot::Open => mark.get_untracked().is_some_and(|i| open(shared, i)),
        Spot::Key(key) => {
            let Some(next) = step(&map, mark.get_untracked(), key) else { return false };
            let (x, y) = map.spot(map.singles[next], width, shared.height);
            at.set(map.cell_at(x, y, width, shared.height));
            show(Some(next));
            true
        }
    }
}

/// Leads to a span in its trace.
fn open(shared: &Density, i: usize) -> bool {
    let ids = shared.answer.columns.with_value(|c| c.get(5).map(to_u32)).unwrap_or_default();
    let Some([a, b, c, d, high, low]) = ids.get(i * 6..i * 6 + 6) else { return false };
    let trace = format!("{a:08x}{b:08x}{c:08x}{d:08x}");
    let span = if (*high, *low) == (0, 0) { String::new() } else { format!("{high:08x}{low:08x}") };
    let address = shared.frame.state.address.with_untracked(|a| a.with_view(View::Trace(trace)));
    shared.frame.state.set_address(crate::page::address::Address { span, ..address }, false);
    true
}

/// The ring around a span, and what it is.
pub(super) fn card(shared: &Density, map: &Heatmap, i: usize, width: f64) -> Option<AnyView> {
    let single = *map.singles.get(i)?;
    let (x, y) = map.spot(single, width, shared.height);
    let (left, top) = (format!("{x:.1}px"), format!("{y:.1}px"));
    let at = left.clone();
    let named = |column: usize| {
        shared.answer.columns.with_value(|c| c.get(column).map(to_u32)).and_then(|all| all.get(i).copied())
    };
    let (service, name) = shared.answer.value.with(|a| {
        let text = |list: &[String], at: Option<u32>| list.get(at? as usize).cloned();
        let a = a.as_ref()?;
        Some((text(&a.services, named(2))?, text(&a.names, named(3))?))
    })?;
    let (value, unit) = format_duration(single.duration_ns);
    let when = clock::time(map.start_ns.saturating_add(single.since_ns as u64), 3);
    let failed = single.failed.then(|| view! { <p class="error-text">"error"</p> });
    // Above the middle the card stands below its span, so that it covers no other one at its height.
    let low = y < shared.height * 0.5;
    let right = x > width * 0.5;
    let card_top = format!("{:.0}px", if low { y + 10.0 } else { y - 96.0 });
    Some(
        view! {
            <i class="mark ring" style:left=left style:top=top></i>
            <div class="read-out" class:left=right role="status" style:left=at style:top=card_top>
                <p><bdi>{format::service(&service).to_owned()}</bdi></p>
                <p class="strong"><bdi>{format::span_name(&name).to_owned()}</bdi></p>
                <p>{format!("{value} {unit} · {when}")}</p>
                {failed}
            </div>
        }
        .into_any(),
    )
}
