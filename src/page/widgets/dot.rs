//! A service's dot and names that come from telemetry.

use leptos::prelude::*;

use crate::page::colors::ServiceColors;
use crate::page::format;

/// The dot in a service's color.
#[component]
pub fn ServiceDot(
    /// The service.
    #[prop(into)]
    service: String,
) -> impl IntoView {
    let colors = ServiceColors::here();
    view! { <i class=move || format!("dot {}", colors.class(&service)) aria-hidden="true"></i> }
}

/// Text from telemetry, isolated so that its direction marks stay inside.
#[component]
pub fn Name(
    /// The text.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <bdi>{text}</bdi> }
}

/// A service's dot and name.
#[component]
pub fn ServiceName(
    /// The service; "" has no name.
    #[prop(into)]
    service: String,
) -> impl IntoView {
    let shown = format::service(&service).to_owned();
    view! { <ServiceDot service=service/> <Name text=shown/> }
}
