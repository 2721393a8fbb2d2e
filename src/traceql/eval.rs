//! Evaluation over columns.
//!
//! A set of spans is a bitmap over the store's rows. A filter becomes a [`plan`]: predicates on one
//! attribute are computed once per distinct dictionary entry and then only looked up, `&&` narrows the
//! rows that its next part looks at. Structural operators walk each trace's pre-order once. Everything
//! calls [`Checkpoint`] at least every 64 Ki spans, and nothing allocates per span.

mod aggregate;
mod bitmap;
mod classes;
pub mod derived;
mod plan;
mod program;
mod source;
mod spansets;
mod structural;

pub(super) use aggregate::Flow;
pub use aggregate::{Group, Matches};
pub use bitmap::Bitmap;
pub(super) use classes::Classes;
pub(super) use program::Program;

use super::ast::{Attr, Body, Field, Query, Stage, Static};
use super::error::{Error, RunError};
use crate::model::TimeRange;
use crate::store::{AttrId, KeyId, Store};

/// The question was withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cancelled;

/// Asked now and then whether to go on.
pub trait Checkpoint {
    /// Ends the evaluation by an error.
    ///
    /// # Errors
    /// [`Cancelled`] when the answer is no longer wanted.
    fn checkpoint(&mut self) -> Result<(), Cancelled>;
}

impl Checkpoint for () {
    fn checkpoint(&mut self) -> Result<(), Cancelled> {
        Ok(())
    }
}

impl From<Cancelled> for Error {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

/// How many spans a part of a query matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explained {
    /// The part as canonical text.
    pub part: String,
    /// Spans that it left.
    pub spans: u64,
}

/// What an evaluation reads and asks.
pub(super) struct Scan<'s, 'c> {
    pub(super) store: &'s Store,
    pub(super) checkpoint: &'c mut dyn Checkpoint,
    pub(super) explained: Option<Vec<Explained>>,
}

impl Scan<'_, '_> {
    pub(super) fn note(&mut self, part: &dyn std::fmt::Display, rows: &Bitmap) {
        if let Some(list) = &mut self.explained {
            list.push(Explained { part: part.to_string(), spans: rows.count() as u64 });
        }
    }
}

/// The spans that a query leaves, within a time range of span starts if one is given.
///
/// # Errors
/// [`RunError`] as traceql.md §6.2 and §7 name them, or [`Error::Cancelled`].
pub fn spans(
    store: &Store,
    query: &Query,
    range: Option<TimeRange>,
    checkpoint: &mut dyn Checkpoint,
) -> Result<Matches, Error> {
    let Body::Spans(stages) = &query.body else { return Err(RunError::NotSpans.into()) };
    let mut scan = Scan { store, checkpoint, explained: None };
    let flow = run(&mut scan, stages, range)?;
    Ok(Matches::new(store, flow, selected(stages)))
}

/// What [`explain`] tells.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Every condition, filter, operator and stage, in the order of evaluation; empty unless asked for.
    pub parts: Vec<Explained>,
    /// Spans that the query leaves.
    pub rows: Bitmap,
}

/// Which spans a query leaves, those of a metrics query's pipelines too; with `parts`, also how many spans
/// every condition, filter, operator and stage matched.
///
/// # Errors
/// As [`spans`].
pub fn explain(
    store: &Store,
    query: &Query,
    range: Option<TimeRange>,
    parts: bool,
    checkpoint: &mut dyn Checkpoint,
) -> Result<Explanation, Error> {
    let mut scan = Scan { store, checkpoint, explained: parts.then(Vec::new) };
    let mut rows = Bitmap::empty(store.len());
    match &query.body {
        Body::Spans(stages) => rows = run(&mut scan, stages, range)?.rows,
        Body::Metrics { math, .. } => {
            for node in math {
                if let super::ast::MathNode::Series(series) = node {
                    rows.or(&run(&mut scan, &series.pipeline, range)?.rows);
                }
            }
        }
    }
    Ok(Explanation { parts: scan.explained.unwrap_or_default(), rows })
}

/// The value of an attribute or intrinsic of one span; [`Static::Nil`] where it has none. Of event and
/// link attributes the first one counts.
pub fn value(store: &Store, row: u32, attr: &Attr) -> Static {
    let field = Field::leaf(super::ast::Node::Attr(attr.clone()), 0);
    let program = Program::new(store, &field);
    program.value(store, row).map_or(Static::Nil, |v| v)
}

/// By row, a number that stands for the value of a field on some spans, and the values by number; 0 is "no value".
/// None where the text names no field.
pub fn numbered(store: &Store, field: &str, rows: &Bitmap) -> Option<(Vec<u32>, Vec<Static>)> {
    let query = super::parse(&format!("{{ }} | select({field})")).ok()?;
    let Body::Spans(stages) = query.body else { return None };
    let [attr] = <[Attr; 1]>::try_from(selected(&stages)).ok()?;
    let program = Program::new(store, &Field::leaf(super::ast::Node::Attr(attr), 0));
    let mut scan = Scan { store, checkpoint: &mut (), explained: None };
    let (mut classes, mut numbers) = (Classes::default(), vec![0; store.len()]);
    classes.visit(&mut scan, &program, rows, |row, class| numbers[row as usize] = class).ok()?;
    Some((numbers, classes.into_values()))
}

/// The value of a dictionary entry; text for what TraceQL cannot query.
pub(super) fn attr_static(store: &Store, attr: AttrId) -> Static {
    match source::attr_value(store, attr).to_static() {
        Static::Nil => Static::Str(store.attributes().value(attr).display()),
        value => value,
    }
}

/// The dictionary entries of a key.
pub(super) fn pairs_of(store: &Store, key: KeyId) -> Vec<AttrId> {
    (0..store.attributes().len() as u32).map(AttrId).filter(|id| store.attributes().key(*id) == key).collect()
}

/// Runs a pipeline over the whole store.
pub(super) fn run(
    scan: &mut Scan<'_, '_>,
    stages: &[Stage],
    range: Option<TimeRange>,
) -> Result<Flow, Error> {
    let len = scan.store.len();
    let within = match range {
        None => None,
        Some(range) => Some(in_range(scan, range)?),
    };
    let mut flow = Flow::new(Bitmap::full(len));
    let mut rest = stages;
    // Relations are those of the whole data, so the range cuts what the first spanset expression found.
    if let ([Stage::Spansets(expr), tail @ ..], Some(_)) = (stages, &within)
        && expr.nodes.len() > 1
    {
        flow = spansets::stage(scan, expr, flow)?;
        rest = tail;
    }
    if let Some(within) = &within {
        flow.rows.and(within);
    }
    pipeline(scan, rest, flow)
}

fn in_range(scan: &mut Scan<'_, '_>, range: TimeRange) -> Result<Bitmap, Error> {
    let start = &scan.store.spans().start;
    let mut rows = Bitmap::full(scan.store.len());
    rows.keep(scan.checkpoint, |row| Ok(range.contains(start.get(row as usize))))?;
    Ok(rows)
}

/// Runs stages one after another.
pub(super) fn pipeline(scan: &mut Scan<'_, '_>, stages: &[Stage], mut flow: Flow) -> Result<Flow, Error> {
    for stage in stages {
        flow = match stage {
            Stage::Spansets(expr) => spansets::stage(scan, expr, flow)?,
            Stage::Scalar { aggregate, op, value } => {
                let flow = aggregate::filter(scan, flow, aggregate, *op, value)?;
                scan.note(stage, &flow.rows);
                flow
            }
            Stage::By(field) => aggregate::group(scan, flow, field)?,
            Stage::Select(_) => flow,
            Stage::Coalesce => Flow::new(flow.rows),
        };
    }
    Ok(flow)
}

fn selected(stages: &[Stage]) -> Vec<Attr> {
    let mut attrs = Vec::new();
    let mut add = |stages: &[Stage]| {
        for stage in stages {
            if let Stage::Select(list) = stage {
                for attr in list {
                    if !attrs.contains(attr) {
                        attrs.push(attr.clone());
                    }
                }
            }
        }
    };
    add(stages);
    for stage in stages {
        if let Stage::Spansets(expr) = stage {
            for node in &expr.nodes {
                if let super::ast::SpansetNode::Pipeline(inner) = node {
                    add(inner);
                }
            }
        }
    }
    attrs
}
