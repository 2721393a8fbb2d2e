//! The report of what was read: file by file, with what was skipped, where and why.

use std::fmt::Write;

use leptos::prelude::*;

use super::format;
use super::state::AppState;
use super::widgets::{Blank, CopyButton};
use crate::engine::protocol::{FileRow, Problem, Report};

/// The report of all that was opened.
#[component]
pub fn ReportView() -> impl IntoView {
    let report = AppState::here().report;
    let sentence = move || report.with(summary);
    view! {
        <Show when=move || report.with(|r| !r.files.is_empty()) fallback=|| view! { <Blank title="Nothing was read yet"/> }>
            <div class="report-head">
                <p>{sentence}</p>
                <CopyButton text=move || report.with_untracked(as_text) label="Copy report"/>
            </div>
            <ul class="report">
                {move || report.with(|r| r.files.iter().map(|file| view! { <File file=file.clone()/> }).collect_view())}
            </ul>
        </Show>
    }
}

#[component]
fn File(
    /// The file.
    file: FileRow,
) -> impl IntoView {
    let facts = facts(&file);
    let problems = file.problems.iter().map(|p| {
        let (count, place) = (times(p), place(p));
        view! {
            <li class="problem">
                <bdi>{p.message.clone()}</bdi>
                {(!count.is_empty() || !place.is_empty()).then(|| view! { <span class="muted">{format!(" {count}{place}")}</span> })}
            </li>
        }
    });
    view! {
        <li class="report-file" class:failed=file.spans == 0>
            <h3><bdi>{file.name.clone()}</bdi> <span class="tag">{file.form.clone()}</span></h3>
            <p class="muted">{facts}</p>
            <ul>
                {problems.collect_view()}
                {file.notes.iter().map(|note| view! { <li class="remark"><bdi>{note.clone()}</bdi></li> }).collect_view()}
            </ul>
        </li>
    }
}

/// "12,400 spans in 310 traces from 3 files; 2 kinds of problems".
fn summary(report: &Report) -> String {
    let spans: u64 = report.files.iter().map(|f| f.spans).sum();
    let mut text = format!(
        "{} from {}",
        format::counted(spans, "span"),
        format::counted(report.files.len() as u64, "file")
    );
    if report.problems > 0 {
        let _ = write!(text, "; {} skipped", format::counted(report.problems, "place"));
    }
    if report.cancelled {
        text.push_str("; reading was cancelled, what was read stays");
    }
    text
}

fn facts(file: &FileRow) -> String {
    let mut facts = vec![
        format::counted(file.spans, "span"),
        format::counted(file.traces, "trace"),
        format::bytes_text(file.bytes),
        format!("read in {}", format::long_duration((file.millis * 1e6) as u64)),
    ];
    if file.logs > 0 {
        facts.push(format::counted(file.logs, "log record"));
    }
    if file.metrics > 0 {
        facts.push(format!("{} left aside", format::counted(file.metrics, "metric point")));
    }
    facts.join(" · ")
}

fn times(problem: &Problem) -> String {
    if problem.count > 1 { format!("{} times, first ", format::count(problem.count)) } else { String::new() }
}

fn place(problem: &Problem) -> String {
    match (problem.at.line, problem.at.byte) {
        (Some(line), Some(byte)) => format!("at line {}, byte {}", format::count(line), format::count(byte)),
        (Some(line), None) => format!("at line {}", format::count(line)),
        (None, Some(byte)) => format!("at byte {}", format::count(byte)),
        (None, None) => String::new(),
    }
}

/// The report as plain text, to be pasted into an issue.
pub fn as_text(report: &Report) -> String {
    let mut text = format!("{}\n", summary(report));
    for file in &report.files {
        let _ = writeln!(text, "\n{} ({})\n  {}", file.name, file.form, facts(file));
        for p in &file.problems {
            let _ = writeln!(text, "  ! {} {}{}", p.message, times(p), place(p));
        }
        for note in &file.notes {
            let _ = writeln!(text, "  - {note}");
        }
    }
    text
}
