//! The side of the store that ingest fills.

use super::attributes::Attributes;
use super::draft::{AttrList, SpanDraft};
use super::groups::{Resource, ResourceSlot, Scope, ScopeSlot};
use super::logs::LogDraft;
use super::{Store, StrId, Strings};

/// Appends to a store; [`seal`](Builder::seal) makes what was appended visible to readers.
#[derive(Debug, Default)]
pub struct Builder {
    store: Store,
    /// First span row under each group that is open now.
    open_groups: Vec<(u32, usize)>,
    last_trace: Option<([u8; 16], u32)>,
}

impl Builder {
    /// The text table, for names, messages and trace states.
    pub fn strings(&mut self) -> &mut Strings {
        &mut self.store.strings
    }

    /// The handle of a text.
    #[inline]
    pub fn intern(&mut self, text: &[u8]) -> StrId {
        self.store.strings.intern(text)
    }

    /// The attribute dictionary.
    pub fn attributes(&mut self) -> &mut Attributes {
        &mut self.store.attributes
    }

    /// Opens a resource: spans under it can be committed before its fields are known.
    pub fn open_resource(&mut self) -> ResourceSlot {
        let slot = self.store.groups.open_resource();
        self.open_groups.push((slot.number(), self.store.spans.len()));
        slot
    }

    /// Says of which service an open resource will be, as far as its attributes have come: what is asked before it is
    /// closed goes by that.
    pub fn foretell(&mut self, slot: ResourceSlot, attributes: &AttrList) {
        let Store { groups, attributes: dictionary, strings, .. } = &mut self.store;
        groups.foretell(slot, attributes.ids(), dictionary, strings);
    }

    /// Opens a scope under a resource.
    pub fn open_scope(&mut self, resource: ResourceSlot) -> ScopeSlot {
        self.store.groups.open_scope(resource)
    }

    /// Fills a resource; to be called once for each opened one, also when the input ends too early.
    pub fn close_resource(
        &mut self,
        slot: ResourceSlot,
        attributes: &AttrList,
        dropped: u32,
        schema_url: StrId,
    ) {
        let resource = Resource { attributes: attributes.ids().to_vec(), dropped, schema_url, service: 0 };
        let Store { groups, attributes, strings, .. } = &mut self.store;
        groups.close_resource(slot, resource, attributes, strings);
        self.open_groups.retain(|&(open, _)| open != slot.number());
    }

    /// Fills a scope; to be called once for each opened one.
    pub fn close_scope(&mut self, slot: ScopeSlot, scope: Scope) {
        self.store.groups.close_scope(slot, scope);
    }

    /// Appends a span under a scope and says in which trace it stands.
    #[inline]
    pub fn commit(&mut self, slot: ScopeSlot, draft: &SpanDraft) -> u32 {
        let id = draft.trace_id.0;
        let trace = match self.last_trace {
            Some((last, trace)) if last == id => trace,
            _ => self.store.traces.intern(draft.trace_id),
        };
        self.last_trace = Some((id, trace));
        self.store.spans.push(trace, slot, draft);
        trace
    }

    /// Appends a log record under a scope.
    pub fn commit_log(&mut self, slot: ScopeSlot, draft: &LogDraft) {
        self.store.logs.push(slot, draft);
    }

    /// How often text came that was not UTF-8 and got U+FFFD.
    pub fn repaired_text(&self) -> u64 {
        self.store.strings.repaired() + self.store.attributes.repaired()
    }

    /// Goes on counting generations from another store's, which this one replaces.
    pub fn follow(&mut self, replaced: &Store) {
        self.store.generation = self.store.generation.max(replaced.generation);
    }

    /// Bytes that all that was appended holds, with its index once it is sealed: what a sample of a file tells
    /// about the whole.
    pub fn held_bytes(&self) -> u64 {
        // Parent, marks, order, depth and end of the subtree; id, table entry and facts of a trace.
        const INDEX_OF_SPAN: usize = 17;
        const INDEX_OF_TRACE: usize = 80;
        let store = &self.store;
        let index = store.spans.len() * INDEX_OF_SPAN + store.traces.len() * INDEX_OF_TRACE;
        (store.strings.held() + store.attributes.held() + store.spans.held() + store.logs.held() + index)
            as u64
    }

    /// Spans appended so far, sealed or not.
    pub fn span_count(&self) -> usize {
        self.store.spans.len()
    }

    /// Makes all that was appended visible: traces, parents, pre-order, entry flags.
    pub fn seal(&mut self) -> &Store {
        let open_from = self.open_groups.iter().map(|&(_, row)| row).min().unwrap_or(usize::MAX);
        self.store.seal(open_from);
        &self.store
    }

    pub(super) fn store_mut(&mut self) -> &mut Store {
        &mut self.store
    }

    /// The store as of the last seal.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Hands the store over, as of the last seal.
    pub fn into_store(self) -> Store {
        self.store
    }
}
