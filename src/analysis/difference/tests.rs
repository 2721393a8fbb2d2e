//! Hidden causes rank first, chance does not rank, and both sides together are everything.

use std::fmt::Write;

use proptest::prelude::*;

use super::super::testing::{store, stores};
use super::super::{Scope, Uninterrupted};
use super::*;
use crate::store::RowSet;

/// A number that looks random (splitmix64), so that the columns of the fixture know nothing of each other.
fn random(n: u64, column: u64) -> u64 {
    let mut z = n.wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(column << 32);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Spans of two operations: `slow` is always slow, and within `mixed` the build v42 is.
fn fixture(spans: u64, share: u64) -> Store {
    let mut lines = String::new();
    for i in 0..spans {
        let name = if random(i, 5).is_multiple_of(4) { "slow" } else { "mixed" };
        let build = if random(i, 1) % 1000 < share { "v42" } else { "v41" };
        let user = random(i, 2) % 50;
        let slow = name == "slow" || build == "v42";
        let end = if slow { 900 } else { 10 + random(i, 3) % 7 };
        let trace = random(i, 6) % 250 + 1;
        writeln!(lines, "{trace} {} 0 web server {name} 1 {end} build={build} user=u{user} id=i{i}", i + 1)
            .unwrap();
    }
    store(&lines)
}

fn census(store: &Store) -> Census {
    Census::of(store, &Uninterrupted).unwrap()
}

fn slow(store: &Store) -> RowSet {
    (0..store.len() as u32).filter(|&row| store.spans().duration(row) > 500).collect()
}

#[test]
fn a_hidden_cause_ranks_first_at_any_share_and_noise_does_not_rank() {
    for share in [3, 200] {
        let store = fixture(20_000, share);
        let rows: RowSet = slow(&store).iter().filter(|&row| store.name(row) == "mixed").collect();
        let mixed: RowSet = (0..store.len() as u32).filter(|&row| store.name(row) == "mixed").collect();
        let of = |rows| Selection { rows: Some(rows), ..Selection::ALL };
        let found = difference(&store, &census(&store), &of(&rows), &of(&mixed), 5, &Uninterrupted).unwrap();
        let first = &found.rows[0];
        assert_eq!((first.field.as_str(), first.relation), ("span.build", Relation::Own));
        assert_eq!(first.values.iter().find(|v| v.score > 0.0).unwrap().filter, "span.build = \"v42\"");
        assert!(found.rows.iter().all(|r| r.field != "span.user"), "noise ranks: {:?}", found.rows);
        assert_eq!(found.unique, ["span.id"]);
        // Over all operations, the slow one explains most; within its operation the build still ranks.
        let rows = slow(&store);
        let found =
            difference(&store, &census(&store), &of(&rows), &Selection::ALL, 5, &Uninterrupted).unwrap();
        let fields: Vec<&str> = found.rows.iter().map(|r| r.field.as_str()).collect();
        assert!(fields.contains(&"span.build") && fields.contains(&"name"), "{fields:?}");
        assert!(!fields.contains(&"span.user"), "{fields:?}");
    }
}

#[test]
fn a_random_selection_ranks_nothing() {
    let store = fixture(20_000, 500);
    let rows: RowSet =
        (0..store.len() as u32).filter(|row| random(u64::from(*row), 4).is_multiple_of(16)).collect();
    let chosen = Selection { rows: Some(&rows), ..Selection::ALL };
    let found = difference(&store, &census(&store), &chosen, &Selection::ALL, 5, &Uninterrupted).unwrap();
    let fields: Vec<&str> = found.rows.iter().map(|r| r.field.as_str()).collect();
    assert!(fields.is_empty(), "{fields:?}");
    assert!(found.alike > 5);
}

proptest! {
    #[test]
    fn selected_and_rest_are_everything(store in stores(), server: bool) {
        let scope = if server { Scope::Server } else { Scope::Entry };
        let chosen = Selection { scope, ..Selection::ALL };
        let found = difference(&store, &census(&store), &chosen, &Selection::ALL, usize::MAX, &Uninterrupted).unwrap();
        prop_assert_eq!(found.selected + found.rest, store.len() as u64);
        for row in found.rows.iter().filter(|r| r.relation == Relation::Own) {
            let sums = row.values.iter().fold((0, 0), |s, v| (s.0 + v.selected, s.1 + v.rest));
            prop_assert_eq!(sums, (found.selected, found.rest));
        }
    }

    /// Whatever the traces' shape, a value's condition is met by exactly the spans that were counted with it.
    #[test]
    fn what_a_value_counts_is_what_its_condition_finds(store in stores(), server: bool) {
        let scope = if server { Scope::Server } else { Scope::Entry };
        let chosen = Selection { scope, ..Selection::ALL };
        let (found, _) = compare(&store, &census(&store), &chosen, &Selection::ALL, usize::MAX, &Uninterrupted).unwrap();
        for row in &found.rows {
            for value in row.values.iter().filter(|v| !v.filter.is_empty()) {
                let own = format!("{{ {} }}", value.filter);
                let q = if row.relation == Relation::Parent { format!("{own} > {{ }}") } else { own };
                let query = crate::traceql::parse(&q).unwrap();
                let rows = crate::traceql::eval::spans(&store, &query, None, &mut ()).unwrap().rows;
                let selected = rows.iter().filter(|&row| chosen.contains(&store, row)).count() as u64;
                prop_assert_eq!((selected, rows.count() as u64 - selected), (value.selected, value.rest), "{}", q);
            }
        }
    }
}
