//! The page's frame: rail, top bar, the chosen view, and what is heard anywhere on the page (drops, pasted
//! text, keys, the address).

mod bar;
mod commands;
mod dialogs;
mod drop;
mod landing;
mod loading;
mod notices;
mod oversize;
mod rail;
pub(super) mod rehearsal;

use leptos::{ev, html, prelude::*};

use super::address::View;
use super::bar::highlight;
use super::colors::ServiceColors;
use super::exceptions::exceptions_page;
use super::explore::explore;
use super::frame::Frame;
use super::map::map_page;
use super::metrics::metrics_page;
use super::script;
use super::service::ServicePage;
use super::services::ServicesPage;
use super::state::{AppState, next_task};
use super::trace::TracePage;
use crate::web;

/// The whole page.
#[component]
pub fn App() -> impl IntoView {
    let state = AppState::start();
    let colors = ServiceColors::new();
    provide_context(state);
    provide_context(colors);
    let frame = Frame::start(state, colors);
    provide_context(frame);

    let _ = window_event_listener(ev::hashchange, move |_| state.follow_hash());
    let src = Memo::new(move |_| state.address.with(|a| a.src.clone()));
    Effect::new(move || frame.follow(&src.get()));
    Effect::new(move || web::page::set_title(&title(state)));
    commands::listen(frame);
    script::install(frame);
    if state.embed {
        web::page::set_root_attribute("data-embed", Some("1"));
    }
    let dragging = drop::listen(frame);
    let chosen = move |_| {
        if let Some(files) = frame.file_input.get_untracked().and_then(|input| input.files()) {
            frame.open_files(&files);
        }
    };

    view! {
        <div class="app" class:embed=state.embed>
            {(!state.embed).then(|| view! {
                <a class="skip" href="#main" on:click=skip>"Skip to the content"</a>
                <bar::TopBar/>
                <rail::Rail/>
            })}
            <Content/>
        </div>
        <notices::Notices/>
        <dialogs::Dialogs/>
        <Show when=move || dragging.get()>
            <div class="drop-veil" aria-hidden="true"><p>{move || if frame.has_data.get() { "Drop to add" } else { "Drop to open" }}</p></div>
        </Show>
        <input type="file" multiple id="file-input" class="visually-hidden" tabindex="-1" aria-hidden="true" aria-label="Trace files"
            node_ref=frame.file_input on:change=chosen/>
    }
}

/// The address after `#` is the page's state, so the skip link moves the focus itself.
fn skip(event: ev::MouseEvent) {
    event.prevent_default();
    web::page::focus("#main");
}

fn title(state: AppState) -> String {
    let view = state.address.with(|a| match &a.view {
        View::Home | View::Services => "Services".to_owned(),
        View::Service(name) => super::format::service(name).to_owned(),
        View::Traces => "Traces".to_owned(),
        View::Trace(id) => format!("Trace {}", id.get(..8).unwrap_or(id)),
        View::Map => "Map".to_owned(),
        View::Exceptions => "Exceptions".to_owned(),
    });
    if state.has_data() { format!("{view} · Spanscope") } else { "Spanscope".to_owned() }
}

/// What stands in the middle: the chosen view, or the way to data.
#[component]
fn Content() -> impl IntoView {
    let frame = Frame::here();
    let view = Memo::new(move |_| frame.state.address.with(|a| a.view.clone()));
    let main = NodeRef::<html::Main>::new();
    keep_scroll(frame, view, main);
    let reading = Memo::new(move |_| frame.is_reading());
    view! {
        <main id="main" tabindex="-1" node_ref=main class:fixed=move || matches!(view.get(), View::Trace(_)) && frame.has_data.get()>
            {move || if frame.has_data.get() {
                let loading = move || reading.get().then(|| view! { <loading::LoadingStrip/> });
                view! { {loading}<Chosen view=view/> }.into_any()
            } else if reading.get() {
                view! { <loading::LoadingPanel/> }.into_any()
            } else {
                view! { <landing::Landing/> }.into_any()
            }}
        </main>
    }
}

#[component]
fn Chosen(
    /// The view of the address.
    view: Memo<View>,
) -> impl IntoView {
    let frame = Frame::here();
    // Another trace or service is the same page with another subject, not a new page.
    // A metrics query makes another page of the traces.
    let metrics = Memo::new(move |_| frame.state.address.with(|a| highlight::is_metrics(&a.q)));
    // The first data turns the empty address into that of the services, which are shown by then.
    let kind =
        move |view: &View| std::mem::discriminant(if *view == View::Home { &View::Services } else { view });
    let kind = Memo::new(move |_| (view.with(kind), metrics.get()));
    let subject = Signal::derive(move || match view.get() {
        View::Trace(id) => id,
        View::Service(name) => name,
        _ => String::new(),
    });
    // The frame around it is drawn first, in a task of its own.
    let due = next_task();
    move || {
        if !due.get() {
            return ().into_any();
        }
        // Reading, not only tracking: a memo that nobody has read does not know its sources.
        kind.get();
        drawn(view, subject, metrics)
    }
}

/// The view itself. Not inlined: an empty page does without it (`build/rooms.mjs`).
#[inline(never)]
fn drawn(view: Memo<View>, subject: Signal<String>, metrics: Memo<bool>) -> AnyView {
    match view.get_untracked() {
        View::Home | View::Services => view! { <ServicesPage/> }.into_any(),
        View::Service(_) => view! { <ServicePage name=subject/> }.into_any(),
        View::Traces if metrics.get_untracked() => metrics_page(),
        View::Traces => explore(),
        View::Trace(_) => view! { <TracePage id=subject/> }.into_any(),
        View::Map => map_page(),
        View::Exceptions => exceptions_page(),
    }
}

/// Back finds a list where it was left.
fn keep_scroll(frame: Frame, view: Memo<View>, main: NodeRef<html::Main>) {
    Effect::new(move |before: Option<String>| {
        let path = view.with(View::path);
        let first = before.is_none();
        if let Some(element) = main.get() {
            if let Some(before) = before.filter(|before| *before != path) {
                frame.keep_scroll(before);
            }
            let top = frame.kept_scroll(&path);
            frame.seen_top(0);
            // A new page is at its top by itself; saying so would cost a layout.
            if first && top == 0 {
                return path;
            }
            web::tasks::spawn(async move {
                // The rows' space has its height after the first answer.
                for _ in 0..20 {
                    element.set_scroll_top(top);
                    if element.scroll_top() >= top {
                        break;
                    }
                    web::tasks::next_frame().await;
                }
            });
        }
        path
    });
    Effect::new(move || {
        let Some(element) = main.get() else { return };
        let scrolled = element.clone();
        let listener = gloo::events::EventListener::new(&element, "scroll", move |_| {
            frame.seen_top(scrolled.scroll_top());
        });
        listener.forget();
    });
}
