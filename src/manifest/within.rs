//! A manifest that is the text of a block in another one, such as a patch in a kustomization.yaml.
//!
//! The lines of a block stand in the file as they are, only farther to the right: so they are read where they stand, and
//! every place in them is one of the file.

use std::ops::Range;

use crate::diagnostic::Span;

use super::block::{Block, next_line};
use super::node::Node;
use super::read::read;
use super::stream::Stream;
use super::tape::{Cell, Style, narrow};

/// The documents in the literal block (`|`) of a text, each with its places in that text. Nothing for other values, and
/// where the block as a whole cannot be read.
pub fn within<'t>(text: &'t str, block: Node<'_>) -> Vec<Stream<'t>> {
    let Some(decoded) = block.text().filter(|_| block.style() == Style::Literal) else {
        return Vec::new();
    };
    let span = block.value_span();
    let read_block = Block::read(text, span.start, next_line(text, span.end), decoded);
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut is_new = true;
    for line in &read_block.lines {
        match text[line.content.clone()].trim_end() {
            "---" => is_new = true,
            // What else stands at the very left may end a document, or be for all of them.
            other if ["%", "...", "---"].iter().any(|mark| other.starts_with(mark)) => {
                return Vec::new();
            }
            _ if is_new => {
                parts.push(line.whole.clone());
                is_new = false;
            }
            _ => {
                if let Some(part) = parts.last_mut() {
                    part.end = line.whole.end;
                }
            }
        }
    }
    let streams: Vec<Stream<'t>> = parts.into_iter().map(|part| read_part(text, part)).collect();
    if streams.iter().any(|stream| !stream.problems.is_empty()) { Vec::new() } else { streams }
}

/// Reads whole lines of a text.
fn read_part(text: &str, part: Range<usize>) -> Stream<'_> {
    let offset = part.start;
    let mut stream = read(&text[part]);
    let moved = |span: Span| Span { start: span.start + offset, end: span.end + offset };
    let tape = &mut stream.tape;
    tape.text = text;
    for cell in &mut tape.cells {
        let span = moved(cell.span());
        *cell = Cell { start: narrow(span.start), end: narrow(span.end), ..*cell };
    }
    for properties in &mut tape.properties {
        properties.anchor = properties.anchor.map(moved);
    }
    tape.comments.iter_mut().for_each(|comment| comment.span = moved(comment.span));
    stream.found.iter_mut().for_each(|found| found.span = moved(found.span));
    stream.problems.iter_mut().for_each(|problem| problem.span = moved(problem.span));
    stream
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Document;

    fn read_within(text: &str) -> Vec<Stream<'_>> {
        let outer = read(text);
        let root = outer.document(0).and_then(Document::root).unwrap();
        within(text, root.get("patch").unwrap())
    }

    /// Every value, by what stands at its place in the file.
    #[test]
    fn places_are_those_of_the_file() {
        let text = "a: 1\npatch: |-\n    # top\n    kind: A # one\n    ---\n    kind: 'B'\n    data:\n      x: |\n        y\n\n        z\n\nb: 2\n";
        let found = read_within(text);
        let kinds = ["A", "'B'"];
        assert_eq!(found.len(), kinds.len());
        for (stream, written) in found.iter().zip(kinds) {
            let root = stream.document(0).and_then(Document::root).unwrap();
            let Span { start, end } = root.get("kind").unwrap().span();
            assert_eq!(&text[start..end], written);
            assert_eq!(root.get("kind").and_then(Node::as_str), Some(written.trim_matches('\'')));
        }
        let comments = |stream: &Stream<'_>| -> Vec<String> {
            let spans = stream.comments().iter().map(|one| one.span);
            spans.map(|span| text[span.start..span.end].to_owned()).collect()
        };
        assert_eq!(comments(&found[0]), ["# top", "# one"]);
        let root = found[1].document(0).and_then(Document::root).unwrap();
        let inner = root.at(&["data", "x"]).unwrap();
        assert_eq!(inner.as_str(), Some("y\n\nz\n"));
        let embedded = inner.embedded().unwrap();
        assert!(text[embedded.to_file(3)..].starts_with("z\n"));
    }

    #[test]
    fn what_is_no_block_or_cannot_be_read_is_left() {
        for text in [
            "patch: 'kind: A'",
            "patch: >\n  kind: A\n",
            "patch: |\n  kind: [\n",
            "patch: |\n  kind: A\n  --- # b\n  kind: B\n",
            "patch: |\n  kind: A\n  ...\n",
        ] {
            assert!(read_within(text).is_empty(), "{text}");
        }
    }
}
