//! What is different: shares, conditions of values and hidden causes, against an independent count.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use spanscope::engine::desk::Desk;
use spanscope::page::edits::{asks_for, compared};

use crate::naive::Span;
use crate::{CHOICES, ask, files, list, number, read};

#[test]
fn comparisons_share_out_all_spans_as_a_loop_does() {
    for (mut desk, spans) in files() {
        for (q, choice) in CHOICES.into_iter().skip(1) {
            let answer = ask(&mut desk, &json!({"ask": "difference", "q": q, "limit": 100_000}));
            let chosen = spans.iter().filter(|s| choice(s)).count() as u64;
            assert_eq!(number(&answer["selected"]), chosen);
            if chosen == 0 || chosen == spans.len() as u64 {
                continue;
            }
            assert_eq!(number(&answer["rest"]), spans.len() as u64 - chosen);
            for row in list(&answer["rows"]).iter().filter(|r| r["relation"] == "span") {
                let field = row["field"].as_str().unwrap();
                for value in list(&row["values"]) {
                    let text =
                        (value["absent"] != json!(true)).then(|| value["text"].as_str().unwrap().to_owned());
                    let with = |inside: bool| {
                        spans.iter().filter(|s| choice(s) == inside && s.text(field) == text).count() as u64
                    };
                    let told = (number(&value["selected"]), number(&value["rest"]));
                    assert_eq!(told, (with(true), with(false)), "{field} = {text:?} of {q}");
                }
            }
        }
    }
}

/// What the generator says that it hid.
fn generated(share: &str, anomaly: &str) -> Option<(Desk, Value)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let program = root.join("shared/tools/gen_otlp.py");
    if !program.exists() {
        return None;
    }
    let folder =
        std::env::temp_dir().join(format!("spanscope-explorer-{}-{share}-{anomaly}", std::process::id()));
    std::fs::create_dir_all(&folder).ok()?;
    let (file, facts) = (folder.join("data.pb"), folder.join("facts.json"));
    let done = Command::new("python3")
        .arg(program)
        .args(["--spans", "40000", "--services", "4", "--operations", "8", "-q", "--anomaly", anomaly])
        .args(["--anomaly-share", share])
        .arg("--facts")
        .arg(&facts)
        .arg("-o")
        .arg(&file)
        .status();
    if !done.is_ok_and(|status| status.success()) {
        return None;
    }
    let facts = serde_json::from_slice(&std::fs::read(facts).ok()?).ok()?;
    let bytes = std::fs::read(file).ok()?;
    std::fs::remove_dir_all(folder).ok()?;
    Some((read(&bytes), facts))
}

#[test]
fn every_compared_value_leads_to_the_spans_that_it_counted() {
    let sets = files().into_iter().map(|(desk, _)| desk);
    let mut relations = std::collections::BTreeSet::new();
    for mut desk in sets.chain(generated("0.2", "auto").map(|(desk, _)| desk)) {
        let queries = [
            "{ status = error }",
            "{ duration > 20ms }",
            "{ rootName = \"GET /report\" }",
            "{ } >> { kind = client }",
            "{ } > { } | { kind = server }",
        ];
        for q in queries {
            let answer = ask(&mut desk, &json!({"ask": "difference", "q": q, "limit": 8}));
            for row in list(&answer["rows"]) {
                let text = |of: &Value, name: &str| of[name].as_str().unwrap().to_owned();
                let (relation, field) = (text(row, "relation"), text(row, "field"));
                // What the query asks for already is no row of the page.
                for value in
                    list(&row["values"]).iter().filter(|_| relation == "parent" || !asks_for(q, &field))
                {
                    // What no query can say is a list, a map or bytes.
                    let filter = text(value, "filter");
                    let Some(narrowed) = compared(q, &relation, &field, &filter) else {
                        assert!(text(value, "text").starts_with(['[', '{', '"']), "{row}");
                        continue;
                    };
                    let found = ask(&mut desk, &json!({"ask": "spans", "q": narrowed, "limit": 0}));
                    assert_eq!(found["total"], value["selected"], "{narrowed}");
                    relations.insert(if relation == "derived" { field.clone() } else { relation.clone() });
                }
            }
        }
    }
    let all: Vec<&str> = relations.iter().map(String::as_str).collect();
    let derived = ["derived:databaseCalls", "derived:depth", "derived:gap", "span:childCount"];
    for kind in derived.into_iter().chain(["span", "parent", "root"]) {
        assert!(all.contains(&kind), "{kind} is tried: {all:?}");
    }
}

#[test]
fn words_of_spanscopes_own_say_what_a_loop_finds() {
    for (mut desk, spans) in files() {
        let by_key: BTreeMap<String, &Span> = spans.iter().map(|s| (s.key(), s)).collect();
        let parent = |s: &Span| by_key.get(&format!("{}{}", s.trace, s.parent)).copied();
        let depth = |s: &Span| std::iter::successors(Some(s), |s| parent(s)).count();
        let root = |s: &Span| {
            let roots = spans.iter().filter(|r| r.trace == s.trace && r.parent.is_empty());
            roots.min_by_key(|r| r.start)
        };
        let calls = |s: &Span| {
            let of_trace = spans.iter().filter(|c| c.trace == s.trace && c.kind != "server");
            of_trace.filter(|c| c.attributes.keys().any(|k| k.starts_with("db.system"))).count()
        };
        let mut check = |q: String, choice: &dyn Fn(&Span) -> bool| {
            let want = spans.iter().filter(|s| choice(s)).count() as u64;
            assert_eq!(
                number(&ask(&mut desk, &json!({"ask": "spans", "q": q, "limit": 0}))["total"]),
                want,
                "{q}"
            );
        };
        for n in 0..9 {
            check(format!("{{ derived:depth = {n} }}"), &|s| depth(s) == n);
            check(format!("{{ derived:databaseCalls = {n} }}"), &|s| calls(s) == n);
        }
        for ms in [0, 1, 5, 20] {
            let after = |s: &Span| parent(s).map(|p| s.start.saturating_sub(p.start));
            check(format!("{{ derived:gap >= {ms}ms }}"), &|s| {
                after(s).is_some_and(|ns| ns >= ms * 1_000_000)
            });
        }
        check("{ derived:gap = nil }".to_owned(), &|s| parent(s).is_none());
        check("{ root:kind = server }".to_owned(), &|s| root(s).is_some_and(|r| r.kind == "server"));
        check("{ root:status = nil }".to_owned(), &|s| root(s).is_none());
        let route = |s: &Span| root(s).and_then(|r| r.attributes.get("http.route"));
        check("{ root.span.http.route != nil }".to_owned(), &|s| route(s).is_some());
        check("{ root.span.http.route = \"/report\" }".to_owned(), &|s| {
            route(s).is_some_and(|r| r == "/report")
        });
    }
}

/// The slow spans of an operation against its others, as a box over its heatmap asks.
fn explain(desk: &mut Desk, service: &str, name: &str, slow_ns: u64) -> Value {
    let own = format!("resource.service.name = \"{service}\" && name = \"{name}\"");
    let (q, base) = (format!("{{ {own} && duration >= {slow_ns}ns }}"), format!("{{ {own} }}"));
    ask(desk, &json!({"ask": "difference", "q": q, "base": base}))
}

#[test]
fn a_cause_hidden_in_generated_data_ranks_first_and_nothing_does_without_one() {
    for share in ["0.003", "0.2"] {
        // Without the generator beside this folder its part is played by `difference`'s own tests.
        let Some((mut desk, facts)) = generated(share, "auto") else { return };
        let hidden = &facts["anomaly"];
        let text = |field: &str| hidden[field].as_str().unwrap().to_owned();
        let slow = hidden["p95_ns_outside"].as_f64().unwrap() as u64;
        let answer = explain(&mut desk, &text("service"), &text("operation"), slow);
        let first = &answer["rows"][0];
        assert_eq!(first["field"], json!(format!("span.{}", text("attribute"))), "{share}: {answer}");
        assert_eq!(first["values"][0]["text"], json!(text("value")), "{share}");
        assert!(first["values"][0]["score"].as_f64().unwrap() > 0.0);
    }
    let Some((mut desk, _)) = generated("0.2", "none") else { return };
    let operations =
        ask(&mut desk, &json!({"ask": "table", "by": ["resource.service.name", "name"], "limit": 8}));
    let mut asked = 0;
    for row in list(&operations["rows"]) {
        let (service, name) = (row["values"][0].as_str().unwrap(), row["values"][1].as_str().unwrap());
        let slow = row["p95_ns"].as_f64().unwrap() as u64;
        let answer = explain(&mut desk, service, name, slow);
        // What stands in the trace around, such as how many children a span has, does make it slow.
        let own = list(&answer["rows"]).iter().filter(|r| r["relation"] == "span" && r["field"] != "status");
        assert_eq!(own.count(), 0, "{service} {name}: {answer}");
        asked += 1;
    }
    assert_eq!(asked, 8);
}
