//! One row of the span tree.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::view::TraceView;
use super::rows::TreeRows;
use crate::engine::protocol::TreeRow;
use crate::model::format_duration;

/// Deeper rows are indented no further, so that the name stays readable; the number says how deep.
const DEEPEST_INDENT: u32 = 16;

/// A row; without its data it is a blank line until that arrives.
#[component]
pub(super) fn SpanRow(
    /// All rows.
    rows: TreeRows,
    /// Which visible row this is.
    index: usize,
    /// Its data.
    row: Option<Arc<TreeRow>>,
) -> impl IntoView {
    let view = TraceView::here();
    let Some(row) = row else {
        return view! { <div class="tree-row waiting" role="row" aria-rowindex=index + 2></div> }.into_any();
    };
    let place = row.place;
    let selected = Memo::new(move |_| view.place_live() == Some(place));
    let (value, unit) = format_duration(row.duration_ns);
    let (self_value, self_unit) = format_duration(row.self_ns);
    let indent = format!("{}px", 10 + row.depth.saturating_sub(1).min(DEEPEST_INDENT) * 14);
    let too_deep = row.depth.saturating_sub(1) > DEEPEST_INDENT;
    let (start, end) = (row.offset_ns, row.offset_ns + row.duration_ns);
    let edges = Memo::new(move |_| {
        let visible = view.visible();
        let (from, to) = (visible.share(start), visible.share(end));
        // Far outside it need not be exact; numbers of any size are no good in a stylesheet.
        (from.clamp(-0.05, 1.05), to.clamp(-0.05, 1.05), to >= 0.0 && from <= 1.0)
    });
    let bar_class = {
        let (service, error) = (row.service.clone(), row.error);
        move || view.service_class(if error { "tree-bar error" } else { "tree-bar" }, &service)
    };
    let dot_class = {
        let service = row.service.clone();
        move || view.service_class("dot", &service)
    };
    let expanded = (row.children > 0).then(|| (!row.folded).to_string());
    let twisty = if row.children == 0 {
        view! { <span class="twisty"></span> }.into_any()
    } else {
        let label = if row.folded { "Unfold" } else { "Fold" };
        view! {
            <button
                type="button"
                class="twisty"
                tabindex="-1"
                aria-label=label
                on:click=move |event| {
                    event.stop_propagation();
                    rows.toggle(place);
                }
            >
                {if row.folded { "▸" } else { "▾" }}
            </button>
        }
        .into_any()
    };
    let title = format!(
        "{} · {} · {value} {unit}, self {self_value} {self_unit}",
        row.name,
        if row.service.is_empty() { "no service" } else { &row.service }
    );
    // Leptos has no method for this attribute.
    let level = leptos::attr::custom::custom_attribute("aria-level", row.depth.max(1).to_string());
    view! {
        <div
            class="tree-row"
            class:selected=selected
            role="row"
            id=format!("span-row-{index}")
            aria-rowindex=index + 2
            {..level}
            aria-expanded=expanded
            aria-selected=move || selected.get().to_string()
            on:click=move |_| {
                rows.cursor.set(Some(index));
                view.pick(place, true);
            }
            on:dblclick=move |_| view.fit(start, end)
        >
            <div class="tree-name" role="gridcell" style:padding-left=indent title=title>
                {twisty}
                <span class=dot_class></span>
                {too_deep.then(|| view! { <span class="tree-depth" title="Depth">{row.depth}</span> })}
                <bdi class="tree-text">{if row.name.is_empty() { "(no name)".to_owned() } else { row.name.clone() }}</bdi>
                <bdi class="tree-service">{row.service.clone()}</bdi>
                {(!row.hint.is_empty()).then(|| view! { <bdi class="tag">{row.hint.clone()}</bdi> })}
                {row.error.then(|| view! { <span class="tag error">"error"</span> })}
                {(!row.mark.is_empty()).then(|| view! { <span class="tag">{row.mark.clone()}</span> })}
                {(row.folded && row.children > 0).then(|| view! { <span class="tag">"+ "{row.children}</span> })}
            </div>
            <div class="tree-duration" role="gridcell">{value}<span class="unit">{unit}</span></div>
            <div class="tree-lane" role="gridcell">
                <i
                    class=bar_class
                    aria-hidden="true"
                    style:display=move || if edges.get().2 { "block" } else { "none" }
                    style:left=move || format!("{}%", edges.get().0 * 100.0)
                    style:width=move || format!("{}%", (edges.get().1 - edges.get().0) * 100.0)
                ></i>
            </div>
        </div>
    }
    .into_any()
}
