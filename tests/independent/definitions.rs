//! Definitions of names, as plainly as they can be written (semantics.md §4 and §9).

use std::sync::OnceLock;

use regex::Regex;

use spanscope::ingest::otlp::messages::{KeyValue, any_value};

/// The attributes of a span.
pub(crate) struct Attributes<'a>(pub(crate) &'a [KeyValue]);

impl Attributes<'_> {
    /// A value in words; none where the key is absent.
    pub(crate) fn get(&self, key: &str) -> Option<String> {
        let value = self.0.iter().rev().find(|a| a.key == key)?.value.as_ref()?.value.as_ref()?;
        Some(match value {
            any_value::Value::Str(s) => s.clone(),
            any_value::Value::Bool(b) => b.to_string(),
            any_value::Value::Int(i) => i.to_string(),
            any_value::Value::Double(d) => d.to_string(),
            _ => return None,
        })
    }

    fn some(&self, key: &str) -> Option<String> {
        self.get(key).filter(|text| !text.is_empty())
    }

    /// The database product; present also as empty text.
    pub(crate) fn database(&self) -> Option<String> {
        self.get("db.system.name").or_else(|| self.get("db.system"))
    }

    pub(crate) fn messaging(&self) -> Option<String> {
        self.some("messaging.system")
    }

    /// The other side of a call outside; none where any attribute is of a database.
    pub(crate) fn address(&self) -> Option<String> {
        if self.0.iter().any(|a| a.key.starts_with("db.")) {
            return None;
        }
        if self.some("rpc.system.name").or_else(|| self.some("rpc.system")).is_some() {
            let method = self.some("rpc.method");
            if let (Some(service), Some(method)) = (self.some("rpc.service"), &method) {
                return Some(format!("{service}/{method}"));
            }
            if let Some(full) = method.filter(|m| m.contains('/')) {
                return Some(full);
            }
        }
        if let Some(host) = self.some("http.host") {
            return Some(host);
        }
        for (host, port) in [
            ("net.peer.name", "net.peer.port"),
            ("server.address", "server.port"),
            ("net.peer.ip", "net.peer.port"),
            ("net.sock.peer.addr", "net.sock.peer.port"),
            ("network.peer.address", "network.peer.port"),
        ] {
            if let Some(host) = self.some(host) {
                return Some(match self.some(port) {
                    Some(port) => format!("{host}:{port}"),
                    None => host,
                });
            }
        }
        let url = self.some("url.full").or_else(|| self.some("http.url"));
        let host = url.and_then(|url| {
            let rest = url.split_once("://")?.1.to_owned();
            let authority = rest.split(['/', '?', '#']).next()?.rsplit('@').next()?.to_owned();
            Some(authority).filter(|a| !a.is_empty())
        });
        host.or_else(|| self.some("service.peer.name")).or_else(|| self.some("peer.service"))
    }
}

/// A message without its particulars.
pub(crate) fn normal(message: &str) -> String {
    static FORMS: OnceLock<[(Regex, &str); 7]> = OnceLock::new();
    let forms = FORMS.get_or_init(|| {
        [
            (r#"'[^']*'|"[^"]*""#, "<str>"),
            (r#"WORD[A-Za-z][A-Za-z0-9-]*://[^ "'<>)\],]*"#, "<url>"),
            (r"WORD[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}WORD", "<uuid>"),
            (
                r"WORD[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:]*[0-9](\.[0-9]+)?(Z|[+-][0-9][0-9:]*)?)?WORD",
                "<time>",
            ),
            (r"WORD[0-9]{1,3}(\.[0-9]{1,3}){3}WORD", "<ip>"),
            (r"WORD0[xX][0-9a-fA-F]+WORD", "<hex>"),
            (r"WORD[0-9]+(\.[0-9]+)?", "<num>"),
        ]
        .map(|(form, name)| (Regex::new(&form.replace("WORD", r"(?-u:\b)")).unwrap(), name))
    });
    let mut text = message.split_whitespace().collect::<Vec<_>>().join(" ");
    for (form, name) in forms {
        text = form.replace_all(&text, *name).into_owned();
    }
    text
}
