//! The room's one error. Messages are lower case without a full stop, say what was expected and what was
//! found, and every error about the text of a query knows its byte offset.

use std::fmt;

/// Why a query was refused or its evaluation ended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is no TraceQL: a token that does not fit.
    #[error("expected {expected}, found {found}{}", Hint(.suggestion.as_ref()))]
    Unexpected {
        /// What could stand here.
        expected: String,
        /// What stands here.
        found: String,
        /// Byte offset in the query text.
        at: usize,
        /// A repair, where one is natural.
        suggestion: Option<String>,
    },
    /// The text cannot be cut into tokens.
    #[error("{what}{}", Hint(.suggestion.as_ref()))]
    Token {
        /// What is wrong with the token.
        what: String,
        /// Byte offset in the query text.
        at: usize,
        /// A repair, where one is natural.
        suggestion: Option<String>,
    },
    /// The text is longer or nested deeper than this parser goes.
    #[error("{what} is limited to {limit}")]
    Limit {
        /// What is limited.
        what: &'static str,
        /// How far it may go.
        limit: usize,
        /// Byte offset in the query text.
        at: usize,
    },
    /// The text parses but means nothing (types, regular expressions, limits of Tempo's language).
    #[error("{what}{}", Hint(.suggestion.as_ref()))]
    Invalid {
        /// What is wrong.
        what: String,
        /// Byte offset in the query text.
        at: usize,
        /// A repair, where one is natural.
        suggestion: Option<String>,
    },
    /// Evaluation met a value that the query cannot handle (traceql.md §6.2).
    #[error("{0}")]
    Run(RunError),
    /// The question was withdrawn.
    #[error("canceled")]
    Cancelled,
}

/// What can go wrong while a valid query runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RunError {
    /// `!` met a value that is no boolean, or no value.
    #[error("expected a boolean after !, found another type or no value")]
    NotBoolean,
    /// `-` met a value that is no number, or no value.
    #[error("expected a number after -, found another type or no value")]
    NotNumber,
    /// An integer was divided by zero.
    #[error("expected a divisor other than 0, found integer division by zero")]
    DivisionByZero,
    /// Arithmetic on an array.
    #[error("expected a number, found arithmetic on an array")]
    ArrayArithmetic,
    /// An array was compared with an array.
    #[error("expected one value, found an array compared with an array")]
    ArrayAgainstArray,
    /// A structural operator met spansets that `by()` had split.
    #[error("expected whole traces around a structural operator, found groups: add coalesce() after by()")]
    Grouped,
    /// A search was asked of a metrics query, or the other way round.
    #[error("expected a query for spans, found a metrics query")]
    NotSpans,
    /// See [`NotSpans`](Self::NotSpans).
    #[error("expected a metrics query such as {{ }} | rate(), found a query for spans")]
    NotMetrics,
    /// The step would give more points than a chart can hold.
    #[error("expected at most 1000000 points, found a step too small for the time range")]
    TooManyPoints,
}

/// At which stage a query failed; the conformance tables tell parse and validation apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// The text is no TraceQL.
    Parse,
    /// The text parses but is refused.
    Validate,
    /// It failed, or was stopped, while running.
    Run,
}

impl Error {
    /// Byte offset in the query text; none for errors of evaluation.
    pub fn at(&self) -> Option<usize> {
        match self {
            Self::Unexpected { at, .. }
            | Self::Token { at, .. }
            | Self::Limit { at, .. }
            | Self::Invalid { at, .. } => Some(*at),
            Self::Run(_) | Self::Cancelled => None,
        }
    }

    /// The bytes of the query text that do not fit, for an underline: the token that stands there, the rest
    /// of the text where no token could be cut, nothing at the text's end. An error of evaluation is about
    /// the whole text.
    pub fn place(&self, text: &str) -> (usize, usize) {
        let Some(at) = self.at().map(|at| at.min(text.len())) else { return (0, text.len()) };
        if let Ok(list) = super::tokens(text)
            && let Some(i) = list.iter().position(|token| token.at <= at && at < token.end)
        {
            // What a regular expression's operator is refused for stands behind it.
            let matching = matches!(text.get(at..list[i].end), Some("=~" | "!~"));
            let last = list.get(i + 1).filter(|_| matching).unwrap_or(&list[i]);
            return (at, last.end);
        }
        let rest = text.get(at..).unwrap_or_default();
        let word = rest.find(|c: char| c.is_whitespace() || "{}()".contains(c)).filter(|end| *end > 0);
        let end = if rest.starts_with(['"', '`']) { rest.len() } else { word.unwrap_or(rest.len()) };
        (at, at + end)
    }

    /// The stage it belongs to.
    pub fn phase(&self) -> Phase {
        match self {
            Self::Unexpected { .. } | Self::Token { .. } | Self::Limit { .. } => Phase::Parse,
            Self::Invalid { .. } => Phase::Validate,
            Self::Run(_) | Self::Cancelled => Phase::Run,
        }
    }

    pub(crate) fn invalid(what: impl Into<String>, at: usize) -> Self {
        Self::Invalid { what: what.into(), at, suggestion: None }
    }
}

impl From<RunError> for Error {
    fn from(error: RunError) -> Self {
        Self::Run(error)
    }
}

struct Hint<'a>(Option<&'a String>);

impl fmt::Display for Hint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.map_or(Ok(()), |text| write!(f, "; {text}"))
    }
}
