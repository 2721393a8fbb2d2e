//! Drawings as data: lines, areas and texts that carry a class name instead of a color.
//!
//! Charts and maps are made of these. The page turns them into SVG nodes that its stylesheet colors, `paint`
//! into SVG files, and tests read them as text. Lengths are CSS pixels from the top left.

use std::fmt::Write;

mod sketch;

pub(crate) use sketch::{FINE, Sketch, pen};

/// A drawing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shapes {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// What to draw, from back to front.
    pub shapes: Vec<Shape>,
}

/// One shape and what it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// Class names with spaces between: "series-p50", "dot series-p99", "grid", "axis-text".
    pub class: String,
    /// Its form.
    pub form: Form,
}

/// The form of a shape. Lines and curves are stroked, the others filled.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A line through points.
    Line(Vec<(f64, f64)>),
    /// A cubic Bézier curve: a start, then two control points and an end for every piece.
    Curve(Vec<(f64, f64)>),
    /// An area.
    Polygon(Vec<(f64, f64)>),
    /// An upright rectangle.
    Rect {
        /// Left edge.
        x: f64,
        /// Top edge.
        y: f64,
        /// Width.
        width: f64,
        /// Height.
        height: f64,
    },
    /// Upright rectangles of one look: left, top, width and height of each.
    Boxes(Vec<[f64; 4]>),
    /// A disc.
    Circle {
        /// Center.
        x: f64,
        /// Center.
        y: f64,
        /// Radius.
        radius: f64,
    },
    /// A text on one line.
    Text {
        /// Where `anchor` says.
        x: f64,
        /// The baseline.
        y: f64,
        /// What of the text stands at `x`.
        anchor: Anchor,
        /// What to write.
        text: String,
    },
}

/// Which end of a text its position means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Anchor {
    /// Its start.
    #[default]
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

impl Anchor {
    /// The value of SVG's `text-anchor`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Middle => "middle",
            Self::End => "end",
        }
    }
}

/// Room at the right of a plot for what its lines stand for, where nothing of the plot runs under it.
pub const GUTTER: f64 = 50.0;

impl Shapes {
    /// An empty drawing of a plot with its [`GUTTER`].
    pub(crate) fn plot(width: f64, height: f64) -> Self {
        Self::new(width + GUTTER, height)
    }

    /// An empty drawing.
    pub fn new(width: f64, height: f64) -> Self {
        Self { width, height, shapes: Vec::new() }
    }

    /// Adds a shape in front.
    pub fn push(&mut self, class: impl Into<String>, form: Form) {
        self.shapes.push(Shape { class: class.into(), form });
    }

    /// Adds a text in front.
    pub fn text(&mut self, class: &str, x: f64, y: f64, anchor: Anchor, text: impl Into<String>) {
        self.push(class, Form::Text { x, y, anchor, text: text.into() });
    }

    /// The same drawing further right and further down; its size stays.
    #[must_use]
    pub fn moved(&self, dx: f64, dy: f64) -> Self {
        let mut moved = self.clone();
        let shift = |(x, y): &mut (f64, f64)| (*x, *y) = (*x + dx, *y + dy);
        for shape in &mut moved.shapes {
            match &mut shape.form {
                Form::Line(points) | Form::Curve(points) | Form::Polygon(points) => {
                    points.iter_mut().for_each(shift);
                }
                Form::Boxes(all) => all.iter_mut().for_each(|[x, y, ..]| (*x, *y) = (*x + dx, *y + dy)),
                Form::Rect { x, y, .. } | Form::Circle { x, y, .. } | Form::Text { x, y, .. } => {
                    (*x, *y) = (*x + dx, *y + dy);
                }
            }
        }
        moved
    }

    /// The drawing as text, a line a shape: what tests compare.
    pub fn dump(&self) -> String {
        use std::fmt::Write;

        let mut out = String::new();
        for Shape { class, form } in &self.shapes {
            let words = match form {
                Form::Line(p) => format!("line{}", list(p)),
                Form::Curve(p) => format!("curve{}", list(p)),
                Form::Polygon(p) => format!("polygon{}", list(p)),
                Form::Rect { x, y, width, height } => {
                    format!("rect {},{} {}x{}", short(*x), short(*y), short(*width), short(*height))
                }
                Form::Boxes(all) => all.iter().fold("boxes".to_owned(), |list, [x, y, w, h]| {
                    format!("{list} {},{} {}x{}", short(*x), short(*y), short(*w), short(*h))
                }),
                Form::Circle { x, y, radius } => {
                    format!("circle {},{} r{}", short(*x), short(*y), short(*radius))
                }
                Form::Text { x, y, anchor, text } => {
                    format!("text {},{} {} {text:?}", short(*x), short(*y), anchor.word())
                }
            };
            let _ = writeln!(out, "{class}: {words}");
        }
        out
    }
}

fn list(points: &[(f64, f64)]) -> String {
    points.iter().fold(String::new(), |list, &(x, y)| list + " " + &short(x) + "," + &short(y))
}

/// A coordinate with at most two decimals and no trailing zeros.
pub fn short(v: f64) -> String {
    let mut text = String::new();
    push_short(&mut text, v);
    text
}

/// Appends a coordinate: in whole hundredths, because a chart has thousands and exact decimals of doubles cost much.
pub fn push_short(out: &mut String, v: f64) {
    let hundredths = (v * 100.0).round_ties_even() as i64;
    let (whole, rest) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
    let sign = if hundredths < 0 { "-" } else { "" };
    let _ = match (rest, rest % 10) {
        (0, _) => write!(out, "{sign}{whole}"),
        (_, 0) => write!(out, "{sign}{whole}.{}", rest / 10),
        _ => write!(out, "{sign}{whole}.{rest:02}"),
    };
}
