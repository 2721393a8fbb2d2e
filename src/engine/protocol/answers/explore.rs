//! What spans have in common and what tells them apart; tables and files of them.

answers! {
    /// Counts of values.
    FacetsAnswer {
        /// Matching spans.
        total: u64,
        /// Traces with a matching span.
        traces: u64,
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
        /// Its field in TraceQL; of a parent, the parent's own.
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
        /// The condition that a span who has it meets, of a parent its parent; "" where no query can say it.
        filter: String,
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
