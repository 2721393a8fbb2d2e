//! Numbers, enums and times of OTLP/JSON in every spelling that real files have (`specs/otlp.md` §6, §6.1).
//!
//! 64-bit numbers are read from their digits, never through a double.

use super::cursor::{Cursor, Read};
use crate::ingest::repair::Repair;
use crate::ingest::report::Findings;
use crate::model::{SpanKind, StatusCode};

/// A number as it was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// A whole number.
    Int(i128),
    /// Anything with a point or an exponent, NaN and infinities.
    Float(f64),
}

/// Reads digits with an optional sign, or a floating-point number.
pub(super) fn number(text: &[u8]) -> Option<Number> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if !digits.is_empty() && digits.len() <= 38 && digits.iter().all(u8::is_ascii_digit) {
        let value = digits.iter().fold(0_i128, |v, &c| v * 10 + i128::from(c - b'0'));
        return Some(Number::Int(if digits.len() < text.len() { -value } else { value }));
    }
    match text {
        b"NaN" => return Some(Number::Float(f64::NAN)),
        b"Infinity" | b"+Infinity" => return Some(Number::Float(f64::INFINITY)),
        b"-Infinity" => return Some(Number::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    let plain = |c: &u8| c.is_ascii_digit() || matches!(c, b'.' | b'e' | b'E' | b'+' | b'-');
    if !text.iter().all(plain) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok().map(Number::Float)
}

/// Up to 19 digits at once: the ordinary time stamp.
#[inline]
pub(super) fn digits(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 19 {
        return None;
    }
    let (eights, rest) = text.as_chunks::<8>();
    let mut value = 0_u64;
    for digits in eights {
        value = value * 100_000_000 + eight(*digits)?;
    }
    for &c in rest {
        let digit = c.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        value = value * 10 + u64::from(digit);
    }
    Some(value)
}

/// The number of eight digits: neighbors are joined to pairs, pairs to fours, and those to one.
#[inline]
fn eight(digits: [u8; 8]) -> Option<u64> {
    const ONES: u64 = u64::MAX / 255;
    let word = u64::from_le_bytes(digits);
    // 0x30 to 0x39: the upper half of a byte is 3, also when 6 is added.
    let upper = |word: u64| word & (ONES * 0xf0);
    if upper(word) != ONES * 0x30 || upper(word.wrapping_add(ONES * 6)) != ONES * 0x30 {
        return None;
    }
    let pairs = (word & (ONES * 0x0f)).wrapping_mul((10 << 8) + 1) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul((100 << 16) + 1) >> 16;
    Some((fours & 0x0000_ffff_0000_ffff).wrapping_mul((10_000 << 32) + 1) >> 32)
}

/// The text of a string or number, or the number of a `{low, high}` pair; none for null.
fn integer(cursor: &mut Cursor<'_>, scratch: &mut Vec<u8>, findings: &mut Findings) -> Read<Option<Number>> {
    match cursor.peek()? {
        b'"' => Ok(number(cursor.string(scratch)?.trim_ascii())),
        b'{' => split(cursor, scratch, findings),
        b'n' => cursor.null().map(|_| None),
        b'[' | b't' | b'f' => {
            findings.repair(Repair::BadNumbers);
            cursor.skip().map(|()| None)
        }
        _ => Ok(number(cursor.token()?)),
    }
}

/// `{"low": -802079168, "high": 418018557}`: both halves may be written signed (JS SDK 0.44).
fn split(cursor: &mut Cursor<'_>, scratch: &mut Vec<u8>, findings: &mut Findings) -> Read<Option<Number>> {
    cursor.bump();
    let (mut low, mut high) = (None, None);
    let mut first = true;
    while let Some(key) = cursor.member(&mut first, scratch)? {
        let half = match key {
            b"low" => &mut low,
            b"high" => &mut high,
            _ => {
                cursor.skip()?;
                continue;
            }
        };
        *half = match number(cursor.token()?) {
            Some(Number::Int(v)) => Some(v as u32),
            _ => None,
        };
    }
    let (Some(low), Some(high)) = (low, high) else {
        findings.repair(Repair::BadNumbers);
        return Ok(None);
    };
    findings.repair(Repair::SplitNumbers);
    let value = (u64::from(high) << 32) | u64::from(low);
    Ok(Some(Number::Int(i128::from(value as i64))))
}

/// A 64-bit integer attribute; a fraction or a number beyond the range stays a double.
#[inline]
pub(super) fn int_or_double(
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
    findings: &mut Findings,
) -> Read<Option<Number>> {
    if cursor.peek()? == b'"' {
        let text = cursor.string(scratch)?;
        if let Some(value) = digits(text) {
            return Ok(Some(Number::Int(i128::from(value))));
        }
        let value = number(text.trim_ascii());
        return Ok(whole(value, findings));
    }
    let value = integer(cursor, scratch, findings)?;
    Ok(whole(value, findings))
}

fn whole(value: Option<Number>, findings: &mut Findings) -> Option<Number> {
    match value {
        Some(Number::Float(f)) if f.fract() == 0.0 && f.abs() < 9.2e18 => Some(Number::Int(f as i128)),
        Some(Number::Int(i)) if i64::try_from(i).is_err() => {
            findings.repair(Repair::BadNumbers);
            Some(Number::Float(i as f64))
        }
        other => other,
    }
}

/// A count or flags: 0 where it is absent, negative or too large.
pub(super) fn count(cursor: &mut Cursor<'_>, scratch: &mut Vec<u8>, findings: &mut Findings) -> Read<u32> {
    let value = integer(cursor, scratch, findings)?;
    let value = match value {
        Some(Number::Float(f)) if f.fract() == 0.0 => Some(Number::Int(f as i128)),
        other => other,
    };
    Ok(match value {
        None => 0,
        Some(Number::Int(i)) if u32::try_from(i).is_ok() => i as u32,
        Some(_) => {
            findings.repair(Repair::BadNumbers);
            0
        }
    })
}

/// A double, also in quotes; -0 stays what it is.
pub(super) fn double(
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
    findings: &mut Findings,
) -> Read<Option<f64>> {
    let c = cursor.peek()?;
    let text = match c {
        b'"' => cursor.string(scratch)?.trim_ascii(),
        b'{' | b'[' | b't' | b'f' | b'n' => {
            return Ok(match integer(cursor, scratch, findings)? {
                Some(Number::Int(i)) => Some(i as f64),
                _ => None,
            });
        }
        _ => cursor.token()?,
    };
    let value = std::str::from_utf8(text).ok().and_then(|t| t.parse().ok());
    match value {
        None => findings.repair(Repair::BadNumbers),
        Some(f64::INFINITY | f64::NEG_INFINITY) if c != b'"' => findings.repair(Repair::BareNan),
        Some(f) if f.is_nan() && c != b'"' => findings.repair(Repair::BareNan),
        Some(_) => {}
    }
    Ok(value)
}

/// A time in nanoseconds since the epoch; 0 = unknown.
#[inline]
pub(super) fn time(cursor: &mut Cursor<'_>, scratch: &mut Vec<u8>, findings: &mut Findings) -> Read<u64> {
    // Nanoseconds since the epoch have 19 digits from 2001 on.
    if let Some(value) = cursor.quoted::<19>().and_then(|text| digits(text)) {
        cursor.seek(cursor.pos() + 21);
        return Ok(unit(value, findings));
    }
    if cursor.peek()? == b'"' {
        let text = cursor.string(scratch)?;
        return Ok(match digits(text) {
            Some(value) => unit(value, findings),
            None => odd_time(text.trim_ascii(), findings),
        });
    }
    Ok(match integer(cursor, scratch, findings)? {
        None => 0,
        Some(value) => time_number(value, findings),
    })
}

fn time_number(value: Number, findings: &mut Findings) -> u64 {
    match value {
        Number::Int(i) => match u64::try_from(i) {
            Ok(value) => unit(value, findings),
            Err(_) => bad_time(findings),
        },
        Number::Float(f) if (0.0..1.844e19).contains(&f) => {
            findings.repair(Repair::FloatTimes);
            // Seconds and milliseconds with a fraction keep it.
            match f {
                f if (1e9..4.2e9).contains(&f) => (f * 1e9) as u64,
                f if (1e12..4.2e12).contains(&f) => (f * 1e6) as u64,
                f => unit(f as u64, findings),
            }
        }
        Number::Float(_) => bad_time(findings),
    }
}

fn bad_time(findings: &mut Findings) -> u64 {
    findings.repair(Repair::BadTimes);
    0
}

#[cold]
fn odd_time(text: &[u8], findings: &mut Findings) -> u64 {
    if text.is_empty() {
        return 0;
    }
    if let Some(value) = number(text) {
        return time_number(value, findings);
    }
    if let Some(value) = iso(text) {
        findings.repair(Repair::IsoTimes);
        return value;
    }
    bad_time(findings)
}

/// Nanoseconds, or what is plainly seconds, milliseconds or microseconds of the years 2001 to 2103.
#[inline]
fn unit(value: u64, findings: &mut Findings) -> u64 {
    let factor = match value {
        1_000_000_000..4_200_000_000 => 1_000_000_000,
        1_000_000_000_000..4_200_000_000_000 => 1_000_000,
        1_000_000_000_000_000..4_200_000_000_000_000 => 1_000,
        _ => return value,
    };
    findings.repair(Repair::TimeUnits);
    value * factor
}

/// A date of RFC 3339 in nanoseconds since the epoch: `2026-01-02T03:04:05.123456789Z`, also with a blank
/// instead of `T`, without a zone (taken for UTC) or with an offset.
pub(crate) fn iso(text: &[u8]) -> Option<u64> {
    let field = |from: usize, to: usize| digits(text.get(from..to)?);
    let (year, month, day) = (field(0, 4)?, field(5, 7)?, field(8, 10)?);
    let (hour, minute, second) = (field(11, 13)?, field(14, 16)?, field(17, 19)?);
    let separators = [(4, b"-"), (7, b"-"), (13, b":"), (16, b":")];
    if separators.iter().any(|&(at, c)| text[at] != c[0]) || !matches!(text[10], b'T' | b't' | b' ') {
        return None;
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = &text[19..];
    let mut nanos = 0;
    if let [b'.' | b',', fraction @ ..] = rest {
        let len = fraction.iter().take_while(|c| c.is_ascii_digit()).count();
        let kept = digits(&fraction[..len.min(9)])?;
        nanos = kept * 10_u64.pow(9 - len.min(9) as u32);
        rest = &fraction[len..];
    }
    let offset = match rest {
        [] | b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), zone @ ..] => {
            let hours = digits(zone.get(..2)?)?;
            let minutes = match &zone[2..] {
                [] => 0,
                [b':', minutes @ ..] | minutes => digits(minutes)?,
            };
            let seconds = (hours * 3600 + minutes * 60) as i64;
            if *sign == b'-' { -seconds } else { seconds }
        }
        _ => return None,
    };
    let days = days_from_civil(year as i64, month as i64, day as i64);
    let seconds = days * 86_400 + (hour * 3600 + minute * 60 + second) as i64 - offset;
    u64::try_from(seconds).ok()?.checked_mul(1_000_000_000)?.checked_add(nanos)
}

/// Days since 1970-01-01 (civil calendar, Howard Hinnant's algorithm).
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// A span kind: number, number in quotes, or a name with or without its prefix.
pub(super) fn kind(
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
    findings: &mut Findings,
) -> Read<SpanKind> {
    let code = enumeration(cursor, scratch, findings, "SPAN_KIND_", |name| {
        SpanKind::ALL.iter().position(|k| k.word().eq_ignore_ascii_case(name))
    })?;
    Ok(code.map_or(SpanKind::Unspecified, |n| {
        if n > 5 {
            findings.repair(Repair::UnknownEnums);
        }
        SpanKind::from_number(n)
    }))
}

/// A status code: number, number in quotes, or a name with or without its prefix.
pub(super) fn status(
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
    findings: &mut Findings,
) -> Read<StatusCode> {
    let code = enumeration(cursor, scratch, findings, "STATUS_CODE_", |name| {
        StatusCode::ALL.iter().position(|k| k.word().eq_ignore_ascii_case(name))
    })?;
    Ok(code.map_or(StatusCode::Unset, |n| {
        if n > 2 {
            findings.repair(Repair::UnknownEnums);
        }
        StatusCode::from_number(n)
    }))
}

#[inline]
fn enumeration(
    cursor: &mut Cursor<'_>,
    scratch: &mut Vec<u8>,
    findings: &mut Findings,
    prefix: &str,
    find: impl Fn(&str) -> Option<usize>,
) -> Read<Option<u64>> {
    if cursor.peek()? != b'"' {
        return Ok(match integer(cursor, scratch, findings)? {
            Some(Number::Int(n)) => Some(u64::try_from(n).unwrap_or(u64::MAX)),
            Some(Number::Float(_)) => Some(u64::MAX),
            None => None,
        });
    }
    let text = cursor.string(scratch)?;
    if let Some(n) = digits(text) {
        return Ok(Some(n));
    }
    findings.repair(Repair::EnumNames);
    let text = std::str::from_utf8(text).unwrap_or_default();
    let name = match text.get(..prefix.len()) {
        Some(head) if head.eq_ignore_ascii_case(prefix) => &text[prefix.len()..],
        _ => text,
    };
    Ok(Some(find(name).map_or(u64::MAX, |n| n as u64)))
}

/// Whether a token is a number or word that may stand for a value.
pub(crate) fn is_scalar(token: &[u8]) -> bool {
    matches!(token, b"true" | b"false" | b"null" | b"NaN" | b"Infinity" | b"-Infinity")
        || token.first().is_some_and(|c| c.is_ascii_digit() || *c == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_what_each_of_them_is() {
        for len in 1..=19 {
            for byte in 0..=u8::MAX {
                for at in 0..len {
                    let mut text = b"9081726354490817263"[..len].to_vec();
                    text[at] = byte;
                    let expected = std::str::from_utf8(&text).ok().filter(|_| byte != b'+');
                    assert_eq!(digits(&text), expected.and_then(|text| text.parse().ok()), "{text:?}");
                }
            }
        }
    }

    #[test]
    fn dates_become_nanoseconds() {
        assert_eq!(iso(b"1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(iso(b"2026-11-22T19:26:30.187736761Z"), Some(1_795_375_590_187_736_761));
        assert_eq!(iso(b"2026-11-22T20:26:30.187736+01:00"), Some(1_795_375_590_187_736_000));
        assert_eq!(iso(b"2026-11-22 19:26:30"), Some(1_795_375_590_000_000_000));
        for bad in ["", "yesterday", "2026-13-01T00:00:00Z", "2026-11-22T19:26:30X", "1969-12-31T23:59:59Z"] {
            assert_eq!(iso(bad.as_bytes()), None, "{bad}");
        }
    }

    fn time_of(json: &str) -> u64 {
        let mut findings = Findings::default();
        time(&mut Cursor::new(json.as_bytes(), true), &mut Vec::new(), &mut findings).unwrap_or(1)
    }

    #[test]
    fn times_are_exact_in_every_spelling() {
        let want = 1_790_000_000_123_456_789;
        assert_eq!(time_of("\"1790000000123456789\""), want);
        assert_eq!(time_of("1790000000123456789"), want);
        assert_eq!(time_of(r#"{"low": -1034793707, "high": 416765930}"#), 1_789_996_042_697_198_869);
        assert_eq!(time_of("\"18446744073709551615\""), u64::MAX);
        assert_eq!(time_of("1.79e18"), 1_790_000_000_000_000_000);
        assert_eq!(time_of("1790000000.5"), 1_790_000_000_500_000_000);
        assert_eq!(time_of("1790000000123"), 1_790_000_000_123_000_000);
        assert_eq!(time_of("1790000000123456"), 1_790_000_000_123_456_000);
        for bad in ["\"-5\"", "\"abc\"", "\"99999999999999999999\"", "null", "\"\"", "[1]"] {
            assert_eq!(time_of(bad), 0, "{bad}");
        }
    }
}
