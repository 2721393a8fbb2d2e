//! zip archives, member by member from their local headers: stored or deflated, zip64, sizes before or behind.
//!
//! The central directory at the end is not needed and not read. (APPNOTE.TXT 6.3, §4.3)

use flate2::{Crc, Decompress};

use super::gzip::inflate;
use super::{Broken, Ran, is_noise};
use crate::ingest::pipe::Pipe;
use crate::ingest::report::{Findings, Place, ProblemKind};

/// How the member at hand is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Header,
    /// Bytes left.
    Stored(u64),
    Deflated,
    /// Bytes left that nobody wants.
    Skipped(u64),
    /// Whether sizes stand behind the content.
    Behind,
    MemberEnd,
}

/// Walks the members.
#[derive(Debug)]
pub(crate) struct Zip {
    state: State,
    inflate: Decompress,
    crc: Crc,
    told: u32,
    descriptor: bool,
    member: bool,
}

impl Default for Zip {
    fn default() -> Self {
        Self {
            state: State::Header,
            inflate: Decompress::new(false),
            crc: Crc::new(),
            told: 0,
            descriptor: false,
            member: false,
        }
    }
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// The packed size in the zip64 extra field.
fn zip64_size(mut extra: &[u8]) -> Option<u64> {
    while extra.len() >= 4 {
        let length = usize::from(u16_at(extra, 2));
        if u16_at(extra, 0) == 1 {
            let field = extra.get(4..4 + length)?;
            return field.get(8..16)?.try_into().ok().map(u64::from_le_bytes);
        }
        extra = extra.get(4 + length..)?;
    }
    None
}

impl Zip {
    pub(super) fn run(
        &mut self,
        from: &mut Pipe,
        to: &mut Pipe,
        wanted: bool,
        findings: &mut Findings,
    ) -> Result<Ran, Broken> {
        match self.state {
            State::Header => self.header(from, findings),
            State::Stored(0) => Ok(self.end_content(from, findings)),
            State::Skipped(0) => {
                self.state = if self.descriptor { State::Behind } else { State::MemberEnd };
                Ok(Ran::Worked)
            }
            State::Stored(left) | State::Skipped(left) => {
                let bytes = from.bytes();
                if bytes.is_empty() {
                    return Ok(Ran::Hungry);
                }
                let count = left.min(bytes.len() as u64).min(1 << 16) as usize;
                let left = left - count as u64;
                if matches!(self.state, State::Stored(_)) {
                    self.crc.update(&bytes[..count]);
                    if wanted && self.member {
                        to.push(&bytes[..count]);
                    }
                    self.state = State::Stored(left);
                } else {
                    self.state = State::Skipped(left);
                }
                from.consume(count);
                Ok(Ran::Worked)
            }
            State::Deflated => {
                let (moved, ended) = inflate(&mut self.inflate, from, to, &mut self.crc)?;
                if !wanted || !self.member {
                    to.consume(to.len());
                }
                if ended {
                    return Ok(self.end_content(from, findings));
                }
                Ok(if moved { Ran::Worked } else { Ran::Hungry })
            }
            State::Behind => self.descriptor(from, findings),
            State::MemberEnd => {
                self.state = State::Header;
                Ok(if std::mem::take(&mut self.member) { Ran::MemberEnd } else { Ran::Worked })
            }
        }
    }

    /// Whether the archive ends too early here.
    pub(super) fn is_cut(&self) -> bool {
        self.state != State::Header || self.member
    }

    fn header(&mut self, from: &mut Pipe, findings: &mut Findings) -> Result<Ran, Broken> {
        let bytes = from.bytes();
        if bytes.len() < 4 {
            return Ok(Ran::Hungry);
        }
        if !bytes.starts_with(b"PK\x03\x04") {
            // The central directory, or the end of an empty archive.
            if bytes.starts_with(b"PK") {
                return Ok(Ran::Ended);
            }
            return Err(Broken::corrupt("the zip archive is damaged: no member header stands here"));
        }
        let (flags, method) = (u16_at(bytes, 6), u16_at(bytes, 8));
        let (name_len, extra_len) = (usize::from(u16_at(bytes, 26)), usize::from(u16_at(bytes, 28)));
        let length = 30 + name_len + extra_len;
        if bytes.len() < length {
            return Ok(Ran::Hungry);
        }
        let name = String::from_utf8_lossy(&bytes[30..30 + name_len]).into_owned();
        let mut size = u64::from(u32_at(bytes, 18));
        if size == u64::from(u32::MAX) {
            size = zip64_size(&bytes[30 + name_len..length]).unwrap_or(size);
        }
        self.told = u32_at(bytes, 14);
        self.descriptor = flags & 8 != 0;
        self.crc.reset();
        self.inflate.reset(false);
        let place = Place::byte(from.at());
        let mut unsupported = |what: &str| {
            findings.problem(ProblemKind::Unsupported, place, format!("{name} in the archive {what}"));
        };
        let known = !self.descriptor || size > 0;
        let readable = if flags & 1 != 0 {
            unsupported("is encrypted; unpack it first");
            false
        } else if method != 0 && method != 8 {
            unsupported("is packed in a way that is not read here; unpack it first");
            false
        } else if method == 0 && !known {
            unsupported("is stored without its size; unpack it first");
            false
        } else {
            true
        };
        if !readable && !known {
            return Err(Broken::corrupt(
                "the rest of the zip archive cannot be found without that member's size",
            ));
        }
        from.consume(length);
        let folder = name.ends_with('/') || is_noise(&name);
        self.state = match method {
            _ if !readable || (folder && known) => State::Skipped(size),
            0 => State::Stored(size),
            _ => State::Deflated,
        };
        self.member = readable && !folder;
        Ok(if self.member { Ran::Member(name) } else { Ran::Worked })
    }

    fn end_content(&mut self, from: &mut Pipe, findings: &mut Findings) -> Ran {
        if self.descriptor {
            self.state = State::Behind;
            return Ran::Worked;
        }
        self.check(self.told, from, findings);
        self.state = State::MemberEnd;
        Ran::Worked
    }

    fn check(&self, told: u32, from: &Pipe, findings: &mut Findings) {
        if told != self.crc.sum() {
            let message = "a checksum in the zip archive does not match: its content may be wrong";
            findings.problem(ProblemKind::Checksum, Place::byte(from.at()), message);
        }
    }

    /// The checksum and sizes behind the content: with or without a signature, with 4- or 8-byte sizes.
    fn descriptor(&mut self, from: &mut Pipe, findings: &mut Findings) -> Result<Ran, Broken> {
        let bytes = from.bytes();
        if bytes.len() < 28 && !from.ended {
            return Ok(Ran::Hungry);
        }
        let signed = bytes.starts_with(b"PK\x07\x08");
        let start = if signed { 4 } else { 0 };
        let length = [12, 20]
            .into_iter()
            .map(|sizes| start + sizes)
            .find(|&at| bytes.get(at..at + 2) == Some(b"PK"))
            .ok_or_else(|| Broken::corrupt("the zip archive is damaged: nothing follows a member"))?;
        let told = u32_at(bytes, start);
        from.consume(length);
        if self.member {
            self.check(told, from, findings);
        }
        self.state = State::MemberEnd;
        Ok(Ran::Worked)
    }
}
