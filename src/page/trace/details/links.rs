//! Links to other spans, in both directions.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::view::TraceView;
use super::values::ValueList;
use crate::engine::protocol::{LinkRow, SpanAnswer};
use crate::page::address::View;

/// Links and what links here.
#[component]
pub(super) fn LinkList(span: Arc<SpanAnswer>) -> impl IntoView {
    if span.links.is_empty() && span.linked_from.is_empty() {
        return view! { <p class="muted details-none">"No links"</p> }.into_any();
    }
    let list = |title: &'static str, links: &[LinkRow]| {
        (!links.is_empty()).then(|| {
            view! {
                <h3 class="details-section">{title}</h3>
                <ul class="links">{links.iter().map(|l| view! { <Link link=l.clone() /> }).collect_view()}</ul>
            }
        })
    };
    view! { {list("Links to", &span.links)} {list("Linked from", &span.linked_from)} }.into_any()
}

#[component]
fn Link(link: LinkRow) -> impl IntoView {
    let view = TraceView::here();
    let (trace_id, span_id) = (link.trace_id.clone(), link.span_id.clone());
    let target = if link.present {
        let name = link.name.clone().filter(|n| !n.is_empty()).unwrap_or_else(|| span_id.clone());
        let service = link.service.clone().unwrap_or_default();
        let dot = {
            let service = service.clone();
            move || view.service_class("dot", &service)
        };
        let href = move || {
            let mut address = view.app.address.with(|a| a.with_view(View::Trace(trace_id.clone())));
            address.span.clone_from(&span_id);
            format!("#{}", address.print())
        };
        view! { <a class="link" href=href><span class=dot></span><bdi>{name}</bdi></a> <bdi class="muted">{service}</bdi> }.into_any()
    } else {
        view! { <code>{span_id.clone()}</code> <span class="muted">" of trace "<code>{trace_id.clone()}</code>", not in the loaded data"</span> }.into_any()
    };
    view! {
        <li>
            <p>{target}</p>
            {(!link.attributes.is_empty()).then(|| view! { <ValueList values=link.attributes.clone() what="link attributes" searchable=false /> })}
        </li>
    }
}
