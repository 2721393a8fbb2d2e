//! Spans grouped by any fields, with count, errors, rate and durations of each group. Exact over all spans.

use super::columns::{ABSENT, Column};
use super::grouping::Grouping;
use super::red::{DEFAULT_APDEX_NS, Red, RedTable};
use super::selection::{Checkpoint, Error, Selection};
use crate::store::Store;
use crate::store::order;

/// What groups stand in order of.
#[derive(Clone, Copy, Debug)]
pub enum TableOrder {
    /// The values of a column, by its place.
    Column(usize),
    /// A number of the group.
    Number(fn(&Red) -> f64),
}

/// One group.
#[derive(Clone, PartialEq, Debug)]
pub struct TableRow {
    /// The number of its value in each column.
    pub values: Vec<u32>,
    /// Its spans.
    pub red: Red,
}

/// A page of the groups.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TablePage {
    /// Groups in all.
    pub total: u64,
    /// Selected spans.
    pub spans: u64,
    /// Those from the offset on, at most as many as asked for.
    pub rows: Vec<TableRow>,
}

/// Groups the selected spans by the values of the columns. Groups that equal in order stand by their values;
/// absent ones come last either way.
pub fn table(
    store: &Store,
    selection: &Selection<'_>,
    columns: &[Column],
    (by, descending): (TableOrder, bool),
    (offset, limit): (usize, usize),
    checkpoint: &dyn Checkpoint,
) -> Result<TablePage, Error> {
    // Each level numbers the pairs of the level before and a value, so that the last one names the whole path.
    let mut levels: Vec<Grouping<(u32, u32)>> = columns.iter().map(|_| Grouping::default()).collect();
    let mut reds = RedTable::new(0, DEFAULT_APDEX_NS);
    selection.each(store, checkpoint, |row| {
        let mut group = 0;
        for (level, column) in levels.iter_mut().zip(columns) {
            group = level.of((group, column.number(row)));
        }
        reds.push_row(group, store, row, selection);
    })?;
    let reds = reds.finish(selection.seconds(store));
    let path = |group: u32| {
        let mut at = group;
        let mut values: Vec<u32> = levels
            .iter()
            .rev()
            .map(|level| {
                let (before, value) = level.keys()[at as usize];
                at = before;
                value
            })
            .collect();
        values.reverse();
        values
    };
    let ranks: Vec<Vec<u32>> = columns.iter().map(|column| column.ranks(store)).collect();
    let rank = |column: usize, value: u32| ranks[column].get(value as usize).copied().unwrap_or(ABSENT);
    let key = |group: u32| match by {
        TableOrder::Column(at) => match path(group).get(at).map_or(ABSENT, |&value| rank(at, value)) {
            ABSENT => u64::MAX,
            rank if descending => u64::from(ABSENT - 1 - rank),
            rank => u64::from(rank),
        },
        TableOrder::Number(of) => {
            let key = ordered(of(&reds[group as usize]));
            if descending { !key } else { key }
        }
    };
    let mut keyed: Vec<(u64, u32)> = (0..reds.len() as u32).map(|group| (key(group), group)).collect();
    let total = keyed.len() as u64;
    let end = offset.saturating_add(limit).min(keyed.len());
    let place = |group: u32| {
        path(group).into_iter().enumerate().map(|(at, value)| rank(at, value)).collect::<Vec<u32>>()
    };
    order::first(&mut keyed, end, &|a, b| place(a).cmp(&place(b)));
    let page = keyed.get(offset.min(end)..end).unwrap_or_default();
    let rows = page.iter().map(|&(_, group)| TableRow { values: path(group), red: reds[group as usize] });
    let rows = rows.collect();
    Ok(TablePage { total, spans: reds.iter().map(|red| red.calls).sum(), rows })
}

/// A number whose order among unsigned ones is that of the floats.
fn ordered(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 0 { bits | 1 << 63 } else { !bits }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::super::Uninterrupted;
    use super::super::testing::{dump, store, stores};
    use super::*;

    fn columns(store: &Store, fields: &[&str]) -> Vec<Column> {
        let column = |field: &&str| Column::of(store, &Selection::ALL, field, &Uninterrupted);
        fields.iter().map(|field| column(field).unwrap().unwrap()).collect()
    }

    #[test]
    fn groups_stand_in_the_order_asked() {
        let store = store(
            "1 1 0 web server GET 10 90 n=10
             1 2 1 web client GET 20 30 n=9 error
             1 3 1 db  server GET 20 60 n=9
             2 1 0 db  server PUT 20 30",
        );
        let check = |fields: &[&str], by, descending, want: &str| {
            let columns = columns(&store, fields);
            let page =
                table(&store, &Selection::ALL, &columns, (by, descending), (0, 9), &Uninterrupted).unwrap();
            dump(page.rows, want, |row| {
                let texts = row.values.iter().zip(&columns).map(|(&v, c)| c.texts(&store, v).0);
                format!("{} {} {}", texts.collect::<Vec<_>>().join("/"), row.red.calls, row.red.total_ns)
            });
        };
        let total = TableOrder::Number(|red| red.total_ns as f64);
        check(&[], total, true, " 4 140");
        check(&["name", "resource.service.name"], total, true, "GET/web 2 90 | GET/db 1 40 | PUT/db 1 10");
        check(&["span.n"], TableOrder::Column(0), false, "9 2 50 | 10 1 80 |  1 10");
        check(&["span.n"], TableOrder::Column(0), true, "10 1 80 | 9 2 50 |  1 10");
        check(&["status"], TableOrder::Number(|red| red.errors as f64), true, "error 1 10 | unset 3 130");
    }

    proptest! {
        #[test]
        fn a_table_is_what_a_map_of_lists_says(store in stores()) {
            let fields = ["resource.service.name", "name", "kind"];
            let columns = columns(&store, &fields);
            let order = (TableOrder::Number(|red| red.calls as f64), true);
            let page = table(&store, &Selection::ALL, &columns, order, (0, usize::MAX), &Uninterrupted);
            let page = page.map_err(|e| TestCaseError::fail(e.to_string()))?;
            let mut naive: BTreeMap<(String, String, String), Vec<u64>> = BTreeMap::new();
            for row in 0..store.len() as u32 {
                let service = store.service_name(store.service(row)).to_owned();
                let kind = store.spans().kind(row).word().to_owned();
                let list = naive.entry((service, store.name(row).to_owned(), kind)).or_default();
                list.push(store.spans().duration(row));
            }
            prop_assert_eq!(page.total as usize, naive.len());
            prop_assert_eq!(page.spans, store.len() as u64);
            for row in &page.rows {
                let text = |at: usize| columns[at].texts(&store, row.values[at]).0;
                let list = &naive[&(text(0), text(1), text(2))];
                prop_assert_eq!(row.red.calls, list.len() as u64);
                prop_assert_eq!(row.red.total_ns, list.iter().map(|&ns| u128::from(ns)).sum::<u128>());
                prop_assert_eq!(row.red.max_ns, list.iter().max().copied());
            }
            prop_assert!(page.rows.windows(2).all(|two| two[0].red.calls >= two[1].red.calls));
        }
    }
}
