//! The events and log records of a trace by lane, in order of time: marks on the bars.
//!
//! An index of its own, so that a frame asks for pixels here too: a span may have a hundred thousand events.
//! An event stands in its span's lane at its own time, also where that is not inside the span.

use std::ops::Range;

use crate::analysis::logs_of;
use crate::store::order;
use crate::store::{Store, Trace};

/// The name that OpenTelemetry gives to recorded exceptions.
const EXCEPTION: &str = "exception";

/// Event times of all lanes.
#[derive(Clone, Debug, Default)]
pub(super) struct Marks {
    /// Where each lane begins; one more at the end.
    lane_from: Vec<u32>,
    /// Times after the trace's start, ascending within a lane.
    time: Vec<u64>,
    /// Exceptions and log records of errors before this one; one more at the end.
    exceptions: Vec<u32>,
    /// Log records before this one; one more at the end.
    logs: Vec<u32>,
}

/// What a mark stands for, as bits.
pub mod mark_of {
    /// An exception or a log record of an error; of several, at least one.
    pub const EXCEPTION: u32 = 1;
    /// Log records and no event.
    pub const LOGS: u32 = 2;
}

impl Marks {
    /// No events at all.
    pub(super) fn none(lanes: u32) -> Self {
        Self { lane_from: vec![0; lanes as usize + 1], time: Vec::new(), exceptions: vec![0], logs: vec![0] }
    }

    /// Collects the events of a trace whose places stand in these lanes, each place's later by its nanoseconds in
    /// `deltas`.
    pub(super) fn new(store: &Store, trace: Trace<'_>, lane_of: &[u32], lanes: u32, deltas: &[i64]) -> Self {
        let events = &store.spans().events;
        let origin = trace.facts().start_ns;
        let mut found: Vec<(u32, u64, u32)> = Vec::new();
        let after = |place: usize, time: u64| {
            time.saturating_add_signed(deltas.get(place).copied().unwrap_or_default()).saturating_sub(origin)
        };
        // Texts are compared once a run of equal names.
        let mut last = None;
        let mut is_exception = |event: usize| {
            let name = events.name(event);
            match last {
                Some((known, is)) if known == name => is,
                _ => {
                    let is = store.text(name) == EXCEPTION;
                    last = Some((name, is));
                    is
                }
            }
        };
        each_event(store, trace.rows(), |place, event| {
            let kind = if is_exception(event) { mark_of::EXCEPTION } else { 0 };
            found.push((lane_of[place], after(place, events.time.get(event)), kind));
        });
        for log in logs_of(store, trace) {
            let kind = mark_of::LOGS | if log.severe { mark_of::EXCEPTION } else { 0 };
            found.push((lane_of[log.place as usize], after(log.place as usize, log.time_ns), kind));
        }
        order::sort(&mut found);
        let mut lane_from = vec![0_u32; lanes as usize + 1];
        let (mut exceptions, mut logs) = (vec![0_u32], vec![0_u32]);
        let (mut wrong, mut logged) = (0, 0);
        for &(lane, _, kind) in &found {
            lane_from[lane as usize + 1] += 1;
            wrong += kind & mark_of::EXCEPTION;
            logged += u32::from(kind & mark_of::LOGS != 0);
            exceptions.push(wrong);
            logs.push(logged);
        }
        for lane in 0..lanes as usize {
            lane_from[lane + 1] += lane_from[lane];
        }
        Self { lane_from, time: found.into_iter().map(|f| f.1).collect(), exceptions, logs }
    }

    /// The times of a lane's events, which are those of these indices.
    pub(super) fn lane(&self, lane: u32) -> (Range<usize>, &[u64]) {
        let run = self.lane_from[lane as usize] as usize..self.lane_from[lane as usize + 1] as usize;
        (run.clone(), &self.time[..run.end])
    }

    /// What these stand for, as bits of [`mark_of`].
    pub(super) fn kind(&self, run: Range<usize>) -> u32 {
        let wrong = self.exceptions[run.end] > self.exceptions[run.start];
        let only_logs = (self.logs[run.end] - self.logs[run.start]) as usize == run.len();
        (u32::from(wrong) * mark_of::EXCEPTION) | (u32::from(only_logs) * mark_of::LOGS)
    }
}

/// Calls `each` with (place, event) for every event of the rows.
fn each_event(store: &Store, rows: &[u32], mut each: impl FnMut(usize, usize)) {
    let spans = store.spans();
    let (Some(&low), Some(&high)) = (rows.iter().min(), rows.iter().max()) else { return };
    if spans.events.span.is_empty() {
        return;
    }
    let reach = (high - low) as usize + 1;
    if reach > 8 * rows.len() {
        for (place, &row) in rows.iter().enumerate() {
            spans.events_of(row).for_each(|event| each(place, event));
        }
        return;
    }
    // The trace's rows lie close together: one pass over their events instead of a search a row.
    let mut place_of = vec![u32::MAX; reach];
    for (place, &row) in rows.iter().enumerate() {
        place_of[(row - low) as usize] = place as u32;
    }
    let run = spans.events_of(low).start..spans.events_of(high).end;
    for (event, row) in run.clone().zip(spans.events.span.range(run)) {
        let place = place_of[(row - low) as usize];
        if place != u32::MAX {
            each(place as usize, event);
        }
    }
}
