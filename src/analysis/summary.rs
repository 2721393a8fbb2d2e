//! What the data holds, in a dozen numbers (script-api.md `summary`).

use hashbrown::HashSet;

use super::selection::{Checkpoint, Error, Selection};
use crate::store::{RowSet, Store, mark};

/// Counts over the selected spans; the extent is that of the whole data.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Summary {
    /// Spans, repeated records counted each time.
    pub spans: u64,
    /// Traces with at least one of the spans.
    pub traces: u64,
    /// Services of the spans.
    pub services: u64,
    /// Distinct pairs of service and span name.
    pub operations: u64,
    /// Spans with status ERROR.
    pub errors: u64,
    /// Events of the spans.
    pub events: u64,
    /// Links of the spans.
    pub links: u64,
    /// Spans whose parent id names no span of their trace.
    pub orphans: u64,
    /// Earliest known start in the whole data, nanoseconds since the epoch.
    pub start_ns: Option<u64>,
    /// Latest known end in the whole data, nanoseconds since the epoch.
    pub end_ns: Option<u64>,
}

/// Counts the selected spans.
pub fn summary(
    store: &Store,
    selection: &Selection<'_>,
    checkpoint: &dyn Checkpoint,
) -> Result<Summary, Error> {
    let spans = store.spans();
    let mut sum = Summary::default();
    let mut traces = RowSet::new(store.trace_count());
    let mut services = RowSet::new(store.service_count());
    let mut operations = HashSet::with_hasher(foldhash::fast::FixedState::default());
    selection.each(store, checkpoint, |row| {
        sum.spans += 1;
        sum.errors += u64::from(spans.is_error(row));
        sum.orphans += u64::from(store.marks(row) & mark::ORPHAN != 0);
        traces.insert(spans.trace.get(row as usize));
        let service = store.service(row).0;
        services.insert(service);
        operations.insert((service, spans.name.get(row as usize)));
    })?;
    let counted = |owners: &crate::store::Column<u32>| {
        let sealed = owners.iter().take_while(|&row| (row as usize) < store.len());
        sealed.filter(|&row| selection.contains(store, row)).count() as u64
    };
    let extent = store.extent();
    Ok(Summary {
        traces: traces.count() as u64,
        services: services.count() as u64,
        operations: operations.len() as u64,
        events: counted(&spans.events.span),
        links: counted(&spans.links.span),
        start_ns: extent.map(|(start, _)| start),
        end_ns: extent.map(|(_, end)| end),
        ..sum
    })
}

#[cfg(test)]
mod tests {
    use super::super::Uninterrupted;
    use super::super::testing::store;
    use super::*;
    use crate::model::TimeRange;

    #[test]
    fn counts_are_of_the_selection_and_the_extent_of_all() {
        let store = store(
            "1 1 0 web  server GET 1000 9000
             1 2 1 web  client SQL 2000 3000
             1 3 1 cart server GET 2500 4500 error
             2 1 7 web  server GET 5000 6000",
        );
        let all = summary(&store, &Selection::ALL, &Uninterrupted).unwrap();
        let want = Summary {
            spans: 4,
            traces: 2,
            services: 2,
            operations: 3,
            errors: 1,
            orphans: 1,
            start_ns: Some(1000),
            end_ns: Some(9000),
            ..Summary::default()
        };
        assert_eq!(all, want);
        let range = Some(TimeRange { start_ns: 5000, end_ns: 5001 });
        let late = summary(&store, &Selection { range, ..Selection::ALL }, &Uninterrupted).unwrap();
        let want = Summary { spans: 1, traces: 1, services: 1, operations: 1, errors: 0, ..want };
        assert_eq!(late, want);
    }

    #[test]
    fn a_question_can_be_called_off() {
        let store = store("1 1 0 web server GET 1 9");
        let off = || Err(Error::Cancelled);
        assert_eq!(summary(&store, &Selection::ALL, &off), Err(Error::Cancelled));
    }
}
