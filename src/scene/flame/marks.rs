//! The events of a trace by lane, in order of time: marks on the bars.
//!
//! An index of its own, so that a frame asks for pixels here too: a span may have a hundred thousand events.
//! An event stands in its span's lane at its own time, also where that is not inside the span.

use std::ops::Range;

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
    /// Exceptions before this event; one more at the end.
    exceptions: Vec<u32>,
}

impl Marks {
    /// No events at all.
    pub(super) fn none(lanes: u32) -> Self {
        Self { lane_from: vec![0; lanes as usize + 1], time: Vec::new(), exceptions: vec![0] }
    }

    /// Collects the events of a trace whose places stand in these lanes.
    pub(super) fn new(store: &Store, trace: Trace<'_>, lane_of: &[u32], lanes: u32) -> Self {
        let events = &store.spans().events;
        let origin = trace.facts().start_ns;
        let mut found: Vec<(u32, u64, bool)> = Vec::new();
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
            let time = events.time.get(event).saturating_sub(origin);
            found.push((lane_of[place], time, is_exception(event)));
        });
        order::sort(&mut found);
        let mut lane_from = vec![0_u32; lanes as usize + 1];
        let mut exceptions = vec![0_u32];
        let mut seen = 0;
        for &(lane, _, exception) in &found {
            lane_from[lane as usize + 1] += 1;
            seen += u32::from(exception);
            exceptions.push(seen);
        }
        for lane in 0..lanes as usize {
            lane_from[lane + 1] += lane_from[lane];
        }
        Self { lane_from, time: found.into_iter().map(|f| f.1).collect(), exceptions }
    }

    /// The times of a lane's events, which are those of these indices.
    pub(super) fn lane(&self, lane: u32) -> (Range<usize>, &[u64]) {
        let run = self.lane_from[lane as usize] as usize..self.lane_from[lane as usize + 1] as usize;
        (run.clone(), &self.time[..run.end])
    }

    /// Whether an exception is among these events.
    pub(super) fn has_exception(&self, run: Range<usize>) -> bool {
        self.exceptions[run.end] > self.exceptions[run.start]
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
