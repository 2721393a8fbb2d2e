//! Static checks (traceql.md §4): what Tempo's grammar lets through and its validation refuses.

use super::Error;
use super::ast::{
    AggregateOp, Attr, AttrScope, BinOp, Body, Field, Intrinsic, MathNode, MetricsOp, MetricsPipeline, Node,
    Query, Second, SpansetNode, Stage, Static,
};
use super::re2::Matcher;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Type {
    /// A named attribute: any type.
    Any,
    Number,
    Str,
    Bool,
    Status,
    Kind,
}

impl Type {
    fn word(self) -> &'static str {
        match self {
            Self::Any => "an attribute",
            Self::Number => "a number",
            Self::Str => "a string",
            Self::Bool => "a boolean",
            Self::Status => "a status",
            Self::Kind => "a span kind",
        }
    }

    fn allows(self, op: BinOp) -> bool {
        match self {
            Self::Any => true,
            Self::Number => op.is_arithmetic() || op.is_order(),
            Self::Str => op.is_order() || matches!(op, BinOp::Match | BinOp::NotMatch),
            Self::Bool => matches!(op, BinOp::And | BinOp::Or | BinOp::Eq | BinOp::Ne),
            Self::Status | Self::Kind => matches!(op, BinOp::Eq | BinOp::Ne),
        }
    }
}

fn static_type(value: &Static) -> Type {
    match value {
        Static::Int(_) | Static::Float(_) | Static::Duration(_) => Type::Number,
        Static::Str(_) => Type::Str,
        Static::Bool(_) => Type::Bool,
        Static::Status(_) => Type::Status,
        Static::Kind(_) => Type::Kind,
        Static::Nil => Type::Any,
    }
}

fn attr_type(attr: &Attr) -> Type {
    match attr {
        Attr::Named { .. } | Attr::Parent { .. } => Type::Any,
        Attr::Intrinsic(intrinsic) => match intrinsic {
            Intrinsic::Duration
            | Intrinsic::ChildCount
            | Intrinsic::TraceDuration
            | Intrinsic::NestedSetLeft
            | Intrinsic::NestedSetRight
            | Intrinsic::NestedSetParent
            | Intrinsic::Depth
            | Intrinsic::Gap
            | Intrinsic::DatabaseCalls
            | Intrinsic::EventTimeSinceStart => Type::Number,
            Intrinsic::Status | Intrinsic::RootStatus => Type::Status,
            Intrinsic::Kind | Intrinsic::RootKind => Type::Kind,
            Intrinsic::Parent => Type::Any,
            _ => Type::Str,
        },
    }
}

/// Whether an operator is defined for two literals.
pub(super) fn types_fit(op: BinOp, a: &Static, b: &Static) -> bool {
    let (a, b) = (static_type(a), static_type(b));
    (a == b || a == Type::Any || b == Type::Any) && a.allows(op) && b.allows(op)
}

/// Checks a whole query.
pub(super) fn check(query: &Query) -> Result<(), Error> {
    match &query.body {
        Body::Spans(stages) => pipeline(stages),
        Body::Metrics { math, second } => {
            let series = math.iter().filter_map(|node| match node {
                MathNode::Series(series) => Some(series),
                _ => None,
            });
            for one in series {
                metrics(one)?;
                let compare = matches!(one.first, MetricsOp::Compare { .. });
                if compare && (!second.is_empty() || !one.second.is_empty() || math.len() > 1) {
                    return Err(Error::invalid(
                        "expected compare() to stand alone, found a second stage or arithmetic",
                        0,
                    ));
                }
                one.second.iter().try_for_each(second_stage)?;
            }
            second.iter().try_for_each(second_stage)
        }
    }
}

fn second_stage(stage: &Second) -> Result<(), Error> {
    match stage {
        Second::TopK(n) | Second::BottomK(n) if *n <= 0 => {
            Err(Error::invalid(format!("expected a limit of at least 1 for topk and bottomk, found {n}"), 0))
        }
        _ => Ok(()),
    }
}

fn metrics(series: &MetricsPipeline) -> Result<(), Error> {
    pipeline(&series.pipeline)?;
    series.by.iter().try_for_each(|a| no_parent(a, 0))?;
    let most = match &series.first {
        MetricsOp::AvgOverTime(_) | MetricsOp::QuantileOverTime(..) | MetricsOp::HistogramOverTime(_) => 4,
        _ => 5,
    };
    if series.by.len() > most {
        let found = series.by.len();
        return Err(Error::invalid(format!("expected at most {most} attributes in by(), found {found}"), 0));
    }
    match &series.first {
        MetricsOp::MinOverTime(attr)
        | MetricsOp::MaxOverTime(attr)
        | MetricsOp::AvgOverTime(attr)
        | MetricsOp::SumOverTime(attr)
        | MetricsOp::HistogramOverTime(attr) => no_parent(attr, 0),
        MetricsOp::QuantileOverTime(attr, quantiles) => {
            if let Some(q) = quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
                return Err(Error::invalid(format!("expected quantiles from 0 to 1, found {q}"), 0));
            }
            no_parent(attr, 0)
        }
        MetricsOp::Compare { selection, top, window } => {
            if !(1..=1000).contains(top) {
                return Err(Error::invalid(
                    format!("expected 1 to 1000 values per attribute in compare(), found {top}"),
                    0,
                ));
            }
            if window.is_some_and(|(start, end)| start <= 0 || end <= start) {
                return Err(Error::invalid("expected a time range with start before end in compare()", 0));
            }
            filter(selection)
        }
        MetricsOp::Rate | MetricsOp::CountOverTime => Ok(()),
    }
}

fn pipeline(stages: &[Stage]) -> Result<(), Error> {
    for stage in stages {
        match stage {
            Stage::Spansets(spansets) => {
                for node in &spansets.nodes {
                    match node {
                        SpansetNode::Filter(field) => filter(field)?,
                        SpansetNode::Pipeline(stages) => pipeline(stages)?,
                        SpansetNode::Op(_) => {}
                    }
                }
            }
            Stage::Scalar { aggregate, .. } => {
                let Some(field) = &aggregate.field else { continue };
                let found = types(field)?;
                let at = field.at.first().map_or(0, |at| *at as usize);
                if !refers_to_span(field) {
                    return Err(Error::invalid(
                        "expected an aggregate over an attribute, found a constant",
                        at,
                    ));
                }
                if !matches!(found, Type::Any | Type::Number) && aggregate.op != AggregateOp::Count {
                    let what =
                        format!("expected a number inside {}(), found {}", aggregate.op.text(), found.word());
                    return Err(Error::invalid(what, at));
                }
            }
            Stage::By(field) => {
                types(field)?;
                if !refers_to_span(field) {
                    let at = field.at.first().map_or(0, |at| *at as usize);
                    return Err(Error::invalid("expected by() over an attribute, found a constant", at));
                }
            }
            Stage::Select(attrs) => attrs.iter().try_for_each(|a| no_parent(a, 0))?,
            Stage::Coalesce => {}
        }
    }
    Ok(())
}

fn refers_to_span(field: &Field) -> bool {
    field.nodes.iter().any(|node| matches!(node, Node::Attr(_)))
}

fn filter(field: &Field) -> Result<(), Error> {
    let found = types(field)?;
    if matches!(found, Type::Any | Type::Bool) {
        return Ok(());
    }
    let at = field.at.last().map_or(0, |at| *at as usize);
    Err(Error::Invalid {
        what: format!("expected a condition inside {{ }}, found {}", found.word()),
        at,
        suggestion: Some("compare it with something".to_owned()),
    })
}

fn no_parent(attr: &Attr, at: usize) -> Result<(), Error> {
    match attr {
        Attr::Parent { .. } | Attr::Intrinsic(Intrinsic::Parent) => Err(Error::Invalid {
            what:
                "expected an attribute of the span itself, found parent, which TraceQL does not support yet"
                    .to_owned(),
            at,
            suggestion: Some("use a structural operator: { parent condition } > { condition }".to_owned()),
        }),
        _ => Ok(()),
    }
}

/// The type of an expression, bottom up.
fn types(field: &Field) -> Result<Type, Error> {
    let mut stack: Vec<Type> = Vec::new();
    for (i, (node, at)) in field.nodes.iter().zip(&field.at).enumerate() {
        let at = *at as usize;
        let found = match node {
            Node::Static(value) => static_type(value),
            Node::Attr(attr) => {
                no_parent(attr, at)?;
                attr_type(attr)
            }
            Node::Neg | Node::Not => {
                let inner = stack.pop().unwrap_or(Type::Any);
                let (wanted, word, sign) = if *node == Node::Neg {
                    (Type::Number, "number", '-')
                } else {
                    (Type::Bool, "boolean", '!')
                };
                if inner != wanted && inner != Type::Any {
                    return Err(Error::invalid(
                        format!("expected a {word} after {sign}, found {}", inner.word()),
                        at,
                    ));
                }
                if *node == Node::Neg { inner } else { Type::Bool }
            }
            Node::Exists(wanted) => {
                stack.pop();
                if !wanted && i > 0 {
                    never_nil(&field.nodes[i - 1], at)?;
                }
                Type::Bool
            }
            Node::Bin(op) => {
                let right = stack.pop().unwrap_or(Type::Any);
                let left = stack.pop().unwrap_or(Type::Any);
                operands(*op, left, right, at)?;
                if matches!(op, BinOp::Match | BinOp::NotMatch) {
                    pattern(field.nodes.get(i.wrapping_sub(1)), at)?;
                }
                if !op.is_arithmetic() {
                    Type::Bool
                } else if left == Type::Any {
                    right
                } else {
                    left
                }
            }
        };
        stack.push(found);
    }
    Ok(stack.pop().unwrap_or(Type::Any))
}

fn operands(op: BinOp, left: Type, right: Type, at: usize) -> Result<(), Error> {
    if left != right && left != Type::Any && right != Type::Any {
        let suggestion = match (left, right) {
            (Type::Status, Type::Str) | (Type::Str, Type::Status) => {
                Some("a status is written bare: status = error".to_owned())
            }
            (Type::Kind, Type::Str) | (Type::Str, Type::Kind) => {
                Some("a kind is written bare: kind = server".to_owned())
            }
            (Type::Number, Type::Str) | (Type::Str, Type::Number) => {
                Some("leave out the quotes around a number".to_owned())
            }
            _ => None,
        };
        let what =
            format!("expected like types around {}, found {} and {}", op.text(), left.word(), right.word());
        return Err(Error::Invalid { what, at, suggestion });
    }
    for side in [left, right] {
        if !side.allows(op) {
            return Err(Error::invalid(
                format!("expected an operator for {}, found {}", side.word(), op.text()),
                at,
            ));
        }
    }
    Ok(())
}

fn pattern(node: Option<&Node>, at: usize) -> Result<(), Error> {
    let Some(Node::Static(Static::Str(text))) = node else {
        return Err(Error::invalid(
            "expected a string on the right of a regular expression match, found something else",
            at,
        ));
    };
    Matcher::new(text).map(|_| ()).map_err(|why| {
        Error::invalid(format!("expected a regular expression of RE2, found {text:?}: {why}"), at)
    })
}

fn never_nil(operand: &Node, at: usize) -> Result<(), Error> {
    use Intrinsic::{Depth, Gap, RootKind, RootStatus};
    let always = match operand {
        Node::Attr(Attr::Intrinsic(Depth | Gap | RootKind | RootStatus)) => None,
        Node::Attr(Attr::Intrinsic(intrinsic)) => Some(intrinsic.text()),
        Node::Attr(Attr::Named { scope: AttrScope::Resource, name })
            if name == crate::model::conventions::SERVICE_NAME =>
        {
            Some("resource.service.name")
        }
        _ => None,
    };
    match always {
        Some(name) => {
            Err(Error::invalid(format!("expected an attribute that can be absent, found {name} = nil"), at))
        }
        None => Ok(()),
    }
}
