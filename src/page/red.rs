//! Rate, errors and durations as table rows: what the columns are, their order, which fit, and the table as a
//! file. Plain data.

use std::cmp::Ordering;

use super::csv::Csv;
use crate::engine::protocol::{CallRow, OperationRow, ServiceRow};
use crate::page::address::View;
use crate::page::format;

/// A column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is explained in its fact")]
pub enum Column {
    P99,
    P95,
    P90,
    P50,
    Average,
    ErrorRate,
    Errors,
    Rate,
    Calls,
    Apdex,
    Total,
    TotalShare,
    SelfTime,
    SelfShare,
    // Those above are numbers of a row, in this order.
    Name,
    Kind,
    System,
    Callers,
    SparkP99,
    SparkCalls,
}

/// How many numbers a row has.
const NUMBERS: usize = Column::SelfShare as usize + 1;

/// How a cell is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nanoseconds.
    Duration,
    /// A whole number.
    Count,
    /// A number with a few digits.
    Number,
    /// A fraction in percent, with a bar.
    Share,
    /// Text.
    Text,
    /// A small line.
    Spark,
}

/// What a column is.
#[derive(Clone, Copy, Debug)]
pub struct Fact {
    /// Its word in the address, in the stylesheet and in storage.
    pub word: &'static str,
    /// Its head.
    pub label: &'static str,
    /// What it says, in a sentence.
    pub explanation: &'static str,
    /// How its cells are written.
    pub form: Form,
    /// The least width in CSS pixels.
    pub px: u32,
    /// The sooner it is left out where there is no room, the larger.
    pub spare: u8,
}

impl Column {
    /// What it is.
    pub fn fact(self) -> Fact {
        use Form::{Count, Duration, Number, Share, Spark, Text};
        let fact =
            |word, label, explanation, form, px, spare| Fact { word, label, explanation, form, px, spare };
        match self {
            Self::Name => fact("name", "Name", "Name", Text, 110, 0),
            Self::Kind => fact("kind", "Kind", "Span kinds met under this name", Text, 64, 14),
            Self::System => fact("system", "System", "Database product", Text, 76, 8),
            Self::Callers => {
                fact("callers", "Called by", "Spans right above the calls, most calls first", Text, 130, 9)
            }
            Self::P99 => fact("p99", "p99", "99 of 100 calls were at most this long", Duration, 64, 1),
            Self::P95 => fact("p95", "p95", "95 of 100 calls were at most this long", Duration, 64, 12),
            Self::P90 => fact("p90", "p90", "90 of 100 calls were at most this long", Duration, 64, 10),
            Self::P50 => fact("p50", "p50", "Half of the calls were at most this long", Duration, 64, 4),
            Self::Average => fact("average", "Average", "Sum of the durations by the calls", Duration, 66, 7),
            Self::SparkP99 => {
                fact("peak", "p99 over time", "p99 over time; sorts by its highest value", Spark, 104, 6)
            }
            Self::SparkCalls => {
                fact("busy", "Calls over time", "Calls over time; sorts by the highest value", Spark, 104, 13)
            }
            Self::ErrorRate => {
                fact("errors", "Error rate", "Calls with status error, of all calls", Share, 112, 2)
            }
            Self::Errors => fact("failed", "Errors", "Calls with status error", Count, 58, 16),
            Self::Rate => fact("rate", "Calls/s", "Calls a second over the time range", Number, 58, 5),
            Self::Calls => fact("calls", "Calls", "Calls", Count, 62, 3),
            Self::Apdex => fact(
                "apdex",
                "Apdex",
                "Satisfied calls (up to T) and half of the tolerated ones (up to 4 T), of all calls; errors frustrate",
                Number,
                56,
                11,
            ),
            Self::Total => fact("total", "Total", "Sum of the durations", Duration, 68, 15),
            Self::TotalShare => {
                fact("time", "Total time", "Sum of the durations, of all rows' sum", Share, 112, 8)
            }
            Self::SelfTime => {
                fact("self", "Self", "Sum of the time that no child span explains", Duration, 68, 17)
            }
            Self::SelfShare => {
                fact("own", "Self time", "Time that no child span explains, of all rows' sum", Share, 112, 9)
            }
        }
    }

    /// Its head; the name's is what the rows are.
    pub fn label(self, noun: &str) -> String {
        match self {
            Self::Name => {
                let mut letters = noun.chars();
                let first = letters.next().map(|c| c.to_ascii_uppercase());
                first.into_iter().chain(letters).collect()
            }
            other => other.fact().label.to_owned(),
        }
    }

    /// Its class.
    pub fn class(self) -> String {
        let fact = self.fact();
        let side = if fact.form == Form::Text { "" } else { " number" };
        format!("cell c-{}{side}", fact.word)
    }
}

/// A table.
#[derive(Debug)]
pub struct Table {
    /// What a row is: "service".
    pub noun: &'static str,
    /// Its columns, in order; the first is the name.
    pub columns: &'static [Column],
    /// Those that are shown where nobody chose.
    pub usual: &'static [Column],
    /// What it is sorted by where nobody chose; largest first.
    pub sort: Column,
}

/// One service, operation, statement, host or neighbor.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RedRow {
    /// The name, as shown.
    pub name: String,
    /// Its service, for the color.
    pub service: Option<String>,
    /// Where its name leads.
    pub target: Option<View>,
    /// With this query there.
    pub q: Option<String>,
    /// With this span chosen there, hex.
    pub span: String,
    /// Span kinds, or the system.
    pub kind: String,
    /// Who calls.
    pub callers: String,
    /// By [`Column`].
    pub numbers: [Option<f64>; NUMBERS],
    /// p99 and calls over time.
    pub sparks: [Vec<Option<f64>>; 2],
}

impl RedRow {
    /// Its number in a column, none where the column has none.
    pub fn number(&self, column: Column) -> Option<f64> {
        match column {
            Column::SparkP99 => self.sparks[0].iter().flatten().copied().reduce(f64::max),
            Column::SparkCalls => self.sparks[1].iter().flatten().copied().reduce(f64::max),
            _ => self.numbers.get(column as usize).copied().flatten(),
        }
    }

    /// Its text in a column, none where the column has numbers.
    pub fn text(&self, column: Column) -> Option<&str> {
        match column {
            Column::Name => Some(&self.name),
            Column::Kind | Column::System => Some(&self.kind),
            Column::Callers => Some(&self.callers),
            _ => None,
        }
    }

    /// Sets the number of a column.
    pub fn set(&mut self, column: Column, value: Option<f64>) {
        if let Some(place) = self.numbers.get_mut(column as usize) {
            *place = value;
        }
    }

    fn with(mut self, numbers: &[(Column, Option<f64>)]) -> Self {
        for &(column, value) in numbers {
            self.set(column, value);
        }
        self
    }
}

impl From<&ServiceRow> for RedRow {
    fn from(row: &ServiceRow) -> Self {
        let calls = row.sparkline_calls.iter().map(|&n| Some(n as f64)).collect();
        Self {
            name: format::service(&row.service).to_owned(),
            service: Some(row.service.clone()),
            target: Some(View::Service(row.service.clone())),
            sparks: [row.sparkline_p99.clone(), calls],
            ..Self::default()
        }
        .with(&[
            (Column::P99, row.p99_ns),
            (Column::P95, row.p95_ns),
            (Column::P90, row.p90_ns),
            (Column::P50, row.p50_ns),
            (Column::ErrorRate, row.error_rate),
            (Column::Errors, Some(row.errors as f64)),
            (Column::Rate, row.rate_per_s),
            (Column::Calls, Some(row.calls as f64)),
            (Column::Apdex, row.apdex),
        ])
    }
}

impl From<&OperationRow> for RedRow {
    fn from(row: &OperationRow) -> Self {
        Self { name: format::span_name(&row.name).to_owned(), kind: row.kinds.join(", "), ..Self::default() }
            .with(&[
                (Column::P99, row.p99_ns),
                (Column::P95, row.p95_ns),
                (Column::P90, row.p90_ns),
                (Column::P50, row.p50_ns),
                (Column::Average, average(row.total_ns, row.calls)),
                (Column::ErrorRate, row.error_rate),
                (Column::Errors, Some(row.errors as f64)),
                (Column::Rate, row.rate_per_s),
                (Column::Calls, Some(row.calls as f64)),
                (Column::Apdex, row.apdex),
                (Column::Total, Some(row.total_ns as f64)),
                (Column::SelfTime, Some(row.self_ns as f64)),
            ])
    }
}

impl From<&CallRow> for RedRow {
    fn from(row: &CallRow) -> Self {
        let name = if row.statement.is_empty() { &row.target } else { &row.statement };
        let caller = |c: &crate::engine::protocol::CallerRow| {
            format!("{} ({})", format::span_name(&c.name), format::count(c.calls))
        };
        let callers: Vec<String> = row.callers.iter().map(caller).collect();
        let slowest = row.slowest.as_ref();
        Self {
            name: name.clone(),
            kind: row.target.clone(),
            callers: callers.join(", "),
            target: slowest.map(|s| View::Trace(s.trace_id.clone())),
            span: slowest.map_or_else(String::new, |s| s.span_id.clone()),
            ..Self::default()
        }
        .with(&[
            (Column::P99, row.p99_ns),
            (Column::P95, row.p95_ns),
            (Column::P50, row.p50_ns),
            (Column::Average, average(row.total_ns, row.calls)),
            (Column::ErrorRate, row.error_rate),
            (Column::Errors, Some(row.errors as f64)),
            (Column::Rate, row.rate_per_s),
            (Column::Calls, Some(row.calls as f64)),
            (Column::Total, Some(row.total_ns as f64)),
        ])
    }
}

/// The mean of some durations.
pub fn average(total_ns: u64, calls: u64) -> Option<f64> {
    (calls > 0).then(|| total_ns as f64 / calls as f64)
}

/// Fills the columns that compare a row with the sum of all.
pub fn add_shares(rows: &mut [RedRow]) {
    for (part, share) in [(Column::Total, Column::TotalShare), (Column::SelfTime, Column::SelfShare)] {
        let sum: f64 = rows.iter().filter_map(|r| r.number(part)).sum();
        for row in rows.iter_mut() {
            let value = row.number(part).filter(|_| sum > 0.0).map(|v| v / sum);
            row.set(share, value);
        }
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
    /// Reads the address's word; the table's own order where it names no column of this table.
    pub fn parse(word: &str, table: &Table) -> Self {
        let (name, descending) = word.strip_prefix('-').map_or((word, false), |name| (name, true));
        let column = table.columns.iter().copied().find(|c| c.fact().word == name);
        column.map_or(Self { column: table.sort, descending: true }, |column| Self { column, descending })
    }

    /// The address's word.
    pub fn word(self) -> String {
        format!("{}{}", if self.descending { "-" } else { "" }, self.column.fact().word)
    }

    /// The sorting after a column's head was pressed: numbers begin with the largest.
    #[must_use]
    pub fn pressed(self, column: Column) -> Self {
        let text = column.fact().form == Form::Text || column == Column::Apdex;
        Self { column, descending: if self.column == column { !self.descending } else { !text } }
    }
}

/// The rows with a text that holds `search`, in order; what is unknown stands last either way.
pub fn sorted(rows: &[RedRow], sort: Sort, search: &str) -> Vec<RedRow> {
    let search = search.trim().to_lowercase();
    let found = |text: &str| text.to_lowercase().contains(&search);
    let mut order: Vec<usize> = (0..rows.len())
        .filter(|&i| {
            let row = &rows[i];
            search.is_empty() || found(&row.name) || found(&row.kind) || found(&row.callers)
        })
        .collect();
    let directed = |order: Ordering| if sort.descending { order.reverse() } else { order };
    order.sort_by(|&a, &b| {
        let (a, b) = (&rows[a], &rows[b]);
        let by_column = match (a.text(sort.column), b.text(sort.column)) {
            (Some(a), Some(b)) => directed(a.cmp(b)),
            _ => match (a.number(sort.column), b.number(sort.column)) {
                (Some(a), Some(b)) => directed(a.total_cmp(&b)),
                (a, b) => b.is_some().cmp(&a.is_some()),
            },
        };
        by_column.then_with(|| a.name.cmp(&b.name))
    });
    order.into_iter().map(|i| rows[i].clone()).collect()
}

/// Room between two columns, and at the sides of a row, in CSS pixels.
const GAP: u32 = 18;

/// The chosen columns that have room, in the table's order; the name always has.
pub fn fitting(table: &Table, chosen: &[Column], width: f64) -> Vec<Column> {
    let mut shown: Vec<Column> =
        table.columns.iter().copied().filter(|c| *c == Column::Name || chosen.contains(c)).collect();
    let needed = |shown: &[Column]| shown.iter().map(|c| c.fact().px + GAP).sum::<u32>();
    while f64::from(needed(&shown)) > width.max(1.0) && shown.len() > 1 {
        let last = shown.iter().copied().max_by_key(|c| c.fact().spare);
        shown.retain(|c| Some(*c) != last);
    }
    shown
}

/// The widths of columns, as CSS grid writes them.
pub fn template(shown: &[Column]) -> String {
    let width = |c: &Column| {
        let Fact { px, form, .. } = c.fact();
        match (c, form) {
            (Column::Name, _) => format!("minmax({px}px, 2.4fr)"),
            (Column::Callers, _) => format!("minmax({px}px, 1.6fr)"),
            (_, Form::Spark | Form::Share) => format!("minmax({px}px, .8fr)"),
            _ => format!("minmax({px}px, .7fr)"),
        }
    };
    shown.iter().map(width).collect::<Vec<_>>().join(" ")
}

/// The rows as CSV, with every column of the table but the small lines: durations in nanoseconds, shares as
/// fractions.
pub fn csv(rows: &[RedRow], table: &Table) -> String {
    let columns: Vec<Column> =
        table.columns.iter().copied().filter(|c| c.fact().form != Form::Spark).collect();
    let heads: Vec<String> = columns
        .iter()
        .map(|c| match c.fact().form {
            Form::Duration => format!("{} (ns)", c.label(table.noun)),
            Form::Share => format!("{} (fraction)", c.label(table.noun)),
            _ => c.label(table.noun),
        })
        .collect();
    let mut csv = Csv::new(heads.iter().map(String::as_str));
    for row in rows {
        for &column in &columns {
            match row.text(column) {
                Some(text) => csv.cell(text),
                None => csv.number(row.number(column)),
            }
        }
        csv.end_row();
    }
    csv.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[Column] = &[Column::Name, Column::P99, Column::Calls];
    const TABLE: Table = Table { noun: "service", columns: COLUMNS, usual: COLUMNS, sort: Column::P99 };

    fn rows() -> Vec<RedRow> {
        let row = |name: &str, p99, calls| {
            RedRow { name: name.into(), ..RedRow::default() }
                .with(&[(Column::P99, p99), (Column::Calls, Some(calls))])
        };
        vec![row("a", Some(2.0), 7.0), row("b", None, 9.0), row("c", Some(5.0), 7.0)]
    }

    fn names(sort: &str, search: &str) -> String {
        sorted(&rows(), Sort::parse(sort, &TABLE), search).into_iter().map(|r| r.name).collect()
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
        let first = Sort::parse("", &TABLE).pressed(Column::Calls);
        assert_eq!((first.word(), first.pressed(Column::Calls).word()), ("-calls".into(), "calls".into()));
        assert_eq!(first.pressed(Column::Name).word(), "name");
    }

    #[test]
    fn columns_without_room_are_left_out() {
        assert_eq!(fitting(&TABLE, COLUMNS, 1000.0), COLUMNS);
        assert_eq!(fitting(&TABLE, &[Column::Calls], 1000.0), [Column::Name, Column::Calls]);
        assert_eq!(fitting(&TABLE, COLUMNS, 220.0), [Column::Name, Column::P99]);
        assert_eq!(fitting(&TABLE, COLUMNS, 0.0), [Column::Name]);
        assert_eq!(template(&[Column::Name, Column::P99]), "minmax(110px, 2.4fr) minmax(64px, .7fr)");
    }

    #[test]
    fn shares_sum_to_the_whole() {
        let mut rows = rows();
        for (row, total) in rows.iter_mut().zip([1.0, 3.0, 4.0]) {
            row.set(Column::Total, Some(total));
        }
        add_shares(&mut rows);
        let shares: Vec<_> = rows.iter().map(|r| r.number(Column::TotalShare)).collect();
        assert_eq!(shares, [Some(0.125), Some(0.375), Some(0.5)]);
        assert_eq!(rows[0].number(Column::SelfShare), None);
    }

    #[test]
    fn a_table_is_saved_in_exact_numbers() {
        assert_eq!(csv(&rows()[..2], &TABLE), "Service,p99 (ns),Calls\r\na,2,7\r\nb,,9\r\n");
    }
}
