#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| sioway_fuzz::run("edit_nginx", bytes));
