//! What every fuzz target does with its bytes, and the laws that must hold whatever they are.

use spanscope::ingest::{FileReport, Limits, ProblemKind, Progress, Reader};
use spanscope::store::Builder;

/// Reads `head` and `data` as one file, in chunks whose size the first byte of `data` chooses.
///
/// # Panics
/// When a law is broken: counts differ from what is stored, a file without spans says nothing, or two ways of
/// cutting the same bytes give different spans.
pub fn read(head: &[u8], data: &[u8]) {
    let Some((&choice, data)) = data.split_first() else { return };
    let bytes = [head, data].concat();
    let (chunked, report) = fed(&bytes, usize::from(choice) + 1);
    let (whole, again) = fed(&bytes, usize::MAX);
    // Limits are about what is held at a time, and that hangs on how the bytes come.
    let limited = |r: &FileReport| r.problems.iter().any(|p| p.kind == ProblemKind::TooLarge);
    if limited(&report) || limited(&again) {
        return;
    }
    assert_eq!((chunked, report.form), (whole, again.form), "chunks of {} bytes", usize::from(choice) + 1);
}

/// Reads bytes in chunks of one size; the number of spans and a sum over their times, and the report.
fn fed(bytes: &[u8], size: usize) -> ((usize, u64), FileReport) {
    let limits =
        Limits { max_record: 4 << 20, max_unpacked: 8 << 20, max_barren: 8 << 20, ..Limits::default() };
    let mut builder = Builder::default();
    let mut reader = Reader::new("fuzz", limits);
    for chunk in bytes.chunks(size.min(bytes.len().max(1))) {
        reader.feed(chunk);
        while reader.pump(&mut builder, 1 << 12) == Progress::More {}
    }
    let report = reader.finish(&mut builder).remove(0);
    builder.seal();
    let store = builder.store();
    assert_eq!(report.spans, store.len() as u64, "the report counts what is stored");
    assert_eq!(report.traces, store.trace_count() as u64);
    assert!(report.spans > 0 || !report.problems.is_empty(), "nothing is said of a file without spans");
    let spans = store.spans();
    let mut sum = 0_u64;
    for row in 0..store.len() as u32 {
        sum = sum.wrapping_mul(31).wrapping_add(spans.start.get(row as usize) ^ spans.end.get(row as usize));
        for id in spans.attributes(row) {
            sum = sum.wrapping_add(store.attributes().value(id).display().len() as u64);
        }
        sum = sum.wrapping_add(store.name(row).len() as u64);
        assert!(store.parent(row).is_none_or(|parent| (parent as usize) < store.len()));
    }
    ((store.len(), sum), report)
}
