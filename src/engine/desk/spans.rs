//! The spans that a query leaves, in any order and with any fields.

use super::query::{json, time_range};
use super::trace::span_id;
use super::{Desk, Error, Reply};
use crate::analysis::{ABSENT, Column, Scope, Selection, Uninterrupted};
use crate::engine::protocol as p;
use crate::engine::protocol::{AttributeMap, Ns, Order, Spans};
use crate::model::{IdText, SpanId};
use crate::store::order;
use crate::store::{RowSet, Store};
use crate::traceql::{self, ast::Static};

impl Desk {
    pub(super) fn spans(&mut self, r: &Spans) -> Result<Reply, Error> {
        let answer = self.spans_page(r)?;
        Ok(self.reply(answer))
    }

    /// A page of the spans.
    pub(super) fn spans_page(&self, r: &Spans) -> Result<p::SpansAnswer, Error> {
        let q = if r.q.trim().is_empty() { "{ }" } else { &r.q };
        let store = self.builder.store();
        let found = traceql::eval::spans(store, &traceql::parse(q)?, time_range(r.range)?, &mut ())?;
        let spans = store.spans();
        let (field, descending) = direction(&r.sort);
        let matched: Option<RowSet> = (!field.is_empty()).then(|| found.rows.iter().collect());
        let sorting = match &matched {
            None => None,
            Some(rows) => {
                let column = self.column(field, &Selection { rows: Some(rows), ..Selection::ALL }, "sort")?;
                let ranks = column.ranks(store);
                Some((column, ranks))
            }
        };
        let key = |row: u32| {
            if let Some((column, ranks)) = &sorting {
                return match ranks.get(column.number(row) as usize) {
                    None => u64::MAX,
                    Some(rank) if descending => u64::from(ABSENT - rank),
                    Some(rank) => u64::from(*rank),
                };
            }
            let trace = spans.trace.get(row as usize);
            let start = spans.start.get(row as usize);
            match r.order {
                Order::Longest => !spans.duration(row),
                Order::Shortest => spans.duration(row),
                Order::Latest => !start,
                Order::Earliest => start,
                Order::MostSpans => !(store.trace(trace).len() as u64),
                Order::MostErrors => !u64::from(store.trace_facts()[trace as usize].errors),
            }
        };
        let mut keyed: Vec<(u64, u32)> = found.rows.iter().map(|row| (key(row), row)).collect();
        let total = keyed.len() as u64;
        let tie = |row: u32| {
            let trace = spans.trace.get(row as usize);
            (store.trace_id(trace), spans.id.get(row as usize), row)
        };
        let end = r.offset.saturating_add(r.limit.unwrap_or(100));
        order::first(&mut keyed, end, &|a, b| tie(a).cmp(&tie(b)));
        keyed.drain(..r.offset.min(keyed.len()));
        // Of the fields only the rows of the page are read.
        let mut page = RowSet::new(store.len());
        for &(_, row) in &keyed {
            page.insert(row);
        }
        let shown = Selection { rows: Some(&page), range: None, scope: Scope::All, weights: None };
        let mut columns = Vec::new();
        for field in &r.fields {
            columns.push((field, self.column(field, &shown, "fields")?));
        }
        let attributes = |row: u32| {
            let selected = found
                .selected
                .iter()
                .map(|attr| (attr.to_string(), traceql::eval::value(store, row, attr)))
                .filter(|(_, value)| *value != Static::Nil)
                .map(|(name, value)| (name, json(&value)));
            let chosen =
                columns.iter().filter(|(_, column)| column.number(row) != ABSENT).map(|(name, column)| {
                    ((*name).clone(), p::to_json(&column.value(store, column.number(row))))
                });
            p::to_map(selected.chain(chosen))
        };
        let rows = keyed.iter().map(|&(_, row)| p::SpanRow {
            trace_id: store.trace_id(spans.trace.get(row as usize)).to_string(),
            span_id: span_id(store, row),
            parent_span_id: SpanId(spans.parent_id.get(row as usize)).text(),
            service: store.service_name(store.service(row)).to_owned(),
            name: store.name(row).to_owned(),
            kind: spans.kind(row).word().to_owned(),
            status: spans.status(row).word().to_owned(),
            start_ns: Ns(spans.start.get(row as usize)),
            duration_ns: spans.duration(row),
            attributes: attributes(row),
        });
        let rows = rows.collect();
        let (groups, members) = if found.has_groups() { found.groups(store) } else { Default::default() };
        let groups = groups.iter().map(|group| span_group(store, group, &members)).collect();
        Ok(p::SpansAnswer { total, rows, groups })
    }

    /// A field of the selected spans; `place` is where the request names it.
    pub(super) fn column(
        &self,
        field: &str,
        selection: &Selection<'_>,
        place: &'static str,
    ) -> Result<Column, Error> {
        Column::of(self.builder.store(), selection, field, &Uninterrupted)?.ok_or_else(|| Error::BadField {
            field: place,
            expected: "a TraceQL field such as name, rootName or span.http.route",
            found: field.to_owned(),
        })
    }
}

/// A field to sort by, and whether the largest stands first.
pub(super) fn direction(sort: &str) -> (&str, bool) {
    sort.strip_prefix('-').map_or((sort, false), |field| (field, true))
}

fn span_group(store: &Store, group: &traceql::eval::Group, members: &[u32]) -> p::SpanGroup {
    let attributes: AttributeMap =
        group.attributes.iter().map(|(name, value)| (name.clone(), json(value))).collect();
    p::SpanGroup {
        trace_id: store.trace_id(group.trace).to_string(),
        attributes,
        span_ids: members[group.rows.clone()].iter().map(|&row| span_id(store, row)).collect(),
    }
}
