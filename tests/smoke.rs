//! A short fuzz with a fixed seed: damaged files of the small corpus, whole and packed, read whole and in chunks to the
//! same outcome. `fuzz/` does the same for hours, guided by coverage; this keeps the laws in every run of the tests.

#[path = "support/stretches.rs"]
mod stretches;

use std::path::{Path, PathBuf};

use spanscope::ingest::{FileReport, Limits, Progress, Reader};
use spanscope::store::Builder;

/// Damaged variants of each file.
const VARIANTS: usize = 12;
/// Larger files are cut to this many bytes first.
const LARGEST: usize = 24 << 10;

/// A small generator of numbers: the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the small corpus").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if !path.to_string_lossy().ends_with(".truth.json") {
            found.push(path);
        }
    }
}

/// Flips, overwrites, copies and cuts a few bytes.
fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    for _ in 0..=random.below(6) {
        let at = random.below(bytes.len());
        match random.below(6) {
            0 => bytes[at] ^= 1 << random.below(8),
            1 => bytes[at] = [0, 0xff, b'"', b'{', b']', b'\\', b'\n', 0x80, 0x0c, b' '][random.below(10)],
            2 => bytes.truncate(at.max(1)),
            3 => {
                let end = (at + random.below(64)).min(bytes.len());
                bytes.drain(at..end);
            }
            4 => {
                // What ends a line, or is only taken for white space by some.
                let piece: &[u8] = [&b"\n\n"[..], b"\x0c\n\n", b"\n{", b"}\n, {", b"\r\n"][random.below(5)];
                bytes.splice(at..at, piece.iter().copied());
            }
            _ => {
                let piece = bytes[at..(at + random.below(64)).min(bytes.len())].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, piece);
            }
        }
        if bytes.is_empty() {
            bytes.push(b'{');
        }
    }
}

/// What reading gives: form, spans, traces, logs, notes and problems.
type Outcome = (String, u64, u64, u64, Vec<String>, Vec<String>);

fn limits() -> Limits {
    Limits { max_record: 1 << 20, max_unpacked: 8 << 20, max_barren: 2 << 20, ..Limits::default() }
}

/// Reads whole, or in chunks of one size or of many, and holds the outcome to the laws.
fn read(bytes: &[u8], mut size: impl FnMut() -> usize) -> Outcome {
    let mut builder = Builder::default();
    let mut reader = Reader::new("damaged", limits());
    let mut rest = bytes;
    while !rest.is_empty() {
        let chunk;
        (chunk, rest) = rest.split_at(size().min(rest.len()));
        reader.feed(chunk);
        while reader.pump(&mut builder, 1 << 12) == Progress::More {}
    }
    let reports = reader.finish(&mut builder);
    builder.seal();
    outcome(&builder, reports)
}

fn outcome(builder: &Builder, mut reports: Vec<FileReport>) -> Outcome {
    let report = reports.remove(0);
    let store = builder.store();
    assert_eq!(report.spans, store.len() as u64, "the report counts what is stored");
    assert_eq!(report.traces, store.trace_count() as u64);
    assert!(report.spans > 0 || !report.problems.is_empty(), "nothing is said of a file without spans");
    // Unpacking and reading run side by side: which of them meets its problem first hangs on the chunks.
    let packed = report.form.contains('+');
    let problems = report.problems.into_iter().filter(|_| !packed).map(|p| p.message).collect();
    (report.form, report.spans, report.traces, report.logs, report.notes, problems)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut encoder = flate2::read::GzEncoder::new(bytes, flate2::Compression::fast());
    std::io::Read::read_to_end(&mut encoder, &mut packed).expect("memory");
    packed
}

fn small_corpus() -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/corpus"), &mut found);
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/fuzz"), &mut found);
    found.sort();
    assert!(found.len() > 20, "the small corpus is there");
    found
}

#[test]
fn damaged_files_are_the_same_read_in_stretches() {
    let mut random = Random(20_261_127);
    let mut joined = 0;
    for file in small_corpus() {
        let one = std::fs::read(&file).expect("a file");
        if one.is_empty() || one.len() > LARGEST {
            continue;
        }
        // Several documents or messages, as in files that are large enough to be cut.
        let text = std::str::from_utf8(&one).is_ok();
        let copies = vec![one; 8].join(if text { &b"\n"[..] } else { b"" });
        for _ in 0..VARIANTS / 4 {
            let mut bytes = copies.clone();
            damage(&mut bytes, &mut random);
            let whole = read(&bytes, || usize::MAX);
            let size = copies.len() / 8;
            let together =
                stretches::read_together("damaged", &bytes, limits(), || 1 + random.below(3 * size));
            joined += together.joined;
            let together = outcome(&together.builder, together.reports);
            if together != whole {
                let kept = std::env::temp_dir().join("spanscope-damaged-stretches.bin");
                std::fs::write(&kept, &bytes).expect("a file");
                assert_eq!(together, whole, "{}; kept as {}", file.display(), kept.display());
            }
        }
    }
    assert!(joined > 100, "{joined} stretches were read apart and joined");
}

#[test]
fn damaged_files_keep_the_laws_however_they_come() {
    let mut random = Random(20_261_126);
    for file in small_corpus() {
        let mut plain = std::fs::read(&file).expect("a file");
        plain.truncate(LARGEST);
        if plain.is_empty() {
            continue;
        }
        for variant in 0..VARIANTS {
            let mut bytes = plain.clone();
            match variant % 4 {
                // Damage inside of what is packed, and of the packing itself.
                0 => {
                    damage(&mut bytes, &mut random);
                    bytes = gzip(&bytes);
                }
                1 => {
                    bytes = gzip(&bytes);
                    damage(&mut bytes, &mut random);
                }
                _ => damage(&mut bytes, &mut random),
            }
            let whole = read(&bytes, || usize::MAX);
            let size = 1 + random.below(300);
            let same = read(&bytes, || size);
            let any = read(&bytes, || 1 + random.below(size));
            if same != whole || any != whole {
                let kept = std::env::temp_dir().join(format!("spanscope-damaged-{variant}.bin"));
                std::fs::write(&kept, &bytes).expect("a file");
                let what = format!("{} by {size}; kept as {}", file.display(), kept.display());
                assert_eq!(same, whole, "{what}");
                assert_eq!(any, whole, "{what}, in chunks of many sizes");
            }
        }
    }
}
