//! What is drawn over time: all measures at once, the heatmap, calls to databases and hosts.

use super::SpanRef;
use crate::engine::protocol::Ns;

answers! {
    /// All measures over time: columns of one value a bucket. Counts of an empty bucket are 0, the rest has none.
    RedAnswer {
        /// Left edge of the first bucket.
        start_ns: Option<Ns>,
        /// Bucket length, nanoseconds.
        step_ns: u64,
        /// Spans of the scope that start in the bucket.
        calls: Vec<u64>,
        /// Error spans among them.
        errors: Vec<u64>,
        /// Median duration, nanoseconds.
        p50_ns: Vec<Option<f64>>,
        /// 90th percentile.
        p90_ns: Vec<Option<f64>>,
        /// 99th percentile.
        p99_ns: Vec<Option<f64>>,
        /// Apdex 0..1.
        apdex: Vec<Option<f64>>,
    }
    /// Spans by start and duration.
    HeatmapAnswer {
        /// Left edge of the first bucket of time.
        start_ns: Option<Ns>,
        /// Length of a bucket, nanoseconds.
        step_ns: u64,
        /// How many buckets there are.
        buckets: u32,
        /// Durations at which the bins begin, and where the last one ends, nanoseconds.
        edges_ns: Vec<u64>,
        /// Spans by bucket, and within a bucket by bin.
        counts: Vec<u32>,
        /// Error spans among them.
        errors: Vec<u32>,
        /// How many spans the columns beside tell of one by one.
        singles: u64,
        /// Service names that they refer to.
        services: Vec<String>,
        /// Span names that they refer to.
        names: Vec<String>,
    }
    /// Calls that services make.
    CallsAnswer {
        /// Left edge of the first bucket of `series`.
        start_ns: Option<Ns>,
        /// Length of a bucket, nanoseconds.
        step_ns: u64,
        /// By service, target and statement; largest total time first.
        rows: Vec<CallRow>,
        /// How many targets there are.
        targets: u64,
        /// By target over time; largest total time first, as many as `limit` says.
        series: Vec<CallSeries>,
    }
    /// Calls of one service with one target.
    CallRow {
        /// The calling service.
        service: String,
        /// Database product, or address.
        target: String,
        /// Normalized statement, else operation and collection, else the span's name; "" for external calls.
        statement: String,
        /// Calls.
        calls: u64,
        /// Failed ones.
        errors: u64,
        /// Fraction 0..1.
        error_rate: Option<f64>,
        /// Calls per second of the range.
        rate_per_s: Option<f64>,
        /// Median duration, nanoseconds.
        p50_ns: Option<f64>,
        /// 95th percentile.
        p95_ns: Option<f64>,
        /// 99th percentile.
        p99_ns: Option<f64>,
        /// Sum of durations, nanoseconds.
        total_ns: u64,
        /// Spans right above the calls, most calls first.
        callers: Vec<CallerRow>,
        /// The slowest call.
        slowest: Option<SpanRef>,
    }
    /// An operation that makes calls.
    CallerRow {
        /// Its service.
        service: String,
        /// Its span name.
        name: String,
        /// How many of the calls it made.
        calls: u64,
    }
    /// Calls with one target over time: columns of one value a bucket.
    CallSeries {
        /// Database product, or address.
        target: String,
        /// Calls that start in the bucket.
        calls: Vec<u64>,
        /// Failed ones.
        errors: Vec<u64>,
        /// Sum of their durations, nanoseconds.
        total_ns: Vec<u64>,
    }
}
