//! zstd and what is inside.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spanscope_fuzz::read(b"\x28\xb5\x2f\xfd", data));
