//! Lists over many traces: services, operations, traces, spans.

use crate::engine::protocol::{AttributeMap, Ns};

answers! {
    /// Counts and extent.
    SummaryAnswer {
        /// Spans.
        spans: u64,
        /// Traces.
        traces: u64,
        /// Distinct `service.name`s.
        services: u64,
        /// Distinct (service, name) pairs.
        operations: u64,
        /// Spans with status ERROR.
        errors: u64,
        /// Span events.
        events: u64,
        /// Span links.
        links: u64,
        /// Spans whose parent id is set and not present.
        orphans: u64,
        /// Log records.
        logs: u64,
        /// Earliest known start; none where no span has one.
        start_ns: Option<Ns>,
        /// Latest known end; none where no span has one.
        end_ns: Option<Ns>,
        /// Size of the engine's wasm memory, bytes.
        engine_bytes: u64,
        /// Bytes of all files that were read.
        file_bytes: u64,
        /// Whether any span says how it was sampled, so that `adjusted` makes a difference.
        sampled: bool,
    }
    /// Services.
    ServicesAnswer {
        /// One row a service, by name.
        rows: Vec<ServiceRow>,
    }
    /// One service.
    ServiceRow {
        /// Name, "" where `service.name` is absent.
        service: String,
        /// All its spans in the range.
        spans: u64,
        /// Spans of the scope.
        calls: u64,
        /// Error spans of the scope.
        errors: u64,
        /// Fraction 0..1; none without calls.
        error_rate: Option<f64>,
        /// Calls per second of the range; none where the range has no length.
        rate_per_s: Option<f64>,
        /// Median duration of the scope, nanoseconds.
        p50_ns: Option<f64>,
        /// 90th percentile.
        p90_ns: Option<f64>,
        /// 95th percentile.
        p95_ns: Option<f64>,
        /// 99th percentile.
        p99_ns: Option<f64>,
        /// Apdex 0..1; none without calls.
        apdex: Option<f64>,
        /// p99 over the range in equal steps, where asked for.
        sparkline_p99: Vec<Option<f64>>,
        /// Calls over the range in equal steps, where asked for.
        sparkline_calls: Vec<u64>,
    }
    /// Operations.
    OperationsAnswer {
        /// One row an operation, by name.
        rows: Vec<OperationRow>,
    }
    /// One operation.
    OperationRow {
        /// Service.
        service: String,
        /// Span name.
        name: String,
        /// Span kinds met.
        kinds: Vec<String>,
        /// Spans of the scope.
        calls: u64,
        /// Error spans of the scope.
        errors: u64,
        /// Fraction 0..1.
        error_rate: Option<f64>,
        /// Calls per second of the range.
        rate_per_s: Option<f64>,
        /// Median duration, nanoseconds.
        p50_ns: Option<f64>,
        /// 90th percentile.
        p90_ns: Option<f64>,
        /// 95th percentile.
        p95_ns: Option<f64>,
        /// 99th percentile.
        p99_ns: Option<f64>,
        /// Apdex 0..1.
        apdex: Option<f64>,
        /// Sum of durations, nanoseconds.
        total_ns: u64,
        /// Sum of self times, nanoseconds.
        self_ns: u64,
    }
    /// Traces.
    TracesAnswer {
        /// Matching traces, before limit and offset.
        total: u64,
        /// The rows.
        rows: Vec<TraceRow>,
    }
    /// One trace in a list.
    TraceRow {
        /// Hex.
        trace_id: String,
        /// Service of the main root; none where no root or orphan is there.
        root_service: Option<String>,
        /// Name of the main root.
        root_name: Option<String>,
        /// Earliest known start.
        start_ns: Option<Ns>,
        /// Whole extent, nanoseconds.
        duration_ns: u64,
        /// All its spans.
        spans: u64,
        /// Spans that matched.
        matched: u64,
        /// Error spans.
        errors: u64,
        /// Distinct services.
        services: u64,
    }
    /// Spans.
    SpansAnswer {
        /// Matching spans, before limit and offset.
        total: u64,
        /// The rows.
        rows: Vec<SpanRow>,
        /// Groups of by() and aggregates.
        groups: Vec<SpanGroup>,
    }
    /// One span in a list.
    SpanRow {
        /// Hex.
        trace_id: String,
        /// Hex.
        span_id: String,
        /// Hex, "" for a root.
        parent_span_id: String,
        /// Service.
        service: String,
        /// Name.
        name: String,
        /// Lower-case word.
        kind: String,
        /// Lower-case word.
        status: String,
        /// Start.
        start_ns: Ns,
        /// Duration, nanoseconds.
        duration_ns: u64,
        /// What select() asked for.
        attributes: AttributeMap,
    }
    /// A group of spans within a trace.
    SpanGroup {
        /// Hex.
        trace_id: String,
        /// What the group has in common, and its aggregates.
        attributes: AttributeMap,
        /// Hex.
        span_ids: Vec<String>,
    }
}
