//! What the operators of fields do with values (traceql.md §6.2): one place for constant folding, for
//! dictionary predicates and for row-wise evaluation.

use super::ast::{BinOp, Static};
use super::error::RunError;
use super::re2::Matcher;
use crate::model::Value;
use crate::store::nested::Nested;

/// A value while it is computed with. Copies are cheap: text and arrays stay where they are stored.
#[derive(Clone, Copy, Debug)]
pub(super) enum V<'a> {
    /// The attribute is not there, or has a type that TraceQL cannot query.
    Missing,
    /// An attribute of an event or link of a span that has none: even `= nil` does not hold.
    Nowhere,
    /// 64-bit integer.
    Int(i64),
    /// Double.
    Float(f64),
    /// Nanoseconds.
    Duration(i64),
    /// Text.
    Str(&'a str),
    /// Truth value.
    Bool(bool),
    /// Status code number.
    Status(u8),
    /// Span kind number.
    Kind(u8),
    /// An array attribute in the store's encoding.
    Array(Nested<'a>),
}

impl<'a> From<&'a Static> for V<'a> {
    fn from(value: &'a Static) -> Self {
        match value {
            Static::Int(n) => Self::Int(*n),
            Static::Float(f) => Self::Float(*f),
            Static::Duration(n) => Self::Duration(*n),
            Static::Str(s) => Self::Str(s),
            Static::Bool(b) => Self::Bool(*b),
            Static::Status(s) => Self::Status(*s as u8),
            Static::Kind(k) => Self::Kind(*k as u8),
            Static::Nil => Self::Missing,
        }
    }
}

impl V<'_> {
    /// An owned copy, for results; arrays have none.
    pub(super) fn to_static(self) -> Static {
        match self {
            Self::Missing | Self::Nowhere | Self::Array(_) => Static::Nil,
            Self::Int(n) => Static::Int(n),
            Self::Float(f) => Static::Float(f),
            Self::Duration(n) => Static::Duration(n),
            Self::Str(s) => Static::Str(s.to_owned()),
            Self::Bool(b) => Static::Bool(b),
            Self::Status(n) => Static::Status(crate::model::StatusCode::from_number(n.into())),
            Self::Kind(n) => Static::Kind(crate::model::SpanKind::from_number(n.into())),
        }
    }

    /// Whether it is the boolean `true`.
    pub(super) fn is_true(self) -> bool {
        matches!(self, Self::Bool(true))
    }

    /// The number of an int, float or duration.
    pub(super) fn number(self) -> Option<f64> {
        match self {
            Self::Int(n) | Self::Duration(n) => Some(n as f64),
            Self::Float(f) => Some(f),
            _ => None,
        }
    }

    fn is_number(self) -> bool {
        matches!(self, Self::Int(_) | Self::Float(_) | Self::Duration(_))
    }
}

/// `!value`
pub(super) fn not(value: V<'_>) -> Result<V<'static>, RunError> {
    match value {
        V::Bool(b) => Ok(V::Bool(!b)),
        V::Nowhere => Ok(V::Bool(false)),
        _ => Err(RunError::NotBoolean),
    }
}

/// `-value`
pub(super) fn negate(value: V<'_>) -> Result<V<'static>, RunError> {
    match value {
        V::Int(n) => Ok(V::Int(n.wrapping_neg())),
        V::Float(f) => Ok(V::Float(-f)),
        V::Duration(n) => Ok(V::Duration(n.wrapping_neg())),
        V::Nowhere => Ok(V::Nowhere),
        _ => Err(RunError::NotNumber),
    }
}

/// `value != nil` (true) or `value = nil` (false)
pub(super) fn exists(value: V<'_>, wanted: bool) -> V<'static> {
    match value {
        V::Nowhere => V::Bool(false),
        V::Missing => V::Bool(!wanted),
        _ => V::Bool(wanted),
    }
}

/// `left op right`; `matcher` is the compiled right side of `=~` and `!~`.
pub(super) fn binary(
    op: BinOp,
    left: V<'_>,
    right: V<'_>,
    matcher: Option<&Matcher>,
) -> Result<V<'static>, RunError> {
    match (op, left, right) {
        (BinOp::And, a, b) => Ok(V::Bool(a.is_true() && b.is_true())),
        // Two booleans or nothing: a missing side makes the whole false, as in Tempo.
        (BinOp::Or, V::Bool(a), V::Bool(b)) => Ok(V::Bool(a || b)),
        (BinOp::Or, V::Nowhere, b) => Ok(V::Bool(b.is_true())),
        (BinOp::Or, a, V::Nowhere) => Ok(V::Bool(a.is_true())),
        (BinOp::Or, ..) => Ok(V::Bool(false)),
        (op, V::Array(_), V::Array(_)) if !op.is_arithmetic() => Err(RunError::ArrayAgainstArray),
        (op, V::Array(_), _) | (op, _, V::Array(_)) if op.is_arithmetic() => Err(RunError::ArrayArithmetic),
        (op, V::Array(items), right) => Ok(V::Bool(over_array(op, items, right, matcher))),
        (op, left, V::Array(items)) => Ok(V::Bool(over_array(op.mirrored(), items, left, matcher))),
        (op, left, right) if op.is_arithmetic() => arithmetic(op, left, right),
        (op, left, right) => Ok(V::Bool(compare(op, left, right, matcher))),
    }
}

/// Positive comparisons hold if any element's does, `!=` and `!~` if all do.
fn over_array(op: BinOp, items: Nested<'_>, other: V<'_>, matcher: Option<&Matcher>) -> bool {
    let negative = matches!(op, BinOp::Ne | BinOp::NotMatch);
    if matches!(other, V::Missing | V::Nowhere) {
        return false;
    }
    let values = items.to_array();
    let Value::Array(values) = values else { return false };
    let mut hits = values.iter().map(|value| compare(op, scalar(value), other, matcher));
    if negative { hits.all(|hit| hit) } else { hits.any(|hit| hit) }
}

fn scalar(value: &Value) -> V<'_> {
    match value {
        Value::Str(s) => V::Str(s),
        Value::Bool(b) => V::Bool(*b),
        Value::Int(n) => V::Int(*n),
        Value::Double(f) => V::Float(*f),
        _ => V::Missing,
    }
}

/// A comparison of two values that are no arrays; values of unlike types compare false, also with `!=`.
pub(super) fn compare(op: BinOp, left: V<'_>, right: V<'_>, matcher: Option<&Matcher>) -> bool {
    let by = |order: Option<std::cmp::Ordering>| match op {
        BinOp::Eq => order.is_some_and(std::cmp::Ordering::is_eq),
        BinOp::Ne => order.is_none_or(std::cmp::Ordering::is_ne),
        BinOp::Lt => order.is_some_and(std::cmp::Ordering::is_lt),
        BinOp::Le => order.is_some_and(std::cmp::Ordering::is_le),
        BinOp::Gt => order.is_some_and(std::cmp::Ordering::is_gt),
        BinOp::Ge => order.is_some_and(std::cmp::Ordering::is_ge),
        _ => false,
    };
    match (left, right) {
        (V::Str(text), V::Str(_)) if op == BinOp::Match => matcher.is_some_and(|m| m.is_match(text)),
        (V::Str(text), V::Str(_)) if op == BinOp::NotMatch => matcher.is_some_and(|m| !m.is_match(text)),
        (_, _) if !op.is_order() => false,
        (V::Str(a), V::Str(b)) => by(Some(a.cmp(b))),
        (V::Bool(a), V::Bool(b)) => by(Some(a.cmp(&b))),
        (V::Status(a), V::Status(b)) | (V::Kind(a), V::Kind(b)) => by(Some(a.cmp(&b))),
        (V::Int(a) | V::Duration(a), V::Int(b) | V::Duration(b)) => by(Some(a.cmp(&b))),
        (a, b) => match (a.number(), b.number()) {
            (Some(a), Some(b)) => by(a.partial_cmp(&b)),
            _ => false,
        },
    }
}

fn arithmetic(op: BinOp, left: V<'_>, right: V<'_>) -> Result<V<'static>, RunError> {
    if !left.is_number() || !right.is_number() {
        // Tempo answers the boolean false where the operand types do not match.
        return Ok(V::Bool(false));
    }
    let (a, b, duration) = match (left, right) {
        (V::Int(a), V::Int(b)) => (a, b, false),
        (V::Int(a) | V::Duration(a), V::Int(b) | V::Duration(b)) => (a, b, true),
        _ => {
            let (a, b) = (left.number().unwrap_or(0.0), right.number().unwrap_or(0.0));
            let value = match op {
                BinOp::Add => a + b,
                BinOp::Sub => a - b,
                BinOp::Mul => a * b,
                BinOp::Div => a / b,
                BinOp::Mod => a % b,
                _ => a.powf(b),
            };
            return Ok(V::Float(value));
        }
    };
    if b == 0 && matches!(op, BinOp::Div | BinOp::Mod) {
        return Err(RunError::DivisionByZero);
    }
    let value = match op {
        BinOp::Add => a.wrapping_add(b),
        BinOp::Sub => a.wrapping_sub(b),
        BinOp::Mul => a.wrapping_mul(b),
        BinOp::Div => a.wrapping_div(b),
        BinOp::Mod => a.wrapping_rem(b),
        // Tempo turns the operands around here; traceql.md §11 asks for the true power.
        _ => u32::try_from(b)
            .ok()
            .and_then(|b| a.checked_pow(b))
            .unwrap_or_else(|| (a as f64).powf(b as f64) as i64),
    };
    Ok(if duration { V::Duration(value) } else { V::Int(value) })
}
