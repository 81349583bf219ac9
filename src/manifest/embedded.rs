//! From the decoded text of a scalar back to the file.
//!
//! A ConfigMap carries an nginx.conf in a block, an annotation carries JSON in quotes.
//! Whoever reads those texts finds places in them; an [`Embedded`] says where in the
//! file these are. It is made on demand, from the written form: stretches that stand
//! in the file as they are, and between them characters that are written otherwise,
//! such as escapes and folded line breaks.

use crate::diagnostic::Span;

use super::block::{Block, Chomp, next_line};
use super::escape::escape;
use super::node::Node;
use super::tape::Style;

/// A part of the decoded text.
#[derive(Debug, Clone, Copy)]
struct Piece {
    /// Where it is in the decoded text.
    text: usize,
    /// Where it is in the file.
    file: usize,
    /// Bytes in the decoded text.
    length: usize,
    /// Bytes in the file. As many as in the text for a part that stands there as it is.
    width: usize,
}

impl Piece {
    fn is_verbatim(self) -> bool {
        self.length == self.width
    }
}

/// A decoded text with a way back to the file.
#[derive(Debug, Clone)]
pub struct Embedded<'s> {
    text: &'s str,
    pieces: Vec<Piece>,
    /// Where the file has the end of the text.
    end: usize,
}

impl<'s> Embedded<'s> {
    /// The text of a scalar; nothing for other values.
    pub(super) fn of(node: Node<'s>) -> Option<Self> {
        let text = node.text()?;
        let mut writer = Writer::new(node.stream.tape.text, node.value_span().start);
        let span = node.value_span();
        match node.style() {
            Style::Literal | Style::Folded => writer.block(span, text),
            Style::Single => writer.folded(span.start + 1, span.end - 1, Style::Single)?,
            Style::Double => writer.folded(span.start + 1, span.end - 1, Style::Double)?,
            _ => writer.folded(span.start, span.end, Style::Plain)?,
        }
        // Whatever the reader decoded otherwise is better not pointed into.
        (writer.decoded == text).then_some(Self { text, end: writer.end, pieces: writer.pieces })
    }

    /// The decoded text.
    pub fn text(&self) -> &'s str {
        self.text
    }

    /// The place in the file of byte `offset` of the text. The end of the text is where
    /// the last character's written form ends.
    pub fn to_file(&self, offset: usize) -> usize {
        let after = self.pieces.partition_point(|piece| piece.text <= offset);
        let Some(piece) = after.checked_sub(1).map(|at| self.pieces[at]) else {
            return self.end;
        };
        let into = offset - piece.text;
        match piece {
            _ if into >= piece.length => piece.file + piece.width,
            piece if piece.is_verbatim() => piece.file + into,
            piece => piece.file,
        }
    }

    /// The byte of the text that stands at a place in the file: the way back from [`Embedded::to_file`].
    pub fn from_file(&self, place: usize) -> usize {
        let before = self.pieces.partition_point(|piece| piece.file <= place);
        let Some(piece) = before.checked_sub(1).map(|at| self.pieces[at]) else {
            return 0;
        };
        match place - piece.file {
            into if into >= piece.width => piece.text + piece.length,
            into if piece.is_verbatim() => piece.text + into,
            _ => piece.text,
        }
    }

    /// The place in the file of a part of the text.
    pub fn span_to_file(&self, span: Span) -> Span {
        let start = self.to_file(span.start);
        if span.end <= span.start {
            return (start..start).into();
        }
        let last = self.pieces.partition_point(|piece| piece.text < span.end);
        let end = match last.checked_sub(1).map(|at| self.pieces[at]) {
            None => self.end,
            Some(piece) if piece.is_verbatim() => {
                piece.file + (span.end - piece.text).min(piece.length)
            }
            Some(piece) => piece.file + piece.width,
        };
        Span { start, end }
    }
}

/// Decodes a scalar, and notes where each part comes from.
struct Writer<'t> {
    source: &'t str,
    decoded: String,
    pieces: Vec<Piece>,
    end: usize,
}

impl<'t> Writer<'t> {
    fn new(source: &'t str, end: usize) -> Self {
        Self { source, decoded: String::new(), pieces: Vec::new(), end }
    }

    /// Text that stands in the file as it is.
    fn verbatim(&mut self, start: usize, end: usize) {
        if start < end {
            self.note(start, end - start, end - start);
            self.decoded.push_str(&self.source[start..end]);
        }
    }

    /// A character that is written otherwise.
    fn other(&mut self, character: char, file: usize, width: usize) {
        self.note(file, character.len_utf8(), width);
        self.decoded.push(character);
    }

    fn note(&mut self, file: usize, length: usize, width: usize) {
        self.end = file + width;
        let text = self.decoded.len();
        if let Some(last) = self.pieces.last_mut() {
            let follows = last.is_verbatim() && last.file + last.width == file;
            if follows && length == width {
                last.length += length;
                last.width += width;
                return;
            }
        }
        self.pieces.push(Piece { text, file, length, width });
    }

    /// A literal or folded block.
    fn block(&mut self, span: Span, decoded: &str) {
        let limit = next_line(self.source, span.end);
        let block = Block::read(self.source, span.start, limit, decoded);
        self.end = block.end();
        // The line breaks since the last line with content.
        let mut breaks: Vec<(usize, usize)> = Vec::new();
        let mut before: Option<bool> = None;
        for line in &block.lines {
            let content = line.content.clone();
            if !content.is_empty() {
                let wide = matches!(self.source.as_bytes()[content.start], b' ' | b'\t');
                let folds = block.is_folded && before == Some(false) && !wide;
                self.breaks(&breaks, folds);
                breaks.clear();
                self.verbatim(content.start, content.end);
                before = Some(wide);
            }
            if line.is_ended() {
                breaks.push((line.content.end, line.whole.end - line.content.end));
            }
        }
        match block.chomp {
            Chomp::Strip => breaks.clear(),
            Chomp::Clip => breaks.truncate(usize::from(before.is_some())),
            Chomp::Keep => {}
        }
        self.breaks(&breaks, false);
    }

    /// Line breaks: as they are, or folded into one space, or into one less.
    fn breaks(&mut self, breaks: &[(usize, usize)], folds: bool) {
        match breaks {
            [(file, width)] if folds => self.other(' ', *file, *width),
            [_, rest @ ..] if folds => self.breaks(rest, false),
            _ => {
                for (file, width) in breaks {
                    self.other('\n', *file, *width);
                }
            }
        }
    }

    /// A plain or quoted scalar, whose lines are folded.
    fn folded(&mut self, start: usize, end: usize, style: Style) -> Option<()> {
        let bytes = self.source.as_bytes();
        let (mut run, mut at) = (start, start);
        // What was escaped is not trimmed at the end of a line.
        let mut kept = start;
        while at < end {
            match bytes[at] {
                b'\n' | b'\r' => {
                    let trimmed = self.source[kept..at].trim_end_matches([' ', '\t']);
                    self.verbatim(run, (kept + trimmed.len()).max(run));
                    at = self.fold(kept + trimmed.len(), end);
                    (run, kept) = (at, at);
                }
                b'\'' if style == Style::Single => {
                    self.verbatim(run, at);
                    self.other('\'', at, 2);
                    at += 2;
                    (run, kept) = (at, at);
                }
                b'\\' if style == Style::Double => {
                    self.verbatim(run, at);
                    at = self.escaped(at, end)?;
                    (run, kept) = (at, at);
                }
                _ => at += 1,
            }
        }
        self.verbatim(run, end);
        Some(())
    }

    /// One line break is a space, several are one less; blanks around them vanish.
    fn fold(&mut self, from: usize, end: usize) -> usize {
        let (breaks, next) = self.gap(from, end);
        if breaks <= 1 {
            self.other(' ', from, next - from);
        } else {
            self.note(from, breaks - 1, next - from);
            self.decoded.extend(std::iter::repeat_n('\n', breaks - 1));
        }
        next
    }

    /// Counts the line breaks of a stretch of blanks and breaks, and finds its end.
    fn gap(&self, from: usize, end: usize) -> (usize, usize) {
        let bytes = self.source.as_bytes();
        let (mut breaks, mut at) = (0, from);
        while at < end && matches!(bytes[at], b' ' | b'\t' | b'\n' | b'\r') {
            let is_break = matches!(bytes[at], b'\n' | b'\r');
            breaks += usize::from(is_break);
            at = if is_break { next_line(self.source, at) } else { at + 1 };
        }
        (breaks, at)
    }

    /// An escape at `at`. An escaped line break vanishes, but for those that follow it.
    fn escaped(&mut self, at: usize, end: usize) -> Option<usize> {
        if matches!(self.source.as_bytes().get(at + 1), Some(b'\n' | b'\r')) {
            let (breaks, next) = self.gap(at + 1, end);
            if breaks > 1 {
                self.note(at, breaks - 1, next - at);
                self.decoded.extend(std::iter::repeat_n('\n', breaks - 1));
            }
            return Some(next);
        }
        let (character, width) = escape(&self.source[at..])?;
        self.other(character, at, width);
        Some(at + width)
    }
}
