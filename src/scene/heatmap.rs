//! When and how long: spans counted by start and by duration on a logarithmic scale.
//!
//! A cell is a column of time and a row of durations; a selection of cells is a time range and a duration
//! range, exact to the nanosecond, so it can be asked for in turn.

use super::shapes::{Anchor, Form, Shapes};
use super::time_axis;
use crate::model::format_duration;

/// Spans by start (columns) and duration (rows, the shortest at 0).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heatmap {
    /// The time range, nanoseconds since the epoch, half-open.
    pub x_range_ns: (u64, u64),
    /// How many columns there are.
    pub columns: u32,
    /// How many rows there are.
    pub rows: u32,
    /// Rows in a factor of ten.
    pub per_decade: u32,
    /// Number of row 0 counted from 1 ns: row `r` begins at `10^((first_row + r) / per_decade)` nanoseconds.
    pub first_row: u32,
    /// Spans in each cell, row by row.
    pub counts: Vec<u32>,
    /// Error spans in each cell.
    pub errors: Vec<u32>,
    /// The highest count.
    pub highest: u32,
}

/// Rows in a factor of ten, at most.
const FINEST: u32 = 20;

impl Heatmap {
    /// Counts spans, given as (start, duration, error); those outside the range are left out.
    pub fn build(
        spans: impl Iterator<Item = (u64, u64, bool)> + Clone,
        x_range_ns: (u64, u64),
        columns: u32,
        max_rows: u32,
    ) -> Self {
        let (from, to) = x_range_ns;
        let columns = columns.clamp(1, 4096);
        let inside = spans.filter(move |&(start, ..)| from <= start && start < to);
        let range = inside.clone().fold(None, |range: Option<(u64, u64)>, (_, ns, _)| {
            let (low, high) = range.unwrap_or((ns, ns));
            Some((low.min(ns), high.max(ns)))
        });
        let Some((low, high)) = range else {
            return Self { x_range_ns, columns, ..Self::default() };
        };
        // As fine as the rows allow: the decades that are needed decide.
        let decades = decades(high) - decades(low);
        let per_decade = ((f64::from(max_rows.clamp(2, 1024)) - 2.0) / decades.max(0.05))
            .clamp(1.0, f64::from(FINEST)) as u32;
        let first_row = row_of(low, per_decade);
        let rows = row_of(high, per_decade) - first_row + 1;
        let cells = columns as usize * rows as usize;
        let mut map = Self {
            x_range_ns,
            columns,
            rows,
            per_decade,
            first_row,
            counts: vec![0; cells],
            errors: vec![0; cells],
            highest: 0,
        };
        for (start, ns, error) in inside {
            let cell = map.cell(map.column_of(start), row_of(ns, per_decade) - first_row);
            map.counts[cell] += 1;
            map.errors[cell] += u32::from(error);
            map.highest = map.highest.max(map.counts[cell]);
        }
        map
    }

    /// Index of a cell in [`counts`](Self::counts).
    pub fn cell(&self, column: u32, row: u32) -> usize {
        row as usize * self.columns as usize + column as usize
    }

    /// The column of an instant inside the range.
    pub fn column_of(&self, ns: u64) -> u32 {
        let (from, to) = self.x_range_ns;
        let length = u128::from(to.saturating_sub(from).max(1));
        (u128::from(ns.saturating_sub(from)) * u128::from(self.columns) / length)
            .min(u128::from(self.columns) - 1) as u32
    }

    /// First instant of a column; that of the column behind the last is the end of the range.
    pub fn column_start_ns(&self, column: u32) -> u64 {
        let (from, to) = self.x_range_ns;
        let length = u128::from(to.saturating_sub(from));
        from + (length * u128::from(column)).div_ceil(u128::from(self.columns.max(1))) as u64
    }

    /// Shortest duration in a row, nanoseconds; the row at the bottom of the scale begins at 0.
    pub fn row_start_ns(&self, row: u32) -> u64 {
        let number = self.first_row + row;
        if number == 0 { 0 } else { start_of(number, self.per_decade) }
    }

    /// How hot a cell is, 0 (empty) to 10: logarithmic, so that a lone span is seen beside thousands.
    pub fn heat(&self, cell: usize) -> u32 {
        match self.counts.get(cell) {
            None | Some(0) => 0,
            Some(&n) => {
                1 + (9.0 * f64::from(n).ln() / f64::from(self.highest.max(2)).ln()).round().min(9.0) as u32
            }
        }
    }

    /// The heatmap as shapes: cells `heat-0` to `heat-9` (`heat-error-N` where half or more are errors), axes,
    /// or a sentence.
    pub fn shapes(&self, width: f64, height: f64) -> Shapes {
        let mut shapes = Shapes::new(width, height);
        let plot = (height - 20.0).max(1.0);
        let (cell_width, cell_height) =
            (width / f64::from(self.columns.max(1)), plot / f64::from(self.rows.max(1)));
        for row in 0..self.rows {
            for column in 0..self.columns {
                let cell = self.cell(column, row);
                if self.counts[cell] == 0 {
                    continue;
                }
                let kind = if 2 * self.errors[cell] >= self.counts[cell] { "heat-error" } else { "heat" };
                let (x, y) = (f64::from(column) * cell_width, plot - f64::from(row + 1) * cell_height);
                let form = Form::Rect { x, y, width: cell_width, height: cell_height };
                shapes.push(format!("{kind}-{}", self.heat(cell) - 1), form);
            }
        }
        if self.rows == 0 {
            shapes.text("empty", width / 2.0, plot / 2.0, Anchor::Middle, "No spans in this time range");
        }
        // Durations at powers of ten, inside at the right.
        for row in (0..=self.rows)
            .filter(|row| self.rows > 0 && (self.first_row + row).is_multiple_of(self.per_decade))
        {
            let y = plot - f64::from(row) * cell_height;
            let (value, unit) = format_duration(start_of(self.first_row + row, self.per_decade) as f64);
            shapes.push("grid", Form::Line(vec![(0.0, y), (width, y)]));
            let baseline = if y < 15.0 { y + 12.0 } else { y - 4.0 };
            shapes.text("axis-text", width, baseline, Anchor::End, format!("{value} {unit}"));
        }
        let length = self.x_range_ns.1.saturating_sub(self.x_range_ns.0).max(1) as f64;
        let max = (width / 90.0).clamp(1.0, 100.0) as u32;
        for tick in time_axis::ticks(self.x_range_ns.0, self.x_range_ns.1, max, 0) {
            let x = tick.ns / length * width;
            let anchor = if x < 24.0 {
                Anchor::Start
            } else if x > width - 24.0 {
                Anchor::End
            } else {
                Anchor::Middle
            };
            shapes.text("axis-text", x, plot + 14.0, anchor, tick.label);
        }
        shapes
    }
}

fn decades(ns: u64) -> f64 {
    (ns.max(1) as f64).log10()
}

/// The first whole nanosecond of a row.
fn start_of(number: u32, per_decade: u32) -> u64 {
    // A hair less, so that powers of ten are not rounded up to the next nanosecond.
    (10_f64.powf(f64::from(number) / f64::from(per_decade.max(1))) * (1.0 - 1e-12)).ceil() as u64
}

/// The row of a duration, consistent with [`start_of`] to the nanosecond.
fn row_of(ns: u64, per_decade: u32) -> u32 {
    let ns = ns.max(1);
    let mut row = (decades(ns) * f64::from(per_decade)) as u32;
    while row > 0 && start_of(row, per_decade) > ns {
        row -= 1;
    }
    while start_of(row + 1, per_decade) <= ns && row < 20 * per_decade {
        row += 1;
    }
    row
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spans_fall_into_cells_of_time_and_duration() {
        let spans =
            [(100, 1_000, false), (149, 1_500, true), (150, 10_000, false), (199, 0, false), (200, 5, false)];
        let map = Heatmap::build(spans.into_iter(), (100, 200), 2, 7);
        assert_eq!((map.rows, map.per_decade, map.first_row, map.highest), (5, 1, 0, 2));
        let cells: Vec<(usize, u32, u32)> = (0..map.counts.len())
            .filter(|&c| map.counts[c] > 0)
            .map(|c| (c, map.counts[c], map.errors[c]))
            .collect();
        assert_eq!(cells, [(1, 1, 0), (6, 2, 1), (9, 1, 0)]);
        assert_eq!((map.column_start_ns(1), map.column_start_ns(2)), (150, 200));
        assert_eq!((map.row_start_ns(0), map.row_start_ns(3), map.row_start_ns(4)), (0, 1_000, 10_000));
        assert_eq!((map.heat(0), map.heat(1), map.heat(6)), (0, 1, 10));
        let dump = map.shapes(200.0, 120.0).dump();
        assert!(dump.contains("heat-error-9: rect 0,20 100x20\n"), "{dump}");
        assert!(dump.contains("text 200,36 end \"1 µs\""), "{dump}");
    }

    #[test]
    fn nothing_in_range_is_a_sentence() {
        let map = Heatmap::build([(5, 5, false)].into_iter(), (100, 200), 10, 10);
        assert!(map.shapes(200.0, 100.0).dump().contains("No spans"));
        Heatmap::build([(5, 5, false)].into_iter(), (5, 5), 0, 0).shapes(0.0, 0.0);
    }

    proptest! {
        #[test]
        fn a_cell_holds_what_its_ranges_say(
            spans in prop::collection::vec((0..1000_u64, 0..u64::MAX, any::<bool>(), 0..64_u32), 1..50),
            columns in 1..50_u32, max_rows in 0..80_u32,
        ) {
            let spans: Vec<(u64, u64, bool)> = spans.into_iter().map(|(s, d, e, shift)| (s, d >> shift, e)).collect();
            let map = Heatmap::build(spans.iter().copied(), (0, 1000), columns, max_rows);
            for row in 0..map.rows {
                for column in 0..columns {
                    let count = spans.iter().filter(|&&(start, ns, _)| {
                        map.column_start_ns(column) <= start && start < map.column_start_ns(column + 1)
                            && map.row_start_ns(row) <= ns
                            && (row + 1 == map.rows || ns < map.row_start_ns(row + 1))
                    }).count();
                    prop_assert_eq!(map.counts[map.cell(column, row)] as usize, count, "{} {}", column, row);
                }
            }
        }
    }
}
