//! Arrays and maps as one run of bytes: how nested attribute values stand in the store.
//!
//! The encoding is our own and canonical (equal values, equal bytes): per value a tag byte, then for text
//! and bytes a 4-byte length and the bytes, for numbers 8 bytes, for arrays and maps a 4-byte length and
//! the members (a map's member: key length, key, value). Nesting deeper than [`MAX_DEPTH`] is cut to the
//! empty value by whoever encodes, so reading it back needs no guard against deep recursion.

use std::fmt::Write as _;

use crate::model::Value;

/// Nesting that is kept; the official protobuf parsers stop at 100 too.
pub const MAX_DEPTH: usize = 100;

const EMPTY: u8 = 0;
const STR: u8 = 1;
const FALSE: u8 = 2;
const TRUE: u8 = 3;
const INT: u8 = 4;
const DOUBLE: u8 = 5;
const BYTES: u8 = 6;
const ARRAY: u8 = 7;
const MAP: u8 = 8;

/// The members of an encoded array or map.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nested<'a>(&'a [u8]);

impl<'a> Nested<'a> {
    /// Bytes that an [`Encoder`] made.
    pub(crate) fn trusted(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(crate) fn bytes(self) -> &'a [u8] {
        self.0
    }

    /// The members as an array.
    pub fn to_array(self) -> Value {
        let mut at = self.0;
        let mut values = Vec::new();
        while let Some(value) = read_value(&mut at) {
            values.push(value);
        }
        Value::Array(values)
    }

    /// The members as a map.
    pub fn to_map(self) -> Value {
        let mut at = self.0;
        let mut members = Vec::new();
        while let Some(member) = read_member(&mut at) {
            members.push(member);
        }
        Value::Map(members)
    }
}

/// Builds the encoding of one nested value; reused between values.
#[derive(Debug, Default)]
pub struct Encoder {
    bytes: Vec<u8>,
    open: Vec<usize>,
}

impl Encoder {
    /// Forgets everything and starts the members of a new array or map.
    pub fn start(&mut self) {
        self.bytes.clear();
        self.open.clear();
    }

    /// How many arrays and maps are open inside the outermost one.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The members so far; all that was opened must be closed.
    pub fn finish(&self) -> Nested<'_> {
        Nested(&self.bytes)
    }

    /// A map member's key; its value must follow.
    pub fn key(&mut self, key: &[u8]) {
        self.run(key);
    }

    /// The empty value.
    pub fn empty(&mut self) {
        self.bytes.push(EMPTY);
    }

    /// Text; bytes that are not UTF-8 get U+FFFD.
    pub fn str(&mut self, text: &[u8]) {
        self.bytes.push(STR);
        self.run(text);
    }

    /// A truth value.
    pub fn bool(&mut self, value: bool) {
        self.bytes.push(if value { TRUE } else { FALSE });
    }

    /// An integer.
    pub fn int(&mut self, value: i64) {
        self.bytes.push(INT);
        self.bytes.extend_from_slice(&value.to_le_bytes());
    }

    /// A double.
    pub fn double(&mut self, value: f64) {
        self.bytes.push(DOUBLE);
        self.bytes.extend_from_slice(&value.to_bits().to_le_bytes());
    }

    /// Raw bytes.
    pub fn raw(&mut self, value: &[u8]) {
        self.bytes.push(BYTES);
        self.bytes.extend_from_slice(&(value.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(value);
    }

    /// Opens an array inside; false (and nothing opened, an empty value in its place) when too deep.
    pub fn open_array(&mut self) -> bool {
        self.open(ARRAY)
    }

    /// Opens a map inside; false (and nothing opened, an empty value in its place) when too deep.
    pub fn open_map(&mut self) -> bool {
        self.open(MAP)
    }

    /// Closes the innermost open array or map.
    pub fn close(&mut self) {
        if let Some(at) = self.open.pop() {
            let len = (self.bytes.len() - at - 4) as u32;
            self.bytes[at..at + 4].copy_from_slice(&len.to_le_bytes());
        }
    }

    /// A whole value that is at hand as an object.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Empty => self.empty(),
            Value::Str(s) => self.str(s.as_bytes()),
            Value::Bool(b) => self.bool(*b),
            Value::Int(i) => self.int(*i),
            Value::Double(d) => self.double(*d),
            Value::Bytes(b) => self.raw(b),
            Value::Array(values) => {
                if self.open_array() {
                    for value in values {
                        self.value(value);
                    }
                    self.close();
                }
            }
            Value::Map(members) => {
                if self.open_map() {
                    for (key, value) in members {
                        self.key(key.as_bytes());
                        self.value(value);
                    }
                    self.close();
                }
            }
        }
    }

    fn open(&mut self, tag: u8) -> bool {
        if self.open.len() + 2 > MAX_DEPTH {
            self.empty();
            return false;
        }
        self.bytes.push(tag);
        self.open.push(self.bytes.len());
        self.bytes.extend_from_slice(&[0; 4]);
        true
    }

    fn run(&mut self, text: &[u8]) {
        let repaired;
        let text = if std::str::from_utf8(text).is_ok() {
            text
        } else {
            repaired = String::from_utf8_lossy(text).into_owned();
            repaired.as_bytes()
        };
        self.bytes.extend_from_slice(&(text.len() as u32).to_le_bytes());
        self.bytes.extend_from_slice(text);
    }
}

fn take<'a>(at: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (head, tail) = at.split_at_checked(len)?;
    *at = tail;
    Some(head)
}

fn take_run<'a>(at: &mut &'a [u8]) -> Option<&'a [u8]> {
    let len = u32::from_le_bytes(take(at, 4)?.try_into().ok()?);
    take(at, len as usize)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn read_member(at: &mut &[u8]) -> Option<(String, Value)> {
    let key = text(take_run(at)?);
    Some((key, read_value(at)?))
}

fn read_value(at: &mut &[u8]) -> Option<Value> {
    Some(match *take(at, 1)?.first()? {
        STR => Value::Str(text(take_run(at)?)),
        FALSE => Value::Bool(false),
        TRUE => Value::Bool(true),
        INT => Value::Int(i64::from_le_bytes(take(at, 8)?.try_into().ok()?)),
        DOUBLE => Value::Double(f64::from_bits(u64::from_le_bytes(take(at, 8)?.try_into().ok()?))),
        BYTES => Value::Bytes(take_run(at)?.to_vec()),
        ARRAY => Nested(take_run(at)?).to_array(),
        MAP => Nested(take_run(at)?).to_map(),
        _ => Value::Empty,
    })
}

/// A value as a person reads it: text inside arrays and maps quoted, numbers exact, bytes in hex.
pub(crate) fn display(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Str(s) => out.push_str(s),
        other => write_json(other, &mut out),
    }
    out
}

fn write_json(value: &Value, out: &mut String) {
    match value {
        Value::Empty => out.push_str("null"),
        Value::Str(s) => quote(s, out),
        Value::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Value::Int(i) => out.push_str(&i.to_string()),
        Value::Double(d) => out.push_str(&d.to_string()),
        Value::Bytes(bytes) => {
            out.push_str("0x");
            for byte in bytes {
                write!(out, "{byte:02x}").unwrap_or(());
            }
        }
        Value::Array(values) => {
            out.push('[');
            for (i, value) in values.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                write_json(value, out);
            }
            out.push(']');
        }
        Value::Map(members) => {
            out.push('{');
            for (i, (key, value)) in members.iter().enumerate() {
                out.push_str(if i > 0 { ", " } else { "" });
                quote(key, out);
                out.push_str(": ");
                write_json(value, out);
            }
            out.push('}');
        }
    }
}

fn quote(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_value_comes_back_as_it_was() {
        let value = Value::Map(vec![
            ("list".into(), Value::Array(vec![Value::Int(-1), Value::Str("é".into()), Value::Empty])),
            (
                String::new(),
                Value::Map(vec![("d".into(), Value::Double(-0.0)), ("b".into(), Value::Bytes(vec![0, 255]))]),
            ),
            ("yes".into(), Value::Bool(true)),
        ]);
        let mut encoder = Encoder::default();
        encoder.start();
        if let Value::Map(members) = &value {
            for (key, value) in members {
                encoder.key(key.as_bytes());
                encoder.value(value);
            }
        }
        assert_eq!(encoder.finish().to_map(), value);
        assert_eq!(display(&value), r#"{"list": [-1, "é", null], "": {"d": -0, "b": 0x00ff}, "yes": true}"#);
    }

    #[test]
    fn nesting_beyond_the_limit_is_cut() {
        let mut encoder = Encoder::default();
        encoder.start();
        let mut opened = 0;
        while encoder.open_array() {
            opened += 1;
            assert!(opened < 1000);
        }
        for _ in 0..opened {
            encoder.close();
        }
        let mut depth = 0;
        let mut value = encoder.finish().to_array();
        while let Value::Array(mut values) = value {
            depth += 1;
            value = values.pop().unwrap_or_default();
        }
        assert_eq!(depth, MAX_DEPTH);
    }
}
