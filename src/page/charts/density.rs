//! How the durations are spread: over time as a heatmap, and over all of it as a histogram. A box over either
//! is a range of time and of durations, and leads to exactly those calls.

use std::sync::Arc;

use leptos::{html, prelude::*};

use super::overlay::{Offer, offer};
use super::surface::{Act, Cell, Surface, surface};
use super::{HEIGHT, drawing, go, save, save_menu, singles, traces_address};
use crate::engine::protocol::{HeatmapAnswer, Ns, Range};
use crate::page::clock;
use crate::page::condition::Condition;
use crate::page::csv::Csv;
use crate::page::drill;
use crate::page::edits::Boxed;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::Live;
use crate::page::widgets::width_of;
use crate::scene::chart::{YUnit, value_label};
use crate::scene::heatmap::{Cells, Heatmap};
use crate::scene::histogram::histogram;
use crate::scene::shapes::Shapes;

/// Height of the time or duration axis below a plot.
const AXIS: f64 = 20.0;

/// The TraceQL of the calls that were counted and meet these conditions.
pub type Narrowed = Arc<dyn Fn(&[Condition]) -> String + Send + Sync>;

/// Who keeps the chosen box, where not the chart itself.
#[derive(Clone, Copy)]
pub struct Keeper {
    /// The present one.
    pub now: Signal<Option<Boxed>>,
    /// Is told of another one.
    pub choose: Callback<Option<Boxed>>,
}

/// Height of the charts where the box is kept: they are the view then, and not its head.
const TALL: f64 = 300.0;

/// What the two charts share.
#[derive(Clone)]
pub(super) struct Density {
    pub(super) frame: Frame,
    pub(super) height: f64,
    pub(super) answer: Live<HeatmapAnswer>,
    /// The span that is pointed at, where spans are drawn one by one.
    pub(super) single: RwSignal<Option<usize>>,
    noun: &'static str,
    keeper: Option<Keeper>,
    pub(super) map: Signal<Option<Arc<Heatmap>>>,
    narrowed: Narrowed,
    /// Opposite corners of the chosen box.
    from: RwSignal<Option<Cell>>,
    to: RwSignal<Option<Cell>>,
    /// Which chart it was drawn on.
    picked: RwSignal<Option<Cell>>,
    active: RwSignal<Option<usize>>,
}

/// The heatmap is chart 0, the histogram chart 1.
const HISTOGRAM: usize = 1;

impl Density {
    /// The chosen cells of the heatmap; on the histogram columns are durations, over the whole time.
    fn cells(map: &Heatmap, chart: usize, a: Cell, b: Cell) -> Cells {
        if chart == HISTOGRAM {
            return Cells::between((0, a.0), (map.columns.saturating_sub(1), b.0));
        }
        Cells::between(a, b)
    }

    fn traces(&self, map: &Heatmap, cells: Cells) -> String {
        let (low, high) = (map.edges_ns.get(cells.rows.0), map.edges_ns.get(cells.rows.1 + 1));
        let between = drill::durations(low.copied().unwrap_or(0), high.copied().unwrap_or(u64::MAX));
        traces_address(self.frame, (self.narrowed)(&between), time_of(map, cells))
    }

    fn act(&self, chart: usize, act: Act, at: Option<Cell>, anchor: Option<Cell>) {
        let (Some(map), Some(at)) = (self.map.get_untracked(), at) else { return };
        let from = anchor.unwrap_or(at);
        match act {
            Act::Pick | Act::Select => {
                self.from.set(Some(from));
                self.to.set(Some(at));
                self.picked.set(Some((chart, 0)));
                self.keep(Some(boxed(&map, Self::cells(&map, chart, from, at))));
            }
            Act::Enter if self.keeper.is_some() => self.act(chart, Act::Select, Some(at), anchor),
            Act::Enter => go(self.frame, &self.traces(&map, Self::cells(&map, chart, from, at))),
            Act::Leave => {
                self.picked.set(None);
                self.keep(None);
            }
        }
    }

    fn keep(&self, chosen: Option<Boxed>) {
        if let Some(keeper) = self.keeper {
            keeper.choose.run(chosen);
        }
    }

    /// Shows the box that is kept elsewhere, or none.
    fn restore(&self, map: &Heatmap, kept: Option<Boxed>) {
        let Some(kept) = kept else { return self.picked.set(None) };
        let last = |n: usize| n.saturating_sub(1);
        let column = |ns: u64| {
            (ns.saturating_sub(map.start_ns).checked_div(map.step_ns).unwrap_or(0) as usize)
                .min(last(map.columns))
        };
        let row = |ns: u64| last(map.edges_ns.partition_point(|&edge| edge <= ns)).min(last(map.rows()));
        let (from, to) = (kept.range.start_ns.0, kept.range.end_ns.0.saturating_sub(1));
        let high = row(kept.high_ns.saturating_sub(1));
        let whole = from <= map.start_ns && column(to) == last(map.columns);
        let chart = match self.picked.get_untracked() {
            Some((chart, _)) if whole => chart,
            _ => 0,
        };
        let place = |column: usize, row: usize| if chart == HISTOGRAM { (row, 0) } else { (column, row) };
        self.from.set(Some(place(column(from), row(kept.low_ns))));
        self.to.set(Some(place(column(to), high)));
        self.picked.set(Some((chart, 0)));
    }
}

/// The times and durations of some cells.
fn boxed(map: &Heatmap, cells: Cells) -> Boxed {
    let edge = |row: usize| map.edges_ns.get(row).copied();
    Boxed {
        range: time_of(map, cells),
        low_ns: edge(cells.rows.0).unwrap_or(0),
        high_ns: edge(cells.rows.1 + 1).unwrap_or(u64::MAX),
    }
}

fn time_of(map: &Heatmap, cells: Cells) -> Range {
    Range { start_ns: Ns(map.time(cells.columns.0)), end_ns: Ns(map.time(cells.columns.1 + 1)) }
}

/// `100 ms – 250 ms`.
fn lengths(map: &Heatmap, rows: (usize, usize)) -> String {
    let edge = |i: usize| map.edges_ns.get(i).map_or(0.0, |&ns| ns as f64);
    let word = |ns| value_label(ns, YUnit::Duration);
    format!("{} – {}", word(edge(rows.0)), word(edge(rows.1 + 1)))
}

/// The two charts, side by side.
pub fn density(answer: Live<HeatmapAnswer>, narrowed: Narrowed, keeper: Option<Keeper>) -> AnyView {
    let map = Memo::new_with_compare(
        move |_| answer.value.with(|a| a.as_ref().map(|a| Arc::new(read(a, answer)))),
        |_, _| true,
    );
    let shared = Density {
        frame: Frame::here(),
        answer,
        single: RwSignal::new(None),
        height: if keeper.is_some() { TALL } else { HEIGHT },
        noun: if keeper.is_some() { "span" } else { "call" },
        keeper,
        map: map.into(),
        narrowed,
        from: RwSignal::new(None),
        to: RwSignal::new(None),
        picked: RwSignal::new(None),
        active: RwSignal::new(None),
    };
    let kept = shared.clone();
    Effect::new(move || {
        let now = keeper.and_then(|keeper| keeper.now.get());
        kept.single.set(None);
        match map.get() {
            Some(map) => kept.restore(&map, now),
            None => kept.picked.set(None),
        }
    });
    view! {
        <section class="charts density" aria-label="Durations">
            {card(&shared, 0, "latency-heatmap", "Latency over time")}
            {card(&shared, HISTOGRAM, "latency-histogram", "Latency distribution")}
        </section>
    }
    .into_any()
}

fn read(a: &HeatmapAnswer, answer: Live<HeatmapAnswer>) -> Heatmap {
    Heatmap {
        start_ns: a.start_ns.map_or(0, |ns| ns.0),
        step_ns: a.step_ns,
        columns: a.buckets as usize,
        edges_ns: a.edges_ns.clone(),
        counts: a.counts.clone(),
        errors: a.errors.clone(),
        singles: answer.columns.with_value(|columns| singles::read(columns)),
    }
}

fn shapes(map: &Heatmap, chart: usize, width: f64, height: f64) -> Shapes {
    match chart {
        HISTOGRAM => histogram(&map.edges_ns, &map.by_duration(), width, height),
        _ => map.shapes(width, height, clock::ahead_s(map.start_ns)),
    }
}

fn card(shared: &Density, chart: usize, id: &'static str, title: &'static str) -> AnyView {
    let place = NodeRef::<html::Div>::new();
    let width = width_of(place);
    let (map, height) = (shared.map, shared.height);
    let (at, anchor) = (RwSignal::new(None), RwSignal::new(None));
    let acting = shared.clone();
    let hand = shared.clone();
    let hears = (chart == 0 && shared.keeper.is_some())
        .then(|| Callback::new(move |spot| singles::heard(&hand, &spot, width.get_untracked(), at, anchor)));
    let hearing = Surface {
        id: chart,
        at,
        anchor,
        active: shared.active,
        place,
        size: Callback::new(move |()| {
            map.with_untracked(|m| {
                let m = m.as_ref();
                let (columns, rows) = (m.map_or(0, |m| m.columns), m.map_or(0, |m| m.rows()));
                if chart == HISTOGRAM { (rows, 1, height) } else { (columns, rows, height - AXIS) }
            })
        }),
        act: Callback::new(move |act| {
            let (now, from) = (at.get_untracked(), anchor.get_untracked());
            acting.act(chart, act, now, from);
            if act != Act::Leave {
                anchor.set(None);
            }
        }),
        over: hears,
    };
    let drawn = move || {
        let (map, width) = (map.get()?, width.get());
        (width > 1.0).then(|| drawing(&shapes(&map, chart, width, height), "plot".into()))
    };
    let over = {
        let shared = shared.clone();
        move || {
            let (map, width) = (map.get()?, width.get());
            let single = shared.single.get().filter(|_| chart == 0);
            let card = single.and_then(|i| singles::card(&shared, &map, i, width));
            let picked = shared.picked.get().is_some_and(|(on, _)| on == chart);
            let (from, to) = match at.get() {
                Some(at) if !picked && card.is_none() || anchor.get().is_some() => {
                    (anchor.get().unwrap_or(at), at)
                }
                _ if picked => (shared.from.get()?, shared.to.get()?),
                _ => return card,
            };
            let cells = Density::cells(&map, chart, from, to);
            let [left, top, wide, high] = match chart {
                HISTOGRAM => {
                    let bar = width / map.rows().max(1) as f64;
                    let (first, last) = cells.rows;
                    [first as f64 * bar, 0.0, (last + 1 - first) as f64 * bar, height - AXIS]
                }
                _ => map.place(cells, width, height),
            };
            let px = |v: f64| format!("{v:.1}px");
            let reading = !picked && card.is_none() && shared.active.get() == Some(chart);
            let read_out = reading.then(|| {
                let right = left > width * 0.5;
                let x = px(if right { left } else { left + wide });
                view! {
                    <div class="read-out" class:left=right role="status" style:left=x>{words(&map, chart, cells, shared.noun)}</div>
                }
            });
            Some(
                view! {
                    <i class="band box" style:left=px(left) style:top=px(top) style:width=px(wide) style:height=px(high)></i>
                    {read_out}
                    {card}
                }
                .into_any(),
            )
        }
    };
    let inside = view! { {drawn}{over} }.into_any();
    let label = match (hears.is_some(), shared.keeper.is_some()) {
        (true, _) => {
            "arrow keys read out the counts, or go from span to span where each is drawn; with shift they select, enter chooses the box or opens the span"
        }
        (_, true) => "arrow keys read out the counts, with shift they select, enter chooses the box",
        _ => "arrow keys read out the counts, with shift they select, enter shows the traces",
    };
    let label = format!("{title}; {label}");
    let (frame, noun) = (shared.frame, shared.noun);
    let saving = move |what: &'static str| {
        let Some(map) = map.get_untracked() else { return };
        if what == "csv" {
            return save::csv(frame.state, id, &csv(&map));
        }
        let shapes = shapes(&map, chart, width.get_untracked(), height);
        save::picture(frame.state, id, &shapes, title, what == "png");
    };
    view! {
        <figure class="card chart" data-chart=id>
            <figcaption><h2>{title}</h2><span class="legend">{format!("{noun}s")}</span>{save_menu("Save this chart", Callback::new(saving))}</figcaption>
            {surface(hearing, label, inside)}
            {chosen(shared.clone(), chart)}
        </figure>
    }
    .into_any()
}

/// Time, durations and counts of some cells.
fn words(map: &Heatmap, chart: usize, cells: Cells, noun: &str) -> AnyView {
    let (calls, errors) = map.sum(cells);
    let time = (chart != HISTOGRAM).then(|| {
        let Range { start_ns, end_ns } = time_of(map, cells);
        view! { <p>{format::clock_range(start_ns.0, end_ns.0)}</p> }
    });
    let errors = (errors > 0).then(|| view! { <p class="error-text">{format::counted(errors, "error")}</p> });
    view! { {time}<p>{lengths(map, cells.rows)}</p><p class="strong">{format::counted(calls, noun)}</p>{errors} }
        .into_any()
}

/// What the chosen box offers.
fn chosen(shared: Density, chart: usize) -> AnyView {
    (move || {
        // What a kept box offers stands where it is kept.
        shared.picked.get().filter(|(on, _)| *on == chart && shared.keeper.is_none())?;
        let map = shared.map.get()?;
        let cells = Density::cells(&map, chart, shared.from.get()?, shared.to.get()?);
        let (calls, errors) = map.sum(cells);
        let line = |label: &str, n: u64| (String::new(), label.to_owned(), format::count(n));
        let range = time_of(&map, cells);
        let (first, last, of) = match chart {
            HISTOGRAM => (cells.rows.0, cells.rows.1, map.rows()),
            _ => (cells.columns.0, cells.columns.1, map.columns),
        };
        let when = format::clock_range(range.start_ns.0, range.end_ns.0);
        let frame = shared.frame;
        Some(offer(Offer {
            share: (first + last + 1) as f64 / 2.0 / of.max(1) as f64,
            title: format!("{} · {when}", lengths(&map, cells.rows)),
            lines: vec![line("Calls", calls), line("Errors", errors)],
            href: shared.traces(&map, cells),
            zoom: Callback::new(move |()| frame.state.change_address(false, |a| a.range = Some(range))),
            picked: shared.picked,
        }))
    })
    .into_any()
}

/// The cells that hold something, one a row.
fn csv(map: &Heatmap) -> String {
    let mut csv = Csv::new(["start_ns", "end_ns", "duration_from_ns", "duration_to_ns", "calls", "errors"]);
    for column in 0..map.columns {
        for row in 0..map.rows() {
            let (calls, errors) = map.cell(column, row);
            if calls > 0 {
                let edge = |i: usize| map.edges_ns.get(i).copied().unwrap_or_default();
                let numbers = [
                    map.time(column),
                    map.time(column + 1),
                    edge(row),
                    edge(row + 1),
                    calls.into(),
                    errors.into(),
                ];
                for number in numbers {
                    csv.cell(&number.to_string());
                }
                csv.end_row();
            }
        }
    }
    csv.finish()
}
