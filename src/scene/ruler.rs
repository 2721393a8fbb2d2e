//! Ticks of a relative time axis: nice steps from nanoseconds to days, labels that tell neighbors apart.

/// A mark on a time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    /// Where, in nanoseconds after the axis' origin.
    pub ns: f64,
    /// What to write there.
    pub label: String,
}

const SECOND: f64 = 1e9;
const MINUTE: f64 = 60e9;
const HOUR: f64 = 3600e9;
const DAY: f64 = 86_400e9;

/// Steps above a second that people read easily.
const LONG_STEPS: [f64; 20] = [
    SECOND,
    2.0 * SECOND,
    5.0 * SECOND,
    10.0 * SECOND,
    15.0 * SECOND,
    30.0 * SECOND,
    MINUTE,
    2.0 * MINUTE,
    5.0 * MINUTE,
    10.0 * MINUTE,
    15.0 * MINUTE,
    30.0 * MINUTE,
    HOUR,
    2.0 * HOUR,
    3.0 * HOUR,
    6.0 * HOUR,
    12.0 * HOUR,
    DAY,
    2.0 * DAY,
    7.0 * DAY,
];

/// The smallest nice step of at least `least` nanoseconds: 1, 2, 5 times powers of ten up to a second, then
/// parts of minutes, hours and days, then powers of ten of days. Never below 1.
pub fn step(least: f64) -> f64 {
    if let Some(&long) = LONG_STEPS.iter().find(|&&s| s >= least).filter(|_| least > 0.5 * SECOND) {
        return long;
    }
    let (unit, least) = if least > SECOND { (DAY, least / DAY) } else { (1.0, least) };
    unit * decimal_step(least).max(1.0)
}

/// The smallest of 1, 2, 5 times a power of ten that is at least `least`; 1 where that is not a number above 0.
pub fn decimal_step(least: f64) -> f64 {
    if !(least > 0.0 && least.is_finite()) {
        return 1.0;
    }
    let power = 10_f64.powi(least.log10().floor() as i32);
    let factors = [1.0, 2.0, 5.0, 10.0];
    // A hair of tolerance, since 1e-3 / 1e-3 need not be 1.
    factors.iter().map(|f| f * power).find(|&s| s >= least * (1.0 - 1e-9)).unwrap_or(10.0 * power)
}

/// Ticks at multiples of a nice step within a range, so many that they part it into at most `max` pieces.
///
/// Empty where the range is empty or not finite; ticks stay finite in number at any range.
pub fn ticks(start_ns: f64, end_ns: f64, max: u32) -> Vec<Tick> {
    let length = end_ns - start_ns;
    if !(length > 0.0 && length.is_finite()) || max == 0 {
        return Vec::new();
    }
    let step = step(length / f64::from(max));
    let first = (start_ns / step).ceil();
    let count = ((end_ns / step).floor() - first + 1.0).clamp(0.0, f64::from(max) + 1.0);
    let widest = start_ns.abs().max(end_ns.abs());
    (0..count as u32)
        .map(|i| {
            // Adding zero turns -0 into 0.
            let ns = (first + f64::from(i)) * step + 0.0;
            Tick { ns, label: label(ns, step, widest) }
        })
        .collect()
}

/// A time in the unit that suits the axis' widest value, with as many decimals as the step needs.
fn label(ns: f64, step: f64, widest: f64) -> String {
    let (size, unit) = match widest {
        w if w < 1e3 => (1.0, "ns"),
        w if w < 1e6 => (1e3, "µs"),
        w if w < 1e9 => (1e6, "ms"),
        w if w < 2.0 * MINUTE || step < SECOND => (1e9, "s"),
        _ => return clock(ns, step),
    };
    let whole = |d: &i32| {
        let scaled = step / size * 10_f64.powi(*d);
        scaled > 0.5 && (scaled - scaled.round()).abs() < 1e-6
    };
    let digits = (0..=9).find(whole).unwrap_or(9) as usize;
    let text = format!("{:.digits$}", ns / size);
    let text = text.split_once('.').map_or(text.clone(), |(whole, decimals)| {
        // Long fractions in groups of three: 1.500 000 01 s.
        let groups: Vec<String> =
            decimals.as_bytes().chunks(3).map(|g| String::from_utf8_lossy(g).into()).collect();
        format!("{whole}.{}", groups.join("\u{202f}"))
    });
    format!("{text} {unit}")
}

/// Minutes and more: `1 h 30 min`, `2 min 15 s`, `3 d 6 h`; zero parts left out.
fn clock(ns: f64, step: f64) -> String {
    let total = (ns.abs() / SECOND).round().min(9e15) as u64;
    let parts =
        [(total / 86_400, "d"), (total / 3600 % 24, "h"), (total / 60 % 60, "min"), (total % 60, "s")];
    let words: Vec<String> =
        parts.iter().filter(|(n, _)| *n > 0).map(|(n, unit)| format!("{n} {unit}")).collect();
    if words.is_empty() {
        let unit = if step >= DAY {
            "d"
        } else if step >= HOUR {
            "h"
        } else if step >= MINUTE {
            "min"
        } else {
            "s"
        };
        return format!("0 {unit}");
    }
    format!("{}{}", if ns < 0.0 { "−" } else { "" }, words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(start: f64, end: f64, max: u32) -> String {
        ticks(start, end, max).into_iter().map(|t| t.label).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn steps_are_nice_from_nanoseconds_to_days() {
        assert_eq!(labels(0.0, 2.018e9, 5), "0.0 s | 0.5 s | 1.0 s | 1.5 s | 2.0 s");
        assert_eq!(
            labels(0.0, 10.0, 20),
            "0 ns | 1 ns | 2 ns | 3 ns | 4 ns | 5 ns | 6 ns | 7 ns | 8 ns | 9 ns | 10 ns"
        );
        assert_eq!(labels(100.0, 1500.0, 4), "0.5 µs | 1.0 µs | 1.5 µs");
        assert_eq!(labels(0.0, 1e6, 4), "0.0 ms | 0.5 ms | 1.0 ms");
        assert_eq!(labels(0.0, 300e9, 5), "0 min | 1 min | 2 min | 3 min | 4 min | 5 min");
        assert_eq!(labels(3_600e9, 9_000e9, 3), "1 h | 1 h 30 min | 2 h | 2 h 30 min");
        assert_eq!(labels(-2e9, 2e9, 4), "-2 s | -1 s | 0 s | 1 s | 2 s");
        assert_eq!(labels(86_400e9 * 2.0, 86_400e9 * 9.0, 4), "2 d | 4 d | 6 d | 8 d");
    }

    #[test]
    fn deep_zoom_tells_nanoseconds_apart() {
        let third = ticks(1_500_000_000.0, 1_500_000_040.0, 4);
        assert_eq!(third[1].label, "1.500\u{202f}000\u{202f}01 s");
    }

    #[test]
    fn extreme_ranges_give_few_ticks_or_none() {
        for (start, end) in [
            (0.0, f64::INFINITY),
            (f64::NAN, 1.0),
            (5.0, 5.0),
            (9.0, 1.0),
            (0.0, 1e300),
            (1e18, 1e18 + 100.0),
            (0.2, 0.7),
            (-1e300, 1e300),
        ] {
            assert!(ticks(start, end, 10).len() <= 11);
        }
        assert!(ticks(0.0, 10.0, 0).is_empty());
        assert_eq!(ticks(0.0, u64::MAX as f64, 10).len(), 5);
    }
}
