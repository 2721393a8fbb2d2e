//! The TraceQL bar: a field with colors behind it, completions, errors, a live count, kept queries.
//!
//! The caret, the selection and undo are the browser's own: the field's text is transparent over a colored copy.
//! Coloring happens with every key and asks nobody; verdict, completions and count come from the engine when
//! they come, and a newer key's question replaces the older one.

pub mod help;
pub mod highlight;
#[cfg(target_arch = "wasm32")]
mod kept;
#[cfg(target_arch = "wasm32")]
mod keys;
pub mod look;
#[cfg(target_arch = "wasm32")]
mod panel;
#[cfg(target_arch = "wasm32")]
mod typing;

#[cfg(target_arch = "wasm32")]
pub use view::{focus, query_bar};

#[cfg(target_arch = "wasm32")]
mod view;
