//! gzip: any number of members one after another (RFC 1952), inflated piece by piece.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::{Broken, Ran};
use crate::ingest::pipe::Pipe;
use crate::ingest::report::{Findings, Place, ProblemKind};

/// Bytes given at most in one call.
const PIECE: usize = 1 << 16;

#[derive(Debug)]
enum State {
    Header,
    Body,
    Trailer,
}

/// Inflates gzip members.
#[derive(Debug)]
pub(crate) struct Gzip {
    state: State,
    inflate: Decompress,
    crc: Crc,
    members: u64,
}

impl Default for Gzip {
    fn default() -> Self {
        Self { state: State::Header, inflate: Decompress::new(false), crc: Crc::new(), members: 0 }
    }
}

/// Inflates one piece of a raw deflate stream: whether anything moved, and whether the stream ended.
pub(super) fn inflate(
    inflate: &mut Decompress,
    from: &mut Pipe,
    to: &mut Pipe,
    crc: &mut Crc,
) -> Result<(bool, bool), Broken> {
    let (read, written) = (inflate.total_in(), inflate.total_out());
    let out = to.tail();
    let start = out.len();
    out.resize(start + PIECE, 0);
    let result = inflate.decompress(from.bytes(), &mut out[start..], FlushDecompress::None);
    let taken = (inflate.total_in() - read) as usize;
    let given = (inflate.total_out() - written) as usize;
    out.truncate(start + given);
    crc.update(&out[start..]);
    from.consume(taken);
    match result {
        Ok(status) => Ok((taken + given > 0, status == Status::StreamEnd)),
        Err(error) => Err(Broken::corrupt(format!("the compressed data is damaged: {error}"))),
    }
}

/// Length of a member's header; none while it is not whole.
fn header(bytes: &[u8]) -> Option<usize> {
    let flags = *bytes.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        let extra = bytes.get(at..at + 2)?;
        at += 2 + usize::from(u16::from_le_bytes([extra[0], extra[1]]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += memchr::memchr(0, bytes.get(at..)?)? + 1;
        }
    }
    at += if flags & 2 != 0 { 2 } else { 0 };
    (bytes.len() >= at).then_some(at)
}

impl Gzip {
    pub(super) fn run(
        &mut self,
        from: &mut Pipe,
        to: &mut Pipe,
        findings: &mut Findings,
    ) -> Result<Ran, Broken> {
        match self.state {
            State::Header => self.header(from, findings),
            State::Body => {
                let (moved, ended) = inflate(&mut self.inflate, from, to, &mut self.crc)?;
                if ended {
                    self.state = State::Trailer;
                    return Ok(Ran::Worked);
                }
                Ok(if moved { Ran::Worked } else { starved(from, findings) })
            }
            State::Trailer => {
                let Some((trailer, _)) = from.bytes().split_first_chunk::<8>() else {
                    return Ok(starved(from, findings));
                };
                let [a, b, c, d, ..] = *trailer;
                if u32::from_le_bytes([a, b, c, d]) != self.crc.sum() {
                    let message =
                        "the gzip checksum does not match: the file was damaged, its content may be wrong";
                    findings.problem(ProblemKind::Checksum, Place::byte(from.at()), message);
                }
                from.consume(8);
                self.state = State::Header;
                Ok(Ran::Worked)
            }
        }
    }

    fn header(&mut self, from: &mut Pipe, findings: &mut Findings) -> Result<Ran, Broken> {
        let bytes = from.bytes();
        if bytes.is_empty() && self.members > 0 {
            return Ok(Ran::Hungry);
        }
        if bytes.len() < 3 && !from.ended {
            return Ok(Ran::Hungry);
        }
        if !bytes.starts_with(&[0x1f, 0x8b, 8]) {
            if self.members > 0 {
                // Zeros are padding of tapes and blocks.
                if bytes.iter().any(|&b| b != 0) {
                    let message = "bytes after the end of the gzip data were left alone";
                    findings.problem(ProblemKind::TrailingBytes, Place::byte(from.at()), message);
                }
                return Ok(Ran::Ended);
            }
            return Ok(starved(from, findings));
        }
        match header(bytes) {
            Some(length) => {
                from.consume(length);
                self.inflate.reset(false);
                self.crc.reset();
                self.members += 1;
                self.state = State::Body;
                Ok(Ran::Worked)
            }
            // Names and comments are short; a header that never ends is none.
            None if bytes.len() > 1 << 17 => Err(Broken::corrupt("the gzip header does not end")),
            None => Ok(starved(from, findings)),
        }
    }
}

/// No more bytes: wait, or tell the cut.
fn starved(from: &Pipe, findings: &mut Findings) -> Ran {
    if from.ended {
        let message = "the gzip data is cut off; what came before the cut was read";
        findings.problem(ProblemKind::Truncated, Place::byte(from.end()), message);
        return Ran::Ended;
    }
    Ran::Hungry
}
