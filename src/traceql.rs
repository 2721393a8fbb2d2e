//! TraceQL: the language in which everybody asks.
//!
//! Text becomes a checked [`Query`] ([`parse`]), which prints as canonical text. Verdicts are those of
//! Tempo's own parser; the tables under `tests/data/traceql` hold us to them.
//!
//! ```text
//! let query = traceql::parse("{ status = error && duration > 1s }")?;
//! query.to_string()                                    // { (status = error) && (duration > 1s) }
//! ```

pub mod ast;
mod check;
pub mod complete;
mod error;
pub mod eval;
mod fold;
pub mod friendly;
mod lexer;
mod literal;
pub mod metrics;
mod op;
mod parser;
mod print;
mod re2;
pub mod words;

#[cfg(test)]
mod tests;

pub use ast::Query;
pub use complete::{Completion, complete};
pub use error::{Error, Phase, RunError};
pub use lexer::{Kind, Token, format_duration, parse_duration, tokens};
pub use literal::{attribute_field, literal, quoted};

/// Reads and checks a query.
///
/// # Errors
/// An [`Error`] with the byte offset of what does not fit.
pub fn parse(text: &str) -> Result<Query, Error> {
    let query = parser::parse(text)?;
    check::check(&query)?;
    Ok(query)
}
