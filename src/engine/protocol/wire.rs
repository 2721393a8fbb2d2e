//! How protocol types become JSON text and come back.
//!
//! Two small traits behind pointers instead of serde's derived code: that is made for every type and every
//! direction anew, several kilobytes each, and every visitor downloads it, in the page and in the engine. Text is
//! read into a [`Json`] tree first, from which types take what they know; what they do not know is ignored,
//! and what is absent or null is the default.

use std::fmt::Write as _;

use serde_json::{Map, Value as Json};

use super::{AttributeMap, Ns};
use crate::model::SpanId;

/// Why JSON is not what was expected: a sentence.
pub type Wrong = String;

/// A type that prints itself as JSON.
pub trait Put {
    /// Appends the JSON text.
    fn put(&self, out: &mut String);

    /// Whether a field that may be left out says nothing.
    fn is_absent(&self) -> bool {
        false
    }
}

/// A type that JSON can be read as.
pub trait Take: Sized {
    /// Takes the value; the error says what was expected and what was found.
    fn take(json: Json) -> Result<Self, Wrong>;
}

/// The JSON text of a value.
pub fn print(value: &dyn Put) -> String {
    let mut out = String::new();
    value.put(&mut out);
    out
}

/// The JSON text of a value for people, on several lines.
pub fn pretty(value: &dyn Put) -> String {
    parse(&print(value)).map_or_else(|_| String::new(), |json| format!("{json:#}"))
}

/// Reads JSON text as a type.
pub fn read<T: Take>(text: &str) -> Result<T, Wrong> {
    T::take(parse(text)?)
}

/// Reads JSON text.
pub fn parse(text: &str) -> Result<Json, Wrong> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// Prints an object.
pub(super) struct Object<'o> {
    out: &'o mut String,
    any: bool,
}

impl<'o> Object<'o> {
    pub(super) fn new(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, any: false }
    }

    /// Prints a field; names need no escapes.
    pub(super) fn field(&mut self, name: &str, value: &dyn Put) {
        let name = plain(name);
        if std::mem::replace(&mut self.any, true) {
            self.out.push(',');
        }
        self.out.push('"');
        self.out.push_str(name);
        self.out.push_str("\":");
        value.put(self.out);
    }

    /// Prints a field unless it says nothing.
    pub(super) fn sparse(&mut self, name: &str, value: &dyn Put) {
        if !value.is_absent() {
            self.field(name, value);
        }
    }

    pub(super) fn end(self) {
        self.out.push('}');
    }
}

/// The fields of an object that is read.
pub(super) struct Fields(Map<String, Json>);

impl Fields {
    pub(super) fn of(json: Json) -> Result<Self, Wrong> {
        match json {
            Json::Object(fields) => Ok(Self(fields)),
            other => Err(unlike("an object", &other)),
        }
    }

    fn raw(&mut self, name: &str) -> Option<Json> {
        self.0.remove(plain(name)).filter(|value| !value.is_null())
    }

    /// Takes a field; the default where it is absent or null.
    pub(super) fn get<T: Take + Default>(&mut self, name: &str) -> Result<T, Wrong> {
        match self.raw(name) {
            Some(value) => T::take(value).map_err(|wrong| within(name, &wrong)),
            None => Ok(T::default()),
        }
    }

    /// Takes a field that must be there.
    pub(super) fn need<T: Take>(&mut self, name: &str) -> Result<T, Wrong> {
        let value = self.raw(name).ok_or_else(|| within(name, "missing"))?;
        T::take(value).map_err(|wrong| within(name, &wrong))
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// The name of a field that is a word of Rust's.
fn plain(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

#[cold]
fn within(name: &str, wrong: &str) -> Wrong {
    format!("{name}: {wrong}")
}

/// The sentence for a value of another kind.
#[cold]
pub(super) fn unlike(expected: &str, found: &Json) -> Wrong {
    let mut text = found.to_string();
    if text.len() > 60 {
        text.truncate(text.floor_char_boundary(57));
        text.push('…');
    }
    format!("expected {expected}, found {text}")
}

/// A closed set of words: the word with this number.
pub(super) fn word(words: &[&str], json: &Json) -> Result<usize, Wrong> {
    let found = json.as_str().and_then(|text| words.iter().position(|word| *word == text));
    found.ok_or_else(|| unlike(&format!("one of {}", words.join(", ")), json))
}

/// Prints and reads a structure by its fields; `sparse` ones are left out where they say nothing.
macro_rules! wire {
    ($name:ident { $( $field:ident ),* $(,)? } $( sparse { $( $thin:ident ),* } )?) => {
        impl $crate::engine::protocol::wire::Put for $name {
            fn put(&self, out: &mut String) {
                let mut object = $crate::engine::protocol::wire::Object::new(out);
                $( object.field(stringify!($field), &self.$field); )*
                $( $( object.sparse(stringify!($thin), &self.$thin); )* )?
                object.end();
            }
        }

        impl $crate::engine::protocol::wire::Take for $name {
            fn take(json: serde_json::Value) -> Result<Self, String> {
                let mut fields = $crate::engine::protocol::wire::Fields::of(json)?;
                Ok(Self {
                    $( $field: fields.get(stringify!($field))?, )*
                    $( $( $thin: fields.get(stringify!($thin))?, )* )?
                })
            }
        }
    };
}
pub(super) use wire;

/// Prints and reads an enumeration by its words.
macro_rules! words {
    ($name:ident { $( $variant:ident = $word:literal ),* $(,)? }) => {
        impl $name {
            const WORDS: &'static [&'static str] = &[$( $word ),*];
            const ALL: &'static [Self] = &[$( Self::$variant ),*];
        }

        impl $crate::engine::protocol::wire::Put for $name {
            fn put(&self, out: &mut String) {
                $crate::engine::protocol::wire::Put::put(Self::WORDS[*self as usize], out);
            }
        }

        impl $crate::engine::protocol::wire::Take for $name {
            fn take(json: serde_json::Value) -> Result<Self, String> {
                $crate::engine::protocol::wire::word(Self::WORDS, &json).map(|at| Self::ALL[at])
            }
        }
    };
}
pub(super) use words;

impl Put for str {
    fn put(&self, out: &mut String) {
        out.push('"');
        let mut from = 0;
        for (at, byte) in self.bytes().enumerate() {
            let escape = match byte {
                b'"' => "\\\"",
                b'\\' => "\\\\",
                b'\n' => "\\n",
                b'\r' => "\\r",
                b'\t' => "\\t",
                0x08 => "\\b",
                0x0C => "\\f",
                0..0x20 => "",
                _ => continue,
            };
            out.push_str(&self[from..at]);
            from = at + 1;
            if escape.is_empty() {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{byte:04x}");
            }
            out.push_str(escape);
        }
        out.push_str(&self[from..]);
        out.push('"');
    }
}

impl Put for String {
    fn put(&self, out: &mut String) {
        self.as_str().put(out);
    }
}

impl Take for String {
    fn take(json: Json) -> Result<Self, Wrong> {
        match json {
            Json::String(text) => Ok(text),
            other => Err(unlike("text", &other)),
        }
    }
}

impl Put for bool {
    fn put(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }

    fn is_absent(&self) -> bool {
        !self
    }
}

impl Take for bool {
    fn take(json: Json) -> Result<Self, Wrong> {
        json.as_bool().ok_or_else(|| unlike("true or false", &json))
    }
}

/// Decimal digits; faster and smaller than formatting.
pub(super) fn digits(mut number: u64, out: &mut String) {
    let mut text = [b'0'; 20];
    let mut at = text.len();
    loop {
        at -= 1;
        text[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.push_str(std::str::from_utf8(&text[at..]).unwrap_or_default());
}

macro_rules! whole {
    ($( $kind:ty ),*) => { $(
        impl Put for $kind {
            fn put(&self, out: &mut String) {
                digits(*self as u64, out);
            }
        }

        impl Take for $kind {
            fn take(json: Json) -> Result<Self, Wrong> {
                json.as_u64().and_then(|n| n.try_into().ok()).ok_or_else(|| unlike("a whole number", &json))
            }
        }
    )* };
}
whole!(u64, u32, usize);

impl Put for f64 {
    fn put(&self, out: &mut String) {
        match serde_json::Number::from_f64(*self) {
            Some(number) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "{number}");
            }
            None => out.push_str("null"),
        }
    }
}

impl Take for f64 {
    fn take(json: Json) -> Result<Self, Wrong> {
        json.as_f64().ok_or_else(|| unlike("a number", &json))
    }
}

impl Put for Ns {
    fn put(&self, out: &mut String) {
        out.push('"');
        digits(self.0, out);
        out.push('"');
    }
}

impl Take for Ns {
    fn take(json: Json) -> Result<Self, Wrong> {
        let number = match &json {
            Json::String(text) => text.parse().ok(),
            other => other.as_u64(),
        };
        number.map(Self).ok_or_else(|| unlike("nanoseconds since the epoch as decimal text", &json))
    }
}

impl Put for SpanId {
    fn put(&self, out: &mut String) {
        let mut text = [b'"'; 18];
        for (at, digit) in text[1..17].iter_mut().enumerate() {
            *digit = b"0123456789abcdef"[(self.0 >> (60 - 4 * at)) as usize & 15];
        }
        out.push_str(std::str::from_utf8(&text).unwrap_or_default());
    }
}

impl Take for SpanId {
    fn take(json: Json) -> Result<Self, Wrong> {
        json.as_str().and_then(Self::parse).ok_or_else(|| unlike("up to 16 hex digits", &json))
    }
}

impl<T: Put> Put for Option<T> {
    fn put(&self, out: &mut String) {
        match self {
            Some(value) => value.put(out),
            None => out.push_str("null"),
        }
    }

    fn is_absent(&self) -> bool {
        self.is_none()
    }
}

impl<T: Take> Take for Option<T> {
    fn take(json: Json) -> Result<Self, Wrong> {
        if json.is_null() { Ok(None) } else { T::take(json).map(Some) }
    }
}

impl<T: Put> Put for Vec<T> {
    fn put(&self, out: &mut String) {
        out.push('[');
        for (at, value) in self.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            value.put(out);
        }
        out.push(']');
    }
}

impl<T: Take> Take for Vec<T> {
    fn take(json: Json) -> Result<Self, Wrong> {
        match json {
            Json::Array(values) => values.into_iter().map(T::take).collect(),
            other => Err(unlike("a list", &other)),
        }
    }
}

impl Put for (f64, f64) {
    fn put(&self, out: &mut String) {
        out.push('[');
        self.0.put(out);
        out.push(',');
        self.1.put(out);
        out.push(']');
    }
}

impl Take for (f64, f64) {
    fn take(json: Json) -> Result<Self, Wrong> {
        match json.as_array().map(Vec::as_slice) {
            Some([a, b]) => Ok((f64::take(a.clone())?, f64::take(b.clone())?)),
            _ => Err(unlike("two numbers", &json)),
        }
    }
}

impl Put for Json {
    fn put(&self, out: &mut String) {
        // Writing to a string cannot fail.
        let _ = write!(out, "{self}");
    }
}

impl Put for AttributeMap {
    fn put(&self, out: &mut String) {
        let mut object = Object::new(out);
        for (key, value) in self {
            if std::mem::replace(&mut object.any, true) {
                object.out.push(',');
            }
            key.put(object.out);
            object.out.push(':');
            value.put(object.out);
        }
        object.end();
    }
}

impl Take for AttributeMap {
    fn take(json: Json) -> Result<Self, Wrong> {
        Fields::of(json).map(|fields| fields.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn texts_and_numbers_print_as_serde_json_prints_them(
            text in any::<String>(), controls in "[\u{0}-\u{20}\"\\\\é]{0,8}",
            number in any::<u64>(), float in any::<f64>(),
        ) {
            for text in [text, controls] {
                prop_assert_eq!(print(&text), serde_json::to_string(&text).unwrap());
                prop_assert_eq!(read::<String>(&print(&text)).unwrap(), text);
            }
            prop_assert_eq!(print(&number), number.to_string());
            prop_assert_eq!(print(&float), serde_json::to_string(&float).unwrap());
            prop_assert_eq!(read::<u64>(&print(&number)), Ok(number));
            prop_assert_eq!(read::<Ns>(&print(&Ns(number))), Ok(Ns(number)));
            prop_assert_eq!(print(&SpanId(number)), print(&SpanId(number).to_string()));
            prop_assert_eq!(read::<SpanId>(&print(&SpanId(number))), Ok(SpanId(number)));
            if float.is_finite() {
                let text = print(&float);
                prop_assert_eq!(read::<f64>(&text), serde_json::from_str(&text).map_err(|_| String::new()));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        assert_eq!(read::<u32>("4294967296").unwrap_err(), "expected a whole number, found 4294967296");
        assert_eq!(read::<Vec<bool>>("[true,1]").unwrap_err(), "expected true or false, found 1");
        assert_eq!(read::<Option<f64>>("null"), Ok(None));
        assert_eq!(read::<(f64, f64)>("[1,2.5]"), Ok((1.0, 2.5)));
        assert!(read::<String>(&format!("[\"{}\"]", "é".repeat(50))).unwrap_err().ends_with('…'));
        assert_eq!(print(&f64::NAN), "null");
    }
}
