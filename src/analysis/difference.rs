//! What is different about these spans: attributes ranked by how their values are spread in a selection and
//! in the rest.
//!
//! For every value v of every key, with S selected spans: O is how many selected spans have v, and E how many
//! would if nothing but the operation mattered: each span of an operation (service and name) is as likely to
//! be selected as any other of it. So a value that merely goes with a slow operation does not rank; what is
//! slow within its operation does. (Service and name themselves are compared with the plain share, and stand
//! after what differs within the operations: they say where, the others why.) The
//! surprise of a value is the log-likelihood ratio G = 2·(O·ln(O/E) + (S−O)·ln((S−O)/(S−E))), Dunning 1993;
//! G is about χ² with one degree of freedom, and a key ranks only where G exceeds 2·ln(M/0.01) for the M values
//! that were looked at, so that among all of them chance alone reaches it once in a hundred questions at most.
//! Keys stand by the G of their most surprising value. All counts are exact over all spans.

pub(super) mod derived;
mod relation;

use super::facets::{field_of, value_texts, values_of};
use super::selection::{Checkpoint, Error, Selection};
use super::tally::{Census, Key, Sum, Tally, Trait};
use crate::store::order;
use crate::store::{KeyId, Store};
use relation::ROOT_SERVICE;
pub use relation::Relation;

/// How often chance may rank any key at all.
const FALSE_ALARM: f64 = 0.01;
/// A key is near-unique where it has more distinct values than this share of its spans.
const NEAR_UNIQUE: f64 = 0.5;

/// How a value is spread.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DifferenceValue {
    /// As a person reads it.
    pub text: String,
    /// What a span, or its parent, meets who has it; "" where no query can say it.
    pub filter: String,
    /// Whether this stands for spans without the key.
    pub absent: bool,
    /// Selected spans with it.
    pub selected: u64,
    /// Other spans with it.
    pub rest: u64,
    /// Selected spans that would have it if only the operation mattered.
    pub expected: f64,
    /// G of this value; the sign says whether it is over-represented.
    pub score: f64,
}

/// A key with its values.
#[derive(Clone, Debug, PartialEq)]
pub struct DifferenceRow {
    /// Whose attribute it is.
    pub relation: Relation,
    /// Its field in the query language; of a parent, the parent's own.
    pub field: String,
    /// G of its most surprising value.
    pub score: f64,
    /// Most surprising first.
    pub values: Vec<DifferenceValue>,
    /// Distinct values among all compared spans.
    pub distinct: u64,
}

impl DifferenceRow {
    /// Whether it says which operations are selected, rather than what is different within them.
    pub fn is_operation(&self) -> bool {
        self.relation == Relation::Own && matches!(self.field.as_str(), "name" | "resource.service.name")
    }
}

/// What is different.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Difference {
    /// Selected spans.
    pub selected: u64,
    /// Compared spans that are not selected.
    pub rest: u64,
    /// Keys that differ beyond chance, most surprising first; service and name last.
    pub rows: Vec<DifferenceRow>,
    /// Fields that were compared and do not differ beyond chance.
    pub alike: u64,
    /// Fields whose values are near-unique, and so say nothing about a group.
    pub unique: Vec<String>,
}

/// One key's counts before it is judged.
struct Counts {
    key: u32,
    selected: f64,
    all: f64,
    expected: f64,
}

/// Compares the spans of `chosen` with those of `base` that are not chosen; at most `most` values a key are
/// listed.
pub fn difference(
    store: &Store,
    census: &Census,
    chosen: &Selection<'_>,
    base: &Selection<'_>,
    most: usize,
    checkpoint: &dyn Checkpoint,
) -> Result<Difference, Error> {
    let (mut found, looked_at) = compare(store, census, chosen, base, most, checkpoint)?;
    let least = 2.0 * (looked_at.max(1) as f64 / FALSE_ALARM).ln();
    let compared = found.rows.len();
    found.rows.retain(|row| row.score > least);
    found.alike = (compared - found.rows.len()) as u64;
    // Of keys that tell the same, the span's own stands first.
    order::sort_by(&mut found.rows, |a, b| {
        a.is_operation()
            .cmp(&b.is_operation())
            .then_with(|| b.score.total_cmp(&a.score))
            .then_with(|| a.relation.cmp(&b.relation))
            .then_with(|| a.field.cmp(&b.field))
    });
    order::sort(&mut found.unique);
    Ok(found)
}

/// Every key with the surprise of its values, and how many values were looked at.
fn compare(
    store: &Store,
    census: &Census,
    chosen: &Selection<'_>,
    base: &Selection<'_>,
    most: usize,
    checkpoint: &dyn Checkpoint,
) -> Result<(Difference, u64), Error> {
    let rows = store.len() as u32;
    // 0: not compared, 1: the rest, 2: selected.
    let mut side = vec![0_u8; rows as usize];
    base.each(store, checkpoint, |row| side[row as usize] = 1)?;
    chosen.each(store, checkpoint, |row| side[row as usize] = 2)?;
    let spans_of = |wanted: u8| side.iter().map(|&side| u64::from(side == wanted)).sum::<u64>();
    let (selected, rest) = (spans_of(2), spans_of(1));
    let mut found = Difference { selected, rest, ..Difference::default() };
    if selected == 0 || rest == 0 {
        return Ok((found, 0));
    }
    let expected = expectations(store, &side);
    let pairs = &census.pairs;
    let mut judged = Judge { looked_at: 0, rows: Vec::new(), found: &mut found };
    // Keys that are near-unique among the spans themselves are so among parents and roots.
    let mut unique = vec![false; store.attributes().key_count()];
    for relation in Relation::ALL {
        let weights =
            if relation == Relation::Own { Vec::new() } else { relation.weights(store, &side, &expected) };
        let weight = |row: u32| {
            if relation == Relation::Own {
                let side = side[row as usize];
                return (side > 0).then(|| (1, u32::from(side == 2), f64::from(expected[row as usize])));
            }
            weights.get(row as usize).copied().filter(|weight| weight.0 > 0)
        };
        let tally = Tally::of(store, true, &weight, checkpoint)?;
        let totals = (tally.total.part as f64, tally.total.all as f64);
        let plain = totals.0 / totals.1.max(1.0);
        for key in keys(store, relation) {
            if matches!(key, Key::Span(id) if unique[id.0 as usize]) {
                continue;
            }
            let fact = relation == Relation::Own && matches!(key, Key::Trait(Trait::Service | Trait::Name));
            let values = values_of(store, pairs, key);
            let (mut distinct, mut present) = (0_u64, 0_u64);
            for &value in values.iter() {
                let all = tally.get(key, value).all;
                distinct += u64::from(all > 0);
                present += all;
            }
            if near_unique(distinct, present as f64) {
                // Of a key that tells nearly every span from every other there is nothing to count.
                if relation == Relation::Own {
                    judged.found.unique.push(field_of(store, key));
                    if let Key::Span(id) = key {
                        unique[id.0 as usize] = true;
                    }
                }
                continue;
            }
            let counts = values.iter().filter_map(|&value| {
                let Sum { all, part, expected } = tally.get(key, value);
                let (all, selected) = (all as f64, part as f64);
                let expected = if fact { all * plain } else { expected };
                (all > 0.0).then_some(Counts { key: value, selected, all, expected })
            });
            let counts: Vec<Counts> = counts.collect();
            if !counts.is_empty() {
                let texts = |value| value_texts(store, key, value);
                let field = relation.field(field_of(store, key));
                judged.judge(relation, field, counts, totals, !fact, most, &texts);
            }
        }
    }
    for fact in census.facts(store, checkpoint)? {
        let mut counts: Vec<Counts> = Vec::new();
        for row in (0..rows).filter(|&row| side[row as usize] > 0) {
            let Some(bin) = fact.bin(row) else { continue };
            let bin = u32::from(bin);
            while counts.len() <= bin as usize {
                counts.push(Counts { key: counts.len() as u32, selected: 0.0, all: 0.0, expected: 0.0 });
            }
            let count = &mut counts[bin as usize];
            count.selected += f64::from(u8::from(side[row as usize] == 2));
            count.all += 1.0;
            count.expected += f64::from(expected[row as usize]);
        }
        counts.retain(|c| c.all > 0.0);
        let totals = (selected as f64, (selected + rest) as f64);
        let field = fact.field.to_owned();
        judged.judge(Relation::Derived, field, counts, totals, true, most, &|bin| fact.texts(bin));
    }
    let Judge { looked_at, rows, .. } = judged;
    found.rows = rows;
    Ok((found, looked_at))
}

/// Whether a key has so many values that they say nothing about a group.
fn near_unique(distinct: u64, present: f64) -> bool {
    distinct > 20 && distinct as f64 > NEAR_UNIQUE * present
}

/// By row, how likely a span of its operation is selected.
fn expectations(store: &Store, side: &[u8]) -> Vec<f32> {
    let mut grouping = super::grouping::Grouping::default();
    let mut of_row = vec![0_u32; side.len()];
    let mut counts: Vec<(u32, u32)> = Vec::new();
    for (row, &side) in side.iter().enumerate().filter(|(_, side)| **side > 0) {
        let group = grouping.of((store.service(row as u32), store.spans().name.get(row)));
        if group as usize == counts.len() {
            counts.push((0, 0));
        }
        of_row[row] = group;
        counts[group as usize].0 += u32::from(side == 2);
        counts[group as usize].1 += 1;
    }
    let share = |(row, &side): (usize, &u8)| {
        let (selected, all) = counts.get(of_row[row] as usize).copied().unwrap_or_default();
        if side > 0 && all > 0 { selected as f32 / all as f32 } else { 0.0 }
    };
    side.iter().enumerate().map(share).collect()
}

/// Every key of a relation.
fn keys(store: &Store, relation: Relation) -> Vec<Key> {
    let traits = [Trait::Service, Trait::Name, Trait::Kind, Trait::Status].map(Key::Trait);
    let mut keys: Vec<Key> = traits.to_vec();
    for number in 0..store.attributes().key_count() as u32 {
        keys.push(Key::Span(KeyId(number)));
        // A resource's attributes say of parent and root what their service says.
        if relation == Relation::Own {
            keys.push(Key::Resource(KeyId(number)));
        }
    }
    keys
}

struct Judge<'a> {
    looked_at: u64,
    rows: Vec<DifferenceRow>,
    found: &'a mut Difference,
}

impl Judge<'_> {
    /// Scores the values of a key; `may_lack` adds absence as a value, and `texts` says a value in words and as a
    /// literal, of a derived fact as the whole condition.
    #[allow(clippy::too_many_arguments, reason = "one place for every kind of key")]
    fn judge(
        &mut self,
        relation: Relation,
        field: String,
        counts: Vec<Counts>,
        (selected, all): (f64, f64),
        may_lack: bool,
        most: usize,
        texts: &dyn Fn(u32) -> (String, String),
    ) {
        let present: f64 = counts.iter().map(|c| c.all).sum();
        let distinct = counts.len() as u64;
        let mut scored: Vec<(f64, Counts, bool)> = Vec::with_capacity(counts.len() + 1);
        let sum = |of: fn(&Counts) -> f64| counts.iter().map(of).sum::<f64>();
        let lacking = Counts {
            key: 0,
            selected: (selected - sum(|c| c.selected)).max(0.0),
            all: (all - present).max(0.0),
            expected: (selected - sum(|c| c.expected)).max(0.0),
        };
        let mut add = |c: Counts, absent: bool| {
            let score = surprise(c.selected, c.expected, selected);
            scored.push((if c.selected < c.expected { -score } else { score }, c, absent));
        };
        for count in counts {
            add(count, false);
        }
        if may_lack && lacking.all > 0.5 {
            add(lacking, true);
        }
        self.looked_at += scored.len() as u64;
        order::sort_by(&mut scored, |a, b| {
            b.0.abs().total_cmp(&a.0.abs()).then_with(|| a.1.key.cmp(&b.1.key))
        });
        let score = scored.first().map_or(0.0, |s| s.0.abs());
        let values = scored.into_iter().take(most).map(|(score, c, absent)| {
            let (text, said) = if absent { (String::new(), "nil".to_owned()) } else { texts(c.key) };
            let filter = match (relation, said.as_str()) {
                (_, "") => String::new(),
                (Relation::Derived, said) if !absent => said.to_owned(),
                // Root names are there in every trace, empty where it has no such name.
                (Relation::Root, "nil") if field == ROOT_SERVICE => format!("{field} = \"\""),
                (_, said) => format!("{field} = {said}"),
            };
            DifferenceValue {
                text,
                filter,
                absent,
                selected: c.selected.round() as u64,
                rest: (c.all - c.selected).max(0.0).round() as u64,
                expected: c.expected,
                score,
            }
        });
        let values = values.collect();
        self.rows.push(DifferenceRow { relation, field, score, values, distinct });
    }
}

/// G of `observed` out of `total`, where `expected` were expected.
fn surprise(observed: f64, expected: f64, total: f64) -> f64 {
    // A half keeps what was never expected finite.
    let term = |o: f64, e: f64| if o > 0.0 { o * (o / e.max(0.5)).ln() } else { 0.0 };
    let others = (total - observed).max(0.0);
    (2.0 * (term(observed, expected) + term(others, total - expected))).max(0.0)
}

#[cfg(test)]
mod tests;
