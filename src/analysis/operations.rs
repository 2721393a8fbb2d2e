//! Rate, errors, duration and self time of every operation (signoz.md §2.2 "Key Operations", script-api.md
//! `operations`). An operation is a pair of service and span name.

use super::grouping::Grouping;
use super::red::{Red, RedTable};
use super::selection::{Checkpoint, Error, Selection};
use super::self_time::SelfTimes;
use crate::model::SpanKind;
use crate::store::order;
use crate::store::{ServiceId, Store, StrId};

/// Span kinds met, one bit each.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Kinds(u8);

impl Kinds {
    /// Adds a kind.
    #[inline]
    pub fn insert(&mut self, kind: SpanKind) {
        self.0 |= 1 << kind as u8;
    }

    /// The kinds, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = SpanKind> {
        SpanKind::ALL.into_iter().filter(move |&kind| self.0 >> kind as u8 & 1 != 0)
    }
}

/// One operation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct OperationRow {
    /// Its service.
    pub service: ServiceId,
    /// Its span name.
    pub name: StrId,
    /// Kinds of its selected spans.
    pub kinds: Kinds,
    /// Its selected spans.
    pub red: Red,
    /// Sum of their self times, nanoseconds.
    pub self_ns: u128,
}

/// The operations of one service, or of all, that have a selected span; by service name, then name.
pub fn operations(
    store: &Store,
    selection: &Selection<'_>,
    service: Option<ServiceId>,
    self_times: &SelfTimes,
    apdex_ns: u64,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<OperationRow>, Error> {
    let spans = store.spans();
    let mut grouping = Grouping::default();
    let mut more: Vec<(Kinds, u128)> = Vec::new();
    let mut table = RedTable::new(0, apdex_ns);
    selection.each(store, checkpoint, |row| {
        let of = store.service(row);
        if service.is_some_and(|wanted| wanted != of) {
            return;
        }
        let group = grouping.of((of, StrId(spans.name.get(row as usize))));
        if group as usize == more.len() {
            more.push(<(Kinds, u128)>::default());
        }
        let (kinds, self_ns) = &mut more[group as usize];
        kinds.insert(spans.kind(row));
        let own = self_times.get(row);
        *self_ns += match selection.weights {
            None => u128::from(own),
            Some(weights) => (weights.get(row as usize).copied().unwrap_or(1.0) * own as f64).round() as u128,
        };
        table.push_row(group, store, row, selection);
    })?;
    let reds = table.finish(selection.seconds(store));
    let mut rows: Vec<OperationRow> = grouping
        .keys()
        .iter()
        .zip(more)
        .zip(reds)
        .map(|((&(service, name), (kinds, self_ns)), red)| OperationRow {
            service,
            name,
            kinds,
            red,
            self_ns,
        })
        .collect();
    order::sort_by_key(&mut rows, |r| (store.service_name(r.service), store.text(r.name)));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dump, store};
    use super::super::{Asynchronous, DEFAULT_APDEX_NS, Uninterrupted};
    use super::*;

    #[test]
    fn one_row_a_service_and_name_with_the_kinds_met() {
        let store = store(
            "1 1 0 web  server GET 1000 9000
             1 2 1 web  client GET 2000 3000
             1 4 1 web  client SQL 4000 4500
             1 3 1 cart server GET 2500 4500 error",
        );
        let times = SelfTimes::of(&store, Asynchronous::Include, &Uninterrupted).unwrap();
        let check = |service, want: &str| {
            let rows = operations(&store, &Selection::ALL, service, &times, DEFAULT_APDEX_NS, &Uninterrupted);
            dump(rows.unwrap(), want, |r| {
                let kinds: Vec<&str> = r.kinds.iter().map(SpanKind::word).collect();
                let name = format!("{} {}", store.service_name(r.service), store.text(r.name));
                format!("{name} {} {} {} {}", kinds.join("+"), r.red.calls, r.red.total_ns, r.self_ns)
            });
        };
        let web = "web GET server+client 2 9000 6500 | web SQL client 1 500 500";
        check(None, &format!("cart GET server 1 2000 2000 | {web}"));
        check(Some(ServiceId(0)), web);
    }
}
