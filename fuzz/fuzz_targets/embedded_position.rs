//! Each character of a scalar has a place in the file, and places come in order.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sioway::manifest::{Node, read};

fuzz_target!(|text: &str| {
    let stream = read(text);
    for document in stream.documents() {
        if let Some(root) = document.root() {
            // Aliases make a tree that can be walked much larger than the text.
            walk(root, &mut 10_000);
        }
    }
});

fn walk(node: Node, budget: &mut usize) {
    *budget = budget.saturating_sub(1);
    if *budget == 0 {
        return;
    }
    check(node);
    for entry in node.entries() {
        check(entry.key_node());
        walk(entry.value(), budget);
    }
    for item in node.items() {
        walk(item, budget);
    }
}

fn check(node: Node) {
    let Some(decoded) = node.text() else { return };
    let embedded = node.embedded().expect("every scalar has a way back");
    let mut before = node.value_span().start;
    for (at, _) in decoded.char_indices() {
        let place = embedded.to_file(at);
        assert!(before <= place && place <= node.value_span().end);
        before = place;
    }
}
