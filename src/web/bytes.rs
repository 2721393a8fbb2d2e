//! Columns as typed arrays, copied out of wasm memory so that they can be transferred.

use js_sys::{ArrayBuffer, Float64Array, Uint8Array, Uint32Array};

/// A column of doubles.
pub fn from_f64(values: &[f64]) -> ArrayBuffer {
    Float64Array::new_from_slice(values).buffer()
}

/// A column of 32-bit numbers.
pub fn from_u32(values: &[u32]) -> ArrayBuffer {
    Uint32Array::new_from_slice(values).buffer()
}

/// Bytes.
pub fn from_u8(values: &[u8]) -> ArrayBuffer {
    Uint8Array::new_from_slice(values).buffer()
}

/// A column of doubles.
pub fn to_f64(buffer: &ArrayBuffer) -> Vec<f64> {
    Float64Array::new(buffer).to_vec()
}

/// A column of 32-bit numbers.
pub fn to_u32(buffer: &ArrayBuffer) -> Vec<u32> {
    Uint32Array::new(buffer).to_vec()
}

/// Bytes.
pub fn to_u8(buffer: &ArrayBuffer) -> Vec<u8> {
    Uint8Array::new(buffer).to_vec()
}
