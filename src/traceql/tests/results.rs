//! The tables of results: filters on one span, structural queries and pipelines, metrics.

use super::{fixture, report, table};
use crate::model::TimeRange;
use crate::store::Store;
use crate::traceql::ast::Static;
use crate::traceql::{Error, Phase, RunError, eval, metrics, parse};

/// Rows that may differ (traceql.md §11): powers are computed properly, `!( … )` is not pruned.
const DEVIATIONS: &[(&str, &str)] = &[
    ("{ span.i ^ 2 = 25 }", "true"),
    ("{ span.i ^ 2 = 32 }", "false"),
    ("{ 2 ^ 3 = 9 }", "false"),
    ("{ !(span.db.system = \"postgresql\") }", "T1:{A,B,C,E,F,G,O} T2:{R,S}"),
    ("{ !(span.db.system = \"postgresql\") && name =~ \".*\" }", "T1:{A,B,C,E,F,G,O} T2:{R,S}"),
    ("{ !(span.db.system = \"postgresql\") || name = \"zzz\" }", "T1:{A,B,C,E,F,G,O} T2:{R,S}"),
    ("{ !(span.db.system != \"postgresql\") }", "T1:{A,B,C,D,E,F,G,O} T2:{R,S}"),
];

fn wanted(query: &str, table: &str) -> String {
    DEVIATIONS.iter().find(|(q, _)| *q == query).map_or(table, |(_, own)| own).to_owned()
}

#[test]
fn filters_give_what_tempo_gives() {
    let builder = fixture::one_span();
    let store = builder.store();
    let mut wrong = Vec::new();
    for row in table("eval.tsv") {
        let got = match parse(&row[0]) {
            Err(_) => "invalid".to_owned(),
            Ok(query) => match eval::spans(store, &query, None, &mut ()) {
                Ok(found) => (found.len() == 1).to_string(),
                Err(_) => "error".to_owned(),
            },
        };
        if got != wanted(&row[0], &row[1]) {
            wrong.push(format!("{}  want {} got {got}", row[0], row[1]));
        }
    }
    report("eval.tsv", &wrong);
}

fn shown(value: &Static) -> String {
    match value {
        Static::Str(s) => format!("\"{s}\""),
        Static::Nil => "\"nil\"".to_owned(),
        Static::Int(_) | Static::Float(_) | Static::Bool(_) => value.to_string(),
        other => format!("\"{other}\""),
    }
}

/// The spansets of a query as the table writes them.
fn dump(store: &Store, text: &str) -> String {
    let Ok(found) = parse(text).and_then(|query| eval::spans(store, &query, None, &mut ())) else {
        return "error".to_owned();
    };
    let (groups, rows) = found.groups(store);
    let mut sets = Vec::new();
    for group in groups {
        let mut names: Vec<&str> = rows[group.rows.clone()].iter().map(|row| store.name(*row)).collect();
        names.sort_unstable();
        let mut attributes: Vec<String> =
            group.attributes.iter().map(|(name, value)| format!("{name}={}", shown(value))).collect();
        attributes.sort();
        let attributes =
            if attributes.is_empty() { String::new() } else { format!("[{}]", attributes.join(";")) };
        sets.push(format!("T{}:{{{}}}{attributes}", group.trace + 1, names.join(",")));
    }
    if sets.is_empty() { "(none)".to_owned() } else { sets.join(" ") }
}

#[test]
fn structural_queries_and_pipelines_give_what_tempo_gives() {
    let builder = fixture::load("traceql_fixture_structural.json");
    let store = builder.store();
    let mut wrong = Vec::new();
    for row in table("structural.tsv") {
        let got = dump(store, &row[0]);
        if got != wanted(&row[0], &row[1]) {
            wrong.push(format!("{}\n    want {}\n    got  {got}", row[0], row[1]));
        }
    }
    report("structural.tsv", &wrong);
}

#[test]
fn errors_of_evaluation_say_what_was_met() {
    let builder = fixture::one_span();
    let run = |text: &str| parse(text).and_then(|q| eval::spans(builder.store(), &q, None, &mut ())).err();
    assert_eq!(run("{ !span.missing }"), Some(Error::Run(RunError::NotBoolean)));
    assert_eq!(run("{ span.i / 0 = 1 }"), Some(Error::Run(RunError::DivisionByZero)));
    assert_eq!(run("{} | rate()"), Some(Error::Run(RunError::NotSpans)));
    assert_eq!(run("{ !span.missing }").map(|e| e.phase()), Some(Phase::Run));
}

/// The series of a query over the metrics fixture as the table writes them: stamps relative to the start.
fn series(store: &Store, text: &str, quantiles: metrics::Quantiles) -> String {
    const START: u64 = 1_700_000_000_000_000_000;
    let second = 1_000_000_000;
    let range = Some(TimeRange { start_ns: START, end_ns: START + 40 * second });
    let options = metrics::Options { range, step_ns: Some(10 * second), quantiles };
    let answer = match parse(text).and_then(|q| metrics::run(store, &q, options, &mut ())) {
        Ok(answer) => answer,
        Err(error) => return error.to_string(),
    };
    let mut lines = Vec::new();
    for series in &answer.series {
        let stamped = series.points.iter().enumerate().filter_map(|(i, point)| {
            let stamp = (answer.start_ns + i as u64 * answer.step_ns - START) / second;
            point.map(|p| format!("{stamp}:{p}"))
        });
        lines.push(format!("{} {}", series.labels, stamped.collect::<Vec<_>>().join(" ")));
    }
    if lines.is_empty() { "(none)".to_owned() } else { lines.join(" | ") }
}

#[test]
fn metrics_give_what_tempo_gives() {
    let builder = fixture::load("traceql_fixture_metrics.json");
    let mut wrong = Vec::new();
    for row in table("metrics.tsv") {
        let got = series(builder.store(), &row[0], metrics::Quantiles::Estimated);
        if got != row[1] {
            wrong.push(format!("{}\n    want {}\n    got  {got}", row[0], row[1]));
        }
    }
    report("metrics.tsv", &wrong);
}

#[test]
fn quantiles_are_exact_unless_an_estimate_is_wanted() {
    let builder = fixture::load("traceql_fixture_metrics.json");
    let run = |text: &str| series(builder.store(), text, metrics::Quantiles::Exact);
    assert_eq!(
        run("{} | quantile_over_time(duration, .5, 1)"),
        "{p=0.5} 10:0.15000000000000002 20:0.35 30:1.2000000000000002 40:3 | {p=1} 10:0.2 20:0.4 30:1.6 40:3"
    );
    assert_eq!(run("{} | quantile_over_time(span.f, .5)"), "{p=0.5} 10:2");
    assert!(run("{} | quantile_over_time(duration, .5) with(exact=false)").contains("10:0.134217728"));
}

#[test]
fn compare_counts_values_on_both_sides() {
    let builder = fixture::load("traceql_fixture_metrics.json");
    let got = series(builder.store(), "{} | compare({ status = error }, 2)", metrics::Quantiles::Exact);
    for part in [
        "{__meta_type=\"selection\",span.grp=\"a\"} 10:0 20:0 30:2 40:0",
        "{__meta_type=\"baseline\",span.grp=\"b\"} 10:0 20:2 30:0 40:0",
        "{__meta_type=\"baseline_total\",span.grp=\"nil\"} 10:2 20:2 30:0 40:0",
        "{__meta_error=\"__too_many_values__\",__meta_type=\"baseline\",name=\"nil\"}",
        "{__meta_type=\"selection\",kind=\"server\"} 10:0 20:0 30:2 40:0",
        "{__meta_type=\"selection\",resource.service.name=\"web\"} 10:0 20:0 30:2 40:0",
    ] {
        assert!(got.contains(part), "{part} in {got}");
    }
    assert!(!got.contains("duration"), "{got}");
}
