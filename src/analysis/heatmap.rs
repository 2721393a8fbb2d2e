//! How many spans were how slow, and when: latency histogram and heatmap.
//!
//! Durations fall into bins that grow with them, four to each doubling: 0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14,
//! 16, 20 … ns. Edges are whole nanoseconds and the same for every selection, so two heatmaps can be laid side
//! by side, and a box drawn over cells is an exact range of time and duration.

use super::buckets::Buckets;
use super::selection::{Checkpoint, Error, Selection};
use super::series::Subject;
use crate::store::{Store, order};

/// The bin of a duration in nanoseconds.
#[inline]
pub fn bin_of(duration_ns: u64) -> u32 {
    if duration_ns < 4 {
        return duration_ns as u32;
    }
    let octave = duration_ns.ilog2();
    (octave - 1) * 4 + ((duration_ns >> (octave - 2)) & 3) as u32
}

/// Smallest duration of a bin, nanoseconds; one past the last bin gives [`u64::MAX`].
pub fn bin_edge(bin: u32) -> u64 {
    match bin {
        0..4 => u64::from(bin),
        252.. => u64::MAX,
        _ => u64::from(4 + bin % 4) << (bin / 4 - 1),
    }
}

/// Spans by time and duration.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Heatmap {
    /// Over time.
    pub buckets: Buckets,
    /// The bin of the shortest span.
    pub first_bin: u32,
    /// How many bins there are up to that of the longest span; 0 without spans.
    pub bins: u32,
    /// Spans by bucket, and within a bucket by bin; what they stand for, rounded, where the selection weighs them.
    pub counts: Vec<u32>,
    /// Those with status ERROR, in the same order.
    pub errors: Vec<u32>,
    /// The spans one by one, the earliest first, where they are no more than were asked for.
    pub rows: Vec<u32>,
}

impl Heatmap {
    /// Spans by bin over the whole time: the histogram.
    pub fn histogram(&self) -> Vec<u64> {
        let mut sums = vec![0; self.bins as usize];
        for bucket in self.counts.chunks_exact((self.bins as usize).max(1)) {
            for (sum, &count) in sums.iter_mut().zip(bucket) {
                *sum += u64::from(count);
            }
        }
        sums
    }
}

/// Counts the selected spans of a subject by time and duration; spans of unknown start are in no cell. Up to `singly`
/// spans are also named.
pub fn heatmap(
    store: &Store,
    selection: &Selection<'_>,
    subject: Subject,
    step_ns: Option<u64>,
    singly: usize,
    checkpoint: &dyn Checkpoint,
) -> Result<Heatmap, Error> {
    let spans = store.spans();
    let buckets = Buckets::of(store, selection, step_ns)?;
    // Bucket, bin, error and weight of each span; the bins that are met are known only at the end.
    let mut cells: Vec<(u32, u8, bool, f64)> = Vec::new();
    let mut rows = Vec::new();
    selection.each(store, checkpoint, |row| {
        if subject.has(store, row)
            && let Some(bucket) = buckets.at(spans.start.get(row as usize))
        {
            let bin = bin_of(spans.duration(row)) as u8;
            cells.push((bucket, bin, spans.is_error(row), selection.weight(row)));
            if rows.len() <= singly {
                rows.push(row);
            }
        }
    })?;
    if rows.len() > singly {
        rows.clear();
    }
    order::sort_by_key(&mut rows, |&row| (spans.start.get(row as usize), row));
    let first_bin = cells.iter().map(|c| c.1).min().unwrap_or(0);
    let bins = cells.iter().map(|c| c.1).max().map_or(0, |last| u32::from(last - first_bin) + 1);
    let size = buckets.count as usize * bins as usize;
    let (mut counts, mut errors) = (vec![0.0; size], vec![0.0; size]);
    for (bucket, bin, error, weight) in cells {
        let cell = bucket as usize * bins as usize + usize::from(bin - first_bin);
        counts[cell] += weight;
        if error {
            errors[cell] += weight;
        }
    }
    let whole = |sums: Vec<f64>| sums.into_iter().map(|sum| sum.round() as u32).collect();
    Ok(Heatmap {
        buckets,
        first_bin: u32::from(first_bin),
        bins,
        counts: whole(counts),
        errors: whole(errors),
        rows,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::Uninterrupted;
    use super::super::testing::{store, stores};
    use super::*;

    #[test]
    fn bins_grow_with_the_duration() {
        let edges: Vec<u64> = (0..18).map(bin_edge).collect();
        assert_eq!(edges, [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40]);
        assert_eq!(bin_of(u64::MAX), 251);
        assert_eq!(bin_edge(252), u64::MAX);
    }

    #[test]
    fn cells_stand_by_bucket_and_bin() {
        let store = store(
            "1 1 0 web server GET 100 104
             1 2 0 web server GET 105 112 error
             1 3 0 web server GET 111 115
             1 4 0 web server GET 111 115",
        );
        let map = heatmap(&store, &Selection::ALL, Subject::default(), Some(10), 4, &Uninterrupted).unwrap();
        assert_eq!(map.rows, [0, 1, 2, 3]);
        let fewer =
            heatmap(&store, &Selection::ALL, Subject::default(), Some(10), 3, &Uninterrupted).unwrap();
        assert_eq!((&fewer.rows, &fewer.counts), (&Vec::new(), &map.counts));
        assert_eq!((map.first_bin, map.bins, map.buckets.count), (4, 4, 2));
        assert_eq!(map.counts, [1, 0, 0, 1, 2, 0, 0, 0]);
        assert_eq!(map.errors, [0, 0, 0, 1, 0, 0, 0, 0]);
        assert_eq!(map.histogram(), [3, 0, 0, 1]);
    }

    proptest! {
        #[test]
        fn a_duration_lies_between_the_edges_of_its_bin(duration: u64) {
            let bin = bin_of(duration);
            prop_assert!(bin_edge(bin) <= duration);
            prop_assert!(duration < bin_edge(bin + 1) || bin == 251);
        }

        #[test]
        fn cells_sum_to_the_spans_of_known_start(store in stores()) {
            let map = heatmap(&store, &Selection::ALL, Subject::default(), None, 0, &Uninterrupted).unwrap();
            let known = (0..store.len()).filter(|&row| store.spans().start.get(row) > 0).count() as u64;
            prop_assert_eq!(map.histogram().iter().sum::<u64>(), known);
        }
    }
}
