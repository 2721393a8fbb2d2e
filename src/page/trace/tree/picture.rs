//! The picture of the tree's rows: what stands where, in which color.
//!
//! Two boards lie side by side: the names with the columns of numbers, and the lane of the bars, so that zooming
//! paints only the second. Coordinates are CSS pixels from the top left of each.

use super::super::ink::{Face, Fill, Ink, Widths};
use super::super::look::Emphasis;
use super::super::stretch::Stretch;
use super::ROW;
use super::words::{Tag, Words, is_missing, tags};
use crate::engine::protocol::TreeRow;
use crate::paint::{Palette, Rgba};

/// What the row's line leaves for its text.
const TEXT_HEIGHT: f64 = ROW - 1.0;
/// Space beside what stands in a cell.
const PADDING: f64 = 10.0;
/// Space between what stands in the cell of the name.
const GAP: f64 = 7.0;
/// What a name keeps when there are many tags.
const LEAST_NAME: f64 = 40.0;
/// How strong the colors are of what was not looked for.
const FADED: f64 = 0.28;
/// Width of a column of the small histogram.
const BIN: f64 = 3.0;

/// Left edge and width of a column; one that is hidden has no width.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Column {
    pub(super) left: f64,
    pub(super) width: f64,
}

/// The columns in their order.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Columns {
    pub(super) name: Column,
    pub(super) service: Column,
    pub(super) start: Column,
    pub(super) duration: Column,
    pub(super) own: Column,
    pub(super) rank: Column,
    pub(super) lane: Column,
}

impl Columns {
    /// Width of what bars may take.
    pub(super) fn bars(&self) -> f64 {
        (self.lane.width - PADDING).max(0.0)
    }
}

/// How all rows are looked at.
pub(super) struct Sight<'a> {
    pub(super) columns: Columns,
    pub(super) palette: &'a Palette,
    pub(super) emphasis: Emphasis,
    pub(super) visible: Stretch,
    /// Whether the keyboard is here.
    pub(super) focused: bool,
}

/// How one row is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct At {
    /// Its top.
    pub(super) top: f64,
    pub(super) selected: bool,
    /// Where from the left the pointer is, if it is on the row.
    pub(super) pointer: Option<f64>,
    /// The color of its service, or of what else rows are colored by.
    pub(super) color: Rgba,
}

/// The lines of the time axis behind the bars.
pub(super) fn lines(ink: &mut Ink, times: &[f64], height: f64, sight: &Sight<'_>) {
    for time in times {
        let x = (sight.visible.share(*time) * sight.columns.bars()).floor();
        if x >= 0.0 && x < sight.columns.bars() {
            ink.shape(Fill::Plain, [x, 0.0, 1.0, height], sight.palette.line, 1.0);
        }
    }
}

/// What lies below a row over this width, and the line under it.
pub(super) fn ground(ink: &mut Ink, at: At, width: f64, sight: &Sight<'_>) {
    let area = [0.0, at.top, width, TEXT_HEIGHT];
    if at.selected {
        ink.shape(Fill::Plain, area, sight.palette.accent_bg, 1.0);
    } else if at.pointer.is_some() {
        ink.shape(Fill::Plain, area, sight.palette.surface, 0.55);
    }
    ink.shape(Fill::Plain, [0.0, at.top + TEXT_HEIGHT, width, 1.0], sight.palette.line, 0.55);
}

/// Name and numbers of a row.
pub(super) fn names(ink: &mut Ink, row: &TreeRow, at: At, sight: &Sight<'_>, widths: &mut Widths) {
    let (palette, columns) = (sight.palette, &sight.columns);
    let faded = sight.emphasis == Emphasis::Dim && !row.matched;
    // Where others are left out, it tells matches from the ancestors that were kept.
    let framed = matches!(sight.emphasis, Emphasis::Frame | Emphasis::Hide) && row.matched;
    let mark = match (framed, at.selected && sight.focused) {
        (true, _) => 3.0,
        (_, true) => 2.0,
        _ => 0.0,
    };
    if mark > 0.0 {
        ink.shape(Fill::Plain, [0.0, at.top, mark, TEXT_HEIGHT], palette.accent, 1.0);
    }
    let words = Words::of(row, columns.name.width);
    let middle = at.top + ROW / 2.0;
    let mut x = columns.name.left + f64::from(words.indent);
    if !words.sign.is_empty() {
        let on_it = at.pointer.is_some_and(|p| p >= x && p < x + 16.0);
        if on_it {
            ink.shape(Fill::Round, [x, at.top + 3.0, 16.0, 20.0], palette.surface, 1.0);
        }
        let left = x + (16.0 - width(widths, Face::Tiny, words.sign)) / 2.0;
        let color = if on_it { palette.text } else { palette.text_3 };
        ink.text(Face::Tiny, (left, middle), false, color, words.sign.to_owned());
    }
    x += 16.0 + GAP - 4.0;
    let dot = [x, at.top + 8.0, 9.0, 9.0];
    if is_missing(row) {
        ink.shape(Fill::Dashes, dot, palette.text_3, 1.0);
    } else {
        ink.shape(Fill::Round, dot, at.color, if faded { FADED } else { 1.0 });
    }
    x += 9.0 + GAP;
    if !words.depth.is_empty() {
        let taken = width(widths, Face::Tiny, &words.depth);
        ink.text(Face::Tiny, (x, middle), false, palette.text_3, words.depth.clone());
        x += taken + GAP;
    }
    // Nothing is known of what is missing but its id, which takes the place of all numbers.
    let right = if is_missing(row) { columns.lane.left } else { columns.name.left + columns.name.width };
    let mut behind: Vec<(Tag, String)> = Vec::new();
    tags(row, &mut |tag, _, text| behind.push((tag, text.to_owned())));
    let taken: f64 = behind.iter().map(|(tag, text)| tag_width(*tag, text, row, widths) + GAP).sum();
    let room = (right - x - taken).max(LEAST_NAME).min(right - x);
    let (face, color) = match () {
        () if is_missing(row) => (Face::Slanted, palette.text_2),
        () if faded => (Face::Body, palette.text_3),
        () if sight.emphasis == Emphasis::Dim => (Face::Strong, palette.text),
        () => (Face::Body, palette.text),
    };
    let name = widths[face as usize].fit(&words.name, room);
    let left = x;
    x += width(widths, face, &name) + GAP;
    ink.text(face, (left, middle), false, color, name);
    for (tag, text) in behind {
        x += draw_tag(ink, (tag, &text), [x, at.top, right - x], (row, faded), palette, widths) + GAP;
    }
    if is_missing(row) {
        return;
    }
    let quiet = if faded { palette.text_3 } else { palette.text_2 };
    let service = columns.service;
    let text = widths[Face::Body as usize].fit(&words.service, service.width - 16.0);
    ink.text(Face::Body, (service.left + 8.0, middle), false, quiet, text);
    for (column, number, face, color) in [
        (columns.start, words.start, Face::Small, palette.text_3),
        (columns.duration, words.duration, Face::Body, quiet),
        (columns.own, words.own, Face::Small, palette.text_3),
    ] {
        let Some((value, unit)) = number.filter(|_| column.width >= 1.0) else { continue };
        let edge = column.left + column.width - PADDING;
        let unit_width = width(widths, face, unit);
        ink.text(face, (edge, middle), true, palette.text_3, unit.to_owned());
        ink.text(face, (edge - unit_width - 2.0, middle), true, color, value);
    }
    if columns.rank.width >= 1.0 {
        let edge = columns.rank.left + columns.rank.width - PADDING;
        let color = if words.high && !faded { palette.warn } else { palette.text_3 };
        ink.text(Face::Small, (edge, middle), true, color, words.rank);
    }
}

fn width(widths: &mut Widths, face: Face, text: &str) -> f64 {
    widths[face as usize].width(text)
}

/// Face of a tag's text, and the space on both sides of it.
fn tag_face(tag: Tag) -> (Face, f64) {
    match tag {
        Tag::Plain | Tag::Error | Tag::Bins => (Face::Tiny, 5.0),
        Tag::Repeats => (Face::TinyStrong, 5.0),
        Tag::Id => (Face::Mono, 0.0),
    }
}

fn tag_width(tag: Tag, text: &str, row: &TreeRow, widths: &mut Widths) -> f64 {
    if tag == Tag::Bins {
        return row.bins.len() as f64 * BIN;
    }
    let (face, padding) = tag_face(tag);
    width(widths, face, text) + padding * 2.0
}

/// Draws a tag, shortened where it does not fit; gives the width that it takes.
fn draw_tag(
    ink: &mut Ink,
    (tag, text): (Tag, &str),
    [x, top, room]: [f64; 3],
    (row, faded): (&TreeRow, bool),
    palette: &Palette,
    widths: &mut Widths,
) -> f64 {
    let (face, padding) = tag_face(tag);
    let wanted = tag_width(tag, text, row, widths);
    if tag == Tag::Bins {
        let most = f64::from(row.bins.iter().copied().max().unwrap_or(0).max(1));
        for (i, &n) in row.bins.iter().enumerate().filter(|(i, n)| **n > 0 && (*i as f64 + 1.0) * BIN <= room)
        {
            let height = (f64::from(n) / most * 12.0).max(1.0).round();
            let area = [x + i as f64 * BIN, top + 19.0 - height, BIN - 1.0, height];
            ink.shape(Fill::Plain, area, palette.text_3, 1.0);
        }
        return wanted;
    }
    let text = widths[face as usize].fit(text, wanted.min(room) - padding * 2.0);
    if text.is_empty() {
        return 0.0;
    }
    let (ground, color) = match tag {
        Tag::Id => (None, palette.text_3),
        _ if faded => (None, palette.text_3),
        Tag::Error => (Some(palette.error_bg), palette.error),
        _ => (Some(palette.surface), palette.text_2),
    };
    let taken = width(widths, face, &text) + padding * 2.0;
    if let Some(ground) = ground {
        ink.shape(Fill::Round, [x, top + 4.0, taken, 17.0], ground, 1.0);
    }
    ink.text(face, (x + padding, top + ROW / 2.0), false, color, text);
    taken
}

/// The bar of a row and what stands on it.
pub(super) fn lane(ink: &mut Ink, row: &TreeRow, at: At, sight: &Sight<'_>) {
    let (palette, most) = (sight.palette, sight.columns.bars());
    let faded = sight.emphasis == Emphasis::Dim && !row.matched;
    let strength = if faded { FADED } else { 1.0 };
    // Left edge and width of a stretch of time, and whether none of it is cut off; nothing where it is out of sight.
    let stretch = |from: f64, to: f64, least: f64| {
        let (from, to) = (sight.visible.share(from) * most, sight.visible.share(to) * most);
        let left = from.max(0.0);
        (to >= 0.0 && from <= most && most > 0.0)
            .then(|| (left, (to.min(most) - left).max(least), from >= 0.0 && to <= most))
    };
    let top = at.top + 6.0;
    let end = row.offset_ns + row.duration_ns;
    if let Some((left, width, whole)) = stretch(row.offset_ns, end, 2.0) {
        let area = [left, top, width, 13.0];
        let fill = if whole && width > 4.0 { Fill::Round } else { Fill::Plain };
        if is_missing(row) {
            ink.shape(Fill::Dashes, area, palette.text_3, 1.0);
        } else if row.repeats > 0 {
            ink.shape(fill, area, at.color, strength * 0.45);
        } else {
            ink.shape(fill, area, at.color, strength);
            if row.error {
                ink.shape(Fill::Hatch, area, palette.error, strength * 0.55);
                let edge = if sight.visible.from <= row.offset_ns { 3.0_f64.min(width) } else { 0.0 };
                ink.shape(Fill::Plain, [left, top, edge, 13.0], palette.error, strength);
            }
        }
    }
    for piece in row.path.as_chunks::<2>().0 {
        if let Some((left, width, _)) = stretch(piece[0], piece[1], 1.0) {
            ink.shape(Fill::Plain, [left, at.top + 17.0, width, 3.0], palette.text, strength);
        }
    }
    if let Some(raw) = row.raw_ns
        && let Some((left, width, _)) = stretch(raw, raw + row.duration_ns, 2.0)
    {
        ink.shape(Fill::Dashes, [left, top, width, 13.0], palette.text_3, 1.0);
    }
    for event in row.events.as_chunks::<2>().0 {
        let Some((left, ..)) = stretch(event[0], event[0], 0.0) else { continue };
        // 1 is an exception and 3 a log record of an error; 2 and 3 are log records.
        let kind = event[1] as u32;
        let wrong = kind % 2 == 1;
        let (width, height, color) =
            if wrong { (2.0, 6.0, palette.error) } else { (1.0, 4.0, palette.on_bar) };
        let y = if kind >= 2 { at.top + 19.0 - height } else { top };
        ink.shape(Fill::Plain, [left, y, width, height], color, 1.0);
    }
}

#[cfg(test)]
mod tests;
