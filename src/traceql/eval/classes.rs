//! Numbers for the distinct values of an expression: what grouping and series labels count by.

use hashbrown::HashMap;

use super::Scan;
use super::bitmap::Bitmap;
use super::program::Program;
use super::source::{Source, name_id};
use crate::store::Store;
use crate::traceql::Error;
use crate::traceql::ast::{Intrinsic, Static};
use crate::traceql::op::V;

/// The distinct values met, numbered in the order met; 0 is always "no value".
#[derive(Debug)]
pub(crate) struct Classes {
    numbers: HashMap<Box<[u8]>, u32, foldhash::fast::FixedState>,
    values: Vec<Static>,
    scratch: Vec<u8>,
}

impl Default for Classes {
    fn default() -> Self {
        Self { numbers: HashMap::default(), values: vec![Static::Nil], scratch: Vec::new() }
    }
}

impl Classes {
    pub(crate) fn value(&self, class: u32) -> &Static {
        self.values.get(class as usize).unwrap_or(&Static::Nil)
    }

    /// The values by number.
    pub(crate) fn into_values(self) -> Vec<Static> {
        self.values
    }

    /// The number of a value.
    pub(crate) fn number(&mut self, value: V<'_>) -> u32 {
        let key = &mut self.scratch;
        key.clear();
        let mut put = |tag: u8, bytes: &[u8]| {
            key.push(tag);
            key.extend_from_slice(bytes);
        };
        match value {
            V::Missing | V::Nowhere | V::Array(_) => return 0,
            V::Int(n) => put(1, &n.to_le_bytes()),
            V::Float(f) => put(2, &f.to_bits().to_le_bytes()),
            V::Duration(n) => put(3, &n.to_le_bytes()),
            V::Str(s) => put(4, s.as_bytes()),
            V::Bool(b) => put(5, &[u8::from(b)]),
            V::Status(n) => put(6, &[n]),
            V::Kind(n) => put(7, &[n]),
        }
        if let Some(number) = self.numbers.get(self.scratch.as_slice()) {
            return *number;
        }
        let number = self.values.len() as u32;
        self.values.push(value.to_static());
        self.numbers.insert(self.scratch.as_slice().into(), number);
        number
    }

    /// Visits every row of `rows` with the number of its value. Rows that share a dictionary entry share
    /// one computation.
    pub(crate) fn visit(
        &mut self,
        scan: &mut Scan<'_, '_>,
        program: &Program,
        rows: &Bitmap,
        mut visit: impl FnMut(u32, u32),
    ) -> Result<(), Error> {
        let store = scan.store;
        let mut memo = Memo::new(store, program);
        rows.visit(scan.checkpoint, |row| {
            let class = match memo.slot(store, row) {
                Some(slot) if *slot != u32::MAX => *slot,
                Some(slot) => {
                    let class = program.take(store, row, |v| self.number(v))?;
                    *slot = class;
                    class
                }
                None => program.take(store, row, |v| self.number(v))?,
            };
            visit(row, class);
            Ok(())
        })
    }
}

/// Class by what the value depends on, where that is one dictionary handle.
struct Memo {
    by: By,
    slots: Vec<u32>,
}

enum By {
    Resource,
    Scope,
    Name,
    Trace,
    Status,
    Kind,
    Pair(crate::store::KeyId),
    Nothing,
}

impl Memo {
    fn new(store: &Store, program: &Program) -> Self {
        let (by, len) = match program.sources.as_slice() {
            [Source::Resource(_)] => (By::Resource, store.groups().resources().len()),
            [Source::Scope(_) | Source::Intrinsic(Intrinsic::ScopeName | Intrinsic::ScopeVersion)] => {
                (By::Scope, store.groups().scopes().len())
            }
            [Source::Intrinsic(Intrinsic::Name)] => (By::Name, store.strings().len()),
            [Source::Intrinsic(Intrinsic::Status)] => (By::Status, 3),
            [Source::Intrinsic(Intrinsic::Kind)] => (By::Kind, 6),
            [
                Source::ShortTraceId
                | Source::Root(_)
                | Source::Intrinsic(
                    Intrinsic::RootName
                    | Intrinsic::RootService
                    | Intrinsic::RootKind
                    | Intrinsic::RootStatus
                    | Intrinsic::DatabaseCalls
                    | Intrinsic::TraceDuration
                    | Intrinsic::TraceId,
                ),
            ] => (By::Trace, store.trace_count()),
            [Source::Span(key)] => (By::Pair(*key), store.attributes().len() + 1),
            _ => (By::Nothing, 0),
        };
        Self { by, slots: vec![u32::MAX; len] }
    }

    fn slot(&mut self, store: &Store, row: u32) -> Option<&mut u32> {
        let spans = store.spans();
        let place = match self.by {
            By::Resource => store.resource_id(row)?.0 as usize,
            By::Scope => store.scope_id(row)?.0 as usize,
            By::Name => name_id(store, row).0 as usize,
            By::Trace => spans.trace.get(row as usize) as usize,
            By::Status => spans.status(row) as usize,
            By::Kind => spans.kind(row) as usize,
            By::Pair(key) => spans
                .attributes(row)
                .find(|a| store.attributes().key(*a) == key)
                .map_or(self.slots.len() - 1, |a| a.0 as usize),
            By::Nothing => return None,
        };
        self.slots.get_mut(place)
    }
}
