//! Canvases, frames and the sizes of elements.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, Element, HtmlCanvasElement, ImageData};

use super::Error;

/// The opaque 2D context of a canvas.
pub fn context(canvas: &HtmlCanvasElement) -> Option<CanvasRenderingContext2d> {
    let options = super::js::object(&[("alpha", false.into())]);
    canvas.get_context_with_context_options("2d", &options).ok().flatten()?.dyn_into().ok()
}

/// Lines are dashed from now on: lengths of dashes and gaps, CSS pixels; none for whole lines.
pub fn dash(context: &CanvasRenderingContext2d, lengths: &[f64]) {
    let list: js_sys::Array = lengths.iter().map(|&l| JsValue::from(l)).collect();
    // Lengths are ours and finite: nothing is refused.
    context.set_line_dash(&list).unwrap_or_default();
}

/// Measures characters in a font, CSS pixels.
pub fn measure(context: &CanvasRenderingContext2d, font: &str) -> impl FnMut(char) -> f64 + use<> {
    let (context, font) = (context.clone(), font.to_owned());
    move |c| {
        context.set_font(&font);
        context.measure_text(c.encode_utf8(&mut [0; 4])).map_or(7.0, |m| m.width())
    }
}

/// Puts a picture (red, green, blue, alpha of each pixel) at the top left of a canvas.
pub fn put(context: &CanvasRenderingContext2d, pixels: &[u8], width: u32) -> Result<(), Error> {
    let image = ImageData::new_with_u8_clamped_array(Clamped(pixels), width)?;
    Ok(context.put_image_data(&image, 0.0, 0.0)?)
}

/// A canvas of its own to draw a picture on that is saved.
#[derive(Debug)]
pub struct Sheet {
    canvas: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Sheet {
    /// A sheet of this size in CSS pixels and this color, with `scale` device pixels each.
    pub fn new(width: f64, height: f64, scale: f64, background: &str) -> Result<Self, Error> {
        let document = web_sys::window().and_then(|w| w.document());
        let document = document.ok_or_else(|| Error("there is no document here".to_owned()))?;
        let canvas: HtmlCanvasElement = document.create_element("canvas")?.unchecked_into();
        canvas.set_width((width * scale).ceil() as u32);
        canvas.set_height((height * scale).ceil() as u32);
        let context = context(&canvas).ok_or_else(|| Error("this browser draws no canvas".to_owned()))?;
        context.scale(scale, scale)?;
        context.set_line_join("round");
        context.set_fill_style_str(background);
        context.fill_rect(0.0, 0.0, width, height);
        Ok(Self { canvas, context })
    }

    /// Draws through points: a line of this width, or filled without one.
    pub fn points(&self, points: &[(f64, f64)], color: &str, line: Option<f64>, opacity: f64) {
        self.context.set_global_alpha(opacity);
        self.context.begin_path();
        for (i, &(x, y)) in points.iter().enumerate() {
            if i == 0 { self.context.move_to(x, y) } else { self.context.line_to(x, y) }
        }
        if let Some(width) = line {
            self.context.set_line_width(width);
            self.context.set_stroke_style_str(color);
            self.context.stroke();
        } else {
            self.context.set_fill_style_str(color);
            self.context.fill();
        }
    }

    /// Fills an upright rectangle.
    pub fn rect(&self, [x, y, width, height]: [f64; 4], color: &str, opacity: f64) {
        self.context.set_global_alpha(opacity);
        self.context.set_fill_style_str(color);
        self.context.fill_rect(x, y, width, height);
    }

    /// Writes a text; `align` is canvas' word for what of it stands at `x`, `y` the baseline.
    pub fn text(
        &self,
        text: &str,
        (x, y): (f64, f64),
        align: &str,
        font: &str,
        color: &str,
    ) -> Result<(), Error> {
        self.context.set_global_alpha(1.0);
        self.context.set_font(font);
        self.context.set_text_align(align);
        self.context.set_fill_style_str(color);
        Ok(self.context.fill_text(text, x, y)?)
    }

    /// The sheet as an address of a PNG picture.
    pub fn png(&self) -> Result<String, Error> {
        Ok(self.canvas.to_data_url()?)
    }
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

/// The elements directly inside an element.
pub fn children(element: &Element) -> Vec<Element> {
    std::iter::successors(element.first_element_child(), Element::next_element_sibling).collect()
}

/// Left edges, from that of the element, and widths of the elements directly inside it, CSS pixels.
pub fn cells(element: &Element) -> Vec<(f64, f64)> {
    let left = element.get_bounding_client_rect().left();
    let rects = children(element).into_iter().map(|cell| cell.get_bounding_client_rect());
    rects.map(|rect| (rect.left() - left, rect.width())).collect()
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
