//! What stands beside and under the field: the count, what is wrong or meant, the list, the buttons.

use leptos::prelude::*;

use super::highlight;
use super::look::{Choice, Mode, Panel, Said, Seen};
use super::typing::Bar;
use crate::engine::protocol::ExplainAnswer;
use crate::page::format;

/// Most completions of one answer; more are found by typing on.
const MANY: usize = 50;

/// Beside the text: the count, and a button that clears or a key that leads here.
pub(super) fn side(seen: &Seen) -> AnyView {
    let buttons = if seen.empty {
        view! { <kbd aria-hidden="true">"/"</kbd> }.into_any()
    } else {
        view! {
            {seen.draft.then(|| view! { <button type="button" class="query-go" data-act="apply" title="Apply  Enter" aria-label="Apply the query">"↵"</button> })}
            <button type="button" class="ghost query-clear" data-act="clear" title="Clear" aria-label="Clear the query">"✕"</button>
        }
        .into_any()
    };
    view! {
        <span class="query-count" role="status">{seen.counted.clone()}</span>
        <span class="query-buttons">{buttons}</span>
    }
    .into_any()
}

/// Under the text, while the focus is here.
pub(super) fn panel(bar: Bar, seen: &Seen) -> AnyView {
    let Some(shown) = &seen.panel else { return ().into_any() };
    let said = shown.said.as_ref().map(said);
    let body = match shown.mode {
        Mode::Closed | Mode::Buttons => ().into_any(),
        Mode::Save => save(bar),
        Mode::Explain => shown.explained.as_ref().map(explained).into_any(),
        Mode::Complete | Mode::Kept | Mode::Help => list(shown),
    };
    let foot = (shown.mode != Mode::Closed).then(|| foot(shown, &seen.counted));
    view! { <div class="query-panel">{said}{body}{foot}</div> }.into_any()
}

fn said(said: &Said) -> AnyView {
    match said {
        Said::Wrong(why) => view! { <p class="query-said wrong" id="query-said">{why.clone()}</p> }.into_any(),
        Said::Unfinished(why) => view! { <p class="query-said" id="query-said">{why.clone()}</p> }.into_any(),
        Said::Means(q) => {
            view! { <p class="query-said" id="query-said"><span class="muted">"Means "</span><code>{colored(q)}</code></p> }.into_any()
        }
    }
}

/// A query in colors.
fn colored(text: &str) -> Vec<AnyView> {
    let runs = highlight::runs(text).into_iter();
    runs.map(|run| view! { <span class=run.class>{run.text.to_owned()}</span> }.into_any()).collect()
}

fn list(shown: &Panel) -> AnyView {
    let mut head = "";
    let mut lines: Vec<AnyView> = Vec::with_capacity(shown.choices.len());
    for (i, choice) in shown.choices.iter().enumerate() {
        if choice.head != head {
            head = choice.head;
            lines.push(view! { <li class="query-head" role="presentation">{head}</li> }.into_any());
        }
        lines.push(line(i, choice, shown.active == Some(i)));
    }
    if shown.mode == Mode::Complete && shown.choices.len() >= MANY {
        lines.push(
            view! { <li class="query-head" role="presentation">"There are more: type on to find them"</li> }
                .into_any(),
        );
    }
    view! { <ul class="query-list" id="query-list" role="listbox" aria-label="Suggestions" tabindex="0">{lines}</ul> }
        .into_any()
}

fn line(i: usize, choice: &Choice, active: bool) -> AnyView {
    let text = match choice.kind.as_str() {
        "" => view! { <code>{colored(&choice.text)}</code> }.into_any(),
        kind => view! { <code class=format!("of-{kind}")>{choice.text.clone()}</code> }.into_any(),
    };
    let forget = choice.kept.then(|| {
        view! { <span class="query-forget" data-act="forget" title="Forget  Shift+Delete" aria-hidden="true">"✕"</span> }
    });
    view! {
        <li class="query-line" id=format!("query-{i}") role="option" aria-selected=active.to_string() data-act="choose" data-i=i.to_string()>
            {text}<span class="query-detail">{choice.detail.clone()}</span>{forget}
        </li>
    }
    .into_any()
}

fn explained(count: &ExplainAnswer) -> AnyView {
    let whole =
        format!("{} in {}", format::counted(count.matched, "span"), format::counted(count.traces, "trace"));
    let mut rows: Vec<AnyView> = Vec::with_capacity(count.parts.len());
    for part in &count.parts {
        let share = part.matched as f64 / count.of.max(1) as f64;
        rows.push(
            view! {
                <tr>
                    <td><code>{colored(&part.part)}</code></td>
                    <td class="number">{format::count(part.matched)}</td>
                    <td><span class="share"><i style:width=format!("{:.1}%", share * 100.0)></i></span></td>
                </tr>
            }
            .into_any(),
        );
    }
    view! {
        <div class="query-parts" role="region" aria-label="How many spans each part matches" tabindex="0">
            <table>
                <thead><tr><th scope="col">"Part"</th><th scope="col" class="number">"Spans"</th><th scope="col">"Share"</th></tr></thead>
                <tbody>{rows}</tbody>
                <tfoot><tr><th scope="row">"The whole query"</th><td class="number" colspan="2">{whole}</td></tr></tfoot>
            </table>
        </div>
    }
    .into_any()
}

fn save(bar: Bar) -> AnyView {
    view! {
        <form class="query-save" on:submit=move |event| bar.save(&event)>
            <label for="query-name">"Save as"</label>
            <input id="query-name" type="text" autocomplete="off" placeholder="Name of the query"/>
            <button type="submit" class="primary small">"Save"</button>
        </form>
    }
    .into_any()
}

/// The buttons, each with what it does in `Bar::act`.
fn foot(shown: &Panel, counted: &str) -> AnyView {
    let means = shown.means;
    let buttons = [
        ("kept", "Recent", "Saved and recent queries  ↑ in an empty bar", true),
        ("help", "? Examples", "Examples of the language  F1", true),
        ("explain", "Explain", "How many spans each part matches", means),
        ("save", "Save…", "Save this query under a name", means),
        ("link", "Copy link", "Copy the address of this view with this query", means),
    ];
    let buttons: Vec<AnyView> = buttons
        .into_iter()
        .filter(|(_, _, _, shown)| *shown)
        .map(|(act, label, title, _)| {
            view! { <button type="button" class="ghost small" data-act=act title=title>{label}</button> }
                .into_any()
        })
        .collect();
    let hint = match shown.mode {
        Mode::Complete => view! { <span class="query-keys"><kbd>"Tab"</kbd>" takes it "<kbd>"Enter"</kbd>" applies"</span> }.into_any(),
        Mode::Buttons => view! { <span class="query-keys"><kbd>"Enter"</kbd>" applies"</span> }.into_any(),
        _ => view! { <span class="query-keys"><kbd>"↑"</kbd><kbd>"↓"</kbd>" choose "<kbd>"Esc"</kbd>" closes"</span> }.into_any(),
    };
    view! { <div class="query-foot">{buttons}<span class="query-narrow">{counted.to_owned()}</span>{hint}</div> }
        .into_any()
}
