//! Exceptions: groups, and the single times that they happened.

use super::SpanRef;
use crate::engine::protocol::{AttributeMap, Ns};

answers! {
    /// Exceptions.
    ExceptionsAnswer {
        /// By count, largest first.
        rows: Vec<ExceptionRow>,
    }
    /// One group of exceptions.
    ExceptionRow {
        /// Names the group in `occurrences`; the same whatever range and query.
        id: String,
        /// Class, "" where absent.
        r#type: String,
        /// The commonest raw message of the group.
        message: String,
        /// The top frame that the group shares, where grouped by it.
        frame: String,
        /// The service that has most of it.
        service: String,
        /// All services that have it, most first.
        services: Vec<String>,
        /// "event" or "log"; "status" for errors without an exception.
        source: String,
        /// Occurrences.
        count: u64,
        /// First.
        first_ns: Ns,
        /// Last.
        last_ns: Ns,
        /// The first occurrence whose span is in the data.
        example: Option<SpanRef>,
        /// TraceQL that finds its spans, as far as it can tell one message from another; "" for log records.
        q: String,
        /// Counts over the range in equal steps, where asked for.
        sparkline: Vec<u64>,
    }
    /// Occurrences of one group.
    OccurrencesAnswer {
        /// How many there are, before limit and offset.
        total: u64,
        /// Latest first.
        rows: Vec<OccurrenceRow>,
    }
    /// One time that an exception happened.
    OccurrenceRow {
        /// When.
        time_ns: Ns,
        /// Class, "" where absent.
        r#type: String,
        /// Message, as it was recorded.
        message: String,
        /// Stack trace, "" where absent.
        stacktrace: String,
        /// Its lines, counted from 0, that belong to libraries or to the language.
        library_lines: Vec<u32>,
        /// Service.
        service: String,
        /// Its span, where it is in the data.
        span: Option<SpanRef>,
        /// The span's name.
        span_name: String,
        /// What else was recorded with it; of errors without an exception the span's attributes.
        attributes: AttributeMap,
    }
}
