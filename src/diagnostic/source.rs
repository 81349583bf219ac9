//! The texts that diagnostics point into.
//!
//! A text is held once, by reference count, so that ten thousand apps can share the
//! profile they are layered on.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::lines::Lines;

/// A range of bytes in a [`Source`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self { start: range.start, end: range.end }
    }
}

/// Which of the [`Sources`] a place is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(usize);

/// A named text.
#[derive(Debug, Clone)]
pub struct Source {
    /// As the user can click it: relative to where they stand, or `--set`.
    pub name: Arc<str>,
    /// The whole text.
    pub text: Arc<str>,
    /// Counted when somebody first asks for a position.
    lines: OnceLock<Lines>,
}

/// A line and a column, both counted from 1; the column counts characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// A stretch of a text, by lines and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Region {
    /// Where it starts.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
}

/// Every text that a diagnostic may point into.
///
/// Texts that many others are laid over, such as profiles, are numbered apart: they are
/// read once and shared, whatever is laid over them.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// In the order of their numbers, which may have gaps.
    texts: Vec<(usize, Source)>,
    next: usize,
    ground: Option<Arc<Sources>>,
}

/// The number of the first text of a ground; no run reads that many others.
const GROUND: usize = 1 << 30;

impl Sources {
    /// A set that others can be laid over.
    pub fn ground() -> Self {
        Self { next: GROUND, ..Self::default() }
    }

    /// Makes the texts of a ground known here too.
    pub fn lay_on(&mut self, ground: Arc<Sources>) {
        self.ground = Some(ground);
    }

    /// Takes in a text under the name it is shown by.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) -> SourceId {
        let source = Source { name: name.into(), text: text.into(), lines: OnceLock::new() };
        self.texts.push((self.next, source));
        self.next += 1;
        SourceId(self.next - 1)
    }

    /// Leaves numbers out: the next text gets this one, as if so many had been taken in before.
    ///
    /// # Panics
    ///
    /// Where the number was given already.
    pub fn go_on_at(&mut self, number: usize) {
        assert!(number >= self.next, "numbers of texts only grow");
        self.next = number;
    }

    /// Keeps the texts that somebody points into, and gives the others back.
    pub fn retain(&mut self, is_wanted: impl Fn(SourceId) -> bool) {
        self.texts.retain(|(number, _)| is_wanted(SourceId(*number)));
    }

    /// Takes in texts with numbers of their own.
    pub fn absorb(&mut self, others: Self) {
        self.next = self.next.max(others.next);
        self.texts.extend(others.texts);
        self.texts.sort_by_key(|(number, _)| *number);
    }

    /// The text behind an id that this set, or the ground it was laid on, gave.
    pub fn get(&self, id: SourceId) -> &Source {
        match &self.ground {
            Some(ground) if id.0 >= GROUND => ground.get(id),
            _ => &self.texts[self.index(id).unwrap_or(usize::MAX)].1,
        }
    }

    /// Where a text is: mostly there are no gaps.
    fn index(&self, id: SourceId) -> Option<usize> {
        let offset = id.0.checked_sub(self.texts.first()?.0)?;
        match self.texts.get(offset) {
            Some((number, _)) if *number == id.0 => Some(offset),
            _ => self.texts.binary_search_by_key(&id.0, |(number, _)| *number).ok(),
        }
    }

    /// Whether a text is of this set, and not of the ground it was laid on.
    pub fn is_own(&self, id: SourceId) -> bool {
        self.index(id).is_some()
    }

    /// Where byte `offset` of a text is.
    pub fn position(&self, id: SourceId, offset: usize) -> Position {
        let source = self.get(id);
        let lines = source.lines.get_or_init(|| Lines::of(&source.text));
        lines.position(&source.text, offset)
    }

    /// Where a span of a text starts and ends.
    pub fn region(&self, id: SourceId, span: Span) -> Region {
        Region {
            start: self.position(id, span.start),
            end: self.position(id, span.end.max(span.start)),
        }
    }

    /// `name:line:column` of the start of a span, as terminals and editors open it.
    pub fn locate(&self, id: SourceId, span: Span) -> String {
        let Position { line, column } = self.position(id, span.start);
        format!("{}:{line}:{column}", self.get(id).name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters_from_one() {
        let mut sources = Sources::default();
        let id = sources.add("a.toml", "é = 1\nname = \"x\"\n");
        assert_eq!(sources.position(id, 0), Position { line: 1, column: 1 });
        assert_eq!(sources.position(id, 3), Position { line: 1, column: 3 });
        assert_eq!(sources.locate(id, (7..11).into()), "a.toml:2:1");
        let end = sources.region(id, (7..11).into()).end;
        assert_eq!(end, Position { line: 2, column: 5 });
    }
}
