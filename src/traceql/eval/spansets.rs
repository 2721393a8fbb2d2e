//! Spanset expressions: filters and the operators between them, per spanset of the input.

use super::aggregate::Flow;
use super::bitmap::Bitmap;
use super::plan::Plan;
use super::{Scan, pipeline, structural};
use crate::traceql::Error;
use crate::traceql::ast::{Field, SpansetNode, SpansetOp, Spansets, Stage};
use crate::traceql::error::RunError;

struct Operand {
    rows: Bitmap,
    /// The filter `{ }` and nothing else.
    any: bool,
    grouped: bool,
}

/// Runs a spanset expression over what flows in.
pub(super) fn stage(scan: &mut Scan<'_, '_>, expr: &Spansets, mut input: Flow) -> Result<Flow, Error> {
    let mut stack: Vec<Operand> = Vec::new();
    for node in &expr.nodes {
        let operand = match node {
            SpansetNode::Filter(field) => {
                let any = field.is_true();
                let rows = if any {
                    input.rows.clone()
                } else {
                    Plan::new(scan.store, field).run(scan, &input.rows)?
                };
                if scan.explained.is_some() {
                    conditions(scan, field, &input.rows)?;
                    scan.note(&format_args!("{{ {field} }}"), &rows);
                }
                Operand { rows, any, grouped: input.is_grouped() }
            }
            SpansetNode::Pipeline(stages) => {
                let any = matches!(stages.as_slice(), [Stage::Spansets(s)] if is_any(s));
                let flow = pipeline(scan, stages, input.clone())?;
                Operand { any, grouped: flow.is_grouped(), rows: flow.rows }
            }
            SpansetNode::Op(op) => {
                let (Some(right), Some(left)) = (stack.pop(), stack.pop()) else { continue };
                let rows = combine(scan, *op, left, &right, &input)?;
                if scan.explained.is_some() {
                    scan.note(&op.text(), &rows);
                }
                Operand { rows, any: false, grouped: input.is_grouped() }
            }
        };
        stack.push(operand);
    }
    if let Some(result) = stack.pop() {
        input.rows = result.rows;
    }
    Ok(input)
}

/// Notes what each condition of a filter matches alone.
fn conditions(scan: &mut Scan<'_, '_>, field: &Field, within: &Bitmap) -> Result<(), Error> {
    let list = field.conditions();
    for condition in list.iter().filter(|_| list.len() > 1) {
        match Plan::new(scan.store, condition).run(scan, within) {
            Ok(rows) => scan.note(condition, &rows),
            Err(Error::Cancelled) => return Err(Error::Cancelled),
            // Alone it meets spans that its neighbors keep from it; the filter as a whole has an answer.
            Err(_) => {}
        }
    }
    Ok(())
}

fn is_any(spansets: &Spansets) -> bool {
    matches!(spansets.nodes.as_slice(), [SpansetNode::Filter(field)] if field.is_true())
}

fn combine(
    scan: &mut Scan<'_, '_>,
    op: SpansetOp,
    left: Operand,
    right: &Operand,
    input: &Flow,
) -> Result<Bitmap, Error> {
    match op {
        SpansetOp::Or => {
            let mut rows = left.rows;
            rows.or(&right.rows);
            Ok(rows)
        }
        SpansetOp::And => {
            let both = |scan: &mut Scan<'_, '_>, rows: &Bitmap| -> Result<Vec<bool>, Error> {
                let mut has = vec![false; input.part_count(scan.store)];
                rows.visit(scan.checkpoint, |row| {
                    if let Some(slot) = has.get_mut(input.part(scan.store, row) as usize) {
                        *slot = true;
                    }
                    Ok(())
                })?;
                Ok(has)
            };
            let (l, r) = (both(scan, &left.rows)?, both(scan, &right.rows)?);
            let mut rows = left.rows;
            rows.or(&right.rows);
            let store = scan.store;
            rows.keep(scan.checkpoint, |row| {
                let part = input.part(store, row) as usize;
                Ok(l.get(part) == Some(&true) && r.get(part) == Some(&true))
            })?;
            Ok(rows)
        }
        SpansetOp::Structural(relation, mode) => {
            if left.grouped || right.grouped {
                return Err(RunError::Grouped.into());
            }
            structural::relate(scan, relation, mode, &left.rows, &right.rows, right.any)
        }
    }
}
