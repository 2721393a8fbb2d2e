//! How wide an element is.

use leptos::{html, prelude::*};

use crate::web;

/// The width of an element in CSS pixels, kept up to date; 0 before it is there.
pub fn width_of(place: NodeRef<html::Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0_f64);
    let watch = StoredValue::new_local(None::<web::sizes::SizeWatch>);
    Effect::new(move || {
        let Some(element) = place.get() else { return };
        let measured = element.clone();
        let measure = move || {
            let now = f64::from(measured.client_width());
            if width.try_get_untracked().is_some_and(|old| (old - now).abs() > 0.5) {
                width.set(now);
            }
        };
        // It measures at once, but after the browser's own layout: asking now would cost another.
        watch.set_value(Some(web::sizes::SizeWatch::new(&[&element], measure)));
    });
    width
}

/// A width one turn of the event loop later, so that what is drawn by it has a task of its own.
pub fn later(width: RwSignal<f64>) -> RwSignal<f64> {
    let later = RwSignal::new(0.0_f64);
    Effect::new(move || {
        let now = width.get();
        web::tasks::spawn(async move {
            web::tasks::next_turn().await;
            if later.try_get_untracked().is_some_and(|old| (old - now).abs() > 0.5) {
                later.set(now);
            }
        });
    });
    later
}
