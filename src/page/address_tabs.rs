//! Tabs whose choice stands in the address.

use leptos::prelude::*;

use super::frame::Frame;
use super::widgets::{Tab, Tabs};

/// A tab: its word in the address, and on the page. The first one stands where the address names none.
pub type TabWords = (&'static str, &'static str);

/// A row of tabs, and below it what `panel` gives for the word of the chosen one.
pub fn address_tabs(
    frame: Frame,
    label: &'static str,
    tabs: &'static [TabWords],
    panel: impl Fn(&str) -> AnyView + Send + Sync + 'static,
) -> AnyView {
    let state = frame.state;
    let at = Memo::new(move |_| {
        let tab = state.address.with(|a| a.tab.clone());
        tabs.iter().find(|(word, _)| *word == tab).map_or("", |(word, _)| *word).to_owned()
    });
    let chosen = RwSignal::new(at.get_untracked());
    Effect::new(move || {
        let tab = at.get();
        if chosen.get_untracked() != tab {
            chosen.set(tab);
        }
    });
    Effect::new(move || {
        let tab = chosen.get();
        if at.get_untracked() != tab {
            state.change_address(false, |a| {
                a.tab = tab;
                a.sort.clear();
            });
        }
    });
    let tab = |&(word, label): &TabWords| Tab { key: word.to_owned(), label: label.to_owned(), count: None };
    let all: Vec<Tab<String>> = tabs.iter().map(tab).collect();
    let panel = move || panel(&at.get());
    view! { <Tabs tabs=Signal::stored(all) chosen=chosen label=label/>{panel} }.into_any()
}
