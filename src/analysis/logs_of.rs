//! Log records of one trace, by the span they belong to: marks on its bars.

use crate::store::order;
use crate::store::{Store, Trace};

/// The severity number from which on a log record tells of an error (OTLP: ERROR).
const ERROR: u8 = 17;

/// A log record as a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogMark {
    /// Place of its span.
    pub place: u32,
    /// Nanoseconds since the epoch.
    pub time_ns: u64,
    /// Whether its severity is ERROR or worse.
    pub severe: bool,
}

/// The log records that name a span of the trace, by place, then by time.
pub fn logs_of(store: &Store, trace: Trace<'_>) -> Vec<LogMark> {
    let logs = store.logs();
    let own = || (0..logs.len()).map(|at| logs.get(at)).filter(|log| log.trace_id == trace.id());
    if own().next().is_none() {
        return Vec::new();
    }
    let ids = &store.spans().id;
    let mut places: Vec<(u64, u32)> =
        trace.rows().iter().zip(0..).map(|(&row, place)| (ids.get(row as usize), place)).collect();
    order::sort(&mut places);
    let mut marks: Vec<LogMark> = own()
        .filter_map(|log| {
            // Of repeated ids the first place has it.
            let at = places.partition_point(|&(id, _)| id < log.span_id.0);
            let &(_, place) = places.get(at).filter(|(id, _)| *id == log.span_id.0)?;
            Some(LogMark { place, time_ns: log.time_ns, severe: log.severity >= ERROR })
        })
        .collect();
    order::sort(&mut marks);
    marks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::testing::Desk;
    use crate::model::{SpanId, TraceId};
    use crate::store::LogDraft;

    #[test]
    fn records_stand_at_their_spans() {
        let mut desk = Desk::default();
        for line in ["1 1 0 a server r 0 100", "1 2 1 a client x 10 90", "2 1 0 a server r 0 100"] {
            let (scope, draft) = desk.line(line);
            desk.builder.commit(scope, &draft);
        }
        let scope = desk.scope("a");
        for (trace, span, time_ns, severity) in [(1, 2, 50, 9), (1, 2, 40, 17), (1, 3, 1, 9), (2, 1, 7, 21)] {
            let (trace_id, span_id) = (TraceId([trace; 16]), SpanId(span));
            desk.builder
                .commit_log(scope, &LogDraft { time_ns, severity, trace_id, span_id, ..LogDraft::default() });
        }
        let store = desk.finish();
        let of = |trace| {
            let marks = logs_of(&store, store.trace(trace)).into_iter();
            marks.map(|m| (m.place, m.time_ns, m.severe)).collect::<Vec<_>>()
        };
        assert_eq!(of(0), [(1, 40, true), (1, 50, false)]);
        assert_eq!(of(1), [(0, 7, true)]);
    }
}
