//! The treegrid: its head, scrolling, and the keyboard.

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::super::ruler::ruler;
use super::super::splitter::{Side, Splitter, length};
use super::super::view::TraceView;
use super::ROW;
use super::pane::TreePane;
use super::rows::{TreeRows, is_span};
use crate::page::widgets::{Menu, MenuItem};
use crate::web;
use crate::web::sizes::SizeWatch;

/// Height of the head that stays above the rows, CSS pixels; the stylesheet's too.
const HEAD: f64 = 27.0;
/// Where it is remembered which columns are hidden.
const HIDDEN: &str = "spanscope.tree-hidden";
/// Columns that can be hidden: the class that hides each, its name, and its name where it is shown.
const COLUMNS: [(&str, &str, &str); 5] = [
    ("no-service", "Service", "✓ Service"),
    ("no-start", "Start", "✓ Start"),
    ("no-duration", "Duration", "✓ Duration"),
    ("no-self", "Self time", "✓ Self time"),
    ("no-rank", "Rank", "✓ Rank"),
];

/// The span tree.
#[component]
pub(in super::super) fn SpanTree(
    /// Its rows.
    rows: TreeRows,
) -> impl IntoView {
    let view = TraceView::here();
    let scroller = NodeRef::<Div>::new();
    let (head, focused) = (NodeRef::<Div>::new(), RwSignal::new(false));
    let watching = StoredValue::new_local(None::<SizeWatch>);
    Effect::new(move || {
        let Some(element) = scroller.get() else { return };
        let seen = element.clone();
        let watch = SizeWatch::new(&[&element], move || {
            let height = (f64::from(seen.client_height()) - HEAD).max(0.0);
            rows.scroll.update(|s| s.view = height);
        });
        watching.set_value(Some(watch));
    });
    // Where the keyboard or a selection wants the scroll bar.
    Effect::new(move || {
        if let (Some(bar), Some(element)) = (rows.bar.get(), scroller.get_untracked()) {
            // The spacer's height must be there first: it is set by an effect of the same turn.
            request_animation_frame(move || {
                element.set_scroll_top(bar as i32);
                rows.bar.set(None);
            });
        }
    });
    let on_scroll = move |_| {
        let Some(element) = scroller.get_untracked() else { return };
        let bar = f64::from(element.scroll_top());
        if rows.bar.get_untracked().is_some() {
            return;
        }
        let mut scroll = rows.scroll.get_untracked();
        let right = scroll.moved(bar);
        rows.scroll.set(scroll);
        if let Some(right) = right {
            element.set_scroll_top(right as i32);
        }
    };
    let active = move || rows.cursor.get().map(|at| format!("span-row-{at}"));
    let hidden = RwSignal::new(web::page::stored(HIDDEN));
    let names = length(Side::Right);
    let names_width = move || match names.get() {
        automatic if (automatic - Side::Right.bounds().1).abs() < 0.5 => String::new(),
        width => format!("min({width}px, 60%)"),
    };
    view! {
        <section class=move || format!("span-tree {}", hidden.get()) aria-label="Span tree" style=("--names", names_width)>
            <div
                class="tree-scroll"
                role="treegrid"
                aria-label="Spans of this trace"
                aria-rowcount=move || (rows.total.get() + 1).to_string()
                aria-activedescendant=active
                tabindex="0"
                node_ref=scroller
                on:scroll=on_scroll
                on:focus=move |_| focused.set(true)
                on:blur=move |_| focused.set(false)
                on:keydown=move |event| key(rows, &event)
            >
                <TreeHead rows names head />
                <div class="tree-space" role="presentation" style:height=move || format!("{}px", rows.scroll.get().height())>
                    <TreePane rows head focused />
                </div>
            </div>
            {columns(hidden)}
            {move || rows.error.get().map(|e| view! { <p class="error-text tree-error" role="alert">{e}</p> })}
            <p class="visually-hidden" aria-live="polite">
                {move || view.facts.error.get()}
            </p>
        </section>
    }
}

/// The menu that shows and hides columns, and remembers them.
fn columns(hidden: RwSignal<String>) -> AnyView {
    let items = Signal::derive(move || {
        let now = hidden.get();
        let item = |(class, name, shown): (&'static str, &'static str, &'static str)| {
            let stands = !now.split(' ').any(|c| c == class);
            let run = Callback::new(move |()| {
                hidden.update(|list| {
                    let mut next: Vec<&str> = list.split(' ').filter(|c| *c != class).collect();
                    if stands {
                        next.push(class);
                    }
                    *list = next.join(" ");
                });
                web::page::store(HIDDEN, &hidden.get_untracked());
            });
            MenuItem { label: if stands { shown } else { name }, key: "", apart: false, run }
        };
        COLUMNS.map(item).to_vec()
    });
    view! { <div class="tree-columns"><Menu label="⋯" title="Columns of the tree" items /></div> }.into_any()
}

/// Names of the columns, the fold buttons, and the ruler of the bars.
#[component]
fn TreeHead(rows: TreeRows, names: RwSignal<f64>, head: NodeRef<Div>) -> impl IntoView {
    let level = move |event| {
        let depth = event_target_value(&event).parse::<u32>().ok();
        rows.fold_to(depth, false, depth == Some(1));
    };
    let levels = (1..=9).map(|n| view! { <option value=n.to_string()>{n}</option> }).collect_view();
    view! {
        <div class="tree-head" role="row" aria-rowindex="1" node_ref=head>
            <div role="columnheader" class="tree-head-name">
                <span>"Span"</span>
                <select aria-label="Unfold to level" title="Unfold to a level" on:change=level>
                    <option value="">"Level"</option>{levels}
                </select>
                <button type="button" class="ghost small" title="Fold all  {" on:click=move |_| rows.fold_all(true)>"Fold all"</button>
                <button type="button" class="ghost small" title="Unfold all  }" on:click=move |_| rows.fold_all(false)>"Unfold all"</button>
                <Splitter side=Side::Right size=names label="Width of the names" />
            </div>
            <div role="columnheader" class="tree-service">"Service"</div>
            <div role="columnheader" class="tree-number tree-start">"Start"</div>
            <div role="columnheader" class="tree-number tree-duration">"Duration"</div>
            <div role="columnheader" class="tree-number tree-self">"Self"</div>
            <div role="columnheader" class="tree-number tree-rank" title="The share of its operation's spans that took no longer, in all loaded data">"Rank"</div>
            <div role="columnheader" class="tree-head-ruler"><span class="visually-hidden">"Time"</span><div class="tree-ruler">{ruler(rows.view(), 4, false)}</div></div>
        </div>
    }
}

fn key(rows: TreeRows, event: &KeyboardEvent) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    // Buttons in the head keep their own keys.
    let on_button = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlButtonElement>().ok()).is_some();
    if on_button {
        return;
    }
    let total = rows.total.get_untracked();
    let at = rows.cursor.get_untracked();
    let page = (rows.scroll.get_untracked().view / ROW).max(2.0) as usize - 1;
    let row = at.and_then(|a| rows.row(a));
    let next = match event.key().as_str() {
        "ArrowDown" => at.map_or(0, |a| a + 1),
        "ArrowUp" => at.unwrap_or(0).saturating_sub(1),
        "PageDown" => at.unwrap_or(0) + page,
        "PageUp" => at.unwrap_or(0).saturating_sub(page),
        "Home" => 0,
        "End" => total.saturating_sub(1),
        "ArrowRight" => match row {
            Some(row) if row.children > 0 && row.folded => {
                rows.toggle_row(&row);
                at.unwrap_or(0)
            }
            Some(row) if row.children > 0 => at.unwrap_or(0) + 1,
            _ => at.unwrap_or(0),
        },
        "ArrowLeft" => match row {
            Some(row) if row.children > 0 && !row.folded => {
                rows.toggle_row(&row);
                at.unwrap_or(0)
            }
            Some(row) => parent(rows, at.unwrap_or(0), row.depth),
            None => 0,
        },
        "Enter" => {
            // The details of a span that was just walked to may be on their way: its row says where it stands.
            match row.filter(|row| is_span(row)) {
                Some(row) => rows.view().fit(row.offset_ns, row.offset_ns + row.duration_ns),
                None => rows.view().fit_selection(),
            }
            at.unwrap_or(0)
        }
        _ => return,
    };
    event.prevent_default();
    event.stop_propagation();
    if total > 0 {
        rows.go(next);
    }
}

/// The nearest row above that is less deep; the row itself where it is not at hand.
fn parent(rows: TreeRows, at: usize, depth: u32) -> usize {
    let above = (0..at).rev().map(|i| (i, rows.row(i))).take_while(|(_, r)| r.is_some());
    let found = above.into_iter().find(|(_, r)| r.as_ref().is_some_and(|r| r.depth < depth));
    if let Some((i, _)) = found {
        return i;
    }
    // It was scrolled away: the details know its id.
    let view = rows.view();
    if let Some(span) = view.selected_now().filter(|s| depth > 1 && !s.parent_span_id.is_empty()) {
        view.pick_id(&span.parent_span_id);
    }
    at
}
