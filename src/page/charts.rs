//! Charts over time as SVG nodes: drawn by `scene`, colored by the stylesheet, read out here.

mod read_out;
mod series;

use std::sync::Arc;

use leptos::{ev, html, prelude::*};

pub use series::{ChartData, charts_of};

use super::format;
use super::widgets::Blank;
use crate::paint::svg::{Node, nodes};
use crate::scene::chart::{Chart, ChartSpec, YUnit, line_chart};
use crate::scene::shapes::Shapes;
use crate::web;
use read_out::{Marks, ReadOut, Twin};

/// Height of a chart in CSS pixels, with its time axis.
const HEIGHT: f64 = 148.0;

/// A drawing as SVG. It says nothing to screen readers: what it shows stands beside it as text.
#[component]
pub fn Drawing(
    /// The drawing.
    shapes: Shapes,
    /// Classes of the whole.
    #[prop(into)]
    class: String,
) -> impl IntoView {
    let (width, height) = (shapes.width.to_string(), shapes.height.to_string());
    let view_box = format!("0 0 {width} {height}");
    view! {
        <svg class=class width=width height=height viewBox=view_box aria-hidden="true" focusable="false">
            {nodes(&shapes).map(element).collect_view()}
        </svg>
    }
}

fn element(node: Node) -> AnyView {
    match node {
        Node::Path { class, d, filled } => {
            view! { <path class=class class:line=!filled d=d></path> }.into_any()
        }
        Node::Rect { class, x, y, width, height } => {
            view! { <rect class=class x=x y=y width=width height=height></rect> }.into_any()
        }
        Node::Circle { class, cx, cy, r } => {
            view! { <circle class=class cx=cx cy=cy r=r></circle> }.into_any()
        }
        Node::Text { class, x, y, anchor, text } => {
            view! { <text class=class x=x y=y text-anchor=anchor>{text}</text> }.into_any()
        }
    }
}

/// One chart with its heading, read-out and table twin.
#[component]
pub fn TimeChart(
    /// What it shows.
    #[prop(into)]
    title: String,
    /// What the numbers are: "calls/s".
    #[prop(into)]
    note: String,
    /// What the values are.
    unit: YUnit,
    /// The lines; none while they are asked for.
    #[prop(into)]
    data: Signal<Option<Arc<ChartData>>>,
    /// Why there are none.
    #[prop(into)]
    error: Signal<Option<String>>,
    /// The point under the pointer, shared by charts of the same time axis.
    at: RwSignal<Option<usize>>,
) -> impl IntoView {
    let place = NodeRef::<html::Div>::new();
    let width = RwSignal::new(0.0_f64);
    let watch = StoredValue::new_local(None::<web::page::SizeWatch>);
    Effect::new(move || {
        let Some(element) = place.get() else { return };
        let measured = element.clone();
        let measure = move || {
            let now = f64::from(measured.client_width());
            if width.try_get_untracked().is_some_and(|old| (old - now).abs() > 0.5) {
                width.set(now);
            }
        };
        measure();
        watch.set_value(Some(web::page::SizeWatch::new(&[&element], measure)));
    });
    let chart = Memo::new(move |_| {
        let (data, width) = (data.get()?, width.get());
        (width > 1.0).then(|| draw(&data, unit, width))
    });
    let point_at = move |x: f64| {
        let data = data.get_untracked()?;
        let points = &data.series.first()?.points;
        chart.with_untracked(|c| c.as_ref().and_then(|c| c.mapping.nearest(points, x)))
    };
    // The charts of a row share the instant; the box of values stands only where the pointer or focus is.
    let active = RwSignal::new(false);
    let moved = move |event: ev::PointerEvent| {
        active.set(true);
        if let Some(element) = place.get_untracked() {
            let x = f64::from(event.client_x()) - element.get_bounding_client_rect().left();
            at.set(point_at(x));
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let count = data.with_untracked(|d| d.as_ref().map_or(0, |d| d.points()));
        let Some(last) = count.checked_sub(1) else { return };
        let now = at.get_untracked();
        let next = match event.key().as_str() {
            "ArrowRight" => now.map_or(0, |i| (i + 1).min(last)),
            "ArrowLeft" => now.map_or(last, |i| i.saturating_sub(1)),
            "Home" => 0,
            "End" => last,
            "Escape" => return at.set(None),
            _ => return,
        };
        event.prevent_default();
        active.set(true);
        at.set(Some(next));
    };
    let left = move || {
        active.set(false);
        at.set(None);
    };
    let label = format!("{title} over time; arrow keys read out the values");
    view! {
        <figure class="card chart">
            <figcaption><h2>{title}</h2><Legend data=data note=note/></figcaption>
            <div class="chart-place" node_ref=place tabindex="0" role="group" aria-label=label
                on:pointermove=moved on:pointerleave=move |_| left() on:keydown=keys on:blur=move |_| left()>
                {move || match (chart.get(), error.get()) {
                    (Some(chart), _) => view! {
                        <Drawing shapes=chart.shapes class="plot"/>
                        <Marks chart=chart.mapping data=data at=at/>
                        <Show when=move || active.get()><ReadOut chart=chart.mapping data=data at=at unit=unit/></Show>
                    }.into_any(),
                    (None, Some(error)) => view! { <Blank title="No chart" text=error error=true/> }.into_any(),
                    (None, None) => ().into_any(),
                }}
            </div>
            <Twin data=data unit=unit/>
        </figure>
    }
}

#[component]
fn Legend(
    /// The lines.
    data: Signal<Option<Arc<ChartData>>>,
    /// What the numbers are.
    note: String,
) -> impl IntoView {
    let several = move || data.with(|d| d.as_ref().filter(|d| d.series.len() > 1).cloned());
    move || {
        match several() {
        Some(data) => view! {
            <span class="legend">
                {data.series.iter().map(|s| view! { <span class=format!("key {}", s.class)>{s.label.clone()}</span> }).collect_view()}
            </span>
        }
        .into_any(),
        None => view! { <span class="legend">{note.clone()}</span> }.into_any(),
    }
    }
}

fn draw(data: &ChartData, unit: YUnit, width: f64) -> Chart {
    line_chart(&ChartSpec {
        width,
        height: HEIGHT,
        series: data.series.clone(),
        y_unit: unit,
        x_range_ns: data.range_ns,
        offset_s: 0,
        empty: "No calls in this time range".into(),
    })
}

/// The bucket of a point: when it begins and ends.
fn bucket(data: &ChartData, i: usize) -> String {
    let from = data.range_ns.0 + (i as f64 * data.step_ns) as u64;
    format::clock_range(from, from + data.step_ns as u64)
}
