//! Durations of operations in order: where a span stands among its own kind, in all loaded data.

use crate::analysis::Grouping;
use crate::store::order;
use crate::store::{RowSet, ServiceId, Store};

/// How many columns a small histogram has.
const BINS: usize = 12;
/// From this many spans on an operation has slow ones: those above its 95th percentile.
const SLOW_FROM: usize = 20;

/// An operation: service and name in one number.
pub(super) type Key = u64;

/// The operations that were asked for so far.
#[derive(Debug, Default)]
pub(super) struct Ranks {
    /// By operation.
    known: Vec<(Key, Vec<u64>)>,
}

/// The operation of a row.
pub(super) fn key(store: &Store, row: u32) -> Key {
    pack(store.service(row), store.spans().name.get(row as usize))
}

fn pack(ServiceId(service): ServiceId, name: u32) -> Key {
    (u64::from(service) << 32) | u64::from(name)
}

impl Ranks {
    /// Learns the operations of these rows: one pass over all spans for those that are not known yet.
    pub(super) fn learn(&mut self, store: &Store, rows: impl Iterator<Item = u32>) {
        let mut missing: Vec<Key> = rows.map(|row| key(store, row)).collect();
        missing.sort_unstable();
        missing.dedup();
        missing.retain(|k| self.known.binary_search_by_key(k, |(k, _)| *k).is_err());
        if missing.is_empty() {
            return;
        }
        let mut named = vec![false; store.strings().len()];
        for key in &missing {
            named[(key & u64::from(u32::MAX)) as usize] = true;
        }
        let mut found: Vec<Vec<u64>> = vec![Vec::new(); missing.len()];
        let spans = store.spans();
        for (row, name) in spans.name.range(0..store.len()).enumerate() {
            if named[name as usize]
                && let Ok(at) = missing.binary_search(&pack(store.service(row as u32), name))
            {
                found[at].push(spans.duration(row as u32));
            }
        }
        for durations in &mut found {
            durations.sort_unstable();
        }
        self.known.extend(missing.into_iter().zip(found));
        order::sort_by_key(&mut self.known, |(k, _)| *k);
    }

    /// The durations of a row's operation, ascending; none where it was not learned.
    pub(super) fn of(&self, store: &Store, row: u32) -> &[u64] {
        let at = self.known.binary_search_by_key(&key(store, row), |(k, _)| *k);
        at.map_or(&[], |at| &self.known[at].1)
    }

    /// The share of the row's operation that took no longer; none for the only one.
    pub(super) fn percentile(&self, store: &Store, row: u32) -> Option<f64> {
        let durations = self.of(store, row);
        let duration = store.spans().duration(row);
        let below = durations.partition_point(|&d| d <= duration);
        (durations.len() > 1).then(|| below as f64 / durations.len() as f64)
    }
}

/// The rows of all spans that are longer than 95 % of their operation's.
pub(super) fn slow(store: &Store) -> RowSet {
    let spans = store.spans();
    let mut operations = Grouping::default();
    let all = 0..store.len() as u32;
    let group: Vec<u32> = all.map(|row| operations.of(key(store, row))).collect();
    // Durations by operation, each run of which ends where the next one begins.
    let mut ends = vec![0_usize; operations.keys().len() + 1];
    for &of in &group {
        ends[of as usize + 1] += 1;
    }
    for at in 1..ends.len() {
        ends[at] += ends[at - 1];
    }
    let mut durations = vec![0_u64; group.len()];
    for (row, &of) in group.iter().enumerate() {
        let end = &mut ends[of as usize];
        durations[*end] = spans.duration(row as u32);
        *end += 1;
    }
    let mut from = 0;
    let limits: Vec<u64> = ends[..ends.len() - 1]
        .iter()
        .map(|&end| {
            let own = &mut durations[std::mem::replace(&mut from, end)..end];
            let last = (own.len() * 19).div_ceil(20).saturating_sub(1);
            if own.len() < SLOW_FROM { u64::MAX } else { *own.select_nth_unstable(last).1 }
        })
        .collect();
    let mut slow = RowSet::new(group.len());
    for (row, of) in (0_u32..).zip(group) {
        if spans.duration(row) > limits[of as usize] {
            slow.insert(row);
        }
    }
    slow
}

/// How many of some durations there are from the shortest to the longest, in steps of equal ratio; none where
/// all are equal.
pub(super) fn bins(durations: impl Iterator<Item = u64> + Clone) -> Vec<u32> {
    let low = durations.clone().min().unwrap_or(0).max(1) as f64;
    let high = durations.clone().max().unwrap_or(0).max(1) as f64;
    if high <= low {
        return Vec::new();
    }
    let mut bins = vec![0_u32; BINS];
    for duration in durations {
        let share = ((duration.max(1) as f64 / low).ln() / (high / low).ln()).clamp(0.0, 1.0);
        bins[((share * BINS as f64) as usize).min(BINS - 1)] += 1;
    }
    bins
}
