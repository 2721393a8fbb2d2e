//! tar archives (POSIX ustar, GNU long names, pax paths), member by member.

use super::{Broken, Ran};
use crate::ingest::pipe::Pipe;

const BLOCK: usize = 512;

/// Whether an archive begins here.
pub(crate) fn is_tar(bytes: &[u8]) -> bool {
    bytes.get(257..262) == Some(b"ustar")
}

/// Walks the members.
#[derive(Debug, Default)]
pub(crate) struct Tar {
    /// Bytes left of the content at hand, and of its padding.
    left: u64,
    padding: u64,
    inside: Inside,
    /// A name that an extra header gave to the next member.
    long_name: Option<String>,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Inside {
    #[default]
    Nothing,
    Member,
    Skipped,
}

/// A number in octal text, or in base 256 where the first bit is set.
fn number(field: &[u8]) -> Option<u64> {
    if let [first, rest @ ..] = field
        && first & 0x80 != 0
    {
        return rest
            .iter()
            .try_fold(u64::from(first & 0x7f), |n, &b| n.checked_mul(256)?.checked_add(u64::from(b)));
    }
    let text = field.split(|&c| c == 0).next().unwrap_or_default().trim_ascii();
    u64::from_str_radix(std::str::from_utf8(text).ok()?, 8).ok()
}

fn text(field: &[u8]) -> String {
    let end = field.iter().position(|&c| c == 0).unwrap_or(field.len());
    String::from_utf8_lossy(&field[..end]).into_owned()
}

impl Tar {
    pub(super) fn run(&mut self, from: &mut Pipe, to: &mut Pipe, wanted: bool) -> Result<Ran, Broken> {
        let bytes = from.bytes();
        if self.left > 0 {
            if bytes.is_empty() {
                return Ok(Ran::Hungry);
            }
            let count = self.left.min(bytes.len() as u64).min(1 << 16) as usize;
            if self.inside == Inside::Member && wanted {
                to.push(&bytes[..count]);
            }
            from.consume(count);
            self.left -= count as u64;
            return Ok(Ran::Worked);
        }
        if std::mem::take(&mut self.inside) == Inside::Member {
            return Ok(Ran::MemberEnd);
        }
        if self.padding > 0 {
            if bytes.is_empty() {
                return Ok(Ran::Hungry);
            }
            let count = self.padding.min(bytes.len() as u64);
            from.consume(count as usize);
            self.padding -= count;
            return Ok(Ran::Worked);
        }
        self.header(from)
    }

    /// Whether the archive ends too early here.
    pub(super) fn is_cut(&self) -> bool {
        self.left > 0
    }

    fn header(&mut self, from: &mut Pipe) -> Result<Ran, Broken> {
        let Some((block, rest)) = from.bytes().split_first_chunk::<BLOCK>() else { return Ok(Ran::Hungry) };
        if block.iter().all(|&b| b == 0) {
            return Ok(Ran::Ended);
        }
        if !is_tar(block) {
            return Err(Broken::corrupt("the tar archive is damaged: no member header stands here"));
        }
        let size = number(&block[124..136])
            .ok_or_else(|| Broken::corrupt("the tar archive is damaged: a size cannot be read"))?;
        let padding = size.wrapping_neg() % BLOCK as u64;
        match block[156] {
            kind @ (b'L' | b'x') => {
                // Extra headers are small and read whole.
                if size > 1 << 16 {
                    return Err(Broken::corrupt("the tar archive is damaged: a name is too long"));
                }
                let Some(content) = rest.get(..size as usize) else { return Ok(Ran::Hungry) };
                let name = if kind == b'L' { Some(text(content)) } else { pax_path(content) };
                self.long_name = name.or_else(|| self.long_name.take());
                from.consume(BLOCK + size as usize);
                self.padding = padding;
                Ok(Ran::Worked)
            }
            b'0' | 0 => {
                let name = self.long_name.take().unwrap_or_else(|| {
                    let (name, prefix) = (text(&block[..100]), text(&block[345..500]));
                    if prefix.is_empty() { name } else { format!("{prefix}/{name}") }
                });
                from.consume(BLOCK);
                self.left = size;
                self.padding = padding;
                if super::is_noise(&name) {
                    self.inside = Inside::Skipped;
                    return Ok(Ran::Worked);
                }
                self.inside = Inside::Member;
                Ok(Ran::Member(name))
            }
            _ => {
                from.consume(BLOCK);
                self.left = size;
                self.padding = padding;
                self.inside = Inside::Skipped;
                Ok(Ran::Worked)
            }
        }
    }
}

/// The path of a pax header: records of "length key=value\n".
fn pax_path(content: &[u8]) -> Option<String> {
    content
        .split(|&c| c == b'\n')
        .filter_map(|record| {
            let at = memchr::memchr(b' ', record)?;
            record[at + 1..].strip_prefix(b"path=")
        })
        .next_back()
        .map(|path| String::from_utf8_lossy(path).into_owned())
}
