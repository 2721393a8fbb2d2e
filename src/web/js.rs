//! Plain JavaScript objects as messages.

use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;

/// An object with the given fields.
pub fn object(fields: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in fields {
        // Setting a field of a fresh plain object cannot fail.
        Reflect::set(&object, &JsValue::from_str(name), value).unwrap_or_default();
    }
    object
}

/// A field, `undefined` where it is missing.
pub fn field(object: &JsValue, name: &str) -> JsValue {
    Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A text field.
pub fn text(object: &JsValue, name: &str) -> Option<String> {
    field(object, name).as_string()
}

/// A number field.
pub fn number(object: &JsValue, name: &str) -> Option<f64> {
    field(object, name).as_f64()
}
