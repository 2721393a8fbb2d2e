//! One group of exceptions: its numbers, and its occurrences one by one, the latest first.

use std::sync::Arc;

use leptos::{ev, prelude::*};

use super::list::{PLAIN, alike, kind_of, services, spark};
use crate::engine::protocol::{
    ExceptionRow, ExceptionsAnswer, OccurrenceRow, Occurrences, OccurrencesAnswer,
};
use crate::page::address::View;
use crate::page::clock;
use crate::page::condition::within;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;
use crate::page::widgets::{Blank, CopyButton, Name, Waiting};

/// The group that the address names.
pub(super) fn group(frame: Frame, groups: Memo<Option<Arc<ExceptionsAnswer>>>) -> AnyView {
    let state = frame.state;
    let occurrence = live("occurrence", move || {
        let a = state.address.get();
        let (plain, by, offset) = (a.tab == PLAIN, alike(&a.by), a.at);
        let (range, q, group) = (a.range, a.q, a.pick);
        (!group.is_empty()).then_some(Occurrences { group, plain, range, q, by, limit: Some(1), offset })
    });
    let back = move || {
        frame.href(|a| {
            a.pick.clear();
            a.at = 0;
        })
    };
    let row = Memo::new(move |_| {
        let id = state.address.with(|a| a.pick.clone());
        groups.with(|g| g.as_ref().map(|g| g.rows.iter().find(|r| r.id == id).cloned()))
    });
    let head = move || {
        match row.get() {
        None => view! { <Waiting/> }.into_any(),
        Some(None) => view! {
            <Blank title="This group is not in the selection" text="Another range, query or grouping may have it">
                <a class="button" href=back>"Show all exceptions"</a>
            </Blank>
        }
        .into_any(),
        Some(Some(row)) => heading(frame, &row),
    }
    };
    let body = move || match (occurrence.error.get(), occurrence.value.get()) {
        (Some(error), _) => view! { <Blank title="No occurrence" text=error error=true/> }.into_any(),
        (None, Some(answer)) => one(frame, &answer),
        (None, None) => ().into_any(),
    };
    let keys = move |event: ev::KeyboardEvent| {
        let total = occurrence.value.with_untracked(|a| a.as_ref().map_or(0, |a| a.total as usize));
        let at = state.address.with_untracked(|a| a.at);
        match event.key().as_str() {
            "ArrowLeft" if at > 0 => step(frame, at - 1),
            "ArrowRight" if at + 1 < total => step(frame, at + 1),
            _ => return,
        }
        event.prevent_default();
    };
    view! {
        <div class="page exception-page" on:keydown=keys>
            <nav class="crumbs" aria-label="Up"><a class="link" href=back>"Exceptions"</a></nav>
            {head}
            {body}
        </div>
    }
    .into_any()
}

fn step(frame: Frame, to: usize) {
    frame.state.change_address(true, |a| a.at = to);
}

/// Type, message and the numbers of all occurrences.
fn heading(frame: Frame, row: &ExceptionRow) -> AnyView {
    let time = |ns| clock::zoned(ns, 3);
    let frame_line =
        (!row.frame.is_empty()).then(|| view! { <p class="muted mono"><bdi>{row.frame.clone()}</bdi></p> });
    let q = row.q.clone();
    let traces = (!q.is_empty()).then(|| {
        let href = frame.href(|a| {
            let own = std::mem::take(&mut a.q);
            *a = a.with_view(View::Traces);
            a.q = within(&q, &own);
        });
        view! { <a class="button" href=href title=q.clone()>"View traces"</a> }.into_any()
    });
    view! {
        <h1><Name text=kind_of(row)/></h1>
        <p class="exception-message"><bdi>{row.message.clone()}</bdi></p>
        {frame_line}
        <div class="exception-facts">
            <dl class="facts">
                <div><dt>"Count"</dt><dd>{format::count(row.count)}</dd></div>
                <div><dt>{if row.services.len() == 1 { "Service" } else { "Services" }}</dt><dd>{services(row)}</dd></div>
                <div><dt>"First seen"</dt><dd>{time(row.first_ns.0)}</dd></div>
                <div><dt>"Last seen"</dt><dd>{time(row.last_ns.0)}</dd></div>
                <div><dt>"Over time"</dt><dd>{spark(row, 180.0, 24.0)}</dd></div>
            </dl>
            {traces}
        </div>
    }
    .into_any()
}

/// One occurrence with the way to its neighbors and its trace.
fn one(frame: Frame, answer: &OccurrencesAnswer) -> AnyView {
    let at = frame.state.address.with_untracked(|a| a.at);
    let Some(row) = answer.rows.first() else {
        return (answer.total > 0)
            .then(|| {
                let first = move |_| step(frame, 0);
                view! {
                    <Blank title="There are not so many occurrences in this selection">
                        <button type="button" on:click=first>"Show the latest"</button>
                    </Blank>
                }
            })
            .into_any();
    };
    let total = answer.total as usize;
    let turn = |label: &'static str, key: &'static str, to: Option<usize>| {
        let press = move |_| {
            if let Some(to) = to {
                step(frame, to);
            }
        };
        view! { <button type="button" title=key disabled=to.is_none() on:click=press>{label}</button> }
            .into_any()
    };
    let span = row.span.as_ref().map(|span| {
        let (trace, id) = (span.trace_id.clone(), span.span_id.clone());
        let href = frame.href(|a| {
            *a = a.with_view(View::Trace(trace));
            a.span = id;
        });
        view! { <a class="button primary" href=href>"Open the span in its trace"</a> }.into_any()
    });
    let place = format!("{} of {}", format::count(at as u64 + 1), format::count(total as u64));
    view! {
        <section class="occurrence" aria-label="Occurrence">
            <div class="occurrence-head">
                {turn("‹ Newer", "Newer (←)", at.checked_sub(1))}
                <span role="status">{place}</span>
                {turn("Older ›", "Older (→)", (at + 1 < total).then_some(at + 1))}
                <span class="muted grow">{clock::exact(row.time_ns.0)}</span>
                {span}
            </div>
            {where_it_was(row)}
            {(!row.message.is_empty()).then(|| view! { <p class="exception-message"><bdi>{row.message.clone()}</bdi></p> })}
            {stack(row)}
            {attributes(row)}
        </section>
    }
    .into_any()
}

fn where_it_was(row: &OccurrenceRow) -> AnyView {
    let words = match (row.span.is_some(), row.span_name.as_str()) {
        (false, _) => "A log record whose span is not in the data".to_owned(),
        (true, name) => format!("In {}", format::span_name(name)),
    };
    view! { <p class="muted"><bdi>{words}</bdi>" of "<bdi>{format::service(&row.service).to_owned()}</bdi></p> }.into_any()
}

/// What else was recorded.
fn attributes(row: &OccurrenceRow) -> Option<AnyView> {
    if row.attributes.is_empty() {
        return None;
    }
    let entry = |(key, value): (&String, &serde_json::Value)| {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        view! { <dt dir="auto">{key.clone()}</dt><dd class="value"><bdi>{text}</bdi></dd> }.into_any()
    };
    let entries: Vec<AnyView> = row.attributes.iter().map(entry).collect();
    Some(view! { <h2 class="section">"Attributes"</h2><dl class="values">{entries}</dl> }.into_any())
}

/// The stack trace; frames of libraries stand back.
fn stack(row: &OccurrenceRow) -> Option<AnyView> {
    if row.stacktrace.is_empty() {
        return None;
    }
    let lines: Vec<AnyView> = row
        .stacktrace
        .lines()
        .enumerate()
        .map(|(i, line)| {
            let quiet = row.library_lines.binary_search(&(i as u32)).is_ok();
            view! { <span class:quiet=quiet>{format!("{line}\n")}</span> }.into_any()
        })
        .collect();
    let text = row.stacktrace.clone();
    let quiet = (!row.library_lines.is_empty())
        .then(|| view! { <span class="muted">"Frames of libraries stand back"</span> }.into_any());
    Some(
        view! {
            <div class="section-head"><h2 class="section">"Stack trace"</h2>{quiet}<span class="grow"></span><CopyButton label="Copy" text=move || text.clone()/></div>
            <div class="stack"><pre dir="ltr" tabindex="0" aria-label="Stack trace">{lines}</pre></div>
        }
        .into_any(),
    )
}
