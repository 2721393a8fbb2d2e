//! The duration as a facet: how the matching spans' durations are spread, and a stretch of them as a filter.

use leptos::{html, prelude::*};

use crate::engine::protocol::{Heatmap, HeatmapAnswer, ScopeName};
use crate::model::format_duration;
use crate::page::charts::{Act, Cell, Surface, drawing, surface};
use crate::page::condition::and;
use crate::page::drill;
use crate::page::edits::{any_duration, stretch};
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;
use crate::page::widgets::width_of;
use crate::scene::histogram::histogram;

/// Height of the histogram with its axis, and of the axis.
const HEIGHT: f64 = 76.0;
const AXIS: f64 = 20.0;

/// Spans by the bins of their durations.
fn sums(answer: &HeatmapAnswer) -> Vec<u64> {
    let bins = answer.edges_ns.len().saturating_sub(1);
    let mut sums = vec![0; bins];
    for (i, &count) in answer.counts.iter().enumerate() {
        sums[i % bins.max(1)] += u64::from(count);
    }
    sums
}

/// The histogram; dragging over it, or shift and arrows and enter, sets the durations that the query asks for.
pub fn duration(frame: Frame) -> AnyView {
    let state = frame.state;
    // Over all durations, so that another stretch can be chosen.
    let answer = live("facet-duration", move || {
        let (range, q) = state.address.with(|a| (a.range, any_duration(&a.q)));
        let step_s = Some(1e9);
        state.has_data().then(|| Heatmap {
            range,
            q,
            scope: Some(ScopeName::All),
            step_s,
            ..Heatmap::default()
        })
    });
    let place = NodeRef::<html::Div>::new();
    let width = width_of(place);
    let (at, anchor) = (RwSignal::new(None::<Cell>), RwSignal::new(None::<Cell>));
    let active = RwSignal::new(None);
    let edges = move |from: usize, to: usize| {
        answer.value.with(|a| {
            let edges = &a.as_ref()?.edges_ns;
            Some((*edges.get(from.min(to))?, *edges.get(from.max(to) + 1)?))
        })
    };
    let act = move |act: Act| {
        let from = anchor.get_untracked().or(at.get_untracked());
        let chosen = from.zip(at.get_untracked()).and_then(|(a, b)| untrack(|| edges(a.0, b.0)));
        anchor.set(None);
        state.change_address(false, |a| {
            a.q = any_duration(&a.q);
            if let Some((low, high)) = chosen.filter(|_| act != Act::Leave) {
                a.q = drill::durations(low, high).iter().fold(a.q.clone(), |q, c| and(&q, c));
            }
        });
    };
    let hearing = Surface {
        id: 0,
        at,
        anchor,
        active,
        place,
        size: Callback::new(move |()| {
            (
                answer.value.with_untracked(|a| a.as_ref().map_or(0, |a| a.edges_ns.len().saturating_sub(1))),
                1,
                HEIGHT,
            )
        }),
        act: Callback::new(act),
        over: None,
    };
    let drawn = move || {
        let (answer, width, now) = (answer.value.get()?, width.get(), at.get());
        let sums = sums(&answer);
        let picture = (width > 1.0)
            .then(|| drawing(&histogram(&answer.edges_ns, &sums, width, HEIGHT), "plot".into()))?;
        let bar = width / sums.len().max(1) as f64;
        let band = |from: usize, to: usize, class: &'static str| {
            let (left, wide) =
                (format!("{:.1}px", from as f64 * bar), format!("{:.1}px", (to + 1 - from) as f64 * bar));
            let high = format!("{}px", HEIGHT - AXIS);
            view! { <i class=class style:left=left style:width=wide style:height=high></i> }.into_any()
        };
        let (low, high) = state.address.with(|a| stretch(&a.q));
        let inside: Vec<usize> =
            (0..sums.len()).filter(|&i| answer.edges_ns[i] >= low && answer.edges_ns[i] < high).collect();
        let chosen = (inside.len() < sums.len())
            .then(|| Some(band(*inside.first()?, *inside.last()?, "band box")))
            .flatten();
        let over = now.map(|(x, _)| {
            let from = anchor.get().map_or(x, |(from, _)| from);
            let (from, to) = (from.min(x), from.max(x));
            let spans: u64 = sums.get(from..=to).unwrap_or_default().iter().sum();
            let word = |ns: u64| {
                let (value, unit) = format_duration(ns as f64);
                format!("{value} {unit}")
            };
            let text = edges(from, to).map(|(a, b)| format!("{} – {}", word(a), word(b)));
            view! {
                {band(from, to, "band")}
                <div class="read-out below" role="status"><p>{text}</p><p class="strong">{format::counted(spans, "span")}</p></div>
            }
        });
        Some(view! { {picture}{chosen}{over} }.into_any())
    };
    let any = move || state.address.with(|a| stretch(&a.q) != (0, u64::MAX));
    let clear = move |_| state.change_address(false, |a| a.q = any_duration(&a.q));
    let label = "Durations; arrow keys read them out, with shift they select, enter filters, escape takes the filter away";
    let inside = view! { {drawn} }.into_any();
    view! {
        <section class="facet duration">
            <h3>"Duration"{move || any().then(|| view! { <button type="button" class="ghost tiny" on:click=clear>"any"</button> })}</h3>
            {surface(hearing, label.to_owned(), inside)}
        </section>
    }
    .into_any()
}
