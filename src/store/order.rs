//! Sorting that compiles once.
//!
//! The standard library's sorts are made anew for every type and order, five to ten kilobytes each, and every
//! visitor downloads them. Here one sort puts row numbers in order by a comparison behind a pointer, and the
//! items follow. All are stable. Hot loops over plain numbers sort with the standard library.

use std::cmp::Ordering;

/// An order of so many items needs no allocation: most lists are short, and some questions sort a million of them.
const FEW: usize = 12;

/// The numbers of items in some order.
struct Order {
    few: [u32; FEW],
    many: Vec<u32>,
    len: usize,
}

impl Order {
    fn numbers(&mut self) -> &mut [u32] {
        if self.len <= FEW { &mut self.few[..self.len] } else { &mut self.many }
    }
}

/// Sorts row numbers in place.
pub(crate) fn rows(rows: &mut [u32], compare: &dyn Fn(u32, u32) -> Ordering) {
    rows.sort_by(|a, b| compare(*a, *b));
}

/// Sorts items by a comparison.
pub(crate) fn sort_by<T>(items: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    let mut order = arranged(items.len(), &|a, b| compare(&items[a as usize], &items[b as usize]));
    follow(order.numbers(), &mut |a, b| items.swap(a, b));
}

/// Sorts items that have an order.
pub(crate) fn sort<T: Ord>(items: &mut [T]) {
    sort_by(items, T::cmp);
}

/// Sorts items by what a function says of them, as often as they are compared.
pub(crate) fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

/// Sorts items by what a function says of them, once for each.
pub(crate) fn sort_by_cached_key<T, K: Ord>(items: &mut [T], key: impl FnMut(&T) -> K) {
    let keys: Vec<K> = items.iter().map(key).collect();
    let mut order = arranged(keys.len(), &|a, b| keys[a as usize].cmp(&keys[b as usize]));
    follow(order.numbers(), &mut |a, b| items.swap(a, b));
}

/// Leaves the first `end` of rows with their keys, in order of keys and, where these are equal, of `tie`.
pub(crate) fn first(keyed: &mut Vec<(u64, u32)>, end: usize, tie: &dyn Fn(u32, u32) -> Ordering) {
    if end == 0 {
        keyed.clear();
        return;
    }
    if end < keyed.len() {
        // Most need no order at all.
        let mut keys: Vec<u64> = keyed.iter().map(|(key, _)| *key).collect();
        let (_, last, _) = keys.select_nth_unstable(end - 1);
        let last = *last;
        keyed.retain(|(key, _)| *key <= last);
    }
    sort_by(keyed, |a, b| a.0.cmp(&b.0).then_with(|| tie(a.1, b.1)));
    keyed.truncate(end);
}

/// The numbers below `len` in order.
fn arranged(len: usize, compare: &dyn Fn(u32, u32) -> Ordering) -> Order {
    let many = if len <= FEW { Vec::new() } else { vec![0; len] };
    let mut order = Order { few: [0; FEW], many, len };
    let numbers = order.numbers();
    (0..).zip(&mut *numbers).for_each(|(at, number)| *number = at);
    rows(numbers, compare);
    order
}

/// Moves items to where the order has them, which is used up.
fn follow(order: &mut [u32], swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = order[at] as usize;
            order[at] = at as u32;
            if from == start {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn all_sorts_are_those_of_the_standard_library(items in prop::collection::vec((0..20_u8, any::<u32>()), 0..200)) {
            let mut wanted = items.clone();
            let mut found = items.clone();
            wanted.sort_unstable();
            sort(&mut found);
            prop_assert_eq!(&found, &wanted);
            // Equals keep their order.
            let (mut wanted, mut found) = (items.clone(), items.clone());
            wanted.sort_by_key(|(key, _)| *key);
            sort_by_key(&mut found, |(key, _)| *key);
            prop_assert_eq!(&found, &wanted);
            let mut found = items.clone();
            sort_by_cached_key(&mut found, |(key, _)| key.to_string().len());
            let mut wanted = items;
            wanted.sort_by_cached_key(|(key, _)| key.to_string().len());
            prop_assert_eq!(&found, &wanted);
        }

        #[test]
        fn the_first_are_those_of_the_whole(keys in prop::collection::vec(0..9_u64, 0..60), end in 0..70_usize) {
            let keyed: Vec<(u64, u32)> = keys.iter().copied().zip(0..).collect();
            let mut wanted = keyed.clone();
            wanted.sort_by_key(|(key, row)| (*key, std::cmp::Reverse(*row)));
            wanted.truncate(end);
            let mut found = keyed;
            first(&mut found, end, &|a, b| b.cmp(&a));
            prop_assert_eq!(found, wanted);
        }
    }
}
