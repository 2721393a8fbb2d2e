//! Laying out a trace and drawing a window of it: the window must cost the same at any number of spans.

use criterion::{BatchSize, BenchmarkId, Criterion, criterion_group, criterion_main};
use spanscope::model::{SpanId, TraceId};
use spanscope::paint::{FlameView, GlyphWidths, Palette, Pixels, Theme, labels, pixels};
use spanscope::scene::flame::{FlameScene, Layout, NO_LABEL, Window, flag};
use spanscope::store::{AttrList, Builder, Scope, SpanDraft, StrId, ValueRef};

/// Fixed-seed numbers: the same trace in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

/// One trace from (parent index + 1, start, end) a span.
fn store(spans: impl Iterator<Item = (u64, u64, u64)>) -> Builder {
    let mut builder = Builder::default();
    let resource = builder.open_resource();
    let scope = builder.open_scope(resource);
    let names: Vec<StrId> = (0..50).map(|i| builder.intern(format!("GET /items/{i}").as_bytes())).collect();
    let mut draft = SpanDraft::default();
    for (i, (parent, start, end)) in spans.enumerate() {
        draft.clear();
        draft.trace_id = TraceId([1; 16]);
        draft.span_id = SpanId(i as u64 + 1);
        draft.parent_id = SpanId(parent);
        (draft.start_ns, draft.end_ns) = (start, end);
        draft.name = names[i % names.len()];
        builder.commit(scope, &draft);
    }
    builder.close_scope(scope, Scope::default());
    let mut attributes = AttrList::default();
    attributes.push(builder.attributes(), b"service.name", ValueRef::Str(b"shop"));
    builder.close_resource(resource, &attributes, 0, StrId::EMPTY);
    builder.seal();
    builder
}

/// Deep and wide: each span cuts a piece out of a random earlier one, siblings may overlap.
fn mixed(n: usize) -> Builder {
    let mut dice = Dice(42);
    let mut spans = vec![(0, 1, 10_000_000_000)];
    while spans.len() < n {
        let parent = dice.below(spans.len() as u64) as usize;
        let (_, start, end) = spans[parent];
        let from = start + dice.below((end - start).max(1));
        spans.push((parent as u64 + 1, from, from + dice.below((end - from).max(1)) / 4));
    }
    store(spans.into_iter())
}

/// One parent, all children at once.
fn fan(n: u64) -> Builder {
    store((0..n).map(|i| if i == 0 { (0, 1, 10_000_000) } else { (1, i, 9_000_000 + i % 1000) }))
}

/// One parent, children one after another: a single lane.
fn row(n: u64) -> Builder {
    store((0..n).map(|i| if i == 0 { (0, 1, 1000 * n) } else { (1, 1000 * i, 1000 * i + 200 + i % 700) }))
}

fn chain(n: u64) -> Builder {
    store((0..n).map(|i| (i, 1 + i, 10_000_000 - i)))
}

fn layout(c: &mut Criterion) {
    let mut group = c.benchmark_group("layout");
    group.sample_size(10);
    let cases = [
        ("mixed 1M", mixed(1_000_000)),
        ("row 1M", row(1_000_000)),
        ("fan 100k", fan(100_000)),
        ("chain 100k", chain(100_000)),
    ];
    for (name, builder) in &cases {
        group.bench_function(*name, |b| b.iter(|| Layout::build(builder.store(), 0)));
    }
    let built = Layout::build(cases[0].1.store(), 0);
    group.bench_function("minimap of mixed 1M", |b| b.iter(|| built.minimap(1200)));
    group.finish();
}

fn window(c: &mut Criterion) {
    let mut group = c.benchmark_group("window");
    for n in [10_000, 100_000, 1_000_000] {
        for (name, builder) in [("mixed", mixed(n)), ("row", row(n as u64))] {
            let layout = Layout::build(builder.store(), 0);
            let whole = Window::around(&layout, 0.0, layout.duration_ns() as f64, 1400, 0..40);
            let rectangles = layout.window(builder.store(), &whole).len();
            group.bench_function(
                BenchmarkId::new(format!("{name} whole, {rectangles} rectangles"), n),
                |b| {
                    b.iter(|| layout.window(builder.store(), &whole));
                },
            );
            let mut dice = Dice(7);
            group.bench_function(BenchmarkId::new(format!("{name} zoomed"), n), |b| {
                b.iter_batched(
                    || {
                        let length = layout.duration_ns() / 100;
                        let from = dice.below(layout.duration_ns() - length) as f64;
                        Window::around(&layout, from, from + length as f64, 1400, 0..40)
                    },
                    |window| layout.window(builder.store(), &window),
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

/// The worst there is: a full screen of lanes with a rectangle in every second pixel, some of them errors.
fn crowd() -> FlameScene {
    let mut scene =
        FlameScene { duration_ns: 1920.0, labels: vec!["GET /items".to_owned()], ..FlameScene::default() };
    for lane in 0..40_u32 {
        for x in 0..960_u32 {
            scene.t0.push(f64::from(2 * x));
            scene.t1.push(f64::from(2 * x + 1));
            scene.lane.push(lane);
            scene.place.push(x);
            scene.count.push(3);
            scene.service.push(x % 7);
            scene.flags.push(flag::SEVERAL | if x % 16 == 0 { flag::ERROR } else { 0 });
            scene.label.push(if x % 24 == 0 { 0 } else { NO_LABEL });
            scene.first.push(x);
        }
    }
    scene
}

fn paint(c: &mut Criterion) {
    let mut group = c.benchmark_group("paint");
    let scene = crowd();
    let palette = Palette::new(Theme::Light, ["a", "b", "c", "d", "e", "f", "g"]);
    let mut picture = Pixels::default();
    let view = FlameView::whole(&scene, 1920.0, 880.0);
    group.bench_function("38,400 bars on 1920x880", |b| {
        b.iter(|| pixels::flame(&scene, &view, &palette, &mut picture));
    });
    let close = FlameView { ns_per_px: 1.0 / 60.0, ..view.clone() };
    let mut widths = GlyphWidths::new(|_| 7.0);
    group.bench_function("labels", |b| b.iter(|| labels(&scene, &close, &mut widths)));
    group.finish();
}

criterion_group!(benches, layout, window, paint);
criterion_main!(benches);
