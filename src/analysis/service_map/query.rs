//! The TraceQL that finds the spans which a node or an edge counts.
//!
//! An edge's query is written from the attributes that named its places, so what a link on the map leads to
//! is what the map counted (a test compares the two). Two things it does not tell: an address that several
//! rules of semantics.md §4 could give is asked by its attribute, not by the absence of better ones; and the
//! node of an address also finds calls whose callee is in the data, which its edges leave out.

use foldhash::fast::FixedState;
use hashbrown::HashMap;

use super::{EdgeKind, Origin, Place};
use crate::analysis::remote::Address;
use crate::store::order;
use crate::store::{AttrId, Store};
use crate::traceql::{attribute_field, literal, quoted};

/// Queries of the places of one map.
pub(super) struct Queries<'a> {
    places: &'a [Place],
    /// By place: the condition on a span that names it; empty for services and users.
    conditions: Vec<String>,
    /// What tells a call outside from a database call, where the data has any.
    no_database: String,
}

impl<'a> Queries<'a> {
    pub(super) fn new(
        store: &Store,
        places: &'a [Place],
        origins: &HashMap<Origin, u32, FixedState>,
    ) -> Self {
        let mut told: Vec<Vec<String>> = vec![Vec::new(); places.len()];
        for (&origin, &place) in origins {
            told[place as usize].push(condition(store, origin));
        }
        let either = |mut all: Vec<String>| {
            order::sort(&mut all);
            all.dedup();
            match &all[..] {
                [] => String::new(),
                [one] => one.clone(),
                all => format!("({})", all.join(" || ")),
            }
        };
        let known = |key: &&str| store.attributes().find_key(key).is_some();
        let keys = ["db.system", "db.system.name"];
        let absent = |key: &&str| if known(key) { format!(" && span.{key} = nil") } else { String::new() };
        Self {
            places,
            conditions: told.into_iter().map(either).collect(),
            no_database: keys.each_ref().map(absent).concat(),
        }
    }

    /// What finds the spans of a node.
    pub(super) fn node(&self, place: u32) -> String {
        let condition = &self.conditions[place as usize];
        match &self.places[place as usize] {
            Place::Service(name) => format!("{{ {} }}", service_condition(name)),
            Place::Database(_) => format!("{{ kind != server && {condition} }}"),
            Place::Messaging(_) => format!("{{ (kind = producer || kind = consumer) && {condition} }}"),
            Place::External(_) => format!("{{ kind = client && {condition}{} }}", self.no_database),
            Place::User => format!("{{ {USER} }}"),
        }
    }

    /// What finds the spans of an edge.
    pub(super) fn edge(&self, from: u32, to: u32, kind: EdgeKind) -> String {
        let condition = |place: u32| &self.conditions[place as usize];
        let caller = || self.service(from);
        match kind {
            EdgeKind::Service => format!("{{ {} }} > {{ {} }}", caller(), self.service(to)),
            EdgeKind::Link => String::new(),
            EdgeKind::Database => format!("{{ {} && kind != server && {} }}", caller(), condition(to)),
            EdgeKind::Messaging => match self.places[from as usize] {
                Place::Service(_) => format!("{{ {} && kind = producer && {} }}", caller(), condition(to)),
                _ => format!("{{ {} && kind = consumer && {} }}", self.service(to), condition(from)),
            },
            // `!<` keeps the spans at its right that are no parent of one at its left.
            EdgeKind::External => format!(
                "{{ {} }} !< {{ {} && kind = client && {}{} }}",
                self.others(from),
                caller(),
                condition(to),
                self.no_database
            ),
            EdgeKind::User => format!("{{ {} && {USER} }}", self.service(to)),
        }
    }

    /// Every service but this one.
    fn others(&self, place: u32) -> String {
        match &self.places[place as usize] {
            Place::Service(name) if name.is_empty() => "resource.service.name != \"\"".to_owned(),
            Place::Service(name) => format!("resource.service.name != {}", quoted(name)),
            _ => String::new(),
        }
    }

    fn service(&self, place: u32) -> String {
        match &self.places[place as usize] {
            Place::Service(name) => service_condition(name),
            _ => String::new(),
        }
    }
}

/// A root that somebody outside called.
const USER: &str = "(kind = server || kind = consumer) && span:parentID = \"\"";

/// A condition that the spans of a service meet; one without a name comes from resources without one.
pub fn service_condition(name: &str) -> String {
    match name {
        "" => "(resource.service.name = nil || resource.service.name = \"\")".to_owned(),
        name => format!("resource.service.name = {}", quoted(name)),
    }
}

/// The attribute that named a place, as a condition.
fn condition(store: &Store, origin: Origin) -> String {
    match origin {
        Origin::Database(id) => {
            let equal = equal(store, id);
            // The newer key is read first.
            let older = key(store, id) == "db.system";
            if older { format!("({equal} && span.db.system.name = nil)") } else { equal }
        }
        Origin::Messaging(id) | Origin::Address(Address::Plain(id)) => equal(store, id),
        Origin::Address(Address::Port(a, b) | Address::Method(a, b)) => {
            format!("({} && {})", equal(store, a), equal(store, b))
        }
        Origin::Address(Address::Url(id)) => {
            let host = Address::Url(id).text(store);
            let field = field(store, id);
            format!("{field} =~ {}", quoted(&format!("[^:]*://([^/?#]*@)?{}([/?#].*)?", literally(&host))))
        }
    }
}

fn key(store: &Store, id: AttrId) -> &str {
    store.attributes().key_text(store.attributes().key(id))
}

fn field(store: &Store, id: AttrId) -> String {
    attribute_field("span", key(store, id))
}

/// `span.key = value`, with the value in its own type.
fn equal(store: &Store, id: AttrId) -> String {
    format!("{} = {}", field(store, id), literal(store, id))
}

/// A text as a regular expression that matches itself.
fn literally(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() && c.is_ascii() {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
