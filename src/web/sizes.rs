//! Sizes of elements, told when they change. One observer for all of them: it calls back once after the browser's
//! own layout, and whoever measures then measures the same layout, before anything is drawn because of it.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use web_sys::{Element, ResizeObserver, ResizeObserverEntry};

struct Watch {
    number: u32,
    elements: Vec<Element>,
    changed: Rc<dyn Fn()>,
    /// It was called before.
    told: Cell<bool>,
}

#[derive(Default)]
struct Watches {
    observer: Option<ResizeObserver>,
    list: Vec<Watch>,
    last: u32,
}

thread_local! {
    static WATCHES: RefCell<Watches> = RefCell::default();
}

/// Calls back at first and whenever one of some elements changes its size, until it is dropped.
#[derive(Debug)]
pub struct SizeWatch(u32);

impl SizeWatch {
    /// Watches these elements.
    pub fn new(elements: &[&Element], changed: impl Fn() + 'static) -> Self {
        WATCHES.with_borrow_mut(|watches| {
            if watches.observer.is_none() {
                let heard = Closure::<dyn FnMut(Array)>::new(|entries: Array| heard(&entries));
                watches.observer = ResizeObserver::new(heard.into_js_value().unchecked_ref()).ok();
            }
            watches.last += 1;
            let elements: Vec<Element> = elements.iter().map(|&element| element.clone()).collect();
            if let Some(observer) = &watches.observer {
                // An element that is observed already is observed anew, so that its size is told at first here too.
                for element in &elements {
                    observer.observe(element);
                }
            }
            watches.list.push(Watch {
                number: watches.last,
                elements,
                changed: Rc::new(changed),
                told: Cell::default(),
            });
            Self(watches.last)
        })
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        WATCHES.with_borrow_mut(|watches| {
            let Some(at) = watches.list.iter().position(|watch| watch.number == self.0) else { return };
            let gone = watches.list.swap_remove(at);
            let wanted = |element: &Element| watches.list.iter().any(|w| w.elements.contains(element));
            if let Some(observer) = &watches.observer {
                gone.elements.iter().filter(|e| !wanted(e)).for_each(|element| observer.unobserve(element));
            }
        });
    }
}

fn heard(entries: &Array) {
    let changed: Vec<Element> =
        entries.iter().map(|entry| entry.unchecked_into::<ResizeObserverEntry>().target()).collect();
    let (mut first, mut again) = (Vec::new(), Vec::new());
    WATCHES.with_borrow(|watches| {
        for watch in &watches.list {
            if watch.elements.iter().any(|element| changed.contains(element)) {
                let due = if watch.told.replace(true) { &mut again } else { &mut first };
                due.push(watch.number);
            }
        }
    });
    again.into_iter().for_each(call);
    // What is drawn for the first time waits for a task of its own: with the layout and painting that this frame has
    // to do anyway it would be a long one.
    if !first.is_empty() {
        super::tasks::spawn(async move {
            super::tasks::next_turn().await;
            first.into_iter().for_each(call);
        });
    }
}

/// Calls a watch, if it is still there.
fn call(number: u32) {
    let changed = WATCHES.with_borrow(|watches| {
        watches.list.iter().find(|watch| watch.number == number).map(|watch| Rc::clone(&watch.changed))
    });
    if let Some(changed) = changed {
        changed();
    }
}
