//! Resources and scopes: stored once, named by spans through slots.
//!
//! A resource or scope may come after the spans it belongs to (JSON keys and protobuf fields stand in any
//! order). So a group opens with a slot, its spans name the slot, and the slot is filled when the group
//! closes. Nothing derived from a service is computed before the seal.

use super::attributes::{AttrId, Attributes};
use super::column::Column;
use super::hash::hash_words;
use super::parcel::{Handles, Packer, Unpacker, instead};
use super::strings::{StrId, Strings};
use super::table::Table;
use crate::model::conventions;

/// A handle to a distinct resource.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ResourceId(pub u32);

/// A handle to a distinct instrumentation scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ScopeId(pub u32);

/// A service of this store: its place in [`Groups::services`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ServiceId(pub u32);

/// A resource that is being read; spans under it may already be there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ResourceSlot(u32);

/// A scope that is being read: what a span's column names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ScopeSlot(pub(crate) u32);

impl ResourceSlot {
    pub(crate) fn number(self) -> u32 {
        self.0
    }
}

/// A slot whose group has not closed yet.
const OPEN: u32 = u32::MAX;

/// Where telemetry comes from: the OTLP `Resource`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Resource {
    /// Attributes, keys unique.
    pub attributes: Vec<AttrId>,
    /// Attributes that the sender dropped.
    pub dropped: u32,
    /// Schema of the attributes, or the empty string.
    pub schema_url: StrId,
    /// The service of `service.name`, "" where absent.
    pub service: u32,
}

/// Which instrumentation made a span: the OTLP `InstrumentationScope`.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    /// Name, often the instrumentation package.
    pub name: StrId,
    /// Version of that package.
    pub version: StrId,
    /// Attributes, keys unique.
    pub attributes: Vec<AttrId>,
    /// Attributes that the sender dropped.
    pub dropped: u32,
    /// Schema of the spans' attributes, or the empty string.
    pub schema_url: StrId,
}

/// Every resource, scope and service, and the slots that spans name.
#[derive(Debug, Default)]
pub struct Groups {
    resources: Vec<Resource>,
    resource_table: Table,
    scopes: Vec<Scope>,
    scope_table: Table,
    resource_slots: Column<u32>,
    /// Resource slot and scope of each scope slot.
    scope_slots: Column<(u32, u32)>,
    services: Vec<StrId>,
    service_table: Table,
    /// Resource slots that are open, and the service that they will be of.
    foretold: Vec<(u32, ServiceId)>,
}

impl Groups {
    /// Opens a resource.
    pub(crate) fn open_resource(&mut self) -> ResourceSlot {
        self.resource_slots.push(OPEN);
        ResourceSlot((self.resource_slots.len() - 1) as u32)
    }

    /// Opens a scope under a resource.
    pub(crate) fn open_scope(&mut self, resource: ResourceSlot) -> ScopeSlot {
        self.scope_slots.push((resource.0, OPEN));
        ScopeSlot((self.scope_slots.len() - 1) as u32)
    }

    /// Says of which service an open resource will be, as far as its attributes have come.
    pub(crate) fn foretell(
        &mut self,
        slot: ResourceSlot,
        resource: &[AttrId],
        attributes: &Attributes,
        strings: &mut Strings,
    ) {
        let name = service_name(resource, attributes, strings);
        if name != StrId::EMPTY {
            let service = self.intern_service(name);
            self.foretold.push((slot.0, service));
        }
    }

    /// Fills a resource's slot.
    pub(crate) fn close_resource(
        &mut self,
        slot: ResourceSlot,
        resource: Resource,
        attributes: &Attributes,
        strings: &mut Strings,
    ) {
        let name = service_name(&resource.attributes, attributes, strings);
        let id = self.intern_resource_of(resource, name);
        self.resource_slots.set(slot.0 as usize, id);
        self.foretold.retain(|&(open, _)| open != slot.0);
    }

    /// The service of a scope slot: of its resource, or while that is open of what was foretold.
    pub(crate) fn service_of(&mut self, slot: u32) -> ServiceId {
        if let Some(id) = self.resource_of(slot) {
            return ServiceId(self.resource(id).service);
        }
        let (resource, _) = self.scope_slots.get(slot as usize);
        let foretold = self.foretold.iter().find(|&&(open, _)| open == resource).map(|&(_, service)| service);
        foretold.unwrap_or_else(|| self.intern_service(StrId::EMPTY))
    }

    fn intern_resource(&mut self, resource: Resource) -> u32 {
        let hash = resource_hash(&resource);
        let found = self.resource_table.find(hash, |id| self.resources[id as usize] == resource);
        found.unwrap_or_else(|| {
            let id = self.resources.len() as u32;
            self.resources.push(resource);
            self.resource_table.insert(hash, id);
            id
        })
    }

    fn intern_scope(&mut self, scope: Scope) -> u32 {
        let hash = scope_hash(&scope);
        let found = self.scope_table.find(hash, |id| self.scopes[id as usize] == scope);
        found.unwrap_or_else(|| {
            let id = self.scopes.len() as u32;
            self.scopes.push(scope);
            self.scope_table.insert(hash, id);
            id
        })
    }

    /// Writes every resource, scope and slot; none may be open.
    pub(crate) fn pack(&self, to: &mut Packer) {
        let numbers = |list: &[AttrId]| list.iter().map(|id| id.0).collect::<Vec<u32>>();
        to.number(self.resources.len() as u64);
        for resource in &self.resources {
            let name = self.services.get(resource.service as usize).copied().unwrap_or_default();
            to.values(&[resource.dropped, resource.schema_url.0, name.0]);
            to.values(&numbers(&resource.attributes));
        }
        to.number(self.scopes.len() as u64);
        for scope in &self.scopes {
            to.values(&[scope.name.0, scope.version.0, scope.dropped, scope.schema_url.0]);
            to.values(&numbers(&scope.attributes));
        }
        to.column(&self.resource_slots);
        to.values(
            &self.scope_slots.iter().flat_map(|(resource, scope)| [resource, scope]).collect::<Vec<_>>(),
        );
    }

    /// Takes in what another store packed, whose strings and pairs have these handles here.
    pub(crate) fn absorb(&mut self, from: &mut Unpacker<'_>, handles: &Handles) -> Option<()> {
        let numbers = |from: &mut Unpacker<'_>| Some(from.values::<u32>()?.iter().collect::<Vec<u32>>());
        let pairs = |list: Vec<u32>| list.into_iter().map(|id| handles.pair(id)).collect();
        let (mut resources, mut scopes) = (Vec::new(), Vec::new());
        for _ in 0..from.number()? {
            let [dropped, schema_url, name] = *numbers(from)?.first_chunk()?;
            resources.push(self.intern_resource_of(
                Resource {
                    attributes: pairs(numbers(from)?),
                    dropped,
                    schema_url: handles.string(schema_url),
                    service: 0,
                },
                handles.string(name),
            ));
        }
        for _ in 0..from.number()? {
            let [name, version, dropped, schema_url] = *numbers(from)?.first_chunk()?;
            scopes.push(self.intern_scope(Scope {
                name: handles.string(name),
                version: handles.string(version),
                attributes: pairs(numbers(from)?),
                dropped,
                schema_url: handles.string(schema_url),
            }));
        }
        let before = self.resource_slots.len() as u32;
        for id in from.values::<u32>()?.iter::<u32>() {
            self.resource_slots.push(instead(&resources, id));
        }
        let slots = numbers(from)?;
        for &[resource, scope] in slots.as_chunks().0 {
            self.scope_slots.push((before + resource, instead(&scopes, scope)));
        }
        Some(())
    }

    fn intern_resource_of(&mut self, mut resource: Resource, service: StrId) -> u32 {
        resource.service = self.intern_service(service).0;
        self.intern_resource(resource)
    }

    /// Fills a scope's slot.
    pub(crate) fn close_scope(&mut self, slot: ScopeSlot, scope: Scope) {
        let id = self.intern_scope(scope);
        let (resource, _) = self.scope_slots.get(slot.0 as usize);
        self.scope_slots.set(slot.0 as usize, (resource, id));
    }

    /// The resource of a scope slot; none while it is still being read.
    pub(crate) fn resource_of(&self, slot: u32) -> Option<ResourceId> {
        let (resource_slot, _) = self.scope_slots.get(slot as usize);
        let id = self.resource_slots.get(resource_slot as usize);
        (id != OPEN).then_some(ResourceId(id))
    }

    /// The scope of a scope slot; none while it is still being read.
    pub(crate) fn scope_of(&self, slot: u32) -> Option<ScopeId> {
        let (_, id) = self.scope_slots.get(slot as usize);
        (id != OPEN).then_some(ScopeId(id))
    }

    /// How many scope slots there are.
    pub(crate) fn slot_count(&self) -> usize {
        self.scope_slots.len()
    }

    /// The service of a name, made on first need.
    pub(crate) fn intern_service(&mut self, name: StrId) -> ServiceId {
        let hash = hash_words([u64::from(name.0)]);
        let services = &mut self.services;
        if let Some(id) = self.service_table.find(hash, |id| services[id as usize] == name) {
            return ServiceId(id);
        }
        let id = services.len() as u32;
        services.push(name);
        self.service_table.insert(hash, id);
        ServiceId(id)
    }

    /// A distinct resource.
    pub fn resource(&self, id: ResourceId) -> &Resource {
        &self.resources[id.0 as usize]
    }

    /// A distinct scope.
    pub fn scope(&self, id: ScopeId) -> &Scope {
        &self.scopes[id.0 as usize]
    }

    /// Every distinct resource.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Every distinct scope.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// The names of all services, in the order first met.
    pub fn services(&self) -> &[StrId] {
        &self.services
    }
}

/// `service.name` among the attributes of a resource, "" where there is none.
fn service_name(resource: &[AttrId], attributes: &Attributes, strings: &mut Strings) -> StrId {
    attributes
        .find_key(conventions::SERVICE_NAME)
        .and_then(|key| resource.iter().find(|&&a| attributes.key(a) == key))
        .map_or(StrId::EMPTY, |&a| strings.intern(attributes.value(a).display().as_bytes()))
}

fn resource_hash(r: &Resource) -> u64 {
    let head = [u64::from(r.dropped), u64::from(r.schema_url.0), u64::from(r.service)];
    hash_words(head.into_iter().chain(r.attributes.iter().map(|a| u64::from(a.0))))
}

fn scope_hash(s: &Scope) -> u64 {
    let head = [u64::from(s.name.0), u64::from(s.version.0), u64::from(s.dropped), u64::from(s.schema_url.0)];
    hash_words(head.into_iter().chain(s.attributes.iter().map(|a| u64::from(a.0))))
}
