//! Is it OTLP protobuf? Decided by parsing a prefix, never by the first byte alone.
//!
//! A request begins with 0x0A, which a text sniffer takes for a newline, and its second byte can be `{`.
//! The surest sign is a record that tells its signal, two groups down (three in Tempo's response).

use super::record;
use super::wire::{BYTES, Wire, WireError};

/// What a prefix of a file says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Not protobuf of this shape.
    No,
    /// Nothing speaks against it yet.
    Maybe,
    /// The shape is right to the end of the file, but no record tells its signal.
    Empty,
    /// A record was found.
    Yes {
        /// One level deeper, as Tempo's `TraceByIDResponse`.
        wrapped: bool,
    },
}

/// Fields that lead from one level to the next, outermost first.
const PLAIN: [&[u32]; 3] = [&[1], &[2, 1000], &[2]];
const WRAPPED: [&[u32]; 4] = [&[1], &[1], &[2, 1000], &[2]];

/// Looks at a prefix; `whole` when it is all there is.
pub(crate) fn probe(prefix: &[u8], whole: bool) -> Probe {
    let plain = search(prefix, &PLAIN);
    if plain == Search::Found {
        return Probe::Yes { wrapped: false };
    }
    let wrapped = search(prefix, &WRAPPED);
    match (plain, wrapped) {
        (_, Search::Found) => Probe::Yes { wrapped: true },
        (Search::Broken(_), Search::Broken(_)) => Probe::No,
        (Search::Nothing, _) if whole => Probe::Empty,
        _ => Probe::Maybe,
    }
}

/// Why a file that begins as a request does is none.
pub(crate) fn broken(prefix: &[u8]) -> Option<WireError> {
    match search(prefix, &PLAIN) {
        Search::Broken(error) if prefix.first() == Some(&0x0a) => error,
        _ => None,
    }
}

/// What a search along a path of fields gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Search {
    /// A record that tells its signal.
    Found,
    /// Well-formed, the right fields, no record.
    Nothing,
    /// The same as far as it goes.
    Cut,
    /// Not well-formed, or not a single field on the path.
    Broken(Option<WireError>),
}

/// Walks the levels of `path` through a prefix that may end anywhere, first branch first; no recursion.
fn search(prefix: &[u8], path: &[&[u32]]) -> Search {
    // Per open level what is left of it, and whether its end lies in the prefix.
    let mut open: Vec<(Wire<'_>, bool)> = vec![(Wire::new(prefix), false)];
    let mut on_path = false;
    let mut over = false;
    while let Some(level) = open.len().checked_sub(1) {
        let (wire, whole) = &mut open[level];
        if wire.rest().is_empty() {
            open.pop();
            continue;
        }
        let cut = |error: WireError, whole: bool| {
            let over = matches!(error, WireError::Cut | WireError::Length { .. });
            if over && !whole { Search::Cut } else { Search::Broken(Some(error)) }
        };
        let (number, wire_type) = match wire.tag() {
            Ok(tag) => tag,
            Err(error) => return cut(error, *whole),
        };
        if wire_type != BYTES {
            if let Err(error) = wire.value(wire_type) {
                return cut(error, *whole);
            }
            continue;
        }
        let mut length_ahead = *wire;
        let length = match length_ahead.varint() {
            Ok(length) => length,
            Err(error) => return cut(error, *whole),
        };
        let available = length_ahead.rest();
        let inside = length <= available.len() as u64;
        if !inside && *whole {
            let room = available.len() as u64;
            return Search::Broken(Some(WireError::Length { length, room }));
        }
        let content = if inside { &available[..length as usize] } else { available };
        over |= !inside;
        *wire = Wire::new(&available[content.len()..]);
        if !path[level].contains(&number) {
            continue;
        }
        on_path = true;
        if level + 1 < path.len() {
            open.push((Wire::new(content), inside));
        } else if record::signal(content).is_some() {
            return Search::Found;
        }
    }
    match (on_path, over) {
        (_, true) => Search::Cut,
        (true, false) => Search::Nothing,
        (false, false) => Search::Broken(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: u8, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![number << 3 | 2, content.len() as u8];
        bytes.extend_from_slice(content);
        bytes
    }

    #[test]
    fn a_span_two_groups_down_is_found_as_soon_as_its_ids_are_there() {
        let mut span = message(1, &[7; 16]);
        span.extend(message(2, &[9; 8]));
        let request = message(1, &message(2, &message(2, &span)));
        assert_eq!(probe(&request, true), Probe::Yes { wrapped: false });
        assert_eq!(probe(&request[..request.len() - 12], false), Probe::Maybe);
        assert_eq!(probe(&message(1, &request), true), Probe::Yes { wrapped: true });
        assert_eq!(probe(b"\n{\"resourceSpans\":[", true), Probe::Maybe);
        assert_eq!(probe(&[0; 100], false), Probe::No);
    }
}
