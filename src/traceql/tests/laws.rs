//! Laws over random stores: structural operators against a naive reading of the specification, and De Morgan.

use proptest::prelude::*;

use crate::model::{SpanId, StatusCode, TraceId};
use crate::store::{Builder, NO_ROW, Scope, SpanDraft, Store, StrId, mark};
use crate::traceql::ast::{Body, Mode, Relation, SpansetNode, SpansetOp, Stage};
use crate::traceql::{Error, RunError, eval, metrics, parse};

/// (trace, id, parent, value of `a`), ids small so that orphans, cycles and repeated ids come up.
fn build(rows: &[(u8, u8, u8, u8)]) -> Builder {
    let mut builder = Builder::default();
    let resource = builder.open_resource();
    let slot = builder.open_scope(resource);
    for (i, (trace, id, parent, value)) in rows.iter().enumerate() {
        let mut draft = SpanDraft::default();
        draft.clear();
        draft.trace_id = TraceId([trace + 1; 16]);
        draft.span_id = SpanId(u64::from(*id) + 1);
        draft.parent_id = SpanId(u64::from(*parent));
        draft.start_ns = 1000 + i as u64;
        draft.end_ns = draft.start_ns + u64::from(*value);
        draft.status = if value % 2 == 0 { StatusCode::Error } else { StatusCode::Ok };
        draft.name = builder.intern(format!("a{}", value % 3).as_bytes());
        if *value > 0 {
            let value = crate::model::Value::Int(i64::from(*value));
            super::fixture::push(&mut draft.attributes, &mut builder, "a", &value);
        }
        builder.commit(slot, &draft);
    }
    builder.close_scope(slot, Scope::default());
    builder.close_resource(resource, &crate::store::AttrList::default(), 0, StrId::EMPTY);
    builder.seal();
    builder
}

fn found(store: &Store, text: &str) -> Vec<u32> {
    let query = parse(text).expect(text);
    eval::spans(store, &query, None, &mut ()).expect(text).rows.iter().collect()
}

fn parent(store: &Store, row: u32) -> Option<u32> {
    let parent = store.parents().get(row as usize);
    (parent != NO_ROW).then_some(parent)
}

fn cyclic(store: &Store, row: u32) -> bool {
    store.marks(row) & mark::CYCLIC != 0
}

fn related(store: &Store, relation: Relation, l: u32, r: u32) -> bool {
    let above = |of: u32, wanted: u32| {
        let mut at = if cyclic(store, of) { None } else { parent(store, of) };
        while let Some(row) = at {
            if row == wanted {
                return true;
            }
            at = parent(store, row);
        }
        false
    };
    let root = |row: u32| store.marks(row) & mark::ROOT != 0;
    let trace = |row: u32| store.spans().trace.get(row as usize);
    match relation {
        Relation::Child => parent(store, r) == Some(l),
        Relation::Parent => parent(store, l) == Some(r),
        Relation::Descendant => above(r, l),
        Relation::Ancestor => above(l, r),
        Relation::Sibling => {
            l != r
                && trace(l) == trace(r)
                && match (parent(store, l), parent(store, r)) {
                    (Some(a), Some(b)) => a == b,
                    (None, None) => root(l) && root(r),
                    _ => false,
                }
        }
    }
}

fn naive(store: &Store, relation: Relation, mode: Mode, left: &[u32], right: &[u32], any: bool) -> Vec<u32> {
    let loose = |row: u32| store.marks(row) & (mark::ORPHAN | mark::CYCLIC) != 0;
    let hit = |r: u32| !loose(r) && left.iter().any(|l| related(store, relation, *l, r));
    let mut out: Vec<u32> = match mode {
        Mode::Negated => right.iter().copied().filter(|r| !(hit(*r) || any && loose(*r))).collect(),
        _ => right.iter().copied().filter(|r| hit(*r)).collect(),
    };
    if mode == Mode::Union {
        let matched = out.clone();
        let partner = |l: u32| matched.iter().any(|r| related(store, relation, l, *r));
        out.extend(left.iter().copied().filter(|l| partner(*l)));
    }
    out.sort_unstable();
    out.dedup();
    out
}

fn rows() -> impl Strategy<Value = Vec<(u8, u8, u8, u8)>> {
    prop::collection::vec((0u8..2, 0u8..12, 0u8..14, 0u8..6), 0..24)
}

proptest! {
    #[test]
    fn structural_operators_agree_with_a_naive_reading(
        rows in rows(),
        op in prop::sample::select(vec![">", ">>", "<", "<<", "~", "!>", "!>>", "!<", "!<<", "!~", "&>", "&>>", "&<", "&<<", "&~"]),
        left in prop::sample::select(vec!["{ }", "{ .a > 2 }", "{ status = error }"]),
        right in prop::sample::select(vec!["{ }", "{ .a < 4 }", "{ name = \"a1\" }"]),
    ) {
        let builder = build(&rows);
        let store = builder.store();
        let text = format!("{left} {op} {right}");
        let Body::Spans(stages) = parse(&text).expect("a query").body else { return Ok(()) };
        let [Stage::Spansets(spansets)] = stages.as_slice() else { return Ok(()) };
        let Some(SpansetNode::Op(SpansetOp::Structural(relation, mode))) = spansets.nodes.last() else { return Ok(()) };
        let want = naive(store, *relation, *mode, &found(store, left), &found(store, right), right == "{ }");
        prop_assert_eq!(found(store, &text), want, "{}", text);
    }

    #[test]
    fn boolean_laws_hold(rows in rows(), a in super::random::condition(), b in super::random::condition()) {
        let builder = build(&rows);
        let store = builder.store();
        let all = |text: String| found(store, &text);
        prop_assert_eq!(all(format!("{{ !(({a}) && ({b})) }}")), all(format!("{{ !({a}) || !({b}) }}")));
        prop_assert_eq!(all(format!("{{ !(({a}) || ({b})) }}")), all(format!("{{ !({a}) && !({b}) }}")));
        prop_assert_eq!(all(format!("{{ ({a}) && ({b}) }}")), all(format!("{{ {a} }} | {{ {b} }}")));
        let mut both = all(format!("{{ {a} }}"));
        both.extend(all(format!("{{ !({a}) }}")));
        both.sort_unstable();
        prop_assert_eq!(both.len(), rows.len());
    }

    #[test]
    fn any_valid_query_ends_over_any_store(rows in rows(), field in super::random::field(), spansets in super::random::spansets()) {
        let builder = build(&rows);
        for text in [format!("{{ {field} }}"), format!("{{}} | by({field}) | avg(.a) > 1"), format!("{spansets} | by(.a) | count() > 1")] {
            if let Ok(query) = parse(&text) {
                drop(eval::spans(builder.store(), &query, None, &mut ()).map(|found| found.groups(builder.store())));
            }
        }
    }

    #[test]
    fn any_pipeline_and_metrics_query_ends_over_any_store(rows in rows(), text in super::random::query()) {
        let builder = build(&rows);
        let (store, query) = (builder.store(), parse(&text).expect("a valid query"));
        let found = eval::spans(store, &query, None, &mut ());
        let told = eval::explain(store, &query, None, true, &mut ());
        let points = metrics::run(store, &query, metrics::Options::default(), &mut ());
        // It is for one of the two, whatever else may be wrong with it.
        let metrics = query.is_metrics();
        prop_assert_eq!(matches!(points, Err(Error::Run(RunError::NotMetrics))), !metrics, "{}", text);
        prop_assert_eq!(matches!(found, Err(Error::Run(RunError::NotSpans))), metrics, "{}", text);
        prop_assert!(metrics || found.is_ok() == told.is_ok(), "{}", text);
        for series in points.map(|p| p.series).unwrap_or_default() {
            prop_assert!(series.points.iter().flatten().all(|value| !value.is_nan()), "{}", text);
        }
    }
}
