//! Reads a file as several threads would: cut at its seams, stretches read apart and joined in order; what cannot be
//! joined is read in place.

use spanscope::ingest::{Apart, Cutter, FileReport, Limits, Progress, Reader};
use spanscope::store::Builder;

/// What came of it, and how many stretches were joined.
pub struct Together {
    pub builder: Builder,
    pub reports: Vec<FileReport>,
    pub joined: usize,
}

/// Reads bytes that come in pieces of these sizes.
pub fn read_together(name: &str, bytes: &[u8], limits: Limits, mut size: impl FnMut() -> usize) -> Together {
    let (mut builder, mut reader) = (Builder::default(), Reader::new(name, limits));
    let (mut cutter, mut joined) = (Cutter::default(), 0);
    let (mut begin, mut end) = (0, 0);
    loop {
        let last = end == bytes.len();
        end = bytes.len().min(end.saturating_add(size()));
        let stretch = cutter.cut(&bytes[begin..end], last);
        let part = &bytes[begin..begin + stretch.length];
        begin += stretch.length;
        let parcel = stretch.apart.filter(|_| !part.is_empty()).and_then(|seams| {
            let mut apart = Apart::new(seams);
            part.chunks(1 << 12)
                .for_each(|chunk| apart.read(chunk.len(), |room| room.copy_from_slice(chunk)));
            apart.pack()
        });
        if parcel.is_some_and(|parcel| reader.join(&mut builder, &parcel)) {
            joined += 1;
        } else {
            reader.feed(part);
            while reader.pump(&mut builder, 1 << 12) == Progress::More {}
        }
        if last {
            break;
        }
    }
    let reports = reader.finish(&mut builder);
    builder.seal();
    Together { builder, reports, joined }
}
