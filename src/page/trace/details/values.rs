//! Keys and values: search, copy, long values cut until asked for, http(s) links.

use leptos::prelude::*;
use serde_json::Value as Json;

use super::super::copy::CopyButton;
use super::super::view::TraceView;
use crate::engine::protocol::AttributeMap;
use crate::page::address::View;
use crate::page::condition::{Condition, and, attribute, filter, literal};

/// Longer values are cut, in bytes.
const LONG: usize = 2048;
/// From this many keys on there is a search field.
const MANY: usize = 8;

/// A searchable list of keys and values.
#[component]
pub(super) fn ValueList(
    /// What to list.
    values: AttributeMap,
    /// What they are called.
    what: &'static str,
    /// With a search field where there are many.
    #[prop(default = true)]
    searchable: bool,
) -> impl IntoView {
    if values.is_empty() {
        return view! { <p class="muted details-none">{format!("No {what}")}</p> }.into_any();
    }
    let view = TraceView::here();
    let search = RwSignal::new(String::new());
    let many = searchable && values.len() >= MANY;
    let json = values.clone();
    let rows: Vec<(String, Json)> = values.into_iter().collect();
    let rows = StoredValue::new(rows);
    let shown = move || {
        let words = search.get().to_lowercase();
        rows.with_value(|rows| {
            let fits = |k: &str, v: &Json| {
                words.is_empty()
                    || k.to_lowercase().contains(&words)
                    || text(v).to_lowercase().contains(&words)
            };
            let mut list: Vec<_> = rows.iter().filter(|(k, v)| fits(k, v)).cloned().collect();
            let pinned = view.pinned.get();
            list.sort_by(|a, b| {
                let place = |key: &str| (!pinned.lines().any(|p| p == key), key.to_owned());
                place(&a.0).cmp(&place(&b.0))
            });
            if list.is_empty() {
                return view! { <p class="muted details-none">"Nothing fits the search"</p> }.into_any();
            }
            let first = list.partition_point(|(key, _)| pinned.lines().any(|p| p == key));
            let row = |key: &str, cut: usize, value: &Json| entry(view, what, key, cut, value);
            // What is pinned stands above by itself.
            let kept: Vec<AnyView> = list[..first].iter().map(|(key, value)| row(key, 0, value)).collect();
            (listed(kept), tree(&list[first..], &row)).into_any()
        })
    };
    view! {
        <div class="values-tools">
            {many.then(|| view! {
                <input
                    type="search"
                    placeholder=format!("Search {what}")
                    aria-label=format!("Search {what}")
                    prop:value=move || search.get()
                    on:input=move |event| search.set(event_target_value(&event))
                />
            })}
            {searchable.then(|| view! {
                <CopyButton label="Copy all" title=format!("Copy all {what} as JSON") text=move || serde_json::to_string_pretty(&json).unwrap_or_default() />
            })}
        </div>
        {shown}
    }
    .into_any()
}

/// The part of two keys that is the same, up to a dot: at most the third, for keys of strangers may have thousands.
fn common(a: &str, b: &str) -> usize {
    let (mut cut, mut dots) = (0, 0);
    for (at, (x, y)) in a.bytes().zip(b.bytes()).enumerate() {
        if x != y || dots == 3 {
            break;
        }
        if x == b'.' {
            (cut, dots) = (at + 1, dots + 1);
        }
    }
    cut
}

/// Keys that begin with the same part.
#[derive(Default)]
struct Group {
    /// Bytes of the keys that stand above them.
    cut: usize,
    parts: Vec<AnyView>,
    /// Keys that wait for a list of their own.
    rows: Vec<AnyView>,
    /// Keys in all.
    count: usize,
}

impl Group {
    /// Puts the keys that wait into a list.
    fn flush(&mut self) {
        if !self.rows.is_empty() {
            self.parts.push(listed(std::mem::take(&mut self.rows)));
        }
    }
}

/// Keys in order as a tree: a part that at least two keys begin with stands once, above them.
fn tree(list: &[(String, Json)], row: &dyn Fn(&str, usize, &Json) -> AnyView) -> Vec<AnyView> {
    let (mut open, mut top): (Vec<Group>, Group) = Default::default();
    for (at, (key, value)) in list.iter().enumerate() {
        let cut = list.get(at + 1).map_or(0, |(next, _)| common(key, next));
        if cut > top.cut {
            open.push(std::mem::replace(&mut top, Group { cut, ..Group::default() }));
        }
        top.rows.push(row(key, top.cut, value));
        top.count += 1;
        // Groups that the next key is not in close; what it shares with them becomes one.
        while top.cut > cut {
            if open.last().is_none_or(|above| above.cut < cut) {
                open.push(Group { cut, ..Group::default() });
            }
            let Some(above) = open.pop() else { break };
            let mut closed = std::mem::replace(&mut top, above);
            closed.flush();
            top.flush();
            let name = key.get(top.cut..closed.cut - 1).unwrap_or_default().to_owned();
            top.count += closed.count;
            top.parts.push(
                view! {
                    <details class="value-group" open><summary><bdi>{name}</bdi><span class="unit">{closed.count}</span></summary>{closed.parts}</details>
                }
                .into_any(),
            );
        }
    }
    top.flush();
    top.parts
}

fn listed(rows: Vec<AnyView>) -> AnyView {
    view! { <dl class="values">{rows}</dl> }.into_any()
}

/// The TraceQL that asks for a value, where TraceQL has a word for its place and its type.
fn condition(what: &str, key: &str, value: &Json) -> Option<Condition> {
    let scope = match what {
        "attributes" => "span",
        "resource attributes" => "resource",
        "event attributes" => "event",
        "link attributes" => "link",
        "scope attributes" => "instrumentation",
        _ => return None,
    };
    Some(Condition::is(attribute(scope, key), literal(value)?))
}

/// Buttons that ask for the value: in this trace, and in all of them with it or without it.
fn filters(view: TraceView, condition: Condition) -> AnyView {
    let find = filter(std::slice::from_ref(&condition));
    let go = move |condition: &Condition| {
        let mut address = view.app.address.with_untracked(|a| a.with_view(View::Traces));
        address.q = and(&address.q, condition);
        view.app.set_address(address, false);
    };
    let (with, without) = (condition.clone(), condition.negated());
    view! {
        <button type="button" class="ghost tiny" title="Find in this trace" aria-label="Find in this trace" on:click=move |_| view.look_for(&find, true)>"⌕"</button>
        <button type="button" class="ghost tiny" title="Filter for: traces with it" aria-label="Filter for" on:click=move |_| go(&with)>"="</button>
        <button type="button" class="ghost tiny" title="Filter out: traces with spans without it" aria-label="Filter out" on:click=move |_| go(&without)>"≠"</button>
    }
    .into_any()
}

/// One key with its value; the first `cut` bytes of the key stand above already.
fn entry(view: TraceView, what: &'static str, key: &str, cut: usize, value: &Json) -> AnyView {
    let (key, shown_key) = (key.to_owned(), key.get(cut..).unwrap_or(key).to_owned());
    let pinned = view.pinned.with_untracked(|p| p.lines().any(|k| k == key));
    let pin = {
        let key = key.clone();
        move |_| view.pin(&key)
    };
    let asked = condition(what, &key, value).map(|c| filters(view, c));
    let whole = text(value);
    let long = whole.len() > LONG;
    let open = RwSignal::new(!long);
    let short = end_of(&whole, LONG);
    let pair = format!("{key}={whole}");
    let copied = whole.clone();
    let json = format!("{{{}: {value}}}", Json::String(key.clone()));
    let kind = match value {
        Json::Number(_) | Json::Bool(_) | Json::Null => "value literal",
        Json::Object(o) if o.len() == 1 && (o.contains_key("int") || o.contains_key("double")) => {
            "value literal"
        }
        Json::Array(_) | Json::Object(_) => "value list",
        Json::String(_) => "value",
    };
    let link = is_link(&whole).then(|| whole.clone());
    let size = whole.len();
    let shown = move || {
        if let Some(href) = &link {
            let href = href.clone();
            return view! { <a class="link" href=href.clone() target="_blank" rel="noopener noreferrer">{href.clone()}</a> }.into_any();
        }
        let part = if open.get() { whole.clone() } else { format!("{}…", &whole[..short]) };
        view! { <bdi>{part}</bdi> }.into_any()
    };
    view! {
        <dt dir="auto" title=key.clone()>{shown_key}</dt>
        <dd class=kind>
            {shown}
            {long.then(|| view! {
                <button type="button" class="small" on:click=move |_| open.update(|o| *o = !*o)>
                    {move || if open.get() { "Show less".to_owned() } else { format!("Show all {} kB", size / 1024) }}
                </button>
            })}
            <span class="value-tools">
                {asked}
                <button type="button" class="ghost tiny" aria-pressed=pinned.to_string() title="Pin: show first" aria-label="Pin" on:click=pin>{if pinned { "★" } else { "☆" }}</button>
                <CopyButton label="Copy" title="Copy value" class="ghost tiny" text=move || copied.clone() />
                <CopyButton label="k=v" title="Copy k=v: key and value" class="ghost tiny" text=move || pair.clone() />
                <CopyButton label="{}" title="Copy as JSON" class="ghost tiny" text=move || json.clone() />
            </span>
        </dd>
    }
    .into_any()
}

/// A value as text: strings as they are, big numbers by their digits, the rest as JSON.
pub(super) fn text(value: &Json) -> String {
    match value {
        Json::String(s) => s.clone(),
        Json::Null => "(empty)".to_owned(),
        Json::Object(o) if o.len() == 1 => match o.iter().next() {
            Some((key, Json::String(s))) if key == "int" || key == "double" => s.clone(),
            _ => serde_json::to_string_pretty(value).unwrap_or_default(),
        },
        Json::Array(a) if a.iter().all(|v| !v.is_object() && !v.is_array()) => {
            format!("[{}]", a.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
        }
        Json::Array(_) | Json::Object(_) => serde_json::to_string_pretty(value).unwrap_or_default(),
        other => other.to_string(),
    }
}

/// A text of a map, empty where it is missing.
pub(super) fn text_of(values: &AttributeMap, key: &str) -> String {
    values.get(key).map(text).unwrap_or_default()
}

/// The last character border at or before `most` bytes.
fn end_of(text: &str, most: usize) -> usize {
    let mut end = most.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

/// Only whole http(s) addresses become links; anything else of a scheme does not.
fn is_link(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.len() <= LONG
        && !text.chars().any(|c| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::common;

    #[test]
    fn keys_share_whole_parts_and_no_more_than_three() {
        assert_eq!(common("http.request.method", "http.request.size"), 13);
        assert_eq!(common("http.request.method", "http.response.code"), 5);
        assert_eq!(common("http", "http.request"), 0);
        assert_eq!(common("http.route", "https.route"), 0);
        assert_eq!(common("a.b.c.d.e", "a.b.c.d.f"), 6);
        assert_eq!(common("ä.x", "ä.y"), 3);
    }
}
