//! Sentences for the person, each with what can be done about it.

use leptos::prelude::*;

use crate::page::frame::Frame;
use crate::page::state::{Notice, NoticeAction};
use crate::web;

/// How long a notice that tells of no failure and asks nothing stays.
const STAYS_MS: u32 = 8000;

/// The notices, in the corner.
#[component]
pub(super) fn Notices() -> impl IntoView {
    let frame = Frame::here();
    let notices = frame.state.notices;
    view! {
        <div class="notices" role="region" aria-label="Notices" aria-live="polite">
            <For each=move || notices.get() key=|n| n.text.clone() children=move |notice| view! { <One notice=notice/> }/>
        </div>
    }
}

#[component]
fn One(
    /// The notice.
    notice: Notice,
) -> impl IntoView {
    let frame = Frame::here();
    let text = StoredValue::new(notice.text.clone());
    let notices = frame.state.notices;
    let dismiss = move || {
        // The notice may be gone by the time it would go by itself.
        text.try_with_value(|text| notices.update(|list| list.retain(|n| n.text != *text)));
    };
    if !notice.error {
        web::tasks::spawn(async move {
            web::tasks::sleep_ms(STAYS_MS).await;
            dismiss();
        });
    }
    let action = notice.action.map(|action| {
        let (label, run): (&str, fn(Frame)) = match action {
            NoticeAction::Reopen => ("Open again", Frame::reopen),
            NoticeAction::Replace => ("Replace instead", Frame::replace),
            NoticeAction::Report => ("Show the report", |f| f.report.set(true)),
        };
        let act = move |_| {
            run(frame);
            dismiss();
        };
        view! { <button type="button" class="small" on:click=act>{label}</button> }
    });
    view! {
        <div class="notice" class:failed=notice.error role=notice.error.then_some("alert")>
            <span class="notice-mark" aria-hidden="true">{if notice.error { "!" } else { "i" }}</span>
            <p><bdi>{notice.text}</bdi></p>
            {action}
            <button type="button" class="ghost small" aria-label="Dismiss" on:click=move |_| dismiss()>"✕"</button>
        </div>
    }
}
