//! Answers about what spans have in common: facets, and what is different about a selection.

use super::{Desk, Error, Reply};
use crate::analysis::{self, Scope, Uninterrupted};
use crate::engine::protocol as p;

/// Values a facet lists where nothing is asked.
const FACET_VALUES: usize = 10;
/// Values a compared key lists where nothing is asked.
const DIFFERENCE_VALUES: usize = 12;

impl Desk {
    pub(super) fn facets(&mut self, r: &p::Facets) -> Result<Reply, Error> {
        let counted = self.counted(r.range, &r.q, Scope::All)?;
        self.census()?;
        let Some(census) = &self.census else { return Ok(Reply::default()) };
        let store = self.builder.store();
        let mut keys = if r.usual { analysis::usual_keys(store) } else { Vec::new() };
        for field in &r.fields {
            // A key that this data lacks has no facet; an address may name it for other data.
            let key = analysis::key_of(store, field).filter(|key| !keys.contains(key));
            keys.extend(key);
        }
        let most = r.limit.unwrap_or(FACET_VALUES);
        let found = analysis::facets(store, census, &counted.selection(), &keys, most, &Uninterrupted)?;
        let facets = found.facets.into_iter().map(|facet| p::FacetRow {
            field: facet.field,
            distinct: facet.distinct,
            values: facet
                .values
                .into_iter()
                .map(|v| p::FacetValue {
                    text: v.text,
                    literal: v.literal,
                    absent: v.absent,
                    count: v.count,
                    errors: v.errors,
                })
                .collect(),
        });
        let facets = facets.collect();
        let keys = found.keys.into_iter().map(|k| p::KeyRow { field: k.field, count: k.count }).collect();
        Ok(self.reply(p::FacetsAnswer { total: found.total, traces: found.traces, facets, keys }))
    }

    pub(super) fn difference(&mut self, r: &p::Difference) -> Result<Reply, Error> {
        let chosen = self.counted(r.range, &r.q, Scope::All)?;
        let base = self.counted(r.base_range, &r.base, Scope::All)?;
        self.census()?;
        let Some(census) = &self.census else { return Ok(Reply::default()) };
        let store = self.builder.store();
        let most = r.limit.unwrap_or(DIFFERENCE_VALUES);
        let found = analysis::difference(
            store,
            census,
            &chosen.selection(),
            &base.selection(),
            most,
            &Uninterrupted,
        )?;
        let rows = found.rows.into_iter().map(|row| p::DifferenceRow {
            relation: row.relation.word().to_owned(),
            field: row.field,
            score: row.score,
            distinct: row.distinct,
            values: row
                .values
                .into_iter()
                .map(|v| p::DifferenceValue {
                    text: v.text,
                    filter: v.filter,
                    absent: v.absent,
                    selected: v.selected,
                    rest: v.rest,
                    expected: v.expected,
                    score: v.score,
                })
                .collect(),
        });
        let rows = rows.collect();
        let (selected, rest, alike, unique) = (found.selected, found.rest, found.alike, found.unique);
        Ok(self.reply(p::DifferenceAnswer { selected, rest, rows, alike, unique }))
    }
}
