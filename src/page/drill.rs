//! TraceQL that says exactly what a number counted, so that a click on it leads to those very spans.

use super::condition::{self, Condition, and, and_text};
use crate::engine::protocol::ScopeName;

/// The spans of the scope of that name.
pub const SERVER: &str = "(kind = server || kind = consumer)";

/// The calls of a service within `q` that also meet `more`.
///
/// Entry spans are those that are no child of a span of their own service: `{ own } !> { own && … }`. A query that
/// is more than one filter cannot be put there; its spans of the service are named without regard to the scope.
pub fn calls(q: &str, service: &str, scope: ScopeName, more: &[Condition]) -> String {
    let own = own(service);
    let inner = more.iter().fold(and(q, &own), |q, condition| and(&q, condition));
    match scope {
        ScopeName::Server => and_text(&inner, SERVER),
        ScopeName::Entry if condition::is_filter(q) => format!("{{ {own} }} !> {inner}"),
        ScopeName::Entry | ScopeName::All => inner,
    }
}

/// Most services whose entry spans are named one by one.
const FEW: usize = 8;

/// The calls of all these services. Of many services the entry spans cannot be named: then it is every span.
pub fn all_calls(q: &str, services: &[String], scope: ScopeName, more: &[Condition]) -> String {
    if scope == ScopeName::Entry && services.len() <= FEW && condition::is_filter(q) {
        let each = services.iter().map(|service| calls(q, service, scope, more));
        let each: Vec<String> = each.map(|one| format!("({one})")).collect();
        return each.join(" || ");
    }
    let inner = more.iter().fold(q.to_owned(), |q, condition| and(&q, condition));
    if scope == ScopeName::Server { and_text(&inner, SERVER) } else { inner }
}

/// `resource.service.name = "…"`, also for the service without a name.
pub fn own(service: &str) -> Condition {
    if service.is_empty() {
        Condition::is("resource.service.name", "nil")
    } else {
        Condition::service(service)
    }
}

/// What the traces of a chart meet beside being counted: those of errors are errors.
pub fn of_chart(id: &str) -> Vec<Condition> {
    if id.ends_with("errors") { vec![Condition::error()] } else { Vec::new() }
}

/// Durations from `from_ns` up to `to_ns`; nothing is said of an end that is open.
pub fn durations(from_ns: u64, to_ns: u64) -> Vec<Condition> {
    let limit = |op, ns: u64| Condition { field: "duration".into(), op, value: format!("{ns}ns") };
    let low = (from_ns > 0).then(|| limit(">=", from_ns));
    let high = (to_ns < i64::MAX as u64).then(|| limit("<", to_ns));
    low.into_iter().chain(high).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_named_by_scope() {
        let own = r#"resource.service.name = "a""#;
        let check = |q: &str, scope, want: &str| assert_eq!(calls(q, "a", scope, &[]), want);
        check("", ScopeName::All, &format!("{{ {own} }}"));
        check("", ScopeName::Server, &format!("{{ {own} && (kind = server || kind = consumer) }}"));
        check("", ScopeName::Entry, &format!("{{ {own} }} !> {{ {own} }}"));
        check(
            "{ .x = 1 || .y = 2 }",
            ScopeName::Entry,
            &format!("{{ {own} }} !> {{ (.x = 1 || .y = 2) && {own} }}"),
        );
        check("{ .x = 1 } | count() > 2", ScopeName::Entry, &format!("{{ .x = 1 && {own} }} | count() > 2"));
        assert_eq!(calls("", "", ScopeName::All, &[]), "{ resource.service.name = nil }");
    }

    #[test]
    fn durations_are_half_open() {
        let text = |from, to| durations(from, to).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(text(1024, 2048), ["duration >= 1024ns", "duration < 2048ns"]);
        assert_eq!(text(0, u64::MAX), [""; 0]);
    }
}
