//! Statistics of the trace by service, operation or any attribute, on one or two levels; a click filters the views.

use leptos::prelude::*;

use super::view::TraceView;
use crate::engine::protocol::{Statistics, StatisticsRow};
use crate::model::format_duration;
use crate::page::condition::{Condition, filter, text};
use crate::page::format;
use crate::page::state::live;

/// Rows shown; the rest are counted.
const MOST: usize = 500;
/// What is offered to group by; any attribute can be typed.
pub(super) const OFFERED: [&str; 9] = [
    "operation",
    "service",
    "name",
    "kind",
    "status",
    "span.http.route",
    "span.db.system",
    "span.server.address",
    "resource.host.name",
];
/// Columns: the word in the address, the heading, whether it is a share.
const COLUMNS: [(&str, &str); 11] = [
    ("count", "Count"),
    ("errors", "Errors"),
    ("total", "Total"),
    ("self", "Self"),
    ("selfshare", "Self %"),
    ("critical", "Path %"),
    ("avg", "Average"),
    ("min", "Min"),
    ("p50", "p50"),
    ("p95", "p95"),
    ("max", "Max"),
];

fn number(row: &StatisticsRow, column: &str) -> f64 {
    match column {
        "count" => row.count as f64,
        "errors" => row.errors as f64,
        "self" | "selfshare" => row.self_ns as f64,
        "critical" => row.critical_ns as f64,
        "avg" => row.avg_ns,
        "min" => row.min_ns as f64,
        "p50" => row.p50_ns,
        "p95" => row.p95_ns,
        "max" => row.max_ns as f64,
        _ => row.total_ns as f64,
    }
}

/// The TraceQL that finds the spans of a group; none for values that cannot be asked for.
pub(super) fn find(levels: &[(&str, &str)]) -> String {
    let mut conditions = Vec::new();
    for &(by, value) in levels {
        let value = match (by, value.split_once(" :: ")) {
            ("operation", Some((service, name))) => {
                conditions.push(Condition::service(service));
                name
            }
            _ => value,
        };
        conditions.push(match by {
            "operation" => Condition::name(value),
            "service" => Condition::service(value),
            "name" => Condition::name(value),
            "kind" | "status" => Condition::is(by, value),
            _ if value.is_empty() => Condition::is(by, "nil"),
            _ if value.parse::<f64>().is_ok() || value == "true" || value == "false" => {
                Condition::is(by, value)
            }
            _ => Condition::is(by, text(value)),
        });
    }
    filter(&conditions)
}

/// The panel; stands where the tree would.
pub(super) fn panel(view: TraceView) -> AnyView {
    let levels = move || {
        let by = view.look("by").unwrap_or_default();
        match by.as_str() {
            "operation" | "" => ("service".to_owned(), "name".to_owned()),
            _ => (by, view.look("then").unwrap_or_default()),
        }
    };
    let groups = live("trace-statistics", move || {
        let trace_id = view.id.get();
        let (by, then) = levels();
        (!trace_id.is_empty()).then(|| Statistics {
            trace_id,
            by,
            then,
            sync_only: view.has("sync"),
            ..Statistics::default()
        })
    });
    let sort = Memo::new(move |_| {
        view.app.address.with(|a| if a.sort.is_empty() { "-total".to_owned() } else { a.sort.clone() })
    });
    let table = move || {
        let Some(answer) = groups.value.get() else {
            let sentence = groups.error.get().unwrap_or_else(|| "Loading…".to_owned());
            return view! { <p class="details-empty">{sentence}</p> }.into_any();
        };
        let sort = sort.get();
        let (by, then) = levels();
        let (down, column) = sort.strip_prefix('-').map_or((false, sort.as_str()), |c| (true, c));
        let mut rows: Vec<&StatisticsRow> = answer.rows.iter().collect();
        rows.sort_by(|a, b| {
            let order = if column == "group" {
                (&a.group, &a.then).cmp(&(&b.group, &b.then))
            } else {
                number(a, column).total_cmp(&number(b, column))
            };
            if down { order.reverse() } else { order }
        });
        let sum = |column| answer.rows.iter().map(|r| number(r, column)).sum::<f64>().max(1.0);
        let (own, critical) = (sum("self"), sum("critical"));
        let mut lines: Vec<AnyView> = Vec::new();
        for row in rows.iter().take(MOST) {
            lines.push(line(view, row, (&by, &then), own, critical));
        }
        let rest = rows.len().saturating_sub(MOST) as u64;
        let more = (rest > 0)
            .then(|| view! { <p class="muted">{format!("and {}", format::counted(rest, "more group"))}</p> });
        let mut heads: Vec<AnyView> =
            vec![head(view, &sort, "group", if then.is_empty() { "Group" } else { "Groups" })];
        heads.extend(COLUMNS.iter().map(|(word, label)| head(view, &sort, word, label)));
        view! {
            <table class="statistics"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table>
            {more}
        }
        .into_any()
    };
    let field = move |word: &'static str, label: &'static str| {
        let change = move |event| {
            let value = event_target_value(&event);
            let value = value.trim();
            // Without a first level there is no panel.
            let value = if value.is_empty() && word == "by" { "operation" } else { value };
            view.set_look(word, (!value.is_empty()).then_some(value));
        };
        view! {
            <label>{label}" "<input type="text" list="statistics-by" size="18" spellcheck="false"
                prop:value=move || view.look(word).unwrap_or_default() on:change=change /></label>
        }
    };
    view! {
        <section class="statistics-panel" aria-label="Statistics of this trace" tabindex="0">
            <div class="statistics-tools">
                {field("by", "By")}{field("then", "then by")}
                <span class="muted">"A click on a row finds its spans"</span>
                <button type="button" class="ghost small" on:click=move |_| view.set_look("by", None)>"Back to the tree"</button>
            </div>
            {table}
        </section>
    }
    .into_any()
}

fn head(view: TraceView, sort: &str, word: &'static str, label: &'static str) -> AnyView {
    let (down, column) = sort.strip_prefix('-').map_or((false, sort), |c| (true, c));
    let (order, arrow) = match (column == word, down) {
        (true, true) => ("descending", " ↓"),
        (true, false) => ("ascending", " ↑"),
        _ => ("none", ""),
    };
    let next = if column == word && down { word.to_owned() } else { format!("-{word}") };
    view! {
        <th scope="col" aria-sort=order>
            <button type="button" class="ghost small" on:click=move |_| view.app.change_address(true, |a| a.sort.clone_from(&next))>{label}{arrow}</button>
        </th>
    }
    .into_any()
}

fn line(view: TraceView, row: &StatisticsRow, (by, then): (&str, &str), own: f64, critical: f64) -> AnyView {
    let mut levels = vec![(by, row.group.as_str())];
    if !then.is_empty() {
        levels.push((then, row.then.as_str()));
    }
    let find = find(&levels);
    let class = if view.find.with(|f| *f == find) { "chosen" } else { "" };
    let dot =
        (by == "service").then(|| view.service_class("dot", &row.group)).map(|c| view! { <i class=c></i> });
    let shown = |text: &str| if text.is_empty() { format::NONE.to_owned() } else { text.to_owned() };
    let second = (!then.is_empty()).then(|| view! { <bdi>{shown(&row.then)}</bdi> });
    let first_class = if then.is_empty() { "" } else { "muted" };
    let mut cells: Vec<AnyView> = Vec::new();
    for (column, _) in COLUMNS {
        let value = number(row, column);
        let (text, unit) = match column {
            "count" | "errors" => (format::count(value as u64), ""),
            "selfshare" => (format::percent(value / own), "%"),
            "critical" => (format::percent(value / critical), "%"),
            _ => format_duration(value),
        };
        let class = if column == "errors" && row.errors > 0 { "error-text" } else { "" };
        cells.push(view! { <td class=class>{text}<span class="unit">{unit}</span></td> }.into_any());
    }
    view! {
        <tr class=class>
            <th scope="row"><button type="button" class="group" on:click=move |_| view.look_for(&find, true)>
                {dot}{second}<bdi class=first_class>{shown(&row.group)}</bdi></button></th>
            {cells}
        </tr>
    }
    .into_any()
}
