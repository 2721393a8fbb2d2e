//! Writes seeds for every target: `cargo run --bin seeds -- ../tests/data/corpus ../../shared/corpus`.
//!
//! A target puts its own beginning before the bytes and takes their first as the size of chunks, so a seed is a file
//! without that beginning behind one such byte.

use std::path::{Path, PathBuf};

/// Each target with the beginning it adds.
const TARGETS: &[(&str, &[u8])] = &[
    ("protobuf", b"\x0a"),
    ("json", b""),
    ("gzip", b"\x1f\x8b\x08"),
    ("zstd", b"\x28\xb5\x2f\xfd"),
    ("zip", b"PK\x03\x04"),
    ("any", b""),
    ("jaeger", b"{\"data\":["),
    ("zipkin", b"[{\"traceId\":\""),
    ("console", b"{"),
    ("datadog", b"[[{\"trace_id\":"),
    ("xray", b"{\"Traces\":["),
];

/// Larger files teach nothing that smaller ones do not.
const LARGEST: u64 = 64 << 10;

fn main() -> std::io::Result<()> {
    let mut folders: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let mut count = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.metadata()?.len() <= LARGEST {
                count += 1;
                seed(&std::fs::read(&path)?, count)?;
            }
        }
    }
    Ok(())
}

fn seed(bytes: &[u8], number: u32) -> std::io::Result<()> {
    let json = bytes.first().is_some_and(|c| matches!(c, b'{' | b'['));
    for (target, head) in TARGETS {
        let wanted = match *target {
            "json" => json,
            "any" => !json,
            _ => true,
        };
        let Some(rest) = bytes.strip_prefix(*head).filter(|_| wanted) else { continue };
        let folder = Path::new("corpus").join(target);
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("seed-{number}")), [b"\x3f", rest].concat())?;
    }
    Ok(())
}
