//! Charts over time as SVG nodes: drawn by `scene`, colored by the stylesheet. They share a crosshair; dragging
//! over one, or shift and arrows, sets the time range of the whole page; a press on a moment leads to its traces.

mod density;
mod overlay;
pub(super) mod save;
mod singles;
mod surface;

use std::sync::Arc;

use leptos::{html, prelude::*};

pub use density::{Keeper, density};
pub use singles::MOST as MOST_SINGLES;

use super::address::{View, parse_seconds, print_seconds};
use super::frame::Frame;
use super::plots::{Head, Panel, Plots};
use super::widgets::{Blank, Menu, MenuItem, later, width_of};
use crate::engine::protocol::{Range, RedAnswer};
use crate::paint::svg::{Node, nodes};
use crate::scene::chart::Chart;
use crate::scene::shapes::Shapes;
use overlay::overlay;

pub(super) use surface::{Act, Cell, Surface, surface};

/// Height of a chart in CSS pixels, with its time axis.
const HEIGHT: f64 = 148.0;

/// The TraceQL of what a chart counted; gets the chart's word, and the name of one line where it has several.
pub type Counted = Arc<dyn Fn(&Head) -> String + Send + Sync>;

/// A drawing as SVG. It says nothing to screen readers: what it shows stands beside it as text.
pub fn drawing(shapes: &Shapes, class: String) -> AnyView {
    let (width, height) = (shapes.width.to_string(), shapes.height.to_string());
    let view_box = format!("0 0 {width} {height}");
    let all: Vec<AnyView> = nodes(shapes).map(element).collect();
    view! {
        <svg class=class width=width height=height viewBox=view_box aria-hidden="true" focusable="false">{all}</svg>
    }
    .into_any()
}

/// One shape of a drawing.
pub(super) fn element(node: Node) -> AnyView {
    match node {
        Node::Path { class, d, filled } => {
            view! { <path class=class class:line=!filled d=d></path> }.into_any()
        }
        Node::Rect { class, x, y, width, height } => {
            view! { <rect class=class x=x y=y width=width height=height></rect> }.into_any()
        }
        Node::Circle { class, cx, cy, r } => {
            view! { <circle class=class cx=cx cy=cy r=r></circle> }.into_any()
        }
        Node::Text { class, x, y, anchor, text } => {
            view! { <text class=class x=x y=y text-anchor=anchor>{text}</text> }.into_any()
        }
    }
}

/// What the charts of a row share.
#[derive(Clone)]
struct Row {
    frame: Frame,
    plots: Signal<Option<Arc<Plots>>>,
    error: Signal<Option<String>>,
    counted: Counted,
    /// The bucket that is read out.
    at: RwSignal<Option<Cell>>,
    /// Where a selection of buckets began.
    anchor: RwSignal<Option<Cell>>,
    /// The chart under the pointer or with the focus.
    active: RwSignal<Option<usize>>,
    /// Chart and bucket that were pressed.
    picked: RwSignal<Option<Cell>>,
}

impl Row {
    /// The address of the traces of what a chart counted in some buckets.
    fn traces(&self, head: &Head, range: Range) -> String {
        traces_address(self.frame, (self.counted)(head), range)
    }

    fn select(&self, from: usize, to: usize) {
        let Some(plots) = self.plots.get_untracked() else { return };
        let range = plots.range(from, to);
        self.anchor.set(None);
        self.at.set(None);
        self.picked.set(None);
        self.frame.state.change_address(false, |a| a.range = Some(range));
    }

    fn act(&self, index: usize, head: &'static Head, act: Act) {
        let (at, anchor) = (self.at.get_untracked(), self.anchor.get_untracked());
        match (act, at, anchor) {
            (Act::Select | Act::Enter, Some(at), Some(anchor)) => self.select(anchor.0, at.0),
            (Act::Enter, Some(at), None) => {
                if let Some(plots) = self.plots.get_untracked() {
                    go(self.frame, &self.traces(head, plots.range(at.0, at.0)));
                }
            }
            (Act::Pick, Some(at), _) => {
                self.anchor.set(None);
                self.picked.set(Some((index, at.0)));
            }
            _ => self.picked.set(None),
        }
    }
}

/// The address of the traces of some spans in a range.
fn traces_address(frame: Frame, q: String, range: Range) -> String {
    frame.href(|a| {
        *a = a.with_view(View::Traces);
        a.q = q;
        a.range = Some(range);
    })
}

/// Follows an address of the page's own.
fn go(frame: Frame, href: &str) {
    let address = super::address::Address::parse(href.trim_start_matches('#'));
    frame.state.set_address(address, false);
}

/// A made-up chart of each kind, drawn.
pub fn made_up() -> AnyView {
    let times = vec![Some(1e6), None, Some(2e6)];
    let plots = Plots::of_red(&RedAnswer {
        step_ns: 1_000_000_000,
        calls: vec![1, 0, 2],
        errors: vec![0, 0, 1],
        p50_ns: times.clone(),
        p90_ns: times.clone(),
        p99_ns: times.clone(),
        apdex: times,
        ..RedAnswer::default()
    });
    let draw = |panel| drawing(&plots.chart(panel, 0, 400.0, HEIGHT).shapes, "plot".into());
    plots.panels.iter().map(draw).collect::<Vec<_>>().into_any()
}

/// A row of charts; `heads` are those of the plots' panels that are shown.
pub fn charts(
    heads: &'static [Head],
    plots: Signal<Option<Arc<Plots>>>,
    error: Signal<Option<String>>,
    counted: Counted,
) -> AnyView {
    let row = Row {
        frame: Frame::here(),
        plots,
        error,
        counted,
        at: RwSignal::new(None),
        anchor: RwSignal::new(None),
        active: RwSignal::new(None),
        picked: RwSignal::new(None),
    };
    // Another answer has other buckets: what was pressed there is gone.
    let picked = row.picked;
    Effect::new(move || {
        plots.track();
        picked.set(None);
    });
    let figures: Vec<AnyView> = heads.iter().enumerate().map(|(i, head)| figure(&row, i, head)).collect();
    view! {
        <section class="charts" aria-label="Over time">{figures}</section>
        {twin(plots, heads.len())}
    }
    .into_any()
}

/// One chart with its heading, legend and menu.
fn figure(row: &Row, index: usize, head: &'static Head) -> AnyView {
    let place = NodeRef::<html::Div>::new();
    let width = later(width_of(place));
    let hidden = RwSignal::new(0_usize);
    let plots = row.plots;
    let panel = move |p: &Plots| p.panels.get(index).cloned();
    let chart = Memo::new(move |_| {
        let (plots, width, hidden) = (plots.get()?, width.get(), hidden.get());
        let panel = panel(&plots)?;
        (width > 1.0).then(|| plots.chart(&panel, hidden, width, HEIGHT))
    });
    let acting = row.clone();
    let surface_of = Surface {
        id: index,
        at: row.at,
        anchor: row.anchor,
        active: row.active,
        place,
        size: Callback::new(move |()| {
            (plots.with_untracked(|p| p.as_ref().map_or(0, |p| p.count)), 1, HEIGHT)
        }),
        act: Callback::new(move |act| acting.act(index, head, act)),
        over: None,
    };
    let error = row.error;
    let drawn = move || match (chart.get(), error.get()) {
        (Some(chart), _) => drawing(&chart.shapes, "plot".into()),
        (None, Some(error)) => view! { <Blank title="No chart" text=error error=true/> }.into_any(),
        (None, None) => ().into_any(),
    };
    let over = overlay(row.clone(), index, head, chart, hidden);
    let inside = view! { {drawn}{over} }.into_any();
    let label = format!(
        "{} over time; arrow keys read out the values, with shift they select a time, enter shows its traces",
        head.title
    );
    view! {
        <figure class="card chart" data-chart=head.id>
            <figcaption>
                <h2>{head.title}</h2>
                {legend(head, plots, index, hidden)}
                {menu(row.frame, plots, index, hidden, chart)}
            </figcaption>
            {surface(surface_of, label, inside)}
            {overlay::picked(row.clone(), index, head)}
        </figure>
    }
    .into_any()
}

/// The lines' names as switches; what the numbers are where there is only one.
fn legend(
    head: &'static Head,
    plots: Signal<Option<Arc<Plots>>>,
    index: usize,
    hidden: RwSignal<usize>,
) -> AnyView {
    if head.id == "apdex" {
        return apdex_field();
    }
    let names = Memo::new(move |_| {
        let lines = |p: &Arc<Plots>| p.panels.get(index).map(|p| p.lines.clone()).unwrap_or_default();
        let lines = plots.with(|p| p.as_ref().map(lines)).unwrap_or_default();
        lines.into_iter().map(|line| (line.class, line.label)).collect::<Vec<_>>()
    });
    (move || {
        let (names, hidden_now) = (names.get(), hidden.get());
        if names.len() < 2 {
            return view! { <span class="legend">{head.note}</span> }.into_any();
        }
        let keys: Vec<AnyView> = names
            .into_iter()
            .enumerate()
            .map(|(i, (class, label))| {
                let (shown, title) = (hidden_now >> i & 1 == 0, label.clone());
                view! {
                    <button type="button" class=format!("key {class}") title=title aria-pressed=shown.to_string()
                        on:click=move |_| hidden.update(|bits| *bits ^= 1 << i)><bdi>{label}</bdi></button>
                }
                .into_any()
            })
            .collect();
        view! { <span class="legend" role="group" aria-label="Lines">{keys}</span> }.into_any()
    })
    .into_any()
}

/// The Apdex' threshold, to be changed.
fn apdex_field() -> AnyView {
    let state = Frame::here().state;
    let shown = move || print_seconds(state.address.with(|a| a.apdex_ns).unwrap_or(500_000_000));
    let change = move |event| {
        let chosen = parse_seconds(&event_target_value(&event));
        state.change_address(true, |a| a.apdex_ns = chosen.filter(|&ns| ns != 500_000_000));
    };
    view! {
        <label class="legend" title="Calls up to T satisfy, up to 4 T they are tolerated; errors frustrate">
            "T ="<input class="apdex" type="number" min="0.000000001" step="any" prop:value=shown on:change=change/>"s"
        </label>
    }
    .into_any()
}

/// Ways to keep a chart.
fn menu(
    frame: Frame,
    plots: Signal<Option<Arc<Plots>>>,
    index: usize,
    hidden: RwSignal<usize>,
    chart: Memo<Option<Chart>>,
) -> AnyView {
    let save = move |what: &'static str| {
        let (Some(plots), Some(chart)) = (plots.get_untracked(), chart.get_untracked()) else { return };
        let Some(panel) = plots.panels.get(index) else { return };
        let name = name_of(frame, panel);
        if what == "csv" {
            return save::csv(frame.state, &name, &plots.csv(panel));
        }
        let picture = Plots::picture(panel, hidden.get_untracked(), &chart);
        save::picture(frame.state, &name, &picture, panel.head.title, what == "png");
    };
    save_menu("Save this chart", Callback::new(save))
}

/// The menu of a chart; gets "svg", "png" or "csv".
pub(super) fn save_menu(title: &'static str, save: Callback<&'static str>) -> AnyView {
    let item =
        |label, what| MenuItem { label, key: "", apart: false, run: Callback::new(move |()| save.run(what)) };
    let items = vec![item("Save as SVG", "svg"), item("Save as PNG", "png"), item("Save as CSV", "csv")];
    view! { <Menu label="⋯" title=title items=Signal::stored(items)/> }.into_any()
}

/// `todo-web-latency`: what a saved chart is called.
fn name_of(frame: Frame, panel: &Panel) -> String {
    frame.state.address.with_untracked(|a| match &a.view {
        View::Service(name) => format!("{}-{}", super::format::file_name(name), panel.head.id),
        _ => panel.head.id.to_owned(),
    })
}

/// The charts as one table, made when it is opened.
fn twin(plots: Signal<Option<Arc<Plots>>>, panels: usize) -> AnyView {
    let open = RwSignal::new(false);
    let table = move || {
        let plots = plots.get().filter(|_| open.get())?;
        let mut shown = Plots::clone(&plots);
        shown.panels.truncate(panels);
        let heads: Vec<AnyView> =
            shown.heads().into_iter().map(|head| view! { <th scope="col">{head}</th> }.into_any()).collect();
        let row = |cells: Vec<String>| {
            let cells: Vec<AnyView> =
                cells.into_iter().map(|cell| view! { <td>{cell}</td> }.into_any()).collect();
            view! { <tr>{cells}</tr> }.into_any()
        };
        let rows: Vec<AnyView> = shown.rows().map(row).collect();
        Some(view! { <table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table> }.into_any())
    };
    view! {
        <details class="twin" on:toggle=move |_| open.update(|o| *o = !*o)>
            <summary>"Values as a table"</summary>
            <div class="twin-table" tabindex="0" role="region" aria-label="Values over time">{table}</div>
        </details>
    }
    .into_any()
}
