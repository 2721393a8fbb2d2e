//! How often every attribute pair, name, service, kind and status occurs among weighted spans: one pass over
//! the attribute column answers for all keys at once.
//!
//! Facets and [`difference`](super::difference) are both read from such tallies.

use super::selection::{Checkpoint, Error};
use crate::model::{SpanKind, StatusCode};
use crate::store::{AttrId, CHUNK, KeyId, Store};

/// What spans have in common besides attributes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Trait {
    /// Service name.
    Service,
    /// Span name.
    Name,
    /// Span kind.
    Kind,
    /// Status code.
    Status,
}

impl Trait {
    /// All of them, in the order of facets.
    pub const ALL: [Trait; 4] = [Self::Service, Self::Name, Self::Status, Self::Kind];
}

/// A subject whose values are counted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Key {
    /// A fact every span has.
    Trait(Trait),
    /// An attribute of the span.
    Span(KeyId),
    /// An attribute of the resource.
    Resource(KeyId),
}

/// Sums of weights by value.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    /// All weights.
    pub(crate) total: f64,
    traits: [Vec<f64>; 4],
    span: Vec<f64>,
    resource: Vec<f64>,
}

impl Tally {
    /// Sums `weight(row)` over all rows; rows of weight 0 cost next to nothing.
    pub(crate) fn of(
        store: &Store,
        weight: &dyn Fn(u32) -> f64,
        checkpoint: &dyn Checkpoint,
    ) -> Result<Self, Error> {
        let spans = store.spans();
        let pairs = store.attributes().len();
        let mut tally = Self {
            total: 0.0,
            traits: [
                vec![0.0; store.service_count()],
                vec![0.0; store.strings().len()],
                vec![0.0; SpanKind::ALL.len()],
                vec![0.0; StatusCode::ALL.len()],
            ],
            span: vec![0.0; pairs],
            resource: vec![0.0; pairs],
        };
        let mut of_resource = vec![0.0; store.groups().resources().len()];
        for row in 0..store.len() as u32 {
            if (row as usize).is_multiple_of(CHUNK) {
                checkpoint.pass()?;
            }
            let weight = weight(row);
            if weight == 0.0 {
                continue;
            }
            tally.total += weight;
            for (fact, sums) in tally.traits.iter_mut().enumerate() {
                sums[trait_value(store, fact, row)] += weight;
            }
            for id in spans.attributes(row) {
                tally.span[id.0 as usize] += weight;
            }
            if let Some(id) = store.resource_id(row) {
                of_resource[id.0 as usize] += weight;
            }
        }
        for (resource, weight) in store.groups().resources().iter().zip(of_resource) {
            for id in &resource.attributes {
                tally.resource[id.0 as usize] += weight;
            }
        }
        Ok(tally)
    }

    /// Sum of a value: for a trait its number, for an attribute its pair.
    pub(crate) fn get(&self, key: Key, value: u32) -> f64 {
        let sums = match key {
            Key::Trait(fact) => &self.traits[fact as usize],
            Key::Span(_) => &self.span,
            Key::Resource(_) => &self.resource,
        };
        sums.get(value as usize).copied().unwrap_or_default()
    }
}

/// The number of a row's value: service, string, kind or status.
#[inline]
fn trait_value(store: &Store, fact: usize, row: u32) -> usize {
    let spans = store.spans();
    match fact {
        0 => store.service(row).0 as usize,
        1 => spans.name.get(row as usize) as usize,
        2 => spans.kind(row) as usize,
        _ => spans.status(row) as usize,
    }
}

/// The numbers that a trait's values may have.
pub(crate) fn trait_values(store: &Store, fact: Trait) -> u32 {
    let count = match fact {
        Trait::Service => store.service_count(),
        Trait::Name => store.strings().len(),
        Trait::Kind => SpanKind::ALL.len(),
        Trait::Status => StatusCode::ALL.len(),
    };
    count as u32
}

/// Pairs by key, so that one key's values can be walked: `pairs[starts[key]..starts[key + 1]]`.
#[derive(Clone, Debug)]
pub(crate) struct PairsByKey {
    starts: Vec<u32>,
    pairs: Vec<u32>,
}

impl PairsByKey {
    /// Sorts the dictionary's pairs by key, by counting.
    pub(crate) fn of(store: &Store) -> Self {
        let attributes = store.attributes();
        let count = attributes.len() as u32;
        let mut starts = vec![0_u32; attributes.key_count() + 2];
        for pair in 0..count {
            starts[attributes.key(AttrId(pair)).0 as usize + 2] += 1;
        }
        for at in 2..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut pairs = vec![0; count as usize];
        for pair in 0..count {
            let next = &mut starts[attributes.key(AttrId(pair)).0 as usize + 1];
            pairs[*next as usize] = pair;
            *next += 1;
        }
        Self { starts, pairs }
    }

    /// The pairs of a key, in the order first met.
    pub(crate) fn of_key(&self, key: KeyId) -> &[u32] {
        let bound = |at: usize| self.starts.get(at).map_or(self.pairs.len(), |&s| s as usize);
        &self.pairs[bound(key.0 as usize)..bound(key.0 as usize + 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::super::Uninterrupted;
    use super::super::testing::store;
    use super::*;

    #[test]
    fn pairs_stand_by_key_and_weights_are_summed() {
        let store = store(
            "1 1 0 web server GET 10 90 a=1 b=x
             1 2 1 web client GET 20 30 a=2
             1 3 1 db  server GET 20 60 a=1 error",
        );
        let tally = Tally::of(&store, &|row| f64::from(row + 1), &Uninterrupted).unwrap();
        let a = store.attributes().find_key("a").unwrap();
        let pairs = PairsByKey::of(&store);
        let counted: Vec<f64> = pairs.of_key(a).iter().map(|&v| tally.get(Key::Span(a), v)).collect();
        assert_eq!(counted, [4.0, 2.0]);
        let service = store.attributes().find_key("service.name").unwrap();
        let counted: Vec<f64> =
            pairs.of_key(service).iter().map(|&v| tally.get(Key::Resource(service), v)).collect();
        assert_eq!(counted, [3.0, 3.0]);
        let failed = tally.get(Key::Trait(Trait::Status), StatusCode::Error as u32);
        assert_eq!((failed as u64, tally.total as u64), (3, 6));
        let all: usize =
            (0..store.attributes().key_count()).map(|k| pairs.of_key(KeyId(k as u32)).len()).sum();
        assert_eq!(all, store.attributes().len());
    }
}
