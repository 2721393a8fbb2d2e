//! What a field is on each span, as numbers that stand for its values: what lists show and sort by, and tables
//! group by.
//!
//! Attributes of spans and resources are numbered by their dictionary entries, names by their strings; any other
//! field is evaluated as TraceQL has it. A number means a value within its column only.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::facets::{field_of, key_of, value_texts};
use super::selection::{Checkpoint, Error, Selection};
use super::tally::{Key, Trait};
use crate::model::{Value, conventions};
use crate::store::order;
use crate::store::{AttrId, ServiceId, Store, StrId, ValueRef};
use crate::traceql::{self, ast::Static, quoted};

/// Stands for spans that lack the field.
pub const ABSENT: u32 = u32::MAX;

/// What the numbers of a column name.
#[derive(Clone, Debug)]
enum Names {
    /// Values of a key.
    Key(Key),
    /// Values that TraceQL gave, from number 1 on.
    Values(Vec<Static>),
}

/// A field of the selected spans.
#[derive(Clone, Debug)]
pub struct Column {
    names: Names,
    /// By row; [`ABSENT`] also for spans that are not selected.
    numbers: Vec<u32>,
    /// How TraceQL asks for absence; "" of an intrinsic, of which it cannot.
    absence: &'static str,
}

impl Column {
    /// Reads a field of the selected spans; none where the text names no field of TraceQL.
    pub fn of(
        store: &Store,
        selection: &Selection<'_>,
        field: &str,
        checkpoint: &dyn Checkpoint,
    ) -> Result<Option<Self>, Error> {
        let key = match key_of(store, field) {
            // The service as TraceQL sees it: a resource without a name lacks it.
            Some(Key::Trait(Trait::Service)) => {
                store.attributes().find_key(conventions::SERVICE_NAME).map(Key::Resource)
            }
            other => other,
        };
        let Some(key) = key else { return Self::evaluated(store, selection, field, checkpoint) };
        let mut of_resource = Vec::new();
        if let Key::Resource(key) = key {
            let of_key = |id: &&AttrId| store.attributes().key(**id) == key;
            let pair =
                |r: &crate::store::Resource| r.attributes.iter().find(of_key).map_or(ABSENT, |id| id.0);
            of_resource = store.groups().resources().iter().map(pair).collect();
        }
        let spans = store.spans();
        let mut numbers = vec![ABSENT; store.len()];
        selection.each(store, checkpoint, |row| {
            numbers[row as usize] = match key {
                Key::Trait(Trait::Service) => store.service(row).0,
                Key::Trait(Trait::Name) => spans.name.get(row as usize),
                Key::Trait(Trait::Kind) => spans.kind(row) as u32,
                Key::Trait(Trait::Status) => spans.status(row) as u32,
                Key::Span(key) => {
                    let pair = spans.attributes(row).find(|&id| store.attributes().key(id) == key);
                    pair.map_or(ABSENT, |id| id.0)
                }
                Key::Resource(_) => store
                    .resource_id(row)
                    .and_then(|id| of_resource.get(id.0 as usize))
                    .copied()
                    .unwrap_or(ABSENT),
            };
        })?;
        Ok(Some(Self { names: Names::Key(key), numbers, absence: "nil" }))
    }

    fn evaluated(
        store: &Store,
        selection: &Selection<'_>,
        field: &str,
        checkpoint: &dyn Checkpoint,
    ) -> Result<Option<Self>, Error> {
        let mut rows = traceql::eval::Bitmap::empty(store.len());
        selection.each(store, checkpoint, |row| rows.insert(row))?;
        Ok(traceql::eval::numbered(store, field, &rows).map(|(mut numbers, values)| {
            for number in &mut numbers {
                // 0 is "no value".
                *number = number.checked_sub(1).unwrap_or(ABSENT);
            }
            let absence = if field.contains('.') || field.starts_with("derived:") { "nil" } else { "" };
            Self { names: Names::Values(values), numbers, absence }
        }))
    }

    /// The number of a row's value.
    #[inline]
    pub fn number(&self, row: u32) -> u32 {
        self.numbers.get(row as usize).copied().unwrap_or(ABSENT)
    }

    fn evaluated_value(&self, number: u32) -> &Static {
        match &self.names {
            Names::Values(values) => values.get(number as usize + 1).unwrap_or(&Static::Nil),
            Names::Key(_) => &Static::Nil,
        }
    }

    /// The field in TraceQL where it is a key of the data; `asked` where it is not.
    pub fn field(&self, store: &Store, asked: &str) -> String {
        match self.names {
            Names::Key(key) => field_of(store, key),
            Names::Values(_) => asked.to_owned(),
        }
    }

    /// A value as a person reads it and as TraceQL writes it; "" where TraceQL cannot, and `nil` with no text where
    /// an attribute is absent.
    pub fn texts(&self, store: &Store, number: u32) -> (String, String) {
        match (&self.names, number) {
            (_, ABSENT) => (String::new(), self.absence.to_owned()),
            (Names::Key(key), _) => value_texts(store, *key, number),
            (Names::Values(_), _) => match self.evaluated_value(number) {
                Static::Str(text) => (text.clone(), quoted(text)),
                value => (value.to_string(), value.to_string()),
            },
        }
    }

    /// A value with its type.
    pub fn value(&self, store: &Store, number: u32) -> Value {
        match &self.names {
            Names::Key(Key::Span(_) | Key::Resource(_)) => {
                store.attributes().value(AttrId(number)).to_value()
            }
            Names::Key(_) => Value::Str(self.texts(store, number).0),
            Names::Values(_) => self.evaluated_value(number).to_value(),
        }
    }

    /// By number, the place of each value that occurs: numbers by size, then texts, then the rest.
    pub fn ranks(&self, store: &Store) -> Vec<u32> {
        let end = self.numbers.iter().filter(|n| **n != ABSENT).max().map_or(0, |n| *n as usize + 1);
        let mut ranks = vec![ABSENT; end];
        for &number in self.numbers.iter().filter(|n| **n != ABSENT) {
            ranks[number as usize] = 0;
        }
        let mut met: Vec<u32> = (0..end as u32).filter(|&number| ranks[number as usize] == 0).collect();
        order::rows(&mut met, &|a, b| self.compare(store, a, b));
        for (rank, number) in met.into_iter().enumerate() {
            ranks[number as usize] = rank as u32;
        }
        ranks
    }

    fn compare(&self, store: &Store, a: u32, b: u32) -> Ordering {
        let (x, y) = (self.sortable(store, a), self.sortable(store, b));
        let order = x.0.cmp(&y.0).then_with(|| x.1.total_cmp(&y.1)).then_with(|| x.2.cmp(&y.2));
        order.then_with(|| a.cmp(&b))
    }

    fn sortable<'a>(&'a self, store: &'a Store, number: u32) -> (u8, f64, Cow<'a, str>) {
        let count = |n: f64| (0, n, Cow::Borrowed(""));
        let text = |text: &'a str| (1, 0.0, Cow::Borrowed(text));
        match &self.names {
            Names::Key(Key::Trait(Trait::Service)) => text(store.service_name(ServiceId(number))),
            Names::Key(Key::Trait(Trait::Name)) => text(store.text(StrId(number))),
            Names::Key(Key::Trait(_)) => count(f64::from(number)),
            Names::Key(_) => match store.attributes().value(AttrId(number)) {
                ValueRef::Int(n) => count(n as f64),
                ValueRef::Double(x) => count(x),
                value @ ValueRef::Str(_) => text(value.as_str().unwrap_or_default()),
                other => (2, 0.0, Cow::Owned(other.display())),
            },
            Names::Values(_) => match self.evaluated_value(number) {
                Static::Int(n) | Static::Duration(n) => count(*n as f64),
                Static::Float(x) => count(*x),
                Static::Str(s) => text(s),
                other => (2, 0.0, Cow::Owned(other.to_string())),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Uninterrupted;
    use super::super::testing::store;
    use super::*;

    #[test]
    fn any_field_is_a_column_with_values_in_order() {
        let store = store(
            "1 1 0 web server GET 10 90 n=10 x=b
             1 2 1 web client PUT 20 30 n=9 error
             2 1 0 db  server GET 20 60 n=b x=a",
        );
        let check = |field: &str, want: &str, ranks: &str| {
            let column = Column::of(&store, &Selection::ALL, field, &Uninterrupted).unwrap().unwrap();
            let texts: Vec<String> = (0..3).map(|row| column.texts(&store, column.number(row)).1).collect();
            assert_eq!(texts.join(" "), want, "{field}");
            let all = column.ranks(&store);
            let rank = |row| all.get(column.number(row) as usize).map_or("-".to_owned(), u32::to_string);
            assert_eq!((0..3).map(rank).collect::<Vec<_>>().join(" "), ranks, "{field}");
        };
        check("span.n", r#"10 9 "b""#, "1 0 2");
        check("span.x", r#""b" nil "a""#, "1 - 0");
        check("name", r#""GET" "PUT" "GET""#, "0 1 0");
        check("status", "unset error unset", "0 1 0");
        check("resource.service.name", r#""web" "web" "db""#, "1 1 0");
        check("rootName", r#""GET" "GET" "GET""#, "0 0 0");
        check(".x", r#""b" nil "a""#, "1 - 0");
        check("span.nobody", "nil nil nil", "- - -");
        assert!(Column::of(&store, &Selection::ALL, "no field", &Uninterrupted).unwrap().is_none());
    }
}
