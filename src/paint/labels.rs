//! The names on the bars, as text runs for the page's canvas.
//!
//! Measuring text is a call into the browser, so widths are measured once a character and added up. A run is
//! clipped to the visible part of its bar and ends in an ellipsis where it does not fit.

use std::collections::BTreeMap;

use super::flame::FlameView;
use crate::scene::flame::{FlameScene, NO_LABEL};

/// Bars narrower than this many CSS pixels stay without text.
const MIN_WIDTH: f64 = 24.0;
/// Bytes of a text that are looked at: more than any row has room for.
const LONGEST: usize = 2048;
/// Space before and after the text, CSS pixels.
const PADDING: f64 = 6.0;

/// How strong a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// On a bar in its color: the palette's `on_bar`.
    OnBar,
    /// On a bar that steps back: the palette's `text_2`.
    Dimmed,
}

/// A text to draw, CSS pixels from the canvas' top left.
#[derive(Clone, Debug, PartialEq)]
pub struct TextRun {
    /// Left edge.
    pub x: f64,
    /// Vertical middle.
    pub y: f64,
    /// Width that it must not exceed.
    pub max_width: f64,
    /// Color.
    pub tone: Tone,
    /// The text, shortened to fit.
    pub text: String,
}

/// Widths of characters in the canvas' font, each measured once.
pub struct GlyphWidths<F> {
    measure: F,
    ascii: [f64; 128],
    others: BTreeMap<char, f64>,
}

impl<F: FnMut(char) -> f64> GlyphWidths<F> {
    /// Asks `measure` for the width of a character in CSS pixels.
    pub fn new(measure: F) -> Self {
        Self { measure, ascii: [f64::NAN; 128], others: BTreeMap::new() }
    }

    /// Width of a character in CSS pixels.
    pub fn of(&mut self, c: char) -> f64 {
        let measure = &mut self.measure;
        match self.ascii.get_mut(c as usize) {
            Some(width) => {
                if width.is_nan() {
                    *width = measure(c);
                }
                *width
            }
            None => *self.others.entry(c).or_insert_with(|| measure(c)),
        }
    }

    /// Width of a text in CSS pixels, up to [`LONGEST`] bytes of it.
    pub fn width(&mut self, text: &str) -> f64 {
        start(text).chars().map(|c| self.of(shown(c))).sum()
    }

    /// The text, or as much of it as fits `room` with an ellipsis; empty where not even one character does.
    pub fn fit(&mut self, text: &str, room: f64) -> String {
        let text = start(text);
        let ellipsis = self.of('…');
        let mut width = 0.0;
        // How much of the text leaves room for the ellipsis.
        let mut cut = 0;
        for (at, c) in text.char_indices() {
            if width + ellipsis <= room {
                cut = at;
            }
            width += self.of(shown(c));
            if width > room {
                if cut == 0 {
                    return String::new();
                }
                let mut short: String = text[..cut].chars().map(shown).collect();
                short.truncate(short.trim_end().len());
                short.push('…');
                return short;
            }
        }
        text.chars().map(shown).collect()
    }
}

/// Characters without a width may stand behind each other by the megabyte.
fn start(text: &str) -> &str {
    &text[..text.floor_char_boundary(LONGEST)]
}

/// Line breaks and other control characters have no width of their own; a space stands for them.
fn shown(c: char) -> char {
    if c.is_control() { ' ' } else { c }
}

/// The text runs of a view, in the order of the scene.
pub fn labels<F: FnMut(char) -> f64>(
    scene: &FlameScene,
    view: &FlameView<'_>,
    widths: &mut GlyphWidths<F>,
) -> Vec<TextRun> {
    let mut runs = Vec::new();
    if view.row_height < 9.0 {
        return runs;
    }
    let visible = view.lanes();
    let from = scene.lane.partition_point(|&lane| lane < visible.start);
    let to = scene.lane.partition_point(|&lane| lane < visible.end);
    for i in from..to {
        if scene.label[i] == NO_LABEL {
            continue;
        }
        let left = view.x(scene.t0[i]).max(0.0);
        let right = view.x(scene.t1[i]).min(view.width);
        let room = right - left - PADDING - PADDING / 2.0;
        if right - left < MIN_WIDTH {
            continue;
        }
        let Some(name) = scene.labels.get(scene.label[i] as usize) else { continue };
        let text = widths.fit(name, room);
        if text.is_empty() {
            continue;
        }
        let (top, bottom) = view.rows(scene.lane[i]);
        runs.push(TextRun {
            x: left + PADDING,
            y: (top + bottom) as f64 / 2.0 / view.device_ratio,
            max_width: room,
            tone: if view.dim.dims(scene, i) { Tone::Dimmed } else { Tone::OnBar },
            text,
        });
    }
    runs
}
