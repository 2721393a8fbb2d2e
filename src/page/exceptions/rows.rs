//! The columns of the exceptions' table, their order and the search. Plain data.

use std::cmp::Ordering;

use crate::engine::protocol::ExceptionRow;

/// A column.
#[derive(Debug)]
pub struct Column {
    /// Its word in the address.
    pub word: &'static str,
    /// Its head.
    pub label: &'static str,
    /// What it says, in a sentence.
    pub explanation: &'static str,
    /// Its classes.
    pub class: &'static str,
    /// Whether it begins with the largest.
    pub number: bool,
}

const fn column(
    word: &'static str,
    label: &'static str,
    explanation: &'static str,
    class: &'static str,
    number: bool,
) -> Column {
    Column { word, label, explanation, class, number }
}

/// The columns, in order.
pub static COLUMNS: [Column; 6] = [
    column("type", "Exception", "Type, and the commonest message", "cell c-what", false),
    column("service", "Service", "The service that has most of it", "cell c-services", false),
    column("count", "Count", "How often it happened", "cell number c-count", true),
    column("peak", "Over time", "How often over time; sorts by the highest value", "cell c-spark", true),
    column("first", "First seen", "When it first happened", "cell number c-first", true),
    column("last", "Last seen", "When it last happened", "cell number c-last", true),
];

/// The rows that hold the text, in the address's order: the most frequent first where it names none.
pub fn sorted(rows: &[ExceptionRow], sort: &str, search: &str) -> Vec<ExceptionRow> {
    let search = search.trim().to_lowercase();
    let holds = |row: &&ExceptionRow| {
        let texts = [&row.r#type, &row.message, &row.frame].into_iter().chain(&row.services);
        search.is_empty() || texts.into_iter().any(|text| text.to_lowercase().contains(&search))
    };
    let mut rows: Vec<ExceptionRow> = rows.iter().filter(holds).cloned().collect();
    let (word, descending) = sort.strip_prefix('-').map_or((sort, false), |word| (word, true));
    let order = |a: &ExceptionRow, b: &ExceptionRow| match word {
        "type" => (&a.r#type, &a.message).cmp(&(&b.r#type, &b.message)),
        "service" => a.service.cmp(&b.service),
        "count" => a.count.cmp(&b.count),
        "peak" => a.sparkline.iter().max().cmp(&b.sparkline.iter().max()),
        "first" => a.first_ns.cmp(&b.first_ns),
        "last" => a.last_ns.cmp(&b.last_ns),
        _ => Ordering::Equal,
    };
    // Stable: equals keep the engine's order, which is by count.
    rows.sort_by(|a, b| if descending { order(b, a) } else { order(a, b) });
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::protocol::Ns;

    #[test]
    fn rows_are_found_and_sorted() {
        let row = |kind: &str, count, last| ExceptionRow {
            r#type: kind.into(),
            count,
            last_ns: Ns(last),
            services: vec!["cart".into()],
            ..ExceptionRow::default()
        };
        let rows = [row("KeyError", 9, 1), row("IOError", 4, 3), row("ValueError", 1, 2)];
        let kinds = |sort: &str, search: &str| {
            let kinds: Vec<String> = sorted(&rows, sort, search).into_iter().map(|r| r.r#type).collect();
            kinds.join(" ")
        };
        assert_eq!(kinds("", ""), "KeyError IOError ValueError");
        assert_eq!(kinds("-last", ""), "IOError ValueError KeyError");
        assert_eq!(kinds("type", "E"), "IOError KeyError ValueError");
        assert_eq!(kinds("count", "io"), "IOError");
        assert_eq!(kinds("", "CART"), "KeyError IOError ValueError");
    }
}
