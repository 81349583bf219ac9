//! YAML, JSON, and the way from the text of a value back into the file.

use sioway::manifest::{Node, json, looks_templated, objects, read, read_slowly};

use super::files::text;

/// Any text can be read, both readers build the same tree, and what is said of it lies within it.
pub(crate) fn yaml_read(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let stream = read(text);
    assert_eq!(stream, read_slowly(text));
    for problem in &stream.problems {
        assert!(text.get(problem.span.start..problem.span.end).is_some(), "{problem:?}");
    }
    for object in objects(&stream) {
        let span = object.node.span();
        assert!(text.get(span.start..span.end).is_some(), "{span:?}");
    }
    let _ = looks_templated(text);
}

/// Each character of a scalar has a place in the file, and places come in order.
pub(crate) fn embedded_position(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let stream = read(text);
    for document in stream.documents() {
        if let Some(root) = document.root() {
            // Aliases make a tree that can be walked much larger than the text.
            walk(root, &mut 10_000);
        }
    }
}

fn walk(node: Node<'_>, budget: &mut usize) {
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

fn check(node: Node<'_>) {
    let Some(decoded) = node.text() else { return };
    let embedded = node.embedded().expect("every scalar has a way back");
    let mut before = node.value_span().start;
    for (at, _) in decoded.char_indices() {
        let place = embedded.to_file(at);
        assert!(before <= place && place <= node.value_span().end);
        before = place;
    }
}

/// The reader with places takes what `serde_json` takes, and reads the same.
pub(crate) fn json_read(bytes: &[u8]) {
    let Some(text) = text(bytes) else { return };
    let theirs = serde_json::from_str::<serde_json::Value>(text);
    match (json::read(text), theirs) {
        (Ok(ours), Ok(theirs)) => same(text, &ours, &theirs),
        (Err(invalid), Err(_)) => {
            assert!(text.get(invalid.span.start..invalid.span.end).is_some(), "{invalid:?}");
        }
        (ours, theirs) => panic!("{ours:?}\n{theirs:?}"),
    }
}

fn same(text: &str, ours: &json::Json<'_>, theirs: &serde_json::Value) {
    assert!(text.get(ours.span.start..ours.span.end).is_some(), "{:?}", ours.span);
    assert_eq!(ours.as_str(), theirs.as_str());
    assert_eq!(ours.as_bool(), theirs.as_bool());
    assert_eq!(ours.as_number().is_some(), theirs.is_number());
    let items = theirs.as_array().map(Vec::as_slice).unwrap_or_default();
    assert_eq!(ours.items().len(), items.len());
    for (ours, theirs) in ours.items().iter().zip(items) {
        same(text, ours, theirs);
    }
    for (key, value) in theirs.as_object().into_iter().flatten() {
        // Of a repeated key the last is what counts.
        let last = ours.members().iter().rev().find(|member| member.key == *key);
        same(text, &last.expect("the same keys").value, value);
    }
}
