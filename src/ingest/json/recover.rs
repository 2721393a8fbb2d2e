//! What happens after text that is not JSON: the record is left out, or the line, and the rest goes on.

use super::cursor::is_space;
use super::skipper::{Skipper, Until};
use super::{Documents, spot};
use crate::ingest::pipe::Pipe;
use crate::ingest::report::{Findings, ProblemKind};
use crate::store::Builder;

impl Documents {
    /// Chooses how far to skip after an error at `at`; returns up to where the input is taken.
    ///
    /// In a record whose brackets still balance within its line only the record is lost. Where a whole document stands
    /// in one line, that line is lost from here on; in a document of several lines everything before the next line that
    /// begins with a bracket.
    pub(super) fn recover(&mut self, pipe: &Pipe, done: usize, at: usize, expected: &str) -> usize {
        let message = format!("{}: {expected}", spot(pipe, at));
        self.pending = Some((pipe.place(at), message));
        // The line ends before the document are not the end of its line.
        let blank = pipe.message()[done..].iter().take_while(|&&c| is_space(c)).count();
        let done = done + blank;
        let (until, from) = match (self.unit.take(), self.pretty) {
            (Some(unit), false) => (Until::ValueOrLine, unit),
            (Some(unit), true) => (Until::ValueOrDocument, unit),
            (None, false) => (Until::Line, done),
            (None, true) => (Until::Document, done),
        };
        self.met();
        self.skipper = Some(Skipper::new(until));
        from
    }

    /// Tells what was skipped, once it is known how much that is.
    pub(super) fn left_out(&mut self, kind: ProblemKind, findings: &mut Findings) {
        if let Some((place, message)) = self.pending.take() {
            findings.problem(kind, place, message);
        }
    }

    /// Closes all that is open.
    pub(super) fn abandon(&mut self, builder: &mut Builder, findings: &mut Findings) {
        while let Some(frame) = self.frames.pop() {
            self.close(frame.kind, builder, findings);
        }
        self.pretty = false;
    }

    /// The input, or the message, ends here: whatever is open was cut.
    pub(super) fn end_message(&mut self, pipe: &mut Pipe, builder: &mut Builder, findings: &mut Findings) {
        let left = pipe.message().len();
        let rest = pipe.message().iter().any(|c| !c.is_ascii_whitespace() && *c != 0x1e);
        self.left_out(ProblemKind::BrokenLine, findings);
        self.skipper = None;
        if !self.frames.is_empty() || rest || pipe.message_is_cut() {
            let place = pipe.place(left);
            let message = format!(
                "{}: cut off: the text ends inside a document; all whole records were read",
                spot(pipe, left)
            );
            findings.problem(ProblemKind::Truncated, place, message);
        }
        pipe.consume(left);
        self.need = 0;
        self.abandon(builder, findings);
    }
}
