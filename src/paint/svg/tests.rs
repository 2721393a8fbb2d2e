//! SVG files as text, and what must not get into them.

use super::*;
use crate::paint::{Dim, FlameView, Mark, Theme};
use crate::scene::flame::{FlameScene, NO_LABEL, flag};
use crate::scene::shapes::Anchor;

fn palette() -> Palette {
    Palette::new(Theme::Light, ["shop"])
}

#[test]
fn shapes_become_elements_with_resolved_colors() {
    let mut shapes = Shapes::new(100.0, 50.0);
    shapes.push("grid", Form::Line(vec![(0.0, 1.0), (9.5, 1.25)]));
    shapes.push("edge", Form::Curve(vec![(0.0, 0.0), (1.0, 0.0), (2.0, 3.0), (3.0, 3.0)]));
    shapes.push("band", Form::Rect { x: 1.0, y: 2.0, width: -3.0, height: 4.0 });
    shapes.push("dot series-errors", Form::Circle { x: 1.0, y: 2.0, radius: 1.5 });
    shapes.push("area service-0", Form::Polygon(vec![(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]));
    shapes.text("axis-text", 3.0, 4.0, Anchor::End, "a<b> & \"c\" \u{1}\u{ffff}");
    let svg = document(&shapes, &palette(), "p99 of <x>");
    let body: Vec<&str> = svg.lines().skip(1).collect();
    assert_eq!(
        body,
        [
            "<title>p99 of &lt;x&gt;</title>",
            "<style>text{unicode-bidi:isolate;white-space:pre}</style>",
            "<rect width=\"100\" height=\"50\" fill=\"#ffffff\"/>",
            "<path d=\"M0 1L9.5 1.25\" fill=\"none\" stroke=\"#e1e4e9\" stroke-width=\"1\" stroke-linejoin=\"round\"/>",
            "<path d=\"M0 0C1 0 2 3 3 3\" fill=\"none\" stroke=\"#5f6877\" stroke-width=\"1.2\" stroke-linejoin=\"round\"/>",
            "<rect x=\"1\" y=\"2\" width=\"0\" height=\"4\" fill=\"#3b5bdb\" opacity=\"0.1\"/>",
            "<circle cx=\"1\" cy=\"2\" r=\"1.5\" fill=\"#c92a2a\"/>",
            &format!("<path d=\"M0 0L1 0L0 1Z\" fill=\"{}\"/>", css(palette().bar(0))),
            "<text x=\"3\" y=\"4\" text-anchor=\"end\" font-size=\"11\" fill=\"#5f6877\">a&lt;b&gt; &amp; &quot;c&quot; \u{fffd}\u{fffd}</text>",
            "</svg>",
        ]
    );
}

#[test]
fn a_flamegraph_becomes_a_file_with_ruler_and_marks() {
    let scene = FlameScene {
        t0: vec![0.0, 10.0, 50.0],
        t1: vec![100.0, 40.0, 50.2],
        lane: vec![0, 1, 1],
        place: vec![0, 1, 2],
        count: vec![1, 1, 3],
        service: vec![0, 0, 0],
        flags: vec![0, flag::ERROR, flag::SEVERAL],
        label: vec![0, 1, NO_LABEL],
        first: vec![0, 1, 2],
        end: vec![1, 2, 3],
        labels: vec!["GET /<script>".into(), "a long name that does not fit".into()],
        lanes: 2,
        duration_ns: 100.0,
        ..FlameScene::default()
    };
    let underlined = [Mark { lane: 0, t0: 0.0, t1: 100.0 }];
    let view =
        FlameView { underlined: &underlined, dim: Dim::Nothing, ..FlameView::whole(&scene, 400.0, 44.0) };
    let svg = flame_document(&scene, &view, &palette(), "trace");
    let count = |what: &str| svg.matches(what).count();
    assert_eq!((count("<rect x="), count("url(#hatch)"), count("opacity=\".75\"")), (6, 1, 1));
    assert!(svg.contains("viewBox=\"0 0 400 64\""));
    assert!(svg.contains(">GET /&lt;script&gt;</text>") && svg.contains(">a long name t"), "{svg}");
    assert!(svg.contains(">50 ns</text>"));
    assert!(!svg.contains("<script"));
}
