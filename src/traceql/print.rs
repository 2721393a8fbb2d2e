//! Canonical text: fully bracketed as Tempo prints it (precedence.tsv). Reading it back gives the same tree.

use std::fmt::{self, Display, Formatter, Write as _};

use super::ast::{
    Aggregate, Attr, AttrScope, BinOp, Body, Field, MathNode, MetricsOp, MetricsPipeline, Node, Query,
    Second, SpansetNode, Spansets, Stage, Static, postfix_starts,
};
use super::lexer::format_duration;

impl Display for Static {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Int(i64::MIN) => f.write_str("minInt"),
            Self::Int(n) => write!(f, "{n}"),
            // {:?} keeps the point that tells 2.0 from 2, and reads back as the same number.
            Self::Float(x) => write!(f, "{x:?}"),
            Self::Str(text) => string(f, text),
            Self::Bool(b) => write!(f, "{b}"),
            Self::Duration(n) => f.write_str(&format_duration(*n)),
            Self::Status(s) => f.write_str(s.word()),
            Self::Kind(k) => f.write_str(k.word()),
            Self::Nil => f.write_str("nil"),
        }
    }
}

fn string(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    if !text.contains(['`', '\r']) {
        return write!(f, "`{text}`");
    }
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}

impl Display for Attr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let (scope, name) = match self {
            Self::Intrinsic(intrinsic) => return f.write_str(intrinsic.text()),
            Self::Named { scope, name } => (scope, name),
            Self::Parent { scope, name } => {
                f.write_str(if *scope == AttrScope::Any { "parent" } else { "parent." })?;
                (scope, name)
            }
        };
        f.write_str(scope.prefix())?;
        let bare = !name.is_empty()
            && !name.contains(|c: char| c.is_whitespace() || "{}()=~!<>&|^,\"\\".contains(c));
        // `.3` would be read as a number.
        let digit = *scope == AttrScope::Any && name.starts_with(|c: char| c.is_ascii_digit());
        if bare && !digit {
            return f.write_str(name);
        }
        write!(f, "\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

/// One step of printing: a subtree (by its last node) or text between.
enum Step {
    Tree(usize, bool),
    Text(&'static str),
}

impl Display for Field {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let starts = self.starts();
        let Some(root) = self.nodes.len().checked_sub(1) else { return Ok(()) };
        let mut steps = vec![Step::Tree(root, false)];
        while let Some(step) = steps.pop() {
            let (i, wrap) = match step {
                Step::Text(text) => {
                    f.write_str(text)?;
                    continue;
                }
                Step::Tree(i, wrap) => (i, wrap),
            };
            match &self.nodes[i] {
                Node::Static(value) => write!(f, "{value}")?,
                Node::Attr(attr) => write!(f, "{attr}")?,
                node => {
                    if wrap {
                        f.write_str("(")?;
                        steps.push(Step::Text(")"));
                    }
                    match node {
                        Node::Neg => {
                            f.write_str("-")?;
                            steps.push(Step::Tree(i - 1, true));
                        }
                        Node::Not => {
                            f.write_str("!")?;
                            steps.push(Step::Tree(i - 1, true));
                        }
                        Node::Exists(wanted) => {
                            steps.push(Step::Text(if *wanted { " != nil" } else { " = nil" }));
                            steps.push(Step::Tree(i - 1, true));
                        }
                        Node::Bin(op) => {
                            let left = (starts[i - 1] as usize).saturating_sub(1);
                            steps.push(Step::Tree(i - 1, true));
                            steps.push(Step::Text(" "));
                            steps.push(Step::Text(op.text()));
                            steps.push(Step::Text(" "));
                            // A sign before a product would be that of the whole product.
                            if op.level() > BinOp::Add.level() && negative(&self.nodes[left]) {
                                steps.push(Step::Text(")"));
                                steps.push(Step::Tree(left, true));
                                steps.push(Step::Text("("));
                            } else {
                                steps.push(Step::Tree(left, true));
                            }
                        }
                        Node::Static(_) | Node::Attr(_) => {}
                    }
                }
            }
        }
        Ok(())
    }
}

/// Whether a literal is written with a sign.
fn negative(node: &Node) -> bool {
    match node {
        Node::Static(Static::Int(n) | Static::Duration(n)) => *n < 0,
        Node::Static(Static::Float(x)) => x.is_sign_negative(),
        _ => false,
    }
}

impl Display for Spansets {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let arity = |node: &SpansetNode| if matches!(node, SpansetNode::Op(_)) { 2 } else { 0 };
        let starts = postfix_starts(self.nodes.iter().map(arity));
        let Some(root) = self.nodes.len().checked_sub(1) else { return Ok(()) };
        let mut steps = vec![Step::Tree(root, false)];
        while let Some(step) = steps.pop() {
            let (i, wrap) = match step {
                Step::Text(text) => {
                    f.write_str(text)?;
                    continue;
                }
                Step::Tree(i, wrap) => (i, wrap),
            };
            if wrap {
                f.write_str("(")?;
                steps.push(Step::Text(")"));
            }
            match &self.nodes[i] {
                SpansetNode::Filter(field) => write!(f, "{{ {field} }}")?,
                SpansetNode::Pipeline(stages) => pipeline(f, stages)?,
                SpansetNode::Op(op) => {
                    let first = starts[i - 1] as usize;
                    steps.push(Step::Tree(i - 1, !self.bare_right(first, i - 1)));
                    steps.push(Step::Text(" "));
                    steps.push(Step::Text(op.text()));
                    steps.push(Step::Text(" "));
                    steps.push(Step::Tree(first.saturating_sub(1), true));
                }
            }
        }
        Ok(())
    }
}

impl Spansets {
    /// Whether the right side (nodes `first..=last`) must stand without brackets: in them its first operand,
    /// a lone filter taken as a pipeline, would be read as a spanset. It binds tighter by itself.
    fn bare_right(&self, first: usize, last: usize) -> bool {
        first < last && matches!(&self.nodes[first], SpansetNode::Pipeline(stages) if lone_spanset(stages))
    }
}

fn lone_spanset(stages: &[Stage]) -> bool {
    matches!(stages, [Stage::Spansets(_)])
}

fn pipeline(f: &mut Formatter<'_>, stages: &[Stage]) -> fmt::Result {
    for (i, stage) in stages.iter().enumerate() {
        if i > 0 {
            f.write_str("|")?;
        }
        write!(f, "{stage}")?;
    }
    Ok(())
}

fn list<T: Display>(f: &mut Formatter<'_>, items: &[T]) -> fmt::Result {
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            f.write_str(", ")?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}

impl Display for Aggregate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.op.text())?;
        match &self.field {
            Some(field) => write!(f, "({field})"),
            None => f.write_str("()"),
        }
    }
}

impl Display for Stage {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Spansets(spansets) => write!(f, "{spansets}"),
            Self::Scalar { aggregate, op, value } => write!(f, "({aggregate}) {} {value}", op.text()),
            Self::By(field) => write!(f, "by({field})"),
            Self::Select(attrs) => {
                f.write_str("select(")?;
                list(f, attrs)?;
                f.write_str(")")
            }
            Self::Coalesce => f.write_str("coalesce()"),
        }
    }
}

impl Display for MetricsOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate | Self::CountOverTime => write!(f, "{}()", self.text()),
            Self::MinOverTime(attr)
            | Self::MaxOverTime(attr)
            | Self::AvgOverTime(attr)
            | Self::SumOverTime(attr)
            | Self::HistogramOverTime(attr) => write!(f, "{}({attr})", self.text()),
            Self::QuantileOverTime(attr, quantiles) => {
                write!(f, "{}({attr}, ", self.text())?;
                list(f, quantiles)?;
                f.write_str(")")
            }
            Self::Compare { selection, top, window } => {
                write!(f, "compare({{ {selection} }}, {top}")?;
                if let Some((start, end)) = window {
                    write!(f, ", {start}, {end}")?;
                }
                f.write_str(")")
            }
        }
    }
}

impl MetricsOp {
    /// The function's word.
    pub fn text(&self) -> &'static str {
        match self {
            Self::Rate => "rate",
            Self::CountOverTime => "count_over_time",
            Self::MinOverTime(_) => "min_over_time",
            Self::MaxOverTime(_) => "max_over_time",
            Self::AvgOverTime(_) => "avg_over_time",
            Self::SumOverTime(_) => "sum_over_time",
            Self::HistogramOverTime(_) => "histogram_over_time",
            Self::QuantileOverTime(..) => "quantile_over_time",
            Self::Compare { .. } => "compare",
        }
    }
}

impl Display for Second {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::TopK(n) => write!(f, " | topk({n})"),
            Self::BottomK(n) => write!(f, " | bottomk({n})"),
            Self::Compare(op, value) => write!(f, " {} {value}", op.text()),
        }
    }
}

impl Display for MetricsPipeline {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        pipeline(f, &self.pipeline)?;
        write!(f, " | {}", self.first)?;
        if !self.by.is_empty() {
            f.write_str(" by (")?;
            list(f, &self.by)?;
            f.write_str(")")?;
        }
        self.second.iter().try_for_each(|stage| write!(f, "{stage}"))
    }
}

fn math(f: &mut Formatter<'_>, nodes: &[MathNode]) -> fmt::Result {
    if let [MathNode::Series(series)] = nodes {
        return write!(f, "{series}");
    }
    let starts = postfix_starts(nodes.iter().map(|n| if matches!(n, MathNode::Op(_)) { 2 } else { 0 }));
    let Some(root) = nodes.len().checked_sub(1) else { return Ok(()) };
    let mut steps = vec![Step::Tree(root, false)];
    while let Some(step) = steps.pop() {
        let (i, wrap) = match step {
            Step::Text(text) => {
                f.write_str(text)?;
                continue;
            }
            Step::Tree(i, wrap) => (i, wrap),
        };
        match &nodes[i] {
            MathNode::Number(value) => write!(f, "{value}")?,
            MathNode::Series(series) => write!(f, "({series})")?,
            MathNode::Op(op) => {
                if wrap {
                    f.write_str("(")?;
                    steps.push(Step::Text(")"));
                }
                steps.push(Step::Tree(i - 1, true));
                steps.push(Step::Text(" "));
                steps.push(Step::Text(op.text()));
                steps.push(Step::Text(" "));
                steps.push(Step::Tree((starts[i - 1] as usize).saturating_sub(1), true));
            }
        }
    }
    Ok(())
}

impl Display for Query {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.body {
            Body::Spans(stages) => pipeline(f, stages)?,
            Body::Metrics { math: nodes, second } => {
                math(f, nodes)?;
                second.iter().try_for_each(|stage| write!(f, "{stage}"))?;
            }
        }
        for (i, (name, value)) in self.hints.iter().enumerate() {
            f.write_str(if i == 0 { " with(" } else { ", " })?;
            write!(f, "{name}={value}")?;
        }
        if self.hints.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}
