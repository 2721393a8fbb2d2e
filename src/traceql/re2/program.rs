//! What a pattern compiles to: steps that take a character each, forks and conditions on where one stands.

use super::set::{CharSet, LAST};

/// Steps of all patterns' copies together; more is refused.
const MOST_STEPS: usize = 200_000;
/// Ranges of all sets together; more is refused.
const MOST_RANGES: usize = 30_000;
/// Sets times ranges, which is what telling the sets' characters apart costs; more is refused.
const MOST_PAIRS: usize = 4 << 20;

/// A condition that takes no character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    TextStart,
    TextEnd,
    LineStart,
    LineEnd,
    WordEdge,
    NoWordEdge,
}

/// One step; distances are relative to it, so that code may be copied and moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Takes a character of the set with this number.
    Take(u32),
    /// Goes on at the next step and at the distance.
    Fork(i32),
    /// Goes on at the distance.
    Jump(i32),
    /// Goes on where the condition holds.
    Look(Look),
    /// Whatever follows, the text matches.
    Rest,
    /// The text matches if it ends here.
    Match,
}

/// A pattern ready to run.
#[derive(Clone, Debug, Default)]
pub(super) struct Program {
    pub(super) steps: Vec<Step>,
    pub(super) sets: Vec<CharSet>,
}

/// Puts code together.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    sets: Vec<CharSet>,
    /// The sets' numbers in order of the sets.
    order: Vec<u32>,
    ranges: usize,
    steps: usize,
}

/// Code under construction.
pub(super) type Code = Vec<Step>;

const TOO_LARGE: &str = "expression too large";

impl Assembler {
    /// Counts steps that are made.
    fn spend(&mut self, steps: usize) -> Result<(), &'static str> {
        self.steps = self.steps.saturating_add(steps);
        if self.steps > MOST_STEPS { Err(TOO_LARGE) } else { Ok(()) }
    }

    /// Appends a step that takes a character of a set.
    pub(super) fn take(&mut self, code: &mut Code, set: CharSet) -> Result<(), &'static str> {
        self.spend(1)?;
        let sets = &self.sets;
        let place = self.order.binary_search_by(|n| sets[*n as usize].ranges().cmp(set.ranges()));
        let number = match place {
            Ok(place) => self.order[place],
            Err(place) => {
                self.ranges += set.ranges().len();
                if self.ranges > MOST_RANGES || self.ranges * self.sets.len() > MOST_PAIRS {
                    return Err(TOO_LARGE);
                }
                let number = self.sets.len() as u32;
                self.order.insert(place, number);
                self.sets.push(set);
                number
            }
        };
        code.push(Step::Take(number));
        Ok(())
    }

    /// Appends a condition.
    pub(super) fn look(&mut self, code: &mut Code, look: Look) -> Result<(), &'static str> {
        self.spend(1)?;
        code.push(Step::Look(look));
        Ok(())
    }

    /// Repeats the code from `start` on: `least` times and more, at most `most` times where there is a most.
    pub(super) fn repeat(
        &mut self,
        code: &mut Code,
        start: usize,
        least: u32,
        most: Option<u32>,
    ) -> Result<(), &'static str> {
        let body: Code = code.drain(start..).collect();
        let len = body.len() as i32;
        let copies = most.unwrap_or(least.max(1)) as usize;
        self.spend((body.len() + 2).saturating_mul(copies))?;
        for _ in 0..least {
            code.extend_from_slice(&body);
        }
        match most {
            // a{2,}: the last copy loops.
            None if least > 0 => code.push(Step::Fork(-len)),
            None => {
                code.push(Step::Fork(len + 2));
                code.extend_from_slice(&body);
                code.push(Step::Jump(-len - 1));
            }
            Some(most) => {
                for more in (least..most).rev() {
                    let behind = (more - least + 1) as i32 * (len + 1);
                    code.push(Step::Fork(behind));
                    code.extend_from_slice(&body);
                }
            }
        }
        Ok(())
    }

    /// Appends alternatives.
    pub(super) fn alternatives(
        &mut self,
        code: &mut Code,
        mut branches: Vec<Code>,
    ) -> Result<(), &'static str> {
        self.spend(branches.len() * 2)?;
        let last = branches.pop().unwrap_or_default();
        let total: usize = branches.iter().map(|branch| branch.len() + 2).sum::<usize>() + last.len();
        let end = code.len() + total;
        for branch in branches {
            code.push(Step::Fork(branch.len() as i32 + 2));
            code.extend(branch);
            code.push(Step::Jump((end - code.len()) as i32));
        }
        code.extend(last);
        Ok(())
    }

    /// The whole program, which matches where the code has come to its end.
    pub(super) fn finish(self, mut code: Code) -> Program {
        code.push(Step::Match);
        let all = self.sets.iter().position(|set| set.ranges() == [(0, LAST)]);
        let takes_all =
            |at: usize| matches!(code.get(at), Some(Step::Take(set)) if Some(*set as usize) == all);
        let matches = |mut at: usize| {
            while let Some(Step::Jump(by)) = code.get(at) {
                at = at.wrapping_add_signed(*by as isize);
            }
            code.get(at) == Some(&Step::Match)
        };
        // `.*` before the end takes whatever is left: nothing more needs to be read.
        let rest = |at: usize| match code[at] {
            Step::Fork(3) => takes_all(at + 1) && code[at + 2] == Step::Jump(-2) && matches(at + 3),
            Step::Fork(-1) => at > 0 && takes_all(at - 1) && matches(at + 1),
            _ => false,
        };
        let steps = (0..code.len()).map(|at| if rest(at) { Step::Rest } else { code[at] }).collect();
        Program { steps, sets: self.sets }
    }
}
