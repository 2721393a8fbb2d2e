//! zip archives.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spanscope_fuzz::read(b"PK\x03\x04", data));
