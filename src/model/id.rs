//! Trace and span identifiers: bytes inside, lower-case hex text outside (W3C Trace Context, level 2).

use std::fmt;

/// A trace id: 16 bytes; all zero is invalid in OTLP but can be met and is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct TraceId(pub [u8; 16]);

/// A span id: 8 bytes, held as the big-endian number; 0 means "none".
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct SpanId(pub u64);

impl SpanId {
    /// The absent id: an empty or all-zero field.
    pub const NONE: Self = Self(0);

    /// Whether the id names a span at all.
    pub fn is_some(self) -> bool {
        self.0 != 0
    }

    /// Reads 1 to 16 hex digits, shorter ones padded with zeros on the left.
    pub fn parse(text: &str) -> Option<Self> {
        let len = text.len();
        if len == 0 || len > 16 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        u64::from_str_radix(text, 16).ok().map(Self)
    }
}

impl TraceId {
    /// Whether every byte is zero.
    pub fn is_zero(self) -> bool {
        self.0 == [0; 16]
    }

    /// Reads 1 to 32 hex digits, shorter ones padded with zeros on the left (64-bit trace ids of
    /// Zipkin and Datadog origin).
    pub fn parse(text: &str) -> Option<Self> {
        let len = text.len();
        if len == 0 || len > 32 || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        u128::from_str_radix(text, 16).ok().map(|n| Self(n.to_be_bytes()))
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text form of an id that may be absent: empty text for the absent one.
pub trait IdText {
    /// Lower-case hex, or empty text.
    fn text(self) -> String;
}

impl IdText for SpanId {
    fn text(self) -> String {
        if self.is_some() { self.to_string() } else { String::new() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_read_and_print_as_lower_case_hex() {
        assert_eq!(
            TraceId::parse("5B8EFFF798038103D269B633813FC60C").map(|t| t.to_string()).as_deref(),
            Some("5b8efff798038103d269b633813fc60c")
        );
        assert_eq!(
            TraceId::parse("abc").map(|t| t.to_string()).as_deref(),
            Some("00000000000000000000000000000abc")
        );
        assert_eq!(
            SpanId::parse("EEE19B7EC3C1B174").map(|t| t.to_string()).as_deref(),
            Some("eee19b7ec3c1b174")
        );
        assert_eq!(SpanId::parse("+1"), None);
        assert_eq!(SpanId::parse("12345678901234567"), None);
        assert_eq!(SpanId::NONE.text(), "");
    }
}
