//! Pipelines and spanset expressions.
//!
//! At one level of brackets either all operands of the spanset operators are spansets, or all are
//! bracketed pipelines; the first operand decides (traceql.md §2, "consequences").

use super::Parser;
use crate::traceql::Error;
use crate::traceql::ast::{Attr, Field, MetricsOp, Node, SpansetNode, SpansetOp, Spansets, Stage, Static};
use crate::traceql::lexer::Kind;
use crate::traceql::words;

/// Most spanset operators in one expression: the canonical text has a bracket for each.
const MAX_OPERATORS: usize = super::MAX_DEPTH - 4;

/// What an operand between spanset operators turned out to be.
enum Operand {
    Spanset(Vec<SpansetNode>),
    Pipe(Vec<SpansetNode>),
}

/// The first metrics function of a query and its `by`.
pub(super) type First = (MetricsOp, Vec<Attr>);

impl Parser<'_> {
    /// The pipeline of a whole query, with the metrics function that may end it.
    pub(super) fn root_pipeline(&mut self) -> Result<(Vec<Stage>, Option<First>), Error> {
        if !self.begins_spansets() {
            return self.pipeline(None);
        }
        match self.spanset_level()? {
            Operand::Spanset(nodes) => self.pipeline(Some(Stage::Spansets(Spansets { nodes }))),
            // Only a pipeline in brackets: the brackets mean nothing.
            Operand::Pipe(mut nodes) => match (nodes.pop(), nodes.is_empty()) {
                (Some(SpansetNode::Pipeline(stages)), true) => Ok((stages, None)),
                (last, _) => {
                    nodes.extend(last);
                    Ok((vec![Stage::Spansets(Spansets { nodes })], None))
                }
            },
        }
    }

    /// Whether what follows is a spanset expression (possibly bracketed) and not a scalar filter.
    fn begins_spansets(&self) -> bool {
        let mut n = 0;
        while matches!(self.kind_after(n), Kind::Op("(")) {
            n += 1;
        }
        match self.kind_after(n) {
            Kind::Op("{") => true,
            Kind::Word(word) if n > 0 => match word.as_str() {
                "by" | "select" | "coalesce" => true,
                // `(count()) > 1` is a scalar filter, `(count() > 1) && …` holds one in brackets.
                _ => words::AGGREGATES.iter().any(|(w, _)| w == word) && !self.bracketed_scalar(n),
            },
            _ => false,
        }
    }

    /// Whether the innermost of `n` opening brackets closes before any comparison.
    fn bracketed_scalar(&self, n: usize) -> bool {
        let mut depth = 0usize;
        for ahead in n.. {
            match self.kind_after(ahead) {
                Kind::Op("(") => depth += 1,
                Kind::Op(")") if depth == 0 => return true,
                Kind::Op(")") => depth -= 1,
                Kind::Op("=" | "!=" | "<" | "<=" | ">" | ">=") if depth == 0 => return false,
                Kind::End => return true,
                _ => {}
            }
        }
        true
    }

    /// Stages after the first one, or all of them; a metrics function ends the pipeline.
    fn pipeline(&mut self, first: Option<Stage>) -> Result<(Vec<Stage>, Option<First>), Error> {
        let mut stages = Vec::new();
        match first {
            Some(stage) => stages.push(stage),
            None => stages.push(self.stage(true)?),
        }
        while self.is_op("|") {
            self.step();
            if self.word().is_some_and(|w| words::METRICS.contains(&w)) {
                return Ok((stages, Some(self.first_metrics()?)));
            }
            stages.push(self.stage(false)?);
        }
        Ok((stages, None))
    }

    fn stage(&mut self, first: bool) -> Result<Stage, Error> {
        match (self.word(), self.kind_after(1)) {
            (Some("by"), Kind::Op("(")) => {
                self.step();
                self.step();
                let field = self.field()?;
                if self.is_op(",") {
                    return self.unexpected_with(
                        "\")\"",
                        Some("by() takes one expression; write | by(a) | by(b)".to_owned()),
                    );
                }
                self.expect_op(")")?;
                return Ok(Stage::By(field));
            }
            (Some("coalesce"), _) if first => {
                return self.unexpected_with("a spanset", Some("coalesce() cannot come first".to_owned()));
            }
            (Some("coalesce"), _) => {
                self.step();
                self.expect_op("(")?;
                self.expect_op(")")?;
                return Ok(Stage::Coalesce);
            }
            (Some("select"), _) => {
                self.step();
                self.expect_op("(")?;
                let attrs = self.attrs()?;
                self.expect_op(")")?;
                return Ok(Stage::Select(attrs));
            }
            (Some(word), _) if words::METRICS.contains(&word) => {
                return self.unexpected_with(
                    "a spanset",
                    Some(format!("{word}() follows a spanset: {{ }} | {word}()")),
                );
            }
            (Some(word), _) if !words::AGGREGATES.iter().any(|(w, _)| *w == word) => {
                let known = words::AGGREGATES.iter().map(|(w, _)| *w);
                let near = words::nearest(
                    word,
                    known.chain(words::METRICS.iter().copied()).chain(["by", "select", "coalesce"]),
                );
                let suggestion = near.map_or_else(
                    || (self.at == 0).then(|| format!("filters stand in braces: {{ … {word} … }}")),
                    |near| Some(format!("did you mean {near}()?")),
                );
                return self.unexpected_with("a spanset { … } or a pipeline function", suggestion);
            }
            _ => {}
        }
        if !self.begins_spansets() {
            return self.scalar_filter();
        }
        match self.spanset_level()? {
            Operand::Spanset(nodes) => Ok(Stage::Spansets(Spansets { nodes })),
            Operand::Pipe(_) => self.unexpected("a spanset without pipelines after |"),
        }
    }

    /// Attributes with commas between.
    pub(super) fn attrs(&mut self) -> Result<Vec<Attr>, Error> {
        let mut attrs = vec![self.attr()?];
        while self.take_op(",") {
            attrs.push(self.attr()?);
        }
        Ok(attrs)
    }

    /// Operands and operators of one level of brackets.
    fn spanset_level(&mut self) -> Result<Operand, Error> {
        self.enter()?;
        let mut operators: Vec<SpansetOp> = Vec::new();
        let mut count = 0;
        let (pipe, mut nodes) = match self.spanset_operand()? {
            Operand::Spanset(nodes) => (false, nodes),
            Operand::Pipe(nodes) => (true, nodes),
        };
        while let Some(op) = self.spanset_operator() {
            count += 1;
            if count > MAX_OPERATORS {
                let what = "the number of spanset operators in one expression";
                return Err(Error::Limit { what, limit: MAX_OPERATORS, at: self.here() });
            }
            self.step();
            while let Some(top) = operators.last().copied().filter(|top| level(*top) >= level(op)) {
                operators.pop();
                nodes.push(SpansetNode::Op(top));
            }
            operators.push(op);
            let at = self.here();
            let bracketed = self.is_op("(");
            match (pipe, self.spanset_operand()?) {
                (false, Operand::Spanset(more)) | (true, Operand::Pipe(more)) => nodes.extend(more),
                (true, Operand::Spanset(more)) if bracketed => {
                    nodes.push(SpansetNode::Pipeline(vec![Stage::Spansets(Spansets { nodes: more })]));
                }
                (true, Operand::Spanset(_)) => {
                    return Err(Error::Unexpected {
                        expected: "a pipeline in brackets beside a pipeline in brackets".to_owned(),
                        found: "a bare spanset".to_owned(),
                        at,
                        suggestion: Some("put it in brackets: ({ … })".to_owned()),
                    });
                }
                (false, Operand::Pipe(_)) => {
                    return Err(Error::Unexpected {
                        expected: "a spanset beside a spanset".to_owned(),
                        found: "a pipeline".to_owned(),
                        at,
                        suggestion: Some(
                            "a side with a pipeline must come first: ({ … } | …) && ({ … })".to_owned(),
                        ),
                    });
                }
            }
        }
        nodes.extend(operators.into_iter().rev().map(SpansetNode::Op));
        self.depth -= 1;
        Ok(if pipe { Operand::Pipe(nodes) } else { Operand::Spanset(nodes) })
    }

    fn spanset_operator(&self) -> Option<SpansetOp> {
        let Kind::Op(token) = self.kind() else { return None };
        words::SPANSET_OPS.iter().find(|(t, _)| t == token).map(|(_, op)| *op)
    }

    fn spanset_operand(&mut self) -> Result<Operand, Error> {
        if self.is_op("{") {
            return Ok(Operand::Spanset(vec![SpansetNode::Filter(self.filter()?)]));
        }
        if !self.take_op("(") {
            return self.unexpected("a spanset { … } or \"(\"");
        }
        if !self.begins_spansets() {
            let (stages, None) = self.pipeline(None)? else {
                return self.unexpected("a pipeline of spans");
            };
            self.expect_op(")")?;
            return Ok(Operand::Pipe(vec![SpansetNode::Pipeline(stages)]));
        }
        let inner = match self.spanset_level()? {
            Operand::Spanset(nodes) if self.is_op("|") => {
                let (stages, None) = self.pipeline(Some(Stage::Spansets(Spansets { nodes })))? else {
                    return self.unexpected("a pipeline of spans");
                };
                Operand::Pipe(vec![SpansetNode::Pipeline(stages)])
            }
            inner => inner,
        };
        self.expect_op(")")?;
        Ok(inner)
    }

    /// `{ … }`; empty means `{ true }`.
    pub(super) fn filter(&mut self) -> Result<Field, Error> {
        let at = self.here();
        self.expect_op("{")?;
        if self.take_op("}") {
            return Ok(Field::leaf(Node::Static(Static::Bool(true)), at));
        }
        let field = self.field()?;
        if !self.is_op("}") {
            let suggestion = match self.kind() {
                Kind::Op("|") => Some("did you mean ||?".to_owned()),
                Kind::Op("=") => Some("did you mean = (a single one)?".to_owned()),
                Kind::Word(word) if word.eq_ignore_ascii_case("and") => Some("did you mean &&?".to_owned()),
                Kind::Word(word) if word.eq_ignore_ascii_case("or") => Some("did you mean ||?".to_owned()),
                Kind::Word(word) if word.eq_ignore_ascii_case("in") => {
                    Some("write .a = \"x\" || .a = \"y\"".to_owned())
                }
                Kind::Attr { .. } | Kind::Word(_) => Some("join conditions with && or ||".to_owned()),
                _ => None,
            };
            return self.unexpected_with("an operator or \"}\"", suggestion);
        }
        self.step();
        Ok(field)
    }
}

/// Structural operators bind tighter than `&&` and `||` (traceql.md §3).
fn level(op: SpansetOp) -> u8 {
    if matches!(op, SpansetOp::Structural(..)) { 3 } else { 2 }
}
