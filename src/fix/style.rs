//! How a document is written: what new lines in it have to look like.

use std::collections::BTreeMap;

use crate::manifest::{self, Document, Node};

use super::write::is_plain;

/// The habits of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Style {
    /// How much a map is indented below its key.
    pub(super) step: usize,
    /// How much the dashes of a list are indented below its key.
    pub(super) dash: usize,
    /// How many blanks follow a dash.
    pub(super) gap: usize,
    /// Texts that need quotes get single ones.
    pub(super) single: bool,
    /// Texts are quoted even if they need not be.
    pub(super) quotes_all: bool,
    /// A text of several lines may be written as a block: not where the file may end without a line break.
    pub(super) blocks: bool,
}

/// Whether a new text of several lines may become a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blocks {
    /// It may.
    Allowed,
    /// It is written in quotes.
    Avoided,
}

/// How often each habit was seen.
#[derive(Debug, Default)]
struct Seen {
    steps: BTreeMap<usize, usize>,
    dashes: BTreeMap<usize, usize>,
    gaps: BTreeMap<usize, usize>,
    single: usize,
    double: usize,
    needless: usize,
    bare: usize,
}

impl Style {
    /// The habits of a document.
    pub(super) fn of(document: Document<'_>, blocks: Blocks) -> Self {
        let stream = document.stream();
        let mut seen = Seen::default();
        if let Some(root) = document.root() {
            seen.look(root, None);
        }
        let step = most(&seen.steps);
        Self {
            step: step.unwrap_or(2),
            dash: most(&seen.dashes).or(step).unwrap_or(2),
            gap: most(&seen.gaps).unwrap_or(1),
            single: seen.single > seen.double,
            quotes_all: seen.needless > seen.bare,
            blocks: stream.final_newline && blocks == Blocks::Allowed,
        }
    }
}

/// What was seen most often; of equals the smallest.
fn most(counts: &BTreeMap<usize, usize>) -> Option<usize> {
    let counts = counts.iter().rev();
    counts.max_by_key(|(_, count)| **count).map(|(what, _)| *what)
}

impl Seen {
    /// `parent` is the column of the map that the value is in.
    fn look(&mut self, node: Node<'_>, parent: Option<usize>) {
        if node.is_alias() {
            return;
        }
        let text = node.stream().text();
        let here = column(text, node.span().start);
        match node.style() {
            manifest::Style::BlockMap => {
                self.step(parent, here);
                for entry in node.entries().filter(|entry| !entry.is_merged()) {
                    self.look(entry.value(), Some(here));
                }
            }
            manifest::Style::BlockList => {
                if let Some(offset) = parent.and_then(|parent| here.checked_sub(parent)) {
                    *self.dashes.entry(offset).or_default() += 1;
                }
                for item in node.items() {
                    self.gap(text, item, here);
                    self.look(item, None);
                }
            }
            _ => self.scalar(node),
        }
    }

    fn step(&mut self, parent: Option<usize>, here: usize) {
        let step = parent.and_then(|parent| here.checked_sub(parent));
        if let Some(step) = step.filter(|step| *step > 0) {
            *self.steps.entry(step).or_default() += 1;
        }
    }

    fn gap(&mut self, text: &str, item: Node<'_>, dash: usize) {
        let start = item.span().start;
        let between = text.get(line_start(text, start) + dash..start).unwrap_or("");
        let blanks = between.strip_prefix('-').unwrap_or("");
        if !blanks.is_empty() && blanks.bytes().all(|byte| byte == b' ') {
            *self.gaps.entry(blanks.len()).or_default() += 1;
        }
    }

    fn scalar(&mut self, node: Node<'_>) {
        let Some(text) = node.as_str() else {
            return;
        };
        let needless = usize::from(is_plain(text, false));
        match node.style() {
            manifest::Style::Single => {
                self.single += 1;
                self.needless += needless;
            }
            manifest::Style::Double => {
                self.double += 1;
                self.needless += needless;
            }
            manifest::Style::Plain => self.bare += 1,
            _ => {}
        }
    }
}

const BYTE_ORDER_MARK: char = '\u{feff}';

/// The first byte of the line of a byte, behind a mark of byte order.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
    match text[start..at].strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) => at - rest.len(),
        None => start,
    }
}

/// How far a byte is from the beginning of its line.
pub(super) fn column(text: &str, at: usize) -> usize {
    at - line_start(text, at)
}

/// Where the line of a byte ends, without its break.
pub(super) fn line_end(text: &str, at: usize) -> usize {
    let end = text[at..].find('\n').map_or(text.len(), |end| at + end);
    if text[at..end].ends_with('\r') { end - 1 } else { end }
}

/// Where the line before that of a byte ends, without its break.
pub(super) fn line_before(text: &str, at: usize) -> usize {
    let before = &text[..line_start(text, at)];
    let before = before.strip_suffix('\n').unwrap_or(before);
    before.strip_suffix('\r').unwrap_or(before).len()
}

/// Where the line behind that of a byte begins.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    text[at..].find('\n').map_or(text.len(), |end| at + end + 1)
}

/// Whether only blanks stand before a byte on its line.
pub(super) fn starts_line(text: &str, at: usize) -> bool {
    text[line_start(text, at)..at].bytes().all(|byte| byte == b' ')
}
