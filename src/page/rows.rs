//! Where rows of a fixed height stand when only the visible ones exist.
//!
//! Browsers cap an element's height (about 17.9 million pixels in Firefox, 33.5 in Chrome); above
//! [`MAX_PX`] the scroll position is mapped by ratio, so that a million rows still scroll from end to end.

/// The tallest that the rows' space becomes.
const MAX_PX: f64 = 10_000_000.0;
/// Rows kept beyond the visible ones at either end.
const OVERSCAN: usize = 8;

/// The rows that exist, and where the first of them stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Placement {
    /// First row.
    pub first: usize,
    /// One past the last row.
    pub end: usize,
    /// Its top within the space.
    pub top_px: f64,
}

/// Height of the space that `total` rows take.
pub fn space_px(total: usize, row_px: f64) -> f64 {
    (total as f64 * row_px).min(MAX_PX)
}

/// The rows of a viewport `height_px` tall whose top is `scroll_px` below the top of the space.
pub fn place(total: usize, row_px: f64, scroll_px: f64, height_px: f64) -> Placement {
    let (space, whole) = (space_px(total, row_px), total as f64 * row_px);
    let (scroll, height) = (scroll_px.clamp(0.0, space), height_px.max(0.0));
    let ratio = if whole > space && space > height { (whole - height) / (space - height) } else { 1.0 };
    let at = (scroll * ratio).min((whole - row_px).max(0.0));
    let row = (at / row_px).floor();
    let first = (row as usize).saturating_sub(OVERSCAN);
    let shown = (height / row_px).ceil() as usize + 1;
    let end = (row as usize + shown + OVERSCAN).min(total);
    // The row at the viewport's top stands where the unmapped scroll position says.
    let top_px = scroll - (at - row * row_px) - (row - first as f64) * row_px;
    Placement { first: first.min(end), end, top_px }
}

/// The scroll position that brings a row to the top of the viewport.
pub fn scroll_to(total: usize, row_px: f64, height_px: f64, row: usize) -> f64 {
    let (space, whole) = (space_px(total, row_px), total as f64 * row_px);
    let at = row.min(total.saturating_sub(1)) as f64 * row_px;
    if whole > space && whole > height_px { at * (space - height_px) / (whole - height_px) } else { at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_stand_where_they_are() {
        assert_eq!(place(5, 20.0, 0.0, 400.0), Placement { first: 0, end: 5, top_px: 0.0 });
        assert_eq!(place(0, 20.0, 0.0, 400.0), Placement::default());
        let middle = place(1000, 20.0, 5_010.0, 400.0);
        assert_eq!(middle, Placement { first: 242, end: 279, top_px: 4_840.0 });
    }

    #[test]
    fn millions_of_rows_reach_from_end_to_end() {
        let (total, row, height) = (5_000_000, 28.0, 700.0);
        let bottom = space_px(total, row) - height;
        let last = place(total, row, bottom, height);
        assert_eq!(last.end, total);
        let end_px = last.top_px + (last.end - last.first) as f64 * row;
        assert!(
            (end_px - space_px(total, row)).abs() < 0.1,
            "the last row ends where the space ends: {end_px}"
        );
        let scroll = scroll_to(total, row, height, 2_500_000);
        let there = place(total, row, scroll, height);
        let at = there.top_px + (2_500_000 - there.first) as f64 * row;
        assert!((at - scroll).abs() < 0.1, "the wanted row stands at the top");
    }
}
