//! By which clock absolute times are shown: UTC, or that of the person's machine.
//!
//! Data, addresses and files are in nanoseconds since the epoch whatever the clock; only words depend on it, and
//! what is typed is read by the clock that is shown.

use std::cell::Cell;

use crate::model::format_utc;

const MINUTE: i64 = 60 * 1_000_000_000;

/// What a clock shows more than UTC at an instant, both in nanoseconds.
pub type Ahead = fn(u64) -> i64;

thread_local! {
    static AHEAD: Cell<Ahead> = const { Cell::new(utc) };
}

/// The clock of UTC.
pub fn utc(_: u64) -> i64 {
    0
}

/// Shows times by this clock from now on.
pub fn show_by(ahead: Ahead) {
    AHEAD.set(ahead);
}

/// What the shown clock is ahead of UTC at an instant, nanoseconds.
pub fn ahead(ns: u64) -> i64 {
    AHEAD.get()(ns)
}

/// [`ahead`] in whole seconds, as time axes take it.
pub fn ahead_s(ns: u64) -> i32 {
    (ahead(ns) / 1_000_000_000) as i32
}

/// An absolute time as `2026-11-22 19:26:30.187` with so many digits of a second.
pub fn time(ns: u64, decimals: usize) -> String {
    format_utc(ns.saturating_add_signed(ahead(ns)), decimals)
}

/// An absolute time to the nanosecond, with its zone.
pub fn exact(ns: u64) -> String {
    zoned(ns, 9)
}

/// [`time`] with its zone.
pub fn zoned(ns: u64, decimals: usize) -> String {
    format!("{} {}", time(ns, decimals), zone(ns))
}

/// `UTC`, `UTC+05:30`.
pub fn zone(ns: u64) -> String {
    zone_of(ahead(ns))
}

/// The name of the zone whose clock is so many nanoseconds ahead of UTC.
pub fn zone_of(ahead_ns: i64) -> String {
    match ahead_ns / MINUTE {
        0 => "UTC".to_owned(),
        m => {
            let (sign, m) = (if m < 0 { '-' } else { '+' }, m.abs());
            format!("UTC{sign}{:02}:{:02}", m / 60, m % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_shown_by_the_chosen_clock() {
        let t = 1_795_375_590_187_736_761;
        assert_eq!((exact(t).as_str(), ahead_s(t)), ("2026-11-22 19:26:30.187736761 UTC", 0));
        show_by(|_| 330 * MINUTE);
        assert_eq!(zoned(t, 3), "2026-11-23 00:56:30.187 UTC+05:30");
        show_by(|_| -210 * MINUTE);
        assert_eq!(zoned(t, 0), "2026-11-22 15:56:30 UTC-03:30");
        assert_eq!(time(1, 0), "1970-01-01 00:00:00", "no time before the epoch is shown");
        show_by(utc);
    }
}
