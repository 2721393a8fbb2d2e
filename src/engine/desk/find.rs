//! Search in one trace: which spans match, which of them comes next, which lead to one.
//!
//! Plain words are looked for in names, services, status messages, ids and attribute values: once per distinct
//! text, then by one pass over numbers. `is:…` signs name what people ask for most. Everything else is TraceQL or one of
//! its friendly forms. All of it must hold of a span.

use super::{Desk, Error, Reply};
use crate::engine::protocol as p;
use crate::scene::flame::Matches;
use crate::store::{RowSet, ServiceId, Store, Trace, ValueRef, mark};
use crate::traceql::{eval, friendly};

/// The signs, as a sentence has them.
const SIGNS: &str =
    "is:error, slow, critical, orphan, cyclic, duplicate, negative, timeless, skewed, root, events or links";

/// What was found in the trace on screen, by place.
#[derive(Debug, Default)]
pub(super) struct Found {
    text: String,
    traceql: String,
    /// Why the text could not be understood.
    error: Option<Error>,
    pub(super) hits: RowSet,
    pub(super) total: usize,
    /// Hits and all above them.
    pub(super) kept: RowSet,
    /// Of the layout with this name, which bars match and which lead to a match.
    pub(super) bars: Option<(String, Matches, Matches)>,
}

impl Desk {
    pub(super) fn find(&mut self, r: &p::Find) -> Result<Reply, Error> {
        let number = self.find_trace(&r.trace_id)?;
        self.look_for(number, &r.find)?;
        let Some(found) = self.shown.as_ref().and_then(|s| s.found.as_ref()) else {
            return Ok(Reply::default());
        };
        if let Some(error) = &found.error {
            return Err(error.clone());
        }
        let from = r.from.map_or(0, |p| p as usize);
        let end = found.hits.len();
        let hits = |range| found.hits.range(range);
        let place = match (r.from, r.back) {
            (None, _) => hits(0..end).next(),
            (Some(_), false) => hits(from + 1..end).next().or_else(|| hits(0..end).next()),
            (Some(_), true) => hits(0..from.min(end)).last().or_else(|| hits(0..end).last()),
        };
        let store = self.builder.store();
        let span_id = place.map(|p| super::trace::span_id(store, store.trace(number).rows()[p as usize]));
        let answer = p::FindAnswer {
            spans: found.total as u64,
            number: place.map_or(0, |p| hits(0..p as usize + 1).count() as u64),
            place,
            span_id: span_id.unwrap_or_default(),
            traceql: found.traceql.clone(),
        };
        Ok(self.reply(answer))
    }

    /// Looks for a text in a trace, which becomes the one on screen. What cannot be understood finds nothing; only
    /// [`find`](Self::find) tells why.
    pub(super) fn look_for(&mut self, number: u32, text: &str) -> Result<(), Error> {
        let text = text.trim();
        if self.shown(number).found.as_ref().is_some_and(|f| f.text == text) {
            return Ok(());
        }
        let (mut signs, mut rest) = (Vec::new(), Vec::new());
        for word in text.split_whitespace() {
            match word.strip_prefix("is:") {
                Some(sign) => signs.push(sign),
                None => rest.push(word),
            }
        }
        if signs.contains(&"critical") {
            self.walk_path(number, false)?;
        }
        if signs.contains(&"slow") && self.shown(number).slow.is_none() {
            let slow = super::ranks::slow(self.builder.store());
            self.shown(number).slow = Some(slow);
        }
        let store = self.builder.store();
        let trace = store.trace(number);
        let mut found = Found { text: text.to_owned(), ..Found::default() };
        let mut hits = RowSet::new(trace.len());
        // Without signs the text stays as it was typed: white space in literals counts.
        let plain = if signs.is_empty() { text.to_owned() } else { rest.join(" ") };
        let is_query = plain.contains(['{', '=', '<', '>', '~', '|']);
        match is_query.then(|| self.matching(&plain)) {
            Some(Err(error)) => found.error = Some(error),
            Some(Ok((rows, traceql))) => {
                keep(&mut hits, trace, |_, row| rows.contains(row));
                found.traceql = traceql;
            }
            None if text.is_empty() => {}
            None => {
                let mut words: Vec<RowSet> = Vec::new();
                for word in rest {
                    words.push(rows_of(store, trace, word));
                }
                keep(&mut hits, trace, |_, row| words.iter().all(|w| w.contains(row)));
            }
        }
        for sign in signs {
            let mut both = RowSet::new(trace.len());
            match self.sign(trace, sign) {
                Some(holds) => {
                    keep(&mut both, trace, |place, row| hits.contains(place as u32) && holds(place, row));
                }
                None => {
                    found.error =
                        Some(Error::BadField { field: "find", expected: SIGNS, found: format!("is:{sign}") });
                }
            }
            hits = both;
        }
        found.total = hits.count();
        found.kept = kept(trace, &hits);
        found.hits = hits;
        self.shown(number).found = Some(found);
        Ok(())
    }

    /// The rows that a text matches as TraceQL, and that TraceQL.
    fn matching(&self, text: &str) -> Result<(eval::Bitmap, String), Error> {
        let reading = friendly::read(text, Some(self.builder.store()))?;
        let found = eval::spans(self.builder.store(), &reading.query, None, &mut ())?;
        Ok((found.rows, reading.translated.unwrap_or_else(|| text.to_owned())))
    }

    /// What a sign says about a place and its row.
    fn sign<'a>(&'a self, trace: Trace<'a>, sign: &str) -> Option<Box<dyn Fn(usize, u32) -> bool + 'a>> {
        let store = self.builder.store();
        let spans = store.spans();
        let shown = self.shown.as_ref()?;
        let marked = move |bit: u8| move |_: usize, row: u32| store.marks(row) & bit != 0;
        Some(match sign {
            "error" => Box::new(move |_, row| spans.is_error(row)),
            "slow" => Box::new(move |_, row| shown.slow.as_ref().is_some_and(|slow| slow.contains(row))),
            "critical" => {
                let path = shown.path.as_ref()?;
                Box::new(move |place, _| !path.of(place as u32).is_empty())
            }
            "orphan" => Box::new(marked(mark::ORPHAN)),
            "cyclic" => Box::new(marked(mark::CYCLIC)),
            "duplicate" => Box::new(marked(mark::DUPLICATE)),
            "negative" => Box::new(move |_, row| spans.end.get(row as usize) < spans.start.get(row as usize)),
            "timeless" => Box::new(move |_, row| spans.start.get(row as usize) == 0),
            "skewed" => Box::new(move |place, _| shown.skew.get(place).is_some_and(|&delta| delta != 0)),
            "root" => Box::new(move |place, row| {
                trace.depths()[place] == 1
                    && store.parent(row).is_none()
                    && store.marks(row) & mark::ORPHAN == 0
            }),
            "events" => Box::new(move |_, row| !spans.events_of(row).is_empty()),
            "links" => Box::new(move |_, row| !spans.links_of(row).is_empty()),
            _ => return None,
        })
    }
}

fn keep(hits: &mut RowSet, trace: Trace<'_>, holds: impl Fn(usize, u32) -> bool) {
    for (place, &row) in trace.rows().iter().enumerate() {
        if holds(place, row) {
            hits.insert(place as u32);
        }
    }
}

/// The hits and all places above them.
fn kept(trace: Trace<'_>, hits: &RowSet) -> RowSet {
    let mut kept = RowSet::new(trace.len());
    // From the end to the start, the next place at this depth is above the last one that was kept.
    let mut above = 0;
    for (place, &depth) in trace.depths().iter().enumerate().rev() {
        if hits.contains(place as u32) || (depth > 0 && depth == above) {
            kept.insert(place as u32);
            above = depth.saturating_sub(1);
        }
    }
    kept
}

/// The rows of a trace (and maybe others) where a word stands. It is looked up in every distinct text once; then
/// numbers are compared, in the order of the file, and only those of which one can match.
fn rows_of(store: &Store, trace: Trace<'_>, word: &str) -> RowSet {
    let word = word.trim_matches('"').to_lowercase();
    let (spans, attributes) = (store.spans(), store.attributes());
    let digits = word.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let in_pair = |value: ValueRef<'_>| match value {
        ValueRef::Str(text) => holds(text, &word),
        ValueRef::Int(number) => digits && digits_hold(number, word.as_bytes()),
        other => holds(other.display().as_bytes(), &word),
    };
    let pairs: Vec<bool> = attributes.iter().map(|(_, _, value)| in_pair(value)).collect();
    let strings: Vec<bool> = store.strings().iter().map(|(_, text)| holds(text.as_bytes(), &word)).collect();
    let resources = store.groups().resources().iter();
    let resources: Vec<bool> =
        resources.map(|r| r.attributes.iter().any(|id| pairs[id.0 as usize])).collect();
    let services = (0..store.service_count() as u32).map(ServiceId);
    let services: Vec<bool> = services.map(|s| holds(store.service_name(s).as_bytes(), &word)).collect();
    // The word itself as the first digits of a span id, and how many bits are not said.
    let id = u64::from_str_radix(&word, 16).ok().filter(|_| (4..=16).contains(&word.len()));
    let rest = 64 - 4 * word.len().min(16) as u32;
    let any = |list: &[bool]| list.contains(&true);
    let (named, grouped) = (any(&strings), any(&services) || any(&resources));
    let matches = |row: u32| {
        let at = row as usize;
        (named && strings[spans.name.get(at) as usize])
            || (grouped
                && (services[store.service(row).0 as usize]
                    || store.resource_id(row).is_some_and(|r| resources[r.0 as usize])))
            || id.is_some_and(|id| spans.id.get(at).checked_shr(rest) == Some(id))
            || (named && spans.is_error(row) && strings[spans.extra(row).status_message.0 as usize])
    };
    let plain = named || grouped || id.is_some();
    // Where the trace is much of the data, one pass over all of it is cheaper than a look-up a span.
    if trace.len() * 4 >= store.len() {
        let mut rows = if any(&pairs) { rows_with(store, &pairs) } else { RowSet::new(store.len()) };
        if plain {
            (0..store.len() as u32).filter(|&row| matches(row)).for_each(|row| rows.insert(row));
        }
        return rows;
    }
    let with = any(&pairs);
    let holds =
        |row| (plain && matches(row)) || (with && spans.attributes(row).any(|id| pairs[id.0 as usize]));
    let mut rows = RowSet::new(store.len());
    trace.rows().iter().copied().filter(|&row| holds(row)).for_each(|row| rows.insert(row));
    rows
}

/// The rows with an attribute among these pairs.
fn rows_with(store: &Store, pairs: &[bool]) -> RowSet {
    let spans = store.spans();
    let mut rows = RowSet::new(store.len());
    let mut ends = spans.attribute_ends().range(0..store.len()).enumerate();
    let Some((mut row, mut end)) = ends.next() else { return rows };
    let mut at = 0;
    for piece in spans.attribute_column().chunks() {
        for &id in piece {
            while at >= end {
                let Some(next) = ends.next() else { return rows };
                (row, end) = next;
            }
            if pairs.get(id as usize) == Some(&true) {
                rows.insert(row as u32);
            }
            at += 1;
        }
    }
    rows
}

/// Whether the digits of a number hold a word of digits; a million numbers are no texts for long.
fn digits_hold(number: i64, word: &[u8]) -> bool {
    let mut text = [b'-'; 20];
    let (mut at, mut rest) = (text.len(), number.unsigned_abs());
    while at > 1 {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    // What is before the digits is a minus.
    let text = &text[at - usize::from(number < 0)..];
    word.is_empty() || text.windows(word.len()).any(|part| part == word)
}

/// Whether a text holds a word of lower case, letters of either case being the same.
fn holds(text: &[u8], word: &str) -> bool {
    if !word.is_ascii() {
        return String::from_utf8_lossy(text).to_lowercase().contains(word);
    }
    let word = word.as_bytes();
    let (Some(&first), Some(last)) = (word.first(), text.len().checked_sub(word.len())) else {
        return word.is_empty();
    };
    let upper = first.to_ascii_uppercase();
    let mut at = 0;
    while let Some(found) = text[at..=last].iter().position(|&b| b == first || b == upper) {
        at += found;
        if text[at..at + word.len()].eq_ignore_ascii_case(word) {
            return true;
        }
        at += 1;
        if at > last {
            break;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::digits_hold;

    #[test]
    fn numbers_hold_what_their_digits_hold() {
        for number in [0, 7, -7, 10_203, -10_203, i64::MAX, i64::MIN, 1_000_000_000_000_000_000] {
            let text = number.to_string();
            for from in 0..text.len() {
                for to in from..=text.len() {
                    assert!(digits_hold(number, &text.as_bytes()[from..to]), "{number} {from}..{to}");
                }
            }
            assert!(!digits_hold(number, format!("{text}1").as_bytes()));
            assert!(!digits_hold(number, b"--"));
        }
        assert!(!digits_hold(7, b"-7"));
    }
}
