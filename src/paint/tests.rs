//! Painting scenes: pixels as letters, labels and hits as text.

use super::*;
use crate::scene::flame::{FlameScene, NO_LABEL, flag};

/// A scene from (lane, start, end, flags, name).
fn scene(rects: &[(u32, f64, f64, u32, &str)]) -> FlameScene {
    let mut scene = FlameScene { duration_ns: 100.0, lanes: 9, ..FlameScene::default() };
    for (i, &(lane, t0, t1, flags, name)) in rects.iter().enumerate() {
        scene.t0.push(t0);
        scene.t1.push(t1);
        scene.lane.push(lane);
        scene.place.push(i as u32);
        scene.count.push(1);
        scene.service.push(0);
        scene.flags.push(flags);
        scene.first.push(i as u32);
        scene.end.push(i as u32 + 1);
        scene.label.push(if name.is_empty() { NO_LABEL } else { i as u32 });
        scene.labels.push(name.to_owned());
    }
    scene
}

/// Pixels as letters: `.` nothing, `#` bar, `-` paler bar, `E` error, `/` hatching, `T` text, `t` secondary.
fn letters(scene: &FlameScene, view: &FlameView<'_>) -> String {
    let palette = Palette::new(Theme::Light, ["shop"]);
    let mut pixels = Pixels::default();
    pixels::flame(scene, view, &palette, &mut pixels);
    let mut out = String::new();
    for y in 0..pixels.height() {
        for x in 0..pixels.width() {
            let color = pixels.get(x, y);
            out.push(match color {
                c if c == palette.background => '.',
                c if c == palette.bar(0) => '#',
                c if c == palette.error => 'E',
                c if c == palette.text => 'T',
                c if c == palette.text_2 => 't',
                c if c == palette::mix(palette.bar(0), palette.error, 0.55) => '/',
                _ => '-',
            });
        }
        out.push('\n');
    }
    out
}

fn view(width: f64, height: f64) -> FlameView<'static> {
    FlameView { row_height: 4.0, ..FlameView::whole(&scene(&[]), width, height) }
}

#[test]
fn bars_have_a_gap_when_wide_and_a_pixel_when_narrow() {
    let scene = scene(&[
        (0, 0.0, 50.0, 0, ""),
        (0, 50.0, 53.0, 0, ""),
        (0, 60.2, 60.3, 0, ""),
        (2, 90.0, 300.0, 0, ""),
    ]);
    let want = "\
#########.#.#.......
#########.#.#.......
#########.#.#.......
#########.#.#.......
....................
....................
....................
....................
..................##
..................##
..................##
";
    assert_eq!(letters(&scene, &view(20.0, 11.0)), want);
    let scrolled = FlameView { scroll_y: 9.0, start_ns: -50.0, ..view(20.0, 4.0) };
    assert_eq!(letters(&scene, &scrolled), "....................\n".repeat(4));
}

#[test]
fn errors_are_hatched_with_an_edge_and_groups_are_paler() {
    let scene = scene(&[(0, 0.0, 80.0, flag::ERROR, ""), (0, 90.0, 100.0, flag::SEVERAL, "")]);
    let want = "\
EEE######//####...--
EEE#####//#####...--
EEE####//######...--
EEE###//#######...--
";
    let got = letters(&scene, &view(20.0, 4.0));
    assert_eq!(got, want);
}

#[test]
fn selection_is_framed_the_critical_path_underlined_and_others_dimmed() {
    let scene = scene(&[(0, 0.0, 50.0, 0, ""), (0, 50.0, 100.0, flag::MATCH, "")]);
    let mark = Mark { lane: 0, t0: 50.0, t1: 100.0 };
    let view = FlameView { selected: Some(mark), dim: Dim::Unmatched, row_height: 9.0, ..view(20.0, 9.0) };
    let want = "\
---------.TTTTTTTTT.
---------.TTTTTTTTT.
---------.TT#####TT.
---------.TT#####TT.
---------.TT#####TT.
---------.TTTTTTTTT.
---------.TTTTTTTTT.
....................
....................
";
    assert_eq!(letters(&scene, &view), want);
    let underlined = [Mark { lane: 0, t0: 0.0, t1: 25.0 }];
    let view = FlameView { selected: None, dim: Dim::Nothing, underlined: &underlined, ..view };
    let text = letters(&scene, &view);
    assert_eq!(text.lines().nth(3), Some("#########.#########."));
    assert_eq!(text.lines().nth(4), Some("TTTT#####.#########."));
}

#[test]
fn events_are_ticks_and_exceptions_stand_out() {
    let mut scene = scene(&[(0, 0.0, 100.0, 0, "")]);
    scene.mark_t = vec![20.0, 75.0];
    scene.mark_lane = vec![0, 0];
    scene.mark_count = vec![1, 2];
    scene.mark_kind = vec![0, 1];
    let text = letters(&scene, &FlameView { row_height: 14.0, ..view(20.0, 12.0) });
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(
        (lines[0], lines[3], lines[4]),
        ("####-##########EE##.", "####-##########EE##.", "###################.")
    );
    let flat = letters(&scene, &view(20.0, 4.0));
    assert!(!flat.contains('E'), "low lanes have no room for ticks");
}

#[test]
fn dim_sets_name_places_or_services() {
    let scene = scene(&[(0, 0.0, 1.0, 0, ""), (0, 2.0, 3.0, 0, "")]);
    assert!(Dim::PlacesExcept(&[0b01]).dims(&scene, 1));
    assert!(!Dim::PlacesExcept(&[0b01]).dims(&scene, 0));
    assert!(Dim::Services(&[0b01]).dims(&scene, 1));
    assert!(!Dim::Services(&[]).dims(&scene, 1));
}

#[test]
fn labels_are_clipped_to_what_is_visible_and_shortened() {
    let scene = scene(&[
        (0, -100.0, 40.0, 0, "GET /price"),
        (0, 50.0, 60.0, 0, "narrow"),
        (1, 0.0, 100.0, 0, "a\nb"),
        (9, 0.0, 100.0, 0, "below"),
    ]);
    let mut asked = Vec::new();
    let view = FlameView { row_height: 20.0, ..view(200.0, 40.0) };
    let mut widths = GlyphWidths::new(|c| {
        asked.push(c);
        9.0
    });
    let runs = labels(&scene, &view, &mut widths);
    let dump: Vec<String> =
        runs.iter().map(|r| format!("{} {} {} {}", r.x, r.y, r.max_width, r.text)).collect();
    assert_eq!(dump, ["6 9 71 GET /p…", "6 29 191 a b"]);
    asked.sort_unstable();
    let before = asked.len();
    asked.dedup();
    assert_eq!(asked.len(), before, "each character is measured once");
    assert_eq!(GlyphWidths::new(|_| 9.0).fit("ab", 17.0), "");
    assert_eq!(GlyphWidths::new(|_| 9.0).fit("", 17.0), "");
}

#[test]
fn a_hit_finds_the_bar_under_the_pointer_or_one_beside_it() {
    let scene =
        scene(&[(0, 0.0, 50.0, 0, ""), (0, 70.0, 70.0, 0, ""), (0, 71.0, 71.5, 0, ""), (2, 0.0, 9.0, 0, "")]);
    let view = view(1000.0, 50.0);
    assert_eq!(hit(&scene, &view, 10.0, 3.0), Some(0));
    assert_eq!(hit(&scene, &view, 501.0, 3.0), Some(0));
    assert_eq!(hit(&scene, &view, 600.0, 3.0), None);
    assert_eq!(hit(&scene, &view, 699.0, 3.0), Some(1));
    assert_eq!(hit(&scene, &view, 709.0, 3.0), Some(2));
    assert_eq!(hit(&scene, &view, 712.0, 3.0), Some(2));
    assert_eq!(hit(&scene, &view, 10.0, 5.0), None);
    assert_eq!(hit(&scene, &view, 10.0, 9.0), Some(3));
    assert_eq!(hit(&scene, &view, 10.0, -9.0), None);
}

#[test]
fn no_view_makes_the_painter_panic() {
    let scene = scene(&[(0, 0.0, 50.0, flag::ERROR, "a"), (3, 70.0, 1e18, flag::ERROR, "b")]);
    let extremes = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e-9, 1e18, 3.0];
    for a in extremes {
        for b in extremes {
            for c in extremes {
                let mark = Some(Mark { lane: 3, t0: a, t1: b });
                let view = FlameView {
                    start_ns: a,
                    ns_per_px: b,
                    scroll_y: c,
                    row_height: b.min(1e3),
                    device_ratio: if a > 2.0 { b.min(4.0) } else { 1.0 },
                    selected: mark,
                    ..view(30.0, 20.0)
                };
                letters(&scene, &view);
                labels(&scene, &view, &mut GlyphWidths::new(|_| 7.0));
                hit(&scene, &view, a, c);
            }
        }
    }
}
