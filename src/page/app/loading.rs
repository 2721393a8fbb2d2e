//! How reading goes on, and the way to stop it. What is there already can be used meanwhile.

use leptos::prelude::*;

use crate::engine::protocol::Progress;
use crate::page::format;
use crate::page::frame::Frame;

/// Over the views, while more is being read.
#[component]
pub(super) fn LoadingStrip() -> impl IntoView {
    view! { <div class="loading-strip"><Reading/></div> }
}

/// In place of the views, before the first span.
#[component]
pub(super) fn LoadingPanel() -> impl IntoView {
    view! { <div class="landing"><div class="loading-panel"><Reading/></div></div> }
}

#[component]
fn Reading() -> impl IntoView {
    let frame = Frame::here();
    let progress = move |of: fn(&Progress, u64) -> String| {
        let before = frame.state.summary.with_untracked(|s| s.as_ref().map_or(0, |s| s.spans));
        let before = if frame.state.report.with_untracked(|r| r.files.is_empty()) { 0 } else { before };
        move || frame.state.progress.with(|p| p.as_ref().map_or_else(String::new, |p| of(p, before)))
    };
    let share = Memo::new(move |_| frame.state.progress.with(|p| p.as_ref().and_then(share)));
    let width = move || share.get().map_or_else(String::new, |s| format!("{:.2}%", s * 100.0));
    let percent = move || share.get().map(|s| format!("{:.0}", s * 100.0));
    view! {
        <div class="reading">
            <div class="reading-head">
                <h2 class="ellipsis">"Reading " <bdi>{progress(|p, _| name(p))}</bdi></h2>
                <button type="button" class="small" on:click=move |_| frame.state.client().cancel()>"Cancel"</button>
            </div>
            <div class="progress" class:unknown=move || share.get().is_none() role="progressbar" aria-label="Reading"
                aria-valuemin="0" aria-valuemax="100" aria-valuenow=percent>
                <i style:width=width></i>
            </div>
            <p class="reading-facts muted">
                <span>{progress(|p, _| read(p))}</span>
                <span>{progress(spans)}</span>
                <span>{progress(pace)}</span>
                <span>{progress(|p, _| left(p))}</span>
            </p>
        </div>
    }
}

fn name(p: &Progress) -> String {
    if p.files > 1 {
        format!("{} ({} of {})", p.name, (p.files_done + 1).min(p.files), p.files)
    } else {
        p.name.clone()
    }
}

fn share(p: &Progress) -> Option<f64> {
    (p.bytes_total > 0).then(|| (p.bytes_read as f64 / p.bytes_total as f64).min(1.0))
}

fn read(p: &Progress) -> String {
    let read = format::bytes_text(p.bytes_read);
    if p.bytes_total > 0 { format!("{read} of {}", format::bytes_text(p.bytes_total)) } else { read }
}

fn spans(p: &Progress, before: u64) -> String {
    format::counted(p.spans.saturating_sub(before), "span")
}

fn pace(p: &Progress, before: u64) -> String {
    if p.millis < 200.0 {
        return String::new();
    }
    let pace = p.spans.saturating_sub(before) as f64 / p.millis * 1000.0;
    // Only what can be told apart: two digits of a number that changes all the time.
    let unit = 10_f64.powf(pace.max(10.0).log10().floor() - 1.0);
    format!("{} spans/s", format::count(((pace / unit).round() * unit) as u64))
}

fn left(p: &Progress) -> String {
    match share(p) {
        Some(share) if share > 0.02 && p.millis > 500.0 => {
            format::time_left(p.millis / 1000.0 * (1.0 - share) / share)
        }
        _ => String::new(),
    }
}
