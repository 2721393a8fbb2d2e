//! Rate, errors and duration over time (signoz.md §2.2, script-api.md `series`).
//!
//! A span belongs to the bucket of its start. Counts of an empty bucket are 0, quantiles, fractions and
//! Apdex are gaps (semantics.md §11). Spans whose start is unknown (0) are in no bucket.

use super::buckets::Buckets;
use super::red::{Red, RedTable};
use super::selection::{Checkpoint, Error, Selection};
use super::services::services_by_name;
use crate::store::{ServiceId, Store, StrId};

/// Whose spans a series counts; the default is everybody's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Subject {
    /// Only this service's.
    pub service: Option<ServiceId>,
    /// Only those of this name.
    pub operation: Option<StrId>,
}

impl Subject {
    /// Whether a span is counted.
    #[inline]
    pub(crate) fn has(self, store: &Store, row: u32) -> bool {
        self.service.is_none_or(|service| service == store.service(row))
            && self.operation.is_none_or(|name| name.0 == store.spans().name.get(row as usize))
    }
}

/// All measures of one subject over time.
#[derive(Clone, PartialEq, Debug)]
pub struct Series {
    /// The buckets.
    pub buckets: Buckets,
    /// By bucket; rates are calls by the bucket's length.
    pub points: Vec<Red>,
}

/// Counts the selected spans of a subject over time; without `step_ns` in buckets that suit a chart.
pub fn series(
    store: &Store,
    selection: &Selection<'_>,
    subject: Subject,
    step_ns: Option<u64>,
    apdex_ns: u64,
    checkpoint: &dyn Checkpoint,
) -> Result<Series, Error> {
    let spans = store.spans();
    let buckets = Buckets::of(store, selection, step_ns)?;
    let mut table = RedTable::new(buckets.count as usize, apdex_ns);
    selection.each(store, checkpoint, |row| {
        if subject.has(store, row)
            && let Some(bucket) = buckets.at(spans.start.get(row as usize))
        {
            table.push_row(bucket, store, row, selection);
        }
    })?;
    Ok(Series { buckets, points: table.finish(Some(buckets.seconds())) })
}

/// A small series of one service.
#[derive(Clone, PartialEq, Debug)]
pub struct Sparkline {
    /// Which service.
    pub service: ServiceId,
    /// By bucket.
    pub points: Vec<Red>,
}

/// Small series of every service, `count` buckets each, in one pass; services by name.
pub fn sparklines(
    store: &Store,
    selection: &Selection<'_>,
    count: u32,
    apdex_ns: u64,
    checkpoint: &dyn Checkpoint,
) -> Result<(Buckets, Vec<Sparkline>), Error> {
    let spans = store.spans();
    let buckets = Buckets::exactly(store, selection, count);
    let mut table = RedTable::new(buckets.count as usize * store.service_count(), apdex_ns);
    selection.each(store, checkpoint, |row| {
        if let Some(bucket) = buckets.at(spans.start.get(row as usize)) {
            let group = store.service(row).0 * buckets.count + bucket;
            table.push_row(group, store, row, selection);
        }
    })?;
    let points = table.finish(Some(buckets.seconds()));
    let of = |service: ServiceId| {
        let from = (service.0 * buckets.count) as usize;
        Sparkline { service, points: points[from..from + buckets.count as usize].to_vec() }
    };
    Ok((buckets, services_by_name(store).into_iter().map(of).collect()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{dump, store, stores};
    use super::super::{DEFAULT_APDEX_NS, Scope, Uninterrupted, services};
    use super::*;
    use crate::model::TimeRange;

    #[test]
    fn empty_buckets_count_zero_and_have_no_quantile() {
        let store = store(
            "1 1 0 web  server GET 1000 1030
             1 2 0 web  server PUT 1005 1015 error
             1 3 0 web  server GET 1025 1035
             1 4 0 cart server GET 1020 1030",
        );
        let web = Subject { service: Some(ServiceId(0)), operation: None };
        let check = |subject, want: &str| {
            let series =
                series(&store, &Selection::default(), subject, Some(10), DEFAULT_APDEX_NS, &Uninterrupted)
                    .unwrap();
            dump(series.points.iter().enumerate(), want, |(i, red)| {
                let t = series.buckets.edge(i as u32);
                format!("{t} {} {} {:?}", red.calls, red.errors, red.quantiles.map(|q| q.p50_ns))
            });
        };
        check(web, "1000 2 1 Some(20.0) | 1010 0 0 None | 1020 1 0 Some(10.0) | 1030 0 0 None");
        let get = Subject { operation: store.strings().find("GET"), ..web };
        check(get, "1000 1 0 Some(30.0) | 1010 0 0 None | 1020 1 0 Some(10.0) | 1030 0 0 None");
        let (_, lines) =
            sparklines(&store, &Selection::default(), 2, DEFAULT_APDEX_NS, &Uninterrupted).unwrap();
        dump(lines, "cart [0, 1] | web [2, 1]", |l| {
            let calls: Vec<u64> = l.points.iter().map(|p| p.calls).collect();
            format!("{} {calls:?}", store.service_name(l.service))
        });
    }

    proptest! {
        #[test]
        fn buckets_sum_to_the_total(store in stores(), step in 1..30_u64, from in 1..50_u64, length in 0..60_u64) {
            let range = TimeRange { start_ns: from, end_ns: from + length };
            for (scope, range) in [(Scope::Entry, None), (Scope::All, Some(range)), (Scope::Server, Some(range))] {
                let selection = Selection { range, scope, ..Selection::ALL };
                let series = series(&store, &selection, Subject::default(), Some(step), 10, &Uninterrupted).unwrap();
                let (_, sparks) = sparklines(&store, &selection, 7, 10, &Uninterrupted).unwrap();
                let known = (0..store.len() as u32)
                    .filter(|&row| selection.contains(&store, row) && store.spans().start.get(row as usize) > 0)
                    .count() as u64;
                prop_assert_eq!(series.points.iter().map(|p| p.calls).sum::<u64>(), known);
                prop_assert_eq!(sparks.iter().flat_map(|s| &s.points).map(|p| p.calls).sum::<u64>(), known);
            }
        }

        #[test]
        fn a_range_equals_selecting_rows_by_their_start(store in stores(), from in 0..50_u64, length in 0..60_u64) {
            let range = TimeRange { start_ns: from, end_ns: from + length };
            let rows = (0..store.len() as u32)
                .filter(|&row| (from..from + length).contains(&store.spans().start.get(row as usize)))
                .collect();
            let by_range = Selection { range: Some(range), ..Selection::default() };
            let by_rows = Selection { rows: Some(&rows), ..Selection::default() };
            let strip = |selection: &Selection<'_>| -> Vec<_> {
                let rows = services(&store, selection, 10, &Uninterrupted).unwrap();
                rows.into_iter().map(|r| (r.service, r.spans, Red { rate_per_s: None, ..r.red })).collect()
            };
            prop_assert_eq!(strip(&by_range), strip(&by_rows));
        }
    }
}
