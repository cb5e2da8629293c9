//! The fuzz target `challenge`: see `chart_registry::fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chart_registry::fuzzing::challenge(data));
