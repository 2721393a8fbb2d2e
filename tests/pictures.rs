//! Charts and the map over a real file, as the SVG files that a person saves: equal to those in `tests/data/svg`.
//!
//! Where a drawing changes on purpose, `SPANSCOPE_BLESS=1 cargo test --test pictures` writes the files anew, to
//! be looked at before they are committed.

#![cfg(not(target_arch = "wasm32"))]
#![expect(clippy::unwrap_used, reason = "a panic is how a test reports")]

use std::path::Path;
use std::sync::Arc;

use spanscope::engine::desk::Desk;
use spanscope::engine::protocol::{CallsAnswer, HeatmapAnswer, RedAnswer, ServiceMapAnswer, wire};
use spanscope::ingest::{Limits, Progress, Reader};
use spanscope::page::map::picture::Picture;
use spanscope::page::plots::{Head, Plots};
use spanscope::paint::svg::document;
use spanscope::paint::{Palette, palette};
use spanscope::scene::heatmap::Heatmap;
use spanscope::scene::histogram::histogram;
use spanscope::scene::shapes::Shapes;

fn desk() -> Desk {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/truth/todo-a-slice.single.pb");
    let mut desk = Desk::default();
    let mut reader = Reader::new("todo-a-slice", Limits::default());
    reader.feed(&std::fs::read(path).unwrap());
    while reader.pump(desk.builder(), 1 << 20) == Progress::More {}
    reader.finish(desk.builder());
    desk.seal();
    desk
}

fn ask<T: wire::Take>(request: &str) -> T {
    let reply = desk().answer_text(request).unwrap_or_else(|error| panic!("{request}: {error}"));
    wire::read(&reply.text).unwrap()
}

/// Compares a drawing in both themes with its files.
fn check(name: &str, title: &str, shapes: &Shapes) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/svg");
    for (theme, word) in [(palette::Theme::Light, "light"), (palette::Theme::Dark, "dark")] {
        let palette = Palette::from_slots(theme, 0..palette::SERVICE_COLORS as u32);
        let text = document(shapes, &palette, title);
        let path = folder.join(format!("{name}-{word}.svg"));
        if std::env::var_os("SPANSCOPE_BLESS").is_some() {
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(&path, &text).unwrap();
        }
        let known = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = known.lines().zip(text.lines()).position(|(a, b)| a != b);
        assert!(
            known == text,
            "{name}-{word}.svg differs from line {:?} on:\n{}",
            differs.map(|at| at + 1),
            text.lines().nth(differs.unwrap_or(0)).unwrap_or_default()
        );
    }
}

fn charts(plots: &Plots, heads: &[Head]) {
    for head in heads {
        let panel = plots.panels.iter().find(|panel| panel.head.id == head.id).unwrap();
        let chart = plots.chart(panel, 0, 420.0, 148.0);
        check(head.id, head.title, &Plots::picture(panel, 0, &chart));
    }
}

#[test]
fn charts_of_a_service() {
    let red: RedAnswer = ask(r#"{"ask": "red", "scope": "all"}"#);
    charts(&Plots::of_red(&red), spanscope::page::plots::RED);
}

#[test]
fn charts_of_database_calls() {
    let calls: CallsAnswer = ask(r#"{"ask": "calls", "kind": "database"}"#);
    assert!(!calls.series.is_empty());
    charts(&Plots::of_calls(&calls), spanscope::page::plots::CALLS);
}

#[test]
fn heatmap_and_histogram() {
    let a: HeatmapAnswer = ask(r#"{"ask": "heatmap", "scope": "all"}"#);
    let map = Heatmap {
        singles: Vec::new(),
        start_ns: a.start_ns.unwrap().0,
        step_ns: a.step_ns,
        columns: a.buckets as usize,
        edges_ns: a.edges_ns,
        counts: a.counts,
        errors: a.errors,
    };
    check("latency-heatmap", "Latency over time", &map.shapes(420.0, 148.0, 0));
    check(
        "latency-histogram",
        "Latency distribution",
        &histogram(&map.edges_ns, &map.by_duration(), 420.0, 148.0),
    );
}

#[test]
fn service_map() {
    let map: ServiceMapAnswer = ask(r#"{"ask": "service_map", "layout": true}"#);
    assert!(map.nodes.len() > 2);
    check("service-map", "Service map", &Picture::new(Arc::new(map), |_| 0).shapes());
}
