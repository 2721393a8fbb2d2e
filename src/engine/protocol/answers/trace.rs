//! One trace and one span: tree, flamegraph, details, critical path, statistics.

use crate::engine::protocol::wire::wire;
use crate::engine::protocol::{AttributeMap, Ns};
use crate::model::SpanId;

/// A stretch of the critical path.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SectionRow {
    /// Hex.
    pub span_id: SpanId,
    /// From.
    pub start_ns: Ns,
    /// To.
    pub end_ns: Ns,
    /// Place in pre-order.
    pub place: u32,
    /// How many sections it stands for, the longest of which is the span's; absent for one.
    pub count: Option<u32>,
}

wire!(SectionRow { span_id, start_ns, end_ns, place } sparse { count });

answers! {
    /// A trace.
    TraceAnswer {
        /// All its spans.
        spans_total: u64,
        /// Whole extent, nanoseconds.
        duration_ns: u64,
        /// Earliest known start.
        start_ns: Option<Ns>,
        /// How many roots.
        roots: u64,
        /// How many orphans.
        orphans: u64,
        /// What is odd about it, as sentences.
        notices: Vec<String>,
        /// The sign, as `find` takes it, that finds the spans of each of them; "" where there is none.
        notice_signs: Vec<String>,
        /// Spans in pre-order.
        spans: Vec<TraceSpan>,
        /// Service of the main root.
        root_service: Option<String>,
        /// Name of the main root.
        root_name: Option<String>,
        /// Error spans.
        errors: u64,
        /// Distinct services.
        services: Vec<String>,
        /// Depth of the deepest span.
        max_depth: u64,
    }
    /// A span within a trace.
    TraceSpan {
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
        /// Self time, nanoseconds.
        self_ns: u64,
        /// 1 for roots and orphans; none for cyclic spans.
        depth: Option<u32>,
        /// How many direct children.
        children: u64,
    }
    /// Everything of one span.
    SpanAnswer {
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
        /// Status message.
        status_message: String,
        /// Start.
        start_ns: Ns,
        /// End.
        end_ns: Ns,
        /// Duration, nanoseconds.
        duration_ns: u64,
        /// Self time, nanoseconds.
        self_ns: u64,
        /// From the trace's start, nanoseconds.
        offset_ns: u64,
        /// 1 for roots and orphans; none for cyclic spans.
        depth: Option<u32>,
        /// How many direct children.
        children: u64,
        /// Its direct children by operation, those that take longest first; 20 at most.
        child_groups: Vec<ChildGroup>,
        /// Place in pre-order.
        place: u32,
        /// Attributes.
        attributes: AttributeMap,
        /// Resource attributes.
        resource: AttributeMap,
        /// Instrumentation scope.
        scope: ScopeAnswer,
        /// Events in the order sent.
        events: Vec<EventRow>,
        /// Links to other spans.
        links: Vec<LinkRow>,
        /// Spans that link here.
        linked_from: Vec<LinkRow>,
        /// Log records of this span.
        logs: Vec<LogAnswer>,
        /// W3C tracestate.
        trace_state: String,
        /// OTLP flags.
        flags: u32,
        /// What the sender dropped.
        dropped: Dropped,
        /// Position of this duration among the spans of its service and name, 0..1; none if it is the only one.
        percentile: Option<f64>,
        /// How many spans have its service and name.
        operation_count: u64,
        /// How many of the operation's spans there are from the shortest to the longest duration, in steps of equal ratio.
        operation_bins: Vec<u32>,
        /// "orphan", "cyclic", "duplicate" where it is one.
        marks: Vec<String>,
    }
    /// Instrumentation scope.
    ScopeAnswer {
        /// Name.
        name: String,
        /// Version.
        version: String,
        /// Attributes.
        attributes: AttributeMap,
    }
    /// What the sender dropped.
    Dropped {
        /// Attributes.
        attributes: u32,
        /// Events.
        events: u32,
        /// Links.
        links: u32,
    }
    /// A span event.
    EventRow {
        /// Name.
        name: String,
        /// Time.
        time_ns: Ns,
        /// Attributes.
        attributes: AttributeMap,
    }
    /// A span link.
    LinkRow {
        /// Hex.
        trace_id: String,
        /// Hex.
        span_id: String,
        /// Attributes.
        attributes: AttributeMap,
        /// Whether the other span is in the data.
        present: bool,
        /// Service of the other span, where it is in the data.
        service: Option<String>,
        /// Name of the other span, where it is in the data.
        name: Option<String>,
    }
    /// A log record.
    LogAnswer {
        /// Time.
        time_ns: Ns,
        /// Severity as a word.
        severity: String,
        /// Body as text.
        body: String,
        /// Attributes.
        attributes: AttributeMap,
    }
    /// Where a trace's time went.
    CriticalPathAnswer {
        /// How many sections there are, each for itself.
        sections_total: u64,
        /// In time order, tiling the main root.
        sections: Vec<SectionRow>,
        /// Sum of the sections, nanoseconds.
        total_ns: u64,
    }
    /// Totals by group.
    StatisticsAnswer {
        /// By total, largest first.
        rows: Vec<StatisticsRow>,
    }
    /// Direct children of one operation.
    ChildGroup {
        /// Service.
        service: String,
        /// Name.
        name: String,
        /// How many.
        count: u64,
        /// Sum of their durations, nanoseconds.
        total_ns: f64,
    }
    /// How long the main root takes.
    WhatIfAnswer {
        /// As it is, nanoseconds.
        before_ns: u64,
        /// As it would be.
        after_ns: u64,
    }
    /// What was found in a trace.
    FindAnswer {
        /// How many spans match.
        spans: u64,
        /// Which of them in pre-order is the one below, from 1; 0 where there is none.
        number: u64,
        /// The place of the one that was asked for.
        place: Option<u32>,
        /// Its id.
        span_id: String,
        /// The TraceQL that was evaluated, where the text was neither plain words nor signs.
        traceql: String,
    }
    /// One group.
    StatisticsRow {
        /// The group's value.
        group: String,
        /// The value of the second level, "" on one level.
        then: String,
        /// Spans.
        count: u64,
        /// Error spans.
        errors: u64,
        /// Sum of durations, nanoseconds.
        total_ns: u64,
        /// Sum of self times, nanoseconds.
        self_ns: u64,
        /// Time that the trace's critical path spends in them, nanoseconds; 0 over all traces.
        critical_ns: u64,
        /// Average duration.
        avg_ns: f64,
        /// Shortest.
        min_ns: u64,
        /// Longest.
        max_ns: u64,
        /// Median.
        p50_ns: f64,
        /// 95th percentile.
        p95_ns: f64,
    }
    /// Visible rows of the span tree.
    TreeAnswer {
        /// Visible rows in all.
        total: usize,
        /// The first one given.
        offset: usize,
        /// The rows.
        rows: Vec<TreeRow>,
        /// The visible row number of the place that was to be revealed.
        revealed: Option<usize>,
    }
    /// A row of the span tree.
    TreeRow {
        /// Place in pre-order; of a missing parent, that of the first span below it with bit 30 set.
        place: u32,
        /// Hex.
        span_id: String,
        /// Service.
        service: String,
        /// Name.
        name: String,
        /// Lower-case word.
        kind: String,
        /// Whether the status is ERROR.
        error: bool,
        /// From the trace's start, nanoseconds.
        offset_ns: f64,
        /// Where clock skew correction moved it: its offset as it was sent.
        raw_ns: Option<f64>,
        /// Duration, nanoseconds.
        duration_ns: f64,
        /// Self time, nanoseconds.
        self_ns: f64,
        /// 1 for roots and orphans, 0 for cyclic spans.
        depth: u32,
        /// How many direct children.
        children: u32,
        /// Whether its children are folded away.
        folded: bool,
        /// "orphan", "cyclic", "duplicate" where it is one; "missing" for a row that stands for a missing parent.
        mark: String,
        /// A short hint from HTTP, database or messaging attributes.
        hint: String,
        /// Whether it is what is looked for; of several, at least one.
        matched: bool,
        /// Whether it, or a span below it, lies on the critical path; from, to, from, to, …, nanoseconds from the trace's start.
        path: Vec<f64>,
        /// The share of its operation's spans that took no longer, 0 to 1; none for the only one.
        percentile: Option<f64>,
        /// How many siblings the row stands for; 0 for a row of one span.
        repeats: u32,
        /// Of several, the sum of their durations, nanoseconds.
        total_ns: f64,
        /// Of several, how many there are from the shortest to the longest duration, in steps of equal ratio.
        bins: Vec<u32>,
        /// Its group, where rows are colored by something.
        color: String,
        /// Its events and log records: time, kind, time, kind, …; nanoseconds from the trace's start, and 0 for an event, 1
        /// for an exception, 2 for a log record, 3 for one of an error. Close ones are left out.
        events: Vec<f64>,
    }
    /// Head of a flamegraph scene. The columns come beside it as typed arrays, in this order: t0 and t1 (64-bit
    /// floats), lane, place, count, service, flags, label (32-bit numbers), of event marks the time (64-bit
    /// floats), lane, count and kind (32-bit numbers; 1: exception, 2: log records only), of the critical path t0, t1
    /// (64-bit floats) and lane (32-bit numbers), of the places before clock skew correction the same, then, where the minimap was asked for, its density (64-bit
    /// floats), depth and errors (32-bit numbers).
    FlameAnswer {
        /// Left edge of the scene, nanoseconds from the trace's start.
        from_ns: f64,
        /// Right edge.
        to_ns: f64,
        /// Pixel columns between the edges.
        width_px: u32,
        /// Whole extent of the trace, nanoseconds.
        duration_ns: f64,
        /// Lanes in all.
        lanes: u32,
        /// First lane given.
        lane_from: u32,
        /// One past the last lane given.
        lane_to: u32,
        /// Names used by the label column.
        labels: Vec<String>,
        /// Names of the services, by number; of the values, where the bars are colored by something else.
        services: Vec<String>,
        /// The lane of the place that was to be revealed.
        revealed_lane: Option<u32>,
        /// Of callers and callees, the lane of the operation itself.
        center_lane: Option<u32>,
        /// Of callers and callees, the operation's name.
        center: String,
        /// Whether callers are left out because there are too many.
        callers_cut: bool,
    }
}
