//! How a span's duration stands among those of its operation.

use super::selection::{Checkpoint, Error, Selection};
use crate::store::Store;

/// Spans of the same service and name, compared by duration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Standing {
    /// How many there are, the span itself included.
    pub count: u64,
    /// How many are shorter.
    pub shorter: u64,
    /// How many others are equally long.
    pub equal: u64,
}

impl Standing {
    /// The share of the other spans that are shorter, equal ones counted by half, 0 to 1; none without others.
    pub fn percentile(&self) -> Option<f64> {
        let others = self.count.saturating_sub(1);
        (others > 0).then(|| (self.shorter as f64 + self.equal as f64 / 2.0) / others as f64)
    }
}

/// Compares a span with the selected ones of its service and name; it counts itself in any case.
pub fn standing(
    store: &Store,
    selection: &Selection<'_>,
    row: u32,
    checkpoint: &dyn Checkpoint,
) -> Result<Standing, Error> {
    let spans = store.spans();
    let (service, name) = (store.service(row), spans.name.get(row as usize));
    let duration = spans.duration(row);
    let mut standing = Standing { count: 1, ..Standing::default() };
    selection.each(store, checkpoint, |other| {
        if other != row && spans.name.get(other as usize) == name && store.service(other) == service {
            standing.count += 1;
            standing.shorter += u64::from(spans.duration(other) < duration);
            standing.equal += u64::from(spans.duration(other) == duration);
        }
    })?;
    Ok(standing)
}

#[cfg(test)]
mod tests {
    use super::super::Uninterrupted;
    use super::super::testing::store;
    use super::*;

    #[test]
    fn only_the_same_operation_is_compared() {
        let store = store(
            "1 1 0 web server GET 0 30
             1 2 0 web server GET 0 10
             1 3 0 web server GET 0 30
             1 4 0 web server GET 0 40
             1 5 0 web server PUT 0 1
             1 6 0 job server GET 0 1
             1 7 0 web server GET 5 25",
        );
        let of = |row| standing(&store, &Selection::ALL, row, &Uninterrupted).unwrap();
        assert_eq!(of(0), Standing { count: 5, shorter: 2, equal: 1 });
        assert_eq!(of(0).percentile(), Some(0.625));
        assert_eq!(of(1).percentile(), Some(0.0));
        assert_eq!(of(3).percentile(), Some(1.0));
        assert_eq!(of(4).percentile(), None);
    }
}
