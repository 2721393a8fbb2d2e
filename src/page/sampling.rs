//! Counts that tell of all spans, also of those that sampling left out: a switch where the data can say so.

use leptos::prelude::*;

use super::frame::Frame;

/// What the switch does, with the formula.
const HELP: &str = "A sampler that keeps a span with a chance P writes its rejection threshold T into the span's \
    tracestate (ot=th:…), with P = (2^56 − T) / 2^56. The span then stands for 1/P = 2^56 / (2^56 − T) spans: \
    calls, errors and rates are sums of these weights, quantiles are weighted alike. \
    Spans without a threshold count once. These numbers are estimates. \
    Exceptions, and the spans and traces that a number leads to, are those in the data: they are never weighed.";

/// The switch; nothing where no span says how it was sampled.
pub fn sampling_switch(frame: Frame) -> AnyView {
    let state = frame.state;
    let turn = move |_| state.change_address(true, |a| a.adjusted = !a.adjusted);
    (move || {
        let sampled = state.summary.with(|s| s.as_ref().is_some_and(|s| s.sampled));
        let on = state.address.with(|a| a.adjusted);
        sampled.then(|| {
            view! {
                <span class="sampling">
                    <button type="button" class="small" aria-pressed=on.to_string() title="Count each span as often as its sampling threshold says" on:click=turn>
                        "≈ Adjusted for sampling"
                    </button>
                    <details class="choice"><summary class="button ghost small" aria-label="About adjusted counts">"?"</summary><p class="choice-list sampling-help">{HELP}</p></details>
                </span>
            }
            .into_any()
        })
    })
    .into_any()
}
