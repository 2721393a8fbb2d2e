//! Rate, errors and durations as table rows: what the columns are, and their order. Plain data.

use std::cmp::Ordering;

use crate::engine::protocol::{OperationRow, ServiceRow};
use crate::page::address::View;
use crate::page::format;

/// One service or operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RedRow {
    /// The name, as shown.
    pub name: String,
    /// Its service, for the color.
    pub service: String,
    /// Where its name leads.
    pub target: Option<View>,
    /// Span kinds met, in words.
    pub kinds: String,
    /// Calls.
    pub calls: u64,
    /// Failed ones.
    pub errors: u64,
    /// Fraction 0..1.
    pub error_rate: Option<f64>,
    /// Calls a second.
    pub rate_per_s: Option<f64>,
    /// Median, nanoseconds.
    pub p50_ns: Option<f64>,
    /// 90th percentile.
    pub p90_ns: Option<f64>,
    /// 95th percentile.
    pub p95_ns: Option<f64>,
    /// 99th percentile.
    pub p99_ns: Option<f64>,
    /// 0..1.
    pub apdex: Option<f64>,
    /// Sum of durations, nanoseconds.
    pub total_ns: u64,
    /// Sum of self times, nanoseconds.
    pub self_ns: u64,
    /// p99 over time.
    pub spark: Vec<Option<f64>>,
}

impl From<&ServiceRow> for RedRow {
    fn from(row: &ServiceRow) -> Self {
        Self {
            name: format::service(&row.service).to_owned(),
            service: row.service.clone(),
            target: Some(View::Service(row.service.clone())),
            calls: row.calls,
            errors: row.errors,
            error_rate: row.error_rate,
            rate_per_s: row.rate_per_s,
            p50_ns: row.p50_ns,
            p90_ns: row.p90_ns,
            p95_ns: row.p95_ns,
            p99_ns: row.p99_ns,
            apdex: row.apdex,
            spark: row.sparkline_p99.clone(),
            ..Self::default()
        }
    }
}

impl From<&OperationRow> for RedRow {
    fn from(row: &OperationRow) -> Self {
        Self {
            name: format::span_name(&row.name).to_owned(),
            service: row.service.clone(),
            kinds: row.kinds.join(", "),
            calls: row.calls,
            errors: row.errors,
            error_rate: row.error_rate,
            rate_per_s: row.rate_per_s,
            p50_ns: row.p50_ns,
            p90_ns: row.p90_ns,
            p95_ns: row.p95_ns,
            p99_ns: row.p99_ns,
            apdex: row.apdex,
            total_ns: row.total_ns,
            self_ns: row.self_ns,
            ..Self::default()
        }
    }
}

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The name.
    Name,
    /// Span kinds.
    Kinds,
    /// 99th percentile.
    P99,
    /// 95th percentile.
    P95,
    /// 90th percentile.
    P90,
    /// Median.
    P50,
    /// p99 over time; sorts by its highest value.
    Spark,
    /// Error fraction.
    ErrorRate,
    /// Calls a second.
    Rate,
    /// Calls.
    Calls,
    /// Apdex.
    Apdex,
    /// Sum of durations.
    Total,
    /// Sum of self times.
    SelfTime,
}

impl Column {
    /// Its head; the name's is what the rows are.
    pub fn label(self, noun: &str) -> String {
        let word = match self {
            Self::Name => {
                let mut letters = noun.chars();
                let first = letters.next().map(|c| c.to_ascii_uppercase());
                return first.into_iter().chain(letters).collect();
            }
            Self::Kinds => "Kind",
            Self::P99 => "p99",
            Self::P95 => "p95",
            Self::P90 => "p90",
            Self::P50 => "p50",
            Self::Spark => "p99 over time",
            Self::ErrorRate => "Error rate",
            Self::Rate => "Calls/s",
            Self::Calls => "Calls",
            Self::Apdex => "Apdex",
            Self::Total => "Total",
            Self::SelfTime => "Self",
        };
        word.to_owned()
    }

    /// What it says, in a sentence.
    pub fn explanation(self) -> &'static str {
        match self {
            Self::Name => "Name",
            Self::Kinds => "Span kinds met under this name",
            Self::P99 => "99 of 100 calls were at most this long",
            Self::P95 => "95 of 100 calls were at most this long",
            Self::P90 => "90 of 100 calls were at most this long",
            Self::P50 => "Half of the calls were at most this long",
            Self::Spark => "p99 over time; sorts by its highest value",
            Self::ErrorRate => "Calls with status error, of all calls",
            Self::Rate => "Calls a second over the time range",
            Self::Calls => "Calls",
            Self::Apdex => {
                "Satisfied calls (up to 500 ms) and half of the tolerated ones (up to 2 s), of all calls; errors frustrate"
            }
            Self::Total => "Sum of the durations",
            Self::SelfTime => "Sum of the time that no child span explains",
        }
    }

    /// Its word in the address.
    fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Kinds => "kind",
            Self::P99 => "p99",
            Self::P95 => "p95",
            Self::P90 => "p90",
            Self::P50 => "p50",
            Self::Spark => "peak",
            Self::ErrorRate => "errors",
            Self::Rate => "rate",
            Self::Calls => "calls",
            Self::Apdex => "apdex",
            Self::Total => "total",
            Self::SelfTime => "self",
        }
    }

    /// Its class: what the stylesheet aligns and narrow screens leave out by.
    pub fn class(self) -> String {
        let side = if matches!(self, Self::Name | Self::Kinds) { "" } else { " number" };
        format!("c-{}{side}", self.word())
    }
}

/// By which column, and in which direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    /// The column.
    pub column: Column,
    /// Largest first.
    pub descending: bool,
}

impl Sort {
    /// Reads the address's word; p99, largest first, where it names no column of this table.
    pub fn parse(word: &str, columns: &[Column]) -> Self {
        let (name, descending) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
        let column = columns.iter().copied().find(|c| c.word() == name);
        column.map_or(Self { column: Column::P99, descending: true }, |column| Self { column, descending })
    }

    /// The address's word.
    pub fn word(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column.word())
    }

    /// The sorting after a column's head was pressed: numbers begin with the largest.
    #[must_use]
    pub fn pressed(self, column: Column) -> Self {
        let descending = if self.column == column {
            !self.descending
        } else {
            !matches!(column, Column::Name | Column::Kinds | Column::Apdex)
        };
        Self { column, descending }
    }
}

/// The rows whose name holds the text, in order; what is unknown stands last either way.
pub fn sorted(rows: &[RedRow], sort: Sort, search: &str) -> Vec<RedRow> {
    let search = search.trim().to_lowercase();
    let mut rows: Vec<RedRow> = rows
        .iter()
        .filter(|r| search.is_empty() || r.name.to_lowercase().contains(&search))
        .cloned()
        .collect();
    let directed = |order: Ordering| if sort.descending { order.reverse() } else { order };
    rows.sort_by(|a, b| {
        let by_column = match sort.column {
            Column::Name => directed(a.name.cmp(&b.name)),
            Column::Kinds => directed(a.kinds.cmp(&b.kinds)),
            column => match (number(a, column), number(b, column)) {
                (Some(a), Some(b)) => directed(a.total_cmp(&b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
        };
        by_column.then_with(|| a.name.cmp(&b.name))
    });
    rows
}

fn number(row: &RedRow, column: Column) -> Option<f64> {
    match column {
        Column::Name | Column::Kinds => None,
        Column::P99 => row.p99_ns,
        Column::P95 => row.p95_ns,
        Column::P90 => row.p90_ns,
        Column::P50 => row.p50_ns,
        Column::Spark => row.spark.iter().flatten().copied().reduce(f64::max),
        Column::ErrorRate => row.error_rate,
        Column::Rate => row.rate_per_s,
        Column::Calls => Some(row.calls as f64),
        Column::Apdex => row.apdex,
        Column::Total => Some(row.total_ns as f64),
        Column::SelfTime => Some(row.self_ns as f64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[Column::Name, Column::P99, Column::Calls];

    fn names(sort: &str, search: &str) -> String {
        let row =
            |name: &str, p99_ns, calls| RedRow { name: name.into(), p99_ns, calls, ..RedRow::default() };
        let rows = [row("a", Some(2.0), 7), row("b", None, 9), row("c", Some(5.0), 7)];
        let sorted = sorted(&rows, Sort::parse(sort, COLUMNS), search);
        sorted.into_iter().map(|r| r.name).collect()
    }

    #[test]
    fn every_column_sorts_and_unknown_values_stand_last() {
        assert_eq!(names("", ""), "cab", "p99 first");
        assert_eq!(names("p99", ""), "acb");
        assert_eq!(names("-calls", ""), "bac", "ties go by name");
        assert_eq!(names("-name", ""), "cba");
        assert_eq!(names("-apdex", ""), "cab", "no column of this table");
        assert_eq!(names("", "C"), "c");
    }

    #[test]
    fn a_head_pressed_twice_turns_the_order() {
        let first = Sort::parse("", COLUMNS).pressed(Column::Calls);
        assert_eq!((first.word(), first.pressed(Column::Calls).word()), ("-calls".into(), "calls".into()));
        assert_eq!(first.pressed(Column::Name).word(), "name");
    }
}
