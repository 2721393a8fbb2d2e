//! The TraceQL bar, by the keyboard alone: completion, errors, friendly forms, the live count, what is kept.

use serde_json::json;

use crate::harness::{Tab, data, run};

// Keys as WebDriver sends them (https://www.w3.org/TR/webdriver2/#keyboard-actions).
const TAB: &str = "\u{E004}";
const ENTER: &str = "\u{E007}";
const CONTROL: char = '\u{E009}';
const ESCAPE: &str = "\u{E00C}";
const UP: &str = "\u{E013}";
const DOWN: &str = "\u{E015}";
const DELETE: &str = "\u{E017}";

const COUNT: &str = "document.querySelector('.query-count').textContent";
const SAID: &str = "document.querySelector('#query-said')?.textContent ?? ''";
const LINES: &str =
    "[...document.querySelectorAll('#query-list [role=option] code')].map((e) => e.textContent)";
const VALUE: &str = "document.querySelector('#query').value";

/// Types where the focus is, as a keyboard does.
async fn keys(tab: &Tab, text: impl AsRef<str>) {
    tab.web().action_chain().send_keys(text.as_ref()).perform().await.expect("keys");
    tab.settle().await;
}

/// A desk with the shop's traces and the focus in the bar.
async fn begin(tab: &Tab, file: &std::path::Path) {
    tab.open(&[file]).await;
    tab.js("location.hash = '#/traces'; document.querySelector('#main').focus()", json!(null)).await;
    tab.wait_for("document.querySelector('main a[href^=\"#/trace/\"]')").await;
    tab.settle().await;
    keys(tab, "/").await;
    tab.wait_for("document.activeElement.id === 'query'").await;
}

async fn query(tab: &Tab) -> String {
    let q = "decodeURIComponent(new URLSearchParams(location.hash.split('?')[1]).get('q') ?? '')";
    tab.js(&format!("return {q}"), json!(null)).await.as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_query_is_built_from_completions_and_applied() {
    let file = data::fixture("triple-a.otlp.pb");
    run("query completion", [file.clone()], |tab| async move {
        begin(&tab, &file).await;
        keys(&tab, "serv").await;
        tab.wait_for(&format!("{LINES}[0] === '{{ resource.service.name'")).await;
        let combobox = "document.querySelector('#query').getAttribute('aria-expanded')";
        assert_eq!(tab.js(&format!("return {combobox}"), json!(null)).await, json!("true"));
        keys(&tab, TAB).await;
        tab.wait_for(&format!("{VALUE} === '{{ resource.service.name ' && {LINES}[0] === '='")).await;
        keys(&tab, TAB).await;
        tab.wait_for(&format!("{LINES}.includes('\"shop-front\"')")).await;
        let detail = "document.querySelector('#query-list .query-detail').textContent";
        tab.wait_for(&format!("/^\\d+ spans$/.test({detail})")).await;
        // Down to the second value and back to the first; Enter takes it and applies nothing.
        keys(&tab, format!("{DOWN}{DOWN}{UP}")).await;
        let reached =
            "document.getElementById(document.querySelector('#query').getAttribute('aria-activedescendant'))";
        tab.wait_for(&format!("{reached}?.getAttribute('aria-selected') === 'true'")).await;
        let chosen =
            tab.js(&format!("return {reached}.querySelector('code').textContent"), json!(null)).await;
        keys(&tab, ENTER).await;
        let text = format!("{{ resource.service.name = {} ", chosen.as_str().expect("a value"));
        tab.wait_for(&format!("{VALUE} === {}", json!(text))).await;
        assert_eq!(query(&tab).await, "", "nothing is applied yet");
        // The last brace may be missing.
        let wanted =
            tab.ask(json!({"ask": "spans", "q": format!("{text}}}"), "limit": 0})).await["total"].clone();
        tab.wait_for(&format!("{COUNT} === '{wanted} of 60 spans'")).await;
        keys(&tab, ENTER).await;
        tab.wait_for("location.hash.includes('q=')").await;
        assert_eq!(query(&tab).await, format!("{text}}}"));
        // Undo is the field's own: the text before the last piece comes back.
        tab.web()
            .action_chain()
            .key_down(CONTROL)
            .send_keys("z")
            .key_up(CONTROL)
            .perform()
            .await
            .expect("keys");
        tab.wait_for(&format!("{VALUE} !== {}", json!(format!("{text}}}")))).await;
    });
}

#[test]
fn what_is_wrong_is_underlined_and_told() {
    let file = data::fixture("triple-a.otlp.pb");
    run("query errors", [file.clone()], |tab| async move {
        begin(&tab, &file).await;
        keys(&tab, "{ duraton > 1s }").await;
        tab.wait_for(&format!("{SAID}.includes('did you mean duration?')")).await;
        let wrong =
            "[...document.querySelectorAll('.query-text .q-wrong')].map((e) => e.textContent).join('')";
        tab.wait_for(&format!("{wrong} === 'duraton'")).await;
        let invalid = "document.querySelector('#query').getAttribute('aria-invalid')";
        assert_eq!(tab.js(&format!("return {invalid}"), json!(null)).await, json!("true"));
        keys(&tab, ENTER).await;
        assert_eq!(query(&tab).await, "", "what is wrong is not applied");
        // The colored copy is the text.
        let copy = "document.querySelector('.query-text pre').textContent.replace('\\u200b', '')";
        assert_eq!(tab.js(&format!("return {copy} === {VALUE}"), json!(null)).await, json!(true));
        // A text that is only unfinished is not called wrong.
        tab.js("document.querySelector('#query').select()", json!(null)).await;
        keys(&tab, "{ name = ").await;
        tab.wait_for(&format!("{invalid} === 'false'")).await;
    });
}

#[test]
fn friendly_words_are_translated_counted_and_remembered() {
    let file = data::fixture("triple-a.otlp.pb");
    run("query history", [file.clone()], |tab| async move {
        begin(&tab, &file).await;
        keys(&tab, "service=shop-front").await;
        let means = "{ resource.service.name = \"shop-front\" }";
        tab.wait_for(&format!("{SAID} === {}", json!(format!("Means {means}")))).await;
        let wanted = tab.ask(json!({"ask": "spans", "q": means, "limit": 0})).await["total"].clone();
        tab.wait_for(&format!("{COUNT} === '{wanted} of 60 spans'")).await;
        keys(&tab, ENTER).await;
        tab.wait_for("location.hash.includes('q=')").await;
        assert_eq!(query(&tab).await, means);
        tab.wait_for(&format!("{VALUE} === {}", json!(means))).await;

        // Emptied and applied, everything is there again; the arrow lists what was asked.
        tab.js("document.querySelector('#query').select()", json!(null)).await;
        keys(&tab, format!("{DELETE}{ENTER}")).await;
        tab.wait_for("!location.hash.includes('q=')").await;
        keys(&tab, UP).await;
        tab.wait_for(&format!("{LINES}[0] === {}", json!(means))).await;
        keys(&tab, format!("{DOWN}{ENTER}")).await;
        tab.wait_for("location.hash.includes('q=')").await;
        assert_eq!(query(&tab).await, means);

        // Saved under a name.
        keys(&tab, " ").await;
        tab.web()
            .action_chain()
            .key_down(CONTROL)
            .send_keys(" ")
            .key_up(CONTROL)
            .perform()
            .await
            .expect("keys");
        tab.settle().await;
        tab.click("Save…").await;
        tab.wait_for("document.activeElement.id === 'query-name'").await;
        keys(&tab, format!("the <b>front</b>{ENTER}")).await;
        tab.wait_for("document.querySelector('#query-list')?.textContent.includes('the <b>front</b>')").await;
        keys(&tab, format!("{ESCAPE}{ESCAPE}")).await;
        tab.wait_for("document.activeElement.id !== 'query'").await;
        tab.reload().await;
        let kept = tab
            .js("return [localStorage['spanscope.saved'], localStorage['spanscope.recent']]", json!(null))
            .await;
        assert!(kept[0].as_str().is_some_and(|s| s.lines().count() == 1), "{kept}");
        assert!(kept[1].as_str().is_some_and(|s| s.lines().count() == 1), "{kept}");
    });
}

#[test]
fn a_metrics_query_becomes_a_chart() {
    let file = data::fixture("triple-a.otlp.pb");
    run("query metrics", [file.clone()], |tab| async move {
        begin(&tab, &file).await;
        keys(&tab, format!("{{ }} | rate() by (resource.service.name){ENTER}")).await;
        tab.wait_for("document.querySelectorAll('main .legend .key').length === 2").await;
        tab.wait_for("document.querySelectorAll('main svg path.line').length === 2").await;
        assert!(tab.text().await.contains("shop-front"));
        // Other views go without it.
        tab.click("Services").await;
        tab.wait_for("location.hash.startsWith('#/services') && !location.hash.includes('rate')").await;
    });
}

#[test]
fn explain_and_examples_are_at_hand() {
    let file = data::fixture("triple-a.otlp.pb");
    run("query explain", [file.clone()], |tab| async move {
        begin(&tab, &file).await;
        keys(&tab, "?").await;
        tab.wait_for(&format!("{LINES}.includes('{{ status = error }}')")).await;
        assert_eq!(
            tab.js(&format!("return {VALUE}"), json!(null)).await,
            json!(""),
            "the sign itself is not typed"
        );
        keys(&tab, format!("{ESCAPE}{{ kind = server && duration > 1ns }}")).await;
        tab.web()
            .action_chain()
            .key_down(CONTROL)
            .send_keys(" ")
            .key_up(CONTROL)
            .perform()
            .await
            .expect("keys");
        tab.settle().await;
        tab.click("Explain").await;
        tab.wait_for("document.querySelectorAll('.query-parts tbody tr').length === 3").await;
        let rows = tab
            .js(
                "return [...document.querySelectorAll('.query-parts tbody tr')].map((r) => r.cells[0].textContent)",
                json!(null),
            )
            .await;
        assert_eq!(
            rows,
            json!(["kind = server", "duration > 1ns", "{ (kind = server) && (duration > 1ns) }"])
        );
    });
}
