//! The examples of `docs/traceql.md` as choices: the document is the only place where they are written.

use super::look::Choice;

const DOCUMENT: &str = include_str!("../../../docs/traceql.md");

/// Every example with the heading that it stands under, in the order of the document.
pub fn examples() -> Vec<Choice> {
    let mut heading = "";
    let mut found = Vec::new();
    for line in DOCUMENT.lines() {
        if let Some(title) = line.strip_prefix("## ") {
            heading = title;
        } else if let Some(query) = line.strip_prefix("    ") {
            found.push(Choice::whole(heading, query, ""));
        } else if let Some((form, meaning)) = line.strip_prefix("| `").and_then(|l| l.split_once("` | ")) {
            found.push(Choice::whole(heading, form, meaning.trim_end_matches(" |")));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_examples_of_the_document_are_found() {
        let found = super::examples();
        let has = |head: &str, text: &str| found.iter().any(|c| c.head == head && c.text == text);
        assert!(has("What people type first", "service=checkout error"));
        assert!(has("Filters", "{ status = error }"));
        assert!(has("Numbers over time", "{ } | rate() by (resource.service.name)"));
        assert!(found.len() > 20);
    }
}
