//! Trace ids, each once.

use super::column::Column;
use super::hash::hash_bytes;
use super::parcel::{Packer, Unpacker};
use super::table::Table;
use crate::model::TraceId;

/// The distinct trace ids, in the order first met.
#[derive(Debug, Default)]
pub struct Traces {
    ids: Column<TraceId>,
    table: Table,
}

impl Traces {
    /// How many traces there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The id of a trace.
    pub fn id(&self, trace: u32) -> TraceId {
        self.ids.get(trace as usize)
    }

    /// The trace of an id.
    pub fn find(&self, id: TraceId) -> Option<u32> {
        self.table.find(hash_bytes(&id.0), |t| self.ids.get(t as usize) == id)
    }

    pub(crate) fn pack(&self, to: &mut Packer) {
        to.column(&self.ids);
    }

    /// Takes in what another store packed: the number of each of its traces.
    pub(crate) fn absorb(&mut self, from: &mut Unpacker<'_>) -> Option<Vec<u32>> {
        Some(from.values::<TraceId>()?.iter().map(|id| self.intern(id)).collect())
    }

    pub(crate) fn intern(&mut self, id: TraceId) -> u32 {
        let Self { ids, table } = self;
        let hash = hash_bytes(&id.0);
        if let Some(trace) = table.find(hash, |t| ids.get(t as usize) == id) {
            return trace;
        }
        let trace = ids.len() as u32;
        ids.push(id);
        table.insert(hash, trace);
        trace
    }
}
