//! `compare()`: how the values of every attribute are spread in a selection and in the rest (traceql.md §8,
//! peers.md §2.9). Durations, times, ids and nested-set numbers are left out, as Tempo does.

use hashbrown::HashMap;

use super::weight::Weights;
use super::{Grid, Labels, MAX_CELLS, Series};
use crate::store::order;
use crate::store::{AttrId, Store};
use crate::traceql::Error;
use crate::traceql::ast::{Attr, AttrScope, Field, Intrinsic, Node, SpansetNode, Spansets, Stage, Static};
use crate::traceql::error::RunError;
use crate::traceql::eval::{self, Bitmap, Classes, Flow, Program, Scan};

const INTRINSICS: [Intrinsic; 6] = [
    Intrinsic::Name,
    Intrinsic::Status,
    Intrinsic::StatusMessage,
    Intrinsic::Kind,
    Intrinsic::RootName,
    Intrinsic::RootService,
];

/// An attribute as it is counted: an intrinsic by place, or a key with its scope.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Subject {
    Intrinsic(u8),
    Span(u32),
    Resource(u32),
}

/// Selection or baseline, an attribute and one of its values (a class or a pair).
type Slot = (bool, Subject, u32);
type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

pub(super) fn run(
    scan: &mut Scan<'_, '_>,
    rows: &Bitmap,
    grid: Grid,
    selection: &Field,
    top: usize,
    window: Option<(i64, i64)>,
    extrapolate: bool,
) -> Result<Vec<Series>, Error> {
    let store = scan.store;
    let filter = Stage::Spansets(Spansets { nodes: vec![SpansetNode::Filter(selection.clone())] });
    let mut selected = eval::pipeline(scan, &[filter], Flow::new(rows.clone()))?.rows;
    let starts = &store.spans().start;
    if let Some((from, to)) = window {
        let inside = |t: u64| i128::from(t) > i128::from(from) && i128::from(t) <= i128::from(to);
        selected.keep(scan.checkpoint, |row| Ok(inside(starts.get(row as usize))))?;
    }
    let mut classes: Vec<(Classes, Vec<u32>)> = Vec::new();
    for intrinsic in INTRINSICS {
        let program = Program::new(store, &Field::leaf(Node::Attr(Attr::Intrinsic(intrinsic)), 0));
        let (mut own, mut of_row) = (Classes::default(), vec![0; store.len()]);
        own.visit(scan, &program, rows, |row, class| of_row[row as usize] = class)?;
        classes.push((own, of_row));
    }
    let subjects = |row: u32, visit: &mut dyn FnMut(Subject, u32)| {
        for (i, (own, of_row)) in classes.iter().enumerate() {
            let class = of_row[row as usize];
            if !matches!(own.value(class), Static::Nil) && *own.value(class) != Static::Str(String::new()) {
                visit(Subject::Intrinsic(i as u8), class);
            }
        }
        for attr in store.spans().attributes(row) {
            visit(Subject::Span(store.attributes().key(attr).0), attr.0);
        }
        for attr in store.resource(row).map_or(&[][..], |r| r.attributes.as_slice()) {
            visit(Subject::Resource(store.attributes().key(*attr).0), attr.0);
        }
    };

    // First the totals, which choose the values to keep; then the counts of those by interval.
    let mut weights = Weights::new(extrapolate);
    let mut totals: Map<Slot, f64> = Map::default();
    rows.visit(scan.checkpoint, |row| {
        if grid.place(starts.get(row as usize)).is_some() {
            let (side, weight) = (selected.contains(row), weights.of(store, row));
            subjects(row, &mut |subject, value| *totals.entry((side, subject, value)).or_default() += weight);
        }
        Ok(())
    })?;
    let mut ranked: Vec<(Slot, f64)> = totals.into_iter().collect();
    order::sort_by(&mut ranked, |a, b| {
        (a.0.0, a.0.1).cmp(&(b.0.0, b.0.1)).then(b.1.total_cmp(&a.1)).then(a.0.2.cmp(&b.0.2))
    });
    let mut kept: Map<Slot, usize> = Map::default();
    let mut whole: Map<(bool, Subject), usize> = Map::default();
    let mut series: Vec<Series> = Vec::new();
    let mut add = |labels: Vec<(String, Static)>| {
        series.push(Series { labels: Labels::new(labels), points: vec![Some(0.0); grid.points] });
        series.len() - 1
    };
    for run in ranked.chunk_by(|a, b| (a.0.0, a.0.1) == (b.0.0, b.0.1)) {
        let (side, subject, _) = run[0].0;
        let word = if side { "selection" } else { "baseline" };
        let attr = name(store, subject);
        let meta = |text: &str| ("__meta_type".to_owned(), Static::Str(text.to_owned()));
        for (slot, _) in run.iter().take(top) {
            let value = match subject {
                Subject::Intrinsic(i) => classes[i as usize].0.value(slot.2).clone(),
                _ => eval::attr_static(store, AttrId(slot.2)),
            };
            kept.insert(*slot, add(vec![meta(word), (attr.clone(), value)]));
        }
        let total = vec![meta(&format!("{word}_total")), (attr.clone(), Static::Nil)];
        whole.insert((side, subject), add(total));
        if run.len() > top {
            let error = ("__meta_error".to_owned(), Static::Str("__too_many_values__".to_owned()));
            add(vec![meta(word), error, (attr.clone(), Static::Nil)]);
        }
        if (kept.len() + 2 * whole.len()) * grid.points > MAX_CELLS {
            return Err(RunError::TooManyPoints.into());
        }
    }
    rows.visit(scan.checkpoint, |row| {
        let Some(place) = grid.place(starts.get(row as usize)) else { return Ok(()) };
        let (side, weight) = (selected.contains(row), weights.of(store, row));
        subjects(row, &mut |subject, value| {
            for found in
                [kept.get(&(side, subject, value)), whole.get(&(side, subject))].into_iter().flatten()
            {
                if let Some(point) = &mut series[*found].points[place] {
                    *point += weight;
                }
            }
        });
        Ok(())
    })?;
    order::sort_by_cached_key(&mut series, |s| s.labels.to_string());
    Ok(series)
}

fn name(store: &Store, subject: Subject) -> String {
    let named = |scope, key| {
        Attr::Named { scope, name: store.attributes().key_text(crate::store::KeyId(key)).to_owned() }
            .to_string()
    };
    match subject {
        Subject::Intrinsic(i) => INTRINSICS.get(i as usize).map_or("", |i| i.text()).to_owned(),
        Subject::Span(key) => named(AttrScope::Span, key),
        Subject::Resource(key) => named(AttrScope::Resource, key),
    }
}
