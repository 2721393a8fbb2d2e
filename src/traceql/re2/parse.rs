//! Reads the text of a pattern (RE2's syntax with Perl's classes, as Go accepts it) and assembles its program.
//!
//! One pass with a stack of open groups, so nesting costs no recursion. Groups capture nothing and laziness
//! makes no difference: what is asked is whether a whole text matches.

use super::class;
use super::program::{Assembler, Code, Look, Program};
use super::set::CharSet;
use super::unicode::Folding;

/// Deepest nesting of groups.
const DEEPEST: usize = 1000;
/// Largest count, and largest product of nested counts.
const MOST_REPEATS: u32 = 1000;

type Result<T> = std::result::Result<T, &'static str>;

/// What `(?ims)` set.
#[derive(Clone, Copy, Debug)]
struct Flags {
    fold: bool,
    lines: bool,
    dot_newline: bool,
}

/// What a repetition would apply to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Last {
    Nothing,
    Atom,
    Repeated,
}

/// An open group.
#[derive(Debug)]
struct Group {
    /// Alternatives that are complete.
    branches: Vec<Code>,
    /// The one being read.
    code: Code,
    /// The flags to go back to.
    outer: Flags,
    /// Largest product of counts inside.
    counts: u32,
}

impl Group {
    fn new(outer: Flags) -> Self {
        Self { branches: Vec::new(), code: Code::new(), outer, counts: 1 }
    }
}

struct Parser<'p> {
    assembler: Assembler,
    folding: Folding,
    flags: Flags,
    open: Vec<Group>,
    group: Group,
    names: Vec<&'p str>,
    last: Last,
    /// Where the last atom's code starts, and the largest product of counts inside it.
    start: usize,
    counts: u32,
}

/// The program of a pattern; the error says what RE2 would dislike.
pub(super) fn parse(pattern: &str) -> Result<Program> {
    let flags = Flags { fold: false, lines: false, dot_newline: true };
    let mut parser = Parser {
        assembler: Assembler::default(),
        folding: Folding::default(),
        flags,
        open: Vec::new(),
        group: Group::new(flags),
        names: Vec::new(),
        last: Last::Nothing,
        start: 0,
        counts: 1,
    };
    let mut rest = pattern;
    while let Some(c) = rest.chars().next() {
        rest = parser.next(c, &rest[c.len_utf8()..])?;
    }
    if !parser.open.is_empty() {
        return Err("missing closing )");
    }
    let code = parser.joined()?;
    Ok(parser.assembler.finish(code))
}

impl<'p> Parser<'p> {
    /// Reads what begins with `c`; returns what follows it.
    fn next(&mut self, c: char, tail: &'p str) -> Result<&'p str> {
        match c {
            '*' => return self.repetition(tail, 0, None),
            '+' => return self.repetition(tail, 1, None),
            '?' => return self.repetition(tail, 0, Some(1)),
            '{' => {
                if let Some((least, most, behind)) = counted(tail)? {
                    return self.repetition(behind, least, most);
                }
                self.literal(c)?;
            }
            '(' => return self.opening(tail),
            ')' => self.closing()?,
            '|' => {
                let code = std::mem::take(&mut self.group.code);
                self.group.branches.push(code);
                self.last = Last::Nothing;
            }
            '[' => {
                let (set, behind) = class::bracketed(tail, self.folding())?;
                self.take(set)?;
                return Ok(behind);
            }
            '\\' => return self.escape(tail),
            '.' if self.flags.dot_newline => self.take(CharSet::all())?,
            '.' => self.take(CharSet::of_pairs("\n\n").negated())?,
            '^' => self.look(if self.flags.lines { Look::LineStart } else { Look::TextStart })?,
            '$' => self.look(if self.flags.lines { Look::LineEnd } else { Look::TextEnd })?,
            c => self.literal(c)?,
        }
        Ok(tail)
    }

    /// What knows of cases, where they make no difference.
    fn folding(&mut self) -> Option<&mut Folding> {
        self.flags.fold.then_some(&mut self.folding)
    }

    fn atom(&mut self) {
        self.last = Last::Atom;
        self.start = self.group.code.len();
        self.counts = 1;
    }

    fn take(&mut self, set: CharSet) -> Result<()> {
        self.atom();
        self.assembler.take(&mut self.group.code, set)
    }

    fn look(&mut self, look: Look) -> Result<()> {
        self.atom();
        self.assembler.look(&mut self.group.code, look)
    }

    fn literal(&mut self, c: char) -> Result<()> {
        let mut set = CharSet::new(vec![(u32::from(c), u32::from(c))]);
        if let Some(folding) = self.folding() {
            set = folding.close(&set);
        }
        self.take(set)
    }

    /// Repeats the last atom; `tail` follows the operator, perhaps with the lazy mark. Operators do not stack.
    fn repetition(&mut self, tail: &'p str, least: u32, most: Option<u32>) -> Result<&'p str> {
        match self.last {
            Last::Nothing => return Err("missing argument to repetition operator"),
            Last::Repeated => return Err("invalid nested repetition operator"),
            Last::Atom => self.last = Last::Repeated,
        }
        if least > 1 || most.is_some_and(|most| most > 1) {
            self.counts = self.counts.saturating_mul(most.unwrap_or(least));
            if self.counts > MOST_REPEATS {
                return Err("invalid repeat count");
            }
        }
        self.group.counts = self.group.counts.max(self.counts);
        self.assembler.repeat(&mut self.group.code, self.start, least, most)?;
        Ok(tail.strip_prefix('?').unwrap_or(tail))
    }

    /// What follows an opening bracket: a group, or flags for the rest of the surrounding one.
    fn opening(&mut self, tail: &'p str) -> Result<&'p str> {
        let Some(special) = tail.strip_prefix('?') else {
            self.open(self.flags)?;
            return Ok(tail);
        };
        if let Some(named) = special.strip_prefix("P<").or_else(|| special.strip_prefix('<')) {
            let (name, behind) = named.split_once('>').ok_or("invalid named capture")?;
            let fits = !name.is_empty() && name.bytes().all(|b| b == b'_' || b.is_ascii_alphanumeric());
            if !fits || self.names.contains(&name) {
                return Err("invalid named capture");
            }
            self.names.push(name);
            self.open(self.flags)?;
            return Ok(behind);
        }
        let (mut flags, mut on, mut any) = (self.flags, true, false);
        for (at, c) in special.char_indices() {
            let behind = &special[at + c.len_utf8()..];
            match c {
                'i' => flags.fold = on,
                'm' => flags.lines = on,
                's' => flags.dot_newline = on,
                'U' => {}
                '-' if on => {
                    (on, any) = (false, false);
                    continue;
                }
                ':' | ')' if on || any => {
                    if c == ':' {
                        self.open(flags)?;
                    }
                    self.flags = flags;
                    return Ok(behind);
                }
                _ => return Err("invalid or unsupported group (RE2 has no look-around)"),
            }
            any = true;
        }
        Err("missing closing )")
    }

    fn open(&mut self, inside: Flags) -> Result<()> {
        if self.open.len() == DEEPEST {
            return Err("expression nests too deeply");
        }
        let outer = std::mem::replace(&mut self.flags, inside);
        self.open.push(std::mem::replace(&mut self.group, Group::new(outer)));
        self.last = Last::Nothing;
        Ok(())
    }

    fn closing(&mut self) -> Result<()> {
        let surrounding = self.open.pop().ok_or("unexpected )")?;
        let code = self.joined()?;
        let inner = std::mem::replace(&mut self.group, surrounding);
        self.flags = inner.outer;
        self.atom();
        self.counts = inner.counts;
        self.group.counts = self.group.counts.max(inner.counts);
        self.group.code.extend(code);
        Ok(())
    }

    /// The group's alternatives as one run of code.
    fn joined(&mut self) -> Result<Code> {
        let mut branches = std::mem::take(&mut self.group.branches);
        branches.push(std::mem::take(&mut self.group.code));
        let mut code = Code::new();
        self.assembler.alternatives(&mut code, branches)?;
        Ok(code)
    }

    /// An escape outside a set.
    fn escape(&mut self, tail: &'p str) -> Result<&'p str> {
        let c = tail.chars().next().ok_or("trailing backslash")?;
        let behind = &tail[c.len_utf8()..];
        match c {
            'A' => self.look(Look::TextStart)?,
            'z' => self.look(Look::TextEnd)?,
            'b' => self.look(Look::WordEdge)?,
            'B' => self.look(Look::NoWordEdge)?,
            'Q' => {
                let (text, behind) = behind.split_once(r"\E").unwrap_or((behind, ""));
                if self.last == Last::Repeated {
                    self.last = Last::Atom;
                }
                text.chars().try_for_each(|c| self.literal(c))?;
                return Ok(behind);
            }
            _ => {
                if let Some((set, behind)) = class::named(tail, self.folding())? {
                    self.take(set)?;
                    return Ok(behind);
                }
                let (c, behind) = class::character(tail)?;
                let mut set = CharSet::new(vec![(c, c)]);
                if let Some(folding) = self.folding() {
                    set = folding.close(&set);
                }
                self.take(set)?;
                return Ok(behind);
            }
        }
        Ok(behind)
    }
}

/// `n}`, `n,}` or `n,m}` behind an opening brace; none where the brace is a literal.
fn counted(tail: &str) -> Result<Option<(u32, Option<u32>, &str)>> {
    let Some((inner, behind)) = tail.split_once('}') else { return Ok(None) };
    let (low, high) = inner.split_once(',').map_or((inner, None), |(a, b)| (a, Some(b)));
    let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if !digits(low) || high.is_some_and(|h| !h.is_empty() && !digits(h)) {
        return Ok(None);
    }
    let number = |s: &str| s.parse().ok().filter(|n| *n <= MOST_REPEATS).ok_or("invalid repeat count");
    let least = number(low)?;
    let most = match high {
        None => Some(least),
        Some("") => None,
        Some(high) => Some(number(high)?),
    };
    if most.is_some_and(|most| most < least) {
        return Err("invalid repeat count");
    }
    Ok(Some((least, most, behind)))
}
