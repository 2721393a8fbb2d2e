//! Arrays and maps inside attribute values, into the store's own encoding.
//!
//! The encoder opens at most [`MAX_DEPTH`](crate::store::nested::MAX_DEPTH) levels, and only what it opened is gone
//! into, so the recursion is bounded.

use super::cursor::{Cursor, Read};
use super::scalar::{self, Number};
use super::value::{Held, boolean, bytes, held, integer, odd, string};
use crate::ingest::repair::Repair;
use crate::ingest::report::Findings;
use crate::store::ValueRef;
use crate::store::nested::Encoder;

/// Reads the members of an array: `{"values": […]}` or the list itself.
pub(super) fn array(
    cursor: &mut Cursor<'_>,
    name: &mut Vec<u8>,
    text: &mut Vec<u8>,
    nested: &mut Encoder,
    findings: &mut Findings,
) -> Read<()> {
    values(cursor, name, findings, |cursor, name, findings| inner(cursor, name, text, nested, findings))
}

/// Reads the members of a map: `{"values": [{key, value}, …]}` or the list itself.
pub(super) fn map(
    cursor: &mut Cursor<'_>,
    name: &mut Vec<u8>,
    text: &mut Vec<u8>,
    nested: &mut Encoder,
    findings: &mut Findings,
) -> Read<()> {
    values(cursor, name, findings, |cursor, name, findings| {
        if cursor.peek()? == b'{' {
            map_member(cursor, name, text, nested, findings)
        } else {
            odd(cursor, findings)
        }
    })
}

/// Walks the elements of `{"values": […]}` or of a bare list.
fn values<'a>(
    cursor: &mut Cursor<'a>,
    name: &mut Vec<u8>,
    findings: &mut Findings,
    mut each: impl FnMut(&mut Cursor<'a>, &mut Vec<u8>, &mut Findings) -> Read<()>,
) -> Read<()> {
    let mut list = |cursor: &mut Cursor<'a>, name: &mut Vec<u8>, findings: &mut Findings| -> Read<()> {
        cursor.bump();
        let mut first = true;
        while cursor.element(&mut first)? {
            each(cursor, name, findings)?;
        }
        Ok(())
    };
    match cursor.peek()? {
        b'[' => list(cursor, name, findings),
        b'{' => {
            cursor.bump();
            let mut first = true;
            while let Some(member) = cursor.member(&mut first, name)? {
                let wanted = member == b"values";
                if wanted && cursor.peek()? == b'[' {
                    list(cursor, name, findings)?;
                } else {
                    cursor.skip()?;
                }
            }
            Ok(())
        }
        _ => odd(cursor, findings),
    }
}

/// Reads `{"key": …, "value": …}` inside a map, in any order.
fn map_member(
    cursor: &mut Cursor<'_>,
    name: &mut Vec<u8>,
    text: &mut Vec<u8>,
    nested: &mut Encoder,
    findings: &mut Findings,
) -> Read<()> {
    cursor.bump();
    let mut first = true;
    let (mut key, mut value) = (None, None);
    while let Some(member) = cursor.member(&mut first, name)? {
        match member {
            b"key" => key = Some(cursor.pos()),
            b"value" => value = Some(cursor.pos()),
            _ => {}
        }
        cursor.skip()?;
    }
    let end = cursor.pos();
    let found = match key {
        Some(at) => {
            cursor.seek(at);
            string(cursor, text)?
        }
        None => &[],
    };
    nested.key(found);
    match value {
        Some(at) => {
            cursor.seek(at);
            inner(cursor, name, text, nested, findings)?;
        }
        None => nested.empty(),
    }
    cursor.seek(end);
    Ok(())
}

/// Reads one value inside an array or map; exactly one is written.
fn inner(
    cursor: &mut Cursor<'_>,
    name: &mut Vec<u8>,
    text: &mut Vec<u8>,
    nested: &mut Encoder,
    findings: &mut Findings,
) -> Read<()> {
    match cursor.peek()? {
        b'{' => {}
        b'[' => return inner_array(cursor, name, text, nested, findings),
        b'"' => {
            nested.str(cursor.string(text)?);
            return Ok(());
        }
        _ => {
            match cursor.token()? {
                b"true" => nested.bool(true),
                b"false" => nested.bool(false),
                token => scalar_inside(scalar::number(token), nested),
            }
            return Ok(());
        }
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
        match held {
            Held::Str => nested.str(string(cursor, text)?),
            Held::Int => scalar_inside(scalar::int_or_double(cursor, text, findings)?, nested),
            Held::Bool => nested.bool(boolean(cursor, text)?),
            Held::Double => match scalar::double(cursor, text, findings)? {
                Some(value) => nested.double(value),
                None => nested.empty(),
            },
            Held::Bytes => match bytes(cursor, text, findings)? {
                ValueRef::Bytes(bytes) => nested.raw(bytes),
                ValueRef::Str(text) => nested.str(text),
                _ => nested.empty(),
            },
            Held::Array => inner_array(cursor, name, text, nested, findings)?,
            Held::Map => {
                if nested.open_map() {
                    map(cursor, name, text, nested, findings)?;
                    nested.close();
                } else {
                    findings.repair(Repair::DeepValues);
                    cursor.skip()?;
                }
            }
        }
        while cursor.member(&mut first, name)?.is_some() {
            cursor.skip()?;
        }
        return Ok(());
    }
    if !unknown {
        nested.empty();
        return Ok(());
    }
    if nested.open_map() {
        cursor.seek(start);
        plain_members(cursor, name, text, nested, findings)?;
        nested.close();
    } else {
        findings.repair(Repair::DeepValues);
    }
    Ok(())
}

fn inner_array(
    cursor: &mut Cursor<'_>,
    name: &mut Vec<u8>,
    text: &mut Vec<u8>,
    nested: &mut Encoder,
    findings: &mut Findings,
) -> Read<()> {
    if nested.open_array() {
        array(cursor, name, text, nested, findings)?;
        nested.close();
        Ok(())
    } else {
        findings.repair(Repair::DeepValues);
        cursor.skip()
    }
}

/// The members of a plain JSON object as a map.
pub(super) fn plain_members(
    cursor: &mut Cursor<'_>,
    name: &mut Vec<u8>,
    text: &mut Vec<u8>,
    nested: &mut Encoder,
    findings: &mut Findings,
) -> Read<()> {
    cursor.bump();
    let mut first = true;
    while let Some(member) = cursor.member(&mut first, name)? {
        nested.key(member);
        inner(cursor, name, text, nested, findings)?;
    }
    Ok(())
}

fn scalar_inside(value: Option<Number>, nested: &mut Encoder) {
    match integer(value) {
        ValueRef::Int(i) => nested.int(i),
        ValueRef::Double(d) => nested.double(d),
        _ => nested.empty(),
    }
}
