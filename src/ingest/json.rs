//! JSON straight into columns: a machine that can stop at any byte and go on later.
//!
//! The outer structure (documents, arrays, groups) is walked frame by frame; a span, log record, metric, resource or
//! scope is read when it is whole in the buffer, without a tree in between. The input may be one object, an array
//! of them, several one after another or one a line; a broken record or line is left out with its place and the
//! rest goes on. (`specs/otlp.md` §6)

mod blocks;
mod cursor;
mod document;
mod frame;
mod nested;
mod record;
mod recover;
mod scalar;
mod skipper;
mod value;

pub(crate) use scalar::iso;

use super::foreign::{Foreign, Processes};
use super::group::OpenGroups;
use super::otlp::Signal;
use super::pipe::Pipe;
use super::report::{Findings, Place, ProblemKind};
use crate::store::{Builder, LogDraft, SpanDraft};
use cursor::{Cursor, Fail};
use frame::Frame;
use skipper::{Skipped, Skipper};
use value::{Context, Tools};

/// How much of a document is looked at before it is decided what it is.
const LOOK: usize = 1 << 20;

/// Shapes that were met, for the name of the form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Shapes {
    /// Documents, broken ones too.
    pub(crate) documents: u64,
    /// An array of requests at the top.
    pub(crate) array: bool,
    /// The name of a form that its keys give away: a wrapper around OTLP, or another form.
    pub(crate) named: Option<&'static str>,
    /// Something of OTLP.
    pub(crate) otlp: bool,
}

/// Reads JSON documents from a pipe, as far as the pipe goes.
#[derive(Debug)]
pub(crate) struct Documents {
    frames: Vec<Frame>,
    groups: OpenGroups,
    /// Key under which the open resource's scopes came first.
    scopes_key: Option<frame::ScopesKey>,
    signal: Signal,
    span: SpanDraft,
    log: LogDraft,
    tools: Tools,
    foreign: Foreign,
    /// Processes of the Jaeger trace at hand.
    processes: Processes,
    skipper: Option<Skipper>,
    /// The last byte taken that is not white space.
    prior: u8,
    /// Bytes that must be there before the value at hand is tried again.
    need: usize,
    max_record: usize,
    /// Whether a line ended inside the document at hand.
    pretty: bool,
    /// Where the value at hand begins, in the buffer.
    unit: Option<usize>,
    /// What is wrong with the record that is being skipped.
    pending: Option<(Place, String)>,
    shapes: Shapes,
}

impl Documents {
    /// A reader of documents whose records are at most `max_record` bytes long.
    pub(crate) fn new(max_record: u64) -> Self {
        Self {
            frames: Vec::new(),
            groups: OpenGroups::default(),
            scopes_key: None,
            signal: Signal::Span,
            span: SpanDraft::default(),
            log: LogDraft::default(),
            tools: Tools::default(),
            foreign: Foreign::default(),
            processes: Processes::default(),
            skipper: None,
            prior: b'{',
            need: 0,
            max_record: usize::try_from(max_record).unwrap_or(usize::MAX),
            pretty: false,
            unit: None,
            pending: None,
            shapes: Shapes::default(),
        }
    }

    /// What was met so far.
    pub(crate) fn shapes(&self) -> Shapes {
        self.shapes
    }

    /// How many documents of OTLP there were, one after another; none inside of one, and where other things came too.
    pub(crate) fn whole(&self) -> Option<u64> {
        let Shapes { documents, array, named, otlp } = self.shapes;
        let idle = self.frames.is_empty() && self.skipper.is_none() && self.pending.is_none();
        let otlp = otlp || documents == 0;
        (idle && otlp && !array && named.is_none()).then_some(documents)
    }

    /// Counts documents that were read elsewhere.
    pub(crate) fn passed(&mut self, documents: u64) {
        self.shapes.documents += documents;
        self.shapes.otlp = true;
        self.prior = b'}';
    }

    /// Reads until the pipe has nothing whole left or about `budget` bytes were taken.
    pub(crate) fn run(
        &mut self,
        pipe: &mut Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
        budget: u64,
    ) {
        let until = pipe.at().saturating_add(budget);
        loop {
            if pipe.next_mark() == Some(pipe.at()) {
                self.end_message(pipe, builder, findings);
                pipe.pop_mark();
                continue;
            }
            if pipe.at() >= until || pipe.message().is_empty() {
                return;
            }
            let room = usize::try_from(until - pipe.at()).unwrap_or(usize::MAX);
            let (taken, waiting) = self.read(pipe, builder, findings, room);
            let seen = pipe.message().get(..taken).unwrap_or_default();
            if let Some(&byte) = seen.iter().rev().find(|&&c| !cursor::is_space(c)) {
                self.prior = byte;
            }
            pipe.consume(taken);
            if waiting {
                return;
            }
        }
    }

    /// Reads what the message at hand has; returns how many bytes were taken, and whether more are needed.
    fn read(
        &mut self,
        pipe: &Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
        room: usize,
    ) -> (usize, bool) {
        let bytes = pipe.message();
        // A message whose end is known need not be there up to its end.
        let last = pipe.ended || pipe.next_mark().is_some_and(|mark| mark <= pipe.end());
        if let Some(skipper) = &mut self.skipper {
            let (taken, skipped) = skipper.run(bytes);
            match skipped {
                Skipped::More => {}
                Skipped::Broken => {
                    let message = format!("{}: a line end stands inside a string", spot(pipe, taken));
                    self.pending.get_or_insert((pipe.place(taken), message));
                }
                Skipped::Value => {
                    self.skipper = None;
                    self.left_out(ProblemKind::BrokenRecord, findings);
                }
                Skipped::Line => {
                    self.skipper = None;
                    self.left_out(ProblemKind::BrokenLine, findings);
                    self.abandon(builder, findings);
                }
            }
            return (taken, false);
        }
        if bytes.len() < self.need && !last {
            return (0, true);
        }
        self.need = 0;
        let mut cursor = Cursor::new(bytes, last).behind(self.prior);
        let (mut done, mut waiting) = (0, false);
        while done < room {
            let before = (findings.repairs, cursor.surrogates, self.shapes, builder.repaired_text());
            let step = self.step(&mut cursor, pipe, builder, findings);
            if step.is_err() {
                // What is left out was not repaired; what is read again later is counted then.
                (findings.repairs, cursor.surrogates) = (before.0, before.1);
                findings.unread_text += builder.repaired_text() - before.3;
            }
            match step {
                Ok(true) => done = cursor.pos(),
                Ok(false) => {
                    done = cursor.pos();
                    break;
                }
                Err(Fail::More) if bytes.len() - done > self.max_record => {
                    let message = "a record is too large to read and was left out".to_owned();
                    findings.problem(ProblemKind::TooLarge, pipe.place(done), message);
                    self.skipper = Some(Skipper::new(skipper::Until::Value { pretty: self.pretty }));
                    break;
                }
                Err(Fail::More) => {
                    self.need = (bytes.len() - done).max(32).saturating_mul(2);
                    self.shapes = before.2;
                    waiting = true;
                    break;
                }
                Err(Fail::Syntax(at, expected)) => {
                    done = self.recover(pipe, done, at, expected);
                    break;
                }
            }
            if let Some(at) = cursor.commas.take() {
                let message = format!("{}: a comma stands before a closing bracket", spot(pipe, at));
                findings.problem(ProblemKind::Corrupt, pipe.place(at), message);
            }
            if self.skipper.is_some() {
                break;
            }
        }
        findings.repaired(super::repair::Repair::LoneSurrogates, u64::from(cursor.surrogates));
        (done, waiting || (done == 0 && self.skipper.is_none()))
    }

    /// Ends the input; a cut is told unless reading was given up.
    pub(crate) fn finish(
        &mut self,
        pipe: &mut Pipe,
        builder: &mut Builder,
        findings: &mut Findings,
        given_up: bool,
    ) {
        if given_up {
            pipe.consume(pipe.len());
            self.abandon(builder, findings);
        } else {
            self.end_message(pipe, builder, findings);
        }
    }
}

fn line(pipe: &Pipe, at: usize) -> u64 {
    pipe.place(at).line.unwrap_or(0)
}

/// Line and column in words.
fn spot(pipe: &Pipe, at: usize) -> String {
    format!("line {}, column {}", line(pipe, at), pipe.column(at))
}

/// What a step gives: whether to go on at once.
type Step = cursor::Read<bool>;

impl Shapes {
    /// The name of the form, as `script-api.md` lists them.
    pub(crate) fn form(self) -> &'static str {
        match self {
            Self { named: Some(name), .. } => name,
            Self { otlp: false, .. } => "unknown",
            Self { array: true, .. } => "otlp-json-array",
            Self { documents: 0 | 1, .. } => "otlp-json",
            _ => "otlp-json-lines",
        }
    }
}
