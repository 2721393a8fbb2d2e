//! Layouts and windows: small ones as text, generated ones against brute force.

use std::fmt::Write;
use std::ops::Range;

use proptest::prelude::*;

use super::*;
use crate::analysis::{Asynchronous, trace_self_times, trace_times};
use crate::model::{SpanId, StatusCode, TraceId};
use crate::store::{AttrList, Builder, EventDraft, Scope, SpanDraft, StrId, ValueRef, mark};

/// A span for tests: (id, parent, start, end, service). Ids divisible by 5 are errors, by 7 have an event.
pub(crate) type Row = (u64, u64, u64, u64, u8);

/// A store of one trace.
pub(crate) fn builder(rows: &[Row]) -> Builder {
    let mut builder = Builder::default();
    let mut draft = SpanDraft::default();
    for service in 0..=rows.iter().map(|r| r.4).max().unwrap_or(0) {
        let resource = builder.open_resource();
        let scope = builder.open_scope(resource);
        for &(id, parent, start, end, _) in rows.iter().filter(|r| r.4 == service) {
            draft.clear();
            draft.trace_id = TraceId([1; 16]);
            draft.span_id = SpanId(id);
            draft.parent_id = SpanId(parent);
            (draft.start_ns, draft.end_ns) = (start, end);
            draft.name = builder.intern(format!("op{id}").as_bytes());
            draft.status = if id % 5 == 0 { StatusCode::Error } else { StatusCode::Unset };
            if id % 7 == 0 {
                for (time_ns, name) in [(end, "retry"), (start, "exception"), (start + 1, "retry")] {
                    let name = builder.intern(name.as_bytes());
                    draft.events.push(EventDraft { time_ns, name, ..EventDraft::default() });
                }
            }
            builder.commit(scope, &draft);
        }
        builder.close_scope(scope, Scope::default());
        let mut attributes = AttrList::default();
        let name = format!("svc{service}");
        attributes.push(builder.attributes(), b"service.name", ValueRef::Str(name.as_bytes()));
        builder.close_resource(resource, &attributes, 0, StrId::EMPTY);
    }
    builder.seal();
    builder
}

/// A layout as text: a line a lane, `name[start,end)`.
fn lanes(store: &Store, layout: &Layout) -> String {
    let mut out = String::new();
    for lane in 0..layout.lanes() {
        for position in layout.positions(lane) {
            let row = store.trace(0).rows()[layout.place[position] as usize];
            let _ = write!(out, "{}[{},{}) ", store.name(row), layout.start[position], layout.end[position]);
        }
        out.truncate(out.trim_end().len());
        out.push('\n');
    }
    out
}

/// A scene as text: a line a lane, `name?[t0,t1)×count!flags`.
pub(crate) fn dump(store: &Store, scene: &FlameScene) -> String {
    let mut out = String::new();
    for at in 0..scene.len() {
        if at > 0 {
            out.push(if scene.lane[at] == scene.lane[at - 1] { ' ' } else { '\n' });
        }
        let row = store.trace(0).rows()[scene.place[at] as usize];
        let mark = if scene.label[at] == NO_LABEL { "" } else { "\"" };
        let _ = write!(out, "{mark}{}{mark}[{},{})", store.name(row), scene.t0[at], scene.t1[at]);
        if scene.count[at] > 1 {
            let _ = write!(out, "×{}", scene.count[at]);
        }
        if scene.flags[at] != 0 {
            let _ = write!(out, "!{}", scene.flags[at]);
        }
    }
    out
}

fn check_lanes(rows: &[Row], want: &str) {
    let builder = builder(rows);
    let layout = Layout::build(builder.store(), 0);
    assert_eq!(lanes(builder.store(), &layout), want);
}

#[test]
fn sequential_children_share_a_lane_and_concurrent_ones_do_not() {
    check_lanes(
        &[
            (1, 0, 100, 200, 0),
            (2, 1, 110, 130, 0),
            (3, 1, 130, 150, 0),
            (4, 1, 140, 190, 0), // concurrent with 3
            (6, 3, 132, 140, 1),
            (8, 4, 150, 160, 1),
            (9, 1, 190, 195, 0), // free again on top
        ],
        "op1[0,100)\nop2[10,30) op3[30,50) op9[90,95)\nop6[32,40)\nop4[40,90)\nop8[50,60)\n",
    );
}

#[test]
fn spans_without_length_and_with_broken_times_have_their_place() {
    check_lanes(
        &[
            (1, 0, 100, 200, 0),
            (2, 1, 150, 150, 0),
            (3, 1, 150, 150, 0), // at the same instant
            (4, 1, 180, 120, 0), // ends before it starts
            (6, 1, 0, 110, 0),   // start unknown
            (8, 1, 300, 0, 0),   // end unknown, after everything
        ],
        "op1[0,100)\nop6[0,10) op2[50,50) op4[80,80) op8[200,200)\nop3[50,50)\n",
    );
}

#[test]
fn moved_spans_stand_in_order_of_their_new_times() {
    // The orphan comes first in the file's order and, moved, after the root in its lane.
    let builder = builder(&[(9, 8, 90, 100, 0), (1, 0, 100, 110, 0)]);
    let layout = {
        let store = builder.store();
        Layout::shifted(store, 0, &trace_times(store, store.trace(0)), &[60, 0])
    };
    assert_eq!(lanes(builder.store(), &layout), "op1[10,20) op9[60,70)\n");
}

#[test]
fn roots_stand_above_orphans_and_orphans_above_cycles() {
    check_lanes(
        &[
            (9, 8, 90, 120, 0), // orphan, earlier than the root
            (1, 0, 100, 200, 0),
            (2, 3, 150, 160, 0), // cycle 2 <-> 3
            (3, 2, 110, 140, 0),
            (4, 1, 80, 250, 0), // reaches beyond its parent: the box is as wide
        ],
        "op1[20,120)\nop4[0,170)\nop9[10,40) op2[70,80)\nop3[30,60)\n",
    );
}

#[test]
fn a_window_names_the_longest_of_a_pixel() {
    let mut rows = vec![(1, 0, 1000, 2000, 0)];
    // 3 in pixel 10, one of them with an error, then a long one, then one alone.
    rows.extend([(2, 1, 1100, 1102, 0), (3, 1, 1103, 1106, 0), (5, 1, 1107, 1108, 0), (7, 1, 1108, 1300, 1)]);
    rows.push((8, 1, 1400, 1400, 0));
    let builder = builder(&rows);
    let layout = Layout::build(builder.store(), 0);
    let check = |start_ns, end_ns, width_px, want: &str| {
        let window = Window { start_ns, end_ns, width_px, lanes: 0..9 };
        assert_eq!(dump(builder.store(), &layout.window(builder.store(), &window)), want);
    };
    check(0, 1000, 100, "\"op1\"[0,1000)\nop3[100,108)×3!9 \"op7\"[108,300)!16 op8[400,400)");
    check(0, 1000, 10, "op1[0,1000)\nop3[100,108)×3!9 op7[108,300)!16 op8[400,400)");
    check(104, 106, 100, "\"op1\"[0,1000)\n\"op3\"[103,106)");
    check(500, 600, 100, "\"op1\"[0,1000)");
    check(2000, 3000, 100, "");
}

#[test]
fn matches_are_seen_through_the_span_that_stands_for_them() {
    let builder = builder(&[
        (1, 0, 1000, 2000, 0),
        (2, 1, 1100, 1102, 0),
        (3, 1, 1103, 1106, 0),
        (4, 1, 1500, 1900, 0),
    ]);
    let layout = Layout::build(builder.store(), 0);
    let mut scene =
        layout.window(builder.store(), &Window { start_ns: 0, end_ns: 1000, width_px: 100, lanes: 0..9 });
    scene.mark(&layout.matches([1, 77]));
    let marked: Vec<u32> = (0..scene.len()).map(|i| scene.flags[i] & flag::MATCH).collect();
    assert_eq!(marked, [0, flag::MATCH, 0]);
    assert_eq!(scene.place[1], 2, "the match is not the one that is named");
    scene.mark(&layout.matches([]));
    assert!(scene.flags.iter().all(|f| f & flag::MATCH == 0));
}

#[test]
fn events_are_marks_at_their_own_times_one_a_pixel() {
    let builder = builder(&[(1, 0, 1000, 2000, 0), (7, 1, 1100, 1900, 0), (14, 1, 1950, 1950, 1)]);
    let layout = Layout::build(builder.store(), 0);
    let marks = |start_ns, end_ns, width_px| {
        let window = Window { start_ns, end_ns, width_px, lanes: 0..9 };
        let scene = layout.window(builder.store(), &window);
        let mark = |i: usize| {
            format!(
                "{}:{}x{}{}",
                scene.mark_lane[i],
                scene.mark_t[i],
                scene.mark_count[i],
                ["", "!"][scene.mark_kind[i] as usize]
            )
        };
        (0..scene.mark_t.len()).map(mark).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(marks(0, 1000, 10), "1:100x2! 1:900x4!");
    assert_eq!(marks(0, 1000, 1000), "1:100x1! 1:101x1 1:900x1 1:950x2! 1:951x1");
    assert_eq!(marks(101, 901, 800), "1:101x1 1:900x1");
}

#[test]
fn a_fan_of_a_hundred_thousand_concurrent_children_gets_a_lane_each() {
    let mut rows = vec![(1, 0, 1, 1_000_000, 0)];
    rows.extend((2..100_002).map(|i| (i, 1, i, 900_000 + i % 1000, 0)));
    let builder = builder(&rows);
    let layout = Layout::build(builder.store(), 0);
    assert_eq!(layout.lanes(), 100_001);
    assert_eq!(layout.place_lane(100_000), Some(100_000));
    assert_eq!(layout.place_lane(100_001), None);
}

#[test]
fn a_chain_of_a_hundred_thousand_with_a_side_branch_each_is_laid_out() {
    let mut rows = Vec::new();
    for i in 0..100_000_u64 {
        rows.push((2 * i + 1, if i == 0 { 0 } else { 2 * i - 1 }, 1 + i, 1_000_000 - i, 0));
        rows.push((2 * i + 2, 2 * i + 1, 1 + i, 500_000, 0));
    }
    let builder = builder(&rows);
    let layout = Layout::build(builder.store(), 0);
    assert_eq!(layout.lanes(), 200_000);
    assert_eq!(layout.minimap(100).depth[10], 200_000);
}

#[test]
fn the_minimap_counts_time_depth_and_errors() {
    let builder =
        builder(&[(1, 0, 100, 200, 0), (2, 1, 100, 125, 0), (5, 1, 150, 160, 0), (4, 1, 155, 165, 0)]);
    let map = Layout::build(builder.store(), 0).minimap(4);
    assert_eq!(map.density, [2.0, 1.0, 1.8, 1.0]);
    assert_eq!(map.depth, [2, 1, 3, 1]);
    assert_eq!(map.errors, [0, 0, 1, 0]);
    assert_eq!(Layout::build(builder.store(), 0).minimap(0), Minimap::default());
}

#[test]
fn a_window_around_a_view_serves_it_and_its_neighbors() {
    let builder = builder(&[(1, 0, 1, 1_000_001, 0)]);
    let layout = Layout::build(builder.store(), 0);
    let window = Window::around(&layout, 300_000.5, 400_000.5, 1000, 0..9);
    assert_eq!((window.start_ns, window.end_ns, window.width_px), (199_936_u64 + 64, 500_032, 4688));
    let scene = layout.window(builder.store(), &window);
    assert!(scene.serves(300_000.5, 400_000.5, 1000, &(0..1)));
    assert!(scene.serves(210_000.0, 310_000.0, 1000, &(0..1)));
    assert!(!scene.serves(100_000.0, 200_000.0, 1000, &(0..1)), "panned out of it");
    assert!(!scene.serves(300_000.0, 350_000.0, 1000, &(0..1)), "zoomed in");
    // One nanosecond is the finest resolution, and the ends of the trace are the ends of the window.
    let window = Window::around(&layout, -5.0, 5.0, 1000, 0..9);
    assert_eq!((window.start_ns, window.end_ns, window.width_px), (0, 15, 15));
    let window = Window::around(&layout, 9e18, f64::INFINITY, 0, 0..9);
    assert!(window.start_ns < window.end_ns);
}

/// Few ids and short times, so that overlaps, orphans, cycles, duplicates and broken times are common.
fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (1..40_u64, 0..42_u64, 0..300_u64, 0..300_u64, 0..3_u8);
    prop::collection::vec(row, 1..80)
}

/// Pixel columns that `[t0, t1)` touches; an instant touches one.
fn columns(t0: u64, t1: u64, window: &Window) -> Range<i64> {
    let scale = f64::from(window.width_px) / (window.end_ns - window.start_ns) as f64;
    let x = |t: u64| (t as f64 - window.start_ns as f64) * scale;
    let first = (x(t0).floor() as i64).min(i64::from(window.width_px) - 1);
    first.max(0)..(x(t1).ceil() as i64).max(first + 1).min(i64::from(window.width_px))
}

/// Every kind of layout of a store's first trace: by time, shifted, merged in every way, around an operation.
fn layouts(store: &Store, seed: i64) -> Vec<Layout> {
    let trace = store.trace(0);
    let rows = trace.rows();
    let deltas: Vec<i64> = (0..rows.len() as i64).map(|place| (place * 31 + seed) % 80 - 40).collect();
    let durations: Vec<u64> = rows.iter().map(|&row| store.spans().duration(row)).collect();
    let own = trace_self_times(store, trace, &trace_times(store, trace), Asynchronous::Include);
    let paths = Paths::of(store, trace);
    let row = rows[seed as usize % rows.len()];
    let operation = (store.service(row), StrId(store.spans().name.get(row as usize)));
    let around = |weights: &[u64], inclusive| {
        Layout::sandwich(store, 0, operation, weights, inclusive).expect("the operation has a span")
    };
    vec![
        Layout::build(store, 0),
        Layout::shifted(store, 0, &trace_times(store, trace), &deltas),
        Layout::merged(store, 0, &paths, &durations, true),
        Layout::merged(store, 0, &paths, &own, false),
        around(&durations, true),
        around(&own, false),
    ]
}

/// Compares a window's rectangles with every span of the layout.
fn check_window(store: &Store, layout: &Layout, window: &Window) -> Result<(), TestCaseError> {
    let (start_ns, width_px) = (window.start_ns, window.width_px);
    let scene = layout.window(store, window);
    for lane in 0..layout.lanes() {
        let mut busy = vec![false; width_px as usize];
        let mut drawn = busy.clone();
        let mut inside = 0;
        for position in layout.positions(lane) {
            let (t0, t1) = (layout.start[position], layout.end[position]);
            if layout.occupied_end(position) > start_ns && t0 < window.end_ns {
                inside += 1;
                columns(t0, t1, window).for_each(|c| busy[c as usize] = true);
            }
        }
        let mut stands_for = 0;
        for at in (0..scene.len()).filter(|&at| scene.lane[at] == lane) {
            columns(scene.t0[at] as u64, scene.t1[at] as u64, window).for_each(|c| drawn[c as usize] = true);
            let run = scene.first[at] as usize..scene.end[at] as usize;
            let length = |p: usize| layout.end[p] - layout.start[p];
            let longest = run.clone().max_by_key(|&p| (length(p), std::cmp::Reverse(p)));
            prop_assert_eq!(longest.map(|p| layout.row_at(store, p).0), Some(scene.place[at]));
            let errors = run.clone().any(|p| layout.errors[p + 1] > layout.errors[p]);
            prop_assert_eq!(scene.flags[at] & flag::ERROR != 0, errors);
            prop_assert_eq!(scene.count[at], layout.span_count(&run));
            if run.len() == 1 {
                let exact = (layout.start[run.start] as f64, layout.end[run.start] as f64);
                prop_assert_eq!((scene.t0[at], scene.t1[at]), exact);
            }
            stands_for += run.len();
        }
        prop_assert_eq!(stands_for, inside, "every span is drawn or stood for, once");
        prop_assert_eq!(drawn, busy, "lane {}", lane);
    }
    prop_assert!(scene.len() <= 2 * (width_px as usize + 1) * layout.lanes() as usize);
    Ok(())
}

proptest! {
    #[test]
    fn lanes_do_not_overlap_and_subtrees_keep_to_their_boxes(rows in rows()) {
        let builder = builder(&rows);
        let store = builder.store();
        let layout = Layout::build(store, 0);
        let trace = store.trace(0);
        let mut seen = vec![false; rows.len()];
        let mut at = vec![(0_u32, 0_u64, 0_u64); rows.len()];
        for lane in 0..layout.lanes() {
            let mut free = 0;
            for position in layout.positions(lane) {
                prop_assert!(layout.start[position] >= free, "overlap in lane {}", lane);
                free = layout.occupied_end(position);
                let place = layout.place[position] as usize;
                prop_assert_eq!(layout.place_lane(place as u32), Some(lane));
                prop_assert!(!std::mem::replace(&mut seen[place], true));
                at[place] = (lane, layout.start[position], free);
            }
        }
        prop_assert!(seen.into_iter().all(|s| s));
        for place in 0..rows.len() {
            let subtree = place..trace.subtree_end(place);
            let height = subtree.clone().map(|p| at[p].0).max().unwrap_or(0);
            let from = subtree.clone().map(|p| at[p].1).min().unwrap_or(0);
            let to = subtree.clone().map(|p| at[p].2).max().unwrap_or(0);
            for (other, &(lane, start, end)) in at.iter().enumerate() {
                if subtree.contains(&other) {
                    prop_assert!(other == place || lane > at[place].0);
                } else if lane >= at[place].0 && lane <= height {
                    prop_assert!(end <= from || start >= to, "{} stands in the box of {}", other, place);
                }
            }
        }
        prop_assert!(layout.end.iter().all(|&end| end <= layout.duration_ns()));
    }

    #[test]
    fn a_window_shows_every_busy_pixel_and_no_other(
        rows in rows(), start_ns in 0..250_u64, length in 1..400_u64, width_px in 1..200_u32, seed in 0..1000_i64,
    ) {
        let builder = builder(&rows);
        let store = builder.store();
        for layout in layouts(store, seed) {
            let window = Window { start_ns, end_ns: start_ns + length, width_px, lanes: 0..layout.lanes() };
            check_window(store, &layout, &window)?;
        }
        let marked = store.trace(0).rows().iter().filter(|&&r| store.marks(r) & mark::CYCLIC != 0).count();
        prop_assert_eq!(marked, store.trace(0).facts().cyclic as usize);
    }

    #[test]
    fn the_minimap_agrees_with_brute_force(rows in rows(), width_px in 1..100_u32) {
        let builder = builder(&rows);
        let layout = Layout::build(builder.store(), 0);
        let map = layout.minimap(width_px);
        let whole = Window { start_ns: 0, end_ns: layout.duration_ns(), width_px, lanes: 0..0 };
        let px = layout.duration_ns() as f64 / f64::from(width_px);
        for column in 0..i64::from(width_px) {
            let (mut depth, mut density) = (0, 0.0);
            for lane in 0..layout.lanes() {
                for p in layout.positions(lane) {
                    let (t0, t1) = (layout.start[p], layout.end[p]);
                    if columns(t0, t1, &whole).contains(&column) {
                        depth = lane + 1;
                    }
                    let (from, to) = (column as f64 * px, (column + 1) as f64 * px);
                    density += ((layout.end[p] as f64).min(to) - (layout.start[p] as f64).max(from)).max(0.0) / px;
                }
            }
            prop_assert!((f64::from(map.density[column as usize]) - density).abs() < 1e-3);
            prop_assert_eq!(map.depth[column as usize], depth);
        }
    }

    #[test]
    fn merged_bars_lie_within_their_parents_and_keep_every_span(rows in rows(), seed in 0..1000_i64) {
        let builder = builder(&rows);
        let store = builder.store();
        let trace = store.trace(0);
        let own = trace_self_times(store, trace, &trace_times(store, trace), Asynchronous::Include);
        let cyclic = store.trace(0).facts().cyclic as usize;
        for (number, layout) in layouts(store, seed).into_iter().enumerate().skip(2) {
            let around = number > 3;
            for lane in 0..layout.lanes() {
                let mut free = 0;
                for at in layout.positions(lane) {
                    prop_assert!(layout.start[at] >= free && layout.end[at] >= layout.start[at]);
                    free = layout.end[at];
                }
                // Away from the operation in the middle bars only get narrower.
                let center = layout.center().map_or(0, |c| c.lane);
                let toward = if lane > center { lane - 1 } else { lane + 1 };
                for at in layout.positions(lane).filter(|_| lane != center) {
                    let inside = |p: usize| layout.start[p] <= layout.start[at] && layout.end[at] <= layout.end[p];
                    prop_assert!(layout.positions(toward).any(inside), "layout {} lane {}", number, lane);
                }
            }
            if !around {
                let everything = 0..layout.place.len();
                prop_assert_eq!(layout.span_count(&everything) as usize, rows.len() - cyclic);
            }
            if number == 3 {
                // By self time nothing overlaps, so the top bars together are the trace's own time.
                let cyclic_own: u64 = own[rows.len() - cyclic..].iter().sum();
                prop_assert_eq!(layout.duration_ns(), (own.iter().sum::<u64>() - cyclic_own).max(1));
            }
        }
    }
}
