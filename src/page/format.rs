//! Numbers, sizes and times as words. Pure text: what they look like is the widgets' matter.

use super::clock;

/// What stands where there is no value.
pub const NONE: &str = "–";

/// A whole number with a comma at every third digit.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A count with its noun: "1 span", "1,204 spans".
pub fn counted(n: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(n), if n == 1 { "" } else { "s" })
}

/// At most four significant digits, no zeros at the end; large numbers keep their whole part.
pub fn short(value: f64) -> String {
    let digits = match value.abs() {
        x if x < 9.9995 => 3,
        x if x < 99.995 => 2,
        x if x < 999.95 => 1,
        x => {
            let whole = count(x.round() as u64);
            return if value < 0.0 { format!("-{whole}") } else { whole };
        }
    };
    let mut text = format!("{value:.digits$}");
    if text.contains('.') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if text == "0" && value != 0.0 {
        return "<0.001".into();
    }
    text
}

/// A fraction 0..1 as percent: two digits that matter, and never "0" or "100" for what is neither.
pub fn percent(fraction: f64) -> String {
    let percent = fraction * 100.0;
    if fraction > 0.0 && percent < 0.01 {
        return "<0.01".into();
    }
    if fraction < 1.0 && percent > 99.99 {
        return ">99.99".into();
    }
    let digits = match percent {
        x if x == 0.0 || x >= 100.0 => 0,
        x if !(1.0..=99.0).contains(&x) => 2,
        _ => 1,
    };
    format!("{percent:.digits$}")
}

/// A size in bytes as value and unit (powers of 1000, as disks and networks count).
pub fn bytes(n: u64) -> (String, &'static str) {
    let value = n as f64;
    let (scaled, unit) = match value {
        x if x < 1e3 => return (n.to_string(), "B"),
        x if x < 999_500.0 => (x / 1e3, "kB"),
        x if x < 999.5e6 => (x / 1e6, "MB"),
        x => (x / 1e9, "GB"),
    };
    let digits = match scaled {
        x if x < 9.95 => 1,
        _ => 0,
    };
    (format!("{scaled:.digits$}"), unit)
}

/// [`bytes`] as one text.
pub fn bytes_text(n: u64) -> String {
    let (value, unit) = bytes(n);
    format!("{value} {unit}")
}

/// A length of time as a person says it: "3 min 39 s", "240 ms".
pub fn long_duration(ns: u64) -> String {
    let seconds = ns / 1_000_000_000;
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    let pair = |a: u64, a_unit: &str, b: u64, b_unit: &str| {
        if b == 0 { format!("{a} {a_unit}") } else { format!("{a} {a_unit} {b} {b_unit}") }
    };
    if days > 0 {
        pair(days, "d", hours, "h")
    } else if hours > 0 {
        pair(hours, "h", minutes, "min")
    } else if minutes > 0 {
        pair(minutes, "min", seconds % 60, "s")
    } else {
        let (value, unit) = crate::model::format_duration(ns as f64);
        format!("{value} {unit}")
    }
}

/// Seconds that are left, rounded as an estimate deserves.
pub fn time_left(seconds: f64) -> String {
    match seconds {
        s if s < 1.0 => "under 1 s left".into(),
        s if s < 60.0 => format!("{} s left", s.ceil()),
        s => format!("{} min left", (s / 60.0).ceil()),
    }
}

/// From – to by the shown clock, as short as it stays clear: the date only once, or only where it is needed.
pub fn time_range(start_ns: u64, end_ns: u64) -> String {
    let (length, second) = (end_ns.saturating_sub(start_ns), 1_000_000_000);
    let decimals = match length {
        x if x < second / 50 => 6,
        x if x < 10 * second => 3,
        _ => 0,
    };
    let (from, to) = (clock::time(start_ns, decimals), clock::time(end_ns, decimals));
    let (from_day, from_time) = from.split_once(' ').unwrap_or((&from, ""));
    let (to_day, to_time) = to.split_once(' ').unwrap_or((&to, ""));
    if from_day == to_day {
        format!("{from_day} {from_time} – {to_time} {}", clock::zone(end_ns))
    } else {
        format!("{from_day} {from_time} – {to_day} {to_time} {}", clock::zone(end_ns))
    }
}

/// From – to as times of day by the shown clock, as exact as a bucket of this length needs.
pub fn clock_range(start_ns: u64, end_ns: u64) -> String {
    let decimals = match end_ns.saturating_sub(start_ns) {
        x if x >= 1_000_000_000 => 0,
        x if x >= 10_000_000 => 3,
        _ => 6,
    };
    let clock = |ns| clock::time(ns, decimals).split_off(11);
    format!("{} – {}", clock(start_ns), clock(end_ns))
}

/// A text as part of a file's name: what a file system could mind becomes `-`.
pub fn file_name(text: &str) -> String {
    let kept = |c: char| if c.is_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let name: String = text.chars().take(60).map(kept).collect();
    if name.is_empty() { "unnamed".to_owned() } else { name }
}

/// A service's name as shown.
pub fn service(name: &str) -> &str {
    if name.is_empty() { "(no service name)" } else { name }
}

/// A span's or operation's name as shown.
pub fn span_name(name: &str) -> &str {
    if name.is_empty() { "(no name)" } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!([count(0), count(999), count(1_003_740)], ["0", "999", "1,003,740"]);
        assert_eq!([counted(1, "span"), counted(0, "span")], ["1 span", "0 spans"]);
        let shorts = [0.0, 2.916_66, 20.0, 12_345.6, 0.000_01, 99.999].map(short);
        assert_eq!(shorts, ["0", "2.917", "20", "12,346", "<0.001", "100"]);
        let percents = [0.0, 0.000_01, 0.0042, 0.114, 0.999_999_9, 1.0].map(percent);
        assert_eq!(percents, ["0", "<0.01", "0.42", "11.4", ">99.99", "100"]);
        assert_eq!([0, 999, 1_500, 148_000_000].map(bytes_text), ["0 B", "999 B", "1.5 kB", "148 MB"]);
    }

    #[test]
    fn times_read_well() {
        let s = 1_000_000_000;
        let lengths = [219 * s, 3_600 * s, 90_000 * s, 240_000_000, 0].map(long_duration);
        assert_eq!(lengths, ["3 min 39 s", "1 h", "1 d 1 h", "240 ms", "0 ns"]);
        assert_eq!([0.2, 3.1, 61.0].map(time_left), ["under 1 s left", "4 s left", "2 min left"]);
        let start = 1_795_375_590_187_736_761;
        assert_eq!(time_range(start, start + 219 * s), "2026-11-22 19:26:30 – 19:30:09 UTC");
        assert_eq!(clock_range(start, start + 2 * s), "19:26:30 – 19:26:32");
        assert_eq!(clock_range(start, start + 20_000_000), "19:26:30.187 – 19:26:30.207");
        assert_eq!(time_range(start, start + 5_000_000), "2026-11-22 19:26:30.187736 – 19:26:30.192736 UTC");
    }
}
