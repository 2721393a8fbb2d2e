//! The trace page itself: where its parts stand and which state they share.

use leptos::prelude::*;

use super::details::Details;
use super::flame::Flamegraph;
use super::header::TraceHeader;
use super::keys;
use super::search;
use super::splitter::{Side, Splitter, length};
use super::statistics;
use super::tree::{SpanTree, TreeRows};
use super::view::TraceView;

/// One trace.
#[component]
pub fn TracePage(
    /// Its id, hex.
    id: Signal<String>,
) -> impl IntoView {
    let view = TraceView::new(id);
    provide_context(view);
    let rows = TreeRows::new(view);
    keys::listen(view, rows);
    let flame_height = length(Side::Bottom);
    let details_width = length(Side::Left);
    // Other words of the look leave what stands in place.
    let merged = Memo::new(move |_| match view.merged() {
        time if time.is_empty() => time,
        weight => format!("{weight} {}", view.look("around").unwrap_or_default()),
    });
    let by = Memo::new(move |_| view.has("by"));
    let missing = move || {
        // While data is still being read, the trace may be about to come.
        let reading = view.app.progress.with(Option::is_some);
        view.facts.error.get().filter(|_| !reading).map(|error| {
            view! {
                <div class="blank trace-missing" role="alert">
                    <h2>"This trace is not in the loaded data"</h2>
                    <p>{error}</p>
                    <p><a class="link" href=move || {
                        let address = view.app.address.with(|a| a.with_view(crate::page::address::View::Traces));
                        format!("#{}", address.print())
                    }>"All traces"</a></p>
                </div>
            }
        })
    };
    view! {
        <div
            class="trace-page"
            class:with-selection=move || view.has_selection()
            style=("--flame-height", move || format!("{}px", flame_height.get()))
            style=("--details-width", move || format!("{}px", details_width.get()))
        >
            <TraceHeader />
            {search::bar(view)}
            {missing}
            <div class="trace-body">
                <div class="trace-main">
                    {move || {
                        let merged = merged.get().split(' ').next().unwrap_or_default().to_owned();
                        let view = view.begin_flame(!merged.is_empty());
                        view! { <Flamegraph view merged /> }
                    }}
                    <Splitter side=Side::Bottom size=flame_height label="Height of the flamegraph" />
                    {move || if by.get() { statistics::panel(view) } else { view! { <SpanTree rows /> }.into_any() }}
                </div>
                <Splitter side=Side::Left size=details_width label="Width of the details" />
                <Details />
            </div>
        </div>
    }
}
