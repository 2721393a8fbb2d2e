//! Ticks of an absolute time axis: clock times and dates, aligned to the clock of a time zone.

use super::ruler::{Tick, step};
use crate::model::format_utc;

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 86_400 * SECOND;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Ticks that part in at most `max` pieces the times from `start_ns` to `end_ns` (since the epoch); a tick's `ns` counts from
/// `start_ns`. `offset_s` is what the clock shows more than UTC, in seconds; 0 for UTC.
///
/// Labels are `19:26`, with seconds or a fraction where the step is finer; the first of a day and steps of
/// days show the date: `Nov 22`.
pub fn ticks(start_ns: u64, end_ns: u64, max: u32, offset_s: i32) -> Vec<Tick> {
    if end_ns <= start_ns || max == 0 {
        return Vec::new();
    }
    let step = step((end_ns - start_ns) as f64 / f64::from(max)) as u64;
    // Aligned to the local clock: multiples of the step in shifted time.
    let shift = i128::from(offset_s) * i128::from(SECOND);
    let (from, to) = (i128::from(start_ns) + shift, i128::from(end_ns) + shift);
    let mut at = from.div_euclid(i128::from(step)) * i128::from(step);
    if at < from {
        at += i128::from(step);
    }
    let mut ticks = Vec::new();
    let mut day = None;
    while at <= to && ticks.len() < max as usize + 1 {
        let local = at.clamp(0, i128::from(u64::MAX)) as u64;
        let midnight = local.is_multiple_of(DAY);
        let date = step >= DAY || (midnight && day.is_some_and(|d| d != local / DAY));
        day = Some(local / DAY);
        ticks.push(Tick {
            ns: (at - from) as f64,
            label: if date { date_label(local) } else { clock_label(local, step) },
        });
        at += i128::from(step);
    }
    ticks
}

fn date_label(local: u64) -> String {
    let text = format_utc(local, 0);
    let number = |from: usize, to: usize| text.get(from..to).and_then(|t| t.parse::<usize>().ok());
    let (Some(month), Some(day)) = (number(5, 7), number(8, 10)) else { return text };
    format!("{} {day}", MONTHS.get(month.wrapping_sub(1)).unwrap_or(&"?"))
}

fn clock_label(local: u64, step: u64) -> String {
    let decimals = (0..9).find(|&d| step.is_multiple_of(10_u64.pow(9 - d))).unwrap_or(9) as usize;
    let text = format_utc(local, decimals);
    let clock = text.split_once(' ').map_or(text.as_str(), |(_, clock)| clock);
    if step.is_multiple_of(MINUTE) { clock.get(..5).unwrap_or(clock).to_owned() } else { clock.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-22 19:26:30 UTC.
    const T: u64 = 1_795_375_590 * SECOND;

    fn labels(length: u64, max: u32, offset_s: i32) -> String {
        ticks(T, T + length, max, offset_s).into_iter().map(|t| t.label).collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn clock_times_stand_at_round_times() {
        assert_eq!(labels(210 * SECOND, 4, 0), "19:27 | 19:28 | 19:29 | 19:30");
        assert!((ticks(T, T + 210 * SECOND, 4, 0)[0].ns - 30e9).abs() < 0.5);
        assert_eq!(labels(20 * SECOND, 4, 0), "19:26:30 | 19:26:35 | 19:26:40 | 19:26:45 | 19:26:50");
        assert_eq!(labels(SECOND / 1000, 2, 0), "19:26:30.0000 | 19:26:30.0005 | 19:26:30.0010");
        assert_eq!(labels(12 * 3600 * SECOND, 4, 0), "21:00 | Nov 23 | 03:00 | 06:00");
        assert_eq!(labels(4 * DAY, 4, 0), "Nov 23 | Nov 24 | Nov 25 | Nov 26");
    }

    #[test]
    fn other_clocks_align_to_themselves() {
        assert_eq!(labels(3600 * SECOND, 2, 19_800), "01:00 | 01:30", "half an hour off UTC");
        assert_eq!(labels(12 * 3600 * SECOND, 2, -7 * 3600), "18:00 | Nov 23");
    }

    #[test]
    fn extreme_ranges_give_few_ticks() {
        assert!(ticks(0, u64::MAX, 10, -86_400).len() <= 11);
        assert!(ticks(u64::MAX - 1, u64::MAX, 10, 86_400).len() <= 11);
        assert!(ticks(5, 5, 10, 0).is_empty());
    }
}
