//! The seal: from rows in file order to traces with trees.
//!
//! Definitions (those of the project's ground truth): a root has no parent id; an orphan names a parent
//! that is not in its trace; spans that no root or orphan reaches are cyclic; children hang under the first
//! record of a repeated id; siblings stand by start, then name, then span id, then file order. The server
//! half of a shared Zipkin id hangs under the client half. Nothing here recurses: chains of 100,000 exist.

mod siblings;

use super::column::Column;
use super::groups::Groups;
use super::order;
use super::spans::Spans;
use super::strings::{StrId, Strings};

/// "No such row."
pub const NO_ROW: u32 = u32::MAX;

/// Facts of a span that the seal derives, as bits.
pub mod mark {
    /// Root, orphan, cyclic, or the parent belongs to another service.
    pub const ENTRY: u8 = 1;
    /// No parent id.
    pub const ROOT: u8 = 2;
    /// The parent id names no span of the trace.
    pub const ORPHAN: u8 = 4;
    /// Not reachable from any root or orphan.
    pub const CYCLIC: u8 = 8;
    /// An earlier record has the same trace and span id.
    pub const DUPLICATE: u8 = 16;
}

/// What is known of a trace as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TraceFacts {
    /// Earliest known start; 0 where no span has one.
    pub start_ns: u64,
    /// Latest end minus earliest start: the whole extent, not the root's duration.
    pub duration_ns: u64,
    /// The main root's row: earliest root, else earliest orphan (ties: file order), else [`NO_ROW`].
    pub main_root: u32,
    /// Error spans.
    pub errors: u32,
    /// Distinct services.
    pub services: u32,
    /// Roots.
    pub roots: u32,
    /// Orphans.
    pub orphans: u32,
    /// Cyclic spans.
    pub cyclic: u32,
    /// Records whose id an earlier record has.
    pub duplicates: u32,
    /// Depth of the deepest span; roots and orphans are at 1.
    pub max_depth: u32,
}

/// The sealed index over the spans: traces, parents, pre-order.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// Spans that the index covers.
    pub(crate) sealed: usize,
    /// Rows in pre-order, trace after trace; the cyclic ones of a trace at its end, by start.
    pub(crate) order: Vec<u32>,
    /// Where each trace begins in `order`; one more at the end.
    pub(crate) starts: Vec<u32>,
    /// By position in `order`: depth (0 for cyclic spans).
    pub(crate) depth: Vec<u32>,
    /// By position in `order`: one past the last position of the subtree.
    pub(crate) subtree_end: Vec<u32>,
    /// By row: the parent's row.
    pub(crate) parent: Column<u32>,
    /// By row: [`mark`] bits.
    pub(crate) marks: Column<u8>,
    /// By trace.
    pub(crate) facts: Vec<TraceFacts>,
    /// By scope slot: the service.
    pub(crate) slot_service: Vec<u32>,
    /// Rows from here on may have belonged to a group that was still open at the last seal.
    redo_from: usize,
}

impl Tree {
    /// Brings the index up to date with the columns. Only traces that got spans, or spans whose group was
    /// open at the last seal, are built again. `open_from` is the first row under a group that is open now.
    pub(crate) fn seal(
        &mut self,
        spans: &Spans,
        groups: &mut Groups,
        strings: &Strings,
        traces: usize,
        open_from: usize,
    ) {
        let n = spans.len();
        let dirty_from = self.redo_from.min(self.sealed);
        self.resolve_services(groups);
        self.parent.fill_to(n, NO_ROW);
        self.marks.fill_to(n, 0);

        let mut dirty = vec![false; traces];
        for trace in spans.trace.range(dirty_from..n) {
            dirty[trace as usize] = true;
        }
        let old = std::mem::take(&mut self.order);
        let old_starts = std::mem::take(&mut self.starts);
        let old_depth = std::mem::take(&mut self.depth);
        let old_end = std::mem::take(&mut self.subtree_end);

        // Rows by trace, file order within: one counting sort.
        let mut starts = vec![0_u32; traces + 1];
        for trace in spans.trace.range(0..n) {
            starts[trace as usize + 1] += 1;
        }
        for i in 0..traces {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut order = vec![0_u32; n];
        for (row, trace) in spans.trace.range(0..n).enumerate() {
            let at = &mut next[trace as usize];
            order[*at as usize] = row as u32;
            *at += 1;
        }
        drop(next);

        self.facts.resize(traces, TraceFacts::default());
        let mut depth = vec![0_u32; n];
        let mut subtree_end = vec![0_u32; n];
        let mut work = Work::default();
        for trace in 0..traces {
            let (from, to) = (starts[trace] as usize, starts[trace + 1] as usize);
            if dirty[trace] {
                work.build(
                    &Columns { spans, strings, slot_service: &self.slot_service },
                    from,
                    &mut order[from..to],
                    &mut depth[from..to],
                    &mut subtree_end[from..to],
                    &mut self.parent,
                    &mut self.marks,
                    &mut self.facts[trace],
                );
            } else {
                let was = old_starts[trace] as usize;
                let len = to - from;
                order[from..to].copy_from_slice(&old[was..was + len]);
                depth[from..to].copy_from_slice(&old_depth[was..was + len]);
                for (new, &end) in subtree_end[from..to].iter_mut().zip(&old_end[was..was + len]) {
                    *new = end - was as u32 + from as u32;
                }
            }
        }
        self.order = order;
        self.starts = starts;
        self.depth = depth;
        self.subtree_end = subtree_end;
        self.sealed = n;
        self.redo_from = open_from.min(n);
    }

    fn resolve_services(&mut self, groups: &mut Groups) {
        let slots = groups.slot_count();
        self.slot_service.clear();
        self.slot_service.reserve_exact(slots);
        for slot in 0..slots as u32 {
            let service = if let Some(id) = groups.resource_of(slot) {
                groups.resource(id).service
            } else {
                groups.intern_service(StrId::EMPTY).0
            };
            self.slot_service.push(service);
        }
    }
}

/// What the building of one trace reads.
struct Columns<'a> {
    spans: &'a Spans,
    strings: &'a Strings,
    slot_service: &'a [u32],
}

impl Columns<'_> {
    fn service(&self, row: u32) -> u32 {
        self.slot_service[self.spans.slot.get(row as usize) as usize]
    }
}

/// From this many ids on they have heads.
const MANY: usize = 1024;

/// Buffers for building one trace, reused from trace to trace. Indices into a trace's rows are "local".
#[derive(Default)]
struct Work {
    rows: Vec<u32>,
    /// (span id, local index) of first records, sorted: finds a parent.
    by_id: Vec<(u64, u32)>,
    /// Of many, where the ids of each first bits begin there, so that a search stays near in memory; and how many bits
    /// are behind those.
    heads: Vec<u32>,
    behind: u32,
    /// The same for server halves of shared ids.
    shared: Vec<(u64, u32)>,
    parent: Vec<u32>,
    child_starts: Vec<u32>,
    children: Vec<u32>,
    tops: Vec<u32>,
    services: Vec<u32>,
    stack: Vec<(u32, u32)>,
    /// (start, local index) of a family.
    by_start: Vec<(u64, u32)>,
}

fn find(table: &[(u64, u32)], id: u64) -> Option<u32> {
    let at = table.partition_point(|&(other, _)| other < id);
    table.get(at).filter(|&&(other, _)| other == id).map(|&(_, local)| local)
}

impl Work {
    #[expect(clippy::too_many_arguments, reason = "the outputs are disjoint slices of the index's columns")]
    fn build(
        &mut self,
        c: &Columns<'_>,
        base: usize,
        order: &mut [u32],
        depth: &mut [u32],
        subtree_end: &mut [u32],
        parent: &mut Column<u32>,
        marks: &mut Column<u8>,
        facts: &mut TraceFacts,
    ) {
        let n = order.len();
        self.rows.clear();
        self.rows.extend_from_slice(order);
        *facts = TraceFacts { main_root: NO_ROW, ..TraceFacts::default() };
        self.services.clear();

        self.index_ids(c);
        facts.duplicates = (n - self.by_id.len() - self.shared_halves()) as u32;
        self.find_parents(c, marks, facts);

        let (mut start, mut end) = (u64::MAX, 0);
        for &row in &self.rows {
            let s = c.spans.start.get(row as usize);
            if s > 0 {
                start = start.min(s);
            }
            end = end.max(c.spans.end.get(row as usize));
            facts.errors += u32::from(c.spans.is_error(row));
            let service = c.service(row);
            if self.services.last() != Some(&service) {
                self.services.push(service);
            }
        }
        self.services.sort_unstable();
        self.services.dedup();
        facts.services = self.services.len() as u32;
        if start != u64::MAX {
            facts.start_ns = start;
            facts.duration_ns = end.saturating_sub(start);
        }

        self.sort_children(c);
        self.walk(base, order, depth, subtree_end, facts);
        self.place_cyclic(c, base, order, depth, subtree_end, marks, facts);

        for (local, &row) in self.rows.iter().enumerate() {
            let p = self.parent[local];
            let parent_row = if p == NO_ROW { NO_ROW } else { self.rows[p as usize] };
            parent.set(row as usize, parent_row);
            if parent_row == NO_ROW || c.service(parent_row) != c.service(row) {
                marks.set(row as usize, marks.get(row as usize) | mark::ENTRY);
            }
        }
    }

    /// First records by id; with shared Zipkin ids the first server half stands in a table of its own.
    fn index_ids(&mut self, c: &Columns<'_>) {
        self.by_id.clear();
        self.shared.clear();
        for (local, &row) in self.rows.iter().enumerate() {
            let table = if c.spans.is_shared(row) { &mut self.shared } else { &mut self.by_id };
            table.push((c.spans.id.get(row as usize), local as u32));
        }
        // Of several server halves with one id the first is the half, the others are ordinary records.
        self.shared.sort_unstable();
        let mut last = None;
        self.shared.retain(|&(id, local)| {
            let first = last.replace(id) != Some(id);
            if !first {
                self.by_id.push((id, local));
            }
            first
        });
        // Ids are mostly random, so a sort of pairs beats a hash table for the few spans of a usual trace.
        self.by_id.sort_unstable();
        self.by_id.dedup_by_key(|entry| entry.0);
        if !self.shared.is_empty() {
            let lone: Vec<_> =
                self.shared.iter().filter(|e| find(&self.by_id, e.0).is_none()).copied().collect();
            self.by_id.extend(lone);
            self.by_id.sort_unstable();
        }
        self.heads.clear();
        if self.by_id.len() >= MANY {
            let bits = self.by_id.len().ilog2();
            self.behind = u64::BITS - bits;
            self.heads.resize((1 << bits) + 1, 0);
            for (id, _) in &self.by_id {
                self.heads[(id >> self.behind) as usize + 1] += 1;
            }
            for at in 1..self.heads.len() {
                self.heads[at] += self.heads[at - 1];
            }
        }
    }

    /// The first record with an id.
    fn first(&self, id: u64) -> Option<u32> {
        if self.heads.is_empty() {
            return find(&self.by_id, id);
        }
        let head = (id >> self.behind) as usize;
        find(&self.by_id[self.heads[head] as usize..self.heads[head + 1] as usize], id)
    }

    /// Server halves that have their client half beside them.
    fn shared_halves(&self) -> usize {
        self.shared.iter().filter(|e| find(&self.by_id, e.0) != Some(e.1)).count()
    }

    fn find_parents(&mut self, c: &Columns<'_>, marks: &mut Column<u8>, facts: &mut TraceFacts) {
        let n = self.rows.len();
        self.parent.clear();
        self.parent.resize(n, NO_ROW);
        self.tops.clear();
        for local in 0..n as u32 {
            let row = self.rows[local as usize];
            let id = c.spans.id.get(row as usize);
            let parent_id = c.spans.parent_id.get(row as usize);
            let mut bits = 0;
            let client_half = self.first(id).filter(|&first| first != local);
            if client_half.is_some() && find(&self.shared, id) == Some(local) {
                self.parent[local as usize] = client_half.unwrap_or(NO_ROW);
            } else {
                if client_half.is_some() {
                    bits |= mark::DUPLICATE;
                }
                if parent_id == 0 {
                    bits |= mark::ROOT;
                    facts.roots += 1;
                } else {
                    let mut p = self.first(parent_id);
                    if let (Some(first), Some(server)) = (p, find(&self.shared, parent_id))
                        && c.service(self.rows[first as usize]) != c.service(row)
                    {
                        p = Some(server);
                    }
                    if let Some(p) = p {
                        self.parent[local as usize] = p;
                    } else {
                        bits |= mark::ORPHAN;
                        facts.orphans += 1;
                    }
                }
            }
            if self.parent[local as usize] == NO_ROW {
                self.tops.push(local);
            }
            marks.set(row as usize, bits);
        }
        let earliest = |want: u8| {
            let tops = self.tops.iter().map(|&t| self.rows[t as usize]);
            tops.filter(|&row| marks.get(row as usize) & want != 0)
                .min_by_key(|&row| (c.spans.start.get(row as usize), row))
        };
        facts.main_root = earliest(mark::ROOT).or_else(|| earliest(mark::ORPHAN)).unwrap_or(NO_ROW);
    }

    /// Children of every span, in siblings' order, as one array with offsets.
    fn sort_children(&mut self, c: &Columns<'_>) {
        let n = self.rows.len();
        self.child_starts.clear();
        self.child_starts.resize(n + 2, 0);
        for &p in &self.parent {
            if p != NO_ROW {
                self.child_starts[p as usize + 2] += 1;
            }
        }
        for i in 2..n + 2 {
            self.child_starts[i] += self.child_starts[i - 1];
        }
        self.children.clear();
        self.children.resize(n - self.tops.len(), 0);
        for (local, &p) in self.parent.iter().enumerate() {
            if p != NO_ROW {
                let at = &mut self.child_starts[p as usize + 1];
                self.children[*at as usize] = local as u32;
                *at += 1;
            }
        }
        let Self { rows, by_start, tops, children, .. } = self;
        siblings::arrange(c, rows, by_start, tops);
        for i in 0..n {
            let (from, to) = (self.child_starts[i] as usize, self.child_starts[i + 1] as usize);
            if to - from > 1 {
                siblings::arrange(c, rows, by_start, &mut children[from..to]);
            }
        }
    }

    /// Pre-order without recursion: the stack holds (position, next child) of the open spans.
    fn walk(
        &mut self,
        base: usize,
        order: &mut [u32],
        depth: &mut [u32],
        subtree_end: &mut [u32],
        facts: &mut TraceFacts,
    ) {
        let mut at = 0_usize;
        for i in 0..self.tops.len() {
            let mut local = self.tops[i];
            loop {
                order[at] = local;
                depth[at] = self.stack.len() as u32 + 1;
                facts.max_depth = facts.max_depth.max(depth[at]);
                self.stack.push((at as u32, self.child_starts[local as usize]));
                at += 1;
                // Climb until an open span has another child.
                let mut child = None;
                while let Some((open, next)) = self.stack.last_mut() {
                    let open_local = order[*open as usize] as usize;
                    if *next < self.child_starts[open_local + 1] {
                        child = Some(self.children[*next as usize]);
                        *next += 1;
                        break;
                    }
                    subtree_end[*open as usize] = (base + at) as u32;
                    self.stack.pop();
                }
                match child {
                    Some(next) => local = next,
                    None => break,
                }
            }
        }
        facts.cyclic = (self.rows.len() - at) as u32;
        for place in &mut order[..at] {
            *place = self.rows[*place as usize];
        }
    }

    /// Spans that no tree reached follow by start.
    #[expect(clippy::too_many_arguments, reason = "the outputs are disjoint slices of the index's columns")]
    fn place_cyclic(
        &mut self,
        c: &Columns<'_>,
        base: usize,
        order: &mut [u32],
        depth: &mut [u32],
        subtree_end: &mut [u32],
        marks: &mut Column<u8>,
        facts: &TraceFacts,
    ) {
        if facts.cyclic == 0 {
            return;
        }
        let placed = order.len() - facts.cyclic as usize;
        let reached: std::collections::HashSet<u32> = order[..placed].iter().copied().collect();
        let mut rest: Vec<u32> = self.rows.iter().copied().filter(|row| !reached.contains(row)).collect();
        order::rows(&mut rest, &|a, b| c.compare(a, b));
        for (i, row) in rest.into_iter().enumerate() {
            let at = placed + i;
            order[at] = row;
            depth[at] = 0;
            subtree_end[at] = (base + at + 1) as u32;
            marks.set(row as usize, marks.get(row as usize) | mark::CYCLIC | mark::ENTRY);
        }
    }
}
