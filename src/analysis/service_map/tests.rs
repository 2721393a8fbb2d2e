//! Maps of small traces.

use super::super::testing::{Desk, dump, store};
use super::super::{DEFAULT_APDEX_NS, Uninterrupted};
use super::*;
use crate::model::{SpanId, TraceId};
use crate::store::{LinkDraft, StrId};

fn check(store: &Store, nodes: &str, edges: &str) {
    let map = service_map(store, &Selection::default(), DEFAULT_APDEX_NS, &Uninterrupted).unwrap();
    dump(&map.nodes, nodes, |n| format!("{} {}/{}", n.place.id(), n.errors, n.spans));
    dump(&map.edges, edges, |e| {
        let id = |i: u32| map.nodes[i as usize].place.id();
        format!("{}>{} {} {}/{}", id(e.from), id(e.to), e.kind.word(), e.red.errors, e.red.calls)
    });
}

#[test]
fn every_kind_of_edge_has_its_rule() {
    let store = store(
        "1 1 0 web  server   GET  10 90
         1 2 1 web  client   call 20 80 server.address=cart
         1 3 2 cart server   GET  30 70 error db.system=odd
         1 4 3 cart client   SQL  40 50 db.system=redis server.address=db1
         1 5 3 cart internal SQL  40 50 db.system.name=redis
         1 6 1 web  client   out  20 30 http.host=api.example error
         1 7 1 web  client   out  20 30 x=1
         1 8 1 web  producer send 20 30 messaging.system=kafka
         2 1 0 job  consumer take 20 30 messaging.system=kafka
         3 1 9 idle server   GET  20 30",
    );
    check(
        &store,
        "cart 1/3 | db:redis 0/2 | ext:api.example 1/1 | idle 0/1 | job 0/1 | msg:kafka 0/2 | user: 0/2 | web 1/5",
        "cart>db:redis database 0/2 | msg:kafka>job messaging 0/1 | user:>job user 0/1 | user:>web user 0/1 | \
         web>cart service 1/1 | web>ext:api.example external 1/1 | web>msg:kafka messaging 0/1",
    );
}

#[test]
fn a_link_from_the_map_leads_to_the_counted_spans() {
    let store = store(
        "1 1 0 we\"b server   GET  10 90
         1 2 1 we\"b client   call 20 80 server.address=cart server.port=80
         1 3 2 cart  server   GET  30 70 error
         1 4 3 cart  client   SQL  40 50 db.system=redis server.address=db1
         1 5 3 cart  internal SQL  40 50 db.system.name=redis db.system=old
         1 6 1 we\"b client   out  20 30 server.address=cart server.port=80
         1 7 1 we\"b client   out  20 30 url.full=https://u@api.x:1/y
         1 8 1 we\"b producer send 20 30 messaging.system=kafka
         1 9 1 we\"b client   rpc  20 30 rpc.system=grpc rpc.service=p.S rpc.method=M
         2 1 0 job   consumer take 20 30 messaging.system=kafka
         3 1 9 idle  server   GET  20 30",
    );
    let map = service_map(&store, &Selection::default(), DEFAULT_APDEX_NS, &Uninterrupted).unwrap();
    let found =
        |q: &str| crate::traceql::eval::spans(&store, &crate::traceql::parse(q).unwrap(), None, &mut ());
    let id = |i: u32| map.nodes[i as usize].place.id();
    for edge in &map.edges {
        let (from, to) = (id(edge.from), id(edge.to));
        let rows = found(&edge.q).unwrap_or_else(|e| panic!("{}: {e}", edge.q)).rows.iter().count();
        assert_eq!(rows as u64, edge.red.calls, "{from} > {to}: {}", edge.q);
    }
    for node in map.nodes.iter().filter(|n| n.place.word() != "external") {
        assert_eq!(found(&node.q).unwrap().rows.iter().count() as u64, node.spans, "{}", node.q);
    }
}

#[test]
fn links_connect_the_linked_service_with_the_linking_one() {
    let mut desk = Desk::default();
    for (line, targets) in [
        ("1 1 0 web internal send 1 2", vec![]),
        ("2 1 0 job internal take 3 4", vec![(1, 1), (1, 9), (9, 1)]),
        ("2 2 0 job internal take 3 4 error", vec![(2, 1), (1, 1)]),
    ] {
        let (scope, mut draft) = desk.line(line);
        for (trace, id) in targets {
            draft.push_link(LinkDraft {
                trace_id: TraceId([trace; 16]),
                span_id: SpanId(id),
                trace_state: StrId::EMPTY,
                ..LinkDraft::default()
            });
        }
        desk.builder.commit(scope, &draft);
    }
    check(&desk.finish(), "job 1/2 | web 0/1", "job>job link 1/1 | web>job link 1/2");
}
