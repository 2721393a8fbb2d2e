//! Attributes and their values from JSON: `KeyValue` lists, `AnyValue` objects, and the plain maps and bare
//! values that hand-written files have instead.
//!
//! Nesting is cut at [`MAX_DEPTH`](crate::store::nested::MAX_DEPTH), so the recursion is bounded; whole
//! values that are not wanted are skipped by counting brackets.

use super::blocks::braces_end;
use super::cursor::{Cursor, Read};
use super::nested::{array, map, plain_members};
use super::scalar::{self, Number};
use crate::ingest::base64;
use crate::ingest::repair::Repair;
use crate::ingest::report::Findings;
use crate::store::nested::Encoder;
use crate::store::{AttrId, AttrList, Builder, KeyId, ValueRef};

/// Buffers for strings with escapes, and for nested values.
#[derive(Debug, Default)]
pub(super) struct Tools {
    /// Member names.
    pub(super) name: Vec<u8>,
    /// Attribute keys.
    pub(super) key: Vec<u8>,
    /// Values.
    pub(super) text: Vec<u8>,
    pub(super) nested: Encoder,
}

/// What decoding needs besides the bytes.
pub(super) struct Context<'a> {
    pub(super) builder: &'a mut Builder,
    pub(super) findings: &'a mut Findings,
    pub(super) tools: &'a mut Tools,
}

/// Reads a list of `KeyValue`, or a plain map.
#[inline]
pub(super) fn attributes(cursor: &mut Cursor<'_>, list: &mut AttrList, cx: &mut Context<'_>) -> Read<()> {
    match cursor.peek()? {
        b'[' => {
            cursor.bump();
            let mut first = true;
            while cursor.element(&mut first)? {
                match cursor.peek()? {
                    b'{' => key_value(cursor, list, cx)?,
                    _ => odd(cursor, cx.findings)?,
                }
            }
            Ok(())
        }
        b'{' => plain_map(cursor, list, cx),
        _ => odd(cursor, cx.findings),
    }
}

/// Skips what does not belong here; null is the same as nothing.
pub(super) fn odd(cursor: &mut Cursor<'_>, findings: &mut Findings) -> Read<()> {
    if !cursor.null()? {
        findings.repair(Repair::WrongTypes);
        cursor.skip()?;
    }
    Ok(())
}

/// Reads one `KeyValue`: by what equal bytes came to before, as all exporters write it at one go, or else member by
/// member.
#[inline]
fn key_value(cursor: &mut Cursor<'_>, list: &mut AttrList, cx: &mut Context<'_>) -> Read<()> {
    // Up to and with the first closing braces side by side: all of an attribute without white space, most often.
    let rest = cursor.rest();
    let raw = braces_end(&rest[..rest.len().min(NEAR)]).map_or(&[][..], |end| &rest[..end]);
    if list.push_again(cx.builder.attributes(), raw) {
        cursor.seek(cursor.pos() + raw.len());
        return Ok(());
    }
    let remarks = |cursor: &Cursor<'_>, cx: &mut Context<'_>| {
        cx.findings.repairs() + u64::from(cursor.surrogates) + cx.builder.attributes().repaired()
    };
    let (start, before) = (cursor.pos(), remarks(cursor, cx));
    let mut inside = *cursor;
    let pair = match compact(&mut inside) {
        Some((key, value)) => {
            *cursor = inside;
            list.push(cx.builder.attributes(), key, value)
        }
        None => any_key_value(cursor, list, cx)?,
    };
    let plain = cursor.commas.is_none() && remarks(cursor, cx) == before;
    if plain && cursor.pos() - start == raw.len() {
        cx.builder.attributes().remember(raw, pair);
    }
    Ok(())
}

/// Attributes are mostly shorter.
const NEAR: usize = 512;

/// A `KeyValue` without white space, the key first, holding text without escapes, a number or a truth value.
#[inline]
fn compact<'a>(cursor: &mut Cursor<'a>) -> Option<(&'a [u8], ValueRef<'a>)> {
    if !cursor.literal(b"{\"key\":\"") {
        return None;
    }
    let key = cursor.rest_of_plain_string()?;
    if !cursor.literal(b",\"value\":{\"") {
        return None;
    }
    if cursor.literal(b"stringValue\":\"") {
        let value = cursor.rest_of_plain_string()?;
        return cursor.literal(b"}}").then_some((key, ValueRef::Str(value)));
    }
    if cursor.literal(b"intValue\":\"") {
        let value = scalar::digits(cursor.rest_of_plain_string()?)?;
        let value = ValueRef::Int(i64::try_from(value).ok()?);
        return cursor.literal(b"}}").then_some((key, value));
    }
    if cursor.literal(b"doubleValue\":") {
        let text = cursor.token().ok()?;
        let number = text.first().is_some_and(|c| c.is_ascii_digit() || *c == b'-');
        let value: f64 = std::str::from_utf8(text).ok().filter(|_| number)?.parse().ok()?;
        return (value.is_finite() && cursor.literal(b"}}")).then_some((key, ValueRef::Double(value)));
    }
    if cursor.literal(b"boolValue\":") {
        let value = cursor.literal(b"true}}");
        return (value || cursor.literal(b"false}}")).then_some((key, ValueRef::Bool(value)));
    }
    None
}

/// Reads one `KeyValue`, its members in any order.
fn any_key_value(
    cursor: &mut Cursor<'_>,
    list: &mut AttrList,
    cx: &mut Context<'_>,
) -> Read<(AttrId, KeyId)> {
    let Context { builder, findings, tools } = cx;
    let Tools { name, key: escaped, text, nested } = &mut **tools;
    cursor.bump();
    escaped.clear();
    let mut plain = None;
    let mut keyed = false;
    let mut early = None;
    let mut pushed = None;
    let mut first = true;
    while let Some(member) = cursor.member(&mut first, name)? {
        match member {
            b"key" if !keyed && cursor.peek()? == b'"' => {
                keyed = true;
                plain = cursor.plain_string()?;
                if plain.is_none() {
                    cursor.string(escaped)?;
                }
            }
            b"value" if keyed && pushed.is_none() => {
                let value = any_value(cursor, name, text, nested, findings)?;
                pushed = Some(list.push(builder.attributes(), plain.unwrap_or(escaped), value));
            }
            b"value" => {
                early = Some(cursor.pos());
                cursor.skip()?;
            }
            _ => cursor.skip()?,
        }
    }
    if let Some(pair) = pushed {
        return Ok(pair);
    }
    // The value came before its key, or one of them is missing.
    let end = cursor.pos();
    let mut value = ValueRef::Empty;
    if let Some(start) = early {
        cursor.seek(start);
        value = any_value(cursor, name, text, nested, findings)?;
    }
    let pair = list.push(builder.attributes(), plain.unwrap_or(escaped), value);
    cursor.seek(end);
    Ok(pair)
}

/// Reads `{"key": value, …}` as hand-written files have it.
fn plain_map(cursor: &mut Cursor<'_>, list: &mut AttrList, cx: &mut Context<'_>) -> Read<()> {
    let Context { builder, findings, tools } = cx;
    let Tools { name, key, text, nested } = &mut **tools;
    cursor.bump();
    findings.repair(Repair::PlainMaps);
    let mut first = true;
    while let Some(member) = cursor.member(&mut first, key)? {
        let value = any_value(cursor, name, text, nested, findings)?;
        list.push(builder.attributes(), member, value);
    }
    Ok(())
}

/// Which value an `AnyValue` member holds.
#[derive(Clone, Copy)]
pub(super) enum Held {
    Str,
    Bool,
    Int,
    Double,
    Bytes,
    Array,
    Map,
}

pub(super) fn held(member: &[u8]) -> Option<Held> {
    Some(match member {
        b"stringValue" | b"string_value" => Held::Str,
        b"intValue" | b"int_value" => Held::Int,
        b"boolValue" | b"bool_value" => Held::Bool,
        b"doubleValue" | b"double_value" => Held::Double,
        b"arrayValue" | b"array_value" => Held::Array,
        b"kvlistValue" | b"kvlist_value" => Held::Map,
        b"bytesValue" | b"bytes_value" => Held::Bytes,
        _ => return None,
    })
}

/// Reads an `AnyValue`, or a bare value in its place.
#[inline]
pub(super) fn any_value<'s, 'a: 's>(
    cursor: &mut Cursor<'a>,
    name: &mut Vec<u8>,
    text: &'s mut Vec<u8>,
    nested: &'s mut Encoder,
    findings: &mut Findings,
) -> Read<ValueRef<'s>> {
    if cursor.peek()? != b'{' {
        return bare(cursor, name, text, nested, findings);
    }
    let start = cursor.pos();
    cursor.bump();
    let mut first = true;
    let mut unknown = false;
    while let Some(member) = cursor.member(&mut first, name)? {
        let Some(held) = held(member) else {
            unknown = true;
            cursor.skip()?;
            continue;
        };
        if cursor.null()? {
            continue;
        }
        let value = match held {
            Held::Str => ValueRef::Str(string(cursor, text)?),
            Held::Int => integer(scalar::int_or_double(cursor, text, findings)?),
            Held::Bool => ValueRef::Bool(boolean(cursor, text)?),
            Held::Double => scalar::double(cursor, text, findings)?.map_or(ValueRef::Empty, ValueRef::Double),
            Held::Bytes => bytes(cursor, text, findings)?,
            Held::Array => {
                nested.start();
                array(cursor, name, text, nested, findings)?;
                ValueRef::Array(nested.finish())
            }
            Held::Map => {
                nested.start();
                map(cursor, name, text, nested, findings)?;
                ValueRef::Map(nested.finish())
            }
        };
        while cursor.member(&mut first, name)?.is_some() {
            cursor.skip()?;
        }
        return Ok(value);
    }
    if !unknown {
        return Ok(ValueRef::Empty);
    }
    findings.repair(Repair::PlainValues);
    cursor.seek(start);
    nested.start();
    plain_members(cursor, name, text, nested, findings)?;
    Ok(ValueRef::Map(nested.finish()))
}

/// A value without its type wrapper.
fn bare<'s, 'a: 's>(
    cursor: &mut Cursor<'a>,
    name: &mut Vec<u8>,
    text: &'s mut Vec<u8>,
    nested: &'s mut Encoder,
    findings: &mut Findings,
) -> Read<ValueRef<'s>> {
    let c = cursor.peek()?;
    if c == b'n' && cursor.null()? {
        return Ok(ValueRef::Empty);
    }
    findings.repair(Repair::PlainValues);
    Ok(match c {
        b'"' => ValueRef::Str(cursor.string(text)?),
        b'[' => {
            nested.start();
            array(cursor, name, text, nested, findings)?;
            ValueRef::Array(nested.finish())
        }
        _ => match cursor.token()? {
            b"true" => ValueRef::Bool(true),
            b"false" => ValueRef::Bool(false),
            token => integer(scalar::number(token)),
        },
    })
}

pub(super) fn integer<'s>(value: Option<Number>) -> ValueRef<'s> {
    match value {
        Some(Number::Int(i)) => i64::try_from(i).map_or(ValueRef::Double(i as f64), ValueRef::Int),
        Some(Number::Float(f)) => ValueRef::Double(f),
        None => ValueRef::Empty,
    }
}

/// Text, also from a number or word.
#[inline]
pub(super) fn string<'s, 'a: 's>(cursor: &mut Cursor<'a>, text: &'s mut Vec<u8>) -> Read<&'s [u8]> {
    match cursor.peek()? {
        b'"' => cursor.string(text),
        b'{' | b'[' => {
            let start = cursor.pos();
            cursor.skip()?;
            Ok(cursor.slice(start, cursor.pos()))
        }
        _ => match cursor.token()? {
            b"null" => Ok(&[]),
            token => Ok(token),
        },
    }
}

pub(super) fn boolean(cursor: &mut Cursor<'_>, text: &mut Vec<u8>) -> Read<bool> {
    Ok(matches!(string(cursor, text)?, b"true" | b"True" | b"1"))
}

pub(super) fn bytes<'s, 'a: 's>(
    cursor: &mut Cursor<'a>,
    text: &'s mut Vec<u8>,
    findings: &mut Findings,
) -> Read<ValueRef<'s>> {
    let raw = string(cursor, text)?.to_vec();
    if let Some(decoded) = base64::decode(&raw) {
        *text = decoded;
        return Ok(ValueRef::Bytes(text));
    }
    findings.repair(Repair::BadBase64);
    *text = raw;
    Ok(ValueRef::Str(text))
}
