//! The visible rows of the span tree: folded parts left out, siblings of one operation in one row, orphans below
//! a row for the parent that is missing.
//!
//! Siblings need not be neighbors to share a row: calls that alternate repeat as well. The row stands where the
//! first of them is; opened, it has all of them below it, one level deeper.

use super::ranks::key;
use super::views::Fold;
use crate::store::order;
use crate::store::{RowSet, Store, Trace, mark};

/// Marks a row of several in [`Rows::list`].
const SEVERAL: u32 = 1 << 31;
/// Marks a missing parent by the first place below it; no trace has so many spans.
pub(super) const MISSING: u32 = 1 << 30;
/// "No group" on the stack.
const ALONE: u32 = u32::MAX;

/// Only these places, and without those.
pub(super) type Kept<'a> = (Option<&'a RowSet>, Option<&'a RowSet>);

/// Visible rows of one fold.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// A place, or [`SEVERAL`] and the first place of the siblings, with [`MISSING`] where their parent is.
    list: Vec<u32>,
    /// Levels that opened rows of several and missing parents add.
    deeper: Vec<u8>,
    /// By first place, with [`MISSING`] for missing parents: where its members stand in `members`.
    several: Vec<(u32, u32, u32)>,
    members: Vec<u32>,
}

/// One visible row.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// Place of the span, or of the first it stands for, with [`MISSING`] for a missing parent.
    pub(super) place: u32,
    pub(super) deeper: u32,
    /// Places of the siblings that it stands for, or of the orphans below it; empty for a span.
    pub(super) members: &'a [u32],
}

impl Rows {
    pub(super) fn new(store: &Store, trace: Trace<'_>, fold: &Fold, kept: Kept<'_>) -> Self {
        let mut rows = Self::default();
        let depths = trace.depths();
        let mut stack: Vec<(u32, u32, u8)> = Vec::new();
        let mut family: Vec<u32> = Vec::new();
        // By the parent that is missing, and place.
        let mut orphans: Vec<(u64, u32)> = Vec::new();
        let mut top = 0;
        while top < trace.len() {
            let row = trace.rows()[top];
            if store.marks(row) & mark::ORPHAN == 0 {
                family.push(top as u32);
            } else if stands(kept, top as u32) {
                orphans.push((store.spans().parent_id.get(row as usize), top as u32));
            }
            top = trace.subtree_end(top);
        }
        rows.push_family(store, trace, fold, kept, &mut family, &mut stack, 0);
        orphans.sort_unstable();
        for run in orphans.chunk_by(|a, b| a.0 == b.0) {
            stack.push((run[0].1, rows.several.len() as u32, 0));
            rows.push_several(run[0].1 | MISSING, run.iter().map(|o| o.1));
        }
        order::sort_by(&mut stack, |a, b| b.cmp(a));
        while let Some((place, group, deeper)) = stack.pop() {
            rows.deeper.push(deeper);
            if group != ALONE {
                let (key, from, to) = rows.several[group as usize];
                rows.list.push(key | SEVERAL);
                let members = &rows.members[from as usize..to as usize];
                match (key & MISSING != 0, fold.is_open(key)) {
                    (true, true) => {
                        family.extend(members);
                        rows.push_family(store, trace, fold, kept, &mut family, &mut stack, deeper + 1);
                    }
                    (false, true) => {
                        let members = members.iter().rev();
                        stack.extend(members.map(|&m| (m, ALONE, deeper.saturating_add(1))));
                    }
                    _ => {}
                }
                continue;
            }
            rows.list.push(place);
            let at = place as usize;
            if fold.is_folded(place, level(depths[at], u32::from(deeper))) {
                continue;
            }
            let stop = trace.subtree_end(at);
            let mut child = at + 1;
            while child < stop {
                family.push(child as u32);
                child = trace.subtree_end(child);
            }
            rows.push_family(store, trace, fold, kept, &mut family, &mut stack, deeper);
        }
        order::sort(&mut rows.several);
        rows
    }

    /// Puts the rows of a family, which is emptied, on the stack.
    #[expect(clippy::too_many_arguments, reason = "the state of one walk")]
    fn push_family(
        &mut self,
        store: &Store,
        trace: Trace<'_>,
        fold: &Fold,
        kept: Kept<'_>,
        family: &mut Vec<u32>,
        stack: &mut Vec<(u32, u32, u8)>,
        deeper: u8,
    ) {
        if kept.0.is_some() || kept.1.is_some() {
            family.retain(|&place| stands(kept, place));
        }
        if fold.repeats == 0 || family.len() < fold.repeats as usize {
            stack.extend(family.drain(..).rev().map(|place| (place, ALONE, deeper)));
            return;
        }
        // Families of a million exist: both sorts are of plain numbers.
        let of = |place: u32| key(store, trace.rows()[place as usize]);
        let mut operations: Vec<(u64, u32)> = family.drain(..).map(|place| (of(place), place)).collect();
        operations.sort_unstable();
        let mut rows: Vec<(u64, u32)> = Vec::new();
        for run in operations.chunk_by(|a, b| a.0 == b.0) {
            if run.len() < fold.repeats as usize {
                rows.extend(run.iter().map(|&(_, place)| (u64::from(place), ALONE)));
                continue;
            }
            rows.push((u64::from(run[0].1), self.several.len() as u32));
            self.push_several(run[0].1, run.iter().map(|o| o.1));
        }
        rows.sort_unstable();
        stack.extend(rows.into_iter().rev().map(|(place, group)| (place as u32, group, deeper)));
    }

    fn push_several(&mut self, key: u32, places: impl Iterator<Item = u32>) {
        let first = self.members.len() as u32;
        self.members.extend(places);
        self.several.push((key, first, self.members.len() as u32));
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// One of them.
    pub(super) fn get(&self, index: usize) -> Option<Row<'_>> {
        let (&row, &deeper) = (self.list.get(index)?, self.deeper.get(index)?);
        let place = row & !SEVERAL;
        let members = if row & SEVERAL == 0 { &[][..] } else { self.members_of(place) };
        Some(Row { place, deeper: u32::from(deeper), members })
    }

    fn members_of(&self, key: u32) -> &[u32] {
        let at = self.several.binary_search_by_key(&key, |s| s.0);
        at.map_or(&[], |at| &self.members[self.several[at].1 as usize..self.several[at].2 as usize])
    }

    /// The last row, from the top, in which the span at a place is or is folded away.
    pub(super) fn of(&self, trace: Trace<'_>, place: u32) -> Option<usize> {
        let holds = |above: u32| above <= place && (place as usize) < trace.subtree_end(above as usize);
        let mut best = None;
        for (index, &row) in self.list.iter().enumerate() {
            if row & SEVERAL == 0 {
                if row == place {
                    return Some(index);
                }
                if holds(row) {
                    best = Some(index);
                }
                continue;
            }
            let members = self.members_of(row & !SEVERAL);
            // An opened row comes before its members, which then are found as the later rows.
            let near = members.partition_point(|&m| m <= place).checked_sub(1);
            if near.is_some_and(|at| holds(members[at])) {
                best = Some(index);
            }
        }
        best
    }
}

/// The level that a span stands at: its depth, and what opened rows of several and missing parents add; none for
/// the spans of a cycle.
pub(super) fn level(depth: u32, deeper: u32) -> u32 {
    if depth == 0 { 0 } else { depth + deeper }
}

/// Whether a place is among those kept.
fn stands((only, without): Kept<'_>, place: u32) -> bool {
    only.is_none_or(|only| only.contains(place)) && without.is_none_or(|without| !without.contains(place))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::testing::store;

    /// A root with calls x y x y x below it, the first of which has a child; then another z.
    const CALLS: &str = "1 1 0 a server r 0 100
             1 2 1 a client x 10 20
             1 8 2 b server w 12 14
             1 3 1 a client y 20 30
             1 4 1 a client x 30 40
             1 5 1 a client y 40 50
             1 6 1 a client x 50 60
             1 7 1 a client z 60 70";
    /// Two parents are missing: 50 of three calls, the second of which has a child, and 60 of one.
    const ORPHANS: &str = "1 1 0 a server r 10 100
             1 2 50 a client x 0 20
             1 3 60 a client y 5 25
             1 4 50 a client x 30 40
             1 5 4 b server w 32 34
             1 6 50 a client x 50 60";

    fn check(fold: &Fold, only: Option<&RowSet>, want: &str) {
        check_of(CALLS, fold, only, want);
    }

    fn check_of(lines: &str, fold: &Fold, only: Option<&RowSet>, want: &str) {
        let store = store(lines);
        let trace = store.trace(0);
        let rows = Rows::new(&store, trace, fold, (only, None));
        let texts: Vec<String> = (0..rows.len())
            .filter_map(|i| rows.get(i))
            .map(|row| {
                let deeper = "-".repeat(row.deeper as usize);
                match (row.members.len(), row.place & MISSING) {
                    (0, _) => format!("{deeper}{}", row.place),
                    (n, 0) => format!("{deeper}{}x{n}", row.place),
                    (n, _) => format!("?{}x{n}", row.place & !MISSING),
                }
            })
            .collect();
        assert_eq!(texts.join(" "), want);
        if only.is_none() {
            for place in 0..trace.len() as u32 {
                assert!(rows.of(trace, place).is_some(), "{place}");
            }
        }
    }

    #[test]
    fn siblings_of_one_operation_share_a_row() {
        check(&Fold::default(), None, "0 1 2 3 4 5 6 7");
        check(&Fold { repeats: 3, ..Fold::default() }, None, "0 1x3 3 5 7");
        check(&Fold { repeats: 2, ..Fold::default() }, None, "0 1x3 3x2 7");
        check(&Fold { repeats: 2, opened: vec![1], ..Fold::default() }, None, "0 1x3 -1 -2 -4 -6 3x2 7");
        check(&Fold { repeats: 2, toggled: vec![0], ..Fold::default() }, None, "0");
        check(&Fold { toggled: vec![1], ..Fold::default() }, None, "0 1 3 4 5 6 7");
        let only = [0, 1, 2].into_iter().collect();
        check(&Fold::default(), Some(&only), "0 1 2");
    }

    #[test]
    fn orphans_hang_below_their_missing_parents() {
        let check = |fold: &Fold, only: Option<&RowSet>, want: &str| check_of(ORPHANS, fold, only, want);
        let repeats = 3;
        check(&Fold::default(), None, "?0x3 -0 -3 -4 -5 ?1x1 -1 2");
        check(&Fold { repeats, ..Fold::default() }, None, "?0x3 -0x3 ?1x1 -1 2");
        let opened = vec![0];
        check(&Fold { repeats, opened, ..Fold::default() }, None, "?0x3 -0x3 --0 --3 --4 --5 ?1x1 -1 2");
        check(&Fold { repeats, opened: vec![MISSING], ..Fold::default() }, None, "?0x3 ?1x1 -1 2");
        let (missing, depth) = (true, Some(2));
        check(&Fold { depth, ..Fold::default() }, None, "?0x3 -0 -3 -5 ?1x1 -1 2");
        check(&Fold { depth, missing, ..Fold::default() }, None, "?0x3 ?1x1 2");
        let opened = vec![MISSING];
        check(&Fold { depth, opened, missing, ..Fold::default() }, None, "?0x3 -0 -3 -5 ?1x1 2");
        check(&Fold { toggled: vec![3], ..Fold::default() }, None, "?0x3 -0 -3 -5 ?1x1 -1 2");
        let only = [2, 3].into_iter().collect();
        check(&Fold::default(), Some(&only), "2 ?3x1 -3");
    }
}
