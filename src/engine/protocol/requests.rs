//! What can be asked.

#[macro_use]
mod define;

use serde_json::Value as Json;

use super::wire::{Fields, Object, Put, Take, Wrong, parse};
use super::{AlikeName, CallKind, Measure, Order, Question, Range, ScopeName, answers as a};

/// A word that needs no escapes.
struct WordOf(&'static str);

impl Put for WordOf {
    fn put(&self, out: &mut String) {
        self.0.put(out);
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

requests! {
    /// Counts and extent of everything loaded, or of a range and query.
    Summary / "summary" -> a::SummaryAnswer {
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
    }
    /// One row a service.
    Services / "services" -> a::ServicesAnswer {
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// Which spans count as calls.
        scope: Option<ScopeName>,
        /// Apdex threshold in nanoseconds, 500,000,000 where absent.
        apdex_ns: Option<u64>,
        /// With a small series of p99 and calls per row.
        sparklines: bool,
        /// Estimates: each span counts as often as its sampling threshold says.
        adjusted: bool,
    }
    /// One row an operation (span name) of a service.
    Operations / "operations" -> a::OperationsAnswer {
        /// The service; "" is the one without a name.
        service: String,
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// Which spans count, all where absent.
        scope: Option<ScopeName>,
        /// Apdex threshold in nanoseconds.
        apdex_ns: Option<u64>,
        /// Estimates: each span counts as often as its sampling threshold says.
        adjusted: bool,
    }
    /// Traces with at least one matching span.
    Traces / "traces" -> a::TracesAnswer {
        /// Only traces with a span that starts in it.
        range: Option<Range>,
        /// Only traces with a span that matches this TraceQL.
        q: String,
        /// Longest first where absent.
        order: Order,
        /// 100 where absent.
        limit: Option<usize>,
        /// Rows to skip.
        offset: usize,
    }
    /// Spans that a query leaves at the end of its pipeline.
    Spans / "spans" -> a::SpansAnswer {
        /// Only spans that start in it.
        range: Option<Range>,
        /// TraceQL.
        q: String,
        /// Longest first where absent.
        order: Order,
        /// 100 where absent.
        limit: Option<usize>,
        /// Rows to skip.
        offset: usize,
        /// Fields in TraceQL spelling that rows give among their attributes.
        fields: Vec<String>,
        /// A field that rows stand in order of instead, with `-` for descending; spans without it come last.
        sort: String,
    }
    /// Matching spans grouped by any fields.
    Table / "table" -> a::TableAnswer {
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// Fields in TraceQL spelling; one group of all where there are none.
        by: Vec<String>,
        /// A field of `by` or a number of the rows, with `-` for descending; most spans first where empty.
        sort: String,
        /// 100 where absent.
        limit: Option<usize>,
        /// Rows to skip.
        offset: usize,
    }
    /// One trace in pre-order.
    Trace / "trace" -> a::TraceAnswer {
        /// Hex.
        trace_id: String,
        /// All where absent.
        limit: Option<usize>,
        /// Rows to skip.
        offset: usize,
    }
    /// Everything of one span.
    Span / "span" -> a::SpanAnswer {
        /// Hex.
        trace_id: String,
        /// Hex; may be empty where `place` is given.
        span_id: String,
        /// Which record, by its place in pre-order, where several share the id.
        place: Option<u32>,
    }
    /// Where a trace's time went, walking back from the main root's end.
    CriticalPath / "critical_path" -> a::CriticalPathAnswer {
        /// Hex.
        trace_id: String,
        /// Leaves out asynchronous children.
        sync_only: bool,
        /// Only this stretch of time: sections are clipped to it.
        range: Option<Range>,
        /// At most so many sections, neighbors too short to be told apart in one; all as they are where absent.
        limit: Option<usize>,
    }
    /// Totals by service, operation or attribute.
    Statistics / "statistics" -> a::StatisticsAnswer {
        /// One trace, or everything where absent.
        trace_id: String,
        /// "service", "operation" or an attribute in TraceQL spelling.
        by: String,
        /// A second level beneath, likewise; one level where empty.
        then: String,
        /// Of a trace's critical path, leaves out asynchronous children.
        sync_only: bool,
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
    }
    /// How long a trace would take if an operation were faster.
    WhatIf / "what_if" -> a::WhatIfAnswer {
        /// Hex.
        trace_id: String,
        /// The operation's service.
        service: String,
        /// The operation's name.
        name: String,
        /// By how many percent its own time shrinks, 0 to 100.
        percent: f64,
        /// Leaves out asynchronous children.
        sync_only: bool,
    }
    /// Spans of one trace by words, TraceQL or signs, and the way from one to the next.
    Find / "find" -> a::FindAnswer {
        /// Hex.
        trace_id: String,
        /// Words, TraceQL, or signs such as `is:error`.
        find: String,
        /// The place from which the next one is wanted; the first one where absent.
        from: Option<u32>,
        /// The one before it instead.
        back: bool,
    }
    /// A measure over time.
    Series / "series" -> a::SeriesAnswer {
        /// What to measure.
        measure: Measure,
        /// One service, or all where absent.
        service: Option<String>,
        /// One operation of it.
        operation: Option<String>,
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// Which spans count, entry where absent.
        scope: Option<ScopeName>,
        /// Bucket length in seconds; fitting the range where absent.
        step_s: Option<f64>,
        /// Apdex threshold in nanoseconds.
        apdex_ns: Option<u64>,
        /// Estimates: each span counts as often as its sampling threshold says.
        adjusted: bool,
    }
    /// All measures over time at once, as columns.
    Red / "red" -> a::RedAnswer {
        /// One service, or all where absent.
        service: Option<String>,
        /// One operation of it.
        operation: Option<String>,
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// Which spans count, entry where absent.
        scope: Option<ScopeName>,
        /// Bucket length in seconds; fitting the range where absent.
        step_s: Option<f64>,
        /// Apdex threshold in nanoseconds.
        apdex_ns: Option<u64>,
        /// Estimates: each span counts as often as its sampling threshold says.
        adjusted: bool,
    }
    /// Spans counted by start and duration.
    Heatmap / "heatmap" -> a::HeatmapAnswer {
        /// One service, or all where absent.
        service: Option<String>,
        /// One operation of it.
        operation: Option<String>,
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// Which spans count, entry where absent.
        scope: Option<ScopeName>,
        /// Bucket length in seconds; fitting the range where absent.
        step_s: Option<f64>,
        /// Estimates: each span counts as often as its sampling threshold says.
        adjusted: bool,
        /// Up to so many spans are also told one by one.
        singly: usize,
    }
    /// Calls to databases or to hosts outside.
    Calls / "calls" -> a::CallsAnswer {
        /// Which calls.
        kind: CallKind,
        /// Those of one service, or of all where absent.
        service: Option<String>,
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// Without database spans that have a database span right below them.
        innermost: bool,
        /// How many targets have a series, 8 where absent.
        limit: Option<usize>,
        /// Estimates: each span counts as often as its sampling threshold says.
        adjusted: bool,
    }
    /// Services, databases, messaging, external hosts, and the calls between them.
    ServiceMap / "service_map" -> a::ServiceMapAnswer {
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// Only the node of this id and what is near it.
        around: Option<String>,
        /// How many edges away is near; everything connected where absent.
        depth: Option<u32>,
        /// With a drawing: where nodes stand and edges run.
        layout: bool,
        /// Estimates: each span counts as often as its sampling threshold says.
        adjusted: bool,
    }
    /// Exceptions by type, message and service.
    Exceptions / "exceptions" -> a::ExceptionsAnswer {
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// What makes two the same.
        by: AlikeName,
        /// With a small series of counts per row.
        sparklines: bool,
    }
    /// Error spans for which no exception was recorded, by `error.type` and status message.
    PlainErrors / "plain_errors" -> a::ExceptionsAnswer {
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// What makes two the same.
        by: AlikeName,
        /// With a small series of counts per row.
        sparklines: bool,
    }
    /// The single times of one group of exceptions or plain errors, latest first.
    Occurrences / "occurrences" -> a::OccurrencesAnswer {
        /// The group's `id`.
        group: String,
        /// Whether it is a group of `plain_errors`.
        plain: bool,
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// What made two the same.
        by: AlikeName,
        /// 100 where absent.
        limit: Option<usize>,
        /// Rows to skip.
        offset: usize,
    }
    /// Whether a text is TraceQL, and its canonical form.
    Parse / "parse" -> a::ParseAnswer {
        /// TraceQL.
        q: String,
    }
    /// How many spans a query and each of its parts match.
    Explain / "explain" -> a::ExplainAnswer {
        /// TraceQL; of a metrics query its pipelines are counted.
        q: String,
        /// Only spans that start in it.
        range: Option<Range>,
        /// Without the parts, which cost an evaluation each.
        brief: bool,
    }
    /// Completions for the TraceQL bar.
    Complete / "complete" -> a::CompleteAnswer {
        /// The text so far.
        text: String,
        /// Byte offset of the cursor.
        cursor: usize,
    }
    /// A TraceQL metrics query.
    Metrics / "metrics" -> a::MetricsAnswer {
        /// TraceQL.
        q: String,
        /// Only spans that start in it.
        range: Option<Range>,
        /// Step in seconds; fitting the range where absent.
        step_s: Option<f64>,
    }
    /// How often each value of some keys occurs among the matching spans.
    Facets / "facets" -> a::FacetsAnswer {
        /// Only spans that start in it.
        range: Option<Range>,
        /// Only spans that match this TraceQL.
        q: String,
        /// With the usual keys: service, name, status, kind, HTTP, environment, database.
        usual: bool,
        /// More keys, in TraceQL spelling.
        fields: Vec<String>,
        /// Values a key, 10 where absent.
        limit: Option<usize>,
    }
    /// What is different about some spans: keys ranked by how their values are spread.
    Difference / "difference" -> a::DifferenceAnswer {
        /// The spans in question: those that start in it.
        range: Option<Range>,
        /// The spans in question: those that match this TraceQL.
        q: String,
        /// What they are compared with: spans that start in it, the ones in question left out.
        base_range: Option<Range>,
        /// What they are compared with: spans that match this TraceQL, everything where empty.
        base: String,
        /// Values a key, 12 where absent.
        limit: Option<usize>,
    }
    /// Visible rows of the span tree, folded parts left out.
    Tree / "tree" -> a::TreeAnswer {
        /// Hex.
        trace_id: String,
        /// Spans at this level and deeper are folded, unless named in `toggled`; orphans are at the second.
        fold_depth: Option<u32>,
        /// Places (pre-order) whose fold is the opposite.
        toggled: Vec<u32>,
        /// First visible row wanted.
        offset: usize,
        /// How many, 200 where absent.
        limit: Option<usize>,
        /// A place whose visible row number is wanted (its nearest visible ancestor counts).
        reveal: Option<u32>,
        /// Siblings of one operation stand in one row where there are so many; never where 0.
        repeats: u32,
        /// Of those rows, by the place of the first sibling, the ones that are opened.
        opened: Vec<u32>,
        /// Missing parents are folded, unless named in `opened`; else those named there are.
        fold_missing: bool,
        /// What is looked for, as in `find`; rows say whether they match.
        find: String,
        /// Leaves out rows that neither match nor lead to a match.
        hide: bool,
        /// With the clock skew between hosts corrected; rows say where they were.
        skew: bool,
        /// With the sections of the critical path in each row.
        path: bool,
        /// Of the critical path, leaves out asynchronous children.
        sync_only: bool,
        /// What rows are colored by, as `by` of statistics; each then says its group.
        color: String,
        /// Leaves out records that are identical copies of others.
        once: bool,
    }
    /// A flamegraph scene for one window of time; its columns come as typed arrays.
    Flame / "flame" -> a::FlameAnswer {
        /// Hex.
        trace_id: String,
        /// Left edge, nanoseconds from the trace's start.
        from_ns: f64,
        /// Right edge, nanoseconds from the trace's start; the whole trace where absent.
        to_ns: Option<f64>,
        /// Pixels between the edges.
        width_px: u32,
        /// First lane wanted.
        lane_from: u32,
        /// One past the last lane wanted.
        lane_to: Option<u32>,
        /// With the minimap this many pixels wide.
        minimap_px: u32,
        /// A place whose lane is wanted.
        reveal: Option<u32>,
        /// What is looked for, as in `find`; flags say which bars match (64) and which lead to a match (256).
        find: String,
        /// With the stretches of the critical path.
        path: bool,
        /// Of the critical path, leaves out asynchronous children.
        sync_only: bool,
        /// With the clock skew between hosts corrected.
        skew: bool,
        /// What bars are colored by, as `by` of statistics; by service where empty.
        color: String,
        /// Merged by path, as wide as "total", "self" or "critical" time; by time where empty.
        merged: String,
        /// Where merged: the callers and callees of the operation of the span with this id, hex; of all where empty.
        around: String,
        /// Says which bars are identical copies of others (512).
        once: bool,
    }
    /// One trace, matching traces or a list as a file; the bytes come as a typed array.
    Export / "export" -> a::ExportAnswer {
        /// Hex; matching traces or a list where empty.
        trace_id: String,
        /// "protobuf", "json" or "csv".
        format: String,
        /// Only traces with a span, or spans, that start in it.
        range: Option<Range>,
        /// Only traces with a span, or spans, that match this TraceQL.
        q: String,
        /// What CSV lists: "traces", "spans" or "table".
        list: String,
        /// Columns of the spans, or what the table groups by.
        fields: Vec<String>,
        /// Order of the list, as its own request has it.
        sort: String,
        /// How many traces or rows this piece of the file holds; all where absent, with 0 only the size is estimated.
        limit: Option<usize>,
        /// Traces or rows in the pieces before.
        offset: usize,
    }
    /// Every file that was opened, with its report.
    Files / "files" -> super::Report {
    }
    /// Makes the engine panic, to try the recovery.
    Crash / "crash" -> a::SummaryAnswer {
    }
}

#[cfg(test)]
mod tests {
    use super::super::Ns;
    use super::*;

    #[test]
    fn a_request_reads_its_own_wire_form() {
        let request = Request::from(Services {
            range: Some(Range { start_ns: Ns(1), end_ns: Ns(u64::MAX) }),
            scope: Some(ScopeName::Server),
            ..Services::default()
        });
        let json = request.to_json();
        assert_eq!(
            json,
            r#"{"ask":"services","range":{"start_ns":"1","end_ns":"18446744073709551615"},"scope":"server"}"#
        );
        assert_eq!(Request::from_json(&json), Ok(request));
    }

    #[test]
    fn what_is_wrong_with_a_request_is_said() {
        let check = |text: &str, want: &str| {
            let error = Request::from_json(text).expect_err(text);
            assert!(error.contains(want), "{error}");
        };
        check("[]", "a request is an object");
        check("{}", "needs a field ask");
        check(r#"{"ask":"tea"}"#, "\"tea\" is no request; known are: summary, services");
        check(
            r#"{"ask":"traces","order":"sideways"}"#,
            "order: expected one of -duration, duration, -start, start, -spans, -errors, found \"sideways\"",
        );
        check(r#"{"ask":"services","range":{"start_ns":"x","end_ns":"2"}}"#, "found \"x\"");
        assert!(Request::from_json(r#"{"ask":"traces","q":null,"limit":null,"later":1}"#).is_ok());
    }
}
