//! What a chart says at a point: a line over the plot, a small box of values, and the whole as a table for
//! screen readers.

use std::sync::Arc;

use leptos::prelude::*;

use super::{ChartData, bucket};
use crate::scene::chart::{Mapping, YUnit, value_label};

/// The line at the read-out's instant and a dot on each series.
#[component]
pub(super) fn Marks(
    /// Where what is.
    chart: Mapping,
    /// The lines.
    data: Signal<Option<Arc<ChartData>>>,
    /// The point that is read out.
    at: RwSignal<Option<usize>>,
) -> impl IntoView {
    move || {
        let (i, data) = (at.get()?, data.get()?);
        let x = x_of(&chart, &data, i)?;
        let dots = data.series.iter().filter_map(|s| {
            let y = chart.y(s.points.get(i)?.1?);
            Some(view! { <i class=format!("mark {}", s.class) style:left=format!("{x}px") style:top=format!("{y}px")></i> })
        });
        let bottom = format!("{}px", chart.top + chart.height);
        Some(view! {
            <i class="cursor" style:left=format!("{x}px") style:height=bottom></i>
            {dots.collect_view()}
        })
    }
}

/// The box with the values.
#[component]
pub(super) fn ReadOut(
    /// Where what is.
    chart: Mapping,
    /// The lines.
    data: Signal<Option<Arc<ChartData>>>,
    /// The point that is read out.
    at: RwSignal<Option<usize>>,
    /// What the values are.
    unit: YUnit,
) -> impl IntoView {
    move || {
        let (i, data) = (at.get()?, data.get()?);
        let x = x_of(&chart, &data, i)?;
        let right = x > chart.width * 0.5;
        let values = data.series.iter().rev().map(|s| {
            let value = s.points.get(i).and_then(|p| p.1);
            view! {
                <dt class=format!("key {}", s.class)>{s.label.clone()}</dt>
                <dd>{value.map_or_else(|| "no calls".to_owned(), |v| value_label(v, unit))}</dd>
            }
        });
        Some(view! {
            <div class="read-out" class:left=right role="status" style:left=format!("{x}px")>
                <p>{bucket(&data, i)}</p>
                <dl>{values.collect_view()}</dl>
            </div>
        })
    }
}

fn x_of(chart: &Mapping, data: &ChartData, i: usize) -> Option<f64> {
    let after = data.series.first()?.points.get(i)?.0;
    Some(chart.x(data.range_ns.0 + after as u64))
}

/// The chart as a table that only screen readers meet.
#[component]
pub(super) fn Twin(
    /// The lines.
    data: Signal<Option<Arc<ChartData>>>,
    /// What the values are.
    unit: YUnit,
) -> impl IntoView {
    move || {
        let data = data.get()?;
        let rows = (0..data.points()).map(|i| {
            let cells = data.series.iter().map(|s| {
                let value = s.points.get(i).and_then(|p| p.1);
                view! { <td>{value.map_or_else(String::new, |v| value_label(v, unit))}</td> }
            });
            view! { <tr><th scope="row">{bucket(&data, i)}</th>{cells.collect_view()}</tr> }
        });
        Some(view! {
            <table class="visually-hidden">
                <thead><tr><th scope="col">"Time"</th>{data.series.iter().map(|s| view! { <th scope="col">{s.label.clone()}</th> }).collect_view()}</tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        })
    }
}
