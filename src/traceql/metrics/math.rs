//! Arithmetic between metrics: series meet on equal labels (traceql.md §8).

use hashbrown::HashMap;

use super::{Labels, Series};
use crate::traceql::ast::BinOp;

/// A side of an operator.
#[derive(Debug)]
pub(super) enum Operand {
    Number(f64),
    Series {
        /// The function, or functions with the operators between them.
        name: String,
        series: Vec<Series>,
    },
}

pub(super) fn combine(op: BinOp, left: Operand, right: Operand) -> Operand {
    let value = |a: f64, b: f64| {
        let value = match op {
            BinOp::Add => a + b,
            BinOp::Sub => a - b,
            BinOp::Mul => a * b,
            _ if b == 0.0 => f64::NAN,
            _ => a / b,
        };
        value.is_finite().then_some(value)
    };
    let map = |mut series: Vec<Series>, f: &dyn Fn(f64) -> Option<f64>| {
        series.iter_mut().flat_map(|s| &mut s.points).for_each(|p| *p = p.and_then(f));
        series.retain(|s| s.points.iter().any(Option::is_some));
        series
    };
    match (left, right) {
        (Operand::Number(a), Operand::Number(b)) => Operand::Number(value(a, b).unwrap_or(f64::NAN)),
        (Operand::Series { name, series }, Operand::Number(b)) => {
            Operand::Series { name, series: map(series, &|a| value(a, b)) }
        }
        (Operand::Number(a), Operand::Series { name, series }) => {
            Operand::Series { name, series: map(series, &|b| value(a, b)) }
        }
        (Operand::Series { name: l, series: left }, Operand::Series { name: r, series: right }) => {
            let name = format!("({l} {} {r})", op.text());
            let series = join(&left, &right, &name, &value);
            Operand::Series { name, series }
        }
    }
}

fn join(
    left: &[Series],
    right: &[Series],
    name: &str,
    value: &dyn Fn(f64, f64) -> Option<f64>,
) -> Vec<Series> {
    let both = |a: &Series, b: &Series, labels: Labels| {
        let points = a.points.iter().zip(&b.points).map(|(a, b)| value((*a)?, (*b)?)).collect();
        Series { labels, points }
    };
    let labels = |of: &Series| if of.labels.is_bare() { Labels::named(name) } else { of.labels.clone() };
    let lone = |side: &[Series]| matches!(side, [one] if one.labels.is_bare());
    let mut joined: Vec<Series> = if lone(right) {
        left.iter().map(|a| both(a, &right[0], labels(a))).collect()
    } else if lone(left) {
        right.iter().map(|b| both(&left[0], b, labels(b))).collect()
    } else {
        let by: HashMap<String, &Series, foldhash::fast::FixedState> =
            right.iter().map(|b| (b.labels.to_string(), b)).collect();
        left.iter().filter_map(|a| by.get(&a.labels.to_string()).map(|b| both(a, b, labels(a)))).collect()
    };
    joined.retain(|s| s.points.iter().any(Option::is_some));
    joined
}
