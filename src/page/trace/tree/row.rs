//! One row of the span tree.
//!
//! Rows are used again: a row that scrolls out lends its elements to one that scrolls in, and only what differs is
//! written. So a row has the same elements whatever it shows, and no handlers of its own.

use std::sync::Arc;

use leptos::prelude::*;

use super::super::bins::bars;
use super::super::stretch::Stretch;
use super::super::view::TraceView;
use super::rows::{ROW, is_span};
use crate::engine::protocol::TreeRow;
use crate::model::format_duration;
use crate::page::format;

/// Deeper rows are indented no further, so that the name stays readable; the number says how deep.
const DEEPEST_INDENT: u32 = 11;

/// What a slot shows: the number of a row, and its data once that is there.
pub(super) type Shown = Option<(usize, Option<Arc<TreeRow>>)>;

/// The elements of a slot. `base` is the row that stands at the top of their container.
pub(super) fn slot(
    view: TraceView,
    shown: RwSignal<Shown>,
    selected: Memo<Option<u32>>,
    base: RwSignal<usize>,
) -> AnyView {
    // Until the data of the next row is there the texts of the last one stay, unseen: writing them twice costs twice.
    let held = StoredValue::new(Arc::<TreeRow>::default());
    let row = move || {
        let (index, row) = shown.get()?;
        let waiting = row.is_none();
        let row = row.unwrap_or_else(|| held.get_value());
        held.set_value(row.clone());
        let top = (index as f64 - base.get() as f64) * ROW;
        let chosen = !waiting && is_span(&row) && selected.get() == Some(row.place);
        Some(line(view, index, &row, waiting, chosen, top))
    };
    view! { {row} }.into_any()
}

/// A row; while its data is on the way it is a blank line.
fn line(
    view: TraceView,
    index: usize,
    row: &Arc<TreeRow>,
    waiting: bool,
    selected: bool,
    top: f64,
) -> AnyView {
    let several = row.repeats > 0;
    let missing = row.mark == "missing";
    // Of several, what one of them takes on average.
    let each = f64::from(row.repeats.max(1));
    let time = |ns: f64| if missing { (String::new(), "") } else { format_duration(ns) };
    let (value, unit) = time(if several { row.total_ns / each } else { row.duration_ns });
    let (self_value, self_unit) = time(row.self_ns / each);
    let (offset, offset_unit) = time(row.offset_ns);
    let rank = row.percentile.map_or_else(String::new, |p| format!("p{}", format::percent(p)));
    let rank_class = if row.percentile.is_some_and(|p| p > 0.95) {
        "tree-number tree-rank high"
    } else {
        "tree-number tree-rank"
    };
    let class = format!(
        "tree-row{}{}{}{}",
        if missing { " missing" } else { "" },
        if waiting { " waiting" } else { "" },
        if row.matched { " hit" } else { "" },
        if selected { " selected" } else { "" }
    );
    let indent = format!("{}px", 10 + row.depth.saturating_sub(1).min(DEEPEST_INDENT) * 14);
    let dot = class_of(view, "dot", row);
    let too_deep = row.depth.saturating_sub(1) > DEEPEST_INDENT;
    let depth = if too_deep { row.depth.to_string() } else { String::new() };
    let service = if missing { row.span_id.clone() } else { row.service.clone() };
    let title = if missing {
        format!("The span {service} is not in the loaded data; these name it as their parent")
    } else {
        let service = if service.is_empty() { "no service" } else { &service };
        format!("{} · {service} · {value} {unit}, self {self_value} {self_unit}", row.name)
    };
    let name = match row.name.as_str() {
        _ if missing => "Missing parent".to_owned(),
        "" if !waiting => "(no name)".to_owned(),
        name => name.to_owned(),
    };
    // Spans of a cycle stand each for themselves.
    let children = if row.depth == 0 && !several { 0 } else { row.children };
    let expanded = (children > 0).then(|| (!row.folded).to_string());
    let (twisty, fold, sign) = match (children, row.folded) {
        (0, _) => ("twisty leaf", "", ""),
        (_, true) => ("twisty", "Unfold", "▸"),
        (_, false) => ("twisty", "Fold", "▾"),
    };
    let each = if several { "⌀ " } else { "" };
    // Leptos has no method for this attribute.
    let level = leptos::attr::custom::custom_attribute("aria-level", row.depth.max(1).to_string());
    let tags = tags(row);
    let lane = {
        let row = row.clone();
        move || lane(view, &row)
    };
    view! {
        <div
            class=class
            role="row"
            id=format!("span-row-{index}")
            aria-rowindex=(index + 2).to_string()
            {..level}
            aria-expanded=expanded
            aria-selected=(!waiting).then(|| selected.to_string())
            style:top=format!("{top}px")
        >
            <div class="tree-name" role="gridcell" style:padding-left=indent title=title>
                <button type="button" class=twisty tabindex="-1" aria-label=fold>{sign}</button>
                <span class=dot></span>
                <span class="tree-depth" title="Depth">{depth}</span>
                <bdi class="tree-text">{name}</bdi>
                <bdi class="tree-service">{service}</bdi>
                {tags}
            </div>
            <div class="tree-number tree-start" role="gridcell">{offset}<span class="unit">{offset_unit}</span></div>
            <div class="tree-number tree-duration" role="gridcell">{each}{value}<span class="unit">{unit}</span></div>
            <div class="tree-number tree-self" role="gridcell">{self_value}<span class="unit">{self_unit}</span></div>
            <div class=rank_class role="gridcell">{rank}</div>
            <div class="tree-lane" role="gridcell">{lane}</div>
        </div>
    }
    .into_any()
}

/// The classes of the row's dot or bar: of its service, or of the value that rows are colored by.
fn class_of(view: TraceView, base: &str, row: &TreeRow) -> String {
    if view.has("color") {
        view.value_class(base, &row.color)
    } else {
        view.service_class(base, &row.service)
    }
}

fn tag(class: &'static str, title: String, text: String) -> AnyView {
    view! { <bdi class=class title=title>{text}</bdi> }.into_any()
}

/// What stands behind the name: hint, errors, oddities, counts.
fn tags(row: &TreeRow) -> Vec<AnyView> {
    let mut tags: Vec<AnyView> = Vec::new();
    let mut add = |class, title: &str, text: String| tags.push(tag(class, title.to_owned(), text));
    if !row.hint.is_empty() {
        add("tag", "", row.hint.clone());
    }
    if row.error {
        add("tag error", "", "error".to_owned());
    }
    if row.mark == "missing" {
        add("tag", "", format::counted(u64::from(row.children), "orphan"));
    } else if !row.mark.is_empty() && row.mark != "orphan" {
        add("tag", "", row.mark.clone());
    }
    if row.repeats > 0 {
        let (total, unit) = format_duration(row.total_ns);
        let title = format!(
            "{} spans take {total} {unit} together; the small columns count them from the shortest to the longest",
            row.repeats
        );
        add("tag repeats", &title, format!("× {}, {total} {unit}", format::count(u64::from(row.repeats))));
        add("tree-bins", &title, bars(&row.bins));
    } else if row.folded && row.children > 0 && row.mark != "missing" {
        add("tag", "Children", format!("+ {}", row.children));
    }
    tags
}

/// The bar with what stands on it.
fn lane(view: TraceView, row: &TreeRow) -> Vec<AnyView> {
    let visible = view.visible();
    let mut out: Vec<AnyView> = Vec::new();
    let base = match (row.repeats > 0, row.error) {
        _ if row.mark == "missing" => "tree-ghost",
        (true, _) => "tree-bar several",
        (_, true) => "tree-bar error",
        _ => "tree-bar",
    };
    let end = row.offset_ns + row.duration_ns;
    piece(&mut out, class_of(view, base, row), visible, row.offset_ns, end);
    for stretch in row.path.chunks_exact(2) {
        piece(&mut out, "tree-path".to_owned(), visible, stretch[0], stretch[1]);
    }
    if let Some(raw) = row.raw_ns {
        piece(&mut out, "tree-ghost".to_owned(), visible, raw, raw + row.duration_ns);
    }
    for event in row.events.chunks_exact(2) {
        let kind = ["tree-event", "tree-event wrong", "tree-event log", "tree-event log wrong"];
        let class = kind.get(event[1] as usize).copied().unwrap_or("tree-event");
        piece(&mut out, class.to_owned(), visible, event[0], event[0]);
    }
    out
}

/// A piece of a lane, where it is in sight.
fn piece(out: &mut Vec<AnyView>, class: String, visible: Stretch, from: f64, to: f64) {
    let (from, to) = (visible.share(from), visible.share(to));
    if to < 0.0 || from > 1.0 {
        return;
    }
    // Far outside it need not be exact; numbers of any size are no good in a stylesheet.
    let (from, to) = (from.max(-0.05) * 100.0, to.min(1.05) * 100.0);
    let (left, width) = (format!("{from}%"), format!("{}%", to - from));
    out.push(view! { <i class=class style:left=left style:width=width></i> }.into_any());
}
