//! What is proposed where.

use super::{ItemKind, complete};
use crate::traceql::tests::fixture;

fn first(text: &str) -> Vec<String> {
    let builder = fixture::load("traceql_fixture_structural.json");
    let answer = complete(builder.store(), text, text.len());
    answer.items.into_iter().take(4).map(|i| format!("{} ({})", i.insert, i.detail)).collect()
}

#[test]
fn keys_values_and_operators_come_with_counts() {
    assert_eq!(first(""), ["{  (filter spans)"]);
    assert_eq!(first("{ span.g"), ["span.grp (7 spans)"]);
    assert_eq!(first("{ span.grp = "), ["\"x\" (3 spans)", "\"y\" (2 spans)", "\"z\" (2 spans)"]);
    assert_eq!(first("{ span.grp = \"y"), ["\"y\" (2 spans)"]);
    assert_eq!(first("{ resource.service.name = \"c"), ["\"cron\" (2 spans)", "\"dbc\" (2 spans)"]);
    assert_eq!(first("{ status = e"), ["error (3 spans)", "unset (6 spans)"]);
    assert_eq!(first("{ .num "), ["= (equals)", "!= (is another value)", "> ()", ">= ()"]);
    assert_eq!(
        first("{ } | co"),
        [
            "count()  (how many spans a spanset has)",
            "coalesce() (join the groups again)",
            "count_over_time() (time series)",
            "compare( (time series)"
        ]
    );
    assert_eq!(first("{ } | by(dur"), ["duration (intrinsic)", "traceDuration (intrinsic)"]);
    assert_eq!(
        first("{ nam"),
        [
            "name (intrinsic)",
            "resource.service.name (10 spans)",
            "event:name (intrinsic)",
            "instrumentation:name (intrinsic)"
        ]
    );
    assert_eq!(first("serv"), ["{ resource.service.name (10 spans)", "{ trace:rootService (intrinsic)"]);
    assert_eq!(first("service=c"), ["\"cron\" (2 spans)", "\"dbc\" (2 spans)"]);
    assert_eq!(first("error dura"), ["duration (intrinsic)", "traceDuration (intrinsic)"]);
}

#[test]
fn the_replaced_text_is_the_word_at_the_cursor() {
    let builder = fixture::load("traceql_fixture_structural.json");
    let text = "{ span.gr = 1 } | rate()";
    let answer = complete(builder.store(), text, 9);
    assert_eq!((answer.from, answer.to), (2, 9));
    assert_eq!(answer.items[0].kind, ItemKind::Key);
    for cursor in 0..=text.len() + 3 {
        complete(builder.store(), text, cursor);
        complete(builder.store(), "{ .µ = \"µ\\\"", cursor);
    }
}
