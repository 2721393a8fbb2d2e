//! The page: Leptos components, their state, and the address that restores it.
//!
//! It reaches into no column: it asks the engine through [`client`] and draws what comes back.

pub mod address;
#[cfg(target_arch = "wasm32")]
pub mod client;
#[cfg(target_arch = "wasm32")]
pub mod colors;
pub mod format;
pub mod rows;
#[cfg(target_arch = "wasm32")]
pub mod state;
#[cfg(target_arch = "wasm32")]
pub mod widgets;
