//! Holds the stylesheet's tokens and the painters' palette together: both draw the same things.

use crate::paint::palette::{Palette, Rgba, Theme, css, service_colors};

const TOKENS: &str = include_str!("../../style/tokens.css");

/// The value of a token in a theme's block.
fn token(theme: Theme, name: &str) -> Option<&'static str> {
    let (light, dark) = TOKENS.split_once("[data-theme=\"dark\"]")?;
    let block = if theme == Theme::Light { light } else { dark };
    let from = block.find(&format!("{name}:"))? + name.len() + 1;
    block[from..].split(';').next().map(str::trim)
}

#[test]
fn the_stylesheet_has_the_painters_colors() {
    for theme in [Theme::Light, Theme::Dark] {
        let check = |name: &str, color: Rgba| {
            let found = token(theme, name).unwrap_or_default();
            // `#fff` is short for `#ffffff`.
            let long = if found.len() == 4 { found.replace("fff", "ffffff") } else { found.to_owned() };
            assert_eq!(long, css(color), "{name} in {theme:?}");
        };
        for (i, color) in service_colors(theme).into_iter().enumerate() {
            check(&format!("--s{i}"), color);
        }
        let palette = Palette::new(theme, []);
        check("--bg", palette.background);
        check("--line", palette.line);
        check("--text", palette.text);
        check("--text-2", palette.text_2);
        check("--text-3", palette.text_3);
        check("--accent", palette.accent);
        check("--error", palette.error);
        check("--on-bar", palette.on_bar);
        check("--warn", palette.warn);
        check("--bg-2", palette.surface);
        check("--accent-bg", palette.accent_bg);
        check("--error-bg", palette.error_bg);
    }
}
