//! How often keys and values occur, counted once per seal.

use crate::store::{AttrId, KeyId, Store};
use crate::traceql::ast::{Attr, AttrScope, Intrinsic, Static};
use crate::traceql::eval::{attr_static, pairs_of};

/// Values that one question looks at.
const MAX_VALUES: usize = 1000;

/// Occurrences over all sealed spans.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    span: Vec<u32>,
    resource: Vec<u32>,
    names: Vec<u32>,
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
            span: vec![0; pairs],
            resource: vec![0; pairs],
            names: vec![0; store.strings().len()],
            services: vec![0; store.service_count()],
            ..Self::default()
        };
        let spans = store.spans();
        let len = store.len();
        let last = if len == 0 { 0 } else { spans.attribute_ends().get(len - 1) as usize };
        for attr in spans.attribute_column().range(0..last) {
            counts.span[attr as usize] += 1;
        }
        let mut by_resource = vec![0u32; store.groups().resources().len()];
        for row in 0..len as u32 {
            if let Some(id) = store.resource_id(row) {
                by_resource[id.0 as usize] += 1;
            }
            counts.names[spans.name.get(row as usize) as usize] += 1;
            counts.services[store.service(row).0 as usize] += 1;
            counts.status[spans.status(row) as usize] += 1;
            counts.kind[spans.kind(row) as usize] += 1;
        }
        for (resource, n) in store.groups().resources().iter().zip(by_resource) {
            for attr in &resource.attributes {
                counts.resource[attr.0 as usize] += n;
            }
        }
        let mut keys = vec![(0usize, 0usize); store.attributes().key_count()];
        for id in 0..pairs as u32 {
            let slot = &mut keys[store.attributes().key(AttrId(id)).0 as usize];
            slot.0 += counts.span[id as usize] as usize;
            slot.1 += counts.resource[id as usize] as usize;
        }
        for (key, (span, resource)) in keys.into_iter().enumerate() {
            let key = KeyId(key as u32);
            counts.keys.extend((span > 0).then_some((AttrScope::Span, key, span)));
            counts.keys.extend((resource > 0).then_some((AttrScope::Resource, key, resource)));
        }
        counts.keys.sort_by(|a, b| b.2.cmp(&a.2).then((a.0, a.1).cmp(&(b.0, b.1))));
        counts
    }

    /// Keys of spans and resources, the most frequent first.
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
            Attr::Intrinsic(_) | Attr::Parent { .. } => Vec::new(),
            Attr::Named { scope, name } => {
                let Some(key) = store.attributes().find_key(name) else { return Vec::new() };
                let pairs = pairs_of(store, key);
                let count = |id: AttrId| {
                    let (span, resource) = (self.span[id.0 as usize], self.resource[id.0 as usize]);
                    match scope {
                        AttrScope::Resource => resource,
                        AttrScope::Any => span + resource,
                        _ => span,
                    }
                };
                let present = pairs.into_iter().map(|id| (id, count(id))).filter(|(_, n)| *n > 0);
                present.map(|(id, n)| (attr_static(store, id), n as usize)).collect()
            }
        };
        found.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.to_string().cmp(&b.0.to_string())));
        found.truncate(MAX_VALUES);
        found
    }
}
