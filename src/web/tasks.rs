//! Time and turns of the event loop.

use std::cell::RefCell;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessagePort};

/// Milliseconds since the page or worker began, by the monotonic clock.
pub fn now_ms() -> f64 {
    Reflect::get(&js_sys::global(), &"performance".into())
        .ok()
        .and_then(|p| p.dyn_into::<web_sys::Performance>().ok())
        .map_or(0.0, |p| p.now())
}

/// Runs a future on this thread's event loop.
pub fn spawn(future: impl std::future::Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(future);
}

thread_local! {
    /// One channel for all turns: a port's message is a task of its own, without setTimeout's 4 ms floor.
    static TURN: RefCell<Option<(MessagePort, MessagePort)>> = const { RefCell::new(None) };
}

/// Lets the event loop run one turn: waiting messages are handled before this goes on.
pub async fn next_turn() {
    let promise = Promise::new(&mut |resolve: Function, _reject| {
        let posted = TURN.with_borrow_mut(|turn| {
            if turn.is_none() {
                let channel = MessageChannel::new().ok()?;
                *turn = Some((channel.port1(), channel.port2()));
            }
            let (near, far) = turn.as_ref()?;
            far.set_onmessage(Some(&resolve));
            near.post_message(&JsValue::NULL).ok()
        });
        if posted.is_none() {
            resolve.call0(&JsValue::NULL).unwrap_or_default();
        }
    });
    JsFuture::from(promise).await.unwrap_or_default();
}

/// Waits at least this long.
pub async fn sleep_ms(ms: u32) {
    gloo::timers::future::TimeoutFuture::new(ms).await;
}

/// Waits for the next frame; on a hidden page, which paints none, for a moment.
pub async fn next_frame() {
    let window = web_sys::window().filter(|w| w.document().is_some_and(|d| !d.hidden()));
    let Some(window) = window else { return sleep_ms(16).await };
    let promise = Promise::new(&mut |resolve: Function, _reject| {
        // Frames stop when the page is hidden meanwhile: whichever comes first goes on.
        window.request_animation_frame(&resolve).unwrap_or_default();
        window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, 250).unwrap_or_default();
    });
    JsFuture::from(promise).await.unwrap_or_default();
}
