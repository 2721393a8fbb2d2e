//! Scalar filters, `aggregate cmp constant`, and the arithmetic around them that Tempo parses but does not
//! run yet (traceql.md §4.7).

use super::Parser;
use crate::traceql::Error;
use crate::traceql::ast::{Aggregate, AggregateOp, BinOp, Stage, Static};
use crate::traceql::fold::fold;
use crate::traceql::lexer::Kind;
use crate::traceql::words;

/// A side of a scalar comparison.
enum Scalar {
    Constant(Static),
    Aggregate(Aggregate),
    /// Arithmetic over aggregates, or a bracketed pipeline: parses, is refused.
    Other,
}

impl Parser<'_> {
    /// `aggregate cmp constant`; the other forms that parse are refused as unsupported.
    pub(super) fn scalar_filter(&mut self) -> Result<Stage, Error> {
        let at = self.here();
        let left = self.scalar(false)?;
        let op = self.comparison()?;
        let value_at = self.here();
        let right = self.scalar(false)?;
        match (left, right) {
            (Scalar::Aggregate(aggregate), Scalar::Constant(value)) => {
                Ok(Stage::Scalar { aggregate, op, value })
            }
            (Scalar::Constant(_), Scalar::Constant(_)) => Err(Error::Unexpected {
                expected: "an aggregate such as count() on one side".to_owned(),
                found: "two constants".to_owned(),
                at: value_at,
                suggestion: None,
            }),
            (Scalar::Constant(_), _) => Err(Error::Invalid {
                what: "expected an aggregate on the left of the comparison, found a constant".to_owned(),
                at,
                suggestion: Some(format!("turn it round: … {} constant", op.mirrored().text())),
            }),
            _ => Err(Error::invalid(
                "expected one aggregate compared with a constant, found an expression that is not supported by TraceQL yet",
                at,
            )),
        }
    }

    /// `({ … } | count()) > …`: accepted by the grammar, refused by the checks.
    pub(super) fn bracketed_scalar_query(&mut self) -> Result<(), Error> {
        self.scalar(true)?;
        self.comparison()?;
        self.scalar(true)?;
        if *self.kind() == Kind::End { Ok(()) } else { self.unexpected("the end of the query") }
    }

    pub(super) fn comparison(&mut self) -> Result<BinOp, Error> {
        let op = match self.kind() {
            Kind::Op(token) => BinOp::from_token(token).filter(|op| op.is_order()),
            _ => None,
        };
        let Some(op) = op else { return self.unexpected("a comparison such as > or =") };
        self.step();
        Ok(op)
    }

    /// A constant number or duration with its sign and arithmetic, folded.
    pub(super) fn constant(&mut self) -> Result<Static, Error> {
        let at = self.here();
        match self.scalar(false)? {
            Scalar::Constant(value) => Ok(value),
            _ => Err(Error::Unexpected {
                expected: "a number or duration".to_owned(),
                found: "an aggregate".to_owned(),
                at,
                suggestion: None,
            }),
        }
    }

    fn scalar(&mut self, pipelines: bool) -> Result<Scalar, Error> {
        let mut values: Vec<Scalar> = Vec::new();
        // None is an opening bracket, Some((0, _)) the unary minus.
        let mut open: Vec<Option<(u8, BinOp)>> = Vec::new();
        'operand: loop {
            if pipelines && self.is_op("(") && self.holds_pipeline() {
                values.push(self.bracketed_aggregate()?);
            } else if self.take_op("(") {
                open.push(None);
                continue;
            } else if self.take_op("-") {
                open.push(Some((0, BinOp::Sub)));
                continue;
            } else {
                values.push(self.scalar_operand()?);
            }
            loop {
                if self.is_op(")") && open.contains(&None) {
                    self.step();
                    while let Some(Some(op)) = open.pop() {
                        self.reduce(op, &mut values)?;
                    }
                    continue;
                }
                let op = match self.kind() {
                    Kind::Op(token) => BinOp::from_token(token).filter(|op| op.is_arithmetic()),
                    _ => None,
                };
                let Some(op) = op else { break 'operand };
                self.step();
                while let Some(Some(top)) = open.last().copied() {
                    let level = if top.0 == 0 { 4 } else { top.0 };
                    if level > op.level() || level == op.level() && op != BinOp::Pow {
                        open.pop();
                        self.reduce(top, &mut values)?;
                    } else {
                        break;
                    }
                }
                open.push(Some((op.level(), op)));
                continue 'operand;
            }
        }
        while let Some(top) = open.pop() {
            match top {
                Some(op) => self.reduce(op, &mut values)?,
                None => return self.unexpected("\")\""),
            }
        }
        Ok(values.pop().unwrap_or(Scalar::Other))
    }

    fn reduce(&self, (level, op): (u8, BinOp), values: &mut Vec<Scalar>) -> Result<(), Error> {
        let Some(right) = values.pop() else { return Ok(()) };
        let left = if level == 0 { Some(Scalar::Constant(Static::Int(0))) } else { values.pop() };
        let value = match (left, right) {
            (_, Scalar::Constant(Static::Float(f))) if level == 0 => Scalar::Constant(Static::Float(-f)),
            (Some(Scalar::Constant(a)), Scalar::Constant(b)) => match fold(op, &a, &b) {
                Some(value) => Scalar::Constant(value),
                None => {
                    return Err(Error::invalid(
                        "expected a constant with a value, found arithmetic without one",
                        self.here(),
                    ));
                }
            },
            _ => Scalar::Other,
        };
        values.push(value);
        Ok(())
    }

    fn scalar_operand(&mut self) -> Result<Scalar, Error> {
        match self.kind() {
            Kind::Literal(value @ (Static::Int(_) | Static::Float(_) | Static::Duration(_))) => {
                self.step();
                Ok(Scalar::Constant(value.clone()))
            }
            Kind::Word(word) if word == "minInt" || word == "maxInt" => {
                self.step();
                Ok(words::literal(word).map_or(Scalar::Other, Scalar::Constant))
            }
            Kind::Word(word) if words::AGGREGATES.iter().any(|(w, _)| w == word) => {
                self.aggregate().map(Scalar::Aggregate)
            }
            _ => self.unexpected("an aggregate, number or duration"),
        }
    }

    fn aggregate(&mut self) -> Result<Aggregate, Error> {
        let word = self.word().unwrap_or("");
        let Some((_, op)) = words::AGGREGATES.iter().find(|(w, _)| *w == word) else {
            return self.unexpected("an aggregate such as count()");
        };
        self.step();
        if !self.is_op("(") {
            return self.unexpected_with("\"(\"", Some(format!("did you mean {word}()?")));
        }
        self.step();
        let field = if *op == AggregateOp::Count { None } else { Some(self.field()?) };
        self.expect_op(")")?;
        Ok(Aggregate { op: *op, field })
    }

    /// Whether the bracket here opens a pipeline that ends in an aggregate.
    fn holds_pipeline(&self) -> bool {
        let mut n = 1;
        while matches!(self.kind_after(n), Kind::Op("(")) {
            n += 1;
        }
        n == 1 && matches!(self.kind_after(1), Kind::Op("{"))
    }

    /// `( pipeline | aggregate )`
    fn bracketed_aggregate(&mut self) -> Result<Scalar, Error> {
        self.expect_op("(")?;
        self.filter()?;
        while self.take_op("|") {
            if self.is_op("{") {
                self.filter()?;
                continue;
            }
            self.aggregate()?;
            if self.take_op(")") {
                return Ok(Scalar::Other);
            }
            self.comparison()?;
            self.constant()?;
        }
        self.unexpected("| and an aggregate")
    }
}
