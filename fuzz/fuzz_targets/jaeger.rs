//! Jaeger JSON.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spanscope_fuzz::read(b"{\"data\":[", data));
