//! The service map: who calls whom, which databases, brokers and hosts outside (script-api.md
//! `service_map`, semantics.md §5.3 as settled in §11.1).
//!
//! An edge counts one span: the child of another service, the linking span, the span that names a database,
//! a broker or an address, the root that a user called. Range and query choose the counted spans; the scope
//! is not asked, because each kind of edge has a role of its own. A CLIENT span whose call has a child in
//! another service is no external call: the callee is in the data.

mod query;

pub use query::service_condition;

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::grouping::Grouping;
use super::lookup::Lookup;
use super::red::{Red, RedTable};
use super::remote::{Address, Remote, text};
use super::selection::{Checkpoint, Error, Scope, Selection};
use super::services::services_by_name;
use crate::model::SpanKind;
use crate::store::order;
use crate::store::{AttrId, RowSet, ServiceId, Store, mark};

/// A place on the map.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Place {
    /// A service of the data.
    Service(String),
    /// A database product.
    Database(String),
    /// A messaging product.
    Messaging(String),
    /// An address without spans of its own.
    External(String),
    /// Whoever calls a root.
    User,
}

impl Place {
    /// The node's id at the script door: a service's name, else `db:`, `msg:`, `ext:` and a name, or `user:`.
    pub fn id(&self) -> String {
        match self {
            Self::Service(name) => name.clone(),
            Self::Database(name) => format!("db:{name}"),
            Self::Messaging(name) => format!("msg:{name}"),
            Self::External(name) => format!("ext:{name}"),
            Self::User => "user:".to_owned(),
        }
    }

    /// The node's kind at the script door.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Service(_) => "service",
            Self::Database(_) => "database",
            Self::Messaging(_) => "messaging",
            Self::External(_) => "external",
            Self::User => "user",
        }
    }
}

/// Why two places are connected.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum EdgeKind {
    /// The counted span's parent belongs to another service.
    Service,
    /// The counted span links to a span, of whatever service.
    Link,
    /// The counted span names a database and is no SERVER span.
    Database,
    /// The counted PRODUCER or CONSUMER span names a broker.
    Messaging,
    /// The counted CLIENT span names an address that has no spans here.
    External,
    /// The counted SERVER or CONSUMER span is a root.
    User,
}

impl EdgeKind {
    /// Every kind, in order.
    const ALL: [Self; 6] =
        [Self::Service, Self::Link, Self::Database, Self::Messaging, Self::External, Self::User];

    /// The lower-case word of the script door.
    pub fn word(self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Link => "link",
            Self::Database => "database",
            Self::Messaging => "messaging",
            Self::External => "external",
            Self::User => "user",
        }
    }
}

/// A place with its spans.
#[derive(Clone, PartialEq, Debug)]
pub struct Node {
    /// Which place.
    pub place: Place,
    /// A service's selected spans; of other places the spans that name them.
    pub spans: u64,
    /// Those with status ERROR.
    pub errors: u64,
    /// A service's entry spans; of other places the spans that name them.
    pub red: Red,
    /// TraceQL that finds exactly `spans`.
    pub q: String,
}

/// A connection, from caller to called.
#[derive(Clone, PartialEq, Debug)]
pub struct Edge {
    /// Index of the caller in [`ServiceMap::nodes`].
    pub from: u32,
    /// Index of the called in [`ServiceMap::nodes`].
    pub to: u32,
    /// Why.
    pub kind: EdgeKind,
    /// The counted spans.
    pub red: Red,
    /// TraceQL that finds exactly the counted spans, so far as an address can be told by it; empty for
    /// links, which TraceQL cannot follow.
    pub q: String,
}

/// Places and connections.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ServiceMap {
    /// By id; services without any connection too.
    pub nodes: Vec<Node>,
    /// By caller, called, kind.
    pub edges: Vec<Edge>,
}

/// Draws the map of the selected spans.
pub fn service_map(
    store: &Store,
    selection: &Selection<'_>,
    apdex_ns: u64,
    checkpoint: &dyn Checkpoint,
) -> Result<ServiceMap, Error> {
    let selection = selection.scoped(Scope::All);
    let spans = store.spans();
    let called = callers_in_the_data(store, checkpoint)?;
    let mut remote = Remote::new(store);
    let mut map = Counting::new(store, selection, apdex_ns);
    selection.each(store, checkpoint, |row| {
        let kind = spans.kind(row);
        let service = store.service(row).0;
        map.met(service, row, store.marks(row) & mark::ENTRY != 0);
        if let Some(parent) = store.parent(row) {
            let caller = store.service(parent).0;
            if caller != service {
                map.edge(caller, service, EdgeKind::Service, row);
            }
        }
        if matches!(kind, SpanKind::Server | SpanKind::Consumer) && store.marks(row) & mark::ROOT != 0 {
            let user = map.place(Place::User);
            map.met(user, row, true);
            map.edge(user, service, EdgeKind::User, row);
        }
        if kind == SpanKind::Server {
            return;
        }
        remote.read(row);
        if let Some(system) = remote.database() {
            let database = map.cached(Origin::Database(system), |s| Place::Database(text(s, system)));
            map.met(database, row, true);
            map.edge(service, database, EdgeKind::Database, row);
        }
        if matches!(kind, SpanKind::Producer | SpanKind::Consumer)
            && let Some(system) = remote.messaging()
        {
            let broker = map.cached(Origin::Messaging(system), |s| Place::Messaging(text(s, system)));
            map.met(broker, row, true);
            let (from, to) = if kind == SpanKind::Producer { (service, broker) } else { (broker, service) };
            map.edge(from, to, EdgeKind::Messaging, row);
        }
        if kind == SpanKind::Client
            && !remote.has_database()
            && !called.contains(row)
            && let Some(address) = remote.address()
        {
            let host = map.cached(Origin::Address(address), |s| Place::External(address.text(s)));
            map.met(host, row, true);
            map.edge(service, host, EdgeKind::External, row);
        }
    })?;
    let mut lookup = Lookup::new(store);
    for link in 0..spans.links.span.len() {
        let row = spans.links.span.get(link);
        if row as usize >= store.len() {
            break;
        }
        if selection.contains(store, row)
            && let Some(target) = lookup.find(spans.links.trace_id.get(link), spans.links.span_id.get(link))
        {
            map.edge(store.service(target).0, store.service(row).0, EdgeKind::Link, row);
        }
    }
    Ok(map.finish(selection.seconds(store)))
}

/// Spans that have a child in another service.
pub(crate) fn callers_in_the_data(store: &Store, checkpoint: &dyn Checkpoint) -> Result<RowSet, Error> {
    let mut called = RowSet::new(store.len());
    Selection::ALL.each(store, checkpoint, |row| {
        if let Some(parent) = store.parent(row)
            && store.service(parent) != store.service(row)
        {
            called.insert(parent);
        }
    })?;
    Ok(called)
}

/// Two places and a kind of edge in one number, which is hashed with every span.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
struct Line(u64);

impl Line {
    /// Places are numbered from 0 and far fewer than 2^30.
    fn new(from: u32, to: u32, kind: EdgeKind) -> Self {
        Self(u64::from(from) << 34 | u64::from(to) << 4 | kind as u64)
    }

    fn ends(self) -> (u32, u32, EdgeKind) {
        let kind = EdgeKind::ALL[(self.0 & 15) as usize % EdgeKind::ALL.len()];
        ((self.0 >> 34) as u32, (self.0 >> 4) as u32 & ((1 << 30) - 1), kind)
    }
}

/// What a place was made of, so that its text is made once and a query can ask for it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Origin {
    Database(AttrId),
    Messaging(AttrId),
    Address(Address),
}

/// The map being counted. Places are numbered: services by their id, others as they are met.
struct Counting<'a> {
    store: &'a Store,
    selection: Selection<'a>,
    places: Vec<Place>,
    numbers: HashMap<Place, u32, FixedState>,
    origins: HashMap<Origin, u32, FixedState>,
    met: Vec<(u64, u64)>,
    edges: Grouping<Line>,
    reds: RedTable,
    node_reds: RedTable,
}

impl<'a> Counting<'a> {
    fn new(store: &'a Store, selection: Selection<'a>, apdex_ns: u64) -> Self {
        let name = |id| Place::Service(store.service_name(ServiceId(id)).to_owned());
        let places: Vec<Place> = (0..store.service_count() as u32).map(name).collect();
        Self {
            store,
            selection,
            met: vec![(0, 0); places.len()],
            places,
            numbers: HashMap::with_hasher(FixedState::default()),
            origins: HashMap::with_hasher(FixedState::default()),
            edges: Grouping::default(),
            reds: RedTable::new(0, apdex_ns),
            node_reds: RedTable::new(0, apdex_ns),
        }
    }

    fn place(&mut self, place: Place) -> u32 {
        let next = self.places.len() as u32;
        let number = *self.numbers.entry(place.clone()).or_insert(next);
        if number == next {
            self.places.push(place);
            self.met.push((0, 0));
        }
        number
    }

    fn cached(&mut self, origin: Origin, make: impl FnOnce(&Store) -> Place) -> u32 {
        if let Some(&number) = self.origins.get(&origin) {
            return number;
        }
        let number = self.place(make(self.store));
        self.origins.insert(origin, number);
        number
    }

    #[inline]
    fn met(&mut self, place: u32, row: u32, called: bool) {
        let (spans, errors) = &mut self.met[place as usize];
        *spans += 1;
        *errors += u64::from(self.store.spans().is_error(row));
        if called {
            self.node_reds.push_row(place, self.store, row, &self.selection);
        }
    }

    #[inline]
    fn edge(&mut self, from: u32, to: u32, kind: EdgeKind, row: u32) {
        let group = self.edges.of(Line::new(from, to, kind));
        self.reds.push_row(group, self.store, row, &self.selection);
    }

    fn finish(self, seconds: Option<f64>) -> ServiceMap {
        let mut shown: Vec<u32> = services_by_name(self.store).into_iter().map(|s| s.0).collect();
        shown.extend(self.store.service_count() as u32..self.places.len() as u32);
        order::sort_by_cached_key(&mut shown, |&number| self.places[number as usize].id());
        let queries = query::Queries::new(self.store, &self.places, &self.origins);
        let mut node_reds = self.node_reds.finish(seconds);
        node_reds.resize(self.places.len(), Red { rate_per_s: seconds.map(|_| 0.0), ..Red::default() });
        let mut index = vec![0; self.places.len()];
        let mut nodes = Vec::with_capacity(shown.len());
        for number in shown {
            index[number as usize] = nodes.len() as u32;
            let (spans, errors) = self.met[number as usize];
            nodes.push(Node {
                place: self.places[number as usize].clone(),
                spans,
                errors,
                red: node_reds[number as usize],
                q: queries.node(number),
            });
        }
        let reds = self.reds.finish(seconds);
        let mut edges: Vec<Edge> = self
            .edges
            .keys()
            .iter()
            .zip(reds)
            .map(|(line, red)| {
                let (from, to, kind) = line.ends();
                let q = queries.edge(from, to, kind);
                Edge { from: index[from as usize], to: index[to as usize], kind, red, q }
            })
            .collect();
        order::sort_by_key(&mut edges, |e| (e.from, e.to, e.kind));
        ServiceMap { nodes, edges }
    }
}

#[cfg(test)]
mod tests;
