//! Calls that a service makes: to databases, by statement, and to hosts outside (signoz.md §2.3, §2.4,
//! semantics.md §4).
//!
//! A database call is a span with `db.system` or `db.system.name` that is no SERVER span; an external call
//! is a CLIENT span with an address and without any `db.` attribute. Range and query choose the counted
//! spans; the scope is not asked, because calls have a role of their own.

mod statement;

pub use statement::normalize_statement;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::buckets::Buckets;
use super::grouping::Grouping;
use super::red::{Red, RedTable};
use super::remote::{Remote, text};
use super::selection::{Checkpoint, Error, Scope, Selection};
use crate::model::SpanKind;
use crate::store::order;
use crate::store::{RowSet, ServiceId, Store, StrId};

/// Which database spans count where a driver and a mapper each made one for the same call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Nested {
    /// Every one.
    #[default]
    Every,
    /// Only those without a database span as a direct child.
    Innermost,
}

/// An operation that makes calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Caller {
    /// Its service.
    pub service: ServiceId,
    /// Its span name.
    pub name: StrId,
    /// How many of the calls it made; what they stand for where the selection weighs spans.
    pub calls: u64,
}

/// Calls of one service with one target.
#[derive(Clone, PartialEq, Debug)]
pub struct CallRow {
    /// The calling service.
    pub service: ServiceId,
    /// Database product, or address.
    pub target: String,
    /// Normalized statement; without one operation and collection, or the span's name. Empty for external
    /// calls.
    pub statement: String,
    /// The calls.
    pub red: Red,
    /// Spans right above the calls, by calls; calls without a parent have no caller.
    pub callers: Vec<Caller>,
    /// A row of the slowest call.
    pub slowest: u32,
}

/// Calls with one target over time; by bucket. Where the selection weighs spans, what they stand for, rounded.
#[derive(Clone, PartialEq, Debug)]
pub struct CallSeries {
    /// Database product, or address.
    pub target: String,
    /// Calls that start in the bucket.
    pub calls: Vec<u64>,
    /// Failed ones among them.
    pub errors: Vec<u64>,
    /// Sum of their durations, nanoseconds.
    pub total_ns: Vec<u64>,
}

/// Calls of one kind.
#[derive(Clone, PartialEq, Debug)]
pub struct Calls {
    /// By service, target and statement; largest total time first.
    pub rows: Vec<CallRow>,
    /// Over time.
    pub buckets: Buckets,
    /// By target; largest total time first. Calls of unknown start are in none.
    pub series: Vec<CallSeries>,
}

/// Database calls by service, product and statement.
pub fn database_calls(
    store: &Store,
    selection: &Selection<'_>,
    service: Option<ServiceId>,
    nested: Nested,
    apdex_ns: u64,
    checkpoint: &dyn Checkpoint,
) -> Result<Calls, Error> {
    let spans = store.spans();
    let selection = selection.scoped(Scope::All);
    let mut remote = Remote::new(store);
    let outer = match nested {
        Nested::Every => RowSet::default(),
        Nested::Innermost => outer_database_spans(store, &mut remote, checkpoint)?,
    };
    let mut texts = Texts::default();
    let mut table = CallTable::new(store, selection, apdex_ns)?;
    selection.each(store, checkpoint, |row| {
        if spans.kind(row) == SpanKind::Server
            || service.is_some_and(|wanted| wanted != store.service(row))
            || outer.contains(row)
        {
            return;
        }
        remote.read(row);
        let Some(system) = remote.database() else { return };
        let target = texts.of((0, system.0, 0), || text(store, system));
        let statement = match (remote.statement(), remote.database_operation()) {
            (Some(id), _) => texts.of((1, id.0, 0), || normalize_statement(&text(store, id))),
            (None, (Some(operation), Some(collection))) => texts.of((2, operation.0, collection.0), || {
                format!("{} {}", text(store, operation), text(store, collection))
            }),
            (None, (Some(only), None)) => texts.of((0, only.0, 0), || text(store, only)),
            _ => {
                let name = spans.name.get(row as usize);
                texts.of((3, name, 0), || store.text(StrId(name)).to_owned())
            }
        };
        table.push(row, target, statement);
    })?;
    Ok(table.finish(&texts))
}

/// External calls by service and address.
pub fn external_calls(
    store: &Store,
    selection: &Selection<'_>,
    service: Option<ServiceId>,
    apdex_ns: u64,
    checkpoint: &dyn Checkpoint,
) -> Result<Calls, Error> {
    let spans = store.spans();
    let selection = selection.scoped(Scope::All);
    let mut remote = Remote::new(store);
    let mut texts = Texts::default();
    let mut addresses = HashMap::with_hasher(FixedState::default());
    let mut table = CallTable::new(store, selection, apdex_ns)?;
    let empty = texts.intern(String::new());
    selection.each(store, checkpoint, |row| {
        if spans.kind(row) != SpanKind::Client || service.is_some_and(|wanted| wanted != store.service(row)) {
            return;
        }
        remote.read(row);
        if remote.has_database() {
            return;
        }
        if let Some(address) = remote.address() {
            let target = *addresses.entry(address).or_insert_with(|| texts.intern(address.text(store)));
            table.push(row, target, empty);
        }
    })?;
    Ok(table.finish(&texts))
}

/// Spans with a database span right below them.
fn outer_database_spans(
    store: &Store,
    remote: &mut Remote<'_>,
    checkpoint: &dyn Checkpoint,
) -> Result<RowSet, Error> {
    let mut outer = RowSet::new(store.len());
    Selection::ALL.each(store, checkpoint, |row| {
        if store.spans().kind(row) != SpanKind::Server
            && let Some(parent) = store.parent(row)
        {
            remote.read(row);
            if remote.database().is_some() {
                outer.insert(parent);
            }
        }
    })?;
    Ok(outer)
}

/// Distinct texts, each made once per origin.
#[derive(Default)]
struct Texts {
    by_origin: HashMap<(u8, u32, u32), u32, FixedState>,
    by_text: HashMap<String, u32, FixedState>,
    all: Vec<String>,
}

impl Texts {
    fn of(&mut self, origin: (u8, u32, u32), make: impl FnOnce() -> String) -> u32 {
        if let Some(&number) = self.by_origin.get(&origin) {
            return number;
        }
        let number = self.intern(make());
        self.by_origin.insert(origin, number);
        number
    }

    fn intern(&mut self, text: String) -> u32 {
        let next = self.all.len() as u32;
        let number = *self.by_text.entry(text.clone()).or_insert(next);
        if number == next {
            self.all.push(text);
        }
        number
    }
}

/// Calls being counted by service, target and statement.
struct CallTable<'a> {
    store: &'a Store,
    selection: Selection<'a>,
    groups: Grouping<(ServiceId, u32, u32)>,
    targets: Grouping<u32>,
    callers: Grouping<(u32, ServiceId, StrId)>,
    by_caller: Vec<f64>,
    slowest: Vec<u32>,
    reds: RedTable,
    buckets: Buckets,
    /// Calls, errors and time by target, then bucket: whole numbers where spans are not weighed.
    over_time: Vec<[f64; 3]>,
}

impl<'a> CallTable<'a> {
    fn new(store: &'a Store, selection: Selection<'a>, apdex_ns: u64) -> Result<Self, Error> {
        Ok(Self {
            store,
            selection,
            groups: Grouping::default(),
            targets: Grouping::default(),
            callers: Grouping::default(),
            by_caller: Vec::new(),
            slowest: Vec::new(),
            reds: RedTable::new(0, apdex_ns),
            buckets: Buckets::of(store, &selection, None)?,
            over_time: Vec::new(),
        })
    }

    fn push(&mut self, row: u32, target: u32, statement: u32) {
        let spans = self.store.spans();
        let duration = spans.duration(row);
        let group = self.groups.of((self.store.service(row), target, statement));
        if group as usize == self.slowest.len() {
            self.slowest.push(row);
        } else if duration > spans.duration(self.slowest[group as usize]) {
            self.slowest[group as usize] = row;
        }
        let error = spans.is_error(row);
        self.reds.push_row(group, self.store, row, &self.selection);
        let weight = self.selection.weight(row);
        if let Some(bucket) = self.buckets.at(spans.start.get(row as usize)) {
            let (target, count) = (self.targets.of(target) as usize, self.buckets.count as usize);
            let at = target * count + bucket as usize;
            if at >= self.over_time.len() {
                self.over_time.resize((target + 1) * count, [0.0; 3]);
            }
            let [calls, errors, total] = &mut self.over_time[at];
            *calls += weight;
            *errors += if error { weight } else { 0.0 };
            *total += weight * duration as f64;
        }
        if let Some(parent) = self.store.parent(row) {
            let name = StrId(spans.name.get(parent as usize));
            let caller = self.callers.of((group, self.store.service(parent), name));
            if caller as usize == self.by_caller.len() {
                self.by_caller.push(0.0);
            }
            self.by_caller[caller as usize] += weight;
        }
    }

    fn finish(self, texts: &Texts) -> Calls {
        let store = self.store;
        let text = |number: u32| texts.all[number as usize].clone();
        let reds = self.reds.finish(self.selection.seconds(store));
        let mut rows: Vec<CallRow> = self
            .groups
            .keys()
            .iter()
            .zip(reds)
            .zip(self.slowest)
            .map(|((&(service, target, statement), red), slowest)| CallRow {
                service,
                target: text(target),
                statement: text(statement),
                red,
                callers: Vec::new(),
                slowest,
            })
            .collect();
        for (&(group, service, name), &calls) in self.callers.keys().iter().zip(&self.by_caller) {
            rows[group as usize].callers.push(Caller { service, name, calls: calls.round() as u64 });
        }
        for row in &mut rows {
            order::sort_by_key(&mut row.callers, |c| {
                (!c.calls, store.service_name(c.service), store.text(c.name))
            });
        }
        order::sort_by(&mut rows, |a, b| {
            b.red.total_ns.cmp(&a.red.total_ns).then_with(|| {
                let key = |r: &CallRow| (store.service_name(r.service).to_owned(), r.target.clone());
                (key(a), &a.statement).cmp(&(key(b), &b.statement))
            })
        });
        let count = self.buckets.count as usize;
        let of = |(i, &number): (usize, &u32)| {
            let points = self.over_time.get(i * count..(i + 1) * count).unwrap_or_default();
            let column = |part: usize| points.iter().map(|p| p[part].round() as u64).collect();
            CallSeries { target: text(number), calls: column(0), errors: column(1), total_ns: column(2) }
        };
        let mut series: Vec<CallSeries> = self.targets.keys().iter().enumerate().map(of).collect();
        let total = |s: &CallSeries| s.total_ns.iter().map(|&ns| u128::from(ns)).sum::<u128>();
        order::sort_by_cached_key(&mut series, |s| (u128::MAX - total(s), s.target.clone()));
        Calls { rows, buckets: self.buckets, series }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{dump, store};
    use super::super::{DEFAULT_APDEX_NS, Uninterrupted};
    use super::*;

    fn words(store: &Store, r: &CallRow) -> String {
        let callers: Vec<String> =
            r.callers.iter().map(|c| format!("{}:{}", store.text(c.name), c.calls)).collect();
        let callers = callers.join(",");
        format!(
            "{} {} [{}] {} {} {callers}",
            store.service_name(r.service),
            r.target,
            r.statement,
            r.red.calls,
            r.red.total_ns
        )
    }

    #[test]
    fn statements_are_merged_by_their_normal_form() {
        let store = store(
            "1 1 0 web server   GET 10 90
             1 2 1 web internal orm 20 50 db.system=sqlite db.statement=SELECT_1
             1 3 2 web client   sql 21 41 db.system.name=sqlite db.query.text=SELECT__2
             1 4 1 web client   get 20 30 db.system=redis db.operation=GET db.sql.table=t
             1 5 1 web server   odd 20 90 db.system=redis
             1 6 0 job client   get 20 25 db.system=redis",
        );
        let check = |nested, want: &str| {
            let rows =
                database_calls(&store, &Selection::default(), None, nested, DEFAULT_APDEX_NS, &Uninterrupted);
            let calls = rows.unwrap();
            dump(&calls.rows, want, |r| words(&store, r));
            for series in &calls.series {
                let own = calls.rows.iter().filter(|r| r.target == series.target);
                let sums = own.fold((0, 0), |s, r| (s.0 + r.red.calls, s.1 + r.red.total_ns));
                let over_time = (series.calls.iter().sum(), u128::from(series.total_ns.iter().sum::<u64>()));
                assert_eq!(over_time, sums, "{}", series.target);
            }
        };
        let rest = "web redis [GET t] 1 10 GET:1 | job redis [get] 1 5 ";
        check(Nested::Every, &format!("web sqlite [SELECT ?] 2 50 GET:1,orm:1 | {rest}"));
        check(Nested::Innermost, &format!("web sqlite [SELECT ?] 1 20 orm:1 | {rest}"));
    }

    #[test]
    fn calls_stand_for_those_that_sampling_left_out() {
        let store = store(
            "1 1 0 web server GET 10 90
             1 2 1 web client out 20 50 server.address=api error tracestate:ot=th:8
             1 3 1 web client out 20 40 server.address=api tracestate:ot=th:c
             1 4 1 web client out 20 40 server.address=api",
        );
        let weights = crate::analysis::weights(&store);
        let selection = Selection { weights: Some(&weights), ..Selection::ALL };
        let calls = external_calls(&store, &selection, None, DEFAULT_APDEX_NS, &Uninterrupted).unwrap();
        dump(&calls.rows, "web api [] 7 160 GET:7", |r| words(&store, r));
        let series = &calls.series[0];
        assert_eq!((calls.rows[0].red.errors, series.calls.iter().sum::<u64>()), (2, 7));
        assert_eq!((series.errors.iter().sum::<u64>(), series.total_ns.iter().sum::<u64>()), (2, 160));
        let map = crate::analysis::heatmap(
            &store,
            &selection,
            crate::analysis::Subject::default(),
            None,
            0,
            &Uninterrupted,
        );
        let map = map.unwrap();
        assert_eq!((map.counts.iter().sum::<u32>(), map.errors.iter().sum::<u32>()), (8, 2));
    }

    #[test]
    fn external_calls_are_clients_with_an_address_and_no_database() {
        let store = store(
            "1 1 0 web server GET 10 90 server.address=me
             1 2 1 web client out 20 50 server.address=api error
             1 3 1 web client out 20 40 http.host=api
             1 4 1 web client sql 20 40 server.address=api db.name=x
             1 5 1 web client out 20 40",
        );
        let rows = external_calls(&store, &Selection::default(), None, DEFAULT_APDEX_NS, &Uninterrupted)
            .unwrap()
            .rows;
        dump(&rows, "web api [] 2 50 GET:2", |r| words(&store, r));
        assert_eq!((rows[0].red.errors, rows[0].slowest), (1, 1));
    }
}
