//! Metrics functions, their second stages and the arithmetic between them (traceql.md §2).

use super::Parser;
use super::pipeline::First;
use crate::traceql::Error;
use crate::traceql::ast::{BinOp, Body, MathNode, MetricsOp, MetricsPipeline, Query, Second, Stage, Static};
use crate::traceql::fold::fold;
use crate::traceql::lexer::Kind;

impl Parser<'_> {
    /// The function here, with its `by`.
    pub(super) fn first_metrics(&mut self) -> Result<First, Error> {
        let word = self.word().unwrap_or("").to_owned();
        self.step();
        self.expect_op("(")?;
        let op = match word.as_str() {
            "rate" => MetricsOp::Rate,
            "count_over_time" => MetricsOp::CountOverTime,
            "min_over_time" => MetricsOp::MinOverTime(self.attr()?),
            "max_over_time" => MetricsOp::MaxOverTime(self.attr()?),
            "avg_over_time" => MetricsOp::AvgOverTime(self.attr()?),
            "sum_over_time" => MetricsOp::SumOverTime(self.attr()?),
            "histogram_over_time" => MetricsOp::HistogramOverTime(self.attr()?),
            "quantile_over_time" => {
                let attr = self.attr()?;
                let mut quantiles = Vec::new();
                self.expect_op(",")?;
                loop {
                    let negative = self.take_op("-");
                    let value = match self.kind() {
                        Kind::Literal(Static::Int(n)) => *n as f64,
                        Kind::Literal(Static::Float(f)) => *f,
                        _ => return self.unexpected("a quantile such as .99"),
                    };
                    self.step();
                    quantiles.push(if negative { -value } else { value });
                    if !self.take_op(",") {
                        break;
                    }
                }
                MetricsOp::QuantileOverTime(attr, quantiles)
            }
            _ => self.compare_arguments()?,
        };
        self.expect_op(")")?;
        let mut by = Vec::new();
        if self.word() == Some("by") && !matches!(op, MetricsOp::Compare { .. }) {
            self.step();
            self.expect_op("(")?;
            by = self.attrs()?;
            self.expect_op(")")?;
        }
        Ok((op, by))
    }

    fn compare_arguments(&mut self) -> Result<MetricsOp, Error> {
        let selection = self.filter()?;
        let mut numbers = Vec::new();
        while numbers.len() < 3 && self.take_op(",") {
            numbers.push(self.integer()?);
        }
        let (top, window) = match numbers.as_slice() {
            [] => (10, None),
            [top] => (*top, None),
            [top, start, end] => (*top, Some((*start, *end))),
            _ => return self.unexpected("both start and end"),
        };
        Ok(MetricsOp::Compare { selection, top, window })
    }

    fn integer(&mut self) -> Result<i64, Error> {
        let Kind::Literal(Static::Int(n)) = self.kind() else { return self.unexpected("a whole number") };
        self.step();
        Ok(*n)
    }

    /// Zero or more second stages.
    fn second_stages(&mut self) -> Result<Vec<Second>, Error> {
        let mut stages = Vec::new();
        loop {
            match self.kind() {
                Kind::Op("|") => {
                    self.step();
                    let word = self.word().unwrap_or("");
                    if !matches!(word, "topk" | "bottomk") {
                        return self.unexpected("topk or bottomk after a metrics function");
                    }
                    self.step();
                    self.expect_op("(")?;
                    let n = self.integer()?;
                    self.expect_op(")")?;
                    stages.push(if word == "topk" { Second::TopK(n) } else { Second::BottomK(n) });
                }
                Kind::Op("=" | "!=" | "<" | "<=" | ">" | ">=") => {
                    let op = self.comparison()?;
                    stages.push(Second::Compare(op, self.constant()?));
                }
                _ => return Ok(stages),
            }
        }
    }

    /// The rest of `pipeline | first second*`.
    pub(super) fn metrics_body(&mut self, pipeline: Vec<Stage>, (first, by): First) -> Result<Body, Error> {
        let second = self.second_stages()?;
        let series = MetricsPipeline { pipeline, first, by, second: Vec::new() };
        Ok(Body::Metrics { math: vec![MathNode::Series(Box::new(series))], second })
    }

    /// `math second*`, each pipeline in brackets.
    pub(super) fn math_query(&mut self) -> Result<Query, Error> {
        let mut math: Vec<MathNode> = Vec::new();
        // None is an opening bracket.
        let mut open: Vec<Option<BinOp>> = Vec::new();
        'operand: loop {
            if self.is_op("(") {
                self.step();
                if !self.math_pipeline_follows() {
                    open.push(None);
                    if open.len() > super::MAX_DEPTH * 4 {
                        let limit = super::MAX_DEPTH * 4;
                        return Err(Error::Limit { what: "the nesting of brackets", limit, at: self.here() });
                    }
                    continue;
                }
                let (pipeline, first) = self.root_pipeline()?;
                let Some((first, by)) = first else { return self.unexpected("| and a metrics function") };
                let second = self.second_stages()?;
                self.expect_op(")")?;
                math.push(MathNode::Series(Box::new(MetricsPipeline { pipeline, first, by, second })));
            } else {
                math.push(MathNode::Number(self.plain_number()?));
            }
            loop {
                if self.is_op(")") && open.contains(&None) {
                    self.step();
                    while let Some(Some(op)) = open.pop() {
                        push_math(&mut math, op);
                    }
                    continue;
                }
                let op = match self.kind() {
                    Kind::Op("+") => BinOp::Add,
                    Kind::Op("-") => BinOp::Sub,
                    Kind::Op("*") => BinOp::Mul,
                    Kind::Op("/") => BinOp::Div,
                    _ => break 'operand,
                };
                self.step();
                while let Some(Some(top)) = open.last().copied() {
                    if top.level() < op.level() {
                        break;
                    }
                    open.pop();
                    push_math(&mut math, top);
                }
                open.push(Some(op));
                continue 'operand;
            }
        }
        while let Some(top) = open.pop() {
            match top {
                Some(op) => push_math(&mut math, op),
                None => return self.unexpected("\")\""),
            }
        }
        if !math.iter().any(|node| matches!(node, MathNode::Series(_))) {
            return self.unexpected("a metrics pipeline in brackets");
        }
        let mut second = self.second_stages()?;
        if let [MathNode::Series(series)] = math.as_mut_slice() {
            // Brackets around the only pipeline mean nothing.
            let outer = std::mem::take(&mut second);
            second = std::mem::take(&mut series.second);
            second.extend(outer);
        }
        self.finish(Body::Metrics { math, second })
    }

    /// Whether the bracket just opened holds a pipeline, and not more arithmetic.
    fn math_pipeline_follows(&self) -> bool {
        // A bracket that closes before any `|` at its own level is arithmetic or a spanset in brackets.
        let mut depth = 0usize;
        for n in 0.. {
            match self.kind_after(n) {
                Kind::Op("(" | "{") => depth += 1,
                Kind::Op(")" | "}") if depth == 0 => return false,
                Kind::Op(")" | "}") => depth -= 1,
                Kind::Op("|") if depth == 0 => return true,
                Kind::End => return false,
                _ => {}
            }
        }
        false
    }

    fn plain_number(&mut self) -> Result<Static, Error> {
        let mut negative = false;
        while self.take_op("-") {
            negative = !negative;
        }
        let value = match self.kind() {
            Kind::Literal(value @ (Static::Int(_) | Static::Float(_))) => value.clone(),
            Kind::Literal(Static::Duration(_)) => {
                let hint = "durations are compared, not computed with: (…) > 1s".to_owned();
                return self.unexpected_with("a plain number", Some(hint));
            }
            _ => return self.unexpected("a metrics pipeline in brackets or a number"),
        };
        self.step();
        Ok(match value {
            Static::Int(n) if negative => Static::Int(-n),
            Static::Float(f) if negative => Static::Float(-f),
            value => value,
        })
    }
}

/// Appends an operator; numbers on both sides are computed at once.
fn push_math(math: &mut Vec<MathNode>, op: BinOp) {
    if let [.., MathNode::Number(a), MathNode::Number(b)] = math.as_slice()
        && let Some(value) = fold(op, a, b)
    {
        math.truncate(math.len() - 2);
        math.push(MathNode::Number(value));
        return;
    }
    math.push(MathNode::Op(op));
}
