//! A row of the span tree for those who do not look: what is read aloud, pointed at and clicked. It is seen by nobody,
//! the picture of it is drawn (`picture`).
//!
//! Rows are used again: a row that scrolls out lends its elements to one that scrolls in, and only what differs is
//! written, straight to the elements. So a row has no handlers of its own.

use std::sync::Arc;

use web_sys::Node;

use super::super::bins::bars;
use super::ROW;
use super::rows::is_span;
use super::words::{self, Tag, Words, below, is_missing};
use crate::engine::protocol::TreeRow;
use crate::web::part::{Part, Pool};

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

    fn write(&mut self, number: Option<&words::Number>) {
        let (value, unit) = number.map_or(("", ""), |(value, unit)| (value, *unit));
        self.cell.text(value);
        self.unit.text(unit);
    }
}

/// The elements of a row.
pub(super) struct Slot {
    row: Part,
    name: Part,
    twisty: Part,
    depth: Part,
    text: Part,
    service: Part,
    tags: Pool,
    start: Number,
    duration: Number,
    own: Number,
    rank: Part,
    /// Those that never say anything else: the color's place, and the bar's.
    _still: [Part; 2],
    /// The row that it shows.
    shown: Option<(usize, Arc<TreeRow>)>,
    /// Of the names, when that was written, CSS pixels.
    width: f64,
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
        let (mut twisty, mut dot, mut depth) = (inside("button")?, inside("span")?, inside("span")?);
        dot.class("dot");
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
        rank.class("tree-number tree-rank");
        lane.attribute("role", Some("gridcell"));
        lane.class("tree-lane");
        let (tags, shown) = (Pool::default(), None);
        Some(Self {
            row,
            name,
            twisty,
            depth,
            text,
            service,
            tags,
            start,
            duration,
            own,
            rank,
            _still: [dot, lane],
            shown,
            width: 0.0,
        })
    }

    /// Shows a row. `base` is the row that stands at the top of their container, `width` that of the names.
    pub(super) fn show(
        &mut self,
        index: usize,
        row: Arc<TreeRow>,
        selected: Option<u32>,
        (base, width): (usize, f64),
    ) {
        let selected = is_span(&row) && selected == Some(row.place);
        let class = format!(
            "tree-row{}{}{}",
            if is_missing(&row) { " missing" } else { "" },
            if row.matched { " hit" } else { "" },
            if selected { " selected" } else { "" }
        );
        self.row.attribute("hidden", None);
        self.row.class(&class);
        self.row.style("top", &format!("{}px", (index as f64 - base as f64) * ROW));
        self.row.attribute("aria-selected", Some(if selected { "true" } else { "false" }));
        let before = self.shown.as_ref();
        if before.is_none_or(|(at, _)| *at != index) {
            self.row.attribute("id", Some(&format!("span-row-{index}")));
            self.row.attribute("aria-rowindex", Some(&(index + 2).to_string()));
        }
        if before.is_none_or(|(_, old)| !Arc::ptr_eq(old, &row)) || (self.width - width).abs() > 0.5 {
            self.write(&row, width);
        }
        (self.shown, self.width) = (Some((index, row)), width);
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

    /// Writes what a row says.
    fn write(&mut self, row: &TreeRow, width: f64) {
        let words = Words::of(row, width);
        self.duration.write(words.duration.as_ref());
        self.own.write(words.own.as_ref());
        self.start.write(words.start.as_ref());
        self.rank.text(&words.rank);
        self.name.style("padding-left", &format!("{}px", words.indent));
        self.depth.text(&words.depth);
        let title = if is_missing(row) {
            // Nothing is known of it but its id.
            format!("The span {} is not in the loaded data; these name it as their parent", row.span_id)
        } else {
            let service = if row.service.is_empty() { "no service" } else { &row.service };
            let number =
                |n: &Option<words::Number>| n.as_ref().map_or_else(String::new, |(v, u)| format!("{v} {u}"));
            let (takes, own) = (number(&words.duration), number(&words.own));
            format!("{} · {service} · {takes}, self {own}", row.name)
        };
        self.name.attribute("title", Some(&title));
        self.text.text(&words.name);
        self.service.text(&words.service);
        let expanded = if row.folded { "false" } else { "true" };
        self.row.attribute("aria-expanded", (below(row) > 0).then_some(expanded));
        self.row.attribute("aria-level", Some(&row.depth.max(1).to_string()));
        let (class, fold) = match words.sign {
            "" => ("twisty leaf", ""),
            _ if row.folded => ("twisty", "Unfold"),
            _ => ("twisty", "Fold"),
        };
        self.twisty.class(class);
        self.twisty.attribute("aria-label", Some(fold));
        self.twisty.text(words.sign);
        self.tags.begin();
        words::tags(row, &mut |tag, title, text| {
            let Some(part) = self.tags.next(&self.name, "bdi") else { return };
            part.class(match tag {
                Tag::Plain => "tag",
                Tag::Error => "tag error",
                Tag::Repeats => "tag repeats",
                Tag::Id => "tree-id",
                Tag::Bins => "tree-bins",
            });
            part.attribute("title", Some(title));
            if tag == Tag::Bins { part.text(&bars(&row.bins)) } else { part.text(text) }
        });
        self.tags.end();
    }
}
