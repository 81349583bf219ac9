//! From a change of a decoded text to a change of the file.
//!
//! A block is changed by whole lines, which keeps its indentation and what ends it; a scalar on one line only in
//! parts that the file has exactly, written as its quotes want it.

use crate::diagnostic::{Span, Splice};

use super::block::{Block, next_line};
use super::node::Node;
use super::tape::Style;

/// The splices of the file that change the text of a scalar so. Those of the text are in its order.
///
/// # Errors
///
/// If the scalar cannot carry the change where it stands: why.
pub fn edits_within(node: Node<'_>, splices: &[Splice]) -> Result<Vec<Splice>, &'static str> {
    match node.style() {
        Style::Literal => in_lines(node, splices),
        Style::Folded => in_words(node, splices, |text| verbatim(text, Style::Folded)),
        style => in_words(node, splices, |text| verbatim(text, style)),
    }
}

/// What new text looks like in a scalar.
fn verbatim(text: &str, style: Style) -> Result<String, &'static str> {
    let carried =
        |letter: char| letter == ' ' || (letter.is_ascii_graphic() || letter.is_alphanumeric());
    if !text.chars().all(carried) {
        return Err("a text of several lines can only be changed in a block `|`");
    }
    match style {
        Style::Single => Ok(text.replace('\'', "''")),
        Style::Double => Ok(text.replace('\\', "\\\\").replace('"', "\\\"")),
        Style::Plain if text.contains([':', '#', ',', '[', ']', '{', '}']) => {
            Err("the text needs quotes for this")
        }
        _ => Ok(text.to_owned()),
    }
}

/// Changes stretches that the file has as they are.
fn in_words(
    node: Node<'_>,
    splices: &[Splice],
    written: impl Fn(&str) -> Result<String, &'static str>,
) -> Result<Vec<Splice>, &'static str> {
    let text = node.embedded().ok_or("it cannot be told where the text stands in the file")?;
    let one = |splice: &Splice| {
        let span = if splice.span.start == splice.span.end {
            let at = text.to_file(splice.span.start);
            (at..at).into()
        } else {
            text.span_to_file(splice.span)
        };
        let old = &text.text()[splice.span.start..splice.span.end];
        if old.contains('\n') || old.contains(' ') && span.end - span.start != old.len() {
            return Err("this is folded over several lines");
        }
        Ok(Splice::new(span, written(&splice.text)?))
    };
    splices.iter().map(one).collect()
}

/// Changes whole lines of a literal block.
fn in_lines(node: Node<'_>, splices: &[Splice]) -> Result<Vec<Splice>, &'static str> {
    let decoded = node.text().ok_or("this is no text")?;
    let file = node.stream().text();
    let span = node.value_span();
    let limit = next_line(file, span.end);
    let block = Block::read(file, span.start, limit, decoded);
    let margin = margin(file, &block).ok_or("the block has no line to go by")?;
    let lines = Lines { decoded, starts: line_starts(decoded), block, file };
    let groups = lines.groups(splices);
    let one = |group: &[Splice]| lines.rewritten(group, margin);
    groups.into_iter().map(one).collect()
}

/// What each line of the block begins with.
fn margin<'t>(file: &'t str, block: &Block<'t>) -> Option<&'t str> {
    let line = block.lines.iter().find(|line| !line.content.is_empty())?;
    Some(&file[line.whole.start..line.content.start])
}

fn line_starts(text: &str) -> Vec<usize> {
    let breaks = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(breaks).filter(|start| *start < text.len()).collect()
}

struct Lines<'t> {
    decoded: &'t str,
    /// Where the lines of the decoded text begin: one for each line of the block that counts.
    starts: Vec<usize>,
    block: Block<'t>,
    file: &'t str,
}

impl Lines<'_> {
    /// The lines that a splice changes: from the first to behind the last.
    fn touched(&self, span: Span) -> (usize, usize) {
        let line = |at: usize| self.starts.partition_point(|start| *start <= at) - 1;
        let is_start = |at: usize| self.starts.contains(&at);
        let at_end = span.start == self.decoded.len() && self.decoded.ends_with('\n');
        if at_end {
            return (self.starts.len(), self.starts.len());
        }
        let first = line(span.start);
        let whole = is_start(span.start) && is_start(span.end);
        let behind = match span.end {
            end if end == self.decoded.len() && self.decoded.ends_with('\n') => self.starts.len(),
            end if whole => line(end),
            end => line(end) + 1,
        };
        (first, behind)
    }

    /// Splices that share a line belong together.
    fn groups<'e>(&self, splices: &'e [Splice]) -> Vec<&'e [Splice]> {
        let joined = |one: &Splice, other: &Splice| {
            let ((first, one), (other, _)) = (self.touched(one.span), self.touched(other.span));
            other < one.max(first + 1)
        };
        splices.chunk_by(joined).collect()
    }

    fn start(&self, line: usize) -> usize {
        self.starts.get(line).copied().unwrap_or(self.decoded.len())
    }

    /// The lines of a group with its changes, as the file has to have them.
    fn rewritten(&self, group: &[Splice], margin: &str) -> Result<Splice, &'static str> {
        let touched = group.iter().map(|splice| self.touched(splice.span));
        let (first, behind) = touched
            .reduce(|one, other| (one.0.min(other.0), one.1.max(other.1)))
            .ok_or("nothing is to be changed")?;
        let (start, end) = (self.start(first), self.start(behind));
        let mut text = String::new();
        // How each line of the text ends: files that two editors wrote have both ends.
        let mut ends: Vec<&str> = Vec::new();
        let mut at = start;
        for splice in group {
            text.push_str(&self.decoded[at..splice.span.start]);
            ends.extend(self.breaks((at..splice.span.start).into()));
            text.push_str(&splice.text);
            ends.extend(self.new_breaks(splice));
            at = splice.span.end;
        }
        text.push_str(&self.decoded[at..end]);
        ends.extend(self.breaks((at..end).into()));
        let span = self.file_span(first, behind).ok_or("the block has no such line")?;
        let span_text = &self.file[span.start..span.end];
        // The last line of a file may have no break of its own, and stays without.
        let is_ended = span.start == span.end || span_text.ends_with('\n');
        let last = if is_ended { self.break_at(end) } else { "" };
        let mut ends = ends.into_iter();
        let mut new = String::new();
        for line in text.split_inclusive('\n') {
            let content = line.trim_end_matches('\n');
            let blank = if content.is_empty() { "" } else { margin };
            let end = Some(line).filter(|line| line.ends_with('\n')).and_then(|_| ends.next());
            let end = end.unwrap_or(last);
            new.extend([blank, content, end]);
        }
        Ok(Splice { span, text: new })
    }

    /// How the lines end whose breaks are in a part of the decoded text.
    fn breaks(&self, span: Span) -> impl Iterator<Item = &str> {
        let breaks = self.decoded[span.start..span.end].match_indices('\n');
        breaks.map(move |(at, _)| self.break_at(span.start + at))
    }

    /// How the lines of new text end: as those in whose place they come, and else as the one beside them.
    fn new_breaks(&self, splice: &Splice) -> Vec<&str> {
        let count = splice.text.matches('\n').count();
        let old: Vec<&str> = self.breaks(splice.span).collect();
        if old.len() == count {
            return old;
        }
        vec![self.break_at(splice.span.start); count]
    }

    /// How the line of a byte of the decoded text ends; of the last one, which may have no end, how the one before it
    /// does.
    fn break_at(&self, at: usize) -> &str {
        let line = self.starts.partition_point(|start| *start <= at).saturating_sub(1);
        let lines = self.block.lines.get(..=line).unwrap_or(&self.block.lines);
        let ended = lines.iter().rev().find(|line| line.is_ended());
        ended.map_or("\n", |line| &self.file[line.content.end..line.whole.end])
    }

    fn file_span(&self, first: usize, behind: usize) -> Option<Span> {
        let lines = &self.block.lines;
        let start = match lines.get(first) {
            Some(line) => line.whole.start,
            None => lines.last()?.whole.end,
        };
        let end = match behind.checked_sub(1).filter(|_| behind > first) {
            Some(last) => lines.get(last)?.whole.end,
            None => start,
        };
        Some((start..end).into())
    }
}
