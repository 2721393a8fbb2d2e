//! The page: Leptos components, their state, and the address that restores it.
//!
//! It reaches into no column: it asks the engine through [`client`] and draws what comes back.

#![allow(unreachable_pub, reason = "the component macro writes pub items, in private modules too")]

pub mod address;
#[cfg(target_arch = "wasm32")]
mod address_tabs;
#[cfg(target_arch = "wasm32")]
pub mod app;
pub mod bar;
#[cfg(target_arch = "wasm32")]
mod charts;
#[cfg(target_arch = "wasm32")]
pub mod client;
pub mod clock;
#[cfg(target_arch = "wasm32")]
pub mod colors;
pub mod condition;
pub mod csv;
pub mod drill;
pub mod edits;
pub mod exceptions;
#[cfg(target_arch = "wasm32")]
mod explore;
pub mod format;
#[cfg(target_arch = "wasm32")]
pub mod frame;
pub mod jump;
pub mod map;
#[cfg(target_arch = "wasm32")]
mod metrics;
pub mod plots;
pub mod red;
#[cfg(target_arch = "wasm32")]
mod red_table;
#[cfg(target_arch = "wasm32")]
mod report;
pub mod rows;
#[cfg(target_arch = "wasm32")]
mod sampling;
#[cfg(target_arch = "wasm32")]
mod scope;
#[cfg(target_arch = "wasm32")]
pub mod script;
#[cfg(target_arch = "wasm32")]
mod service;
#[cfg(target_arch = "wasm32")]
mod services;
#[cfg(target_arch = "wasm32")]
pub mod state;
#[cfg(target_arch = "wasm32")]
mod time_range;
pub mod time_text;
#[cfg(test)]
mod tokens;
pub mod trace;
#[cfg(target_arch = "wasm32")]
#[cfg(target_arch = "wasm32")]
pub mod widgets;
