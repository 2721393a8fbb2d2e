//! The heights within the layers: near the neighbors, in the given order, with room between.

use super::Vertex;

/// Sweeps to the right and back.
const SWEEPS: usize = 8;

/// Sets `y` of every vertex that stands in a column.
pub(super) fn heights(
    graph: &mut [Vertex],
    columns: &[Vec<usize>],
    separation: impl Fn(&Vertex, &Vertex) -> f64,
) {
    for column in columns {
        let wanted = vec![0.0; column.len()];
        settle(graph, column, &wanted, &separation);
    }
    for sweep in 0..SWEEPS {
        for step in 0..columns.len() {
            let column = &columns[if sweep % 2 == 0 { step } else { columns.len() - 1 - step }];
            let wanted: Vec<f64> = column
                .iter()
                .map(|&v| {
                    let near = graph[v].left.iter().chain(&graph[v].right);
                    let (sum, count) = near.fold((0.0, 0.0), |(s, n), &u| (s + graph[u].y, n + 1.0));
                    if count > 0.0 { sum / count } else { graph[v].y }
                })
                .collect();
            settle(graph, column, &wanted, &separation);
        }
    }
}

/// The heights nearest to the wanted ones, by least squares, that keep the order and the separation: isotonic
/// regression by pooling adjacent violators, after the separations are taken off.
fn settle(
    graph: &mut [Vertex],
    column: &[usize],
    wanted: &[f64],
    separation: impl Fn(&Vertex, &Vertex) -> f64,
) {
    let mut offset = Vec::with_capacity(column.len());
    let mut below = 0.0;
    for (i, &v) in column.iter().enumerate() {
        if i > 0 {
            below += separation(&graph[column[i - 1]], &graph[v]);
        }
        offset.push(below);
    }
    // Pools of (sum, count): their means ascend.
    let mut pools: Vec<(f64, f64)> = Vec::new();
    for (want, offset) in wanted.iter().zip(&offset) {
        let mut pool = (want - offset, 1.0);
        while let Some(&(sum, count)) = pools.last() {
            if sum / count < pool.0 / pool.1 {
                break;
            }
            pool = (pool.0 + sum, pool.1 + count);
            pools.pop();
        }
        pools.push(pool);
    }
    let mut at = 0;
    for (sum, count) in pools {
        for _ in 0..count as usize {
            graph[column[at]].y = sum / count + offset[at];
            at += 1;
        }
    }
}
