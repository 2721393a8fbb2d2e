//! Statistics of spans by service, operation, kind, status or any attribute (script-api.md `statistics`).

use std::hash::{Hash, Hasher};

use super::critical_path::Section;
use super::grouping::Grouping;
use super::red::{Red, RedTable};
use super::selection::{Checkpoint, Error, Selection};
use super::self_time::SelfTimes;
use crate::model::{SpanKind, StatusCode};
use crate::store::order;
use crate::store::{AttrId, KeyId, ServiceId, Store, StrId};

/// Where an attribute is looked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AttributeScope {
    /// On the span.
    Span,
    /// On its resource.
    Resource,
    /// On the span, else on its resource (TraceQL's unscoped attribute).
    Either,
}

/// By what spans are grouped.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GroupBy {
    /// By service.
    Service,
    /// By service and span name.
    Operation,
    /// By span name alone.
    Name,
    /// By span kind.
    Kind,
    /// By status code.
    Status,
    /// By the value of an attribute; none where no span or resource has the key.
    Attribute(AttributeScope, Option<KeyId>),
}

/// What the spans of a group have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Group {
    /// A service.
    Service(ServiceId),
    /// An operation.
    Operation(ServiceId, StrId),
    /// A span name.
    Name(StrId),
    /// A span kind.
    Kind(SpanKind),
    /// A status code.
    Status(StatusCode),
    /// An attribute's value.
    Value(AttrId),
    /// The attribute is not there.
    Absent,
}

/// One number for each: all of a grouping are of one variant, so that of the variant says nothing.
impl Hash for Group {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(match *self {
            Self::Service(ServiceId(n)) | Self::Name(StrId(n)) | Self::Value(AttrId(n)) => n.into(),
            Self::Operation(service, name) => u64::from(service.0) << 32 | u64::from(name.0),
            Self::Kind(kind) => kind as u64,
            Self::Status(status) => status as u64,
            Self::Absent => u64::MAX,
        });
    }
}

/// One group.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct StatisticsRow {
    /// What its spans have in common.
    pub group: Group,
    /// Its spans.
    pub red: Red,
    /// What they have in common beneath that, where a second level was asked for.
    pub then: Option<Group>,
    /// Sum of their self times, nanoseconds.
    pub self_ns: u128,
    /// Time that the trace's critical path spends in them, nanoseconds.
    pub critical_ns: u64,
}

impl Group {
    /// The group in words; an operation as `service :: name`, the absent value as empty text.
    pub fn text(self, store: &Store) -> String {
        match self {
            Self::Service(service) => store.service_name(service).to_owned(),
            Self::Operation(service, name) => {
                format!("{} :: {}", store.service_name(service), store.text(name))
            }
            Self::Name(name) => store.text(name).to_owned(),
            Self::Kind(kind) => kind.word().to_owned(),
            Self::Status(status) => status.word().to_owned(),
            Self::Value(id) => store.attributes().value(id).display(),
            Self::Absent => String::new(),
        }
    }
}

/// Groups the selected spans of the whole data, or of one trace; largest total time first, then in the order
/// of the groups' texts.
pub fn statistics(
    store: &Store,
    selection: &Selection<'_>,
    trace: Option<u32>,
    by: GroupBy,
    self_times: &SelfTimes,
    apdex_ns: u64,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<StatisticsRow>, Error> {
    statistics_by(store, selection, trace, (by, None), &[], self_times, apdex_ns, checkpoint)
}

/// Like [`statistics`], on one or two levels, with the time of the groups on a critical path.
#[expect(clippy::too_many_arguments, reason = "each is one thing that a person chooses")]
pub fn statistics_by(
    store: &Store,
    selection: &Selection<'_>,
    trace: Option<u32>,
    (by, then): (GroupBy, Option<GroupBy>),
    path: &[Section],
    self_times: &SelfTimes,
    apdex_ns: u64,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<StatisticsRow>, Error> {
    let mut grouping = Grouping::default();
    let mut self_ns: Vec<u128> = Vec::new();
    let mut table = RedTable::new(0, apdex_ns);
    let grouper = Grouper::new(store, by);
    let second = then.map(|then| Grouper::new(store, then));
    let key = |row: u32| (grouper.group(row), second.as_ref().map(|s| s.group(row)));
    let mut count = |row: u32| {
        let group = grouping.of(key(row));
        if group as usize == self_ns.len() {
            self_ns.push(0);
        }
        self_ns[group as usize] += u128::from(self_times.get(row));
        table.push_row(group, store, row, selection);
    };
    match trace {
        // A trace that is all the data is counted in the order of the file, which is that of memory.
        Some(trace) if store.trace(trace).len() < store.len() => {
            for &row in store.trace(trace).rows() {
                if selection.contains(store, row) {
                    count(row);
                }
            }
        }
        _ => selection.each(store, checkpoint, count)?,
    }
    let mut critical = vec![0_u64; self_ns.len()];
    for section in path.iter().filter(|s| selection.contains(store, s.row)) {
        let group = grouping.of(key(section.row));
        if let Some(ns) = critical.get_mut(group as usize) {
            *ns += section.end_ns - section.start_ns;
        }
    }
    let reds = table.finish(selection.seconds(store));
    let mut rows: Vec<StatisticsRow> = grouping
        .keys()
        .iter()
        .zip(reds)
        .zip(self_ns.into_iter().zip(critical))
        .map(|((&(group, then), red), (self_ns, critical_ns))| StatisticsRow {
            group,
            red,
            then,
            self_ns,
            critical_ns,
        })
        .collect();
    order::sort_by_cached_key(&mut rows, |r| {
        (!r.red.total_ns, r.group.text(store), r.then.map_or_else(String::new, |t| t.text(store)))
    });
    Ok(rows)
}

/// Says which group a span belongs to.
pub(crate) struct Grouper<'a> {
    store: &'a Store,
    by: GroupBy,
    /// By resource: the value of the asked attribute.
    of_resource: Vec<Option<AttrId>>,
}

impl<'a> Grouper<'a> {
    pub(crate) fn new(store: &'a Store, by: GroupBy) -> Self {
        let mut of_resource = Vec::new();
        if let GroupBy::Attribute(AttributeScope::Resource | AttributeScope::Either, Some(key)) = by {
            let has_key = |id: &AttrId| store.attributes().key(*id) == key;
            let resources = store.groups().resources().iter();
            of_resource = resources.map(|r| r.attributes.iter().copied().find(has_key)).collect();
        }
        Self { store, by, of_resource }
    }

    pub(crate) fn group(&self, row: u32) -> Group {
        let (store, spans) = (self.store, self.store.spans());
        let name = || StrId(spans.name.get(row as usize));
        match self.by {
            GroupBy::Service => Group::Service(store.service(row)),
            GroupBy::Operation => Group::Operation(store.service(row), name()),
            GroupBy::Name => Group::Name(name()),
            GroupBy::Kind => Group::Kind(spans.kind(row)),
            GroupBy::Status => Group::Status(spans.status(row)),
            GroupBy::Attribute(_, None) => Group::Absent,
            GroupBy::Attribute(scope, Some(key)) => {
                let own = match scope {
                    AttributeScope::Resource => None,
                    _ => spans.attributes(row).find(|&id| store.attributes().key(id) == key),
                };
                let resource = || {
                    let resource = store.resource_id(row)?;
                    self.of_resource.get(resource.0 as usize).copied().flatten()
                };
                own.or_else(resource).map_or(Group::Absent, Group::Value)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dump, store};
    use super::super::{Asynchronous, DEFAULT_APDEX_NS, Uninterrupted, critical_path, trace_times};
    use super::*;

    #[test]
    fn spans_are_grouped_by_what_was_asked() {
        let store = store(
            "1 1 0 web  server GET 10 90 route=a
             1 2 1 web  client GET 20 30 route=b error
             1 3 1 cart server GET 20 60 service.name=b
             2 1 0 cart server PUT 20 30 route=b",
        );
        let times = SelfTimes::of(&store, Asynchronous::Include, &Uninterrupted).unwrap();
        let check = |by, trace, want: &str| {
            let rows =
                statistics(&store, &Selection::ALL, trace, by, &times, DEFAULT_APDEX_NS, &Uninterrupted);
            dump(rows.unwrap(), want, |r| {
                format!("{}={} {} {}", r.group.text(&store), r.red.calls, r.red.total_ns, r.self_ns)
            });
        };
        let key = |text: &str| store.attributes().find_key(text);
        check(GroupBy::Service, None, "web=2 90 50 | cart=2 50 50");
        check(GroupBy::Service, Some(1), "cart=1 10 10");
        check(GroupBy::Operation, None, "web :: GET=2 90 50 | cart :: GET=1 40 40 | cart :: PUT=1 10 10");
        check(GroupBy::Name, None, "GET=3 130 90 | PUT=1 10 10");
        check(GroupBy::Kind, None, "server=3 130 90 | client=1 10 10");
        check(GroupBy::Status, None, "unset=3 130 90 | error=1 10 10");
        let by = |scope, text| GroupBy::Attribute(scope, key(text));
        check(by(AttributeScope::Span, "route"), None, "a=1 80 40 | =1 40 40 | b=2 20 20");
        check(by(AttributeScope::Resource, "service.name"), None, "web=2 90 50 | cart=2 50 50");
        check(by(AttributeScope::Either, "service.name"), None, "web=2 90 50 | b=1 40 40 | cart=1 10 10");
        check(by(AttributeScope::Either, "nobody"), Some(1), "=1 10 10");
    }

    #[test]
    fn two_levels_share_out_the_critical_path() {
        let store = store(
            "1 1 0 web  server GET 10 90
             1 2 1 web  client sql 20 30
             1 3 1 web  client sql 40 80 error
             1 4 3 db   server run 50 60",
        );
        let times = SelfTimes::of(&store, Asynchronous::Include, &Uninterrupted).unwrap();
        let path = {
            let trace = store.trace(0);
            critical_path(&store, trace, &trace_times(&store, trace), Asynchronous::Include, &Uninterrupted)
        }
        .unwrap();
        let by = (GroupBy::Service, Some(GroupBy::Name));
        let rows = statistics_by(&store, &Selection::ALL, Some(0), by, &path, &times, 1, &Uninterrupted);
        dump(rows.unwrap(), "web GET=1 80 30 | web sql=2 50 40 | db run=1 10 10", |r| {
            let then = r.then.map_or_else(String::new, |t| t.text(&store));
            format!("{} {then}={} {} {}", r.group.text(&store), r.red.calls, r.red.total_ns, r.critical_ns)
        });
    }
}
