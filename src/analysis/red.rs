//! Rate, errors and duration of groups of spans: one table that every RED question fills.
//!
//! A question assigns each counted span to a group; the table tallies as it goes, orders the durations by
//! group with one counting sort, and selects quantiles within each. Definitions: script-api.md
//! ("Conventions"); Apdex as in semantics.md §3 (T and 4T inclusive, errors frustrated).

use super::quantile::{Quantiles, quantiles};
use super::sampling::weighted_quantiles;
use super::selection::Selection;
use crate::store::Store;

/// The Apdex threshold where nobody chose one: half a second, in nanoseconds.
pub const DEFAULT_APDEX_NS: u64 = 500_000_000;

/// Rate, errors and duration of one group.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Red {
    /// Spans counted.
    pub calls: u64,
    /// Those with status ERROR.
    pub errors: u64,
    /// Calls a second; none where the time range is empty.
    pub rate_per_s: Option<f64>,
    /// Sum of the durations, nanoseconds.
    pub total_ns: u128,
    /// Shortest duration; none without calls.
    pub min_ns: Option<u64>,
    /// Longest duration; none without calls.
    pub max_ns: Option<u64>,
    /// Quantiles of the durations; none without calls.
    pub quantiles: Option<Quantiles>,
    /// Apdex, 0 to 1; none without calls.
    pub apdex: Option<f64>,
    /// Estimated calls and failed calls, where the selection weighs spans; `calls` and `errors` are these,
    /// rounded.
    pub estimate: Option<(f64, f64)>,
}

impl Red {
    /// Error spans as a fraction of calls, 0 to 1; none without calls.
    pub fn error_rate(&self) -> Option<f64> {
        let (calls, errors) = self.estimate.unwrap_or((self.calls as f64, self.errors as f64));
        (calls > 0.0).then(|| errors / calls)
    }

    /// Mean duration in nanoseconds; none without calls.
    pub fn mean_ns(&self) -> Option<f64> {
        (self.calls > 0).then(|| self.total_ns as f64 / self.calls as f64)
    }
}

/// Running sums of one group.
#[derive(Clone, Copy, Default)]
struct Tally {
    calls: u32,
    errors: u32,
    satisfied: u32,
    tolerating: u32,
    total_ns: u128,
}

/// Groups being counted.
pub(crate) struct RedTable {
    apdex_ns: u64,
    tallies: Vec<Tally>,
    group: Vec<u32>,
    duration: Vec<u64>,
    /// What each span stands for and whether it failed; empty where spans are not weighed.
    weight: Vec<(f64, bool)>,
}

impl RedTable {
    /// A table of `groups` groups; more are made as they are met.
    pub(crate) fn new(groups: usize, apdex_ns: u64) -> Self {
        let tallies = vec![Tally::default(); groups];
        Self { apdex_ns, tallies, group: Vec::new(), duration: Vec::new(), weight: Vec::new() }
    }

    /// Counts a row of the store, with the weight that the selection gives it.
    #[inline]
    pub(crate) fn push_row(&mut self, group: u32, store: &Store, row: u32, selection: &Selection<'_>) {
        let error = store.spans().is_error(row);
        self.push(group, store.spans().duration(row), error);
        if selection.weights.is_some() {
            self.weight.push((selection.weight(row), error));
        }
    }

    /// Counts a span.
    #[inline]
    pub(crate) fn push(&mut self, group: u32, duration_ns: u64, error: bool) {
        if group as usize >= self.tallies.len() {
            self.tallies.resize(group as usize + 1, Tally::default());
        }
        let tally = &mut self.tallies[group as usize];
        tally.calls += 1;
        tally.errors += u32::from(error);
        tally.satisfied += u32::from(!error && duration_ns <= self.apdex_ns);
        tally.tolerating += u32::from(
            !error && duration_ns > self.apdex_ns && duration_ns <= self.apdex_ns.saturating_mul(4),
        );
        tally.total_ns += u128::from(duration_ns);
        self.group.push(group);
        self.duration.push(duration_ns);
    }

    /// The answer, by group; rates are a second of `seconds`.
    pub(crate) fn finish(self, seconds: Option<f64>) -> Vec<Red> {
        let mut next: Vec<u32> = Vec::with_capacity(self.tallies.len());
        let mut at = 0;
        for tally in &self.tallies {
            next.push(at);
            at += tally.calls;
        }
        let mut ordered = vec![0; self.duration.len()];
        for (&group, &duration) in self.group.iter().zip(&self.duration) {
            let place = &mut next[group as usize];
            ordered[*place as usize] = duration;
            *place += 1;
        }
        let mut rest = ordered.as_mut_slice();
        let mut reds = Vec::with_capacity(self.tallies.len());
        for tally in &self.tallies {
            let (values, after) = std::mem::take(&mut rest).split_at_mut(tally.calls as usize);
            rest = after;
            let calls = u64::from(tally.calls);
            let happy = f64::from(tally.satisfied) + f64::from(tally.tolerating) / 2.0;
            reds.push(Red {
                calls,
                errors: u64::from(tally.errors),
                rate_per_s: seconds.map(|s| calls as f64 / s),
                total_ns: tally.total_ns,
                min_ns: values.iter().copied().min(),
                max_ns: values.iter().copied().max(),
                quantiles: quantiles(values),
                apdex: (calls > 0).then(|| happy / calls as f64),
                estimate: None,
            });
        }
        if !self.weight.is_empty() {
            self.weigh(&mut reds, seconds);
        }
        reds
    }

    /// Puts estimates in the place of counts: each span counts as often as it weighs (semantics.md §7.3).
    fn weigh(&self, reds: &mut [Red], seconds: Option<f64>) {
        let mut members: Vec<Vec<(u64, f64)>> = vec![Vec::new(); reds.len()];
        let mut sums = vec![(0.0, 0.0, 0.0, 0.0); reds.len()];
        for ((&group, &duration), &(weight, error)) in self.group.iter().zip(&self.duration).zip(&self.weight)
        {
            let (calls, errors, happy, total) = &mut sums[group as usize];
            *calls += weight;
            *total += weight * duration as f64;
            if error {
                *errors += weight;
            } else if duration <= self.apdex_ns {
                *happy += weight;
            } else if duration <= self.apdex_ns.saturating_mul(4) {
                *happy += weight / 2.0;
            }
            members[group as usize].push((duration, weight));
        }
        for ((red, (calls, errors, happy, total)), members) in reds.iter_mut().zip(sums).zip(&mut members) {
            (red.calls, red.errors) = (calls.round() as u64, errors.round() as u64);
            red.total_ns = total.round() as u128;
            red.rate_per_s = seconds.map(|s| calls / s);
            red.quantiles = weighted_quantiles(members);
            red.apdex = (calls > 0.0).then(|| happy / calls);
            red.estimate = Some((calls, errors));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_are_tallied_apart() {
        let mut table = RedTable::new(3, 10);
        for (group, duration, error) in
            [(0, 10, false), (2, 40, false), (0, 11, false), (0, 41, false), (0, 5, true)]
        {
            table.push(group, duration, error);
        }
        let reds = table.finish(Some(2.0));
        assert_eq!((reds[0].calls, reds[0].errors, reds[0].total_ns), (4, 1, 67));
        assert_eq!((reds[0].min_ns, reds[0].max_ns), (Some(5), Some(41)));
        assert_eq!(reds[0].error_rate(), Some(0.25));
        assert_eq!(reds[0].rate_per_s, Some(2.0));
        assert_eq!(
            reds[0].apdex,
            Some(1.5 / 4.0),
            "10 satisfied, 11 tolerating, 41 and the error frustrated"
        );
        assert_eq!(reds[0].quantiles.map(|q| q.p50_ns), Some(10.5));
        assert_eq!(reds[1], Red { rate_per_s: Some(0.0), ..Red::default() });
        assert_eq!(reds[2].apdex, Some(0.5));
    }
}
