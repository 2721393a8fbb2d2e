//! Tables as CSV (RFC 4180), safe to open in a spreadsheet: a cell of telemetry that a spreadsheet would take
//! for a formula gets an apostrophe in front.

/// A table being written.
#[derive(Clone, Debug, Default)]
pub struct Csv {
    text: String,
    row_open: bool,
}

impl Csv {
    /// A table with a head.
    pub fn new<'a>(head: impl IntoIterator<Item = &'a str>) -> Self {
        let mut csv = Self::default();
        for name in head {
            csv.cell(name);
        }
        csv.end_row();
        csv
    }

    /// Adds a cell to the present row.
    pub fn cell(&mut self, text: &str) {
        if self.row_open {
            self.text.push(',');
        }
        self.row_open = true;
        let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']) && !is_number(text);
        let quoted = formula || text.contains([',', '"', '\r', '\n']);
        if !quoted {
            self.text.push_str(text);
            return;
        }
        self.text.push('"');
        if formula {
            self.text.push('\'');
        }
        self.text.push_str(&text.replace('"', "\"\""));
        self.text.push('"');
    }

    /// Adds a number, or an empty cell where there is none.
    pub fn number(&mut self, value: Option<f64>) {
        self.cell(&value.map_or_else(String::new, |v| v.to_string()));
    }

    /// Ends the present row.
    pub fn end_row(&mut self) {
        self.text.push_str("\r\n");
        self.row_open = false;
    }

    /// The file.
    pub fn finish(self) -> String {
        self.text
    }
}

/// Whether a text is a decimal number as a spreadsheet reads one.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_where_they_must_be_and_never_run() {
        let check = |text: &str, want: &str| {
            let mut csv = Csv::default();
            csv.cell(text);
            assert_eq!(csv.finish(), want);
        };
        check("GET /", "GET /");
        check("a,\"b\"\nc", "\"a,\"\"b\"\"\nc\"");
        check("-12.5e3", "-12.5e3");
        check("=1+1", "\"'=1+1\"");
        check("-1+cmd|' /C calc'!A0", "\"'-1+cmd|' /C calc'!A0\"");
        check("@SUM(A1)", "\"'@SUM(A1)\"");
        check("+inf", "\"'+inf\"");
        check("\tx", "\"'\tx\"");
    }

    #[test]
    fn rows_end_as_the_standard_says() {
        let mut csv = Csv::new(["name", "p99 ns"]);
        csv.cell("a");
        csv.number(Some(1.5));
        csv.end_row();
        csv.cell("b");
        csv.number(None);
        csv.end_row();
        assert_eq!(csv.finish(), "name,p99 ns\r\na,1.5\r\nb,\r\n");
    }
}
