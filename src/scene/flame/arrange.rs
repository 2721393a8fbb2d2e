//! From a tree in pre-order to a lane for every span: boxes from the leaves up, lanes from the top down.

use super::tracks::Tracks;
use crate::store::order;
use crate::store::{Store, Trace, mark};

/// The lane of every place, and how many lanes there are.
pub(super) fn lanes(store: &Store, trace: Trace<'_>, start: &[u64], end: &[u64]) -> (Vec<u32>, u32) {
    let n = start.len();
    // Of the box of the subtree at a place: earliest start, latest end, lanes.
    let mut from = start.to_vec();
    let mut to: Vec<u64> = (0..n).map(|p| end[p].max(start[p] + 1)).collect();
    let mut height = vec![1_u32; n];
    // Lanes from a span down to a child of it; while its siblings are being placed, the child's track.
    let mut below = vec![0_u32; n];
    let mut tracks = Tracks::default();

    for place in (0..n).rev() {
        let stop = trace.subtree_end(place);
        if stop == place + 1 {
            continue;
        }
        tracks.clear();
        let mut child = place + 1;
        while child < stop {
            below[child] = tracks.put(from[child], to[child], height[child]);
            from[place] = from[place].min(from[child]);
            to[place] = to[place].max(to[child]);
            child = trace.subtree_end(child);
        }
        height[place] = 1 + tracks.stack();
        child = place + 1;
        while child < stop {
            below[child] = 1 + tracks.above(below[child]);
            child = trace.subtree_end(child);
        }
    }

    let tops = tops(store, trace);
    tracks.clear();
    for &top in &tops {
        below[top] = tracks.put(from[top], to[top], height[top]);
    }
    let lanes = tracks.stack();
    for &top in &tops {
        below[top] = tracks.above(below[top]);
    }

    // `below` becomes the lane itself: a parent comes before its children.
    let mut open: Vec<(usize, u32)> = Vec::new();
    for (place, lane) in below.iter_mut().enumerate() {
        while open.last().is_some_and(|&(stop, _)| stop <= place) {
            open.pop();
        }
        if let Some(&(_, above)) = open.last() {
            *lane += above;
        }
        let stop = trace.subtree_end(place);
        if stop > place + 1 {
            open.push((stop, *lane));
        }
    }
    (below, lanes)
}

/// Places without a parent: roots first, then orphans, then cyclic spans, each in siblings' order.
fn tops(store: &Store, trace: Trace<'_>) -> Vec<usize> {
    let rows = trace.rows();
    let mut tops = Vec::new();
    let mut place = 0;
    while place < rows.len() {
        tops.push(place);
        place = trace.subtree_end(place);
    }
    order::sort_by_key(&mut tops, |&place| {
        let marks = store.marks(rows[place]);
        if marks & mark::CYCLIC != 0 { 2 } else { u8::from(marks & mark::ORPHAN != 0) }
    });
    tops
}
