//! What clicks in the explorer make of the query and the address: plain text in, plain text out.

use crate::engine::protocol::{Ns, Range};
use crate::page::address::Address;
use crate::page::bar::highlight::is_metrics;
use crate::page::condition::{
    self, Condition, and, and_text, bare, counted, is_filter, parts, stages, without,
};
use crate::page::drill;

/// What a field is called for short.
pub fn short(field: &str) -> String {
    match field {
        "resource.service.name" => "Service",
        "name" => "Operation",
        "status" => "Status",
        "kind" => "Kind",
        "statusMessage" => "Status message",
        "rootName" => "Root operation",
        "rootServiceName" => "Root service",
        "root:kind" => "Root kind",
        "root:status" => "Root status",
        "span:childCount" => "Children",
        "derived:depth" => "Depth",
        "derived:gap" => "Gap before start",
        "derived:databaseCalls" => "Database calls in the trace",
        "instrumentation:name" => "Instrumentation",
        _ => {
            let own = field.strip_prefix("root.").unwrap_or(field);
            own.strip_prefix("span.").or(own.strip_prefix("resource.")).unwrap_or(own)
        }
    }
    .to_owned()
}

/// The query with a condition, or without it where it stands. Of two values of a field only the newer is asked for,
/// because no span has both.
pub fn toggled(q: &str, condition: &Condition) -> String {
    toggled_text(q, &condition.field, &condition.to_string())
}

fn toggled_text(q: &str, field: &str, part: &str) -> String {
    let parts = parts(q);
    if parts.iter().any(|p| p == part) {
        return without(q, part);
    }
    let same = format!("{field} = ");
    let others = parts.iter().filter(|p| part.starts_with(&same) && p.starts_with(&same));
    and_text(&others.fold(q.to_owned(), |q, other| without(&q, other)), part)
}

/// The query of the spans of `q` with a value of a comparison, or without what it says where that stands; none where
/// no query can say it.
pub fn compared(q: &str, relation: &str, field: &str, filter: &str) -> Option<String> {
    match relation {
        _ if filter.is_empty() => None,
        "parent" => Some(under_parent(q, field, filter)),
        _ => Some(toggled_text(q, field, filter)),
    }
}

/// The spans of a query whose parent meets a condition: `{ condition } > …`. What the query says of the parent already
/// is said together with it.
fn under_parent(q: &str, field: &str, filter: &str) -> String {
    let q = q.trim();
    let functions = &q[counted(q).len()..];
    if !functions.is_empty() && !is_metrics(functions) {
        // Of spans that were chosen with their whole trace; the grammar wants a pipeline on both sides.
        return format!("({{ {filter} }} | {{ }}) > ({q})");
    }
    // Filters that follow hold of single spans, so they may stay behind.
    let (spans, rest) = q.split_at(stages(q)[0]);
    let (parent, own) = parent_of(spans).unwrap_or(("", spans.trim()));
    let own = match own {
        "" => "{ }".to_owned(),
        own if operand(own) == own.len() => own.to_owned(),
        own => format!("({own})"),
    };
    let parent = toggled_text(parent, field, filter);
    let between = if rest.is_empty() { "" } else { " " };
    match parent.as_str() {
        "" => format!("{own}{between}{rest}"),
        parent => format!("{parent} > {own}{between}{rest}"),
    }
}

/// The parent's filter of `{ … } > X`, and `X`, where it is one operand.
fn parent_of(spans: &str) -> Option<(&str, &str)> {
    let (parent, right) = spans.split_at(operand(spans));
    let own = right.trim_start().strip_prefix('>').filter(|own| !own.starts_with('>'))?.trim();
    (is_filter(parent) && operand(own) == own.len()).then_some((parent, own))
}

/// Where the first operand of a query ends: behind the bracket that closes its first.
fn operand(q: &str) -> usize {
    let mut depth = 0;
    for (at, byte, _) in bare(q) {
        depth += i32::from(matches!(byte, b'{' | b'(')) - i32::from(matches!(byte, b'}' | b')'));
        if depth == 0 {
            return at + 1;
        }
    }
    q.len()
}

/// The fields of a list with commas between them; a comma within quotes is a field's own.
pub fn split(text: &str) -> Vec<String> {
    let (mut all, mut field, mut quoted) = (Vec::new(), String::new(), false);
    for c in text.chars() {
        match c {
            ',' if !quoted => all.push(std::mem::take(&mut field)),
            c => {
                quoted ^= c == '"' && !field.ends_with('\\');
                field.push(c);
            }
        }
    }
    all.push(field);
    all.into_iter().map(|f| f.trim().to_owned()).filter(|f| !f.is_empty()).collect()
}

/// The list with a field at its end, or without it where it holds it.
pub fn turned(list: &str, field: &str) -> String {
    let mut all = split(list);
    match all.iter().position(|f| f == field) {
        Some(at) => drop(all.remove(at)),
        None => all.push(field.to_owned()),
    }
    all.join(",")
}

/// Word in the address, label, and the function of TraceQL.
pub const MEASURES: [(&str, &str, &str); 6] = [
    ("", "Spans a second", "rate()"),
    ("count", "Spans", "count_over_time()"),
    ("errors", "Failed spans a second", "rate()"),
    ("average", "Average duration", "avg_over_time(duration)"),
    ("max", "Longest duration", "max_over_time(duration)"),
    ("quantiles", "Duration p50, p95, p99", "quantile_over_time(duration, .5, .95, .99)"),
];

/// The metrics query of a filter, a measure and fields.
pub fn measured(q: &str, measure: &str, by: &str) -> String {
    let (word, _, function) = MEASURES.into_iter().find(|(word, ..)| *word == measure).unwrap_or(MEASURES[0]);
    let mut q = if q.trim().is_empty() { "{ }".to_owned() } else { q.to_owned() };
    if word == "errors" {
        q = and(&q, &Condition::error());
    }
    let fields = match by {
        "" if word != "quantiles" => "resource.service.name".to_owned(),
        "" | "-" => String::new(),
        by => split(by).join(", "),
    };
    let by = if fields.is_empty() { String::new() } else { format!(" by ({fields})") };
    format!("{q} | {function}{by}")
}

/// A range of time and of durations; the last of either is the first that lies outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Boxed {
    /// Start.
    pub range: Range,
    /// Shortest duration, nanoseconds.
    pub low_ns: u64,
    /// First longer duration that is outside; [`u64::MAX`] for none.
    pub high_ns: u64,
}

impl Boxed {
    /// Reads the address's box; none where it is no box.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<u64> = text.split(',').map_while(|n| n.parse().ok()).collect();
        match parts[..] {
            [from, to, low_ns, high_ns] if from < to && low_ns < high_ns => {
                Some(Self { range: Range { start_ns: Ns(from), end_ns: Ns(to) }, low_ns, high_ns })
            }
            _ => None,
        }
    }

    /// The address's box.
    pub fn print(&self) -> String {
        let numbers = [self.range.start_ns.0, self.range.end_ns.0, self.low_ns, self.high_ns];
        numbers.map(|n| n.to_string()).join(",")
    }

    /// The query of the spans inside, and their range.
    pub fn inside(&self, a: &Address) -> (Range, String) {
        let q = drill::durations(self.low_ns, self.high_ns).iter().fold(a.q.clone(), |q, c| and(&q, c));
        let range = a.range.map_or(self.range, |range| Range {
            start_ns: range.start_ns.max(self.range.start_ns),
            end_ns: range.end_ns.min(self.range.end_ns),
        });
        (range, q)
    }
}

/// A query without what it says of durations.
pub fn any_duration(q: &str) -> String {
    let said = |part: &String| part.starts_with("duration ");
    parts(q).iter().filter(|part| said(part)).fold(q.to_owned(), |q, part| without(&q, part))
}

/// The durations that a query asks for: from, and the first that is too long.
pub fn stretch(q: &str) -> (u64, u64) {
    let (mut low, mut high) = (0, u64::MAX);
    for part in parts(q) {
        let words: Vec<&str> = part.split(' ').collect();
        let ["duration", op, length] = words[..] else { continue };
        let Some(ns) = nanoseconds(length) else { continue };
        match op {
            ">" | ">=" => low = ns,
            "<" | "<=" => high = ns,
            _ => {}
        }
    }
    (low, high)
}

/// A duration of one unit, as TraceQL writes it.
fn nanoseconds(text: &str) -> Option<u64> {
    const UNITS: [(&str, f64); 7] =
        [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];
    let (number, unit) = text.split_at(text.find(char::is_alphabetic)?);
    let (_, scale) = UNITS.into_iter().find(|(name, _)| *name == unit)?;
    Some((number.parse::<f64>().ok()? * scale).round() as u64)
}

/// Whether a query asks for a field of the spans themselves.
pub fn asks_for(q: &str, field: &str) -> bool {
    let start = format!("{field} ");
    condition::parts(q).iter().any(|part| part.starts_with(&start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_queries() {
        let check = |q: &str, relation: &str, field: &str, filter: &str, want: &str| {
            let found = compared(q, relation, field, filter).unwrap();
            assert_eq!(found, want);
            // A query that no one can read leads nowhere.
            assert!(found.is_empty() || crate::traceql::parse(&found).is_ok(), "{found}");
        };
        let name = r#"name = "a""#;
        check("{ kind = server }", "span", "name", name, r#"{ kind = server && name = "a" }"#);
        check(r#"{ name = "a" }"#, "span", "name", name, "");
        check(r#"{ name = "b" }"#, "span", "name", name, r#"{ name = "a" }"#);
        check("", "root", "root.span.x", "root.span.x = 1", "{ root.span.x = 1 }");
        let depth = "derived:depth >= 4 && derived:depth <= 7";
        check(
            "{ kind = server }",
            "derived",
            "derived:depth",
            depth,
            &format!("{{ kind = server && {depth} }}"),
        );
        check("", "derived", "derived:gap", "derived:gap = nil", "{ derived:gap = nil }");
        assert_eq!(compared("", "span", "span.x", ""), None);
    }

    #[test]
    fn parents_stand_before_their_children() {
        let check = |q: &str, want: &str| {
            let x = "span.x = 1";
            let found = compared(q, "parent", "span.x", x).unwrap();
            assert_eq!(found, want);
            assert!(crate::traceql::parse(&found).is_ok(), "{found}");
        };
        check("", "{ span.x = 1 } > { }");
        check("{ kind = server }", "{ span.x = 1 } > { kind = server }");
        check("{ } >> { .a = 1 }", "{ span.x = 1 } > ({ } >> { .a = 1 })");
        check("{ .a = 1 } | { .b = 2 }", "{ span.x = 1 } > { .a = 1 } | { .b = 2 }");
        check("{ .a = 1 } | rate() by (name)", "{ span.x = 1 } > { .a = 1 } | rate() by (name)");
        check("{ .a = 1 } | count() > 2", "({ span.x = 1 } | { }) > ({ .a = 1 } | count() > 2)");
        // What is known of the parent takes it in, another value of it makes room, and a second click takes it away.
        check("{ .y = 2 } > { .a = 1 }", "{ .y = 2 && span.x = 1 } > { .a = 1 }");
        check("{ .y = 2 } > { .a = 1 } | { .b = 2 }", "{ .y = 2 && span.x = 1 } > { .a = 1 } | { .b = 2 }");
        check("{ span.x = 2 } > { .a = 1 }", "{ span.x = 1 } > { .a = 1 }");
        check("{ span.x = 1 } > ({ } >> { .a = 1 }) | { .b = 2 }", "({ } >> { .a = 1 }) | { .b = 2 }");
        // Of three in a row the first is no parent of the last.
        check("{ .y = 2 } > { } > { .a = 1 }", "{ span.x = 1 } > ({ .y = 2 } > { } > { .a = 1 })");
        check("{ .y = 2 } >> { .a = 1 }", "{ span.x = 1 } > ({ .y = 2 } >> { .a = 1 })");
    }

    #[test]
    fn fields_are_listed_with_commas() {
        let list = r#"name,span."a,b" , span.c"#;
        assert_eq!(split(list), ["name", r#"span."a,b""#, "span.c"]);
        assert_eq!(turned(list, "name"), r#"span."a,b",span.c"#);
        assert_eq!(turned("", "kind"), "kind");
        assert_eq!(split(""), [""; 0]);
    }

    #[test]
    fn choices_are_a_metrics_query() {
        assert_eq!(measured("", "", ""), "{ } | rate() by (resource.service.name)");
        assert_eq!(
            measured("{ .a = 1 }", "errors", "name,kind"),
            "{ .a = 1 && status = error } | rate() by (name, kind)"
        );
        assert_eq!(measured("{ }", "quantiles", ""), "{ } | quantile_over_time(duration, .5, .95, .99)");
    }

    #[test]
    fn a_box_is_a_range_and_conditions() {
        let boxed = Boxed::parse("5,9,1000,2000").unwrap();
        assert_eq!(boxed.print(), "5,9,1000,2000");
        let a = Address {
            q: "{ .a = 1 }".into(),
            range: Some(Range { start_ns: Ns(6), end_ns: Ns(20) }),
            ..Address::default()
        };
        let (range, q) = boxed.inside(&a);
        assert_eq!((range.start_ns, range.end_ns), (Ns(6), Ns(9)));
        assert_eq!(q, "{ .a = 1 && duration >= 1000ns && duration < 2000ns }");
        for bad in ["", "1,2,3", "9,5,1,2", "1,2,3,x", "1,2,4,3", "1,2,3,4,5"] {
            assert_eq!(Boxed::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_stretch_of_durations_replaces_the_one_before() {
        let q = "{ status = error && duration >= 1000ns && duration < 2000ns }";
        assert_eq!(any_duration(q), "{ status = error }");
        assert_eq!(stretch(q), (1000, 2000));
        assert_eq!(stretch("{ duration > 2ms }"), (2_000_000, u64::MAX));
        assert_eq!(stretch(""), (0, u64::MAX));
    }
}
