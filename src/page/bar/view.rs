//! The bar's elements.

use leptos::{ev, html, prelude::*};

use super::panel;
use super::typing::Bar;
use crate::page::frame::Frame;
use crate::web;

/// Puts the focus into the bar, behind its text; tells whether there is one.
pub fn focus() -> bool {
    web::page::focus("#query")
}

/// The bar.
pub fn query_bar() -> AnyView {
    let bar = Bar::new(Frame::here());
    let look = bar.look;
    let root = NodeRef::<html::Div>::new();
    // The query of the address, and the data and range that its count is of.
    let state = bar.frame.state;
    let asked = Memo::new(move |_| (state.address.with(|a| (a.q.clone(), a.range)), state.generation.get()));
    Effect::new(move |followed: Option<String>| {
        let ((q, _), _) = asked.get();
        if bar.field.get().is_none() {
            return followed.unwrap_or_default();
        }
        // New data or another range count anew and leave what is being typed.
        if followed.as_ref() == Some(&q) && bar.is_typed_in() {
            bar.count();
        } else {
            bar.follow(&q);
        }
        q
    });
    // A field of several lines may have no role but its own (ARIA in HTML), so there is no `aria-expanded`.
    let seen = Memo::new(move |_| state.address.with(|a| look.with(|look| look.seen(&a.q))));
    let reached = move || look.with(|l| l.active.map(|i| format!("query-{i}")));
    let invalid = move || look.with(|l| l.wrong().is_some()).to_string();
    let leave = move |event: ev::FocusEvent| {
        if root.get_untracked().is_some_and(|root| !web::field::stays_inside(&event, &root)) {
            bar.leave();
        }
    };
    // Pressing a line or a button must not take the caret out of the field.
    let press = move |event: ev::MouseEvent| {
        if !web::page::is_typing(&event) {
            event.prevent_default();
        }
    };
    view! {
        <div class="query" role="search" node_ref=root on:focusout=leave on:mousedown=press on:keydown=move |event| bar.key(&event) on:click=move |event| bar.act(&event)>
            <div class="query-box">
                <div class="query-text">
                    <pre aria-hidden="true" node_ref=bar.colors></pre>
                    <textarea id="query" rows="1" node_ref=bar.field aria-label="TraceQL query" aria-autocomplete="list"
                        aria-haspopup="listbox" aria-controls="query-list"
                        aria-activedescendant=reached aria-invalid=invalid aria-describedby="query-said" aria-keyshortcuts="/"
                        autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="search"
                        placeholder="Ask with TraceQL or plain words"
                        on:input=move |_| bar.typed() on:focus=move |_| bar.enter()></textarea>
                </div>
                {move || seen.with(panel::side)}
                {move || seen.with(|seen| panel::panel(bar, seen))}
            </div>
        </div>
    }
    .into_any()
}
