//! OTLP protobuf, bare and as Tempo wraps it.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spanscope_fuzz::read(b"\x0a", data));
