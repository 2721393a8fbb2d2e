//! The conformance tables (Tempo's own verdicts) and the laws of the printer.

pub(super) mod fixture;
mod laws;
mod random;
mod results;

use super::{Phase, parse};

/// A file of the specification: the shared copy where there is one, else ours in the checkout.
fn file(name: &str) -> String {
    let root = env!("CARGO_MANIFEST_DIR");
    let shared = format!("{root}/../shared/specs/traceql/{name}");
    let own = format!("{root}/tests/data/traceql/{name}");
    std::fs::read_to_string(shared).or_else(|_| std::fs::read_to_string(own)).expect("the table")
}

fn table(name: &str) -> Vec<Vec<String>> {
    file(name).lines().skip(1).map(|line| line.split('\t').map(str::to_owned).collect()).collect()
}

fn report(name: &str, wrong: &[String]) {
    assert!(wrong.is_empty(), "{} rows of {name} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn verdicts_are_those_of_tempo() {
    let mut wrong = Vec::new();
    for row in table("cases.tsv") {
        let verdict = match parse(&row[0]) {
            Ok(_) => "valid",
            Err(e) if e.phase() == Phase::Parse => "invalid:parse",
            Err(_) => "invalid:validate",
        };
        if verdict != row[1] {
            wrong.push(format!("{}  want {} got {verdict} {:?}", row[0], row[1], parse(&row[0]).err()));
        }
    }
    report("cases.tsv", &wrong);
}

#[test]
fn canonical_text_is_that_of_tempo() {
    let mut wrong = Vec::new();
    for row in table("precedence.tsv") {
        let got = parse(&row[0]).map_or_else(|e| e.to_string(), |q| q.to_string());
        if got != row[1] {
            wrong.push(format!("{}  want {} got {got}", row[0], row[1]));
        }
    }
    report("precedence.tsv", &wrong);
}

#[test]
fn every_valid_row_reads_back_from_its_canonical_text() {
    for name in ["cases.tsv", "precedence.tsv", "structural.tsv", "metrics.tsv"] {
        for row in table(name) {
            let Ok(query) = parse(&row[0]) else { continue };
            let text = query.to_string();
            assert_eq!(parse(&text).as_ref(), Ok(&query), "{} printed as {text}", row[0]);
        }
    }
}

#[test]
fn errors_say_where_and_how_to_mend_it() {
    let check = |text: &str, at: usize, part: &str| {
        let error = parse(text).expect_err(text);
        assert_eq!(error.at(), Some(at), "{text}: {error}");
        assert!(error.to_string().contains(part), "{text}: {error}");
    };
    check("{ .a = 'x' }", 7, "double quotes");
    check("{ service.name = \"x\" }", 2, "resource.service.name");
    check("{ duraton > 1s }", 2, "did you mean duration?");
    check("{ kind = SERVER }", 9, "did you mean server?");
    check("{ .a == 1 }", 6, "");
    check("{ .a | .b }", 5, "||");
    check("{ status = \"error\" }", 9, "written bare");
    check("{ .a = checkout }", 7, "double quotes");
    check("{ .a } | cuont() > 1", 9, "did you mean count()?");
    check("{ .a = \"x }", 7, "closing double quote");
    check("{} | rate() + 5", 12, "brackets");
    check("rate()", 0, "{ } | rate()");
    check("{ duration > 5q }", 13, "units");
    check("{ span:statuss = ok }", 7, "span:status");
    check("{ .a =~ \"[\" }", 5, "RE2");
}

#[test]
fn hostile_text_ends_in_a_plain_error_or_a_query() {
    let deep = 20_000;
    for text in [
        format!("{{ {}true{} }}", "(".repeat(deep), ")".repeat(deep)),
        format!("{{ {}true }}", "!".repeat(deep)),
        format!("{{ {}1 = 1 }}", "- ".repeat(deep)),
        format!("{{ .a {}}}", "|| .a ".repeat(9000)),
        format!("{{ .a = 1 {}}}", "^ .a ".repeat(9000)),
        format!("{}count(){} > 1", "(".repeat(deep), ")".repeat(deep)),
    ] {
        let query = parse(&text);
        if let Ok(query) = query {
            drop(query.to_string());
        }
    }
    for text in [
        "(".repeat(deep),
        "({} | ".repeat(5000),
        "{} && ".repeat(5000),
        format!("{}{{}}{}", "(".repeat(deep), ")".repeat(deep)),
        "{".repeat(deep),
        "x".repeat(100_000),
        format!("{{ .a =~ \"{}\" }}", "(".repeat(9000)),
        format!("{{ .a =~ \"{}\" }}", "(a{1000}){1000}"),
    ] {
        assert!(parse(&text).is_err());
    }
}
