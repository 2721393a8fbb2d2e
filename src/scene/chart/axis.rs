//! The value axis: a nice top and nice ticks, written in the value's unit.

use crate::model::format_duration;
use crate::scene::ruler;

/// What the values of a chart are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum YUnit {
    /// Nanoseconds.
    Duration,
    /// Things a second.
    Rate,
    /// Parts of 1, written in percent.
    Percent,
    /// A score from 0 to 1: the axis always shows the whole of it.
    Score,
    /// Plain counts.
    #[default]
    Number,
}

/// The top of an axis from 0 on which `highest` fits, and its ticks with labels, from 0 to the top, with at most
/// `max` steps (at least one).
pub fn y_axis(highest: f64, unit: YUnit, max: u32) -> (f64, Vec<(f64, String)>) {
    let usual = match unit {
        YUnit::Duration => 1e6,
        YUnit::Percent => 0.01,
        YUnit::Rate | YUnit::Number | YUnit::Score => 1.0,
    };
    let highest = if unit == YUnit::Score {
        1.0
    } else if highest > 0.0 && highest.is_finite() {
        highest.min(1e300)
    } else {
        usual
    };
    let max = f64::from(max.max(1));
    let step = match unit {
        YUnit::Duration => ruler::step(highest / max),
        YUnit::Number => ruler::decimal_step(highest / max).max(1.0),
        YUnit::Rate | YUnit::Percent | YUnit::Score => ruler::decimal_step(highest / max),
    };
    let steps = (highest / step * (1.0 - 1e-9)).ceil().max(1.0);
    let ticks = (0..=steps.min(max + 1.0) as u32).map(|i| {
        let value = f64::from(i) * step;
        (value, value_label(value, unit))
    });
    (steps * step, ticks.collect())
}

/// A value as the axis and the read-out write it: `500 ms`, `10 %`, `12.4k`, `0`.
pub fn value_label(value: f64, unit: YUnit) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    match unit {
        YUnit::Duration => {
            let (text, unit) = format_duration(value);
            format!("{text} {unit}")
        }
        YUnit::Percent => format!("{} %", significant(value * 100.0)),
        YUnit::Score => format!("{value:.2}").trim_end_matches('0').trim_end_matches('.').to_owned(),
        YUnit::Rate | YUnit::Number => match value.abs() {
            v if v < 1e4 => significant(value),
            v if v < 1e6 => significant(value / 1e3) + "k",
            v if v < 1e9 => significant(value / 1e6) + "M",
            _ => significant(value / 1e9) + "G",
        },
    }
}

/// At most four significant digits, no trailing zeros.
fn significant(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}
