//! The flamegraph by time: minimap, ruler and bars, one painter for all that stands on canvases.
//!
//! ```text
//! gestures ─▶ TraceView's stretch ─▶ painter (one frame) ─▶ pixels from `paint`, text on top
//!                                        └─ leaves the scene at hand? ─▶ Flame question ─▶ new scene
//! ```

mod canvas;
mod gestures;
mod hover;
mod minimap;
mod painter;
mod scene;
mod travel;

pub(super) use canvas::Flamegraph;
pub(super) use travel::travel;
