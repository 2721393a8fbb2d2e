//! The map as shapes: boxes with names and numbers, curves with arrowheads. The page draws them as SVG nodes in
//! groups, a file holds them one after another.

use std::collections::HashMap;
use std::sync::Arc;

use super::names::label;
use crate::engine::protocol::{MapEdge, MapNode, ServiceMapAnswer};
use crate::model::format_duration;
use crate::page::format;
use crate::scene::shapes::{Anchor, Form, Shape, Shapes};

/// Free space around a saved map.
const MARGIN: f64 = 24.0;
/// Letters of a name that fit a box, and those of the larger type that a map far away has.
const LETTERS: usize = 22;
const FAR_LETTERS: usize = 12;
/// From this share of failed calls on a line is red; below it is only tinged, or a large map is all red.
const FAILING: f64 = 0.05;
/// Letters that the mark of errors takes.
const MARK_LETTERS: usize = 3;

/// The map with everything that is derived from it for drawing.
#[derive(Debug, PartialEq)]
pub struct Picture {
    /// What the engine said.
    pub answer: Arc<ServiceMapAnswer>,
    /// Lines between nodes; several edges between the same two are one.
    pub lines: Vec<Line>,
    /// By node: where its box is, and its shapes.
    pub boxes: Vec<((f64, f64), Vec<Shape>)>,
    /// Width and height of the whole.
    pub size: (f64, f64),
    /// Width and height of a box.
    pub node: (f64, f64),
}

/// All edges from one node to another.
#[derive(Debug, PartialEq)]
pub struct Line {
    /// Number of the calling node.
    pub from: usize,
    /// Number of the called node.
    pub to: usize,
    /// Its curve.
    pub curve: Vec<(f64, f64)>,
    /// What draws it.
    pub shapes: Vec<Shape>,
    /// What it says in words.
    pub words: String,
}

impl Picture {
    /// Draws an answer that has a layout; `slot` gives a service's color.
    pub fn new(answer: Arc<ServiceMapAnswer>, slot: impl Fn(&str) -> u32) -> Self {
        let layout = answer.layout.clone().unwrap_or_default();
        let index: HashMap<&str, usize> =
            answer.nodes.iter().enumerate().map(|(i, n)| (n.id.as_str(), i)).collect();
        let most = answer.edges.iter().map(|e| e.calls).max().unwrap_or(0).max(1);
        let mut lines: Vec<Line> = Vec::new();
        let groups = answer.edges.chunk_by(|a, b| a.from == b.from && a.to == b.to);
        let mut at = 0;
        for group in groups {
            let curve = layout.edges.get(at).cloned().unwrap_or_default();
            at += group.len();
            let (Some(&from), Some(&to)) =
                (index.get(group[0].from.as_str()), index.get(group[0].to.as_str()))
            else {
                continue;
            };
            let shapes = line_shapes(group, &curve, most);
            let names = format!("{} → {}", label(&answer.nodes[from]), label(&answer.nodes[to]));
            let words = group.iter().fold(names, |words, edge| format!("{words} · {}", edge_words(edge)));
            lines.push(Line { from, to, curve, shapes, words });
        }
        let boxes = answer.nodes.iter().zip(&layout.nodes);
        let boxes =
            boxes.map(|(node, &place)| (place, node_shapes(node, slot(&node.id), layout.node))).collect();
        let (size, node) = ((layout.width, layout.height), layout.node);
        drop(index);
        Self { answer, lines, boxes, size, node }
    }

    /// The whole as one drawing.
    pub fn shapes(&self) -> Shapes {
        let mut all = Shapes::new(self.size.0, self.size.1);
        let lines = || self.lines.iter().flat_map(|line| &line.shapes).filter(|s| s.class != "hit");
        // No line runs over another's words.
        all.shapes.extend(lines().filter(|s| !is_word(s)).cloned());
        all.shapes.extend(lines().filter(|s| is_word(s)).cloned());
        for ((x, y), shapes) in &self.boxes {
            let mut own = Shapes::new(0.0, 0.0);
            own.shapes = shapes.iter().filter(|s| !s.class.starts_with("n-far")).cloned().collect();
            all.shapes.extend(own.moved(*x, *y).shapes);
        }
        let mut framed = all.moved(MARGIN, MARGIN);
        (framed.width, framed.height) = (self.size.0 + 2.0 * MARGIN, self.size.1 + 2.0 * MARGIN);
        framed
    }

    /// A node in words.
    pub fn words(&self, node: usize) -> String {
        let Some(n) = self.answer.nodes.get(node) else { return String::new() };
        let kind = if n.kind == "messaging" { "broker" } else { &n.kind };
        format!(
            "{} · {kind} · {}",
            label(n),
            numbers(n.rate_per_s, n.calls, n.error_rate, [n.p50_ns, n.p95_ns, n.p99_ns])
        )
    }
}

/// Whether a shape of a line is one of its numbers or their mark, which stand above all lines.
pub fn is_word(shape: &Shape) -> bool {
    shape.class.starts_with("e-label") || shape.class.starts_with("e-mark")
}

fn edge_words(edge: &MapEdge) -> String {
    let kind = if edge.kind == "link" { "links · " } else { "" };
    format!(
        "{kind}{}",
        numbers(edge.rate_per_s, edge.calls, edge.error_rate, [edge.p50_ns, edge.p95_ns, edge.p99_ns])
    )
}

fn numbers(rate: Option<f64>, calls: u64, errors: Option<f64>, quantiles: [Option<f64>; 3]) -> String {
    let mut words = format::counted(calls, "call");
    if let Some(rate) = rate {
        words = format!("{words} · {}/s", format::short(rate));
    }
    if let Some(errors) = errors {
        words = format!("{words} · {} % errors", format::percent(errors));
    }
    for (name, value) in ["p50", "p95", "p99"].into_iter().zip(quantiles) {
        if let Some(ns) = value {
            words = format!("{words} · {name} {}", duration(ns));
        }
    }
    words
}

fn duration(ns: f64) -> String {
    let (value, unit) = format_duration(ns);
    format!("{value} {unit}")
}

fn shape(class: impl Into<String>, form: Form) -> Shape {
    Shape { class: class.into(), form }
}

fn text(class: &str, x: f64, y: f64, anchor: Anchor, text: String) -> Shape {
    shape(class, Form::Text { x, y, anchor, text })
}

/// The first letters of a name.
fn cut(name: &str, most: usize) -> String {
    if name.chars().count() <= most {
        return name.to_owned();
    }
    name.chars().take(most - 1).chain(['…']).collect()
}

/// A box: what kind of place, its name, calls a second and p99, and a mark with the share of errors.
fn node_shapes(node: &MapNode, slot: u32, (width, height): (f64, f64)) -> Vec<Shape> {
    let name = label(node);
    let mut all = vec![shape("n-box", Form::Rect { x: 0.0, y: 0.0, width, height })];
    all.extend(sign(&node.kind, slot));
    let failing = node.error_rate.filter(|share| *share > 0.0);
    let letters = if failing.is_some() { LETTERS - MARK_LETTERS } else { LETTERS };
    all.push(text("n-name title", 30.0, 18.0, Anchor::Start, cut(&name, letters)));
    all.push(text("n-far title", 30.0, height / 2.0, Anchor::Start, cut(&name, FAR_LETTERS)));
    let mut words =
        node.rate_per_s.map_or_else(|| format::count(node.calls), |r| format!("{}/s", format::short(r)));
    if let Some(ns) = node.p99_ns {
        words = format!("{words} · p99 {}", duration(ns));
    }
    if node.calls == 0 {
        words = format::counted(node.spans, "span");
    }
    all.push(text("n-small secondary", 30.0, 34.0, Anchor::Start, words));
    if let Some(share) = failing {
        let mark = |class, x: f64, y: f64, wide: f64, high: f64| {
            shape(class, Form::Polygon(vec![(x, y), (x + wide, y + high), (x - wide, y + high)]))
        };
        all.push(mark("n-mark error", width - 14.0, 8.0, 6.0, 10.0));
        // From afar on the corner, where no name is.
        all.push(mark("n-far n-badge error", 6.0, -12.0, 11.0, 18.0));
        all.push(text(
            "n-small error",
            width - 8.0,
            34.0,
            Anchor::End,
            format!("{} %", format::percent(share)),
        ));
    }
    all
}

/// What kind of place it is, as a small picture at the left of the box.
fn sign(kind: &str, slot: u32) -> Vec<Shape> {
    let rect = |class: &str, x, y, width, height| shape(class, Form::Rect { x, y, width, height });
    match kind {
        "service" => vec![rect(&format!("dot service-{slot} s{slot}"), 10.0, 9.0, 11.0, 11.0)],
        // Three discs, three letters in a queue, an arrow that leaves, a head with shoulders.
        "database" => {
            [8.0, 13.0, 18.0].into_iter().map(|y| rect("n-sign secondary", 9.0, y, 13.0, 3.5)).collect()
        }
        "messaging" => {
            [8.0, 13.5, 19.0].into_iter().map(|x| rect("n-sign secondary", x, 10.0, 4.0, 9.0)).collect()
        }
        "user" => vec![
            shape("n-sign secondary", Form::Circle { x: 15.5, y: 11.0, radius: 3.6 }),
            shape(
                "n-sign secondary",
                Form::Polygon(vec![(9.0, 22.0), (12.0, 16.5), (19.0, 16.5), (22.0, 22.0)]),
            ),
        ],
        _ => vec![shape(
            "n-sign secondary",
            Form::Polygon(vec![(15.5, 7.5), (22.5, 14.5), (15.5, 21.5), (8.5, 14.5)]),
        )],
    }
}

/// A curve with its arrowhead, its numbers, and a mark where calls fail. Width follows the calls.
fn line_shapes(group: &[MapEdge], curve: &[(f64, f64)], most: u64) -> Vec<Shape> {
    if curve.len() < 4 {
        return Vec::new();
    }
    let calls: u64 = group.iter().map(|e| e.calls).sum();
    let errors: u64 = group.iter().map(|e| e.errors).sum();
    let failing = match errors as f64 / calls.max(1) as f64 {
        0.0 => "",
        share if share < FAILING => " tinged",
        _ => " error",
    };
    let linked = if group.iter().all(|e| e.kind == "link") { " e-link" } else { "" };
    // 1 to 6, by the logarithm: a thousand calls and a million are both seen.
    let share = ((1 + calls) as f64).ln() / ((1 + most) as f64).ln();
    let step = 1 + (share * 5.0).round().clamp(0.0, 5.0) as u32;
    let mut all = vec![
        shape("hit", Form::Curve(curve.to_vec())),
        shape(format!("e-line w{step}{linked}{failing}"), Form::Curve(curve.to_vec())),
    ];
    let (tip, before) = (curve[curve.len() - 1], curve[curve.len() - 2]);
    let (dx, dy) = (tip.0 - before.0, tip.1 - before.1);
    let length = dx.hypot(dy).max(0.001);
    let (ux, uy) = (dx / length, dy / length);
    let (back, side) = (6.0 + f64::from(step), 3.0 + f64::from(step) / 2.0);
    let base = (tip.0 - ux * back, tip.1 - uy * back);
    let arrow = vec![tip, (base.0 - uy * side, base.1 + ux * side), (base.0 + uy * side, base.1 - ux * side)];
    all.push(shape(format!("e-head{failing}"), Form::Polygon(arrow)));
    let (x, y) = label_place(curve);
    let rate: Option<f64> = group.iter().map(|e| e.rate_per_s).try_fold(0.0, |sum, rate| Some(sum + rate?));
    let words = rate.map_or_else(|| format::count(calls), |r| format!("{}/s", format::short(r)));
    all.push(text("e-label secondary", x, y - 6.0, Anchor::Middle, words));
    if errors > 0 {
        let mark = vec![(x, y - 5.0), (x + 5.0, y), (x, y + 5.0), (x - 5.0, y)];
        all.push(shape("e-mark error", Form::Polygon(mark)));
        let share = format!("{} %", format::percent(errors as f64 / calls.max(1) as f64));
        all.push(text("e-label error", x, y + 17.0, Anchor::Middle, share));
    }
    all
}

/// Where a curve's numbers stand: in the middle of its middle piece; of a short one nearer to its end, where it
/// has left its neighbors.
fn label_place(curve: &[(f64, f64)]) -> (f64, f64) {
    let pieces = (curve.len() - 1) / 3;
    let at = pieces / 2 * 3;
    let [a, b, c, d] = [curve[at], curve[at + 1], curve[at + 2], curve[at + 3]];
    let t: f64 = if pieces == 1 { 0.62 } else { 0.5 };
    let u = 1.0 - t;
    let mix = |a: f64, b: f64, c: f64, d: f64| {
        u * u * u * a + 3.0 * u * u * t * b + 3.0 * u * t * t * c + t * t * t * d
    };
    (mix(a.0, b.0, c.0, d.0), mix(a.1, b.1, c.1, d.1))
}
