//! What comes back. Names and fields are the script door's (`docs/script-api.md`).

use super::wire::{Fields, Object, Put, Take, Wrong};
use super::{AttributeMap, Ns};

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
mod map;

pub use charts::*;
pub use exceptions::*;
pub use map::*;

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
        /// In time order, tiling the main root.
        sections: Vec<SectionRow>,
        /// Sum of the sections, nanoseconds.
        total_ns: u64,
    }
    /// A stretch of the critical path.
    SectionRow {
        /// Hex.
        span_id: String,
        /// From.
        start_ns: Ns,
        /// To.
        end_ns: Ns,
        /// Place in pre-order.
        place: u32,
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
    /// Counts of values.
    FacetsAnswer {
        /// Matching spans.
        total: u64,
        /// In the order asked.
        facets: Vec<FacetRow>,
        /// Every attribute key that a matching span has, most spans first.
        keys: Vec<KeyRow>,
    }
    /// One key with its values.
    FacetRow {
        /// TraceQL field.
        field: String,
        /// Distinct values among the matching spans.
        distinct: u64,
        /// Most spans first, absence last.
        values: Vec<FacetValue>,
    }
    /// One value.
    FacetValue {
        /// As a person reads it.
        text: String,
        /// As TraceQL writes it; "" where it cannot.
        literal: String,
        /// Whether this stands for spans without the key.
        absent: bool,
        /// Spans.
        count: u64,
        /// Error spans.
        errors: u64,
    }
    /// An attribute key.
    KeyRow {
        /// TraceQL field.
        field: String,
        /// Spans that have it.
        count: u64,
    }
    /// What is different about the spans in question.
    DifferenceAnswer {
        /// Spans in question.
        selected: u64,
        /// Spans they are compared with.
        rest: u64,
        /// Keys that differ beyond chance, most surprising first; service and name last.
        rows: Vec<DifferenceRow>,
        /// How many keys do not.
        alike: u64,
        /// Keys whose values are near-unique.
        unique: Vec<String>,
    }
    /// A key that differs.
    DifferenceRow {
        /// Whose it is: span, parent, root, derived.
        relation: String,
        /// TraceQL field, or the name of a derived fact.
        field: String,
        /// Log-likelihood ratio of its most surprising value.
        score: f64,
        /// Distinct values among all compared spans.
        distinct: u64,
        /// Most surprising first.
        values: Vec<DifferenceValue>,
    }
    /// A value of it.
    DifferenceValue {
        /// As a person reads it.
        text: String,
        /// As TraceQL writes it; "" where it cannot.
        literal: String,
        /// Whether this stands for spans without the key.
        absent: bool,
        /// Spans in question with it.
        selected: u64,
        /// Other spans with it.
        rest: u64,
        /// Spans in question that would have it if only the operation mattered.
        expected: f64,
        /// Log-likelihood ratio; negative where it is rarer than expected.
        score: f64,
    }
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
    /// Whether a text is TraceQL.
    ParseAnswer {
        /// Whether it is.
        valid: bool,
        /// The fully bracketed form, "" where it is not.
        canonical: String,
        /// Whether it gives time series rather than spans.
        metrics: bool,
        /// The TraceQL that a friendly form such as `service=checkout error` means.
        translated: Option<String>,
        /// What is wrong.
        error: Option<ParseError>,
    }
    /// What is wrong with a query.
    ParseError {
        /// A sentence.
        message: String,
        /// Byte offset.
        at: usize,
        /// Byte offset behind what does not fit.
        end: usize,
    }
    /// How many spans a query matches.
    ExplainAnswer {
        /// Spans that it leaves.
        matched: u64,
        /// Spans that it looks at: all, or those of the range.
        of: u64,
        /// Traces of the spans that it leaves.
        traces: u64,
        /// Its filters, operators and stages in the order of evaluation.
        parts: Vec<ExplainPart>,
    }
    /// One part of a query.
    ExplainPart {
        /// Canonical text.
        part: String,
        /// Spans that match it where it stands.
        matched: u64,
    }
    /// Completions.
    CompleteAnswer {
        /// First byte that an item replaces.
        from: usize,
        /// One past the last.
        to: usize,
        /// Best first.
        items: Vec<CompleteItem>,
    }
    /// One completion.
    CompleteItem {
        /// The text to put in.
        insert: String,
        /// "scope", "key", "operator", "value", …
        kind: String,
        /// A count or an explanation.
        detail: String,
    }
    /// A metrics query's result.
    MetricsAnswer {
        /// Step, seconds.
        step_s: f64,
        /// Time of the first point.
        start_ns: Option<Ns>,
        /// By labels.
        series: Vec<MetricsSeries>,
    }
    /// One series.
    MetricsSeries {
        /// Labels.
        labels: AttributeMap,
        /// One a step; none where there is no value.
        points: Vec<Option<f64>>,
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
        /// Place in pre-order.
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
        /// "orphan", "cyclic", "duplicate" where it is one.
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
    /// A file to save, or a piece of it; the bytes come beside it.
    ExportAnswer {
        /// Suggested name.
        name: String,
        /// Media type.
        media_type: String,
        /// Traces or rows in the whole file.
        total: u64,
        /// Where the next piece begins; none after the last one.
        next: Option<usize>,
        /// Bytes of this piece; where the limit is 0, of the whole file as estimated.
        bytes: Option<f64>,
    }
    /// Groups of spans.
    TableAnswer {
        /// Groups, before limit and offset.
        total: u64,
        /// Matching spans.
        spans: u64,
        /// The rows.
        rows: Vec<TableRow>,
    }
    /// One group.
    TableRow {
        /// Its value in each field, as a person reads it.
        values: Vec<String>,
        /// Its value in each field in TraceQL: "nil" where the field is absent, "" where TraceQL cannot name it.
        literals: Vec<String>,
        /// Spans.
        count: u64,
        /// Error spans.
        errors: u64,
        /// Fraction 0..1.
        error_rate: Option<f64>,
        /// Spans a second of the range.
        rate_per_s: Option<f64>,
        /// Median duration, nanoseconds.
        p50_ns: Option<f64>,
        /// 90th percentile.
        p90_ns: Option<f64>,
        /// 95th percentile.
        p95_ns: Option<f64>,
        /// 99th percentile.
        p99_ns: Option<f64>,
        /// Average duration.
        avg_ns: Option<f64>,
        /// Shortest.
        min_ns: u64,
        /// Longest.
        max_ns: u64,
        /// Sum of durations, nanoseconds.
        total_ns: u64,
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
