//! TraceQL over generated spans: the budgets of the query issue at 100k and 1M spans.

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use spanscope::model::{SpanId, SpanKind, StatusCode, TraceId};
use spanscope::store::{AttrList, Builder, Scope, SpanDraft, StrId, ValueRef};
use spanscope::traceql::{eval, metrics, parse};

/// Spans of 20 a trace over 12 services with 10 attributes each; the same for every run.
fn build(spans: u64) -> Builder {
    let mut builder = Builder::default();
    let mut seed = 1u64;
    let mut random = move |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    let mut scopes = Vec::new();
    for service in 0..12 {
        let resource = builder.open_resource();
        let scope = builder.open_scope(resource);
        builder.close_scope(scope, Scope::default());
        let mut list = AttrList::default();
        list.clear();
        list.push(builder.attributes(), b"service.name", ValueRef::Str(format!("svc-{service}").as_bytes()));
        builder.close_resource(resource, &list, 0, StrId::EMPTY);
        scopes.push(scope);
    }
    let mut draft = SpanDraft::default();
    for i in 0..spans {
        draft.clear();
        let (trace, place) = (i / 20, i % 20);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(trace + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
        id[8..].copy_from_slice(&(trace + 1).to_be_bytes());
        draft.trace_id = TraceId(id);
        draft.span_id = SpanId(i + 1);
        draft.parent_id = if place == 0 { SpanId::NONE } else { SpanId(trace * 20 + random(place) + 1) };
        draft.name = builder.intern(format!("GET /route/{}", random(500)).as_bytes());
        draft.kind = SpanKind::from_number(1 + random(5));
        draft.status = if random(20) == 0 { StatusCode::Error } else { StatusCode::Unset };
        draft.start_ns = 1_700_000_000_000_000_000 + i * 100_000;
        draft.end_ns = draft.start_ns + random(2_000_000_000);
        for key in 0..8 {
            let key_text = format!("attr.{key}");
            let value = format!("value-{}", random(50));
            draft.attributes.push(builder.attributes(), key_text.as_bytes(), ValueRef::Str(value.as_bytes()));
        }
        draft.attributes.push(
            builder.attributes(),
            b"http.status_code",
            ValueRef::Int(200 + random(5) as i64 * 100),
        );
        let url = format!("https://example.com/item/{}", random(200_000));
        draft.attributes.push(builder.attributes(), b"url.full", ValueRef::Str(url.as_bytes()));
        builder.commit(scopes[random(12) as usize], &draft);
    }
    builder.seal();
    builder
}

fn bench(c: &mut Criterion) {
    let mut group = c.benchmark_group("traceql");
    group.sample_size(10);
    for spans in [100_000u64, 1_000_000] {
        let builder = build(spans);
        for (name, text) in [
            ("equality_and_duration", "{ span.attr.7 = \"value-7\" && duration > 1s }"),
            ("unscoped_status_code", "{ .http.status_code >= 500 }"),
            ("regex", "{ span.url.full =~ \"https://[a-z.]+/item/1.*7\" }"),
            ("regex_name", "{ name =~ \"GET /route/(1|2)[0-9]+\" }"),
            ("two_attributes", "{ span.attr.1 = span.attr.2 }"),
            ("structural_child", "{ status = error } > { kind = server }"),
            ("structural_descendant", "{ status = error } >> { kind = server }"),
            ("structural_ancestor_union", "{ status = error } &<< { kind = server }"),
            ("structural_sibling", "{ status = error } ~ { kind = server }"),
            ("by_and_count", "{ status = error } | by(resource.service.name) | count() > 1"),
        ] {
            let query = parse(text).expect("a query");
            group.bench_function(BenchmarkId::new(name, spans), |b| {
                b.iter(|| eval::spans(builder.store(), &query, None, &mut ()).expect("spans").len());
            });
        }
        for (name, text) in [
            ("rate_by_service", "{} | rate() by (resource.service.name)"),
            ("quantile_by_name", "{} | quantile_over_time(duration, .5, .99) by (resource.service.name)"),
        ] {
            let query = parse(text).expect("a query");
            group.bench_function(BenchmarkId::new(name, spans), |b| {
                b.iter(|| {
                    metrics::run(builder.store(), &query, metrics::Options::default(), &mut ())
                        .expect("series")
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
