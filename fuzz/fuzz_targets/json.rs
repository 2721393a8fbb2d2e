//! Every JSON form: OTLP, Tempo, Jaeger, Zipkin, consoles, Datadog, X-Ray.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| spanscope_fuzz::read(b"", data));
