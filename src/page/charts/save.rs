//! Charts as files: SVG and PNG in the theme that is shown, CSV in exact numbers.

use leptos::prelude::GetUntracked;

use crate::page::address::Theme;
use crate::page::state::{AppState, Notice};
use crate::paint::svg::{document, style};
use crate::paint::{Palette, palette};
use crate::scene::shapes::{Anchor, Form, Shape, Shapes};
use crate::web;

/// Device pixels a CSS pixel in a PNG.
const SHARP: f64 = 2.0;

/// Saves a drawing as SVG, or as PNG where `png` says so.
pub(crate) fn picture(state: AppState, name: &str, shapes: &Shapes, title: &str, png: bool) {
    let theme = match state.theme.get_untracked() {
        Theme::Light => palette::Theme::Light,
        Theme::Dark => palette::Theme::Dark,
    };
    let palette = Palette::from_slots(theme, 0..palette::SERVICE_COLORS as u32);
    let saved = if png {
        painted(shapes, &palette).and_then(|url| web::page::save_address(&format!("{name}.png"), &url))
    } else {
        let text = document(shapes, &palette, title);
        web::page::save(&format!("{name}.svg"), "image/svg+xml", text.as_bytes())
    };
    tell(state, saved);
}

/// Saves a table.
pub(crate) fn csv(state: AppState, name: &str, text: &str) {
    tell(state, web::page::save(&format!("{name}.csv"), "text/csv;charset=utf-8", text.as_bytes()));
}

fn tell(state: AppState, saved: Result<(), web::Error>) {
    if let Err(error) = saved {
        state.notify(Notice { text: format!("Could not save: {error}"), error: true, action: None });
    }
}

/// The drawing as an address of a PNG.
fn painted(shapes: &Shapes, palette: &Palette) -> Result<String, web::Error> {
    let background = palette::css(palette.background);
    let sheet = web::canvas::Sheet::new(shapes.width, shapes.height, SHARP, &background)?;
    for Shape { class, form } in &shapes.shapes {
        let look = style(class, palette);
        let (color, opacity) = (palette::css(look.color), look.opacity);
        match form {
            Form::Line(points) => sheet.points(points, &color, Some(look.stroke_width), opacity),
            Form::Curve(points) => sheet.points(&flattened(points), &color, Some(look.stroke_width), opacity),
            Form::Polygon(points) => sheet.points(points, &color, None, opacity),
            Form::Boxes(all) => all.iter().for_each(|&one| sheet.rect(one, &color, opacity)),
            Form::Rect { x, y, width, height } => sheet.rect([*x, *y, *width, *height], &color, opacity),
            Form::Circle { x, y, radius } => {
                let around = (0..16).map(|i| f64::from(i) * std::f64::consts::TAU / 16.0);
                let points: Vec<_> = around.map(|a| (x + radius * a.cos(), y + radius * a.sin())).collect();
                sheet.points(&points, &color, None, opacity);
            }
            Form::Text { x, y, anchor, text } => {
                let align = if *anchor == Anchor::Middle { "center" } else { anchor.word() };
                let font = format!("{}px system-ui, sans-serif", look.font_size);
                sheet.text(text, (*x, *y), align, &font, &color)?;
            }
        }
    }
    sheet.png()
}

/// A Bézier curve as a line through points that lie too close to be told from it.
fn flattened(curve: &[(f64, f64)]) -> Vec<(f64, f64)> {
    const STEPS: u32 = 16;
    let mut points: Vec<(f64, f64)> = curve.first().copied().into_iter().collect();
    for i in (3..curve.len()).step_by(3) {
        let [a, b, c, d] = [curve[i - 3], curve[i - 2], curve[i - 1], curve[i]];
        for step in 1..=STEPS {
            let t = f64::from(step) / f64::from(STEPS);
            let u = 1.0 - t;
            let (wa, wb, wc, wd) = (u * u * u, 3.0 * u * u * t, 3.0 * u * t * t, t * t * t);
            points
                .push((wa * a.0 + wb * b.0 + wc * c.0 + wd * d.0, wa * a.1 + wb * b.1 + wc * c.1 + wd * d.1));
        }
    }
    points
}
