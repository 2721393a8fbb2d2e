//! The time range that the whole page looks at: shown in the top bar, chosen by presets or by typing. Charts set
//! it too. It stands in the address, and every number obeys it.

use leptos::{ev, html, prelude::*};
use wasm_bindgen::JsCast;

use super::clock;
use super::format;
use super::frame::Frame;
use super::time_text;
use crate::engine::protocol::{Ns, Range};
use crate::model::TimeRange;
use crate::web;

/// Lengths that are offered from the data's end backwards, in seconds.
const LAST: [u64; 9] = [1, 10, 60, 300, 900, 3600, 21_600, 86_400, 604_800];

/// The first and the last nanosecond of what is loaded.
fn extent(frame: Frame) -> Option<(u64, u64)> {
    frame.state.summary.with(|s| s.as_ref().and_then(|s| Some((s.start_ns?.0, s.end_ns?.0))))
}

fn wire(range: TimeRange) -> Range {
    Range { start_ns: Ns(range.start_ns), end_ns: Ns(range.end_ns) }
}

/// Twice the range around its middle; none where that is all of the data.
fn zoomed_out(range: TimeRange, data: (u64, u64)) -> Option<TimeRange> {
    let half = (range.end_ns - range.start_ns) / 2 + 1;
    let (start_ns, end_ns) = (range.start_ns.saturating_sub(half), range.end_ns.saturating_add(half));
    let all = start_ns <= data.0 && end_ns > data.1;
    (!all).then_some(TimeRange { start_ns, end_ns })
}

/// Shows twice as much time.
pub fn zoom_out(frame: Frame) {
    if let (Some(range), Some(data)) = (untrack(|| frame.state.range()), untrack(|| extent(frame))) {
        set(frame, zoomed_out(range, data));
    }
}

fn set(frame: Frame, range: Option<TimeRange>) {
    frame.state.change_address(false, |a| a.range = range.map(wire));
}

/// The range that was looked at before this one.
#[derive(Clone, Copy)]
struct Before(StoredValue<Vec<Option<Range>>>);

impl Before {
    fn follow(frame: Frame) -> Self {
        let before = Self(StoredValue::new(Vec::new()));
        let now = Memo::new(move |_| frame.state.address.with(|a| a.range));
        let seen = StoredValue::new(now.get_untracked());
        Effect::new(move || {
            let (now, old) = (now.get(), seen.get_value());
            if old != now {
                seen.set_value(now);
                before.0.update_value(|list| match list.last() {
                    // Going back is no step of its own.
                    Some(last) if *last == now => drop(list.pop()),
                    _ => list.push(old),
                });
            }
        });
        before
    }
}

/// The range with what can be done about it.
pub fn time_range(frame: Frame) -> AnyView {
    let state = frame.state;
    let before = Before::follow(frame);
    let open = frame.time;
    let root = NodeRef::<html::Div>::new();
    let words = move || {
        let (range, data) = (state.range(), extent(frame));
        let range = range.map(|r| (r.start_ns, r.end_ns)).or(data);
        range.map_or_else(String::new, |(from, to)| format::time_range(from, to))
    };
    let chosen = move || state.range().is_some();
    let leave = move |event: ev::FocusEvent| {
        let to = event.related_target().and_then(|t| t.dyn_into::<web_sys::Node>().ok());
        if to.is_some_and(|to| root.get_untracked().is_some_and(|r| !r.contains(Some(&to)))) {
            open.set(false);
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        if event.key() == "Escape" && open.get_untracked() {
            event.stop_propagation();
            open.set(false);
            web::page::focus(".time-range > button");
        }
    };
    Effect::new(move || {
        if open.get() {
            request_animation_frame(|| {
                web::page::focus(".time-panel input");
            });
        }
    });
    view! {
        <div class="menu time-range" node_ref=root on:focusout=leave on:keydown=keys>
            <button type="button" class="range-chip" class:chosen=chosen aria-haspopup="dialog" aria-expanded=move || open.get().to_string()
                title="Time range (l)" on:click=move |_| open.update(|o| *o = !*o)>{words}</button>
            {move || chosen().then(|| view! {
                <button type="button" class="ghost clear" aria-label="Back to the whole time" title="Back to the whole time" on:click=move |_| frame.clear_range()>"✕"</button>
            })}
            {move || open.get().then(|| panel(frame, before))}
        </div>
    }
    .into_any()
}

/// The field to type in, and the presets.
fn panel(frame: Frame, before: Before) -> AnyView {
    let state = frame.state;
    let data = untrack(|| extent(frame)).unwrap_or_default();
    let now = untrack(|| state.range());
    let error = RwSignal::new(None::<String>);
    let field = NodeRef::<html::Input>::new();
    let shown = now.map_or(data, |r| (r.start_ns, r.end_ns));
    let take = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let text = field.get_untracked().map(|f| f.value()).unwrap_or_default();
        if text.trim().is_empty() {
            set(frame, None);
            return frame.time.set(false);
        }
        match time_text::parse(&text, data, clock::ahead) {
            Ok(range) => {
                set(frame, Some(range));
                frame.time.set(false);
            }
            Err(sentence) => error.set(Some(sentence)),
        }
    };
    let mut presets: Vec<(String, Option<TimeRange>)> = Vec::new();
    if let Some(range) = now {
        if let Some(last) = before.0.with_value(|list| list.last().copied()) {
            let range = last.map(|r| TimeRange { start_ns: r.start_ns.0, end_ns: r.end_ns.0 });
            let to = range
                .map_or_else(|| "the whole data".to_owned(), |r| format::clock_range(r.start_ns, r.end_ns));
            presets.push((format!("Back to {to}"), range));
        }
        presets.push(("Zoom out ×2".into(), zoomed_out(range, data)));
        presets.push(("Whole data".into(), None));
    }
    let length = data.1.saturating_sub(data.0);
    let shorter: Vec<u64> = LAST.into_iter().map(|s| s * 1_000_000_000).filter(|ns| *ns < length).collect();
    for &ns in shorter.iter().rev().take(4) {
        let end_ns = data.1.saturating_add(1);
        let range = TimeRange { start_ns: end_ns.saturating_sub(ns), end_ns };
        presets.push((format!("Last {} of the data", format::long_duration(ns)), Some(range)));
    }
    let presets: Vec<AnyView> = presets
        .into_iter()
        .map(|(label, range)| {
            let press = move |_| {
                set(frame, range);
                frame.time.set(false);
            };
            view! { <button type="button" on:click=press>{label}</button> }.into_any()
        })
        .collect();
    view! {
        <div class="menu-list time-panel" role="dialog" aria-label="Time range">
            <form on:submit=take>
                <input type="text" node_ref=field aria-label="Time range" aria-describedby="time-help" autocomplete="off" spellcheck="false"
                    value=format::time_range(shown.0, shown.1)/>
                <button type="submit">"Set"</button>
            </form>
            <p id="time-help" class="muted">"19:27 – 19:28:30, 19:27 + 30 s, last 5 min"</p>
            {move || error.get().map(|sentence| view! { <p class="error-text" role="alert">{sentence}</p> })}
            {presets}
            {clocks(frame, data.0)}
        </div>
    }
    .into_any()
}

/// The switch between UTC and the machine's clock, which is named by what it is ahead where the data is.
fn clocks(frame: Frame, at_ns: u64) -> AnyView {
    let local = frame.state.local_clock;
    (move || {
        let choice = |word: String, here: bool, to: bool| {
            let press = move |_| frame.state.set_local_clock(to);
            view! { <button type="button" role="radio" aria-checked=here.to_string() on:click=press>{word}</button> }
                .into_any()
        };
        let ahead = clock::zone_of(web::page::clock_ahead_ns(at_ns));
        let on = local.get();
        view! {
            <div class="clock-choice">
                <span class="muted">"Times in"</span>
                <div class="segments" role="radiogroup" aria-label="Times in">
                    {choice("UTC".into(), !on, false)}
                    {choice(format!("Local time, {ahead}"), on, true)}
                </div>
            </div>
        }
    })
    .into_any()
}
