//! Answers about one trace as a view gets them.

use std::fmt::Write;

use serde_json::{Value, json};

use super::Desk;
use crate::analysis::testing;

fn desk(lines: &str) -> Desk {
    let mut made = testing::Desk::default();
    for line in lines.lines().filter(|l| !l.trim().is_empty()) {
        let (scope, draft) = made.line(line);
        made.builder.commit(scope, &draft);
    }
    let mut desk = Desk::default();
    *desk.builder() = made.builder;
    desk.seal();
    desk
}

/// A shop: one call of the cart, eight statements, one of which fails.
fn shop() -> Desk {
    let mut lines = String::from(
        "1 1 0 web server GET 1000 2000 http.route=/buy
         1 2 1 web client call 1100 1900
         1 3 2 cart server call 1150 1850 user=Ada_L
",
    );
    for i in 0..8_u32 {
        let odd = if i == 5 { "error" } else { "" };
        let (id, start) = (10 + i, 1200 + i * 50);
        let end = start + 30 + i;
        writeln!(lines, "1 {id} 3 cart client sql {start} {end} {odd}").unwrap();
    }
    desk(&lines)
}

fn ask(desk: &mut Desk, mut request: Value) -> Value {
    request["trace_id"] = json!("01".repeat(16));
    let reply = desk.answer_text(&request.to_string()).unwrap();
    serde_json::from_str(&reply.text).unwrap()
}

#[test]
fn words_signs_and_traceql_find_spans() {
    let mut desk = shop();
    let mut check = |find: &str, places: &str| {
        let mut found = Vec::new();
        let mut from = Value::Null;
        let first = ask(&mut desk, json!({"ask": "find", "find": find}));
        for _ in 0..first["spans"].as_u64().unwrap() {
            let next = ask(&mut desk, json!({"ask": "find", "find": find, "from": from}));
            assert_eq!(next["number"], json!(found.len() + 1), "{find}");
            found.push(next["place"].to_string());
            from = next["place"].clone();
        }
        assert_eq!(found.join(" "), places, "{find}");
    };
    check("call", "1 2");
    check("CART call", "2");
    check("ada", "2");
    check("/buy", "0");
    check("is:error", "8");
    check("sql is:error", "8");
    check("service=cart is:error", "8");
    check("{ name = \"GET\" }", "0");
    check("service=cart dur>=700ns", "2");
    check("is:root", "0");
    check("nobody", "");
    check("", "");
    let wrong = |desk: &mut Desk, find: &str| {
        let request = json!({"ask": "find", "trace_id": "01".repeat(16), "find": find});
        desk.answer_text(&request.to_string()).unwrap_err()
    };
    assert!(wrong(&mut desk, "is:tea").contains("is:error"), "{}", wrong(&mut desk, "is:tea"));
    assert!(wrong(&mut desk, "{ name = }").starts_with("TraceQL"), "{}", wrong(&mut desk, "{ name = }"));
    let back = ask(&mut desk, json!({"ask": "find", "find": "call", "from": 1, "back": true}));
    assert_eq!((back["place"].clone(), back["number"].clone()), (json!(2), json!(2)), "round the start");
}

#[test]
fn repeated_siblings_share_a_row_of_the_tree() {
    let mut desk = shop();
    let tree = ask(&mut desk, json!({"ask": "tree", "repeats": 8, "find": "is:error", "path": true}));
    assert_eq!(tree["total"], 4);
    let row = &tree["rows"][3];
    assert_eq!((row["repeats"].clone(), row["total_ns"].clone()), (json!(8), json!(268.0)));
    assert_eq!((row["matched"].clone(), row["error"].clone()), (json!(true), json!(true)));
    assert_eq!(row["bins"].as_array().unwrap().iter().filter_map(Value::as_u64).sum::<u64>(), 8);
    assert_eq!(tree["rows"][0]["path"], json!([0.0, 100.0, 900.0, 1000.0]));
    let opened = ask(&mut desk, json!({"ask": "tree", "repeats": 8, "opened": [3], "reveal": 8}));
    assert_eq!((opened["total"].clone(), opened["revealed"].clone()), (json!(12), json!(9)));
    assert_eq!(opened["rows"][9]["depth"], 5, "one deeper than without the shared row");
    assert_eq!(opened["rows"][9]["percentile"], json!(0.75));
    let only = ask(&mut desk, json!({"ask": "tree", "find": "is:error", "hide": true}));
    let places: Vec<_> = only["rows"].as_array().unwrap().iter().map(|r| r["place"].to_string()).collect();
    assert_eq!(places.join(" "), "0 1 2 8", "the match and what leads to it");
}

#[test]
fn merged_bars_are_as_wide_as_their_spans_together() {
    let mut desk = shop();
    for (merged, total) in [("total", 1000.0), ("self", 1000.0), ("critical", 1000.0)] {
        let flame = json!({"ask": "flame", "trace_id": "01".repeat(16), "width_px": 1000, "merged": merged});
        let reply = desk.answer_text(&flame.to_string()).unwrap();
        let head: Value = serde_json::from_str(&reply.text).unwrap();
        assert_eq!(
            (head["duration_ns"].clone(), head["lanes"].clone()),
            (json!(total), json!(4)),
            "{merged}"
        );
        let super::Buffer::U32(counts) = &reply.buffers[4] else { panic!("counts are numbers") };
        assert_eq!(counts, &[1, 1, 1, 8], "{merged}");
    }
}

#[test]
fn an_operation_made_faster_shortens_the_trace() {
    let mut desk = shop();
    let ask = |desk: &mut Desk, percent| {
        let request = json!({"ask": "what_if", "service": "cart", "name": "sql", "percent": percent});
        ask(desk, request)["after_ns"].clone()
    };
    assert_eq!(ask(&mut desk, 0), json!(1000));
    assert_eq!(ask(&mut desk, 100), json!(732), "all 268 ns of them are waited for");
}

#[test]
fn a_trace_becomes_a_table_that_no_spreadsheet_takes_for_formulas() {
    let mut desk = desk("1 1 0 =cmd() server a,\"b\" 5 9\n");
    let request = json!({"ask": "export", "trace_id": "01".repeat(16), "format": "csv"});
    let reply = desk.answer_text(&request.to_string()).unwrap();
    let super::Buffer::U8(bytes) = &reply.buffers[0] else { panic!("a file is bytes") };
    let text = String::from_utf8(bytes.clone()).unwrap();
    let line =
        format!("{},0000000000000001,,\"'=cmd()\",\"a,\"\"b\"\"\",server,unset,,5,9,4,4,1", "01".repeat(16));
    assert_eq!(text.lines().nth(1), Some(line.as_str()));
}
