//! Which part of the picture is seen, and how large.

/// Smallest and largest scale.
const SCALES: (f64, f64) = (0.08, 3.0);
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
}
