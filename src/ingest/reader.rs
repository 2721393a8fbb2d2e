//! One file from bytes to records: a chain of steps, each with a pipe before it.
//!
//! Bytes are fed in at one end; [`pump`](Reader::pump) moves a bounded amount along the chain at a time, so that
//! whoever calls it can look after other things in between, even inside one compressed chunk.

use super::json::Documents;
use super::otlp::Walker;
use super::pipe::Pipe;
use super::report::{FileReport, Findings, Place, ProblemKind};
use super::sniff::{Content, sniff};
use crate::store::Builder;

/// What reading may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest single span, log record or resource, in bytes; larger ones are left out.
    pub max_record: u64,
    /// Most bytes that one file may unpack to.
    pub max_unpacked: u64,
    /// Bytes that may be unpacked without a single record in them.
    pub max_barren: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_record: 512 << 20, max_unpacked: 64 << 30, max_barren: 256 << 20 }
    }
}

/// Where a reader stands after a call of [`pump`](Reader::pump).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// There is more to do with what is there: call again.
    More,
    /// All that is there was used: feed more, or end.
    Hungry,
    /// Nothing more will be read from this file, whatever is fed.
    Done,
}

/// What reads the unpacked content.
#[derive(Debug)]
enum Decoder {
    /// Not decided yet; how many bytes must be there before it is looked at again.
    Undecided(usize),
    Json(Box<Documents>),
    Protobuf(Box<Walker>),
    /// The rest is of no use.
    Nothing,
}

/// Reads one file.
#[derive(Debug)]
pub struct Reader {
    name: String,
    limits: Limits,
    bytes: u64,
    pipe: Pipe,
    decoder: Decoder,
    findings: Findings,
    cancelled: bool,
    finished: bool,
}

impl Reader {
    /// A reader for a file of this name; the name is only repeated in the report.
    pub fn new(name: impl Into<String>, limits: Limits) -> Self {
        Self {
            name: name.into(),
            limits,
            bytes: 0,
            pipe: Pipe::default(),
            decoder: Decoder::Undecided(0),
            findings: Findings::default(),
            cancelled: false,
            finished: false,
        }
    }

    /// Takes in the next bytes of the file. Nothing is read yet: that is done by [`pump`](Self::pump).
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        if !matches!(self.decoder, Decoder::Nothing) {
            self.pipe.push(bytes);
        }
    }

    /// Says that the file ends here.
    pub fn end(&mut self) {
        self.pipe.ended = true;
    }

    /// Says that the file is not read to its end on request; what was read stays.
    pub fn cancel(&mut self) {
        self.cancelled = true;
        self.decoder = Decoder::Nothing;
    }

    /// Spans read so far.
    pub fn spans(&self) -> u64 {
        self.findings.spans
    }

    /// Reads on, until about `budget` bytes of unpacked content were used.
    pub fn pump(&mut self, builder: &mut Builder, budget: u64) -> Progress {
        if let Decoder::Undecided(need) = self.decoder {
            if self.pipe.len() < need && !self.pipe.ended {
                return Progress::Hungry;
            }
            let Some(content) = sniff(self.pipe.bytes(), self.pipe.ended) else {
                self.decoder = Decoder::Undecided((self.pipe.len() * 2).clamp(16, super::sniff::LOOK));
                return Progress::Hungry;
            };
            self.decide(content);
        }
        let before = self.pipe.at();
        match &mut self.decoder {
            Decoder::Json(documents) => documents.run(&mut self.pipe, builder, &mut self.findings, budget),
            Decoder::Protobuf(walker) => {
                walker.run(&mut self.pipe, builder, &mut self.findings, budget);
                if walker.is_lost(&self.pipe) {
                    self.pipe.consume(self.pipe.len());
                    return Progress::Done;
                }
            }
            Decoder::Undecided(_) | Decoder::Nothing => {
                self.pipe.consume(self.pipe.len());
                return Progress::Done;
            }
        }
        if self.pipe.at() > before && !self.pipe.is_empty() { Progress::More } else { Progress::Hungry }
    }

    fn decide(&mut self, content: Content) {
        self.decoder = match content {
            Content::Json => {
                self.pipe.text = true;
                Decoder::Json(Box::new(Documents::new(self.limits.max_record)))
            }
            Content::Protobuf { wrapped } => {
                Decoder::Protobuf(Box::new(Walker::new(wrapped, self.limits.max_record)))
            }
            Content::Empty => {
                let message = if self.pipe.is_empty() {
                    "the file is empty"
                } else {
                    "the file holds only white space"
                };
                self.findings.problem(ProblemKind::Empty, Place::byte(0), message);
                Decoder::Nothing
            }
            Content::Foreign(what) => {
                self.findings.problem(ProblemKind::NotTelemetry, Place::byte(0), what);
                Decoder::Nothing
            }
        };
    }

    /// Reads what is left, closes what is open, and tells what was found: the file's row, then one for each
    /// member of an archive.
    pub fn finish(&mut self, builder: &mut Builder) -> Vec<FileReport> {
        self.end();
        while self.pump(builder, u64::MAX) == Progress::More {}
        if !self.finished {
            self.finished = true;
            match &mut self.decoder {
                Decoder::Json(documents) => documents.finish(&mut self.pipe, builder, &mut self.findings),
                Decoder::Protobuf(walker) => walker.finish(&mut self.pipe, builder, &mut self.findings),
                Decoder::Undecided(_) | Decoder::Nothing => {}
            }
        }
        let form = self.form();
        self.tell_no_spans();
        vec![FileReport {
            name: self.name.clone(),
            form,
            bytes: self.bytes,
            spans: self.findings.spans,
            traces: self.findings.traces(),
            logs: self.findings.logs,
            metric_points: self.findings.metric_points,
            notes: self.findings.take_notes(),
            problems: std::mem::take(&mut self.findings.problems),
            cancelled: self.cancelled,
            member: false,
        }]
    }

    fn form(&self) -> String {
        match &self.decoder {
            Decoder::Json(documents) => documents.shapes().form(),
            Decoder::Protobuf(walker) if walker.is_wrapped() => "tempo-protobuf",
            Decoder::Protobuf(_) => "otlp-protobuf",
            Decoder::Undecided(_) | Decoder::Nothing => "unknown",
        }
        .to_owned()
    }

    /// A file without spans says so, and what it holds instead.
    fn tell_no_spans(&mut self) {
        let found = &self.findings;
        if found.spans > 0 || self.cancelled || !found.problems.is_empty() {
            return;
        }
        let message = match (found.logs, found.metrics) {
            (0, 0) => "there are no spans in this file".to_owned(),
            (0, metrics) => format!("there are no spans in this file, only {metrics} metrics"),
            (logs, 0) => format!("there are no spans in this file, only {logs} log records"),
            (logs, metrics) => {
                format!("there are no spans in this file, only {logs} log records and {metrics} metrics")
            }
        };
        self.findings.problem(ProblemKind::NoSpans, Place::default(), message);
    }
}
