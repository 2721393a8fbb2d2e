//! What reads the unpacked content: one interface over the forms.

use super::json::Documents;
use super::otlp::Walker;
use super::pipe::Pipe;
use super::report::Findings;
use super::unpack::Prefix;
use crate::store::Builder;

/// The reader of the innermost content.
#[derive(Debug)]
pub(crate) enum Decoder {
    /// Not decided yet.
    Undecided,
    /// JSON documents.
    Json(Box<Documents>, bool),
    /// OTLP protobuf.
    Protobuf(Box<Walker>, bool),
    /// Nothing that could be read.
    Nothing,
}

impl Decoder {
    pub(crate) fn json(max_record: u64) -> Self {
        Self::Json(Box::new(Documents::new(max_record)), false)
    }

    pub(crate) fn protobuf(wrapped: bool, max_record: u64) -> Self {
        Self::Protobuf(Box::new(Walker::new(wrapped, max_record)), false)
    }

    pub(crate) fn is_undecided(&self) -> bool {
        matches!(self, Self::Undecided)
    }

    /// Reads no further; what was read stays and is closed by [`finish`](Self::finish).
    pub(crate) fn give_up(&mut self) {
        match self {
            Self::Undecided => *self = Self::Nothing,
            Self::Json(_, done) | Self::Protobuf(_, done) => *done = true,
            Self::Nothing => {}
        }
    }

    /// Whether nothing more will be read.
    pub(crate) fn is_done(&self, pipe: &Pipe) -> bool {
        match self {
            Self::Undecided => false,
            Self::Json(_, done) => *done,
            Self::Protobuf(walker, done) => *done || walker.is_lost(pipe),
            Self::Nothing => true,
        }
    }

    pub(crate) fn run(
        &mut self,
        pipe: &mut Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
        budget: u64,
    ) {
        match self {
            Self::Json(documents, false) => documents.run(pipe, builder, findings, budget),
            Self::Protobuf(walker, false) => walker.run(pipe, builder, findings, budget),
            Self::Undecided => {}
            _ => pipe.consume(pipe.len()),
        }
    }

    /// Ends the input; to be called once.
    pub(crate) fn finish(&mut self, pipe: &mut Pipe, builder: &mut Builder, findings: &mut Findings) {
        match self {
            Self::Json(documents, done) => documents.finish(pipe, builder, findings, *done),
            Self::Protobuf(walker, done) => walker.finish(pipe, builder, findings, *done),
            Self::Undecided | Self::Nothing => {}
        }
    }

    /// The name of the form without wrappers.
    pub(crate) fn form(&self, prefix: Option<Prefix>) -> &'static str {
        match (self, prefix) {
            (Self::Json(documents, _), prefix) => match (documents.shapes().form(), prefix) {
                (form, Some(Prefix::Be32)) if form.starts_with("otlp-json") => "collector-file-json",
                (form, _) => form,
            },
            (Self::Protobuf(walker, _), _) if walker.is_wrapped() => "tempo-protobuf",
            (Self::Protobuf(..), Some(Prefix::Be32)) => "collector-file-proto",
            (Self::Protobuf(..), Some(Prefix::Varint)) => "otlp-varint-delimited",
            (Self::Protobuf(..), None) => "otlp-protobuf",
            (Self::Undecided | Self::Nothing, _) => "unknown",
        }
    }
}
