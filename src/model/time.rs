//! Times are whole nanoseconds; these give them words.

/// A half-open range of span start times: `start_ns <= start < end_ns`, nanoseconds since the epoch.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimeRange {
    /// First nanosecond inside.
    pub start_ns: u64,
    /// First nanosecond outside.
    pub end_ns: u64,
}

impl TimeRange {
    /// Whether a span that starts at `ns` is counted.
    pub fn contains(self, ns: u64) -> bool {
        self.start_ns <= ns && ns < self.end_ns
    }

    /// Length in seconds.
    pub fn seconds(self) -> f64 {
        self.end_ns.saturating_sub(self.start_ns) as f64 / 1e9
    }
}

/// A duration as value and unit with at most four significant digits: `("812.4", "ms")`.
///
/// Units go up to hours; trailing zeros after the point are dropped.
pub fn format_duration(ns: f64) -> (String, &'static str) {
    let magnitude = ns.abs();
    let (scaled, unit) = if magnitude < 1e3 {
        (ns, "ns")
    } else if magnitude < 999_950.0 {
        (ns / 1e3, "µs")
    } else if magnitude < 999_950_000.0 {
        (ns / 1e6, "ms")
    } else if magnitude < 600e9 {
        (ns / 1e9, "s")
    } else if magnitude < 36_000e9 {
        (ns / 60e9, "min")
    } else {
        (ns / 3600e9, "h")
    };
    let digits = match scaled.abs() {
        x if x < 9.9995 => 3,
        x if x < 99.995 => 2,
        x if x < 999.95 => 1,
        _ => 0,
    };
    let mut text = format!("{scaled:.digits$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    (text, unit)
}

/// Year, month, day of a count of days since 1970-01-01 (civil calendar, Howard Hinnant's algorithm).
fn civil(days: i64) -> (i64, u32, u32) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = (doy - (153 * mp + 2) / 5 + 1) as u32;
    let month = if mp < 10 { mp + 3 } else { mp - 9 } as u32;
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// An absolute time as `2026-11-22 19:26:30.187736761` in UTC with `decimals` (0 to 9) digits of a second.
pub fn format_utc(ns: u64, decimals: usize) -> String {
    let seconds = (ns / 1_000_000_000) as i64;
    let (year, month, day) = civil(seconds.div_euclid(86_400));
    let of_day = seconds.rem_euclid(86_400);
    let mut text = format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    );
    if decimals > 0 {
        let fraction = format!("{:09}", ns % 1_000_000_000);
        text.push('.');
        text.push_str(&fraction[..decimals.min(9)]);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_choose_their_unit_and_keep_four_digits() {
        let check = |ns: f64, want: &str| {
            let (value, unit) = format_duration(ns);
            assert_eq!(format!("{value} {unit}"), want);
        };
        check(0.0, "0 ns");
        check(999.0, "999 ns");
        check(1_000.0, "1 µs");
        check(812_412_000.0, "812.4 ms");
        check(999_960.0, "1 ms");
        check(2_018_000_000.0, "2.018 s");
        check(61e9, "61 s");
        check(3_601e9, "60.02 min");
        check(-1_500.0, "-1.5 µs");
    }

    #[test]
    fn absolute_times_print_in_utc() {
        assert_eq!(format_utc(1_795_375_590_187_736_761, 9), "2026-11-22 19:26:30.187736761");
        assert_eq!(format_utc(0, 0), "1970-01-01 00:00:00");
        assert_eq!(format_utc(u64::MAX, 0), "2554-07-21 23:34:33");
    }
}
