//! Shapes and flamegraphs as SVG: nodes for the page, text for files.
//!
//! On the page a node's class gives its color, by the stylesheet. A file stands alone, so there a small table
//! resolves classes to the palette's colors. Telemetry is text, never markup: everything that comes from it is
//! escaped, characters that XML forbids become U+FFFD, and no text reorders its neighbors (bidi isolation).

mod flame;
mod style;

#[cfg(test)]
mod tests;

use std::fmt::Write;

pub use flame::flame_document;
pub use style::{Style, style};

use super::palette::{Palette, css};
use crate::scene::shapes::{Form, Shapes, push_short, short};

/// An SVG element. Attributes are ready to be set, coordinates in CSS pixels.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// `<path>`; to be drawn with `fill: none` unless it is filled.
    Path {
        /// The `class`.
        class: String,
        /// The `d`.
        d: String,
        /// Whether it is an area.
        filled: bool,
    },
    /// `<rect>`.
    Rect {
        /// The `class`.
        class: String,
        /// The `x`.
        x: String,
        /// The `y`.
        y: String,
        /// The `width`.
        width: String,
        /// The `height`.
        height: String,
    },
    /// `<circle>`.
    Circle {
        /// The `class`.
        class: String,
        /// The `cx`.
        cx: String,
        /// The `cy`.
        cy: String,
        /// The `r`.
        r: String,
    },
    /// `<text>`.
    Text {
        /// The `class`.
        class: String,
        /// The `x`.
        x: String,
        /// The `y`, of the baseline.
        y: String,
        /// The `text-anchor`.
        anchor: &'static str,
        /// The content, as text.
        text: String,
    },
}

/// The elements of a drawing, from back to front.
pub fn nodes(shapes: &Shapes) -> impl Iterator<Item = Node> {
    shapes.shapes.iter().map(|shape| {
        let class = shape.class.clone();
        match &shape.form {
            Form::Line(points) => Node::Path { class, d: path(points), filled: false },
            Form::Polygon(points) => Node::Path { class, d: path(points) + "Z", filled: true },
            Form::Curve(points) => Node::Path { class, d: curve(points), filled: false },
            Form::Rect { x, y, width, height } => Node::Rect {
                class,
                x: short(*x),
                y: short(*y),
                width: short(width.max(0.0)),
                height: short(height.max(0.0)),
            },
            Form::Boxes(all) => Node::Path { class, d: boxes(all), filled: true },
            Form::Circle { x, y, radius } => {
                Node::Circle { class, cx: short(*x), cy: short(*y), r: short(*radius) }
            }
            Form::Text { x, y, anchor, text } => {
                Node::Text { class, x: short(*x), y: short(*y), anchor: anchor.word(), text: legal(text) }
            }
        }
    })
}

/// `M0 0L1 1…`.
fn path(points: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        d.push(if i == 0 { 'M' } else { 'L' });
        push_short(&mut d, *x);
        d.push(' ');
        push_short(&mut d, *y);
    }
    d
}

/// `M0 0h9v9h-9Z…`.
fn boxes(all: &[[f64; 4]]) -> String {
    let mut d = String::new();
    for [x, y, width, height] in all {
        let (w, h) = (short(width.max(0.0)), short(height.max(0.0)));
        let _ = write!(d, "M{} {}h{w}v{h}h-{w}Z", short(*x), short(*y));
    }
    d
}

/// `M0 0C…`.
fn curve(points: &[(f64, f64)]) -> String {
    let mut d = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let command = match i {
            0 => "M",
            i if i % 3 == 1 => "C",
            _ => " ",
        };
        let _ = write!(d, "{command}{} {}", short(*x), short(*y));
    }
    d
}

/// A drawing as an SVG file with this title.
pub fn document(shapes: &Shapes, palette: &Palette, title: &str) -> String {
    let mut out = head(shapes.width, shapes.height, palette, title);
    for node in nodes(shapes) {
        write_node(&mut out, &node, palette);
    }
    out.push_str("</svg>\n");
    out
}

/// Everything up to the first element.
fn head(width: f64, height: f64, palette: &Palette, title: &str) -> String {
    let (width, height) = (short(width), short(height));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif\">\n\
         <title>{}</title>\n\
         <style>text{{unicode-bidi:isolate;white-space:pre}}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n",
        escape(title),
        css(palette.background),
    )
}

fn write_node(out: &mut String, node: &Node, palette: &Palette) {
    let (Node::Path { class, .. }
    | Node::Rect { class, .. }
    | Node::Circle { class, .. }
    | Node::Text { class, .. }) = node;
    let look = style(class, palette);
    let color = css(look.color);
    let opacity =
        if look.opacity < 1.0 { format!(" opacity=\"{}\"", short(look.opacity)) } else { String::new() };
    let _ = match node {
        Node::Path { d, filled: false, .. } => writeln!(
            out,
            "<path d=\"{d}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{opacity}/>",
            short(look.stroke_width)
        ),
        Node::Path { d, .. } => writeln!(out, "<path d=\"{d}\" fill=\"{color}\"{opacity}/>"),
        Node::Rect { x, y, width, height, .. } => writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{color}\"{opacity}/>"
        ),
        Node::Circle { cx, cy, r, .. } => {
            writeln!(out, "<circle cx=\"{cx}\" cy=\"{cy}\" r=\"{r}\" fill=\"{color}\"{opacity}/>")
        }
        Node::Text { x, y, anchor, text, .. } => {
            writeln!(
                out,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\" font-size=\"{}\" fill=\"{color}\"{opacity}>{}</text>",
                short(look.font_size),
                escape(text)
            )
        }
    };
}

/// The text with characters that XML 1.0 forbids replaced by U+FFFD.
pub fn legal(text: &str) -> String {
    let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    text.chars().map(|c| if forbidden(c) { '\u{fffd}' } else { c }).collect()
}

/// The text as XML content or attribute value.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in legal(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
