//! Keys on the screen of a recording: see `tests/it/support/look.rs`.

#![no_main]

#[path = "../../tests/it/support/look.rs"]
#[allow(dead_code, reason = "the other targets use the rest")]
mod look;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    look::keys(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/data/edge.jsonl").as_ref(), bytes);
});
