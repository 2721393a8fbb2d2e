//! Constant folding while an expression is read: operators over literals become literals, as Tempo's
//! parser does it. What would be a type error or a run-time error stays as written, for the checks and
//! the evaluation to report.

use super::ast::{BinOp, Field, Node, Static};
use super::check::types_fit;
use super::op::{self, V};

/// Appends `node` to a postfix expression, folding it if its operands are literals.
pub(super) fn push_folded(field: &mut Field, node: Node, at: usize) {
    let n = field.nodes.len();
    let folded = match (&node, field.nodes.as_slice()) {
        (Node::Neg, [.., Node::Static(x)]) => op::negate(V::from(x)).ok().map(|v| (1, v.to_static())),
        (Node::Not, [.., Node::Static(x)]) => op::not(V::from(x)).ok().map(|v| (1, v.to_static())),
        (Node::Bin(op), [.., Node::Static(a), Node::Static(b)]) => fold(*op, a, b).map(|v| (2, v)),
        _ => None,
    };
    if let Some((operands, value)) = folded {
        // The literal is told at the place of its first operand.
        let at = field.at[n - operands];
        field.nodes.truncate(n - operands);
        field.at.truncate(n - operands);
        field.nodes.push(Node::Static(value));
        field.at.push(at);
    } else {
        field.nodes.push(node);
        field.at.push(at as u32);
    }
}

/// `a op b`, if it is well typed and has a value that can be written.
pub(super) fn fold(op: BinOp, a: &Static, b: &Static) -> Option<Static> {
    if matches!(op, BinOp::Match | BinOp::NotMatch) || !types_fit(op, a, b) {
        return None;
    }
    let value = op::binary(op, V::from(a), V::from(b), None).ok()?.to_static();
    match value {
        Static::Float(f) if !f.is_finite() => None,
        Static::Duration(i64::MIN) => None,
        value => Some(value),
    }
}
