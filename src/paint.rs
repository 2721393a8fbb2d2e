//! Scenes to pixels, text runs and SVG.
//!
//! A painter sees a scene and a view of it, never a span and never the store. Bars go into a pixel buffer here
//! (one `putImageData` is several times cheaper than tens of thousands of `fillRect`), text is left to the
//! page's canvas as runs that are already clipped and shortened.

pub mod flame;
pub mod labels;
pub mod palette;
pub mod pixels;
pub mod svg;

pub use flame::{Dim, FlameView, Mark, hit};
pub use labels::{GlyphWidths, TextRun, Tone, labels};
pub use palette::{Palette, Rgba, Theme};
pub use pixels::Pixels;

#[cfg(test)]
mod tests;
