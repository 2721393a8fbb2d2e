//! Numbers and durations: Go's and Prometheus' notations as Tempo tries them (traceql.md §1), and Go's
//! way of printing durations, in which canonical text and results are written.

use std::fmt::Write as _;

use super::Lexer;
use crate::traceql::Error;
use crate::traceql::ast::Static;

impl Lexer<'_> {
    pub(super) fn number(&mut self) -> Result<Static, Error> {
        let rest = self.rest();
        let bytes = rest.as_bytes();
        let digits_from = |mut i: usize| {
            while bytes.get(i).is_some_and(u8::is_ascii_digit) {
                i += 1;
            }
            i
        };
        let mut len = digits_from(0);
        if len == 1 && bytes[0] == b'0' && bytes.get(1).is_some_and(|b| b"xXbBoO".contains(b)) {
            return self.error("expected a decimal number, found another notation", None);
        }
        let mut float = false;
        if bytes.get(len) == Some(&b'.') {
            float = true;
            len = digits_from(len + 1);
        }
        if matches!(bytes.get(len), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(bytes.get(len + 1), Some(b'+' | b'-')));
            let end = digits_from(len + 1 + sign);
            if end > len + 1 + sign {
                float = true;
                len = end;
            }
        }
        let unit = |c: char| c.is_ascii_digit() || c == '.' || "nuµμmshdwy".contains(c);
        let glued = rest[len..].find(|c| !unit(c)).map_or(rest.len(), |n| len + n);
        if glued > len
            && let Some(nanos) = parse_duration(&rest[..glued])
        {
            self.at += glued;
            return Ok(Static::Duration(nanos));
        }
        let text = &rest[..len];
        if rest[len..].starts_with(|c: char| c == '_' || c.is_alphabetic()) {
            let what = format!("expected a number or a duration such as 1.5s, found \"{}\"", word_of(rest));
            return self.error(what, Some("units are y w d h m s ms us ns; d, w and y take whole numbers"));
        }
        let value = if float {
            text.parse().ok().filter(|f: &f64| f.is_finite()).map(Static::Float)
        } else {
            text.parse().ok().map(Static::Int)
        };
        match value {
            Some(value) => {
                self.at += len;
                Ok(value)
            }
            None => self.error(format!("expected a number of 64 bits, found {text}"), None),
        }
    }
}

fn word_of(text: &str) -> &str {
    let end = text.find(|c: char| c != '.' && c != '_' && !c.is_alphanumeric()).unwrap_or(text.len());
    text.get(..end.min(40)).unwrap_or("")
}

/// Nanoseconds of a duration without sign, e.g. `1d2h`, `1.5s`, `100us`.
pub fn parse_duration(text: &str) -> Option<i64> {
    prometheus(text).or_else(|| go(text))
}

/// Whole numbers with units in falling order, each at most once.
fn prometheus(text: &str) -> Option<i64> {
    const UNITS: [(&str, i64); 7] = [
        ("y", 365 * 86_400_000),
        ("w", 7 * 86_400_000),
        ("d", 86_400_000),
        ("h", 3_600_000),
        ("m", 60_000),
        ("s", 1000),
        ("ms", 1),
    ];
    let mut rest = text;
    let mut next = 0;
    let mut millis: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let n: i64 = rest[..digits].parse().ok()?;
        let unit_end = rest[digits..].find(|c: char| c.is_ascii_digit()).map_or(rest.len(), |i| digits + i);
        let unit = &rest[digits..unit_end];
        let place = UNITS.iter().position(|(u, _)| *u == unit).filter(|p| *p >= next)?;
        millis = millis.checked_add(n.checked_mul(UNITS[place].1)?)?;
        next = place + 1;
        rest = &rest[unit_end..];
    }
    millis.checked_mul(1_000_000)
}

/// Numbers with fractions, any mix of units from hours down.
fn go(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total: i64 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| c != '.' && !c.is_ascii_digit())?;
        let number = &rest[..end];
        let unit_end =
            rest[end..].find(|c: char| c == '.' || c.is_ascii_digit()).map_or(rest.len(), |i| end + i);
        let scale: i64 = match &rest[end..unit_end] {
            "ns" => 1,
            "us" | "µs" | "μs" => 1000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') {
            return None;
        }
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let mut nanos = whole.checked_mul(scale)?;
        if !fraction.is_empty() {
            // Go keeps as many digits as fit, then scales in floating point.
            let digits = &fraction[..fraction.len().min(18)];
            let value: i64 = digits.parse().ok()?;
            let power = 10f64.powi(digits.len() as i32);
            nanos = nanos.checked_add((value as f64 * (scale as f64 / power)) as i64)?;
        }
        total = total.checked_add(nanos)?;
        rest = &rest[unit_end..];
    }
    (!text.is_empty()).then_some(total)
}

/// A duration as Go prints it: `1.1s`, `486.666666ms`, `1h0m0s`.
pub fn format_duration(nanos: i64) -> String {
    let mut out = String::new();
    if nanos < 0 {
        out.push('-');
    }
    let n = nanos.unsigned_abs();
    let fraction = |out: &mut String, value: u64, scale: u64, digits: usize| {
        let _ = write!(out, "{}", value / scale);
        if !value.is_multiple_of(scale) {
            let text = format!("{:0digits$}", value % scale);
            let _ = write!(out, ".{}", text.trim_end_matches('0'));
        }
    };
    match n {
        0 => out.push_str("0s"),
        1..1_000 => {
            let _ = write!(out, "{n}ns");
        }
        1_000..1_000_000 => {
            fraction(&mut out, n, 1000, 3);
            out.push_str("µs");
        }
        1_000_000..1_000_000_000 => {
            fraction(&mut out, n, 1_000_000, 6);
            out.push_str("ms");
        }
        _ => {
            let (hours, minutes) = (n / 3_600_000_000_000, n / 60_000_000_000 % 60);
            if hours > 0 {
                let _ = write!(out, "{hours}h");
            }
            if hours > 0 || minutes > 0 {
                let _ = write!(out, "{minutes}m");
            }
            fraction(&mut out, n % 60_000_000_000, 1_000_000_000, 9);
            out.push('s');
        }
    }
    out
}
