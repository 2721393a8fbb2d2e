//! The only room with raw browser objects: the worker transport, files, fetch, clipboard, time.
//!
//! Knows nobody. Everything here is small and turns JavaScript values into Rust ones at the border.

pub mod bytes;
pub mod canvas;
mod error;
pub mod fetch;
pub mod field;
pub mod folder;
pub mod js;
pub mod page;
pub mod part;
pub mod read;
pub mod rest;
pub mod sizes;
pub mod tasks;
pub mod worker;

pub use error::Error;
