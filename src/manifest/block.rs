//! The lines of a literal or folded block, as they stand in the file.

use std::ops::Range;

/// What becomes of the line breaks at the end of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Chomp {
    /// One stays.
    Clip,
    /// None stays.
    Strip,
    /// All stay.
    Keep,
}

/// A line without its indentation. `whole` reaches to where the next one begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) content: Range<usize>,
    pub(super) whole: Range<usize>,
}

impl Line {
    /// Whether a line break follows it.
    pub(super) fn is_ended(&self) -> bool {
        self.whole.end > self.content.end
    }
}

/// A block scalar in a text.
#[derive(Debug, Clone)]
pub(super) struct Block<'t> {
    pub(super) chomp: Chomp,
    pub(super) is_folded: bool,
    /// Behind `|`, the digit, `+` and `-`.
    pub(super) header_end: usize,
    pub(super) lines: Vec<Line>,
    text: &'t str,
}

impl<'t> Block<'t> {
    /// The block whose `|` or `>` is at `start`, up to `end` at most. Its `decoded` text
    /// tells how far it is indented: the header need not.
    pub(super) fn read(text: &'t str, start: usize, end: usize, decoded: &str) -> Self {
        let header = &text.as_bytes()[start + 1..end.max(start + 1)];
        let marks = header.iter().take_while(|byte| b"+-123456789".contains(byte));
        let header_end = start + 1 + marks.count();
        let chomp = match &text[start + 1..header_end] {
            marks if marks.contains('-') => Chomp::Strip,
            marks if marks.contains('+') => Chomp::Keep,
            _ => Chomp::Clip,
        };
        let mut block = Self {
            chomp,
            is_folded: text.as_bytes()[start] == b'>',
            header_end,
            lines: Vec::new(),
            text,
        };
        block.find_lines(end, decoded);
        block
    }

    fn find_lines(&mut self, end: usize, decoded: &str) {
        let mut at = next_line(self.text, self.header_end);
        let whole: Vec<Range<usize>> = std::iter::from_fn(|| {
            let line = at..next_line(self.text, at);
            at = line.end;
            (line.start < end && !line.is_empty()).then_some(line)
        })
        .collect();
        let indent = self.indent(&whole, decoded);
        for whole in whole {
            let line = &self.text[whole.clone()];
            let content_end = whole.start + line.trim_end_matches(['\n', '\r']).len();
            let spaces = leading_spaces(&self.text[whole.start..content_end]).min(indent);
            let content = whole.start + spaces..content_end;
            if spaces < indent && !content.is_empty() {
                break;
            }
            self.lines.push(Line { content, whole });
        }
    }

    /// Compares the first line that has content with what became of it.
    fn indent(&self, lines: &[Range<usize>], decoded: &str) -> usize {
        let Some((index, content)) =
            decoded.split('\n').enumerate().find(|(_, line)| !line.is_empty())
        else {
            return usize::MAX;
        };
        let line = lines.get(index).map_or("", |line| &self.text[line.clone()]);
        leading_spaces(line).saturating_sub(leading_spaces(content))
    }

    /// Where the last line that counts ends, without its break.
    pub(super) fn end(&self) -> usize {
        let counts = |line: &&Line| self.chomp == Chomp::Keep || !line.content.is_empty();
        let last = self.lines.iter().rev().find(counts);
        last.map_or(self.header_end, |line| line.content.end)
    }
}

fn leading_spaces(line: &str) -> usize {
    line.bytes().take_while(|byte| *byte == b' ').count()
}

/// Where the line after the one at `at` begins.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    let rest = &text.as_bytes()[at.min(text.len())..];
    match rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
        None => text.len(),
        Some(end) if rest[end] == b'\r' && rest.get(end + 1) == Some(&b'\n') => at + end + 2,
        Some(end) => at + end + 1,
    }
}
