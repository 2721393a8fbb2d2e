//! Exact quantiles by linear interpolation between the closest ranks.
//!
//! Hyndman and Fan's type 7 (numpy's default, ClickHouse's `quantileExactInclusive`): with n values in order
//! and h = (n-1)p, the quantile is x[⌊h⌋] + (h-⌊h⌋)(x[⌊h⌋+1] - x[⌊h⌋]). The rank is kept as a whole number and
//! a fraction of [`PARTS`], so no rounding enters before the last step.

/// Quantiles are named in parts of this: the median is 5000, the 99th percentile 9900.
pub const PARTS: u64 = 10_000;

/// The four quantiles that every table shows, nanoseconds.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Quantiles {
    /// Median.
    pub p50_ns: f64,
    /// 90th percentile.
    pub p90_ns: f64,
    /// 95th percentile.
    pub p95_ns: f64,
    /// 99th percentile.
    pub p99_ns: f64,
}

/// The usual quantiles of unordered values, which get partly ordered; none without values.
pub fn quantiles(values: &mut [u64]) -> Option<Quantiles> {
    let mut from = 0;
    Some(Quantiles {
        p50_ns: select(values, &mut from, 5000)?,
        p90_ns: select(values, &mut from, 9000)?,
        p95_ns: select(values, &mut from, 9500)?,
        p99_ns: select(values, &mut from, 9900)?,
    })
}

/// One quantile of unordered values, in parts of [`PARTS`]; none without values.
pub fn quantile(values: &mut [u64], parts: u64) -> Option<f64> {
    select(values, &mut 0, parts)
}

/// One of several quantiles, asked in ascending order: `from` is where the part begins that no earlier
/// selection has put in place.
fn select(values: &mut [u64], from: &mut usize, parts: u64) -> Option<f64> {
    let last = values.len().checked_sub(1)? as u64;
    let rank = last * parts.min(PARTS);
    let (low, fraction) = ((rank / PARTS) as usize, rank % PARTS);
    if low >= *from {
        values[*from..].select_nth_unstable(low - *from);
        *from = low + 1;
    }
    let x = values[low];
    if fraction == 0 {
        return Some(x as f64);
    }
    let next = values[low + 1..].iter().copied().min().unwrap_or(x);
    Some(between(x, next, fraction))
}

/// `x + (next - x) * fraction / PARTS`, rounded once.
fn between(x: u64, next: u64, fraction: u64) -> f64 {
    let parts = u128::from(x) * u128::from(PARTS) + u128::from(next - x) * u128::from(fraction);
    let (whole, rest) = (parts / u128::from(PARTS), parts % u128::from(PARTS));
    // Up to 2^53 the dividend is exact, so the quotient is the double nearest to the quantile; beyond, the
    // whole part is all that a double still tells apart, or nearly so.
    if parts < 1 << 53 { parts as f64 / PARTS as f64 } else { whole as f64 + rest as f64 / PARTS as f64 }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn quantiles_lie_between_the_closest_ranks() {
        let all = |values: &[u64]| {
            quantiles(&mut values.to_vec()).map(|q| [q.p50_ns, q.p90_ns, q.p95_ns, q.p99_ns])
        };
        assert_eq!(all(&[]), None);
        assert_eq!(all(&[7]), Some([7.0; 4]));
        assert_eq!(all(&[20, 10]), Some([15.0, 19.0, 19.5, 19.9]));
        assert_eq!(all(&[5, 1, 4, 2, 3]), Some([3.0, 4.6, 4.8, 4.96]));
        assert_eq!(quantile(&mut [3, 1, 2], 0), Some(1.0));
        assert_eq!(quantile(&mut [3, 1, 2], PARTS), Some(3.0));
        // Beyond 2^53 the nearest double.
        assert_eq!(quantile(&mut [u64::MAX, u64::MAX - 2], 5000), Some(u64::MAX as f64));
    }

    proptest! {
        #[test]
        fn selection_gives_what_sorting_gives(mut values in prop::collection::vec(0..1_000_000_u64, 1..300)) {
            let mut sorted = values.clone();
            sorted.sort_unstable();
            let naive = |percent: u64| {
                let h = (sorted.len() as u64 - 1) * percent;
                let (low, rest) = ((h / 100) as usize, h % 100);
                let next = sorted.get(low + 1).copied().unwrap_or(sorted[low]);
                ((sorted[low] * 100 + rest * (next - sorted[low])) as f64) / 100.0
            };
            let q = quantiles(&mut values).ok_or_else(|| TestCaseError::fail("no quantiles"))?;
            let want = Quantiles { p50_ns: naive(50), p90_ns: naive(90), p95_ns: naive(95), p99_ns: naive(99) };
            prop_assert_eq!(q, want);
            prop_assert!(q.p50_ns <= q.p90_ns && q.p90_ns <= q.p95_ns && q.p95_ns <= q.p99_ns);
        }
    }
}
