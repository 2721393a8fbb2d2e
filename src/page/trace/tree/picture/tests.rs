//! What stands where, as text.

use super::*;
use crate::page::trace::ink::Measure;
use crate::paint::GlyphWidths;
use crate::paint::Theme;
use crate::paint::palette::css;

const COLUMNS: Columns = Columns {
    name: Column { left: 0.0, width: 300.0 },
    service: Column { left: 300.0, width: 100.0 },
    start: Column { left: 400.0, width: 0.0 },
    duration: Column { left: 400.0, width: 80.0 },
    own: Column { left: 480.0, width: 70.0 },
    rank: Column { left: 550.0, width: 50.0 },
    lane: Column { left: 600.0, width: 210.0 },
};

/// Every character is 7 wide.
fn widths() -> Widths {
    Face::ALL.iter().map(|_| GlyphWidths::new(Box::new(|_| 7.0) as Measure)).collect()
}

fn row(name: &str, offset_ns: f64, duration_ns: f64) -> TreeRow {
    let (name, service) = (name.to_owned(), "cart".to_owned());
    TreeRow { name, service, offset_ns, duration_ns, depth: 1, self_ns: 5.0, ..TreeRow::default() }
}

fn at(top: f64) -> At {
    At { top, color: [1, 2, 3, 255], ..At::default() }
}

/// A line for each shape and each text, with the names of the palette's colors.
fn dump(ink: &Ink, palette: &Palette) -> Vec<String> {
    let color = |c: Rgba| match c {
        _ if c == palette.text => "text".to_owned(),
        _ if c == palette.text_2 => "text-2".to_owned(),
        _ if c == palette.text_3 => "text-3".to_owned(),
        _ if c == palette.error => "error".to_owned(),
        _ if c == palette.error_bg => "error-bg".to_owned(),
        _ if c == palette.surface => "surface".to_owned(),
        _ if c == palette.line => "line".to_owned(),
        _ if c == palette.on_bar => "on-bar".to_owned(),
        _ if c == palette.accent => "accent".to_owned(),
        _ if c == palette.warn => "warn".to_owned(),
        _ => css(c),
    };
    let shapes = ink.shapes.iter().map(|s| {
        let [x, y, w, h] = s.area;
        format!("{:?} {x},{y} {w}x{h} {} {}", s.fill, color(s.color), s.alpha)
    });
    let texts = ink.texts.iter().map(|t| {
        let side = if t.right { "<" } else { "" };
        format!("{:?} {}{side} {} \"{}\"", t.face, t.x, color(t.color), t.words)
    });
    shapes.chain(texts).collect()
}

fn drawn(row: &TreeRow, at: At, emphasis: Emphasis, columns: Columns, of: &str) -> Vec<String> {
    let palette = Palette::new(Theme::Light, []);
    let visible = Stretch { from: 0.0, to: 100.0 };
    let sight = Sight { columns, palette: &palette, emphasis, visible, focused: true };
    let mut ink = Ink::default();
    match of {
        "names" => names(&mut ink, row, at, &sight, &mut widths()),
        _ => lane(&mut ink, row, at, &sight),
    }
    dump(&ink, &palette)
}

#[test]
fn a_row_has_its_name_its_tags_and_its_numbers() {
    let failed = TreeRow {
        error: true,
        folded: true,
        children: 3,
        depth: 2,
        percentile: Some(0.99),
        ..row("GET /cart", 1_000.0, 2_500_000.0)
    };
    assert_eq!(
        drawn(&failed, at(26.0), Emphasis::None, COLUMNS, "names"),
        [
            "Round 43,34 9x9 #010203 1",
            "Round 129,30 45x17 error-bg 1",
            "Round 181,30 31x17 surface 1",
            "Tiny 28.5 text-3 \"▸\"",
            "Body 59 text \"GET /cart\"",
            "Tiny 134 error \"error\"",
            "Tiny 186 text-2 \"+ 3\"",
            "Body 308 text-2 \"cart\"",
            "Body 470< text-3 \"ms\"",
            "Body 454< text-2 \"2.5\"",
            "Small 540< text-3 \"ns\"",
            "Small 524< text-3 \"5\"",
            "Small 590< warn \"p99.0\"",
        ],
        "a column without a width says nothing"
    );
}

#[test]
fn what_does_not_fit_is_shortened_and_stays_in_its_cell() {
    let long = TreeRow { hint: "a hint that is long".to_owned(), ..row(&"name ".repeat(100_000), 0.0, 1.0) };
    for width in [0.0, 30.0, 60.0, 90.0, 150.0, 300.0] {
        let name = Column { left: 0.0, width };
        let columns = Columns { name, service: Column::default(), ..COLUMNS };
        let lines = drawn(&long, at(0.0), Emphasis::None, columns, "names");
        for line in lines.iter().filter(|l| !l.contains('<') && !l.starts_with("Round 29")) {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            let end = match words[0] {
                "Round" => {
                    let x =
                        words[1].split(',').next().and_then(|x| x.parse::<f64>().ok()).expect("a left edge");
                    x + words[2].split('x').next().and_then(|w| w.parse::<f64>().ok()).expect("a width")
                }
                _ => {
                    words[1].parse::<f64>().expect("a left edge")
                        + (words[3].chars().count() - 2) as f64 * 7.0
                }
            };
            assert!(end <= width, "{line} leaves a cell of {width}");
        }
    }
    let lines = drawn(&long, at(0.0), Emphasis::None, COLUMNS, "names");
    assert!(lines.iter().any(|l| l.ends_with("…\"") && l.starts_with("Body 45 ")), "{lines:?}");
}

#[test]
fn deep_rows_keep_room_for_their_names() {
    let deep = TreeRow { depth: 40, ..row("name", 0.0, 1.0) };
    for width in [150.0, 190.0, 300.0, 600.0] {
        let columns = Columns { name: Column { left: 0.0, width }, ..COLUMNS };
        let lines = drawn(&deep, at(0.0), Emphasis::None, columns, "names");
        assert!(lines.iter().any(|l| l.ends_with("\"name\"")), "{width}: {lines:?}");
    }
}

#[test]
fn a_missing_parent_says_its_id_over_all_columns() {
    let id = "00000000000000aa".to_owned();
    let missing = TreeRow { mark: "missing".to_owned(), span_id: id, children: 1, ..row("", 0.0, 100.0) };
    assert_eq!(
        drawn(&missing, at(0.0), Emphasis::None, COLUMNS, "names"),
        [
            "Dashes 29,8 9x9 text-3 1",
            "Round 269,4 66x17 surface 1",
            "Tiny 14.5 text-3 \"▾\"",
            "Slanted 45 text-2 \"Missing parent\"",
            "Mono 150 text-3 \"00000000000000aa\"",
            "Tiny 274 text-2 \"1 orphan\"",
        ]
    );
    assert_eq!(drawn(&missing, at(0.0), Emphasis::None, COLUMNS, "lane"), ["Dashes 0,6 200x13 text-3 1"]);
}

#[test]
fn what_is_looked_for_stands_out() {
    let [hit, other] = [true, false].map(|matched| TreeRow { matched, ..row("a", 0.0, 50.0) });
    let of = |row, emphasis, at| drawn(row, at, emphasis, COLUMNS, "names").join("\n");
    assert!(of(&hit, Emphasis::Dim, at(0.0)).contains("Strong 45 text \"a\""));
    let faded = of(&other, Emphasis::Dim, at(0.0));
    assert!(faded.contains("Body 45 text-3 \"a\"") && faded.contains("#010203 0.28"), "{faded}");
    assert!(of(&hit, Emphasis::Frame, at(0.0)).contains("Plain 0,0 3x25 accent 1"));
    assert!(!of(&other, Emphasis::Frame, at(0.0)).contains("accent"));
    let selected = At { selected: true, ..at(0.0) };
    assert!(of(&other, Emphasis::None, selected).contains("Plain 0,0 2x25 accent 1"));
    // The sign of folding answers the pointer, and only on it.
    let parent = TreeRow { children: 2, ..row("a", 0.0, 50.0) };
    let under = |x| of(&parent, Emphasis::None, At { pointer: Some(x), ..at(0.0) });
    assert!(under(12.0).contains("Round 10,3 16x20 surface 1"));
    assert!(!under(40.0).contains("16x20"));
}

#[test]
fn the_row_that_is_selected_or_pointed_at_has_another_ground() {
    let palette = Palette::new(Theme::Light, []);
    let visible = Stretch { from: 0.0, to: 100.0 };
    let sight =
        Sight { columns: COLUMNS, palette: &palette, emphasis: Emphasis::None, visible, focused: false };
    let of = |at| {
        let mut ink = Ink::default();
        ground(&mut ink, at, 80.0, &sight);
        dump(&ink, &palette)
    };
    let line = "Plain 0,51 80x1 line 0.55";
    assert_eq!(of(at(26.0)), [line]);
    assert_eq!(of(At { pointer: Some(3.0), ..at(26.0) }), ["Plain 0,26 80x25 surface 0.55", line]);
    let selected = At { selected: true, pointer: Some(3.0), ..at(26.0) };
    assert_eq!(of(selected), [format!("Plain 0,26 80x25 {} 1", css(palette.accent_bg)).as_str(), line]);
}

#[test]
fn faces_are_fonts_of_their_own() {
    let mut fonts: Vec<String> = Face::ALL.iter().map(|face| face.font("Text", "Code")).collect();
    assert_eq!(fonts.iter().filter(|f| f.ends_with("px Text")).count(), 6);
    assert_eq!(fonts.iter().filter(|f| f.ends_with("px Code")).count(), 1);
    fonts.sort();
    fonts.dedup();
    assert_eq!(fonts.len(), Face::ALL.len());
    assert!(Face::ALL.iter().enumerate().all(|(i, face)| *face as usize == i), "widths are found by number");
}

#[test]
fn bars_are_clipped_to_the_lane_and_never_vanish() {
    let of = |row: &TreeRow| drawn(row, at(0.0), Emphasis::None, COLUMNS, "lane");
    assert_eq!(of(&row("a", 10.0, 50.0)), ["Round 20,6 100x13 #010203 1"]);
    assert_eq!(of(&row("a", 10.0, 0.0)), ["Plain 20,6 2x13 #010203 1"], "the shortest span is seen");
    assert_eq!(of(&row("a", -1e15, 2e15)), ["Plain 0,6 200x13 #010203 1"]);
    assert!(of(&row("a", 101.0, 5.0)).is_empty() && of(&row("a", -5.0, 4.0)).is_empty(), "out of sight");
    let all = TreeRow {
        error: true,
        path: vec![10.0, 20.0, 90.0, 300.0],
        raw_ns: Some(30.0),
        events: vec![15.0, 0.0, 20.0, 1.0, 25.0, 2.0, 30.0, 3.0, 500.0, 1.0],
        ..row("a", 10.0, 20.0)
    };
    assert_eq!(
        of(&all),
        [
            "Round 20,6 40x13 #010203 1",
            "Hatch 20,6 40x13 error 0.55",
            "Plain 20,6 3x13 error 1",
            "Plain 20,17 20x3 text 1",
            "Plain 180,17 20x3 text 1",
            "Dashes 60,6 40x13 text-3 1",
            "Plain 30,6 1x4 on-bar 1",
            "Plain 40,6 2x6 error 1",
            "Plain 50,15 1x4 on-bar 1",
            "Plain 60,13 2x6 error 1",
        ]
    );
    let several = TreeRow { repeats: 9, ..row("a", 0.0, 50.0) };
    assert_eq!(of(&several), ["Round 0,6 100x13 #010203 0.45"]);
}

#[test]
fn the_time_axis_stands_where_its_times_are() {
    let palette = Palette::new(Theme::Dark, []);
    let visible = Stretch { from: 50.0, to: 150.0 };
    let sight =
        Sight { columns: COLUMNS, palette: &palette, emphasis: Emphasis::None, visible, focused: false };
    let mut ink = Ink::default();
    lines(&mut ink, &[0.0, 50.0, 100.0, 150.0], 80.0, &sight);
    assert_eq!(dump(&ink, &palette), ["Plain 0,0 1x80 line 1", "Plain 100,0 1x80 line 1"]);
}
