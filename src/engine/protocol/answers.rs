//! What comes back. Names and fields are the script door's (`docs/script-api.md`).

use super::Ns;
use super::wire::{Fields, Object, Put, Take, Wrong};

macro_rules! answers {
    ($( $(#[$doc:meta])* $name:ident { $( $(#[$field_doc:meta])* $field:ident : $kind:ty ),* $(,)? } )*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct $name {
                $( $(#[$field_doc])* pub $field: $kind, )*
            }

            $crate::engine::protocol::wire::wire!($name { $( $field ),* });
        )*
    };
}

mod charts;
mod exceptions;
mod explore;
mod lists;
mod map;
mod query;
mod trace;

pub use charts::*;
pub use exceptions::*;
pub use explore::*;
pub use lists::*;
pub use map::*;
pub use query::*;
pub use trace::*;

answers! {
    /// A measure over time.
    SeriesAnswer {
        /// Bucket length, seconds.
        step_s: f64,
        /// Left edge of the first bucket.
        start_ns: Option<Ns>,
        /// One a bucket.
        points: Vec<SeriesPoint>,
    }
    /// Names a span.
    SpanRef {
        /// Hex.
        trace_id: String,
        /// Hex.
        span_id: String,
    }
}

/// One bucket of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SeriesPoint {
    /// Latency: quantiles are none where nothing started in the bucket.
    Latency {
        /// Left edge.
        t_ns: Ns,
        /// Median.
        p50_ns: Option<f64>,
        /// 90th percentile.
        p90_ns: Option<f64>,
        /// 99th percentile.
        p99_ns: Option<f64>,
        /// Spans.
        count: u64,
    },
    /// Everything else.
    Value {
        /// Left edge.
        t_ns: Ns,
        /// None where there is nothing to say.
        value: Option<f64>,
    },
}

impl Put for SeriesPoint {
    fn put(&self, out: &mut String) {
        let mut object = Object::new(out);
        match self {
            Self::Latency { t_ns, p50_ns, p90_ns, p99_ns, count } => {
                object.field("t_ns", t_ns);
                object.field("p50_ns", p50_ns);
                object.field("p90_ns", p90_ns);
                object.field("p99_ns", p99_ns);
                object.field("count", count);
            }
            Self::Value { t_ns, value } => {
                object.field("t_ns", t_ns);
                object.field("value", value);
            }
        }
        object.end();
    }
}

impl Take for SeriesPoint {
    fn take(json: serde_json::Value) -> Result<Self, Wrong> {
        let mut fields = Fields::of(json)?;
        let t_ns = fields.need("t_ns")?;
        if !fields.has("count") {
            return Ok(Self::Value { t_ns, value: fields.get("value")? });
        }
        Ok(Self::Latency {
            t_ns,
            p50_ns: fields.get("p50_ns")?,
            p90_ns: fields.get("p90_ns")?,
            p99_ns: fields.get("p99_ns")?,
            count: fields.get("count")?,
        })
    }
}
