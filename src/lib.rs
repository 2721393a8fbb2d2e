//! Spanscope: a trace explorer that is only a static web page.
//!
//! `ARCHITECTURE.md` is the map of the rooms below, what each may know and why.

pub mod analysis;
pub mod ingest;
pub mod model;
pub mod store;
