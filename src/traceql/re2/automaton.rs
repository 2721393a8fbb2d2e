//! Runs a program as a deterministic automaton that is built while texts are read.
//!
//! Characters that no set of the pattern tells apart are one class. A state is the set of steps one may stand
//! at; where it leads by a class is computed once and kept. What is kept is bounded: a full table is
//! emptied and filled anew, so a text of n characters takes at most n times the program's length.

use hashbrown::HashTable;

use super::program::{Look, Program, Step};
use super::set::{CharSet, LAST};
use crate::store::hash::hash_words;

/// Cells of the table and steps of its states: about a megabyte each.
const MOST_CELLS: usize = 1 << 18;

/// A cell that was not computed yet.
const UNKNOWN: u32 = u32::MAX;
/// No text that goes on can match any more.
const DEAD: u32 = 0;
/// Every text that goes on matches.
const WON: u32 = 1;

/// What stands on one side of a place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    Edge,
    Word,
    Newline,
    Other,
}

/// A program with what was learnt of it.
#[derive(Clone, Debug)]
pub(super) struct Automaton {
    steps: Vec<Step>,
    looks: bool,
    /// Classes of the ASCII characters, then of the intervals that begin at `starts`.
    ascii: [u16; 128],
    starts: Vec<u32>,
    classes: Vec<u16>,
    /// What each class is for a condition.
    sides: Vec<Side>,
    /// By set, then by class: whether the set contains the class.
    members: Vec<bool>,
    known: Known,
}

/// States, numbered in order of discovery.
#[derive(Clone, Debug, Default)]
struct Known {
    /// By state, then by class and the end of the text: the next state.
    cells: Vec<u32>,
    /// The states' steps, with the side behind as the last number, one after the other.
    places: Vec<u32>,
    ends: Vec<u32>,
    table: HashTable<u32>,
    /// The state at the text's start, where it is known.
    first: Option<u32>,
    /// For each step the round in which it was reached last.
    seen: Vec<u32>,
    round: u32,
    /// Room to work in.
    stack: Vec<u32>,
    from: Vec<u32>,
    to: Vec<u32>,
}

impl Automaton {
    /// Prepares a program.
    pub(super) fn new(program: Program) -> Self {
        let Program { steps, mut sets } = program;
        let looks = steps.iter().any(|step| matches!(step, Step::Look(_)));
        let takes = sets.len();
        if looks {
            sets.extend([CharSet::of_pairs("09AZ__az"), CharSet::of_pairs("\n\n")]);
        }
        let mut starts = vec![0];
        for (low, high) in sets.iter().flat_map(CharSet::ranges) {
            starts.extend([*low, high + 1]);
        }
        starts.sort_unstable();
        starts.dedup();
        starts.retain(|start| *start <= LAST);
        // All intervals are one class until a set tells them apart.
        let mut classes = vec![0_u16; starts.len()];
        let mut first_of = vec![0_u32];
        for set in &sets {
            // By class: the new one of its intervals inside the set; none where all or none are inside so far.
            let mut inside = vec![false; classes.len()];
            let mut total = vec![0_u32; first_of.len()];
            let mut hits = vec![0_u32; first_of.len()];
            for (at, start) in starts.iter().enumerate() {
                inside[at] = set.contains(*start);
                total[classes[at] as usize] += 1;
                hits[classes[at] as usize] += u32::from(inside[at]);
            }
            let mut split = vec![None; total.len()];
            for at in 0..starts.len() {
                let class = classes[at] as usize;
                if inside[at] && hits[class] < total[class] {
                    classes[at] = *split[class].get_or_insert_with(|| {
                        first_of.push(0);
                        (first_of.len() - 1) as u16
                    });
                }
            }
        }
        for (at, start) in starts.iter().enumerate().rev() {
            first_of[classes[at] as usize] = *start;
        }
        let side = |c: u32| match () {
            () if looks && sets[takes].contains(c) => Side::Word,
            () if looks && sets[takes + 1].contains(c) => Side::Newline,
            () => Side::Other,
        };
        let mut automaton = Self {
            looks,
            ascii: [0; 128],
            sides: first_of.iter().map(|c| side(*c)).collect(),
            members: sets[..takes].iter().flat_map(|set| first_of.iter().map(|c| set.contains(*c))).collect(),
            known: Known { seen: vec![0; steps.len()], ..Known::default() },
            steps,
            starts,
            classes,
        };
        automaton.ascii = std::array::from_fn(|c| automaton.class(c as u32));
        automaton
    }

    fn class(&self, c: u32) -> u16 {
        self.classes[self.starts.partition_point(|start| *start <= c) - 1]
    }

    /// Whether the whole text matches.
    pub(super) fn is_match(&mut self, text: &str) -> bool {
        let end = self.sides.len();
        let mut state = self.start();
        for c in text.chars() {
            if state <= WON {
                return state == WON;
            }
            let c = u32::from(c);
            let class = match self.ascii.get(c as usize) {
                Some(class) => *class,
                None => self.class(c),
            };
            state = self.go(state, class as usize);
        }
        state == WON || state > WON && self.go(state, end) == WON
    }

    #[inline(always)]
    fn go(&mut self, state: u32, class: usize) -> u32 {
        match self.known.cells[state as usize * (self.sides.len() + 1) + class] {
            UNKNOWN => self.learn(state, class),
            next => next,
        }
    }

    /// The state before the first character.
    fn start(&mut self) -> u32 {
        if let Some(first) = self.known.first {
            return first;
        }
        if self.known.ends.is_empty() {
            self.known.reset(self.sides.len() + 1);
        }
        self.known.to.clear();
        self.known.round += 1;
        self.known.reach(&self.steps, 0, None);
        let (first, _) = self.arrive(Side::Edge);
        self.known.first = Some(first);
        first
    }

    /// Computes where a state leads by a class; the class after the last is the end of the text.
    #[cold]
    #[inline(never)]
    fn learn(&mut self, state: u32, class: usize) -> u32 {
        let known = &mut self.known;
        let begin = known.ends[state as usize - 1] as usize;
        let places = &known.places[begin..known.ends[state as usize] as usize];
        let Some((behind, places)) = places.split_last() else { return DEAD };
        known.from.clear();
        known.from.extend_from_slice(places);
        let side = self.sides.get(class).copied();
        if self.looks {
            let behind = [Side::Edge, Side::Word, Side::Newline, Side::Other][*behind as usize & 3];
            let sides = (behind, side.unwrap_or(Side::Edge));
            known.to.clear();
            known.round += 1;
            for at in 0..known.from.len() {
                let place = known.from[at];
                known.reach(&self.steps, place, Some(sides));
            }
            std::mem::swap(&mut known.from, &mut known.to);
        }
        known.to.clear();
        known.round += 1;
        let mut won = false;
        for at in 0..known.from.len() {
            let place = known.from[at];
            match self.steps[place as usize] {
                Step::Rest => won = true,
                Step::Match => won |= side.is_none(),
                Step::Take(set)
                    if side.is_some() && self.members[set as usize * self.sides.len() + class] =>
                {
                    known.reach(&self.steps, place + 1, None);
                }
                _ => {}
            }
        }
        let (next, emptied) = match side {
            _ if won => (WON, false),
            None => (DEAD, false),
            Some(side) => self.arrive(side),
        };
        if !emptied {
            self.known.cells[state as usize * (self.sides.len() + 1) + class] = next;
        }
        next
    }

    /// The state of the places that were reached, and whether all others had to be forgotten for it.
    fn arrive(&mut self, behind: Side) -> (u32, bool) {
        let known = &mut self.known;
        if known.to.is_empty() {
            return (DEAD, false);
        }
        if known.to.iter().any(|place| self.steps[*place as usize] == Step::Rest) {
            return (WON, false);
        }
        known.to.sort_unstable();
        // Only conditions ask what stands behind.
        known.to.push(if self.looks { behind as u32 } else { 0 });
        let hash = hash_words(known.to.iter().map(|n| u64::from(*n)));
        let (places, ends, to) = (&known.places, &known.ends, &known.to);
        let run = |state: u32| &places[ends[state as usize - 1] as usize..ends[state as usize] as usize];
        if let Some(state) = known.table.find(hash, |state| run(*state) == to.as_slice()) {
            return (*state, false);
        }
        let row = self.sides.len() + 1;
        let full = known.cells.len() + row > MOST_CELLS.max(row * 8)
            || known.places.len() + known.to.len() > MOST_CELLS.max(known.to.len() * 8);
        if full {
            known.reset(row);
        }
        let state = known.ends.len() as u32;
        known.places.extend_from_slice(&known.to);
        known.ends.push(known.places.len() as u32);
        known.cells.resize(known.cells.len() + row, UNKNOWN);
        let (places, ends) = (&known.places, &known.ends);
        known.table.insert_unique(hash, state, |state| {
            let run = &places[ends[*state as usize - 1] as usize..ends[*state as usize] as usize];
            hash_words(run.iter().map(|n| u64::from(*n)))
        });
        (state, full)
    }
}

impl Known {
    /// Forgets every state but the two that are always there.
    fn reset(&mut self, row: usize) {
        self.cells.clear();
        self.cells.resize(row * 2, DEAD);
        self.cells[row..].fill(WON);
        self.places.clear();
        self.ends.clear();
        self.ends.extend([0, 0]);
        self.table.clear();
        self.first = None;
    }

    /// Adds the places that are reached from `from` without taking a character. Conditions are places too
    /// until the sides of where one stands are known.
    fn reach(&mut self, steps: &[Step], from: u32, sides: Option<(Side, Side)>) {
        self.stack.push(from);
        while let Some(place) = self.stack.pop() {
            let seen = &mut self.seen[place as usize];
            if std::mem::replace(seen, self.round) == self.round {
                continue;
            }
            match steps[place as usize] {
                Step::Jump(by) => self.stack.push(place.wrapping_add_signed(by)),
                Step::Fork(by) => self.stack.extend([place + 1, place.wrapping_add_signed(by)]),
                Step::Look(look) => match sides {
                    Some((behind, ahead)) if holds(look, behind, ahead) => self.stack.push(place + 1),
                    Some(_) => {}
                    None => self.to.push(place),
                },
                Step::Take(_) | Step::Rest | Step::Match => self.to.push(place),
            }
        }
    }
}

fn holds(look: Look, behind: Side, ahead: Side) -> bool {
    let line = |side| matches!(side, Side::Edge | Side::Newline);
    match look {
        Look::TextStart => behind == Side::Edge,
        Look::TextEnd => ahead == Side::Edge,
        Look::LineStart => line(behind),
        Look::LineEnd => line(ahead),
        Look::WordEdge => (behind == Side::Word) != (ahead == Side::Word),
        Look::NoWordEdge => (behind == Side::Word) == (ahead == Side::Word),
    }
}
