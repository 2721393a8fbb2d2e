//! An attribute value as an object, for the places where one span is shown or written.
//!
//! The store keeps values in columns; this form is made on demand only.

/// An OTLP `AnyValue`, owned.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Value {
    /// No value set: legal in OTLP.
    #[default]
    Empty,
    /// Text.
    Str(String),
    /// Truth value.
    Bool(bool),
    /// 64-bit integer; every digit counts.
    Int(i64),
    /// Double, NaN and infinities included.
    Double(f64),
    /// Raw bytes.
    Bytes(Vec<u8>),
    /// Values in order, types may mix.
    Array(Vec<Value>),
    /// Nested keys and values in order.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// The text, where the value is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(s) => Some(s),
            _ => None,
        }
    }
}
