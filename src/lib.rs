//! Spanscope: a trace explorer that is only a static web page.
//!
//! `ARCHITECTURE.md` is the map of the rooms below, what each may know and why.

pub mod analysis;
pub mod engine;
pub mod ingest;
pub mod model;
pub mod page;
pub mod paint;
pub mod scene;
pub mod store;
pub mod traceql;
#[cfg(target_arch = "wasm32")]
pub mod web;
#[cfg(target_arch = "wasm32")]
pub mod worker;
