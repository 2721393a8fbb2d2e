//! One row of the span tree.
//!
//! Rows are used again: a row that scrolls out lends its elements to one that scrolls in, and only what differs is
//! written, straight to the elements. A leap brings a whole screen of rows in one frame, which building and comparing
//! views took twice as long for. So a row has no handlers of its own.

use std::sync::Arc;

use web_sys::Node;

use super::super::bins::bars;
use super::super::stretch::Stretch;
use super::super::view::TraceView;
use super::rows::ROW;
use crate::engine::protocol::TreeRow;
use crate::model::format_duration;
use crate::page::format;
use crate::web::part::{Part, Pool};

/// Deeper rows are indented no further, so that the name stays readable; the number says how deep.
const DEEPEST_INDENT: u32 = 11;

/// A number with its unit in a cell.
struct Number {
    cell: Part,
    unit: Part,
}

impl Number {
    fn within(row: &Part, class: &str) -> Option<Self> {
        let mut cell = Part::within(row.node(), "div")?;
        cell.class(class);
        cell.attribute("role", Some("gridcell"));
        let mut unit = Part::within(cell.node(), "span")?;
        unit.class("unit");
        Some(Self { cell, unit })
    }

    fn write(&mut self, before: &str, ns: f64) -> String {
        let (value, unit) = format_duration(ns);
        self.cell.text(&format!("{before}{value}"));
        self.unit.text(unit);
        format!("{value} {unit}")
    }

    fn blank(&mut self) {
        self.cell.text("");
        self.unit.text("");
    }
}

/// The elements of a row.
pub(super) struct Slot {
    row: Part,
    name: Part,
    twisty: Part,
    dot: Part,
    depth: Part,
    text: Part,
    service: Part,
    tags: Pool,
    start: Number,
    duration: Number,
    own: Number,
    rank: Part,
    lane: Part,
    pieces: Pool,
    /// Row and data that it shows; no data while that is on the way.
    shown: Option<(usize, Option<Arc<TreeRow>>)>,
}

/// What all rows are shown by.
pub(super) struct Sight {
    pub(super) view: TraceView,
    pub(super) visible: Stretch,
    pub(super) selected: Option<u32>,
    /// The row that stands at the top of the rows' container.
    pub(super) base: usize,
}

impl Slot {
    /// Makes an empty row inside `parent`.
    pub(super) fn within(parent: &Node) -> Option<Self> {
        let mut row = Part::within(parent, "div")?;
        row.attribute("role", Some("row"));
        row.attribute("hidden", Some(""));
        let cell = |tag| Part::within(row.node(), tag);
        let mut name = cell("div")?;
        name.class("tree-name");
        name.attribute("role", Some("gridcell"));
        let inside = |tag| Part::within(name.node(), tag);
        let (mut twisty, dot, mut depth) = (inside("button")?, inside("span")?, inside("span")?);
        twisty.attribute("type", Some("button"));
        twisty.attribute("tabindex", Some("-1"));
        depth.class("tree-depth");
        depth.attribute("title", Some("Depth"));
        let mut text = inside("bdi")?;
        text.class("tree-text");
        let mut service = Part::within(row.node(), "div")?;
        service.class("tree-service");
        service.attribute("role", Some("gridcell"));
        service.attribute("dir", Some("auto"));
        let start = Number::within(&row, "tree-number tree-start")?;
        let duration = Number::within(&row, "tree-number tree-duration")?;
        let own = Number::within(&row, "tree-number tree-self")?;
        let cell = |tag| Part::within(row.node(), tag);
        let (mut rank, mut lane) = (cell("div")?, cell("div")?);
        rank.attribute("role", Some("gridcell"));
        lane.attribute("role", Some("gridcell"));
        lane.class("tree-lane");
        let (tags, pieces) = (Pool::default(), Pool::default());
        let shown = None;
        Some(Self {
            row,
            name,
            twisty,
            dot,
            depth,
            text,
            service,
            tags,
            start,
            duration,
            own,
            rank,
            lane,
            pieces,
            shown,
        })
    }

    /// Shows a row; a blank one until its data is there.
    pub(super) fn show(&mut self, index: usize, data: Option<Arc<TreeRow>>, sight: &Sight) {
        let same = match (&self.shown, &data) {
            (Some((at, Some(old))), Some(new)) => *at == index && Arc::ptr_eq(old, new),
            _ => false,
        };
        let selected = data.as_ref().is_some_and(|row| row.repeats == 0 && sight.selected == Some(row.place));
        let class = format!(
            "tree-row{}{}{}{}",
            if data.as_ref().is_some_and(|row| row.mark == "missing") { " missing" } else { "" },
            if data.is_none() { " waiting" } else { "" },
            if data.as_ref().is_some_and(|row| row.matched) { " hit" } else { "" },
            if selected { " selected" } else { "" }
        );
        self.row.attribute("hidden", None);
        self.row.class(&class);
        self.row.style("top", &format!("{}px", (index as f64 - sight.base as f64) * ROW));
        if self.shown.as_ref().is_none_or(|(at, _)| *at != index) {
            self.row.attribute("id", Some(&format!("span-row-{index}")));
            self.row.attribute("aria-rowindex", Some(&(index + 2).to_string()));
        }
        let pressed = if selected { "true" } else { "false" };
        self.row.attribute("aria-selected", data.is_some().then_some(pressed));
        if let Some(row) = &data {
            if !same {
                self.write(row);
            }
            self.color(row, sight);
        }
        self.shown = Some((index, data));
    }

    /// Shows nothing.
    pub(super) fn hide(&mut self) {
        if self.shown.take().is_some() {
            self.row.class("");
            self.row.attribute("hidden", Some(""));
            self.row.attribute("id", None);
            self.row.attribute("aria-selected", None);
        }
    }

    /// Writes what a row says whatever is looked at.
    fn write(&mut self, row: &TreeRow) {
        let several = row.repeats > 0;
        // Of several, what one of them takes on average.
        let each = f64::from(row.repeats.max(1));
        let takes = if several { row.total_ns / each } else { row.duration_ns };
        let duration = self.duration.write(if several { "⌀ " } else { "" }, takes);
        let own = self.own.write("", row.self_ns / each);
        self.start.write("", row.offset_ns);
        let rank = row.percentile.map_or_else(String::new, |p| format!("p{}", format::percent(p)));
        let high = row.percentile.is_some_and(|p| p > 0.95);
        self.rank.text(&rank);
        self.rank.class(if high { "tree-number tree-rank high" } else { "tree-number tree-rank" });
        let deep = row.depth.saturating_sub(1);
        self.name.style("padding-left", &format!("{}px", 10 + deep.min(DEEPEST_INDENT) * 14));
        self.depth.text(&if deep > DEEPEST_INDENT { row.depth.to_string() } else { String::new() });
        let service = if row.service.is_empty() { "no service" } else { &row.service };
        let title = format!("{} · {service} · {duration}, self {own}", row.name);
        self.name.attribute("title", Some(&title));
        self.text.text(if row.name.is_empty() { "(no name)" } else { &row.name });
        self.service.text(&row.service);
        if row.mark == "missing" {
            // Nothing is known of it but its id.
            let title =
                format!("The span {} is not in the loaded data; these name it as their parent", row.span_id);
            self.name.attribute("title", Some(&title));
            self.text.text("Missing parent");
            for number in [&mut self.start, &mut self.duration, &mut self.own] {
                number.blank();
            }
        }
        // Spans of a cycle stand each for themselves.
        let children = if row.depth == 0 && !several { 0 } else { row.children };
        let expanded = if row.folded { "false" } else { "true" };
        self.row.attribute("aria-expanded", (children > 0).then_some(expanded));
        self.row.attribute("aria-level", Some(&row.depth.max(1).to_string()));
        let (class, fold, sign) = match (children, row.folded) {
            (0, _) => ("twisty leaf", "", ""),
            (_, true) => ("twisty", "Unfold", "▸"),
            (_, false) => ("twisty", "Fold", "▾"),
        };
        self.twisty.class(class);
        self.twisty.attribute("aria-label", Some(fold));
        self.twisty.text(sign);
        self.tags.begin();
        tags(row, &mut |class, title, text| {
            if let Some(tag) = self.tags.next(&self.name, "bdi") {
                tag.class(class);
                tag.attribute("title", Some(title));
                tag.text(text);
            }
        });
        self.tags.end();
    }

    /// Writes the bar and what stands on it, and the colors.
    fn color(&mut self, row: &TreeRow, sight: &Sight) {
        self.dot.class(&class_of(sight.view, "dot", row));
        let base = match (row.repeats > 0, row.error) {
            _ if row.mark == "missing" => "tree-ghost",
            (true, _) => "tree-bar several",
            (_, true) => "tree-bar error",
            _ => "tree-bar",
        };
        self.pieces.begin();
        let mut piece = |class: &str, from: f64, to: f64| {
            let (from, to) = (sight.visible.share(from), sight.visible.share(to));
            // What is out of sight has no element.
            if to < 0.0 || from > 1.0 {
                return;
            }
            // Far outside it need not be exact; numbers of any size are no good in a stylesheet.
            let (from, to) = (from.max(-0.05) * 100.0, to.min(1.05) * 100.0);
            if let Some(piece) = self.pieces.next(&self.lane, "i") {
                piece.class(class);
                piece.style("left", &format!("{from}%"));
                piece.style("width", &format!("{}%", to - from));
            }
        };
        piece(&class_of(sight.view, base, row), row.offset_ns, row.offset_ns + row.duration_ns);
        for stretch in row.path.chunks_exact(2) {
            piece("tree-path", stretch[0], stretch[1]);
        }
        if let Some(raw) = row.raw_ns {
            piece("tree-ghost", raw, raw + row.duration_ns);
        }
        for event in row.events.chunks_exact(2) {
            let kind = ["tree-event", "tree-event wrong", "tree-event log", "tree-event log wrong"];
            piece(kind.get(event[1] as usize).copied().unwrap_or("tree-event"), event[0], event[0]);
        }
        self.pieces.end();
    }
}

/// The classes of the row's dot or bar: of its service, or of the value that rows are colored by.
fn class_of(view: TraceView, base: &str, row: &TreeRow) -> String {
    if view.has("color") {
        view.value_class(base, &row.color)
    } else {
        view.service_class(base, &row.service)
    }
}

/// What stands behind the name: hint, errors, oddities, counts; gives class, title and text of each.
fn tags(row: &TreeRow, add: &mut dyn FnMut(&str, &str, &str)) {
    if !row.hint.is_empty() {
        add("tag", "", &row.hint);
    }
    if row.error {
        add("tag error", "", "error");
    }
    match row.mark.as_str() {
        // An orphan stands below the row that says so.
        "" | "orphan" => {}
        "missing" => {
            add("tree-id", "Span id", &row.span_id);
            add("tag", "", &format::counted(u64::from(row.children), "orphan"));
            return;
        }
        mark => add("tag", "", mark),
    }
    if row.repeats > 0 {
        let (total, unit) = format_duration(row.total_ns);
        let title = format!(
            "{} spans take {total} {unit} together; the small columns count them from the shortest to the longest",
            row.repeats
        );
        let count = format::count(u64::from(row.repeats));
        add("tag repeats", &title, &format!("× {count}, {total} {unit}"));
        add("tree-bins", &title, &bars(&row.bins));
    } else if row.folded && row.children > 0 {
        add("tag", "Children", &format!("+ {}", row.children));
    }
}
