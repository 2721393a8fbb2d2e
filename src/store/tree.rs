//! The seal: from rows in file order to traces with trees.
//!
//! Definitions (those of the project's ground truth): a root has no parent id; an orphan names a parent
//! that is not in its trace; spans that no root or orphan reaches are cyclic; children hang under the first
//! record of a repeated id; siblings stand by start, then name, then span id, then file order. The server
//! half of a shared Zipkin id hangs under the client half. Nothing here recurses: chains of 100,000 exist.

mod ids;
mod siblings;

use super::column::Column;
use super::groups::Groups;
use super::order;
use super::spans::Spans;
use super::strings::Strings;
use ids::Ids;

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
            let service = groups.service_of(slot).0;
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

/// What building reads of a span more than once.
struct Span {
    parent_id: u64,
    start: u64,
    service: u32,
    marks: u8,
}

/// Buffers for building one trace, reused from trace to trace. Indices into a trace's rows are "local".
#[derive(Default)]
struct Work {
    rows: Vec<u32>,
    spans: Vec<Span>,
    ids: Ids,
    parent: Vec<u32>,
    child_starts: Vec<u32>,
    children: Vec<u32>,
    tops: Vec<u32>,
    services: Vec<u32>,
    stack: Vec<(u32, u32)>,
    /// (start, local index) of a family.
    by_start: Vec<(u64, u32)>,
}

impl Work {
    /// Builds one trace. A function of its own: most data is many traces, and what is called often is compiled well.
    #[expect(clippy::too_many_arguments, reason = "the outputs are disjoint slices of the index's columns")]
    #[inline(never)]
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
        self.rows.clear();
        self.rows.extend_from_slice(order);
        *facts = TraceFacts { main_root: NO_ROW, ..TraceFacts::default() };
        let is_any_shared = self.gather(c, facts);
        let Self { ids, rows, .. } = self;
        ids.index(is_any_shared, |local| c.spans.is_shared(rows[local]));
        self.find_parents(facts);
        self.sort_children(c);
        self.walk(base, order, depth, subtree_end, facts);
        self.place_cyclic(c, base, order, depth, subtree_end, facts);

        for (local, &row) in self.rows.iter().enumerate() {
            let (p, span) = (self.parent[local], &self.spans[local]);
            let above = self.spans.get(p as usize);
            parent.set(row as usize, if above.is_some() { self.rows[p as usize] } else { NO_ROW });
            let is_entry = above.is_none_or(|above| above.service != span.service);
            marks.set(row as usize, span.marks | if is_entry { mark::ENTRY } else { 0 });
        }
    }

    /// Reads the trace's spans once, with what can be said of all of them; whether one shares its id, as Zipkin's may.
    fn gather(&mut self, c: &Columns<'_>, facts: &mut TraceFacts) -> bool {
        self.spans.clear();
        self.spans.reserve_exact(self.rows.len());
        self.ids.begin(self.rows.len());
        self.services.clear();
        let (mut earliest, mut latest) = (u64::MAX, 0);
        let mut is_any_shared = false;
        for &row in &self.rows {
            let at = row as usize;
            let (start, service) = (c.spans.start.get(at), c.service(row));
            let parent_id = c.spans.parent_id.get(at);
            self.ids.push(c.spans.id.get(at));
            self.spans.push(Span { parent_id, start, service, marks: 0 });
            if start > 0 {
                earliest = earliest.min(start);
            }
            latest = latest.max(c.spans.end.get(at));
            facts.errors += u32::from(c.spans.is_error(row));
            is_any_shared |= c.spans.is_shared(row);
            if self.services.last() != Some(&service) {
                self.services.push(service);
            }
        }
        self.services.sort_unstable();
        self.services.dedup();
        facts.services = self.services.len() as u32;
        if earliest != u64::MAX {
            facts.start_ns = earliest;
            facts.duration_ns = latest.saturating_sub(earliest);
        }
        is_any_shared
    }

    fn find_parents(&mut self, facts: &mut TraceFacts) {
        let n = self.rows.len();
        self.parent.clear();
        self.parent.resize(n, NO_ROW);
        self.tops.clear();
        for local in 0..n as u32 {
            let id = self.ids.get(local);
            let Span { parent_id, service, .. } = self.spans[local as usize];
            let mut bits = 0;
            let client_half = self.ids.first(id).filter(|&first| first != local);
            if client_half.is_some() && self.ids.server_half(id) == Some(local) {
                self.parent[local as usize] = client_half.unwrap_or(NO_ROW);
            } else {
                if client_half.is_some() {
                    bits |= mark::DUPLICATE;
                    facts.duplicates += 1;
                }
                if parent_id == 0 {
                    bits |= mark::ROOT;
                    facts.roots += 1;
                } else {
                    let mut p = self.ids.first(parent_id);
                    if let (Some(first), Some(server)) = (p, self.ids.server_half(parent_id))
                        && self.spans[first as usize].service != service
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
            self.spans[local as usize].marks = bits;
        }
        let earliest = |want: u8| {
            let tops = self.tops.iter().filter(|&&top| self.spans[top as usize].marks & want != 0);
            tops.map(|&top| (self.spans[top as usize].start, self.rows[top as usize])).min()
        };
        let main = earliest(mark::ROOT).or_else(|| earliest(mark::ORPHAN));
        facts.main_root = main.map_or(NO_ROW, |(_, row)| row);
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
        let Self { rows, spans, by_start, tops, children, .. } = self;
        siblings::arrange(c, rows, spans, by_start, tops);
        for i in 0..n {
            let (from, to) = (self.child_starts[i] as usize, self.child_starts[i + 1] as usize);
            siblings::arrange(c, rows, spans, by_start, &mut children[from..to]);
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
    fn place_cyclic(
        &mut self,
        c: &Columns<'_>,
        base: usize,
        order: &mut [u32],
        depth: &mut [u32],
        subtree_end: &mut [u32],
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
            // Rows stand in file order, so they are sorted.
            if let Ok(local) = self.rows.binary_search(&row) {
                self.spans[local].marks |= mark::CYCLIC | mark::ENTRY;
            }
        }
    }
}
