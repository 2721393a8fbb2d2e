//! Spanscope in a real Chromium: everything a person and a script can do, against facts that another program found.
//!
//! `./x test browser` sets the settings (`SPANSCOPE_DIST`, `SPANSCOPE_CHROMIUM`, `SPANSCOPE_CHROMEDRIVER`) and runs
//! this; `cargo test … --test browser NAME` after it runs a part.
#![allow(unreachable_pub, reason = "the modules of a test program share their items with each other only")]

mod door;
mod drill;
mod exceptions;
mod explore;
mod explore_hands;
mod first_visit;
mod frame;
mod harness;
mod hostile;
mod large;
mod map;
mod network;
mod numbers;
mod query;
mod recovery;
mod screens;
#[path = "../support/server.rs"]
mod server;
mod trace;
mod trace_parts;
mod trace_tools;
mod trace_views;
mod tree_picture;
mod ways_in;
