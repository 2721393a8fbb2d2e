//! The store as its readers see it: trees, marks, late resources, seals while reading.

use std::fmt::Write as _;

use proptest::prelude::*;

use super::*;
use crate::model::{SpanId, StatusCode};

/// A span for tests: (trace, id, parent, start, end, service).
type Row = (u8, u64, u64, u64, u64, u8);

fn commit(builder: &mut Builder, slot: ScopeSlot, row: Row) {
    let (trace, id, parent, start, end, _) = row;
    let mut draft = SpanDraft::default();
    draft.clear();
    draft.trace_id = TraceId([trace; 16]);
    draft.span_id = SpanId(id);
    draft.parent_id = SpanId(parent);
    draft.start_ns = start;
    draft.end_ns = end;
    draft.name = builder.intern(format!("op{}", id % 3).as_bytes());
    draft.status = if id % 5 == 0 { StatusCode::Error } else { StatusCode::Unset };
    builder.commit(slot, &draft);
}

fn add(builder: &mut Builder, rows: &[Row]) {
    for &row in rows {
        let resource = builder.open_resource();
        let scope = builder.open_scope(resource);
        commit(builder, scope, row);
        builder.close_scope(scope, Scope::default());
        let mut attributes = AttrList::default();
        let name = format!("svc{}", row.5);
        attributes.push(builder.attributes(), b"service.name", ValueRef::Str(name.as_bytes()));
        builder.close_resource(resource, &attributes, 0, StrId::EMPTY);
    }
}

/// The store as text: one line a span in pre-order, indented by depth.
fn dump(store: &Store) -> String {
    let mut out = String::new();
    for trace in 0..store.trace_count() as u32 {
        let trace = store.trace(trace);
        writeln!(out, "trace {:02x} {:?}", trace.id().0[0], trace.facts()).expect("text");
        for (place, (&row, &depth)) in trace.rows().iter().zip(trace.depths()).enumerate() {
            let id = store.spans().id.get(row as usize);
            let children: Vec<usize> = trace.children(place).collect();
            writeln!(
                out,
                "{:indent$}{id} row={row} marks={:05b} parent={:?} children={children:?}",
                "",
                store.marks(row),
                store.parent(row),
                indent = depth as usize
            )
            .expect("text");
        }
    }
    out
}

fn ids(store: &Store, trace: u32) -> Vec<u64> {
    store.trace(trace).rows().iter().map(|&r| store.spans().id.get(r as usize)).collect()
}

#[test]
fn a_tree_is_in_pre_order_with_orphans_cycles_and_duplicates() {
    let mut builder = Builder::default();
    add(
        &mut builder,
        &[
            (1, 3, 1, 30, 40, 1), // second child
            (1, 2, 1, 20, 90, 0), // first child, same service as the root
            (1, 1, 0, 10, 100, 0),
            (1, 4, 2, 25, 26, 0),
            (1, 2, 1, 22, 23, 0), // the id again: children stay with the first
            (1, 9, 8, 5, 6, 0),   // orphan, earliest
            (1, 6, 7, 50, 60, 0), // cycle 6 <-> 7, tail 10
            (1, 7, 6, 40, 60, 0),
            (1, 10, 6, 41, 60, 0),
            (1, 11, 11, 99, 60, 0), // own parent, ends before it starts
        ],
    );
    let store = builder.seal();
    assert_eq!(ids(store, 0), [9, 1, 2, 4, 2, 3, 7, 10, 6, 11]);
    let trace = store.trace(0);
    assert_eq!(trace.depths(), [1, 1, 2, 3, 2, 2, 0, 0, 0, 0]);
    let facts = trace.facts();
    assert_eq!((facts.roots, facts.orphans, facts.cyclic, facts.duplicates), (1, 1, 4, 1));
    assert_eq!(facts.main_root, 2, "a root comes before an earlier orphan");
    assert_eq!((facts.start_ns, facts.duration_ns, facts.services, facts.max_depth), (5, 95, 2, 3));
    assert_eq!(trace.subtree_end(1), 6);
    assert_eq!(trace.children(1).collect::<Vec<_>>(), [2, 4, 5]);
    assert_eq!(trace.children(8).collect::<Vec<_>>(), [6, 7], "children within a cycle");
    let entries: Vec<u64> = (0..10)
        .filter(|&r| store.marks(r) & mark::ENTRY != 0)
        .map(|r| store.spans().id.get(r as usize))
        .collect();
    assert_eq!(entries, [3, 1, 9, 6, 7, 10, 11]);
    assert_eq!(store.spans().duration(9), 0);
}

#[test]
fn the_same_span_ids_in_other_traces_do_not_mix() {
    let mut builder = Builder::default();
    add(&mut builder, &[(1, 1, 0, 1, 9, 0), (2, 2, 1, 2, 3, 0), (1, 2, 1, 2, 3, 0), (2, 1, 0, 1, 9, 0)]);
    let store = builder.seal();
    assert_eq!(ids(store, 0), [1, 2]);
    assert_eq!(ids(store, 1), [1, 2]);
    assert_eq!(store.find_trace(TraceId([2; 16])), Some(1));
    assert_eq!(store.find_trace(TraceId([3; 16])), None);
}

#[test]
fn a_service_that_comes_after_its_spans_counts_from_the_next_seal() {
    let mut builder = Builder::default();
    add(&mut builder, &[(1, 1, 0, 1, 9, 7)]);
    let resource = builder.open_resource();
    let scope = builder.open_scope(resource);
    commit(&mut builder, scope, (1, 2, 1, 2, 3, 0));
    let store = builder.seal();
    assert_eq!(store.service_name(store.service(1)), "");
    assert_ne!(store.marks(1) & mark::ENTRY, 0);
    let mut attributes = AttrList::default();
    attributes.push(builder.attributes(), b"service.name", ValueRef::Str(b"svc7"));
    builder.close_scope(scope, Scope::default());
    builder.close_resource(resource, &attributes, 0, StrId::EMPTY);
    let store = builder.seal();
    assert_eq!(store.service_name(store.service(1)), "svc7");
    assert_eq!(store.marks(1) & mark::ENTRY, 0);
}

#[test]
fn a_chain_of_a_hundred_thousand_spans_is_sealed() {
    let mut builder = Builder::default();
    let resource = builder.open_resource();
    let scope = builder.open_scope(resource);
    for i in 1..=100_000 {
        commit(&mut builder, scope, (1, i, i - 1, i, 1_000_000 - i, 0));
    }
    let store = builder.seal();
    assert_eq!(store.trace(0).facts().max_depth, 100_000);
    assert_eq!(store.trace(0).subtree_end(0), 100_000);
}

#[test]
fn the_last_value_of_a_repeated_key_counts() {
    let mut attributes = Attributes::default();
    let mut list = AttrList::default();
    list.push(&mut attributes, b"a", ValueRef::Int(1));
    list.push(&mut attributes, b"b", ValueRef::Int(2));
    list.push(&mut attributes, b"a", ValueRef::Int(3));
    list.next_list();
    list.push(&mut attributes, b"a", ValueRef::Int(4));
    let values: Vec<_> = list.ids().iter().map(|&id| attributes.value(id)).collect();
    assert_eq!(values, [ValueRef::Int(3), ValueRef::Int(2), ValueRef::Int(4)]);
    assert_eq!(list.repeated, 1);
}

/// Few ids, so that orphans, cycles, self parents and duplicates are common.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (1..4_u8, 1..12_u64, 0..14_u64, 1..50_u64, 1..60_u64, 0..3_u8);
    prop::collection::vec(row, 0..60)
}

proptest! {
    #[test]
    fn sealing_while_reading_gives_what_one_seal_gives(rows in rows(), cuts in prop::collection::vec(0..60_usize, 0..4)) {
        let mut whole = Builder::default();
        add(&mut whole, &rows);
        let mut parts = Builder::default();
        let mut at = 0;
        let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(rows.len())).collect();
        cuts.sort_unstable();
        for cut in cuts {
            add(&mut parts, &rows[at..cut]);
            at = cut;
            parts.seal();
        }
        add(&mut parts, &rows[at..]);
        prop_assert_eq!(dump(parts.seal()), dump(whole.seal()));
    }

    #[test]
    fn every_span_stands_once_and_below_its_parent(rows in rows()) {
        let mut builder = Builder::default();
        add(&mut builder, &rows);
        let store = builder.seal();
        let mut seen = vec![false; rows.len()];
        for trace in 0..store.trace_count() as u32 {
            let trace = store.trace(trace);
            for (place, &row) in trace.rows().iter().enumerate() {
                prop_assert!(!std::mem::replace(&mut seen[row as usize], true));
                let depth = trace.depths()[place];
                let children: Vec<usize> = trace.children(place).collect();
                let by_parent = trace.rows().iter().filter(|&&r| store.parent(r) == Some(row)).count();
                prop_assert_eq!(children.len(), by_parent);
                for child in children {
                    prop_assert_eq!(store.parent(trace.rows()[child]), Some(row));
                    prop_assert_eq!(trace.depths()[child], if depth == 0 { 0 } else { depth + 1 });
                }
            }
        }
        prop_assert!(seen.into_iter().all(|s| s));
    }
}
