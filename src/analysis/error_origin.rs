//! Where errors come from: error spans without an error span among their direct children (semantics.md §9).
//!
//! Children that their parent does not wait for cannot be its reason and are not asked. An error span with
//! an error child passes the error on.

use super::grouping::Grouping;
use super::selection::{Asynchronous, Checkpoint, Error, Selection};
use crate::store::order;
use crate::store::{RowSet, ServiceId, Store, StrId};

/// Errors of one operation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ErrorOrigin {
    /// Its service.
    pub service: ServiceId,
    /// Its span name.
    pub name: StrId,
    /// Its selected error spans that no child explains.
    pub originated: u64,
    /// Its selected error spans that pass a child's error on.
    pub passed_on: u64,
    /// A row of the first origin, else of the first that passes on.
    pub example: u32,
}

/// Error spans of the whole data that no child explains.
pub fn origins(store: &Store, checkpoint: &dyn Checkpoint) -> Result<RowSet, Error> {
    let mut origins = RowSet::new(store.len());
    let mut explained: Vec<u32> = Vec::new();
    Selection::ALL.each(store, checkpoint, |row| {
        if store.spans().is_error(row) {
            origins.insert(row);
            if let Some(parent) = store.parent(row)
                && parent != row
                && !Asynchronous::LeaveOut.ignores(store, parent, row)
            {
                explained.push(parent);
            }
        }
    })?;
    for row in explained {
        origins.remove(row);
    }
    Ok(origins)
}

/// Operations with error spans: most origins first, then most passed on, then by service and name.
pub fn error_origins(
    store: &Store,
    selection: &Selection<'_>,
    checkpoint: &dyn Checkpoint,
) -> Result<Vec<ErrorOrigin>, Error> {
    let origins = origins(store, checkpoint)?;
    let mut grouping = Grouping::default();
    let mut rows: Vec<ErrorOrigin> = Vec::new();
    selection.each(store, checkpoint, |row| {
        if !store.spans().is_error(row) {
            return;
        }
        let (service, name) = (store.service(row), StrId(store.spans().name.get(row as usize)));
        let group = grouping.of((service, name)) as usize;
        if group == rows.len() {
            rows.push(ErrorOrigin { service, name, originated: 0, passed_on: 0, example: row });
        }
        let of = &mut rows[group];
        if origins.contains(row) {
            if of.originated == 0 {
                of.example = row;
            }
            of.originated += 1;
        } else {
            of.passed_on += 1;
        }
    })?;
    order::sort_by_key(&mut rows, |r| {
        (!r.originated, !r.passed_on, store.service_name(r.service), store.text(r.name))
    });
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::super::Uninterrupted;
    use super::super::testing::{dump, store};
    use super::*;

    #[test]
    fn the_deepest_error_is_the_origin() {
        let store = store(
            "1 1 0 web server   GET 10 90 error
             1 2 1 web client   out 20 80 error
             1 3 2 api server   GET 30 70 error
             1 4 3 api internal ok  30 40
             1 5 1 web producer send 20 30 error
             1 6 5 job consumer take 25 60 error
             1 7 7 api server   GET 30 70 error",
        );
        let rows = error_origins(&store, &Selection::ALL, &Uninterrupted).unwrap();
        let want = "api GET 2+0 3 | job take 1+0 6 | web send 1+0 5 | web GET 0+1 1 | web out 0+1 2";
        dump(rows, want, |r| {
            let id = store.spans().id.get(r.example as usize);
            let operation = format!("{} {}", store.service_name(r.service), store.text(r.name));
            format!("{operation} {}+{} {id}", r.originated, r.passed_on)
        });
    }
}
