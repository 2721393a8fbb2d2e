//! Search in one trace: which spans match, which of them comes next, which lead to one.
//!
//! Plain words are looked for in names, services, status messages, ids and attribute values. `is:…` signs name what people ask for most. Everything else is TraceQL or one of
//! its friendly forms. All of it must hold of a span.

mod words;

use super::{Desk, Error, Reply};
use crate::engine::protocol as p;
use crate::scene::flame::Matches;
use crate::store::{RowSet, Trace, mark};
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
        let standing = |rows: &dyn Fn(u32) -> bool| RowSet::of(trace.rows().iter().map(|&row| rows(row)));
        // Without signs the text stays as it was typed: white space in literals counts.
        let plain = if signs.is_empty() { text.to_owned() } else { rest.join(" ") };
        let is_query = plain.contains(['{', '=', '<', '>', '~', '|']);
        match is_query.then(|| self.matching(&plain)) {
            Some(Err(error)) => found.error = Some(error),
            Some(Ok((rows, traceql))) => {
                hits = standing(&|row| rows.contains(row));
                found.traceql = traceql;
            }
            None if text.is_empty() => {}
            None => {
                let rows = words::rows_with(store, trace, &rest);
                hits = standing(&|row| rows.contains(row));
            }
        }
        for sign in signs {
            hits = if let Some(holds) = self.sign(trace, sign) {
                let places = trace.rows().iter().enumerate();
                RowSet::of(places.map(|(place, &row)| hits.contains(place as u32) && holds(place, row)))
            } else {
                let (expected, sign) = (SIGNS, format!("is:{sign}"));
                found.error = Some(Error::BadField { field: "find", expected, found: sign });
                RowSet::new(trace.len())
            };
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
