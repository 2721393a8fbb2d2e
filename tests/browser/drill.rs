//! From a bad minute to a slow span, with the mouse and with keys alone: services, a service's latency, a time
//! range by dragging, the traces of it, the slowest one, a span of it.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Tab, data, run};

/// Where a chart stands on the screen: left, top, width and height of its plot.
async fn place(tab: &Tab, chart: &str) -> [f64; 4] {
    let place = tab
        .js(
            "const place = document.querySelector(`[data-chart=${given}] .chart-place`);
             place.scrollIntoView({block: 'center'});
             const r = place.getBoundingClientRect();
             return [r.left, r.top, r.width, r.height - 20]",
            json!(chart),
        )
        .await;
    std::array::from_fn(|i| place[i].as_f64().expect("a number"))
}

/// Presses, moves and releases the mouse between two points of a chart, given as shares of its plot.
async fn drag(tab: &Tab, chart: &str, from: (f64, f64), to: (f64, f64)) {
    let [left, top, width, height] = place(tab, chart).await;
    let at = |(x, y): (f64, f64)| ((left + x * width) as i64, (top + y * height) as i64);
    let ((x0, y0), (x1, y1)) = (at(from), at(to));
    tab.web()
        .action_chain()
        .move_to(x0, y0)
        .click_and_hold()
        .move_to(i64::midpoint(x0, x1), i64::midpoint(y0, y1))
        .move_to(x1, y1)
        .release()
        .perform()
        .await
        .expect("a drag");
    tab.settle().await;
}

/// The range of the address.
async fn range(tab: &Tab) -> Option<(u64, u64)> {
    let range = tab
        .js(
            "const p = new URLSearchParams(location.hash.split('?')[1]); return [p.get('from'), p.get('to')]",
            json!(null),
        )
        .await;
    let number = |v: &Value| v.as_str().and_then(|text| text.parse().ok());
    Some((number(&range[0])?, number(&range[1])?))
}

/// What the address of a link asks for, and how many traces that is.
async fn traces_of(tab: &Tab) -> Value {
    tab.js(
        "const p = new URLSearchParams(location.hash.split('?')[1]);
         const range = {start_ns: p.get('from'), end_ns: p.get('to')};
         return await spanscope.ask({ask: 'spans', q: p.get('q') ?? '', range, limit: 0})",
        json!(null),
    )
    .await
}

async fn open(tab: &Tab) {
    tab.look(1440, 900, "light").await;
    tab.open(&[&data::fixture("triple-a.otlp.pb")]).await;
    tab.js("location.hash = '#/services'", json!(null)).await;
    tab.wait_for("document.querySelector('a[href^=\"#/service/shop-front\"]')").await;
    tab.settle().await;
}

#[test]
fn the_mouse_leads_from_the_services_to_a_slow_span() {
    run("drill down", [data::fixture("triple-a.otlp.pb")], |tab| async move {
        open(&tab).await;
        tab.find("a[href^='#/service/shop-front']").await.click().await.expect("a click");
        tab.wait_for("document.querySelector('[data-chart=latency] svg path')").await;
        tab.settle().await;
        let whole = tab.ask(json!({"ask": "services"})).await;
        drag(&tab, "latency", (0.02, 0.5), (0.7, 0.4)).await;
        let chosen = range(&tab).await.expect("dragging sets the range");
        // The page obeys: the facts are those of the range.
        let asked = json!({"ask": "services", "range": {"start_ns": chosen.0.to_string(), "end_ns": chosen.1.to_string()}});
        let part = tab.ask(asked).await;
        assert_ne!(whole["rows"], part["rows"], "the range leaves something out");
        let row =
            part["rows"].as_array().expect("rows").iter().find(|r| r["service"] == "shop-front").expect("it");
        let facts = tab.js("return document.querySelector('.facts').innerText", json!(null)).await;
        let calls = format!("Calls\n{}\n", row["calls"]);
        assert!(facts.as_str().expect("text").contains(&calls), "{facts} has {calls}");

        // A press on a moment offers its traces: exactly the calls of that bucket.
        let red = json!({"ask": "red", "service": "shop-front", "range": {"start_ns": chosen.0.to_string(), "end_ns": chosen.1.to_string()}});
        let red = tab.ask(red).await;
        let each = red["calls"].as_array().expect("calls");
        let busy = each.iter().position(|n| n.as_u64() > Some(0)).expect("a call");
        let at = ((busy as f64 + 0.5) / each.len() as f64, 0.5);
        drag(&tab, "latency", at, at).await;
        tab.click("View traces").await;
        tab.wait_for("location.hash.startsWith('#/traces')").await;
        tab.settle().await;
        let bucket = range(&tab).await.expect("a range");
        assert_eq!(bucket.1 - bucket.0, red["step_ns"].as_u64().expect("a step"));
        assert_eq!(traces_of(&tab).await["total"], each[busy]);

        // The slowest trace, and a span of it.
        tab.find("main a[href^='#/trace/']").await.click().await.expect("a click");
        tab.wait_for("document.querySelector('[role=treegrid] [role=row]')").await;
        tab.settle().await;
        let rows = tab.web().find_all(By::Css("[role=treegrid] [role=row][aria-level]")).await.expect("rows");
        rows.last().expect("a row").click().await.expect("a click");
        tab.wait_for("location.hash.includes('span=')").await;
    });
}

#[test]
fn keys_alone_lead_from_the_services_to_a_slow_span() {
    run("keys drill down", [data::fixture("triple-a.otlp.pb")], |tab| async move {
        open(&tab).await;
        let press = |keys: &'static [Key]| {
            let tab = tab.clone();
            async move {
                let mut chain = tab.web().action_chain();
                for key in keys {
                    chain = chain.send_keys(key.to_owned());
                }
                chain.perform().await.expect("keys");
            }
        };
        // Tab goes to the first service's link.
        tab.js("document.querySelector('.table-tools input').focus()", json!(null)).await;
        for _ in 0..30 {
            if tab.js("return document.activeElement.matches('a[href^=\"#/service/\"]')", json!(null)).await
                == json!(true)
            {
                break;
            }
            press(&[Key::Tab]).await;
        }
        press(&[Key::Enter]).await;
        tab.wait_for("location.hash.startsWith('#/service/')").await;
        tab.settle().await;
        for _ in 0..40 {
            if tab
                .js("return document.activeElement.matches('[data-chart=latency] .chart-place')", json!(null))
                .await
                == json!(true)
            {
                break;
            }
            press(&[Key::Tab]).await;
        }
        press(&[Key::Home]).await;
        let keys = tab.web().action_chain().key_down(Key::Shift).send_keys(Key::Right).send_keys(Key::Right);
        keys.key_up(Key::Shift).perform().await.expect("keys");
        assert_eq!(range(&tab).await, None, "a selection is no range yet");
        press(&[Key::Enter]).await;
        tab.settle().await;
        assert!(range(&tab).await.is_some(), "enter sets it");
        press(&[Key::Home, Key::Enter]).await;
        tab.wait_for("location.hash.startsWith('#/traces')").await;
        tab.settle().await;
        tab.js("document.querySelector('main a[href^=\"#/trace/\"]').focus()", json!(null)).await;
        press(&[Key::Enter]).await;
        tab.wait_for("document.querySelector('[role=treegrid] [role=row]')").await;
    });
}

#[test]
fn a_box_on_the_heatmap_is_a_time_and_a_duration() {
    run("heatmap", [data::fixture("triple-a.otlp.pb")], |tab| async move {
        open(&tab).await;
        tab.js("location.hash = '#/service/shop-front'", json!(null)).await;
        tab.wait_for("document.querySelector('[data-chart=latency-heatmap] svg path')").await;
        tab.settle().await;
        drag(&tab, "latency-heatmap", (0.01, 0.02), (0.99, 0.98)).await;
        tab.click("View traces").await;
        tab.wait_for("location.hash.startsWith('#/traces')").await;
        tab.settle().await;
        assert!(tab.hash().await.contains("duration"), "{}", tab.hash().await);
        let all = tab.ask(json!({"ask": "services"})).await;
        let row =
            all["rows"].as_array().expect("rows").iter().find(|r| r["service"] == "shop-front").expect("it");
        assert_eq!(traces_of(&tab).await["total"], row["calls"]);
    });
}

#[test]
fn the_time_range_is_typed_chosen_and_cleared() {
    run("time range", [data::fixture("triple-a.otlp.pb")], |tab| async move {
        open(&tab).await;
        let summary = tab.ask(json!({"ask": "summary"})).await;
        let end: u64 = summary["end_ns"].as_str().expect("an end").parse().expect("a number");
        tab.web().action_chain().send_keys("l").perform().await.expect("a key");
        let field = tab.find(".time-panel input").await;
        tab.wait_for("document.activeElement.matches('.time-panel input')").await;
        field.clear().await.expect("an empty field");
        field.send_keys("nonsense\u{e007}").await.expect("keys");
        tab.wait_for_text("Expected a time range").await;
        field.clear().await.expect("an empty field");
        field.send_keys("last 20 ms\u{e007}").await.expect("keys");
        tab.wait_for("location.hash.includes('from=')").await;
        tab.settle().await;
        assert_eq!(range(&tab).await, Some((end + 1 - 20_000_000, end + 1)));
        let ranged = tab.ask(json!({"ask": "services", "range": {"start_ns": (end + 1 - 20_000_000).to_string(), "end_ns": (end + 1).to_string()}})).await;
        let calls: u64 =
            ranged["rows"].as_array().expect("rows").iter().filter_map(|r| r["calls"].as_u64()).sum();
        let shown = tab
            .js("return [...document.querySelectorAll('.services .c-calls[role=cell]')].reduce((n, c) => n + Number(c.innerText.replace(/,/g, '')), 0)", json!(null))
            .await;
        assert_eq!(shown, json!(calls), "the table obeys the range");
        tab.click("Back to the whole time").await;
        tab.wait_for("!location.hash.includes('from=')").await;
        tab.settle().await;
    });
}
