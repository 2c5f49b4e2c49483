//! Recordings: see `tests/it/support/look.rs`.

#![no_main]

#[path = "../../tests/it/support/look.rs"]
#[allow(dead_code, reason = "the other targets use the rest")]
mod look;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    // Without a header nothing is read, so one is there where the input has none.
    if bytes.starts_with(b"{\"format\"") {
        look::trace(bytes);
    } else {
        look::trace(&[HEADER, bytes].concat());
    }
});

const HEADER: &[u8] =
    b"{\"format\":\"epollscope-trace\",\"version\":1,\"kernel\":\"6.18\",\"started\":\"now\",\"source\":\"fuzz\"}\n";
