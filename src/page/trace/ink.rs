//! Pictures as rectangles and texts, before there is any canvas. Coordinates are CSS pixels from the top left.

use crate::paint::{GlyphWidths, Rgba};

/// A type face.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// Names, services, durations.
    Body,
    /// Names that were looked for.
    Strong,
    /// What is missing.
    Slanted,
    /// The other numbers.
    Small,
    /// Tags, and times of a ruler.
    Tiny,
    /// How many a row stands for.
    TinyStrong,
    /// Ids.
    Mono,
}

impl Face {
    pub(super) const ALL: [Self; 7] =
        [Self::Body, Self::Strong, Self::Slanted, Self::Small, Self::Tiny, Self::TinyStrong, Self::Mono];

    /// As a canvas wants it, for the families of text and of code.
    pub(super) fn font(self, family: &str, mono: &str) -> String {
        let (style, family) = match self {
            Self::Body => ("13px", family),
            Self::Strong => ("600 13px", family),
            Self::Slanted => ("italic 13px", family),
            Self::Small => ("12px", family),
            Self::Tiny => ("11px", family),
            Self::TinyStrong => ("550 11px", family),
            Self::Mono => ("11.5px", mono),
        };
        format!("{style} {family}")
    }
}

/// How a rectangle is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    Plain,
    /// With round corners.
    Round,
    /// With slanted lines.
    Hatch,
    /// Not at all, but with a dashed border.
    Dashes,
}

/// A rectangle: left, top, width, height.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) fill: Fill,
    pub(super) area: [f64; 4],
    pub(super) color: Rgba,
    /// 0 to 1.
    pub(super) alpha: f64,
}

/// A text; `x` is its left edge, or its right one, and `y` its middle.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Text {
    pub(super) face: Face,
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) right: bool,
    pub(super) color: Rgba,
    pub(super) words: String,
}

/// What is to be drawn: first the shapes, in order, then the texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ink {
    pub(super) shapes: Vec<Shape>,
    pub(super) texts: Vec<Text>,
}

impl Ink {
    pub(super) fn shape(&mut self, fill: Fill, area: [f64; 4], color: Rgba, alpha: f64) {
        self.shapes.push(Shape { fill, area, color, alpha });
    }

    pub(super) fn text(&mut self, face: Face, (x, y): (f64, f64), right: bool, color: Rgba, text: String) {
        if !text.is_empty() {
            self.texts.push(Text { face, x, y, right, color, words: text });
        }
    }
}

/// Measures one character.
pub(super) type Measure = Box<dyn FnMut(char) -> f64>;
/// Widths of the characters of each face, in the order of [`Face::ALL`].
pub(super) type Widths = Vec<GlyphWidths<Measure>>;
