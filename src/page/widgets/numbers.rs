//! Numbers as a table shows them: right-aligned by the cell, with the unit in a lighter color.

use leptos::prelude::*;

use crate::model::format_duration;
use crate::page::format;

/// A value with its unit; a dash where there is none.
#[component]
pub fn Quantity(
    /// The digits.
    #[prop(into)]
    value: Option<String>,
    /// The unit, or "".
    #[prop(into)]
    unit: String,
) -> impl IntoView {
    match value {
        Some(value) => {
            view! { {value}{(!unit.is_empty()).then(|| view! { <span class="unit">{unit}</span> })} }
                .into_any()
        }
        None => view! { <span class="none">{format::NONE}</span> }.into_any(),
    }
}

/// A duration with at most four significant digits in the unit that fits.
#[component]
pub fn Duration(
    /// Nanoseconds, if known.
    ns: Option<f64>,
) -> impl IntoView {
    match ns {
        Some(ns) => {
            let (value, unit) = format_duration(ns);
            view! { <Quantity value=value unit=unit/> }.into_any()
        }
        None => view! { <Quantity value=None unit=""/> }.into_any(),
    }
}

/// A fraction as percent.
#[component]
pub fn Percent(
    /// 0..1, if known.
    fraction: Option<f64>,
) -> impl IntoView {
    view! { <Quantity value=fraction.map(format::percent) unit="%"/> }
}

/// A share as a small bar; decoration beside a number, so it is hidden from screen readers.
#[component]
pub fn Share(
    /// 0..1.
    fraction: f64,
    /// "error" for the error color, or a service class.
    #[prop(into)]
    class: String,
) -> impl IntoView {
    let width = format!("{:.1}%", fraction.clamp(0.0, 1.0) * 100.0);
    view! { <span class=format!("share {class}") aria-hidden="true"><i style:width=width></i></span> }
}
