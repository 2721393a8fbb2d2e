//! Every matching span by start and duration. A box over them tells at once what is different about the spans
//! inside, and becomes the query when it is asked to.

use std::sync::Arc;

use leptos::prelude::*;

use super::differences;
use crate::engine::protocol::{Difference, Heatmap, ScopeName};
use crate::page::charts::{Keeper, MOST_SINGLES, density};
use crate::page::condition::{Condition, and};
use crate::page::edits::Boxed;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;

/// The heatmap, the distribution, and what is different about the box.
pub fn heatmap(frame: Frame) -> AnyView {
    let state = frame.state;
    let answer = live("explore-heatmap", move || {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        Some(Heatmap { range, q, scope: Some(ScopeName::All), singly: MOST_SINGLES, ..Heatmap::default() })
    });
    let narrowed = Arc::new(move |conditions: &[Condition]| {
        let q = state.address.with(|a| a.q.clone());
        conditions.iter().fold(q, |q, condition| and(&q, condition))
    });
    let chosen = Memo::new(move |_| state.address.with(|a| Boxed::parse(&a.boxed)));
    let keeper = Keeper {
        now: chosen.into(),
        choose: Callback::new(move |boxed: Option<Boxed>| {
            state.change_address(true, |a| a.boxed = boxed.as_ref().map(Boxed::print).unwrap_or_default());
        }),
    };
    let question = Memo::new(move |_| {
        let boxed = chosen.get()?;
        let limit = Some(differences::VALUES);
        state.address.with(|a| {
            let (range, q) = boxed.inside(a);
            let (range, base_range, base) = (Some(range), a.range, a.q.clone());
            Some(Difference { range, q, base_range, base, limit })
        })
    });
    let head = move || {
        let Some(boxed) = chosen.get() else {
            return view! {
                <p class="sub box-head">"Draw a box, or choose one with shift and the arrow keys and enter, to see what is different about its spans"</p>
            }
            .into_any();
        };
        let length = |ns: u64| {
            let (value, unit) = crate::model::format_duration(ns as f64);
            format!("{value} {unit}")
        };
        let high =
            if boxed.high_ns == u64::MAX { String::new() } else { format!(" to {}", length(boxed.high_ns)) };
        let text = format!(
            "{} · {}{high}",
            format::clock_range(boxed.range.start_ns.0, boxed.range.end_ns.0),
            length(boxed.low_ns)
        );
        let take = move |tab: &'static str| {
            state.change_address(false, |a| {
                let (range, q) = boxed.inside(a);
                (a.range, a.q) = (Some(range), q);
                tab.clone_into(&mut a.tab);
                a.boxed.clear();
                a.sort.clear();
            });
        };
        view! {
            <div class="box-head table-tools">
                <h2>"What is different inside the box?"</h2><span class="muted">{text}</span><span class="grow"></span>
                <button type="button" on:click=move |_| take("heatmap")>"Filter to the box"</button>
                <button type="button" on:click=move |_| take("")>"View traces"</button>
                <button type="button" class="ghost" on:click=move |_| state.change_address(true, |a| a.boxed.clear())>"Clear"</button>
            </div>
        }
        .into_any()
    };
    view! {
        {density(answer, narrowed, Some(keeper))}
        {head}
        {differences::differences(frame, question)}
    }
    .into_any()
}
