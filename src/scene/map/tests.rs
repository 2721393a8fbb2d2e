//! Small maps as text, generated ones against what must hold.

use proptest::prelude::*;

use super::*;

fn spec(nodes: u32, edges: &[(u32, u32)]) -> MapSpec {
    MapSpec { nodes, edges: edges.to_vec(), node_width: 100.0, node_height: 32.0 }
}

fn dump(scene: &MapScene) -> String {
    let nodes = scene.nodes.iter().zip(&scene.layers).map(|((x, y), l)| format!("{l}:{x:.0},{y:.0}"));
    nodes.collect::<Vec<_>>().join(" ")
}

#[test]
fn callers_stand_left_of_what_they_call() {
    // frontend -> cart, checkout; checkout -> payment, cart; payment -> database; cart -> database; lone.
    let scene = map(&spec(6, &[(0, 1), (0, 2), (2, 3), (2, 1), (3, 4), (1, 4)]));
    assert_eq!(dump(&scene), "0:0,34 2:408,50 1:204,17 2:408,0 3:612,24 0:0,119");
    assert_eq!(scene.edges.len(), 6);
    assert_eq!(scene.edges[1].first().map(|p| p.0), Some(100.0));
    assert_eq!(scene.edges[1].last().map(|p| p.0), Some(204.0));
    assert_eq!(scene.edges[0].len(), 1 + 3 * 3, "a long edge goes through the layer between");
}

#[test]
fn cycles_loops_and_strange_edges_are_drawn() {
    let scene = map(&spec(3, &[(0, 1), (1, 0), (1, 1), (1, 2), (7, 0), (2, 0)]));
    assert_eq!(scene.layers, [0, 1, 2]);
    let ends = |i: usize| (scene.edges[i][0].0, scene.edges[i][scene.edges[i].len() - 1].0);
    assert_eq!((ends(0), ends(1)), ((100.0, 204.0), (204.0, 100.0)));
    assert!(scene.edges[4].is_empty());
    assert_eq!(ends(5), (408.0, 100.0));
    assert_eq!(scene.edges[2].len(), 4);
    assert_eq!(map(&spec(0, &[])), MapScene::default());
    assert_eq!(map(&spec(3, &[])).nodes, [(0.0, 0.0), (118.0, 0.0), (0.0, 50.0)]);
}

#[test]
fn a_chain_of_many_services_does_not_recurse() {
    let edges: Vec<(u32, u32)> = (0..50_000).map(|i| (i, i + 1)).collect();
    assert_eq!(map(&spec(50_001, &edges)).layers[50_000], 50_000);
}

proptest! {
    #[test]
    fn boxes_do_not_touch_and_curves_join_their_boxes(
        nodes in 1..60_u32,
        edges in prop::collection::vec((0..60_u32, 0..60_u32), 0..120),
    ) {
        let spec = spec(nodes, &edges);
        let scene = map(&spec);
        prop_assert_eq!(&scene, &map(&spec));
        for (i, a) in scene.nodes.iter().enumerate() {
            prop_assert!(a.0 >= 0.0 && a.1 >= -1e-6 && a.0 + 100.0 <= scene.width + 1e-6);
            prop_assert!(a.1 + 32.0 <= scene.height + 1e-6);
            for b in &scene.nodes[..i] {
                prop_assert!((a.0 - b.0).abs() >= 100.0 || (a.1 - b.1).abs() >= 32.0, "{:?} {:?}", a, b);
            }
        }
        for (&(from, to), curve) in edges.iter().zip(&scene.edges) {
            if from >= nodes || to >= nodes || from == to {
                continue;
            }
            let near = |at: (f64, f64), node: (f64, f64)| {
                (at.0 - node.0).abs().min((at.0 - node.0 - 100.0).abs()) < 1e-6
                    && at.1 >= node.1 && at.1 <= node.1 + 32.0
            };
            prop_assert!(near(curve[0], scene.nodes[from as usize]));
            prop_assert!(near(curve[curve.len() - 1], scene.nodes[to as usize]));
            prop_assert_eq!(curve.len() % 3, 1);
        }
    }
}

#[test]
fn a_tall_layer_is_spread_over_several() {
    let edges: Vec<(u32, u32)> = (1..=100).map(|to| (0, to)).chain([(100, 101)]).collect();
    let scene = map(&spec(102, &edges));
    for &(from, to) in &edges {
        assert!(scene.layers[from as usize] < scene.layers[to as usize]);
    }
    let most = (0..20).map(|l| scene.layers.iter().filter(|&&layer| layer == l).count()).max().unwrap_or(0);
    assert!(most <= 18, "{most} nodes in one layer");
    assert!(scene.width > scene.height / 2.0, "{} x {}", scene.width, scene.height);
    // What leads on stands before the leaves.
    assert_eq!(scene.layers[100], 1);
}
