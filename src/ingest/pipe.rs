//! Bytes between two steps of reading: appended at the end, taken from the front.
//!
//! Offsets are absolute, counted from the first byte that ever came in, so that problems can say where they
//! stand. Marks are ends of messages, for forms that put a length before each.

use std::collections::VecDeque;

use super::report::Place;

/// A queue of bytes with absolute offsets.
#[derive(Debug, Default)]
pub(crate) struct Pipe {
    data: Vec<u8>,
    pos: usize,
    /// Absolute offset of `data[0]`.
    base: u64,
    /// Line ends before `data[0]`; kept only when `text` is set.
    lines: u64,
    /// Absolute offset of the last line start before `data[0]`.
    line_start: u64,
    /// Whether lines are counted.
    pub(crate) text: bool,
    /// Whether nothing more will come.
    pub(crate) ended: bool,
    marks: VecDeque<u64>,
}

impl Pipe {
    /// Appends bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.compact();
        self.data.extend_from_slice(bytes);
    }

    /// Appends `len` bytes that `fill` writes.
    pub(crate) fn push_with(&mut self, len: usize, fill: impl FnOnce(&mut [u8])) {
        self.compact();
        let from = self.data.len();
        self.data.resize(from + len, 0);
        fill(&mut self.data[from..]);
    }

    /// Hands out the tail to write into; only what is appended counts.
    pub(crate) fn tail(&mut self) -> &mut Vec<u8> {
        self.compact();
        &mut self.data
    }

    /// Says that a message ends at the absolute offset `at`.
    pub(crate) fn mark(&mut self, at: u64) {
        self.marks.push_back(at);
    }

    /// Absolute offset of the next message end, if it is known.
    pub(crate) fn next_mark(&self) -> Option<u64> {
        self.marks.front().copied()
    }

    /// Forgets the next message end.
    pub(crate) fn pop_mark(&mut self) {
        self.marks.pop_front();
    }

    /// Whether the input ended before the message at hand did.
    pub(crate) fn message_is_cut(&self) -> bool {
        self.ended && self.next_mark().is_some_and(|mark| mark > self.end())
    }

    /// What is there now.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.data[self.pos..]
    }

    /// What is there now, up to the next message end.
    #[inline]
    pub(crate) fn message(&self) -> &[u8] {
        let bytes = self.bytes();
        match self.marks.front() {
            Some(&mark) => &bytes[..bytes.len().min(mark.saturating_sub(self.at()) as usize)],
            None => bytes,
        }
    }

    /// How much is there now.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.data.len() - self.pos
    }

    /// Whether nothing is there now.
    pub(crate) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Absolute offset of the first byte that is there.
    #[inline]
    pub(crate) fn at(&self) -> u64 {
        self.base + self.pos as u64
    }

    /// Absolute offset of the end of what is there.
    pub(crate) fn end(&self) -> u64 {
        self.base + self.data.len() as u64
    }

    /// Takes bytes off the front.
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) {
        self.pos = (self.pos + count).min(self.data.len());
    }

    /// Counts bytes that were read elsewhere, with the line ends in them and how many of them stand after the last. To
    /// be called only while nothing is there.
    pub(crate) fn pass(&mut self, count: u64, lines: u64, after_line: u64) {
        let (line, column) = (self.place(0).line, self.column(0));
        let end = self.at() + count;
        self.data.clear();
        self.pos = 0;
        self.base = end;
        self.lines = line.map_or(0, |line| line - 1) + lines;
        self.line_start = end - after_line - if lines == 0 { column - 1 } else { 0 };
    }

    /// The place of the byte `ahead` of the front.
    pub(crate) fn place(&self, ahead: usize) -> Place {
        let ahead = ahead.min(self.len());
        let byte = self.at() + ahead as u64;
        if !self.text {
            return Place::byte(byte);
        }
        let line = self.lines + newlines(&self.data[..self.pos + ahead]) + 1;
        Place::text(byte, line)
    }

    /// The column of the byte `ahead` of the front, in bytes from 1.
    pub(crate) fn column(&self, ahead: usize) -> u64 {
        let before = &self.data[..(self.pos + ahead).min(self.data.len())];
        let end = self.base + before.len() as u64;
        let start = match memchr::memrchr(b'\n', before) {
            Some(at) => self.base + at as u64 + 1,
            None => self.line_start,
        };
        end - start + 1
    }

    /// Drops what was taken, so that the queue stays as large as what it still holds.
    fn compact(&mut self) {
        if self.pos * 2 < self.data.len() && self.pos < 1 << 16 {
            return;
        }
        if self.text {
            let dropped = &self.data[..self.pos];
            self.lines += newlines(dropped);
            if let Some(at) = memchr::memrchr(b'\n', dropped) {
                self.line_start = self.base + at as u64 + 1;
            }
        }
        self.base += self.pos as u64;
        let rest = self.data.len() - self.pos;
        self.data.copy_within(self.pos.., 0);
        self.data.truncate(rest);
        self.pos = 0;
    }
}

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_and_lines_are_those_of_the_whole_input() {
        let mut pipe = Pipe { text: true, ..Pipe::default() };
        for i in 0..1000 {
            pipe.push(b"ab\n");
            pipe.consume(3);
            assert_eq!(pipe.at(), 3 * (i + 1));
        }
        pipe.push(b"x\ny");
        assert_eq!(pipe.place(2), Place::text(3002, 1002));
        pipe.mark(3001);
        assert_eq!(pipe.message(), b"x");
        assert_eq!(pipe.len(), 3);
    }
}
