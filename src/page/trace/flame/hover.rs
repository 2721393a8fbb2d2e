//! The card beside the pointer.

use leptos::prelude::*;

use super::super::view::TraceView;
use super::painter::Bar;
use crate::model::format_duration;
use crate::page::format;
use crate::scene::flame::flag;

/// What is under the pointer, and where that is.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hovered {
    pub(super) bar: Bar,
    pub(super) x: f64,
    pub(super) y: f64,
    /// Width of the canvas: the card stays inside.
    pub(super) width: f64,
}

/// The hover card; `name` is the name of bars that are too narrow for a label.
#[component]
pub(super) fn HoverCard(
    hovered: RwSignal<Option<Hovered>>,
    name: RwSignal<Option<(u32, String)>>,
    /// What merged bars are as wide as; "" for bars by time.
    merged: String,
) -> impl IntoView {
    let view = TraceView::here();
    let bar = Memo::new(move |_| hovered.with(|h| h.as_ref().map(|h| h.bar.clone())));
    let place = move || {
        hovered.with(|h| {
            h.as_ref().map_or_else(String::new, |h| {
                // To the left of the pointer in the right half, so that it is never cut.
                let x = if h.x > h.width - 300.0 { (h.x - 290.0).max(4.0) } else { h.x + 14.0 };
                format!("translate({x}px, {}px)", h.y + 16.0)
            })
        })
    };
    let body = move || {
        bar.get().map(|bar| {
            let known = name.get().filter(|(place, _)| *place == bar.place).map(|(_, name)| name);
            let title = bar.name.clone().or(known).unwrap_or_else(|| "…".to_owned());
            let (duration, unit) = format_duration(bar.mark.t1 - bar.mark.t0);
            let (start, start_unit) = format_duration(bar.mark.t0);
            let several = bar.flags & flag::SEVERAL != 0;
            let service = bar.service.clone();
            let odd = [
                (flag::ERROR, "error"),
                (flag::ORPHAN, "missing parent"),
                (flag::CYCLIC, "cyclic"),
                (flag::NEGATIVE, "ends before it starts"),
                (flag::DUPLICATE, "duplicate"),
                (flag::EVENTS, "has events"),
            ];
            let tags = odd
                .into_iter()
                .filter(|(bit, _)| bar.flags & bit != 0)
                .map(|(bit, word)| view! { <span class=if bit == flag::ERROR { "tag error" } else { "tag" }>{word}</span> })
                .collect_view();
            view! {
                <p class="hover-name"><span class=move || view.value_class("dot", &service)></span><bdi>{title}</bdi></p>
                <p class="hover-facts">
                    {duration}<span class="unit">{unit}</span>
                    <span class="muted">{if merged.is_empty() {
                        format!(" · +{start} {start_unit} · ")
                    } else {
                        format!(" {merged} time · {} · ", format::counted(u64::from(bar.count), "span"))
                    }}</span>
                    <bdi class="muted">{if bar.service.is_empty() { "no service".to_owned() } else { bar.service.clone() }}</bdi>
                </p>
                {(several && merged.is_empty()).then(|| view! {
                    <p class="muted">{format::count(u64::from(bar.count))}" spans at this width; the longest is named"</p>
                })}
                <p class="hover-tags">{tags}</p>
            }
        })
    };
    view! {
        <div class="hover-card" aria-hidden="true" style:transform=place style:display=move || if bar.get().is_some() { "block" } else { "none" }>
            {body}
        </div>
    }
}
