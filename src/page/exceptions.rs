//! Exceptions: what went wrong how often since when; one group by itself has an address of its own.

#[cfg(target_arch = "wasm32")]
mod group;
#[cfg(target_arch = "wasm32")]
mod list;
pub mod rows;

#[cfg(target_arch = "wasm32")]
pub use list::exceptions_page;
