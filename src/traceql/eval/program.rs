//! An expression ready to run at one span: names resolved, patterns compiled, operators in postfix order.

use super::derived;
use super::source::{At, Source, TreeNumbers};
use crate::store::Store;
use crate::traceql::ast::{Attr, BinOp, Field, Intrinsic, Node, Static};
use crate::traceql::error::RunError;
use crate::traceql::op::{self, V};
use crate::traceql::re2::Matcher;

/// Values that wait for their operator without a heap allocation.
const SHALLOW: usize = 8;

#[derive(Clone, Debug)]
enum Step {
    Static(Static),
    Load(usize),
    Neg,
    Not,
    Exists(bool),
    Bin(BinOp),
    Match(BinOp, Option<usize>),
}

/// A runnable expression.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    steps: Vec<Step>,
    pub(crate) sources: Vec<Source>,
    matchers: Vec<Matcher>,
    numbers: TreeNumbers,
    depth: usize,
    ids: bool,
    pub(crate) events: bool,
    pub(crate) links: bool,
}

impl Program {
    pub(crate) fn new(store: &Store, field: &Field) -> Self {
        Self::part(store, &field.nodes)
    }

    /// The program of a subtree's nodes.
    pub(crate) fn part(store: &Store, nodes: &[Node]) -> Self {
        let mut attrs: Vec<&Attr> = Vec::new();
        let mut steps = Vec::with_capacity(nodes.len());
        let mut matchers = Vec::new();
        let (mut depth, mut deepest) = (0usize, 0);
        for (i, node) in nodes.iter().enumerate() {
            depth = depth + 1 - node.arity();
            deepest = deepest.max(depth);
            steps.push(match node {
                Node::Static(value) => Step::Static(value.clone()),
                Node::Attr(attr) => {
                    let found = attrs.iter().position(|a| *a == attr);
                    Step::Load(found.unwrap_or_else(|| {
                        attrs.push(attr);
                        attrs.len() - 1
                    }))
                }
                Node::Neg => Step::Neg,
                Node::Not => Step::Not,
                Node::Exists(wanted) => Step::Exists(*wanted),
                Node::Bin(op @ (BinOp::Match | BinOp::NotMatch)) => {
                    let pattern = match i.checked_sub(1).and_then(|i| nodes.get(i)) {
                        Some(Node::Static(Static::Str(text))) => Matcher::new(text).ok(),
                        _ => None,
                    };
                    Step::Match(
                        *op,
                        pattern.map(|matcher| {
                            matchers.push(matcher);
                            matchers.len() - 1
                        }),
                    )
                }
                Node::Bin(op) => Step::Bin(*op),
            });
        }
        let mut sources: Vec<Source> = attrs.iter().map(|attr| Source::new(store, attr)).collect();
        // Ids of traces compare without leading zeros on both sides (traceql.md §1.2).
        let only_ordered = !steps.iter().any(|s| matches!(s, Step::Match(..)));
        for source in &mut sources {
            if matches!(source, Source::Intrinsic(Intrinsic::TraceId)) && only_ordered && nodes.len() > 1 {
                *source = Source::ShortTraceId;
                for step in &mut steps {
                    if let Step::Static(Static::Str(text)) = step {
                        let short = text.trim_start_matches('0').len();
                        text.drain(..text.len() - short);
                    }
                }
            }
        }
        let mut numbers = TreeNumbers::default();
        let uses = |wanted: &[Intrinsic]| {
            sources.iter().any(|s| matches!(s, Source::Intrinsic(i) if wanted.contains(i)))
        };
        if uses(&[Intrinsic::ChildCount]) {
            numbers.children = derived::children(store);
        }
        if uses(&[Intrinsic::Depth]) {
            numbers.depths = derived::depths(store);
        }
        if uses(&[Intrinsic::DatabaseCalls]) {
            numbers.calls = derived::database_calls(store);
        }
        if uses(&[Intrinsic::NestedSetLeft, Intrinsic::NestedSetRight, Intrinsic::NestedSetParent]) {
            numbers.number_trees(store);
        }
        Self {
            ids: sources.iter().any(Source::is_id),
            events: sources.iter().any(Source::of_event),
            links: sources.iter().any(Source::of_link),
            steps,
            sources,
            matchers,
            numbers,
            depth: deepest,
        }
    }

    /// Computes with values from elsewhere.
    pub(crate) fn run<'v>(&'v self, load: impl Fn(usize) -> V<'v>) -> Result<V<'v>, RunError> {
        if self.depth <= SHALLOW {
            self.run_on(&mut [V::Missing; SHALLOW], load)
        } else {
            self.run_on(&mut vec![V::Missing; self.depth], load)
        }
    }

    fn run_on<'v>(&'v self, stack: &mut [V<'v>], load: impl Fn(usize) -> V<'v>) -> Result<V<'v>, RunError> {
        let mut top = 0;
        for step in &self.steps {
            let value = match step {
                Step::Static(value) => V::from(value),
                Step::Load(source) => load(*source),
                Step::Neg => {
                    top -= 1;
                    op::negate(stack[top])?
                }
                Step::Not => {
                    top -= 1;
                    op::not(stack[top])?
                }
                Step::Exists(wanted) => {
                    top -= 1;
                    op::exists(stack[top], *wanted)
                }
                Step::Bin(op) => {
                    top -= 2;
                    op::binary(*op, stack[top], stack[top + 1], None)?
                }
                Step::Match(op, matcher) => {
                    top -= 2;
                    op::binary(*op, stack[top], stack[top + 1], matcher.map(|m| &self.matchers[m]))?
                }
            };
            stack[top] = value;
            top += 1;
        }
        Ok(stack[0])
    }

    /// Computes at a span, event and link, and hands the value to `take`.
    pub(crate) fn at<T>(&self, store: &Store, at: At, take: impl FnOnce(V<'_>) -> T) -> Result<T, RunError> {
        if !self.ids {
            return self.run(|i| self.sources[i].value(store, &self.numbers, at)).map(take);
        }
        let mut texts: [String; 4] = Default::default();
        let mut known = [false; 4];
        let ids = self.sources.iter().filter(|s| s.is_id());
        for ((source, text), known) in ids.zip(&mut texts).zip(&mut known) {
            *known = source.write_id(store, at, text);
        }
        let place = |i: usize| self.sources[..i].iter().filter(|s| s.is_id()).count();
        self.run(|i| {
            if !self.sources[i].is_id() {
                return self.sources[i].value(store, &self.numbers, at);
            }
            match texts.get(place(i)) {
                Some(text) if known[place(i)] => V::Str(text),
                _ => V::Nowhere,
            }
        })
        .map(take)
    }

    /// Whether the expression holds for some choice of the span's events and links (traceql.md §6.4).
    pub(crate) fn holds(&self, store: &Store, row: u32) -> Result<bool, RunError> {
        let here = At { row, event: None, link: None };
        if !self.events && !self.links {
            return self.at(store, here, |v: V<'_>| v.is_true());
        }
        let none = 0..0;
        let mut events = if self.events { store.spans().events_of(row) } else { none.clone() };
        let links = if self.links { store.spans().links_of(row) } else { none };
        let mut event = events.next();
        loop {
            let mut links = links.clone();
            let mut link = links.next();
            loop {
                if self.at(store, At { row, event, link }, |v: V<'_>| v.is_true())? {
                    return Ok(true);
                }
                link = links.next();
                if link.is_none() {
                    break;
                }
            }
            event = events.next();
            if event.is_none() {
                return Ok(false);
            }
        }
    }

    /// The value at a span, taking its first event and link.
    pub(crate) fn take<T>(
        &self,
        store: &Store,
        row: u32,
        take: impl FnOnce(V<'_>) -> T,
    ) -> Result<T, RunError> {
        let event = if self.events { store.spans().events_of(row).next() } else { None };
        let link = if self.links { store.spans().links_of(row).next() } else { None };
        self.at(store, At { row, event, link }, take)
    }

    /// An owned value at a span.
    pub(crate) fn value(&self, store: &Store, row: u32) -> Result<Static, RunError> {
        self.take(store, row, |v: V<'_>| v.to_static())
    }
}
