//! Exceptions of small traces, from events and from log records.

use super::super::Uninterrupted;
use super::super::testing::{Desk, dump};
use super::*;
use crate::model::{SpanId, TimeRange, TraceId};
use crate::store::{LogDraft, ValueRef};

/// Span id, time, event name or `log`, type, message.
type Told = (u64, u64, &'static str, &'static str, &'static str);

fn store(told: &[Told]) -> Store {
    let mut desk = Desk::default();
    for (line, id) in [("1 1 0 web server r 10 90", 1), ("1 2 1 cart server r 20 80 error", 2)] {
        let (scope, mut draft) = desk.line(line);
        for &(_, time, name, kind, message) in told.iter().filter(|t| t.0 == id && t.2 != "log") {
            let attributes = desk.builder.attributes();
            draft.event_attributes.push(attributes, b"exception.message", ValueRef::Str(message.as_bytes()));
            if !kind.is_empty() {
                draft.event_attributes.push(attributes, b"exception.type", ValueRef::Str(kind.as_bytes()));
            }
            let name = desk.builder.intern(name.as_bytes());
            draft.push_event(time, name, 0);
        }
        desk.builder.commit(scope, &draft);
    }
    let scope = desk.scope("logger");
    for &(id, time_ns, name, kind, message) in told {
        if name == "log" {
            let mut draft = LogDraft { time_ns, ..LogDraft::default() };
            draft.clear();
            draft.time_ns = time_ns;
            draft.trace_id = TraceId([1; 16]);
            draft.span_id = SpanId(id);
            let attributes = desk.builder.attributes();
            if !kind.is_empty() {
                draft.attributes.push(attributes, b"exception.type", ValueRef::Str(kind.as_bytes()));
                draft.attributes.push(attributes, b"exception.message", ValueRef::Str(message.as_bytes()));
            }
            desk.builder.commit_log(scope, &draft);
        }
    }
    desk.finish()
}

#[track_caller]
fn check(store: &Store, selection: &Selection<'_>, alike: Alike, want: &str) {
    let rows = exceptions(store, selection, alike, &Uninterrupted).unwrap();
    dump(rows, want, |r| {
        let times: Vec<u64> = r.occurrences.iter().map(|o| o.time_ns).collect();
        let service = store.service_name(r.service);
        format!("{service} {} {}: {} {times:?}", r.source(), r.kind, r.message)
    });
}

#[test]
fn exceptions_with_like_messages_are_one_group() {
    let store = store(&[
        (1, 30, "exception", "E", "no user 7"),
        (1, 12, "exception", "E", "no user 5"),
        (1, 13, "exception", "E", "no user 7"),
        (1, 14, "exception", "F", "no user 7"),
        (1, 15, "exception", "", "odd"),
        (2, 16, "exception", "E", "no user 7"),
        (2, 17, "other.exception", "E", "no user 7"),
    ]);
    check(
        &store,
        &Selection::default(),
        Alike::Message,
        "web event E: no user 7 [12, 13, 30] | cart event E: no user 7 [16] | web event : odd [15] | \
         web event F: no user 7 [14]",
    );
    let range = Some(TimeRange { start_ns: 20, end_ns: 21 });
    let late = Selection { range, ..Selection::default() };
    check(&store, &late, Alike::Message, "cart event E: no user 7 [16]");
}

#[test]
fn a_record_that_repeats_an_event_is_left_out() {
    let store = store(&[
        (2, 30, "exception", "E", "a"),
        (2, 31, "log", "E", "a"),
        (2, 32, "log", "E", "b"),
        (1, 33, "log", "E", "a"),
        (9, 34, "log", "E", "c"),
        (2, 35, "log", "", ""),
    ]);
    let all = "cart event E: a [30] | logger log E: a [33] | logger log E: b [32] | logger log E: c [34]";
    check(&store, &Selection::default(), Alike::Message, all);
    check(&store, &Selection::default(), Alike::Type, "logger log E: a [32, 33, 34] | cart event E: a [30]");
    let rows = [0].into_iter().collect();
    let first = Selection { rows: Some(&rows), ..Selection::default() };
    check(&store, &first, Alike::Message, "logger log E: a [33]");
    let found = exceptions(&store, &first, Alike::Message, &Uninterrupted).unwrap();
    assert_eq!(found[0].example().and_then(|o| o.row), Some(0));
    assert_eq!(found[0].extent(), (33, 33));
}

#[test]
fn types_are_grouped_over_services_and_groups_keep_their_names() {
    let told = [
        (1, 30, "exception", "E", "no user 7"),
        (2, 12, "exception", "E", "no user 5"),
        (2, 13, "exception", "E", "gone"),
        (1, 14, "exception", "F", "no user 7"),
    ];
    let store = store(&told);
    let by = |alike| exceptions(&store, &Selection::default(), alike, &Uninterrupted).unwrap();
    dump(by(Alike::Type), "E [cart web] 3 | F [web] 1", |r| {
        let services: Vec<&str> = r.services.iter().map(|&s| store.service_name(s)).collect();
        format!("{} [{}] {}", r.kind, services.join(" "), r.occurrences.len())
    });
    let ids = |alike| by(alike).iter().map(|r| r.id).collect::<Vec<_>>();
    assert_eq!(ids(Alike::Message).len(), 4);
    let late = Selection { range: Some(TimeRange { start_ns: 20, end_ns: 21 }), ..Selection::default() };
    let late = exceptions(&store, &late, Alike::Type, &Uninterrupted).unwrap();
    assert_eq!(late[0].id, by(Alike::Type)[0].id, "whatever the range");
}

#[test]
fn exceptions_can_be_regrouped_by_their_top_frame() {
    let mut desk = Desk::default();
    for (id, kind, stack) in [
        (1, "E", "E: 1\n\tat com.acme.Cart.add(Cart.java:42)"),
        (2, "E", "E: 2\n\tat com.acme.Cart.add(Cart.java:43)"),
        (3, "E", "E: 3\n\tat com.acme.Cart.sum(Cart.java:44)"),
        (4, "E", "no frame"),
    ] {
        let (scope, mut draft) = desk.line(&format!("1 {id} 0 web server r {id} 90"));
        let attributes = desk.builder.attributes();
        for (key, value) in [("exception.type", kind), ("exception.stacktrace", stack)] {
            draft.event_attributes.push(attributes, key.as_bytes(), ValueRef::Str(value.as_bytes()));
        }
        let name = desk.builder.intern(b"exception");
        draft.push_event(id, name, 0);
        desk.builder.commit(scope, &draft);
    }
    let store = desk.finish();
    let rows = exceptions(&store, &Selection::ALL, Alike::TopFrame, &Uninterrupted).unwrap();
    let want = "E com.acme.Cart.add(Cart.java) 2 | E com.acme.Cart.sum(Cart.java) 1 | E  1";
    dump(&rows, want, |r| format!("{} {} {}", r.kind, r.frame, r.occurrences.len()));
    assert_eq!(exceptions(&store, &Selection::ALL, Alike::Message, &Uninterrupted).unwrap().len(), 1);
}

#[test]
fn errors_without_an_exception_are_listed_apart() {
    let mut store = store(&[(2, 30, "exception", "E", "a")]);
    let plain = |store: &Store, want: &str| {
        let rows = plain_errors(store, &Selection::default(), Alike::Message, &Uninterrupted).unwrap();
        dump(&rows, want, |r| format!("{} {} {} {}", r.source(), r.kind, r.message, r.occurrences.len()));
    };
    plain(&store, "");
    store = super::super::testing::store(
        "1 1 0 web server r 10 90 error error.type=500
         1 2 0 web server r 10 90 error error.type=500
         1 3 0 web server r 10 90 error
         1 4 0 web server r 10 90",
    );
    plain(&store, "status 500  2 | status   1");
}
