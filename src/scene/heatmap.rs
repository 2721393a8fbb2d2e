//! When and how long: spans counted by start and by duration on a logarithmic scale.
//!
//! A cell is a column of time and a row of durations whose edges are whole nanoseconds, so a selection of cells
//! is a time range and a duration range that can be asked for in turn, exactly.

use super::shapes::{Anchor, Form, GUTTER, Shapes};
use super::time_axis;
use crate::model::format_duration;

/// Spans by start (columns) and duration (rows, the shortest at 0).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heatmap {
    /// Left edge of the first column, nanoseconds since the epoch.
    pub start_ns: u64,
    /// Length of a column, nanoseconds.
    pub step_ns: u64,
    /// How many columns there are.
    pub columns: usize,
    /// Shortest duration of each row, and where the last row ends, nanoseconds.
    pub edges_ns: Vec<u64>,
    /// Spans in each cell, column by column.
    pub counts: Vec<u32>,
    /// Error spans in each cell.
    pub errors: Vec<u32>,
    /// The spans one by one, the earliest first; where there are any, they are drawn and not the cells.
    pub singles: Vec<Single>,
}

/// A span that is drawn by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Single {
    /// Nanoseconds since the first column's left edge.
    pub since_ns: f64,
    /// Nanoseconds.
    pub duration_ns: f64,
    /// Whether its status is ERROR.
    pub failed: bool,
}

/// A rectangle of cells; both corners belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cells {
    /// First and last column.
    pub columns: (usize, usize),
    /// First and last row.
    pub rows: (usize, usize),
}

impl Cells {
    /// The rectangle between two cells, given as column and row.
    pub fn between(a: (usize, usize), b: (usize, usize)) -> Self {
        Self { columns: (a.0.min(b.0), a.0.max(b.0)), rows: (a.1.min(b.1), a.1.max(b.1)) }
    }
}

/// Room below the plot for times.
const AXIS_HEIGHT: f64 = 20.0;
/// Kinds of heat, from faint to full.
const LEVELS: usize = 10;

impl Heatmap {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.edges_ns.len().saturating_sub(1)
    }

    /// Spans and error spans in a cell.
    pub fn cell(&self, column: usize, row: usize) -> (u32, u32) {
        let at = column * self.rows() + row;
        let of = |list: &[u32]| list.get(at).copied().unwrap_or(0);
        if row < self.rows() { (of(&self.counts), of(&self.errors)) } else { (0, 0) }
    }

    /// The cell at a pixel of a drawing of this size; one outside counts as the nearest. None without cells.
    pub fn cell_at(&self, x: f64, y: f64, width: f64, height: f64) -> Option<(usize, usize)> {
        if self.columns == 0 || self.rows() == 0 {
            return None;
        }
        let place = |share: f64, n: usize| ((share.clamp(0.0, 1.0) * n as f64) as usize).min(n - 1);
        let plot = plot_height(height);
        Some((place(x / width.max(1.0), self.columns), place((plot - y) / plot, self.rows())))
    }

    /// Left, top, width and height of some cells in a drawing of this size.
    pub fn place(&self, cells: Cells, width: f64, height: f64) -> [f64; 4] {
        let (w, h) = self.cell_size(width, height);
        let (columns, rows) = (cells.columns, cells.rows);
        let left = columns.0 as f64 * w;
        let top = plot_height(height) - (rows.1 + 1) as f64 * h;
        [left, top, (columns.1 + 1 - columns.0) as f64 * w, (rows.1 + 1 - rows.0) as f64 * h]
    }

    /// First nanosecond of a column, since the epoch.
    pub fn time(&self, column: usize) -> u64 {
        self.start_ns.saturating_add(self.step_ns.saturating_mul(column as u64))
    }

    /// Spans and error spans in some cells.
    pub fn sum(&self, cells: Cells) -> (u64, u64) {
        let mut sum = (0, 0);
        for column in cells.columns.0..=cells.columns.1 {
            for row in cells.rows.0..=cells.rows.1 {
                let (spans, errors) = self.cell(column, row);
                sum.0 += u64::from(spans);
                sum.1 += u64::from(errors);
            }
        }
        sum
    }

    /// Spans by row over the whole time.
    pub fn by_duration(&self) -> Vec<u64> {
        let mut sums = vec![0; self.rows()];
        for column in self.counts.chunks_exact(self.rows().max(1)) {
            for (sum, &count) in sums.iter_mut().zip(column) {
                *sum += u64::from(count);
            }
        }
        sums
    }

    /// The heatmap as shapes: cells `heat-0` to `heat-9` (`heat-error-N` where half or more are errors), axes,
    /// or a sentence. Cells of one heat are one shape: a page has twenty nodes, not ten thousand.
    /// `offset_s` is what the clock shows more than UTC, in seconds.
    pub fn shapes(&self, width: f64, height: f64, offset_s: i32) -> Shapes {
        let mut shapes = Shapes::plot(width, height);
        let plot = plot_height(height);
        let highest = self.counts.iter().copied().max().unwrap_or(0);
        let mut boxes: Vec<Vec<[f64; 4]>> = vec![Vec::new(); 2 * LEVELS];
        for column in 0..self.columns {
            for row in 0..self.rows() {
                let (spans, errors) = self.cell(column, row);
                if spans > 0 {
                    let cells = Cells { columns: (column, column), rows: (row, row) };
                    let failing = usize::from(u64::from(errors) * 2 >= u64::from(spans));
                    boxes[failing * LEVELS + heat(spans, highest)].push(self.place(cells, width, height));
                }
            }
        }
        if !self.singles.is_empty() {
            boxes.clear();
            self.mark(&mut shapes);
        }
        for (i, list) in boxes.into_iter().enumerate().filter(|(_, list)| !list.is_empty()) {
            let kind = if i < LEVELS { "heat" } else { "heat-error" };
            shapes.push(format!("{kind}-{}", i % LEVELS), Form::Boxes(list));
        }
        if highest == 0 {
            let middle = plot / 2.0;
            shapes.text("empty", width / 2.0, middle, Anchor::Middle, "No calls in this time range");
        }
        // Durations at powers of ten, at the right.
        for (at, label) in decades(&self.edges_ns) {
            let y = plot - at / self.rows() as f64 * plot;
            shapes.push("grid", Form::Line(vec![(0.0, y), (width, y)]));
            shapes.text("axis-text", width + 6.0, (y + 4.0).max(11.0), Anchor::Start, label);
        }
        let length = self.step_ns.saturating_mul(self.columns as u64);
        let max = (width / 90.0).clamp(1.0, 100.0) as u32;
        for tick in time_axis::ticks(self.start_ns, self.start_ns.saturating_add(length), max, offset_s) {
            let x = tick.ns / length.max(1) as f64 * width;
            shapes.text("axis-text", x, plot + 14.0, anchor(x, width), tick.label);
        }
        shapes
    }

    /// Where a span stands in a drawing of this size.
    pub fn spot(&self, single: Single, width: f64, height: f64) -> (f64, f64) {
        let (w, h) = self.cell_size(width, height);
        let row = self.edges_ns.partition_point(|&edge| edge as f64 <= single.duration_ns).saturating_sub(1);
        let edge = |row: usize| self.edges_ns.get(row).map_or(0.0, |&edge| edge as f64);
        let (from, to) = (edge(row), edge(row + 1));
        // Of the widest row only the beginning is known; a span of no length stands in the middle of its row.
        let part =
            if to > from + 1.0 { ((single.duration_ns - from) / (to - from)).clamp(0.0, 1.0) } else { 0.5 };
        let x = single.since_ns / self.step_ns.max(1) as f64 * w;
        (x, plot_height(height) - (row as f64 + part) * h)
    }

    /// The span drawn nearest to a pixel, where one is near enough to be meant.
    pub fn single_at(&self, x: f64, y: f64, width: f64, height: f64) -> Option<usize> {
        const NEAR: f64 = 8.0;
        let mut best = (NEAR * NEAR, None);
        for (i, &single) in self.singles.iter().enumerate() {
            let (at_x, at_y) = self.spot(single, width, height);
            let distance = (at_x - x).powi(2) + (at_y - y).powi(2);
            if distance < best.0 {
                best = (distance, Some(i));
            }
        }
        best.1
    }

    /// Squares for spans, larger stars in front for failed ones.
    fn mark(&self, shapes: &mut Shapes) {
        let (mut plain, mut failed) = (Vec::new(), Vec::new());
        for &single in &self.singles {
            let (x, y) = self.spot(single, shapes.width - GUTTER, shapes.height);
            if single.failed {
                failed.extend(
                    [[1.5, 4.5], [3.0, 3.0], [4.5, 1.5]].map(|[w, h]| [x - w, y - h, 2.0 * w, 2.0 * h]),
                );
            } else {
                plain.push([x - 2.0, y - 2.0, 4.0, 4.0]);
            }
        }
        shapes.push("marks", Form::Boxes(plain));
        shapes.push("marks-error", Form::Boxes(failed));
    }

    fn cell_size(&self, width: f64, height: f64) -> (f64, f64) {
        (width / self.columns.max(1) as f64, plot_height(height) / self.rows().max(1) as f64)
    }
}

fn plot_height(height: f64) -> f64 {
    (height - AXIS_HEIGHT).max(1.0)
}

/// Which end of a label stands at `x`, so that none is cut at the drawing's edge.
pub(super) fn anchor(x: f64, width: f64) -> Anchor {
    match x {
        x if x < 24.0 => Anchor::Start,
        x if x > width - 24.0 => Anchor::End,
        _ => Anchor::Middle,
    }
}

/// How hot a cell is: logarithmic, so that a lone span is seen beside thousands.
fn heat(spans: u32, highest: u32) -> usize {
    let share = f64::from(spans.max(1)).ln() / f64::from(highest.max(2)).ln();
    ((LEVELS - 1) as f64 * share).round().min((LEVELS - 1) as f64) as usize
}

/// Powers of ten within rows of durations: where each stands, in rows from the first, and its label.
pub(super) fn decades(edges_ns: &[u64]) -> Vec<(f64, String)> {
    let powers = (0..20).map(|power| 10_u64.pow(power));
    let place = |ns: u64| {
        let row = edges_ns.partition_point(|&edge| edge <= ns).checked_sub(1)?;
        let (from, to) = (edges_ns[row], *edges_ns.get(row + 1)?);
        let (value, unit) = format_duration(ns as f64);
        let part = (ns - from) as f64 / (to - from).max(1) as f64;
        Some((row as f64 + part, format!("{value} {unit}")))
    };
    powers.filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::shapes::short;

    fn map() -> Heatmap {
        Heatmap {
            start_ns: 1_000_000_000,
            step_ns: 500_000_000,
            columns: 2,
            edges_ns: vec![896, 1024, 1280, 1536],
            counts: vec![1, 0, 0, 0, 8, 2],
            errors: vec![0, 0, 0, 0, 4, 0],
            singles: Vec::new(),
        }
    }

    #[test]
    fn few_spans_are_marks_that_can_be_met() {
        let single = |since_ns, duration_ns, failed| Single { since_ns, duration_ns, failed };
        let singles =
            vec![single(0.0, 896.0, false), single(500e6, 1152.0, false), single(750e6, 1280.0, true)];
        let map = Heatmap { singles, ..map() };
        let dump = map.shapes(100.0, 80.0, 0).dump();
        assert!(dump.starts_with(
            "marks: boxes -2,58 4x4 48,28 4x4\nmarks-error: boxes 73.5,15.5 3x9 72,17 6x6 70.5,18.5 9x3\ngrid:"
        ));
        assert_eq!(map.single_at(74.0, 25.0, 100.0, 80.0), Some(2));
        assert_eq!(map.single_at(49.0, 31.0, 100.0, 80.0), Some(1));
        assert_eq!(map.single_at(25.0, 30.0, 100.0, 80.0), None);
        // A mark lies in the cell that counts it.
        for (&single, cell) in map.singles.iter().zip([(0, 0), (1, 1), (1, 2)]) {
            let (x, y) = map.spot(single, 100.0, 80.0);
            assert_eq!(map.cell_at(x, y - 1e-9, 100.0, 80.0), Some(cell));
        }
    }

    #[test]
    fn cells_of_one_heat_are_one_shape() {
        assert_eq!(
            map().shapes(100.0, 80.0, 0).dump(),
            "\
heat-0: boxes 0,40 50x20
heat-3: boxes 50,0 50x20
heat-error-9: boxes 50,20 50x20
grid: line 0,43.75 100,43.75
axis-text: text 106,47.75 start \"1 µs\"
axis-text: text 0,74 start \"00:00:01\"
axis-text: text 100,74 end \"00:00:02\"
"
        );
        assert!(Heatmap::default().shapes(100.0, 80.0, 0).dump().contains("No calls"));
    }

    #[test]
    fn pixels_lead_to_cells_and_back() {
        let map = map();
        assert_eq!(map.cell_at(99.0, 30.0, 100.0, 80.0), Some((1, 1)));
        assert_eq!(map.cell_at(-5.0, 500.0, 100.0, 80.0), Some((0, 0)));
        assert_eq!(Heatmap::default().cell_at(1.0, 1.0, 9.0, 9.0), None);
        let cells = Cells::between((1, 2), (0, 1));
        assert_eq!(map.place(cells, 100.0, 80.0).map(short), ["0", "0", "100", "40"]);
        assert_eq!(map.sum(cells), (10, 4));
        assert_eq!(map.by_duration(), [1, 8, 2]);
        assert_eq!((map.time(0), map.time(2)), (1_000_000_000, 2_000_000_000));
        assert_eq!(map.cell(9, 9), (0, 0));
    }

    #[test]
    fn no_size_makes_it_panic() {
        for size in [f64::NAN, 0.0, -3.0, 1e9] {
            map().shapes(size, size, 0);
            map().cell_at(size, size, size, size);
        }
    }
}
