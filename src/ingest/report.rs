//! What reading a file found: counts, problems with their place, and every repair by name.
//!
//! Reading never fails as a whole. A problem is something that could not be used and says where it stands;
//! a note is something that was read in spite of a deviation, or that a person should know.

use super::part::{Part, Wanted};
use super::repair::{REPAIRS, Repair};
use crate::store::{Builder, LogDraft, ScopeSlot, SpanDraft};

/// Why something of a file could not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemKind {
    /// The file has no bytes, or only white space.
    Empty,
    /// The content is something else than telemetry.
    NotTelemetry,
    /// A form that is recognized but not read.
    Unsupported,
    /// The file ends in the middle of something.
    Truncated,
    /// Bytes that break the rules of the form; what they cover was left out.
    Corrupt,
    /// A line of a line-based file that could not be used.
    BrokenLine,
    /// One record that could not be read; the others were.
    BrokenRecord,
    /// A value of a type that its place does not allow.
    WrongType,
    /// More than the limits allow.
    TooLarge,
    /// A compressed stream whose checksum does not match.
    Checksum,
    /// Bytes after the end of what was read.
    TrailingBytes,
    /// Well-formed, but without any span.
    NoSpans,
}

impl ProblemKind {
    /// A stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotTelemetry => "not-telemetry",
            Self::Unsupported => "unsupported",
            Self::Truncated => "truncated",
            Self::Corrupt => "corrupt",
            Self::BrokenLine => "broken-line",
            Self::BrokenRecord => "broken-record",
            Self::WrongType => "wrong-type",
            Self::TooLarge => "too-large",
            Self::Checksum => "checksum",
            Self::TrailingBytes => "trailing-bytes",
            Self::NoSpans => "no-spans",
        }
    }
}

/// Where a problem stands. Bytes are counted from 0 in the unpacked content, lines from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Offset in the unpacked content.
    pub byte: Option<u64>,
    /// Line, for text.
    pub line: Option<u64>,
}

impl Place {
    /// A place in bytes.
    pub(crate) fn byte(at: u64) -> Self {
        Self { byte: Some(at), line: None }
    }

    /// A place in text.
    pub(crate) fn text(at: u64, line: u64) -> Self {
        Self { byte: Some(at), line: Some(line) }
    }
}

/// Problems of one kind: the first one in words, and how many there were.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What went wrong.
    pub kind: ProblemKind,
    /// The first one, in words that a person can act on.
    pub message: String,
    /// How many of this kind.
    pub count: u64,
    /// Where the first one stands.
    pub at: Place,
}

/// One row of the report: a file, or a member of an archive.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FileReport {
    /// The file's name; members are named "archive/member".
    pub name: String,
    /// What it was taken for: a name of `script-api.md`, wrappers appended outermost last.
    pub form: String,
    /// Bytes of the file that were read (packed, as they came in).
    pub bytes: u64,
    /// Spans that were read.
    pub spans: u64,
    /// Distinct traces of those spans.
    pub traces: u64,
    /// Log records that were read.
    pub logs: u64,
    /// Metric data points that were met; they are counted, not kept.
    pub metric_points: u64,
    /// What could not be used, by kind.
    pub problems: Vec<Problem>,
    /// Repairs and other remarks.
    pub notes: Vec<String>,
    /// Whether reading was stopped before the end on request.
    pub cancelled: bool,
    /// Whether this is a member whose counts are contained in the archive's row.
    pub member: bool,
}

/// What is being found in one file while it is read.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub(crate) spans: u64,
    pub(crate) logs: u64,
    pub(crate) metric_points: u64,
    pub(crate) metrics: u64,
    pub(crate) problems: Vec<Problem>,
    pub(crate) notes: Vec<String>,
    /// What part of the file is wanted.
    pub(crate) wanted: Wanted,
    pub(super) repairs: [u64; REPAIRS],
    /// Texts that were repaired in a record that was then left out, or read once more.
    pub(super) unread_text: u64,
    traces: TraceSet,
}

impl Findings {
    /// Nothing yet, of a file of which this part is wanted.
    pub(crate) fn of(part: Part) -> Self {
        Self { wanted: Wanted { part, ..Wanted::default() }, ..Self::default() }
    }

    /// Commits a span and counts it, if it is of the part that is wanted.
    #[inline]
    pub(crate) fn span(&mut self, builder: &mut Builder, slot: ScopeSlot, draft: &SpanDraft) {
        if !self.wanted.takes(draft.start_ns) {
            return;
        }
        let trace = builder.commit(slot, draft);
        self.spans += 1;
        self.trace(trace);
        let lists = [&draft.attributes, &draft.event_attributes, &draft.link_attributes];
        self.repaired(Repair::RepeatedKeys, lists.iter().map(|list| list.repeated).sum());
    }

    /// Counts the trace of a span.
    #[inline]
    pub(crate) fn trace(&mut self, trace: u32) {
        self.traces.insert(trace);
    }

    /// Commits a log record and counts it.
    pub(crate) fn log(&mut self, builder: &mut Builder, slot: ScopeSlot, draft: &LogDraft) {
        builder.commit_log(slot, draft);
        self.logs += 1;
        self.repaired(Repair::RepeatedKeys, draft.attributes.repeated);
    }

    /// How many records of any signal were met.
    pub(crate) fn records(&self) -> u64 {
        self.spans + self.logs + self.metrics
    }

    /// Adds the counts of an archive's member.
    pub(crate) fn absorb(&mut self, member: &Self) {
        self.spans += member.spans;
        self.logs += member.logs;
        self.metrics += member.metrics;
        self.metric_points += member.metric_points;
        self.traces.absorb(&member.traces);
        self.wanted.part = member.wanted.part;
        self.wanted.full |= member.wanted.full;
        self.wanted.outside += member.wanted.outside;
    }

    pub(crate) fn traces(&self) -> u64 {
        self.traces.count
    }

    /// Adds a problem; of each kind the first stays with its words.
    pub(crate) fn problem(&mut self, kind: ProblemKind, at: Place, message: impl Into<String>) {
        match self.problems.iter_mut().find(|p| p.kind == kind) {
            Some(known) => known.count += 1,
            None => self.problems.push(Problem { kind, message: message.into(), count: 1, at }),
        }
    }

    /// A file without spans says so, and what it holds instead.
    pub(crate) fn tell_no_spans(&mut self) {
        if self.spans > 0 || !self.problems.is_empty() {
            return;
        }
        let message = match (self.logs, self.metrics) {
            _ if self.wanted.outside > 0 => {
                "no span of this file starts within the time window that was asked for".to_owned()
            }
            (0, 0) => "there are no spans in this file".to_owned(),
            (0, metrics) => format!("there are no spans in this file, only {metrics} metrics"),
            (logs, 0) => format!("there are no spans in this file, only {logs} log records"),
            (logs, metrics) => {
                format!("there are no spans in this file, only {logs} log records and {metrics} metrics")
            }
        };
        self.problem(ProblemKind::NoSpans, Place::default(), message);
    }

    /// Counts a repair.
    #[inline]
    pub(crate) fn repair(&mut self, repair: Repair) {
        self.repairs[repair as usize] += 1;
    }

    /// Counts a repair that happened `count` times.
    pub(crate) fn repaired(&mut self, repair: Repair, count: u64) {
        self.repairs[repair as usize] += count;
    }

    /// How many repairs there were, of all kinds.
    pub(crate) fn repairs(&self) -> u64 {
        self.repairs.iter().sum()
    }

    /// The repairs in words, then the other remarks.
    pub(crate) fn take_notes(&mut self) -> Vec<String> {
        let mut notes: Vec<String> = self.wanted.notes(self.spans).collect();
        notes.extend(Repair::ALL.iter().filter_map(|&r| r.words(self.repairs[r as usize])));
        if self.metric_points > 0 || self.metrics > 0 {
            notes.push(format!(
                "{} metrics with {} data points were counted; metrics are not shown yet",
                self.metrics, self.metric_points
            ));
        }
        notes.append(&mut self.notes);
        notes
    }
}

/// Which traces were met: a bit a trace.
#[derive(Debug, Default)]
struct TraceSet {
    words: Vec<u64>,
    count: u64,
    last: Option<u32>,
}

impl TraceSet {
    #[inline]
    fn insert(&mut self, trace: u32) {
        if self.last == Some(trace) {
            return;
        }
        self.last = Some(trace);
        let word = trace as usize / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        let bit = 1 << (trace % 64);
        self.count += u64::from(self.words[word] & bit == 0);
        self.words[word] |= bit;
    }

    fn absorb(&mut self, other: &Self) {
        let len = self.words.len().max(other.words.len());
        self.words.resize(len, 0);
        self.words.iter_mut().zip(&other.words).for_each(|(word, more)| *word |= more);
        self.count = self.words.iter().map(|word| u64::from(word.count_ones())).sum();
    }
}
