//! How often keys and values occur, counted once per seal.

use std::cmp::Reverse;

use crate::store::order;
use crate::store::{AttrId, KeyId, Store};
use crate::traceql::ast::{Attr, AttrScope, Intrinsic, Static};
use crate::traceql::eval::{attr_static, pairs_of};

/// Values that one question looks at.
const MAX_VALUES: usize = 1000;

/// Where attributes stand, in the order of [`Counts::pairs`].
const SCOPES: [AttrScope; 5] =
    [AttrScope::Span, AttrScope::Resource, AttrScope::Event, AttrScope::Link, AttrScope::Instrumentation];

/// Occurrences over all sealed spans: of pairs on spans, and on the resources and scopes of spans, counted by
/// span; on events and links, by event and link.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// By scope and pair.
    pairs: [Vec<u32>; 5],
    names: Vec<u32>,
    event_names: Vec<u32>,
    services: Vec<u32>,
    keys: Vec<(AttrScope, KeyId, usize)>,
    pub(super) status: [usize; 3],
    pub(super) kind: [usize; 6],
}

impl Counts {
    /// Counts a store: one pass over the attributes.
    pub fn new(store: &Store) -> Self {
        let pairs = store.attributes().len();
        let mut counts = Self {
            pairs: std::array::from_fn(|_| vec![0; pairs]),
            names: vec![0; store.strings().len()],
            event_names: vec![0; store.strings().len()],
            services: vec![0; store.service_count()],
            ..Self::default()
        };
        let [on_span, on_resource, on_event, on_link, on_scope] = &mut counts.pairs;
        let spans = store.spans();
        let len = store.len();
        let last = if len == 0 { 0 } else { spans.attribute_ends().get(len - 1) as usize };
        for attr in spans.attribute_column().range(0..last) {
            on_span[attr as usize] += 1;
        }
        let mut by_resource = vec![0u32; store.groups().resources().len()];
        let mut by_scope = vec![0u32; store.groups().scopes().len()];
        for row in 0..len as u32 {
            if let Some(id) = store.resource_id(row) {
                by_resource[id.0 as usize] += 1;
            }
            if let Some(id) = store.scope_id(row) {
                by_scope[id.0 as usize] += 1;
            }
            counts.names[spans.name.get(row as usize) as usize] += 1;
            counts.services[store.service(row).0 as usize] += 1;
            counts.status[spans.status(row) as usize] += 1;
            counts.kind[spans.kind(row) as usize] += 1;
        }
        for (resource, n) in store.groups().resources().iter().zip(by_resource) {
            for attr in &resource.attributes {
                on_resource[attr.0 as usize] += n;
            }
        }
        for (scope, n) in store.groups().scopes().iter().zip(by_scope) {
            for attr in &scope.attributes {
                on_scope[attr.0 as usize] += n;
            }
        }
        for event in 0..spans.events.span.len() {
            counts.event_names[spans.events.name(event).0 as usize] += 1;
            for attr in spans.events.attributes(event) {
                on_event[attr.0 as usize] += 1;
            }
        }
        for link in 0..spans.links.span.len() {
            for attr in spans.links.attributes(link) {
                on_link[attr.0 as usize] += 1;
            }
        }
        for (scope, pairs) in SCOPES.into_iter().zip(&counts.pairs) {
            let mut keys = vec![0usize; store.attributes().key_count()];
            for (id, n) in pairs.iter().enumerate() {
                keys[store.attributes().key(AttrId(id as u32)).0 as usize] += *n as usize;
            }
            let present = keys.into_iter().enumerate().filter(|(_, n)| *n > 0);
            counts.keys.extend(present.map(|(key, n)| (scope, KeyId(key as u32), n)));
        }
        // Among keys that every span has, the service is what people ask for.
        let service = store.attributes().find_key("service.name");
        order::sort_by_key(&mut counts.keys, |&(scope, key, n)| {
            (Reverse(n), Some(key) != service, scope, key)
        });
        counts
    }

    /// Keys with where they stand, the most frequent first.
    pub fn keys(&self) -> impl Iterator<Item = (AttrScope, KeyId, usize)> {
        self.keys.iter().copied()
    }

    /// Values of an attribute or text intrinsic with their spans, the most frequent first.
    pub fn values(&self, store: &Store, attr: &Attr) -> Vec<(Static, usize)> {
        let texts = |counts: &[u32], text: &dyn Fn(usize) -> String| {
            let present = counts.iter().enumerate().filter(|(_, n)| **n > 0);
            present.map(|(i, n)| (Static::Str(text(i)), *n as usize)).collect()
        };
        let mut found: Vec<(Static, usize)> = match attr {
            Attr::Intrinsic(Intrinsic::Name | Intrinsic::RootName) => {
                texts(&self.names, &|i| store.text(crate::store::StrId(i as u32)).to_owned())
            }
            Attr::Intrinsic(Intrinsic::RootService) => {
                texts(&self.services, &|i| store.service_name(crate::store::ServiceId(i as u32)).to_owned())
            }
            Attr::Intrinsic(Intrinsic::EventName) => {
                texts(&self.event_names, &|i| store.text(crate::store::StrId(i as u32)).to_owned())
            }
            Attr::Intrinsic(_) | Attr::Parent { .. } => Vec::new(),
            Attr::Named { scope, name } => {
                let Some(key) = store.attributes().find_key(name) else { return Vec::new() };
                let pairs = pairs_of(store, key);
                let count = |id: AttrId| {
                    let of = |scope: usize| self.pairs[scope][id.0 as usize];
                    match SCOPES.iter().position(|s| s == scope) {
                        Some(scope) => of(scope),
                        None => of(0) + of(1),
                    }
                };
                let present = pairs.into_iter().map(|id| (id, count(id))).filter(|(_, n)| *n > 0);
                present.map(|(id, n)| (attr_static(store, id), n as usize)).collect()
            }
        };
        order::sort_by(&mut found, |a, b| b.1.cmp(&a.1).then_with(|| a.0.to_string().cmp(&b.0.to_string())));
        found.truncate(MAX_VALUES);
        found
    }
}
