//! What a text turned out to be: documents, comments, problems.

use crate::diagnostic::Span;

use super::limits;
use super::node::Node;
use super::tape::Tape;

/// A text that was read. It borrows the text, and can be shared between threads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream<'t> {
    pub(super) tape: Tape<'t>,
    pub(super) found: Vec<Found>,
    /// What is wrong with the text, in its order; at most [`limits::PROBLEMS`].
    pub problems: Vec<Problem>,
    /// How its lines end.
    pub line_ending: LineEnding,
    /// Whether it begins with a byte order mark.
    pub byte_order_mark: bool,
    /// Whether its last line is ended.
    pub final_newline: bool,
}

/// A document, before it is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) span: Span,
    pub(super) root: Root,
}

/// What there is in a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Cell(u32),
    Empty,
    Broken,
}

/// How lines end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineEnding {
    /// With a line feed, or there is one line only.
    Unix,
    /// With a carriage return and a line feed.
    Windows,
    /// Some so, some so.
    Mixed,
}

impl LineEnding {
    /// How the lines of `text` end.
    pub fn of(text: &str) -> Self {
        if !text.contains('\r') {
            return Self::Unix;
        }
        let all = text.matches('\n').count();
        let windows = text.matches("\r\n").count();
        match windows {
            0 => Self::Unix,
            _ if windows == all => Self::Windows,
            _ => Self::Mixed,
        }
    }
}

/// A comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line, which is not part of it.
    pub span: Span,
    /// Nothing else is on its line.
    pub own_line: bool,
}

/// What keeps a document from being read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where.
    pub span: Span,
    /// The fact.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    pub(super) fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(super) fn too_deep(at: usize) -> Self {
        let message = format!("more than {} lists and maps within each other", limits::DEPTH);
        Self::new((at..at).into(), message)
            .help("no manifest is nested that deep: was it generated?")
    }

    pub(super) fn too_many(at: usize, what: &str, limit: usize) -> Self {
        Self::new((at..at).into(), format!("more than {limit} {what}")).help("split the file")
    }
}

/// One document of a stream.
#[derive(Debug, Clone, Copy)]
pub struct Document<'s> {
    stream: &'s Stream<'s>,
    /// Its number in the stream, from 0. Empty and broken ones count.
    pub index: usize,
    /// Its part of the text, with `---` and comments; the documents' parts follow each
    /// other.
    pub span: Span,
}

impl<'s> Document<'s> {
    /// Its value; nothing if it is empty or broken.
    pub fn root(self) -> Option<Node<'s>> {
        match self.stream.found[self.index].root {
            Root::Cell(cell) => Some(Node::root(self.stream, cell)),
            _ => None,
        }
    }

    /// Whether it has no value: nothing, or comments only.
    pub fn is_empty(self) -> bool {
        self.stream.found[self.index].root == Root::Empty
    }

    /// Whether it could not be read; a [`Problem`] says why.
    pub fn is_broken(self) -> bool {
        self.stream.found[self.index].root == Root::Broken
    }

    /// The stream that it is part of.
    pub fn stream(self) -> &'s Stream<'s> {
        self.stream
    }
}

/// A key that a map has more than once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duplicate<'s> {
    /// The key as it is written where it comes again.
    pub key: &'s str,
    /// The key before.
    pub first: Span,
    /// The key that replaces it.
    pub again: Span,
}

impl<'t> Stream<'t> {
    /// The text that was read.
    pub fn text(&self) -> &'t str {
        self.tape.text
    }

    /// The documents, in order.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = Document<'_>> {
        self.found.iter().enumerate().map(|(index, found)| Document {
            stream: self,
            index,
            span: found.span,
        })
    }

    /// The document with a number from 0.
    pub fn document(&self, index: usize) -> Option<Document<'_>> {
        let span = self.found.get(index)?.span;
        Some(Document { stream: self, index, span })
    }

    /// The document whose part of the text has byte `offset`.
    pub fn document_at(&self, offset: usize) -> Option<Document<'_>> {
        self.document(self.found.partition_point(|found| found.span.end <= offset))
            .filter(|document| document.span.start <= offset)
    }

    /// The comments, in order. Inside a broken document they may be incomplete.
    pub fn comments(&self) -> &[Comment] {
        &self.tape.comments
    }

    /// The keys that come more than once in their map. The last one counts.
    pub fn duplicates(&self) -> impl Iterator<Item = Duplicate<'_>> {
        self.tape.twins.iter().map(|twins| Duplicate {
            key: self.tape.scalar_text(self.tape.resolved(twins.again)),
            first: self.tape.cells[twins.first as usize].span(),
            again: self.tape.cells[twins.again as usize].span(),
        })
    }
}
