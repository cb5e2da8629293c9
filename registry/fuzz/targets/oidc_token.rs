//! The fuzz target `oidc_token`: see `chart_registry::fuzzing`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| chart_registry::fuzzing::oidc_token(data));
