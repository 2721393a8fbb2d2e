//! Facts of a span that stand in no attribute: its depth, how many children it has, how many database calls its
//! trace makes, and how long after its parent it starts.

use super::super::selection::{Checkpoint, Error};
use crate::model::{SpanKind, conventions};
use crate::store::{AttrId, Store};

/// One derived fact of every span.
pub(super) struct Fact {
    /// Its name, as it is shown.
    pub(super) name: &'static str,
    /// By row, [`NONE`] where the span has none.
    values: Vec<u64>,
    is_time: bool,
}

const NONE: u64 = u64::MAX;

impl Fact {
    /// The bin of a row: 0, 1, 2, 3, then one a doubling; times by powers of ten from 1 µs on.
    pub(super) fn bin(&self, row: u32) -> Option<u32> {
        let value = *self.values.get(row as usize)?;
        Some(match value {
            NONE => return None,
            v if self.is_time => (v / 1000).checked_ilog10().map_or(0, |power| power + 1),
            v if v < 4 => v as u32,
            v => v.ilog2() + 2,
        })
    }

    /// What a bin holds, in words.
    pub(super) fn text(&self, bin: u32) -> String {
        const TIMES: [&str; 9] =
            ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"];
        if self.is_time {
            return match (bin.checked_sub(1).and_then(|b| TIMES.get(b as usize)), TIMES.get(bin as usize)) {
                (None, Some(to)) if bin == 0 => format!("under {to}"),
                (Some(from), Some(to)) => format!("{from} to {to}"),
                _ => "over 100 s".to_owned(),
            };
        }
        if bin < 4 {
            bin.to_string()
        } else {
            format!("{} to {}", 1_u64 << (bin - 2), (2_u64 << (bin - 2)) - 1)
        }
    }
}

/// Derives all facts of all spans.
pub(super) fn facts(store: &Store, checkpoint: &dyn Checkpoint) -> Result<Vec<Fact>, Error> {
    let rows = store.len();
    let spans = store.spans();
    let (mut depth, mut children, mut gap) = (vec![NONE; rows], vec![0_u64; rows], vec![NONE; rows]);
    let mut calls = vec![0_u64; store.trace_count()];
    checkpoint.pass()?;
    for trace in 0..store.trace_count() as u32 {
        let trace = store.trace(trace);
        for (&row, &d) in trace.rows().iter().zip(trace.depths()) {
            if d > 0 {
                depth[row as usize] = u64::from(d);
            }
        }
    }
    checkpoint.pass()?;
    let keys: Vec<_> =
        conventions::DB_SYSTEM.iter().filter_map(|name| store.attributes().find_key(name)).collect();
    let of_database: Vec<bool> = (0..store.attributes().len() as u32)
        .map(|id| keys.contains(&store.attributes().key(AttrId(id))))
        .collect();
    for row in 0..rows as u32 {
        if let Some(parent) = store.parent(row) {
            children[parent as usize] += 1;
            gap[row as usize] =
                spans.start.get(row as usize).saturating_sub(spans.start.get(parent as usize));
        }
        if !keys.is_empty()
            && spans.kind(row) != SpanKind::Server
            && spans.attributes(row).any(|id| of_database[id.0 as usize])
        {
            calls[spans.trace.get(row as usize) as usize] += 1;
        }
    }
    let mut facts = vec![
        Fact { name: "depth", values: depth, is_time: false },
        Fact { name: "children", values: children, is_time: false },
        Fact { name: "gap before start", values: gap, is_time: true },
    ];
    if !keys.is_empty() {
        let of_trace = |row| calls[spans.trace.get(row) as usize];
        let values = (0..rows).map(of_trace).collect();
        facts.push(Fact { name: "database calls in the trace", values, is_time: false });
    }
    Ok(facts)
}
