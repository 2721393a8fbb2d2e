//! A large file shared among threads: where it may be cut, what a stretch of it comes to that is read apart, and how
//! that joins what was read before it.
//!
//! A stretch between two seams is read [`Apart`], into a store of its own, and packed; the reader of the file takes it
//! in its turn. What is not clean (a problem, a remark, another form) is not packed: the reader of the file then reads
//! those bytes itself, so that a file gives the same store and the same report whoever read it.

use super::{Limits, Progress, Reader};
use crate::ingest::decoder::Decoder;
use crate::ingest::pipe::Pipe;
use crate::ingest::report::Findings;
use crate::ingest::sniff::{Content, sniff};
use crate::store::Builder;
use crate::store::parcel::{Packer, Unpacker};

/// Bytes that are looked at piece by piece, wherever they are.
pub trait Bytes {
    /// How many there are.
    fn length(&self) -> usize;
    /// Copies those from `from` on; there are as many as `to` takes.
    fn copy(&self, from: usize, to: &mut [u8]);
}

impl Bytes for [u8] {
    fn length(&self) -> usize {
        self.len()
    }

    fn copy(&self, from: usize, to: &mut [u8]) {
        to.copy_from_slice(&self[from..from + to.len()]);
    }
}

/// A form whose files have seams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seams {
    /// OTLP/JSON: between a document that ends a line and one that begins the next. Within a document a comma would
    /// stand there, and a line end does not stand within a string.
    Lines,
    /// OTLP protobuf: between the outermost fields.
    Messages,
}

/// What of a piece is the next stretch of its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// So many bytes; what follows them goes before the next piece.
    pub length: usize,
    /// It begins and ends at a seam: it can be read apart.
    pub apart: Option<Seams>,
}

/// Cuts a file at its seams, piece by piece from its front.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cutter {
    begun: bool,
    seams: Option<Seams>,
    /// The last cut was at a seam.
    at_seam: bool,
    /// How much of a message stands before the next seam.
    left: usize,
}

/// Where a piece can be cut.
enum Cut {
    /// At its last seam.
    At(usize),
    /// Nowhere: it is within a document or message.
    Within,
    /// Nowhere in the rest of the file either.
    Never,
}

/// How much of a file tells its form.
const LOOK: usize = 64 * 1024;
/// Bytes looked at together.
const WINDOW: usize = 4096;
/// Tag and length of an outermost field: a byte, and a number of at most ten.
const HEAD: usize = 11;
/// Field 1 with bytes: `TracesData.resource_spans` and its like.
const FIELD: u8 = 0x0a;

impl Cutter {
    /// The next stretch, of a piece that begins with what the cut before it left over; all of it where the file ends
    /// there. The first one is never to be read apart: it tells the reader of the file what it reads.
    pub fn cut(&mut self, piece: &(impl Bytes + ?Sized), last: bool) -> Stretch {
        let from_seam = std::mem::replace(&mut self.at_seam, true) && self.begun;
        if !std::mem::replace(&mut self.begun, true) {
            self.seams = seams_of(piece);
        }
        let seams = self.seams;
        let cut = match seams {
            _ if last => Cut::At(piece.length()),
            Some(Seams::Lines) => last_line(piece).map_or(Cut::Within, Cut::At),
            Some(Seams::Messages) => self.last_message(piece),
            None => Cut::Never,
        };
        if let Cut::At(length) = cut {
            return Stretch { length, apart: seams.filter(|_| from_seam) };
        }
        self.at_seam = false;
        if matches!(cut, Cut::Never) {
            self.seams = None;
        }
        Stretch { length: piece.length(), apart: None }
    }

    fn last_message(&mut self, piece: &(impl Bytes + ?Sized)) -> Cut {
        let len = piece.length();
        let mut window = Window::default();
        let mut at = std::mem::take(&mut self.left);
        while at < len {
            let head = window.from(piece, at, HEAD);
            if head.first() != Some(&FIELD) {
                return Cut::Never;
            }
            let Some((length, used)) = varint(&head[1..]) else {
                return if head.len() < HEAD { Cut::At(at) } else { Cut::Never };
            };
            let next = usize::try_from(length).ok().and_then(|length| at.checked_add(1 + used + length));
            let Some(next) = next else { return Cut::Never };
            if next > len && at > 0 {
                return Cut::At(at);
            }
            at = next;
        }
        self.left = at - len;
        if self.left > 0 { Cut::Within } else { Cut::At(len) }
    }
}

/// By which seams a file can be cut, judged by its beginning.
fn seams_of(piece: &(impl Bytes + ?Sized)) -> Option<Seams> {
    let mut head = vec![0; piece.length().min(LOOK)];
    piece.copy(0, &mut head);
    match sniff(&head, false)? {
        Content::Json if head.iter().find(|c| !c.is_ascii_whitespace()) == Some(&b'{') => Some(Seams::Lines),
        Content::Protobuf { wrapped: false } => Some(Seams::Messages),
        _ => None,
    }
}

/// A number and how many bytes it took; none where it does not end.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let used = bytes.iter().position(|byte| byte & 0x80 == 0)? + 1;
    let value = bytes[..used].iter().rev().fold(0_u64, |value, byte| (value << 7) | u64::from(byte & 0x7f));
    Some((value, used))
}

/// The place after the last line end between two documents.
fn last_line(piece: &(impl Bytes + ?Sized)) -> Option<usize> {
    let mut end = piece.length();
    let mut bytes = [0; WINDOW];
    while end > 2 {
        // Windows overlap, so that what stands around a line end is in one of them.
        let from = end.saturating_sub(WINDOW);
        let window = &mut bytes[..end - from];
        piece.copy(from, window);
        for at in memchr::memrchr_iter(b'\n', window) {
            let before = window[..at].strip_suffix(b"\r").unwrap_or(&window[..at]);
            if before.last() == Some(&b'}') && window.get(at + 1) == Some(&b'{') {
                return Some(from + at + 1);
            }
        }
        end = if from == 0 { 0 } else { from + 3 };
    }
    None
}

/// A window that is filled anew where what is wanted stands outside.
struct Window {
    bytes: [u8; WINDOW],
    from: usize,
    len: usize,
}

impl Default for Window {
    fn default() -> Self {
        Self { bytes: [0; WINDOW], from: 0, len: 0 }
    }
}

impl Window {
    /// Up to `count` bytes from `at` on.
    fn from(&mut self, piece: &(impl Bytes + ?Sized), at: usize, count: usize) -> &[u8] {
        let end = piece.length().min(at + count);
        if at < self.from || end > self.from + self.len {
            self.from = at;
            self.len = WINDOW.min(piece.length() - at);
            piece.copy(at, &mut self.bytes[..self.len]);
        }
        &self.bytes[at - self.from..end - self.from]
    }
}

impl Findings {
    fn counts(&mut self) -> [&mut u64; 4] {
        [&mut self.spans, &mut self.logs, &mut self.metrics, &mut self.metric_points]
    }
}

/// Reads a stretch between two seams by itself.
#[derive(Debug)]
pub struct Apart {
    reader: Reader,
    builder: Builder,
}

impl Apart {
    /// Starts at the front of a stretch.
    pub fn new(seams: Seams) -> Self {
        let mut reader = Reader::new("", Limits::default());
        reader.decide(match seams {
            Seams::Lines => Content::Json,
            Seams::Messages => Content::Protobuf { wrapped: false },
        });
        Self { reader, builder: Builder::default() }
    }

    /// Takes in the next `len` bytes, which `fill` writes where they are wanted, and reads them.
    pub fn read(&mut self, len: usize, fill: impl FnOnce(&mut [u8])) {
        self.reader.feed_with(len, fill);
        while self.reader.pump(&mut self.builder, u64::MAX) == Progress::More {}
    }

    /// Ends the stretch: all that was found in it, packed. None when it was not clean.
    pub fn pack(mut self) -> Option<Vec<u8>> {
        let Self { reader, builder } = &mut self;
        reader.end();
        while reader.pump(builder, u64::MAX) == Progress::More {}
        let (form, documents) = reader.decoder.between(&reader.pipe)?;
        reader.count_repaired_text(builder);
        // Counts of repairs travel; problems have places, and other remarks are made of the whole.
        if !reader.findings.problems.is_empty() || !reader.findings.notes.is_empty() {
            return None;
        }
        let mut to = Packer::default();
        let lines = reader.pipe.place(0).line.map_or(0, |line| line - 1);
        to.values(&[form as u64, reader.bytes, lines, reader.pipe.column(0) - 1, documents]);
        to.values(&reader.findings.counts().map(|count| *count));
        to.values(&reader.findings.repairs);
        builder.pack(&mut to);
        Some(to.finish())
    }
}

impl Reader {
    /// Takes in a stretch that was read apart, as if its bytes had been fed and read here. False, and nothing taken,
    /// when this reader does not stand between documents or messages of that form.
    pub fn join(&mut self, builder: &mut Builder, parcel: &[u8]) -> bool {
        self.try_join(builder, parcel).is_some()
    }

    fn try_join(&mut self, builder: &mut Builder, parcel: &[u8]) -> Option<()> {
        if !self.takes_stretches() {
            return None;
        }
        let (form, _) = self.decoder.between(&self.pipe)?;
        let mut from = Unpacker::new(parcel);
        let head: Vec<u64> = from.values::<u64>()?.iter().collect();
        let [seams, bytes, lines, column, documents] = *head.first_chunk()?;
        if seams != form as u64 {
            return None;
        }
        self.repaired_text.get_or_insert(builder.repaired_text());
        let counts = from.values::<u64>()?;
        let repairs = from.values::<u64>()?;
        for trace in builder.absorb(&mut from)? {
            self.findings.trace(trace);
        }
        self.findings
            .counts()
            .into_iter()
            .zip(counts.iter())
            .for_each(|(count, more): (_, u64)| *count += more);
        self.findings
            .repairs
            .iter_mut()
            .zip(repairs.iter())
            .for_each(|(count, more): (_, u64)| *count += more);
        self.bytes += bytes;
        self.pipe.pass(bytes, lines, column);
        self.decoder.passed(documents);
        Some(())
    }
}

impl Decoder {
    /// By which seams the content is cut and how many documents were met, where this stands between whole ones.
    fn between(&self, pipe: &Pipe) -> Option<(Seams, u64)> {
        let found = match self {
            Self::Json(documents, false) => (Seams::Lines, documents.whole()?),
            Self::Protobuf(walker, false) if walker.is_between() => (Seams::Messages, 0),
            _ => return None,
        };
        pipe.is_empty().then_some(found)
    }

    /// Counts documents that were read apart.
    fn passed(&mut self, documents: u64) {
        if let Self::Json(reader, _) = self {
            reader.passed(documents);
        }
    }
}
