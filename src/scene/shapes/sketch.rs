//! A plotters backend that draws into shapes.
//!
//! plotters thinks in colors and whole pixels. Here a color is the number of a class in a list, and a pixel is
//! a sixteenth of one, so that curves stay smooth at any zoom.

use std::convert::Infallible;

use plotters::style::RGBColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};

use super::{Anchor, Form, Shapes};

/// plotters' pixels in one of ours.
pub(crate) const FINE: f64 = 16.0;

/// Height of small letters' tops and of digits' middle above the baseline, as parts of the text's size.
const MIDDLE: f64 = 0.35;
const TOP: f64 = 0.74;

/// The color that stands for a class.
pub(crate) fn pen(class: usize) -> RGBColor {
    RGBColor((class >> 16) as u8, (class >> 8) as u8, class as u8)
}

/// Draws into `shapes`, with names from `classes`.
pub(crate) struct Sketch<'a> {
    pub(crate) shapes: &'a mut Shapes,
    pub(crate) classes: &'a [String],
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl Sketch<'_> {
    fn class(&self, color: BackendColor) -> String {
        let (high, middle, low) = color.rgb;
        let number = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        self.classes.get(number).cloned().unwrap_or_default()
    }

    fn add(&mut self, color: BackendColor, form: Form) {
        if color.alpha > 0.0 {
            let class = self.class(color);
            self.shapes.push(class, form);
        }
    }
}

fn point((x, y): BackendCoord) -> (f64, f64) {
    (f64::from(x) / FINE, f64::from(y) / FINE)
}

impl DrawingBackend for Sketch<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        // plotters puts the end of a range on the last pixel: one more, and that is the edge itself.
        ((self.shapes.width * FINE) as u32 + 1, (self.shapes.height * FINE) as u32 + 1)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, at: BackendCoord, color: BackendColor) -> Drawn {
        let (x, y) = point(at);
        self.add(color, Form::Rect { x, y, width: 1.0 / FINE, height: 1.0 / FINE });
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        self.add(style.color(), Form::Line(vec![point(from), point(to)]));
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let ((x, y), (right, bottom)) = (point(upper_left), point(bottom_right));
        let form = if fill {
            Form::Rect { x, y, width: right - x, height: bottom - y }
        } else {
            Form::Line(vec![(x, y), (right, y), (right, bottom), (x, bottom), (x, y)])
        };
        self.add(style.color(), form);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.add(style.color(), Form::Line(path.into_iter().map(point).collect()));
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        center: BackendCoord,
        radius: u32,
        style: &S,
        _fill: bool,
    ) -> Drawn {
        let (x, y) = point(center);
        self.add(style.color(), Form::Circle { x, y, radius: f64::from(radius) / FINE });
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        self.add(style.color(), Form::Polygon(path.into_iter().map(point).collect()));
        Ok(())
    }

    fn draw_text<S: BackendTextStyle>(&mut self, text: &str, style: &S, at: BackendCoord) -> Drawn {
        let (x, y) = point(at);
        let size = style.size() / FINE;
        let anchor = match style.anchor().h_pos {
            HPos::Left => Anchor::Start,
            HPos::Center => Anchor::Middle,
            HPos::Right => Anchor::End,
        };
        let down = match style.anchor().v_pos {
            VPos::Top => TOP * size,
            VPos::Center => MIDDLE * size,
            VPos::Bottom => 0.0,
        };
        self.add(style.color(), Form::Text { x, y: y + down, anchor, text: text.to_owned() });
        Ok(())
    }

    /// plotters' own estimate asks the document on wasm, which a worker has not.
    fn estimate_text_size<S: BackendTextStyle>(
        &self,
        text: &str,
        style: &S,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let width = style.size() * 0.6 * text.chars().count() as f64;
        Ok((width as u32, style.size() as u32))
    }
}
