//! One file from bytes to records: a chain of steps, each with a pipe before it.
//!
//! Bytes are fed in at one end; [`pump`](Reader::pump) moves a bounded amount along the chain at a time, innermost
//! step first, so that little is held and whoever calls can look after other things in between, even inside one
//! compressed chunk. Steps are found on the way: what a wrapper holds is sniffed anew.

mod share;

use super::decoder::Decoder;
use super::part::Part;
use super::pipe::Pipe;
use super::repair::Repair;
use super::report::{FileReport, Findings, Place, ProblemKind};
use super::sniff::{Content, LOOK, sniff};
use super::unpack::{Ran, Unpacker};
use crate::store::Builder;
pub use share::{Apart, Bytes, Cutter, Seams, Stretch};

/// Length of the first look, which tells most forms; each further one is twice as long, up to `LOOK`.
const FIRST_LOOK: usize = 16;

/// Wrappers inside wrappers that are taken off.
const MAX_STEPS: usize = 8;

/// What reading may use.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Largest single span, log record or resource, in bytes; larger ones are left out.
    pub max_record: u64,
    /// Most bytes that one file may unpack to.
    pub max_unpacked: u64,
    /// Bytes that may be unpacked without a single record in them.
    pub max_barren: u64,
    /// What of the file is wanted.
    pub part: Part,
}

impl Default for Limits {
    fn default() -> Self {
        Self { max_record: 512 << 20, max_unpacked: 64 << 30, max_barren: 512 << 20, part: Part::default() }
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

/// A wrapper, and the packed bytes before it.
#[derive(Debug)]
struct Step {
    pipe: Pipe,
    unpacker: Unpacker,
    ended: bool,
}

/// A member of an archive that is being read.
#[derive(Debug)]
struct Member {
    name: String,
    /// What was found in the file outside of members.
    outside: Findings,
}

/// Reads one file.
#[derive(Debug)]
pub struct Reader {
    name: String,
    limits: Limits,
    bytes: u64,
    steps: Vec<Step>,
    /// Unpacked bytes before the decoder.
    pipe: Pipe,
    decoder: Decoder,
    /// Length of the next look at undecided content.
    need: usize,
    findings: Findings,
    /// Which step is an archive.
    archive: Option<usize>,
    member: Option<Member>,
    rows: Vec<FileReport>,
    /// Records and unpacked bytes when a record was last met.
    fertile: (u64, u64),
    /// Texts of the store that were repaired before this file or member.
    repaired_text: Option<u64>,
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
            steps: Vec::new(),
            pipe: Pipe::default(),
            decoder: Decoder::Undecided,
            need: FIRST_LOOK,
            findings: Findings::of(limits.part),
            archive: None,
            member: None,
            rows: Vec::new(),
            fertile: (0, 0),
            repaired_text: None,
            cancelled: false,
            finished: false,
        }
    }

    /// Takes in the next bytes of the file. Nothing is read yet: that is done by [`pump`](Self::pump).
    pub fn feed(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        if !self.is_done() {
            self.entry().push(bytes);
        }
    }

    /// Takes in the next `len` bytes of the file, which `fill` writes where they are wanted.
    pub fn feed_with(&mut self, len: usize, fill: impl FnOnce(&mut [u8])) {
        self.bytes += len as u64;
        self.entry().push_with(len, fill);
    }

    /// Says that the file ends here.
    pub fn end(&mut self) {
        self.entry().ended = true;
    }

    /// Says that the file is not read to its end on request; what was read stays.
    pub fn cancel(&mut self) {
        self.cancelled = true;
        self.steps.clear();
        self.archive = None;
        self.decoder.give_up();
    }

    /// Spans read so far.
    pub fn spans(&self) -> u64 {
        self.findings.spans + self.member.as_ref().map_or(0, |member| member.outside.spans)
    }

    /// Bytes fed so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    fn entry(&mut self) -> &mut Pipe {
        match self.steps.first_mut() {
            Some(step) => &mut step.pipe,
            None => &mut self.pipe,
        }
    }

    /// Whether stretches of this file can have been read apart: all of it is wanted, as it is.
    fn takes_stretches(&self) -> bool {
        let plain = self.steps.is_empty() && self.member.is_none();
        plain && self.limits.part.is_whole() && !self.cancelled
    }

    fn is_done(&self) -> bool {
        if self.findings.wanted.full {
            return true;
        }
        match self.archive {
            Some(archive) => self.steps.get(archive).is_none_or(|step| step.ended),
            None => self.decoder.is_done(&self.pipe),
        }
    }

    /// Reads on, until about `budget` bytes of unpacked content were used.
    pub fn pump(&mut self, builder: &mut Builder, budget: u64) -> Progress {
        let budget = budget.max(1);
        let mut used = 0;
        loop {
            if self.is_done() {
                return Progress::Done;
            }
            used += self.decode(builder, budget.saturating_sub(used).max(1));
            if used >= budget {
                return Progress::More;
            }
            let before = self.pipe.end();
            if !self.unpack(builder) {
                return if self.is_done() { Progress::Done } else { Progress::Hungry };
            }
            // Unpacking is work too, also where it gives nothing.
            used += (self.pipe.end().saturating_sub(before) / 4).max(256);
            self.guard();
        }
    }

    /// Lets the decoder run over what is unpacked; says how many bytes it took.
    fn decode(&mut self, builder: &mut Builder, budget: u64) -> u64 {
        if self.decoder.is_undecided() {
            let Some(content) = self.look() else { return 0 };
            self.decide(content);
        }
        self.repaired_text.get_or_insert(builder.repaired_text());
        let before = self.pipe.at();
        self.decoder.run(&mut self.pipe, builder, &mut self.findings, budget);
        let used = self.pipe.at() - before;
        let records = self.findings.records();
        if records > self.fertile.0 {
            self.fertile = (records, self.pipe.at());
        }
        used
    }

    /// Decides what the content is, by looks whose lengths are always the same: what a file is taken for must not
    /// hang on the pieces it came in. None when more must be there.
    fn look(&mut self) -> Option<Content> {
        loop {
            let there = self.pipe.len();
            if there < self.need && !self.pipe.ended {
                return None;
            }
            let seen = there.min(self.need);
            let content = sniff(&self.pipe.bytes()[..seen], self.pipe.ended && seen == there);
            if content.is_some() {
                return content;
            }
            self.need = (self.need * 2).min(LOOK);
        }
    }

    /// Lets the innermost step that can do something work; false when none can.
    fn unpack(&mut self, builder: &mut Builder) -> bool {
        for at in (0..self.steps.len()).rev() {
            let (outer, inner) = self.steps.split_at_mut(at + 1);
            let Some(step) = outer.last_mut() else { return false };
            let wrapped = !inner.is_empty();
            let to = inner.first_mut().map_or(&mut self.pipe, |next| &mut next.pipe);
            if step.ended || to.ended {
                continue;
            }
            let wanted = self.archive != Some(at) || !self.decoder.is_done(to) || wrapped;
            let ran = step.unpacker.run(&mut step.pipe, to, wanted, &mut self.findings);
            match ran {
                Ran::Worked => return true,
                Ran::Hungry if step.pipe.ended => {
                    if step.unpacker.is_cut() {
                        let message = "the archive is cut off; what came before the cut was read";
                        let place = Place::byte(step.pipe.end());
                        self.findings.problem(ProblemKind::Truncated, place, message);
                    }
                    step.ended = true;
                    to.ended = true;
                    self.end_archive(at, builder);
                    return true;
                }
                Ran::Hungry => {}
                Ran::Ended => {
                    step.ended = true;
                    to.ended = true;
                    self.end_archive(at, builder);
                    return true;
                }
                Ran::Member(name) => {
                    self.start_member(at, name);
                    return true;
                }
                Ran::MemberEnd => {
                    to.ended = true;
                    self.end_member(at, builder);
                    return true;
                }
            }
        }
        false
    }

    fn start_member(&mut self, archive: usize, name: String) {
        self.steps.truncate(archive + 1);
        self.pipe = Pipe::default();
        self.decoder = Decoder::Undecided;
        self.need = FIRST_LOOK;
        self.fertile = (0, 0);
        let fresh = Findings::of(self.findings.wanted.part);
        let outside = std::mem::replace(&mut self.findings, fresh);
        self.member = Some(Member { name, outside });
    }

    /// Reads what is left of a member and writes its row.
    fn end_member(&mut self, archive: usize, builder: &mut Builder) {
        let Some(Member { name, outside }) = self.member.take() else { return };
        while !self.decoder.is_done(&self.pipe) {
            let used = self.decode(builder, u64::MAX);
            self.guard();
            // Steps inside the member; the archive itself must not run on.
            let steps: Vec<Step> = self.steps.drain(..=archive).collect();
            let inside = std::mem::take(&mut self.archive);
            let worked = self.unpack(builder);
            self.archive = inside;
            self.steps.splice(0..0, steps);
            if used == 0 && !worked {
                break;
            }
        }
        self.decoder.finish(&mut self.pipe, builder, &mut self.findings);
        self.count_repaired_text(builder);
        let mut found = std::mem::replace(&mut self.findings, outside);
        self.findings.absorb(&found);
        found.tell_no_spans();
        self.rows.push(FileReport {
            name: format!("{}/{name}", self.name),
            form: self.form(),
            bytes: self.steps.get(archive + 1).map_or(self.pipe.end(), |step| step.pipe.end()),
            spans: found.spans,
            traces: found.traces(),
            logs: found.logs,
            metric_points: found.metric_points,
            notes: found.take_notes(),
            problems: found.problems,
            cancelled: self.cancelled,
            member: true,
        });
        self.steps.truncate(archive + 1);
        self.pipe = Pipe::default();
        self.decoder = Decoder::Undecided;
    }

    fn count_repaired_text(&mut self, builder: &Builder) {
        if let Some(before) = self.repaired_text.take() {
            let read = builder.repaired_text() - before - std::mem::take(&mut self.findings.unread_text);
            self.findings.repaired(Repair::InvalidText, read);
        }
    }

    fn end_archive(&mut self, at: usize, builder: &mut Builder) {
        if self.archive == Some(at) {
            self.end_member(at, builder);
            self.decoder.give_up();
        }
    }

    fn decide(&mut self, content: Content) {
        match content {
            Content::Wrapped(wrapper) => self.wrap(Unpacker::new(wrapper)),
            Content::Json => {
                self.pipe.text = true;
                self.decoder = Decoder::json(self.limits.max_record);
            }
            Content::Protobuf { wrapped } => {
                self.decoder = Decoder::protobuf(wrapped, self.limits.max_record);
            }
            Content::Empty => {
                let what = if self.member.is_some() || self.steps.is_empty() { "file" } else { "content" };
                let empty = self.pipe.is_empty();
                let message =
                    format!("the {what} {}", if empty { "is empty" } else { "holds only white space" });
                // What was cut or damaged was told already.
                if self.findings.problems.is_empty() {
                    self.findings.problem(ProblemKind::Empty, Place::byte(0), message);
                }
                self.decoder.give_up();
            }
            Content::Foreign(what) => {
                self.findings.problem(ProblemKind::NotTelemetry, Place::byte(0), what);
                self.decoder.give_up();
            }
        }
    }

    /// Puts a wrapper before the decoder, and looks at what comes out of it.
    fn wrap(&mut self, unpacker: Unpacker) {
        let archive = unpacker.is_archive();
        if self.steps.len() >= MAX_STEPS || (archive && self.archive.is_some()) {
            let message =
                if archive { "an archive inside an archive is not read" } else { "packed too many times" };
            self.findings.problem(ProblemKind::Unsupported, Place::byte(0), message);
            self.decoder.give_up();
            return;
        }
        if matches!(unpacker, Unpacker::Utf16(_)) {
            self.findings.notes.push("the text was UTF-16".to_owned());
        }
        if archive {
            self.archive = Some(self.steps.len());
        }
        let console = matches!(unpacker, Unpacker::Inspect(_));
        let pipe = std::mem::take(&mut self.pipe);
        if console {
            // What comes out is JSON, whatever lines stand before it.
            self.pipe.text = true;
            self.decoder = Decoder::json(self.limits.max_record);
        }
        self.steps.push(Step { pipe, unpacker, ended: false });
        self.need = FIRST_LOOK;
    }

    /// Stops what unpacks to far too much.
    fn guard(&mut self) {
        if self.steps.is_empty() || self.decoder.is_done(&self.pipe) {
            return;
        }
        let unpacked = self.pipe.end();
        let barren = unpacked.saturating_sub(self.fertile.1);
        if unpacked > self.limits.max_unpacked || barren > self.limits.max_barren {
            let message = format!(
                "stopped: {} MiB were unpacked and the last {} MiB held no record",
                unpacked >> 20,
                barren >> 20
            );
            self.findings.problem(ProblemKind::TooLarge, Place::byte(unpacked), message);
            self.decoder.give_up();
        }
    }

    /// Reads what is left, closes what is open, and tells what was found: the file's row, then one for each
    /// member of an archive.
    pub fn finish(&mut self, builder: &mut Builder) -> Vec<FileReport> {
        if !self.cancelled {
            self.end();
        }
        while self.pump(builder, 1 << 20) == Progress::More {}
        if self.findings.wanted.full {
            self.decoder.give_up();
        }
        if !std::mem::replace(&mut self.finished, true) {
            self.decoder.finish(&mut self.pipe, builder, &mut self.findings);
            if self.archive.is_none() {
                self.count_repaired_text(builder);
            }
            if let Some(archive) = self.archive {
                self.end_member(archive, builder);
                self.tell_archive();
            }
        }
        if !self.cancelled {
            self.findings.tell_no_spans();
        }
        let form = match (self.archive, self.rows.first()) {
            (Some(_), Some(row)) if self.rows.iter().all(|r| r.form == row.form) => row.form.clone(),
            _ => self.form(),
        };
        let found = &mut self.findings;
        let row = FileReport {
            name: self.name.clone(),
            form,
            bytes: self.bytes,
            spans: found.spans,
            traces: found.traces(),
            logs: found.logs,
            metric_points: found.metric_points,
            notes: found.take_notes(),
            problems: std::mem::take(&mut found.problems),
            cancelled: self.cancelled,
            member: false,
        };
        std::iter::once(row).chain(std::mem::take(&mut self.rows)).collect()
    }

    /// The form with its wrappers, outermost last.
    fn form(&self) -> String {
        let prefix = self.steps.iter().find_map(|step| step.unpacker.prefix());
        let mut form = self.decoder.form(prefix).to_owned();
        for (at, step) in self.steps.iter().enumerate().rev() {
            let framed = at > 0 && self.steps[at - 1].unpacker.prefix().is_some();
            form.push_str(match &step.unpacker {
                Unpacker::Zstd(_) if framed => "+zstd-per-message",
                other => other.suffix(),
            });
        }
        form
    }

    /// An archive says how many files it holds, and repeats the first problem of its members.
    fn tell_archive(&mut self) {
        if self.rows.is_empty() && self.findings.problems.is_empty() {
            self.findings.problem(ProblemKind::Empty, Place::byte(0), "the archive holds no file");
            return;
        }
        self.findings.notes.push(format!("an archive of {} files", self.rows.len()));
        for row in &self.rows {
            for problem in &row.problems {
                let message = format!("{}: {}", row.name, problem.message);
                self.findings.problem(problem.kind, problem.at, message);
            }
        }
    }
}
