//! A filter as a plan over bitmaps.
//!
//! `&&`, `||` and `!` work on whole bitmaps; each part below them that asks about one attribute or
//! intrinsic is decided once per distinct value (a dictionary predicate) and looked up per span. What is
//! left, conditions between two attributes or on events, runs span by span.

use super::bitmap::Bitmap;
use super::program::Program;
use super::source::{Source, attr_value, name_id, resource_value, scope_value};
use super::{Checkpoint, Scan};
use crate::store::order;
use crate::store::{KeyId, ResourceId, ScopeId, Store, StrId};
use crate::traceql::Error;
use crate::traceql::ast::{BinOp, Field, Intrinsic, Node, Static};
use crate::traceql::error::RunError;
use crate::traceql::op::V;

/// Deepest nesting of `&&`, `||` and `!` that becomes bitmaps; below it a part runs span by span.
const MAX_DEPTH: usize = 64;

/// What a predicate says of a value.
type Verdict = Result<bool, RunError>;

/// A filter over rows.
#[derive(Debug)]
pub(super) enum Plan {
    Const(bool),
    And(Vec<Plan>),
    Or(Vec<Plan>),
    Not(Box<Plan>),
    /// Span attribute: by dictionary entry; `missing` where the key is absent.
    Pairs {
        first: u32,
        verdicts: Vec<Entry>,
        missing: Missing,
    },
    Resources(Vec<Verdict>),
    Scopes(Vec<Verdict>),
    /// By status or kind number.
    Bits {
        kind: bool,
        verdicts: Vec<Verdict>,
    },
    /// By name.
    Names(Box<Program>),
    /// By trace.
    Traces(Vec<Verdict>),
    /// low ≤ duration ≤ high
    Duration {
        low: u64,
        high: u64,
    },
    SpanId(u64),
    Rows(Box<Program>),
}

/// A dictionary entry's verdict; entries of other keys say nothing.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    Other,
    Is(Verdict),
}

/// What holds where a span lacks the key.
#[derive(Debug)]
pub(super) enum Missing {
    Is(Verdict),
    /// The resource is asked; by resource.
    Resource(Vec<Verdict>),
}

impl Plan {
    pub(super) fn new(store: &Store, field: &Field) -> Self {
        let builder = Builder { store, nodes: &field.nodes, starts: field.starts() };
        match field.nodes.len().checked_sub(1) {
            Some(root) => builder.plan(root, 0),
            None => Self::Const(true),
        }
    }

    /// The rows of `within` that it holds for.
    pub(super) fn run(&self, scan: &mut Scan<'_, '_>, within: &Bitmap) -> Result<Bitmap, Error> {
        let mut rows = within.clone();
        match self {
            Self::Const(true) => {}
            Self::Const(false) => rows = Bitmap::empty(within.capacity()),
            Self::And(parts) => {
                for part in parts {
                    if rows.is_empty() {
                        break;
                    }
                    rows = part.run(scan, &rows)?;
                }
            }
            Self::Or(parts) => {
                // Each part looks only at rows that no earlier part has taken.
                let mut left = rows;
                let mut found = Bitmap::empty(within.capacity());
                for part in parts {
                    let hit = part.run(scan, &left)?;
                    left.minus(&hit);
                    found.or(&hit);
                }
                rows = found;
            }
            Self::Not(part) => rows.minus(&part.run(scan, within)?),
            leaf => leaf.keep(scan.store, scan.checkpoint, &mut rows)?,
        }
        Ok(rows)
    }

    fn keep(&self, store: &Store, checkpoint: &mut dyn Checkpoint, rows: &mut Bitmap) -> Result<(), Error> {
        let spans = store.spans();
        match self {
            Self::Pairs { first, verdicts, missing } => {
                let (ends, attrs) = (spans.attribute_ends(), spans.attribute_column());
                rows.keep(checkpoint, |row| {
                    let end = ends.get(row as usize) as usize;
                    let start = if row == 0 { 0 } else { ends.get(row as usize - 1) as usize };
                    for at in start..end {
                        let place = attrs.get(at).wrapping_sub(*first) as usize;
                        if let Some(Entry::Is(verdict)) = verdicts.get(place) {
                            return verdict.map_err(Error::Run);
                        }
                    }
                    match missing {
                        Missing::Is(verdict) => verdict.map_err(Error::Run),
                        Missing::Resource(by) => by_group(by, store.resource_id(row).map(|id| id.0)),
                    }
                })
            }
            Self::Resources(by) => {
                rows.keep(checkpoint, |row| by_group(by, store.resource_id(row).map(|id| id.0)))
            }
            Self::Scopes(by) => rows.keep(checkpoint, |row| by_group(by, store.scope_id(row).map(|id| id.0))),
            Self::Bits { kind, verdicts } => rows.keep(checkpoint, |row| {
                let n = if *kind { spans.kind(row) as usize } else { spans.status(row) as usize };
                verdicts.get(n).copied().unwrap_or(Ok(false)).map_err(Error::Run)
            }),
            Self::Names(program) => {
                // Only names that stand on some span are judged, each once.
                let mut known: Vec<Option<Verdict>> = vec![None; store.strings().len()];
                rows.keep(checkpoint, |row| {
                    let id = name_id(store, row);
                    let judge = || program.run(|_| V::Str(store.text(id))).map(V::is_true);
                    match known.get_mut(id.0 as usize) {
                        Some(slot) => slot.get_or_insert_with(judge).map_err(Error::Run),
                        None => judge().map_err(Error::Run),
                    }
                })
            }
            Self::Traces(by) => {
                rows.keep(checkpoint, |row| by_group(by, Some(spans.trace.get(row as usize))))
            }
            Self::Duration { low, high } => rows.keep(checkpoint, |row| {
                let duration = spans.duration(row);
                Ok(*low <= duration && duration <= *high)
            }),
            Self::SpanId(id) => rows.keep(checkpoint, |row| Ok(spans.id.get(row as usize) == *id)),
            Self::Rows(program) => rows.keep(checkpoint, |row| program.holds(store, row).map_err(Error::Run)),
            Self::Const(_) | Self::And(_) | Self::Or(_) | Self::Not(_) => Ok(()),
        }
    }
}

/// The last verdict of a group table is that of rows whose group is still being read.
fn by_group(by: &[Verdict], group: Option<u32>) -> Result<bool, Error> {
    let place = group.map_or(by.len().saturating_sub(1), |g| g as usize);
    by.get(place).copied().unwrap_or(Ok(false)).map_err(Error::Run)
}

struct Builder<'b> {
    store: &'b Store,
    nodes: &'b [Node],
    starts: Vec<u32>,
}

impl Builder<'_> {
    fn plan(&self, root: usize, depth: usize) -> Plan {
        let nodes = &self.nodes[self.starts[root] as usize..=root];
        if let [Node::Static(value)] = nodes {
            return Plan::Const(*value == Static::Bool(true));
        }
        let program = Program::part(self.store, nodes);
        if program.sources.len() == 1
            && let Some(leaf) = self.leaf(&program, nodes)
        {
            return leaf;
        }
        if depth < MAX_DEPTH {
            match &self.nodes[root] {
                Node::Bin(op @ (BinOp::And | BinOp::Or)) => {
                    let parts = self.chain(root, *op);
                    let several = self.tied(&parts);
                    let split = match op {
                        // Event conditions joined by && hold on one event, so they stay together.
                        BinOp::And => !several,
                        _ => parts.iter().all(|p| self.boolean(*p)),
                    };
                    if split {
                        let mut plans: Vec<Plan> = parts.iter().map(|p| self.plan(*p, depth + 1)).collect();
                        if *op == BinOp::And {
                            // The cheap ones first: they leave fewer rows for the others.
                            order::sort_by_key(&mut plans, Plan::cost);
                            return Plan::And(plans);
                        }
                        return Plan::Or(plans);
                    }
                }
                Node::Not if self.boolean(root - 1) && !program.events && !program.links => {
                    return Plan::Not(Box::new(self.plan(root - 1, depth + 1)));
                }
                _ => {}
            }
        }
        Plan::Rows(Box::new(program))
    }

    /// The operands of a run of one operator, left to right.
    fn chain(&self, root: usize, op: BinOp) -> Vec<usize> {
        let mut parts = Vec::new();
        let mut at = root;
        while self.nodes[at] == Node::Bin(op) {
            parts.push(at - 1);
            at = (self.starts[at - 1] as usize).saturating_sub(1);
        }
        parts.push(at);
        parts.reverse();
        parts
    }

    /// Whether two of the parts speak of events, or of links.
    fn tied(&self, parts: &[usize]) -> bool {
        let (mut events, mut links) = (0, 0);
        for part in parts {
            let nodes = &self.nodes[self.starts[*part] as usize..=*part];
            let of = |test: fn(&Source) -> bool| {
                let mut attrs =
                    nodes.iter().filter_map(|n| if let Node::Attr(a) = n { Some(a) } else { None });
                attrs.any(|a| test(&Source::new(self.store, a)))
            };
            events += usize::from(of(Source::of_event));
            links += usize::from(of(Source::of_link));
        }
        events > 1 || links > 1
    }

    /// Whether a subtree can only be a boolean.
    fn boolean(&self, root: usize) -> bool {
        match &self.nodes[root] {
            Node::Static(value) => matches!(value, Static::Bool(_)),
            Node::Attr(_) | Node::Neg => false,
            Node::Not | Node::Exists(_) => true,
            Node::Bin(op) => !op.is_arithmetic(),
        }
    }

    /// The plan of an expression over one name, where its values can be judged one by one.
    fn leaf(&self, program: &Program, nodes: &[Node]) -> Option<Plan> {
        let store = self.store;
        let judge = |value: V<'_>| program.run(|_| value).map(V::is_true);
        let resources = |key: KeyId| -> Vec<Verdict> {
            let n = store.groups().resources().len() as u32;
            let mut by: Vec<Verdict> =
                (0..n).map(|id| judge(resource_value(store, ResourceId(id), key))).collect();
            by.push(judge(V::Missing));
            by
        };
        let constant = || match judge(V::Missing) {
            Ok(verdict) => Plan::Const(verdict),
            Err(_) => Plan::Rows(Box::new(program.clone())),
        };
        Some(match &program.sources[0] {
            Source::Absent => constant(),
            Source::Span(key) => self.pairs(*key, Missing::Is(judge(V::Missing)), &judge),
            Source::Any(key) => {
                let by = resources(*key);
                let same = by.iter().all(|v| *v == by[0]);
                let missing = if same { Missing::Is(by[0]) } else { Missing::Resource(by) };
                self.pairs(*key, missing, &judge)
            }
            Source::Resource(key) => Plan::Resources(resources(*key)),
            Source::Scope(key) => {
                let n = store.groups().scopes().len() as u32;
                let mut by: Vec<Verdict> =
                    (0..n).map(|id| judge(scope_value(store, ScopeId(id), *key))).collect();
                by.push(judge(V::Missing));
                Plan::Scopes(by)
            }
            Source::Intrinsic(Intrinsic::Name) => Plan::Names(Box::new(program.clone())),
            Source::Intrinsic(Intrinsic::Status) => {
                Plan::Bits { kind: false, verdicts: (0..3).map(|n| judge(V::Status(n))).collect() }
            }
            Source::Intrinsic(Intrinsic::Kind) => {
                Plan::Bits { kind: true, verdicts: (0..6).map(|n| judge(V::Kind(n))).collect() }
            }
            Source::Intrinsic(Intrinsic::Duration) => duration(nodes)?,
            Source::Intrinsic(Intrinsic::SpanId) => span_id(nodes)?,
            Source::Intrinsic(
                Intrinsic::RootName
                | Intrinsic::RootService
                | Intrinsic::RootKind
                | Intrinsic::RootStatus
                | Intrinsic::DatabaseCalls
                | Intrinsic::TraceDuration
                | Intrinsic::TraceId,
            )
            | Source::Root(_)
            | Source::ShortTraceId => {
                let n = store.trace_count() as u32;
                let first = |trace: u32| store.trace(trace).rows().first().copied();
                Plan::Traces(
                    (0..n).map(|t| first(t).map_or(Ok(false), |row| program.holds(store, row))).collect(),
                )
            }
            Source::Intrinsic(Intrinsic::ScopeName | Intrinsic::ScopeVersion) => {
                let name = matches!(program.sources[0], Source::Intrinsic(Intrinsic::ScopeName));
                let n = store.groups().scopes().len() as u32;
                let text = |id: u32| {
                    let scope = store.groups().scope(ScopeId(id));
                    store.text(if name { scope.name } else { scope.version })
                };
                let mut by: Vec<Verdict> = (0..n).map(|id| judge(V::Str(text(id)))).collect();
                by.push(judge(V::Str(store.text(StrId::EMPTY))));
                Plan::Scopes(by)
            }
            _ => return None,
        })
    }

    fn pairs(&self, key: KeyId, missing: Missing, judge: &dyn Fn(V<'_>) -> Verdict) -> Plan {
        let attributes = self.store.attributes();
        let mut first = u32::MAX;
        let mut verdicts = Vec::new();
        for id in 0..attributes.len() as u32 {
            let id = crate::store::AttrId(id);
            if attributes.key(id) != key {
                continue;
            }
            first = first.min(id.0);
            verdicts.resize((id.0 - first) as usize, Entry::Other);
            verdicts.push(Entry::Is(judge(attr_value(self.store, id))));
        }
        Plan::Pairs { first, verdicts, missing }
    }
}

impl Plan {
    fn cost(&self) -> u32 {
        match self {
            Self::Const(_) => 0,
            Self::Bits { .. } | Self::SpanId(_) => 1,
            Self::Duration { .. } | Self::Traces(_) => 2,
            Self::Resources(_) | Self::Scopes(_) => 3,
            Self::Names(_) => 4,
            Self::Pairs { .. } => 6,
            Self::Not(part) => part.cost(),
            Self::And(parts) | Self::Or(parts) => parts.iter().map(Self::cost).sum(),
            Self::Rows(_) => 1000,
        }
    }
}

/// `duration op constant` as a closed range.
fn duration(nodes: &[Node]) -> Option<Plan> {
    let (op, value) = with_constant(nodes)?;
    let (Static::Int(n) | Static::Duration(n)) = *value else { return None };
    let n = i128::from(n);
    let clamp = |n: i128| u64::try_from(n.max(0)).unwrap_or(u64::MAX);
    let never = Plan::Const(false);
    let range = |low: i128, high: i128| {
        if high < 0 || low > high {
            Plan::Const(false)
        } else {
            Plan::Duration { low: clamp(low), high: clamp(high) }
        }
    };
    let top = i128::from(i64::MAX);
    Some(match op {
        BinOp::Gt => range(n + 1, top),
        BinOp::Ge => range(n, top),
        BinOp::Lt => range(0, n - 1),
        BinOp::Le => range(0, n),
        BinOp::Eq => range(n, n),
        BinOp::Ne if n < 0 => Plan::Const(true),
        BinOp::Ne => Plan::Not(Box::new(range(n, n))),
        _ => never,
    })
}

/// `span:id = "…"`: ids compare as 16 lower-case digits, so any other text equals none.
fn span_id(nodes: &[Node]) -> Option<Plan> {
    let (op, value) = with_constant(nodes)?;
    let Static::Str(text) = value else { return None };
    let plain = text.len() == 16 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    match op {
        BinOp::Eq if plain => u64::from_str_radix(text, 16).ok().map(Plan::SpanId),
        BinOp::Eq => Some(Plan::Const(false)),
        _ => None,
    }
}

/// One name compared with one literal; the literal on the right.
fn with_constant(nodes: &[Node]) -> Option<(BinOp, &Static)> {
    match nodes {
        [Node::Attr(_), Node::Static(value), Node::Bin(op)] if op.is_order() => Some((*op, value)),
        [Node::Static(value), Node::Attr(_), Node::Bin(op)] if op.is_order() => Some((op.mirrored(), value)),
        _ => None,
    }
}
