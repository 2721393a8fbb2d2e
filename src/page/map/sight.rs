//! Which part of the picture is seen, and how large.

/// Smallest and largest scale.
const SCALES: (f64, f64) = (0.08, 3.0);
/// Below this scale names cannot be read.
const READABLE: f64 = 0.23;
/// Free space around the whole where it fits, in CSS pixels.
pub const MARGIN: f64 = 24.0;

/// Which part of the picture is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// Where the picture's origin is, in CSS pixels of the stage.
    pub x: f64,
    /// The same, vertically.
    pub y: f64,
    /// CSS pixels a unit of the picture.
    pub scale: f64,
}

impl Default for Sight {
    fn default() -> Self {
        Self { x: MARGIN, y: MARGIN, scale: 1.0 }
    }
}

impl Sight {
    /// SVG's word for it.
    pub fn transform(&self) -> String {
        format!("translate({:.2} {:.2}) scale({:.4})", self.x, self.y, self.scale)
    }

    /// How a picture is met first: all of it, where its names can be read then; else as far away as they can, at
    /// its left edge, with what stands at `y` in the middle.
    pub fn first(size: (f64, f64), stage: (f64, f64), y: f64) -> Self {
        let whole = Self::whole(size, stage);
        if whole.scale >= READABLE {
            return whole;
        }
        let height = size.1 * READABLE;
        let room = stage.1 - 2.0 * MARGIN;
        let top = if height <= room {
            (stage.1 - height) / 2.0
        } else {
            (stage.1 / 2.0 - y * READABLE).clamp(MARGIN + room - height, MARGIN)
        };
        Self { x: MARGIN, y: top, scale: READABLE }
    }

    /// Size of names far away, in units of the picture, so that they are of one size on the screen as far as
    /// neighbors leave room.
    pub fn far_size(&self) -> f64 {
        (11.5 / self.scale).clamp(20.0, 42.0)
    }

    /// All of a picture in a stage, in its middle and never larger than drawn.
    pub fn whole((width, height): (f64, f64), stage: (f64, f64)) -> Self {
        let room = (stage.0 - 2.0 * MARGIN, stage.1 - 2.0 * MARGIN);
        let scale = (room.0 / width.max(1.0)).min(room.1 / height.max(1.0)).clamp(SCALES.0, 1.0);
        Self { x: (stage.0 - width * scale) / 2.0, y: (stage.1 - height * scale) / 2.0, scale }
    }

    /// Nearer or further, with the point at `x`, `y` of the stage staying where it is.
    #[must_use]
    pub fn zoomed(self, factor: f64, x: f64, y: f64) -> Self {
        let scale = (self.scale * factor).clamp(SCALES.0, SCALES.1);
        let grown = scale / self.scale;
        Self { x: x - (x - self.x) * grown, y: y - (y - self.y) * grown, scale }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zooming_keeps_the_point_under_the_pointer() {
        let sight = Sight { x: 10.0, y: 20.0, scale: 0.5 };
        let zoomed = sight.zoomed(2.0, 110.0, 70.0);
        // What of the map is under the pointer.
        let under = |s: Sight| ((110.0 - s.x) / s.scale, (70.0 - s.y) / s.scale);
        assert_eq!(under(sight), under(zoomed));
        let steepest = sight.zoomed(100.0, 0.0, 0.0);
        assert_eq!((steepest.scale, steepest.y > sight.y), (SCALES.1, true));
        let whole = Sight::whole((1000.0, 100.0), (548.0, 548.0));
        assert_eq!((whole.x, whole.scale), (24.0, 0.5));
        let small = Sight::whole((10.0, 10.0), (548.0, 548.0));
        assert_eq!((small.scale * 100.0) as u64, 100, "never larger than drawn");
    }

    #[test]
    fn names_can_be_read_at_first() {
        let stage = (348.0, 448.0);
        let some = Sight::first((1000.0, 1000.0), stage, 0.0);
        assert_eq!(some, Sight::whole((1000.0, 1000.0), stage));
        let wide = Sight::first((5000.0, 1000.0), stage, 500.0);
        assert_eq!((wide.x, wide.y, wide.scale), (24.0, 109.0, READABLE));
        let tall = |y| Sight::first((5000.0, 5000.0), stage, y).y;
        assert_eq!(
            (tall(0.0), tall(2000.0), tall(5000.0)),
            (24.0, 224.0 - 2000.0 * READABLE, 424.0 - 5000.0 * READABLE)
        );
        assert!((wide.far_size() - 42.0).abs() < 1e-9 && (Sight::default().far_size() - 20.0).abs() < 1e-9);
    }
}
