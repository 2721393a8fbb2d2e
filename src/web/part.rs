//! Elements that are written to directly and remember what they say, for rows that change with every frame: what is
//! the same already costs nothing, and no view is built and compared.

use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, Node, Text};

/// An element of its owner's; it is taken out of the document when it is dropped.
#[derive(Debug)]
pub struct Part {
    element: HtmlElement,
    text: Option<Text>,
    class: String,
    words: String,
    /// Attributes and style properties by name.
    said: Vec<(&'static str, Option<String>)>,
}

impl Part {
    /// Makes an element inside `parent`, behind what is there. None where there is no document.
    pub fn within(parent: &Node, tag: &str) -> Option<Self> {
        let element = web_sys::window()?.document()?.create_element(tag).ok()?;
        parent.append_child(&element).ok()?;
        let element = element.unchecked_into();
        Some(Self { element, text: None, class: String::new(), words: String::new(), said: Vec::new() })
    }

    /// The element.
    pub fn node(&self) -> &HtmlElement {
        &self.element
    }

    /// Says the classes.
    pub fn class(&mut self, class: &str) {
        if self.class != class {
            class.clone_into(&mut self.class);
            self.element.set_class_name(class);
        }
    }

    /// Says the text, which stands before what is inside the element.
    pub fn text(&mut self, words: &str) {
        if self.words == words {
            return;
        }
        words.clone_into(&mut self.words);
        if let Some(text) = &self.text {
            text.set_data(words);
        } else if let Ok(text) = Text::new_with_data(words) {
            let first = self.element.first_child();
            self.text = self.element.insert_before(&text, first.as_ref()).is_ok().then_some(text);
        }
    }

    /// Says an attribute, or takes it away.
    pub fn attribute(&mut self, name: &'static str, value: Option<&str>) {
        if self.is_news(name, value) {
            // Names are ours and legal: nothing is refused.
            let _ = match value {
                Some(value) => self.element.set_attribute(name, value),
                None => self.element.remove_attribute(name),
            };
        }
    }

    /// Says a property of its style; `name` must be no attribute's.
    pub fn style(&mut self, name: &'static str, value: &str) {
        if self.is_news(name, Some(value)) {
            self.element.style().set_property(name, value).unwrap_or_default();
        }
    }

    fn is_news(&mut self, name: &'static str, value: Option<&str>) -> bool {
        match self.said.iter_mut().find(|(known, _)| *known == name) {
            Some((_, said)) if said.as_deref() == value => false,
            Some((_, said)) => {
                *said = value.map(str::to_owned);
                true
            }
            None => {
                self.said.push((name, value.map(str::to_owned)));
                value.is_some()
            }
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.element.remove();
    }
}

/// Parts of one kind, of which some are in use.
#[derive(Debug, Default)]
pub struct Pool {
    parts: Vec<Part>,
    used: usize,
}

impl Pool {
    /// Starts anew: none is in use.
    pub fn begin(&mut self) {
        self.used = 0;
    }

    /// The next one; a new one inside `parent` if all are in use.
    pub fn next(&mut self, parent: &Part, tag: &str) -> Option<&mut Part> {
        if self.used == self.parts.len() {
            self.parts.push(Part::within(&parent.element, tag)?);
        }
        self.used += 1;
        let part = self.parts.get_mut(self.used - 1)?;
        part.attribute("hidden", None);
        Some(part)
    }

    /// Hides those that are not in use.
    pub fn end(&mut self) {
        for part in &mut self.parts[self.used..] {
            part.class("");
            part.attribute("hidden", Some(""));
        }
    }
}
