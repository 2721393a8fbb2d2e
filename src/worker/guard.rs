//! Memory: a file that would not fit is told of before it is read, with the choice to load a part of it.
//!
//! A large file's beginning is read into a desk that is thrown away; what it held says what the whole would hold. That
//! is an estimate, and addresses cannot be read twice: so reading also stops before the memory is used up, and what
//! was read stays.

use std::cell::{Cell, RefCell};

use js_sys::Array;
use web_sys::Blob;

use super::message;
use super::opening::Run;
use crate::engine::desk::Desk;
use crate::engine::protocol::{FileRow, Ns, OpenOptions, Oversize, Part, Place, Problem, wire};
use crate::ingest::{self, Limits, Progress, Reader};
use crate::model::TimeRange;
use crate::web::read::{self, Pieces, SLICE};
use crate::web::tasks::Bell;
use crate::web::worker;

/// What wasm's 4 GiB leave for data: below them the last allocations fail.
const LIMIT: u64 = 3584 << 20;
/// How much of a file is looked at.
const SAMPLE: u64 = 8 << 20;
/// A byte of a file holds at most about so many: gzip of text takes a twentieth, of which a sixth stays.
const MOST: u64 = 8;
/// Questions need room beside the data: an order of all spans, their durations by group.
const ROOM: f64 = 1.25;

fn limit(options: OpenOptions) -> u64 {
    options.max_memory.unwrap_or(LIMIT)
}

/// Whether so much memory is used that reading must stop.
pub(super) fn is_full(options: OpenOptions) -> bool {
    worker::memory_bytes() as f64 > limit(options) as f64 * 0.9
}

/// The reader's limits for a part.
pub(super) fn limits(part: Part) -> Limits {
    let range = part.range.map(|r| TimeRange { start_ns: r.start_ns.0, end_ns: r.end_ns.0 });
    Limits { part: ingest::Part { max_spans: part.max_spans, range }, ..Limits::default() }
}

/// Why reading stopped.
pub(super) fn full(spans: u64) -> Problem {
    let message = format!(
        "reading stopped after {spans} spans, before the memory that a page may use was used up: close other data, or open a part of the file"
    );
    Problem { kind: "too-large".into(), message, count: 1, at: Place::default() }
}

/// The row of a file of which nothing was chosen.
pub(super) fn left_out(name: String, bytes: u64) -> FileRow {
    let notes = vec!["not read: it would not fit into memory, and no part of it was chosen".to_owned()];
    FileRow { name, form: "unknown".into(), bytes, notes, ..FileRow::default() }
}

/// What the person chose: a part, or nothing.
#[derive(Default)]
pub(super) struct Choice {
    given: RefCell<Option<Part>>,
    asked: Cell<bool>,
    bell: Bell,
}

impl Choice {
    /// Hears the choice; nobody waits for most.
    pub(super) fn give(&self, part: Option<Part>) {
        if self.asked.take() {
            *self.given.borrow_mut() = part;
            self.bell.ring();
        }
    }

    async fn wait(&self) -> Option<Part> {
        self.asked.set(true);
        self.bell.wait().await;
        self.given.borrow_mut().take()
    }
}

/// What the beginning of a file holds.
struct Sample {
    bytes: u64,
    spans: u64,
    held: u64,
    extent: (u64, u64),
}

impl Run<'_> {
    /// What of a file is to be read: what `open` asked for, all that fits, or what is chosen now. None for nothing.
    pub(super) async fn part_of(&mut self, name: &str, blob: &Blob) -> Option<Part> {
        let size = blob.size() as u64;
        let (asked, limit) = (self.options.part, limit(self.options));
        let used = worker::memory_bytes();
        if asked != Part::default() || used.saturating_add(size.saturating_mul(MOST)) < limit {
            return Some(asked);
        }
        let sample = self.sample(Pieces::blob(blob.clone(), SLICE)).await;
        if sample.spans == 0 || sample.bytes >= size {
            return Some(asked);
        }
        let times = size as f64 / sample.bytes as f64;
        let needed = sample.held as f64 * times * ROOM;
        let free = limit.saturating_sub(used) as f64;
        if needed <= free || self.office.cancelled.get() {
            return Some(asked);
        }
        let fits = sample.spans as f64 * times * (free / needed);
        let (start, end) = sample.extent;
        let window = end.saturating_sub(start) as f64 * times * (free / needed);
        let oversize = Oversize {
            name: name.to_owned(),
            bytes: size,
            spans: two_digits(sample.spans as f64 * times),
            memory_bytes: two_digits(needed + used as f64),
            limit_bytes: limit,
            fits_spans: two_digits(fits),
            start_ns: Ns(start),
            end_ns: Ns(start.saturating_add(window as u64)),
        };
        let text = wire::print(&oversize);
        worker::reply(&message("oversize", 0, &text), &Array::new());
        self.office.choice.wait().await
    }

    async fn sample(&mut self, mut pieces: Pieces) -> Sample {
        let mut desk = Desk::default();
        let mut reader = Reader::new("", Limits::default());
        let mut more = true;
        while let (true, Ok(Some(piece))) = (more, pieces.next().await) {
            let mut at = 0;
            while more && at < piece.length() {
                let length = read::window_at(&piece, at);
                reader.feed_with(length, |room| read::copy_from(&piece, at, room));
                at += length as u32;
                while reader.pump(desk.builder(), u64::from(read::WINDOW)) == Progress::More {
                    self.give_way().await;
                }
                self.give_way().await;
                more = reader.bytes() < SAMPLE && !self.office.cancelled.get();
            }
        }
        let extent = desk.store().extent().unwrap_or_default();
        Sample { bytes: reader.bytes(), spans: reader.spans(), held: desk.held_bytes(), extent }
    }
}

/// Estimates have two digits at most.
fn two_digits(value: f64) -> u64 {
    let unit = 10_f64.powf(value.max(10.0).log10().floor() - 1.0);
    ((value / unit).floor() * unit) as u64
}
