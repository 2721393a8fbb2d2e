//! Skipping of JSON text that need not be whole in the buffer: large values that nobody wants, and broken ones.

/// Where skipping ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Until {
    /// At the end of the value; where a line ends inside a string of it, at what the other two say.
    Value {
        /// Whether a line ended inside the document at hand.
        pretty: bool,
    },
    /// At the end of the value, or before the end of the line if that comes first.
    ValueOrLine,
    /// At the end of the value, or before a line that begins with a bracket.
    ValueOrDocument,
    /// Before the end of the line.
    Line,
    /// Before a line that begins with a bracket.
    Document,
}

/// How skipping went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Skipped {
    /// Goes on in the next buffer.
    More,
    /// A line ended inside a string, so the value is broken; goes on from here.
    Broken,
    /// The value ended.
    Value,
    /// A line ended before the value did; the line end is not taken.
    Line,
}

/// Counts brackets outside strings, over any number of buffers.
#[derive(Debug)]
pub(super) struct Skipper {
    until: Until,
    open: u64,
    string: bool,
    escape: bool,
    line_end: bool,
}

impl Skipper {
    /// Starts before the first byte of a value.
    pub(super) fn new(until: Until) -> Self {
        Self { until, open: 0, string: false, escape: false, line_end: false }
    }

    /// Goes through a buffer; says how many bytes it took.
    pub(super) fn run(&mut self, bytes: &[u8]) -> (usize, Skipped) {
        let strict = match self.until {
            Until::Value { pretty } => Some(if pretty { Until::ValueOrDocument } else { Until::ValueOrLine }),
            _ => None,
        };
        let lines = matches!(self.until, Until::ValueOrLine | Until::Line);
        let documents = matches!(self.until, Until::ValueOrDocument | Until::Document);
        let values = !matches!(self.until, Until::Line | Until::Document);
        if self.until == Until::Line {
            return match memchr::memchr(b'\n', bytes) {
                Some(at) => (at, Skipped::Line),
                None => (bytes.len(), Skipped::More),
            };
        }
        let mut at = 0;
        while let Some(&c) = bytes.get(at) {
            if self.line_end && documents && matches!(c, b'{' | b'[') {
                return (at, Skipped::Line);
            }
            self.line_end = false;
            if let (b'\n', true, Some(then)) = (c, self.string, strict) {
                self.until = then;
                return (at, Skipped::Broken);
            }
            if c == b'\n' {
                if lines {
                    return (at, Skipped::Line);
                }
                self.line_end = true;
                // No string goes over a line end.
                self.string = self.string && !documents;
            }
            at += 1;
            if std::mem::take(&mut self.escape) {
                continue;
            }
            match c {
                b'\\' if self.string => self.escape = true,
                b'"' => self.string = !self.string,
                b'{' | b'[' if !self.string => self.open += 1,
                b'}' | b']' if !self.string => {
                    self.open = self.open.saturating_sub(1);
                    if self.open == 0 && values {
                        return (at, Skipped::Value);
                    }
                }
                _ => {}
            }
            if self.string && !self.escape {
                // The long way through a string is taken at once.
                at += memchr::memchr3(b'"', b'\\', b'\n', &bytes[at..]).unwrap_or(bytes.len() - at);
            } else if c == b'"' && self.open == 0 && values && !self.string {
                return (at, Skipped::Value);
            }
        }
        (at, Skipped::More)
    }
}
