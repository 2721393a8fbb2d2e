//! A stretch of time that is looked at: zooming, panning and fitting, without any browser.
//!
//! Times are nanoseconds after the trace's start. A stretch never leaves the trace and never gets shorter than
//! [`SHORTEST`].

/// The closest look: single nanoseconds are some pixels wide then.
pub(super) const SHORTEST: f64 = 16.0;

/// From the left edge to the right edge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    /// Left edge.
    pub(super) from: f64,
    /// Right edge.
    pub(super) to: f64,
}

impl Stretch {
    /// The whole of a trace that takes `extent` nanoseconds.
    pub(super) fn whole(extent: f64) -> Self {
        Self { from: 0.0, to: extent.max(1.0) }
    }

    /// How long it is.
    pub(super) fn length(self) -> f64 {
        self.to - self.from
    }

    /// Where a time stands: 0 at the left edge, 1 at the right edge.
    pub(super) fn share(self, ns: f64) -> f64 {
        (ns - self.from) / self.length()
    }

    /// The time at a share of the width.
    pub(super) fn at(self, share: f64) -> f64 {
        self.from + share * self.length()
    }

    /// `factor` times as long, so that `at` stays where it is on the screen.
    pub(super) fn zoomed(self, at: f64, factor: f64, extent: f64) -> Self {
        let length = (self.length() * factor).clamp(SHORTEST.min(extent.max(1.0)), extent.max(1.0));
        let from = at - self.share(at) * length;
        Self { from, to: from + length }.inside(extent)
    }

    /// The same length, later by `ns`.
    pub(super) fn panned(self, ns: f64, extent: f64) -> Self {
        Self { from: self.from + ns, to: self.to + ns }.inside(extent)
    }

    /// A span with some air around it.
    pub(super) fn around(from: f64, to: f64, extent: f64) -> Self {
        let length = (to - from).max(SHORTEST / 2.0);
        let air = length * 0.05;
        Self { from: from - air, to: from + length + air }.inside(extent)
    }

    /// The same length moved, or shortened where it must be, to lie within the trace.
    pub(super) fn inside(self, extent: f64) -> Self {
        let extent = extent.max(1.0);
        let length = self.length().min(extent);
        let from = self.from.clamp(0.0, extent - length);
        Self { from, to: from + length }
    }

    /// Whether nothing of the trace is left out.
    pub(super) fn is_whole(self, extent: f64) -> bool {
        self.from <= 0.0 && self.to >= extent
    }

    /// The way from here to `target`, `share` of it done: lengths by ratio, so that zooming looks even.
    pub(super) fn toward(self, target: Self, share: f64) -> Self {
        let length = self.length() * (target.length() / self.length()).powf(share);
        let done = if (target.length() - self.length()).abs() < 1e-9 * self.length() {
            share
        } else {
            (length - self.length()) / (target.length() - self.length())
        };
        let from = self.from + (target.from - self.from) * done;
        Self { from, to: from + length }
    }
}

/// Round times for a ruler: at most `most` steps of 1, 2 or 5 times a power of ten, within the stretch.
pub(super) fn ticks(stretch: Stretch, most: usize) -> (f64, Vec<f64>) {
    let rough = (stretch.length() / most.max(1) as f64).max(1.0);
    let power = 10_f64.powi(rough.log10().floor() as i32);
    let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|m| m * power).find(|s| *s >= rough).unwrap_or(rough);
    let first = (stretch.from / step).ceil();
    let count = ((stretch.to / step).floor() - first).clamp(-1.0, 1000.0) as i64;
    (step, (0..=count).map(|i| (first + i as f64) * step).collect())
}

/// A ruler's text for a time, as fine as its step needs, so that neighbors always differ; `end` is the ruler's
/// last time, whose unit all of it has.
pub(super) fn tick_text(ns: f64, step: f64, end: f64) -> String {
    let magnitude = end.abs().max(step);
    let (unit, name) = [(1e9, "s"), (1e6, "ms"), (1e3, "µs")]
        .into_iter()
        .find(|(unit, _)| magnitude >= *unit)
        .unwrap_or((1.0, "ns"));
    let decimals = ((unit / step).log10().ceil()).clamp(0.0, 9.0) as usize;
    let mut text = format!("{:.decimals$}", ns / unit);
    if (1..=3).contains(&decimals) {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    format!("{text} {name}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn zooming_holds_the_time_under_the_pointer() {
        let zoomed = Stretch::whole(1000.0).zoomed(250.0, 0.5, 1000.0);
        assert_eq!(zoomed, Stretch { from: 125.0, to: 625.0 });
        assert!((zoomed.share(250.0) - 0.25).abs() < 1e-12);
        assert_eq!(zoomed.zoomed(250.0, 100.0, 1000.0), Stretch::whole(1000.0));
        assert!((Stretch::whole(1e9).zoomed(5e8, 1e-12, 1e9).length() - SHORTEST).abs() < 0.5);
    }

    #[test]
    fn rulers_have_round_times() {
        let texts = |from, to| {
            let (step, ticks) = ticks(Stretch { from, to }, 5);
            ticks.into_iter().map(|t| tick_text(t, step, to)).collect::<Vec<_>>()
        };
        assert_eq!(texts(0.0, 2.018e9), ["0 s", "0.5 s", "1 s", "1.5 s", "2 s"]);
        assert_eq!(
            texts(1_500_000_010.0, 1_500_000_020.0),
            [
                "1.500000010 s",
                "1.500000012 s",
                "1.500000014 s",
                "1.500000016 s",
                "1.500000018 s",
                "1.500000020 s"
            ]
        );
    }

    proptest! {
        #[test]
        fn no_gesture_leaves_the_trace(
            extent in 1.0..1e15_f64,
            steps in prop::collection::vec((0.0..1.0_f64, 0.01..100.0_f64, -1.0..1.0_f64), 1..20),
        ) {
            let mut stretch = Stretch::whole(extent);
            for (share, factor, pan) in steps {
                stretch = stretch.zoomed(stretch.at(share), factor, extent).panned(pan * extent, extent);
                prop_assert!(stretch.from >= 0.0 && stretch.to <= extent * (1.0 + 1e-9));
                prop_assert!(stretch.length() > 0.0);
            }
        }
    }
}
