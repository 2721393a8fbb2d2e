//! Tokens to syntax tree. The grammar is traceql.md §2; its oddities (which brackets may hold a pipeline,
//! what `nil` binds to) are those of Tempo's LALR grammar. Field expressions are parsed with an explicit
//! stack; only brackets around spansets recurse, to a fixed depth.

mod field;
mod metrics;
mod pipeline;
mod scalar;

use super::Error;
use super::ast::{Body, Query, Static};
use super::lexer::{Kind, Token, tokens};
use super::words;

/// Longest text that is taken for a query.
pub(super) const MAX_TEXT: usize = 64 * 1024;
/// Deepest nesting of brackets around spansets.
pub(super) const MAX_DEPTH: usize = 64;

/// Reads a query without checking its types.
pub(super) fn parse(text: &str) -> Result<Query, Error> {
    if text.len() > MAX_TEXT {
        return Err(Error::Limit { what: "the length of a query in bytes", limit: MAX_TEXT, at: MAX_TEXT });
    }
    let tokens = tokens(text)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let first = parser.pipeline_query();
    let error = match first {
        Ok(query) => return Ok(query),
        Err(error) => error,
    };
    // An opening bracket or a number may also begin metrics arithmetic, or a comparison of bracketed
    // pipelines, which Tempo parses only to refuse it.
    if !matches!(tokens[0].kind, Kind::Op("(" | "-") | Kind::Literal(_)) {
        return Err(error);
    }
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    let second = match parser.math_query() {
        Ok(query) => return Ok(query),
        Err(error) => error,
    };
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
    if parser.bracketed_scalar_query().is_ok() {
        return Err(Error::invalid(
            "comparing bracketed pipelines is not supported by TraceQL yet",
            tokens[0].at,
        ));
    }
    Err(if second.at() > error.at() { second } else { error })
}

pub(super) struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
    depth: usize,
}

impl<'t> Parser<'t> {
    fn token(&self) -> &'t Token {
        // The last token is the end, and nothing steps over it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    fn kind(&self) -> &'t Kind {
        &self.token().kind
    }

    fn kind_after(&self, n: usize) -> &'t Kind {
        &self.tokens[(self.at + n).min(self.tokens.len() - 1)].kind
    }

    fn here(&self) -> usize {
        self.token().at
    }

    fn step(&mut self) {
        self.at += 1;
    }

    fn is_op(&self, op: &str) -> bool {
        matches!(self.kind(), Kind::Op(found) if *found == op)
    }

    fn take_op(&mut self, op: &str) -> bool {
        let found = self.is_op(op);
        if found {
            self.step();
        }
        found
    }

    fn word(&self) -> Option<&'t str> {
        match self.kind() {
            Kind::Word(word) => Some(word),
            _ => None,
        }
    }

    fn expect_op(&mut self, op: &'static str) -> Result<(), Error> {
        if self.take_op(op) { Ok(()) } else { self.unexpected(&format!("\"{op}\"")) }
    }

    fn unexpected<T>(&self, expected: &str) -> Result<T, Error> {
        self.unexpected_with(expected, None)
    }

    fn unexpected_with<T>(&self, expected: &str, suggestion: Option<String>) -> Result<T, Error> {
        Err(Error::Unexpected {
            expected: expected.to_owned(),
            found: self.kind().describe(),
            at: self.here(),
            suggestion,
        })
    }

    fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::Limit { what: "the nesting of brackets", limit: MAX_DEPTH, at: self.here() });
        }
        Ok(())
    }

    /// `pipeline`, `pipeline | metrics`, each with hints.
    fn pipeline_query(&mut self) -> Result<Query, Error> {
        let (stages, first) = self.root_pipeline()?;
        let body = match first {
            None => Body::Spans(stages),
            Some((first, by)) => self.metrics_body(stages, (first, by))?,
        };
        self.finish(body)
    }

    /// Hints and the end of the text.
    fn finish(&mut self, body: Body) -> Result<Query, Error> {
        let mut hints = Vec::new();
        while self.word() == Some("with") {
            hints = self.hints()?;
        }
        if *self.kind() == Kind::End {
            return Ok(Query { body, hints });
        }
        let suggestion = match self.kind() {
            Kind::Op("=") => Some("comparisons between fields stand inside { }".to_owned()),
            Kind::Op("+" | "-" | "*" | "/") => {
                Some("metrics arithmetic needs brackets around each pipeline: ({} | rate()) + 1".to_owned())
            }
            Kind::Op("{") => Some("join spansets with &&, ||, | or a structural operator".to_owned()),
            _ => None,
        };
        self.unexpected_with("an operator, | or the end of the query", suggestion)
    }

    fn hints(&mut self) -> Result<Vec<(String, Static)>, Error> {
        self.step();
        self.expect_op("(")?;
        let mut hints = Vec::new();
        loop {
            let Some(name) = self.word() else { return self.unexpected("the name of a hint") };
            self.step();
            self.expect_op("=")?;
            let value = match self.kind() {
                Kind::Literal(value) => value.clone(),
                Kind::Word(word) if word == "nil" => Static::Nil,
                Kind::Word(word) => match words::literal(word) {
                    Some(value) => value,
                    None => return self.unexpected("the value of a hint"),
                },
                _ => return self.unexpected("the value of a hint"),
            };
            self.step();
            hints.push((name.to_owned(), value));
            if !self.take_op(",") {
                break;
            }
        }
        self.expect_op(")")?;
        Ok(hints)
    }
}
