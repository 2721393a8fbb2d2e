//! What a request's fields may be: a range of time and closed sets of words.

use serde_json::Value as Json;

use super::Ns;
use super::wire::{Fields, Object, Put, Take, Wrong, words};

/// Which span starts are counted: `start_ns <= start < end_ns`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// First nanosecond inside.
    pub start_ns: Ns,
    /// First nanosecond outside.
    pub end_ns: Ns,
}

impl Put for Range {
    fn put(&self, out: &mut String) {
        let mut object = Object::new(out);
        object.field("start_ns", &self.start_ns);
        object.field("end_ns", &self.end_ns);
        object.end();
    }
}

impl Take for Range {
    fn take(json: Json) -> Result<Self, Wrong> {
        let mut fields = Fields::of(json)?;
        Ok(Self { start_ns: fields.need("start_ns")?, end_ns: fields.need("end_ns")? })
    }
}

/// Which spans count as calls of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ScopeName {
    /// Roots, orphans, cyclic spans, and spans whose parent belongs to another service.
    #[default]
    Entry,
    /// SERVER and CONSUMER spans.
    Server,
    /// Every span.
    All,
}

/// Order of the traces table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// Longest first.
    #[default]
    Longest,
    /// Shortest first.
    Shortest,
    /// Latest first.
    Latest,
    /// Earliest first.
    Earliest,
    /// Most spans first.
    MostSpans,
    /// Most errors first.
    MostErrors,
}

/// What a series measures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Measure {
    /// p50, p90, p99 and count.
    #[default]
    Latency,
    /// Calls per second.
    Rate,
    /// Error fraction.
    Errors,
    /// Apdex.
    Apdex,
}

/// What makes two exceptions the same, beside their source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AlikeName {
    /// Service, type and normalized message.
    #[default]
    Message,
    /// Type.
    Type,
    /// Type and top frame of the stack.
    Frame,
}

/// Which calls a service makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CallKind {
    /// To databases.
    #[default]
    Database,
    /// To hosts outside.
    External,
}

words!(ScopeName { Entry = "entry", Server = "server", All = "all" });
words!(Order {
    Longest = "-duration",
    Shortest = "duration",
    Latest = "-start",
    Earliest = "start",
    MostSpans = "-spans",
    MostErrors = "-errors",
});
words!(Measure { Latency = "latency", Rate = "rate", Errors = "errors", Apdex = "apdex" });
words!(AlikeName { Message = "message", Type = "type", Frame = "frame" });
words!(CallKind { Database = "database", External = "external" });
