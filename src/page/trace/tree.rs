//! The span tree: rows with bars on the flamegraph's stretch of time, drawn on canvases.
//!
//! Rows come in blocks; folding is the engine's work (`Tree` with the fold depth and what was toggled), so a million
//! spans cost what fifty rows cost. The rows in view are elements too, which nobody sees: they are what is read aloud,
//! pointed at and clicked. Those are written when the scrolling rests (`twin`), the picture with each frame (`picture`).

mod picture;
mod scroll;
mod words;

/// Height of a row, CSS pixels; the stylesheet's too.
const ROW: f64 = 26.0;

#[cfg(target_arch = "wasm32")]
mod grid;
#[cfg(target_arch = "wasm32")]
mod pane;
#[cfg(target_arch = "wasm32")]
mod rows;
#[cfg(target_arch = "wasm32")]
mod twin;

#[cfg(target_arch = "wasm32")]
pub(super) use grid::SpanTree;
#[cfg(target_arch = "wasm32")]
pub(super) use rows::TreeRows;
