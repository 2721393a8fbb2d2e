//! A flamegraph as an SVG file: the view's bars and names under a ruler.

use std::fmt::Write;

use super::{escape, head};
use crate::paint::flame::FlameView;
use crate::paint::labels::{GlyphWidths, Tone, labels};
use crate::paint::palette::{Palette, css};
use crate::scene::flame::{FlameScene, flag};
use crate::scene::ruler;
use crate::scene::shapes::short;

/// Height of the ruler.
const RULER: f64 = 20.0;
/// A file does not know its reader's font: the usual width of a letter at 11.5 px, rather too wide.
const LETTER: f64 = 6.8;

/// What the view shows of a scene, as an SVG file with this title; the ruler is added above.
pub fn flame_document(scene: &FlameScene, view: &FlameView<'_>, palette: &Palette, title: &str) -> String {
    let view = FlameView { device_ratio: 1.0, ..view.clone() };
    let mut out = head(view.width, view.height + RULER, palette, title);
    let error = css(palette.error);
    let _ = writeln!(
        out,
        "<defs><pattern id=\"hatch\" width=\"7\" height=\"7\" patternUnits=\"userSpaceOnUse\" \
         patternTransform=\"rotate(45)\"><rect width=\"1.6\" height=\"7\" fill=\"{error}\" opacity=\".55\"/></pattern></defs>"
    );
    write_ruler(&mut out, &view, palette);

    let visible = view.lanes();
    let from = scene.lane.partition_point(|&lane| lane < visible.start);
    let to = scene.lane.partition_point(|&lane| lane < visible.end);
    for i in from..to {
        let (left, right) = view.edges(scene.t0[i], scene.t1[i]);
        let (left, right) = (left.max(0), right.min(view.device_width() as i64));
        if right <= left {
            continue;
        }
        let (top, bottom) = view.rows(scene.lane[i]);
        let (x, y) = (left, top as f64 + RULER);
        let (width, height) = (right - left, bottom - top);
        let opacity = match (view.dim.dims(scene, i), scene.flags[i] & flag::SEVERAL != 0) {
            (true, _) => " opacity=\".25\"",
            (false, true) => " opacity=\".75\"",
            (false, false) => "",
        };
        let place = format!("x=\"{x}\" y=\"{}\" width=\"{width}\" height=\"{height}\"", short(y));
        let color = css(palette.bar(scene.service[i]));
        let _ = writeln!(
            out,
            "<rect {place} rx=\"{}\" fill=\"{color}\"{opacity}/>",
            if width > 4 { 2 } else { 0 }
        );
        if scene.flags[i] & flag::ERROR != 0 {
            let _ = writeln!(
                out,
                "<rect {place} fill=\"url(#hatch)\"{opacity}/><rect x=\"{x}\" y=\"{}\" width=\"{}\" height=\"{height}\" fill=\"{error}\"{opacity}/>",
                short(y),
                width.min(3),
            );
        }
    }
    for mark in view.underlined.iter().filter(|m| visible.contains(&m.lane)) {
        let (left, right) = view.edges(mark.t0, mark.t1);
        let _ = writeln!(
            out,
            "<rect x=\"{left}\" y=\"{}\" width=\"{}\" height=\"3\" fill=\"{}\"/>",
            short(view.rows(mark.lane).1 as f64 + RULER - 3.0),
            right - left,
            css(palette.text),
        );
    }
    for run in labels(scene, &view, &mut GlyphWidths::new(|_| LETTER)) {
        let color = if run.tone == Tone::OnBar { palette.on_bar } else { palette.text_2 };
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" font-size=\"11.5\" fill=\"{}\">{}</text>",
            short(run.x),
            short(run.y + RULER + 4.0),
            css(color),
            escape(&run.text)
        );
    }
    out.push_str("</svg>\n");
    out
}

fn write_ruler(out: &mut String, view: &FlameView<'_>, palette: &Palette) {
    let max = (view.width / 110.0).clamp(1.0, 100.0) as u32;
    for tick in ruler::ticks(view.start_ns, view.time(view.width), max) {
        let x = short(view.x(tick.ns));
        // A label that would be cut at the right edge is left out, its line is not.
        let fits = view.x(tick.ns) + 4.0 + LETTER * tick.label.chars().count() as f64 <= view.width;
        let label = if fits { tick.label.as_str() } else { "" };
        let _ = writeln!(
            out,
            "<path d=\"M{x} 0V{}\" stroke=\"{}\"/><text x=\"{}\" y=\"13\" font-size=\"11\" fill=\"{}\">{}</text>",
            short(view.height + RULER),
            css(palette.line),
            short(view.x(tick.ns) + 4.0),
            css(palette.text_3),
            escape(label)
        );
    }
}
