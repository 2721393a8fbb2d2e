//! What is connected with what, and which node lies in which direction. Plain data.

use std::collections::HashSet;

use super::picture::Picture;

/// A node or a line of the picture, by its number there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// A node.
    Node(usize),
    /// A line.
    Line(usize),
}

impl Spot {
    /// One number for either.
    pub fn number(self) -> usize {
        match self {
            Self::Node(i) => i * 2,
            Self::Line(i) => i * 2 + 1,
        }
    }

    /// What a number means.
    pub fn of(number: usize) -> Self {
        if number.is_multiple_of(2) { Self::Node(number / 2) } else { Self::Line(number / 2) }
    }

    /// What the address has chosen: a node, or the line from it to another.
    pub fn find(picture: &Picture, pick: &str, callee: &str) -> Option<Self> {
        let node = |id: &str| picture.answer.nodes.iter().position(|n| n.id == id);
        let from = node(pick).filter(|_| !pick.is_empty() || !callee.is_empty())?;
        if callee.is_empty() {
            return Some(Self::Node(from));
        }
        let to = node(callee)?;
        picture.lines.iter().position(|l| l.from == from && l.to == to).map(Self::Line)
    }
}

/// A spot with all that touches it.
pub fn lit(picture: &Picture, spot: Spot) -> HashSet<usize> {
    let mut all = HashSet::from([spot.number()]);
    for (i, line) in picture.lines.iter().enumerate() {
        let touches = match spot {
            Spot::Node(node) => line.from == node || line.to == node,
            Spot::Line(line) => line == i,
        };
        if touches {
            all.extend([Spot::Line(i), Spot::Node(line.from), Spot::Node(line.to)].map(Spot::number));
        }
    }
    all
}

/// The nearest node in an arrow key's direction; what lies straight ahead counts as nearer.
pub fn toward(picture: &Picture, from: usize, key: &str) -> Option<usize> {
    let &((x, y), _) = picture.boxes.get(from)?;
    let cost = |&((to_x, to_y), _): &((f64, f64), _)| {
        let (dx, dy) = (to_x - x, to_y - y);
        let (ahead, aside) = match key {
            "ArrowLeft" => (-dx, dy),
            "ArrowRight" => (dx, dy),
            "ArrowUp" => (-dy, dx),
            _ => (dy, dx),
        };
        (ahead > 1.0).then(|| ahead + 2.0 * aside.abs())
    };
    let nearest = picture.boxes.iter().enumerate().filter_map(|(i, place)| Some((cost(place)?, i)));
    nearest.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, i)| i)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::engine::protocol::{MapEdge, MapLayout, MapNode, ServiceMapAnswer};

    /// web → cart → redis, and job by itself below web.
    fn picture() -> Picture {
        let node = |id: &str| MapNode { id: id.into(), kind: "service".into(), ..MapNode::default() };
        let edge = |from: &str, to: &str, kind: &str| MapEdge {
            from: from.into(),
            to: to.into(),
            kind: kind.into(),
            calls: 3,
            errors: 1,
            ..MapEdge::default()
        };
        let line = vec![(0.0, 0.0), (1.0, 0.0), (2.0, 0.0), (3.0, 0.0)];
        let layout = MapLayout {
            nodes: vec![(200.0, 0.0), (0.0, 60.0), (400.0, 0.0), (0.0, 0.0)],
            edges: vec![line.clone(), line.clone(), Vec::new()],
            node: (100.0, 40.0),
            ..MapLayout::default()
        };
        let nodes = ["cart", "job", "redis", "web"].map(node).to_vec();
        let edges = vec![
            edge("cart", "redis", "service"),
            edge("web", "cart", "service"),
            edge("web", "cart", "link"),
        ];
        let answer = ServiceMapAnswer { nodes, edges, layout: Some(layout) };
        Picture::new(Arc::new(answer), |_| 3)
    }

    #[test]
    fn what_touches_a_spot_is_lit_up_with_it() {
        let picture = picture();
        assert_eq!(picture.lines.len(), 2, "two edges between the same nodes are one line");
        let numbers = |spot| {
            let mut all: Vec<usize> = lit(&picture, spot).into_iter().collect();
            all.sort_unstable();
            all
        };
        assert_eq!(numbers(Spot::Node(0)), [0, 1, 3, 4, 6]);
        assert_eq!(numbers(Spot::Line(1)), [0, 3, 6]);
        assert_eq!(numbers(Spot::Node(1)), [2]);
        assert_eq!(Spot::find(&picture, "web", ""), Some(Spot::Node(3)));
        assert_eq!(Spot::find(&picture, "web", "cart"), Some(Spot::Line(1)));
        assert_eq!((Spot::find(&picture, "", ""), Spot::find(&picture, "cart", "web")), (None, None));
        assert!([0, 1, 2, 3].map(|n| Spot::of(n).number()) == [0, 1, 2, 3]);
    }

    #[test]
    fn arrow_keys_go_to_the_nearest_ahead() {
        let picture = picture();
        assert_eq!(toward(&picture, 3, "ArrowRight"), Some(0));
        assert_eq!(toward(&picture, 3, "ArrowDown"), Some(1));
        assert_eq!(toward(&picture, 0, "ArrowRight"), Some(2));
        assert_eq!(toward(&picture, 2, "ArrowRight"), None);
        assert_eq!(toward(&picture, 1, "ArrowUp"), Some(3));
    }

    #[test]
    fn a_saved_map_has_every_box_and_line_once() {
        let picture = picture();
        let shapes = picture.shapes();
        let count = |class: &str| shapes.shapes.iter().filter(|s| s.class.starts_with(class)).count();
        assert_eq!((count("n-box"), count("e-line"), count("hit"), count("n-far")), (4, 2, 0, 0));
        assert_eq!(count("dot service-3"), 4);
        assert!(picture.lines[1].words.starts_with("web → cart · 3 calls"), "{}", picture.lines[1].words);
        assert!(picture.lines[1].words.contains("links · 3 calls"));
    }
}
