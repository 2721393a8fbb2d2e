//! Facts of a span that stand in no attribute: its depth, how many children it has, how many database calls its
//! trace makes, and how long after its parent it starts.

use super::super::selection::{Checkpoint, Error};
use crate::model::{SpanKind, conventions};
use crate::store::{AttrId, Store};

/// One derived fact of every span.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// Its name, as it is shown.
    pub(crate) name: &'static str,
    /// By row, [`NONE`] where the span has none.
    bins: Vec<u8>,
    is_time: bool,
}

/// The bin of a span that lacks the fact; numbers and times end far below.
const NONE: u8 = u8::MAX;

/// The bin of a number: 0, 1, 2, 3, then one a doubling.
fn number_bin(value: u32) -> u8 {
    if value < 4 { value as u8 } else { (value.ilog2() + 2) as u8 }
}

/// The bin of a time: by powers of ten from 1 µs on.
fn time_bin(ns: u64) -> u8 {
    (ns / 1000).checked_ilog10().map_or(0, |power| power as u8 + 1)
}

impl Fact {
    /// The bin of a row.
    pub(super) fn bin(&self, row: u32) -> Option<u8> {
        self.bins.get(row as usize).copied().filter(|bin| *bin != NONE)
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
pub(crate) fn facts(store: &Store, checkpoint: &dyn Checkpoint) -> Result<Vec<Fact>, Error> {
    let rows = store.len();
    let spans = store.spans();
    let (mut depth, mut gap, mut children) = (vec![NONE; rows], vec![NONE; rows], vec![0_u32; rows]);
    let mut calls = vec![0_u32; store.trace_count()];
    checkpoint.pass()?;
    for trace in 0..store.trace_count() as u32 {
        let trace = store.trace(trace);
        for (&row, &d) in trace.rows().iter().zip(trace.depths()) {
            if d > 0 {
                depth[row as usize] = number_bin(d);
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
            let after = spans.start.get(row as usize).saturating_sub(spans.start.get(parent as usize));
            gap[row as usize] = time_bin(after);
        }
        if !keys.is_empty()
            && spans.kind(row) != SpanKind::Server
            && spans.attributes(row).any(|id| of_database[id.0 as usize])
        {
            calls[spans.trace.get(row as usize) as usize] += 1;
        }
    }
    let fact = |name, bins, is_time| Fact { name, bins, is_time };
    let mut facts = vec![
        fact("depth", depth, false),
        fact("children", children.into_iter().map(number_bin).collect(), false),
        fact("gap before start", gap, true),
    ];
    if !keys.is_empty() {
        let of_trace: Vec<u8> = calls.into_iter().map(number_bin).collect();
        let bins = (0..rows).map(|row| of_trace[spans.trace.get(row) as usize]).collect();
        facts.push(fact("database calls in the trace", bins, false));
    }
    Ok(facts)
}
