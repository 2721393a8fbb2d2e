//! Time and turns of the event loop.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::pin::Pin;

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{MessageChannel, MessagePort};

/// Milliseconds since the page or worker began, by the monotonic clock.
pub fn now_ms() -> f64 {
    thread_local! {
        /// Looked up once: the reader asks for the time many thousand times.
        static CLOCK: Option<web_sys::Performance> =
            Reflect::get(&js_sys::global(), &"performance".into()).ok().and_then(|p| p.dyn_into().ok());
    }
    CLOCK.with(|clock| clock.as_ref().map_or(0.0, web_sys::Performance::now))
}

/// Runs a future on this thread's event loop.
pub fn spawn(future: impl std::future::Future<Output = ()> + 'static) {
    wasm_bindgen_futures::spawn_local(future);
}

/// One channel for all turns: a port's message is a task of its own, without setTimeout's 4 ms floor.
struct Turns {
    near: MessagePort,
    _far: MessagePort,
    _heard: Closure<dyn FnMut()>,
}

thread_local! {
    static TURNS: RefCell<Option<Turns>> = const { RefCell::new(None) };
    /// Who waits for a turn, first come first served: several tasks of a thread may wait at once.
    static WAITING: RefCell<VecDeque<Function>> = const { RefCell::new(VecDeque::new()) };
}

fn start_turns() -> Option<Turns> {
    let channel = MessageChannel::new().ok()?;
    let heard = Closure::new(|| {
        if let Some(resolve) = WAITING.with_borrow_mut(VecDeque::pop_front) {
            resolve.call0(&JsValue::NULL).unwrap_or_default();
        }
    });
    let far = channel.port2();
    far.set_onmessage(Some(heard.as_ref().unchecked_ref()));
    Some(Turns { near: channel.port1(), _far: far, _heard: heard })
}

/// Lets the event loop run one turn: waiting messages are handled before this goes on.
pub async fn next_turn() {
    let promise = Promise::new(&mut |resolve: Function, _reject| {
        WAITING.with_borrow_mut(|waiting| waiting.push_back(resolve));
        let posted = TURNS.with_borrow_mut(|turns| {
            if turns.is_none() {
                *turns = start_turns();
            }
            turns.as_ref()?.near.post_message(&JsValue::NULL).ok()
        });
        if posted.is_none()
            && let Some(resolve) = WAITING.with_borrow_mut(VecDeque::pop_back)
        {
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

/// Lets one task wait until another one has something for it.
#[derive(Debug, Default)]
pub struct Bell {
    rung: std::cell::Cell<bool>,
    wake: RefCell<Option<Function>>,
}

impl Bell {
    /// Wakes who waits, or the next one who would.
    pub fn ring(&self) {
        match self.wake.borrow_mut().take() {
            Some(wake) => drop(wake.call0(&JsValue::NULL)),
            None => self.rung.set(true),
        }
    }

    /// Waits for the next ring. There is room for one who waits.
    pub async fn wait(&self) {
        if self.rung.take() {
            return;
        }
        let woken = Promise::new(&mut |resolve, _| *self.wake.borrow_mut() = Some(resolve));
        JsFuture::from(woken).await.unwrap_or_default();
    }
}

/// Runs two tasks in turns until the second is done; the first is then given up, if it goes on.
pub async fn beside<T>(
    mut first: Pin<&mut impl Future<Output = ()>>,
    mut second: Pin<&mut impl Future<Output = T>>,
) -> T {
    let mut goes_on = true;
    std::future::poll_fn(|cx| {
        goes_on = goes_on && first.as_mut().poll(cx).is_pending();
        second.as_mut().poll(cx)
    })
    .await
}
