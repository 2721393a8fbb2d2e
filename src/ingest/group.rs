//! The resource group and scope group that are open while their records are read.
//!
//! Their slots in the store are made when the first record needs them, so that a group without spans or logs
//! leaves nothing behind; they are filled when the group ends, because a resource or scope may come after its
//! records.

use super::repair::Repair;
use super::report::Findings;
use crate::store::{AttrList, Builder, ResourceSlot, Scope, ScopeSlot, StrId};

/// What is known so far of the open groups.
#[derive(Debug, Default)]
pub(crate) struct OpenGroups {
    resource_slot: Option<ResourceSlot>,
    /// Attributes of the resource.
    pub(crate) resource: AttrList,
    /// Attributes of the resource that the sender dropped.
    pub(crate) dropped: u32,
    /// Schema of the resource.
    pub(crate) schema_url: StrId,
    scope_slot: Option<ScopeSlot>,
    /// The scope, without its attributes.
    pub(crate) scope: Scope,
    /// Attributes of the scope.
    pub(crate) scope_attributes: AttrList,
}

impl OpenGroups {
    /// A resource group begins.
    pub(crate) fn open_resource(&mut self) {
        self.resource_slot = None;
        self.resource.clear();
        self.dropped = 0;
        self.schema_url = StrId::EMPTY;
    }

    /// A scope group begins.
    pub(crate) fn open_scope(&mut self) {
        self.scope_slot = None;
        self.scope = Scope::default();
        self.scope_attributes.clear();
    }

    /// Where the next record goes.
    #[inline]
    pub(crate) fn slot(&mut self, builder: &mut Builder) -> ScopeSlot {
        if let Some(slot) = self.scope_slot {
            return slot;
        }
        let resource = *self.resource_slot.get_or_insert_with(|| {
            let slot = builder.open_resource();
            builder.foretell(slot, &self.resource);
            slot
        });
        *self.scope_slot.insert(builder.open_scope(resource))
    }

    /// The scope group ends.
    pub(crate) fn close_scope(&mut self, builder: &mut Builder) {
        if let Some(slot) = self.scope_slot.take() {
            let mut scope = std::mem::take(&mut self.scope);
            scope.attributes = self.scope_attributes.ids().to_vec();
            builder.close_scope(slot, scope);
        }
    }

    /// The resource group ends; its scope groups have ended.
    pub(crate) fn close_resource(&mut self, builder: &mut Builder, findings: &mut Findings) {
        if let Some(slot) = self.resource_slot.take() {
            builder.close_resource(slot, &self.resource, self.dropped, self.schema_url);
        }
        for list in [&mut self.resource, &mut self.scope_attributes] {
            findings.repaired(Repair::RepeatedKeys, std::mem::take(&mut list.repeated));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::ingest::{Limits, Progress, Reader};
    use crate::store::{Builder, Store};

    fn services(store: &Store) -> Vec<&str> {
        (0..store.len() as u32).map(|row| store.service_name(store.service(row))).collect()
    }

    #[test]
    fn spans_of_an_open_group_are_of_the_service_that_stands_before_them() {
        let resource =
            r#""resource":{"attributes":[{"key":"service.name","value":{"stringValue":"front"}}]}"#;
        let spans: Vec<String> = (1..=2000)
            .map(|n| format!(r#"{{"traceId":"{n:032x}","spanId":"{n:016x}","name":"a"}}"#))
            .collect();
        let spans = format!(r#""scopeSpans":[{{"spans":[{}]}}]"#, spans.join(","));
        for (text, early) in [
            (format!(r#"{{"resourceSpans":[{{{resource},{spans}}}]}}"#), "front"),
            (format!(r#"{{"resourceSpans":[{{{spans},{resource}}}]}}"#), ""),
        ] {
            let mut builder = Builder::default();
            let mut reader = Reader::new("", Limits::default());
            reader.feed(&text.as_bytes()[..text.len() / 2]);
            while reader.pump(&mut builder, u64::MAX) == Progress::More {}
            let store = builder.seal();
            assert!(store.len() > 500, "half of the spans are there: {}", store.len());
            assert!(services(store).iter().all(|service| *service == early));
            reader.feed(&text.as_bytes()[text.len() / 2..]);
            while reader.pump(&mut builder, u64::MAX) == Progress::More {}
            reader.finish(&mut builder);
            let store = builder.seal();
            assert_eq!(services(store), vec!["front"; 2000]);
        }
    }
}
