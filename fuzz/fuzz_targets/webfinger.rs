#![no_main]
#[allow(dead_code)]
#[path = "../../tests/it/wire/entries.rs"]
mod entries;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| entries::webfinger(bytes));
