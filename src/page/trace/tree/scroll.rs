//! Scrolling over more rows than a browser can give height to.
//!
//! Browsers cap an element's height (some at 17.9 million pixels). Above [`TALLEST`] the scroll bar runs over a
//! shorter way: small movements move by as much, large ones (the thumb, End) by ratio.

/// Height that every browser can give, CSS pixels.
const TALLEST: f64 = 8_000_000.0;
/// How far the scroll bar may stand beside its right place before it is put there.
const DRIFT: f64 = 200_000.0;

/// Where the view of a long list is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Scroll {
    /// Pixels of the list above the view.
    pub(super) top: f64,
    /// What the scroll bar says.
    bar: f64,
    /// Height of the list.
    pub(super) list: f64,
    /// Height of the view.
    pub(super) view: f64,
}

impl Scroll {
    /// Height to give to the element.
    pub(super) fn height(self) -> f64 {
        self.list.min(TALLEST)
    }

    fn most(self) -> f64 {
        (self.list - self.view).max(0.0)
    }

    fn most_bar(self) -> f64 {
        (self.height() - self.view).max(0.0)
    }

    fn right_bar(self) -> f64 {
        if self.list <= TALLEST { self.top } else { self.top / self.most() * self.most_bar() }
    }

    /// The scroll bar was moved; gives where it is to be put, if elsewhere.
    pub(super) fn moved(&mut self, bar: f64) -> Option<f64> {
        let by = bar - self.bar;
        self.bar = bar;
        if self.list <= TALLEST {
            self.top = bar;
            return None;
        }
        if by.abs() < self.view * 4.0 {
            self.top = (self.top + by).clamp(0.0, self.most());
        } else {
            self.top = (bar / self.most_bar() * self.most()).clamp(0.0, self.most());
        }
        // A bar at its end with less than a pixel left of the list has reached the list's end too.
        if bar <= 0.0 && self.right_bar() < 1.0 {
            self.top = 0.0;
        } else if bar >= self.most_bar() && self.right_bar() > self.most_bar() - 1.0 {
            self.top = self.most();
        }
        let right = self.right_bar();
        let ends = |at: f64, most: f64| at <= 0.0 || at >= most;
        let at_end = ends(bar, self.most_bar()) || ends(self.top, self.most());
        ((right - bar).abs() > DRIFT || (at_end && (right - bar).abs() >= 1.0)).then(|| {
            self.bar = right;
            right
        })
    }

    /// Goes to a place of the list; gives where the scroll bar is to be put.
    pub(super) fn go(&mut self, top: f64) -> f64 {
        self.top = top.clamp(0.0, self.most());
        self.bar = self.right_bar();
        self.bar
    }

    /// Goes as far as needed to show `from..to` of the list, in the middle where it was out of sight.
    pub(super) fn show(&mut self, from: f64, to: f64) -> Option<f64> {
        if from >= self.top && to <= self.top + self.view {
            return None;
        }
        let near = from > self.top - self.view * 0.2 && to < self.top + self.view * 1.2;
        let top = match near {
            true if from < self.top => from,
            true => to - self.view,
            false => (from + to - self.view) / 2.0,
        };
        Some(self.go(top))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_lists_scroll_as_they_are() {
        let mut scroll = Scroll { list: 10_000.0, view: 500.0, ..Scroll::default() };
        assert_eq!((scroll.moved(300.0), scroll.top), (None, 300.0));
        assert_eq!((scroll.show(310.0, 336.0), scroll.top), (None, 300.0));
        assert_eq!((scroll.show(800.0, 826.0), scroll.top), (Some(326.0), 326.0));
        assert_eq!((scroll.show(5000.0, 5026.0), scroll.top), (Some(4763.0), 4763.0));
    }

    #[test]
    fn a_million_rows_reach_both_ends() {
        let mut scroll = Scroll { list: 26e6, view: 600.0, ..Scroll::default() };
        assert_eq!((scroll.moved(100.0), scroll.top), (None, 100.0), "a wheel moves by what it says");
        scroll.moved(4e6);
        assert!((scroll.top - 13e6).abs() < 2000.0, "the thumb moves by ratio");
        scroll.moved(TALLEST - 600.0);
        assert!((scroll.top - (26e6 - 600.0)).abs() < 1e-6);
        // Rolling up a long way: the bar is corrected now and then and never ends too early.
        let mut bar = TALLEST - 600.0;
        while scroll.top > 0.0 {
            bar -= 2000.0;
            assert!(bar > -2000.0);
            bar = scroll.moved(bar.max(0.0)).unwrap_or(bar.max(0.0));
        }
        assert_eq!((scroll.top, scroll.bar), (0.0, 0.0));
    }
}
