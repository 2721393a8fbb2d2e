//! Warms the engine up while nobody waits: a browser compiles wasm when it is first called, quickly and badly, and well
//! only what has run for a while. A file that is dropped later is read at full speed from its first byte, and the first
//! questions about it find code that is there.

use std::fmt::Write;
use std::rc::Rc;

use super::{Office, opening};
use crate::engine::desk::Desk;
use crate::ingest::{Limits, Progress, Reader, export};
use crate::web::{read, tasks};

/// Work in all, milliseconds. A function is compiled well after it has run for some ten of them.
const WORK_MS: f64 = 300.0;
/// So much of it is almost only reading, milliseconds: that comes first.
const READ_MS: f64 = 150.0;
/// Work in one turn, milliseconds.
const TURN_MS: f64 = 8.0;
const SPANS: usize = 500;
/// Spans of a trace.
const TRACE: usize = 12;
/// How often it is asked before: enough for each function to be there.
const ASKS: u32 = 4;
/// Different values of an attribute: few enough that what remembers them stays small.
const VALUES: usize = 100;
/// What is asked first: by the frame, the services and the traces.
const QUESTIONS: [&str; 5] = [
    r#"{"ask":"summary"}"#,
    r#"{"ask":"services","scope":"entry","sparklines":true}"#,
    r#"{"ask":"red","scope":"entry"}"#,
    r#"{"ask":"complete","text":"{ resource.","cursor":11}"#,
    r#"{"ask":"traces","limit":50}"#,
];

/// Reads made-up spans into a desk that is thrown away, in small turns, until somebody opens something.
pub(super) async fn up(office: Rc<Office>) {
    tasks::next_turn().await;
    if office.reading.get() {
        return;
    }
    read::prepare();
    let text = made_up();
    let forms = [to_protobuf(&text), text.into_bytes()];
    opening::rehearse(&forms[0]).await;
    let mut worked = 0.0;
    let mut rounds = 0_u32;
    while worked < WORK_MS && !office.reading.get() {
        let turn = tasks::now_ms();
        while tasks::now_ms() - turn < TURN_MS {
            let asked = if rounds < ASKS || worked > READ_MS { &QUESTIONS[..] } else { &[] };
            rounds = rounds.saturating_add(1);
            for form in &forms {
                // A desk that stays small: only its first spans are new.
                let mut desk = Desk::default();
                take_in(&mut desk, form);
                desk.seal();
                for question in asked {
                    let _ = desk.answer_text(question);
                }
            }
        }
        worked += tasks::now_ms() - turn;
        tasks::next_turn().await;
    }
}

fn to_protobuf(text: &str) -> Vec<u8> {
    let mut desk = Desk::default();
    take_in(&mut desk, text.as_bytes());
    let traces: Vec<u32> = (0..desk.store().trace_count() as u32).collect();
    export::traces_protobuf(desk.store(), &traces)
}

fn take_in(desk: &mut Desk, bytes: &[u8]) {
    let mut reader = Reader::new("", Limits::default());
    reader.feed(bytes);
    while reader.pump(desk.builder(), u64::MAX) == Progress::More {}
    reader.finish(desk.builder());
}

/// One request as exporters write it: the usual fields and types, traces of a dozen spans, values that come again soon
/// and some later.
fn made_up() -> String {
    let mut text = String::from(
        r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"warm"}}]},"scopeSpans":[{"scope":{"name":"warm"},"spans":["#,
    );
    for i in 0..SPANS {
        let comma = if i == 0 { "" } else { "," };
        let (trace, place) = (i / TRACE, i % TRACE);
        let parent = (place > 0).then(|| format!("{:016x}", trace * TRACE + (place - 1) / 3 + 1));
        let _ = write!(
            text,
            r#"{comma}{{"traceId":"{:032x}","spanId":"{:016x}","parentSpanId":"{}","flags":257,"name":"operation {}","kind":3,"startTimeUnixNano":"{}","endTimeUnixNano":"{}","attributes":[{{"key":"http.request.method","value":{{"stringValue":"GET"}}}},{{"key":"http.response.status_code","value":{{"intValue":"20{}"}}}},{{"key":"user.id","value":{{"stringValue":"user {}"}}}},{{"key":"cached","value":{{"boolValue":false}}}},{{"key":"score","value":{{"doubleValue":0.{}}}}},{{"key":"tags","value":{{"arrayValue":{{"values":[{{"stringValue":"a"}},{{"stringValue":"b"}}]}}}}}}],"status":{{}}}}"#,
            trace + 1,
            i + 1,
            parent.unwrap_or_default(),
            i % 7,
            1_700_000_000_000_000_000_u64 + i as u64 * 1000,
            1_700_000_000_000_900_000_u64 + i as u64 * 1000,
            i % 10,
            i % VALUES,
            i % VALUES,
        );
    }
    text.push_str("]}]}]}");
    text
}
