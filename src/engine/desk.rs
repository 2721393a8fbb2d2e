//! The data set and the answers over it.
//!
//! One desk holds one data set: ingest fills its builder, every answer is computed from the last seal. What is
//! costly and asked again (self times, the layout and visible rows of the trace on screen) is kept until
//! the data changes.

mod charts;
mod exceptions;
mod explore;
mod export;
mod find;
mod flame;
mod lists;
mod map;
mod query;
mod ranks;
mod rows;
mod span;
mod spans;
mod table;
mod trace;
mod tree;
mod views;

#[cfg(test)]
mod tests;

use super::protocol::wire::Put;
use super::protocol::{Envelope, Head, Partial, Report, Request};
use crate::analysis;
use crate::model::TraceId;
use crate::store::{Builder, Store};
use crate::traceql;

/// Why a question has no answer: a sentence for the person who asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request names a trace that is not there.
    #[error("no trace {0} in the loaded data; expected 32 hex digits of a trace that is listed under traces")]
    NoTrace(String),
    /// The request names a span that is not there.
    #[error("no span {span} in trace {trace}")]
    NoSpan {
        /// Hex.
        trace: String,
        /// Hex.
        span: String,
    },
    /// The request names a service that is not there.
    #[error("no service \"{0}\" in the loaded data")]
    NoService(String),
    /// A field has a value that means nothing.
    #[error("{field}: expected {expected}, found \"{found}\"")]
    BadField {
        /// The field.
        field: &'static str,
        /// What it may be.
        expected: &'static str,
        /// What it was.
        found: String,
    },
    /// A question of the analysis rooms failed.
    #[error("{0}")]
    Analysis(#[from] analysis::Error),
    /// The query is not TraceQL, or cannot be evaluated.
    #[error("{0}")]
    Query(String),
}

/// A column that travels beside an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Buffer {
    /// 64-bit floats.
    F64(Vec<f64>),
    /// 32-bit numbers.
    U32(Vec<u32>),
    /// Bytes.
    U8(Vec<u8>),
}

/// An answer ready to cross the worker boundary.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reply {
    /// JSON.
    pub text: String,
    /// Columns beside it.
    pub buffers: Vec<Buffer>,
}

/// One data set with what was derived from it.
#[derive(Debug, Default)]
pub struct Desk {
    builder: Builder,
    report: Report,
    partial: Option<Partial>,
    memory_bytes: u64,
    file_bytes: u64,
    self_times: Option<(u64, analysis::SelfTimes)>,
    /// How often keys and values occur, for completions.
    counts: Option<traceql::complete::Counts>,
    weights: Option<(u64, std::sync::Arc<[f64]>)>,
    /// How often everything occurs among all spans.
    census: Option<analysis::Census>,
    shown: Option<views::ShownTrace>,
    /// Appended since the last seal.
    dirty: bool,
}

impl Desk {
    /// The side that ingest fills; the next answer seals what was appended.
    pub fn builder(&mut self) -> &mut Builder {
        self.dirty = true;
        &mut self.builder
    }

    /// Takes the place of another desk: generations go on growing.
    pub fn follow(&mut self, replaced: &Self) {
        self.builder.follow(replaced.builder.store());
    }

    /// Every file that was opened, with its report.
    pub fn report(&mut self) -> &mut Report {
        &mut self.report
    }

    /// Spans that were appended, sealed or not.
    pub fn span_count(&self) -> u64 {
        self.builder.span_count() as u64
    }

    /// Bytes that the data holds, sealed or not.
    pub fn held_bytes(&self) -> u64 {
        self.builder.held_bytes()
    }

    /// Counts bytes of files that were read.
    pub fn add_file_bytes(&mut self, bytes: u64) {
        self.file_bytes += bytes;
    }

    /// Says how far reading has come, or that nothing is being read.
    pub fn set_partial(&mut self, partial: Option<Partial>) {
        self.partial = partial;
    }

    /// Says how large the engine's memory is.
    pub fn set_memory_bytes(&mut self, bytes: u64) {
        self.memory_bytes = bytes;
    }

    /// The store with everything that was appended so far.
    pub fn store(&mut self) -> &Store {
        self.seal();
        self.builder.store()
    }

    /// Seals what was appended, if anything was.
    pub fn seal(&mut self) {
        if std::mem::take(&mut self.dirty) {
            self.builder.seal();
            (self.self_times, self.weights, self.counts) = (None, None, None);
            (self.shown, self.census) = (None, None);
        }
    }

    /// How often everything occurs among all spans, counted once a seal.
    fn census(&mut self) -> Result<(), Error> {
        if self.census.is_none() {
            self.census = Some(analysis::Census::of(self.builder.store(), &analysis::Uninterrupted)?);
        }
        Ok(())
    }

    /// Whether something was appended that no answer has seen.
    pub fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Answers a request in wire form.
    pub fn answer_text(&mut self, request: &str) -> Result<Reply, String> {
        let request = Request::from_json(request)?;
        self.answer(&request).map_err(|error| error.to_string())
    }

    /// Answers a request from the last seal.
    pub fn answer(&mut self, request: &Request) -> Result<Reply, Error> {
        match request {
            Request::Summary(r) => self.apart(r, Self::summary),
            Request::Services(r) => self.apart(r, Self::services),
            Request::Operations(r) => self.apart(r, Self::operations),
            Request::Traces(r) => self.apart(r, Self::traces),
            Request::Spans(r) => self.apart(r, Self::spans),
            Request::Table(r) => self.apart(r, Self::table),
            Request::Trace(r) => self.apart(r, Self::trace),
            Request::Span(r) => self.apart(r, Self::span),
            Request::CriticalPath(r) => self.apart(r, Self::critical_path),
            Request::Statistics(r) => self.apart(r, Self::statistics),
            Request::WhatIf(r) => self.apart(r, Self::what_if),
            Request::Find(r) => self.apart(r, Self::find),
            Request::Series(r) => self.apart(r, Self::series),
            Request::Red(r) => self.apart(r, Self::red),
            Request::Heatmap(r) => self.apart(r, Self::heatmap),
            Request::Calls(r) => self.apart(r, Self::calls),
            Request::ServiceMap(r) => self.apart(r, Self::service_map),
            Request::Exceptions(r) => self.apart(r, Self::exceptions),
            Request::PlainErrors(r) => self.apart(r, Self::plain_errors),
            Request::Occurrences(r) => self.apart(r, Self::occurrences),
            Request::Parse(r) => self.apart(r, |desk, r| Ok(desk.parse(r))),
            Request::Explain(r) => self.apart(r, |desk, r| desk.explain(r)),
            Request::Complete(r) => self.apart(r, |desk, r| Ok(desk.complete(r))),
            Request::Metrics(r) => self.apart(r, Self::metrics),
            Request::Facets(r) => self.apart(r, Self::facets),
            Request::Difference(r) => self.apart(r, Self::difference),
            Request::Tree(r) => self.apart(r, Self::tree),
            Request::Flame(r) => self.apart(r, Self::flame),
            Request::Export(r) => self.apart(r, Self::export),
            Request::Files(_) => {
                let mut report = self.report.clone();
                report.spans = self.builder.store().len() as u64;
                report.traces = self.builder.store().trace_count() as u64;
                Ok(self.reply(report))
            }
            #[expect(clippy::panic, reason = "the request exists to try the recovery from a panic")]
            Request::Crash(_) => panic!("the request \"crash\" asked for it"),
        }
    }

    /// Answers one kind of request in a function of its own. Put together in one they are compiled together: a
    /// browser took a quarter of a second of a core for that in the midst of reading.
    #[inline(never)]
    fn apart<R>(
        &mut self,
        request: &R,
        answer: impl FnOnce(&mut Self, &R) -> Result<Reply, Error>,
    ) -> Result<Reply, Error> {
        answer(self, request)
    }

    fn reply(&self, body: impl Put) -> Reply {
        self.reply_with(body, Vec::new())
    }

    fn reply_with(&self, body: impl Put, buffers: Vec<Buffer>) -> Reply {
        let head = Head { generation: self.builder.store().generation(), partial: self.partial };
        Reply { text: Envelope { head, body }.print(), buffers }
    }

    /// Self times of all spans, computed once a seal.
    fn self_times(&mut self) -> Result<&analysis::SelfTimes, Error> {
        let store = self.builder.store();
        let generation = store.generation();
        let fresh = match self.self_times.take() {
            Some((seal, times)) if seal == generation => times,
            _ => {
                let include = analysis::Asynchronous::Include;
                analysis::SelfTimes::of(store, include, &analysis::Uninterrupted)?
            }
        };
        Ok(&self.self_times.insert((generation, fresh)).1)
    }

    /// The trace that a hex id names.
    fn find_trace(&self, text: &str) -> Result<u32, Error> {
        TraceId::parse(text)
            .and_then(|id| self.builder.store().find_trace(id))
            .ok_or_else(|| Error::NoTrace(text.to_owned()))
    }
}
