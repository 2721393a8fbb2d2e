//! The service map: what is on it, what of it is near a node, and how it is drawn.

use super::{Desk, Error, Reply};
use crate::analysis::{self, DEFAULT_APDEX_NS, ServiceMap, Uninterrupted};
use crate::engine::protocol as p;
use crate::scene::map::{MapSpec, map};

/// A node's box in pixels: a name, and a line of numbers below it.
const NODE: (f64, f64) = (204.0, 42.0);

impl Desk {
    pub(super) fn service_map(&mut self, r: &p::ServiceMap) -> Result<Reply, Error> {
        let counted = self.counted(r.range, &r.q, analysis::Scope::All)?.weighed(self.weights(r.adjusted));
        let store = self.builder.store();
        let all = analysis::service_map(store, &counted.selection(), DEFAULT_APDEX_NS, &Uninterrupted)?;
        let shown = match &r.around {
            Some(id) => near(&all, id, r.depth)?,
            None => vec![true; all.nodes.len()],
        };
        // The numbers that shown nodes have now.
        let mut number = vec![u32::MAX; all.nodes.len()];
        let mut nodes = Vec::new();
        for (i, node) in all.nodes.iter().enumerate().filter(|&(i, _)| shown[i]) {
            number[i] = nodes.len() as u32;
            let (red, q) = (&node.red, node.red.quantiles);
            nodes.push(p::MapNode {
                id: node.place.id(),
                kind: node.place.word().to_owned(),
                spans: node.spans,
                errors: node.errors,
                calls: red.calls,
                error_rate: red.error_rate(),
                rate_per_s: red.rate_per_s,
                p50_ns: q.map(|q| q.p50_ns),
                p95_ns: q.map(|q| q.p95_ns),
                p99_ns: q.map(|q| q.p99_ns),
                q: node.q.clone(),
            });
        }
        let kept = all.edges.iter().filter(|e| shown[e.from as usize] && shown[e.to as usize]);
        let mut edges = Vec::new();
        let mut lines = Vec::new();
        for edge in kept {
            let (red, q) = (&edge.red, edge.red.quantiles);
            edges.push(p::MapEdge {
                from: all.nodes[edge.from as usize].place.id(),
                to: all.nodes[edge.to as usize].place.id(),
                kind: edge.kind.word().to_owned(),
                calls: red.calls,
                errors: red.errors,
                error_rate: red.error_rate(),
                rate_per_s: red.rate_per_s,
                p50_ns: q.map(|q| q.p50_ns),
                p95_ns: q.map(|q| q.p95_ns),
                p99_ns: q.map(|q| q.p99_ns),
                q: edge.q.clone(),
            });
            lines.push((number[edge.from as usize], number[edge.to as usize]));
        }
        let layout = r.layout.then(|| layout(nodes.len(), &lines));
        Ok(self.reply(p::ServiceMapAnswer { nodes, edges, layout }))
    }
}

/// Which nodes are at most `depth` edges away from a node, in either direction.
fn near(map: &ServiceMap, id: &str, depth: Option<u32>) -> Result<Vec<bool>, Error> {
    let center = map.nodes.iter().position(|node| node.place.id() == id);
    let center = center.ok_or_else(|| Error::BadField {
        field: "around",
        expected: "the id of a node of the map",
        found: id.to_owned(),
    })?;
    let mut shown = vec![false; map.nodes.len()];
    shown[center] = true;
    for _ in 0..depth.unwrap_or(u32::MAX) {
        let before = shown.clone();
        for edge in &map.edges {
            let (from, to) = (edge.from as usize, edge.to as usize);
            // Users call everybody: a way through them connects nothing.
            let passes = |node: usize| before[node] && (node == center || !is_user(map, node));
            if passes(from) || passes(to) {
                (shown[from], shown[to]) = (true, true);
            }
        }
        if shown == before {
            break;
        }
    }
    Ok(shown)
}

fn is_user(map: &ServiceMap, node: usize) -> bool {
    map.nodes[node].place == analysis::Place::User
}

/// Where nodes stand and edges run. Edges of several kinds between the same two nodes are one line.
fn layout(nodes: usize, lines: &[(u32, u32)]) -> p::MapLayout {
    let unique: Vec<bool> = (0..lines.len()).map(|i| i == 0 || lines[i] != lines[i - 1]).collect();
    let drawn = lines.iter().zip(&unique).filter(|(_, unique)| **unique).map(|(line, _)| *line);
    let (node_width, node_height) = NODE;
    let scene = map(&MapSpec { nodes: nodes as u32, edges: drawn.collect(), node_width, node_height });
    let mut curves = scene.edges.into_iter();
    let edges = unique.iter().map(|&unique| if unique { curves.next() } else { None });
    let edges = edges.map(|curve| curve.unwrap_or_default().into_iter().map(rounded).collect()).collect();
    let nodes = scene.nodes.into_iter().map(rounded).collect();
    p::MapLayout { width: scene.width.ceil(), height: scene.height.ceil(), node: NODE, nodes, edges }
}

/// To a tenth of a pixel: what crosses to the page is text.
fn rounded((x, y): (f64, f64)) -> (f64, f64) {
    ((x * 10.0).round() / 10.0, (y * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_between_the_same_nodes_are_one_line() {
        let drawn = layout(3, &[(0, 1), (0, 1), (1, 2)]);
        assert_eq!(drawn.edges.iter().map(Vec::len).collect::<Vec<_>>(), [4, 0, 4]);
        assert_eq!(drawn.nodes.len(), 3);
        assert_eq!(layout(0, &[]).nodes, []);
    }
}
