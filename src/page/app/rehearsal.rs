//! Builds what the first data will show once, out of sight, while somebody is about to bring it. Browsers compile wasm
//! when it is first called: views that appear made the page stand still for that, beside a file being read.

use std::sync::Arc;

use leptos::prelude::*;

use super::{bar, drawn, loading, rail};
use crate::engine::protocol::{ServiceRow, ServicesAnswer};
use crate::page::address::View;
use crate::page::charts;
use crate::page::colors::ServiceColors;
use crate::page::frame::Frame;
use crate::page::services;
use crate::web;

/// Turns of the event loop in which what a part does after it was built is done.
const TURNS: usize = 3;

/// Builds the parts, each in tasks of its own, until something is opened. They are never in the document, stand in a
/// frame of their own, and ask nobody.
pub async fn rehearse(frame: Frame) {
    let is_over = || frame.opening.get_untracked() > 0 || frame.has_data.get_untracked();
    if is_over() {
        return;
    }
    let owner = Owner::new();
    owner.with(|| stage(frame));
    let parts: [fn() -> AnyView; 7] = [
        || view! { <loading::LoadingPanel/> }.into_any(),
        || view! { <loading::LoadingStrip/> }.into_any(),
        || view! { <bar::TopBar/> }.into_any(),
        || view! { <rail::Rail/> }.into_any(),
        || drawn(Memo::new(|_| View::Services), Signal::stored(String::new()), Memo::new(|_| false)),
        charts::made_up,
        services::made_up,
    ];
    for part in parts.into_iter().take_while(|_| !is_over()) {
        let built = owner.with(|| part().build());
        for _ in 0..TURNS {
            web::tasks::next_turn().await;
        }
        drop(built);
    }
    owner.cleanup();
}

/// What the parts find around them: a frame with one service.
fn stage(frame: Frame) {
    let state = frame.state.apart();
    let colors = ServiceColors::new();
    provide_context(state);
    provide_context(colors);
    let frame = Frame::start(state, colors);
    let rows = vec![ServiceRow { service: "a service".to_owned(), ..ServiceRow::default() }];
    frame.services.value.set(Some(Arc::new(ServicesAnswer { rows })));
    provide_context(frame);
}
