//! The words of the field: identifiers, span kinds, status codes, attribute values, times.
//!
//! Knows nobody. Every other room speaks in these types.

mod base64;
pub mod conventions;
mod id;
mod span;
mod time;
mod value;

pub use base64::base64;
pub use id::{IdText, SpanId, TraceId};
pub use span::{SpanKind, StatusCode};
pub use time::{TimeRange, format_duration, format_utc};
pub use value::Value;
