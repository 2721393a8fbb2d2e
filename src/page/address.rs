//! The address after `#`: which view, of what, in which range.
//!
//! `#/trace/<id>?v=1&src=…&q=…&from=…&to=…&scope=…&span=…&theme=…`. Each part is validated alone: a bad one is
//! left out and the rest holds; unknown ones are kept. The table in `docs/url.md` is checked against
//! [`PARAMETERS`].

use super::bar::highlight::is_metrics;
use crate::engine::protocol::{Ns, Range, ScopeName};

/// Version of the address's words.
const VERSION: &str = "1";

/// Every parameter with what it means.
pub const PARAMETERS: &[(&str, &str)] = &[
    ("v", "version of the address, 1"),
    ("src", "address of a file to open: http(s) or relative to the page; may stand several times"),
    ("q", "TraceQL that chooses what is counted and listed"),
    ("from", "first nanosecond of the time range, since the epoch"),
    ("to", "first nanosecond after the time range, since the epoch"),
    ("scope", "which spans count as calls: entry, server or all"),
    ("span", "id of the selected span"),
    (
        "tab",
        "which part of a service (database, external or dependencies) or of the traces (spans, heatmap, series, table or differences) is shown",
    ),
    ("ops", "which spans the operations of a service count: entry or server; all where absent"),
    ("apdex", "threshold of the Apdex in seconds, 0.5 where absent"),
    ("pick", "what is chosen: a node of the map by its id, or a group of exceptions"),
    ("callee", "where the chosen connection of the map leads, from the node of pick"),
    ("near", "the node of the map that everything shown is near"),
    ("depth", "how many connections away from it is near; everything connected where absent"),
    (
        "by",
        "how exceptions are grouped: type or frame, by service, type and message where absent; what a table or lines over time are grouped by: fields in TraceQL with commas between them, - for none",
    ),
    ("fields", "fields in TraceQL, with commas between them, that the spans have as columns"),
    ("measure", "what the lines over time are: rate, count, errors, average, max or quantiles"),
    (
        "box",
        "what was chosen on the heatmap: first and last nanosecond of the time, shortest and longest duration, with commas between them",
    ),
    ("at", "which occurrence of a group is shown, 0 for the latest"),
    ("adjusted", "1 where spans count as often as their sampling threshold says"),
    ("find", "what is looked for in the trace: words, TraceQL or signs such as is:error"),
    (
        "look",
        "how the trace is looked at: words with commas between them, such as path, hide, merged:self, by:service",
    ),
    ("sort", "column that a table is sorted by, with - for descending"),
    ("theme", "light or dark; the system's where absent"),
];

/// What is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum View {
    /// The drop zone, or services once there is data.
    #[default]
    Home,
    /// All services.
    Services,
    /// One service, by name.
    Service(String),
    /// The traces table.
    Traces,
    /// One trace, by hex id.
    Trace(String),
    /// The service map.
    Map,
    /// Exceptions.
    Exceptions,
}

/// Light or dark, where the address says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    /// Dark text on white.
    Light,
    /// Light text on near-black.
    Dark,
}

impl Theme {
    /// The word in the address, in storage and on the root element.
    pub fn word(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Light, Self::Dark].into_iter().find(|t| t.word() == word)
    }
}

/// The whole state that an address carries.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Address {
    /// What is shown.
    pub view: View,
    /// Files to open.
    pub src: Vec<String>,
    /// TraceQL, or empty.
    pub q: String,
    /// Time range, or everything.
    pub range: Option<Range>,
    /// Which spans count as calls.
    pub scope: ScopeName,
    /// Selected span, hex, or empty.
    pub span: String,
    /// Part of a service, or empty for its overview.
    pub tab: String,
    /// Which spans a service's operations count.
    pub ops: Option<ScopeName>,
    /// Threshold of the Apdex, nanoseconds.
    pub apdex_ns: Option<u64>,
    /// Chosen node of the map or group of exceptions, or empty.
    pub pick: String,
    /// Where the chosen connection leads, or empty.
    pub callee: String,
    /// Node that the map is near, or empty.
    pub near: String,
    /// How far that reaches.
    pub depth: Option<u32>,
    /// How exceptions are grouped, or what a table is grouped by, or empty.
    pub by: String,
    /// Columns of the spans.
    pub fields: String,
    /// What the lines over time are, or empty.
    pub measure: String,
    /// What was chosen on the heatmap: `from,to,low,high`, or empty.
    pub boxed: String,
    /// Which occurrence of a group is shown; 0 is the latest.
    pub at: usize,
    /// Whether spans count by their sampling threshold.
    pub adjusted: bool,
    /// What is looked for in the trace.
    pub find: String,
    /// How the trace is looked at, words with commas between them.
    pub look: String,
    /// Sort column, or the table's own order.
    pub sort: String,
    /// Theme, or the stored or the system's one.
    pub theme: Option<Theme>,
    /// What this version does not know, as it stood.
    pub rest: Vec<(String, String)>,
}

impl Address {
    /// Reads the part after `#`.
    pub fn parse(hash: &str) -> Self {
        let (path, query) = hash.split_once('?').unwrap_or((hash, ""));
        let mut address = Self { view: parse_view(path), ..Self::default() };
        let (mut from, mut to) = (None, None);
        for part in query.split('&').filter(|p| !p.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let (key, value) = (decode(key), decode(value));
            match key.as_str() {
                "src" if !value.is_empty() => address.src.push(value),
                "q" => address.q = value,
                "from" => from = value.parse().ok(),
                "to" => to = value.parse().ok(),
                "scope" => address.scope = parse_scope(&value),
                "span" if is_hex(&value, 16) => address.span = value.to_ascii_lowercase(),
                "tab" => address.tab = value,
                "ops" if value == "entry" || value == "server" => address.ops = Some(parse_scope(&value)),
                "apdex" => address.apdex_ns = parse_seconds(&value),
                "pick" => address.pick = value,
                "callee" => address.callee = value,
                "near" => address.near = value,
                "depth" => address.depth = value.parse().ok().filter(|depth| *depth > 0),
                "by" => address.by = value,
                "fields" => address.fields = value,
                "measure" => address.measure = value,
                "box" => address.boxed = value,
                "at" => address.at = value.parse().unwrap_or(0),
                "adjusted" => address.adjusted = value == "1",
                "find" => address.find = value,
                "look" => address.look = value,
                "sort" => address.sort = value,
                "theme" => address.theme = Theme::from_word(&value),
                // The version says nothing yet; an empty or malformed value is left out.
                "v" | "src" | "span" | "ops" => {}
                _ => address.rest.push((key, value)),
            }
        }
        address.range = match (from, to) {
            (Some(from), Some(to)) if from < to => Some(Range { start_ns: Ns(from), end_ns: Ns(to) }),
            _ => None,
        };
        address
    }

    /// The part after `#`.
    pub fn print(&self) -> String {
        let mut out = self.view.path();
        let mut parts: Vec<(&str, String)> = self.src.iter().map(|s| ("src", s.clone())).collect();
        let mut add = |key, value: String| {
            if !value.is_empty() {
                parts.push((key, value));
            }
        };
        add("q", self.q.clone());
        if let Some(range) = self.range {
            add("from", range.start_ns.0.to_string());
            add("to", range.end_ns.0.to_string());
        }
        add(
            "scope",
            if self.scope == ScopeName::Entry { String::new() } else { scope_word(self.scope).to_owned() },
        );
        add("span", self.span.clone());
        add("tab", self.tab.clone());
        add("ops", self.ops.map_or_else(String::new, |scope| scope_word(scope).to_owned()));
        add("apdex", self.apdex_ns.map_or_else(String::new, print_seconds));
        add("pick", self.pick.clone());
        add("callee", self.callee.clone());
        add("near", self.near.clone());
        add("depth", self.depth.map_or_else(String::new, |depth| depth.to_string()));
        add("by", self.by.clone());
        add("fields", self.fields.clone());
        add("measure", self.measure.clone());
        add("box", self.boxed.clone());
        add("at", if self.at > 0 { self.at.to_string() } else { String::new() });
        add("adjusted", if self.adjusted { "1".to_owned() } else { String::new() });
        add("find", self.find.clone());
        add("look", self.look.clone());
        add("sort", self.sort.clone());
        add("theme", self.theme.map_or_else(String::new, |t| t.word().to_owned()));
        let rest = self.rest.iter().map(|(k, v)| (k.as_str(), v.clone()));
        let parts: Vec<(&str, String)> = parts.into_iter().chain(rest).collect();
        if !parts.is_empty() {
            out.push_str("?v=");
            out.push_str(VERSION);
            for (key, value) in parts {
                out.push('&');
                out.push_str(&encode(key));
                out.push('=');
                out.push_str(&encode(&value));
            }
        }
        out
    }

    /// The same data, query, range and scope in another view.
    /// A metrics query is a chart among the traces and chooses no spans, so other views go without it.
    #[must_use]
    pub fn with_view(&self, view: View) -> Self {
        let dropped = view != View::Traces && is_metrics(&self.q);
        let q = if dropped { String::new() } else { self.q.clone() };
        // What is particular to a view stays behind.
        Self {
            view,
            q,
            src: self.src.clone(),
            range: self.range,
            scope: self.scope,
            apdex_ns: self.apdex_ns,
            adjusted: self.adjusted,
            theme: self.theme,
            rest: self.rest.clone(),
            ..Self::default()
        }
    }
}

/// The word of a scope in the address and the script door.
pub fn scope_word(scope: ScopeName) -> &'static str {
    match scope {
        ScopeName::Entry => "entry",
        ScopeName::Server => "server",
        ScopeName::All => "all",
    }
}

fn parse_scope(word: &str) -> ScopeName {
    match word {
        "server" => ScopeName::Server,
        "all" => ScopeName::All,
        _ => ScopeName::Entry,
    }
}

/// Seconds as decimal text to nanoseconds; none unless it is a length from a nanosecond to a day.
pub fn parse_seconds(text: &str) -> Option<u64> {
    let seconds: f64 = text.trim().parse().ok()?;
    let ns = (seconds * 1e9).round();
    (1.0..=86_400e9).contains(&ns).then_some(ns as u64)
}

/// Nanoseconds as seconds in decimal text, without zeros at the end.
pub fn print_seconds(ns: u64) -> String {
    let text = format!("{}.{:09}", ns / 1_000_000_000, ns % 1_000_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

impl View {
    /// The path of the address.
    pub fn path(&self) -> String {
        match self {
            Self::Home => "/".to_owned(),
            Self::Services => "/services".to_owned(),
            Self::Service(name) => format!("/service/{}", encode(name)),
            Self::Traces => "/traces".to_owned(),
            Self::Trace(id) => format!("/trace/{}", encode(id)),
            Self::Map => "/map".to_owned(),
            Self::Exceptions => "/exceptions".to_owned(),
        }
    }
}

fn parse_view(path: &str) -> View {
    let path = path.strip_prefix('/').unwrap_or(path);
    let (head, tail) = path.split_once('/').unwrap_or((path, ""));
    match head {
        "services" => View::Services,
        "service" => View::Service(decode(tail)),
        "trace" if is_hex(tail, 32) => View::Trace(tail.to_ascii_lowercase()),
        "traces" | "trace" => View::Traces,
        "map" => View::Map,
        "exceptions" => View::Exceptions,
        _ => View::Home,
    }
}

fn is_hex(text: &str, most: usize) -> bool {
    !text.is_empty() && text.len() <= most && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Percent-encodes everything but RFC 3986's unreserved characters and a few that read well in a hash.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:,".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(b"0123456789ABCDEF"[usize::from(byte >> 4)]));
            out.push(char::from(b"0123456789ABCDEF"[usize::from(byte & 15)]));
        }
    }
    out
}

/// Undoes [`encode`]; a `%` without two hex digits stands for itself, a `+` for itself.
pub fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let byte = hex
            .and_then(|h| std::str::from_utf8(h).ok())
            .filter(|h| !h.starts_with('+'))
            .and_then(|h| u8::from_str_radix(h, 16).ok());
        out.push(byte.unwrap_or(bytes[at]));
        at += if byte.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_part_is_validated_alone_and_unknown_ones_are_kept() {
        let address = Address::parse(
            "/trace/5B8EFFF798038103D269B633813FC60C?v=1&src=a.json&src=https%3A%2F%2Fx%2Fb.pb&from=9&to=3&span=zz&scope=server&later=1&theme=puce",
        );
        assert_eq!(address.view, View::Trace("5b8efff798038103d269b633813fc60c".into()));
        assert_eq!(address.src, ["a.json", "https://x/b.pb"]);
        assert_eq!(address.range, None, "the range ends before it begins");
        assert_eq!((address.span.as_str(), address.scope, address.theme), ("", ScopeName::Server, None));
        assert_eq!(
            address.print(),
            "/trace/5b8efff798038103d269b633813fc60c?v=1&src=a.json&src=https:%2F%2Fx%2Fb.pb&scope=server&later=1".replace("%2F", "/")
        );
        assert_eq!(Address::parse("").view, View::Home);
        assert_eq!(Address::parse("/service/a%2Fb%20%e2%82%ac").view, View::Service("a/b €".into()));
        assert_eq!(decode("%zz%4"), "%zz%4");
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(
            service in ".*", src in prop::collection::vec(".+", 0..3), q in ".*", sort in "[-a-z0-9]*",
            range in proptest::option::of((0..u64::MAX / 2, 1..1_000_000_u64)), span in "[0-9a-f]{0,16}",
            apdex in 1..86_400_000_000_000_u64,
        ) {
            let q_too = q.clone();
            let address = Address {
                view: View::Service(service),
                src,
                q,
                range: range.map(|(from, len)| Range { start_ns: Ns(from), end_ns: Ns(from + len) }),
                scope: ScopeName::All,
                span,
                tab: "external".into(),
                ops: Some(ScopeName::Entry),
                apdex_ns: Some(apdex),
                pick: "db:a b".into(),
                callee: "cart".into(),
                near: "web".into(),
                depth: Some(2),
                by: "frame".into(),
                fields: "name,span.\"a,b\"".into(),
                measure: "max".into(),
                boxed: "1,2,3,4".into(),
                at: 7,
                adjusted: true,
                find: q_too,
                look: "path,merged:self".into(),
                sort,
                theme: Some(Theme::Dark),
                rest: vec![("new".into(), "a&b=c".into())],
            };
            prop_assert_eq!(Address::parse(&address.print()), address);
        }

        #[test]
        fn no_hash_is_too_strange(hash in ".*") {
            Address::parse(&hash);
        }
    }
}
