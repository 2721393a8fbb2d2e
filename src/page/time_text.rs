//! Time ranges as people type them: `19:27 – 19:28:30`, `2026-11-22 19:27 + 30s`, `last 5 min`, `19:27`, and
//! nanoseconds since the epoch. Times are of the shown clock unless they name their zone.

use crate::model::TimeRange;

const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const DAY: u64 = 86_400 * SECOND;

/// What a clock is ahead of UTC at an instant, both in nanoseconds.
type Clock<'a> = &'a dyn Fn(u64) -> i64;

/// Reads a range. What a time leaves out is taken from `data`, the first and the last nanosecond of what is
/// loaded, and from the clock: `ahead` tells what it is ahead of UTC at an instant.
///
/// # Errors
/// A sentence that says what was expected.
pub fn parse(text: &str, data: (u64, u64), ahead: impl Fn(u64) -> i64) -> Result<TimeRange, String> {
    let lower = text.trim().to_lowercase().replace(['–', '—', '…', '‒'], " - ").replace("..", " - ");
    let found = match lower.rsplit_once("utc").map(|(text, zone)| (text.trim_end(), zone.trim())) {
        // The zone behind a range is that of both its ends.
        Some((text, "")) => read(text, data, &|_| 0),
        Some((text, zone)) if offset(zone).is_some() => read(text, data, &|_| offset(zone).unwrap_or(0)),
        _ => read(&lower, data, &ahead),
    };
    found.filter(|range| range.start_ns < range.end_ns).ok_or_else(|| {
        format!(
            "Expected a time range such as 19:27 – 19:28, 2026-11-22 19:27 + 30 s or last 5 min, found {}",
            text.trim()
        )
    })
}

fn read(text: &str, data: (u64, u64), clock: Clock<'_>) -> Option<TimeRange> {
    let range = |start_ns, end_ns| Some(TimeRange { start_ns, end_ns });
    if let Some(length) = duration(text.strip_prefix("last").unwrap_or(text)) {
        let end = data.1.checked_add(1)?;
        return range(end.saturating_sub(length), end);
    }
    if let Some(length) = text.strip_prefix("first").and_then(duration) {
        return range(data.0, data.0.checked_add(length)?);
    }
    let at = |text, after| instant(text, data, after, clock);
    for sign in [" + ", " for "] {
        if let Some((from, length)) = text.split_once(sign) {
            let from = at(from, None)?.0;
            return range(from, from.checked_add(duration(length)?)?);
        }
    }
    if let Some((middle, around)) = text.split_once("±").or_else(|| text.split_once("+-")) {
        let (middle, around) = (at(middle, None)?.0, duration(around)?);
        return range(middle.saturating_sub(around), middle.checked_add(around)?);
    }
    if let Some((from, to)) = halves(text) {
        let from = at(from, None)?.0;
        return range(from, at(to, Some(from))?.0);
    }
    let (from, precision) = at(text, None)?;
    range(from, from.checked_add(precision)?)
}

/// The two times of a range.
fn halves(text: &str) -> Option<(&str, &str)> {
    for sign in [" - ", " to ", " until ", "/"] {
        // A date with slashes is no range.
        if let Some(found) = text.split_once(sign).filter(|_| text.matches(sign).count() == 1) {
            return Some(found);
        }
    }
    let (from, to) = text.split_once('-').filter(|_| text.matches('-').count() == 1)?;
    Some((from, to))
}

/// A time and how exactly it was written, both in nanoseconds. One without a date lies on the day of `after`
/// or the day behind it, else where the data is.
fn instant(text: &str, data: (u64, u64), after: Option<u64>, clock: Clock<'_>) -> Option<(u64, u64)> {
    let text = text.trim();
    let (text, clock) = match text.strip_suffix("utc") {
        Some(text) => (text.trim_end(), &(|_: u64| 0_i64) as Clock<'_>),
        None => (text, clock),
    };
    match text {
        "start" => return Some((data.0, 1)),
        "end" | "now" => return Some((data.1.checked_add(1)?, 1)),
        _ => {}
    }
    if text.len() >= 9 && text.bytes().all(|b| b.is_ascii_digit()) {
        let unit = match text.len() {
            ..=11 => SECOND,
            12..=14 => 1_000_000,
            15..=17 => 1_000,
            _ => 1,
        };
        return Some((text.parse::<u64>().ok()?.checked_mul(unit)?, unit));
    }
    let (day, time) = match text.split_once(['t', ' ']) {
        Some((day, time)) => (Some(date(day)?), time.trim()),
        None if text.contains(':') => (None, text),
        None => return Some((on_clock(date(text)?, clock)?, DAY)),
    };
    let (of_day, zone, precision) = clock_time(time)?;
    let fixed = |_: u64| zone.unwrap_or(0);
    let clock: Clock<'_> = if zone.is_some() { &fixed } else { clock };
    // Midnight of the day that the clock shows at an instant, by the clock.
    let day_of = |ns: u64| ns.saturating_add_signed(clock(ns)) / DAY * DAY;
    let place = |day: u64| on_clock(day.checked_add(of_day)?, clock);
    let at = match (day, after) {
        (Some(day), _) => place(day)?,
        (None, Some(after)) => {
            let same = place(day_of(after))?;
            if same > after { same } else { place(day_of(after).checked_add(DAY)?)? }
        }
        (None, None) => {
            let (same, next) = (place(day_of(data.0))?, place(day_of(data.0).checked_add(DAY)?)?);
            if same.saturating_add(precision) <= data.0 && next <= data.1 { next } else { same }
        }
    };
    Some((at, precision))
}

/// The instant at which a clock shows a time, both in nanoseconds since the epoch.
fn on_clock(shown: u64, clock: Clock<'_>) -> Option<u64> {
    // What the clock is ahead is told by the instant, so it is looked up a second time where it is nearly known.
    let near = shown.saturating_add_signed(clock(shown).checked_neg()?);
    u64::try_from(i128::from(shown) - i128::from(clock(near))).ok()
}

/// Midnight of `2026-11-22` or `2026/11/22`, nanoseconds since the epoch.
fn date(text: &str) -> Option<u64> {
    let mut parts = text.split(['-', '/']).map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || !(1970..2554).contains(&year) {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Howard Hinnant's days_from_civil.
    let y = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (y.div_euclid(400), y.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468;
    u64::try_from(days).ok()?.checked_mul(DAY)
}

/// `19:27`, `19:27:30.5`, with a zone or without: nanoseconds after midnight, the zone's nanoseconds ahead of UTC
/// where it has one, and how exactly it was written.
fn clock_time(text: &str) -> Option<(u64, Option<i64>, u64)> {
    let (clock, zone) = match text.find(['+', '-']) {
        Some(at) => (text[..at].trim_end(), Some(offset(&text[at..])?)),
        None => text.strip_suffix('z').map_or((text, None), |clock| (clock.trim_end(), Some(0))),
    };
    let mut parts = clock.split(':');
    let mut next = |most: u64| match parts.next() {
        None => Some(None),
        Some(part) => part.parse::<u64>().ok().filter(|n| *n <= most && part.len() <= 2).map(Some),
    };
    let (hours, minutes) = (next(24)??, next(59)??);
    let mut precision = MINUTE;
    let mut ns = (hours * 60 + minutes) * MINUTE;
    if let Some(seconds) = parts.next() {
        let (whole, fraction) = seconds.split_once(['.', ',']).unwrap_or((seconds, ""));
        let whole = whole.parse::<u64>().ok().filter(|s| *s < 60)?;
        if fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        precision = 10_u64.pow(9 - fraction.len() as u32);
        ns += whole * SECOND + fraction.parse::<u64>().map_or(0, |f| f * precision);
    }
    if parts.next().is_some() {
        return None;
    }
    Some((ns, zone, precision))
}

/// `+02:00`, `-0730`, `+2`: nanoseconds east of UTC.
fn offset(text: &str) -> Option<i64> {
    let (sign, digits) = text.split_at_checked(1).filter(|(sign, _)| matches!(*sign, "+" | "-"))?;
    let digits = digits.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(digits.len().min(2))?;
    let minutes = if minutes.is_empty() { 0 } else { minutes.parse::<i64>().ok()? };
    let total = hours.parse::<i64>().ok()? * 60 + minutes;
    let ns = (total <= 18 * 60).then_some(total * MINUTE as i64)?;
    Some(if sign == "-" { -ns } else { ns })
}

/// `5 min`, `1h30m`, `250 ms`.
fn duration(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0_u64;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let amount: f64 = rest[..digits].parse().ok()?;
        let unit = rest[digits..].trim_start();
        let end = unit.find(|c: char| !c.is_alphabetic()).unwrap_or(unit.len());
        let factor = match &unit[..end] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
            "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
            "h" | "hour" | "hours" => 60 * MINUTE,
            "d" | "day" | "days" => DAY,
            _ => return None,
        };
        total = total.checked_add((amount * factor as f64).round() as u64)?;
        rest = unit[end..].trim_start();
    }
    (total > 0).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::format_utc;
    use crate::page::clock;
    use proptest::prelude::*;

    /// 2026-11-22 19:26:30 to 19:30:09 UTC.
    const DATA: (u64, u64) = (1_795_375_590 * SECOND, 1_795_375_809 * SECOND - 1);

    fn check(text: &str, want: &str) {
        let range = parse(text, DATA, |_| 0).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(
            format!("{} | {}", format_utc(range.start_ns, 3), format_utc(range.end_ns, 3)),
            want,
            "{text}"
        );
    }

    #[test]
    fn ranges_are_read_as_people_write_them() {
        let minute = "2026-11-22 19:27:00.000 | 2026-11-22 19:28:00.000";
        for text in [
            "19:27 – 19:28",
            "19:27-19:28",
            "19:27 to 19:28 UTC",
            "19:27..19:28",
            "19:27",
            "19:27 + 1 min",
            "19:27:30 ± 30s",
            "2026-11-22 19:27 - 2026-11-22 19:28",
            "2026-11-22 19:27:00 – 19:28:00 UTC",
            "2026-11-22T19:27:00Z/2026-11-22T19:28:00Z",
            "2026-11-22T21:27+02:00 to 2026-11-22T21:28+02:00",
            "2026/11/22 19:27 for 60s",
            "1795375620 - 1795375680",
            "1795375620000 to 1795375680000000000",
        ] {
            check(text, minute);
        }
        check("19:27:30.5", "2026-11-22 19:27:30.500 | 2026-11-22 19:27:30.600");
        check("last 1 min", "2026-11-22 19:29:09.000 | 2026-11-22 19:30:09.000");
        check("90s", "2026-11-22 19:28:39.000 | 2026-11-22 19:30:09.000");
        check("first 1m30s", "2026-11-22 19:26:30.000 | 2026-11-22 19:28:00.000");
        check("23:00 - 01:00", "2026-11-22 23:00:00.000 | 2026-11-23 01:00:00.000");
        check("2026-11-23", "2026-11-23 00:00:00.000 | 2026-11-24 00:00:00.000");
        check("19:29 - end", "2026-11-22 19:29:00.000 | 2026-11-22 19:30:09.000");
        check("start - 19:27", "2026-11-22 19:26:30.000 | 2026-11-22 19:27:00.000");
    }

    #[test]
    fn a_time_without_a_date_lies_where_the_data_is() {
        let data = (DATA.0, DATA.0 + DAY);
        let range = parse("03:00", data, |_| 0).unwrap();
        assert_eq!(format_utc(range.start_ns, 0), "2026-11-23 03:00:00");
    }

    #[test]
    fn what_is_no_range_is_said_so() {
        for text in ["", "soon", "25:00", "19:27 - 19:61", "last", "2026-13-01", "0 s", "19:27 + x", "-", "±"]
        {
            let error = parse(text, DATA, |_| 0).expect_err(text);
            assert!(error.starts_with("Expected a time range"), "{error}");
        }
    }

    #[test]
    fn times_are_read_by_the_clock_that_is_shown() {
        // An hour ahead until 19:29 UTC, two hours from then on.
        let clock =
            |ns: u64| if ns < 1_795_375_740 * SECOND { 60 * MINUTE as i64 } else { 120 * MINUTE as i64 };
        let check = |text: &str, want: &str| {
            let range = parse(text, DATA, clock).unwrap();
            let (from, to) = (format_utc(range.start_ns, 0), format_utc(range.end_ns, 0));
            assert_eq!(format!("{} {}", &from[11..], &to[11..]), want, "{text}");
        };
        check("20:27 – 20:28", "19:27:00 19:28:00");
        check("20:27 – 21:30", "19:27:00 19:30:00");
        check("2026-11-22 20:27 + 30 s", "19:27:00 19:27:30");
        check("19:27 – 19:28 UTC", "19:27:00 19:28:00");
        check("19:27 UTC to 20:28", "19:27:00 19:28:00");
        check("20:27 – 20:28 UTC+01:00", "19:27:00 19:28:00");
        check("19:27Z/19:28Z", "19:27:00 19:28:00");
        check("2026-11-23", "22:00:00 22:00:00");
        check("last 1 min", "19:29:09 19:30:09");
    }

    proptest! {
        #[test]
        fn what_is_shown_can_be_typed(start in 86_400..4_000_000_000_u64, length in 1..1_000_000_u64, clock in 0..3_usize) {
            let (start_ns, end_ns) = (start * SECOND, (start + length) * SECOND);
            clock::show_by([clock::utc, |_| 330 * MINUTE as i64, |_| -480 * (MINUTE as i64)][clock]);
            let shown = crate::page::format::time_range(start_ns, end_ns);
            let read = parse(&shown, DATA, clock::ahead);
            clock::show_by(clock::utc);
            prop_assert_eq!(read, Ok(TimeRange { start_ns, end_ns }), "{}", shown);
        }

        #[test]
        fn no_text_is_too_strange(text in ".*", from: u64, length in 0..u64::MAX / 2) {
            drop(parse(&text, (from, from.saturating_add(length)), |_| 7200 * SECOND as i64));
        }
    }
}
