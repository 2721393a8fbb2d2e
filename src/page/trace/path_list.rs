//! The critical path as a list, by service and operation, and what would be if one of them were faster.

use leptos::prelude::*;

use super::view::TraceView;
use crate::engine::protocol::{Statistics, WhatIf};
use crate::model::format_duration;
use crate::page::condition::{Condition, filter};
use crate::page::format;
use crate::page::state::live;

/// Operations in the list.
const MOST: usize = 200;

fn time(ns: f64) -> String {
    let (value, unit) = format_duration(ns);
    format!("{value} {unit}")
}

/// The list; stands where the details of a span would.
pub(super) fn list(view: TraceView) -> AnyView {
    let groups = live("trace-path", move || {
        let trace_id = view.id.get();
        let (by, then) = ("service".to_owned(), "name".to_owned());
        (!trace_id.is_empty()).then(|| Statistics {
            trace_id,
            by,
            then,
            sync_only: view.has("sync"),
            ..Statistics::default()
        })
    });
    let chosen = RwSignal::new(None::<(String, String)>);
    let percent = RwSignal::new(String::from("50"));
    let outcome = live("trace-what-if", move || {
        let (service, name) = chosen.get()?;
        let percent = percent.with(|p| p.parse().unwrap_or(50.0));
        Some(WhatIf { trace_id: view.id.get(), service, name, percent, sync_only: view.has("sync") })
    });
    let rows = move || {
        let Some(answer) = groups.value.get() else {
            return vec![view! { <p class="muted">"Loading…"</p> }.into_any()];
        };
        let mut rows: Vec<_> = answer.rows.iter().filter(|r| r.critical_ns > 0).collect();
        rows.sort_by_key(|r| std::cmp::Reverse(r.critical_ns));
        let total = rows.iter().map(|r| r.critical_ns).sum::<u64>().max(1) as f64;
        let picked = chosen.get();
        let mut out: Vec<AnyView> = Vec::new();
        for row in rows.iter().take(MOST) {
            let operation = (row.group.clone(), row.then.clone());
            let mine = picked.as_ref() == Some(&operation);
            let find = filter(&[Condition::service(&row.group), Condition::name(&row.then)]);
            let share = row.critical_ns as f64 / total;
            let class = view.service_class("share", &row.group);
            let name = if row.then.is_empty() { "(no name)".to_owned() } else { row.then.clone() };
            let choose = move |_| chosen.update(|c| *c = if mine { None } else { Some(operation.clone()) });
            out.push(
                view! {
                    <li class="path-row">
                        <button type="button" class="path-name" title="Find these spans" on:click=move |_| view.look_for(&find, true)>
                            <bdi>{name}</bdi><bdi class="muted">{row.group.clone()}</bdi>
                        </button>
                        <span class="path-time">{time(row.critical_ns as f64)}</span>
                        <span class="path-share">{format::percent(share)}" %"</span>
                        <span class=class><i style:width=format!("{}%", share * 100.0)></i></span>
                        <button type="button" class="ghost tiny" aria-pressed=mine.to_string() on:click=choose>"What if"</button>
                    </li>
                }
                .into_any(),
            );
        }
        if rows.is_empty() {
            out.push(
                view! { <li class="muted">"This trace has no root whose time could be followed"</li> }
                    .into_any(),
            );
        }
        out
    };
    let what_if = move || {
        let (service, name) = chosen.get()?;
        let result = outcome.value.get().map(|o| {
            let (before, after) = (o.before_ns as f64, o.after_ns as f64);
            let saved = format::percent((before - after) / before.max(1.0));
            format!("{} instead of {}: {saved} % less", time(after), time(before))
        });
        Some(view! {
            <section class="what-if" aria-label="What if">
                <h3>"What if "<bdi>{name}</bdi>" of "<bdi>{service}</bdi>" were faster?"</h3>
                <label>
                    <input type="range" aria-label="By how much it is faster, percent" min="0" max="100" step="5" prop:value=move || percent.get()
                        on:input=move |event| percent.set(event_target_value(&event)) />
                    <output>{move || format!("{} % less", percent.get())}</output>
                </label>
                <p class="what-if-result" aria-live="polite">{result}</p>
                <p class="muted">"Every span starts as long after what it waited for as it did; only this operation's own time shrinks, and the path may change"</p>
            </section>
        })
    };
    let head = move || {
        let shown = view.has("path");
        let (title, said) = if shown {
            ("Critical path", "What the trace waited for, from its end back to its start")
        } else {
            (
                "Where the time goes",
                "What the trace waited for, by operation; select a span to see everything about it",
            )
        };
        let label = if shown { "Hide" } else { "Show in views" };
        view! {
            <div class="details-title"><h2>{title}</h2>
                <button type="button" class="ghost small" title="Mark the critical path in the views  c" on:click=move |_| view.toggle("path")>{label}</button></div>
            <p class="muted">{said}</p>
        }
    };
    view! {
        <header class="details-head">{head}
        </header>
        <div class="details-body">
            {what_if}
            <ol class="path-list">{rows}</ol>
            <label class="check"><input type="checkbox" prop:checked=move || view.has("sync") on:change=move |_| view.toggle("sync") />
                "Leave out asynchronous children"</label>
        </div>
    }
    .into_any()
}
