//! The way to data: one generous drop zone. After a reload it says what to drop again.

use leptos::prelude::*;

use crate::page::address::View;
use crate::page::frame::{Frame, remembered_names};
use crate::web;

/// The drop zone with the other ways in.
#[component]
pub(super) fn Landing() -> impl IntoView {
    let frame = Frame::here();
    let state = frame.state;
    let returning = Memo::new(move |_| {
        state.address.with(|a| a.view != View::Home && a.src.is_empty()).then(|| again(&remembered_names()))
    });
    view! {
        <div class="landing">
            <Waiting/>
            <section class="drop-zone" aria-labelledby="drop-title"
                on:pointerenter=move |_| frame.expect_data() on:focusin=move |_| frame.expect_data()>
                <svg class="drop-mark" viewBox="0 0 64 40" aria-hidden="true">
                    <rect x="2" y="3" width="60" height="9" rx="2"/>
                    <rect x="10" y="16" width="38" height="9" rx="2"/>
                    <rect x="16" y="29" width="16" height="9" rx="2"/>
                </svg>
                <h1 id="drop-title"><bdi>{move || returning.get().unwrap_or_else(|| "Drop trace files here".to_owned())}</bdi></h1>
                <p class="muted">
                    {move || if returning.get().is_some() {
                        "Dropped files are gone from a closed page; nothing was kept anywhere"
                    } else {
                        "OpenTelemetry as protobuf or JSON, downloads of Tempo, Jaeger and Zipkin, console output; packed or not, several at once"
                    }}
                </p>
                <div class="ways">
                    <button type="button" class="primary" on:click=move |_| frame.choose_files()>"Choose files…"</button>
                    <button type="button" on:click=move |_| frame.paste.set(true)>"Paste…"</button>
                    <button type="button" on:click=move |_| frame.url.set(true)>"Open URL…"</button>
                    <button type="button" on:click=move |_| frame.try_sample()>"Try the sample"</button>
                </div>
                <p class="promise">"Everything happens in this browser. Nothing you open is uploaded."</p>
            </section>
        </div>
    }
}

/// What to drop to come back to a view.
fn again(names: &[String]) -> String {
    match names {
        [] => "Drop the trace files again to return here".to_owned(),
        [one] => format!("Drop {one} again to return here"),
        [one, two] => format!("Drop {one} and {two} again to return here"),
        [one, rest @ ..] => format!("Drop {one} and {} more files again to return here", rest.len()),
    }
}

/// Sources of the address on other hosts: nothing is asked of them before a click.
#[component]
pub(super) fn Waiting() -> impl IntoView {
    let frame = Frame::here();
    let hosts = move || {
        let mut hosts: Vec<String> = frame.waiting.get().iter().map(|url| web::fetch::host(url)).collect();
        hosts.dedup();
        hosts.join(", ")
    };
    view! {
        <Show when=move || !frame.waiting.with(Vec::is_empty)>
            <section class="consent" aria-label="Data on another host">
                <div>
                    <h2>"This view reads its data from another host"</h2>
                    <ul>{move || frame.waiting.get().into_iter().map(|url| view! { <li class="mono"><bdi>{url}</bdi></li> }).collect_view()}</ul>
                    <p class="muted">"It will see your network address and that you opened this file, but not what you look at"</p>
                </div>
                <button type="button" class="primary" on:click=move |_| frame.load_waiting()>"Load from " <bdi>{hosts}</bdi></button>
            </section>
        </Show>
    }
}
