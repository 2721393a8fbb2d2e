//! How fast files are read into the store: OTLP protobuf and JSON lines of the same spans.
//!
//! Made data by default; `SPANSCOPE_BENCH=dir` reads `S.pb` and `S.jsonl` there instead, as `gen_otlp.py` of the
//! project's tools writes them. Memory is what the allocator holds after the last span, by file size.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering};

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use prost::Message;
use spanscope::ingest::export::{trace_json, trace_message};
use spanscope::ingest::otlp::messages::{
    AnyValue, KeyValue, Resource, ResourceSpans, ScopeSpans, Span, TracesData, any_value,
};
use spanscope::ingest::{Apart, Cutter, Limits, Progress, Reader, Seams};
use spanscope::store::Builder;

/// Counts the bytes that are allocated.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);

#[expect(unsafe_code, reason = "an allocator cannot be written without; it only counts and passes on")]
// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        HELD.fetch_add(layout.size(), Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Reads a file in pieces of the size that the page hands over.
fn load(bytes: &[u8]) -> Builder {
    let mut builder = Builder::default();
    let mut reader = Reader::new("bench", Limits::default());
    for chunk in bytes.chunks(1 << 18) {
        reader.feed_with(chunk.len(), |room| room.copy_from_slice(chunk));
        while reader.pump(&mut builder, 1 << 18) == Progress::More {}
    }
    black_box(reader.finish(&mut builder));
    builder
}

/// Where a file is cut: a seam in every 4 MiB.
fn stretches(bytes: &[u8]) -> (Seams, Vec<&[u8]>) {
    let mut cutter = Cutter::default();
    let (mut found, mut seams) = (Vec::new(), None);
    let mut rest = bytes;
    while !rest.is_empty() {
        let piece = &rest[..rest.len().min(4 << 20)];
        let stretch = cutter.cut(piece, piece.len() == rest.len());
        seams = seams.or(stretch.apart);
        found.push(&rest[..stretch.length]);
        rest = &rest[stretch.length..];
    }
    (seams.unwrap_or(Seams::Messages), found)
}

/// What threads that share a file hand over.
fn parcels(seams: Seams, stretches: &[&[u8]]) -> Vec<Vec<u8>> {
    let read = |stretch: &&[u8]| {
        let mut apart = Apart::new(seams);
        for chunk in stretch.chunks(1 << 18) {
            apart.read(chunk.len(), |room| room.copy_from_slice(chunk));
        }
        apart.pack().expect("a clean stretch")
    };
    stretches.iter().map(read).collect()
}

/// Reads the first stretch and takes in the others.
fn join(first: &[u8], others: &[Vec<u8>]) -> Builder {
    let mut builder = Builder::default();
    let mut reader = Reader::new("bench", Limits::default());
    reader.feed(first);
    while reader.pump(&mut builder, u64::MAX) == Progress::More {}
    for parcel in others {
        assert!(reader.join(&mut builder, parcel), "between two stretches");
    }
    builder
}

/// Reads all of a file by two threads, which take the next stretch in turns, and joins in order.
fn two_threads(seams: Seams, first: &[u8], others: &[&[u8]]) -> Builder {
    let next = AtomicUsize::new(0);
    let (done, come) = std::sync::mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            let (done, next) = (done.clone(), &next);
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&stretch) = others.get(at) else { break };
                    let parcel = parcels(seams, &[stretch]).swap_remove(0);
                    done.send((at, parcel)).expect("who joins");
                }
            });
        }
        let mut packed = vec![Vec::new(); others.len()];
        come.iter().take(others.len()).for_each(|(at, parcel)| packed[at] = parcel);
        join(first, &packed)
    })
}

fn pair(key: &str, value: any_value::Value) -> KeyValue {
    KeyValue { key: key.to_owned(), value: Some(AnyValue { value: Some(value) }) }
}

/// A trace of spans with twelve attributes each, some values common and some rare.
fn made(spans: u64) -> TracesData {
    use any_value::Value::{Int, Str};
    let span = |i: u64| Span {
        trace_id: vec![7; 16],
        span_id: (i + 1).to_be_bytes().to_vec(),
        parent_span_id: if i == 0 { Vec::new() } else { (i / 8 + 1).to_be_bytes().to_vec() },
        name: format!("GET /items/{}", i % 40),
        kind: (i % 5) as i32 + 1,
        start_time_unix_nano: 1_780_000_000_000_000_000 + i * 1000,
        end_time_unix_nano: 1_780_000_000_000_900_000 + i * 1000,
        attributes: (0..12)
            .map(|k| match k {
                0 => pair("user.id", Str(format!("u-{}", i % 5000))),
                1 => pair("request.id", Str(format!("{:016x}", i.wrapping_mul(0x9e37_79b9_7f4a_7c15)))),
                2..=5 => pair(&format!("number.{k}"), Int((i % (k * 50)) as i64)),
                _ => pair(&format!("attribute.{k}"), Str(format!("value {}", i % (k * 3)))),
            })
            .collect(),
        ..Span::default()
    };
    let service = pair("service.name", Str("bench".to_owned()));
    let resource = Resource { attributes: vec![service], dropped_attributes_count: 0 };
    let scope_spans = vec![ScopeSpans { spans: (0..spans).map(span).collect(), ..ScopeSpans::default() }];
    let group = ResourceSpans { resource: Some(resource), scope_spans, ..ResourceSpans::default() };
    TracesData { resource_spans: vec![group] }
}

/// Protobuf and JSON of the same spans.
fn data() -> (Vec<u8>, Vec<u8>) {
    if let Some(dir) = std::env::var("SPANSCOPE_BENCH").ok().filter(|dir| std::path::Path::new(dir).is_dir())
    {
        let read = |name: &str| std::fs::read(format!("{dir}/{name}")).expect("a file of the benchmark");
        return (read("S.pb"), read("S.jsonl"));
    }
    let protobuf = made(20_000).encode_to_vec();
    let mut builder = load(&protobuf);
    let store = builder.seal();
    assert_eq!(trace_message(store, 0).encoded_len(), protobuf.len());
    let json = trace_json(store, 0).into_bytes();
    (protobuf, json)
}

fn ingest(c: &mut Criterion) {
    let (protobuf, json) = data();
    for (name, bytes) in [("protobuf", &protobuf), ("json", &json)] {
        let before = HELD.load(Ordering::Relaxed);
        let builder = load(bytes);
        let held = HELD.load(Ordering::Relaxed) - before;
        println!(
            "{name}: {} spans of {} MB hold {} MB, {:.2} of the file ({} MB by the store's own count)",
            builder.span_count(),
            bytes.len() / 1_000_000,
            held / 1_000_000,
            held as f64 / bytes.len() as f64,
            builder.held_bytes() / 1_000_000
        );
        drop(builder);
        let mut group = c.benchmark_group("ingest");
        group.sample_size(10);
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |b| b.iter(|| load(bytes)));
        // One document cannot be cut.
        let (seams, stretches) = stretches(bytes);
        if let [first, others @ ..] = &stretches[..]
            && !others.is_empty()
        {
            let packed = parcels(seams, others);
            let size = packed.iter().map(Vec::len).sum::<usize>() / 1_000_000;
            println!("{name}: {} stretches, {size} MB packed", packed.len());
            group.bench_function(format!("{name}, apart"), |b| b.iter(|| parcels(seams, others)));
            group.bench_function(format!("{name}, joined"), |b| b.iter(|| join(first, &packed)));
            let both = || two_threads(seams, first, others);
            group.bench_function(format!("{name}, two threads"), |b| b.iter(both));
        }
        group.finish();
    }
}

criterion_group!(benches, ingest);
criterion_main!(benches);
