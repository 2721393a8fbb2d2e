//! Reads what the page opens: files, buffers and addresses, one after another.

use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Blob;

use super::crew::{self, Crew, State, Stretch};
use super::parts::Parts;
use super::{Office, guard, message, post_progress};
use crate::engine::desk::Desk;
use crate::engine::protocol::{FileRow, OpenOptions, Part, Partial, Place, Problem, Progress, Report, wire};
use crate::ingest::{self, Apart, FileReport, Reader};
use crate::web::read::{self, Pieces, SLICE};
use crate::web::{Error, fetch, js, tasks, worker};

/// Reading gives way to questions after this long, milliseconds.
const TURN_MS: f64 = 12.0;
/// The page hears of progress this often, milliseconds.
const PROGRESS_MS: f64 = 100.0;
/// Views ask for the first time after so long, milliseconds.
const FIRST_LOOK_MS: f64 = 150.0;
/// What by its pace so far will have been read so long after it was opened is shown then, milliseconds: questions in
/// between would only make that later.
const ONCE_MS: f64 = 800.0;
/// Views do not ask again so shortly before the end, milliseconds.
const SOON_MS: f64 = 1400.0;
/// The pace is known after so long if more has come, milliseconds.
const PACE_MS: f64 = 40.0;
/// Views ask again while files are read at most this often, milliseconds.
const LOOK_EVERY_MS: f64 = 1000.0;
/// What views ask may take one in so many parts of the time.
const LOOK_SHARE: f64 = 12.0;
/// Unpacked bytes between two looks at the clock.
const BUDGET: u64 = 256 * 1024;

/// One call of `open`.
pub(super) struct Open {
    id: u32,
    append: bool,
    options: OpenOptions,
    sources: Vec<(String, Source)>,
}

enum Source {
    Blob(Blob),
    Url(String),
}

impl Open {
    /// Reads the page's message.
    pub(super) fn from_message(id: u32, message: &JsValue) -> Self {
        let list: Array = js::field(message, "sources").dyn_into().unwrap_or_default();
        let sources = list.iter().map(|source| {
            let name = js::text(&source, "name").unwrap_or_default();
            // Bytes are kept as a file is: they are read in slices, by several threads, and once more where need be.
            let blob = js::field(&source, "blob").dyn_into().ok();
            let blob = blob.or_else(|| read::to_blob(&js::field(&source, "buffer").dyn_into().ok()?).ok());
            let what = match blob {
                Some(blob) => Source::Blob(blob),
                None => Source::Url(js::text(&source, "url").unwrap_or_default()),
            };
            (name, what)
        });
        let options = wire::read(&js::text(message, "options").unwrap_or_default());
        Self {
            id,
            append: !js::field(message, "append").is_falsy(),
            options: options.unwrap_or_default(),
            sources: sources.collect(),
        }
    }
}

/// Works off the opens that wait.
pub(super) async fn open_all(office: Rc<Office>) {
    loop {
        let Some(open) = office.opens.borrow_mut().pop_front() else { break };
        office.cancelled.set(false);
        let id = open.id;
        let report = run(&office, open, false).await;
        let text = wire::print(&report);
        worker::reply(&message("answer", id, &text), &Array::new());
    }
    office.reading.set(false);
    post_progress(&Progress { done: true, ..Progress::default() });
}

/// Reads bytes as a file is read, and forgets them: so the whole road has been gone once.
pub(super) async fn rehearse(bytes: &[u8]) {
    let Ok(blob) = read::to_blob(&bytes.into()) else { return };
    let sources = vec![(String::new(), Source::Blob(blob))];
    run(&Office::default(), Open { id: 0, append: false, options: OpenOptions::default(), sources }, true)
        .await;
}

/// What goes on during one call of `open`.
pub(super) struct Run<'a> {
    pub(super) office: &'a Office,
    pub(super) options: OpenOptions,
    progress: Progress,
    began_ms: f64,
    /// When the first bytes had been read, and how many that were.
    first: Option<(f64, u64)>,
    /// When the page last heard of it; infinite where it is not to hear.
    told_ms: f64,
    turn_ms: f64,
    /// When views were last told to look, and what answers had cost until then.
    looked: (f64, f64),
    /// What takes the place of the present data once it holds a span.
    fresh: Option<Desk>,
    /// Reading stopped because memory is short.
    full: bool,
    /// Threads that read with this one.
    crew: Rc<Crew>,
}

async fn run(office: &Office, open: Open, quietly: bool) -> Report {
    let began_ms = tasks::now_ms();
    let known_sizes = open.sources.iter().map(|(_, source)| match source {
        Source::Blob(blob) => blob.size() as u64,
        Source::Url(_) => 0,
    });
    let progress =
        Progress { files: open.sources.len(), bytes_total: known_sizes.sum(), ..Progress::default() };
    let fresh = (!open.append).then(Desk::default);
    let looked = (0.0, 0.0);
    let options = open.options;
    let mut run = Run {
        office,
        options,
        progress,
        began_ms,
        first: None,
        told_ms: if quietly { f64::INFINITY } else { 0.0 },
        turn_ms: began_ms,
        looked,
        fresh,
        full: false,
        crew: Rc::default(),
    };
    let mut report = Report::default();
    for (name, source) in open.sources {
        let start_ms = tasks::now_ms();
        run.progress.name.clone_from(&name);
        let mut rows = if office.cancelled.get() {
            let notes = vec!["not read: reading was cancelled before it".to_owned()];
            vec![FileRow { name, form: "unknown".into(), notes, ..FileRow::default() }]
        } else {
            run.source(name, source).await
        };
        if let Some(row) = rows.first_mut() {
            row.millis = tasks::now_ms() - start_ms;
        }
        report.files.extend(rows);
        run.progress.files_done += 1;
    }
    report.cancelled = office.cancelled.get();
    // Member rows repeat what stands in their archive's row.
    report.spans = report.files.iter().filter(|row| !row.member).map(|row| row.spans).sum();
    report.problems = report.files.iter().flat_map(|row| &row.problems).map(|p| p.count).sum();
    let mut desk = office.desk.borrow_mut();
    desk.set_partial(None);
    desk.seal();
    office.sealed_ms.set(tasks::now_ms());
    report.traces = desk.store().trace_count() as u64;
    desk.report().files.extend(report.files.iter().cloned());
    report
}

impl Run<'_> {
    async fn source(&mut self, name: String, source: Source) -> Vec<FileRow> {
        let pieces = match source {
            Source::Blob(blob) => {
                let size = blob.size() as u64;
                if self.is_known(&blob).await {
                    return vec![already_open(name, size)];
                }
                return match self.part_of(&name, &blob).await {
                    Some(part) if part == Part::default() => self.read_together(name, &blob).await,
                    Some(part) => self.read(name, Pieces::blob(blob, SLICE), part).await,
                    None => vec![guard::left_out(name, size)],
                };
            }
            Source::Url(url) => match self.fetch(&url).await {
                Ok(response) => self.response(&response),
                Err(error) => Err(error),
            },
        };
        match pieces {
            Ok(pieces) => self.read(name, pieces, self.options.part).await,
            Err(error) => vec![unreadable(name, "fetch", &error)],
        }
    }

    /// Asks for an address; cancelling gives the waiting up.
    async fn fetch(&mut self, url: &str) -> Result<web_sys::Response, Error> {
        let abort = fetch::Abort::new()?;
        *self.office.abort.borrow_mut() = Some(abort.clone());
        let response = fetch::get(url, &abort).await;
        *self.office.abort.borrow_mut() = None;
        if self.office.cancelled.get() {
            Err(Error("not read: reading was cancelled".to_owned()))
        } else {
            response
        }
    }

    /// A response's pieces; its length, where it says one, counts for the progress.
    fn response(&mut self, response: &web_sys::Response) -> Result<Pieces, Error> {
        let length = response.headers().get("content-length").ok().flatten();
        if let Some(length) = length.and_then(|text| text.parse::<u64>().ok()) {
            self.progress.bytes_total += length;
        }
        Pieces::response(response)
    }

    /// Whether what is opened comes to what is there.
    pub(super) fn adds(&self) -> bool {
        self.fresh.is_none()
    }

    /// Reads what comes in pieces, on this thread alone.
    async fn read(&mut self, name: String, mut pieces: Pieces, part: Part) -> Vec<FileRow> {
        let mut reader = Reader::new(name, guard::limits(part));
        let failure = loop {
            match pieces.next().await {
                Ok(Some(piece)) => {
                    if !self.feed(&mut reader, &piece.into()).await {
                        pieces.cancel();
                        break None;
                    }
                }
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        self.finish(reader, failure, None).await
    }

    /// Reads a file with all threads that there are.
    async fn read_together(&mut self, name: String, blob: &Blob) -> Vec<FileRow> {
        let mut reader = Reader::new(name, guard::limits(Part::default()));
        let crew = Rc::clone(&self.crew);
        crew.begin();
        let hands = crew.call(blob.size(), self.options.threads);
        let slice = if hands { crew::SLICE } else { SLICE };
        let failure = {
            let bringing = std::pin::pin!(crew.bring(Pieces::blob(blob.clone(), slice)));
            let joining = std::pin::pin!(self.join_all(&crew, blob, &mut reader));
            tasks::beside(bringing, joining).await
        };
        self.finish(reader, failure, Some(blob)).await
    }

    /// Joins the stretches of a file as they are read, and reads those that nobody else does; what broke it off.
    async fn join_all(&mut self, crew: &Crew, blob: &Blob, reader: &mut Reader) -> Option<Error> {
        loop {
            if self.is_stopped() {
                return None;
            }
            if let Some(stretch) = crew.next() {
                match self.join(crew, stretch, blob, reader).await {
                    Ok(true) => {}
                    Ok(false) => return None,
                    Err(error) => return Some(error),
                }
            } else if let Some((number, seams, parts)) = crew.take() {
                let mut apart = Apart::new(seams);
                for (length, window) in parts.windows() {
                    apart.read(length, |room| window.copy(room));
                    self.give_way().await;
                }
                crew.set(number, apart.pack().map_or(State::Failed, State::Done));
            } else if let Some(end) = crew.end() {
                return end.err();
            } else {
                crew.wait().await;
            }
            self.give_way().await;
        }
    }

    /// Takes the next stretch of a file in. False when nothing more is wanted of it.
    async fn join(
        &mut self,
        crew: &Crew,
        stretch: Stretch,
        blob: &Blob,
        reader: &mut Reader,
    ) -> Result<bool, Error> {
        match stretch.state {
            State::Done(parcel) if self.with_desk(|desk| reader.join(desk.builder(), &parcel)) => {
                self.progress.bytes_read += stretch.length;
                self.take_over(reader.spans());
                return Ok(true);
            }
            State::Direct(parts) => return Ok(self.feed(reader, &parts).await),
            _ => crew.distrust(),
        }
        let (from, to) = (stretch.from as f64, (stretch.from + stretch.length) as f64);
        let mut pieces = Pieces::blob(blob.slice_with_f64_and_f64(from, to)?, SLICE);
        while let Some(piece) = pieces.next().await? {
            if !self.feed(reader, &piece.into()).await {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Reads bytes in the order of the file. False when nothing more is wanted of it.
    async fn feed(&mut self, reader: &mut Reader, parts: &Parts) -> bool {
        for (length, window) in parts.windows() {
            reader.feed_with(length, |room| window.copy(room));
            self.progress.bytes_read += length as u64;
            if !self.pump(reader).await {
                return false;
            }
        }
        true
    }

    /// Ends a file that was read, and writes its rows.
    async fn finish(
        &mut self,
        mut reader: Reader,
        failure: Option<Error>,
        known: Option<&Blob>,
    ) -> Vec<FileRow> {
        let stopped = self.is_stopped();
        if stopped {
            reader.cancel();
        } else {
            reader.end();
            self.pump(&mut reader).await;
        }
        let size = reader.bytes();
        let rows = self.with_desk(|desk| {
            desk.add_file_bytes(size);
            reader.finish(desk.builder())
        });
        self.take_over(reader_spans(&rows));
        if let (false, None, Some(blob)) = (stopped, &failure, known) {
            self.office.known.borrow_mut().push(blob.clone());
        }
        let mut rows: Vec<FileRow> = rows.into_iter().map(row).collect();
        if let Some(row) = rows.first_mut() {
            if let Some(error) = failure {
                row.problems.extend(unreadable(String::new(), "read", &error).problems);
            }
            if self.full {
                row.problems.push(guard::full(row.spans));
            }
        }
        rows
    }

    /// Whether reading is to end before the file does.
    fn is_stopped(&mut self) -> bool {
        self.full = guard::is_full(self.options);
        self.full || self.office.cancelled.get()
    }

    /// Decodes what was fed. False when nothing more is wanted of this file.
    async fn pump(&mut self, reader: &mut Reader) -> bool {
        loop {
            if self.is_stopped() {
                return false;
            }
            let progress = self.with_desk(|desk| reader.pump(desk.builder(), BUDGET));
            self.take_over(reader.spans());
            self.give_way().await;
            match progress {
                ingest::Progress::More => {}
                ingest::Progress::Hungry => return true,
                ingest::Progress::Done => return false,
            }
        }
    }

    fn with_desk<T>(&mut self, work: impl FnOnce(&mut Desk) -> T) -> T {
        match &mut self.fresh {
            Some(desk) => work(desk),
            None => work(&mut self.office.desk.borrow_mut()),
        }
    }

    /// Replaces the present data once the new one holds a span.
    fn take_over(&mut self, spans: u64) {
        if spans > 0
            && let Some(mut desk) = self.fresh.take()
        {
            desk.follow(&self.office.desk.borrow());
            *self.office.desk.borrow_mut() = desk;
            self.office.known.borrow_mut().clear();
            self.office.sealed_ms.set(0.0);
        }
    }

    /// Lets questions and cancelling have their turn, and tells the page how far reading has come.
    pub(super) async fn give_way(&mut self) {
        let now = tasks::now_ms();
        if now - self.turn_ms < TURN_MS {
            return;
        }
        if self.progress.bytes_read > 0 {
            self.first.get_or_insert((now, self.progress.bytes_read));
        }
        let look = self.told_ms.is_finite() && self.is_time_to_look(now);
        if look || now - self.told_ms >= PROGRESS_MS {
            self.told_ms = now;
            self.progress.looks += u32::from(look);
            self.progress.millis = now - self.began_ms;
            self.progress.spans = self.with_desk(|desk| desk.span_count());
            post_progress(&self.progress);
        }
        if self.fresh.is_none() {
            let Progress { bytes_read, bytes_total, .. } = self.progress;
            self.office.desk.borrow_mut().set_partial(Some(Partial { bytes_read, bytes_total }));
        }
        tasks::next_turn().await;
        self.turn_ms = tasks::now_ms();
    }
}

impl Run<'_> {
    /// Whether views may ask again: soon after the first spans, then each second, but never so often that the answers
    /// take more than their share of the time, and not shortly before the end.
    fn is_time_to_look(&mut self, now: f64) -> bool {
        let spent = self.office.spent_ms.get();
        let (last, spent_then) = self.looked;
        let due = if self.progress.looks == 0 {
            now - self.began_ms >= FIRST_LOOK_MS && self.with_desk(|desk| desk.span_count()) > 0
        } else {
            now - last >= LOOK_EVERY_MS.max((spent - spent_then) * LOOK_SHARE)
        };
        if !due || self.office.answering.get() || self.is_soon_read(now) {
            return false;
        }
        self.looked = (now, spent);
        true
    }

    /// Whether reading will be over soon, or nobody can tell yet, by its pace since the first bytes: those may have
    /// been long in coming. Where nobody knows how much there is it goes on for ever.
    fn is_soon_read(&self, now: f64) -> bool {
        let Progress { bytes_read, bytes_total, looks, .. } = self.progress;
        let Some((then, bytes_then)) = self.first else { return true };
        if bytes_total < bytes_read {
            return false;
        }
        let (took, read) = (now - then, (bytes_read - bytes_then) as f64);
        let known_after = if read > 0.0 { PACE_MS } else { 2.0 * FIRST_LOOK_MS };
        let soon = if looks == 0 { (ONCE_MS - (now - self.began_ms)).max(FIRST_LOOK_MS) } else { SOON_MS };
        took < known_after || soon * read > took * (bytes_total - bytes_read) as f64
    }
}

fn reader_spans(rows: &[FileReport]) -> u64 {
    rows.iter().map(|row| row.spans).sum()
}

fn row(report: FileReport) -> FileRow {
    let problems = report.problems.into_iter().map(|p| Problem {
        kind: p.kind.word().to_owned(),
        message: p.message,
        count: p.count,
        at: Place { byte: p.at.byte, line: p.at.line },
    });
    FileRow {
        problems: problems.collect(),
        name: report.name,
        form: report.form,
        bytes: report.bytes,
        spans: report.spans,
        traces: report.traces,
        logs: report.logs,
        metrics: report.metric_points,
        notes: report.notes,
        member: report.member,
        millis: 0.0,
    }
}

fn already_open(name: String, bytes: u64) -> FileRow {
    let notes = vec!["skipped: a file with the same bytes is open already".to_owned()];
    FileRow { name, form: "unknown".into(), bytes, notes, ..FileRow::default() }
}

fn unreadable(name: String, kind: &str, error: &Error) -> FileRow {
    let problem =
        Problem { kind: kind.to_owned(), message: error.to_string(), count: 1, at: Place::default() };
    FileRow { name, form: "unknown".into(), problems: vec![problem], ..FileRow::default() }
}
