//! Text fields: typing for the person so that undo knows of it, and colored text behind a field.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlTextAreaElement};

use super::js;

/// Puts a text in the place of a part of the field, in UTF-16 units, as if it had been typed: the field's own
/// undo takes it back, and its `input` event is heard.
pub fn type_over(field: &HtmlTextAreaElement, from: u32, to: u32, text: &str) {
    field.focus().unwrap_or_default();
    field.set_selection_range(from, to).unwrap_or_default();
    let Some(document) = field.owner_document() else { return };
    let command = js::field(&document, "execCommand").dyn_into::<js_sys::Function>();
    let word = if text.is_empty() { "delete" } else { "insertText" };
    let done = command.is_ok_and(|command| {
        let done = command.call3(&document, &word.into(), &false.into(), &text.into());
        done.is_ok_and(|done| done.is_truthy())
    });
    if !done && (from != to || !text.is_empty()) {
        // The command is old; a browser without it loses a step of undo and nothing else.
        let value: Vec<u16> = field.value().encode_utf16().collect();
        let part =
            |range: std::ops::Range<usize>| String::from_utf16_lossy(value.get(range).unwrap_or_default());
        let (from, to) = (from as usize, (to as usize).min(value.len()));
        field.set_value(&format!("{}{text}{}", part(0..from), part(to..value.len())));
        let caret = (from + text.encode_utf16().count()) as u32;
        field.set_selection_range(caret, caret).unwrap_or_default();
        if let Ok(event) = web_sys::Event::new("input") {
            field.dispatch_event(&event).unwrap_or_default();
        }
    }
}

/// Fills an element with pieces of text, each in a `span` of its class.
pub fn paint<'a>(element: &Element, pieces: impl Iterator<Item = (&'a str, &'a str)>) {
    element.set_text_content(None);
    let Some(document) = element.owner_document() else { return };
    for (class, text) in pieces {
        if let Ok(span) = document.create_element("span") {
            span.set_class_name(class);
            span.set_text_content(Some(text));
            element.append_child(&span).map(drop).unwrap_or_default();
        }
    }
}

/// The value of an attribute of the nearest element around an event's target that has it.
pub fn nearest(event: &web_sys::Event, attribute: &str) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(&format!("[{attribute}]")).ok().flatten()?.get_attribute(attribute)
}

/// Whether the focus goes to somewhere inside an element.
pub fn stays_inside(event: &web_sys::FocusEvent, element: &Element) -> bool {
    let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
    to.is_some() && element.contains(to.as_ref())
}

/// Scrolls the first element of a selector into sight, as little as needed.
pub fn reveal(selector: &str) {
    let found =
        web_sys::window().and_then(|w| w.document()).and_then(|d| d.query_selector(selector).ok().flatten());
    if let Some(element) = found {
        let options = js::object(&[("block", "nearest".into())]);
        let scroll = js::field(&element, "scrollIntoView").dyn_into::<js_sys::Function>();
        if let Ok(scroll) = scroll {
            scroll.call1(&element, &options).map(drop).unwrap_or_default();
        }
    }
}

/// What stands in the field that a selector finds.
pub fn value(selector: &str) -> String {
    let found =
        web_sys::window().and_then(|w| w.document()).and_then(|d| d.query_selector(selector).ok().flatten());
    found.and_then(|element| js::text(&element, "value")).unwrap_or_default()
}
