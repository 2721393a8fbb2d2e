//! Services, operations, traces and spans: the door and the tables say what `tools/truth.py` found.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Tab, data, run};

/// The files whose numbers are compared: one that every checkout has, two of the corpus.
fn files() -> Vec<PathBuf> {
    let mut files = vec![data::fixture("triple-a.otlp.pb")];
    files.extend(data::from_corpus("otlp/slice/todo-a-slice.single.pb"));
    files.extend(data::from_corpus("otlp/full/todo-a.traces.concat.pb"));
    files
}

/// Two numbers that differ only by how doubles round.
fn close(found: &Value, expected: &Value, what: &str) {
    let (Some(found), Some(expected)) = (found.as_f64(), expected.as_f64()) else {
        panic!("{what}: found {found}, expected {expected}");
    };
    // The truth rounds rates and quantiles to nine and two digits behind the point.
    let tolerance = expected.abs() * 1e-8 + 0.011;
    let tolerance = if expected.abs() < 10_000.0 { expected.abs() * 1e-6 + 1e-8 } else { tolerance };
    assert!((found - expected).abs() <= tolerance, "{what}: found {found}, expected {expected}");
}

fn compare_service(row: &Value, truth: &Value, what: &str) {
    assert_eq!(row["calls"], truth["calls"], "{what}: calls");
    assert_eq!(row["errors"], truth["errors"], "{what}: errors");
    close(&row["error_rate"], &truth["error_rate"], &format!("{what}: error rate"));
    close(&row["rate_per_s"], &truth["rate_per_s"], &format!("{what}: rate"));
    for quantile in ["p50", "p90", "p95", "p99"] {
        let found = &row[format!("{quantile}_ns")];
        close(found, &truth[quantile]["lin"], &format!("{what}: {quantile}"));
    }
}

#[test]
fn the_door_gives_the_numbers_of_the_truth() {
    let files = files();
    run("numbers", files.clone(), |tab| async move {
        for file in &files {
            let truth = data::truth(file);
            tab.open_with(&[file], json!({"append": false})).await;
            let summary = tab.ask(json!({"ask": "summary"})).await;
            for field in "spans traces services operations errors events links orphans".split(' ') {
                assert_eq!(summary[field], truth[field], "{}: {field}", file.display());
            }
            for (ours, theirs) in [("start_ns", "start"), ("end_ns", "end")] {
                assert_eq!(summary[ours].as_str(), Some(truth[theirs].to_string().as_str()), "{ours}");
            }
            services(&tab, &truth).await;
            operations(&tab, &truth).await;
            traces(&tab, &truth).await;
        }
    });
}

async fn services(tab: &Tab, truth: &Value) {
    let all = tab.ask(json!({"ask": "services", "scope": "all"})).await;
    let entry = tab.ask(json!({"ask": "services", "scope": "entry"})).await;
    assert_eq!(tab.ask(json!({"ask": "services"})).await["rows"], entry["rows"], "entry is the default");
    let by_service = truth["by_service"].as_object().expect("services");
    assert_eq!(all["rows"].as_array().map(Vec::len), Some(by_service.len()));
    for (row, entry) in
        all["rows"].as_array().expect("rows").iter().zip(entry["rows"].as_array().expect("rows"))
    {
        let name = row["service"].as_str().expect("a name");
        assert_eq!(entry["service"], row["service"]);
        compare_service(row, &by_service[name], &format!("{name}, all"));
        assert_eq!(row["spans"], by_service[name]["calls"]);
        // Only the newer truths tell entry spans apart.
        if let Some(truth) = by_service[name].get("entry") {
            compare_service(entry, truth, &format!("{name}, entry"));
        }
    }
}

async fn operations(tab: &Tab, truth: &Value) {
    let mut seen = 0;
    for service in truth["by_service"].as_object().expect("services").keys() {
        let answer = tab.ask(json!({"ask": "operations", "service": service})).await;
        for row in answer["rows"].as_array().expect("rows") {
            let name = format!("{service} :: {}", row["name"].as_str().expect("a name"));
            let Some(expected) = truth["by_operation"].get(&name) else { continue };
            compare_service(row, expected, &name);
            assert_eq!(row["total_ns"], expected["sum"], "{name}: total");
            if let Some(self_time) = expected.get("self_time") {
                assert_eq!(&row["self_ns"], self_time, "{name}: self time");
            }
            seen += 1;
        }
    }
    assert_eq!(seen, truth["by_operation"].as_object().expect("operations").len());
}

async fn traces(tab: &Tab, truth: &Value) {
    let slowest = truth["slowest_traces"].as_array().expect("traces");
    let answer = tab.ask(json!({"ask": "traces", "limit": slowest.len()})).await;
    assert_eq!(answer["total"], truth["traces"]);
    for (row, expected) in answer["rows"].as_array().expect("rows").iter().zip(slowest) {
        let what = expected["trace"].to_string();
        assert_eq!(row["duration_ns"], expected["duration"], "{what}");
        if row["trace_id"] != expected["trace"] {
            continue; // Two traces of one duration may change places.
        }
        for (ours, theirs) in
            [("spans", "spans"), ("services", "services"), ("errors", "errors"), ("root_name", "root_name")]
        {
            assert_eq!(row[ours], expected[theirs], "{what}: {ours}");
        }
        let trace = tab.ask(json!({"ask": "trace", "trace_id": row["trace_id"]})).await;
        let spans = trace["spans"].as_array().expect("spans");
        assert_eq!(trace["spans_total"], expected["spans"], "{what}");
        let deepest = spans.iter().filter_map(|span| span["depth"].as_u64()).max();
        assert_eq!(deepest, expected["depth"].as_u64(), "{what}: depth");
    }
}

/// Reads "12.34 ms" and the like, as a person does; nothing where there is no number with a unit of time.
fn read_durations(text: &str) -> Vec<f64> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let unit = |word: &str| match word {
        "ns" => Some(1.0),
        "µs" | "μs" => Some(1e3),
        "ms" => Some(1e6),
        "s" => Some(1e9),
        _ => None,
    };
    // The unit may stand apart or follow its number directly.
    let split = words.iter().flat_map(|word| {
        let at = word.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',').unwrap_or(word.len());
        [&word[..at], &word[at..]].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>()
    });
    let parts: Vec<&str> = split.collect();
    parts
        .windows(2)
        .filter_map(|pair| Some(pair[0].replace(',', "").parse::<f64>().ok()? * unit(pair[1])?))
        .collect()
}

/// Whether a text shows a duration, to at least two of its digits.
fn shows(text: &str, ns: &Value) -> bool {
    let ns = ns.as_f64().expect("a duration");
    read_durations(text).iter().any(|shown| (shown - ns).abs() <= ns * 0.006)
}

/// The text of the row that leads to an address, cells apart.
async fn row_text(tab: &Tab, href: &str) -> String {
    let script = "const link = [...document.querySelectorAll('a[href]')].find((a) =>
          a.getAttribute('href').split('?')[0] === given && a.closest('tr, [role=row], li'));
        if (!link) return null;
        const row = link.closest('tr, [role=row], li');
        const cells = row.querySelectorAll('td, th, [role=cell], [role=gridcell], [role=rowheader]');
        return cells.length ? [...cells].map((c) => c.innerText).join(' | ') : row.innerText";
    let text = tab.js(script, json!(href)).await;
    match text.as_str() {
        Some(text) => text.to_owned(),
        None => panic!("no row leads to {href}; the page says:\n{}", tab.text().await),
    }
}

#[test]
fn the_services_table_shows_the_truth() {
    let files = files();
    let file = files.last().expect("a file").clone();
    run("services table", files.clone(), |tab| async move {
        tab.open(&[&file]).await;
        let truth = data::truth(&file);
        let services = truth["by_service"].as_object().expect("services").clone();
        for scope in ["entry", "all"] {
            let hash = format!(
                "index.html#/services?v=1&scope={scope}&src={}",
                tab.file_url(&file).replace('%', "%25")
            );
            tab.load(&hash).await;
            tab.wait_for_spans(truth["spans"].as_u64().expect("a count")).await;
            for (name, expected) in &services {
                let expected = if scope == "all" { Some(expected) } else { expected.get("entry") };
                let Some(expected) = expected else { continue };
                let text = row_text(&tab, &format!("#/service/{name}")).await;
                for quantile in ["p50", "p90", "p99"] {
                    assert!(
                        shows(&text, &expected[quantile]["lin"]),
                        "{scope} {name} {quantile}: {text}: {expected}"
                    );
                }
            }
        }
    });
}

#[test]
fn the_traces_table_shows_the_truth_and_sorts() {
    let files = files();
    let file = files.last().expect("a file").clone();
    run("traces table", files.clone(), |tab| async move {
        tab.open(&[&file]).await;
        tab.click("Traces").await;
        tab.settle().await;
        assert!(tab.hash().await.starts_with("#/traces"), "{}", tab.hash().await);
        let truth = data::truth(&file);
        for trace in truth["slowest_traces"].as_array().expect("traces").iter().take(5) {
            let text = row_text(&tab, &format!("#/trace/{}", trace["trace"].as_str().expect("an id"))).await;
            assert!(shows(&text, &trace["duration"]), "{text}: {trace}");
            let spans = trace["spans"].to_string();
            assert!(text.contains(trace["root_name"].as_str().expect("a name")), "{text}: {trace}");
            assert!(text.split(|c: char| !c.is_ascii_digit()).any(|word| word == spans), "{text}");
        }
        // Sorted by spans, the first row is the one with the most.
        tab.find(".table.traces .c-spans button").await.click().await.expect("a click");
        tab.settle().await;
        let most = tab.ask(json!({"ask": "traces", "order": "-spans", "limit": 1})).await;
        let spans = most["rows"][0]["spans"].to_string();
        let first = tab
            .js(
                "return document.querySelector('main a[href^=\"#/trace/\"]').closest('tr, [role=row], li').innerText",
                json!(null),
            )
            .await;
        assert!(
            first.as_str().unwrap_or_default().split(|c: char| !c.is_ascii_digit()).any(|word| word == spans),
            "{first}: {spans} spans expected first; {}",
            tab.hash().await
        );
        assert!(
            tab.hash().await.contains("sort="),
            "the order is a part of the address: {}",
            tab.hash().await
        );
    });
}
