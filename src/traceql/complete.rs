//! Completions for the query bar: what can stand at the cursor, with the keys and values that the store
//! really holds and how often.

mod context;
mod counts;

use context::{Context, Place};
pub use counts::Counts;

use super::ast::{Attr, AttrScope, Intrinsic};
use super::friendly::quote;
use super::words;
use crate::model::{SpanKind, StatusCode};
use crate::store::Store;
use crate::store::order;

/// Most items of one answer.
const MAX_ITEMS: usize = 50;

/// What an item is, for its icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ItemKind {
    /// `span.` and its like.
    Scope,
    /// An attribute.
    Key,
    /// An intrinsic.
    Intrinsic,
    /// A value.
    Value,
    /// An operator.
    Operator,
    /// A pipeline or metrics function.
    Function,
}

impl ItemKind {
    /// Its word on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Scope => "scope",
            Self::Key => "key",
            Self::Intrinsic => "intrinsic",
            Self::Value => "value",
            Self::Operator => "operator",
            Self::Function => "function",
        }
    }
}

/// One proposal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The text that takes the place of `from..to`.
    pub insert: String,
    /// What it is.
    pub kind: ItemKind,
    /// A count or an explanation.
    pub detail: String,
}

/// The answer for a cursor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// Byte offset where the replaced text begins.
    pub from: usize,
    /// Byte offset behind the replaced text.
    pub to: usize,
    /// Best first.
    pub items: Vec<Item>,
}

/// Completions at a byte offset. Counting costs a pass over the attributes; whoever asks often keeps
/// [`Counts`] and calls [`complete_with`].
pub fn complete(store: &Store, text: &str, cursor: usize) -> Completion {
    complete_with(store, &Counts::new(store), text, cursor)
}

/// Completions at a byte offset with counts at hand.
pub fn complete_with(store: &Store, counts: &Counts, text: &str, cursor: usize) -> Completion {
    let mut cursor = cursor.min(text.len());
    while !text.is_char_boundary(cursor) {
        cursor -= 1;
    }
    let Context { from, place } = Context::new(&text[..cursor]);
    let typed = &text[from..cursor];
    let mut items = match place {
        Place::Operand => operands(store, counts),
        Place::Attribute => {
            operands(store, counts).into_iter().filter(|i| i.kind != ItemKind::Value).collect()
        }
        Place::Operator => operators(&["=", "!=", ">", ">=", "<", "<=", "=~", "!~", "&&", "||", "}"]),
        Place::Value(attr, bare_only) => values(store, counts, &attr, bare_only),
        // The first key opens the filter that it stands in.
        Place::Start if !typed.is_empty() => {
            let keys = operands(store, counts).into_iter().filter(|i| i.kind != ItemKind::Value);
            keys.map(|i| Item { insert: format!("{{ {}", i.insert), ..i }).collect()
        }
        Place::Start => vec![item("{ ", ItemKind::Operator, "filter spans")],
        Place::Bare => operands(store, counts).into_iter().filter(|i| i.kind != ItemKind::Value).collect(),
        Place::Stage => functions(),
        Place::Join => operators(&[
            "|", "&&", "||", ">", ">>", "<", "<<", "~", "!>", "!>>", "!<", "!<<", "!~", "&>", "&>>", "&<",
            "&<<", "&~",
        ]),
    };
    let wanted = typed.trim_start_matches('"').to_lowercase();
    let rank = |item: &Item| {
        let text = item.insert.to_lowercase();
        let text = text.trim_start_matches("{ ").trim_start_matches('"');
        if text.starts_with(&wanted) {
            return Some(0);
        }
        // A key is also found by a later part of its name, best by the beginning of one.
        let at = text.find(&wanted)?;
        let begins = text[..at].ends_with(|c: char| !c.is_alphanumeric());
        Some(if begins { 1 } else { 2 })
    };
    let mut ranked: Vec<(u8, Item)> = items.drain(..).filter_map(|i| rank(&i).map(|r| (r, i))).collect();
    order::sort_by_key(&mut ranked, |(r, _)| *r);
    let items = ranked.into_iter().map(|(_, i)| i).take(MAX_ITEMS).collect();
    Completion { from, to: cursor, items }
}

fn item(insert: &str, kind: ItemKind, detail: &str) -> Item {
    Item { insert: insert.to_owned(), kind, detail: detail.to_owned() }
}

fn operators(list: &[&str]) -> Vec<Item> {
    let meaning = |op: &str| match op {
        "=" => "equals",
        "!=" => "is another value",
        "=~" => "matches a regular expression as a whole",
        "!~" => "matches not",
        ">>" => "descendants",
        "<<" => "ancestors",
        "~" => "siblings",
        "|" => "then",
        "&&" => "and",
        "||" => "or",
        _ => "",
    };
    list.iter().map(|op| item(op, ItemKind::Operator, meaning(op))).collect()
}

fn functions() -> Vec<Item> {
    let stage = [
        ("count() ", "how many spans a spanset has"),
        ("avg(", "average of a number"),
        ("max(", "largest number"),
        ("min(", "smallest number"),
        ("sum(", "sum of a number"),
        ("by(", "split by a value"),
        ("select(", "show attributes"),
        ("coalesce()", "join the groups again"),
        ("{ ", "filter again"),
    ];
    let metrics = words::METRICS.iter().map(|m| {
        let open = if matches!(*m, "rate" | "count_over_time") { "()" } else { "(" };
        item(&format!("{m}{open}"), ItemKind::Function, "time series")
    });
    let second =
        ["topk(", "bottomk("].iter().map(|m| item(m, ItemKind::Function, "highest or lowest series"));
    stage
        .iter()
        .map(|(text, detail)| item(text, ItemKind::Function, detail))
        .chain(metrics)
        .chain(second)
        .collect()
}

fn operands(store: &Store, counts: &Counts) -> Vec<Item> {
    // What is asked most, what the data has, the rest of the language.
    let first = ["name", "status", "duration", "kind"];
    let mut items: Vec<Item> =
        first.iter().map(|text| item(text, ItemKind::Intrinsic, "intrinsic")).collect();
    for (scope, key, count) in counts.keys() {
        let name = store.attributes().key_text(key).to_owned();
        let text = Attr::Named { scope, name }.to_string();
        items.push(item(&text, ItemKind::Key, &counted(count, noun(scope))));
    }
    let scopes = words::SCOPES.iter().filter(|(_, s)| *s != AttrScope::Any);
    items.extend(scopes.map(|(text, _)| item(text, ItemKind::Scope, "attributes")));
    let rest = words::INTRINSICS
        .iter()
        .filter(|(text, i)| *i != Intrinsic::Parent && i.text() == *text && !first.contains(text));
    items.extend(rest.map(|(text, _)| item(text, ItemKind::Intrinsic, "intrinsic")));
    items.extend(["true", "false", "nil"].iter().map(|w| item(w, ItemKind::Value, "constant")));
    items
}

/// What is counted of a scope's attributes.
fn noun(scope: AttrScope) -> &'static str {
    match scope {
        AttrScope::Event => "event",
        AttrScope::Link => "link",
        _ => "span",
    }
}

/// "1 span", "214 spans", "1,003,740 spans".
fn counted(n: usize, noun: &str) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + 10);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push(' ');
    text.push_str(noun);
    if n != 1 {
        text.push('s');
    }
    text
}

fn values(store: &Store, counts: &Counts, attr: &Attr, in_string: bool) -> Vec<Item> {
    let noun = match attr {
        Attr::Intrinsic(Intrinsic::EventName) => "event",
        Attr::Named { scope, .. } => noun(*scope),
        _ => "span",
    };
    let bare = |word: &str, count: usize| item(word, ItemKind::Value, &counted(count, noun));
    match attr {
        Attr::Intrinsic(Intrinsic::Status | Intrinsic::RootStatus) => {
            StatusCode::ALL.iter().map(|s| bare(s.word(), counts.status[*s as usize])).collect()
        }
        Attr::Intrinsic(Intrinsic::Kind | Intrinsic::RootKind) => {
            SpanKind::ALL.iter().map(|k| bare(k.word(), counts.kind[*k as usize])).collect()
        }
        Attr::Intrinsic(Intrinsic::Duration | Intrinsic::TraceDuration | Intrinsic::Gap) => {
            ["1ms", "10ms", "100ms", "500ms", "1s", "10s"]
                .iter()
                .map(|d| item(d, ItemKind::Value, "duration"))
                .collect()
        }
        attr => {
            let found = counts.values(store, attr);
            found
                .into_iter()
                .filter(|(value, _)| !in_string || matches!(value, super::ast::Static::Str(_)))
                .map(|(value, count)| {
                    let text = match &value {
                        super::ast::Static::Str(text) => quote(text),
                        other => other.to_string(),
                    };
                    bare(&text, count)
                })
                .collect()
        }
    }
}

#[cfg(test)]
mod tests;
