//! A fast reader for the YAML that nearly all manifests are written in.
//!
//! Maps and lists in blocks, scalars on one line, literal blocks, short forms such as
//! `{}` and `["a", "b"]`, comments: read in one pass over the bytes, about ten times as
//! fast as a complete reader. Whatever is not plainly one of these, right or wrong, is
//! left to the complete reader: [`Unsure`] says nothing about the text. So there is one
//! rule for changes here: never guess. The two must build the same tree, to the byte;
//! tests compare them on random texts.

mod flow;
mod literal;
mod scalars;

use super::stream::{Problem, Root};
use super::tape::{Style, Tape};

/// The text is left to the complete reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unsure;

/// Limits are reported by the complete reader, which meets them too.
impl From<Problem> for Unsure {
    fn from(_: Problem) -> Self {
        Self
    }
}

type Sure<T> = Result<T, Unsure>;

/// Longer keys are left to the complete reader, which has a limit near this one.
const LONG_KEY: usize = 1000;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// Reads one document from `at` on. Gives its value, if there is a document at all, and
/// where the next one begins.
pub(super) fn document(tape: &mut Tape, at: usize) -> Sure<(Option<Root>, usize)> {
    let bytes = tape.text.as_bytes();
    let first = tape.cells.len();
    let mut fast = Fast { tape, bytes, at, levels: Vec::with_capacity(16), pending: None, first };
    let marked = fast.start()?;
    fast.lines()?;
    let root = fast.finish()?;
    let exists = marked || root != Root::Empty;
    Ok((exists.then_some(root), fast.at))
}

/// A list or a map that is being read.
#[derive(Debug, Clone, Copy)]
struct Level {
    indent: usize,
    is_list: bool,
}

struct Fast<'a, 't> {
    tape: &'a mut Tape<'t>,
    bytes: &'t [u8],
    at: usize,
    levels: Vec<Level>,
    /// A key or a dash whose value has not come yet: where it is if it never comes.
    pending: Option<usize>,
    /// The cell that the document's value becomes.
    first: usize,
}

impl Fast<'_, '_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Whether a word ends before byte `at`: at a space, a line break, the end.
    fn is_gap(&self, at: usize) -> bool {
        match self.bytes.get(at) {
            None | Some(b' ' | b'\n') => true,
            Some(b'\r') => self.bytes.get(at + 1) == Some(&b'\n'),
            Some(_) => false,
        }
    }

    /// Steps over the mark of byte order and over `---`; whether the latter is there.
    fn start(&mut self) -> Sure<bool> {
        self.skip_byte_order_mark();
        let marked = self.is_marker();
        if marked {
            self.at += 3;
            let comments = self.tape.comments.len();
            self.finish_line()?;
            // A file with such a mark that was appended to another.
            if self.tape.comments.len() == comments && !self.is_marker() {
                self.skip_byte_order_mark();
                // Two of them: the second belongs to the document after this one.
                if self.is_marker() {
                    return Err(Unsure);
                }
            }
        }
        Ok(marked)
    }

    fn skip_byte_order_mark(&mut self) {
        if self.bytes[self.at..].starts_with(BYTE_ORDER_MARK) {
            self.at += BYTE_ORDER_MARK.len();
        }
    }

    /// Whether a document begins on the line at `self.at`.
    fn is_marker(&self) -> bool {
        let rest = &self.bytes[self.at..];
        let rest = rest.strip_prefix(BYTE_ORDER_MARK).unwrap_or(rest);
        rest.starts_with(b"---") && {
            let after = self.bytes.len() - rest.len() + 3;
            self.is_gap(after)
        }
    }

    fn lines(&mut self) -> Sure<()> {
        loop {
            let line = self.at;
            self.skip_spaces();
            match self.peek() {
                None => return Ok(()),
                Some(b'\n') => self.at += 1,
                Some(b'\r') => self.line_break()?,
                Some(b'#') => self.comment(true)?,
                Some(byte) => {
                    let column = self.at - line;
                    if column == 0 && matches!(byte, b'-' | 0xEF) && self.is_marker() {
                        return Ok(());
                    }
                    if column == 0 && self.bytes[self.at..].starts_with(b"...") {
                        return Err(Unsure);
                    }
                    self.content(column)?;
                }
            }
        }
    }

    fn skip_spaces(&mut self) {
        while self.peek() == Some(b' ') {
            self.at += 1;
        }
    }

    /// Steps over a line break, or stays at the end of the text.
    fn line_break(&mut self) -> Sure<()> {
        match (self.peek(), self.bytes.get(self.at + 1)) {
            (None, _) => {}
            (Some(b'\n'), _) => self.at += 1,
            (Some(b'\r'), Some(b'\n')) => self.at += 2,
            _ => return Err(Unsure),
        }
        Ok(())
    }

    /// Nothing but a comment may follow on the line.
    fn finish_line(&mut self) -> Sure<()> {
        let before = self.at;
        self.skip_spaces();
        if self.peek() != Some(b'#') {
            return self.line_break();
        }
        if self.at == before && self.bytes[self.at - 1] != b' ' {
            return Err(Unsure);
        }
        self.comment(false)
    }

    fn comment(&mut self, own_line: bool) -> Sure<()> {
        let start = self.at;
        let end = self.scan_line(start)?;
        self.tape.add_comment((start..end).into(), own_line)?;
        self.at = end;
        self.line_break()
    }

    /// A line that has content, which begins at `self.at` in `column`.
    fn content(&mut self, column: usize) -> Sure<()> {
        let is_dash = self.is_dash();
        let is_nested = self.find_level(column, is_dash)?;
        self.block_value(column, is_dash, is_nested)
    }

    fn is_dash(&self) -> bool {
        self.peek() == Some(b'-') && self.is_gap(self.at + 1)
    }

    /// Closes what ends before a line that begins in `column`. Says whether the line
    /// begins a value of its own, or else goes on with the list or map that is open.
    fn find_level(&mut self, column: usize, is_dash: bool) -> Sure<bool> {
        while let Some(&level) = self.levels.last() {
            if let Some(place) = self.pending {
                // A list may stand as far left as the key that it belongs to.
                let flush = !level.is_list && is_dash && column == level.indent;
                self.pending = None;
                if column > level.indent || flush {
                    return Ok(true);
                }
                self.tape.scalar(place..place, Style::Plain, None)?;
            }
            if column > level.indent {
                return Err(Unsure);
            }
            if column == level.indent && level.is_list == is_dash {
                return Ok(false);
            }
            self.close_level()?;
        }
        if self.tape.cells.len() == self.first { Ok(true) } else { Err(Unsure) }
    }

    fn close_level(&mut self) -> Sure<()> {
        self.levels.pop();
        Ok(self.tape.close(None)?)
    }

    /// Reads dashes, and what is behind them.
    fn block_value(&mut self, mut column: usize, is_dash: bool, is_nested: bool) -> Sure<()> {
        let mut is_nested = is_nested;
        let mut is_dash = is_dash;
        while is_dash {
            if is_nested {
                self.open_level(column, true)?;
            }
            let dash = self.at;
            self.at += 1;
            self.skip_spaces();
            if self.is_line_end() {
                self.pending = Some(dash + 1);
                return self.finish_line();
            }
            column += self.at - dash;
            is_dash = self.is_dash();
            is_nested = true;
        }
        self.entry_or_value(column, is_nested)
    }

    fn open_level(&mut self, indent: usize, is_list: bool) -> Sure<()> {
        let style = if is_list { Style::BlockList } else { Style::BlockMap };
        self.tape.open(self.at, style)?;
        self.levels.push(Level { indent, is_list });
        Ok(())
    }

    /// Whether the rest of the line, from behind a space, is empty or a comment.
    fn is_line_end(&self) -> bool {
        matches!(self.peek(), None | Some(b'\n' | b'\r' | b'#'))
    }

    /// An entry of a map, or a value that stands alone as an item of a list.
    fn entry_or_value(&mut self, column: usize, is_nested: bool) -> Sure<()> {
        if let Some(b'{' | b'[' | b'|') = self.peek() {
            return if is_nested { self.value() } else { Err(Unsure) };
        }
        let found = self.scan_scalar()?;
        let colon = self.at;
        if self.peek() == Some(b':') && self.is_gap(colon + 1) {
            if is_nested {
                self.at = found.start;
                self.open_level(column, false)?;
            }
            self.key(found)?;
            self.at = colon + 1;
            return self.value();
        }
        if !is_nested || self.levels.is_empty() {
            return Err(Unsure);
        }
        self.at = found.end;
        self.take(found)?;
        self.finish_line()
    }

    /// The value behind a colon, or an item that cannot be a key.
    fn value(&mut self) -> Sure<()> {
        let before = self.at;
        self.skip_spaces();
        match self.peek() {
            None | Some(b'\n' | b'\r') => self.wait(before),
            Some(b'#') if self.at > before => self.wait(before),
            Some(b'|') => self.literal(),
            Some(b'{' | b'[') => {
                self.flow()?;
                self.finish_line()
            }
            Some(_) => {
                let found = self.scan_scalar()?;
                if self.peek() == Some(b':') {
                    return Err(Unsure);
                }
                self.at = found.end;
                self.take(found)?;
                self.finish_line()
            }
        }
    }

    fn wait(&mut self, place: usize) -> Sure<()> {
        self.pending = Some(place);
        self.finish_line()
    }

    /// Closes everything, and gives the document's value.
    fn finish(&mut self) -> Sure<Root> {
        if let Some(place) = self.pending.take() {
            self.tape.scalar(place..place, Style::Plain, None)?;
        }
        while !self.levels.is_empty() {
            self.close_level()?;
        }
        if self.tape.cells.len() == self.first {
            return Ok(Root::Empty);
        }
        Ok(Root::Cell(super::tape::narrow(self.first)))
    }
}
