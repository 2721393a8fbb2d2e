//! The critical path in a window: which stretches of which lanes to underline, gaps below a pixel closed.

use super::{Layout, Window};
use crate::analysis::Section;

/// Stretches to underline: columns of equal length, for typed arrays.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PathMarks {
    /// Start, nanoseconds after the trace's start.
    pub t0: Vec<f64>,
    /// End.
    pub t1: Vec<f64>,
    /// Lane.
    pub lane: Vec<u32>,
}

impl Layout {
    /// The sections (in order of time, none overlapping) that a window shows; `origin` is the trace's start. At most two
    /// stretches a pixel and lane come of it, however many sections there are.
    pub fn path_marks(&self, sections: &[Section], origin: u64, window: &Window) -> PathMarks {
        let mut marks = PathMarks::default();
        let lanes = window.lanes.start.min(self.lanes())..window.lanes.end.min(self.lanes());
        let px = window.end_ns.saturating_sub(window.start_ns) / u64::from(window.width_px.max(1));
        // The last stretch of each lane.
        let mut last = vec![usize::MAX; lanes.len()];
        let after = |time: u64| time.saturating_sub(origin);
        let from = sections.partition_point(|s| after(s.end_ns) <= window.start_ns);
        for section in sections[from..].iter().take_while(|s| after(s.start_ns) < window.end_ns) {
            let (start, end) = (after(section.start_ns), after(section.end_ns));
            let Some(lane) = self.place_lane(section.place).filter(|lane| lanes.contains(lane)) else {
                continue;
            };
            let slot = &mut last[(lane - lanes.start) as usize];
            match marks.t1.get_mut(*slot) {
                Some(before) if start as f64 - *before <= px as f64 => *before = end as f64,
                _ => {
                    *slot = marks.t0.len();
                    marks.t0.push(start as f64);
                    marks.t1.push(end as f64);
                    marks.lane.push(lane);
                }
            }
        }
        marks
    }
}
