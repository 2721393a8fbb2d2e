//! The picture of the span tree's rows: what stands on the canvases, and how it goes together with the elements that
//! are read aloud and clicked.

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::harness::{Tab, data, run};
use crate::trace_views::{file_of, show, span, text_of};

/// Makes `ink(row, y)`, which says what is drawn in the lane of a row in view, `y` pixels below the row's top: pieces as
/// "from color" with shares of the lane in per cent, and only "from" where nothing follows but the time axis; and
/// `drawn(row)`, how many pixels of its names and numbers are not background.
const INK: &str = r"
    const hex = (d, i) => '#' + [d[i], d[i + 1], d[i + 2]].map((n) => n.toString(16).padStart(2, '0')).join('');
    const strip = (kind, row, y, height) => {
        const canvas = document.querySelector('.tree-sheet.' + kind);
        const ratio = canvas.width / canvas.getBoundingClientRect().width;
        const rows = [...document.querySelectorAll('.tree-row[aria-selected]')].map((r) => r.getBoundingClientRect().top);
        const top = rows.sort((a, b) => a - b)[row] - canvas.getBoundingClientRect().top + y;
        return [canvas.getContext('2d').getImageData(0, Math.round(top * ratio), canvas.width, height).data, ratio];
    };
    window.token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);
    window.ink = (row, y) => {
        const [data, ratio] = strip('bars', row, y, 1);
        const width = document.querySelector('.tree-row[aria-selected] .tree-lane').offsetWidth * ratio;
        const pieces = [];
        for (let x = 0, from = 0; x < width; x++) {
            if (x + 1 < width && hex(data, (x + 1) * 4) === hex(data, x * 4)) continue;
            const color = hex(data, x * 4);
            const percent = (n) => Math.round(n / width * 100);
            // `#fff` is short for `#ffffff`.
            const bare = [token('--bg').replace(/^#fff$/, '#ffffff'), token('--line')].includes(color);
            if (!bare) pieces.push(`${percent(from)} ${color}`);
            else if (pieces.at(-1)?.includes(' ') && x > from) pieces.push(`${percent(from)}`);
            from = x + 1;
        }
        return pieces.join();
    };
    window.drawn = (row) => {
        const [data] = strip('names', row, 2, 20);
        let count = 0;
        for (let i = 0; i < data.length; i += 4) if (hex(data, i) !== hex(data, 0)) count++;
        return count;
    };";

/// Has the page know `ink`, `drawn` and `token`.
pub async fn with_ink(tab: &Tab) {
    tab.js(INK, json!(null)).await;
}

#[test]
fn bars_marks_and_colors_are_those_of_the_spans() {
    let at = |micros: u64| (1_700_000_000_000_000_000 + micros * 1000).to_string();
    let event = |micros: u64, name: &str| json!({"timeUnixNano": at(micros), "name": name});
    let spans = [
        span(1, 0, "page", 0, 100, &json!({"events": [event(10, "start"), event(90, "exception")]})),
        span(2, 1, "cart", 0, 50, &json!({"kind": 3})),
        span(3, 1, "stock", 60, 80, &json!({"status": {"code": 2}})),
    ];
    let log = |micros: u64, severity: u8| {
        json!({"timeUnixNano": at(micros), "severityNumber": severity, "body": {"stringValue": "said"},
               "traceId": "0a".repeat(16), "spanId": format!("{:016x}", 2)})
    };
    let file = file_of("marks", &spans, &[log(20, 9), log(40, 17)]);
    let path = file.0.clone();
    run("marks", [path.clone()], |tab| async move {
        tab.look(1440, 900, "light").await;
        show(&tab, &path, "").await;
        with_ink(&tab).await;
        let colors = text_of(&tab, "[token('--on-bar'), token('--error')].join()").await;
        let (on_bar, error) = colors.split_once(',').expect("two colors");
        // Through the middle of the bars nothing but their color; the marks stand at their upper and lower edges.
        let bar = text_of(&tab, "ink(0, 12)").await;
        let color = bar.strip_prefix("0 ").expect("one bar over all").to_owned();
        assert_eq!(text_of(&tab, "ink(1, 12)").await, format!("0 {color},50"));
        let upper = text_of(&tab, "ink(0, 9)").await;
        assert_eq!(
            upper.replace(&color, "bar").replace(on_bar, "event").replace(error, "wrong"),
            "0 bar,10 event,10 bar,90 wrong,91 bar"
        );
        let lower = text_of(&tab, "ink(1, 15)").await;
        assert_eq!(
            lower.replace(&color, "bar").replace(on_bar, "log").replace(error, "wrong"),
            "0 bar,20 log,20 bar,40 wrong,41 bar,50"
        );
        // A span that failed has the edge of an error, and lines over it.
        let failed = text_of(&tab, "ink(2, 12)").await;
        assert!(failed.starts_with(&format!("60 {error},")) && failed.ends_with(",80"), "{failed}");
        assert!(failed.split(',').count() > 3, "{failed}");

        tab.find(".color-by input").await.send_keys("kind" + Key::Enter).await.expect("typing");
        tab.wait_for("location.hash.includes('color')").await;
        tab.wait_for("[...document.querySelectorAll('.trace-legend bdi')].map((e) => e.innerText).join() === 'internal,client'")
            .await;
        let kinds = text_of(&tab, "[ink(0, 12), ink(1, 12)].map((t) => t.split(' ')[1]).join()").await;
        let (internal, client) = kinds.split_once(',').expect("two rows");
        assert_ne!(internal, client, "two kinds, two colors");
        assert!(internal != color || client != color, "the tree is colored as the flamegraph is");
    });
    drop(file);
}

#[test]
fn the_elements_follow_the_picture_when_the_scrolling_rests() {
    let child = |n| span(n, 1, &format!("call {n}"), n, n + 10, &json!({}));
    let spans: Vec<Value> =
        std::iter::once(span(1, 0, "page", 0, 400, &json!({}))).chain((2..300).map(child)).collect();
    let file = file_of("scrolled", &spans, &[]);
    let path = file.0.clone();
    run("scrolled tree", [path.clone()], |tab| async move {
        show(&tab, &path, "").await;
        with_ink(&tab).await;
        assert!(
            text_of(&tab, "String(drawn(1))").await.parse::<u32>().expect("a count") > 50,
            "a name is drawn"
        );
        // The rows move on; before their elements do, a click means the row that is seen.
        let script = "const tree = document.querySelector('[role=treegrid]');
            const frame = () => new Promise((go) => requestAnimationFrame(go));
            const picture = () => document.querySelector('.tree-sheet.names').toDataURL();
            const before = picture();
            tree.scrollTop = 26 * 100;
            await frame(); await frame(); await frame();
            const moved = picture() !== before;
            const behind = !document.querySelector('#span-row-101');
            const box = document.querySelector('.tree-pane').getBoundingClientRect();
            const [clientX, clientY] = [box.left + 120, box.top + 26 * 3 + 12];
            document.elementFromPoint(clientX, clientY).dispatchEvent(
                new MouseEvent('click', {bubbles: true, detail: 1, clientX, clientY}));
            await spanscope.idle();
            const row = document.querySelector('.tree-row[aria-selected=true]');
            return [moved, behind, row.id, row.querySelector('.tree-text').innerText]";
        let found = tab.js(script, json!(null)).await;
        assert_eq!(found, json!([true, true, "span-row-103", "call 104"]));
        tab.settle().await;
        // At rest each element stands where its picture is.
        let offset = "document.querySelector('#span-row-103').getBoundingClientRect().top - document.querySelector('.tree-pane').getBoundingClientRect().top";
        assert_eq!(text_of(&tab, &format!("String({offset})")).await, "78");
        // What is selected, and what is under the pointer, is seen: another ground.
        let ground = "(() => { const c = document.querySelector('.tree-sheet.names').getContext('2d'); return (row) => [...c.getImageData(4, (row * 26 + 12) * devicePixelRatio, 1, 1).data].join(); })()";
        let grounds = text_of(
            &tab,
            &format!("(() => {{ const g = {ground}; return g(3) !== g(5) && g(4) === g(5); }})().toString()"),
        )
        .await;
        assert_eq!(grounds, "true");
        let row = tab.find("#span-row-104").await;
        tab.web().action_chain().move_to_element_center(&row).perform().await.expect("a move");
        tab.wait_for(&format!("(() => {{ const g = {ground}; return g(4) !== g(5); }})()")).await;
    });
    drop(file);
}

#[test]
fn names_are_drawn_in_the_colors_of_the_theme() {
    let file = data::fixture("triple-a.otlp.pb");
    run("tree's theme", [file.clone()], |tab| async move {
        for theme in ["light", "dark"] {
            tab.look(1440, 900, theme).await;
            show(&tab, &file, "").await;
            with_ink(&tab).await;
            let script = "(() => { const c = document.querySelector('.tree-sheet.names'); const d = c.getContext('2d').getImageData(c.width - 2, c.height - 2, 1, 1).data;
                return '#' + [...d].slice(0, 3).map((n) => n.toString(16).padStart(2, '0')).join('') === token('--bg').replace(/^#fff$/, '#ffffff') })().toString()";
            assert_eq!(text_of(&tab, script).await, "true", "{theme}");
            assert!(text_of(&tab, "String(drawn(0))").await.parse::<u32>().expect("a count") > 50, "{theme}");
        }
    });
}
