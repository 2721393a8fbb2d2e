//! Canvases that pictures of rectangles and texts are drawn on.

use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::ink::{Face, Fill, Ink, Measure, Shape, Widths};
use crate::paint::palette::css;
use crate::paint::{GlyphWidths, Rgba};
use crate::web::canvas;

/// From one slanted line to the next, CSS pixels along the bar.
const HATCH: f64 = 11.0;

/// A canvas and how it writes.
pub(super) struct Board {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    fonts: Vec<String>,
}

impl Board {
    /// The board of this canvas; none where the browser gives no context to draw with.
    pub(super) fn of(canvas: &HtmlCanvasElement) -> Option<Self> {
        let context = canvas::context(canvas)?;
        let family = canvas::style_of(canvas, "font-family");
        let mono = canvas::style_of(canvas, "--mono");
        Some(Self {
            canvas: canvas.clone(),
            context,
            fonts: Face::ALL.iter().map(|face| face.font(&family, &mono)).collect(),
        })
    }

    /// Measures in the fonts of this board.
    pub(super) fn widths(&self) -> Widths {
        let measure = |font| Box::new(canvas::measure(&self.context, font)) as Measure;
        self.fonts.iter().map(|font| GlyphWidths::new(measure(font))).collect()
    }

    /// It stands here in its element, CSS pixels.
    pub(super) fn place(&self, left: f64, width: f64) {
        for (name, value) in [("left", left), ("width", width)] {
            self.canvas.style().set_property(name, &format!("{value}px")).unwrap_or_default();
        }
    }

    /// Draws over the whole board; sizes in CSS pixels.
    pub(super) fn draw(&self, ink: &Ink, (width, height): (f64, f64), background: Rgba) {
        let ratio = canvas::device_ratio();
        let (columns, rows) =
            ((width * ratio).round().max(1.0) as u32, (height * ratio).round().max(1.0) as u32);
        if self.canvas.width() != columns || self.canvas.height() != rows {
            self.canvas.set_width(columns);
            self.canvas.set_height(rows);
        }
        let context = &self.context;
        // What may throw here does so for numbers that are not finite; those are drawn nowhere.
        context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).unwrap_or_default();
        let mut pen = Pen { context, ratio, color: None, alpha: 1.0 };
        context.set_global_alpha(1.0);
        pen.color(background);
        context.fill_rect(0.0, 0.0, width, height);
        for shape in &ink.shapes {
            pen.shape(shape);
        }
        pen.alpha(1.0);
        context.set_text_baseline("middle");
        for face in Face::ALL {
            let mut right = None;
            for text in ink.texts.iter().filter(|t| t.face == face) {
                if right.is_none() {
                    context.set_font(&self.fonts[face as usize]);
                }
                if right != Some(text.right) {
                    context.set_text_align(if text.right { "right" } else { "left" });
                    right = Some(text.right);
                }
                pen.color(text.color);
                context.fill_text(&text.words, text.x, text.y).unwrap_or_default();
            }
        }
    }
}

/// Remembers what was said to the canvas, which takes its time to understand a color.
struct Pen<'a> {
    context: &'a CanvasRenderingContext2d,
    /// Device pixels a CSS pixel.
    ratio: f64,
    color: Option<Rgba>,
    alpha: f64,
}

impl Pen<'_> {
    fn color(&mut self, color: Rgba) {
        if self.color != Some(color) {
            self.context.set_fill_style_str(&css(color));
            self.color = Some(color);
        }
    }

    fn alpha(&mut self, alpha: f64) {
        if (self.alpha - alpha).abs() > f64::EPSILON {
            self.context.set_global_alpha(alpha);
            self.alpha = alpha;
        }
    }

    fn shape(&mut self, shape: &Shape) {
        // Edges between two pixels would be blurred, and what is one pixel wide would be two pale ones.
        let snap = |at: f64| (at * self.ratio).round() / self.ratio;
        let [x, y, width, height] = shape.area;
        let (x, y, right, bottom) = (snap(x), snap(y), snap(x + width), snap(y + height));
        let (width, height) = ((right - x).max(1.0 / self.ratio), bottom - y);
        self.alpha(shape.alpha);
        let context = self.context;
        match shape.fill {
            Fill::Plain => {
                self.color(shape.color);
                context.fill_rect(x, y, width, height);
            }
            Fill::Round => {
                self.color(shape.color);
                context.begin_path();
                context.round_rect_with_f64(x, y, width, height, 2.0).unwrap_or_default();
                context.fill();
            }
            Fill::Dashes => {
                context.set_stroke_style_str(&css(shape.color));
                context.set_line_width(1.0);
                canvas::dash(context, &[3.0, 3.0]);
                context.stroke_rect(x + 0.5, y + 0.5, (width - 1.0).max(0.0), height - 1.0);
                canvas::dash(context, &[]);
            }
            Fill::Hatch => {
                context.save();
                context.begin_path();
                context.rect(x, y, width, height);
                context.clip();
                context.set_stroke_style_str(&css(shape.color));
                context.set_line_width(2.0);
                context.begin_path();
                for i in 0..=((width + height) / HATCH) as u32 {
                    let from = x + f64::from(i) * HATCH;
                    context.move_to(from, y);
                    context.line_to(from - height, y + height);
                }
                context.stroke();
                context.restore();
            }
        }
    }
}
