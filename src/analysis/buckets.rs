//! Time buckets: `[t, t + step)`, the first anchored at the range's start (script-api.md `series`).
//!
//! Without a range they cover the data from its earliest known start to its last start or end, so that
//! every span whose start is known falls into one.

use super::selection::{Error, Selection};
use crate::store::Store;

/// Most buckets that an answer has.
pub const MOST_BUCKETS: u64 = 100_000;

/// Most buckets that an automatic step gives: as many as a chart can show apart.
const COMFORTABLE: u64 = 120;

const SECOND: u64 = 1_000_000_000;

/// Steps that people read easily, from a second up, in seconds; below it powers of ten times 1, 2 and 5.
const NICE_SECONDS: [u64; 21] = [
    1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800,
    604_800, 1_209_600,
];

/// Equal buckets over a stretch of time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Buckets {
    /// Left edge of the first, nanoseconds since the epoch.
    pub start_ns: u64,
    /// Length of each, nanoseconds.
    pub step_ns: u64,
    /// How many there are.
    pub count: u32,
}

impl Buckets {
    /// Buckets for a selection: of the given length, or of a nice one that suits a chart.
    pub fn of(store: &Store, selection: &Selection<'_>, step_ns: Option<u64>) -> Result<Self, Error> {
        let (start_ns, length) = stretch(store, selection);
        let step_ns = step_ns.map_or_else(|| nice_step(length), |step| step.max(1));
        let wanted = length.div_ceil(step_ns);
        if wanted > MOST_BUCKETS {
            return Err(Error::TooManyBuckets { step_ns, wanted, most: MOST_BUCKETS });
        }
        Ok(Self { start_ns, step_ns, count: wanted as u32 })
    }

    /// A given number of buckets for a selection, as sparklines have them.
    pub fn exactly(store: &Store, selection: &Selection<'_>, count: u32) -> Self {
        let (start_ns, length) = stretch(store, selection);
        let count = if length == 0 { 0 } else { count };
        Self { start_ns, step_ns: length.div_ceil(u64::from(count.max(1))).max(1), count }
    }

    /// The bucket of a time; none outside and for the unknown start 0.
    #[inline]
    pub fn at(&self, ns: u64) -> Option<u32> {
        let bucket = ns.checked_sub(self.start_ns)? / self.step_ns;
        (ns > 0 && bucket < u64::from(self.count)).then_some(bucket as u32)
    }

    /// Left edge of a bucket, nanoseconds since the epoch.
    pub fn edge(&self, bucket: u32) -> u64 {
        self.start_ns.saturating_add(self.step_ns.saturating_mul(u64::from(bucket)))
    }

    /// Length of a bucket in seconds.
    pub fn seconds(&self) -> f64 {
        self.step_ns as f64 / SECOND as f64
    }
}

/// Start and length of the time that the buckets must cover.
fn stretch(store: &Store, selection: &Selection<'_>) -> (u64, u64) {
    if let Some(range) = selection.range {
        return (range.start_ns, range.end_ns.saturating_sub(range.start_ns));
    }
    let Some((start, end)) = store.extent() else {
        // Without a known end there may still be starts.
        let starts = || store.spans().start.range(0..store.len()).filter(|&ns| ns > 0);
        let start = starts().min().unwrap_or(0);
        return (start, starts().max().map_or(0, |last| last.saturating_sub(start).saturating_add(1)));
    };
    let last = store.spans().start.range(0..store.len()).max().unwrap_or(start);
    (start, end.max(last.saturating_add(1)).saturating_sub(start))
}

/// The shortest nice step that cuts a length into a comfortable number of buckets.
fn nice_step(length_ns: u64) -> u64 {
    let enough = |step: u64| length_ns.div_ceil(step) <= COMFORTABLE;
    let below = (0..9).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_u64.pow(power)));
    let above = NICE_SECONDS.into_iter().map(|seconds| seconds * SECOND);
    let days = 86_400 * SECOND;
    below
        .chain(above)
        .find(|&step| enough(step))
        .unwrap_or_else(|| length_ns.div_ceil(COMFORTABLE).div_ceil(days).saturating_mul(days))
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use crate::model::TimeRange;

    #[test]
    fn steps_are_nice_and_few() {
        assert_eq!(nice_step(0), 1);
        assert_eq!(nice_step(120), 1);
        assert_eq!(nice_step(121), 2);
        assert_eq!(nice_step(219 * SECOND), 2 * SECOND);
        assert_eq!(nice_step(3600 * SECOND), 30 * SECOND);
        assert_eq!(nice_step(86_400 * SECOND), 900 * SECOND);
        assert_eq!(nice_step(u64::MAX) % (86_400 * SECOND), 0);
    }

    #[test]
    fn buckets_start_at_the_range_and_cover_every_known_start() {
        let store = store(
            "1 1 0 a server r 1005 1020
             1 2 1 a server r 1025 1015
             1 3 1 a server r 0 1010",
        );
        let all = Buckets::of(&store, &Selection::ALL, Some(10)).unwrap();
        assert_eq!(all, Buckets { start_ns: 1005, step_ns: 10, count: 3 });
        let at = [0, 1004, 1005, 1014, 1015, 1034, 1035].map(|ns| all.at(ns));
        assert_eq!(at, [None, None, Some(0), Some(0), Some(1), Some(2), None]);
        assert_eq!(all.edge(2), 1025);
        let range = Some(TimeRange { start_ns: 1000, end_ns: 1025 });
        let cut = Selection { range, ..Selection::ALL };
        assert_eq!(Buckets::of(&store, &cut, Some(10)).unwrap().count, 3);
        assert_eq!(Buckets::exactly(&store, &cut, 4), Buckets { start_ns: 1000, step_ns: 7, count: 4 });
        let range = Some(TimeRange { start_ns: 0, end_ns: u64::MAX });
        let wide = Selection { range, ..Selection::ALL };
        assert!(matches!(Buckets::of(&store, &wide, Some(1)), Err(Error::TooManyBuckets { .. })));
    }
}
