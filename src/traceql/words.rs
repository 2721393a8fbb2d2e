//! The words of the language, each with what it stands for: one table serves parser, printer, completion
//! and suggestions, so that they cannot disagree.

use super::ast::{AggregateOp, AttrScope, BinOp, Intrinsic, Mode, Relation, SpansetOp, Static};
use crate::model::{SpanKind, StatusCode};

/// Every way to write an intrinsic; the first entry of an intrinsic is the one printed (traceql.md §1.2).
pub const INTRINSICS: &[(&str, Intrinsic)] = &[
    ("duration", Intrinsic::Duration),
    ("span:duration", Intrinsic::Duration),
    ("name", Intrinsic::Name),
    ("span:name", Intrinsic::Name),
    ("status", Intrinsic::Status),
    ("span:status", Intrinsic::Status),
    ("statusMessage", Intrinsic::StatusMessage),
    ("span:statusMessage", Intrinsic::StatusMessage),
    ("kind", Intrinsic::Kind),
    ("span:kind", Intrinsic::Kind),
    ("span:id", Intrinsic::SpanId),
    ("span:parentID", Intrinsic::ParentId),
    ("span:childCount", Intrinsic::ChildCount),
    ("rootName", Intrinsic::RootName),
    ("trace:rootName", Intrinsic::RootName),
    ("rootServiceName", Intrinsic::RootService),
    ("trace:rootService", Intrinsic::RootService),
    ("traceDuration", Intrinsic::TraceDuration),
    ("trace:duration", Intrinsic::TraceDuration),
    ("trace:id", Intrinsic::TraceId),
    ("nestedSetLeft", Intrinsic::NestedSetLeft),
    ("nestedSetRight", Intrinsic::NestedSetRight),
    ("nestedSetParent", Intrinsic::NestedSetParent),
    ("event:name", Intrinsic::EventName),
    ("event:timeSinceStart", Intrinsic::EventTimeSinceStart),
    ("link:traceID", Intrinsic::LinkTraceId),
    ("link:spanID", Intrinsic::LinkSpanId),
    ("instrumentation:name", Intrinsic::ScopeName),
    ("instrumentation:version", Intrinsic::ScopeVersion),
    ("parent", Intrinsic::Parent),
    // Spanscope's own; nothing of Tempo's begins with these words.
    ("root:kind", Intrinsic::RootKind),
    ("root:status", Intrinsic::RootStatus),
    ("derived:depth", Intrinsic::Depth),
    ("derived:gap", Intrinsic::Gap),
    ("derived:databaseCalls", Intrinsic::DatabaseCalls),
];

/// Attribute scopes with the text before the name.
pub const SCOPES: &[(&str, AttrScope)] = &[
    ("span.", AttrScope::Span),
    ("root.span.", AttrScope::Root),
    ("resource.", AttrScope::Resource),
    ("event.", AttrScope::Event),
    ("link.", AttrScope::Link),
    ("instrumentation.", AttrScope::Instrumentation),
    (".", AttrScope::Any),
];

/// First words of scoped intrinsics.
pub const COLON_SCOPES: &[&str] = &["span", "trace", "event", "link", "instrumentation", "root", "derived"];

/// Aggregates.
pub const AGGREGATES: &[(&str, AggregateOp)] = &[
    ("count", AggregateOp::Count),
    ("avg", AggregateOp::Avg),
    ("max", AggregateOp::Max),
    ("min", AggregateOp::Min),
    ("sum", AggregateOp::Sum),
];

/// First-stage metrics functions.
pub const METRICS: &[&str] = &[
    "rate",
    "count_over_time",
    "min_over_time",
    "max_over_time",
    "avg_over_time",
    "sum_over_time",
    "quantile_over_time",
    "histogram_over_time",
    "compare",
];

/// Operators between spansets; the longest first.
pub const SPANSET_OPS: &[(&str, SpansetOp)] = &[
    ("&&", SpansetOp::And),
    ("||", SpansetOp::Or),
    ("!>>", SpansetOp::Structural(Relation::Descendant, Mode::Negated)),
    ("!<<", SpansetOp::Structural(Relation::Ancestor, Mode::Negated)),
    ("&>>", SpansetOp::Structural(Relation::Descendant, Mode::Union)),
    ("&<<", SpansetOp::Structural(Relation::Ancestor, Mode::Union)),
    (">>", SpansetOp::Structural(Relation::Descendant, Mode::Plain)),
    ("<<", SpansetOp::Structural(Relation::Ancestor, Mode::Plain)),
    ("!>", SpansetOp::Structural(Relation::Child, Mode::Negated)),
    ("!<", SpansetOp::Structural(Relation::Parent, Mode::Negated)),
    ("!~", SpansetOp::Structural(Relation::Sibling, Mode::Negated)),
    ("&>", SpansetOp::Structural(Relation::Child, Mode::Union)),
    ("&<", SpansetOp::Structural(Relation::Parent, Mode::Union)),
    ("&~", SpansetOp::Structural(Relation::Sibling, Mode::Union)),
    (">", SpansetOp::Structural(Relation::Child, Mode::Plain)),
    ("<", SpansetOp::Structural(Relation::Parent, Mode::Plain)),
    ("~", SpansetOp::Structural(Relation::Sibling, Mode::Plain)),
];

/// Operators between fields.
pub const FIELD_OPS: &[(&str, BinOp)] = &[
    ("+", BinOp::Add),
    ("-", BinOp::Sub),
    ("*", BinOp::Mul),
    ("/", BinOp::Div),
    ("%", BinOp::Mod),
    ("^", BinOp::Pow),
    ("=", BinOp::Eq),
    ("!=", BinOp::Ne),
    ("<", BinOp::Lt),
    ("<=", BinOp::Le),
    (">", BinOp::Gt),
    (">=", BinOp::Ge),
    ("=~", BinOp::Match),
    ("!~", BinOp::NotMatch),
    ("&&", BinOp::And),
    ("||", BinOp::Or),
];

/// Every operator token; the longest that fits is taken.
pub const TOKENS: &[&str] = &[
    "!>>", "!<<", "&>>", "&<<", "&&", "||", "!=", "<=", ">=", "=~", "!~", ">>", "<<", "!>", "!<", "&>", "&<",
    "&~", "=", "<", ">", "~", "!", "+", "-", "*", "/", "%", "^", "|", "(", ")", "{", "}", ",",
];

/// The intrinsic of a spelling.
pub fn intrinsic(text: &str) -> Option<Intrinsic> {
    INTRINSICS.iter().find(|(t, _)| *t == text).map(|(_, i)| *i)
}

/// The literal that a word is.
pub fn literal(word: &str) -> Option<Static> {
    Some(match word {
        "true" => Static::Bool(true),
        "false" => Static::Bool(false),
        "minInt" => Static::Int(i64::MIN),
        "maxInt" => Static::Int(i64::MAX),
        _ => {
            let status = StatusCode::ALL.into_iter().find(|s| s.word() == word).map(Static::Status);
            return status.or_else(|| SpanKind::ALL.into_iter().find(|k| k.word() == word).map(Static::Kind));
        }
    })
}

impl Intrinsic {
    /// The spelling that Tempo prints.
    pub fn text(self) -> &'static str {
        INTRINSICS.iter().find(|(_, i)| *i == self).map_or("", |(t, _)| t)
    }
}

impl AttrScope {
    /// The text before the name.
    pub fn prefix(self) -> &'static str {
        SCOPES.iter().find(|(_, s)| *s == self).map_or("", |(t, _)| t)
    }
}

impl AggregateOp {
    /// Its word.
    pub fn text(self) -> &'static str {
        AGGREGATES.iter().find(|(_, a)| *a == self).map_or("", |(t, _)| t)
    }
}

impl SpansetOp {
    /// Its token.
    pub fn text(self) -> &'static str {
        SPANSET_OPS.iter().find(|(_, o)| *o == self).map_or("", |(t, _)| t)
    }
}

impl BinOp {
    /// Its token.
    pub fn text(self) -> &'static str {
        FIELD_OPS.iter().find(|(_, o)| *o == self).map_or("", |(t, _)| t)
    }

    /// The operator of a token.
    pub fn from_token(token: &str) -> Option<Self> {
        FIELD_OPS.iter().find(|(t, _)| *t == token).map(|(_, o)| *o)
    }

    /// Binding strength (traceql.md §3); higher binds tighter.
    pub fn level(self) -> u8 {
        match self {
            Self::And | Self::Or => 2,
            Self::Add | Self::Sub => 4,
            Self::Mul | Self::Div | Self::Mod => 6,
            Self::Pow => 7,
            _ => 3,
        }
    }

    /// `= != < <= > >=`
    pub fn is_order(self) -> bool {
        matches!(self, Self::Eq | Self::Ne | Self::Lt | Self::Le | Self::Gt | Self::Ge)
    }

    /// `+ - * / % ^`
    pub fn is_arithmetic(self) -> bool {
        matches!(self, Self::Add | Self::Sub | Self::Mul | Self::Div | Self::Mod | Self::Pow)
    }

    /// The comparison with its sides exchanged: `a < b` is `b > a`.
    #[must_use]
    pub fn mirrored(self) -> Self {
        match self {
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
            other => other,
        }
    }
}

/// The word of `words` nearest to `text`, if it is near enough to be a slip of the fingers.
pub fn nearest<'a>(text: &str, words: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let lower = text.to_lowercase();
    words
        .map(|word| (distance(&lower, &word.to_lowercase()), word))
        .filter(|(d, word)| *d <= 2 && *d * 2 < word.len().max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, word)| word)
}

/// Edit distance over bytes; long words are taken as unlike.
fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() > 40 || b.len() > 40 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
