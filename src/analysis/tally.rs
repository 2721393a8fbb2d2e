//! How often every attribute pair, name, service, kind and status occurs among weighted spans: one pass over
//! the attribute column answers for all keys at once.
//!
//! Facets and [`difference`](super::difference) are both read from such tallies.

use std::cell::OnceCell;
use std::ops::Range;

use super::difference::derived::{Fact, facts};
use super::selection::{Checkpoint, Error};
use crate::model::{SpanKind, StatusCode};
use crate::store::{AttrId, CHUNK, Column, KeyId, Store};

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

/// How often something occurs.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Sum {
    /// Among all that was counted.
    pub(crate) all: u64,
    /// Among the part of it that is asked about.
    pub(crate) part: u64,
    /// Among that part if only what is known beforehand mattered.
    pub(crate) expected: f64,
}

/// What a row adds: how many spans it stands for, how many of the part, how many are expected there.
pub(crate) type Weight = (u32, u32, f64);

/// Sums by number.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sums {
    counts: Vec<[u32; 2]>,
    /// As many, or none where nothing is expected.
    expected: Vec<f64>,
}

impl Sums {
    fn new(len: usize, expecting: bool) -> Self {
        Self { counts: vec![[0; 2]; len], expected: vec![0.0; if expecting { len } else { 0 }] }
    }

    #[inline]
    fn add(&mut self, at: usize, (all, part, expected): Weight) {
        let counts = &mut self.counts[at];
        counts[0] += all;
        counts[1] += part;
        if let Some(sum) = self.expected.get_mut(at) {
            *sum += expected;
        }
    }

    /// Counts how often each number stands in the first rows of a column.
    fn count(&mut self, column: &Column<u32>, rows: usize, checkpoint: &dyn Checkpoint) -> Result<(), Error> {
        for piece in column.pieces(0..rows) {
            checkpoint.pass()?;
            self.count_piece(piece);
        }
        Ok(())
    }

    #[inline(never)]
    fn count_piece(&mut self, piece: &[u32]) {
        for &number in piece {
            self.counts[number as usize][0] += 1;
        }
    }

    fn get(&self, at: usize) -> Sum {
        let [all, part] = self.counts.get(at).copied().unwrap_or_default();
        let expected = self.expected.get(at).copied().unwrap_or_default();
        Sum { all: u64::from(all), part: u64::from(part), expected }
    }
}

/// Sums of weights by value.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tally {
    /// All weights.
    pub(crate) total: Sum,
    traits: [Sums; 4],
    span: Sums,
    resource: Sums,
}

impl Tally {
    /// Sums the weights of rows; `expecting` says whether they expect anything.
    pub(crate) fn of(
        store: &Store,
        expecting: bool,
        weight: &dyn Fn(u32) -> Option<Weight>,
        checkpoint: &dyn Checkpoint,
    ) -> Result<Self, Error> {
        let sums = |len| Sums::new(len, expecting);
        let resources = store.groups().resources();
        let last = resources.iter().flat_map(|r| &r.attributes).map(|id| id.0 as usize + 1).max();
        let mut tally = Self {
            total: Sum::default(),
            traits: [
                sums(store.service_count()),
                sums(store.strings().len()),
                sums(SpanKind::ALL.len()),
                sums(StatusCode::ALL.len()),
            ],
            span: sums(store.attributes().len()),
            resource: sums(last.unwrap_or(0)),
        };
        let mut of_resource = vec![(0, 0, 0.0); resources.len()];
        for rows in chunks(store.len()) {
            checkpoint.pass()?;
            tally.add(store, rows, weight, &mut of_resource);
        }
        for (resource, weight) in resources.iter().zip(of_resource) {
            for id in &resource.attributes {
                tally.resource.add(id.0 as usize, weight);
            }
        }
        Ok(tally)
    }

    /// Adds some rows. A browser compiles well what is called often, so loops over all rows call this for a chunk.
    #[inline(never)]
    fn add(
        &mut self,
        store: &Store,
        rows: Range<u32>,
        weight: &dyn Fn(u32) -> Option<Weight>,
        of_resource: &mut [Weight],
    ) {
        for row in rows {
            let Some(weight) = weight(row) else { continue };
            self.total.all += u64::from(weight.0);
            self.total.part += u64::from(weight.1);
            self.total.expected += weight.2;
            for (fact, sums) in self.traits.iter_mut().enumerate() {
                sums.add(trait_value(store, fact, row), weight);
            }
            store.spans().each_attribute(row, |id| self.span.add(id.0 as usize, weight));
            if let Some(id) = store.resource_id(row) {
                let sum: &mut Weight = &mut of_resource[id.0 as usize];
                *sum = (sum.0 + weight.0, sum.1 + weight.1, sum.2 + weight.2);
            }
        }
    }

    /// Counts all spans, and the failed ones as the part: each column by itself, since nothing is weighed.
    fn of_all(store: &Store, checkpoint: &dyn Checkpoint) -> Result<Self, Error> {
        let (spans, rows) = (store.spans(), store.len());
        let failed = |row| spans.is_error(row).then_some((0, 1, 0.0));
        let mut tally = Self::of(store, false, &failed, checkpoint)?;
        tally.total.all = rows as u64;
        let ends = spans.attribute_ends();
        let attributes = rows.checked_sub(1).map_or(0, |last| ends.get(last) as usize);
        tally.span.count(spans.attribute_column(), attributes, checkpoint)?;
        tally.traits[Trait::Name as usize].count(&spans.name, rows, checkpoint)?;
        // Service and resource are those of a slot, of which there are few.
        let services = store.slot_services();
        let mut of_slot = Sums::new(services.len(), false);
        of_slot.count(&spans.slot, rows, checkpoint)?;
        for (slot, &[count, _]) in of_slot.counts.iter().enumerate().filter(|(_, counts)| counts[0] > 0) {
            tally.traits[Trait::Service as usize].counts[services[slot] as usize][0] += count;
            let resource = store.groups().resource_of(slot as u32).map(|id| store.groups().resource(id));
            for id in resource.iter().flat_map(|resource| &resource.attributes) {
                tally.resource.counts[id.0 as usize][0] += count;
            }
        }
        for rows in chunks(rows) {
            checkpoint.pass()?;
            tally.count_bits(store, rows);
        }
        Ok(tally)
    }

    /// Counts kinds and status codes of some rows.
    #[inline(never)]
    fn count_bits(&mut self, store: &Store, rows: Range<u32>) {
        let spans = store.spans();
        let (mut kinds, mut statuses) = ([0_u32; 8], [0_u32; 4]);
        for row in rows {
            kinds[spans.kind(row) as usize & 7] += 1;
            statuses[spans.status(row) as usize & 3] += 1;
        }
        for (fact, counts) in [(Trait::Kind, &kinds[..]), (Trait::Status, &statuses[..])] {
            for (sum, count) in self.traits[fact as usize].counts.iter_mut().zip(counts) {
                sum[0] += count;
            }
        }
    }

    /// Sums of a value: for a trait its number, for an attribute its pair.
    pub(crate) fn get(&self, key: Key, value: u32) -> Sum {
        let sums = match key {
            Key::Trait(fact) => &self.traits[fact as usize],
            Key::Span(_) => &self.span,
            Key::Resource(_) => &self.resource,
        };
        sums.get(value as usize)
    }
}

/// What the facets of every selection begin with: how often everything occurs among all spans, and how often with an
/// error. Found once a seal; then no question needs more than half of the spans.
#[derive(Clone, Debug)]
pub struct Census {
    pub(crate) tally: Tally,
    pub(crate) pairs: PairsByKey,
    /// Facts that stand in no attribute, from the first comparison on.
    facts: OnceCell<Vec<Fact>>,
}

impl Census {
    /// Counts all spans.
    pub fn of(store: &Store, checkpoint: &dyn Checkpoint) -> Result<Self, Error> {
        Ok(Self {
            tally: Tally::of_all(store, checkpoint)?,
            pairs: PairsByKey::of(store),
            facts: OnceCell::new(),
        })
    }

    /// Derived facts of all spans.
    pub(crate) fn facts(&self, store: &Store, checkpoint: &dyn Checkpoint) -> Result<&[Fact], Error> {
        if let Some(facts) = self.facts.get() {
            return Ok(facts);
        }
        let found = facts(store, checkpoint)?;
        Ok(self.facts.get_or_init(|| found))
    }
}

/// Rows in the pieces in which columns are stored.
fn chunks(rows: usize) -> impl Iterator<Item = Range<u32>> {
    (0..rows).step_by(CHUNK).map(move |from| from as u32..rows.min(from + CHUNK) as u32)
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
        for range in chunks(count as usize) {
            Self::count(store, range, &mut starts);
        }
        for at in 2..starts.len() {
            starts[at] += starts[at - 1];
        }
        let mut pairs = vec![0; count as usize];
        for range in chunks(count as usize) {
            Self::place(store, range, &mut starts, &mut pairs);
        }
        Self { starts, pairs }
    }

    #[inline(never)]
    fn count(store: &Store, range: Range<u32>, starts: &mut [u32]) {
        for pair in range {
            starts[store.attributes().key(AttrId(pair)).0 as usize + 2] += 1;
        }
    }

    #[inline(never)]
    fn place(store: &Store, range: Range<u32>, starts: &mut [u32], pairs: &mut [u32]) {
        for pair in range {
            let next = &mut starts[store.attributes().key(AttrId(pair)).0 as usize + 1];
            pairs[*next as usize] = pair;
            *next += 1;
        }
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
        let tally = Tally::of(&store, true, &|row| Some((row + 1, 1, 0.5)), &Uninterrupted).unwrap();
        let a = store.attributes().find_key("a").unwrap();
        let pairs = PairsByKey::of(&store);
        let counted: Vec<Sum> = pairs.of_key(a).iter().map(|&v| tally.get(Key::Span(a), v)).collect();
        let sum = |all, part, expected| Sum { all, part, expected };
        assert_eq!(counted, [sum(4, 2, 1.0), sum(2, 1, 0.5)]);
        let service = store.attributes().find_key("service.name").unwrap();
        let counted: Vec<u64> =
            pairs.of_key(service).iter().map(|&v| tally.get(Key::Resource(service), v).all).collect();
        assert_eq!(counted, [3, 3]);
        let failed = tally.get(Key::Trait(Trait::Status), StatusCode::Error as u32);
        assert_eq!((failed.all, tally.total.all, tally.total.part), (3, 6, 3));
        let all: usize =
            (0..store.attributes().key_count()).map(|k| pairs.of_key(KeyId(k as u32)).len()).sum();
        assert_eq!(all, store.attributes().len());
    }

    #[test]
    fn counting_all_spans_is_summing_a_weight_of_one() {
        let store = store(
            "1 1 0 web server GET 10 90 a=1 b=x
             1 2 1 web client GET 20 30 a=2 error
             1 3 1 db  server GET 20 60 a=1 error",
        );
        let failed = |row| u32::from(store.spans().is_error(row));
        let weighed = Tally::of(&store, false, &|row| Some((1, failed(row), 0.0)), &Uninterrupted).unwrap();
        assert_eq!(Tally::of_all(&store, &Uninterrupted).unwrap(), weighed);
    }
}
