//! Where the values of an expression come from: names resolved against one store, so that reading a value
//! is a few array accesses.

use std::fmt::Write as _;

use crate::model::Value;
use crate::store::{AttrId, KeyId, ResourceId, ScopeId, Store, StrId, ValueRef, mark};

use super::derived::{self, true_root};
use crate::traceql::ast::{Attr, AttrScope, Intrinsic};
use crate::traceql::op::V;

/// A resolved name.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// No attribute of that name exists where it is looked for.
    Absent,
    Span(KeyId),
    /// The main root's.
    Root(KeyId),
    /// The span's, else the resource's (traceql.md §6.3).
    Any(KeyId),
    Resource(KeyId),
    Scope(KeyId),
    Event(Option<KeyId>),
    Link(Option<KeyId>),
    Intrinsic(Intrinsic),
    /// `trace:id` without leading zeros, as it compares.
    ShortTraceId,
}

/// Where a span stands among its events and links while an expression is computed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct At {
    pub(crate) row: u32,
    pub(crate) event: Option<usize>,
    pub(crate) link: Option<usize>,
}

/// Numbers of the tree that only few queries ask for.
#[derive(Clone, Debug, Default)]
pub(crate) struct TreeNumbers {
    /// By row: left, right and parent of the nested set; 0 = unknown, a root's parent is -1.
    pub(crate) nested: Vec<(i32, i32, i32)>,
    pub(crate) children: Vec<u32>,
    pub(crate) depths: Vec<u32>,
    /// Database calls by trace.
    pub(crate) calls: Vec<u32>,
}

impl Source {
    pub(crate) fn new(store: &Store, attr: &Attr) -> Self {
        let (scope, name) = match attr {
            Attr::Intrinsic(intrinsic) => return Self::Intrinsic(*intrinsic),
            Attr::Named { scope, name } | Attr::Parent { scope, name } => (*scope, name),
        };
        let key = store.attributes().find_key(name);
        match (scope, key) {
            (AttrScope::Event, key) => Self::Event(key),
            (AttrScope::Link, key) => Self::Link(key),
            (_, None) => Self::Absent,
            (AttrScope::Any, Some(key)) => Self::Any(key),
            (AttrScope::Span, Some(key)) => Self::Span(key),
            (AttrScope::Root, Some(key)) => Self::Root(key),
            (AttrScope::Resource, Some(key)) => Self::Resource(key),
            (AttrScope::Instrumentation, Some(key)) => Self::Scope(key),
        }
    }

    pub(crate) fn of_event(&self) -> bool {
        matches!(
            self,
            Self::Event(_) | Self::Intrinsic(Intrinsic::EventName | Intrinsic::EventTimeSinceStart)
        )
    }

    pub(crate) fn of_link(&self) -> bool {
        matches!(self, Self::Link(_) | Self::Intrinsic(Intrinsic::LinkTraceId | Intrinsic::LinkSpanId))
    }

    /// Whether the value is hexadecimal text that has to be written first.
    pub(crate) fn is_id(&self) -> bool {
        use Intrinsic::{LinkSpanId, LinkTraceId, ParentId, SpanId, TraceId};
        matches!(
            self,
            Self::ShortTraceId | Self::Intrinsic(SpanId | ParentId | TraceId | LinkTraceId | LinkSpanId)
        )
    }

    /// Writes an id's text; false where there is no link to take it from.
    pub(crate) fn write_id(&self, store: &Store, at: At, out: &mut String) -> bool {
        out.clear();
        let spans = store.spans();
        let row = at.row as usize;
        // Writing to a string cannot fail.
        let _ = match self {
            Self::ShortTraceId => {
                let id = u128::from_be_bytes(store.trace_id(spans.trace.get(row)).0);
                write!(out, "{id:x}")
            }
            Self::Intrinsic(Intrinsic::TraceId) => write!(out, "{}", store.trace_id(spans.trace.get(row))),
            Self::Intrinsic(Intrinsic::SpanId) => write!(out, "{:016x}", spans.id.get(row)),
            Self::Intrinsic(Intrinsic::ParentId) => match spans.parent_id.get(row) {
                0 => Ok(()),
                id => write!(out, "{id:016x}"),
            },
            Self::Intrinsic(Intrinsic::LinkTraceId) => match at.link {
                Some(link) => write!(out, "{}", spans.links.trace_id.get(link)),
                None => return false,
            },
            _ => match at.link {
                Some(link) => write!(out, "{:016x}", spans.links.span_id.get(link)),
                None => return false,
            },
        };
        true
    }

    /// The value at a span, event or link; ids are not read here.
    pub(crate) fn value<'s>(&self, store: &'s Store, numbers: &TreeNumbers, at: At) -> V<'s> {
        let row = at.row;
        let spans = store.spans();
        match self {
            Self::Absent | Self::ShortTraceId => V::Missing,
            Self::Span(key) => {
                find(store, spans.attributes(row), *key).map_or(V::Missing, |a| attr_value(store, a))
            }
            Self::Root(key) => root_of(store, row)
                .and_then(|root| find(store, spans.attributes(root), *key))
                .map_or(V::Missing, |a| attr_value(store, a)),
            Self::Any(key) => match find(store, spans.attributes(row), *key) {
                Some(a) => attr_value(store, a),
                None => store.resource_id(row).map_or(V::Missing, |id| resource_value(store, id, *key)),
            },
            Self::Resource(key) => {
                store.resource_id(row).map_or(V::Missing, |id| resource_value(store, id, *key))
            }
            Self::Scope(key) => store.scope_id(row).map_or(V::Missing, |id| scope_value(store, id, *key)),
            Self::Event(key) => match (at.event, key) {
                (None, _) => V::Nowhere,
                (Some(_), None) => V::Missing,
                (Some(event), Some(key)) => find(store, spans.events.attributes(event), *key)
                    .map_or(V::Missing, |a| attr_value(store, a)),
            },
            Self::Link(key) => match (at.link, key) {
                (None, _) => V::Nowhere,
                (Some(_), None) => V::Missing,
                (Some(link), Some(key)) => find(store, spans.links.attributes(link), *key)
                    .map_or(V::Missing, |a| attr_value(store, a)),
            },
            Self::Intrinsic(intrinsic) => intrinsic_value(store, numbers, *intrinsic, at),
        }
    }
}

fn intrinsic_value<'s>(store: &'s Store, numbers: &TreeNumbers, intrinsic: Intrinsic, at: At) -> V<'s> {
    let spans = store.spans();
    let row = at.row as usize;
    let facts = || store.trace_facts()[spans.trace.get(row) as usize];
    let root = || root_of(store, at.row);
    let nested = || numbers.nested.get(row).copied().unwrap_or_default();
    match intrinsic {
        Intrinsic::Duration => V::Duration(spans.duration(at.row) as i64),
        Intrinsic::Name => V::Str(store.name(at.row)),
        Intrinsic::Status => V::Status(spans.status(at.row) as u8),
        Intrinsic::StatusMessage => V::Str(store.text(spans.extra(at.row).status_message)),
        Intrinsic::Kind => V::Kind(spans.kind(at.row) as u8),
        Intrinsic::ChildCount => V::Int(numbers.children.get(row).copied().unwrap_or(0).into()),
        Intrinsic::RootName => V::Str(root().map_or("", |root| store.name(root))),
        Intrinsic::RootService => V::Str(root().map_or("", |root| store.service_name(store.service(root)))),
        Intrinsic::RootKind => root().map_or(V::Missing, |root| V::Kind(spans.kind(root) as u8)),
        Intrinsic::RootStatus => root().map_or(V::Missing, |root| V::Status(spans.status(root) as u8)),
        Intrinsic::Depth => match numbers.depths.get(row) {
            None | Some(0) => V::Missing,
            Some(&depth) => V::Int(depth.into()),
        },
        Intrinsic::Gap => derived::gap_ns(store, at.row)
            .map_or(V::Missing, |ns| V::Duration(i64::try_from(ns).unwrap_or(i64::MAX))),
        Intrinsic::DatabaseCalls => {
            V::Int(numbers.calls.get(spans.trace.get(row) as usize).copied().unwrap_or(0).into())
        }
        Intrinsic::TraceDuration => V::Duration(facts().duration_ns as i64),
        Intrinsic::NestedSetLeft => V::Int(nested().0.into()),
        Intrinsic::NestedSetRight => V::Int(nested().1.into()),
        Intrinsic::NestedSetParent => V::Int(nested().2.into()),
        Intrinsic::EventName => {
            at.event.map_or(V::Nowhere, |event| V::Str(store.text(spans.events.name(event))))
        }
        Intrinsic::EventTimeSinceStart => at.event.map_or(V::Nowhere, |event| {
            V::Duration(spans.events.time.get(event).wrapping_sub(spans.start.get(row)) as i64)
        }),
        Intrinsic::ScopeName => V::Str(store.scope(at.row).map_or("", |scope| store.text(scope.name))),
        Intrinsic::ScopeVersion => V::Str(store.scope(at.row).map_or("", |scope| store.text(scope.version))),
        Intrinsic::SpanId
        | Intrinsic::ParentId
        | Intrinsic::TraceId
        | Intrinsic::LinkTraceId
        | Intrinsic::LinkSpanId
        | Intrinsic::Parent => V::Missing,
    }
}

/// The true root of a span's trace.
fn root_of(store: &Store, row: u32) -> Option<u32> {
    let trace = store.spans().trace.get(row as usize);
    true_root(store, store.trace_facts().get(trace as usize)?.main_root)
}

fn find(store: &Store, mut attrs: impl Iterator<Item = AttrId>, key: KeyId) -> Option<AttrId> {
    attrs.find(|a| store.attributes().key(*a) == key)
}

/// The value of a resource's attribute.
pub(crate) fn resource_value(store: &Store, id: ResourceId, key: KeyId) -> V<'_> {
    let attrs = store.groups().resource(id).attributes.iter().copied();
    find(store, attrs, key).map_or(V::Missing, |a| attr_value(store, a))
}

/// The value of a scope's attribute.
pub(crate) fn scope_value(store: &Store, id: ScopeId, key: KeyId) -> V<'_> {
    let attrs = store.groups().scope(id).attributes.iter().copied();
    find(store, attrs, key).map_or(V::Missing, |a| attr_value(store, a))
}

/// A dictionary entry as TraceQL sees it: maps, bytes and mixed arrays are not queryable (traceql.md §6.2).
pub(crate) fn attr_value(store: &Store, attr: AttrId) -> V<'_> {
    match store.attributes().value(attr) {
        value @ ValueRef::Str(_) => value.as_str().map_or(V::Missing, V::Str),
        ValueRef::Bool(b) => V::Bool(b),
        ValueRef::Int(n) => V::Int(n),
        ValueRef::Double(f) => V::Float(f),
        ValueRef::Array(items) => {
            let Value::Array(values) = items.to_array() else { return V::Missing };
            let tag = values.first().map(std::mem::discriminant);
            let scalar =
                |v: &Value| matches!(v, Value::Str(_) | Value::Bool(_) | Value::Int(_) | Value::Double(_));
            let alike = values.iter().all(|v| scalar(v) && Some(std::mem::discriminant(v)) == tag);
            if alike { V::Array(items) } else { V::Missing }
        }
        ValueRef::Empty | ValueRef::Bytes(_) | ValueRef::Map(_) => V::Missing,
    }
}

impl TreeNumbers {
    /// Nested-set numbers: a counter that grows on entering and on leaving a span. Trees that hang on an
    /// orphan have none (traceql.md §7.1).
    pub(crate) fn number_trees(&mut self, store: &Store) {
        let mut nested = vec![(0, 0, 0); store.len()];
        let mut open: Vec<(usize, u32)> = Vec::new();
        for number in 0..store.trace_count() as u32 {
            let trace = store.trace(number);
            let rows = trace.rows();
            let mut counter = 1;
            let mut place = 0;
            open.clear();
            loop {
                while let Some((end, row)) = open.last().copied().filter(|(end, _)| *end <= place) {
                    let _ = end;
                    nested[row as usize].1 = counter;
                    counter += 1;
                    open.pop();
                }
                let Some(&row) = rows.get(place) else { break };
                let parent = match open.last() {
                    Some((_, parent)) => nested[*parent as usize].0,
                    None if store.marks(row) & mark::ROOT != 0 => -1,
                    None => {
                        // An orphan or a cyclic span: its whole tree stays without numbers.
                        place = trace.subtree_end(place).max(place + 1);
                        continue;
                    }
                };
                nested[row as usize] = (counter, 0, parent);
                counter += 1;
                open.push((trace.subtree_end(place).max(place + 1), row));
                place += 1;
            }
        }
        self.nested = nested;
    }
}

/// The handle of a text column's row, for memos by handle.
pub(crate) fn name_id(store: &Store, row: u32) -> StrId {
    StrId(store.spans().name.get(row as usize))
}
