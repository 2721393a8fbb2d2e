//! Facts of a span that stand in no attribute, in bins: its depth, how many children it has, how many database calls
//! its trace makes, and how long after its parent it starts. Each has a word in the query language, so a bin can be
//! asked for.

use super::super::selection::{Checkpoint, Error};
use crate::store::Store;
use crate::traceql::eval::derived;

/// One derived fact of every span.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// Its word in the query language.
    pub(crate) field: &'static str,
    /// By row, [`NONE`] where the span has none.
    bins: Vec<u8>,
    is_time: bool,
}

/// The bin of a span that lacks the fact; numbers and times end far below.
const NONE: u8 = u8::MAX;
/// Where the bins of times begin, the first at 0: powers of ten.
const TIMES: [&str; 9] = ["1 µs", "10 µs", "100 µs", "1 ms", "10 ms", "100 ms", "1 s", "10 s", "100 s"];

/// The bin of a number: 0, 1, 2, 3, then one a doubling.
fn number_bin(value: u32) -> u8 {
    if value < 4 { value as u8 } else { (value.ilog2() + 2) as u8 }
}

/// The bin of a time: by powers of ten from 1 µs on.
fn time_bin(ns: u64) -> u8 {
    (ns / 1000).checked_ilog10().map_or(0, |power| (power as u8 + 1).min(TIMES.len() as u8))
}

impl Fact {
    /// The bin of a row.
    pub(super) fn bin(&self, row: u32) -> Option<u8> {
        self.bins.get(row as usize).copied().filter(|bin| *bin != NONE)
    }

    /// What a bin holds, in words and as a condition.
    pub(super) fn texts(&self, bin: u32) -> (String, String) {
        let field = self.field;
        if self.is_time {
            let from = bin.checked_sub(1).and_then(|b| TIMES.get(b as usize));
            let literal = |text: &str| text.replace(' ', "");
            return match (from, TIMES.get(bin as usize)) {
                (Some(from), Some(to)) => (
                    format!("{from} to {to}"),
                    format!("{field} >= {} && {field} < {}", literal(from), literal(to)),
                ),
                (Some(from), None) => (format!("over {from}"), format!("{field} >= {}", literal(from))),
                (None, to) => {
                    let to = to.copied().unwrap_or_default();
                    (format!("under {to}"), format!("{field} < {}", literal(to)))
                }
            };
        }
        if bin < 4 {
            return (bin.to_string(), format!("{field} = {bin}"));
        }
        let (from, to) = (1_u64 << (bin - 2), (2_u64 << (bin - 2)) - 1);
        (format!("{from} to {to}"), format!("{field} >= {from} && {field} <= {to}"))
    }
}

/// Derives all facts of all spans.
pub(crate) fn facts(store: &Store, checkpoint: &dyn Checkpoint) -> Result<Vec<Fact>, Error> {
    let numbers = |numbers: Vec<u32>| numbers.into_iter().map(number_bin).collect::<Vec<u8>>();
    checkpoint.pass()?;
    // A depth of 0 is that of no tree.
    let depth = derived::depths(store);
    let depth = depth.into_iter().map(|depth| if depth == 0 { NONE } else { number_bin(depth) }).collect();
    checkpoint.pass()?;
    let children = numbers(derived::children(store));
    checkpoint.pass()?;
    let gap = (0..store.len() as u32).map(|row| derived::gap_ns(store, row).map_or(NONE, time_bin)).collect();
    checkpoint.pass()?;
    let calls = numbers(derived::database_calls(store));
    let fact = |field, bins, is_time| Fact { field, bins, is_time };
    let mut facts = vec![
        fact("derived:depth", depth, false),
        fact("span:childCount", children, false),
        fact("derived:gap", gap, true),
    ];
    if !calls.is_empty() {
        let bins = (0..store.len()).map(|row| calls[store.spans().trace.get(row) as usize]).collect();
        facts.push(fact("derived:databaseCalls", bins, false));
    }
    Ok(facts)
}
