//! Facets: how often each value of a key occurs among the selected spans, and how often with an error.
//!
//! Counts are of spans and exact. A key's absent value is counted too, so the counts of a facet sum to the
//! number of selected spans (as long as no span repeats a key).

use std::borrow::Cow;

use super::selection::{Checkpoint, Error, Selection};
use super::tally::{Census, Key, PairsByKey, Tally, Trait, trait_values};
use crate::model::{SpanKind, StatusCode, conventions};
use crate::store::order;
use crate::store::{AttrId, KeyId, RowSet, Store, StrId};
use crate::traceql::{attribute_field, literal, quoted};

/// A value of a key.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FacetValue {
    /// As a person reads it; "" with [`absent`](Self::absent) where the key is missing.
    pub text: String,
    /// As TraceQL writes it; "" where TraceQL cannot name it (maps, bytes).
    pub literal: String,
    /// Whether this stands for spans without the key.
    pub absent: bool,
    /// Selected spans with it.
    pub count: u64,
    /// Those with status ERROR.
    pub errors: u64,
}

/// A key with its commonest values.
#[derive(Clone, Debug, PartialEq)]
pub struct Facet {
    /// The key.
    pub key: Key,
    /// TraceQL field.
    pub field: String,
    /// How many distinct values the selected spans have.
    pub distinct: u64,
    /// Commonest first, then by text; the absent value last.
    pub values: Vec<FacetValue>,
}

/// A key that could be a facet.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyCount {
    /// TraceQL field.
    pub field: String,
    /// Selected spans that have it.
    pub count: u64,
}

/// Facets of a selection.
#[derive(Clone, Debug, PartialEq)]
pub struct Facets {
    /// Selected spans.
    pub total: u64,
    /// Traces with a selected span.
    pub traces: u64,
    /// In the order asked.
    pub facets: Vec<Facet>,
    /// Every attribute key that a selected span has, most spans first, then by name.
    pub keys: Vec<KeyCount>,
}

/// The TraceQL field of a key.
pub(crate) fn field_of(store: &Store, key: Key) -> String {
    match key {
        Key::Trait(Trait::Service) => "resource.service.name".to_owned(),
        Key::Trait(Trait::Name) => "name".to_owned(),
        Key::Trait(Trait::Kind) => "kind".to_owned(),
        Key::Trait(Trait::Status) => "status".to_owned(),
        Key::Span(id) => attribute_field("span", store.attributes().key_text(id)),
        Key::Resource(id) => attribute_field("resource", store.attributes().key_text(id)),
    }
}

/// The text and the TraceQL literal of a value.
pub(crate) fn value_texts(store: &Store, key: Key, value: u32) -> (String, String) {
    let (text, bare) = match key {
        Key::Trait(Trait::Service) => (store.service_name(crate::store::ServiceId(value)).to_owned(), false),
        Key::Trait(Trait::Name) => (store.text(StrId(value)).to_owned(), false),
        Key::Trait(Trait::Kind) => (SpanKind::from_number(u64::from(value)).word().to_owned(), true),
        Key::Trait(Trait::Status) => (StatusCode::from_number(u64::from(value)).word().to_owned(), true),
        Key::Span(_) | Key::Resource(_) => {
            return (store.attributes().value(AttrId(value)).display(), literal(store, AttrId(value)));
        }
    };
    let literal = match (key, text.as_str()) {
        // The service without a name is the one whose resources lack it.
        (Key::Trait(Trait::Service), "") => "nil".to_owned(),
        _ if bare => text.clone(),
        _ => quoted(&text),
    };
    (text, literal)
}

/// The key that a TraceQL field names; none where no span or resource has it.
pub fn key_of(store: &Store, field: &str) -> Option<Key> {
    Some(match field {
        "resource.service.name" | "service" => Key::Trait(Trait::Service),
        "name" | "span:name" => Key::Trait(Trait::Name),
        "kind" | "span:kind" => Key::Trait(Trait::Kind),
        "status" | "span:status" => Key::Trait(Trait::Status),
        _ => {
            let (scope, key) = field.split_once('.')?;
            let key = key.strip_prefix('"').and_then(|k| k.strip_suffix('"')).unwrap_or(key);
            let id = store.attributes().find_key(key)?;
            match scope {
                "span" => Key::Span(id),
                "resource" => Key::Resource(id),
                _ => return None,
            }
        }
    })
}

/// The facets that stand first: service, name, status, kind, HTTP method, route and status code, environment,
/// database system; of old and new names the one that the data has.
pub fn usual_keys(store: &Store) -> Vec<Key> {
    let find = |names: &[&str]| names.iter().find_map(|name| store.attributes().find_key(name));
    let mut keys: Vec<Key> = Trait::ALL.into_iter().map(Key::Trait).collect();
    for names in [conventions::HTTP_METHOD, conventions::HTTP_ROUTE, conventions::HTTP_STATUS] {
        keys.extend(find(names).map(Key::Span));
    }
    keys.extend(find(conventions::ENVIRONMENT).map(Key::Resource));
    keys.extend(find(conventions::DB_SYSTEM).map(Key::Span));
    keys
}

/// How often values occur in a selection: counted in it, or in the rest of all spans where that is less.
struct Counted<'a> {
    census: &'a Census,
    tally: Tally,
    rest: bool,
}

impl Counted<'_> {
    /// Spans and error spans.
    fn get(&self, key: Key, value: u32) -> (u64, u64) {
        let here = self.tally.get(key, value);
        if !self.rest {
            return (here.all, here.part);
        }
        let all = self.census.tally.get(key, value);
        (all.all - here.all, all.part - here.part)
    }
}

/// Counts the values of keys; at most `most` values a key are listed.
pub fn facets(
    store: &Store,
    census: &Census,
    selection: &Selection<'_>,
    keys: &[Key],
    most: usize,
    checkpoint: &dyn Checkpoint,
) -> Result<Facets, Error> {
    let mut inside = RowSet::new(store.len());
    let (mut total, mut failed) = (0_u64, 0_u64);
    let mut traces = RowSet::new(store.trace_count());
    let all = selection.is_all();
    selection.each(store, checkpoint, |row| {
        inside.insert(row);
        if !all {
            traces.insert(store.spans().trace.get(row as usize));
        }
        total += 1;
        failed += u64::from(store.spans().is_error(row));
    })?;
    let rest = total * 2 > store.len() as u64;
    let weight =
        |row: u32| (inside.contains(row) != rest).then(|| (1, u32::from(store.spans().is_error(row)), 0.0));
    let tally = if total == store.len() as u64 {
        Tally::default()
    } else {
        Tally::of(store, false, &weight, checkpoint)?
    };
    let counted = Counted { census, tally, rest };
    let facets = keys.iter().map(|&key| facet(store, &counted, (total, failed), key, most)).collect();
    let traces = if all { store.trace_count() } else { traces.count() } as u64;
    Ok(Facets { total, traces, facets, keys: key_counts(store, &counted) })
}

fn facet(store: &Store, of: &Counted<'_>, (total, failed): (u64, u64), key: Key, most: usize) -> Facet {
    let mut counted: Vec<(u64, u32)> = values_of(store, &of.census.pairs, key)
        .iter()
        .map(|&value| (of.get(key, value).0, value))
        .filter(|(count, _)| *count > 0)
        .collect();
    let distinct = counted.len() as u64;
    let present: u64 = counted.iter().map(|(count, _)| count).sum();
    let present_failed: u64 = counted.iter().map(|&(_, value)| of.get(key, value).1).sum();
    // Equal counts stand by text, also at the cut.
    let mut counts: Vec<u64> = counted.iter().map(|(count, _)| *count).collect();
    let least = match most.checked_sub(1).filter(|&cut| cut < counts.len()) {
        Some(cut) => *counts.select_nth_unstable_by(cut, |a, b| b.cmp(a)).1,
        None => 0,
    };
    counted.retain(|(count, _)| *count >= least);
    order::sort_by_key(&mut counted, |&(count, value)| (!count, value));
    counted.truncate(most.saturating_mul(4).max(most));
    let mut values: Vec<FacetValue> = counted
        .into_iter()
        .map(|(count, value)| {
            let (text, literal) = value_texts(store, key, value);
            FacetValue { text, literal, absent: false, count, errors: of.get(key, value).1 }
        })
        .collect();
    order::sort_by(&mut values, |a, b| b.count.cmp(&a.count).then_with(|| a.text.cmp(&b.text)));
    values.truncate(most);
    let absent = total.saturating_sub(present);
    if absent > 0 && !matches!(key, Key::Trait(_)) {
        let errors = failed.saturating_sub(present_failed);
        values.push(FacetValue {
            literal: "nil".to_owned(),
            absent: true,
            count: absent,
            errors,
            text: String::new(),
        });
    }
    Facet { key, field: field_of(store, key), distinct, values }
}

/// The numbers of all values that a key has anywhere.
pub(crate) fn values_of<'a>(store: &Store, pairs: &'a PairsByKey, key: Key) -> Cow<'a, [u32]> {
    match key {
        Key::Trait(fact) => (0..trait_values(store, fact)).collect(),
        Key::Span(id) | Key::Resource(id) => pairs.of_key(id).into(),
    }
}

fn key_counts(store: &Store, of: &Counted<'_>) -> Vec<KeyCount> {
    let mut counts: Vec<KeyCount> = Vec::new();
    for number in 0..store.attributes().key_count() as u32 {
        for key in [Key::Span(KeyId(number)), Key::Resource(KeyId(number))] {
            let values = of.census.pairs.of_key(KeyId(number)).iter();
            let count: u64 = values.map(|&value| of.get(key, value).0).sum();
            if count > 0 {
                counts.push(KeyCount { field: field_of(store, key), count });
            }
        }
    }
    order::sort_by(&mut counts, |a, b| b.count.cmp(&a.count).then_with(|| a.field.cmp(&b.field)));
    counts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{store, stores};
    use super::super::{Scope, Uninterrupted};
    use super::*;

    #[test]
    fn values_are_counted_with_errors_and_absence() {
        let store = store(
            "1 1 0 web server GET 10 90 http.route=/a n=1
             1 2 1 web client GET 20 30 http.route=/b error
             1 3 1 db  server PUT 20 60 http.route=/b
             2 1 0 db  server PUT 20 30 odd_key=1",
        );
        let check = |field: &str, want: &str| {
            let key = key_of(&store, field).unwrap();
            let census = Census::of(&store, &Uninterrupted).unwrap();
            let found = facets(&store, &census, &Selection::ALL, &[key], 2, &Uninterrupted).unwrap();
            let facet = &found.facets[0];
            let values: Vec<String> =
                facet.values.iter().map(|v| format!("{}={}/{}", v.literal, v.count, v.errors)).collect();
            assert_eq!(format!("{}: {}", facet.field, values.join(" ")), want);
        };
        check("span.http.route", r#"span.http.route: "/b"=2/1 "/a"=1/0 nil=1/0"#);
        check("resource.service.name", r#"resource.service.name: "db"=2/0 "web"=2/1"#);
        check("status", "status: unset=3/0 error=1/1");
        check("kind", "kind: server=3/0 client=1/1");
        assert_eq!(key_of(&store, "span.nobody"), None);
        let census = Census::of(&store, &Uninterrupted).unwrap();
        let all = facets(&store, &census, &Selection::ALL, &usual_keys(&store), 9, &Uninterrupted).unwrap();
        assert_eq!(all.facets.len(), 5);
        assert_eq!(all.keys[0].field, "resource.service.name");
    }

    proptest! {
        #[test]
        fn a_facet_sums_to_the_selected_spans(store in stores(), server: bool) {
            let selection = Selection { scope: if server { Scope::Server } else { Scope::All }, ..Selection::ALL };
            let keys = usual_keys(&store);
            let census = Census::of(&store, &Uninterrupted).unwrap();
            let found = facets(&store, &census, &selection, &keys, usize::MAX, &Uninterrupted).unwrap();
            for facet in &found.facets {
                prop_assert_eq!(facet.values.iter().map(|v| v.count).sum::<u64>(), found.total);
                prop_assert!(facet.values.iter().all(|v| v.errors <= v.count));
            }
        }
    }
}
