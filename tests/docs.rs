//! What the documentation shows works: every TraceQL query of `docs/traceql.md` is read, and every link
//! between the documents leads somewhere.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, reason = "a test program: a panic is the report")]

use std::fs;
use std::path::Path;

use spanscope::traceql;

const PAGES: [&str; 7] = [
    "README.md",
    "docs/definitions.md",
    "docs/embedding.md",
    "docs/hosting.md",
    "docs/script-api.md",
    "docs/traceql.md",
    "docs/url.md",
];

#[test]
fn every_query_of_the_documentation_is_read() {
    let text = fs::read_to_string("docs/traceql.md").unwrap();
    let shown =
        text.lines().filter_map(|line| line.strip_prefix("    ")).filter(|line| line.starts_with('{'));
    let mut count = 0;
    for query in shown {
        assert!(traceql::parse(query).is_ok(), "{query}: {:?}", traceql::parse(query).err());
        count += 1;
    }
    assert!(count > 15, "only {count} queries were found");
}

#[test]
fn every_friendly_form_of_the_documentation_is_translated() {
    let text = fs::read_to_string("docs/traceql.md").unwrap();
    let forms: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`').map(|(form, _)| form))
        .collect();
    assert!(forms.len() >= 4);
    for form in forms {
        assert!(traceql::friendly::read(form, None).is_ok_and(|r| r.translated.is_some()), "{form}");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for page in PAGES {
        let text = fs::read_to_string(page).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if !link.contains("://") {
                let target = Path::new(page).parent().unwrap().join(link.split('#').next().unwrap());
                assert!(target.exists(), "{page} links to {link}");
            }
        }
    }
}
