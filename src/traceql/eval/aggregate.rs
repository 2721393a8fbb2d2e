//! What flows through a pipeline: spans, how they are split into spansets, and what was computed of each.
//!
//! Spansets are disjoint, so a split is one number per row. Without `by()` the split is the trace.

use hashbrown::HashMap;

use super::Scan;
use super::bitmap::Bitmap;
use super::classes::Classes;
use super::program::Program;
use crate::store::Store;
use crate::traceql::Error;
use crate::traceql::ast::{Aggregate, AggregateOp, Attr, BinOp, Field, Static};
use crate::traceql::op::{self, V};

/// Spans on their way through a pipeline.
#[derive(Clone, Debug)]
pub(crate) struct Flow {
    pub(crate) rows: Bitmap,
    /// Group by row, and trace by group; none while the split is the trace.
    groups: Option<(Vec<u32>, Vec<u32>)>,
    /// Values computed of each part, in the order of the stages.
    labels: Vec<(String, Vec<Static>)>,
}

impl Flow {
    pub(crate) fn new(rows: Bitmap) -> Self {
        Self { rows, groups: None, labels: Vec::new() }
    }

    pub(super) fn is_grouped(&self) -> bool {
        self.groups.is_some()
    }

    /// The part that a row belongs to.
    #[inline]
    pub(super) fn part(&self, store: &Store, row: u32) -> u32 {
        match &self.groups {
            Some((of_row, _)) => of_row[row as usize],
            None => store.spans().trace.get(row as usize),
        }
    }

    pub(super) fn part_count(&self, store: &Store) -> usize {
        self.groups.as_ref().map_or(store.trace_count(), |(_, traces)| traces.len())
    }

    fn trace_of(&self, part: u32) -> u32 {
        self.groups.as_ref().map_or(part, |(_, traces)| traces[part as usize])
    }
}

/// `by(field)`: splits each part by value.
pub(super) fn group(scan: &mut Scan<'_, '_>, flow: Flow, field: &Field) -> Result<Flow, Error> {
    let store = scan.store;
    let program = Program::new(store, field);
    let mut classes = Classes::default();
    let mut of_row = vec![0u32; store.len()];
    let mut numbers: HashMap<(u32, u32), u32, foldhash::fast::FixedState> = HashMap::default();
    let mut parts: Vec<(u32, u32)> = Vec::new();
    classes.visit(scan, &program, &flow.rows, |row, class| {
        let key = (flow.part(store, row), class);
        of_row[row as usize] = *numbers.entry(key).or_insert_with(|| {
            parts.push(key);
            parts.len() as u32 - 1
        });
    })?;
    let traces = parts.iter().map(|(part, _)| flow.trace_of(*part)).collect();
    let mut labels: Vec<(String, Vec<Static>)> = flow
        .labels
        .iter()
        .map(|(name, values)| {
            let of = |part: u32| values.get(part as usize).cloned().unwrap_or(Static::Nil);
            (name.clone(), parts.iter().map(|(part, _)| of(*part)).collect())
        })
        .collect();
    labels.push((
        format!("by({field})"),
        parts.iter().map(|(_, class)| classes.value(*class).clone()).collect(),
    ));
    Ok(Flow { rows: flow.rows, groups: Some((of_row, traces)), labels })
}

/// `aggregate op value`: computes the aggregate of each part and keeps the parts that pass.
pub(super) fn filter(
    scan: &mut Scan<'_, '_>,
    mut flow: Flow,
    aggregate: &Aggregate,
    op: BinOp,
    value: &Static,
) -> Result<Flow, Error> {
    let store = scan.store;
    let mut totals = vec![Total::default(); flow.part_count(store)];
    let program = aggregate.field.as_ref().map(|field| Program::new(store, field));
    flow.rows.visit(scan.checkpoint, |row| {
        let Some(total) = totals.get_mut(flow.part(store, row) as usize) else { return Ok(()) };
        match &program {
            None => total.count += 1,
            Some(program) => program.take(store, row, |v| total.add(v))?,
        }
        Ok(())
    })?;
    let values: Vec<Static> = totals.iter().map(|total| total.value(aggregate.op)).collect();
    let kept: Vec<bool> = values.iter().map(|v| op::compare(op, V::from(v), V::from(value), None)).collect();
    let (of, rows) = (&flow, &mut flow.rows.clone());
    rows.keep(scan.checkpoint, |row| Ok(kept.get(of.part(store, row) as usize) == Some(&true)))?;
    flow.rows = std::mem::replace(rows, Bitmap::empty(0));
    flow.labels.push((aggregate.to_string(), values));
    Ok(flow)
}

/// A running aggregate over the numeric values of a part.
#[derive(Clone, Copy, Debug, Default)]
struct Total {
    count: u64,
    /// Exact while all values are integers.
    integer: i128,
    float: f64,
    floats: bool,
    durations: bool,
    least: Option<f64>,
    most: Option<f64>,
}

impl Total {
    fn add(&mut self, value: V<'_>) {
        let Some(number) = value.number() else { return };
        match value {
            V::Int(n) => self.integer += i128::from(n),
            V::Duration(n) => {
                self.integer += i128::from(n);
                self.durations = true;
            }
            _ => {
                self.float += number;
                self.floats = true;
            }
        }
        self.count += 1;
        self.least = Some(self.least.map_or(number, |x| x.min(number)));
        self.most = Some(self.most.map_or(number, |x| x.max(number)));
    }

    /// The result; nil where no span had a number, which every comparison refuses.
    fn value(&self, op: AggregateOp) -> Static {
        if op == AggregateOp::Count {
            return Static::Int(self.count as i64);
        }
        let (Some(least), Some(most)) = (self.least, self.most) else { return Static::Nil };
        let number = |n: f64| {
            if self.durations {
                Static::Duration(n as i64)
            } else if self.floats {
                Static::Float(n)
            } else {
                Static::Int(n as i64)
            }
        };
        let sum = self.integer as f64 + self.float;
        match op {
            AggregateOp::Min => number(least),
            AggregateOp::Max => number(most),
            AggregateOp::Sum => number(sum),
            AggregateOp::Avg if self.durations => Static::Duration((sum / self.count as f64) as i64),
            AggregateOp::Avg | AggregateOp::Count => Static::Float(sum / self.count as f64),
        }
    }
}

/// One spanset of a result.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The trace's number.
    pub trace: u32,
    /// Its spans: a piece of the rows that [`Matches::groups`] hands out beside it, ascending.
    pub rows: std::ops::Range<usize>,
    /// What `by()` and aggregates gave, in the order of the stages.
    pub attributes: Vec<(String, Static)>,
}

/// What a query for spans found.
#[derive(Clone, Debug)]
pub struct Matches {
    /// The spans left at the end of the pipeline.
    pub rows: Bitmap,
    /// What `select()` asked for, each once.
    pub selected: Vec<Attr>,
    flow: Flow,
    traces: usize,
}

impl Matches {
    pub(super) fn new(store: &Store, flow: Flow, selected: Vec<Attr>) -> Self {
        Self { rows: flow.rows.clone(), selected, flow, traces: store.trace_count() }
    }

    /// How many spans there are.
    pub fn len(&self) -> usize {
        self.rows.count()
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Whether `by()` or an aggregate gave the spansets attributes.
    pub fn has_groups(&self) -> bool {
        self.flow.is_grouped() || !self.flow.labels.is_empty()
    }

    /// How many spans of each trace there are, by trace number.
    pub fn by_trace(&self, store: &Store) -> Vec<u32> {
        let mut counts = vec![0; self.traces];
        for row in self.rows.iter() {
            if let Some(count) = counts.get_mut(store.spans().trace.get(row as usize) as usize) {
                *count += 1;
            }
        }
        counts
    }

    /// The spansets, by trace and then by their first span, and the rows that they share out.
    pub fn groups(&self, store: &Store) -> (Vec<Group>, Vec<u32>) {
        let mut counts = vec![0u32; self.flow.part_count(store)];
        let mut order: Vec<u32> = Vec::new();
        for row in self.rows.iter() {
            let part = self.flow.part(store, row);
            let count = &mut counts[part as usize];
            if *count == 0 {
                order.push(part);
            }
            *count += 1;
        }
        // Stable, so the groups of a trace stay in the order of their first spans.
        crate::store::order::sort_by_key(&mut order, |part| self.flow.trace_of(*part));
        let mut starts = vec![0u32; counts.len()];
        let mut at = 0;
        let mut groups = Vec::with_capacity(order.len());
        for part in order {
            let n = counts[part as usize];
            starts[part as usize] = at;
            let of = |values: &Vec<Static>| values.get(part as usize).cloned().unwrap_or(Static::Nil);
            groups.push(Group {
                trace: self.flow.trace_of(part),
                rows: at as usize..(at + n) as usize,
                attributes: self
                    .flow
                    .labels
                    .iter()
                    .map(|(name, values)| (name.clone(), of(values)))
                    .collect(),
            });
            at += n;
        }
        let mut rows = vec![0; at as usize];
        for row in self.rows.iter() {
            let start = &mut starts[self.flow.part(store, row) as usize];
            rows[*start as usize] = row;
            *start += 1;
        }
        (groups, rows)
    }
}
