//! Several threads read one file: it is cut at its seams, whoever is free takes the next stretch, and the engine's own
//! thread joins what they come to in the order of the file.
//!
//! A thread that fails, or a stretch that is not clean, costs time and nothing else: those bytes are then read from the
//! file once more, by the reader of the file.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::{JsCast, JsValue};

use super::hand;
use super::parts::Parts;
use crate::ingest::{Bytes, Cutter, Seams};
use crate::web::read::Pieces;
use crate::web::tasks::Bell;
use crate::web::worker::{self, Thread};
use crate::web::{Error, bytes, js};

/// The script of the engine, which the hands run too.
const SCRIPT: &str = "engine-worker.js";
/// More hands than this would wait for the thread that joins.
const MOST: usize = 3;
/// How much of a file one of them takes at a time.
pub(super) const SLICE: f64 = 4.0 * 1024.0 * 1024.0;
/// A file of fewer bytes is read before a hand has come up.
const LEAST: f64 = 8.0 * 1024.0 * 1024.0;
/// So many stretches may fail before the rest of a file is read directly.
const TRUST: u32 = 3;

/// What becomes of a stretch.
pub(super) enum State {
    /// It does not begin or end at a seam: the reader of the file reads it in its turn.
    Direct(Parts),
    /// Nobody has taken it yet.
    Waiting(Seams, Parts),
    /// Somebody reads it.
    Taken,
    /// What it came to.
    Done(Vec<u8>),
    /// The reader of the file must read it, from the file.
    Failed,
}

/// A stretch of the file.
pub(super) struct Stretch {
    /// Its first byte in the file.
    pub(super) from: u64,
    pub(super) length: u64,
    pub(super) state: State,
}

struct Hand {
    thread: Thread,
    /// It has come up and is well.
    ready: bool,
    /// The number of the stretch that it reads.
    at: Option<u64>,
}

/// The hands, and the stretches that are not joined yet.
#[derive(Default)]
pub(super) struct Crew {
    hands: RefCell<Vec<Hand>>,
    line: RefCell<VecDeque<Stretch>>,
    /// The number of the first stretch in the line.
    first: Cell<u64>,
    /// So many stretches could not be joined.
    failed: Cell<u32>,
    /// All of the file is in the line, or what failed.
    ended: RefCell<Option<Result<(), Error>>>,
    /// Rung when something is there to be joined or read.
    work: Bell,
    /// Rung when the line became shorter.
    room: Bell,
}

impl Crew {
    /// Calls the hands for a file of so many bytes, if it is large; `threads` read it in all. Without being told, one
    /// core is left to the page and one to this thread, which joins. They come up while the first bytes are read.
    pub(super) fn call(self: &Rc<Self>, size: f64, threads: Option<u32>) -> bool {
        if size < LEAST {
            return false;
        }
        let all = threads.map_or_else(|| worker::cores().saturating_sub(1), |threads| threads as usize);
        let wanted = all.saturating_sub(1).min(MOST);
        let there = self.hands.borrow().len();
        for number in there..wanted {
            let (heard, broken) = (Rc::downgrade(self), Rc::downgrade(self));
            let on_message = move |message| with(&heard, |crew| crew.hear(number, &message));
            let on_error = move |_| with(&broken, |crew| crew.lose(number));
            let Ok(thread) = Thread::start(SCRIPT, hand::NAME, on_message, on_error) else { break };
            let module = js::object(&[("module", wasm_bindgen::module())]);
            if thread.post(&module, &Array::new()).is_err() {
                break;
            }
            self.hands.borrow_mut().push(Hand { thread, ready: false, at: None });
        }
        wanted > 0
    }

    /// Starts with a new file.
    pub(super) fn begin(&self) {
        self.first.set(self.first.get() + self.line.borrow().len() as u64);
        self.line.borrow_mut().clear();
        *self.ended.borrow_mut() = None;
        self.failed.set(0);
    }

    /// A stretch had to be read once more. After some the rest of the file is read directly.
    pub(super) fn distrust(&self) {
        self.failed.set(self.failed.get() + 1);
    }

    /// Brings the file, cut at its seams, as fast as it is taken.
    pub(super) async fn bring(&self, mut pieces: Pieces) {
        let (mut from, mut rest, mut cutter) = (0, Parts::default(), Cutter::default());
        let outcome = loop {
            while self.line.borrow().len() > 2 * self.hands.borrow().len() + 1 {
                self.room.wait().await;
            }
            let piece = pieces.next().await;
            let last = !matches!(piece, Ok(Some(_)));
            let mut parts = std::mem::take(&mut rest);
            if let Ok(Some(piece)) = &piece {
                parts.push(piece.clone());
            }
            let mut apart = None;
            if self.shares() {
                let stretch = cutter.cut(&parts, last);
                rest = parts.split_off(stretch.length);
                apart = stretch.apart;
            }
            from += self.push(from, parts, apart);
            if last {
                break piece.map(|_| ());
            }
        };
        *self.ended.borrow_mut() = Some(outcome);
        self.work.ring();
    }

    /// Whether the file is cut: one thread alone reads it as it comes.
    fn shares(&self) -> bool {
        !self.hands.borrow().is_empty() && self.failed.get() < TRUST
    }

    fn push(&self, from: u64, parts: Parts, seams: Option<Seams>) -> u64 {
        let length = parts.length() as u64;
        if length > 0 {
            let state = match seams {
                Some(seams) => State::Waiting(seams, parts),
                None => State::Direct(parts),
            };
            self.line.borrow_mut().push_back(Stretch { from, length, state });
            self.give();
            self.work.ring();
        }
        length
    }

    /// Gives what waits to hands that are free.
    fn give(&self) {
        for hand in self.hands.borrow_mut().iter_mut().filter(|hand| hand.ready && hand.at.is_none()) {
            let Some((number, seams, parts)) = self.take() else { return };
            let (parts, moved) = parts.to_message();
            let lines = (seams == Seams::Lines).into();
            let message = js::object(&[("lines", lines), ("parts", parts.into())]);
            if hand.thread.post(&message, &moved).is_ok() {
                hand.at = Some(number);
            } else {
                hand.ready = false;
                self.set(number, State::Failed);
            }
        }
    }

    /// The first stretch that nobody has taken, for whoever asks.
    pub(super) fn take(&self) -> Option<(u64, Seams, Parts)> {
        let mut line = self.line.borrow_mut();
        let at = line.iter().position(|stretch| matches!(stretch.state, State::Waiting(..)))?;
        let State::Waiting(seams, parts) = std::mem::replace(&mut line[at].state, State::Taken) else {
            return None;
        };
        Some((self.first.get() + at as u64, seams, parts))
    }

    /// Says what became of a stretch.
    pub(super) fn set(&self, number: u64, state: State) {
        let at = number.wrapping_sub(self.first.get());
        if let Some(stretch) = self.line.borrow_mut().get_mut(at as usize) {
            stretch.state = state;
        }
        self.work.ring();
    }

    /// The first stretch of the line, if the reader of the file is to take it now.
    pub(super) fn next(&self) -> Option<Stretch> {
        let mut line = self.line.borrow_mut();
        if matches!(line.front()?.state, State::Waiting(..) | State::Taken) {
            return None;
        }
        self.first.set(self.first.get() + 1);
        self.room.ring();
        line.pop_front()
    }

    /// What ended the file, once all of it was handed out.
    pub(super) fn end(&self) -> Option<Result<(), Error>> {
        if self.line.borrow().is_empty() { self.ended.borrow_mut().take() } else { None }
    }

    /// Waits until there is something to do.
    pub(super) async fn wait(&self) {
        self.work.wait().await;
    }

    fn hear(&self, number: usize, message: &JsValue) {
        let kind = js::text(message, "kind").unwrap_or_default();
        if kind == "panic" {
            self.lose(number);
            return;
        }
        if let Some(at) = self.free(number, true) {
            let parcel = js::field(message, "parcel").dyn_into::<ArrayBuffer>();
            self.set(at, parcel.map_or(State::Failed, |parcel| State::Done(bytes::to_u8(&parcel))));
        }
        self.give();
    }

    /// A hand is of no use any more.
    fn lose(&self, number: usize) {
        if let Some(at) = self.free(number, false) {
            self.set(at, State::Failed);
        }
    }

    fn free(&self, number: usize, ready: bool) -> Option<u64> {
        let mut hands = self.hands.borrow_mut();
        let hand = hands.get_mut(number)?;
        hand.ready = ready;
        hand.at.take()
    }
}

fn with(crew: &Weak<Crew>, act: impl FnOnce(&Crew)) {
    if let Some(crew) = crew.upgrade() {
        act(&crew);
    }
}
