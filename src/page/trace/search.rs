//! Search in the trace, what is odd about it, and the legend that filters.

use leptos::prelude::*;

use super::statistics::{OFFERED, find};
use super::view::TraceView;
use crate::page::condition::{Condition, filter};
use crate::page::format;

/// Services in the legend; the rest are counted.
const LEGEND: usize = 10;
/// The three ways of showing what matches, by their word in the look.
const MODES: [(&str, &str); 3] =
    [("", "Dim others"), ("hide", "Hide others"), ("mark", "Only frame matches")];

/// The row below the head, and the notices.
pub(super) fn bar(view: TraceView) -> AnyView {
    let count = move || {
        if let Some(error) = view.found.error.get() {
            return view! { <span class="error-text" title=error.clone()><bdi>{error.clone()}</bdi></span> }
                .into_any();
        }
        let Some(found) = view.found.value.get() else { return ().into_any() };
        let text = match view.at.get() {
            Some((number, _)) if number > 0 => {
                format!("{} of {}", format::count(number), format::count(found.spans))
            }
            _ => format!("{} found", format::count(found.spans)),
        };
        view! { <span title=found.traceql.clone()>{text}</span> }.into_any()
    };
    // On a phone they are a line that unfolds.
    let unfolded = RwSignal::new(false);
    let step = move |back: bool| move |_| view.step(view.find.get_untracked(), back);
    let key = move |event: leptos::ev::KeyboardEvent| match event.key().as_str() {
        "Enter" => {
            event.prevent_default();
            view.step(view.find.get_untracked(), event.shift_key());
        }
        "Escape" => {
            event.stop_propagation();
            view.look_for("", false);
        }
        _ => {}
    };
    let choose = move |event| {
        let chosen = event_target_value(&event);
        for (word, _) in MODES.iter().filter(|m| !m.0.is_empty()) {
            view.set_look(word, (*word == chosen).then_some(""));
        }
    };
    let color = move |event| {
        let by = event_target_value(&event);
        let by = by.trim();
        view.set_look("color", (!by.is_empty() && by != "service").then_some(by));
    };
    let offered = OFFERED.map(|by| view! { <option value=by></option> }).collect_view();
    let mode = move || MODES.iter().find(|(w, _)| !w.is_empty() && view.has(w)).map_or("", |m| m.0);
    let options = MODES.map(|(word, label)| view! { <option value=word>{label}</option> }).collect_view();
    let quick = [
        ("is:error", "Errors", "Next error  e"),
        ("is:slow", "Slow", "Longer than 95 % of the spans of their operation"),
    ];
    let quick = quick
        .map(|(find, label, title)| {
            view! {
                <button type="button" class="trace-chip" title=title aria-pressed=move || (view.find.get() == find).to_string()
                    on:click=move |_| view.look_for(find, true)>{label}</button>
            }
        })
        .collect_view();
    view! {
        <div class="trace-tools" role="group" aria-label="Search and colors">
            <input type="search" class="trace-search" placeholder="Search in this trace" spellcheck="false"
                aria-label="Search in this trace: words, TraceQL, or signs such as is:error"
                title="Words, TraceQL such as { duration > 1s }, or is:error, slow, critical, root, orphan, events, links"
                prop:value=move || view.app.address.with(|a| a.find.clone())
                on:input=move |event| view.look_for(&event_target_value(&event), false)
                on:keydown=key />
            <span class="trace-found" aria-live="polite">{count}</span>
            <span class="trace-steps" class:idle=move || view.find.with(String::is_empty)>
                <button type="button" class="ghost small" aria-label="Previous match" title="Previous match  N" on:click=step(true)>"↑"</button>
                <button type="button" class="ghost small" aria-label="Next match" title="Next match  n" on:click=step(false)>"↓"</button>
                <select aria-label="What happens to other spans" prop:value=mode on:change=choose>{options}</select>
            </span>
            {quick}
            <label class="color-by">"Color by "<input type="text" list="statistics-by" size="14" spellcheck="false" placeholder="service"
                prop:value=move || view.look("color").unwrap_or_default() on:change=color /></label>
            <datalist id="statistics-by">{offered}</datalist>
            {move || legend(view)}
        </div>
        {move || notices(view, unfolded)}
    }
    .into_any()
}

/// What the colors mean; a click filters by one.
fn legend(view: TraceView) -> AnyView {
    let by = view.look("color").unwrap_or_default();
    let values = if by.is_empty() {
        view.facts.value.get().map(|f| f.services.clone()).unwrap_or_default()
    } else {
        view.colored().to_vec()
    };
    let mut chips: Vec<AnyView> = Vec::new();
    for value in values.iter().take(LEGEND) {
        let find = if by.is_empty() { filter(&[Condition::service(value)]) } else { find(&[(&by, value)]) };
        let pressed = view.find.with(|f| *f == find);
        let class = view.value_class("dot", value);
        let name = if value.is_empty() { "none".to_owned() } else { value.clone() };
        let title = format!("Find spans of {name}");
        chips.push(
            view! {
                <button type="button" class="trace-chip" title=title aria-pressed=pressed.to_string()
                    on:click=move |_| view.look_for(&find, true)><i class=class></i><bdi>{name}</bdi></button>
            }
            .into_any(),
        );
    }
    let rest = values.len().saturating_sub(LEGEND);
    let more = (rest > 0).then(|| view! { <span class="muted">{format!("+ {rest}")}</span> });
    view! { <div class="trace-legend" role="group" aria-label="Colors">{chips}{more}</div> }.into_any()
}

/// What is odd about the trace; a click goes to the first such span.
fn notices(view: TraceView, unfolded: RwSignal<bool>) -> AnyView {
    let Some(facts) = view.facts.value.get().filter(|f| !f.notices.is_empty()) else { return ().into_any() };
    let mut items: Vec<AnyView> = Vec::new();
    if facts.notices.len() > 1 {
        let text = format::counted(facts.notices.len() as u64, "notice");
        items.push(
            view! {
                <li class="notice-count"><button type="button" class="notice-all" aria-expanded=move || unfolded.get().to_string()
                    on:click=move |_| unfolded.update(|u| *u = !*u)>{text}</button></li>
            }
            .into_any(),
        );
    }
    for (at, notice) in facts.notices.iter().enumerate() {
        let sign = facts.notice_signs.get(at).cloned().unwrap_or_default();
        // The count stands first.
        let text = match notice.split_once(' ').map(|(n, rest)| (n.parse(), rest)) {
            Some((Ok(n), rest)) => format!("{} {rest}", format::count(n)),
            _ => notice.clone(),
        };
        items.push(if sign.is_empty() {
            view! { <li dir="auto">{text}</li> }.into_any()
        } else {
            let go = move |_| {
                view.look_for(&sign, false);
                view.step(sign.clone(), false);
            };
            view! { <li><button type="button" class="notice-jump" title="Go to the next one" on:click=go>{text}</button></li> }.into_any()
        });
    }
    if facts.notice_signs.iter().any(|sign| sign == "is:skewed") {
        items.push(
            view! {
                <li class="plain"><label class="check"><input type="checkbox" prop:checked=view.has("skew")
                    on:change=move |_| view.toggle("skew") />"Correct clock skew"</label></li>
            }
            .into_any(),
        );
    }
    if facts.notice_signs.iter().any(|sign| sign == "is:duplicate") {
        items.push(
            view! {
                <li class="plain"><label class="check"><input type="checkbox" prop:checked=view.has("once")
                    on:change=move |_| view.toggle("once") />"Hide identical copies"</label></li>
            }
            .into_any(),
        );
    }
    let many = facts.notices.len() > 1;
    view! { <ul class="trace-notices" class:folded=move || many && !unfolded.get() aria-label="What is odd about this trace">{items}</ul> }.into_any()
}
