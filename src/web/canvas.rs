//! Canvases, frames and the sizes of elements.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, ImageData, ResizeObserver};

use super::Error;

/// The opaque 2D context of a canvas.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    let options = super::js::object(&[("alpha", false.into())]);
    canvas.get_context_with_context_options("2d", &options).ok().flatten()?.dyn_into().ok()
}

/// Puts a picture (red, green, blue, alpha of each pixel) at the top left of a canvas.
pub fn put(context: &CanvasRenderingContext2d, pixels: &[u8], width: u32) -> Result<(), Error> {
    let image = ImageData::new_with_u8_clamped_array(Clamped(pixels), width)?;
    Ok(context.put_image_data(&image, 0.0, 0.0)?)
}

/// Device pixels a CSS pixel.
pub fn device_ratio() -> f64 {
    web_sys::window().map_or(1.0, |w| w.device_pixel_ratio()).clamp(0.25, 8.0)
}

/// A property that the stylesheets give an element.
pub fn style_of(element: &Element, property: &str) -> String {
    let style = web_sys::window().and_then(|w| w.get_computed_style(element).ok().flatten());
    style.and_then(|s| s.get_property_value(property).ok()).unwrap_or_default()
}

/// Runs `paint` with the next frame; it gets the frame's time in milliseconds.
pub fn next_frame(paint: impl FnOnce(f64) + 'static) {
    let callback: JsValue = Closure::once_into_js(paint);
    if let Some(window) = web_sys::window() {
        // A window refuses no frame; a worker has none and never calls this.
        drop(window.request_animation_frame(callback.unchecked_ref()));
    }
}

/// Whether the person wants as little movement as possible.
pub fn prefers_reduced_motion() -> bool {
    web_sys::window()
        .and_then(|w| w.match_media("(prefers-reduced-motion: reduce)").ok().flatten())
        .is_some_and(|m| m.matches())
}

/// Hears of an element's size until it is dropped.
#[derive(Debug)]
pub struct Resizes {
    observer: ResizeObserver,
    _closure: Closure<dyn FnMut()>,
}

impl Resizes {
    /// `changed` is called once now and whenever the element's size changes.
    pub fn of(element: &Element, changed: impl FnMut() + 'static) -> Option<Self> {
        let closure = Closure::<dyn FnMut()>::new(changed);
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok()?;
        observer.observe(element);
        Some(Self { observer, _closure: closure })
    }
}

impl Drop for Resizes {
    fn drop(&mut self) {
        self.observer.disconnect();
    }
}
