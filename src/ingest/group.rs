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
        let resource = *self.resource_slot.get_or_insert_with(|| builder.open_resource());
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
