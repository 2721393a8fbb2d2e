//! The document's own things: address, clipboard, saving, storage, media.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::Error;

/// Address of the page or worker.
pub fn location_href() -> String {
    let location = super::js::field(&js_sys::global(), "location");
    super::js::text(&location, "href").unwrap_or_default()
}

fn window() -> Result<web_sys::Window, Error> {
    web_sys::window().ok_or_else(|| Error("there is no window here".to_owned()))
}

fn document() -> Result<web_sys::Document, Error> {
    window()?.document().ok_or_else(|| Error("there is no document here".to_owned()))
}

/// An address relative to the page's base, made absolute.
pub fn absolute(url: &str) -> Result<String, Error> {
    let base = document()?.base_uri()?.unwrap_or_default();
    Url::new_with_base(url, &base).map(|u| u.href()).map_err(|_| {
        Error(format!("expected an address such as https://example.org/traces.json, found \"{url}\""))
    })
}

/// Whether an absolute address belongs to the page's own origin.
pub fn is_own_origin(url: &str) -> bool {
    let own = window().ok().and_then(|w| w.location().origin().ok());
    Url::new(url).ok().map(|u| u.origin()) == own
}

/// The part after `#`, without it.
pub fn hash() -> String {
    let hash = window().ok().and_then(|w| w.location().hash().ok()).unwrap_or_default();
    hash.strip_prefix('#').unwrap_or(&hash).to_owned()
}

/// Sets the part after `#`; `replace` leaves no entry in the history.
pub fn set_hash(hash: &str, replace: bool) {
    let Ok(window) = window() else { return };
    let Ok(history) = window.history() else { return };
    let url = format!("#{hash}");
    let null = wasm_bindgen::JsValue::NULL;
    // A browser may refuse very frequent changes; the state stays right, only the address lags.
    if replace {
        history.replace_state_with_url(&null, "", Some(&url)).unwrap_or_default();
    } else {
        history.push_state_with_url(&null, "", Some(&url)).unwrap_or_default();
    }
}

/// The query string of the page, without `?`.
pub fn query() -> String {
    let search = window().ok().and_then(|w| w.location().search().ok()).unwrap_or_default();
    search.strip_prefix('?').unwrap_or(&search).to_owned()
}

/// Copies text.
pub async fn copy(text: &str) -> Result<(), Error> {
    let clipboard = window()?.navigator().clipboard();
    JsFuture::from(clipboard.write_text(text)).await?;
    Ok(())
}

/// A text that was remembered, or nothing: storage may be switched off.
pub fn stored(key: &str) -> String {
    let storage = window().ok().and_then(|w| w.local_storage().ok().flatten());
    storage.and_then(|s| s.get_item(key).ok().flatten()).unwrap_or_default()
}

/// Remembers a text, where the browser allows it.
pub fn store(key: &str, text: &str) {
    if let Some(storage) = window().ok().and_then(|w| w.local_storage().ok().flatten()) {
        storage.set_item(key, text).unwrap_or_default();
    }
}

/// Hands bytes to the browser's own saving.
pub fn save(name: &str, media_type: &str, bytes: &[u8]) -> Result<(), Error> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&Uint8Array::new_from_slice(bytes));
    save_blob(name, &Blob::new_with_u8_array_sequence_and_options(&parts, &options)?)
}

/// Hands pieces of a file to the browser's own saving.
pub fn save_parts(name: &str, media_type: &str, parts: &[js_sys::ArrayBuffer]) -> Result<(), Error> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts: Array = parts.iter().collect();
    save_blob(name, &Blob::new_with_buffer_source_sequence_and_options(&parts, &options)?)
}

/// Saves what a canvas shows as PNG.
pub fn save_canvas(name: &str, canvas: &web_sys::HtmlCanvasElement) -> Result<(), Error> {
    let name = name.to_owned();
    let given = wasm_bindgen::closure::Closure::once_into_js(move |blob: Option<Blob>| {
        if let Some(blob) = blob {
            // What saving refuses here nobody is left to hear.
            save_blob(&name, &blob).unwrap_or_default();
        }
    });
    Ok(canvas.to_blob(given.unchecked_ref())?)
}

fn save_blob(name: &str, blob: &Blob) -> Result<(), Error> {
    let url = Url::create_object_url_with_blob(blob)?;
    save_address(name, &url)?;
    // The browser has taken its own reference by the time the click returns.
    gloo::timers::callback::Timeout::new(10_000, move || Url::revoke_object_url(&url).unwrap_or_default())
        .forget();
    Ok(())
}

/// Hands what an address of this page's own (`blob:`, `data:`) stands for to the browser's saving.
pub fn save_address(name: &str, url: &str) -> Result<(), Error> {
    let anchor: HtmlAnchorElement = document()?.create_element("a")?.unchecked_into();
    anchor.set_href(url);
    anchor.set_download(name);
    anchor.click();
    Ok(())
}

/// Sets or removes an attribute of the root element (theme, embedding).
pub fn set_root_attribute(name: &str, value: Option<&str>) {
    if let Some(root) = document().ok().and_then(|d| d.document_element()) {
        match value {
            Some(value) => root.set_attribute(name, value).unwrap_or_default(),
            None => root.remove_attribute(name).unwrap_or_default(),
        }
    }
}

fn dark_theme() -> Option<web_sys::MediaQueryList> {
    window().ok()?.match_media("(prefers-color-scheme: dark)").ok()?
}

/// Whether the browser prefers the dark theme.
pub fn prefers_dark() -> bool {
    dark_theme().is_some_and(|m| m.matches())
}

/// Calls back whenever the browser prefers another theme, as long as the page lives; tells whether the dark one.
pub fn watch_prefers_dark(changed: impl Fn(bool) + 'static) {
    if let Some(query) = dark_theme() {
        gloo::events::EventListener::new(&query, "change", move |_| changed(prefers_dark())).forget();
    }
}

/// Whether an event hit this very element and none inside it.
pub fn is_target(event: &web_sys::Event, element: &web_sys::Element) -> bool {
    event.target().is_some_and(|target| &target == AsRef::<web_sys::EventTarget>::as_ref(element))
}

/// The element that an event happened on.
pub fn target(event: &web_sys::Event) -> Option<web_sys::Element> {
    event.target()?.dyn_into().ok()
}

/// The topmost element at a place of the window, CSS pixels.
pub fn element_at(x: i32, y: i32) -> Option<web_sys::Element> {
    document().ok()?.element_from_point(x as f32, y as f32)
}

/// An attribute of the nearest element that fits the selector, from an element upwards.
pub fn closest_attribute(element: &web_sys::Element, selector: &str, attribute: &str) -> Option<String> {
    element.closest(selector).ok()??.get_attribute(attribute)
}

/// What scrolls the views: `main`, or the document where there is none. By name, because computed styles of what
/// was just drawn cost a pass over all of it.
pub fn scroller_of(element: &web_sys::Element) -> web_sys::Element {
    let main = element.closest("main").ok().flatten();
    main.or_else(|| document().ok()?.document_element()).unwrap_or_else(|| element.clone())
}

/// How an element stands in what scrolls it.
#[derive(Debug)]
pub struct Scrolled {
    /// How far the visible part's top is below the element's top; negative while the element begins below.
    pub scroll_px: f64,
    /// Height of the visible part.
    pub height_px: f64,
    scroller: web_sys::Element,
}

impl Scrolled {
    /// Measures.
    pub fn of(element: &web_sys::Element) -> Self {
        let scroller = scroller_of(element);
        let top = scroller.get_bounding_client_rect().top() - element.get_bounding_client_rect().top();
        Self { scroll_px: top, height_px: f64::from(scroller.client_height()), scroller }
    }

    /// Scrolls so that the visible part begins this far below the element's top.
    pub fn scroll_to(&self, px: f64) {
        let top = f64::from(self.scroller.scroll_top()) + px - self.scroll_px;
        self.scroller.set_scroll_top(top.round() as i32);
    }
}

/// Sets the title of the window.
pub fn set_title(title: &str) {
    if let Ok(document) = document() {
        document.set_title(title);
    }
}

/// Puts the focus on the first element that a selector finds; tells whether there is one.
pub fn focus(selector: &str) -> bool {
    let found = document().ok().and_then(|d| d.query_selector(selector).ok().flatten());
    let found = found.and_then(|element| element.dyn_into::<web_sys::HtmlElement>().ok());
    found.is_some_and(|element| element.focus().is_ok())
}

/// Whether a selector finds anything.
pub fn exists(selector: &str) -> bool {
    document().is_ok_and(|d| d.query_selector(selector).ok().flatten().is_some())
}

/// Whether an event comes from where text is typed.
pub fn is_typing(event: &web_sys::Event) -> bool {
    let target = event.target().and_then(|t| t.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|t| {
        let typed = "input:not([type=checkbox]):not([type=radio]):not([type=range]), textarea, select, [contenteditable]";
        t.closest(typed).ok().flatten().is_some()
    })
}

/// Writes an error to the console: what a person is asked for when a page misbehaves.
pub fn console_error(text: &str) {
    let console = super::js::field(&js_sys::global(), "console");
    if let Ok(error) = super::js::field(&console, "error").dyn_into::<js_sys::Function>() {
        error.call1(&console, &text.into()).unwrap_or_default();
    }
}

/// What the clock of the person's machine shows more than UTC at an instant, both in nanoseconds.
pub fn clock_ahead_ns(ns: u64) -> i64 {
    let date = js_sys::Date::new(&JsValue::from_f64((ns / 1_000_000) as f64));
    (-date.get_timezone_offset() * 60e9) as i64
}

/// A time as a field of type `datetime-local` takes it, in UTC with seconds.
pub fn utc_text(ns: u64) -> String {
    let date = js_sys::Date::new(&JsValue::from_f64((ns / 1_000_000) as f64));
    let text: String = date.to_iso_string().into();
    text.get(..19).unwrap_or_default().to_owned()
}

/// Nanoseconds since the epoch of what such a field holds.
pub fn utc_ns(text: &str) -> Option<u64> {
    let ms = js_sys::Date::parse(&format!("{text}Z"));
    (ms >= 0.0).then(|| ms as u64 * 1_000_000)
}
