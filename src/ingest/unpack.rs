//! Wrappers around telemetry: each takes bytes from one pipe and gives unpacked ones to the next.
//!
//! Every call produces a bounded amount, however much a few bytes unpack to; nothing is held but a window.

mod frames;
mod gzip;
mod inspect;
mod tar;
mod utf16;
mod zip;
mod zstd;

use super::pipe::Pipe;
use super::report::{Findings, Place, ProblemKind};
pub(crate) use frames::Prefix;
pub(crate) use inspect::begins as begins_inspected;
pub(crate) use zstd::is_zstd;

/// What one call of a step did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Ran {
    /// Something was taken or given: there may be more to do.
    Worked,
    /// Nothing can be done before more bytes come.
    Hungry,
    /// A member of an archive begins.
    Member(String),
    /// The member ends.
    MemberEnd,
    /// Nothing more will be given; what follows is left alone.
    Ended,
}

/// What went wrong for good, in words, and how far ahead of the pipe's front.
#[derive(Debug)]
pub(crate) struct Broken {
    kind: ProblemKind,
    message: String,
}

impl Broken {
    fn corrupt(message: impl Into<String>) -> Self {
        Self { kind: ProblemKind::Corrupt, message: message.into() }
    }
}

/// One wrapper being taken off.
#[derive(Debug)]
pub(crate) enum Unpacker {
    /// RFC 1952.
    Gzip(Box<gzip::Gzip>),
    /// RFC 8878.
    Zstd(Box<zstd::Zstd>),
    /// A length before each message.
    Frames(frames::Frames),
    /// Text in 16-bit units.
    Utf16(utf16::Utf16),
    /// Objects as Node prints them.
    Inspect(inspect::Inspect),
    /// A zip archive.
    Zip(Box<zip::Zip>),
    /// A tar archive.
    Tar(tar::Tar),
}

/// Which wrapper bytes have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrapper {
    Gzip,
    Zstd,
    Frames(Prefix),
    Utf16 { big_endian: bool },
    Inspect,
    Zip,
    Tar,
}

impl Unpacker {
    pub(crate) fn new(wrapper: Wrapper) -> Self {
        match wrapper {
            Wrapper::Gzip => Self::Gzip(Box::default()),
            Wrapper::Zstd => Self::Zstd(Box::default()),
            Wrapper::Frames(prefix) => Self::Frames(frames::Frames::new(prefix)),
            Wrapper::Utf16 { big_endian } => Self::Utf16(utf16::Utf16::new(big_endian)),
            Wrapper::Inspect => Self::Inspect(inspect::Inspect::default()),
            Wrapper::Zip => Self::Zip(Box::default()),
            Wrapper::Tar => Self::Tar(tar::Tar::default()),
        }
    }

    /// Whether it holds members that are files of their own.
    pub(crate) fn is_archive(&self) -> bool {
        matches!(self, Self::Zip(_) | Self::Tar(_))
    }

    /// What it is called where the form is named.
    pub(crate) fn suffix(&self) -> &'static str {
        match self {
            Self::Gzip(_) => "+gzip",
            Self::Zstd(_) => "+zstd",
            Self::Frames(_) | Self::Utf16(_) | Self::Inspect(_) => "",
            Self::Zip(_) => "+zip",
            Self::Tar(_) => "+tar",
        }
    }

    /// How messages are framed, if this is what does it.
    pub(crate) fn prefix(&self) -> Option<Prefix> {
        match self {
            Self::Frames(frames) => Some(frames.prefix()),
            _ => None,
        }
    }

    /// Whether the input ends too early here. Streams tell that themselves.
    pub(crate) fn is_cut(&self) -> bool {
        match self {
            Self::Zip(zip) => zip.is_cut(),
            Self::Tar(tar) => tar.is_cut(),
            _ => false,
        }
    }

    /// Takes some bytes and gives some; `wanted` tells whether the member at hand is of any use.
    pub(crate) fn run(
        &mut self,
        from: &mut Pipe,
        to: &mut Pipe,
        wanted: bool,
        findings: &mut Findings,
    ) -> Ran {
        let ran = match self {
            Self::Gzip(gzip) => gzip.run(from, to, findings),
            Self::Zstd(zstd) => zstd.run(from, to, findings),
            Self::Frames(frames) => frames.run(from, to),
            Self::Utf16(utf16) => Ok(utf16.run(from, to)),
            Self::Inspect(inspect) => Ok(inspect.run(from, to, findings)),
            Self::Zip(zip) => zip.run(from, to, wanted, findings),
            Self::Tar(tar) => tar.run(from, to, wanted),
        };
        match ran {
            Ok(ran) => ran,
            Err(Broken { kind, message }) => {
                findings.problem(kind, Place::byte(from.at()), message);
                Ran::Ended
            }
        }
    }
}

/// Whether a member is not a file of the person who made the archive but of the system they used.
fn is_noise(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    name.starts_with("__MACOSX/") || file.starts_with("._") || matches!(file, ".DS_Store" | "Thumbs.db")
}

/// The wrapper that bytes begin with, by its magic number.
pub(crate) fn by_magic(bytes: &[u8]) -> Option<Wrapper> {
    match bytes {
        [0x1f, 0x8b, 8, ..] => Some(Wrapper::Gzip),
        [b'P', b'K', 3, 4, ..] | [b'P', b'K', 5, 6, ..] => Some(Wrapper::Zip),
        [0xff, 0xfe, ..] => Some(Wrapper::Utf16 { big_endian: false }),
        [0xfe, 0xff, ..] => Some(Wrapper::Utf16 { big_endian: true }),
        _ if is_zstd(bytes) => Some(Wrapper::Zstd),
        _ if tar::is_tar(bytes) => Some(Wrapper::Tar),
        _ => None,
    }
}
