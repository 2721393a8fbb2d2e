//! The service map: who calls whom, how often, how slow and how failing; as a picture and as a table.

#[cfg(target_arch = "wasm32")]
mod gestures;
pub mod names;
pub mod neighbors;
#[cfg(target_arch = "wasm32")]
mod panel;
pub mod picture;
pub mod sight;
#[cfg(target_arch = "wasm32")]
mod stage;
#[cfg(target_arch = "wasm32")]
mod table;
#[cfg(target_arch = "wasm32")]
mod view;

#[cfg(target_arch = "wasm32")]
pub use view::map_page;
