//! The span tree: rows of which only the visible ones exist, with bars on the flamegraph's stretch of time.
//!
//! Rows come in blocks; folding is the engine's work (`Tree` with the fold depth and what was toggled), so a million
//! spans cost what fifty rows cost.

mod scroll;

#[cfg(target_arch = "wasm32")]
mod grid;
#[cfg(target_arch = "wasm32")]
mod row;
#[cfg(target_arch = "wasm32")]
mod rows;

#[cfg(target_arch = "wasm32")]
pub(super) use grid::SpanTree;
#[cfg(target_arch = "wasm32")]
pub(super) use rows::TreeRows;
