//! The protobuf wire format: a cursor over one whole message.
//!
//! Unknown fields are skipped by their wire type, groups included; nothing is allocated. (Protocol Buffers
//! encoding, protobuf.dev/programming-guides/encoding.)

/// What breaks the wire format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum WireError {
    /// The message ends inside a field.
    #[error("the message ends inside a field")]
    Cut,
    /// A number of more than ten bytes.
    #[error("a number is longer than 10 bytes")]
    LongNumber,
    /// Field numbers begin at 1.
    #[error("field number 0 is not allowed")]
    ZeroField,
    /// Only wire types 0 to 5 exist.
    #[error("wire type {0} does not exist")]
    WireType(u8),
    /// A length that goes beyond what surrounds it.
    #[error("a length of {length} bytes goes beyond the {room} that are left around it")]
    Length {
        /// What was said.
        length: u64,
        /// What there is.
        room: u64,
    },
    /// An end of a group that was not begun.
    #[error("a group ends that was not begun")]
    GroupEnd,
}

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Field<'a> {
    /// Wire type 0.
    Varint(u64),
    /// Wire type 1.
    Fixed64(u64),
    /// Wire type 2.
    Bytes(&'a [u8]),
    /// Wire types 3 and 4, skipped.
    Group,
    /// Wire type 5.
    Fixed32(u32),
}

/// Wire types by their number.
pub(crate) const VARINT: u8 = 0;
pub(crate) const FIXED64: u8 = 1;
pub(crate) const BYTES: u8 = 2;
pub(crate) const GROUP: u8 = 3;
pub(crate) const GROUP_END: u8 = 4;
pub(crate) const FIXED32: u8 = 5;

/// A cursor over the fields of one message.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wire<'a> {
    rest: &'a [u8],
}

impl<'a> Wire<'a> {
    /// Starts at the first field.
    #[inline]
    pub(crate) fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// What is left.
    pub(crate) fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// A variable-length number.
    #[inline(always)]
    pub(crate) fn varint(&mut self) -> Result<u64, WireError> {
        match self.rest {
            [byte, rest @ ..] if *byte < 0x80 => {
                self.rest = rest;
                Ok(u64::from(*byte))
            }
            _ => self.long_varint(),
        }
    }

    #[inline(never)]
    fn long_varint(&mut self) -> Result<u64, WireError> {
        let mut value = 0_u64;
        for (i, &byte) in self.rest.iter().enumerate().take(10) {
            value |= u64::from(byte & 0x7f) << (7 * i);
            if byte < 0x80 {
                self.rest = &self.rest[i + 1..];
                return Ok(value);
            }
        }
        Err(if self.rest.len() < 10 { WireError::Cut } else { WireError::LongNumber })
    }

    /// Field number and wire type of the next field.
    #[inline(always)]
    pub(crate) fn tag(&mut self) -> Result<(u32, u8), WireError> {
        let tag = self.varint()?;
        let number = (tag >> 3) as u32;
        if number == 0 || tag > u64::from(u32::MAX) {
            return Err(WireError::ZeroField);
        }
        Ok((number, (tag & 7) as u8))
    }

    #[inline]
    fn array<const N: usize>(&mut self) -> Result<[u8; N], WireError> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(WireError::Cut)?;
        self.rest = rest;
        Ok(*head)
    }

    #[inline(always)]
    fn run(&mut self) -> Result<&'a [u8], WireError> {
        let length = self.varint()?;
        let room = self.rest.len() as u64;
        if length > room {
            return Err(WireError::Length { length, room });
        }
        let (head, rest) = self.rest.split_at(length as usize);
        self.rest = rest;
        Ok(head)
    }

    /// The value of a field of this wire type.
    #[inline(always)]
    pub(crate) fn value(&mut self, wire_type: u8) -> Result<Field<'a>, WireError> {
        Ok(match wire_type {
            VARINT => Field::Varint(self.varint()?),
            FIXED64 => Field::Fixed64(u64::from_le_bytes(self.array()?)),
            BYTES => Field::Bytes(self.run()?),
            FIXED32 => Field::Fixed32(u32::from_le_bytes(self.array()?)),
            GROUP => {
                self.skip_group()?;
                Field::Group
            }
            GROUP_END => return Err(WireError::GroupEnd),
            other => return Err(WireError::WireType(other)),
        })
    }

    /// The bytes of the next field, if it has this tag and is shorter than 128 bytes; otherwise nothing is taken.
    #[inline(always)]
    pub(crate) fn short_bytes(&mut self, tag: u8) -> Option<&'a [u8]> {
        let [found, length @ 0..0x80, rest @ ..] = self.rest else { return None };
        if *found != tag {
            return None;
        }
        let (bytes, rest) = rest.split_at_checked(usize::from(*length))?;
        self.rest = rest;
        Some(bytes)
    }

    /// The next field, or none at the end.
    pub(crate) fn next(&mut self) -> Result<Option<(u32, Field<'a>)>, WireError> {
        self.field()
    }

    /// The next field, or none at the end, for the loop that most fields go through.
    #[inline(always)]
    pub(super) fn field(&mut self) -> Result<Option<(u32, Field<'a>)>, WireError> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let (number, wire_type) = self.tag()?;
        Ok(Some((number, self.value(wire_type)?)))
    }

    /// Skips to behind the end of a group that has begun; groups inside are counted, not recursed into.
    #[cold]
    fn skip_group(&mut self) -> Result<(), WireError> {
        let mut open = 1_u64;
        while open > 0 {
            match self.tag()?.1 {
                GROUP => open += 1,
                GROUP_END => open -= 1,
                plain => drop(self.value(plain)?),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_every_wire_type_are_read_and_groups_skipped() {
        let bytes = [
            0x08, 0x96, 0x01, // 1: varint 150
            0x11, 1, 0, 0, 0, 0, 0, 0, 0, // 2: fixed64
            0x1a, 2, b'h', b'i', // 3: bytes
            0x23, 0x2b, 0x2c, 0x08, 1, 0x24, // 4: group holding a group
            0x2d, 7, 0, 0, 0, // 5: fixed32
        ];
        let mut wire = Wire::new(&bytes);
        let mut fields = Vec::new();
        while let Ok(Some(field)) = wire.next() {
            fields.push(field);
        }
        assert_eq!(
            fields,
            [
                (1, Field::Varint(150)),
                (2, Field::Fixed64(1)),
                (3, Field::Bytes(b"hi")),
                (4, Field::Group),
                (5, Field::Fixed32(7)),
            ]
        );
    }

    #[test]
    fn broken_bytes_are_named() {
        let next = |bytes: &[u8]| Wire::new(bytes).next().expect_err("broken");
        assert_eq!(next(&[0x00]), WireError::ZeroField);
        assert_eq!(next(&[0x0e]), WireError::WireType(6));
        assert_eq!(next(&[0x0c]), WireError::GroupEnd);
        assert_eq!(next(&[0x0a, 5, 1]), WireError::Length { length: 5, room: 1 });
        assert_eq!(next(&[0x08, 0x80]), WireError::Cut);
        assert_eq!(next(&[0x08, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]), WireError::LongNumber);
    }
}
