//! Any text can be read, and both readers build the same tree.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sioway::manifest::{looks_templated, objects, read, read_slowly};

fuzz_target!(|text: &str| {
    let stream = read(text);
    assert_eq!(stream, read_slowly(text));
    let _ = objects(&stream).count();
    let _ = looks_templated(text);
});
