//! A small seeded generator, for checkouts without the larger one: services that call one another, twelve attributes
//! a span, a long tail of durations, some errors.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use serde_json::json;

use crate::generate::{Form, Shape};

const SERVICES: [&str; 8] =
    ["frontend", "checkout", "cart", "catalog", "pricing", "payment", "shipping", "email"];
const ROUTES: [&str; 6] = ["/orders", "/items/{id}", "/users/{id}", "/carts", "/quotes", "/stock/{sku}"];
/// The first time stamp, nanoseconds since the epoch.
const START: u64 = 1_780_000_000_000_000_000;
/// Spans of one request.
const BATCH: usize = 512;

/// One span before it is written.
struct Span {
    trace: u128,
    id: u64,
    parent: u64,
    service: usize,
    name: String,
    start: u64,
    end: u64,
    error: bool,
    attributes: Vec<(String, Value)>,
}

enum Value {
    Text(String),
    Number(u64),
}

/// A linear congruential generator with a mixed output (PCG): the same seed, the same file.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mixed = (self.0 >> ((self.0 >> 59) + 5)) ^ self.0;
        mixed.wrapping_mul(12_605_985_483_714_917_081) ^ (mixed >> 43)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// Microseconds to seconds, most of them short.
    fn duration(&mut self) -> u64 {
        let scale = 1 << (10 + self.below(16));
        scale + self.below(scale)
    }
}

/// Writes traces of about a dozen spans.
pub fn spans(path: &Path, count: u32, form: Form) {
    let mut random = Random(u64::from(count) ^ 7);
    let mut writer = BufWriter::new(File::create(path).unwrap());
    let mut batch = Vec::new();
    let mut made = 0;
    while made < count {
        let size = (4 + random.below(17) as u32).min(count - made);
        batch.extend(trace(&mut random, size, Shape::Mixed, 60, u64::from(made) * 8_000_000));
        made += size;
        if batch.len() >= BATCH || made == count {
            write(&mut writer, &batch, form);
            batch.clear();
        }
    }
    writer.flush().unwrap();
}

/// Writes one trace.
pub fn one_trace(path: &Path, count: u32, shape: Shape) {
    let mut random = Random(102);
    let mut writer = BufWriter::new(File::create(path).unwrap());
    for batch in trace(&mut random, count, shape, 40, 0).chunks(BATCH) {
        write(&mut writer, batch, Form::Protobuf);
    }
    writer.flush().unwrap();
}

/// A tree of spans, a mixed one no deeper than `deepest`; children lie inside their parents.
fn trace(random: &mut Random, size: u32, shape: Shape, deepest: usize, offset: u64) -> Vec<Span> {
    let id = (u128::from(random.next()) << 64) | u128::from(random.next());
    let mut spans: Vec<Span> = Vec::with_capacity(size as usize);
    let mut depths: Vec<usize> = Vec::with_capacity(size as usize);
    let root = random.duration() * (1 + u64::from(size) / 4);
    for number in 0..size as usize {
        // A child of a late span mostly: deep and wide.
        let late = if shape == Shape::Deep { 2 } else { 20 };
        let back = random.below(1 + number.min(late) as u64) as usize;
        let parent = number.checked_sub(1 + back).map(|at| match shape {
            Shape::Wide => 0,
            Shape::Mixed if depths[at] >= deepest => 0,
            Shape::Mixed | Shape::Deep => at,
        });
        let (from, to, service) = match parent {
            None => (START + offset, START + offset + root, 0),
            Some(at) => {
                let (from, to) = (spans[at].start, spans[at].end);
                let start = from + random.below((to - from).max(1));
                let end = start + random.below((to - start).max(1));
                // A long chain must not run out of time.
                let (start, end) = if shape == Shape::Deep { (from + 100, to - 100) } else { (start, end) };
                let moved = random.below(3) == 0;
                (
                    start,
                    end,
                    if moved { random.below(SERVICES.len() as u64) as usize } else { spans[at].service },
                )
            }
        };
        let route = ROUTES[random.below(ROUTES.len() as u64) as usize];
        let error = random.below(50) == 0;
        depths.push(parent.map_or(1, |at| depths[at] + 1));
        spans.push(Span {
            trace: id,
            id: random.next() | 1,
            parent: parent.map_or(0, |at| spans[at].id),
            service,
            name: format!("{} {route}", ["GET", "POST", "PUT"][random.below(3) as usize]),
            start: from,
            end: to,
            error,
            attributes: attributes(random, route, error),
        });
    }
    spans
}

fn attributes(random: &mut Random, route: &str, error: bool) -> Vec<(String, Value)> {
    let text = |key: &str, value: String| (key.to_owned(), Value::Text(value));
    let user = random.below(5000);
    vec![
        text("http.request.method", "GET".into()),
        text("http.route", route.into()),
        ("http.response.status_code".into(), Value::Number(if error { 500 } else { 200 })),
        text("url.path", route.replace("{id}", &user.to_string())),
        text("user.id", format!("user-{user}")),
        text("build.id", format!("v{}", 40 + random.below(4))),
        text("cloud.region", ["eu-west-1", "us-east-1", "ap-south-1"][random.below(3) as usize].into()),
        text("thread.name", format!("worker-{}", random.below(16))),
        ("retry.count".into(), Value::Number(random.below(3))),
        ("payload.bytes".into(), Value::Number(random.below(100_000))),
        text("request.id", format!("{:016x}", random.next())),
        text("feature.flag", if random.below(2) == 0 { "on" } else { "off" }.into()),
    ]
}

/// One request: a resource a service, as a collector's batch has them.
fn write(writer: &mut impl Write, spans: &[Span], form: Form) {
    match form {
        Form::Protobuf => writer.write_all(&request(spans)).unwrap(),
        Form::JsonLines => {
            serde_json::to_writer(&mut *writer, &document(spans)).unwrap();
            writer.write_all(b"\n").unwrap();
        }
    }
}

fn by_service(spans: &[Span]) -> impl Iterator<Item = (&'static str, Vec<&Span>)> {
    SERVICES.iter().enumerate().filter_map(move |(number, name)| {
        let own: Vec<&Span> = spans.iter().filter(|span| span.service == number).collect();
        (!own.is_empty()).then_some((*name, own))
    })
}

fn document(spans: &[Span]) -> serde_json::Value {
    let attribute = |key: &str, value: &Value| match value {
        Value::Text(text) => json!({"key": key, "value": {"stringValue": text}}),
        Value::Number(number) => json!({"key": key, "value": {"intValue": number.to_string()}}),
    };
    let span = |span: &&Span| {
        let attributes: Vec<_> = span.attributes.iter().map(|(key, value)| attribute(key, value)).collect();
        let parent = if span.parent == 0 { String::new() } else { format!("{:016x}", span.parent) };
        json!({"traceId": format!("{:032x}", span.trace), "spanId": format!("{:016x}", span.id), "parentSpanId": parent,
               "name": span.name, "kind": 2, "startTimeUnixNano": span.start.to_string(),
               "endTimeUnixNano": span.end.to_string(), "attributes": attributes,
               "status": if span.error { json!({"code": 2}) } else { json!({}) }})
    };
    let resources: Vec<_> = by_service(spans)
        .map(|(name, own)| {
            json!({"resource": {"attributes": [attribute("service.name", &Value::Text(name.into()))]},
                   "scopeSpans": [{"scope": {"name": "synthetic"}, "spans": own.iter().map(span).collect::<Vec<_>>()}]})
        })
        .collect();
    json!({"resourceSpans": resources})
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number > 127 {
        out.push(number as u8 & 127 | 128);
        number >>= 7;
    }
    out.push(number as u8);
}

/// A length-delimited field.
fn bytes(out: &mut Vec<u8>, field: u64, content: &[u8]) {
    varint(out, field << 3 | 2);
    varint(out, content.len() as u64);
    out.extend_from_slice(content);
}

fn number(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3);
    varint(out, value);
}

fn fixed(out: &mut Vec<u8>, field: u64, value: u64) {
    varint(out, field << 3 | 1);
    out.extend_from_slice(&value.to_le_bytes());
}

fn key_value(key: &str, value: &Value) -> Vec<u8> {
    let (mut pair, mut any) = (Vec::new(), Vec::new());
    match value {
        Value::Text(text) => bytes(&mut any, 1, text.as_bytes()),
        Value::Number(n) => number(&mut any, 3, *n),
    }
    bytes(&mut pair, 1, key.as_bytes());
    bytes(&mut pair, 2, &any);
    pair
}

/// An `ExportTraceServiceRequest`, field by field.
fn request(spans: &[Span]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, own) in by_service(spans) {
        let (mut resource, mut group, mut whole) = (Vec::new(), Vec::new(), Vec::new());
        bytes(&mut resource, 1, &key_value("service.name", &Value::Text(name.into())));
        for span in own {
            let mut record = Vec::new();
            bytes(&mut record, 1, &span.trace.to_be_bytes());
            bytes(&mut record, 2, &span.id.to_be_bytes());
            if span.parent != 0 {
                bytes(&mut record, 4, &span.parent.to_be_bytes());
            }
            bytes(&mut record, 5, span.name.as_bytes());
            number(&mut record, 6, 2);
            fixed(&mut record, 7, span.start);
            fixed(&mut record, 8, span.end);
            for (key, value) in &span.attributes {
                bytes(&mut record, 9, &key_value(key, value));
            }
            if span.error {
                bytes(&mut record, 15, &[3 << 3, 2]);
            }
            bytes(&mut group, 2, &record);
        }
        bytes(&mut whole, 1, &resource);
        bytes(&mut whole, 2, &group);
        bytes(&mut out, 1, &whole);
    }
    out
}
