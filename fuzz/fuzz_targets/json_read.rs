#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sioway_fuzz::run("json_read", bytes));
