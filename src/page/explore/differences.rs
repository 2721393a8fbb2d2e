//! What is different about some spans against others: one card a key, with the share of each value on both sides.

use leptos::prelude::*;

use super::facets::toggle;
use crate::engine::protocol::{Difference, DifferenceAnswer, DifferenceRow, DifferenceValue};
use crate::page::condition::Condition;
use crate::page::edits::{asks_for, compared, short};
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;
use crate::page::widgets::{Blank, Waiting};

/// Values that are asked for.
pub const VALUES: usize = 40;
/// Values that a row shows until it is opened.
const SHOWN: usize = 5;

/// The spans of the query and the range against all others.
pub fn tab(frame: Frame) -> AnyView {
    let state = frame.state;
    let question = Memo::new(move |_| {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        let limit = Some(VALUES);
        (range.is_some() || !q.is_empty()).then(|| Difference { range, q, limit, ..Difference::default() })
    });
    let errors = move |_| toggle(frame, &Condition::error());
    let hint = move || {
        question.with(Option::is_none).then(|| {
            view! {
                <Blank title="Choose spans first" text="A filter, a time range or a box on the heatmap says which spans; this page then tells what sets them apart from all others">
                    <button type="button" on:click=errors>"Take the errors"</button>
                </Blank>
            }
        })
    };
    view! { {hint}{differences(frame, question)} }.into_any()
}

/// The ranking; nothing where nothing is asked.
pub fn differences(frame: Frame, question: Memo<Option<Difference>>) -> AnyView {
    let answer = live("differences", move || question.get());
    // The cards that are opened, by relation and field.
    let opened = RwSignal::new(Vec::<String>::new());
    (move || {
        if let Some(error) = answer.error.get() {
            return view! { <Blank title="No comparison" text=error error=true/> }.into_any();
        }
        match answer.value.get() {
            None if question.with(Option::is_none) => ().into_any(),
            None => view! { <Waiting/> }.into_any(),
            Some(answer) => ranking(frame, &answer, opened),
        }
    })
    .into_any()
}

fn ranking(frame: Frame, answer: &DifferenceAnswer, opened: RwSignal<Vec<String>>) -> AnyView {
    let (selected, rest) = (answer.selected, answer.rest);
    if selected == 0 || rest == 0 {
        let title = if selected == 0 { "No span matches" } else { "Every span matches" };
        return view! { <Blank title=title text="There are no two sides to compare"/> }.into_any();
    }
    let told = format!(
        "{} against {}. {} where chance explains all",
        format::counted(selected, "matching span"),
        format::counted(rest, "other"),
        format::counted(answer.alike, "key"),
    );
    let unique = (!answer.unique.is_empty()).then(|| unique(frame, &answer.unique));
    // What the query itself asks for sets its spans apart by definition.
    let q = frame.state.address.with_untracked(|a| a.q.clone());
    let asked = |row: &&DifferenceRow| row.relation != "parent" && asks_for(&q, &row.field);
    let ranked: Vec<&DifferenceRow> = answer.rows.iter().filter(|row| !asked(row)).collect();
    if ranked.is_empty() {
        return view! {
            <p class="sub" role="status">{told}</p>
            <Blank title="Nothing sets these spans apart" text="All attributes are spread as chance would have it"/>
            {unique}
        }
        .into_any();
    }
    let (places, causes): (Vec<&DifferenceRow>, _) = ranked.into_iter().partition(|row| {
        row.relation == "span" && matches!(row.field.as_str(), "name" | "resource.service.name")
    });
    let cards = |rows: &[&DifferenceRow]| {
        rows.iter().map(|row| difference(frame, row, selected, rest, opened)).collect::<Vec<_>>()
    };
    let section = |title: &'static str, rows: &[&DifferenceRow]| {
        (!rows.is_empty()).then(|| {
            view! { <h2 class="difference-head">{title}</h2><div class="differences">{cards(rows)}</div> }
                .into_any()
        })
    };
    let within = if places.is_empty() { "Values" } else { "Values, within the operations" };
    let (places, rows) = (section("Operations", &places), section(within, &causes));
    view! {
        <p class="sub" role="status">{told}</p>
        <p class="legend difference-legend"><span class="key chosen">"matching"</span><span class="key rest">"others"</span></p>
        {places}
        {rows}
        {unique}
    }
    .into_any()
}

/// Keys that tell nearly every span from every other; each leads to its values.
fn unique(frame: Frame, fields: &[String]) -> AnyView {
    let link = |field: &String| {
        let href = untrack(|| {
            frame.href(|a| {
                (a.tab, a.by) = ("table".to_owned(), field.clone());
                a.sort.clear();
                a.boxed.clear();
            })
        });
        view! { " "<a href=href title=field.clone()><bdi>{short(field)}</bdi></a> }.into_any()
    };
    let links: Vec<AnyView> = fields.iter().map(link).collect();
    view! { <p class="sub">"Near-unique, not compared:"{links}</p> }.into_any()
}

fn difference(
    frame: Frame,
    row: &DifferenceRow,
    selected: u64,
    rest: u64,
    opened: RwSignal<Vec<String>>,
) -> AnyView {
    let whose = match row.relation.as_str() {
        "parent" => "of the parent",
        "root" if row.field.starts_with("root.") => "of the root",
        _ => "",
    };
    let id = format!("{} {}", row.relation, row.field);
    let open = opened.with(|all| all.contains(&id));
    let shown = if open { row.values.len() } else { SHOWN.min(row.values.len()) };
    // Bars are as long as their share of the card's largest.
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    let shares = row.values.iter().map(|v| share(v.selected, selected).max(share(v.rest, rest)));
    let longest = shares.fold(0.0, f64::max);
    let values: Vec<AnyView> = row.values[..shown]
        .iter()
        .map(|value| spread(frame, row, value, (selected, rest), longest))
        .collect();
    let more = (row.values.len() > SHOWN).then(|| {
        let turn = move |_| {
            opened.update(|all| match all.iter().position(|one| *one == id) {
                Some(at) => drop(all.remove(at)),
                None => all.push(id.clone()),
            });
        };
        let all = format!("All {} values", format::count(row.distinct));
        let text = match (open, row.distinct as usize > row.values.len()) {
            (true, _) => "Fewer values".to_owned(),
            (false, true) => format!("{} values of {}", row.values.len(), format::count(row.distinct)),
            (false, false) => all,
        };
        view! { <button type="button" class="ghost small" aria-expanded=open.to_string() on:click=turn>{text}</button> }
    });
    view! {
        <section class="card difference">
            <h3 title=row.field.clone()><bdi>{short(&row.field)}</bdi>" "<span class="unit">{whose}</span></h3>
            <ul>{values}</ul>
            {more}
        </section>
    }
    .into_any()
}

/// One value with its share on both sides.
fn spread(
    frame: Frame,
    row: &DifferenceRow,
    value: &DifferenceValue,
    (selected, rest): (u64, u64),
    longest: f64,
) -> AnyView {
    let share = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
    let (here, there) = (share(value.selected, selected), share(value.rest, rest));
    let percent = |fraction: f64| format!("{} %", format::percent(fraction));
    let width = |fraction: f64| format!("{:.1}%", fraction / longest.max(f64::MIN_POSITIVE) * 100.0);
    let text = match value.text.as_str() {
        _ if value.absent => "(absent)".to_owned(),
        "" => "(empty)".to_owned(),
        text => text.to_owned(),
    };
    let said = format!("{} of the matching spans, {} of the others", percent(here), percent(there));
    let fixed = value.filter.is_empty();
    let (relation, field, filter) = (row.relation.clone(), row.field.clone(), value.filter.clone());
    let press = move |_| {
        frame.state.change_address(false, |a| {
            if let Some(q) = compared(&a.q, &relation, &field, &filter) {
                a.q = q;
            }
        });
    };
    let label = format!("{text}: {said}");
    view! {
        <li>
            <button type="button" class="difference-value" disabled=fixed aria-label=label title=said
                on:click=press><bdi class="ellipsis">{text}</bdi></button>
            <span class="difference-bars" aria-hidden="true">
                <i class="chosen" style:width=width(here)></i>
                <i class="rest" style:width=width(there)></i>
            </span>
            <span class="number">{percent(here)}<span class="unit">{percent(there)}</span></span>
        </li>
    }
    .into_any()
}
