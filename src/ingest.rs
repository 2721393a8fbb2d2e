//! Bytes to store: what a file is, how it is unpacked, how it is read, and what was found.
//!
//! ```text
//! let mut reader = Reader::new("traces.json", Limits::default());
//! reader.feed(chunk);                                       // as chunks arrive
//! while reader.pump(&mut builder, 1 << 20) == Progress::More { /* look after other things */ }
//! let report = reader.finish(&mut builder);                 // a row a file, and a row a member
//! ```
//!
//! Content decides, never the name. The unit of work is one span; the whole file is never held. Reading does not
//! fail as a whole: good spans stay, and the report lists what was skipped and what was repaired.

mod base64;
mod decoder;
pub mod export;
mod foreign;
mod group;
mod ids;
mod json;
pub mod otlp;
mod part;
mod pipe;
mod reader;
mod repair;
mod report;
mod sniff;
mod unpack;

#[cfg(test)]
mod tests;

pub use part::Part;
pub use reader::{Apart, Bytes, Cutter, Limits, Progress, Reader, Seams, Stretch};
pub use report::{FileReport, Place, Problem, ProblemKind};
