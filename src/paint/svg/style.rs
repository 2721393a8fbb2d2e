//! What the classes of shapes look like in a file: the counterpart of the page's stylesheet.

use crate::paint::palette::{Palette, Rgba, mix, service_colors};

/// The look of a class.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// Stroke of lines and curves, fill of everything else.
    pub color: Rgba,
    /// Width of strokes in CSS pixels.
    pub stroke_width: f64,
    /// Size of texts in CSS pixels.
    pub font_size: f64,
    /// 1 for solid.
    pub opacity: f64,
}

/// The look of a shape with these class names. A later name overrides an earlier one; unknown names change
/// nothing.
pub fn style(class: &str, palette: &Palette) -> Style {
    let mut look = Style { color: palette.text, stroke_width: 1.6, font_size: 12.0, opacity: 1.0 };
    let hues = service_colors(palette.theme);
    for name in class.split(' ') {
        match name {
            "grid" | "n-box" => (look.color, look.stroke_width) = (palette.line, 1.0),
            "axis-text" => (look.color, look.font_size) = (palette.text_3, 11.0),
            "empty" | "secondary" => look.color = palette.text_2,
            "series-p50" | "series-rate" | "spark" => look.color = hues[0],
            "series-p90" => look.color = hues[3],
            "series-p99" => look.color = hues[4],
            "series-errors" | "error" | "marks-error" => look.color = palette.error,
            "title" => look.font_size = 13.0,
            "bar" => look.color = mix(palette.accent, palette.background, 0.45),
            "marked" | "accent" => look.color = palette.accent,
            "marks" => (look.color, look.opacity) = (palette.accent, 0.55),
            "band" => (look.color, look.opacity) = (palette.accent, 0.1),
            "n-small" | "e-label" => look.font_size = 11.0,
            "e-line" | "e-head" => (look.color, look.opacity) = (palette.text_3, 0.7),
            "tinged" => look.color = mix(palette.text_3, palette.error, 0.4),
            "edge" => (look.color, look.stroke_width) = (palette.text_3, 1.2),
            _ => {
                if let Some(step) = number(name, "w") {
                    look.stroke_width = [1.0, 1.6, 2.4, 3.3, 4.3, 5.5][(step as usize).clamp(1, 6) - 1];
                } else if let Some(service) = number(name, "service-") {
                    look.color = palette.bar(service);
                } else if let Some(target) = number(name, "series-t") {
                    let hue = hues[TARGETS[target as usize % TARGETS.len()]];
                    look.color = mix(hue, palette.text, 0.22);
                } else if let Some(heat) = number(name, "heat-") {
                    look.color = mix(palette.background, palette.accent, ramp(heat));
                } else if let Some(heat) = number(name, "heat-error-") {
                    look.color = mix(palette.background, palette.error, ramp(heat));
                }
            }
        }
    }
    look
}

/// Colors of the targets of calls, in an order that tells neighbors apart.
const TARGETS: [usize; 8] = [0, 4, 1, 3, 2, 6, 5, 12];

/// The number behind a prefix.
fn number(name: &str, prefix: &str) -> Option<u32> {
    name.strip_prefix(prefix)?.parse().ok()
}

/// Heat levels 0 to 9 as shares of the full color; even the faintest is seen.
fn ramp(level: u32) -> f64 {
    0.2 + 0.8 * f64::from(level.min(9)) / 9.0
}
