//! What is said of a query: whether it is one, what completes it, what it counts.

use crate::engine::protocol::{AttributeMap, Ns};

answers! {
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
}
