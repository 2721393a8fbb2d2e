//! The budgets of the analyses over a million spans: `cargo bench --bench analysis`.
//!
//! The store is generated (fixed seed) and built through the builder: 40 services, 25 operations each, traces
//! of 20 spans, 8 attributes a span; and one trace of a million spans for the critical path.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use spanscope::analysis::{
    Alike, Asynchronous, DEFAULT_APDEX_NS, GroupBy, Nested, Selection, SelfTimes, Subject, TraceOrder,
    Uninterrupted, adjusted, critical_path, database_calls, error_origins, exceptions, external_calls,
    heatmap, merged, operations, series, service_map, services, sparklines, standing, statistics, summary,
    trace_times, traces, what_if,
};
use spanscope::model::{SpanId, SpanKind, StatusCode, TimeRange, TraceId};
use spanscope::store::{AttrList, Builder, Scope, ScopeSlot, ServiceId, SpanDraft, Store, StrId, ValueRef};

const SPANS: u64 = 1_000_000;
const SERVICES: u64 = 40;
const SECOND: u64 = 1_000_000_000;
const START: u64 = 1_780_000_000 * SECOND;

/// SplitMix64: a seeded stream of numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

fn scopes(builder: &mut Builder) -> Vec<ScopeSlot> {
    (0..SERVICES)
        .map(|i| {
            let resource = builder.open_resource();
            let scope = builder.open_scope(resource);
            builder.close_scope(scope, Scope::default());
            let mut list = AttrList::default();
            let name = format!("service-{i}");
            list.push(builder.attributes(), b"service.name", ValueRef::Str(name.as_bytes()));
            builder.close_resource(resource, &list, 0, StrId::EMPTY);
            scope
        })
        .collect()
}

fn attributes(builder: &mut Builder, draft: &mut SpanDraft, random: &mut Random, number: u64) {
    let mut push = |key: &str, value: ValueRef<'_>| {
        draft.attributes.push(builder.attributes(), key.as_bytes(), value);
    };
    push("http.request.method", ValueRef::Str(b"GET"));
    push("http.response.status_code", ValueRef::Int(200 + random.below(5) as i64));
    push("http.route", ValueRef::Str(format!("/r/{}", random.below(50)).as_bytes()));
    push("thread.id", ValueRef::Int(random.below(64) as i64));
    push("user.id", ValueRef::Int(random.below(100_000) as i64));
    push("request.id", ValueRef::Int(number as i64));
    match random.below(6) {
        0 => {
            push("db.system", ValueRef::Str(b"postgresql"));
            let statement = format!("SELECT * FROM t{} WHERE id = {}", random.below(30), random.below(2000));
            push("db.statement", ValueRef::Str(statement.as_bytes()));
        }
        1 => {
            push("server.address", ValueRef::Str(format!("host-{}.example", random.below(40)).as_bytes()));
            push("server.port", ValueRef::Int(443));
        }
        _ => {
            push("code.function", ValueRef::Str(b"handle"));
            push("code.lineno", ValueRef::Int(random.below(900) as i64));
        }
    }
}

/// A million spans in traces of `per_trace`. In a single trace four children share out each span's time, so
/// that the critical path visits every span.
fn generate(per_trace: u64) -> Store {
    let mut random = Random(7);
    let mut builder = Builder::default();
    let scopes = scopes(&mut builder);
    let mut draft = SpanDraft::default();
    let mut shares: Vec<(u64, u64)> = Vec::new();
    for number in 0..SPANS {
        let (trace, at) = (number / per_trace, number % per_trace);
        draft.clear();
        draft.trace_id = TraceId((u128::from(trace) << 64 | u128::from(trace + 1)).to_be_bytes());
        draft.span_id = SpanId(number + 1);
        draft.parent_id = SpanId(match at {
            0 => 0,
            _ if per_trace == SPANS => (at - 1) / 4 + 1,
            _ => number - random.below(at),
        });
        let service = random.below(SERVICES);
        draft.name = builder.intern(format!("operation {}", random.below(25)).as_bytes());
        draft.kind = SpanKind::ALL[1 + random.below(5) as usize];
        draft.status = if random.below(50) == 0 { StatusCode::Error } else { StatusCode::Unset };
        draft.start_ns = START + trace * SECOND / 50 + at * 1000 + random.below(1000);
        draft.end_ns = draft.start_ns + 1000 + random.below(random.0 % 1_000_000_000 + 1);
        if per_trace == SPANS {
            let (start, length) = if at == 0 {
                (START, 1 << 50)
            } else {
                let (start, length) = shares[(at as usize - 1) / 4];
                (start + (at - 1) % 4 * (length / 4), length / 4)
            };
            shares.push((start, length));
            (draft.start_ns, draft.end_ns) = (start, start + length);
        }
        attributes(&mut builder, &mut draft, &mut random, number);
        if draft.status == StatusCode::Error {
            let message = format!("user {} not found", random.below(1000));
            let list = &mut draft.event_attributes;
            list.push(builder.attributes(), b"exception.type", ValueRef::Str(b"KeyError"));
            list.push(builder.attributes(), b"exception.message", ValueRef::Str(message.as_bytes()));
            let name = builder.intern(b"exception");
            draft.push_event(draft.start_ns, name, 0);
        }
        builder.commit(scopes[service as usize], &draft);
    }
    builder.seal();
    builder.into_store()
}

fn million(c: &mut Criterion) {
    let store = generate(20);
    let (store, go) = (&store, &Uninterrupted);
    let (all, entry, t) = (Selection::ALL, Selection::default(), DEFAULT_APDEX_NS);
    let times = SelfTimes::of(store, Asynchronous::Include, go).expect("self times");
    let times = &times;
    let range = |seconds| Some(TimeRange { start_ns: START, end_ns: START + seconds * SECOND });
    let drag = Selection { range: range(300), ..entry };
    let one = Subject { service: Some(ServiceId(3)), operation: None };

    let mut g = c.benchmark_group("1M spans");
    g.sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(300));
    g.bench_function("services, entry", |b| b.iter(|| black_box(services(store, &entry, t, go))));
    g.bench_function("services, all", |b| b.iter(|| black_box(services(store, &all, t, go))));
    g.bench_function("operations, all", |b| {
        b.iter(|| black_box(operations(store, &all, None, times, t, go)));
    });
    g.bench_function("services and operations, all", |b| {
        b.iter(|| black_box((services(store, &all, t, go), operations(store, &all, None, times, t, go))));
    });
    g.bench_function("self times", |b| {
        b.iter(|| black_box(SelfTimes::of(store, Asynchronous::Include, go)));
    });
    g.bench_function("series, everything", |b| {
        b.iter(|| black_box(series(store, &all, Subject::default(), None, t, go)));
    });
    g.bench_function("series, drag over a third, one service", |b| {
        b.iter(|| black_box(series(store, &drag, one, None, t, go)));
    });
    g.bench_function("sparklines", |b| b.iter(|| black_box(sparklines(store, &entry, 40, t, go))));
    g.bench_function("summary", |b| b.iter(|| black_box(summary(store, &all, go))));
    g.bench_function("traces", |b| {
        b.iter(|| black_box(traces(store, &all, TraceOrder::Longest, 0, 100, go)));
    });
    g.bench_function("service map", |b| b.iter(|| black_box(service_map(store, &all, t, go))));
    g.bench_function("exceptions", |b| b.iter(|| black_box(exceptions(store, &all, Alike::Message, go))));
    g.bench_function("database calls", |b| {
        b.iter(|| black_box(database_calls(store, &all, None, Nested::Every, t, go)));
    });
    g.bench_function("external calls", |b| b.iter(|| black_box(external_calls(store, &all, None, t, go))));
    g.bench_function("statistics by operation", |b| {
        b.iter(|| black_box(statistics(store, &all, None, GroupBy::Operation, times, t, go)));
    });
    g.bench_function("heatmap", |b| {
        b.iter(|| black_box(heatmap(store, &all, Subject::default(), None, 0, go)));
    });
    g.bench_function("merged flamegraph", |b| b.iter(|| black_box(merged(store, &all, times, go))));
    g.bench_function("error origins", |b| b.iter(|| black_box(error_origins(store, &all, go))));
    g.bench_function("standing", |b| b.iter(|| black_box(standing(store, &all, 5, go))));
    g.bench_function("adjusted by service", |b| {
        b.iter(|| black_box(adjusted(store, &entry, GroupBy::Service, go)));
    });
    g.finish();
}

fn giant(c: &mut Criterion) {
    let store = generate(SPANS);
    let mut g = c.benchmark_group("a trace of 1M spans");
    g.sample_size(10).measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(300));
    let trace = store.trace(0);
    let times = &trace_times(&store, trace);
    g.bench_function("critical path", |b| {
        b.iter(|| black_box(critical_path(&store, trace, times, Asynchronous::Include, &Uninterrupted)));
    });
    g.bench_function("self times", |b| {
        b.iter(|| black_box(SelfTimes::of(&store, Asynchronous::Include, &Uninterrupted)));
    });
    let operation = (ServiceId(3), StrId(store.spans().name.get(5)));
    g.bench_function("what if", |b| {
        b.iter(|| black_box(what_if(&store, trace, times, Asynchronous::Include, operation, 0.5)));
    });
    g.finish();
}

criterion_group!(benches, million, giant);
criterion_main!(benches);
