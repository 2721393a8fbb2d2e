//! The syntax tree of a checked query.
//!
//! Expressions are kept in postfix order (operands before their operator) in plain vectors: nothing that
//! walks, compares or drops a query recurses, however long the query is. `nil` never stands as an operand;
//! comparing with it is [`Node::Exists`] (traceql.md §6.2).

use crate::model::{SpanKind, StatusCode};

/// Where a named attribute is looked up (traceql.md §6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum AttrScope {
    /// `.name`: the span, then its resource.
    Any,
    /// `span.name`
    Span,
    /// `root.span.name`: that of the trace's main root; Spanscope's own.
    Root,
    /// `resource.name`
    Resource,
    /// `event.name`
    Event,
    /// `link.name`
    Link,
    /// `instrumentation.name`
    Instrumentation,
}

/// Facts of a span that are not attributes (traceql.md §1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each variant is the intrinsic of that name in the table of traceql.md §1.2")]
pub enum Intrinsic {
    Duration,
    Name,
    Status,
    StatusMessage,
    Kind,
    SpanId,
    ParentId,
    ChildCount,
    RootName,
    RootService,
    TraceDuration,
    TraceId,
    NestedSetLeft,
    NestedSetRight,
    NestedSetParent,
    EventName,
    EventTimeSinceStart,
    LinkTraceId,
    LinkSpanId,
    ScopeName,
    ScopeVersion,
    Parent,
    /// `root:kind`; this and what follows is Spanscope's own (docs/traceql.md).
    RootKind,
    RootStatus,
    Depth,
    Gap,
    DatabaseCalls,
}

/// What an expression can refer to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Attr {
    /// A named attribute.
    Named {
        /// Where to look.
        scope: AttrScope,
        /// Its key.
        name: String,
    },
    /// An attribute of the parent span: parses, refused by the checks.
    Parent {
        /// Where to look.
        scope: AttrScope,
        /// Its key.
        name: String,
    },
    /// An intrinsic.
    Intrinsic(Intrinsic),
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each variant is the literal of that type in traceql.md §1")]
pub enum Static {
    Int(i64),
    Float(f64),
    Str(String),
    Bool(bool),
    /// Nanoseconds.
    Duration(i64),
    Status(StatusCode),
    Kind(SpanKind),
    /// Only as a value of `by()`; as a literal it is folded into [`Node::Exists`].
    Nil,
}

/// Operators between fields, scalars and metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named after the operators of traceql.md §2")]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    Div,
    Mod,
    Pow,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Match,
    NotMatch,
    And,
    Or,
}

/// One element of a field expression in postfix order.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// A literal.
    Static(Static),
    /// A reference.
    Attr(Attr),
    /// Unary minus.
    Neg,
    /// `!`
    Not,
    /// `!= nil` (true) or `= nil` (false).
    Exists(bool),
    /// A binary operator.
    Bin(BinOp),
}

/// A field expression in postfix order with the byte offset of every node. Offsets do not take part in
/// comparisons: two texts of one meaning are equal.
#[derive(Clone, Debug)]
pub struct Field {
    /// Postfix nodes; never empty once parsed.
    pub nodes: Vec<Node>,
    /// Byte offset of each node.
    pub at: Vec<u32>,
}

impl PartialEq for Field {
    fn eq(&self, other: &Self) -> bool {
        self.nodes == other.nodes
    }
}

impl Field {
    /// The expression that is one node.
    pub fn leaf(node: Node, at: usize) -> Self {
        Self { nodes: vec![node], at: vec![at as u32] }
    }

    /// Whether it is the constant `true`, as in `{ }`.
    pub fn is_true(&self) -> bool {
        matches!(self.nodes.as_slice(), [Node::Static(Static::Bool(true))])
    }

    /// The operands of the outermost `&&` and `||`, from left to right; the whole where there is none.
    pub fn conditions(&self) -> Vec<Self> {
        let starts = self.starts();
        let mut found = Vec::new();
        let mut open: Vec<usize> = self.nodes.len().checked_sub(1).into_iter().collect();
        while let Some(root) = open.pop() {
            let from = starts[root] as usize;
            if matches!(self.nodes[root], Node::Bin(BinOp::And | BinOp::Or)) && root > from + 1 {
                open.push(starts[root - 1] as usize - 1);
                open.push(root - 1);
            } else {
                let (nodes, at) = (self.nodes[from..=root].to_vec(), self.at[from..=root].to_vec());
                found.push(Self { nodes, at });
            }
        }
        found.reverse();
        found
    }

    /// For every node the index of the first node of its subtree.
    pub fn starts(&self) -> Vec<u32> {
        postfix_starts(self.nodes.iter().map(Node::arity))
    }
}

impl Node {
    /// How many operands it takes.
    pub fn arity(&self) -> usize {
        match self {
            Self::Static(_) | Self::Attr(_) => 0,
            Self::Neg | Self::Not | Self::Exists(_) => 1,
            Self::Bin(_) => 2,
        }
    }
}

/// Index of the first node of each subtree of a well-formed postfix sequence.
pub(crate) fn postfix_starts(arities: impl Iterator<Item = usize>) -> Vec<u32> {
    let mut starts: Vec<u32> = Vec::new();
    let mut open: Vec<u32> = Vec::new();
    for (i, arity) in arities.enumerate() {
        let mut start = i as u32;
        for _ in 0..arity {
            start = open.pop().unwrap_or(start);
        }
        open.push(start);
        starts.push(start);
    }
    starts
}

/// How two spans of a trace may be related.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `>`: the right span's parent is on the left.
    Child,
    /// `>>`: an ancestor of the right span is on the left.
    Descendant,
    /// `<`: the right span is the parent of one on the left.
    Parent,
    /// `<<`: the right span is an ancestor of one on the left.
    Ancestor,
    /// `~`: another span on the left has the right span's parent.
    Sibling,
}

/// Which spans a structural operator returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Right spans that are so related.
    Plain,
    /// `!`: right spans that are not.
    Negated,
    /// `&`: both sides of the relation.
    Union,
}

/// Operators between spansets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SpansetOp {
    /// `&&`
    And,
    /// `||`
    Or,
    /// A structural operator.
    Structural(Relation, Mode),
}

/// One element of a spanset expression in postfix order.
#[derive(Clone, Debug, PartialEq)]
pub enum SpansetNode {
    /// `{ … }`
    Filter(Field),
    /// `( … | … )`; cannot hold another pipeline.
    Pipeline(Vec<Stage>),
    /// An operator.
    Op(SpansetOp),
}

/// A spanset expression in postfix order.
#[derive(Clone, Debug, PartialEq)]
pub struct Spansets {
    /// Postfix nodes; never empty once parsed.
    pub nodes: Vec<SpansetNode>,
}

/// Aggregate functions over a spanset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "named after the functions of traceql.md §2")]
pub enum AggregateOp {
    Count,
    Avg,
    Max,
    Min,
    Sum,
}

/// An aggregate with its argument; `count()` has none.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// The function.
    pub op: AggregateOp,
    /// What it runs over.
    pub field: Option<Field>,
}

/// One step of a pipeline.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    /// Spanset filters and operators.
    Spansets(Spansets),
    /// `aggregate cmp constant`
    Scalar {
        /// What is computed of each spanset.
        aggregate: Aggregate,
        /// A comparison.
        op: BinOp,
        /// The number or duration compared with.
        value: Static,
    },
    /// `by(…)`
    By(Field),
    /// `select(…)`
    Select(Vec<Attr>),
    /// `coalesce()`
    Coalesce,
}

/// First-stage metrics functions.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "named after the functions of traceql.md §2")]
pub enum MetricsOp {
    Rate,
    CountOverTime,
    MinOverTime(Attr),
    MaxOverTime(Attr),
    AvgOverTime(Attr),
    SumOverTime(Attr),
    HistogramOverTime(Attr),
    QuantileOverTime(Attr, Vec<f64>),
    Compare {
        selection: Field,
        top: i64,
        /// Start and end in nanoseconds: (start, end].
        window: Option<(i64, i64)>,
    },
}

/// Second-stage metrics functions.
#[derive(Clone, Debug, PartialEq)]
pub enum Second {
    /// `topk(n)`
    TopK(i64),
    /// `bottomk(n)`
    BottomK(i64),
    /// `cmp scalar`
    Compare(BinOp, Static),
}

/// `pipeline | first | second…`
#[derive(Clone, Debug, PartialEq)]
pub struct MetricsPipeline {
    /// Which spans.
    pub pipeline: Vec<Stage>,
    /// The function.
    pub first: MetricsOp,
    /// `by (…)`
    pub by: Vec<Attr>,
    /// Steps inside the brackets of a metrics expression.
    pub second: Vec<Second>,
}

/// One element of metrics arithmetic in postfix order.
#[derive(Clone, Debug, PartialEq)]
pub enum MathNode {
    /// A metrics pipeline.
    Series(Box<MetricsPipeline>),
    /// A plain number.
    Number(Static),
    /// `+ - * /`
    Op(BinOp),
}

/// What a query asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// Spans.
    Spans(Vec<Stage>),
    /// Time series.
    Metrics {
        /// Postfix; one [`MathNode::Series`] where there is no arithmetic.
        math: Vec<MathNode>,
        /// Steps applied to the whole.
        second: Vec<Second>,
    },
}

/// A parsed and checked query. It prints as canonical, fully bracketed text.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What is asked.
    pub body: Body,
    /// The hints of the last `with (…)`.
    pub hints: Vec<(String, Static)>,
}

impl Query {
    /// Whether it asks for time series.
    pub fn is_metrics(&self) -> bool {
        matches!(self.body, Body::Metrics { .. })
    }

    /// The boolean hint of a name; other types count as absent (traceql.md §5).
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.hints.iter().rev().find(|(n, _)| n == name).and_then(|(_, value)| match value {
            Static::Bool(b) => Some(*b),
            _ => None,
        })
    }
}
