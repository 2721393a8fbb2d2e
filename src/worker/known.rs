//! The files that are open: one that is dropped again is not read again.
//!
//! Files of equal length are compared byte by byte: each can be read once more, and reading one costs nothing beside.

use js_sys::Uint8Array;
use web_sys::Blob;

use super::opening::Run;
use super::parts::Parts;
use crate::ingest::Bytes;
use crate::web::read::{Pieces, SLICE};

impl Run<'_> {
    /// Whether a file of these bytes is open already. Only a file of equal size costs a look.
    pub(super) async fn is_known(&mut self, blob: &Blob) -> bool {
        if !self.adds() {
            return false;
        }
        let office = self.office;
        let alike: Vec<Blob> = office
            .known
            .borrow()
            .iter()
            .filter(|known| known.size() as u64 == blob.size() as u64)
            .cloned()
            .collect();
        for known in alike {
            if self.is_same(Pieces::blob(blob.clone(), SLICE), Pieces::blob(known, SLICE)).await {
                return true;
            }
        }
        false
    }

    /// Whether both have the same bytes. What cannot be read any more is not the same as anything.
    async fn is_same(&mut self, mut one: Pieces, mut other: Pieces) -> bool {
        let (mut left, mut right) = (Parts::default(), Parts::default());
        let (mut a, mut b) = (Vec::new(), Vec::new());
        loop {
            for (parts, pieces) in [(&mut left, &mut one), (&mut right, &mut other)] {
                if parts.length() == 0 {
                    match pieces.next().await {
                        Ok(Some(piece)) => parts.push(piece),
                        Ok(None) => {}
                        Err(_) => return false,
                    }
                }
            }
            let length = left.length().min(right.length());
            if length == 0 {
                return left.length() == right.length();
            }
            let (rest_left, rest_right) = (left.split_off(length), right.split_off(length));
            for ((length, x), (_, y)) in left.windows().zip(right.windows()) {
                a.resize(length, 0);
                b.resize(length, 0);
                x.copy(&mut a);
                y.copy(&mut b);
                if a != b {
                    return false;
                }
            }
            (left, right) = (rest_left, rest_right);
            self.give_way().await;
        }
    }
}

impl From<Uint8Array> for Parts {
    fn from(piece: Uint8Array) -> Self {
        let mut parts = Self::default();
        parts.push(piece);
        parts
    }
}
