//! Reading a part of a file: its first spans, or those that start within a time window.

use crate::model::TimeRange;

/// What of a file is wanted; all of it by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Part {
    /// At most so many spans, the first ones.
    pub max_spans: Option<u64>,
    /// Only spans that start within.
    pub range: Option<TimeRange>,
}

impl Part {
    /// Whether nothing is left out.
    pub fn is_whole(self) -> bool {
        self.max_spans.is_none() && self.range.is_none()
    }

    /// Whether a span of this start can be wanted: tells early that its attributes need not be stored. 0 says that
    /// the start is not known yet.
    #[inline]
    pub(crate) fn wants(self, start_ns: u64) -> bool {
        self.range.is_none_or(|range| start_ns == 0 || range.contains(start_ns))
    }
}

/// How far a part was read.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wanted {
    /// What is still wanted.
    pub(crate) part: Part,
    /// Spans that start outside of the window.
    pub(crate) outside: u64,
    /// There are more spans than were wanted.
    pub(crate) full: bool,
}

impl Wanted {
    /// Whether a whole span is to be kept; counts those that are not.
    #[inline]
    pub(crate) fn takes(&mut self, start_ns: u64) -> bool {
        self.part.is_whole() || self.takes_of_part(start_ns)
    }

    #[cold]
    fn takes_of_part(&mut self, start_ns: u64) -> bool {
        if self.part.range.is_some_and(|range| !range.contains(start_ns)) {
            self.outside += 1;
            return false;
        }
        match &mut self.part.max_spans {
            Some(0) => {
                self.full = true;
                false
            }
            Some(left) => {
                *left -= 1;
                true
            }
            None => true,
        }
    }

    /// What was left out, in words.
    pub(crate) fn notes(self, spans: u64) -> impl Iterator<Item = String> {
        let full = self.full.then(|| {
            format!(
                "only a part was read: reading stopped after {spans} spans, as asked; traces may lack spans"
            )
        });
        let outside = (self.outside > 0).then(|| {
            format!(
                "only a part was read: {} spans start outside of the time window that was asked for",
                self.outside
            )
        });
        full.into_iter().chain(outside)
    }
}

#[cfg(test)]
mod tests {
    use crate::ingest::export::{trace_json, trace_protobuf};
    use crate::ingest::{FileReport, Limits, Reader};
    use crate::model::{SpanId, TimeRange, TraceId};
    use crate::store::{AttrList, Builder, Scope, SpanDraft, StrId, ValueRef};

    use super::Part;

    /// Ten spans of one trace that start at 1000, 2000, … 10000, each with an attribute of its own.
    fn ten() -> Builder {
        let mut builder = Builder::default();
        let resource = builder.open_resource();
        let scope = builder.open_scope(resource);
        for i in 1..=10 {
            let mut span = SpanDraft {
                trace_id: TraceId([1; 16]),
                span_id: SpanId(i),
                start_ns: i * 1000,
                end_ns: i * 1000 + 1,
                ..SpanDraft::default()
            };
            span.attributes.push(builder.attributes(), b"n", ValueRef::Int(i as i64));
            builder.commit(scope, &span);
        }
        builder.close_scope(scope, Scope::default());
        builder.close_resource(resource, &AttrList::default(), 0, StrId::EMPTY);
        builder.seal();
        builder
    }

    fn read(bytes: &[u8], part: Part) -> (FileReport, Builder) {
        let mut builder = Builder::default();
        let mut reader = Reader::new("part", Limits { part, ..Limits::default() });
        reader.feed(bytes);
        let report = reader.finish(&mut builder).swap_remove(0);
        builder.seal();
        (report, builder)
    }

    #[test]
    fn the_first_spans_or_those_of_a_window_are_kept() {
        let all = ten();
        let (protobuf, json) = (trace_protobuf(all.store(), 0), trace_json(all.store(), 0).into_bytes());
        let first = |n| Part { max_spans: Some(n), range: None };
        let within = |start_ns, end_ns| Part { max_spans: None, range: Some(TimeRange { start_ns, end_ns }) };
        for bytes in [&protobuf, &json] {
            for (part, want, note) in [
                (Part::default(), 1..=10, None),
                (
                    first(3),
                    1..=3,
                    Some(
                        "only a part was read: reading stopped after 3 spans, as asked; traces may lack spans",
                    ),
                ),
                (first(10), 1..=10, None),
                (
                    within(4000, 6001),
                    4..=6,
                    Some("only a part was read: 7 spans start outside of the time window that was asked for"),
                ),
            ] {
                let (report, builder) = read(bytes, part);
                let found: Vec<u64> = builder.store().spans().id.iter().collect();
                assert_eq!(found, want.clone().collect::<Vec<_>>(), "{part:?}");
                assert_eq!(report.spans, found.len() as u64, "{part:?}");
                assert_eq!(report.notes.first().map(String::as_str), note, "{part:?}");
                assert_eq!(report.problems, [], "{part:?}");
                if part.range.is_some() {
                    assert_eq!(
                        builder.store().attributes().len(),
                        found.len(),
                        "what is left out stores nothing"
                    );
                }
            }
            let (report, _) = read(bytes, within(1, 2));
            assert_eq!(
                report.problems[0].message,
                "no span of this file starts within the time window that was asked for"
            );
        }
    }

    #[test]
    fn what_is_held_grows_with_the_spans() {
        let all = ten();
        let held = all.held_bytes();
        assert!((500..5000).contains(&held), "{held}");
    }
}
