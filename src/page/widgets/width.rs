//! How wide an element is.

use leptos::{html, prelude::*};

use crate::web;

/// The width of an element in CSS pixels, kept up to date; 0 before it is there.
pub fn width_of(place: NodeRef<html::Div>) -> RwSignal<f64> {
    let width = RwSignal::new(0.0_f64);
    let watch = StoredValue::new_local(None::<web::page::SizeWatch>);
    Effect::new(move || {
        let Some(element) = place.get() else { return };
        let measured = element.clone();
        let measure = move || {
            let now = f64::from(measured.client_width());
            if width.try_get_untracked().is_some_and(|old| (old - now).abs() > 0.5) {
                width.set(now);
            }
        };
        measure();
        watch.set_value(Some(web::page::SizeWatch::new(&[&element], measure)));
    });
    width
}
