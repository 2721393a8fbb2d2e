//! A store's rows as one run of bytes, and back: how a file that was read in several places comes together.
//!
//! [`Builder::pack`] writes all that was appended; [`Builder::absorb`] appends it to another builder under that one's
//! handles. Stretches of a file that are read apart and absorbed in their order give the very store that reading the
//! file from its front would have given: the same rows and the same handles, for each handle is given at first sight.
//! The bytes live only between two threads of one page; they are no file format.

use super::column::Column;
use super::{AttrId, Builder, StrId};
use crate::model::TraceId;

/// A plain value that columns hold.
pub(crate) trait Plain: Copy {
    /// Bytes of one.
    const SIZE: usize;
    /// Writes it to `SIZE` bytes.
    fn put(self, to: &mut [u8]);
    /// Reads it from `SIZE` bytes.
    fn take(from: &[u8]) -> Self;
}

macro_rules! plain {
    ($($number:ty)*) => {$(
        impl Plain for $number {
            const SIZE: usize = size_of::<Self>();
            #[inline(always)]
            fn put(self, to: &mut [u8]) {
                if let Some((head, _)) = to.split_first_chunk_mut() {
                    *head = self.to_le_bytes();
                }
            }
            #[inline(always)]
            fn take(from: &[u8]) -> Self {
                from.first_chunk().map_or(0, |bytes| Self::from_le_bytes(*bytes))
            }
        }
    )*};
}

plain! { u8 u32 u64 }

impl Plain for TraceId {
    const SIZE: usize = 16;
    #[inline(always)]
    fn put(self, to: &mut [u8]) {
        to.copy_from_slice(&self.0);
    }
    #[inline(always)]
    fn take(from: &[u8]) -> Self {
        from.first_chunk().map_or_else(Self::default, |bytes| Self(*bytes))
    }
}

/// Writes a parcel.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    bytes: Vec<u8>,
}

impl Packer {
    /// A number.
    pub(crate) fn number(&mut self, number: u64) {
        self.bytes.extend_from_slice(&number.to_le_bytes());
    }

    /// Values, with how many there are before them.
    pub(crate) fn values<T: Plain>(&mut self, values: &[T]) {
        self.number(values.len() as u64);
        self.append(values);
    }

    /// Texts one after another, with their length in all before them.
    pub(crate) fn texts<'t>(&mut self, texts: impl Iterator<Item = &'t [u8]>) {
        let from = self.bytes.len();
        self.number(0);
        texts.for_each(|text| self.bytes.extend_from_slice(text));
        let length = (self.bytes.len() - from - u64::SIZE) as u64;
        length.put(&mut self.bytes[from..]);
    }

    /// A column, with its length before it.
    pub(crate) fn column<T: Plain>(&mut self, column: &Column<T>) {
        self.number(column.len() as u64);
        column.chunks().for_each(|chunk| self.append(chunk));
    }

    /// Columns of one type, one after another.
    pub(crate) fn columns<T: Plain>(&mut self, columns: &[&Column<T>]) {
        for column in columns {
            self.column(column);
        }
    }

    fn append<T: Plain>(&mut self, values: &[T]) {
        let from = self.bytes.len();
        self.bytes.resize(from + values.len() * T::SIZE, 0);
        let places = self.bytes[from..].chunks_exact_mut(T::SIZE);
        places.zip(values).for_each(|(place, &value)| value.put(place));
    }

    /// What was written.
    pub(crate) fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads a parcel, in the order in which it was written. None where it ends too early.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unpacker<'a> {
    rest: &'a [u8],
}

impl<'a> Unpacker<'a> {
    /// Starts at the front.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// A number.
    pub(crate) fn number(&mut self) -> Option<u64> {
        let (head, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(u64::from_le_bytes(*head))
    }

    /// The values that follow.
    pub(crate) fn values<T: Plain>(&mut self) -> Option<Values<'a>> {
        let count = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.rest.split_at_checked(count.checked_mul(T::SIZE)?)?;
        self.rest = rest;
        Some(Values { bytes })
    }
}

/// Values of a parcel.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Values<'a> {
    pub(crate) bytes: &'a [u8],
}

impl<'a> Values<'a> {
    /// Each of them; to be read as what was written.
    #[inline]
    pub(crate) fn iter<T: Plain>(self) -> impl ExactSizeIterator<Item = T> + use<'a, T> {
        self.bytes.chunks_exact(T::SIZE).map(T::take)
    }
}

/// From a parcel's handles to those of the store that absorbs it.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    pub(crate) strings: Vec<u32>,
    pub(crate) pairs: Vec<u32>,
    pub(crate) traces: Vec<u32>,
    /// Scope slots that the store had before.
    pub(crate) slots: u32,
}

/// The handle that stands in the place of another; all of a parcel's are known.
#[inline(always)]
pub(crate) fn instead(handles: &[u32], of: u32) -> u32 {
    handles.get(of as usize).copied().unwrap_or_default()
}

impl Handles {
    #[inline(always)]
    pub(crate) fn string(&self, of: u32) -> StrId {
        StrId(instead(&self.strings, of))
    }

    #[inline(always)]
    pub(crate) fn pair(&self, of: u32) -> AttrId {
        AttrId(instead(&self.pairs, of))
    }
}

impl Builder {
    /// Writes all that was appended; every group must be closed.
    pub(crate) fn pack(&self, to: &mut Packer) {
        let store = self.store();
        store.strings.pack(to);
        store.attributes.pack(to);
        store.groups.pack(to);
        store.traces.pack(to);
        store.spans.pack(to);
        store.logs.pack(to);
    }

    /// Appends what another builder packed; gives the traces of its spans. None when the bytes are not a parcel.
    pub(crate) fn absorb(&mut self, from: &mut Unpacker<'_>) -> Option<Vec<u32>> {
        let store = self.store_mut();
        let mut handles = Handles { strings: store.strings.absorb(from)?, ..Handles::default() };
        handles.pairs = store.attributes.absorb(from)?;
        handles.slots = store.groups.slot_count() as u32;
        store.groups.absorb(from, &handles)?;
        handles.traces = store.traces.absorb(from)?;
        store.spans.absorb(from, &handles)?;
        store.logs.absorb(from, &handles)?;
        Some(handles.traces)
    }
}
