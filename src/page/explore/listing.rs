//! A list of any length of which only the visible rows are asked for: the traces, the spans and the table of the
//! explorer are three of them.

use std::sync::Arc;

use leptos::{html, prelude::*};

use crate::engine::protocol::Question;
use crate::page::address::View;
use crate::page::client::AskError;
use crate::page::clock;
use crate::page::colors::ServiceColors;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::widgets::{
    Blank, Duration, Name, Percent, ServiceDot, Share, VirtualRows, Waiting, width_of,
};
use crate::web;

/// Height of a row, as the stylesheet has it.
const ROW_PX: f64 = 33.0;
/// Space between columns in CSS pixels.
const GAP: u32 = 16;
/// Up to this width a list is narrow.
const NARROW: f64 = 700.0;
/// Rows are asked for in steps of this many, so that scrolling a little asks nothing.
const STEP: usize = 64;

/// The spare of a column that is not shown.
pub const NEVER: u8 = u8::MAX;

/// A column.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Head {
    /// What it is sorted by, and its class; "" where it cannot be.
    pub word: String,
    /// What it says.
    pub label: String,
    /// The whole of it, where the label is short.
    pub title: String,
    /// The least width in CSS pixels; 0 takes what the others leave.
    pub px: u32,
    /// The sooner it is left out where there is no room, the larger; 0 always stays, [`NEVER`] is always left out.
    pub spare: u8,
    /// Whether it holds text rather than numbers.
    pub text: bool,
    /// Whether the first press sorts ascending.
    pub up: bool,
    /// Whether a press sorts by it in one direction only.
    pub once: bool,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// A name, with a service's color and what stands beside it.
    Name {
        /// The service, for the color.
        service: Option<String>,
        /// The name.
        text: String,
        /// Beside it, quieter.
        aside: String,
        /// Whether it failed.
        failed: bool,
    },
    /// Text from telemetry; "" is said to be absent.
    Text(String),
    /// A number or a word as it is written.
    Plain(String),
    /// Nanoseconds since the epoch, 0 where unknown.
    Time(u64),
    /// Nanoseconds; with a service, also the share of the list's longest in its color.
    Duration(Option<f64>, Option<String>),
    /// A count.
    Count(u64),
    /// A fraction.
    Percent(Option<f64>),
    /// Errors.
    Errors(u64),
}

/// Where a row leads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// The view.
    pub view: View,
    /// With this query there; the present one where none.
    pub q: Option<String>,
    /// With this span chosen.
    pub span: String,
    /// With this tab.
    pub tab: &'static str,
}

/// One row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Where it leads, if anywhere.
    pub target: Option<Target>,
    /// One a column; the first is the link.
    pub cells: Vec<Cell>,
}

/// A list.
pub struct List {
    /// What its rows are: "span".
    pub noun: &'static str,
    /// The columns.
    pub heads: Signal<Vec<Head>>,
    /// The order where the address names none.
    pub sort: &'static str,
    /// The longest duration of the whole list, nanoseconds.
    pub longest: Signal<f64>,
    /// Takes a column away, where that can be chosen; gets its word.
    pub remove: Option<Callback<String>>,
}

/// A piece of the list, with its place in it.
#[derive(Clone, Debug)]
struct Piece {
    offset: usize,
    total: u64,
    rows: Vec<Row>,
}

/// Takes the length of the list and rows with these fields from an answer.
pub type Read<A> = fn(&A, &[String]) -> (u64, Vec<Row>);

/// Draws a list whose rows `question` asks for, by limit and offset, and `read` takes from the answer.
pub fn listing<Q: Question + 'static>(
    frame: Frame,
    list: List,
    question: impl Fn(usize, usize) -> Q + 'static,
    read: Read<Q::Answer>,
    fields: Signal<Vec<String>>,
) -> AnyView {
    let state = frame.state;
    let window = RwSignal::new((0_usize, 0_usize));
    let piece = RwSignal::new(None::<Arc<Piece>>);
    let error = RwSignal::new(None::<String>);
    let wanted = Memo::new(move |_| {
        let (first, end) = window.get();
        let from = first / STEP * STEP;
        (from, (end.max(first + 1)).div_ceil(STEP) * STEP - from)
    });
    Effect::new(move |before: Option<(u64, String)>| {
        let (offset, limit) = wanted.get();
        let now = (state.generation.get(), question(limit, offset).into().to_json());
        if before.as_ref() == Some(&now) {
            return now;
        }
        let (client, text, fields) = (state.client(), now.1.clone(), fields.get_untracked());
        web::tasks::spawn(async move {
            match client.ask_as::<Q::Answer>("explore-list", &text).await {
                Ok(answered) => {
                    let (total, rows) = read(&answered.answer.body, &fields);
                    piece.try_set(Some(Arc::new(Piece { offset, total, rows })));
                    error.try_set(None);
                }
                Err(AskError::Failed(sentence)) => {
                    error.try_set(Some(sentence));
                }
                Err(AskError::Superseded) => {}
            }
        });
        now
    });
    draw(frame, list, piece, error, window)
}

fn draw(
    frame: Frame,
    list: List,
    piece: RwSignal<Option<Arc<Piece>>>,
    error: RwSignal<Option<String>>,
    window: RwSignal<(usize, usize)>,
) -> AnyView {
    let List { noun, heads, sort, longest, remove } = list;
    let total = Signal::derive(move || piece.with(|p| p.as_ref().map_or(0, |p| p.total as usize)));
    let place = NodeRef::<html::Div>::new();
    let width = width_of(place);
    let shown = Memo::new(move |_| fitting(&heads.get(), width.get()));
    let template = move || {
        let (heads, width) = (heads.get(), width.get());
        let column = |&at: &usize| {
            let head = heads.get(at).cloned().unwrap_or_default();
            match (head.needs(width), head.px) {
                (px, 0) => format!("minmax({px}px, 1fr)"),
                (px, 100..) if head.text => format!("minmax({px}px, .7fr)"),
                (px, _) => format!("{px}px"),
            }
        };
        shown.get().iter().map(column).collect::<Vec<_>>().join(" ")
    };
    let row = move |i: usize| {
        move || {
            // By another clock a row is written anew.
            frame.state.local_clock.track();
            let found = piece.get().and_then(|p| p.rows.get(i.checked_sub(p.offset)?).cloned());
            match found {
                Some(row) => row_view(frame, &row, &heads.get(), &shown.get(), i, longest.get()),
                None => view! { <div class="table-row pending" role="row" aria-rowindex=(i + 2).to_string()></div> }
                    .into_any(),
            }
        }
    };
    let head_row = move || {
        let (heads, sorted) = (heads.get(), frame.state.address.with(|a| a.sort.clone()));
        let sorted = if sorted.is_empty() { sort.to_owned() } else { sorted };
        shown
            .get()
            .iter()
            .filter_map(|&at| heads.get(at))
            .map(|h| head(frame, h, &sorted, remove))
            .collect::<Vec<_>>()
    };
    let over = move || {
        if let Some(text) = error.get() {
            return view! { <Blank title=format!("No {noun}s") text=text error=true/> }.into_any();
        }
        match piece.with(|p| p.as_ref().map(|p| p.total)) {
            None => view! { <Waiting/> }.into_any(),
            Some(0) => view! {
                <Blank title=format!("No {noun} matches") text="Nothing in the time range meets the query">
                    <button type="button" on:click=move |_| frame.state.change_address(false, |a| { a.range = None; a.q.clear(); })>"Show everything"</button>
                </Blank>
            }
            .into_any(),
            Some(_) => ().into_any(),
        }
    };
    let hidden = move || total.get() == 0;
    view! {
        <div class=format!("table list {noun}s") class:empty=hidden node_ref=place role="table" aria-label=format!("{noun}s")
            style=("--columns", template) aria-rowcount=move || (total.get() + 1).to_string()>
            <div class="table-head" role="row" aria-rowindex="1">{head_row}</div>
            <VirtualRows total=total row_px=ROW_PX row=row window=window/>
        </div>
        {over}
    }
    .into_any()
}

impl Head {
    /// The least width in a list of this width; on a narrow screen everything stands closer.
    fn needs(&self, width: f64) -> u32 {
        let px = if self.px == 0 { 170 } else { self.px };
        match (width > NARROW, self.text) {
            (true, _) => px,
            (false, true) => px.min(92),
            (false, false) => px.min(74),
        }
    }
}

/// The places of the columns that have room.
fn fitting(heads: &[Head], width: f64) -> Vec<usize> {
    let mut all: Vec<usize> = (0..heads.len()).filter(|&at| heads[at].spare != NEVER).collect();
    let need = |all: &[usize]| all.iter().map(|&at| heads[at].needs(width) + GAP).sum::<u32>();
    while width > 1.0 && f64::from(need(&all)) > width {
        let Some(least) =
            all.iter().copied().filter(|&at| heads[at].spare > 0).max_by_key(|&at| heads[at].spare)
        else {
            break;
        };
        all.retain(|&at| at != least);
    }
    all
}

/// A column's head: a button that sorts by it.
fn head(frame: Frame, head: &Head, sorted: &str, remove: Option<Callback<String>>) -> AnyView {
    let (field, descending) = sorted.strip_prefix('-').map_or((sorted, false), |field| (field, true));
    let class = format!("{} c-{}", if head.text { "cell" } else { "cell number" }, head.word);
    let label = head.label.clone();
    let title = if head.title.is_empty() { head.label.clone() } else { head.title.clone() };
    if head.word.is_empty() {
        return view! { <div class=class role="columnheader" title=title><span class="ellipsis">{label}</span></div> }
            .into_any();
    }
    let here = field == head.word;
    let (direction, arrow) = match (here, descending) {
        (false, _) => ("none", ""),
        (true, true) => ("descending", "↓"),
        (true, false) => ("ascending", "↑"),
    };
    let down = head.once || if here { !descending } else { !head.up };
    let next = format!("{}{}", if down { "-" } else { "" }, head.word);
    let press = move |_| frame.state.change_address(true, |a| a.sort.clone_from(&next));
    let away = remove.filter(|_| head.text && !head.title.is_empty()).map(|remove| {
        let word = head.word.clone();
        let said = format!("Take the column {label} away");
        view! {
            <button type="button" class="ghost tiny" title="Take away" aria-label=said on:click=move |_| remove.run(word.clone())>"✕"</button>
        }
    });
    view! {
        <div class=class role="columnheader" aria-sort=direction>
            <button type="button" title=title on:click=press><span class="ellipsis"><bdi>{label}</bdi></span><span class="arrow" aria-hidden="true">{arrow}</span></button>
            {away}
        </div>
    }
    .into_any()
}

fn row_view(frame: Frame, row: &Row, heads: &[Head], shown: &[usize], index: usize, longest: f64) -> AnyView {
    let mut link = row.target.clone();
    let cells: Vec<AnyView> = shown
        .iter()
        .filter_map(|&at| Some((heads.get(at)?, row.cells.get(at)?)))
        .map(|(head, cell)| {
            let inside = inside(cell, longest);
            // The first cell is the link of the whole row.
            let inside = match link.take() {
                Some(target) => {
                    let href = frame.href(|a| {
                        *a = a.with_view(target.view);
                        target.tab.clone_into(&mut a.tab);
                        a.span = target.span;
                        if let Some(q) = target.q {
                            a.q = q;
                        }
                    });
                    view! { <a class="row-link ellipsis" href=href>{inside}</a> }.into_any()
                }
                None => inside,
            };
            let class = if head.text { "cell" } else { "cell number" };
            view! { <div class=class role="cell">{inside}</div> }.into_any()
        })
        .collect();
    view! { <div class="table-row" role="row" aria-rowindex=(index + 2).to_string()>{cells}</div> }.into_any()
}

fn inside(cell: &Cell, longest: f64) -> AnyView {
    match cell {
        Cell::Name { service, text, aside, failed } => {
            let dot = service.clone().map(|service| view! { <ServiceDot service=service/> });
            let aside = (!aside.is_empty())
                .then(|| view! { <span class="row-service"><Name text=aside.clone()/></span> });
            let failed = failed.then(|| view! { <span class="tag error">"error"</span> });
            view! { {dot}<span title=text.clone()><Name text=text.clone()/></span>{aside}{failed} }.into_any()
        }
        Cell::Text(text) if text.is_empty() => view! { <span class="none">"(absent)"</span> }.into_any(),
        Cell::Text(text) => {
            view! { <span class="ellipsis" title=text.clone()><Name text=text.clone()/></span> }.into_any()
        }
        Cell::Plain(text) => text.clone().into_any(),
        Cell::Time(0) => view! { <span class="none">{format::NONE}</span> }.into_any(),
        Cell::Time(ns) => view! { <span title=clock::exact(*ns)>{clock::time(*ns, 3)}</span> }.into_any(),
        Cell::Duration(ns, share) => {
            let share = share.clone().map(|service| {
                let (fraction, colors) = (ns.unwrap_or(0.0) / longest.max(1.0), ServiceColors::here());
                move || view! { <Share fraction=fraction class=colors.class(&service)/> }
            });
            view! { <span><Duration ns=*ns/></span>{share} }.into_any()
        }
        Cell::Count(n) => view! { <span>{format::count(*n)}</span> }.into_any(),
        Cell::Percent(fraction) => {
            let many = fraction.is_some_and(|f| f >= 0.05);
            view! { <span class:error-text=many><Percent fraction=*fraction/></span> }.into_any()
        }
        Cell::Errors(0) => view! { <span class="none">"0"</span> }.into_any(),
        Cell::Errors(n) => view! { <span class="tag error">{format::counted(*n, "error")}</span> }.into_any(),
    }
}
