//! A length before each message, as the Collector's file exporter (four bytes, big endian) and Java's
//! `writeDelimitedTo` (a varint) write them.
//!
//! The messages of such files are whole by themselves, also compressed ones, so that they can be read as one stream; the
//! ends of messages are marked, so that a broken one does not take the next along.

use super::{Broken, Ran};
use crate::ingest::otlp::wire::{Wire, WireError};
use crate::ingest::pipe::Pipe;

/// How the length is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prefix {
    /// Four bytes, big endian.
    Be32,
    /// A varint.
    Varint,
}

impl Prefix {
    /// A length and how many bytes it takes; none while it is not whole.
    pub(crate) fn read(self, bytes: &[u8]) -> Result<Option<(u64, usize)>, WireError> {
        match self {
            Self::Be32 => {
                Ok(bytes.split_first_chunk::<4>().map(|(head, _)| (u64::from(u32::from_be_bytes(*head)), 4)))
            }
            Self::Varint => {
                let mut wire = Wire::new(bytes);
                match wire.varint() {
                    Ok(length) => Ok(Some((length, bytes.len() - wire.rest().len()))),
                    Err(WireError::Cut) => Ok(None),
                    Err(other) => Err(other),
                }
            }
        }
    }
}

/// Takes the lengths away and marks the ends of messages.
#[derive(Debug)]
pub(crate) struct Frames {
    prefix: Prefix,
    left: u64,
}

impl Frames {
    pub(super) fn new(prefix: Prefix) -> Self {
        Self { prefix, left: 0 }
    }

    pub(super) fn prefix(&self) -> Prefix {
        self.prefix
    }

    pub(super) fn run(&mut self, from: &mut Pipe, to: &mut Pipe) -> Result<Ran, Broken> {
        let bytes = from.bytes();
        if self.left > 0 && !bytes.is_empty() {
            let count = self.left.min(bytes.len() as u64);
            to.push(&bytes[..count as usize]);
            from.consume(count as usize);
            self.left -= count;
            return Ok(Ran::Worked);
        }
        let cut = from.ended && (self.left > 0 || !bytes.is_empty());
        match self.prefix.read(bytes) {
            Ok(Some((length, head))) if self.left == 0 => {
                from.consume(head);
                self.left = length;
                if length > 0 {
                    to.mark(to.end().saturating_add(length));
                }
                Ok(Ran::Worked)
            }
            Err(error) => Err(Broken::corrupt(format!("a message length cannot be read: {error}"))),
            _ if cut && self.left == 0 => Err(Broken {
                kind: crate::ingest::report::ProblemKind::Truncated,
                message: "cut off: the file ends inside a message length; all messages before it were read"
                    .to_owned(),
            }),
            // A cut message is told by what reads it.
            _ => Ok(Ran::Hungry),
        }
    }
}
