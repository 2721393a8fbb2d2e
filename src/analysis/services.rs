//! Rate, errors and duration of every service (signoz.md §2.1, semantics.md §2.3, script-api.md `services`).

use super::red::{Red, RedTable};
use super::selection::{Checkpoint, Error, Scope, Selection};
use crate::store::order;
use crate::store::{ServiceId, Store};

/// One service.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ServiceRow {
    /// Which one.
    pub service: ServiceId,
    /// Its selected spans of any scope.
    pub spans: u64,
    /// Its calls: the selected spans of the scope.
    pub red: Red,
}

/// Every service that has spans in the data, by name; also those without a call in the selection.
pub fn services(
    store: &Store,
    selection: &Selection<'_>,
    apdex_ns: u64,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<ServiceRow>, Error> {
    let count = store.service_count();
    let mut spans = vec![0_u64; count];
    let mut table = RedTable::new(count, apdex_ns);
    selection.scoped(Scope::All).each(store, checkpoint, |row| {
        let service = store.service(row);
        spans[service.0 as usize] += 1;
        if selection.in_scope(store, row) {
            table.push_row(service.0, store, row, selection);
        }
    })?;
    let reds = table.finish(selection.seconds(store));
    Ok(services_by_name(store)
        .into_iter()
        .map(|service| {
            let i = service.0 as usize;
            ServiceRow { service, spans: spans[i], red: reds[i] }
        })
        .collect())
}

/// The services that have spans, by name. (A resource may have sent nothing but logs.)
pub(crate) fn services_by_name(store: &Store) -> Vec<ServiceId> {
    let mut met = vec![false; store.service_count()];
    for row in 0..store.len() as u32 {
        met[store.service(row).0 as usize] = true;
    }
    let mut services: Vec<ServiceId> =
        (0..met.len() as u32).map(ServiceId).filter(|s| met[s.0 as usize]).collect();
    order::sort_by_key(&mut services, |&s| store.service_name(s));
    services
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dump, store};
    use super::super::{DEFAULT_APDEX_NS, Uninterrupted};
    use super::*;
    use crate::model::TimeRange;

    fn check(selection: &Selection<'_>, want: &str) {
        let store = store(
            "1 1 0 web  server GET 1000 9000
             1 2 1 web  client SQL 2000 3000
             1 3 1 cart server GET 2500 4500 error
             2 1 7 web  server GET 5000 6000",
        );
        let rows = services(&store, selection, DEFAULT_APDEX_NS, &Uninterrupted).unwrap();
        dump(rows, want, |r| {
            let p50 = r.red.quantiles.map_or(f64::NAN, |q| q.p50_ns);
            format!("{} {} {} {} {p50}", store.service_name(r.service), r.spans, r.red.calls, r.red.errors)
        });
    }

    #[test]
    fn calls_are_of_the_scope_and_spans_are_all() {
        check(&Selection::default(), "cart 1 1 1 2000 | web 3 2 0 4500");
        check(&Selection::ALL, "cart 1 1 1 2000 | web 3 3 0 1000");
        let range = Some(TimeRange { start_ns: 2000, end_ns: 2500 });
        check(&Selection { range, ..Selection::default() }, "cart 0 0 0 NaN | web 1 0 0 NaN");
        let rows = [2, 3].into_iter().collect();
        let picked = Selection { rows: Some(&rows), scope: Scope::Server, ..Selection::ALL };
        check(&picked, "cart 1 1 1 2000 | web 1 1 0 1000");
    }
}
