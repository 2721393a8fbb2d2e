//! How the durations are spread: over time as a heatmap, and over all of it as a histogram. A box over either
//! is a range of time and of durations, and leads to exactly those calls.

use std::sync::Arc;

use leptos::{html, prelude::*};

use super::overlay::{Offer, offer};
use super::surface::{Act, Cell, Surface, surface};
use super::{HEIGHT, drawing, go, save, save_menu, traces_address};
use crate::engine::protocol::{HeatmapAnswer, Ns, Range};
use crate::page::clock;
use crate::page::condition::Condition;
use crate::page::csv::Csv;
use crate::page::drill;
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

/// What the two charts share.
#[derive(Clone)]
struct Density {
    frame: Frame,
    map: Signal<Option<Arc<Heatmap>>>,
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
            }
            Act::Enter => go(self.frame, &self.traces(&map, Self::cells(&map, chart, from, at))),
            Act::Leave => self.picked.set(None),
        }
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
pub fn density(answer: Live<HeatmapAnswer>, narrowed: Narrowed) -> AnyView {
    let map = Memo::new_with_compare(
        move |_| answer.value.with(|a| a.as_ref().map(|a| Arc::new(read(a)))),
        |_, _| true,
    );
    let shared = Density {
        frame: Frame::here(),
        map: map.into(),
        narrowed,
        from: RwSignal::new(None),
        to: RwSignal::new(None),
        picked: RwSignal::new(None),
        active: RwSignal::new(None),
    };
    let picked = shared.picked;
    Effect::new(move || {
        map.track();
        picked.set(None);
    });
    view! {
        <section class="charts density" aria-label="Durations">
            {card(&shared, 0, "latency-heatmap", "Latency over time")}
            {card(&shared, HISTOGRAM, "latency-histogram", "Latency distribution")}
        </section>
    }
    .into_any()
}

fn read(a: &HeatmapAnswer) -> Heatmap {
    Heatmap {
        start_ns: a.start_ns.map_or(0, |ns| ns.0),
        step_ns: a.step_ns,
        columns: a.buckets as usize,
        edges_ns: a.edges_ns.clone(),
        counts: a.counts.clone(),
        errors: a.errors.clone(),
    }
}

fn shapes(map: &Heatmap, chart: usize, width: f64) -> Shapes {
    match chart {
        HISTOGRAM => histogram(&map.edges_ns, &map.by_duration(), width, HEIGHT),
        _ => map.shapes(width, HEIGHT, clock::ahead_s(map.start_ns)),
    }
}

fn card(shared: &Density, chart: usize, id: &'static str, title: &'static str) -> AnyView {
    let place = NodeRef::<html::Div>::new();
    let width = width_of(place);
    let map = shared.map;
    let (at, anchor) = (RwSignal::new(None), RwSignal::new(None));
    let acting = shared.clone();
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
                if chart == HISTOGRAM { (rows, 1, HEIGHT) } else { (columns, rows, HEIGHT - AXIS) }
            })
        }),
        act: Callback::new(move |act| {
            let (now, from) = (at.get_untracked(), anchor.get_untracked());
            acting.act(chart, act, now, from);
            if act != Act::Leave {
                anchor.set(None);
            }
        }),
    };
    let drawn = move || {
        let (map, width) = (map.get()?, width.get());
        (width > 1.0).then(|| drawing(&shapes(&map, chart, width), "plot".into()))
    };
    let over = {
        let shared = shared.clone();
        move || {
            let (map, width) = (map.get()?, width.get());
            let picked = shared.picked.get().is_some_and(|(on, _)| on == chart);
            let (from, to) = match at.get() {
                Some(at) if !picked || anchor.get().is_some() => (anchor.get().unwrap_or(at), at),
                _ if picked => (shared.from.get()?, shared.to.get()?),
                _ => return None,
            };
            let cells = Density::cells(&map, chart, from, to);
            let [left, top, wide, high] = match chart {
                HISTOGRAM => {
                    let bar = width / map.rows().max(1) as f64;
                    let (first, last) = cells.rows;
                    [first as f64 * bar, 0.0, (last + 1 - first) as f64 * bar, HEIGHT - AXIS]
                }
                _ => map.place(cells, width, HEIGHT),
            };
            let px = |v: f64| format!("{v:.1}px");
            let reading = !picked && shared.active.get() == Some(chart);
            let read_out = reading.then(|| {
                let right = left > width * 0.5;
                let x = px(if right { left } else { left + wide });
                view! {
                    <div class="read-out" class:left=right role="status" style:left=x>{words(&map, chart, cells)}</div>
                }
            });
            Some(view! {
                <i class="band box" style:left=px(left) style:top=px(top) style:width=px(wide) style:height=px(high)></i>
                {read_out}
            })
        }
    };
    let inside = view! { {drawn}{over} }.into_any();
    let label =
        format!("{title}; arrow keys read out the counts, with shift they select, enter shows the traces");
    let frame = shared.frame;
    let saving = move |what: &'static str| {
        let Some(map) = map.get_untracked() else { return };
        if what == "csv" {
            return save::csv(frame.state, id, &csv(&map));
        }
        let shapes = shapes(&map, chart, width.get_untracked());
        save::picture(frame.state, id, &shapes, title, what == "png");
    };
    view! {
        <figure class="card chart" data-chart=id>
            <figcaption><h2>{title}</h2><span class="legend">"calls"</span>{save_menu("Save this chart", Callback::new(saving))}</figcaption>
            {surface(hearing, label, inside)}
            {chosen(shared.clone(), chart)}
        </figure>
    }
    .into_any()
}

/// Time, durations and counts of some cells.
fn words(map: &Heatmap, chart: usize, cells: Cells) -> AnyView {
    let (calls, errors) = map.sum(cells);
    let time = (chart != HISTOGRAM).then(|| {
        let Range { start_ns, end_ns } = time_of(map, cells);
        view! { <p>{format::clock_range(start_ns.0, end_ns.0)}</p> }
    });
    let errors = (errors > 0).then(|| view! { <p class="error-text">{format::counted(errors, "error")}</p> });
    view! { {time}<p>{lengths(map, cells.rows)}</p><p class="strong">{format::counted(calls, "call")}</p>{errors} }
        .into_any()
}

/// What the chosen box offers.
fn chosen(shared: Density, chart: usize) -> AnyView {
    (move || {
        shared.picked.get().filter(|(on, _)| *on == chart)?;
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
