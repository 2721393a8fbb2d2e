//! A file to a sealed store, through the ingest room.

use std::path::Path;

use spanscope::ingest::{Limits, Progress, Reader};
use spanscope::store::{Builder, Store};

/// Reads a file of any form that is known; none where the form is not, or the file is not there.
pub(crate) fn load(path: &Path) -> Option<Store> {
    let bytes = std::fs::read(path).ok()?;
    let mut builder = Builder::default();
    let mut reader = Reader::new(path.to_string_lossy(), Limits::default());
    for chunk in bytes.chunks(1 << 20) {
        reader.feed(chunk);
        while reader.pump(&mut builder, 1 << 20) == Progress::More {}
    }
    let reports = reader.finish(&mut builder);
    builder.seal();
    reports.iter().any(|report| !report.form.starts_with("unknown")).then(|| builder.into_store())
}
