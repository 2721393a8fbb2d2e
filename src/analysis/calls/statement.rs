//! The normal form of a database statement: what stays when values are taken out.
//!
//! Text in single quotes, numbers and placeholders become `?`, lists of them `(?)`, comments go, white space
//! is one space. Double quotes and backticks hold names in SQL and are kept; in statements that are JSON
//! (MongoDB, Elasticsearch) they hold values, except before a colon. Nothing is parsed, so any language of
//! statements gets some form, and the same one each time.

/// The normal form of a statement.
pub fn normalize_statement(statement: &str) -> String {
    let json = statement.trim_start().starts_with(['{', '[']);
    let mut out = String::with_capacity(statement.len());
    let mut rest = statement.trim();
    while let Some(c) = rest.chars().next() {
        let word_before = out.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let taken = if c.is_whitespace() {
            let len = rest.len() - rest.trim_start().len();
            if !out.ends_with([' ', '(']) {
                out.push(' ');
            }
            len
        } else if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if c == '\'' || (json && c == '"') {
            let len = quoted(rest, c);
            let key = json && rest[len..].trim_start().starts_with(':');
            out.push_str(if key { &rest[..len] } else { "?" });
            len
        } else if c == '"' || c == '`' {
            let len = quoted(rest, c);
            out.push_str(&rest[..len]);
            len
        } else if !word_before && placeholder(rest) > 0 {
            out.push('?');
            placeholder(rest)
        } else if !word_before && c.is_ascii_digit() {
            out.push('?');
            number(rest)
        } else {
            out.push(c);
            c.len_utf8()
        };
        rest = &rest[taken..];
        fold_list(&mut out);
    }
    out.truncate(out.trim_end().len());
    out
}

/// Length of the quoted text that begins here; a doubled or escaped quote does not end it.
fn quoted(text: &str, quote: char) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        if bytes[at] == b'\\' {
            at += 2;
        } else if bytes[at] == quote as u8 {
            if bytes.get(at + 1) != Some(&(quote as u8)) {
                return at + 1;
            }
            at += 2;
        } else {
            at += 1;
        }
    }
    bytes.len()
}

/// Length of the placeholder that begins here: `$1`, `%s`, `%(name)s`; 0 for anything else.
fn placeholder(text: &str) -> usize {
    let digits = |s: &str| s.len() - s.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    if let Some(after) = text.strip_prefix('$') {
        match digits(after) {
            0 => 0,
            n => n + 1,
        }
    } else if text.starts_with("%s") {
        2
    } else if text.starts_with("%(") {
        text.find(")s").map_or(0, |end| end + 2)
    } else {
        0
    }
}

/// Length of the number that begins here, hexadecimal and exponents included.
fn number(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        let sign = matches!(bytes[at], b'+' | b'-') && matches!(bytes[at - 1], b'e' | b'E');
        if !(bytes[at].is_ascii_alphanumeric() || bytes[at] == b'.' || sign) {
            break;
        }
        at += 1;
    }
    at
}

/// Makes `?, ?` one `?` and `(?), (?)` one `(?)`, as soon as the second one is written.
fn fold_list(out: &mut String) {
    for (item, doubles) in [("?", ["?, ?", "?,?", "? , ?"]), ("(?)", ["(?), (?)", "(?),(?)", "(?) , (?)"])] {
        for double in doubles {
            if out.ends_with(double) {
                out.truncate(out.len() - double.len() + item.len());
            }
        }
    }
    // White space inside the brackets of a list.
    if out.ends_with("? )") {
        out.truncate(out.len() - 2);
        out.push(')');
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_are_taken_out() {
        let check = |statement: &str, want: &str| assert_eq!(normalize_statement(statement), want);
        check("SELECT *\n  FROM t1 WHERE a = 'it''s' AND b=-4.5e+3", "SELECT * FROM t1 WHERE a = ? AND b=-?");
        check("SELECT a FROM t WHERE id IN (1, 2,3 , 4)", "SELECT a FROM t WHERE id IN (?)");
        check("SELECT a FROM t WHERE id IN ( 1, 2 )", "SELECT a FROM t WHERE id IN (?)");
        check("INSERT INTO t (a, b) VALUES (?, ?), (%s, $2)", "INSERT INTO t (a, b) VALUES (?)");
        check("select x -- why\nfrom \"T 1\" /* 2 */ limit 10", "select x from \"T 1\" limit ?");
        check("WHERE a = %(name)s AND x = 0xFF", "WHERE a = ? AND x = ?");
        check("{\"find\": \"users\", \"filter\": {\"age\": 4}}", "{\"find\": ?, \"filter\": {\"age\": ?}}");
        check("GET user:1234:name", "GET user:?:name");
        check("SELECT 'open", "SELECT ?");
        check("", "");
        check("SELECT 'é\\'x' || \"é\"", "SELECT ? || \"é\"");
    }

    proptest! {
        #[test]
        fn any_text_has_a_stable_form(text in "[ -~é'\"\\\\(),?$%0-9\n]{0,60}") {
            let once = normalize_statement(&text);
            prop_assert!(!once.ends_with(' '));
        }
    }
}
