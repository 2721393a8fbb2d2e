//! Queries that a person keeps: the recent ones and those saved under a name, in the browser's own storage.
//!
//! Storage may be switched off or full; then nothing is remembered and nothing else changes.

use gloo::storage::{LocalStorage, Storage};

use crate::page::address::{decode, encode};

/// Where recent queries are kept, one a line, the newest first.
const RECENT: &str = "spanscope.recent";
/// Where saved ones are, a name and a query a line.
const SAVED: &str = "spanscope.saved";
/// Most recent queries.
const MOST: usize = 30;

fn lines(key: &str) -> Vec<String> {
    let text = LocalStorage::raw().get_item(key).ok().flatten().unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

fn keep(key: &str, lines: &[String]) {
    LocalStorage::raw().set_item(key, &lines.join("\n")).unwrap_or_default();
}

/// Recent queries, the newest first.
pub(super) fn recent() -> Vec<String> {
    lines(RECENT).iter().map(|line| decode(line)).collect()
}

/// Puts a query first among the recent ones.
pub(super) fn add_recent(q: &str) {
    let line = encode(q);
    let mut all = lines(RECENT);
    all.retain(|l| *l != line);
    all.insert(0, line);
    all.truncate(MOST);
    keep(RECENT, &all);
}

/// Saved queries as name and query, in the order of their names.
pub(super) fn saved() -> Vec<(String, String)> {
    let pair = |line: &String| line.split_once('=').map(|(name, q)| (decode(name), decode(q)));
    lines(SAVED).iter().filter_map(pair).collect()
}

/// Saves a query under a name, in the place of another of that name.
pub(super) fn save(name: &str, q: &str) {
    let mut all = without(name);
    all.push(format!("{}={}", encode(name), encode(q)));
    all.sort_unstable();
    keep(SAVED, &all);
}

/// Forgets a saved query, or a recent one where no saved one has that name.
pub(super) fn forget(name: &str, q: &str) {
    if name.is_empty() {
        let line = encode(q);
        let mut all = lines(RECENT);
        all.retain(|l| *l != line);
        keep(RECENT, &all);
    } else {
        keep(SAVED, &without(name));
    }
}

fn without(name: &str) -> Vec<String> {
    let start = format!("{}=", encode(name));
    let mut all = lines(SAVED);
    all.retain(|line| !line.starts_with(&start));
    all
}
