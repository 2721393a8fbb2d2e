//! The order within the layers: few crossings.

use super::Vertex;
use crate::store::order;

/// Sweeps to the right and back; more do not help further.
const SWEEPS: usize = 12;

/// Orders every column by the barycenters of its neighbors, sweeping to and fro; keeps the best order met.
pub(super) fn reduce_crossings(graph: &[Vertex], columns: &mut Vec<Vec<usize>>) {
    let mut position = vec![0_usize; graph.len()];
    let number = |columns: &[Vec<usize>], position: &mut [usize]| {
        for column in columns {
            for (at, &v) in column.iter().enumerate() {
                position[v] = at;
            }
        }
    };
    number(columns, &mut position);
    let mut best = (crossings(graph, columns, &position), columns.clone());
    for sweep in 0..SWEEPS {
        let rightward = sweep % 2 == 0;
        for step in 0..columns.len() {
            let at = if rightward { step } else { columns.len() - 1 - step };
            let key = |v: usize| {
                let near = if rightward { &graph[v].left } else { &graph[v].right };
                if near.is_empty() {
                    return position[v] as f64;
                }
                near.iter().map(|&u| position[u] as f64).sum::<f64>() / near.len() as f64
            };
            let mut keyed: Vec<(f64, usize)> = columns[at].iter().map(|&v| (key(v), v)).collect();
            // Stable: equals keep their order.
            order::sort_by(&mut keyed, |a, b| a.0.total_cmp(&b.0));
            columns[at] = keyed.into_iter().map(|(_, v)| v).collect();
            for (i, &v) in columns[at].iter().enumerate() {
                position[v] = i;
            }
        }
        let now = crossings(graph, columns, &position);
        if now < best.0 {
            best = (now, columns.clone());
        }
    }
    *columns = best.1;
}

/// How many pairs of edges between neighboring columns cross: inversions, counted with a Fenwick tree.
pub(super) fn crossings(graph: &[Vertex], columns: &[Vec<usize>], position: &[usize]) -> u64 {
    let mut total = 0;
    let mut tree: Vec<u64> = Vec::new();
    for pair in columns.windows(2) {
        tree.clear();
        tree.resize(pair[1].len() + 1, 0);
        let mut seen = 0;
        for &v in &pair[0] {
            let mut ends: Vec<usize> = graph[v].right.iter().map(|&u| position[u]).collect();
            ends.sort_unstable();
            for &end in &ends {
                // Edges before that end at or above do not cross.
                let mut before = 0;
                let mut i = end + 1;
                while i > 0 {
                    before += tree[i];
                    i &= i - 1;
                }
                total += seen - before;
            }
            for &end in &ends {
                let mut i = end + 1;
                while i < tree.len() {
                    tree[i] += 1;
                    i += i & i.wrapping_neg();
                }
                seen += 1;
            }
        }
    }
    total
}
