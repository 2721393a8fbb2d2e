//! One row of the span tree.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::bins::bars;
use super::super::view::TraceView;
use super::rows::TreeRows;
use crate::engine::protocol::TreeRow;
use crate::model::format_duration;
use crate::page::format;

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
    let several = row.repeats > 0;
    let selected = Memo::new(move |_| !several && view.place_live() == Some(place));
    // Of several, what one of them takes on average.
    let each = f64::from(row.repeats.max(1));
    let (value, unit) = format_duration(if several { row.total_ns / each } else { row.duration_ns });
    let (self_value, self_unit) = format_duration(row.self_ns / each);
    let (offset, offset_unit) = format_duration(row.offset_ns);
    let rank = row.percentile.map(|p| format!("p{}", format::percent(p)));
    let rank_class = if row.percentile.is_some_and(|p| p > 0.95) {
        "tree-number tree-rank high"
    } else {
        "tree-number tree-rank"
    };
    let repeats = several.then(|| repeats(&row));
    let ghost = row.raw_ns.map(|raw| ghost(view, raw, raw + row.duration_ns));
    let path = (!row.path.is_empty()).then(|| path_marks(view, row.path.clone()));
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
        let base = match (several, row.error) {
            (true, _) => "tree-bar several",
            (_, true) => "tree-bar error",
            _ => "tree-bar",
        };
        let service = row.service.clone();
        move || view.service_class(base, &service)
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
        let toggled = row.clone();
        view! {
            <button
                type="button"
                class="twisty"
                tabindex="-1"
                aria-label=label
                on:click=move |event| {
                    event.stop_propagation();
                    rows.toggle_row(&toggled);
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
    let clicked = row.clone();
    // Leptos has no method for this attribute.
    let level = leptos::attr::custom::custom_attribute("aria-level", row.depth.max(1).to_string());
    view! {
        <div
            class=if row.matched { "tree-row hit" } else { "tree-row" }
            class:selected=selected
            role="row"
            id=format!("span-row-{index}")
            aria-rowindex=index + 2
            {..level}
            aria-expanded=expanded
            aria-selected=move || selected.get().to_string()
            on:click=move |_| {
                rows.cursor.set(Some(index));
                if several {
                    rows.toggle_row(&clicked);
                } else {
                    view.pick(place, true);
                }
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
                {(row.folded && row.children > 0 && !several).then(|| view! { <span class="tag">"+ "{row.children}</span> })}
                {repeats}
            </div>
            <div class="tree-number tree-start" role="gridcell">{offset}<span class="unit">{offset_unit}</span></div>
            <div class="tree-number tree-duration" role="gridcell">{several.then_some("⌀ ")}{value}<span class="unit">{unit}</span></div>
            <div class="tree-number tree-self" role="gridcell">{self_value}<span class="unit">{self_unit}</span></div>
            <div class=rank_class role="gridcell">{rank}</div>
            <div class="tree-lane" role="gridcell">
                <i
                    class=bar_class
                    aria-hidden="true"
                    style:display=move || if edges.get().2 { "block" } else { "none" }
                    style:left=move || format!("{}%", edges.get().0 * 100.0)
                    style:width=move || format!("{}%", (edges.get().1 - edges.get().0) * 100.0)
                ></i>
                {path}{ghost}
            </div>
        </div>
    }
    .into_any()
}

/// How many siblings a row stands for, how long they take together, and how their durations lie.
fn repeats(row: &TreeRow) -> AnyView {
    let (total, unit) = format_duration(row.total_ns);
    let bars = bars(&row.bins);
    let title = format!(
        "{} spans take {total} {unit} together; the small columns count them from the shortest to the longest",
        row.repeats
    );
    view! {
        <span class="tag repeats" title=title>"× "{format::count(u64::from(row.repeats))}", "{total}" "{unit}</span>
        <span class="tree-bins" aria-hidden="true">{bars}</span>
    }
    .into_any()
}

/// Where the span was before clock skew correction moved it.
fn ghost(view: TraceView, from: f64, to: f64) -> AnyView {
    let edge = move |at: f64| format!("{}%", view.visible().share(at).clamp(-0.05, 1.05) * 100.0);
    let width = move || {
        let visible = view.visible();
        let share = |at: f64| visible.share(at).clamp(-0.05, 1.05);
        format!("{}%", (share(to) - share(from)) * 100.0)
    };
    view! { <i class="tree-ghost" aria-hidden="true" style:left=move || edge(from) style:width=width></i> }
        .into_any()
}

/// The critical path in a row.
fn path_marks(view: TraceView, path: Vec<f64>) -> AnyView {
    let marks = move || {
        let visible = view.visible();
        let mut out: Vec<AnyView> = Vec::new();
        for stretch in path.chunks_exact(2) {
            let (from, to) = (visible.share(stretch[0]).max(-0.05), visible.share(stretch[1]).min(1.05));
            if to > 0.0 && from < 1.0 {
                let (left, width) = (from * 100.0, (to - from) * 100.0);
                out.push(view! { <i class="tree-path" style:left=format!("{left}%") style:width=format!("{width}%")></i> }.into_any());
            }
        }
        out
    };
    view! { <span class="tree-paths" aria-hidden="true">{marks}</span> }.into_any()
}
