//! zstd: any number of frames, skippable ones left out (RFC 8878), decoded block by block.
//!
//! A block gives at most 128 KiB, so that a few bytes of a hostile frame cannot unpack to much at once; the
//! window is capped by the decoder at 128 MiB.

use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use super::{Broken, Ran};
use crate::ingest::pipe::Pipe;
use crate::ingest::report::{Findings, Place, ProblemKind};

/// Decodes zstd frames.
#[derive(Default)]
pub(crate) struct Zstd {
    decoder: FrameDecoder,
    /// Inside a frame: whether it ends with a checksum.
    frame: Option<bool>,
    skip: u64,
    /// The message at hand is damaged: nothing of it is read any more.
    lost: bool,
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Zstd").field("frame", &self.frame).field("skip", &self.skip).finish_non_exhaustive()
    }
}

/// Whether a frame or a skippable frame begins here.
pub(crate) fn is_zstd(bytes: &[u8]) -> bool {
    matches!(bytes, [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..])
}

/// Length of a frame's header; none while it is not whole.
fn header(bytes: &[u8]) -> Option<usize> {
    let descriptor = *bytes.get(4)?;
    let single = descriptor & 0x20 != 0;
    let window = usize::from(!single);
    let dictionary = [0, 1, 2, 4][usize::from(descriptor & 3)];
    let content = match descriptor >> 6 {
        0 => usize::from(single),
        1 => 2,
        2 => 4,
        _ => 8,
    };
    let length = 5 + window + dictionary + content;
    (bytes.len() >= length).then_some(length)
}

impl Zstd {
    pub(super) fn run(
        &mut self,
        from: &mut Pipe,
        to: &mut Pipe,
        findings: &mut Findings,
    ) -> Result<Ran, Broken> {
        if from.next_mark() == Some(from.at()) {
            if self.frame.take().is_some() {
                let message = "a compressed message is cut off";
                findings.problem(ProblemKind::Truncated, Place::byte(from.at()), message);
            }
            from.pop_mark();
            to.mark(to.end());
            self.lost = false;
            return Ok(Ran::Worked);
        }
        if self.lost && !from.is_empty() {
            from.consume(from.message().len());
            return Ok(Ran::Worked);
        }
        match self.step(from, to, findings) {
            // Where messages are marked the next one can be read all the same.
            Err(Broken { kind, message }) if from.next_mark().is_some() => {
                findings.problem(kind, Place::byte(from.at()), message);
                self.lost = true;
                self.frame = None;
                Ok(Ran::Worked)
            }
            other => other,
        }
    }

    fn step(&mut self, from: &mut Pipe, to: &mut Pipe, findings: &mut Findings) -> Result<Ran, Broken> {
        let bytes = from.message();
        if self.skip > 0 && !bytes.is_empty() {
            let count = self.skip.min(bytes.len() as u64);
            from.consume(count as usize);
            self.skip -= count;
            return Ok(Ran::Worked);
        }
        if bytes.is_empty() {
            return self.starved(from, findings);
        }
        match self.frame {
            None => self.start(from, findings),
            Some(checksum) => self.block(checksum, from, to, findings),
        }
    }

    fn start(&mut self, from: &mut Pipe, findings: &mut Findings) -> Result<Ran, Broken> {
        let bytes = from.message();
        if bytes.len() >= 4 && !is_zstd(bytes) {
            let message = "bytes after the end of the zstd data were left alone";
            findings.problem(ProblemKind::TrailingBytes, Place::byte(from.at()), message);
            return Ok(Ran::Ended);
        }
        if let [0x50..=0x5f, _, _, _, a, b, c, d, ..] = *bytes {
            self.skip = u64::from(u32::from_le_bytes([a, b, c, d]));
            from.consume(8);
            return Ok(Ran::Worked);
        }
        if bytes.first() != Some(&0x28) {
            return self.starved(from, findings);
        }
        let Some(length) = header(bytes) else { return self.starved(from, findings) };
        let checksum = bytes[4] & 4 != 0;
        self.decoder
            .reset(&bytes[..length])
            .map_err(|error| Broken::corrupt(format!("the zstd frame cannot be read: {error}")))?;
        self.frame = Some(checksum);
        from.consume(length);
        Ok(Ran::Worked)
    }

    /// Decodes one block once it is whole.
    fn block(
        &mut self,
        checksum: bool,
        from: &mut Pipe,
        to: &mut Pipe,
        findings: &mut Findings,
    ) -> Result<Ran, Broken> {
        let bytes = from.message();
        let [a, b, c, ..] = *bytes else { return self.starved(from, findings) };
        let header = u32::from_le_bytes([a, b, c, 0]);
        let last = header & 1 != 0;
        // A run-length block holds one byte, whatever its size says.
        let content = if (header >> 1) & 3 == 1 { 1 } else { header >> 3 };
        let length = 3 + content as usize + if last && checksum { 4 } else { 0 };
        if content > 1 << 17 {
            return Err(Broken::corrupt("a zstd block is larger than 128 KiB"));
        }
        let Some(block) = bytes.get(..length) else { return self.starved(from, findings) };
        self.decoder
            .decode_blocks(block, BlockDecodingStrategy::UptoBlocks(1))
            .map_err(|error| Broken::corrupt(format!("the zstd data is damaged: {error}")))?;
        self.decoder
            .collect_to_writer(to.tail())
            .map_err(|error| Broken::corrupt(format!("the zstd data is damaged: {error}")))?;
        from.consume(length);
        if last {
            self.frame = None;
            let told = self.decoder.get_checksum_from_data();
            if checksum && told != self.decoder.get_calculated_checksum() {
                let message =
                    "the zstd checksum does not match: the file was damaged, its content may be wrong";
                findings.problem(ProblemKind::Checksum, Place::byte(from.at()), message);
            }
        }
        Ok(Ran::Worked)
    }

    fn starved(&mut self, from: &mut Pipe, findings: &mut Findings) -> Result<Ran, Broken> {
        let left = from.message().len();
        if from.next_mark().is_some_and(|mark| mark <= from.end()) {
            return Err(Broken {
                kind: ProblemKind::Truncated,
                message: "a compressed message is cut off".to_owned(),
            });
        }
        if from.ended && (left > 0 || self.frame.is_some() || self.skip > 0) {
            let message = "the zstd data is cut off; what came before the cut was read";
            findings.problem(ProblemKind::Truncated, Place::byte(from.end()), message);
            return Ok(Ran::Ended);
        }
        Ok(Ran::Hungry)
    }
}
