//! Which spans a question counts, and how it is called off.
//!
//! Invariant: a selection chooses what is counted, nothing else: parents, entry marks, depth and trace
//! extents are always those of the whole data (script-api.md, "ask").

use crate::model::{SpanKind, TimeRange};
use crate::store::{CHUNK, RowSet, Store, mark};

/// Why there is no answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Error {
    /// A newer question took the place of this one.
    #[error("the question was called off")]
    Cancelled,
    /// The asked step would cut the range into more buckets than anybody can look at.
    #[error(
        "a step of {step_ns} ns gives {wanted} buckets, at most {most} are answered: choose a longer step"
    )]
    TooManyBuckets {
        /// Length of a bucket that was asked for, nanoseconds.
        step_ns: u64,
        /// Buckets that it gives.
        wanted: u64,
        /// Buckets that are answered.
        most: u64,
    },
}

/// Asked every 64 Ki rows whether anybody still waits for the answer.
pub trait Checkpoint {
    /// [`Error::Cancelled`] when nobody does.
    fn pass(&self) -> Result<(), Error>;
}

/// A checkpoint that always lets pass.
#[derive(Clone, Copy, Debug, Default)]
pub struct Uninterrupted;

impl Checkpoint for Uninterrupted {
    fn pass(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl<F: Fn() -> Result<(), Error>> Checkpoint for F {
    fn pass(&self) -> Result<(), Error> {
        self()
    }
}

/// Which spans count as calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Scope {
    /// Calls into a service: roots, orphans, cyclic spans, spans whose parent belongs to another service.
    #[default]
    Entry,
    /// Spans of kind SERVER and CONSUMER.
    Server,
    /// Every span.
    All,
}

/// Whether work that its parent does not wait for counts as the parent's (semantics.md §6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Asynchronous {
    /// Every direct child counts.
    #[default]
    Include,
    /// CONSUMER spans under PRODUCER spans, and children that start at or after their parent's end, are
    /// ignored with all below them.
    LeaveOut,
}

impl Asynchronous {
    /// Whether `child` is to be ignored under `parent`.
    pub(crate) fn ignores(self, store: &Store, parent: u32, child: u32) -> bool {
        let spans = store.spans();
        self == Self::LeaveOut
            && ((spans.kind(parent) == SpanKind::Producer && spans.kind(child) == SpanKind::Consumer)
                || spans.start.get(child as usize) >= spans.end.get(parent as usize))
    }
}

/// The spans that a question counts: those in the range, of the scope, and matched by the query.
#[derive(Clone, Copy, Debug, Default)]
pub struct Selection<'a> {
    /// By start time; none = all times.
    pub range: Option<TimeRange>,
    /// By role.
    pub scope: Scope,
    /// What a query matched; none = all.
    pub rows: Option<&'a RowSet>,
    /// How many spans each row stands for; none = itself only.
    pub weights: Option<&'a [f64]>,
}

impl<'a> Selection<'a> {
    /// Every span.
    pub const ALL: Selection<'static> =
        Selection { range: None, scope: Scope::All, rows: None, weights: None };

    /// The same spans of another scope.
    #[must_use]
    pub fn scoped(self, scope: Scope) -> Selection<'a> {
        Selection { scope, ..self }
    }

    /// How many spans a row stands for.
    #[inline]
    pub(crate) fn weight(&self, row: u32) -> f64 {
        self.weights.and_then(|weights| weights.get(row as usize).copied()).unwrap_or(1.0)
    }

    /// Whether nothing is left out.
    pub fn is_all(&self) -> bool {
        self.range.is_none() && self.rows.is_none() && self.scope == Scope::All
    }

    /// Whether a sealed row is counted.
    #[inline]
    pub fn contains(&self, store: &Store, row: u32) -> bool {
        self.range.is_none_or(|range| range.contains(store.spans().start.get(row as usize)))
            && self.in_scope(store, row)
            && self.rows.is_none_or(|rows| rows.contains(row))
    }

    /// Whether a row is of the scope, whatever the range.
    #[inline]
    pub(crate) fn in_scope(&self, store: &Store, row: u32) -> bool {
        match self.scope {
            Scope::Entry => store.marks(row) & mark::ENTRY != 0,
            Scope::Server => matches!(store.spans().kind(row), SpanKind::Server | SpanKind::Consumer),
            Scope::All => true,
        }
    }

    /// What rates divide by, in seconds: the range's length, else the data's; none where that is 0.
    pub fn seconds(&self, store: &Store) -> Option<f64> {
        let seconds = match self.range {
            Some(range) => range.seconds(),
            None => store.extent().map_or(0.0, |(start, end)| end.saturating_sub(start) as f64 / 1e9),
        };
        (seconds > 0.0).then_some(seconds)
    }

    /// Visits every counted row, ascending.
    pub(crate) fn each(
        &self,
        store: &Store,
        checkpoint: &dyn Checkpoint,
        mut visit: impl FnMut(u32),
    ) -> Result<(), Error> {
        let n = store.len();
        for from in (0..n).step_by(CHUNK) {
            checkpoint.pass()?;
            let chunk = from..n.min(from + CHUNK);
            if let Some(rows) = self.rows {
                for row in rows.range(chunk) {
                    if self.contains(store, row) {
                        visit(row);
                    }
                }
            } else if let Some(range) = self.range {
                for (i, start) in store.spans().start.range(chunk).enumerate() {
                    let row = (from + i) as u32;
                    if range.contains(start) && self.in_scope(store, row) {
                        visit(row);
                    }
                }
            } else {
                for row in chunk {
                    if self.in_scope(store, row as u32) {
                        visit(row as u32);
                    }
                }
            }
        }
        Ok(())
    }
}
