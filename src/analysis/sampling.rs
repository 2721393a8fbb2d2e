//! Sampling-aware counts: how many spans a kept span stands for.
//!
//! OpenTelemetry probability sampling writes a rejection threshold T into tracestate (`ot=th:…`): a span is
//! kept where its randomness R is at least T, so it stands for 2^56 / (2^56 - T) spans (semantics.md §7, W3C
//! tracestate `ot` member). Spans without a usable threshold weigh 1 and are counted as unknown. These
//! numbers are estimates and stand behind a switch; every other file of this room counts unweighted.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::grouping::Grouping;
use super::quantile::Quantiles;
use super::selection::{Checkpoint, Error, Selection};
use super::statistics::{Group, GroupBy, Grouper};
use crate::model::TraceId;
use crate::store::order;
use crate::store::{Store, StrId};

/// 2^56: thresholds and randomness have 56 bits.
const WHOLE: u64 = 1 << 56;

/// OTLP span flag: the trace id's low 56 bits are random (W3C Trace Context, level 2).
const RANDOM_FLAG: u32 = 0x02;

/// What tracestate says of sampling.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct SamplingState {
    /// Rejection threshold, below 2^56.
    pub threshold: Option<u64>,
    /// Explicit randomness, below 2^56.
    pub randomness: Option<u64>,
}

impl SamplingState {
    /// Reads the `ot` member of a tracestate; sub-keys that break their form count as absent.
    pub fn parse(trace_state: &str) -> Self {
        let member = trace_state.split(',').find_map(|member| member.trim().strip_prefix("ot="));
        let mut state = Self::default();
        for pair in member.unwrap_or_default().split(';') {
            if let Some(digits) = pair.strip_prefix("th:") {
                state.threshold = hex(digits).filter(|_| digits.len() <= 14);
            } else if let Some(digits) = pair.strip_prefix("rv:") {
                state.randomness = hex(digits).filter(|_| digits.len() == 14);
            }
        }
        state
    }

    /// How many spans one of these stands for, 1 to 2^56; none without a threshold.
    pub fn adjusted_count(self) -> Option<f64> {
        // Never 1 - T/2^56, which loses all digits of a small probability.
        self.threshold.map(|threshold| WHOLE as f64 / (WHOLE - threshold) as f64)
    }

    /// Whether a span with this state can have been kept, as far as its randomness is known.
    pub fn is_consistent(self, trace_id: TraceId, flags: u32) -> bool {
        let id = u128::from_be_bytes(trace_id.0) as u64 & (WHOLE - 1);
        let randomness = self.randomness.or_else(|| (flags & RANDOM_FLAG != 0).then_some(id));
        match (self.threshold, randomness) {
            (Some(threshold), Some(randomness)) => randomness >= threshold,
            _ => true,
        }
    }
}

/// One to fourteen lower-case hexadecimal digits, most significant first, filled up with zeros behind.
fn hex(digits: &str) -> Option<u64> {
    let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
    if digits.is_empty() || digits.len() > 14 || !digits.bytes().all(lower) {
        return None;
    }
    let value = u64::from_str_radix(digits, 16).ok()?;
    Some(value << (4 * (14 - digits.len())))
}

/// Whether any span says how it was sampled: otherwise the switch has nothing to offer.
pub fn is_sampled(store: &Store) -> bool {
    let sampled = |state: StrId| SamplingState::parse(store.text(state)).threshold.is_some();
    store.spans().trace_states().any(sampled)
}

/// How many spans each row stands for: its adjusted count, or 1 where its threshold is unknown or contradicts
/// its randomness.
pub fn weights(store: &Store) -> Vec<f64> {
    let spans = store.spans();
    let mut states: HashMap<StrId, SamplingState, FixedState> = HashMap::with_hasher(FixedState::default());
    let mut weight = |row: u32| {
        let extra = spans.extra(row);
        let state = extra.trace_state;
        let state = *states.entry(state).or_insert_with(|| SamplingState::parse(store.text(state)));
        let count = state.adjusted_count()?;
        let trace = store.trace_id(spans.trace.get(row as usize));
        state.is_consistent(trace, extra.flags).then_some(count)
    };
    (0..store.len() as u32).map(|row| weight(row).unwrap_or(1.0)).collect()
}

/// Estimates of one group.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct AdjustedRow {
    /// What its spans have in common.
    pub group: Group,
    /// Spans in the data.
    pub spans: u64,
    /// Of these, spans that do not say how they were sampled; each weighs 1.
    pub unknown: u64,
    /// Of these, spans whose randomness is below their threshold: a stage in between broke it. Each weighs 1.
    pub inconsistent: u64,
    /// Estimated spans: the sum of weights.
    pub calls: f64,
    /// Estimated error spans.
    pub errors: f64,
    /// Estimated calls a second; none where the time range is empty.
    pub rate_per_s: Option<f64>,
    /// Quantiles as if each span stood there as often as it weighs.
    pub quantiles: Option<Quantiles>,
    /// (Σw)² / Σw²: how many equally weighted spans would tell as much.
    pub effective: f64,
}

/// Estimates the selected spans by group; largest estimate first.
pub fn adjusted(
    store: &Store,
    selection: &Selection<'_>,
    by: GroupBy,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<AdjustedRow>, Error> {
    let spans = store.spans();
    let grouper = Grouper::new(store, by);
    let mut states: HashMap<StrId, SamplingState, FixedState> = HashMap::with_hasher(FixedState::default());
    let mut grouping = Grouping::default();
    let mut sums: Vec<Sums> = Vec::new();
    selection.each(store, checkpoint, |row| {
        let group = grouping.of(grouper.group(row)) as usize;
        if group == sums.len() {
            sums.push(Sums::default());
        }
        let sum = &mut sums[group];
        let extra = spans.extra(row);
        let parse = || SamplingState::parse(store.text(extra.trace_state));
        let state = *states.entry(extra.trace_state).or_insert_with(parse);
        let consistent = state.is_consistent(store.trace_id(spans.trace.get(row as usize)), extra.flags);
        let known = state.adjusted_count().filter(|_| consistent);
        let weight = known.unwrap_or(1.0);
        sum.unknown += u64::from(state.threshold.is_none());
        sum.inconsistent += u64::from(!consistent);
        sum.calls += weight;
        sum.squares += weight * weight;
        sum.errors += if spans.is_error(row) { weight } else { 0.0 };
        sum.durations.push((spans.duration(row), weight));
    })?;
    let seconds = selection.seconds(store);
    let mut rows: Vec<AdjustedRow> = grouping
        .keys()
        .iter()
        .zip(sums)
        .map(|(&group, mut sum)| AdjustedRow {
            group,
            spans: sum.durations.len() as u64,
            unknown: sum.unknown,
            inconsistent: sum.inconsistent,
            calls: sum.calls,
            errors: sum.errors,
            rate_per_s: seconds.map(|s| sum.calls / s),
            quantiles: weighted_quantiles(&mut sum.durations),
            effective: sum.calls * sum.calls / sum.squares,
        })
        .collect();
    order::sort_by(&mut rows, |a, b| {
        b.calls.total_cmp(&a.calls).then_with(|| a.group.text(store).cmp(&b.group.text(store)))
    });
    Ok(rows)
}

/// Running sums of one group.
#[derive(Default)]
struct Sums {
    unknown: u64,
    inconsistent: u64,
    calls: f64,
    squares: f64,
    errors: f64,
    durations: Vec<(u64, f64)>,
}

/// Type 7 over values that stand there as often as they weigh; with weights of 1 the usual quantiles.
pub(super) fn weighted_quantiles(values: &mut [(u64, f64)]) -> Option<Quantiles> {
    order::sort_by(values, |a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let total: f64 = values.iter().map(|v| v.1).sum();
    let (mut at, mut before) = (0, 0.0);
    let mut next = |p: f64| {
        let rank = (total - 1.0) * p;
        // The block of a value reaches from the weight before it to one less than the weight up to it.
        while at + 1 < values.len() && before + values[at].1 <= rank {
            before += values[at].1;
            at += 1;
        }
        let &(value, weight) = values.get(at)?;
        let beyond = rank - (before + weight - 1.0);
        let after = values.get(at + 1).map_or(value, |v| v.0);
        Some(value as f64 + beyond.clamp(0.0, 1.0) * (after - value) as f64)
    };
    Some(Quantiles { p50_ns: next(0.5)?, p90_ns: next(0.9)?, p95_ns: next(0.95)?, p99_ns: next(0.99)? })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{dump, store};
    use super::super::{Uninterrupted, quantiles};
    use super::*;

    #[test]
    fn thresholds_give_the_counts_of_the_table() {
        let check = |th: &str, want: f64| {
            let count = SamplingState::parse(&format!("a=b, ot=rv:x;th:{th}")).adjusted_count();
            assert!((count.unwrap_or(0.0) - want).abs() <= want * 1e-6, "{th}: {count:?}");
        };
        check("0", 1.0);
        check("8", 2.0);
        check("c", 4.0);
        check("e", 8.0);
        check("f", 16.0);
        check("e666", 9.999_39);
        check("fd70a", 99.9977);
        check("ffbe77", 1_000.012_9);
        check("ffbe76c8b43958", 1000.0);
        check("ffffffffffffff", WHOLE as f64);
        for odd in ["", "ot=th:", "ot=th:G", "ot=th:C", "ot=th:123456789abcdef", "xot=th:8", "ot=p:8"] {
            assert_eq!(SamplingState::parse(odd), SamplingState::default(), "{odd}");
        }
    }

    #[test]
    fn groups_are_estimated_and_doubts_are_counted() {
        let store = store(
            "1 1 0 web server r 0 10 tracestate:ot=th:c error
             1 2 0 web server r 0 30 tracestate:ot=th:8;rv:80000000000000
             1 3 0 web server r 0 50 tracestate:ot=th:8;rv:7fffffffffffff
             1 4 0 web server r 0 50 tracestate:congo=1
             1 5 0 job server r 0 50",
        );
        let rows = adjusted(&store, &Selection::ALL, GroupBy::Service, &Uninterrupted).unwrap();
        dump(&rows, "web 4: 8 4 unknown 1 odd 1 | job 1: 1 0 unknown 1 odd 0", |r| {
            let name = r.group.text(&store);
            format!(
                "{name} {}: {} {} unknown {} odd {}",
                r.spans, r.calls, r.errors, r.unknown, r.inconsistent
            )
        });
        assert_eq!(rows[0].quantiles.map(|q| (q.p50_ns, q.p90_ns)), Some((20.0, 50.0)));
        assert!(is_sampled(&store));
    }

    #[test]
    fn services_and_operations_count_by_weight_where_asked() {
        let store = store(
            "1 1 0 web server r 0 10 tracestate:ot=th:c error
             1 2 1 web client s 0 30 tracestate:ot=th:c
             1 3 0 web server r 0 40 tracestate:ot=th:8
             1 4 0 job server r 0 50",
        );
        let weights = weights(&store);
        assert_eq!(weights, [4.0, 4.0, 2.0, 1.0]);
        let weighed = Selection { weights: Some(&weights), ..Selection::default() };
        let rows = crate::analysis::services(&store, &weighed, 20, &Uninterrupted).unwrap();
        dump(&rows, "job 1 1 0 0.00 0.50 50 | web 3 6 4 0.67 0.17 10", |r| {
            let (name, red) = (store.service_name(r.service), r.red);
            let p50 = red.quantiles.map_or(0.0, |q| q.p50_ns);
            let (rate, apdex) = (red.error_rate().unwrap_or(0.0), red.apdex.unwrap_or(0.0));
            format!("{name} {} {} {} {rate:.2} {apdex:.2} {p50}", r.spans, red.calls, red.errors)
        });
        let map = crate::analysis::service_map(&store, &weighed, 20, &Uninterrupted).unwrap();
        dump(&map.edges, "user:>job 1 | user:>web 6", |e| {
            let id = |i: u32| map.nodes[i as usize].place.id();
            format!("{}>{} {}", id(e.from), id(e.to), e.red.calls)
        });
    }

    proptest! {
        #[test]
        fn weights_of_one_change_nothing(store in crate::analysis::testing::stores()) {
            let ones = vec![1.0; store.len()];
            let weighed = Selection { weights: Some(&ones), ..Selection::default() };
            let of = |selection| crate::analysis::services(&store, &selection, 10, &Uninterrupted).unwrap();
            for (a, b) in of(Selection::default()).into_iter().zip(of(weighed)) {
                prop_assert_eq!((a.red.calls, a.red.errors), (b.red.calls, b.red.errors));
                prop_assert_eq!((a.red.total_ns, a.red.rate_per_s), (b.red.total_ns, b.red.rate_per_s));
                let (a_p90, b_p90) = (a.red.quantiles.map(|q| q.p90_ns), b.red.quantiles.map(|q| q.p90_ns));
                prop_assert!((a_p90.unwrap_or(0.0) - b_p90.unwrap_or(0.0)).abs() < 1e-6);
                prop_assert!((a.red.apdex.unwrap_or(0.0) - b.red.apdex.unwrap_or(0.0)).abs() < 1e-9);
            }
        }

        #[test]
        fn whole_weights_are_copies(values in prop::collection::vec((0..1000_u64, 1..5_u8), 1..40)) {
            let mut copies: Vec<u64> =
                values.iter().flat_map(|&(v, w)| std::iter::repeat_n(v, usize::from(w))).collect();
            let mut weighted: Vec<(u64, f64)> = values.iter().map(|&(v, w)| (v, f64::from(w))).collect();
            let (Some(a), Some(b)) = (quantiles(&mut copies), weighted_quantiles(&mut weighted)) else {
                return Err(TestCaseError::fail("no quantiles"));
            };
            for (a, b) in [(a.p50_ns, b.p50_ns), (a.p90_ns, b.p90_ns), (a.p95_ns, b.p95_ns), (a.p99_ns, b.p99_ns)] {
                prop_assert!((a - b).abs() < 1e-6, "{a} {b}");
            }
        }
    }
}
