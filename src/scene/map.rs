//! A directed graph from left to right: the service map.
//!
//! Layered drawing after Sugiyama, all passes iterative and deterministic: cycles are broken by a depth-first
//! walk, layers are longest paths, edges over several layers get a point in each, barycenters order the layers,
//! and heights follow neighbors as far as the order allows (isotonic regression). Nodes without an edge stand
//! below in rows. The same graph gives the same picture; nodes keep their numbers.

mod layers;
mod order;
mod place;

#[cfg(test)]
mod tests;

/// A graph to draw.
#[derive(Clone, Debug, Default)]
pub struct MapSpec {
    /// How many nodes there are.
    pub nodes: u32,
    /// From a node to a node; those that name no node are ignored.
    pub edges: Vec<(u32, u32)>,
    /// Width of a node's box in CSS pixels.
    pub node_width: f64,
    /// Height of a node's box in CSS pixels.
    pub node_height: f64,
}

/// A graph with places.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MapScene {
    /// Width in CSS pixels.
    pub width: f64,
    /// Height in CSS pixels.
    pub height: f64,
    /// Top left corner of every node's box.
    pub nodes: Vec<(f64, f64)>,
    /// Layer of every node, 0 at the left.
    pub layers: Vec<u32>,
    /// Cubic Bézier curve of every edge, from its source to its target (see `Form::Curve`); empty for an
    /// ignored one.
    pub edges: Vec<Vec<(f64, f64)>>,
}

/// Free space between boxes, beside and below; long edges run at half the distance.
const GAP_X: f64 = 104.0;
const GAP_Y: f64 = 18.0;
/// How far apart the two directions between two nodes run.
const TWIN: f64 = 5.0;

/// One point of the layered graph: a node, or where a long edge crosses a layer.
#[derive(Clone, Debug, Default)]
struct Vertex {
    layer: usize,
    left: Vec<usize>,
    right: Vec<usize>,
    /// Whether it is a node, not a crossing.
    real: bool,
    /// Middle, vertically.
    y: f64,
}

/// Lays out a graph.
pub fn map(spec: &MapSpec) -> MapScene {
    let n = spec.nodes as usize;
    let known = |&(from, to): &(u32, u32)| (from as usize) < n && (to as usize) < n;
    let links: Vec<(usize, usize)> = spec
        .edges
        .iter()
        .filter(|e| known(e) && e.0 != e.1)
        .map(|&(a, b)| (a as usize, b as usize))
        .collect();
    let forward = layers::break_cycles(n, &links);
    let mut linked = vec![false; n];
    for &(a, b) in &links {
        (linked[a], linked[b]) = (true, true);
    }
    let layer = layers::no_taller(&layers::longest_paths(n, &forward), &forward, &linked);

    // The layered graph: nodes keep their numbers, crossings of long edges follow.
    let mut graph: Vec<Vertex> =
        (0..n).map(|v| Vertex { layer: layer[v], real: true, ..Vertex::default() }).collect();
    let mut routes = Vec::with_capacity(forward.len());
    for &(from, to) in &forward {
        let mut route = vec![from];
        for between in layer[from] + 1..layer[to] {
            graph.push(Vertex { layer: between, ..Vertex::default() });
            route.push(graph.len() - 1);
        }
        route.push(to);
        for pair in route.windows(2) {
            graph[pair[0]].right.push(pair[1]);
            graph[pair[1]].left.push(pair[0]);
        }
        routes.push(route);
    }
    let mut columns =
        vec![Vec::new(); layer.iter().zip(&linked).filter(|l| *l.1).map(|l| l.0 + 1).max().unwrap_or(0)];
    for (v, vertex) in graph.iter().enumerate() {
        if v >= n || linked[v] {
            columns[vertex.layer].push(v);
        }
    }
    order::reduce_crossings(&graph, &mut columns);
    let mut scene = MapScene { layers: layer.iter().map(|&l| l as u32).collect(), ..MapScene::default() };
    let separation = |a: &Vertex, b: &Vertex| match (a.real, b.real) {
        (true, true) => spec.node_height + GAP_Y,
        (false, false) => GAP_Y / 2.0,
        _ => spec.node_height / 2.0 + GAP_Y,
    };
    place::heights(&mut graph, &columns, separation);

    let top = columns.iter().flatten().map(|&v| graph[v].y).fold(f64::INFINITY, f64::min);
    let top = if top.is_finite() { top } else { 0.0 };
    for vertex in &mut graph {
        vertex.y += spec.node_height / 2.0 - top;
    }
    let left = |layer: usize| layer as f64 * (spec.node_width + GAP_X);
    scene.width = if columns.is_empty() { 0.0 } else { left(columns.len() - 1) + spec.node_width };
    scene.height = columns.iter().flatten().map(|&v| graph[v].y + spec.node_height / 2.0).fold(0.0, f64::max);
    scene.nodes = (0..n).map(|v| (left(layer[v]), graph[v].y - spec.node_height / 2.0)).collect();
    place_lone(spec, &linked, &mut scene);
    scene.edges = edges(spec, &graph, &forward, &routes, &scene);
    scene
}

/// Nodes without an edge in rows below the rest.
fn place_lone(spec: &MapSpec, linked: &[bool], scene: &mut MapScene) {
    let step = spec.node_width + GAP_Y;
    let lone = linked.iter().filter(|l| !**l).count();
    if lone == 0 {
        return;
    }
    let square = (lone as f64).sqrt().ceil().min(6.0);
    let in_row = ((scene.width + GAP_Y) / step).floor().max(square).max(1.0) as usize;
    let top = if scene.height > 0.0 { scene.height + 2.0 * GAP_Y } else { 0.0 };
    for (i, v) in (0..linked.len()).filter(|&v| !linked[v]).enumerate() {
        let (x, y) = ((i % in_row) as f64 * step, top + (i / in_row) as f64 * (spec.node_height + GAP_Y));
        scene.nodes[v] = (x, y);
        scene.width = scene.width.max(x + spec.node_width);
        scene.height = scene.height.max(y + spec.node_height);
    }
}

/// The curve of every edge of the graph as it was given.
fn edges(
    spec: &MapSpec,
    graph: &[Vertex],
    forward: &[(usize, usize)],
    routes: &[Vec<usize>],
    scene: &MapScene,
) -> Vec<Vec<(f64, f64)>> {
    let middle = spec.node_height / 2.0;
    let mut links = forward.iter().zip(routes);
    let mut curves = Vec::with_capacity(spec.edges.len());
    for &(from, to) in &spec.edges {
        if from >= spec.nodes || to >= spec.nodes {
            curves.push(Vec::new());
            continue;
        }
        if from == to {
            // A loop over the top right corner of the box.
            let (x, y) = scene.nodes[from as usize];
            let (x, reach) = (x + spec.node_width, middle + GAP_Y * 0.8);
            curves.push(vec![
                (x - reach, y),
                (x - reach, y - reach * 0.8),
                (x + reach * 0.8, y + middle - reach * 0.4),
                (x, y + middle),
            ]);
            continue;
        }
        let Some((&(start, _), route)) = links.next() else { break };
        let backward = start != from as usize;
        let shift = if backward { TWIN } else { -TWIN };
        let mut points: Vec<(f64, f64)> = Vec::with_capacity(route.len() + 1);
        for (i, &v) in route.iter().enumerate() {
            let x = graph[v].layer as f64 * (spec.node_width + GAP_X);
            let y = graph[v].y + shift;
            // Straight through the width of a layer that is only crossed.
            if i > 0 {
                points.push((x, y));
            }
            if i + 1 < route.len() {
                points.push((x + spec.node_width, y));
            }
        }
        if backward {
            points.reverse();
        }
        curves.push(bezier(&points));
    }
    curves
}

/// A curve that leaves and enters every point horizontally.
fn bezier(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut curve = Vec::with_capacity(points.len() * 3);
    curve.extend(points.first());
    for pair in points.windows(2) {
        let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
        let half = (x1 - x0) / 2.0;
        curve.extend([(x0 + half, y0), (x1 - half, y1), (x1, y1)]);
    }
    curve
}
