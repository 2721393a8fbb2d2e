//! Structural operators: one pass over parents, or over each trace's pre-order (traceql.md §7.1).
//!
//! Orphans match no positive condition as the right side, since Tempo has no numbers for them; spans below
//! an orphan relate to each other and to it normally (traceql.md §11).

use super::Scan;
use super::bitmap::Bitmap;
use crate::store::{NO_ROW, Store, mark};
use crate::traceql::Error;
use crate::traceql::ast::{Mode, Relation};

/// The spans that `left op right` returns; `any_right` says that the right side is `{ }`.
pub(super) fn relate(
    scan: &mut Scan<'_, '_>,
    relation: Relation,
    mode: Mode,
    left: &Bitmap,
    right: &Bitmap,
    any_right: bool,
) -> Result<Bitmap, Error> {
    let store = scan.store;
    let mut related = related(scan, relation, left, right)?;
    let loose = |row: u32| store.marks(row) & (mark::ORPHAN | mark::CYCLIC) != 0;
    related.keep(scan.checkpoint, |row| Ok(!loose(row)))?;
    match mode {
        Mode::Plain => Ok(related),
        Mode::Negated => {
            let mut rest = right.clone();
            rest.minus(&related);
            if any_right {
                // Tempo's storage leaves orphans out where the right side has no condition.
                rest.keep(scan.checkpoint, |row| Ok(!loose(row)))?;
            }
            Ok(rest)
        }
        Mode::Union => {
            let inverse = match relation {
                Relation::Child => Relation::Parent,
                Relation::Parent => Relation::Child,
                Relation::Descendant => Relation::Ancestor,
                Relation::Ancestor => Relation::Descendant,
                Relation::Sibling => Relation::Sibling,
            };
            let partners = self::related(scan, inverse, &related, left)?;
            related.or(&partners);
            Ok(related)
        }
    }
}

fn related(
    scan: &mut Scan<'_, '_>,
    relation: Relation,
    left: &Bitmap,
    right: &Bitmap,
) -> Result<Bitmap, Error> {
    let store = scan.store;
    let mut rows = right.clone();
    if left.is_empty() || right.is_empty() {
        return Ok(Bitmap::empty(right.capacity()));
    }
    let parents = store.parents();
    match relation {
        Relation::Child => rows.keep(scan.checkpoint, |row| {
            let parent = parents.get(row as usize);
            Ok(parent != NO_ROW && left.contains(parent))
        })?,
        Relation::Parent => {
            let mut marked = Bitmap::empty(right.capacity());
            left.visit(scan.checkpoint, |row| {
                let parent = parents.get(row as usize);
                if parent != NO_ROW {
                    marked.insert(parent);
                }
                Ok(())
            })?;
            rows.and(&marked);
        }
        Relation::Sibling => siblings(scan, left, &mut rows)?,
        Relation::Descendant | Relation::Ancestor => {
            let mut found = Bitmap::empty(right.capacity());
            let mut seen = 0;
            for number in 0..store.trace_count() as u32 {
                let trace = store.trace(number);
                seen += trace.len();
                if seen >= 1 << 16 {
                    seen = 0;
                    scan.checkpoint.checkpoint()?;
                }
                let whole = trace.len() - trace.facts().cyclic as usize;
                if relation == Relation::Descendant {
                    // Subtrees nest, so the furthest end of a left span tells whether one encloses a place.
                    let mut end = 0;
                    for (place, &row) in trace.rows()[..whole].iter().enumerate() {
                        if place < end && right.contains(row) {
                            found.insert(row);
                        }
                        if left.contains(row) {
                            end = end.max(trace.subtree_end(place));
                        }
                    }
                } else {
                    let mut next = usize::MAX;
                    for (place, &row) in trace.rows()[..whole].iter().enumerate().rev() {
                        if right.contains(row) && next < trace.subtree_end(place) {
                            found.insert(row);
                        }
                        if left.contains(row) {
                            next = place;
                        }
                    }
                }
            }
            rows = found;
        }
    }
    Ok(rows)
}

/// Keeps the rows that have another left span under the same parent, or as another root of the trace.
fn siblings(scan: &mut Scan<'_, '_>, left: &Bitmap, rows: &mut Bitmap) -> Result<(), Error> {
    let store = scan.store;
    // Left spans by parent, and left roots by trace; more than two is as good as two.
    let mut under: Vec<u8> = vec![0; store.len()];
    let mut roots: Vec<u8> = vec![0; store.trace_count()];
    left.visit(scan.checkpoint, |row| {
        match group(store, row) {
            Some(Group::Parent(p)) => under[p as usize] = under[p as usize].saturating_add(1).min(2),
            Some(Group::Root(t)) => roots[t as usize] = roots[t as usize].saturating_add(1).min(2),
            None => {}
        }
        Ok(())
    })?;
    rows.keep(scan.checkpoint, |row| {
        let count = match group(store, row) {
            Some(Group::Parent(p)) => under[p as usize],
            Some(Group::Root(t)) => roots[t as usize],
            None => 0,
        };
        Ok(count > u8::from(left.contains(row)))
    })
}

enum Group {
    Parent(u32),
    Root(u32),
}

fn group(store: &Store, row: u32) -> Option<Group> {
    match store.parent(row) {
        Some(parent) => Some(Group::Parent(parent)),
        None if store.marks(row) & mark::ROOT != 0 => {
            Some(Group::Root(store.spans().trace.get(row as usize)))
        }
        None => None,
    }
}
