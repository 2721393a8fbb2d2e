//! What was read, repaired and skipped.

use super::wire::wire;
use super::{Ns, Range};

/// What of a source is wanted; all of it where both are absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// At most so many spans, the first ones.
    pub max_spans: Option<u64>,
    /// Only spans that start within.
    pub range: Option<Range>,
}

wire!(Part {  } sparse { max_spans, range });

/// How a source is to be opened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// What of each source is wanted.
    pub part: Part,
    /// Bytes of memory from which on a source counts as too large; what a page may use by default.
    pub max_memory: Option<u64>,
    /// How many threads read a large file; by default as many as the machine has cores, less one for the page.
    pub threads: Option<u32>,
}

wire!(OpenOptions { part } sparse { max_memory, threads });

/// A file that would not fit into memory, as a look at its beginning says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Oversize {
    /// Its name.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// About how many spans it holds.
    pub spans: u64,
    /// About how much memory all of it would need.
    pub memory_bytes: u64,
    /// How much there may be.
    pub limit_bytes: u64,
    /// About how many of its spans fit.
    pub fits_spans: u64,
    /// Earliest start of the spans that were looked at.
    pub start_ns: Ns,
    /// End of a window from there that about fits, if the file is in the order of time.
    pub end_ns: Ns,
}

wire!(Oversize { name, bytes, spans, memory_bytes, limit_bytes, fits_spans, start_ns, end_ns });

/// The report of one `open`, or of everything opened so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// At least one row a source, one more for each archive member.
    pub files: Vec<FileRow>,
    /// Spans in all.
    pub spans: u64,
    /// Traces in all.
    pub traces: u64,
    /// Problems in all.
    pub problems: u64,
    /// Reading was cancelled; what was read stays.
    pub cancelled: bool,
}

wire!(Report { files, spans, traces, problems } sparse { cancelled });

/// One file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FileRow {
    /// File name or URL.
    pub name: String,
    /// What it was taken for.
    pub form: String,
    /// Size as stored.
    pub bytes: u64,
    /// Spans read from it.
    pub spans: u64,
    /// Traces that it has spans of.
    pub traces: u64,
    /// Log records read from it.
    pub logs: u64,
    /// Metric data points met in it.
    pub metrics: u64,
    /// What could not be used.
    pub problems: Vec<Problem>,
    /// What was repaired or left aside, as sentences.
    pub notes: Vec<String>,
    /// A member of an archive: its counts are contained in the archive's row.
    pub member: bool,
    /// How long reading took, milliseconds.
    pub millis: f64,
}

wire!(FileRow { name, form, bytes, spans, traces, logs, metrics, problems, notes, member, millis });

/// Something that could not be used.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Problem {
    /// A stable word.
    pub kind: String,
    /// A sentence: what was expected, what was found.
    pub message: String,
    /// How often.
    pub count: u64,
    /// The first place.
    pub at: Place,
}

wire!(Problem { kind, message, count, at });

/// A place in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Byte offset, after unpacking.
    pub byte: Option<u64>,
    /// Line, from 1.
    pub line: Option<u64>,
}

wire!(Place {  } sparse { byte, line });

/// How reading goes on, for the page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// The file that is read now.
    pub name: String,
    /// Files in this open.
    pub files: usize,
    /// Files done.
    pub files_done: usize,
    /// Bytes read.
    pub bytes_read: u64,
    /// Bytes in all, where known.
    pub bytes_total: u64,
    /// Spans read so far, over all data.
    pub spans: u64,
    /// Milliseconds since this open began.
    pub millis: f64,
    /// Grows when views should ask again.
    pub looks: u32,
    /// Nothing is being read any more.
    pub done: bool,
}

wire!(Progress { name, files, files_done, bytes_read, bytes_total, spans, millis, looks, done });
