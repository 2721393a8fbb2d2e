//! One trace: flamegraph above, span tree below, details of the selected span beside them.
//!
//! The stretch of time that is visible is one signal of [`view::TraceView`], which flamegraph, minimap, ruler and
//! tree share; the selected span is the address's. Everything drawn comes from a question to the engine.
//!
//! ```text
//! header    name, counts, actions; search and legend; notices
//! flame     minimap, ruler, bars: one painter, one frame
//! tree      virtual rows, bars on the same stretch of time; or statistics in its place
//! details   everything of one span; or the critical path as a list
//! ```

#![allow(unreachable_pub, reason = "the component macro makes its inner functions public")]

#[cfg(any(test, target_arch = "wasm32"))]
mod bins;
#[cfg(any(test, target_arch = "wasm32"))]
mod ink;
#[cfg(any(test, target_arch = "wasm32"))]
mod look;
#[cfg(any(test, target_arch = "wasm32"))]
#[cfg_attr(not(target_arch = "wasm32"), expect(dead_code, reason = "the page alone uses all of it"))]
mod stretch;
#[cfg(any(test, target_arch = "wasm32"))]
mod tree;

#[cfg(target_arch = "wasm32")]
mod copy;
#[cfg(target_arch = "wasm32")]
mod details;
#[cfg(target_arch = "wasm32")]
mod flame;
#[cfg(target_arch = "wasm32")]
mod header;
#[cfg(target_arch = "wasm32")]
mod keys;
#[cfg(target_arch = "wasm32")]
mod panel;
#[cfg(target_arch = "wasm32")]
mod path_list;
#[cfg(target_arch = "wasm32")]
mod ruler;
#[cfg(target_arch = "wasm32")]
mod search;
#[cfg(target_arch = "wasm32")]
mod sheet;
#[cfg(target_arch = "wasm32")]
mod splitter;
#[cfg(target_arch = "wasm32")]
mod statistics;
#[cfg(target_arch = "wasm32")]
mod view;

#[cfg(target_arch = "wasm32")]
pub use panel::TracePage;
