//! What lies over a chart: the crosshair, a selection, the values at the crosshair, and what a pressed moment
//! offers.

use leptos::prelude::*;

use super::{Row, traces_address};
use crate::engine::protocol::Range;
use crate::page::format;
use crate::page::plots::{Head, Plots};
use crate::scene::chart::{Chart, value_label};

/// Crosshair, selection and read-out.
pub(super) fn overlay(
    row: Row,
    index: usize,
    head: &'static Head,
    chart: Memo<Option<Chart>>,
    hidden: RwSignal<usize>,
) -> AnyView {
    (move || {
        let (plots, at) = (row.plots.get()?, row.at.get()?.0);
        let chart = chart.get()?.mapping;
        let panel = plots.panels.get(index)?;
        let x = (at as f64 + 0.5) / plots.count.max(1) as f64 * chart.width;
        let bottom = format!("{}px", chart.top + chart.height);
        let mut parts: Vec<AnyView> = Vec::new();
        let selected = row.anchor.get().map(|anchor| anchor.0);
        if let Some(anchor) = selected {
            let step = chart.width / plots.count.max(1) as f64;
            let (left, right) = (anchor.min(at) as f64 * step, (anchor.max(at) + 1) as f64 * step);
            let (left, width) = (format!("{left}px"), format!("{}px", right - left));
            let height = bottom.clone();
            parts.push(view! { <i class="band" style:left=left style:width=width style:height=height></i> }.into_any());
        }
        parts.push(view! { <i class="cursor" style:left=format!("{x}px") style:height=bottom></i> }.into_any());
        let hidden = hidden.get();
        let shown = panel.lines.iter().enumerate().filter(|(i, _)| hidden >> i & 1 == 0);
        let values: Vec<_> = shown.map(|(_, l)| (l, l.values.get(at).copied().flatten())).collect();
        for (line, value) in &values {
            let Some(value) = value else { continue };
            let (left, top) = (format!("{x}px"), format!("{}px", chart.y(*value)));
            let class = format!("mark {}", line.class);
            parts.push(view! { <i class=class style:left=left style:top=top></i> }.into_any());
        }
        if row.active.get() == Some(index) && row.picked.get().is_none() {
            let lines: Vec<_> = values
                .iter()
                .rev()
                .map(|(line, value)| {
                    let value = value.map_or_else(|| "no calls".to_owned(), |v| value_label(v, head.unit));
                    (format!("key {}", line.class), line.label.clone(), value)
                })
                .collect();
            let when = selected.map_or_else(|| plots.when(at, at), |anchor| stretch(&plots, anchor, at));
            let left = x > chart.width * 0.5;
            parts.push(view! {
                <div class="read-out" class:left=left role="status" style:left=format!("{x}px")><p>{when}</p>{list(lines)}</div>
            }.into_any());
        }
        Some(parts)
    })
    .into_any()
}

/// `19:28:10 – 19:28:34 · 24 s`.
fn stretch(plots: &Plots, from: usize, to: usize) -> String {
    let Range { start_ns, end_ns } = plots.range(from, to);
    format!("{} · {}", plots.when(from.min(to), from.max(to)), format::long_duration(end_ns.0 - start_ns.0))
}

fn list(lines: Vec<(String, String, String)>) -> AnyView {
    let lines: Vec<AnyView> = lines
        .into_iter()
        .map(|(class, label, value)| {
            view! { <dt class=class><bdi>{label}</bdi></dt><dd>{value}</dd> }.into_any()
        })
        .collect();
    view! { <dl>{lines}</dl> }.into_any()
}

/// What a pressed moment offers: its traces, and to look closer.
pub(super) fn picked(row: Row, index: usize, head: &'static Head) -> AnyView {
    (move || {
        let (_, at) = row.picked.get().filter(|(chart, _)| *chart == index)?;
        let plots = row.plots.get()?;
        let panel = plots.panels.get(index)?;
        let values = panel.lines.iter().rev().filter_map(|line| {
            let value = value_label(line.values.get(at).copied().flatten()?, head.unit);
            Some((format!("key {}", line.class), line.label.clone(), value))
        });
        let href = traces_address(row.frame, (row.counted)(head), plots.range(at, at));
        let zoomed = row.clone();
        Some(offer(Offer {
            share: (at as f64 + 0.5) / plots.count.max(1) as f64,
            title: plots.when(at, at),
            lines: values.collect(),
            href,
            zoom: Callback::new(move |()| zoomed.select(at, at)),
            picked: row.picked,
        }))
    })
    .into_any()
}

/// A small box with what can be done about a selection.
pub(super) struct Offer {
    /// Where it stands, as a share of the width.
    pub share: f64,
    /// What was chosen.
    pub title: String,
    /// Class, name and value of each line.
    pub lines: Vec<(String, String, String)>,
    /// The traces.
    pub href: String,
    /// Sets the time range to it.
    pub zoom: Callback<()>,
    /// Set to none to close it.
    pub picked: RwSignal<Option<(usize, usize)>>,
}

/// Draws an offer.
pub(super) fn offer(offer: Offer) -> AnyView {
    let Offer { share, title, lines, href, zoom, picked } = offer;
    let close = move || picked.set(None);
    let (right, place) = (share > 0.5, format!("{:.2}%", share * 100.0));
    let keys = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" {
            event.stop_propagation();
            close();
        }
    };
    view! {
        <div class="read-out offer" class:left=right style:left=place on:keydown=keys>
            <p>{title}<button type="button" class="ghost small" aria-label="Close" on:click=move |_| close()>"✕"</button></p>
            {list(lines)}
            <div class="actions">
                <a class="button" href=href>"View traces"</a>
                <button type="button" on:click=move |_| zoom.run(())>"Zoom in"</button>
            </div>
        </div>
    }
    .into_any()
}
