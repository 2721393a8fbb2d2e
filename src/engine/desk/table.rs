//! Spans grouped by any fields.

use super::lists::whole;
use super::spans::direction;
use super::{Desk, Error, Reply};
use crate::analysis::{self, Column, Red, Scope, TableOrder, TableRow, Uninterrupted};
use crate::engine::protocol as p;
use crate::store::Store;

/// A number of a group.
type Number = fn(&Red) -> f64;

/// The numbers of a row by which a table can be sorted.
const NUMBERS: [(&str, Number); 12] = [
    ("count", |red| red.calls as f64),
    ("errors", |red| red.errors as f64),
    ("error_rate", |red| red.error_rate().unwrap_or(0.0)),
    ("rate_per_s", |red| red.calls as f64),
    ("p50_ns", |red| red.quantiles.map_or(0.0, |q| q.p50_ns)),
    ("p90_ns", |red| red.quantiles.map_or(0.0, |q| q.p90_ns)),
    ("p95_ns", |red| red.quantiles.map_or(0.0, |q| q.p95_ns)),
    ("p99_ns", |red| red.quantiles.map_or(0.0, |q| q.p99_ns)),
    ("avg_ns", |red| red.mean_ns().unwrap_or(0.0)),
    ("min_ns", |red| red.min_ns.unwrap_or(0) as f64),
    ("max_ns", |red| red.max_ns.unwrap_or(0) as f64),
    ("total_ns", |red| red.total_ns as f64),
];

impl Desk {
    pub(super) fn table(&mut self, r: &p::Table) -> Result<Reply, Error> {
        let answer = self.table_page(r)?;
        Ok(self.reply(answer))
    }

    /// A page of the groups.
    pub(super) fn table_page(&self, r: &p::Table) -> Result<p::TableAnswer, Error> {
        let counted = self.counted(r.range, &r.q, Scope::All)?;
        let (store, selection) = (self.builder.store(), counted.selection());
        let mut columns = Vec::new();
        for field in &r.by {
            columns.push(self.column(field, &selection, "by")?);
        }
        let (word, descending) = direction(if r.sort.is_empty() { "-count" } else { &r.sort });
        let number = NUMBERS.iter().find(|(name, _)| *name == word).map(|&(_, of)| TableOrder::Number(of));
        let column = || r.by.iter().position(|field| field == word).map(TableOrder::Column);
        // An address may name what is no longer grouped by.
        let order = number.or_else(column).unwrap_or(TableOrder::Number(NUMBERS[0].1));
        let piece = (r.offset, r.limit.unwrap_or(100));
        let page = analysis::table(store, &selection, &columns, (order, descending), piece, &Uninterrupted)?;
        let rows = page.rows.iter().map(|row| table_row(store, &columns, row)).collect();
        Ok(p::TableAnswer { total: page.total, spans: page.spans, rows })
    }
}

fn table_row(store: &Store, columns: &[Column], row: &TableRow) -> p::TableRow {
    let texts = row.values.iter().zip(columns).map(|(&value, column)| column.texts(store, value));
    let (values, literals) = texts.unzip();
    let (red, q) = (row.red, row.red.quantiles);
    p::TableRow {
        values,
        literals,
        count: red.calls,
        errors: red.errors,
        error_rate: red.error_rate(),
        rate_per_s: red.rate_per_s,
        p50_ns: q.map(|q| q.p50_ns),
        p90_ns: q.map(|q| q.p90_ns),
        p95_ns: q.map(|q| q.p95_ns),
        p99_ns: q.map(|q| q.p99_ns),
        avg_ns: red.mean_ns(),
        min_ns: red.min_ns.unwrap_or_default(),
        max_ns: red.max_ns.unwrap_or_default(),
        total_ns: whole(red.total_ns),
    }
}
