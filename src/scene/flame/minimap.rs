//! The whole trace in one line of pixels: how busy, how deep, and where the errors are.

use super::Layout;

/// One value a pixel column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Minimap {
    /// Spans that are active in the column on average, over time.
    pub density: Vec<f32>,
    /// Lanes down to the lowest span that touches the column; 0 where there is none.
    pub depth: Vec<u32>,
    /// Error spans that touch the column.
    pub errors: Vec<u32>,
}

impl Layout {
    /// The minimap of the whole trace over `width_px` columns: O(spans + columns), so made once a width.
    pub fn minimap(&self, width_px: u32) -> Minimap {
        let width = width_px as usize;
        if width == 0 {
            return Minimap::default();
        }
        let scale = f64::from(width_px) / self.duration_ns as f64;
        // Running sums: `slope` is how many spans begin to be active for whole columns, `partial` the rest.
        let mut slope = vec![0.0_f64; width + 1];
        let mut partial = vec![0.0_f64; width];
        let mut error_edges = vec![0_i64; width + 1];
        let mut depth = vec![0_u32; width];
        // The next column at or after this one whose depth is not known; the deepest lanes come first.
        let mut unknown: Vec<u32> = (0..=width_px).collect();

        for lane in (0..self.lanes()).rev() {
            for position in self.positions(lane) {
                let x0 = self.start[position] as f64 * scale;
                let x1 = self.end[position] as f64 * scale;
                let first = (x0 as usize).min(width - 1);
                let last = (x1.ceil() as usize).saturating_sub(1).clamp(first, width - 1);
                if first == last {
                    partial[first] += x1 - x0;
                } else {
                    partial[first] += (first + 1) as f64 - x0;
                    partial[last] += x1 - last as f64;
                    slope[first + 1] += 1.0;
                    slope[last] -= 1.0;
                }
                if self.errors[position + 1] > self.errors[position] {
                    error_edges[first] += 1;
                    error_edges[last + 1] -= 1;
                }
                let mut column = next_unknown(&mut unknown, first);
                while column <= last {
                    depth[column] = lane + 1;
                    unknown[column] = column as u32 + 1;
                    column = next_unknown(&mut unknown, column);
                }
            }
        }
        let (mut whole, mut errors) = (0.0, 0);
        let mut map = Minimap { depth, ..Minimap::default() };
        for column in 0..width {
            whole += slope[column];
            errors += error_edges[column];
            map.density.push((whole + partial[column]) as f32);
            map.errors.push(errors as u32);
        }
        map
    }
}

/// Follows the chain to the next unknown column, halving the way for those who come later.
fn next_unknown(unknown: &mut [u32], mut column: usize) -> usize {
    while unknown[column] as usize != column {
        let next = unknown[column] as usize;
        unknown[column] = unknown[next];
        column = next;
    }
    column
}
