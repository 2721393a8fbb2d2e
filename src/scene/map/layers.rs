//! Which way an edge is laid, and in which layer a node stands.

use crate::store::order;

/// Each edge as it is, or turned round where it would close a cycle: the result has none.
///
/// The walk starts at nodes without incoming edges, so calls that return into a caller's chain are what is
/// turned, not the way in.
pub(super) fn break_cycles(nodes: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    let mut incoming = vec![0_usize; nodes];
    for (i, &(from, to)) in edges.iter().enumerate() {
        out[from].push(i);
        incoming[to] += 1;
    }
    let mut forward = edges.to_vec();
    let mut state = vec![Visit::New; nodes];
    let sources = (0..nodes).filter(|&v| incoming[v] == 0);
    let rest = (0..nodes).filter(|&v| incoming[v] > 0);
    let mut stack: Vec<(usize, usize)> = Vec::new();
    for root in sources.chain(rest) {
        if state[root] != Visit::New {
            continue;
        }
        state[root] = Visit::Open;
        stack.push((root, 0));
        while let Some((node, next)) = stack.last_mut() {
            let Some(&edge) = out[*node].get(*next) else {
                state[*node] = Visit::Done;
                stack.pop();
                continue;
            };
            *next += 1;
            let to = edges[edge].1;
            match state[to] {
                Visit::New => {
                    state[to] = Visit::Open;
                    stack.push((to, 0));
                }
                Visit::Open => forward[edge] = (to, edges[edge].0),
                Visit::Done => {}
            }
        }
    }
    forward
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Open,
    Done,
}

/// The layer of each node of a graph without cycles: the longest path to it, except that a node without
/// incoming edges stands right before the first that it leads to.
pub(super) fn longest_paths(nodes: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); nodes];
    let mut incoming = vec![0_usize; nodes];
    for &(from, to) in edges {
        out[from].push(to);
        incoming[to] += 1;
    }
    let mut layer = vec![0_usize; nodes];
    let mut waiting = incoming.clone();
    let mut ready: Vec<usize> = (0..nodes).filter(|&v| waiting[v] == 0).collect();
    while let Some(node) = ready.pop() {
        for &to in &out[node] {
            layer[to] = layer[to].max(layer[node] + 1);
            waiting[to] -= 1;
            if waiting[to] == 0 {
                ready.push(to);
            }
        }
    }
    for node in (0..nodes).filter(|&v| incoming[v] == 0) {
        if let Some(first) = out[node].iter().map(|&to| layer[to]).min() {
            layer[node] = first - 1;
        }
    }
    layer
}

/// The layers again, with so few nodes in each that the whole is about as wide as a screen: what is too much for
/// a layer moves on to the next, with all that it leads to. Nodes that lead on go first.
pub(super) fn no_taller(layers: &[usize], edges: &[(usize, usize)], linked: &[bool]) -> Vec<usize> {
    let count = linked.iter().filter(|l| **l).count();
    let most = ((3 * count) as f64).sqrt().ceil().max(12.0) as usize;
    let mut into: Vec<Vec<usize>> = vec![Vec::new(); layers.len()];
    let mut leads = vec![false; layers.len()];
    for &(from, to) in edges {
        into[to].push(from);
        leads[from] = true;
    }
    let mut order: Vec<usize> = (0..layers.len()).filter(|&v| linked[v]).collect();
    order::sort_by_key(&mut order, |&v| (layers[v], !leads[v]));
    let mut placed = layers.to_vec();
    let mut used: Vec<usize> = Vec::new();
    for node in order {
        let mut layer = into[node].iter().map(|&from| placed[from] + 1).max().unwrap_or(layers[node]);
        while used.get(layer).is_some_and(|&n| n >= most) {
            layer += 1;
        }
        used.resize(used.len().max(layer + 1), 0);
        used[layer] += 1;
        placed[node] = layer;
    }
    placed
}
