//! What a row of the span tree says, for its picture and for those who read it.

use crate::engine::protocol::TreeRow;
use crate::model::format_duration;
use crate::page::format;

/// Deeper rows are indented no further, so that the name stays readable; the number says how deep.
const DEEPEST_INDENT: u32 = 11;
/// What the deepest row keeps for its signs and its name, CSS pixels.
const LEAST_ROOM: f64 = 115.0;

/// A number and its unit.
pub(super) type Number = (String, &'static str);

/// The words of a row.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Words {
    /// Space before its sign of folding, CSS pixels.
    pub(super) indent: u32,
    /// The sign of folding; "" where nothing stands below.
    pub(super) sign: &'static str,
    /// How deep it is, where the indent no longer tells.
    pub(super) depth: String,
    pub(super) name: String,
    pub(super) service: String,
    /// Nothing of these is known of a parent that is missing.
    pub(super) start: Option<Number>,
    pub(super) duration: Option<Number>,
    pub(super) own: Option<Number>,
    pub(super) rank: String,
    /// Whether the rank is among the highest.
    pub(super) high: bool,
}

impl Words {
    /// Those of a row in a column this wide, CSS pixels: on phones each level is indented by less.
    pub(super) fn of(row: &TreeRow, width: f64) -> Self {
        let deep = row.depth.saturating_sub(1);
        let step = ((width - LEAST_ROOM) / f64::from(DEEPEST_INDENT)).clamp(4.0, 14.0) as u32;
        let sign = match (below(row), row.folded) {
            (0, _) => "",
            (_, true) => "▸",
            (_, false) => "▾",
        };
        let words = Self {
            indent: 10 + deep.min(DEEPEST_INDENT) * step,
            sign,
            depth: if deep > DEEPEST_INDENT { row.depth.to_string() } else { String::new() },
            ..Self::default()
        };
        if is_missing(row) {
            return Self { name: "Missing parent".to_owned(), ..words };
        }
        // Of several, what one of them takes on average.
        let each = f64::from(row.repeats.max(1));
        let several = row.repeats > 0;
        let (takes, unit) = format_duration(if several { row.total_ns / each } else { row.duration_ns });
        Self {
            name: format::span_name(&row.name).to_owned(),
            service: row.service.clone(),
            start: Some(format_duration(row.offset_ns)),
            duration: Some((if several { format!("⌀ {takes}") } else { takes }, unit)),
            own: Some(format_duration(row.self_ns / each)),
            rank: row.percentile.map_or_else(String::new, |p| format!("p{}", format::percent(p))),
            high: row.percentile.is_some_and(|p| p > 0.95),
            ..words
        }
    }
}

/// Whether the row stands for a parent that is missing.
pub(super) fn is_missing(row: &TreeRow) -> bool {
    row.mark == "missing"
}

/// How many stand below a row; spans of a cycle stand each for themselves.
pub(super) fn below(row: &TreeRow) -> u32 {
    if row.depth == 0 && row.repeats == 0 { 0 } else { row.children }
}

/// What stands behind the name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// A hint, an oddity, how many are folded away.
    Plain,
    /// That it failed.
    Error,
    /// How many it stands for.
    Repeats,
    /// The id of a missing parent.
    Id,
    /// How many there are from the shortest to the longest.
    Bins,
}

/// Says what stands behind the name: the kind, a longer explanation, and the text, which is empty for [`Tag::Bins`].
pub(super) fn tags(row: &TreeRow, say: &mut dyn FnMut(Tag, &str, &str)) {
    if !row.hint.is_empty() {
        say(Tag::Plain, "", &row.hint);
    }
    if row.error {
        say(Tag::Error, "", "error");
    }
    match row.mark.as_str() {
        // An orphan stands below the row that says so.
        "" | "orphan" => {}
        "missing" => {
            say(Tag::Id, "Span id", &row.span_id);
            say(Tag::Plain, "", &format::counted(u64::from(row.children), "orphan"));
            return;
        }
        mark => say(Tag::Plain, "", mark),
    }
    if row.repeats > 0 {
        let (total, unit) = format_duration(row.total_ns);
        let title = format!(
            "{} spans take {total} {unit} together; the small columns count them from the shortest to the longest",
            row.repeats
        );
        let count = format::count(u64::from(row.repeats));
        say(Tag::Repeats, &title, &format!("× {count}, {total} {unit}"));
        say(Tag::Bins, &title, "");
    } else if row.folded && row.children > 0 {
        say(Tag::Plain, "Children", &format!("+ {}", row.children));
    }
}
