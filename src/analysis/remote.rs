//! What a span says of the other side of a call: database, broker, address (semantics.md §4).
//!
//! Each attribute key gets a role once; a span's attributes are then read by table look-ups, and the text
//! of an address is made once per distinct pair of values. Empty text counts as absent.

use crate::store::{AttrId, Store, ValueRef};

/// Roles of attribute keys; those of one rule stand in order of preference.
const ROLES: &[&str] = &[
    "db.system.name",
    "db.system",
    "db.query.text",
    "db.statement",
    "db.operation.name",
    "db.operation",
    "db.collection.name",
    "db.sql.table",
    "messaging.system",
    "rpc.system.name",
    "rpc.system",
    "rpc.service",
    "rpc.method",
    "http.host",
    "net.peer.name",
    "server.address",
    "net.peer.ip",
    "net.sock.peer.addr",
    "network.peer.address",
    "url.full",
    "http.url",
    "service.peer.name",
    "peer.service",
    "net.peer.port",
    "server.port",
    "net.sock.peer.port",
    "network.peer.port",
];

/// The place of a key in [`ROLES`], found when this is compiled.
const fn role(key: &str) -> usize {
    let mut at = 0;
    while at < ROLES.len() {
        let (a, b) = (ROLES[at].as_bytes(), key.as_bytes());
        let mut i = 0;
        while i < a.len() && i < b.len() && a[i] == b[i] {
            i += 1;
        }
        if i == a.len() && i == b.len() {
            return at;
        }
        at += 1;
    }
    panic!("no such role")
}

/// Names of hosts with the attribute of their port, in SigNoz's order.
const PEERS: [(usize, usize); 5] = [
    (role("net.peer.name"), role("net.peer.port")),
    (role("server.address"), role("server.port")),
    (role("net.peer.ip"), role("net.peer.port")),
    (role("net.sock.peer.addr"), role("net.sock.peer.port")),
    (role("network.peer.address"), role("network.peer.port")),
];

/// The roles of the `db.` family come first.
const DB_ROLES: usize = role("messaging.system");

/// Any other key that begins with `db.`.
const DB_OTHER: u8 = ROLES.len() as u8 + 1;

/// The role of every attribute pair of a store: 0 for none.
pub(crate) struct Roles {
    by_attr: Vec<u8>,
    /// Whether any pair has one.
    any: bool,
}

impl Roles {
    pub(crate) fn of(store: &Store) -> Self {
        let attributes = store.attributes();
        let by_key: Vec<u8> = (0..attributes.key_count() as u32)
            .map(|key| {
                let text = attributes.key_text(crate::store::KeyId(key));
                match ROLES.iter().position(|&role| role == text) {
                    Some(role) => role as u8 + 1,
                    None if text.starts_with("db.") => DB_OTHER,
                    None => 0,
                }
            })
            .collect();
        let key = |id: u32| attributes.key(AttrId(id)).0 as usize;
        let any = by_key.iter().any(|&role| role != 0);
        let pairs = if any { attributes.len() as u32 } else { 0 };
        let by_attr = (0..pairs).map(|id| by_key[key(id)]).collect();
        Self { by_attr, any }
    }
}

/// How the text of an address is made of its attributes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Address {
    /// The value as it stands.
    Plain(AttrId),
    /// Two values with `:` between them.
    Port(AttrId, AttrId),
    /// Two values with `/` between them.
    Method(AttrId, AttrId),
    /// The host and port of a URL.
    Url(AttrId),
}

/// The attributes with a role of one span; a buffer to be read again and again.
pub(crate) struct Remote<'a> {
    store: &'a Store,
    roles: Roles,
    /// The attribute of each role, [`ABSENT`] where there is none.
    found: [u32; ROLES.len()],
    any_db: bool,
    /// Whether anything was found: most spans have nothing to be forgotten again.
    touched: bool,
}

/// No attribute.
const ABSENT: u32 = u32::MAX;

impl<'a> Remote<'a> {
    pub(crate) fn new(store: &'a Store) -> Self {
        Self { store, roles: Roles::of(store), found: [ABSENT; ROLES.len()], any_db: false, touched: false }
    }

    /// Reads a span's attributes.
    #[inline]
    pub(crate) fn read(&mut self, row: u32) {
        if self.touched {
            self.found = [ABSENT; ROLES.len()];
            (self.any_db, self.touched) = (false, false);
        }
        if !self.roles.any {
            return;
        }
        let Self { store, roles, found, any_db, touched } = self;
        store.spans().each_attribute(row, |id| {
            let role = roles.by_attr[id.0 as usize];
            if role == 0 {
                return;
            }
            *touched = true;
            match found.get_mut(role as usize - 1) {
                Some(found) => *found = id.0,
                None => *any_db = true,
            }
        });
    }

    /// The attribute of a role, also where it is empty text.
    fn at(&self, role: usize) -> Option<AttrId> {
        Some(self.found[role]).filter(|&id| id != ABSENT).map(AttrId)
    }

    /// The attribute of a role, unless it is absent or empty text.
    fn get(&self, role: usize) -> Option<AttrId> {
        let id = self.at(role)?;
        (self.store.attributes().value(id) != ValueRef::Str(b"")).then_some(id)
    }

    fn first<const N: usize>(&self, roles: [usize; N]) -> Option<AttrId> {
        roles.into_iter().find_map(|role| self.get(role))
    }

    /// The database product, present on every database call (also as empty text).
    pub(crate) fn database(&self) -> Option<AttrId> {
        self.at(const { role("db.system.name") }).or(self.at(const { role("db.system") }))
    }

    /// Whether any attribute of the `db.` family is there: such a span is no external call.
    pub(crate) fn has_database(&self) -> bool {
        self.any_db || self.found[..DB_ROLES].iter().any(|&id| id != ABSENT)
    }

    /// The text of a statement.
    pub(crate) fn statement(&self) -> Option<AttrId> {
        self.first(const { [role("db.query.text"), role("db.statement")] })
    }

    /// Operation and collection, where no statement is there.
    pub(crate) fn database_operation(&self) -> (Option<AttrId>, Option<AttrId>) {
        (
            self.first(const { [role("db.operation.name"), role("db.operation")] }),
            self.first(const { [role("db.collection.name"), role("db.sql.table")] }),
        )
    }

    /// The messaging product.
    pub(crate) fn messaging(&self) -> Option<AttrId> {
        self.get(const { role("messaging.system") })
    }

    /// The address of the other side, by the first rule that has its attributes.
    pub(crate) fn address(&self) -> Option<Address> {
        if self.first(const { [role("rpc.system.name"), role("rpc.system")] }).is_some() {
            let method = self.get(const { role("rpc.method") });
            if let (Some(service), Some(method)) = (self.get(const { role("rpc.service") }), method) {
                return Some(Address::Method(service, method));
            }
            // Since semantic conventions 1.39 the method is `package.Service/Method` by itself.
            if let Some(full) = method.filter(|&id| text(self.store, id).contains('/')) {
                return Some(Address::Plain(full));
            }
        }
        if let Some(host) = self.get(const { role("http.host") }) {
            return Some(Address::Plain(host));
        }
        for (name, port) in PEERS {
            if let Some(host) = self.get(name) {
                return Some(match self.get(port) {
                    Some(port) => Address::Port(host, port),
                    None => Address::Plain(host),
                });
            }
        }
        if let Some(url) = self.first(const { [role("url.full"), role("http.url")] })
            && !url_host(&text(self.store, url)).is_empty()
        {
            return Some(Address::Url(url));
        }
        self.first(const { [role("service.peer.name"), role("peer.service")] }).map(Address::Plain)
    }
}

impl Address {
    /// The address in words.
    pub(crate) fn text(self, store: &Store) -> String {
        match self {
            Self::Plain(id) => text(store, id),
            Self::Port(host, port) => format!("{}:{}", text(store, host), text(store, port)),
            Self::Method(service, method) => format!("{}/{}", text(store, service), text(store, method)),
            Self::Url(url) => url_host(&text(store, url)).to_owned(),
        }
    }
}

/// An attribute's value in words.
pub(crate) fn text(store: &Store, id: AttrId) -> String {
    store.attributes().value(id).display()
}

/// Host and port of `scheme://user@host:port/path`; empty for anything else.
fn url_host(url: &str) -> &str {
    let Some((_, rest)) = url.split_once("://") else { return "" };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;

    #[test]
    fn addresses_follow_the_order_of_the_rules() {
        let check = |attributes: &str, want: &str| {
            let store = store(&format!("1 1 0 a client r 1 2 {attributes}"));
            let mut remote = Remote::new(&store);
            remote.read(0);
            assert_eq!(remote.address().map_or(String::new(), |a| a.text(&store)), want);
        };
        check("rpc.system=grpc rpc.service=p.S rpc.method=M server.address=h", "p.S/M");
        check("rpc.system.name=grpc rpc.method=p.S/M", "p.S/M");
        check("rpc.system=grpc rpc.method=M server.address=h server.port=80", "h:80");
        check("rpc.service=p.S rpc.method=M", "");
        check("http.host=a:1 net.peer.name=b", "a:1");
        check("net.peer.name=b net.peer.port=99 server.address=c", "b:99");
        check("server.address=c http.url=http://d/", "c");
        check("server.address= net.sock.peer.addr=10.0.0.1", "10.0.0.1");
        check("network.peer.address=::1 network.peer.port=5", "::1:5");
        check("http.url=https://u:p@d.example:8443/x?y=http://z peer.service=s", "d.example:8443");
        check("url.full=/relative peer.service=s service.peer.name=t", "t");
        check("http.method=GET", "");
    }

    #[test]
    fn any_db_attribute_makes_a_database_call() {
        let store = store(
            "1 1 0 a client r 1 2 db.redis.x=1\n1 2 0 a client r 1 2 x=1\n1 3 0 a client r 1 2 db.system=",
        );
        let mut remote = Remote::new(&store);
        let mut seen = Vec::new();
        for row in 0..3 {
            remote.read(row);
            seen.push((remote.has_database(), remote.database().is_some()));
        }
        assert_eq!(seen, [(true, false), (false, false), (true, true)]);
    }
}
