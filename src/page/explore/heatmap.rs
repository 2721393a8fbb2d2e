//! Every matching span by start and duration. A box over them tells at once what is different about the spans
//! inside, and becomes the query when it is asked to.

use std::sync::Arc;

use leptos::prelude::*;

use super::differences;
use crate::engine::protocol::{Difference, Heatmap, Ns, Range, ScopeName};
use crate::page::address::Address;
use crate::page::charts::{Boxed, Keeper, density};
use crate::page::condition::{Condition, and};
use crate::page::drill;
use crate::page::format;
use crate::page::frame::Frame;
use crate::page::state::live;

/// Reads the address's box; none where it is no box.
fn parse(text: &str) -> Option<Boxed> {
    let parts: Vec<u64> = text.split(',').map_while(|n| n.parse().ok()).collect();
    match parts[..] {
        [from, to, low_ns, high_ns] if from < to && low_ns < high_ns => {
            Some(Boxed { range: Range { start_ns: Ns(from), end_ns: Ns(to) }, low_ns, high_ns })
        }
        _ => None,
    }
}

fn print(boxed: &Boxed) -> String {
    let numbers = [boxed.range.start_ns.0, boxed.range.end_ns.0, boxed.low_ns, boxed.high_ns];
    numbers.map(|n| n.to_string()).join(",")
}

/// The query of the spans inside a box, and their range.
fn inside(a: &Address, boxed: &Boxed) -> (Range, String) {
    let q = drill::durations(boxed.low_ns, boxed.high_ns).iter().fold(a.q.clone(), |q, c| and(&q, c));
    let range = a.range.map_or(boxed.range, |range| Range {
        start_ns: range.start_ns.max(boxed.range.start_ns),
        end_ns: range.end_ns.min(boxed.range.end_ns),
    });
    (range, q)
}

/// The heatmap, the distribution, and what is different about the box.
pub fn heatmap(frame: Frame) -> AnyView {
    let state = frame.state;
    let answer = live("explore-heatmap", move || {
        let (range, q) = state.address.with(|a| (a.range, a.q.clone()));
        Some(Heatmap { range, q, scope: Some(ScopeName::All), ..Heatmap::default() })
    });
    let narrowed = Arc::new(move |conditions: &[Condition]| {
        let q = state.address.with(|a| a.q.clone());
        conditions.iter().fold(q, |q, condition| and(&q, condition))
    });
    let chosen = Memo::new(move |_| state.address.with(|a| parse(&a.boxed)));
    let keeper = Keeper {
        now: chosen.into(),
        choose: Callback::new(move |boxed: Option<Boxed>| {
            state.change_address(true, |a| a.boxed = boxed.as_ref().map(print).unwrap_or_default());
        }),
    };
    let question = Memo::new(move |_| {
        let boxed = chosen.get()?;
        let limit = Some(differences::VALUES);
        state.address.with(|a| {
            let (range, q) = inside(a, &boxed);
            let (range, base_range, base) = (Some(range), a.range, a.q.clone());
            Some(Difference { range, q, base_range, base, limit })
        })
    });
    let head = move || {
        let Some(boxed) = chosen.get() else {
            return view! {
                <p class="sub box-head">"Draw a box, or choose one with shift and the arrow keys and enter, to see what is different about its spans"</p>
            }
            .into_any();
        };
        let length = |ns: u64| {
            let (value, unit) = crate::model::format_duration(ns as f64);
            format!("{value} {unit}")
        };
        let high =
            if boxed.high_ns == u64::MAX { String::new() } else { format!(" to {}", length(boxed.high_ns)) };
        let text = format!(
            "{} · {}{high}",
            format::clock_range(boxed.range.start_ns.0, boxed.range.end_ns.0),
            length(boxed.low_ns)
        );
        let take = move |tab: &'static str| {
            state.change_address(false, |a| {
                let (range, q) = inside(a, &boxed);
                (a.range, a.q) = (Some(range), q);
                tab.clone_into(&mut a.tab);
                a.boxed.clear();
                a.sort.clear();
            });
        };
        view! {
            <div class="box-head table-tools">
                <h2>"What is different inside the box?"</h2><span class="muted">{text}</span><span class="grow"></span>
                <button type="button" on:click=move |_| take("heatmap")>"Filter to the box"</button>
                <button type="button" on:click=move |_| take("")>"View traces"</button>
                <button type="button" class="ghost" on:click=move |_| state.change_address(true, |a| a.boxed.clear())>"Clear"</button>
            </div>
        }
        .into_any()
    };
    view! {
        {density(answer, narrowed, Some(keeper))}
        {head}
        {differences::differences(frame, question)}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_is_a_range_and_conditions() {
        let boxed = parse("5,9,1000,2000").unwrap_or_else(|| panic!("a box"));
        assert_eq!(print(&boxed), "5,9,1000,2000");
        let a = Address {
            q: "{ .a = 1 }".into(),
            range: Some(Range { start_ns: Ns(6), end_ns: Ns(20) }),
            ..Address::default()
        };
        let (range, q) = inside(&a, &boxed);
        assert_eq!((range.start_ns, range.end_ns), (Ns(6), Ns(9)));
        assert_eq!(q, "{ .a = 1 && duration >= 1000ns && duration < 2000ns }");
        for bad in ["", "1,2,3", "9,5,1,2", "1,2,3,x", "1,2,4,3", "1,2,3,4,5"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
