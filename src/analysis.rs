//! What a person asks of traces: which services are slow or failing, since when, because of which span.
//!
//! Every question is a function over a sealed [`Store`](crate::store::Store) and a [`Selection`] (which spans
//! are counted), and answers plain rows of numbers and handles; texts are looked up by whoever shows them.
//! All numbers are exact over every selected span. Nothing here knows a clock, a browser or a wire format.
//!
//! ```text
//! let selection = Selection { range, ..Selection::default() };
//! let rows = analysis::services(&store, &selection, DEFAULT_APDEX_NS, &Uninterrupted)?;
//! ```
//!
//! Definitions are those of the project's ground truth: service, error, duration, entry span, self time,
//! edge, critical path; each file cites the part it answers.

mod buckets;
mod calls;
mod clock_skew;
mod columns;
mod copies;
mod critical_path;
mod difference;
mod error_origin;
mod exceptions;
mod facets;
mod grouping;
mod heatmap;
mod logs_of;
mod lookup;
mod merged;
mod operations;
mod path_pieces;
mod quantile;
mod red;
mod remote;
mod sampling;
mod selection;
mod self_time;
mod series;
mod service_map;
mod services;
mod standing;
mod statistics;
mod summary;
mod table;
mod tally;
mod traces;
mod what_if;

#[cfg(test)]
mod laws;
#[cfg(test)]
pub(crate) mod testing;

pub use buckets::{Buckets, MOST_BUCKETS};
pub use calls::{
    CallRow, CallSeries, Caller, Calls, Nested, database_calls, external_calls, normalize_statement,
};
pub use clock_skew::{ClockSkew, SkewRule, clock_skew};
pub use columns::{ABSENT, Column};
pub use copies::{Copies, copies};
pub use critical_path::{Section, critical_path};
pub use difference::{Difference, DifferenceRow, DifferenceValue, Relation, difference};
pub use error_origin::{ErrorOrigin, error_origins, origins};
pub use exceptions::{
    Alike, ExceptionRow, Occurrence, Source, exceptions, library_lines, normalize_message, plain_errors,
    top_frame,
};
pub use facets::{Facet, FacetValue, Facets, KeyCount, facets, key_of, usual_keys};
pub(crate) use grouping::Grouping;
pub use heatmap::{Heatmap, bin_edge, bin_of, heatmap};
pub use logs_of::{LogMark, logs_of};
pub use merged::{Merged, MergedNode, NO_NODE, merge_places, merged};
pub use operations::{Kinds, OperationRow, operations};
pub use path_pieces::{Piece, path_pieces};
pub use quantile::{PARTS, Quantiles, quantile, quantiles};
pub use red::{DEFAULT_APDEX_NS, Red};
pub use sampling::{AdjustedRow, SamplingState, adjusted, is_sampled, weights};
pub use selection::{Asynchronous, Checkpoint, Error, Scope, Selection, Uninterrupted};
pub use self_time::{SelfTimes, trace_self_times, trace_times};
pub use series::{Series, Sparkline, Subject, series, sparklines};
pub use service_map::{Edge, EdgeKind, Node, Place, ServiceMap, service_condition, service_map};
pub use services::{ServiceRow, services};
pub use standing::{Standing, standing};
pub(crate) use statistics::Grouper;
pub use statistics::{AttributeScope, Group, GroupBy, StatisticsRow, statistics, statistics_by};
pub use summary::{Summary, summary};
pub use table::{TableOrder, TablePage, TableRow, table};
pub use tally::{Census, Key, Trait};
pub use traces::{TraceOrder, TraceRow, TracesPage, traces};
pub use what_if::what_if;
