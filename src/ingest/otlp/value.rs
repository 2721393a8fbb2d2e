//! Attributes and their values from the wire: `KeyValue`, `AnyValue` and what nests in them.
//!
//! Top-level scalars go to the dictionary without a copy; arrays and maps go through the store's own
//! encoding. Nesting is cut at [`MAX_DEPTH`](crate::store::nested::MAX_DEPTH), so the recursion is bounded.

use super::wire::{Field, Wire, WireError};
use crate::ingest::repair::Repair;
use crate::ingest::report::Findings;
use crate::store::nested::Encoder;
use crate::store::{AttrList, Builder, ValueRef};

/// What decoding needs besides the bytes.
pub(super) struct Context<'a> {
    pub(super) builder: &'a mut Builder,
    pub(super) findings: &'a mut Findings,
    pub(super) nested: &'a mut Encoder,
}

impl Context<'_> {
    /// Grows with every remark about what is read.
    fn remarks(&mut self) -> u64 {
        self.findings.repairs() + self.builder.attributes().repaired()
    }
}

/// Reads one `KeyValue` into a list.
pub(super) fn attribute(message: &[u8], list: &mut AttrList, cx: &mut Context<'_>) -> Result<(), WireError> {
    if known_attribute(message, list, cx) {
        return Ok(());
    }
    new_attribute(message, list, cx)
}

/// Adds a `KeyValue` whose bytes are remembered; false where they are not.
#[inline(always)]
pub(super) fn known_attribute(message: &[u8], list: &mut AttrList, cx: &mut Context<'_>) -> bool {
    key_first(message) && list.push_again(cx.builder.attributes(), message)
}

/// Whether a `KeyValue` begins with its key: only those are remembered, and text of JSON never is one.
#[inline(always)]
fn key_first(message: &[u8]) -> bool {
    message.first() == Some(&0x0a)
}

/// Reads one `KeyValue` whose bytes are not remembered.
#[inline(never)]
pub(super) fn new_attribute(
    message: &[u8],
    list: &mut AttrList,
    cx: &mut Context<'_>,
) -> Result<(), WireError> {
    let before = cx.remarks();
    let mut wire = Wire::new(message);
    let mut key: &[u8] = &[];
    let mut value: &[u8] = &[];
    let mut more = false;
    while let Some((number, field)) = wire.next()? {
        match (number, field) {
            (1, Field::Bytes(text)) => key = text,
            // A message field that comes again is merged: a later value replaces the earlier one, but an
            // empty one does not.
            (2, Field::Bytes(bytes)) if value.is_empty() || !bytes.is_empty() => value = bytes,
            (3, Field::Varint(_)) => more = true,
            _ => {}
        }
    }
    if more && key.is_empty() {
        cx.findings.repair(Repair::StringIndexes);
    }
    let Context { builder, findings, nested } = cx;
    let value = any_value(value, nested, findings)?;
    let pair = list.push(builder.attributes(), key, value);
    if key_first(message) && cx.remarks() == before {
        cx.builder.attributes().remember(message, pair);
    }
    Ok(())
}

/// Reads an `AnyValue`; arrays and maps are built in `nested`.
#[inline]
pub(super) fn any_value<'a>(
    message: &'a [u8],
    nested: &'a mut Encoder,
    findings: &mut Findings,
) -> Result<ValueRef<'a>, WireError> {
    let mut wire = Wire::new(message);
    let mut value = ValueRef::Empty;
    let mut list = None;
    while let Some((number, field)) = wire.next()? {
        value = match (number, field) {
            (1, Field::Bytes(text)) => ValueRef::Str(text),
            (2, Field::Varint(v)) => ValueRef::Bool(v != 0),
            (3, Field::Varint(v)) => ValueRef::Int(v as i64),
            (4, Field::Fixed64(v)) => ValueRef::Double(f64::from_bits(v)),
            (5 | 6, Field::Bytes(members)) => {
                list = Some((number, members));
                continue;
            }
            (7, Field::Bytes(bytes)) => ValueRef::Bytes(bytes),
            (8, Field::Varint(_)) => {
                findings.repair(Repair::StringIndexes);
                ValueRef::Empty
            }
            _ => continue,
        };
        list = None;
    }
    let Some((number, members)) = list else { return Ok(value) };
    nested.start();
    if number == 5 {
        array(members, nested, findings)?;
        Ok(ValueRef::Array(nested.finish()))
    } else {
        map(members, nested, findings)?;
        Ok(ValueRef::Map(nested.finish()))
    }
}

fn array(message: &[u8], nested: &mut Encoder, findings: &mut Findings) -> Result<(), WireError> {
    let mut wire = Wire::new(message);
    while let Some((number, field)) = wire.next()? {
        if let (1, Field::Bytes(value)) = (number, field) {
            inner(value, nested, findings)?;
        }
    }
    Ok(())
}

fn map(message: &[u8], nested: &mut Encoder, findings: &mut Findings) -> Result<(), WireError> {
    let mut wire = Wire::new(message);
    while let Some((number, field)) = wire.next()? {
        let (1, Field::Bytes(member)) = (number, field) else { continue };
        let mut key: &[u8] = &[];
        let mut value: &[u8] = &[];
        let mut fields = Wire::new(member);
        while let Some((number, field)) = fields.next()? {
            match (number, field) {
                (1, Field::Bytes(text)) => key = text,
                (2, Field::Bytes(bytes)) if value.is_empty() || !bytes.is_empty() => value = bytes,
                _ => {}
            }
        }
        nested.key(key);
        inner(value, nested, findings)?;
    }
    Ok(())
}

/// Reads an `AnyValue` inside an array or map. Exactly one value is written, also for broken bytes: those
/// make the whole attribute fail, and the encoder is started anew for the next one.
fn inner(message: &[u8], nested: &mut Encoder, findings: &mut Findings) -> Result<(), WireError> {
    let mut wire = Wire::new(message);
    let mut last = None;
    while let Some((number, field)) = wire.next()? {
        if (1..=7).contains(&number) {
            last = Some((number, field));
        }
    }
    match last {
        Some((1, Field::Bytes(text))) => nested.str(text),
        Some((2, Field::Varint(v))) => nested.bool(v != 0),
        Some((3, Field::Varint(v))) => nested.int(v as i64),
        Some((4, Field::Fixed64(v))) => nested.double(f64::from_bits(v)),
        Some((5, Field::Bytes(members))) => {
            if nested.open_array() {
                array(members, nested, findings)?;
                nested.close();
            } else {
                findings.repair(Repair::DeepValues);
            }
        }
        Some((6, Field::Bytes(members))) => {
            if nested.open_map() {
                map(members, nested, findings)?;
                nested.close();
            } else {
                findings.repair(Repair::DeepValues);
            }
        }
        Some((7, Field::Bytes(bytes))) => nested.raw(bytes),
        _ => nested.empty(),
    }
    Ok(())
}
