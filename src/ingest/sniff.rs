//! What is it? Decided by content, from at most the first mebibyte; the name of a file says nothing.

use super::otlp::probe::{Probe, broken, probe};
use super::unpack::{self, Prefix, Wrapper};

/// How much is looked at before it is decided.
pub(crate) const LOOK: usize = 1 << 20;

/// What the bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// JSON documents, or lines some of which are JSON.
    Json,
    /// OTLP protobuf.
    Protobuf {
        /// One level deeper, as Tempo's response.
        wrapped: bool,
    },
    /// Something inside a wrapper.
    Wrapped(Wrapper),
    /// Nothing at all, or only white space.
    Empty,
    /// Something else, said in words.
    Foreign(String),
}

/// Decides by a prefix; none when more must be seen. `whole` says that nothing follows.
pub(crate) fn sniff(prefix: &[u8], whole: bool) -> Option<Content> {
    let final_look = whole || prefix.len() >= LOOK;
    if prefix.is_empty() {
        return whole.then_some(Content::Empty);
    }
    if let Some(wrapper) = unpack::by_magic(prefix) {
        return Some(Content::Wrapped(wrapper));
    }
    if let Some(what) = magic(prefix) {
        return Some(Content::Foreign(what.to_owned()));
    }
    if prefix.len() < 16 && !whole && !matches!(prefix[0], b'{' | b'[') {
        return None;
    }
    let text = prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix);
    let start = text.iter().position(|c| !c.is_ascii_whitespace() && *c != 0x1e);
    let Some(start) = start else {
        // Only white space so far; 0x0A is also how protobuf begins.
        return final_look.then_some(Content::Empty);
    };
    let bracket = matches!(text[start], b'{' | b'[');
    let inspected = bracket.then(|| unpack::begins_inspected(&text[start..]));
    if start == 0 && bracket {
        match inspected.flatten() {
            None if !final_look => return None,
            Some(true) => return Some(Content::Wrapped(Wrapper::Inspect)),
            _ => {}
        }
        return Some(Content::Json);
    }
    let protobuf = probe(prefix, whole);
    match protobuf {
        Probe::Yes { wrapped } => return Some(Content::Protobuf { wrapped }),
        Probe::Maybe | Probe::Empty if bracket && (final_look || prefix.len() >= 4096) => {
            return Some(Content::Json);
        }
        Probe::No if inspected == Some(Some(true)) => return Some(Content::Wrapped(Wrapper::Inspect)),
        Probe::No if inspected == Some(None) && !final_look => return None,
        Probe::No if bracket => return Some(Content::Json),
        Probe::Empty => return Some(Content::Protobuf { wrapped: false }),
        Probe::Maybe if final_look && prefix[0] == 0x0a => return Some(Content::Protobuf { wrapped: false }),
        Probe::Maybe | Probe::No => {}
    }
    // 0x0A is how a request begins, and the length of a message of ten bytes: the request comes first.
    if (prefix[0] != 0x0a || final_look || protobuf == Probe::No)
        && let Some(prefix) = framed(prefix, final_look)
    {
        return Some(Content::Wrapped(Wrapper::Frames(prefix)));
    }
    if !final_look && protobuf != Probe::No {
        return None;
    }
    if let Some(what) = text_magic(&text[start..]) {
        return Some(Content::Foreign(what.to_owned()));
    }
    if has_inspected_line(text) {
        return Some(Content::Wrapped(Wrapper::Inspect));
    }
    if has_json_line(text) {
        return Some(Content::Json);
    }
    // A tar archive tells what it is in its second half kilobyte.
    if !final_look && prefix.len() < 512 {
        return None;
    }
    // A line of JSON may still come after lines of something else, as long as it is text.
    let head = &prefix[..prefix.len().min(4096)];
    let utf8 = std::str::from_utf8(head).is_ok() || cut_utf8(head);
    let is_text = utf8 && !head.iter().any(|&c| c < 9);
    if !final_look && is_text {
        return None;
    }
    if let (false, Some(error)) = (is_text, broken(prefix)) {
        let message = format!("this begins like OTLP protobuf, but it cannot be read: {error}");
        return Some(Content::Foreign(message));
    }
    Some(Content::Foreign(describe(text, is_text)))
}

/// Whether bytes are text that is cut inside its last character.
fn cut_utf8(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

/// Whether a length and a message that is telemetry stand at the front.
fn framed(prefix: &[u8], final_look: bool) -> Option<Prefix> {
    [Prefix::Be32, Prefix::Varint].into_iter().find(|kind| {
        let Ok(Some((length, head))) = kind.read(prefix) else { return false };
        let rest = &prefix[head..];
        let whole = length <= rest.len() as u64;
        let message = if whole { &rest[..length as usize] } else { rest };
        if length == 0 || length > 1 << 31 {
            return false;
        }
        match probe(message, whole) {
            Probe::Yes { .. } => true,
            Probe::Empty => final_look && message.len() > 4,
            Probe::Maybe => final_look && *kind == Prefix::Be32 && message.first() == Some(&0x0a),
            Probe::No if *kind == Prefix::Be32 => {
                let json = message.trim_ascii_start().first().is_some_and(|c| matches!(c, b'{' | b'['));
                json || unpack::is_zstd(message)
            }
            Probe::No => false,
        }
    })
}

/// Whether some line begins as a JSON document does.
fn has_json_line(text: &[u8]) -> bool {
    memchr::memmem::find(text, b"\n{\"").is_some() || memchr::memmem::find(text, b"\n[{\"").is_some()
}

/// Whether some line begins as an object does that Node prints.
fn has_inspected_line(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"\n{").any(|at| unpack::begins_inspected(&text[at + 1..]) == Some(true))
}

fn describe(text: &[u8], is_text: bool) -> String {
    if text.iter().take(LOOK).all(|&c| c == 0) {
        return "there are only zero bytes in it".to_owned();
    }
    if !is_text {
        return "this is binary data of no form that is known here".to_owned();
    }
    let first = text.split(|&c| c == b'\n').find(|l| !l.trim_ascii().is_empty()).unwrap_or_default();
    let shown: String = String::from_utf8_lossy(&first[..first.len().min(240)]).chars().take(60).collect();
    let scalar = text.trim_ascii();
    if matches!(scalar, b"null" | b"true" | b"false")
        || scalar.iter().all(|c| matches!(c, b'0'..=b'9' | b'-' | b'.'))
    {
        return format!("the file holds only the JSON value {shown}, not telemetry");
    }
    if scalar.first() == Some(&b'"') {
        return "the file holds only a JSON string, not telemetry".to_owned();
    }
    let commas = memchr::memchr_iter(b',', first).count();
    if commas >= 2 {
        return format!("this looks like a table (CSV), not a trace file; it begins with: {shown}");
    }
    format!("this is plain text, not a trace file; it begins with: {shown}")
}

/// Binary forms by their first bytes.
fn magic(b: &[u8]) -> Option<&'static str> {
    Some(match b {
        [0x89, b'P', b'N', b'G', ..] => "this is a PNG image, not a trace file",
        [0xff, 0xd8, 0xff, ..] => "this is a JPEG image, not a trace file",
        [b'G', b'I', b'F', b'8', ..] => "this is a GIF image, not a trace file",
        [b'R', b'I', b'F', b'F', ..] => "this is a media file (RIFF), not a trace file",
        [b'%', b'P', b'D', b'F', ..] => "this is a PDF document, not a trace file",
        [0x7f, b'E', b'L', b'F', ..] => "this is a program (ELF), not a trace file",
        [0, b'a', b's', b'm', ..] => "this is a WebAssembly module, not a trace file",
        [b'P', b'A', b'R', b'1', ..] => {
            "this is a Parquet file; traces in Parquet are not read, export them as OTLP"
        }
        [b'A', b'R', b'R', b'O', b'W', b'1', ..] => {
            "this is an Arrow file; traces in Arrow are not read, export them as OTLP"
        }
        [b'S', b'Q', b'L', b'i', b't', b'e', ..] => "this is an SQLite database, not a trace file",
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..] => "this is bzip2; unpack it first",
        [0xfd, b'7', b'z', b'X', b'Z', ..] => "this is xz; unpack it first",
        [b'7', b'z', 0xbc, 0xaf, ..] => "this is a 7-Zip archive; unpack it first",
        [0x04, 0x22, 0x4d, 0x18, ..] => "this is lz4; unpack it first",
        _ => return None,
    })
}

/// Text forms by how they begin.
fn text_magic(text: &[u8]) -> Option<&'static str> {
    let head: Vec<u8> = text.iter().take(16).map(u8::to_ascii_lowercase).collect();
    if head.starts_with(b"<!doctype html") || head.starts_with(b"<html") || head.starts_with(b"<head") {
        return Some(
            "this is an HTML page, not a trace file; a login or error page may have been saved in its place",
        );
    }
    head.starts_with(b"<").then_some("this is XML or HTML, not a trace file")
}
