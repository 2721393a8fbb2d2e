//! Anything: tar, length-prefixed frames, UTF-16, text, and what is none of them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spanscope_fuzz::read(b"", data));
