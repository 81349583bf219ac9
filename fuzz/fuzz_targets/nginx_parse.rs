//! No text makes the reader of nginx configurations panic, hang, or point outside the text.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sioway::nginx::{Config, Request, parse, violations};

fuzz_target!(|text: &str| {
    let tree = parse(text);
    for directive in tree.walk() {
        assert!(text.get(directive.span.start..directive.span.end).is_some());
    }
    let config = Config::alone(&tree);
    let _ = violations(&config);
    let _ = config.unknown_variables();
    let _ = config.route(&Request::get(80, "/a/b?c"));
});
