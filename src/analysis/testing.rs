//! Stores from text, and rows to text: how this room's tests say what they give and what they expect.

use proptest::prelude::*;

use crate::model::{SpanId, SpanKind, StatusCode, TraceId};
use crate::store::{AttrList, Builder, Scope, ScopeSlot, SpanDraft, Store, StrId, ValueRef};

/// A builder with one open scope a service.
#[derive(Default)]
pub(crate) struct Desk {
    pub(crate) builder: Builder,
}

impl Desk {
    /// A scope of a service with more resource attributes.
    pub(crate) fn scope(&mut self, service: &str) -> ScopeSlot {
        let resource = self.builder.open_resource();
        let scope = self.builder.open_scope(resource);
        self.builder.close_scope(scope, Scope::default());
        let mut attributes = AttrList::default();
        attributes.push(self.builder.attributes(), b"service.name", ValueRef::Str(service.as_bytes()));
        self.builder.close_resource(resource, &attributes, 0, StrId::EMPTY);
        scope
    }

    /// A span from `trace id parent service kind name start end [error] [key=value…]`.
    pub(crate) fn line(&mut self, line: &str) -> (ScopeSlot, SpanDraft) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let scope = self.scope(words[3]);
        let mut draft = SpanDraft::default();
        draft.clear();
        draft.trace_id = TraceId([words[0].parse().unwrap(); 16]);
        draft.span_id = SpanId(words[1].parse().unwrap());
        draft.parent_id = SpanId(words[2].parse().unwrap());
        draft.kind = SpanKind::ALL.into_iter().find(|k| k.word() == words[4]).unwrap();
        draft.name = self.builder.intern(words[5].as_bytes());
        draft.start_ns = words[6].parse().unwrap();
        draft.end_ns = words[7].parse().unwrap();
        for word in &words[8..] {
            if *word == "error" {
                draft.status = StatusCode::Error;
            } else if let Some(state) = word.strip_prefix("tracestate:") {
                draft.extra.trace_state = self.builder.intern(state.as_bytes());
            } else {
                let (key, value) = word.split_once('=').unwrap();
                let value = value.replace('_', " ");
                let value = match value.parse() {
                    Ok(int) => ValueRef::Int(int),
                    Err(_) => ValueRef::Str(value.as_bytes()),
                };
                draft.attributes.push(self.builder.attributes(), key.as_bytes(), value);
            }
        }
        (scope, draft)
    }

    /// Seals and hands the store over.
    pub(crate) fn finish(mut self) -> Store {
        self.builder.seal();
        self.builder.into_store()
    }
}

/// A store from lines of `trace id parent service kind name start end [error] [key=value…]`; `_` in a value
/// stands for a space.
pub(crate) fn store(lines: &str) -> Store {
    let mut desk = Desk::default();
    for line in lines.lines().filter(|l| !l.trim().is_empty()) {
        let (scope, draft) = desk.line(line);
        desk.builder.commit(scope, &draft);
    }
    desk.finish()
}

/// The same with the host's name before each line; `-` for none.
pub(crate) fn hosts_store(lines: &str) -> Store {
    let mut desk = Desk::default();
    for line in lines.lines() {
        let (host, line) = line.trim().split_once(' ').unwrap();
        let (_, draft) = desk.line(line);
        let resource = desk.builder.open_resource();
        let scope = desk.builder.open_scope(resource);
        desk.builder.commit(scope, &draft);
        desk.builder.close_scope(scope, Scope::default());
        let mut list = AttrList::default();
        if host != "-" {
            list.push(desk.builder.attributes(), b"host.name", ValueRef::Str(host.as_bytes()));
        }
        desk.builder.close_resource(resource, &list, 0, StrId::EMPTY);
    }
    desk.finish()
}

/// Compares rows, each put into words, with ` | ` between them.
#[track_caller]
pub(crate) fn dump<T>(rows: impl IntoIterator<Item = T>, want: &str, words: impl FnMut(T) -> String) {
    assert_eq!(rows.into_iter().map(words).collect::<Vec<_>>().join(" | "), want);
}

/// Random stores: few ids, so that orphans, cycles, self parents and duplicates are common.
pub(crate) fn stores() -> impl Strategy<Value = Store> {
    let kind = prop::sample::select(vec!["internal", "server", "client", "producer", "consumer"]);
    let error = prop::sample::select(vec!["", "", "", "error"]);
    let row = (1..4_u8, 1..12_u8, 0..14_u8, 0..3_u8, kind, 0..3_u8, 0..60_u64, 0..70_u64, error);
    prop::collection::vec(row, 0..60).prop_map(|rows| {
        let lines: Vec<String> = rows
            .into_iter()
            .map(|(t, id, parent, service, kind, name, start, end, error)| {
                format!("{t} {id} {parent} s{service} {kind} op{name} {start} {end} {error}")
            })
            .collect();
        store(&lines.join("\n"))
    })
}
