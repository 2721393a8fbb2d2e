//! Random queries: what is printed reads back as the same tree; random text never panics.

use proptest::prelude::*;

use crate::traceql::parse;

fn leaf() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(".a".to_owned()),
        Just("span.b".to_owned()),
        Just("resource.\"x y\"".to_owned()),
        Just(".\"3 q\\\"\"".to_owned()),
        Just("event.e".to_owned()),
        Just("duration".to_owned()),
        Just("span:childCount".to_owned()),
        (-5i64..5).prop_map(|n| n.to_string()),
        Just("minInt".to_owned()),
        Just("1.5".to_owned()),
        Just("2.0".to_owned()),
        Just("1e300".to_owned()),
        Just("1h30m".to_owned()),
        Just("1.5us".to_owned()),
        Just("\"t`\\n\"".to_owned()),
        Just("`raw`".to_owned()),
        Just("true".to_owned()),
        Just("status".to_owned()),
        Just("error".to_owned()),
        Just("nil".to_owned()),
    ]
}

pub(super) fn field() -> impl Strategy<Value = String> {
    leaf().prop_recursive(5, 40, 3, |inner| {
        let op = prop::sample::select(vec![
            "+", "-", "*", "/", "%", "^", "=", "!=", "<", ">=", "&&", "||", "= nil ||",
        ]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            inner.clone().prop_map(|a| format!("!{a}")),
            inner.prop_map(|a| format!("{a} =~ \"x.*\"")),
        ]
    })
}

pub(super) fn condition() -> impl Strategy<Value = String> {
    let term = prop_oneof![
        (prop::sample::select(vec![".a", "span.b", "duration", "nestedSetLeft"]), -3i64..9)
            .prop_map(|(a, n)| format!("{a} > {n}")),
        Just("status = error".to_owned()),
        Just("name =~ \"a.*\"".to_owned()),
        Just(".a = nil".to_owned()),
        Just("nil != span.b".to_owned()),
        Just("true".to_owned()),
    ];
    term.prop_recursive(4, 20, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} && {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) || {b}")),
            inner.prop_map(|a| format!("!({a})")),
        ]
    })
}

pub(super) fn spansets() -> impl Strategy<Value = String> {
    let ops = vec![
        "&&", "||", ">", ">>", "<", "<<", "~", "!>", "!>>", "!<", "!<<", "!~", "&>", "&>>", "&<", "&<<", "&~",
    ];
    condition().prop_map(|c| format!("{{ {c} }}")).prop_recursive(3, 8, 2, move |inner| {
        let op = prop::sample::select(ops.clone());
        prop_oneof![
            (inner.clone(), op.clone(), inner.clone()).prop_map(|(a, op, b)| format!("{a} {op} {b}")),
            (inner.clone(), op, inner).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
        ]
    })
}

pub(super) fn query() -> impl Strategy<Value = String> {
    let stage = prop::sample::select(vec![
        "count() > 1",
        "avg(duration) >= -1.5s",
        "by(.a)",
        "by(span.b + 1)",
        "select(.a, duration)",
        "{ .a }",
        "coalesce()",
        "max(.x) != 2.0",
    ]);
    let end = prop::sample::select(vec![
        "",
        "| rate()",
        "| rate() by (.a, name) | topk(3) > 1",
        "| quantile_over_time(duration, .5, 1) by (.a)",
        "| compare({ .a = 1 }, 20)",
        "with(most_recent=true, x=\"y\")",
    ]);
    let pipeline = (spansets(), prop::collection::vec(stage, 0..3))
        .prop_map(|(first, rest)| rest.into_iter().fold(first, |text, stage| format!("{text} | {stage}")));
    let pipeline = pipeline.boxed();
    let pipes = (
        pipeline.clone(),
        pipeline.clone(),
        pipeline.clone(),
        prop::sample::select(vec!["&&", "||", ">>", "!~"]),
    )
        .prop_map(|(a, b, c, op)| format!("({a} | {{ true }}) && ({b}) {op} ({c})"));
    let math = (pipeline.clone(), prop::sample::select(vec!["+", "-", "*", "/"])).prop_map(|(a, op)| {
        format!("2 * ({a} | rate() > 1) {op} ({{}} | count_over_time() by (.x)) {op} -1.5 > 3 | topk(2)")
    });
    prop_oneof![3 => (pipeline, end).prop_map(|(a, b)| format!("{a} {b}")), 1 => pipes, 1 => math]
}

proptest! {
    #[test]
    fn fields_read_back(text in field()) {
        let text = format!("{{ {text} }}");
        if let Ok(query) = parse(&text) {
            let printed = query.to_string();
            prop_assert_eq!(parse(&printed), Ok(query), "{}", printed);
        }
    }

    #[test]
    fn queries_are_valid_and_read_back(text in query()) {
        let query = parse(&text);
        prop_assert!(query.is_ok(), "{}: {:?}", text, query);
        if let Ok(query) = query {
            let printed = query.to_string();
            prop_assert_eq!(parse(&printed), Ok(query), "{}", printed);
            prop_assert_eq!(parse(&printed).map(|q| q.to_string()), Ok(printed));
        }
    }

    #[test]
    fn any_text_ends(text in r#"[-{}()|&<>=!~.a1"`\\ *^%+/,:µ]{0,60}"#) {
        drop(parse(&text));
    }

    #[test]
    fn any_tokens_end(words in prop::collection::vec(prop::sample::select(vec![
        "{", "}", "(", ")", "|", "&&", ">>", ".a", "span.b", "=", "nil", "!", "-", "1", "1s", "\"x\"", "by", "count", "()",
        "rate", "with", "select", ",", "topk", ">", "~", "compare", "true", "duration", "!~", "coalesce",
    ]), 0..25)) {
        drop(parse(&words.join(" ")));
    }
}
